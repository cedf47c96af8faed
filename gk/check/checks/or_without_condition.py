"""One side of an alert's `or` is not compared, so the alert fires as long as that side has series.

Problem: `or` binds less tightly than a comparison. Here only `b` is compared, and `a` fires
whatever its value is.

    a or b > 5

Instead: compare both.

    (a or b) > 5
    a > 5 or b > 5
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import BinaryExpr

from gk.check.expressions.trees import Expr, bare, shown, written
from gk.check.model import Severity, check
from gk.check.subjects import Query
from gk.promql.mistakes import fires_always

__all__ = ["or_without_condition"]


@check(Severity.WARNING, peers=("pint: alerts/comparison",))
def or_without_condition(query: Query) -> Iterator[str]:
    """Look at the sides of an alert's outermost `or`."""
    # Grafana's alerts have their comparison apart from the query.
    if query.rule is None or not query.rule.is_alert or query.rule.is_grafanas:
        return
    tree = query.expression.tree
    sides = list(_sides(tree)) if tree and " or " in f" {query.promql.expr} ".lower() else []
    always = [side for side in sides if fires_always(written(side))]
    if always and len(always) < len(sides):
        yield (
            f"{shown(always[0], 'one side of or')} is not compared, so it fires whatever its "
            "value is; compare each side"
        )


def _sides(expr: Expr) -> Iterator[Expr]:
    expr = bare(expr)
    if isinstance(expr, BinaryExpr) and str(expr.op) == "or":
        yield from _sides(expr.lhs)
        yield from _sides(expr.rhs)
    else:
        yield expr
