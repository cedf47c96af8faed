"""Snippets become PromQL: selectors, quoting, scopes, precedence, arguments, and the labels of each
exporter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.library import node
from gk.promql import PRESETS, Condition, Exporter, Labels, LabelScheme, Query, Scope, Snippet
from gk.promql.snippet import exporter_of, query_of
from gk.promql.syntax import (
    is_regex,
    is_variable,
    matcher,
    one_line,
    outline,
    parse,
    selectors,
    variables,
    with_variables,
)
from gk.resource import Kind
from tests.cases import every
from tests.conftest import ProjectFolder

SHOP = Exporter("shop", metric="http_requests_total")
DATABASE = Exporter("database", metric="pg_up")
SCHEME = LabelScheme(
    {
        "shop": Labels(job="shop-production", node="pod"),
        "database": Labels(job="postgres", matchers=('env="live"', 'role!="replica"')),
    }
)

PANEL = Scope.panel(SCHEME, SHOP)
BARE_PANEL = Scope.panel(SCHEME, None)
ALERT = Scope.alert(SCHEME)


@SHOP.snippet(unit="reqps", legend="{{$node}} {{code}}")
def requests(s: Scope, route: str | None = None, code: Any = ("200", "500")) -> str:
    """Requests per second,
    by code.
    """
    return f"sum by ({s.node}, code) ({s.rate('http_requests_total', route=route, code=code)})"


@SHOP.snippet()
def requests_of(s: Scope, route: str) -> str:
    """Requests per second of one route."""
    return s.rate("http_requests_total", route=route)


@DATABASE.snippet()
def connections(s: Scope) -> str:
    """Connections in use."""
    return f"sum by ({s.node}) ({s.select('pg_stat_activity_count')})"


def snippet_of(text: str | Callable[[Scope], str], exporter: Exporter = SHOP) -> Snippet:
    """A snippet that is `text`, or what a function makes of its scope."""

    def function(s: Scope) -> str:
        return text if isinstance(text, str) else text(s)

    return exporter.snippet()(function)


def matchers(expr: str) -> list[tuple[str, str, str]]:
    """The matchers of an instant vector selector, as Prometheus parses it: operator, label,
    value."""
    selector = parse(expr)
    assert isinstance(selector, promql_parser.VectorSelector)
    return [
        (str(part.op).rpartition(".")[2], part.name, part.value)
        for part in selector.matchers.matchers
    ]


# Selectors and scopes


@pytest.mark.parametrize(
    ("expected", "scope", "exporter"),
    [
        pytest.param('up{job=~"$job",pod=~"$node"}', PANEL, SHOP, id="panel-of-its-exporter"),
        pytest.param(
            'up{job="postgres",env="live",role!="replica",instance=~"$node"}',
            PANEL,
            DATABASE,
            id="panel-of-another-exporter",
        ),
        pytest.param('up{job="shop-production"}', BARE_PANEL, SHOP, id="panel-without-exporter"),
        pytest.param('up{job="shop-production"}', ALERT, SHOP, id="alert"),
        pytest.param(
            'up{job="postgres",env="live",role!="replica"}',
            ALERT,
            DATABASE,
            id="alert-with-matchers",
        ),
        pytest.param(
            'up{job="unheard-of"}',
            ALERT,
            Exporter("unheard-of"),
            id="exporter-that-no-setting-names",
        ),
    ],
)
def test_a_selector_reads_the_series_of_its_scope(
    expected: str, scope: Scope, exporter: Exporter
) -> None:
    """Job, matchers and nodes come from the scope and the exporter's labels, whatever the snippet
    asks."""
    assert expected == scope.of(exporter).select("up")


def test_matchers_stand_between_the_scope_s_and_the_keywords() -> None:
    """A selector's text is the same at every build: scope, matchers as they stand, keywords in
    their order."""
    assert 'x{job="shop-production",mode!="idle",b="1",a="2"}' == ALERT.of(SHOP).select(
        "x", 'mode!="idle"', b=1, a=2
    )


def test_a_label_may_have_the_name_of_an_argument() -> None:
    """`metric` and `self` are labels like any other."""
    assert [
        ("Equal", "job", "shop-production"),
        ("Equal", "metric", "a"),
        ("Equal", "self", "b"),
    ] == matchers(ALERT.of(SHOP).select("x", metric="a", self="b"))


@every(
    "expected, scope, window",
    [
        pytest.param("$__rate_interval", PANEL, "", id="panel"),
        pytest.param("5m", ALERT, "", id="alert"),
        pytest.param("30m", Scope.alert(SCHEME, "30m"), "", id="alert-with-window"),
        pytest.param("1d", ALERT, "1d", id="snippet-with-window-in-an-alert"),
        pytest.param("1d", PANEL, "1d", id="snippet-with-window-in-a-panel"),
    ],
)
@every("function", ["rate", "increase"])
def test_a_range_is_the_scope_s_window(
    expected: str, scope: Scope, window: str, function: str
) -> None:
    """A snippet reads the scope's window, unless it must have one of its own."""
    rendered = getattr(scope.of(SHOP), function)("x", window=window)
    assert rendered.startswith(f"{function}(x{{")
    assert rendered.endswith(f"[{expected}])")


