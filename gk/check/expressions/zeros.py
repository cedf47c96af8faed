"""Whether a value can be zero, by what its expression says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import promql_parser

from gk.check.expressions.trees import COMPARISONS, Expr, compares, holds
from gk.promql.syntax import within

__all__ = ["is_not_zero", "is_zero_at_times", "poisoned"]

_POISONED = frozenset({"sum", "avg", "stddev", "stdvar"})
# Zero while nothing happens.
_OF_CHANGES = frozenset(
    {"rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets"}
)
_RECORDED_CHANGES = re.compile(r":(?:i?rate|increase)[0-9]*")


def poisoned(nodes: Iterable[Expr]) -> Iterator[tuple[str, Expr]]:
    """The aggregations that one NaN makes NaN, each with a divisor in it that may be zero."""
    for aggregation in nodes:
        if isinstance(aggregation, promql_parser.AggregateExpr):
            operator = str(aggregation.op)
            for divisor in _divisors(aggregation.expr) if operator in _POISONED else ():
                yield operator, divisor


def _divisors(expr: Expr) -> Iterator[Expr]:
    """The divisors in an aggregation that may be zero, without those of comparisons, which drop
    NaN, and of inner aggregations, which are looked at by themselves."""
    left = [expr]
    while left:
        inner = left.pop()
        if isinstance(inner, promql_parser.ParenExpr):
            left.append(inner.expr)
        elif isinstance(inner, promql_parser.BinaryExpr) and str(inner.op) in "+-*/":
            left += [inner.lhs, inner.rhs]
            if str(inner.op) == "/" and not is_not_zero(inner.rhs) and is_zero_at_times(inner.rhs):
                yield inner.rhs


def is_zero_at_times(expr: Expr) -> bool:
    """Whether the result is a change or a difference, which is zero while nothing happens. What
    else may be zero, its name does not say."""
    return any(_is_change(inner) for inner in within(expr))


def _is_change(expr: Expr) -> bool:
    if isinstance(expr, promql_parser.Call):
        return expr.func.name in _OF_CHANGES
    if isinstance(expr, promql_parser.VectorSelector):
        return bool(_RECORDED_CHANGES.search(expr.name or ""))
    if isinstance(expr, promql_parser.BinaryExpr):
        numbers = (expr.lhs, expr.rhs)
        return str(expr.op) == "-" and not any(
            isinstance(number, promql_parser.NumberLiteral) for number in numbers
        )
    return isinstance(expr, promql_parser.NumberLiteral) and not expr.val


def is_not_zero(expr: Expr) -> bool:
    """Whether no value of the result can be zero, by what the expression itself says."""
    if isinstance(expr, promql_parser.NumberLiteral):
        return bool(expr.val)
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr)):
        return is_not_zero(expr.expr)
    if isinstance(expr, promql_parser.AggregateExpr):
        return str(expr.op) in ("count", "group") or (
            str(expr.op) != "count_values" and is_not_zero(expr.expr)
        )
    if isinstance(expr, promql_parser.Call):
        return _is_not_zero_call(expr)
    return isinstance(expr, promql_parser.BinaryExpr) and _is_not_zero_operation(expr)


def _is_not_zero_call(call: promql_parser.Call) -> bool:
    name, arguments = call.func.name, call.args
    if name in ("clamp_min", "clamp"):
        # Of both, the second argument is the lower limit.
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
    ) and is_not_zero(arguments[0])


def _is_not_zero_operation(expr: promql_parser.BinaryExpr) -> bool:
    operator = str(expr.op)
    if operator in COMPARISONS:
        bound = expr.rhs.val if isinstance(expr.rhs, promql_parser.NumberLiteral) else None
        return compares(expr) and bound is not None and not holds(0, operator, bound)
    if operator in ("and", "unless"):
        return is_not_zero(expr.lhs)
    # A sum of two numbers that are not zero is taken for one more: in practice both count
    # something.
    return (
        operator in ("or", "*", "/", "+", "^") and is_not_zero(expr.lhs) and is_not_zero(expr.rhs)
    )
