"""A panel leaves the grid, or has no size.

Problem: the grid has 24 columns. Grafana moves or narrows the panel, and others may move, too.

    {"gridPos": {"x": 16, "y": 0, "w": 12, "h": 8}}

Instead: keep x + w at 24 or below.

    {"gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.grid import area
from gk.check.subjects import Panel
from gk.documents.parts import every_panel, path
from gk.documents.rows import COLUMNS
from gk.documents.shapes import Json

__all__ = ["panel_off_grid"]


def _fix(body: Json) -> Iterator[str]:
    """Move a panel to the left, as Grafana does, if it is not wider than the grid."""
    for panel in every_panel(body):
        own = area(panel)
        if own and not own.is_on_grid and 0 < own.w <= COLUMNS < own.x + own.w and own.h > 0:
            x = COLUMNS - math.ceil(own.w)
            yield f"panel '{panel.get('title', '')}': x {own.x:g} -> {x}"
            path(panel, "gridPos")["x"] = x


@check(Severity.WARNING, fix=_fix)
def panel_off_grid(panel: Panel) -> Iterator[str]:
    """Look at the place of each panel."""
    own = area(panel.body)
    # Automatic grids of schema v2 place their panels by themselves.
    if own is None or own.is_on_grid or panel.dashboard.is_v2:
        return
    if own.w <= 0 or own.h <= 0:
        yield f"is {own.w:g} wide and {own.h:g} high, so nobody can see it; give it a size"
    elif own.x + own.w > COLUMNS:
        yield f"ends at column {own.x + own.w:g} of {COLUMNS}; move it, or make it narrower"
    else:
        yield f"is at x={own.x:g}, y={own.y:g}, outside of the grid; move it"