@pytest.mark.parametrize(
    ("expected", "scope"),
    [
        pytest.param(
            'up{job="a"}', Scope.alert(LabelScheme({"shop": Labels(job="a")})), id="job-of-its-own"
        ),
        pytest.param(
            '(up{job="a"} and on (job, instance) '
            '(last_over_time(http_requests_total{job="a"}[12h:5m] @ end()) '
            'or last_over_time(http_requests_total{job="a"}[7d:1h] @ end()) '
            'or http_requests_total{job="a"}))',
            Scope.alert(LabelScheme({"shop": Labels(job="a", shared=True)})),
            id="shared-job",
        ),
        pytest.param(
            '(up{job=~"$job",pod=~"$node"} and on (job, instance) '
            '(last_over_time(http_requests_total{job=~"$job",pod=~"$node"}[12h:5m] @ end()) '
            'or last_over_time(http_requests_total{job=~"$job",pod=~"$node"}[7d:1h] @ end()) '
            'or http_requests_total{job=~"$job",pod=~"$node"}))',
            Scope.panel(LabelScheme({"shop": Labels(job="a", node="pod", shared=True)}), SHOP),
            id="shared-job-in-a-panel",
        ),
    ],
)
def test_up_is_that_of_the_exporter_s_targets(expected: str, scope: Scope) -> None:
    """Where other things have the same job, the targets are those that sent the exporter's
    metric."""
    assert expected == scope.of(SHOP).up()


@every(
    "expected, value",
    [
        pytest.param('x="a"', "a", id="text"),
        pytest.param('x="5"', 5, id="number"),
        pytest.param('x=""', "", id="empty"),
        pytest.param('x=~"a|b\\\\.c"', ["a", "b.c"], id="list"),
        pytest.param('x=~"a|b"', ("a", "b"), id="tuple"),
        pytest.param('x=~"a|b|c"', {"c", "a", "b"}, id="set-in-order"),
        pytest.param('x=~"$node"', "$node", id="variable"),
        pytest.param('x=~"${node:regex}.*"', "${node:regex}.*", id="variable-with-format"),
        pytest.param('x=~"[[node]]"', "[[node]]", id="old-variable"),
        pytest.param('x=~"$node|b\\\\.c"', ["$node", "b.c"], id="variable-in-a-list"),
        pytest.param('x="cost$"', "cost$", id="dollar-that-is-no-variable"),
        pytest.param('x="$1"', "$1", id="group-of-a-regular-expression"),
    ],
)
def test_a_value_says_how_it_matches(expected: str, value: object) -> None:
    """A text matches itself, a list any of its values, and a variable, which may hold several, as a
    pattern."""
    assert expected == matcher("x", value)


def test_an_empty_list_is_refused() -> None:
    """It would match the series that have no such label, which nobody means."""
    with pytest.raises(ValueError, match="no value for label 'verb'"):
        matcher("verb", [])


def test_none_leaves_a_label_out() -> None:
    """An optional argument of a snippet needs no `if`."""
    assert 'x{job="shop-production"}' == ALERT.of(SHOP).select("x", route=None)


@given(st.text().filter(lambda text: not variables(text)))
def test_any_value_is_quoted(value: str) -> None:
    """Quotes, backslashes and line ends reach Prometheus as they are."""
    assert [("Equal", "job", "shop-production"), ("Equal", "x", value)] == matchers(
        ALERT.of(SHOP).select("up", x=value)
    )


@given(st.lists(st.text().filter(lambda text: not variables(text)), min_size=1), st.text())
def test_a_list_matches_its_values_only(values: list[str], other: str) -> None:
    """The pattern is one that Prometheus compiles, and matches nothing but the values as they
    stand. A single value needs no pattern."""
    ((operator, _, pattern),) = matchers("up{" + matcher("x", values) + "}")

    assert ("Re" if len(values) > 1 else "Equal") == operator
    if operator == "Equal":
        pattern = re.escape(pattern)
    matched = [value for value in [*values, other] if re.fullmatch(pattern, value)]
    assert [value for value in [*values, other] if value in values] == matched


# White space, comments, variables


