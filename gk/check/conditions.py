"""What an alert's expression compares with what, and the windows that an expression looks back
over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import promql_parser

from gk.check.subjects import Rule
from gk.check.trees import Expr, bare, compares, constant, text_of
from gk.promql.syntax import within

__all__ = [
    "Comparison",
    "Window",
    "comparison_of",
    "spelled",
    "tree_of",
    "windows_of",
]

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
    expr = bare(expr) if expr else None
    if not isinstance(expr, promql_parser.BinaryExpr) or not compares(expr):
        return None
    operator = str(expr.op)
    if (bound := constant(expr.rhs)) is not None:
        return Comparison(text_of(expr.lhs), operator, bound)
    if (bound := constant(expr.lhs)) is not None:
        return Comparison(text_of(expr.rhs), _MIRRORED[operator], bound)
    return None


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
            for argument in map(bare, call.args):
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
