"""Checks of queries: mistakes that Prometheus accepts, and that appear as a wrong number or an
empty text.

rate() of a gauge               a number that means nothing
a division by what may be zero  NaN, which draws nothing and fires nothing
an aggregated label             a legend, a column or an alert's text without it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import promql_parser
from promql_parser import AggModifierType, LabelModifierType, VectorMatchCardinality

from gk.documents.queries import PromQL, queries
from gk.errors import Problem
from gk.promql.syntax import parse, selectors, within
from gk.resource import Kind, Resource

__all__ = ["check", "check_expr"]

Expr: TypeAlias = promql_parser.Expr
Labels: TypeAlias = "frozenset[str] | None"
"""The labels that a result can have; None if the series decide."""

_OF_COUNTERS = frozenset({"rate", "irate", "increase"})
# OpenMetrics wants _total for counters; the others are series of histograms and summaries.
_COUNTER_SUFFIXES = ("_total", "_count", "_sum", "_bucket")
# A type that nobody stated may be any: the node exporter sends what it reads from /proc/vmstat so.
_COUNTER_TYPES = frozenset(
    {"counter", "histogram", "summary", "unknown", "untyped", "gaugehistogram"}
)
_COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})
# These choose series, and keep all labels of those they choose.
_KEEP_SERIES = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_WITHOUT_LABELS = frozenset({"vector", "time", "scalar", "pi"})


def check(resources: Iterable[Resource], types: Mapping[str, str] | None = None) -> list[Problem]:
    """The problems of all queries of resources.

    `types` are the types of metrics in Prometheus's metadata. A metric without a type counts as a
    counter if its name ends like one, and as a native histogram if any query reads it as one.
    """
    resources = list(resources)
    types = _native_histograms(resources) | dict(types or {})
    checked = {
        (resource.source, query.where)
        for resource in resources
        if resource.kind is Kind.PROMETHEUS_GROUP
        for query in queries(resource)
    }
    return [
        Problem(resource.source, f"{resource.title}: {query}: {message}: {query.expr}")
        for resource in resources
        for query in queries(resource)
        # Grafana's form of a group has the queries of Prometheus's once more, without their
        # comparisons.
        if resource.kind is not Kind.RULE_GROUP or (resource.source, query.where) not in checked
        for message in check_expr(query, types)
    ]


def check_expr(query: PromQL, types: Mapping[str, str]) -> Iterator[str]:
    """Messages about one query."""
    try:
        expr = parse(query.expr)
    except ValueError as error:
        yield f"is not valid PromQL: {error}"
        return
    if expr is None:
        # A variable stands for a part of the expression, so that nothing can be known.
        return
    yield from _rates(expr, _read_as_histograms(expr) | dict(types))
    yield from _divisions(expr)
    known = _labels(expr)
    if known is not None:
        for name in sorted(query.labels - known):
            yield f"the result has no label '{name}'"


# Counters


def _native_histograms(resources: Iterable[Resource]) -> dict[str, str]:
    """The type of each metric that some query reads as a native histogram: their names have no
    suffix, and a heatmap or a recording rule has none of the functions below."""
    found: dict[str, str] = {}
    for query in {query.expr for resource in resources for query in queries(resource)}:
        try:
            expr = parse(query)
        except ValueError:
            continue
        if expr is not None:
            found |= _read_as_histograms(expr)
    return found


def _read_as_histograms(expr: Expr) -> dict[str, str]:
    """The same of one query."""
    return {
        selector.name: "histogram"
        for call in within(expr)
        if isinstance(call, promql_parser.Call) and call.func.name.startswith("histogram_")
        for selector in selectors(call)
        if selector.name and not selector.name.endswith(_COUNTER_SUFFIXES)
    }


def _rates(expr: Expr, types: Mapping[str, str]) -> Iterator[str]:
    for call in within(expr):
        if isinstance(call, promql_parser.Call) and call.func.name in _OF_COUNTERS:
            for argument in call.args:
                if isinstance(argument, promql_parser.MatrixSelector):
                    name = argument.vector_selector.name
                    if name and not _is_counter(name, types):
                        yield f"{call.func.name}() of {name}, which is not a counter"


def _is_counter(name: str, types: Mapping[str, str]) -> bool:
    if name in types:
        return types[name] in _COUNTER_TYPES
    # Metadata has the histogram or summary, not its series.
    family, _, _ = name.rpartition("_")
    if name.endswith(_COUNTER_SUFFIXES):
        return types.get(family, "counter") in _COUNTER_TYPES
    return False


# Divisions


def _divisions(expr: Expr) -> Iterator[str]:
    for division in within(expr):
        if (
            isinstance(division, promql_parser.BinaryExpr)
            and str(division.op) in ("/", "%")
            and not _is_not_zero(division.rhs)
        ):
            yield (
                f"divides by what may be zero, {_shown(division.rhs)}: "
                "compare it with `> 0`, or use clamp_min()"
            )


def _shown(expr: Expr) -> str:
    text = str(expr.prettify()) if hasattr(expr, "prettify") else ""
    return " ".join(text.split()) if len(text) < 80 else "the right side of /"


def _is_not_zero(expr: Expr) -> bool:
    """Whether no value of the result can be zero, by what the expression itself says."""
    if isinstance(expr, promql_parser.NumberLiteral):
        return bool(expr.val)
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr)):
        return _is_not_zero(expr.expr)
    if isinstance(expr, promql_parser.AggregateExpr):
        return str(expr.op) in ("count", "group") or (
            str(expr.op) != "count_values" and _is_not_zero(expr.expr)
        )
    if isinstance(expr, promql_parser.Call):
        return _call_is_not_zero(expr)
    return isinstance(expr, promql_parser.BinaryExpr) and _operation_is_not_zero(expr)


def _call_is_not_zero(call: promql_parser.Call) -> bool:
    name, arguments = call.func.name, call.args
    if name in ("clamp_min", "clamp"):
        least = arguments[1]
        return isinstance(least, promql_parser.NumberLiteral) and least.val > 0
    if name == "time":
        return True
    return name in (
        "label_replace",
        "label_join",
        "vector",
        "scalar",
        "abs",
        "sort",
    ) and _is_not_zero(arguments[0])


def _operation_is_not_zero(expr: promql_parser.BinaryExpr) -> bool:
    operator = str(expr.op)
    if operator in _COMPARISONS:
        is_filter = not (expr.modifier and expr.modifier.return_bool)
        return is_filter and _excludes_zero(operator, expr.rhs)
    if operator in ("and", "unless"):
        return _is_not_zero(expr.lhs)
    # A sum of two numbers that are not zero is taken for one more: in practice both count
    # something.
    return (
        operator in ("or", "*", "/", "+", "^") and _is_not_zero(expr.lhs) and _is_not_zero(expr.rhs)
    )


def _excludes_zero(operator: str, bound: Expr) -> bool:
    if isinstance(bound, promql_parser.UnaryExpr):
        return False
    value = bound.val if isinstance(bound, promql_parser.NumberLiteral) else None
    if value is None:
        return False
    return {
        ">": value >= 0,
        ">=": value > 0,
        "<": value <= 0,
        "<=": value < 0,
        "==": value != 0,
        "!=": value == 0,
    }[operator]


# Labels


def _labels(expr: Expr) -> Labels:
    """The labels that each series of the result may have."""
    if isinstance(expr, promql_parser.AggregateExpr):
        return _of_aggregation(expr)
    if isinstance(expr, promql_parser.BinaryExpr):
        return _of_operation(expr)
    if isinstance(expr, promql_parser.Call):
        return _of_call(expr)
    if isinstance(
        expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)
    ):
        return _labels(expr.expr)
    if isinstance(expr, (promql_parser.NumberLiteral, promql_parser.StringLiteral)):
        return frozenset()
    return None


def _of_aggregation(expr: promql_parser.AggregateExpr) -> Labels:
    if str(expr.op) in _KEEP_SERIES:
        return _labels(expr.expr)
    modifier = expr.modifier
    named = modifier.labels or [] if modifier else []
    # count_values puts each value into the label that its parameter names.
    added = (
        frozenset({expr.param.val})
        if isinstance(expr.param, promql_parser.StringLiteral)
        else frozenset()
    )
    if modifier is None:
        return added
    if modifier.type == AggModifierType.By:
        return _only(_labels(expr.expr), named) | added
    return _less(_labels(expr.expr), named)


def _of_operation(expr: promql_parser.BinaryExpr) -> Labels:
    left, right, modifier, operator = (
        _labels(expr.lhs),
        _labels(expr.rhs),
        expr.modifier,
        str(expr.op),
    )
    if operator in ("and", "unless") or _is_scalar(expr.rhs):
        return left
    if operator == "or":
        # The second stands in for the first where that is missing, mostly with fewer labels.
        return None if left is None or right is None else left | right
    if _is_scalar(expr.lhs):
        return right
    if modifier is None:
        return _both(left, right)
    if modifier.card == VectorMatchCardinality.ManyToOne:
        return None if left is None else left | frozenset(modifier.group_labels or [])
    if modifier.card == VectorMatchCardinality.OneToMany:
        return None if right is None else right | frozenset(modifier.group_labels or [])
    if modifier.matching is None:
        return _both(left, right)
    named = modifier.matching.labels or []
    if modifier.matching.type == LabelModifierType.Include:
        return _only(_both(left, right), named)
    return _less(left, named)


def _of_call(expr: promql_parser.Call) -> Labels:
    name = expr.func.name
    if name in _WITHOUT_LABELS:
        return frozenset()
    # absent() takes its labels from the selector's matchers.
    if name in ("absent", "absent_over_time"):
        return None
    vectors = [argument for argument in expr.args if not _is_scalar(argument)]
    labels = _labels(vectors[0]) if vectors else frozenset()
    if name == "histogram_quantile":
        return _less(labels, ["le"])
    if name in ("label_replace", "label_join") and labels is not None:
        return labels | {expr.args[1].val}
    return labels


def _is_scalar(expr: Expr) -> bool:
    """Whether the expression is a number or a text, which has no labels to match."""
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr)):
        return _is_scalar(expr.expr)
    if isinstance(expr, promql_parser.BinaryExpr):
        return _is_scalar(expr.lhs) and _is_scalar(expr.rhs)
    if isinstance(expr, promql_parser.Call):
        return expr.func.name in ("time", "scalar", "pi")
    return isinstance(expr, (promql_parser.NumberLiteral, promql_parser.StringLiteral))


def _only(labels: Labels, kept: Iterable[str]) -> frozenset[str]:
    return frozenset(kept) if labels is None else labels & frozenset(kept)


def _less(labels: Labels, dropped: Iterable[str]) -> Labels:
    return None if labels is None else labels - frozenset(dropped)


def _both(left: Labels, right: Labels) -> Labels:
    if left is None or right is None:
        return left if right is None else right
    return left & right
