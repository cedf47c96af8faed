"""Parts of a parsed expression: calls, operations, numbers, what contains a part, and its text."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

import promql_parser
from promql_parser import AggregateExpr, BinaryExpr, Call, LabelModifierType, Matcher, MatchOp

from gk.forms import cut
from gk.promql.syntax import children

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "FILTERS",
    "Expr",
    "aggregations",
    "bare",
    "calls",
    "compared_labels",
    "compares",
    "constant",
    "holds",
    "located",
    "matcher_text",
    "number",
    "operations",
    "operator_of",
    "selector_in",
    "shown",
    "text_of",
    "written",
]

Expr: TypeAlias = promql_parser.Expr

COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})
FILTERS = COMPARISONS | {"and", "unless"}
"""Operators whose result has values of the left side only, unless it is compared with `bool`."""
ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "atan2"})
_LONGEST = 80
"""Characters of an expression in a message."""


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


def constant(expr: Expr) -> float | None:
    """The value of a number, or of arithmetic with numbers: `24 * 60`."""
    expr = bare(expr)
    if isinstance(expr, promql_parser.UnaryExpr):
        value = constant(expr.expr)
        return None if value is None else -value
    if not isinstance(expr, BinaryExpr):
        return number(expr)
    left, right = constant(expr.lhs), constant(expr.rhs)
    if left is None or right is None:
        return None
    return _result(str(expr.op), left, right)


def _result(operator: str, left: float, right: float) -> float | None:
    if operator == "/" and right:
        return left / right
    if operator in ("+", "-", "*"):
        return {"+": left + right, "-": left - right, "*": left * right}[operator]
    if operator == "^" and abs(right) <= 64 and left > 0:
        return math.pow(left, right)
    return None


_OPERATORS = (
    (MatchOp.Equal, "="),
    (MatchOp.NotEqual, "!="),
    (MatchOp.Re, "=~"),
    (MatchOp.NotRe, "!~"),
)


def operator_of(matcher: Matcher) -> str:
    """The operator of a matcher, as in PromQL."""
    # These values cannot be keys.
    return next(text for operator, text in _OPERATORS if operator == matcher.op)


def matcher_text(matcher: Matcher) -> str:
    """A matcher in a message: a backslash in its value is one, as its author means it."""
    return f'{matcher.name}{operator_of(matcher)}"{matcher.value}"'


def compares(expr: Expr) -> bool:
    """Whether the expression is a comparison that leaves out series, not one with `bool`."""
    return (
        isinstance(expr, BinaryExpr)
        and str(expr.op) in COMPARISONS
        and not (expr.modifier and expr.modifier.return_bool)
    )


def holds(left: float, operator: str, right: float) -> bool:
    """Whether a comparison of two numbers is true."""
    return {
        ">": left > right,
        ">=": left >= right,
        "<": left < right,
        "<=": left <= right,
        "==": left == right,
        "!=": left != right,
    }[operator]


def compared_labels(expr: BinaryExpr) -> Callable[[str], bool]:
    """Whether an operation compares a label of its two sides."""
    matching = expr.modifier.matching if expr.modifier else None
    if matching is None:
        return lambda name: True
    named = frozenset(matching.labels or [])
    if matching.type == LabelModifierType.Include:
        return lambda name: name in named
    return lambda name: name not in named


def written(expr: Expr) -> str:
    """An expression as PromQL that a server understands."""
    # str() loses a backslash of each escaped one (promql-parser 0.12).
    return str(expr.prettify())


def text_of(expr: Expr) -> str:
    """An expression as one text, the same however it was written."""
    return " ".join(written(bare(expr)).split())


def shown(expr: Expr, otherwise: str = "") -> str:
    """An expression in a message: of a long one other words, or else its beginning."""
    text = " ".join(written(expr).split()).replace("( ", "(").replace(" )", ")")
    return otherwise if otherwise and len(text) > _LONGEST else cut(text, _LONGEST)
