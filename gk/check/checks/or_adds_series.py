"""`or vector(0)` adds a series without labels, instead of zeros where series are missing.

Problem: `or` adds each series whose labels the left side does not have. vector(0) has no labels, so
it is always there, beside the series with labels: a line at zero in a graph, a row in a table, and
an alert on `== 0` or `< 1` that always fires.

    sum by (job) (rate(http_errors_total[5m])) or vector(0)

Instead: vector(0) can stand in for a missing result without labels, and with on() for any empty
result. For zeros of single series, take the labels from another metric.

    sum(rate(http_errors_total[5m])) or vector(0)
    sum by (job) (rate(http_errors_total[5m])) or on () vector(0)
    sum by (job) (rate(http_errors_total[5m])) or sum by (job) (up) * 0
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import AggregateExpr, BinaryExpr, Call

from gk.check.expressions.labels import is_scalar
from gk.check.expressions.trees import (
    COMPARISONS,
    Expr,
    bare,
    compared_labels,
    compares,
    holds,
    number,
)
from gk.check.model import Severity, check
from gk.check.parts.known_labels import has_known_labels, known_labels
from gk.check.subjects import Expression

__all__ = ["or_adds_series"]

_KEEP_SERIES = frozenset({"bottomk", "limitk", "topk"})
_LOOK_AT_SERIES = frozenset({"absent", "absent_over_time", "scalar"})


@check(Severity.WARNING)
def or_adds_series(expression: Expression) -> Iterator[str]:
    """Look at the outermost `or`: an aggregation or an operation around it may need the zero."""
    if "vector" not in expression.text or expression.tree is None:
        return
    if not has_known_labels(expression):
        return
    for operation, zero in _outermost(expression.tree):
        is_matched = compared_labels(operation)
        labels = sorted(filter(is_matched, known_labels(operation.lhs)))
        if labels:
            yield (
                f"'or {zero}' adds a series without labels beside those with '{labels[0]}'; "
                f"for an empty result only, write 'or on () {zero}'"
            )


def _outermost(expr: Expr) -> Iterator[tuple[BinaryExpr, str]]:
    """Each `or vector(...)` whose constant reaches the result, and the constant."""
    expr = bare(expr)
    if isinstance(expr, AggregateExpr) and str(expr.op) in _KEEP_SERIES:
        yield from _outermost(expr.expr)
    elif isinstance(expr, Call) and expr.args and expr.func.name not in _LOOK_AT_SERIES:
        # histogram_quantile() and its like take their series last.
        yield from _outermost(expr.args[-1 if expr.func.name.startswith("histogram") else 0])
    elif isinstance(expr, BinaryExpr):
        yield from _of_operation(expr)


def _of_operation(expr: BinaryExpr) -> Iterator[tuple[BinaryExpr, str]]:
    operator = str(expr.op)
    if operator == "or":
        constant = bare(expr.rhs)
        if isinstance(constant, Call) and constant.func.name == "vector":
            yield expr, str(constant)
        yield from _outermost(expr.lhs)
    elif operator in COMPARISONS and is_scalar(expr.rhs):
        for inner, zero in _outermost(expr.lhs):
            if not compares(expr) or _passes(zero, operator, number(expr.rhs)):
                yield inner, zero
    elif is_scalar(expr.rhs):
        yield from _outermost(expr.lhs)


def _passes(zero: str, operator: str, limit: float | None) -> bool:
    """Whether the constant is left by a comparison."""
    text = zero.removeprefix("vector(").removesuffix(")")
    try:
        value = float(text)
    except ValueError:
        return False
    return limit is not None and holds(value, operator, limit)
