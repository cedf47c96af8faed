"""A panel that a test looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

from gk.forms import visible
from gk.preview.kinds import kind_of
from gk.preview.model import Shown
from gk.testing.values import Row, Value, rows_of, values_of

__all__ = ["Panel"]

_NO_DATA = "No data"
_MOST = 20
"""Values or rows of a panel as text."""


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """A panel as it is shown, of the dashboard with a title.

    What it does not have is an AssertionError that names what to use: a table has rows, and no
    text.
    """

    dashboard: str
    shown: Shown

    @property
    def title(self) -> str:
        """Its title, with the values of variables in it."""
        return self.shown.title

    @property
    def type(self) -> str:
        """Its type in Grafana: stat, timeseries."""
        return self.shown.type

    @property
    def notes(self) -> list[str]:
        """What is to be said of its data: why a query returns none, an error, what is not drawn."""
        return [
            f"{note.ref_id}: {note.text}" if note.ref_id else note.text for note in self.shown.notes
        ]

    @cached_property
    def view(self) -> Any:
        """All that its picture has: a frozen dataclass, of a module for each kind in
        gk.preview.kinds."""
        return kind_of(self.type).view(self.shown)

    @property
    def text(self) -> str:
        """The text of its one value, or that of a text panel. Without data, what it says of
        that."""
        __tracebackhide__ = True
        if self._values is None and self._rows is None:
            return str(self.view)
        return self._one.text

    @property
    def color(self) -> str:
        """The colour of its one value: one of Grafana's names, or #rrggbb."""
        __tracebackhide__ = True
        return self._one.color

    @property
    def number(self) -> float | None:
        """The number of its one value, without unit and rounding; None if it is no number."""
        __tracebackhide__ = True
        return self._one.number

    @property
    def values(self) -> list[Value]:
        """Its values or series in their order; of a heatmap, its buckets."""
        __tracebackhide__ = True
        if self._values is None:
            raise AssertionError(f"{self!r} has no values; use {self._instead}")
        return self._values

    @property
    def series(self) -> dict[str, Value]:
        """Its values by their names."""
        __tracebackhide__ = True
        by_name = {value.name: value for value in self.values}
        if len(by_name) < len(self.values):
            raise AssertionError(f"{self!r} has several values of one name; use values")
        return by_name

    @property
    def rows(self) -> list[Row]:
        """The rows of a table, of logs or of a list: texts by the names of their columns."""
        __tracebackhide__ = True
        if self._rows is None:
            raise AssertionError(f"{self!r} has no rows; use {self._instead}")
        return self._rows

    @cached_property
    def _values(self) -> list[Value] | None:
        return values_of(self.view)

    @cached_property
    def _rows(self) -> list[Row] | None:
        return rows_of(self.view)

    @property
    def _one(self) -> Value:
        __tracebackhide__ = True
        if self._values is None or len(self._values) > 1:
            raise AssertionError(f"{self!r} has not one value; use {self._instead}")
        return next(iter(self._values), Value("", _NO_DATA, "text"))

    @property
    def _instead(self) -> str:
        if self._rows is not None:
            return "rows"
        return "text" if self._values is None else "series"

    def __repr__(self) -> str:
        """In one line, as it stands beside a comparison that fails."""
        shown = "; ".join(" ".join(line.split()) for line in self._lines())
        return f"<{self.type} {self.title!r}: {visible(shown)}>"

    def __str__(self) -> str:
        """A line for each value or row, below its title."""
        head = f"{self.title!r} of dashboard {self.dashboard!r} ({self.type})"
        return "\n".join([head, *(f"  {visible(line)}" for line in self._lines())])

    def _lines(self) -> Iterator[str]:
        if self._rows:
            yield from _aligned([list(self._rows[0]), *(list(row.values()) for row in self._rows)])
        elif self._values:
            yield from _aligned([(value.name, value.text, value.color) for value in self._values])
        elif self._values is None and self._rows is None:
            yield from str(self.view).splitlines()[:_MOST]
        else:
            yield _NO_DATA
        yield from (f"({note})" for note in self.notes)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with the cells of rows below each other."""
    shown = rows[:_MOST]
    widths = [max(map(len, column)) for column in zip_longest(*shown, fillvalue="")]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False) if width)
        yield "  ".join(cells).rstrip()
    if (more := len(rows) - _MOST) > 0:
        yield f"... and {more} more"
