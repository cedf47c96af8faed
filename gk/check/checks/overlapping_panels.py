"""Two panels are at the same place of the grid.

Problem: Grafana moves one of them, and all panels below it, so the dashboard does not look as its
file says.

    {"gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}}
    {"gridPos": {"x": 6, "y": 0, "w": 12, "h": 8}}

Instead: place them beside each other, or leave the places to gk.

    panels=[timeseries(...), timeseries(...)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.grid import area, sections
from gk.check.subjects import Dashboard, Panel
from gk.errors import Where
from gk.forms.plurals import counted

__all__ = ["overlapping_panels"]


@check(Severity.WARNING)
def overlapping_panels(dashboard: Dashboard) -> Iterator[Found]:
    """Compare the panels of each section; the first pair is told."""
    # Tabs and automatic grids of schema v2 place their panels by themselves.
    every = () if dashboard.is_v2 else sections(dashboard)
    pairs = [pair for _, panels in every for pair in _overlapping(panels)]
    if pairs:
        panel, other = pairs[0]
        more = f", and {counted(len(pairs) - 1, 'more pair')} overlap" if pairs[1:] else ""
        name = f"panel '{other.title}'" if other.title else "a panel without a title"
        yield Found(f"overlaps {name}{more}; move one", Where("panel", panel.title or None))


def _overlapping(panels: Iterable[Panel]) -> Iterator[tuple[Panel, Panel]]:
    """The pairs of panels that overlap, in the order of their tops."""
    placed = [(own, panel) for panel in panels if (own := area(panel.body))]
    placed.sort(key=lambda entry: entry[0].y)
    for number, (own, panel) in enumerate(placed):
        for other, below in placed[number + 1 :]:
            # All that follow begin no higher.
            if other.y >= own.y + own.h:
                break
            if own.overlaps(other):
                yield panel, below