SPACE = st.text(" \t\n\r", min_size=1, max_size=3)
QUOTED = st.one_of(
    st.text(max_size=8).map(lambda text: matcher("", text).lstrip("=~")),
    st.text("ab \"\n\t#'", max_size=8).map(lambda text: f"`{text}`"),
    st.text('ab "\t#`', max_size=8).map(lambda text: f"'{text}'"),
)
COMMENT = st.text("ab \"'`$#", max_size=8).map(lambda text: f"#{text}\n")
PLAIN = st.sampled_from(["sum", "by", "(", ")", "x", "+", "{", "}", ","])


@given(st.lists(st.tuples(st.one_of(QUOTED, PLAIN), SPACE, st.one_of(st.just(""), COMMENT))))
def test_one_line_keeps_strings_and_drops_comments(tokens: list[tuple[str, str, str]]) -> None:
    """Strings stay to the letter, whatever is in them; white space between tokens becomes one
    space, comments none."""
    text = "".join(f"{token}{space}{comment}" for token, space, comment in tokens)

    assert " ".join(token for token, _, _ in tokens) == one_line(text)


def test_a_comment_does_not_swallow_the_next_line() -> None:
    """A snippet may explain itself: what follows the comment still counts."""
    query = query_of(snippet_of("sum(a) # don't count twice\n  / sum(b)\n"))

    assert "sum(a) / sum(b)" == query.render(ALERT)


@every(
    "expected, text",
    [
        pytest.param({"job"}, 'up{job=~"$job"}', id="plain"),
        pytest.param({"job"}, "${job:regex} ${job.text} ${job}", id="braces"),
        pytest.param({"job"}, "[[job]] [[job:csv]]", id="brackets"),
        pytest.param({"__rate_interval"}, "rate(x[$__rate_interval])", id="built-in"),
        pytest.param({"a", "b_2"}, "$a$b_2", id="two"),
        pytest.param({"5xx"}, "$5xx", id="starts-with-a-digit"),
        pytest.param(set(), 'label_replace(x, "a", "$1-${2}", "b", "(.*)-(.*)")', id="groups"),
        pytest.param(set(), '{a=~"5..$", b="$$ ${} []"}', id="no-names"),
        pytest.param(set(), '{a=~"[[:alpha:]]+"}', id="character-class"),
    ],
)
def test_variables_are_found_in_each_of_grafana_s_forms(expected: set[str], text: str) -> None:
    """And nothing else is taken for one: a group of label_replace may stand in an alert."""
    assert expected == variables(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('up{a=~"$v"}', 'up{a=~"<v|>"}'),
        ("${v}_${v:csv}_${v.x}", "<v|>_<v|csv>_<v|>"),
        ("[[v]] [[v:pipe]] $other $1", "<v|> <v|pipe> $other $1"),
    ],
)
def test_variables_are_replaced_by_name_and_format(text: str, expected: str) -> None:
    def value(name: str, format: str) -> str | None:
        return f"<{name}|{format}>" if name == "v" else None

    assert expected == with_variables(text, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$v", True),
        ("${v:csv}", True),
        ("[[v]]", True),
        ("$v$w", False),
        ("$1", False),
        ("v", False),
    ],
)
def test_whether_a_text_is_one_variable(text: str, expected: bool) -> None:
    assert expected is is_variable(text)


@every(
    "text",
    [
        "rate(x[$__rate_interval])",
        "rate(x[${__rate_interval}])",
        "max_over_time(x[ $window ])",
        "max_over_time(rate(x[5m])[$__range:$__interval])",
        "max_over_time(x[1h:$__interval])",
        "x offset $__range",
        "x * $__interval_ms / $__range_s",
        'x{a="$b", c=~"${d:regex}", e="[$f]"}',
        "sum(x) # for $team",
    ],
)
def test_variables_that_stand_for_a_value_parse(text: str) -> None:
    """A duration, a number or a text may be a variable, and the rest is still checked."""
    assert parse(text) is not None
    with pytest.raises(ValueError, match=r"."):
        parse(f"({text}")


@pytest.mark.parametrize(
    "text", ["$metric", "${metric}_total", "sum by ($label) (x)", "rate(x[[[window]]])", "a $op b"]
)
def test_what_a_variable_may_hold_is_not_guessed(text: str) -> None:
    """A variable in place of a name or an operator may be right, so gk says nothing."""
    assert parse(text) is None


@every("text", ["", "sum(", "x{a=b}", "rate(x)", "rate(x[5])5", "$", 'x{a="$b"', 'x{a=~"("}'])
def test_what_is_no_promql_is_an_error(text: str) -> None:
    """Prometheus's grammar, types and regular expressions are all checked."""
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@every(
    "expected, text",
    [
        (True, "a|b.*"),
        (True, "(?i)a"),
        (True, 'a"\\d\n'),
        (True, ""),
        (False, "("),
        (False, "*"),
        (False, "(?=a)"),
        (False, "a\\"),
    ],
)
def test_a_regular_expression_is_re2_s(expected: bool, text: str) -> None:
    """Python's look-ahead is none, for Prometheus has none."""
    assert expected == is_regex(text)


