"""Where panels lie and how they are called: grid positions and ids.

Ids come from titles and not from the order, so a link to a panel survives that another one is put
before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gk.define.panels import COLUMNS, Notes

__all__ = ["assign_ids", "lay_out"]

DEFAULT_SIZE = (12, 8)
MAX_ID = 2**31 - 1

Panel = dict[str, Any]


def lay_out(panels: Sequence[Panel], notes: Mapping[int, Notes]) -> None:
    """Give each panel without a position one: left to right, top to bottom, below what came
    before."""
    flow = _Flow()
    for panel in panels:
        flow.place(panel, notes.get(id(panel)))
        if panel.get("panels"):
            # Inside a collapsed row positions go on from the row's; what follows the row starts
            # right below it.
            below = flow.bottom
            for inside in panel["panels"]:
                flow.place(inside, notes.get(id(inside)))
            flow.restart(below)


class _Flow:
    """The cursor of the layout: `y` is the top of the current line, `bottom` of its tallest
    panel."""

    def __init__(self) -> None:
        self.x = self.y = self.bottom = 0

    def place(self, panel: Panel, notes: Notes | None) -> None:
        if panel.get("type") == "row":
            self._place_row(panel)
        elif _is_placed(panel):
            position: dict[str, int] = panel["gridPos"]
            self.restart(max(self.bottom, position["y"] + position["h"]))
        else:
            self._flow_in(panel, notes)

    def restart(self, y: int) -> None:
        self.x, self.y, self.bottom = 0, y, y

    def _place_row(self, panel: Panel) -> None:
        y = panel["gridPos"]["y"] if _is_placed(panel) else self.bottom
        panel["gridPos"] = {"x": 0, "y": y, "w": COLUMNS, "h": 1}
        self.restart(max(self.bottom, y + 1))

    def _flow_in(self, panel: Panel, notes: Notes | None) -> None:
        width, height = (notes.width, notes.height) if notes else _size(panel)
        if self.x + width > COLUMNS:
            self.restart(self.bottom)
        panel["gridPos"] = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.x += width
        self.bottom = max(self.bottom, self.y + height)


def _size(panel: Panel) -> tuple[int, int]:
    """Width and height of a panel that says no more than that, or not even that, of where it
    lies."""
    given = panel.get("gridPos", {})
    width, height = given.get("w", DEFAULT_SIZE[0]), given.get("h", DEFAULT_SIZE[1])
    return max(1, min(COLUMNS, width)), max(1, height)


def _is_placed(panel: Panel) -> bool:
    position: dict[str, int] = panel.get("gridPos", {})
    return position.keys() >= {"x", "y", "w", "h"}


def assign_ids(panels: Sequence[Panel], notes: Mapping[int, Notes]) -> None:
    """Give each panel without an id, or with one that an earlier panel has, an id made from its
    key.

    The key is the one given, or the title; among panels of one title, the later ones add the title
    of their row and, where that is not enough, a count.
    """
    taken: set[int] = set()
    for panel, _ in _with_rows(panels):
        given = panel.get("id")
        if type(given) is int and 0 < given <= MAX_ID and given not in taken:
            taken.add(given)
        else:
            panel.pop("id", None)
    keys: set[str] = set()
    for panel, row in _with_rows(panels):
        if "id" not in panel:
            own = notes.get(id(panel))
            key = _unused(own.key if own and own.key else _key(panel), row, keys)
            panel["id"] = _id_of(key, taken)
            taken.add(panel["id"])


def _with_rows(panels: Sequence[Panel]) -> Iterator[tuple[Panel, str]]:
    row = ""
    for panel in panels:
        if panel.get("type") == "row":
            row = str(panel.get("title", ""))
        yield panel, row
        for inside in panel.get("panels", ()):
            yield inside, row


def _key(panel: Panel) -> str:
    # A row and a panel often share a title.
    return (
        f"row {panel.get('title', '')}"
        if panel.get("type") == "row"
        else str(panel.get("title", ""))
    )


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
    return number % MAX_ID + 1
