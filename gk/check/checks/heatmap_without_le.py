"""A heatmap of buckets has one row, because the aggregation dropped their bounds.

Problem: each bucket of a histogram is a row of the heatmap, and `le` tells them apart.

    heatmap("Durations", "sum(rate(http_request_seconds_bucket[$__rate_interval]))")

Instead: keep `le`.

    heatmap("Durations", "sum by (le) (rate(http_request_seconds_bucket[$__rate_interval]))")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.labels import labels_of
from gk.check.model import Severity, check
from gk.check.subjects import Query

__all__ = ["heatmap_without_le"]


@check(Severity.ERROR)
def heatmap_without_le(query: Query) -> Iterator[str]:
    """Look at the queries of heatmaps."""
    if query.panel is None or query.panel.type != "heatmap" or "_bucket" not in query.promql.expr:
        return
    tree = query.expression.tree
    known = labels_of(tree) if tree else None
    if tree is None or known is None or "le" in known or "histogram_" in query.promql.expr:
        return
    if all((selector.name or "").endswith("_bucket") for selector in query.expression.selectors):
        yield "draws buckets without 'le' as one row; add le to by (...)"
