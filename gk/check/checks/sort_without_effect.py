"""sort() has no effect here: only the result of an instant query has an order.

Problem: a graph is a range query, whose series Prometheus orders by their labels. An aggregation or
an operation around sort() loses the order, too.

    timeseries("Jobs", "sort_desc(sum by (job) (up))")

Instead: sort the legend of the panel, or use an instant query in a table.

    timeseries(
        "Jobs", "sum by (job) (up)", legend="table", legend_values=["last"], legend_sort="Last"
    )

Prometheus 3 answers such a range query with a warning, which `--live` shows (prometheus-warning).
https://prometheus.io/docs/prometheus/latest/querying/functions/#sort
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import AggregateExpr, BinaryExpr, Call

from gk.check.expressions.labels import is_scalar
from gk.check.expressions.trees import Expr
from gk.check.model import Severity, check
from gk.check.subjects import Query

__all__ = ["sort_without_effect"]

_SORT = frozenset({"sort", "sort_by_label", "sort_by_label_desc", "sort_desc"})


@check(Severity.INFO)
def sort_without_effect(query: Query) -> Iterator[str]:
    """Look at where each sort() is."""
    if "sort" not in query.promql.expr:
        return
    for part, around in query.expression.located:
        if not isinstance(part, Call) or part.func.name not in _SORT:
            continue
        outer = next(filter(_forgets, around), None)
        if isinstance(outer, (AggregateExpr, BinaryExpr)):
            yield f"{part.func.name}() inside of '{outer.op}' has no effect; remove it"
        elif query.rule is not None:
            yield f"{part.func.name}() has no effect in a rule; remove it"
        # Queries of tables and variables may be instant.
        elif query.panel is not None and not query.target.get("instant"):
            yield f"{part.func.name}() has no effect in a range query; sort the legend or the table"


def _forgets(outer: Expr) -> bool:
    """Whether it loses the order of its series."""
    if isinstance(outer, BinaryExpr):
        return not is_scalar(outer.lhs) and not is_scalar(outer.rhs)
    return isinstance(outer, AggregateExpr)
