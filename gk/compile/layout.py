"""Gives panels their grid positions and ids.

Ids are made from titles, not from the order, so a link to a panel still works after another panel
is put before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from gk.compile.panel import Panel
from gk.documents.rows import COLUMNS

__all__ = ["Flow", "laid_out", "with_ids"]

DEFAULT_SIZE = (12, 8)
MAX_ID = 2**31 - 1

Position = dict[str, int]


def laid_out(panels: Sequence[Panel]) -> list[Panel]:
    """Give each panel a position: left to right, top to bottom, below the panels before it."""
    flow = Flow()
    return [_placed(panel, flow) for panel in panels]


def _placed(panel: Panel, flow: Flow) -> Panel:
    position = flow.place(panel)
    if not panel.inside:
        return panel.but(gridPos=position)
    # Inside a collapsed row, positions continue from the row's. The next panel after the row starts
    # right below it.
    below = flow.bottom
    inside = [inner.but(gridPos=flow.place(inner)) for inner in panel.inside]
    flow.restart(below)
    return panel.but(gridPos=position, inside=inside)


class Flow:
    """The cursor of the layout: `y` is the top of the current line, `bottom` the bottom of its
    tallest panel."""

    def __init__(self) -> None:
        self.x = self.y = self.bottom = 0

    def place(self, panel: Panel) -> Position:
        """Return the panel's position and move the cursor past it."""
        given: Position = panel.document.get("gridPos", {})
        if "x" not in given and given.keys() >= {"y", "w", "h"}:
            given = {**given, "x": 0}
        is_placed = given.keys() >= {"x", "y", "w", "h"}
        if panel.is_row:
            y = given["y"] if is_placed else self.bottom
            self.restart(max(self.bottom, y + 1))
            return {"x": 0, "y": y, "w": COLUMNS, "h": 1}
        if not is_placed:
            notes = panel.notes
            return self._flow_in(*((notes.width, notes.height) if notes else _size(given)))
        self.restart(max(self.bottom, given["y"] + given["h"]))
        return given

    def restart(self, y: int) -> None:
        """Continue at the left edge, below `y`."""
        self.x, self.y, self.bottom = 0, y, y

    def _flow_in(self, width: int, height: int) -> Position:
        if self.x + width > COLUMNS:
            self.restart(self.bottom)
        position = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.x += width
        self.bottom = max(self.bottom, self.y + height)
        return position


def _size(given: Position) -> tuple[int, int]:
    """Width and height of a panel without a full position."""
    width, height = given.get("w", DEFAULT_SIZE[0]), given.get("h", DEFAULT_SIZE[1])
    return max(1, min(COLUMNS, width)), max(1, height)


def with_ids(panels: Sequence[Panel]) -> list[Panel]:
    """Give an id to each panel that has none, or the id of an earlier panel.

    The id is made from the key if there is one, otherwise from the title. If several panels have
    the same title, the later ones add the title of their row and, if necessary, a count.
    """
    ids = iter(_ids(panels))
    return [
        panel.but(id=next(ids), inside=[inner.but(id=next(ids)) for inner in panel.inside])
        for panel in panels
    ]


def _ids(panels: Sequence[Panel]) -> list[int]:
    """The ids of the panels and of those inside rows, in order."""
    taken: set[int] = set()
    # Collect all given ids first: a made id must not equal one of them.
    kept = [_kept(panel.document.get("id"), taken) for panel, _ in _with_rows(panels)]
    keys: set[str] = set()
    return [
        # A panel with a given id leaves its key to the next panel of that title.
        given or _id_of(_unused(_key(panel), row, keys), taken)
        for given, (panel, row) in zip(kept, _with_rows(panels), strict=True)
    ]


def _kept(given: object, taken: set[int]) -> int | None:
    if type(given) is not int or not 0 < given <= MAX_ID or given in taken:
        return None
    taken.add(given)
    return given


def _with_rows(panels: Sequence[Panel]) -> Iterator[tuple[Panel, str]]:
    row = ""
    for panel in panels:
        if panel.is_row:
            row = panel.title
        yield panel, row
        for inner in panel.inside:
            yield inner, row


def _key(panel: Panel) -> str:
    if panel.notes and panel.notes.key:
        return panel.notes.key
    # A row and a panel often share a title.
    return f"row {panel.title}" if panel.is_row else panel.title


def _unused(key: str, row: str, keys: set[str]) -> str:
    candidate = key if key not in keys else f"{row}/{key}"
    count = 2
    while candidate in keys:
        candidate, count = f"{row}/{key}/{count}", count + 1
    keys.add(candidate)
    return candidate


def _id_of(key: str, taken: set[int]) -> int:
    number = int.from_bytes(
        hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big"
    )
    while number % MAX_ID + 1 in taken:
        number += 1
    taken.add(number % MAX_ID + 1)
    return number % MAX_ID + 1
