"""The values of time series where they are drawn: stacked on those below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from gk.preview.kinds.series import TimeSeries, decimated

__all__ = ["Drawn", "drawn_values"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The points of a series where they are drawn: on those of its group below it, if it has one.
    `below` are then the values at its lower edge."""

    times: Sequence[float]
    values: Sequence[float | None]
    below: Sequence[float | None] = ()


def drawn_values(view: TimeSeries) -> list[Drawn]:
    """Of all series, in their order."""
    drawn = [Drawn(series.times, series.values) for series in view.series]
    grouped: dict[str, list[int]] = {}
    for index, series in enumerate(view.series):
        if series.stack and series.is_drawn:
            grouped.setdefault(series.stack.group, []).append(index)
    for members in grouped.values():
        for index, stacked in zip(members, _stacked(view, members), strict=True):
            drawn[index] = stacked
    return [
        Drawn(*decimated(points.times, points.values)) if not points.below else points
        for points in drawn
    ]


def _stacked(view: TimeSeries, members: Sequence[int]) -> Iterator[Drawn]:
    series = [view.series[index] for index in members]
    times = sorted({time for points in series for time in points.times})
    known = [dict(zip(points.times, points.values, strict=False)) for points in series]
    rows = [[values.get(time) for time in times] for values in known]
    columns = list(zip(*rows, strict=True))
    totals = [
        sum(there) if (there := [value for value in column if value is not None]) else None
        for column in columns
    ]
    in_percent = bool(series[0].stack and series[0].stack.in_percent)
    below: list[float | None] = [None if total is None else 0.0 for total in totals]
    sums = [list(accumulate((value or 0.0 for value in column), initial=0.0)) for column in columns]
    for rank in range(1, len(rows) + 1):
        above = [
            None if total is None else _share(column[rank], total, in_percent)
            for column, total in zip(sums, totals, strict=True)
        ]
        yield Drawn(times, above, below)
        below = above


def _share(value: float, total: float, in_percent: bool) -> float:
    if not in_percent:
        return value
    return value / abs(total) if total else 0.0
