"""Pictures of a dashboard before and after: the panels on their grid, and what happened to each.

A picture is data: positions in grid cells and in pixels, and words. Documents may be malformed:
invalid positions count as missing, and sizes are limited so that no picture grows without end.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Change, Edit, Mark, Part
from gk.documents.parts import dicts
from gk.documents.rows import COLUMNS
from gk.documents.schema_v2 import LISTED, inside, is_in_parts, placed
from gk.forms.plurals import counted
from gk.resource import Kind

__all__ = ["Drawn", "Fate", "Picture", "pictures"]

_CELL = 10
"""Pixels of a cell's height; most panels are 8 cells high."""
_ROW = 22
"""Pixels of a row. It is one cell high in Grafana, but its title has to fit."""
_LOW = 4
"""Up to this many cells, a panel has room for one line of its title only."""
_HIGHEST, _LOWEST = 200, 3000
"""Limits of a panel's height and position, in cells."""
_USUAL = (12, 8)
"""Width and height of a panel without a size."""
_MOST_FIELDS = 5
_BARS = ("row", "tab")
_PLACING = frozenset((Code.MOVED, Code.SIZE, Code.ROW))


class Fate(Enum):
    """What happened to a panel; the value is a sign that needs no colour."""

    ADDED = "+"
    REMOVED = "\N{MINUS SIGN}"
    CHANGED = "~"
    MOVED = "\N{RIGHTWARDS ARROW OVER LEFTWARDS ARROW}"
    UNCHANGED = ""

    @property
    def word(self) -> str:
        """Its name in a sentence."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel or a row in a picture: columns from the left, pixels from the top.

    `part` is the part of the change that describes it, or None. `fields` lists what changed:
    `query A, unit`.
    """

    title: str
    type: str
    fate: Fate
    x: int
    w: int
    top: int
    height: int
    part: Part | None = None
    fields: str = ""
    is_shut: bool = False
    """A collapsed row: its panels are hidden."""

    @property
    def is_row(self) -> bool:
        """Whether it is a row or a tab: a bar across the dashboard."""
        return self.type in _BARS

    @property
    def is_low(self) -> bool:
        """Whether it has room for one line of its title only."""
        return self.height <= _LOW * _CELL

    @property
    def words(self) -> str:
        """Its full description, in two lines."""
        is_said = self.fields in ("", self.fate.word)
        became = self.fate.word if is_said else f"{self.fate.word}: {self.fields}"
        return f"{self.title}\n{self.type}, {became}"


@dataclass(frozen=True, slots=True)
class Picture:
    """One side of a dashboard: `caption` says which, `height` is in pixels."""

    caption: str
    panels: tuple[Drawn, ...]
    height: int


def pictures(change: Change) -> tuple[Picture, ...]:
    """The pictures of a dashboard: before and after, or only one of them. None if the documents
    have no panels."""
    if change.kind is not Kind.DASHBOARD:
        return ()
    sides = [_laid_out(body) for body in (change.old, change.new)]
    drawn = []
    for index, caption in enumerate(("Before", "After")):
        if sides[index] or (sides[1 - index] and (change.old, change.new)[index] is not None):
            drawn.append(_picture(caption, sides[index], _Parts(change, index)))
    return tuple(drawn)


# Where panels lie


@dataclass(frozen=True, slots=True)
class _Laid:
    """A panel at its position, in cells. A collapsed row contains its panels."""

    body: Mapping[str, Any]
    place: tuple[int, int, int, int]
    inside: tuple[_Laid, ...] = ()

    @property
    def is_row(self) -> bool:
        return _is_bar(self.body)

    @property
    def type(self) -> str:
        return str(self.body.get("type") or "panel")

    @property
    def name(self) -> str:
        library = self.body.get("libraryPanel")
        named = library.get("name") if isinstance(library, Mapping) else ""
        return str(self.body.get("title") or named or f"{self.type} without a title")

    @property
    def id(self) -> str:
        return str(self.body.get("id", ""))


def _laid_out(body: Any) -> list[_Laid]:
    bottom = 0
    laid = []
    for panel in _panels(body) if isinstance(body, dict) else ():
        place = _place(panel, bottom)
        bottom = max(bottom, place[1] + place[3])
        inside = tuple(_Laid(inner, _place(inner, 0)) for inner in dicts(panel, "panels"))
        laid.append(_Laid(panel, place, inside))
    return laid


