"""The labels that the series of a result can have, by what its expression says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import promql_parser
from promql_parser import AggModifierType, LabelModifierType, VectorMatchCardinality

from gk.check.expressions.trees import Expr, selector_in

__all__ = ["ABSENT", "KEEP_SERIES", "Labels", "is_scalar", "labels_of"]

Labels: TypeAlias = "frozenset[str] | None"
"""The labels that a result can have; None if the series decide."""

KEEP_SERIES = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
"""The aggregations that choose series, and keep all labels of those that they choose."""
_WITHOUT_LABELS = frozenset({"vector", "time", "scalar", "pi"})
ABSENT = frozenset({"absent", "absent_over_time"})


def labels_of(expr: Expr) -> Labels:
    """The labels that each series of the result may have."""
    if isinstance(expr, promql_parser.AggregateExpr):
        return _of_aggregation(expr)
    if isinstance(expr, promql_parser.BinaryExpr):
        return _of_operation(expr)
    if isinstance(expr, promql_parser.Call):
        return _of_call(expr)
    if isinstance(
        expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)
    ):
        return labels_of(expr.expr)
    if isinstance(expr, (promql_parser.NumberLiteral, promql_parser.StringLiteral)):
        return frozenset()
    return None


def _of_aggregation(expr: promql_parser.AggregateExpr) -> Labels:
    if str(expr.op) in KEEP_SERIES:
        return labels_of(expr.expr)
    modifier = expr.modifier
    named = modifier.labels or [] if modifier else []
    # count_values puts each value into the label that its parameter names.
    added = (
        frozenset({expr.param.val})
        if isinstance(expr.param, promql_parser.StringLiteral)
        else frozenset()
    )
    if modifier is None:
        return added
    if modifier.type == AggModifierType.By:
        return _only(labels_of(expr.expr), named) | added
    return _less(labels_of(expr.expr), named)


def _of_operation(expr: promql_parser.BinaryExpr) -> Labels:
    left, right, modifier, operator = (
        labels_of(expr.lhs),
        labels_of(expr.rhs),
        expr.modifier,
        str(expr.op),
    )
    if operator in ("and", "unless") or is_scalar(expr.rhs):
        return left
    if operator == "or":
        # The second stands in for the first where that is missing, mostly with fewer labels.
        return None if left is None or right is None else left | right
    if is_scalar(expr.lhs):
        return right
    if modifier is None:
        return _both(left, right)
    if modifier.card == VectorMatchCardinality.ManyToOne:
        return None if left is None else left | frozenset(modifier.group_labels or [])
    if modifier.card == VectorMatchCardinality.OneToMany:
        return None if right is None else right | frozenset(modifier.group_labels or [])
    if modifier.matching is None:
        return _both(left, right)
    named = modifier.matching.labels or []
    if modifier.matching.type == LabelModifierType.Include:
        return _only(_both(left, right), named)
    return _less(left, named)


def _of_call(expr: promql_parser.Call) -> Labels:
    name = expr.func.name
    if name in _WITHOUT_LABELS:
        return frozenset()
    if name in ABSENT:
        return frozenset(_of_absent(expr))
    vectors = [argument for argument in expr.args if not is_scalar(argument)]
    labels = labels_of(vectors[0]) if vectors else frozenset()
    if name == "histogram_quantile":
        return _less(labels, ["le"])
    # info() adds those of other series.
    if name == "info":
        return None
    if name == "histogram_quantiles" and labels is not None:
        return (labels - {"le"}) | _text(expr.args[1])
    if name in ("label_replace", "label_join") and labels is not None:
        return labels | _text(expr.args[1])
    return labels


def _of_absent(call: promql_parser.Call) -> Iterator[str]:
    """The labels that absent() gives its result: those of the selector's matchers with `=`, unless
    there are several for a label. Those of any other expression are gone."""
    selector = selector_in(call.args[0])
    matchers = selector.matchers.matchers if selector else []
    names = [matcher.name for matcher in matchers]
    for matcher in matchers:
        if matcher.op == promql_parser.MatchOp.Equal and names.count(matcher.name) == 1:
            yield matcher.name


def _text(expr: Expr) -> frozenset[str]:
    return frozenset({expr.val} if isinstance(expr, promql_parser.StringLiteral) else ())


def is_scalar(expr: Expr) -> bool:
    """Whether the expression is a number or a text, which has no labels to match."""
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr)):
        return is_scalar(expr.expr)
    if isinstance(expr, promql_parser.BinaryExpr):
        return is_scalar(expr.lhs) and is_scalar(expr.rhs)
    if isinstance(expr, promql_parser.Call):
        return expr.func.name in ("time", "scalar", "pi")
    return isinstance(expr, (promql_parser.NumberLiteral, promql_parser.StringLiteral))


def _only(labels: Labels, kept: Iterable[str]) -> frozenset[str]:
    return frozenset(kept) if labels is None else labels & frozenset(kept)


def _less(labels: Labels, dropped: Iterable[str]) -> Labels:
    return None if labels is None else labels - frozenset(dropped)


def _both(left: Labels, right: Labels) -> Labels:
    if left is None or right is None:
        return left if right is None else right
    return left & right
