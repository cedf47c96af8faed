"""What an alert's expression compares with what."""

from __future__ import annotations

from dataclasses import dataclass

import promql_parser

from gk.check.expressions.trees import Expr, bare, compares, constant, text_of
from gk.check.subjects import Rule

__all__ = ["Comparison", "comparison_of", "tree_of"]

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}


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