def _panels(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels and rows of a dashboard on one grid. Tabs are drawn below each other."""
    if not is_in_parts(body):
        return dicts(body, "panels")
    elements = {panel["element"]: panel for panel in body["panels"]}
    return list(_stacked(body["layout"], elements, 0, "layout"))


def _stacked(
    layout: dict[str, Any], elements: Mapping[str, dict[str, Any]], top: int, where: str
) -> Iterator[dict[str, Any]]:
    """What is in a layout of schema v2, from the line `top` on: each bar before its panels. The id
    of a bar is the path of its part."""
    if layout["kind"] not in ("RowsLayout", "TabsLayout"):
        for panel in placed(layout, elements.get).panels:
            place = panel["gridPos"]
            yield {**panel, "gridPos": {**place, "y": place["y"] + top}}
        return
    for index, part in enumerate(inside(layout)):
        spec, path = part["spec"], f"{where}.spec.{LISTED[layout['kind']]}[{index}]"
        has_bar = not spec.get("hideHeader")
        is_shut = bool(spec.get("collapse")) and has_bar
        held = list(_stacked(spec["layout"], elements, top + int(has_bar), f"{path}.spec.layout"))
        if has_bar:
            kind = "tab" if layout["kind"] == "TabsLayout" else "row"
            bar = {"type": kind, "title": spec.get("title", ""), "gridPos": {"y": top}, "id": path}
            yield {**bar, "panels": list(_without_bars(held)) if is_shut else []}
            top += 1
        if not is_shut:
            yield from held
            top = max([top, *map(_bottom, held)])


def _without_bars(panels: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield from panel["panels"] if _is_bar(panel) else (panel,)


def _is_bar(panel: Mapping[str, Any]) -> bool:
    return panel.get("type") in _BARS


def _bottom(panel: Mapping[str, Any]) -> int:
    place = panel["gridPos"]
    return int(place["y"]) + int(place.get("h", 1))


def _place(panel: Mapping[str, Any], bottom: int) -> tuple[int, int, int, int]:
    """Position and size in cells: x, y, width, height. Without a position, below the panels
    before."""
    place = panel.get("gridPos")
    given = place if isinstance(place, Mapping) else {}
    if _is_bar(panel):
        return 0, _cells(given.get("y"), bottom, 0, _LOWEST), COLUMNS, 1
    x = _cells(given.get("x"), 0, 0, COLUMNS - 1)
    w = _cells(given.get("w"), _USUAL[0], 1, COLUMNS - x)
    return (
        x,
        _cells(given.get("y"), bottom, 0, _LOWEST),
        w,
        _cells(given.get("h"), _USUAL[1], 1, _HIGHEST),
    )


def _cells(value: Any, otherwise: int, least: int, most: int) -> int:
    # math.isfinite raises OverflowError for an int that is too large for a float.
    is_number = math.isfinite(value) if isinstance(value, float) else type(value) is int
    return int(max(least, min(most, value if is_number else otherwise)))


# What became of them


class _Parts:
    """The parts of a change by the panels of one side. A panel without a part is unchanged, even at
    another position: it only made room for others."""

    def __init__(self, change: Change, side: int) -> None:
        absent = (Mark.ADDED, Mark.REMOVED)[side]
        parts = [
            part
            for part in change.parts
            if part.kind in ("panel", *_BARS) and part.mark is not absent
        ]
        self._by_id = {
            (part.kind in _BARS, part.ids[side]): part for part in parts if part.ids[side]
        }
        self._by_name = {
            (part.kind in _BARS, part.name): part for part in parts if not part.ids[side]
        }
        self._whole = {Mark.ADDED: Fate.ADDED, Mark.REMOVED: Fate.REMOVED}.get(change.mark)

    def of(self, panel: _Laid) -> tuple[Fate, Part | None]:
        """What happened to a panel, and the part that describes it."""
        part = self._by_id.get((panel.is_row, panel.id)) if panel.id else None
        part = part or self._by_name.get((panel.is_row, panel.name))
        if part:
            return _fate(part), part
        return self._whole or Fate.UNCHANGED, None


def _fate(part: Part) -> Fate:
    if part.mark is not Mark.CHANGED:
        return Fate[part.mark.name] if part.mark.name in Fate.__members__ else Fate.UNCHANGED
    return Fate.MOVED if {edit.code for edit in part.edits} <= _PLACING else Fate.CHANGED


# The picture


def _picture(caption: str, panels: Iterable[_Laid], parts: _Parts) -> Picture:
    laid = list(panels)
    rows = sorted(panel.place[1] for panel in laid if panel.is_row)
    # Rows are drawn higher than one cell, which moves everything below them down.
    tops = {
        y: y * _CELL + bisect_left(rows, y) * (_ROW - _CELL)
        for y in {panel.place[1] for panel in laid}
    }
    drawn = tuple(_drawn(panel, tops[panel.place[1]], parts) for panel in laid)
    return Picture(caption, drawn, max((panel.top + panel.height for panel in drawn), default=0))


def _drawn(panel: _Laid, top: int, parts: _Parts) -> Drawn:
    fate, part = parts.of(panel)
    x, _, w, h = panel.place
    fields = _fields(part.edits) if part else ""
    if not panel.is_row:
        return Drawn(panel.name, panel.type, fate, x, w, top, h * _CELL, part, fields)
    inside = [parts.of(inner) for inner in panel.inside]
    # Everything in an added or removed row is new or gone: nothing to count.
    is_whole = fate in (Fate.ADDED, Fate.REMOVED)
    differing = (
        [] if is_whole else [told for fate, told in inside if fate is not Fate.UNCHANGED and told]
    )
    # The panels of a collapsed row are not drawn, so their changes show at the row.
    if differing and part is None:
        fate, part = Fate.CHANGED, differing[0]
    told = [fields, f"{len(differing)} panels inside"] if differing else [fields]
    title = panel.name + _hidden(len(inside), len(differing))
    return Drawn(
        title, panel.type, fate, x, w, top, _ROW, part, ", ".join(filter(None, told)), bool(inside)
    )


def _hidden(panels: int, differing: int) -> str:
    if not panels:
        return ""
    number = counted(panels, "panel")
    return f" ({number}, {differing} changed)" if differing else f" ({number})"


def _fields(edits: Iterable[Edit]) -> str:
    """The changed fields; the tooltip of a panel has room for a few only."""
    fields = list(dict.fromkeys(edit.field for edit in edits))
    more = [f"{len(fields) - _MOST_FIELDS} more"] if len(fields) > _MOST_FIELDS else []
    return ", ".join([*fields[:_MOST_FIELDS], *more])