def test_every_selector_of_an_expression_is_found() -> None:
    """Also those inside ranges, subqueries, parameters, parentheses and signs."""
    expr = parse(
        "topk(scalar(a), -sum(rate(b[5m])) / (c or max_over_time(rate(d[1m])[1h:5m]))) > bool "
        "clamp_min(e, 1) and f"
    )

    assert expr is not None
    assert ["a", "b", "c", "d", "e", "f"] == sorted(
        selector.name or "" for selector in selectors(expr)
    )


# Snippets within snippets

Tree = Any  # a leaf's text, ("-", tree), or (tree, operator, tree)


def trees(leaves: st.SearchStrategy[str], operators: list[str]) -> st.SearchStrategy[Tree]:
    """Trees of operators over leaves. The sign of a number is part of the number."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(operators), inner),
            st.tuples(
                st.just("-"), inner.filter(lambda tree: not isinstance(tree, str) or tree.isalpha())
            ),
        ),
        max_leaves=8,
    )


ARITHMETIC = ["+", "-", "*", "/", "%", "^"]
NUMBERS = trees(st.sampled_from(["1", "2.5", "-3", "0"]), ARITHMETIC)
VECTORS = trees(
    st.sampled_from(["a", "b", "c"]),
    [*ARITHMETIC, "atan2", ">", "<", ">=", "==", "!=", "and", "or", "unless"],
)


def nested(tree: Tree) -> Snippet:
    """A snippet for each node of a tree, which calls those of its branches."""
    if isinstance(tree, str):
        return snippet_of(tree)
    right = nested(tree[-1])
    if len(tree) == 2:
        return snippet_of(lambda s: f"-{right(s)}")
    left = nested(tree[0])
    return snippet_of(lambda s: f"{left(s)} {tree[1]} {right(s)}")


def shape(expr: promql_parser.Expr) -> Tree:
    """A parsed expression as a tree, in which parentheses leave no trace."""
    if isinstance(expr, promql_parser.ParenExpr):
        return shape(expr.expr)
    if isinstance(expr, promql_parser.BinaryExpr):
        return shape(expr.lhs), str(expr.op), shape(expr.rhs)
    if isinstance(expr, promql_parser.UnaryExpr):
        return "-", shape(expr.expr)
    if isinstance(expr, promql_parser.VectorSelector):
        return expr.name
    assert isinstance(expr, promql_parser.NumberLiteral)
    return f"{expr.val:g}"


@given(st.one_of(NUMBERS, VECTORS))
def test_a_snippet_within_a_snippet_keeps_its_meaning(tree: Tree) -> None:
    """However they are put together, Prometheus groups the operators as the functions do."""
    rendered = nested(tree).render(ALERT)

    parsed = parse(rendered)
    assert parsed is not None
    assert tree == shape(parsed), rendered


MATCHER = st.tuples(
    st.sampled_from(["job", "__name__"]),
    st.sampled_from(["=", "=~", " !~ ", "!="]),
    st.sampled_from(['"a"', '"a|b.*"', "'.*'", "`\\d`", '""', '"("', '"a', '"=~"', "x"]),
).map("".join)
SELECTOR = st.tuples(
    st.sampled_from(["", "up", "rate("]), st.lists(MATCHER, max_size=3), st.sampled_from(["", "}"])
).map(lambda parts: f"{parts[0]}{{{','.join(parts[1])}{parts[2]}")


@given(SELECTOR, st.sampled_from(["{}", "({})", "-{}", "sum({})", "{} # why", "{} or {}"]))
def test_an_outline_is_the_tree_without_regular_expressions(selector: str, around: str) -> None:
    """It is of the same type, and where the parser refuses the expression, it has the same words
    for it: only what matchers say is left out."""
    expr = around.format(selector, selector)

    assert kind_or_mistake(parse, expr) == kind_or_mistake(outline, expr)


def kind_or_mistake(read: Callable[[str], object], expr: str) -> object:
    """The type of the expression, or what is wrong with it."""
    try:
        return type(read(expr))
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    ("expected", "inner"),
    [
        pytest.param("1 - (a + b)", "a + b", id="operator"),
        pytest.param("1 - (-a)", "-a", id="sign"),
        pytest.param("1 - sum(a + b)", "sum(a + b)", id="aggregation"),
        pytest.param("1 - rate(a[5m])", "rate(a[5m])", id="function"),
        pytest.param('1 - a{b="1 - 2"}', 'a{b="1 - 2"}', id="selector"),
        pytest.param("1 - (a + b)", "(a + b)", id="parentheses-that-are-there"),
        pytest.param("1 - ($a + $b)", "$a + $b", id="variables-that-may-be-anything"),
    ],
)
def test_parentheses_are_written_where_they_are_needed(expected: str, inner: str) -> None:
    """What can be read without stays without."""
    part = snippet_of(inner)

    assert expected == snippet_of(lambda s: f"1 - {part(s)}").render(ALERT)


def test_a_snippet_is_not_enclosed_when_it_stands_alone() -> None:
    """The outermost expression has no parentheses around it."""
    assert "a + b" == snippet_of("a + b").render(ALERT)


@pytest.mark.parametrize(
    ("expected", "scope"),
    [
        pytest.param(
            "sum by (instance) "
            '(pg_stat_activity_count{job="postgres",env="live",role!="replica",instance=~"$node"})'
            ' / up{job=~"$job",pod=~"$node"}',
            PANEL,
            id="panel",
        ),
        pytest.param(
            'sum by (instance) (pg_stat_activity_count{job="postgres",env="live",role!="replica"})'
            ' / up{job="shop-production"}',
            ALERT,
            id="alert",
        ),
    ],
)
def test_a_snippet_of_another_exporter_reads_that_one_s_job_and_the_same_nodes(
    expected: str, scope: Scope
) -> None:
    """One expression may join the series of two exporters."""
    both = snippet_of(lambda s: f"{connections(s)} / {s.select('up')}")

    assert expected == both.render(scope)


def test_a_snippet_within_a_snippet_takes_arguments() -> None:
    """Inside another snippet the scope comes first, and arguments by name."""
    share = snippet_of(lambda s: f"{requests_of(s, route='/buy')} / {requests_of(s, route='/')}")

    assert (
        'rate(http_requests_total{job="shop-production",route="/buy"}[5m])'
        ' / rate(http_requests_total{job="shop-production",route="/"}[5m])' == share.render(ALERT)
    )


# Queries and conditions


@pytest.mark.parametrize(
    ("operator", "condition"),
    [
        pytest.param(">", requests > 5, id="greater"),
        pytest.param("<", requests < 5, id="less"),
        pytest.param(">=", requests >= 5, id="greater-or-equal"),
        pytest.param("<=", requests <= 5, id="less-or-equal"),
        pytest.param(">", 5 < requests, id="number-first"),
        pytest.param(">", query_of(requests) > 5, id="query"),
    ],
)
def test_a_comparison_with_a_number_is_a_condition(operator: str, condition: Condition) -> None:
    """Of a snippet or of a query, from either side."""
    assert Condition(query_of(requests), operator, 5) == condition
    assert f"shop.requests {operator} 5" == str(condition)


def test_a_chained_comparison_is_refused() -> None:
    """Python would drop the first bound without a word."""
    with pytest.raises(TypeError, match="one threshold; write an alert for each bound"):
        assert 1 < requests < 5


@pytest.mark.parametrize(
    ("message", "threshold"),
    [
        pytest.param("shop.requests is compared with str", "5", id="text"),
        pytest.param("shop.requests is compared with Snippet", connections, id="snippet"),
        pytest.param("shop.requests is compared with bool", True, id="bool"),
        pytest.param("shop.requests is compared with nan", float("nan"), id="not-a-number"),
        pytest.param("shop.requests is compared with inf", float("inf"), id="infinite"),
    ],
)
def test_a_threshold_is_a_finite_number(message: str, threshold: Any) -> None:
    """JSON has neither infinity nor snippets, so the line that compares is the place to say so."""
    with pytest.raises((TypeError, ValueError), match=message):
        assert requests > threshold


def test_equality_keeps_python_s_meaning() -> None:
    """Queries are values: equal ones are the same query, in dictionaries too."""
    assert requests(route="/") == requests(route="/")
    assert requests(route="/") != requests(route="/buy")
    assert requests == requests  # noqa: PLR0124 - a snippet is only ever itself
    assert requests != connections
    assert 1 == len({requests(route="/"), requests(route="/")})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(requests(), requests, id="no-arguments"),
        pytest.param(requests(route=None), requests, id="default-given"),
        pytest.param(requests(code=["200", "500"]), requests, id="default-given-as-a-list"),
        pytest.param(requests(code=["200"]), requests(code=("200",)), id="list-and-tuple"),
        pytest.param(requests(route="/", code="200"), requests(code="200", route="/"), id="order"),
        pytest.param(requests(code={"a", "b"}), requests(code={"b", "a"}), id="set"),
    ],
)
def test_the_same_arguments_make_the_same_query(one: Query, other: Snippet | Query) -> None:
    """However they are written, so that gk sees that a panel and an alert belong together."""
    assert query_of(other) == one
    assert hash(query_of(other)) == hash(one)


def test_the_highest_series_of_a_query_are_that_query() -> None:
    """What alerts know of it holds for a panel that shows some of its series."""
    highest = node.filesystem_used(mountpoint="/").top(3)
    scope = Scope.alert(LabelScheme())

    assert node.filesystem_used(mountpoint="/") == highest
    assert hash(node.filesystem_used(mountpoint="/")) == hash(highest)
    assert f"topk(3, {node.filesystem_used(mountpoint='/').render(scope)})" == highest.render(scope)
    assert node.cpu_busy() == node.cpu_busy.top(5)


def test_a_query_with_a_label_of_another_is_that_query() -> None:
    """A graph names nodes by host name, and draws the thresholds of the alerts on its query."""
    named = node.cpu_busy.top(3).labelled("nodename", node.names)
    scope = Scope.alert(LabelScheme())
    top, names = node.cpu_busy.top(3).render(scope), node.names(scope)

    assert node.cpu_busy() == named
    assert f"{top} * on (instance) group_left (nodename) {names}" == named.render(scope)


def test_a_graph_has_the_series_that_reach_most_within_the_range() -> None:
    """The same ones at each point in time, chosen at its end, from the highest of each moment."""
    scope = replace(Scope.panel(LabelScheme(), node.exporter), is_graph=True)
    all_of_them = node.cpu_idle.render(scope)
    of_a_moment = f"topk(3, {all_of_them})"
    highest = f"max_over_time({of_a_moment}[1m${{__range}}:$__rate_interval] @ end())"

    assert f"{all_of_them} and topk(3, {highest})" == node.cpu_idle.top(3).render(scope)
    assert all_of_them == node.cpu_idle().render(scope)


def test_the_operands_of_the_highest_are_in_parentheses() -> None:
    """`and` binds more than `or`, and less than a comparison."""
    scope = replace(Scope.panel(LabelScheme(), node.exporter), is_graph=True)

    assert node.oom_kills.top(3).render(scope).startswith("max by (instance) (")
    assert node.cpu_throttles.top(3).render(scope).startswith("(max by (instance) (")


@pytest.mark.parametrize("limit", [0, -1, True, "3", 1.5])
def test_how_many_series_to_show_is_a_number_from_one_on(limit: Any) -> None:
    """Anything else is refused where it is written."""
    with pytest.raises(
        ValueError, match=r"node.cpu_busy: top\(.*\); pass the number of series, at least 1"
    ):
        node.cpu_busy.top(limit)


@pytest.mark.parametrize(
    ("expected", "scope"),
    [
        pytest.param(
            'ALERTS{alertstate="firing",alertname=~"Node.*",instance=~"$node|"}',
            Scope.panel(LabelScheme(), node.exporter),
            id="panel",
        ),
        pytest.param(
            'ALERTS{alertstate="firing",alertname=~"Node.*"}',
            Scope.alert(LabelScheme()),
            id="alert",
        ),
        pytest.param(
            'ALERTS{alertstate="firing",alertname=~"Node.*"}',
            Scope.panel(LabelScheme(), node.exporter).all_nodes,
            id="all-nodes",
        ),
        pytest.param(
            'ALERTS{alertstate="firing",alertname=~"Node.*"}',
            Scope.panel(LabelScheme(), None),
            id="no-exporter",
        ),
    ],
)
def test_firing_alerts_are_those_of_the_scope_s_nodes(expected: str, scope: Scope) -> None:
    """And those that name no node. They have no job: an alert's expression seldom keeps it."""
    assert expected == scope.of(node.exporter).firing('alertname=~"Node.*"')


