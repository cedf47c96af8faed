"""Parts of a parsed expression: calls, operations, and what contains a part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

import promql_parser
from promql_parser import AggregateExpr, BinaryExpr, Call, LabelModifierType

from gk.promql.syntax import children

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "Expr",
    "aggregations",
    "bare",
    "calls",
    "compared_labels",
    "compares",
    "located",
    "matcher_text",
    "number",
    "operations",
    "selector_in",
    "shown",
]

Expr: TypeAlias = promql_parser.Expr

COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})
ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "atan2"})
_LONGEST = 80


def located(tree: Expr) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """Every part of a tree with what contains it, the outermost first; from the outside in."""
    left: list[tuple[Expr, tuple[Expr, ...]]] = [(tree, ())]
    while left:
        part, around = left.pop()
        yield part, around
        left += reversed([(child, (*around, part)) for child in children(part)])


def calls(parts: Iterable[Expr], names: Collection[str]) -> Iterator[Call]:
    """The calls of some functions."""
    for part in parts:
        if isinstance(part, Call) and part.func.name in names:
            yield part


def aggregations(parts: Iterable[Expr], operators: Collection[str]) -> Iterator[AggregateExpr]:
    """The aggregations with some operators."""
    for part in parts:
        if isinstance(part, AggregateExpr) and str(part.op) in operators:
            yield part


def operations(parts: Iterable[Expr], operators: Collection[str]) -> Iterator[BinaryExpr]:
    """The operations with two sides."""
    for part in parts:
        if isinstance(part, BinaryExpr) and str(part.op) in operators:
            yield part


def bare(expr: Expr) -> Expr:
    """An expression without the parentheses around it."""
    while isinstance(expr, promql_parser.ParenExpr):
        expr = expr.expr
    return expr


def selector_in(expr: Expr) -> promql_parser.VectorSelector | None:
    """The selector that an argument is, with or without a range; None for anything else."""
    expr = bare(expr)
    if isinstance(expr, promql_parser.MatrixSelector):
        return expr.vector_selector
    return expr if isinstance(expr, promql_parser.VectorSelector) else None


def number(expr: Expr | None) -> float | None:
    """The value of a literal number."""
    expr = bare(expr) if expr else None
    if isinstance(expr, promql_parser.UnaryExpr):
        value = number(expr.expr)
        return None if value is None else -value
    return float(expr.val) if isinstance(expr, promql_parser.NumberLiteral) else None


_OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


def matcher_text(matcher: promql_parser.Matcher) -> str:
    """A matcher as in PromQL."""
    return f'{matcher.name}{_OPERATORS[str(matcher.op)]}"{matcher.value}"'


def compares(expr: Expr) -> bool:
    """Whether the expression is a comparison that leaves out series, not one with `bool`."""
    return (
        isinstance(expr, BinaryExpr)
        and str(expr.op) in COMPARISONS
        and not (expr.modifier and expr.modifier.return_bool)
    )


def compared_labels(expr: BinaryExpr) -> Callable[[str], bool]:
    """Whether an operation compares a label of its two sides."""
    matching = expr.modifier.matching if expr.modifier else None
    if matching is None:
        return lambda name: True
    named = frozenset(matching.labels or [])
    if matching.type == LabelModifierType.Include:
        return lambda name: name in named
    return lambda name: name not in named


def shown(expr: Expr, otherwise: str) -> str:
    """The text of a short expression; of a longer one, other words."""
    text = " ".join(str(expr.prettify()).split()).replace("( ", "(").replace(" )", ")")
    return text if len(text) < _LONGEST else otherwise
