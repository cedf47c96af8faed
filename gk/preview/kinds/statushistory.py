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
)
from gk.preview.model import FieldType, Frame, Shown
from gk.preview.parts import drawable
from gk.preview.parts import number as number_in

__all__ = ["draw", "html", "view"]


def view(shown: Shown) -> StatesView:
    """What a status history shows."""
    wide = number_in(shown.options, "colWidth")
    share = 0.9 if wide is None else min(1.0, max(0.05, wide))

    states = states_view(shown, lambda column: _cells(column, share, shown), align="center")
    moments = sorted({moment for frame in shown.frames for moment in _moments(frame)})
    return _until_last(states, moments) if len(moments) > 1 else states


def _until_last(view: StatesView, moments: Sequence[float]) -> StatesView:
    """The view up to where the last value ends, with ticks at every so many values."""
    least = min(b - a for a, b in pairwise(moments))
    end = moments[-1] + least / 2
    if end <= view.start:
        return view
    width = view.width - left_of(view.rows, view.width) - 8
    times = plots.times_at(moments[0], least, (view.start, end), width, view.timezone)
    return replace(view, end=end, times=times)


def _moments(frame: Frame) -> list[float]:
    times = next((field for field in frame.fields if field.type is FieldType.TIME), None)
    return [float(value) for value in times.values if drawable(value) is not None] if times else []


def _cells(column: Column, share: float, shown: Shown) -> list[State]:
    values = column.times.values
    moments = [float(value) for value in values if isinstance(value, (int, float))]
    span = (shown.time.end - shown.time.start) * 1000
    least = min((b - a for a, b in pairwise(moments) if b > a), default=span)
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
