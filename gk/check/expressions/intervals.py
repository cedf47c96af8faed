"""The range of values that a result may have, by what its expression says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import promql_parser
from promql_parser import AggregateExpr, BinaryExpr, Call

from gk.check.expressions.trees import COMPARISONS, Expr, compares, number

__all__ = ["Interval", "interval_of"]


@dataclass(frozen=True, slots=True)
class Interval:
    """Values from `least` to `most`, without these two if it `excludes_limits`."""

    least: float = -math.inf
    most: float = math.inf
    excludes_limits: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether it has one value."""
        return self.least == self.most

    def overlaps(self, other: Interval) -> bool:
        """Whether some value may be in both."""
        return self.least <= other.most and other.least <= self.most

    def excludes(self, other: Interval) -> bool:
        """Whether no value is in both."""
        touches = self.least == other.most or other.least == self.most
        is_open = self.excludes_limits or other.excludes_limits
        return not self.overlaps(other) or (touches and is_open)

    def joined(self, other: Interval) -> Interval:
        """The values of either."""
        return Interval(min(self.least, other.least), max(self.most, other.most))

    def __str__(self) -> str:
        if self.is_constant:
            return f"always {self.least:g}"
        if self.least == -math.inf:
            return f"at most {self.most:g}"
        return (
            f"at least {self.least:g}"
            if self.most == math.inf
            else f"from {self.least:g} to {self.most:g}"
        )


ANY = Interval()
_FROM_ZERO = Interval(0)
_ONE = Interval(1, 1)
_OF_CALLS = {
    "absent": _ONE,
    "absent_over_time": _ONE,
    "present_over_time": _ONE,
    "count_over_time": Interval(1),
    "changes": _FROM_ZERO,
    "resets": _FROM_ZERO,
    "rate": _FROM_ZERO,
    "irate": _FROM_ZERO,
    "increase": _FROM_ZERO,
    "abs": _FROM_ZERO,
    "sqrt": _FROM_ZERO,
    "exp": _FROM_ZERO,
    "stddev_over_time": _FROM_ZERO,
    "stdvar_over_time": _FROM_ZERO,
    "sgn": Interval(-1, 1),
    "minute": Interval(0, 59),
    "hour": Interval(0, 23),
    "day_of_week": Interval(0, 6),
    "day_of_month": Interval(1, 31),
    "days_in_month": Interval(28, 31),
    "day_of_year": Interval(1, 366),
    "month": Interval(1, 12),
}
_KEEP_VALUES = frozenset(
    {
        "avg_over_time",
        "first_over_time",
        "label_join",
        "label_replace",
        "last_over_time",
        "max_over_time",
        "min_over_time",
        "scalar",
        "sort",
        "sort_by_label",
        "sort_by_label_desc",
        "sort_desc",
        "vector",
    }
)
_OF_AGGREGATIONS = {
    "count": Interval(1),
    "count_values": Interval(1),
    "group": _ONE,
    "stddev": _FROM_ZERO,
    "stdvar": _FROM_ZERO,
}
_KEEP_ALL_VALUES = frozenset({"avg", "bottomk", "limit_ratio", "limitk", "max", "min", "topk"})
# Prometheus makes it: 1 if a scrape succeeded, 0 if not.
_METRICS = {"up": Interval(0, 1), "ALERTS": _ONE}


def interval_of(expr: Expr) -> Interval:
    """The values of the result's series; any if nothing is known."""
    value = number(expr)
    if value is not None:
        return ANY if math.isnan(value) else Interval(value, value)
    if isinstance(expr, promql_parser.VectorSelector):
        return _METRICS.get(expr.name or "", ANY)
    if isinstance(expr, promql_parser.MatrixSelector):
        return interval_of(expr.vector_selector)
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.SubqueryExpr)):
        return interval_of(expr.expr)
    if isinstance(expr, promql_parser.UnaryExpr):
        inner = interval_of(expr.expr)
        return Interval(-inner.most, -inner.least)
    if isinstance(expr, AggregateExpr):
        return _of_aggregation(expr)
    if isinstance(expr, Call):
        return _of_call(expr)
    return _of_operation(expr) if isinstance(expr, BinaryExpr) else ANY


def _of_aggregation(expr: AggregateExpr) -> Interval:
    operator = str(expr.op)
    if operator in _KEEP_ALL_VALUES:
        return interval_of(expr.expr)
    if operator != "sum":
        return _OF_AGGREGATIONS.get(operator, ANY)
    inner = interval_of(expr.expr)
    # A sum has at least one part.
    least = inner.least if inner.least >= 0 else -math.inf
    most = inner.most if inner.most <= 0 else math.inf
    return Interval(least, most)


def _of_call(call: Call) -> Interval:
    name = call.func.name
    if name in _KEEP_VALUES:
        return interval_of(call.args[0])
    if name in ("clamp_min", "clamp_max", "clamp"):
        return _clamped(call)
    return _OF_CALLS.get(name, ANY)


def _clamped(call: Call) -> Interval:
    limits = [number(argument) for argument in call.args[1:]]
    inner = interval_of(call.args[0])
    if None in limits:
        return ANY
    least = limits[0] if call.func.name != "clamp_max" else None
    most = limits[-1] if call.func.name != "clamp_min" else None
    clamped = Interval(
        inner.least if least is None else max(least, inner.least),
        inner.most if most is None else min(most, inner.most),
    )
    return clamped if clamped.least <= clamped.most else ANY


def _of_operation(expr: BinaryExpr) -> Interval:
    operator = str(expr.op)
    if operator in COMPARISONS:
        return _compared(expr) if compares(expr) else Interval(0, 1)
    left, right = interval_of(expr.lhs), interval_of(expr.rhs)
    if operator in ("and", "unless"):
        return left
    if operator == "or":
        return left.joined(right)
    if operator in ("+", "-"):
        if operator == "-":
            right = Interval(-right.most, -right.least)
        least, most = left.least + right.least, left.most + right.most
        # Inf - Inf.
        return ANY if math.isnan(least + most) else Interval(least, most)
    if operator in ("*", "/") and right.is_constant and 0 < right.least < math.inf:
        factor = right.least if operator == "*" else 1 / right.least
        return Interval(left.least * factor, left.most * factor)
    if operator == "*" and left.is_constant and 0 < left.least < math.inf:
        return Interval(right.least * left.least, right.most * left.least)
    if operator in ("*", "/") and left.least >= 0 and right.least >= 0:
        return _FROM_ZERO
    return ANY


def _compared(expr: BinaryExpr) -> Interval:
    """The values that pass a comparison with a constant."""
    inner, limit = interval_of(expr.lhs), interval_of(expr.rhs)
    operator = str(expr.op)
    if not limit.is_constant:
        return inner
    if operator in (">", ">="):
        both = Interval(max(inner.least, limit.least), inner.most, operator == ">")
    elif operator in ("<", "<="):
        both = Interval(inner.least, min(inner.most, limit.least), operator == "<")
    elif operator == "==":
        both = limit
    else:
        return inner
    return both if both.least <= both.most else inner
