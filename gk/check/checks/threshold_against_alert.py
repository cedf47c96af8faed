"""A panel draws a threshold for a query, and an alert on the same query fires at another value.

Problem: the line says that all is well, and the alert fires, or the reverse.

    timeseries("CPU", node.cpu_busy, thresholds={0.8: "red"})
    alert("CPUBusy", node.cpu_busy > 0.9)

Instead: use the alert's value. Without thresholds of its own, gk draws the alert's.

    timeseries("CPU", node.cpu_busy)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gk.check.model import Severity, check
from gk.check.parts.alert_bounds import Bound, on_panel
from gk.check.parts.panels import DEFAULT_BOUND, bounds, draws_bounds
from gk.check.subjects import Panel

__all__ = ["threshold_against_alert"]


@check(Severity.WARNING)
def threshold_against_alert(panel: Panel) -> Iterator[str]:
    """Look at panels of one query with thresholds."""
    if len(panel.queries) != 1 or not draws_bounds(panel):
        return
    drawn = bounds(panel)
    if not drawn or drawn == [DEFAULT_BOUND]:
        return
    fires_at = on_panel(panel, [panel.queries[0].promql.expr])
    if fires_at and not any(_is_drawn(bound, drawn) for bound in fires_at):
        shown = ", ".join(f"{value:g}" for value in drawn)
        alert, operator, value = fires_at[0]
        yield f"draws {shown}, but alert '{alert}' fires at {operator} {value:g}; use its value"


def _is_drawn(bound: Bound, drawn: Sequence[float]) -> bool:
    """Whether the colour changes where the alert begins to fire. A step at 1 begins at 1; of what
    is counted, that is where `> 0` begins."""
    next_number = bound.value + 1 if float(bound.value).is_integer() else bound.value
    return bound.value in drawn or next_number in drawn