def test_arguments_reach_the_function() -> None:
    """A query renders with what it was given, the rest has its default."""
    assert (
        "sum by (pod, code) "
        '(rate(http_requests_total{job="shop-production",route="/",code=~"200|500"}[5m]))'
    ) == requests(route="/").render(ALERT)


@pytest.mark.parametrize(
    ("message", "make"),
    [
        pytest.param(
            "shop.requests: got an unexpected keyword argument 'rout'; it takes route, code",
            lambda: requests(rout="/"),  # type: ignore[call-overload]
            id="unknown-name",
        ),
        pytest.param(
            "database.connections: got an unexpected keyword argument 'x'; it takes no arguments",
            lambda: connections(x=1),  # type: ignore[call-overload]
            id="unknown-name-of-none",
        ),
        pytest.param(
            "shop.requests_of: missing a required argument: 'route'; it takes route",
            requests_of,
            id="missing",
        ),
        pytest.param(
            "shop.requests: pass arguments by name",
            lambda: requests("/buy"),
            id="positional",
        ),
        pytest.param(
            "shop.requests: route takes text, numbers or lists, got dict",
            lambda: requests(route={}),  # type: ignore[call-overload]
            id="dictionary",
        ),
        pytest.param(
            "shop.requests: route takes text, numbers or lists, got list",
            lambda: requests(route=[{}]),  # type: ignore[call-overload]
            id="list-of-dictionaries",
        ),
    ],
)
def test_a_wrong_argument_is_refused_where_it_is_written(
    message: str, make: Callable[[], object]
) -> None:
    """The message names the snippet and what it takes."""
    with pytest.raises(TypeError, match=re.escape(message)):
        make()


