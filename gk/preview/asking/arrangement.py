"""Where a dashboard has its panels, as it is written: rows, tabs and grids, before anything is
repeated or hidden."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gk.documents.parts import dicts, finite, path
from gk.documents.rows import COLUMNS
from gk.documents.schema_v2 import LISTED
from gk.documents.shapes import Json
from gk.preview.asking.document import DEEPEST, Document
from gk.preview.model import SectionKind

__all__ = ["Item", "Part", "Repeat", "arranged"]

_TALLEST = 200
"""Lines of the grid that a panel has at most."""
_LOWEST = 100_000
"""The greatest `y` of a panel."""
_PER_ROW = 4
"""How many copies of a panel Grafana puts beside each other (DashboardModel at v9.3.2)."""
_CELL_HEIGHT = 38
"""Pixels of a line of the grid, with its gap."""
# AutoGridLayoutManager at 12.4: 168, 320 and 512 pixels.
_HEIGHTS = {"short": 168, "standard": 320, "tall": 512}


@dataclass(frozen=True, slots=True)
class Repeat:
    """The variable for whose values something is repeated; copies of a panel are below each other,
    or as many as `per_row` beside each other."""

    variable: str
    is_vertical: bool = False
    per_row: int = _PER_ROW


@dataclass(frozen=True, eq=False)
class Item:
    """A panel on the grid of its part. `rules` is the group of conditions under which it shows."""

    panel: Json
    x: int = 0
    y: int = 0
    w: int = COLUMNS
    h: int = 9
    repeat: Repeat | None = None
    rules: Json = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Part:
    """A row, a tab, or what is outside of them. If it has `columns`, its items follow each other in
    so many."""

    title: str = ""
    kind: SectionKind = SectionKind.PLAIN
    is_folded: bool = False
    items: Sequence[Item] = ()
    parts: Sequence[Part] = ()
    repeat: str = ""
    rules: Json = field(default_factory=dict)
    columns: int = 0


def arranged(document: Document) -> list[Part]:
    """The parts of a dashboard."""
    if document.layout:
        return list(_of_layout(document.layout, document.elements, 0))
    return list(_of_panels(dicts(document.body, "panels")))


# Classic dashboards


def _of_panels(panels: Sequence[Json]) -> Iterator[Part]:
    """What follows a row is in it, unless it is folded: then it has its panels itself."""
    ordered = sorted(panels, key=_position)
    row: Json | None = None
    inside: list[Json] = []
    for panel in ordered:
        if panel.get("type") != "row":
            inside.append(panel)
            continue
        yield from _of_row(row, inside)
        row, inside = panel, dicts(panel, "panels")
        if row.get("collapsed"):
            yield from _of_row(row, inside)
            row, inside = None, []
    yield from _of_row(row, inside)


def _of_row(row: Json | None, inside: Sequence[Json]) -> Iterator[Part]:
    items = [_item(panel) for panel in inside if panel.get("type") != "row"]
    if row is None:
        if items:
            yield Part(items=items)
        return
    yield Part(
        str(row.get("title") or ""),
        SectionKind.ROW,
        bool(row.get("collapsed")),
        items,
        repeat=_name(row.get("repeat")),
    )


def _item(panel: Json) -> Item:
    place = path(panel, "gridPos")
    width = _whole(place.get("w"), 6, 1, COLUMNS)
    name = _name(panel.get("repeat"))
    repeat = Repeat(
        name,
        panel.get("repeatDirection") == "v",
        _whole(panel.get("maxPerRow"), _PER_ROW, 1, COLUMNS),
    )
    return Item(
        panel,
        _whole(place.get("x"), 0, 0, COLUMNS - width),
        _whole(place.get("y"), 0, 0, _LOWEST),
        width,
        _whole(place.get("h"), 3, 1, _TALLEST),
        repeat if name else None,
    )


def _position(panel: Json) -> tuple[float, float]:
    place = path(panel, "gridPos")
    y, x = (finite(place.get(key)) or 0 for key in "yx")
    return y, x


def _name(given: object) -> str:
    """The name of a variable; empty without one."""
    return given if isinstance(given, str) else ""


def _whole(given: object, default: int, low: int, high: int) -> int:
    number = finite(given)
    return default if number is None else int(max(low, min(number, high)))


# Layouts of schema v2


def _of_layout(layout: Json, elements: Mapping[str, Json], depth: int) -> Iterator[Part]:
    kind, spec = layout.get("kind"), path(layout, "spec")
    if depth > DEEPEST:
        return
    if kind == "GridLayout":
        items = [placed for item in dicts(spec, "items") if (placed := _in_grid(item, elements))]
        yield Part(items=items)
    elif kind == "AutoGridLayout":
        yield _automatic(spec, elements)
    elif kind in ("RowsLayout", "TabsLayout"):
        for part in dicts(spec, LISTED[kind]):
            yield _of_part(path(part, "spec"), kind == "TabsLayout", elements, depth)


def _of_part(spec: Json, is_tab: bool, elements: Mapping[str, Json], depth: int) -> Part:
    inside = list(_of_layout(path(spec, "layout"), elements, depth + 1))
    items: Sequence[Item] = ()
    columns = 0
    # A row or a tab that has one grid is that grid with a title.
    if len(inside) == 1 and inside[0].kind is SectionKind.PLAIN and not inside[0].rules:
        (grid,) = inside
        items, inside, columns = grid.items, list(grid.parts), grid.columns
    has_header = is_tab or not spec.get("hideHeader")
    kind = SectionKind.TAB if is_tab else SectionKind.ROW
    return Part(
        str(spec.get("title") or "") if has_header else "",
        kind if has_header else SectionKind.PLAIN,
        bool(spec.get("collapse")) and has_header and not is_tab,
        items,
        inside,
        _name(path(spec, "repeat").get("value")),
        path(spec, "conditionalRendering"),
        columns,
    )


def _in_grid(item: Json, elements: Mapping[str, Json]) -> Item | None:
    spec = path(item, "spec")
    panel = _element(spec, elements)
    if panel is None:
        return None
    width = _whole(spec.get("width"), 6, 1, COLUMNS)
    return Item(
        panel,
        _whole(spec.get("x"), 0, 0, COLUMNS - width),
        _whole(spec.get("y"), 0, 0, _LOWEST),
        width,
        _whole(spec.get("height"), 3, 1, _TALLEST),
        _repeat(path(spec, "repeat")),
        path(spec, "conditionalRendering"),
    )


def _automatic(spec: Json, elements: Mapping[str, Json]) -> Part:
    columns = _whole(spec.get("maxColumnCount"), 3, 1, COLUMNS)
    mode = spec.get("rowHeightMode")
    pixels = _HEIGHTS.get(str(mode), _HEIGHTS["standard"])
    if mode == "custom":
        pixels = _whole(spec.get("rowHeight"), pixels, _CELL_HEIGHT, _CELL_HEIGHT * _TALLEST)
    height = math.ceil(pixels / _CELL_HEIGHT)
    items = []
    for item in dicts(spec, "items"):
        own = path(item, "spec")
        if panel := _element(own, elements):
            repeat, rules = _repeat(path(own, "repeat")), path(own, "conditionalRendering")
            items.append(Item(panel, 0, 0, COLUMNS // columns, height, repeat, rules))
    return Part(items=items, columns=columns)


def _element(spec: Json, elements: Mapping[str, Json]) -> Json | None:
    return elements.get(str(path(spec, "element").get("name")))


def _repeat(given: Json) -> Repeat | None:
    name = _name(given.get("value"))
    per_row = _whole(given.get("maxPerRow"), _PER_ROW, 1, COLUMNS)
    return Repeat(name, given.get("direction") == "v", per_row) if name else None
