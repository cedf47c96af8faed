"""Pairs the panels of two dashboards, and tells panels that were moved from panels that only made
room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gk.diff.codes import Code
from gk.diff.model import Edit, Form, Mark, Part
from gk.diff.parts.fields import (
    Json,
    as_list,
    as_mapping,
    edit_of,
    edits,
    one_edit,
    paired,
    removed,
    without,
)
from gk.diff.parts.panel import chief_edits, panel_edits, query_texts
from gk.documents.differences import ABSENT
from gk.matching import increasing

__all__ = ["Panels"]


@dataclass(frozen=True)
class _Panel:
    """A panel or a row at its position. `y` counts from the row that contains the panel; `row` is
    the index of that row, -1 without one."""

    index: int
    body: Json
    x: float
    y: float
    row: int
    row_title: str
    members: tuple[str, ...] = ()
    """The titles of the panels in a row."""

    @property
    def is_row(self) -> bool:
        return self.body.get("type") == "row"

    @property
    def title(self) -> str:
        return str(self.body.get("title", ""))

    @property
    def name(self) -> str:
        return (
            self.title
            or str(as_mapping(self.body.get("libraryPanel")).get("name", ""))
            or f"{self.body.get('type', 'panel')} without a title"
        )

    @property
    def id(self) -> str:
        return str(self.body["id"]) if "id" in self.body else ""

    @property
    def place(self) -> str:
        return f"y {self.y}" if self.is_row else f"x {self.x}, y {self.y}"

    @property
    def size(self) -> str:
        place = self.body.get("gridPos", {})
        return f"{place.get('w', '?')} x {place.get('h', '?')}"


def _panels(body: Json) -> list[_Panel]:
    panels: list[_Panel] = []
    row: _Panel | None = None
    for panel in as_list(body.get("panels")):
        if panel.get("type") == "row":
            place = panel.get("gridPos", {})
            row = _Panel(len(panels), panel, place.get("x", 0), place.get("y", 0), -1, "")
            panels.append(row)
        else:
            panels.append(_inside(panel, row, len(panels)))
        panels += [
            _inside(inner, row, len(panels) + index)
            for index, inner in enumerate(as_list(panel.get("panels")))
        ]
    members: dict[int, list[str]] = {}
    for panel in panels:
        members.setdefault(panel.row, []).append(panel.title)
    return [
        replace(panel, members=tuple(members.get(panel.index, ()))) if panel.is_row else panel
        for panel in panels
    ]


def _inside(panel: Json, row: _Panel | None, index: int) -> _Panel:
    place = panel.get("gridPos", {})
    # Relative to the row, so that panels did not move if their row did.
    y = place.get("y", 0) - (row.y + 1 if row else 0)
    return _Panel(
        index, panel, place.get("x", 0), y, row.index if row else -1, row.title if row else ""
    )


class Panels:
    """The panels of both sides in pairs, and which of them were moved."""

    def __init__(self, old: list[_Panel], new: list[_Panel]) -> None:
        # A panel keeps its id, unless somebody rebuilt the dashboard: then title and queries
        # identify it.
        pairs, self.gone, self.come = paired(
            old,
            new,
            lambda panel: (panel.is_row, panel.id, panel.title) if panel.id else None,
            lambda panel: (
                (panel.id, query_texts(panel.body))
                if panel.id and query_texts(panel.body)
                else None
            ),
            lambda panel: (
                (panel.is_row, panel.title, query_texts(panel.body)) if panel.title else None
            ),
            lambda panel: (panel.is_row, panel.id) if panel.id else None,
            lambda panel: (
                (panel.is_row, panel.title, panel.body.get("type")) if panel.title else None
            ),
            lambda panel: query_texts(panel.body) or None,
            lambda panel: panel.members or None,
            lambda panel: (panel.is_row, panel.title),
        )
        self.pairs = pairs
        self._rows = {before.index: after.index for before, after in pairs if before.is_row} | {
            -1: -1
        }
        # Rows and panels apart: a row that moves takes its panels along.
        placed = [pair for pair in pairs if not pair[0].is_row]
        rows = [pair for pair in pairs if pair[0].is_row]
        self._moved = {*_out_of_order(placed), *_out_of_order(rows)}

    @classmethod
    def of(cls, old: Json, new: Json) -> Panels:
        """The panels of two documents."""
        return cls(_panels(old), _panels(new))

    def parts(self) -> Iterator[Part]:
        """The panels that were changed, added or removed."""
        for before, after in self.pairs:
            if changed := tuple(self._edits(before, after)):
                yield _part(after, Mark.CHANGED, changed, (before.id, after.id))
        for panel in self.come:
            yield _part(panel, Mark.ADDED, tuple(chief_edits(panel.body)), ("", panel.id))
        for panel in self.gone:
            yield _part(
                panel, Mark.REMOVED, tuple(map(removed, chief_edits(panel.body))), (panel.id, "")
            )

    def layout(self) -> Iterator[Edit]:
        """One edit for all panels that only made room for others."""
        made_room = [
            after
            for before, after in self.pairs
            if not after.is_row
            and after.index not in self._moved
            and not self._changed_row(before, after)
            and (before.x, before.y) != (after.x, after.y)
        ]
        if made_room:
            names = ", ".join(f"'{panel.name}'" for panel in made_room[:3])
            more = f" and {len(made_room) - 3} more" if len(made_room) > 3 else ""
            verb = "shifted, in the same order"
            yield edit_of(Code.LAYOUT, ABSENT, f"{names}{more} {verb}", Form.WORDS)

    def _edits(self, before: _Panel, after: _Panel) -> Iterator[Edit]:
        if before.id and after.id:
            # Grafana gives an id to a panel without one.
            yield from one_edit(Code.ID, before.id, after.id, path="id")
        if before.is_row:
            yield from _row_edits(before.body, after.body)
            if after.index in self._moved:
                yield edit_of(Code.MOVED, before.place, after.place, Form.WORDS, "gridPos")
            return
        yield from panel_edits(before.body, after.body)
        yield from one_edit(Code.SIZE, before.size, after.size, Form.WORDS, "gridPos")
        if self._changed_row(before, after):
            titles = before.row_title or "(none)", after.row_title or "(none)"
            yield edit_of(Code.ROW, *titles, Form.WORDS)
        elif after.index in self._moved:
            yield edit_of(Code.MOVED, before.place, after.place, Form.WORDS, "gridPos")

    def _changed_row(self, before: _Panel, after: _Panel) -> bool:
        return not after.is_row and self._rows.get(before.row) != after.row


def _part(panel: _Panel, mark: Mark, changed: tuple[Edit, ...], ids: tuple[str, str]) -> Part:
    return Part("row" if panel.is_row else "panel", panel.name, mark, changed, panel.row_title, ids)


def _out_of_order(pairs: Sequence[tuple[_Panel, _Panel]]) -> Iterator[int]:
    """The new indexes of the fewest panels whose moves explain the new order."""
    # The longest subsequence that keeps its order did not move.
    stay = set(increasing([panel.index for panel, _ in pairs]))
    return (after.index for place, (_, after) in enumerate(pairs) if place not in stay)


def _row_edits(old: Json, new: Json) -> Iterator[Edit]:
    yield from one_edit(
        Code.COLLAPSED, bool(old.get("collapsed")), bool(new.get("collapsed")), path="collapsed"
    )
    apart = ("id", "gridPos", "panels", "collapsed", "type")
    yield from edits(without(old, *apart), without(new, *apart), {"title": Code.TITLE})
