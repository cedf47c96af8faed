"""A comparison is never true, because the value cannot be in its range.

Problem: without series, count() returns nothing, not zero. The days of the week are 0 to 6, a rate
is never negative, and nothing equals NaN: `x != NaN` is always true.

    count(up == 1) < 1
    day_of_week() == 7
    rate(http_requests_total[5m]) < 0
    x == NaN

Instead: ask whether the series is absent, and compare with a value that is possible.

    absent(up == 1)
    day_of_week() == 0
    x != x                 # only NaN differs from itself

The same goes for two limits that exclude each other, and for a comparison of constants. `or` binds
less tightly than any comparison: in `x or vector(0) > 5`, only the zero is compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from promql_parser import BinaryExpr

from gk.check.expressions.intervals import Interval, interval_of
from gk.check.expressions.trees import COMPARISONS, Expr, bare, compares, number, operations, shown
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["impossible_comparison"]


@check(Severity.ERROR)
def impossible_comparison(expression: Expression) -> Iterator[str]:
    """Compare the range of each side."""
    for comparison in operations(expression.nodes, COMPARISONS):
        operator = str(comparison.op)
        left, right = interval_of(comparison.lhs), interval_of(comparison.rhs)
        if _is_nan(comparison.lhs) or _is_nan(comparison.rhs):
            always = "always" if operator == "!=" else "never"
            yield f"'{operator} NaN' is {always} true; no number equals NaN"
        elif not _may_be_true(operator, left, right):
            side = shown(comparison.lhs, "the left side")
            yield f"{side} is {left}, so '{operator} {shown(comparison.rhs, '...')}' is never true"
    for both in operations(expression.nodes, {"and"}):
        yield from _of_limits(both)


def _is_nan(expr: Expr) -> bool:
    value = number(expr)
    return value is not None and math.isnan(value)


def _may_be_true(operator: str, left: Interval, right: Interval) -> bool:
    if operator == ">":
        return left.most > right.least
    if operator == ">=":
        return left.most >= right.least
    if operator == "<":
        return left.least < right.most
    if operator == "<=":
        return left.least <= right.most
    if operator == "==":
        return left.overlaps(right)
    return not left.is_constant or not right.is_constant or left != right


def _of_limits(both: BinaryExpr) -> Iterator[str]:
    """Two limits of the same value, joined by `and`."""
    left, right = bare(both.lhs), bare(both.rhs)
    if not isinstance(left, BinaryExpr) or not isinstance(right, BinaryExpr):
        return
    if not compares(left) or not compares(right) or str(left.lhs) != str(right.lhs):
        return
    if interval_of(left).excludes(interval_of(right)):
        yield f"{shown(left, 'one limit')} and {shown(right, 'the other')} exclude each other"
