"""Grafana's grid: where panels end up, and how many pixels they have on a screen of 1600."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gk.documents.rows import COLUMNS

__all__ = ["SCREEN", "Box", "cell_of", "compacted", "flowing", "pixels_high", "pixels_wide"]

SCREEN = 1_600 - 2 * 16
"""Pixels of a dashboard, without the space at its sides."""
# Of panels beside and below each other, and the height of a line.
_GAP = 8
_LINE = 30

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Box(Generic[Value]):
    """Something with a place on the grid."""

    value: Value
    x: int
    y: int
    w: int
    h: int

    def at(self, y: int) -> Box[Value]:
        """The same on another line."""
        return Box(self.value, self.x, y, self.w, self.h)


def pixels_wide(columns: float) -> int:
    """The width of a panel of so many columns."""
    column = (SCREEN - _GAP * (COLUMNS - 1)) / COLUMNS
    return round(columns * column + (columns - 1) * _GAP)


def pixels_high(lines: float) -> int:
    """The height of a panel of so many lines."""
    return round(lines * _LINE + (lines - 1) * _GAP)


def compacted(boxes: Iterable[Box[Value]]) -> list[Box[Value]]:
    """Boxes as Grafana draws them: nothing is on anything else, and each is as far up as it can be,
    in the order of their places (react-grid-layout, vertical)."""
    placed: list[Box[Value]] = []
    lowest = 0
    for box in sorted(boxes, key=lambda box: (box.y, box.x)):
        # All others are above `lowest`: the way up begins there, and not at a `y` of 100,000.
        moved = box.at(min(box.y, lowest))
        while moved.y > 0 and not _collision(moved.at(moved.y - 1), placed):
            moved = moved.at(moved.y - 1)
        while other := _collision(moved, placed):
            moved = moved.at(other.y + other.h)
        placed.append(moved)
        lowest = max(lowest, moved.y + moved.h)
    return placed


def _collision(box: Box[Value], others: Iterable[Box[Value]]) -> Box[Value] | None:
    return next((other for other in others if _overlap(box, other)), None)


def _overlap(one: Box[Value], other: Box[Value]) -> bool:
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )


def cell_of(index: int, cells: int) -> tuple[int, int]:
    """The column and the width of a cell of a line that is divided into so many."""
    x, end = (COLUMNS * edge // cells for edge in (index, index + 1))
    return x, end - x


def flowing(values: Sequence[tuple[Value, int]], columns: int) -> list[Box[Value]]:
    """Values with their heights, in so many columns of one width, from left to right."""
    placed = []
    y = 0
    for at in range(0, len(values), columns):
        line = values[at : at + columns]
        for index, (value, height) in enumerate(line):
            x, width = cell_of(index, columns)
            placed.append(Box(value, x, y, width, height))
        y += max(height for _, height in line)
    return placed