def test_a_query_says_what_it_is() -> None:
    """Messages name a query as its definition does."""
    assert "shop.requests(code='200', route='/')" == str(requests(route="/", code="200"))
    assert "shop.requests" == str(requests())


def test_a_snippet_is_described_by_its_docstring() -> None:
    """On one line, as a panel shows it."""
    assert "Requests per second, by code." == requests.description


@pytest.mark.parametrize(
    ("message", "returned"),
    [
        pytest.param("returns None, not PromQL", None, id="no-return"),
        pytest.param("returns 5, not", 5, id="number"),
    ],
)
def test_a_function_has_to_return_text(message: str, returned: Any) -> None:
    """A forgotten `return` is not rendered as the word None."""
    with pytest.raises(TypeError, match=message):
        snippet_of(lambda _: returned).render(ALERT)


@pytest.mark.parametrize("given", [5, None, "up", True])
def test_only_snippets_and_queries_are_queries(given: object) -> None:
    """Text is no query: it has no unit and belongs to no snippet."""
    with pytest.raises(TypeError, match=f"not {type(given).__name__}"):
        query_of(given)


def test_a_module_of_snippets_stands_for_its_exporter() -> None:
    """A dashboard takes the module, the exporter, or nothing."""
    module = ModuleType("shop")
    module.exporter = SHOP  # type: ignore[attr-defined]

    assert (SHOP, SHOP, None) == (exporter_of(module), exporter_of(SHOP), exporter_of(None))


