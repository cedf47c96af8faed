"""What an alert's expression compares with what, and the windows that an expression looks back
over."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import promql_parser

from gk.check.subjects import Rule
from gk.promql.syntax import within

__all__ = [
    "Comparison",
    "Window",
    "comparison_of",
    "number_of",
    "spelled",
    "text_of",
    "tree_of",
    "windows_of",
]

Expr: TypeAlias = promql_parser.Expr

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_SECONDS = 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition `left operator bound`, where the bound is a number."""

    left: str
    operator: str
    bound: float

    @property
    def is_upper(self) -> bool:
        """Whether it holds above the bound."""
        return self.operator.startswith(">")

    @property
    def is_lower(self) -> bool:
        """Whether it holds below the bound."""
        return self.operator.startswith("<")

    def implies(self, other: Comparison) -> bool:
        """Whether the other one holds wherever this one does."""
        if self.left != other.left:
            return False
        if self.is_upper and other.is_upper:
            return self.bound > other.bound or (
                self.bound == other.bound and (self.operator == ">" or other.operator == ">=")
            )
        if self.is_lower and other.is_lower:
            return self.bound < other.bound or (
                self.bound == other.bound and (self.operator == "<" or other.operator == "<=")
            )
        return (self.operator, self.bound) == (other.operator, other.bound)


def tree_of(rule: Rule) -> Expr | None:
    """The parsed expression of a rule that has only one query in PromQL."""
    return rule.queries[0].expression.tree if len(rule.queries) == 1 else None


def comparison_of(expr: Expr | None) -> Comparison | None:
    """The comparison that an expression is as a whole; None for any other."""
    expr = _bare(expr)
    if not isinstance(expr, promql_parser.BinaryExpr) or str(expr.op) not in _MIRRORED:
        return None
    if expr.modifier and expr.modifier.return_bool:
        return None
    operator = str(expr.op)
    if (bound := number_of(expr.rhs)) is not None:
        return Comparison(text_of(expr.lhs), operator, bound)
    if (bound := number_of(expr.lhs)) is not None:
        return Comparison(text_of(expr.rhs), _MIRRORED[operator], bound)
    return None


def _bare(expr: Expr | None) -> Expr | None:
    while isinstance(expr, promql_parser.ParenExpr):
        expr = expr.expr
    return expr


def number_of(expr: Expr) -> float | None:
    """The value of a number, or of arithmetic with numbers."""
    bare = _bare(expr)
    if isinstance(bare, promql_parser.NumberLiteral):
        return float(bare.val)
    if isinstance(bare, promql_parser.UnaryExpr):
        value = number_of(bare.expr)
        return None if value is None else -value
    if not isinstance(bare, promql_parser.BinaryExpr):
        return None
    left, right = number_of(bare.lhs), number_of(bare.rhs)
    if left is None or right is None:
        return None
    return _result(str(bare.op), left, right)


def _result(operator: str, left: float, right: float) -> float | None:
    if operator == "/" and right:
        return left / right
    if operator in ("+", "-", "*"):
        return {"+": left + right, "-": left - right, "*": left * right}[operator]
    if operator == "^" and abs(right) <= 64 and left > 0:
        return math.pow(left, right)
    return None


def text_of(expr: Expr) -> str:
    """An expression as one text, the same however it was written."""
    bare = _bare(expr)
    return " ".join(str(bare.prettify()).split()) if bare else ""


@dataclass(frozen=True, slots=True)
class Window:
    """A range over which a function looks back, in milliseconds, and what it looks at."""

    function: str
    milliseconds: int
    series: str
    is_subquery: bool = False

    def __str__(self) -> str:
        return spelled(self.milliseconds)


def windows_of(expr: Expr | None) -> Iterator[Window]:
    """The ranges in an expression."""
    for call in within(expr) if expr else ():
        if isinstance(call, promql_parser.Call):
            for argument in map(_bare, call.args):
                if isinstance(argument, promql_parser.MatrixSelector):
                    name = argument.vector_selector.name or ""
                    yield Window(call.func.name, _length(argument.range), name)
                elif isinstance(argument, promql_parser.SubqueryExpr):
                    yield Window(call.func.name, _length(argument.range), "", True)


def _length(range_: object) -> int:
    seconds = getattr(range_, "total_seconds", None)
    return int(seconds() * _SECONDS) if callable(seconds) else 0


def spelled(milliseconds: int) -> str:
    """A duration as Prometheus writes it, in one unit: 90s."""
    for unit, length in (("d", 86400000), ("h", 3600000), ("m", 60000), ("s", 1000)):
        if milliseconds and milliseconds % length == 0:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"
