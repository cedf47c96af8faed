"""Where a classic dashboard, which has one grid, shows the panels of a layout of schema v2.

Tabs become rows, and automatic grids get the positions that Grafana computes for them
(apps/dashboard/pkg/migration/conversion/v2_to_v1_layout_conversion.md at 12.4). What one grid
cannot say is listed by its path.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gk.documents.parts import dicts, path
from gk.documents.rows import COLUMNS
from gk.documents.schema_v2.words import REPEAT
from gk.documents.shapes import Json

__all__ = ["Placed", "placed", "ruling_variables"]

_CELL_HEIGHT = 38
"""Pixels of a grid row, with its margin."""
_ROW_HEIGHTS = {"short": 5, "standard": 9, "tall": 14}
"""The height of an automatic grid's panels, in grid rows, by its `rowHeightMode`."""


class Placed(NamedTuple):
    """The classic panels of a layout, rows among them, and the paths of what they lost."""

    panels: list[Json]
    lost: list[str]


def placed(layout: Json, panel_of: Callable[[str], Json | None]) -> Placed:
    """Place the panels of a layout.

    `panel_of` returns the classic panel of an element's name, None without one. Raises ValueError
    for a layout that is malformed, or names an element that does not exist.
    """
    grid = _Layout(panel_of)
    return Placed(grid.panels(layout, "layout", 0), grid.lost)


def ruling_variables(layout: Json) -> dict[str, set[str]]:
    """The variables whose values decide what is shown: by the title of a row or a tab, and by the
    name of a panel's element."""
    by_name: dict[str, set[str]] = defaultdict(set)
    spec = path(layout, "spec")
    for part in (inner for key in ("rows", "tabs", "items") for inner in dicts(spec, key)):
        own = path(part, "spec")
        name = path(own, "element").get("name") or own.get("title")
        for rule in dicts(path(own, "conditionalRendering", "spec"), "items"):
            if variable := path(rule, "spec").get("variable"):
                by_name[str(name)].add(str(variable))
        for inner, variables in ruling_variables(path(own, "layout")).items():
            by_name[inner] |= variables
    return by_name


class _Layout:
    """Places elements on one grid, and collects what that loses."""

    def __init__(self, panel_of: Callable[[str], Json | None]) -> None:
        self._panel_of = panel_of
        self.lost: list[str] = []

    def panels(self, layout: Json, where: str, top: int) -> list[Json]:
        """The panels of a layout of any kind, from the line `top` of the grid on."""
        spec = path(layout, "spec")
        match layout.get("kind"):
            case "GridLayout":
                return [
                    self._panel(item, f"{where}.spec.items[{index}]", top)
                    for index, item in enumerate(dicts(spec, "items"))
                ]
            case "AutoGridLayout":
                return list(self._automatic(spec, where, top))
            case "RowsLayout":
                return list(self._rows(dicts(spec, "rows"), f"{where}.spec.rows", top))
            case "TabsLayout":
                return list(self._rows(dicts(spec, "tabs"), f"{where}.spec.tabs", top))
        kind = layout.get("kind")
        raise ValueError(f"{where}.kind is {kind!r}, which is not a layout of v2beta1 or v2")

    def _panel(self, item: Json, where: str, top: int) -> Json:
        spec = path(item, "spec")
        panel = self._element(spec, where)
        x, y, width, height = (spec.get(key, 0) for key in ("x", "y", "width", "height"))
        panel["gridPos"] = {"x": x, "y": top + y, "w": width, "h": height}
        return panel | _repeat(path(spec, "repeat"))

    def _element(self, spec: Json, where: str) -> Json:
        name = path(spec, "element").get("name")
        panel = self._panel_of(str(name))
        if panel is None:
            raise ValueError(f"{where} shows the element '{name}', which does not exist")
        self._lose(spec, where)
        return dict(panel)

    def _automatic(self, spec: Json, where: str, top: int) -> Iterator[Json]:
        # The default of dashboard_spec.cue.
        columns = int(spec.get("maxColumnCount") or 3)
        width, height = COLUMNS // columns, _row_height(spec)
        x, y = 0, top
        for index, item in enumerate(dicts(spec, "items")):
            own = path(item, "spec")
            panel = self._element(own, f"{where}.spec.items[{index}]")
            panel["gridPos"] = {"x": x, "y": y, "w": width, "h": height}
            if repeat := path(own, "repeat"):
                panel |= _repeat({**repeat, "maxPerRow": columns})
            yield panel
            x += width
            if x >= COLUMNS:
                x, y = 0, y + height

    def _rows(self, rows: Sequence[Json], where: str, top: int) -> Iterator[Json]:
        for index, row in enumerate(rows):
            spec, place = path(row, "spec"), f"{where}[{index}]"
            self._lose(spec, place)
            # Nobody could open a row that has no header: its panels are beside the others.
            has_header = not spec.get("hideHeader")
            inside = self.panels(
                path(spec, "layout"), f"{place}.spec.layout", top + int(has_header)
            )
            is_collapsed = bool(spec.get("collapse")) and has_header
            if has_header:
                yield _row(spec, top, list(_without_rows(inside)) if is_collapsed else [])
                top += 1
            if not is_collapsed:
                yield from inside
                top = max([top, *map(_bottom, inside)])

    def _lose(self, spec: Json, where: str) -> None:
        for key in ("conditionalRendering", "variables"):
            if spec.get(key):
                self.lost.append(f"{where}.spec.{key}")


def _row_height(spec: Json) -> int:
    if spec.get("rowHeightMode") == "custom" and spec.get("rowHeight"):
        return math.ceil(float(spec["rowHeight"]) / _CELL_HEIGHT)
    return _ROW_HEIGHTS.get(str(spec.get("rowHeightMode")), _ROW_HEIGHTS["standard"])


def _row(spec: Json, top: int, inside: list[Json]) -> Json:
    row: Json = {
        "type": "row",
        "title": spec.get("title", ""),
        "collapsed": bool(spec.get("collapse")),
        "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
        "panels": inside,
    }
    repeat = path(spec, "repeat").get("value")
    return {**row, "repeat": repeat} if repeat else row


def _without_rows(panels: Sequence[Json]) -> Iterator[Json]:
    """The panels of a collapsed row, in which the classic form has no other rows."""
    for panel in panels:
        if panel.get("type") != "row":
            yield panel
        yield from _without_rows(dicts(panel, "panels"))


def _bottom(panel: Json) -> int:
    place = panel["gridPos"]
    return int(place["y"] + place["h"])


def _repeat(given: Json) -> Json:
    return {old: given[key] for key, old in REPEAT.items() if given.get(key)}
