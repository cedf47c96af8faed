"""The labels that each series of a result certainly has, and their values if a matcher names them.

`gk.check.expressions.labels` has those that a series may have.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

import promql_parser
from promql_parser import (
    AggModifierType,
    LabelModifierType,
    Matcher,
    MatchOp,
    VectorMatchCardinality,
)

from gk.check.expressions.labels import KEEP_SERIES, is_scalar
from gk.check.expressions.trees import Expr
from gk.check.subjects import Expression

__all__ = ["KnownLabels", "has_known_labels", "known_labels"]

KnownLabels: TypeAlias = "Mapping[str, str | None]"
"""Labels with their values; None if the value is unknown, but not empty."""

# Prometheus adds these to all that it scrapes.
_OF_TARGETS: KnownLabels = {"instance": None, "job": None}
_NOT_SCRAPED = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
# The label of clusters is empty where there is one cluster, and queries name it nevertheless.
_OFTEN_EMPTY = frozenset({"cluster"})
_UNCERTAIN = frozenset({"label_replace", "label_join"})


def has_known_labels(expression: Expression) -> bool:
    """Whether no series of an expression is recorded by the project under a name without a colon:
    it looks as if it were scraped, and may have any labels."""
    records = expression.project.records
    names = {selector.name or "" for selector in expression.selectors} if records else set()
    return not any(name in records and ":" not in name for name in names)


def known_labels(expr: Expr) -> KnownLabels:
    """The labels that each series of the result certainly has."""
    if isinstance(expr, promql_parser.VectorSelector):
        return _of_selector(expr)
    if isinstance(expr, promql_parser.MatrixSelector):
        return _of_selector(expr.vector_selector)
    if isinstance(expr, promql_parser.AggregateExpr):
        return _of_aggregation(expr)
    if isinstance(expr, promql_parser.BinaryExpr):
        return _of_operation(expr)
    if isinstance(expr, promql_parser.Call):
        return _of_call(expr)
    if isinstance(
        expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)
    ):
        return known_labels(expr.expr)
    return {}


def _of_selector(selector: promql_parser.VectorSelector) -> KnownLabels:
    if selector.matchers.or_matchers:
        return {}
    name = selector.name or ""
    is_scraped = bool(name) and ":" not in name and name not in _NOT_SCRAPED
    labels = dict(_OF_TARGETS) if is_scraped else {}
    for matcher in selector.matchers.matchers:
        if matcher.name != "__name__" and _is_certain(matcher):
            labels[matcher.name] = matcher.value if matcher.op == MatchOp.Equal else None
        # Series without the label.
        elif matcher.op == MatchOp.Equal and not matcher.value:
            labels.pop(matcher.name, None)
    return labels


_PLAIN_REGEX = re.compile(r"[\w./:|-]*\w[\w./:|-]*|\.\+")


def _is_certain(matcher: Matcher) -> bool:
    """Whether a matcher excludes series without the label."""
    value = matcher.value
    # The value of a variable may be empty.
    if "$" in value or "[[" in value:
        return False
    if matcher.op == MatchOp.Equal:
        return bool(value)
    if matcher.op == MatchOp.Re:
        return bool(_PLAIN_REGEX.fullmatch(value)) and "" not in value.split("|")
    return matcher.op == MatchOp.NotEqual and not value


def _of_aggregation(expr: promql_parser.AggregateExpr) -> KnownLabels:
    known = known_labels(expr.expr)
    if str(expr.op) in KEEP_SERIES:
        return known
    if expr.modifier is None:
        return {}
    named = expr.modifier.labels or []
    if expr.modifier.type == AggModifierType.Without:
        return _without(known, named)
    # Whoever groups by a label expects it.
    return {name: known.get(name) for name in named if name not in _OFTEN_EMPTY}


def _of_operation(expr: promql_parser.BinaryExpr) -> KnownLabels:
    left, right = known_labels(expr.lhs), known_labels(expr.rhs)
    operator, modifier = str(expr.op), expr.modifier
    if operator == "or":
        both = left.keys() & right.keys()
        return {name: left[name] if left[name] == right[name] else None for name in both}
    if operator in ("and", "unless") or is_scalar(expr.rhs):
        return left
    if is_scalar(expr.lhs):
        return right
    if modifier is None:
        return {**right, **left}
    if modifier.card == VectorMatchCardinality.ManyToOne:
        return _without(left, modifier.group_labels or [])
    if modifier.card == VectorMatchCardinality.OneToMany:
        return _without(right, modifier.group_labels or [])
    if modifier.matching is None:
        return {**right, **left}
    named = modifier.matching.labels or []
    if modifier.matching.type == LabelModifierType.Include:
        return {name: value for name, value in left.items() if name in named}
    return _without(left, named)


def _of_call(expr: promql_parser.Call) -> KnownLabels:
    vectors = [argument for argument in expr.args if not is_scalar(argument)]
    if not vectors or expr.func.name in ("vector", "scalar"):
        return {}
    known = known_labels(vectors[0])
    if expr.func.name in ("absent", "absent_over_time"):
        # Those of the target are there if a matcher names them.
        return {name: value for name, value in known.items() if value is not None}
    if expr.func.name in _UNCERTAIN:
        # A replacement may be empty.
        target = expr.args[1]
        named = [target.val] if isinstance(target, promql_parser.StringLiteral) else list(known)
        return _without(known, named)
    return _without(known, ["le"]) if expr.func.name == "histogram_quantile" else known


def _without(known: KnownLabels, names: Collection[str]) -> KnownLabels:
    return {name: value for name, value in known.items() if name not in names}