def test_a_module_without_an_exporter_is_refused() -> None:
    """The message names the module and what it lacks."""
    with pytest.raises(
        TypeError, match="'tools' has no exporter: a module of snippets defines `exporter`"
    ):
        exporter_of(ModuleType("tools"))


# Labels of a project


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_knows_the_same_exporters(preset: str) -> None:
    """A project may change its preset and keep its dashboards."""
    assert {exporter for exporters in PRESETS.values() for exporter in exporters} == set(
        PRESETS[preset]
    )


TEAM = {
    "dashboards/shop.py": """
        from gk import Dashboard, timeseries
        from gk.promql import Exporter, Scope

        exporter = Exporter("shop", metric="http_requests_total")


        @exporter.snippet(unit="reqps", legend="{{$node}} {{ $node }} {{code}}")
        def requests(s: Scope) -> str:
            \"\"\"Requests per second.\"\"\"
            return f"sum by ({s.node}, code) ({s.rate('http_requests_total')})"


        dashboard = Dashboard("Shop", uid="shop", exporter=exporter, panels=[
            timeseries("Requests", requests),
        ])
    """,
    "alerts/shop.py": """
        from dashboards.shop import requests
        from gk import alert, alert_group

        shop = alert_group("shop", [
            alert("ShopBusy", requests > 100, summary="{{ $node }} is busy"),
        ])
    """,
}


def read_labels(project: ProjectFolder) -> dict[str, Any]:
    """What a panel, its variables and an alert make of the labels."""
    dashboard = project.resource(Kind.DASHBOARD).body
    rule = project.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]
    target = dashboard["panels"][0]["targets"][0]
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    return {
        "panel": target["expr"],
        "legend": target["legendFormat"],
        "job": variables["job"]["query"]["query"],
        "node": variables["node"]["query"]["query"],
        "alert": rule["expr"],
        "summary": rule["annotations"]["summary"],
    }


def test_an_exporter_that_settings_do_not_name_has_its_own_name_as_job(
    project: ProjectFolder,
) -> None:
    """As scrape configurations do, and nodes are told apart by instance."""
    expected = {
        "panel": (
            "sum by (instance, code) "
            '(rate(http_requests_total{job=~"$job",instance=~"$node"}[$__rate_interval]))'
        ),
        "legend": "{{instance}} {{instance}} {{code}}",
        "job": "label_values(http_requests_total, job)",
        "node": 'label_values(http_requests_total{job=~"$job"}, instance)',
        "alert": 'sum by (instance, code) (rate(http_requests_total{job="shop"}[5m])) > 100',
        "summary": "{{ $labels.instance }} is busy",
    }

    assert expected == read_labels(project.write(TEAM))


