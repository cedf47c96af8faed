"""Status history: a row for each series, with a cell for each of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from gk.preview.kinds import plots
from gk.preview.kinds.statetimeline import (
    Column,
    State,
    StatesView,
    draw,
    html,
    left_of,
    states_view,
    width_of_columns,
)
from gk.preview.model import Shown
from gk.preview.parts import drawable

__all__ = ["draw", "html", "view"]


def view(shown: Shown) -> StatesView:
    """What a status history shows."""
    share = width_of_columns(shown.options)
    states = states_view(shown, lambda column: _cells(column, share, shown), align="center")
    moments = sorted(
        {
            float(value)
            for frame in shown.frames
            for value in (frame.times.values if frame.times else ())
            if drawable(value) is not None
        }
    )
    return _until_last(states, moments) if len(moments) > 1 else states


def _until_last(view: StatesView, moments: Sequence[float]) -> StatesView:
    """The view up to where the last value ends, with ticks at every so many values."""
    least = min(later - earlier for earlier, later in pairwise(moments))
    end = moments[-1] + least / 2
    if end <= view.start:
        return view
    width = view.width - left_of(view.rows, view.width) - 8
    times = plots.times_at(moments[0], least, (view.start, end), width, view.timezone)
    return replace(view, end=end, times=times)


def _cells(column: Column, share: float, shown: Shown) -> list[State]:
    values = column.times.values
    moments = [float(value) for value in values if isinstance(value, (int, float))]
    span = (shown.time.end - shown.time.start) * 1000
    apart = (later - earlier for earlier, later in pairwise(moments))
    least = min((distance for distance in apart if distance > 0), default=span)
    half = least * share / 2
    return [
        # What is before the range is not seen, and has no text.
        State(
            max(float(time) - half, shown.time.start * 1000),
            float(time) + half,
            str(said),
            said.color,
            column.links(row),
        )
        for row, (time, value) in enumerate(zip(values, column.field.values, strict=False))
        if isinstance(time, (int, float)) and value is not None
        if time + half > shown.time.start * 1000
        for said in [column.says(value)]
    ]
