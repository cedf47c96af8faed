"""The grid of a dashboard: which panels are on it together, and where each is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gk.check.subjects import Dashboard, Panel
from gk.documents.parts import dicts, finite, path
from gk.documents.rows import COLUMNS
from gk.documents.shapes import Json

__all__ = ["Area", "area", "sections"]


class Area(NamedTuple):
    """The cells of a panel: its left column, its top, its width and its height."""

    x: float
    y: float
    w: float
    h: float

    def overlaps(self, other: Area) -> bool:
        """Whether both have a cell."""
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )

    @property
    def is_on_grid(self) -> bool:
        """Whether all of it is."""
        return (
            self.x >= 0 and self.y >= 0 and self.w > 0 and self.h > 0 and self.x + self.w <= COLUMNS
        )


def area(panel: Json) -> Area | None:
    """The area of a panel; None without a complete position."""
    values = [finite(path(panel, "gridPos").get(key)) for key in "xywh"]
    if any(value is None for value in values):
        return None
    return Area(*(value for value in values if value is not None))


def sections(dashboard: Dashboard) -> Iterator[tuple[Panel | None, list[Panel]]]:
    """Each row, and the panels in it: those inside a collapsed one, and those after an open one.
    The panels before the first row have none."""
    inside = {id(inner) for panel in dashboard.panels for inner in dicts(panel.body, "panels")}
    row: Panel | None = None
    own: list[Panel] = []
    for panel in dashboard.panels:
        if panel.is_row and id(panel.body) not in inside:
            if row or own:
                yield row, own
            row, own = panel, []
        else:
            own.append(panel)
    if row or own:
        yield row, own