def test_gk_yaml_changes_panels_legends_variables_and_alerts_alike(project: ProjectFolder) -> None:
    """What is said of an exporter once is true wherever its series are read."""
    settings = """
        labels:
          preset: annotations
          shop: {job: shop-live, node: pod, matchers: ['env="live"']}
    """
    expected = {
        "panel": 'sum by (pod, code) (rate(http_requests_total{job=~"$job",env="live",pod=~"$node"}'
        "[$__rate_interval]))",
        "legend": "{{pod}} {{pod}} {{code}}",
        "job": 'label_values(http_requests_total{env="live"}, job)',
        "node": 'label_values(http_requests_total{job=~"$job",env="live"}, pod)',
        "alert": (
            'sum by (pod, code) (rate(http_requests_total{job="shop-live",env="live"}[5m])) > 100'
        ),
        "summary": "{{ $labels.pod }} is busy",
    }

    assert expected == read_labels(project.write(TEAM | {"gk.yaml": settings}))


JOBS = [
    pytest.param(
        "[checkout, cart]",
        {
            "panel": '{job=~"$job",instance=~"$node"}',
            "alert": '{job=~"checkout|cart"}',
            "offers": "label_values(http_requests_total, job)",
            "chosen": ["checkout", "cart"],
            "node": 'label_values(http_requests_total{job=~"$job"}, instance)',
        },
        id="several",
    ),
    pytest.param(
        "[checkout]",
        {
            "panel": '{job=~"$job",instance=~"$node"}',
            "alert": '{job="checkout"}',
            "offers": "label_values(http_requests_total, job)",
            "chosen": ["checkout"],
            "node": 'label_values(http_requests_total{job=~"$job"}, instance)',
        },
        id="list-of-one",
    ),
    pytest.param(
        "{regex: 'shop-\\w+'}",
        {
            "panel": '{job=~"$job",instance=~"$node"}',
            "alert": '{job=~"shop-\\\\w+"}',
            "offers": 'label_values(http_requests_total{job=~"shop-\\\\w+"}, job)',
            "chosen": ["$__all"],
            "node": 'label_values(http_requests_total{job=~"$job"}, instance)',
        },
        id="regular-expression",
    ),
    pytest.param(
        "[]",
        {
            "panel": '{instance=~"$node"}',
            "alert": "",
            "node": "label_values(http_requests_total, instance)",
        },
        id="none",
    ),
]


@pytest.mark.parametrize(("job", "expected"), JOBS)
def test_an_exporter_may_have_any_number_of_jobs(
    project: ProjectFolder, job: str, expected: dict[str, Any]
) -> None:
    """As requests, errors and durations of all services have."""
    project.write(TEAM | {"gk.yaml": f"labels: {{shop: {{job: {job}}}}}"})
    body = project.resource(Kind.DASHBOARD).body
    variables_ = {variable["name"]: variable for variable in body["templating"]["list"]}
    rule = project.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]

    asked = {
        "panel": body["panels"][0]["targets"][0]["expr"],
        "alert": rule["expr"],
        "node": variables_["node"]["query"]["query"],
    }
    if own := variables_.get("job"):
        asked |= {"offers": own["query"]["query"], "chosen": own["current"]["value"]}

    of_panel, of_alert = (expected.pop(key) for key in ("panel", "alert"))
    assert f"http_requests_total{of_panel}[" in asked.pop("panel")
    assert f"http_requests_total{of_alert}[" in asked.pop("alert")
    assert expected == asked


def test_all_of_the_jobs_that_match_are_their_pattern(project: ProjectFolder) -> None:
    """Grafana inserts it as it is, so it is escaped as in PromQL."""
    project.write(TEAM | {"gk.yaml": "labels: {shop: {job: {regex: 'shop-\\w+'}}}"})
    (job,) = [
        variable
        for variable in project.resource(Kind.DASHBOARD).body["templating"]["list"]
        if variable["name"] == "job"
    ]

    assert "shop-\\\\w+" == job["allValue"]


def test_up_without_a_job_is_that_of_the_exporter_s_targets() -> None:
    """Every target of Prometheus has the series up."""
    scope = Scope.alert(LabelScheme({"shop": Labels(job=())})).of(SHOP)

    assert (
        "(up and on (job, instance) "
        "(last_over_time(http_requests_total[12h:5m] @ end()) "
        "or last_over_time(http_requests_total[7d:1h] @ end()) or http_requests_total))"
    ) == scope.up()
