"""PromQL as text: quoting, white space, and Prometheus's grammar.

Grafana's variables are not valid PromQL: `parse` replaces each with a stand-in first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import promql_parser

from gk.promql import dialect

__all__ = [
    "RATE_INTERVAL",
    "TooDeepError",
    "children",
    "depth",
    "enclosed",
    "is_label",
    "is_regex",
    "is_variable",
    "matcher",
    "matching",
    "one_line",
    "outline",
    "parse",
    "parsed",
    "parses",
    "selector",
    "selectors",
    "tidy",
    "variables",
    "with_variables",
    "within",
]

RATE_INTERVAL = "$__rate_interval"
"""Grafana's own range for rate(): at least four scrapes of the data source.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/"""

# One pattern for both, because a quote in a comment opens no string, and a # in a string starts no
# comment. An unclosed quote extends to the end: a search for its end from each place would take
# quadratic time.
_QUOTED_OR_COMMENT = re.compile(
    r'("(?:[^"\\]|\\.?)*"?|\'(?:[^\'\\]|\\.?)*\'?|`[^`]*`?)|#[^\n]*', re.DOTALL
)
# A name is not all digits: `$1` and `${1}` are groups of label_replace's regular expression.
_NAME = r"\d*[A-Za-z_]\w*"
_VARIABLE = re.compile(
    rf"\$\{{({_NAME})(?::([^}}$]*)|\.[^}}$]*)?\}}|\$({_NAME})|\[\[({_NAME})(?::(\w+))?\]\]"
)
# What PromQL takes for white space (isSpace in its lexer); a no-break space is a mistake there.
_WHITE = " \t\r\n"
_SPACES = re.compile(rf"[{_WHITE}]+")
_UNTIDY = re.compile(rf"[{_WHITE}]{{2}}|[{_WHITE.strip(' ')}]|#")
_PADDING = re.compile(r"(?<=\() | (?=[),])")
_REGEX_SPECIAL = re.compile(r"[.+*?()|\[\]{}^$\\]")


def matcher(label: str, value: object) -> str:
    """Return one matcher of a selector, quoted.

    A list or a set matches any of its values. A value with a Grafana variable matches as a regular
    expression, because a variable may have several values. Raises ValueError for an empty list,
    which would match series without the label.
    """
    if isinstance(value, (set, frozenset)):
        value = sorted(map(str, value))
    if isinstance(value, (list, tuple)):
        if not value:
            raise ValueError(
                f"no value for label '{label}': an empty list; use None to omit the label"
            )
        if len(value) == 1:
            return matcher(label, value[0])
        return matching(label, "|".join(_alternative(str(item)) for item in value))
    text = str(value)
    return (
        matching(label, text)
        if _VARIABLE.search(text)
        else f"{_named(label)}={dialect.literal(text)}"
    )


def matching(label: str, pattern: str) -> str:
    """Return a matcher by regular expression, quoted."""
    return f"{_named(label)}=~{dialect.literal(pattern)}"


# Prometheus 3 has names with any characters. More than these are rather a mistake, such as a whole
# selector: unquoted, the parser finds it.
_QUOTED_NAME = re.compile(r"(?=.*[^\w:])[\w:./-]+")


def _named(name: str) -> str:
    return f'"{name}"' if _QUOTED_NAME.fullmatch(name) else name


def selector(metric: str, matchers: Iterable[str]) -> str:
    """Return a selector of a metric with complete matchers; a name that only Prometheus 3 has is in
    quotes."""
    named = _named(metric)
    if named != metric:
        return f"{{{','.join([named, *matchers])}}}"
    listed = ",".join(matchers)
    return f"{metric}{{{listed}}}" if listed else metric


def _alternative(value: str) -> str:
    return value if _VARIABLE.search(value) else _REGEX_SPECIAL.sub(r"\\\g<0>", value)


_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def is_label(text: str) -> bool:
    """Whether `text` is a valid label name."""
    return _LABEL.fullmatch(text) is not None


def is_regex(text: str) -> bool:
    """Whether `text` is a regular expression for `=~`; its syntax is not Python's."""
    return _is_regex(dialect.literal(text))


def one_line(expr: str) -> str:
    """Return `expr` without comments, and with single spaces for white space outside quotes."""
    if not _UNTIDY.search(expr):
        return expr.strip(_WHITE)
    return "".join(
        text if quoted else _SPACES.sub(" ", text) for text, quoted in _pieces(expr)
    ).strip(_WHITE)


