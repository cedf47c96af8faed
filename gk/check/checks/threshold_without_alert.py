"""A panel draws a threshold, and no alert watches its query.

Problem: the line says that the value matters, but somebody has to look at the panel to notice.

    timeseries("Queue", queue.length, thresholds={1000: "red"})

Instead: write the alert. gk then draws its value by itself.

    alert("QueueIsLong", queue.length > 1000)
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.alert_bounds import on_panel
from gk.check.parts.panels import DEFAULT_BOUND, bounds, draws_bounds
from gk.check.subjects import Panel

__all__ = ["threshold_without_alert"]


@check(Severity.INFO, is_policy=True)
def threshold_without_alert(panel: Panel) -> Iterator[str]:
    """Look at panels with thresholds that somebody set."""
    drawn = bounds(panel) if panel.queries and draws_bounds(panel) else []
    if not drawn or drawn == [DEFAULT_BOUND]:
        return
    if not on_panel(panel, [query.promql.expr for query in panel.queries]):
        shown = ", ".join(f"{value:g}" for value in drawn)
        yield f"draws {shown}, and no alert watches its queries; write one"
