"""A query groups or matches by a label that an inner aggregation has dropped.

Problem: sum() has dropped all labels but `job`, so there is one group with an empty `pod`, and
nothing to copy `team` from.

    max by (pod) (sum by (job) (up))
    up * on (job) group_left (team) sum by (job) (owner)

Instead: keep the label inside, or do not name it.

    max by (pod) (sum by (job, pod) (up))
    up * on (job) group_left (team) sum by (job, team) (owner)
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    LabelModifierType,
    VectorMatchCardinality,
)

from gk.check.expressions.labels import labels_of
from gk.check.expressions.trees import shown
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["lost_label"]


@check(Severity.WARNING, peers=("pint: promql/impossible",))
def lost_label(expression: Expression) -> Iterator[str]:
    """Look at the labels that aggregations and operations name."""
    for part in expression.nodes:
        if isinstance(part, AggregateExpr):
            yield from _of_aggregation(part)
        elif isinstance(part, BinaryExpr):
            yield from _of_named(part)


def _of_aggregation(expr: AggregateExpr) -> Iterator[str]:
    inner = labels_of(expr.expr)
    if inner is None or expr.modifier is None or expr.modifier.type != AggModifierType.By:
        return
    for name in expr.modifier.labels or []:
        if name not in inner:
            yield (
                f"{expr.op} by ({name}): {shown(expr.expr, 'the expression in it')} has no such "
                "label; keep it there, or do not group by it"
            )


def _of_named(expr: BinaryExpr) -> Iterator[str]:
    """Labels of on() that no side has, and of group_left() that the other side lacks."""
    modifier = expr.modifier
    # `or on ()` matches nothing: it adds what the left side lacks.
    if modifier is None or str(expr.op) == "or":
        return
    left, right = labels_of(expr.lhs), labels_of(expr.rhs)
    if modifier.matching and modifier.matching.type == LabelModifierType.Include:
        for name in modifier.matching.labels or []:
            if left is not None and right is not None and name not in left | right:
                yield f"on ({name}): neither side has this label; keep it in the aggregations"
    word, one = (
        ("group_left", right)
        if modifier.card == VectorMatchCardinality.ManyToOne
        else ("group_right", left)
    )
    for name in modifier.group_labels or []:
        if one is not None and name not in one:
            yield f"{word} ({name}): the side it is copied from has no such label; keep it there"