@lru_cache(maxsize=4096)
def tidy(expr: str) -> str:
    """Return `expr` on one line and without padding in parentheses, unless it has comments: what
    two texts of one query have in common. Prometheus reads no white space between tokens."""
    if _has_comment(expr):
        return expr
    return "".join(
        text if quoted else _PADDING.sub("", text) for text, quoted in _pieces(one_line(expr))
    )


def _has_comment(expr: str) -> bool:
    return "#" in expr and any(not match[1] for match in _QUOTED_OR_COMMENT.finditer(expr))


def _pieces(expr: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of `expr` without comments, in order, and whether each is a quoted string."""
    between, end = "", 0
    for match in _QUOTED_OR_COMMENT.finditer(expr):
        between += expr[end : match.start()]
        end = match.end()
        if quoted := match.group(1):
            yield between, False
            yield quoted, True
            between = ""
    yield between + expr[end:], False


def variables(text: str) -> set[str]:
    """The names of the Grafana variables in `text`, in any of the forms `$name`, `${name:option}`
    and `[[name:option]]`."""
    return {next(filter(None, match.groups())) for match in _VARIABLE.finditer(text)}


def is_variable(text: str) -> bool:
    """Whether `text` is exactly one Grafana variable."""
    return bool(_VARIABLE.fullmatch(text))


def with_variables(text: str, value: Callable[[str, str], str | None]) -> str:
    """Replace each Grafana variable in `text` with `value(name, format)`; None keeps the
    variable."""

    def replaced(match: re.Match[str]) -> str:
        name, format = match[1] or match[3] or match[4], match[2] or match[5] or ""
        replacement = value(name, format)
        return match.group() if replacement is None else replacement

    return _VARIABLE.sub(replaced, text)


MOST_LEVELS = 1000
"""Operators and open brackets of an expression. promql-parser (0.12) ends the process with SIGSEGV
at some 5,000, and needs seconds from some 2,000 on; Prometheus itself has no limit."""


class TooDeepError(ValueError):
    """An expression that Prometheus may parse, but the parser here may not."""


@lru_cache(maxsize=4096)
def parse(expr: str) -> promql_parser.Expr | None:
    """Return the expression as Prometheus parses it; None if a variable stands for more than a
    value or a duration.

    What only Prometheus knows, such as arithmetic with durations, is parsed in the parser's words
    (gk.promql.dialect). Raises ValueError with the parser's message for invalid PromQL, and for an
    expression with more than MOST_LEVELS, which is not parsed.
    """
    pieces = _for_parser(expr)
    if pieces is None:
        return None
    try:
        return promql_parser.parse("".join(pieces))
    except ValueError:
        spelled = [dialect.as_parsed(text, promql_parser.parse) for text in pieces[::2]]
        if spelled == pieces[::2]:
            raise
        pieces[::2] = spelled
    return promql_parser.parse("".join(pieces))


@lru_cache(maxsize=4096)
def outline(expr: str) -> promql_parser.Expr | None:
    """Return the expression as `parse` does, but with `=""` for each matcher of a regular
    expression.

    To compile these takes the parser two thirds of its time, and a project has few different ones
    in its many queries. Raises what `parse` raises.
    """
    pieces = _for_parser(expr)
    if pieces is None:
        return None
    for index in range(1, len(pieces), 2):
        before = pieces[index - 1].rstrip(_WHITE)
        if before.endswith(("=~", "!~")) and _is_regex(pieces[index]):
            pieces[index - 1 : index + 1] = f"{before[:-2]}=", '""'
    try:
        return promql_parser.parse("".join(pieces))
    except ValueError:
        # It may have nothing but regular expressions: `{job=""}` selects too much. If not, the
        # message has to be about what is written.
        return parse(expr)


@lru_cache(maxsize=4096)
def _is_regex(quoted: str) -> bool:
    try:
        promql_parser.parse(f"_{{_=~{quoted}}}")
    except ValueError:
        return False
    return True


def _for_parser(expr: str) -> list[str] | None:
    """The parts of the expression as promql-parser takes them, every second one quoted; None if a
    variable stands for more than a value or a duration. Raises TooDeepError."""
    pieces = [dialect.quoted(text) if quoted else _stand_in(text) for text, quoted in _pieces(expr)]
    if any(_VARIABLE.search(text) for text in pieces[::2]):
        return None
    if len(expr) > MOST_LEVELS and _levels(pieces[::2]) > MOST_LEVELS:
        raise TooDeepError(
            f"nested too deep for the parser (more than {MOST_LEVELS} operators and brackets); "
            "record a part of it as a series of its own"
        )
    return pieces


def parsed(expr: str) -> promql_parser.Expr | None:
    """The expression as `parse` returns it; None for invalid PromQL, too."""
    try:
        return parse(expr)
    except ValueError:
        return None


def parses(expr: str) -> bool:
    """Whether `expr` is PromQL, as far as its variables let it be parsed."""
    try:
        outline(expr)
    except ValueError:
        return False
    return True


_LEVEL = re.compile(
    r"([(\[{])|([)\]}])|[-+*/%^<>]|[=!]=|\b(?:and|or|unless|atan2)\b", re.IGNORECASE
)


def depth(expr: str) -> int:
    """An upper bound for the depth of an expression's tree."""
    return _levels(text for text, is_quoted in _pieces(expr) if not is_quoted)


def _levels(unquoted: Iterable[str]) -> int:
    """An upper bound for the depth of an expression's tree: its operators, and the most brackets
    that are open at once."""
    operators = open_ = deepest = 0
    for text in unquoted:
        for match in _LEVEL.finditer(text):
            if match[1]:
                open_ += 1
                deepest = max(deepest, open_)
            elif match[2]:
                open_ -= 1
            else:
                operators += 1
    return operators + deepest


_BUILT_IN_DURATION = re.compile(r"\$(\{)?__(?:rate_interval|interval)(?(1)\}|\b)")
_RANGE = re.compile(r"\$(\{)?__range(?(1)\}|\b)")
_DURATION_VARIABLE = re.compile(r"(?<=[\[:])\s*(\$\{?\w+\}?)\s*(?=[\]:])")
_OFFSET_VARIABLE = re.compile(r"(?<=\boffset )\s*(\$\{?\w+\}?)")
_NUMBER_VARIABLE = re.compile(r"\$(?:__interval_ms|__range_ms|__range_s|__from|__to)\b")


def _stand_in(text: str) -> str:
    if "$" not in text:
        return text
    # Wherever it is: Grafana always inserts a duration for these.
    text = _BUILT_IN_DURATION.sub("5m", text)
    # In seconds, whatever it is, so that minutes may stand before it.
    text = _RANGE.sub("300s", text)
    text = _DURATION_VARIABLE.sub("5m", text)
    text = _OFFSET_VARIABLE.sub("5m", text)
    return _NUMBER_VARIABLE.sub("1", text)


@lru_cache(maxsize=4096)
def enclosed(expr: str) -> str:
    """Return `expr`, in parentheses if it needs them as an operand of another expression."""
    return expr if _stands_alone(outline(expr)) else f"({expr})"


def _stands_alone(expr: promql_parser.Expr | None) -> bool:
    if isinstance(expr, promql_parser.NumberLiteral):
        # -1 ^ 2 is -(1 ^ 2).
        return math.copysign(1, expr.val) > 0
    return not isinstance(expr, (promql_parser.BinaryExpr, promql_parser.UnaryExpr, type(None)))


def selectors(expr: promql_parser.Expr) -> list[promql_parser.VectorSelector]:
    """Every vector selector in a parsed expression, including those inside range selectors."""
    return [inner for inner in within(expr) if isinstance(inner, promql_parser.VectorSelector)]


def within(expr: promql_parser.Expr) -> Iterator[promql_parser.Expr]:
    """Yield the expression and every expression in it, from the outside in."""
    left = [expr]
    while left:
        yield (inner := left.pop())
        left += reversed([*children(inner)])


def children(expr: promql_parser.Expr) -> Iterable[promql_parser.Expr]:
    """The expressions directly in an expression, in their order."""
    if isinstance(expr, promql_parser.BinaryExpr):
        return expr.lhs, expr.rhs
    if isinstance(expr, promql_parser.Call):
        return expr.args
    if isinstance(expr, promql_parser.MatrixSelector):
        return (expr.vector_selector,)
    if isinstance(expr, promql_parser.AggregateExpr):
        return (expr.expr, expr.param) if expr.param else (expr.expr,)
    if isinstance(
        expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)
    ):
        return (expr.expr,)
    return ()
