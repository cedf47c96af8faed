"""A graph runs an instant query, so it draws no line.

Problem: an instant query returns each series at the end of the time range only. A time series
panel draws one point at its right edge, or nothing if points are off.

    {"type": "timeseries", "targets": [{"expr": "up", "instant": true}]}

Instead: make it a range query, or show the value in a stat, a gauge or a table.

    timeseries("Up", "up")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import LINES, shown_targets
from gk.check.subjects import Panel
from gk.documents.references import is_prometheus

__all__ = ["instant_query_in_graph"]


@check(Severity.WARNING)
def instant_query_in_graph(panel: Panel) -> Iterator[str]:
    """Look at the queries of graphs."""
    # A transformation may make a series of them, and an old graph has an axis of series.
    if panel.type not in LINES or panel.type == "graph" or panel.body.get("transformations"):
        return
    for target in shown_targets(panel):
        if target.get("instant") is True and not target.get("range") and is_prometheus(target):
            yield (
                f"query {target.get('refId', '')} is an instant query, so it draws no line; "
                "make it a range query, or show it in a stat"
            )
