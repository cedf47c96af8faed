"""A division by zero is NaN or infinity, which draws nothing and fires no alert.

Problem: 0 / 0 is NaN, and NaN compares as false: a panel has a gap, an alert is silent. In an
aggregation, one NaN makes the whole sum NaN.

    sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))

Instead: leave out what is zero, or put a least value in its place.

    sum(rate(errors_total[5m])) / (sum(rate(requests_total[5m])) > 0)
    sum(rate(errors_total[5m])) / clamp_min(sum(rate(requests_total[5m])), 1)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import promql_parser

from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["division_by_zero"]

Expr: TypeAlias = promql_parser.Expr

_COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})


@check(Severity.WARNING, peers=("pint: promql/nan",))
def division_by_zero(expression: Expression) -> Iterator[str]:
    """Look at the right side of each `/` and `%`."""
    for division in expression.nodes:
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
