"""Panels, rows and tabs that are repeated for the values of a variable."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gk.documents.rows import COLUMNS
from gk.documents.shapes import Json
from gk.forms.plurals import counted
from gk.preview.asking.arrangement import Item, Part, Repeat
from gk.preview.asking.grid import Box, cell_of
from gk.preview.model import SectionKind
from gk.prometheus import Resolved

__all__ = ["Area", "Block", "Copy", "Repeated"]

Scope = Mapping[str, str]
"""The values that variables have in a copy, by name."""

MOST_COPIES = 20
"""Copies of one panel, row or tab."""
MOST_PANELS = 1_000
"""Panels of a dashboard, copies among them."""


@dataclass(frozen=True, eq=False)
class Copy:
    """A panel as often as it shows, with the values for which it is repeated."""

    panel: Json
    scope: Scope
    w: int
    h: int


@dataclass(frozen=True, eq=False)
class Block:
    """The copies of a panel, placed in a box of their own; and the conditions of all of them."""

    item: Item
    copies: Sequence[Box[Copy]]
    w: int
    h: int

    @property
    def x(self) -> int:
        """Its column: what is repeated sidewards has the whole width."""
        return min(self.item.x, COLUMNS - self.w)


@dataclass(frozen=True, eq=False)
class Area:
    """A copy of a part."""

    part: Part
    scope: Scope
    blocks: Sequence[Block] = ()
    areas: Sequence[Area] = ()

    @property
    def kind(self) -> SectionKind:
        """Row, tab, or neither."""
        return self.part.kind

    @property
    def copies(self) -> Iterator[Copy]:
        """All panels in it."""
        for block in self.blocks:
            for box in block.copies:
                yield box.value
        for area in self.areas:
            yield from area.copies


@dataclass(eq=False)
class Repeated:
    """Repeats the parts of a dashboard. `left_out` says of which there were too many."""

    resolved: Mapping[str, Resolved]
    left_out: list[str] = field(default_factory=list)
    _panels: int = 0

    def areas(self, parts: Sequence[Part], scope: Scope | None = None) -> list[Area]:
        """The copies of parts, in their order."""
        return [
            self._area(part, inner)
            for part in parts
            for inner in self._scopes(part.repeat, scope or {}, part.title)
        ]

    def _area(self, part: Part, scope: Scope) -> Area:
        blocks = [self._block(item, scope) for item in part.items]
        return Area(
            part,
            scope,
            [block for block in blocks if block.copies],
            self.areas(part.parts, scope),
        )

    def _block(self, item: Item, scope: Scope) -> Block:
        repeat = item.repeat
        if repeat is None:
            copies = self._copies(item, [scope])
            return Block(item, [Box(copy, 0, 0, item.w, item.h) for copy in copies], item.w, item.h)
        title = str(item.panel.get("title") or "")
        copies = self._copies(item, self._scopes(repeat.variable, scope, title))
        # Without a value, a panel has the size that it has without the repetition.
        if len(copies) == 1 and not copies[0].scope.get(repeat.variable):
            return Block(item, [Box(copies[0], 0, 0, item.w, item.h)], item.w, item.h)
        return _below(item, copies) if repeat.is_vertical else _beside(item, copies, repeat)

    def _copies(self, item: Item, scopes: Sequence[Scope]) -> list[Copy]:
        kept = scopes[: max(MOST_PANELS - self._panels, 0)]
        if len(kept) < len(scopes):
            text = f"only the first {counted(MOST_PANELS, 'panel')} are shown"
            if text not in self.left_out:
                self.left_out.append(text)
        self._panels += len(kept)
        return [Copy(item.panel, scope, item.w, item.h) for scope in kept]

    def _scopes(self, variable: str, scope: Scope, title: str) -> list[Scope]:
        """The scopes for each value of a variable; the one there is if it has none."""
        # In a row that is repeated for it, it has one value.
        if not variable or variable in scope:
            return [scope]
        values = self.resolved[variable].values if variable in self.resolved else ()
        if not values:
            return [scope]
        if len(values) > MOST_COPIES:
            text = (
                f"'{title}' is repeated for {counted(len(values), 'value')} of ${variable}, of "
                f"which {MOST_COPIES} are shown"
            )
            if text not in self.left_out:
                self.left_out.append(text)
        return [{**scope, variable: value} for value in values[:MOST_COPIES]]


def _below(item: Item, copies: Sequence[Copy]) -> Block:
    boxes = [Box(copy, 0, index * item.h, item.w, item.h) for index, copy in enumerate(copies)]
    return Block(item, boxes, item.w, item.h * len(copies))


def _beside(item: Item, copies: Sequence[Copy], repeat: Repeat) -> Block:
    columns = max(1, min(len(copies), repeat.per_row))
    boxes = []
    for index, copy in enumerate(copies):
        line, column = divmod(index, columns)
        x, width = cell_of(column, columns)
        sized = Copy(copy.panel, copy.scope, width, item.h)
        boxes.append(Box(sized, x, line * item.h, width, item.h))
    return Block(item, boxes, COLUMNS, item.h * math.ceil(len(copies) / columns))
