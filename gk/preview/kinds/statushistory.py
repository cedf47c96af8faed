"""Status history: a row for each series, with a cell for each of its values."""

from __future__ import annotations

from itertools import pairwise

from gk.preview.kinds.statetimeline import Column, State, StatesView, draw, html, states_view
from gk.preview.model import Shown
from gk.preview.parts import number as number_in

__all__ = ["draw", "html", "view"]


def view(shown: Shown) -> StatesView:
    """What a status history shows."""
    wide = number_in(shown.options, "colWidth")
    share = 0.9 if wide is None else min(1.0, max(0.05, wide))

    return states_view(shown, lambda column: _cells(column, share, shown), align="center")


def _cells(column: Column, share: float, shown: Shown) -> list[State]:
    values = column.times.values
    moments = [float(each) for each in values if isinstance(each, (int, float))]
    span = (shown.time.end - shown.time.start) * 1000
    least = min((b - a for a, b in pairwise(moments) if b > a), default=span)
    half = least * share / 2
    return [
        State(float(time) - half, float(time) + half, str(said), said.color, column.links(row))
        for row, (time, value) in enumerate(zip(values, column.field.values, strict=False))
        if isinstance(time, (int, float)) and value is not None
        for said in [column.says(value)]
    ]
