"""Where panels lie and how they are called: grid positions and ids.

Ids come from titles and not from the order, so a link to a panel survives that another one is put before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gk.panels import Notes

__all__ = ["assign_ids", "flatten", "lay_out"]

COLUMNS = 24
DEFAULT_SIZE = (12, 8)
MAX_ID = 2**31 - 1

Panel = dict[str, Any]


def flatten(panels: Sequence[Panel]) -> list[Panel]:
    """Panels as Grafana nests them: a collapsed row holds its panels, an expanded one is followed by them."""
    flat: list[Panel] = []
    for panel in panels:
        inside = panel.get("panels", []) if panel.get("type") == "row" else []
        flat.append(panel)
        if inside and not panel.get("collapsed"):
            panel["panels"] = []
            flat.extend(inside)
    return flat


def lay_out(panels: Sequence[Panel], notes: Mapping[int, Notes]) -> None:
    """Give each panel without a position one: left to right, top to bottom, below what came before."""
    flow = _Flow()
    for panel in panels:
        flow.place(panel, notes.get(id(panel)))
        for inside in panel.get("panels", ()):
            flow.place(inside, notes.get(id(inside)))
        if panel.get("panels"):
            # Inside a collapsed row positions go on from the row's; what follows the row starts right below it.
            flow.restart(panel["gridPos"]["y"] + 1)


class _Flow:
    """The cursor of the layout: `y` is the top of the current line, `bottom` of its tallest panel."""

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
        self.restart(y + 1)

    def _flow_in(self, panel: Panel, notes: Notes | None) -> None:
        width, height = (notes.width, notes.height) if notes else DEFAULT_SIZE
        if self.x + width > COLUMNS:
            self.restart(self.bottom)
        panel["gridPos"] = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.x += width
        self.bottom = max(self.bottom, self.y + height)


def _is_placed(panel: Panel) -> bool:
    position = panel.get("gridPos")
    return isinstance(position, dict) and position.keys() >= {"x", "y", "w", "h"}


def assign_ids(panels: Sequence[Panel], notes: Mapping[int, Notes]) -> None:
    """Give each panel without an id, or with one that an earlier panel has, an id made from its key.

    The key is the one given, or the title; among panels of one title, the later ones add the title of their row and,
    where that is not enough, a count.
    """
    taken: set[int] = set()
    for panel, _ in _with_rows(panels):
        if isinstance(panel.get("id"), int) and 0 < panel["id"] <= MAX_ID and panel["id"] not in taken:
            taken.add(panel["id"])
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
    return f"row {panel.get('title', '')}" if panel.get("type") == "row" else str(panel.get("title", ""))


def _unused(key: str, row: str, keys: set[str]) -> str:
    candidate = key if key not in keys else f"{row}/{key}"
    count = 2
    while candidate in keys:
        candidate, count = f"{row}/{key}/{count}", count + 1
    keys.add(candidate)
    return candidate


def _id_of(key: str, taken: set[int]) -> int:
    number = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    while number % MAX_ID + 1 in taken:
        number += 1
    return number % MAX_ID + 1
