"""The queries of a panel: which panels have any, and their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gk.documents.parts import path
from gk.documents.references import is_prometheus
from gk.documents.shapes import Json

__all__ = ["SHOWS_DATA", "WITHOUT_DATA", "lacks_query", "number"]

WITHOUT_DATA = frozenset(
    {"row", "text", "alertlist", "dashlist", "news", "welcome", "gettingstarted"}
)
"""Types of panels for which a data source means nothing, though Grafana writes one for these, too.
Since 13, a text panel may have queries."""

SHOWS_DATA = frozenset(
    {
        "barchart", "bargauge", "candlestick", "flamegraph", "gauge", "graph", "heatmap",
        "histogram", "logs", "nodeGraph", "piechart", "stat", "state-timeline", "status-history",
        "table", "table-old", "timeseries", "traces", "trend", "xychart",
    }
)  # fmt: skip
"""Grafana's own types of panels that are empty without a query."""


def lacks_query(panel: Json) -> bool:
    """Whether a panel of Prometheus, or of no data source, is empty for want of a query."""
    for target in panel.get("targets") or ():
        if str(target.get("expr", "")).strip() or not is_prometheus(target):
            return False
    if panel.get("type") not in SHOWS_DATA or "libraryPanel" in panel or "snapshotData" in panel:
        return False
    # It shows this text.
    has_text = path(panel, "fieldConfig", "defaults").get("noValue")
    return not has_text and ("datasource" not in panel or is_prometheus(panel))


def number(targets: Sequence[Json]) -> None:
    """Give the next free letter to each target without a refId, or with the refId of an earlier
    target."""
    taken: set[str] = set()
    for target in targets:
        if not target.get("refId") or target["refId"] in taken:
            target.pop("refId", None)
        else:
            taken.add(target["refId"])
    free = (letter for letter in _letters() if letter not in taken)
    for target in targets:
        if "refId" not in target:
            target["refId"] = next(free)


def _letters() -> Iterator[str]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from alphabet
    for first in alphabet:
        for second in alphabet:
            yield first + second
