"""Status history: a row for each series, with a cell for each of its values."""

from __future__ import annotations

from itertools import pairwise

from gk.preview.kinds.statetimeline import Says, State, StatesView, draw, html, states_view
from gk.preview.model import Field, Shown
from gk.preview.parts import number as number_in

__all__ = ["draw", "html", "view"]


def view(shown: Shown) -> StatesView:
    """What a status history shows."""
    wide = number_in(shown.options, "colWidth")
    share = 0.9 if wide is None else min(1.0, max(0.05, wide))

    def cells(fields: tuple[Field, Field], says: Says) -> list[State]:
        return _cells(fields, says, share, shown)

    return states_view(shown, cells, align="center")


def _cells(fields: tuple[Field, Field], says: Says, share: float, shown: Shown) -> list[State]:
    times, field = fields
    moments = [float(each) for each in times.values if isinstance(each, (int, float))]
    span = (shown.time.end - shown.time.start) * 1000
    least = min((b - a for a, b in pairwise(moments) if b > a), default=span)
    half = least * share / 2
    return [
        State(float(time) - half, float(time) + half, str(said), said.color)
        for time, value in zip(times.values, field.values, strict=False)
        if isinstance(time, (int, float)) and value is not None
        for said in [says(value)]
    ]
