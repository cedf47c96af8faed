"""The cells of heatmaps: counts by time and bucket, as frames have them, or calculated of series.

Buckets come as rows (a field for each bucket), as cells (native histograms), or are calculated as
Grafana's panel does it: by the round size next below what makes so many.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gk.documents.durations import milliseconds
from gk.preview.fields import name_of
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.parts import as_number, choice, drawable, number, part

__all__ = ["Bucket", "Buckets", "buckets_of"]

_MOST_CELLS = 20_000
_ACROSS, _DOWN = 20, 10
"""How many buckets Grafana calculates where nothing is said."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A count between two times in milliseconds and two values. Of rows, the values are their
    numbers from 0."""

    start: float
    end: float
    low: float
    high: float
    count: float


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets of a heatmap. `rows` are the names of rows, if buckets have names instead of
    bounds; `log` is the base of a logarithmic axis, 0 for a linear one and 1 for one through
    zero."""

    cells: Sequence[Bucket]
    rows: Sequence[str] = ()
    log: float = 0.0
    interval: float = 0.0


def buckets_of(shown: Shown) -> Buckets:
    """The buckets of a panel's frames."""
    if shown.options.get("calculate") is True:
        return _calculated(shown)
    native = [frame for frame in shown.frames if frame.meta.get("type") == "heatmap-cells"]
    return _native(native) if native else _rows(shown.frames)


def _numbers(frame: Frame) -> list[Field]:
    return [field for field in frame.fields if field.type is FieldType.NUMBER]


def _interval(times: Field, moments: Sequence[float]) -> float:
    """The time between two values: the query's, or the least that occurs."""
    given = number(times.config, "interval")
    between = (after - before for before, after in pairwise(sorted(set(moments))))
    return given or min(between, default=60_000.0)


def _rows(frames: Sequence[Frame]) -> Buckets:
    """A row for each field, from below; those whose names are bounds are in the order of these."""
    fields = [
        (name_of(field, frame, frames), times, field)
        for frame in frames
        if (times := frame.times) is not None
        for field in _numbers(frame)
    ]
    bounds = [_bound(name) for name, _, _ in fields]
    if None not in bounds:
        order = sorted(range(len(fields)), key=lambda index: bounds[index] or 0.0)
        fields = [fields[index] for index in order]
    if not fields:
        return Buckets(())
    interval = _interval(fields[0][1], [value for value in fields[0][1].values if drawable(value)])
    cells = [
        # The time of a value is the end of what it counts.
        Bucket(moment - interval, moment, float(row), row + 1.0, count)
        for row, (_, times, field) in enumerate(fields)
        for time, value in zip(times.values, field.values, strict=False)
        if (moment := drawable(time)) is not None and (count := drawable(value)) is not None
    ]
    return Buckets(cells[:_MOST_CELLS], [name for name, _, _ in fields], interval=interval)


def _bound(name: str) -> float | None:
    bound = as_number(name)
    return None if bound is None or math.isnan(bound) else bound


def _native(frames: Sequence[Frame]) -> Buckets:
    cells = [cell for frame in frames for cell in _cells(frame)][:_MOST_CELLS]
    lows = [cell.low for cell in cells]
    # The buckets of native histograms grow by a factor; those around zero need an axis through it.
    log = 2.0 if lows and min(lows) > 0 else 1.0
    interval = cells[0].end - cells[0].start if cells else 0.0
    return Buckets(cells, log=log, interval=interval)


def _cells(frame: Frame) -> Iterator[Bucket]:
    columns = {field.name: field for field in frame.fields}
    if not {"xMax", "yMin", "yMax", "count"} <= columns.keys():
        return
    times = columns["xMax"]
    moments = [moment for moment in map(drawable, times.values) if moment is not None]
    interval = _interval(times, moments)
    values = (columns[name].values for name in ("xMax", "yMin", "yMax", "count"))
    for given in zip(*values, strict=False):
        end, low, high, count = map(drawable, given)
        if end is not None and low is not None and high is not None and count is not None:
            yield Bucket(end - interval, end, low, high, count)


# Calculated

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_TIME_SIZES = (
    *(1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 400, 500),
    *(_SECOND * seconds for seconds in (1, 2, 4, 5, 10, 15, 20, 30)),
    *(_MINUTE * minutes for minutes in (1, 2, 4, 5, 10, 15, 20, 30)),
    *(_HOUR * hours for hours in (1, 2, 4, 6, 8, 12, 18)),
    *(_DAY * days for days in (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 42, 56, 84)),
)
_SIZES = tuple(float(f"{digit}e{exponent}") for exponent in range(-9, 18) for digit in (1, 2.5, 5))


def _calculated(shown: Shown) -> Buckets:
    """How many values of all series are in each bucket."""
    options = part(shown.options, "calculation")
    points = list(_points(shown.frames))
    scale = part(part(options, "yBuckets"), "scale")
    log = number(scale, "log") or 2.0 if choice(scale, "type", "linear", "log") == "log" else 0.0
    if log:
        log = log if log > 1 else 2.0
        points = [point for point in points if point[1] > 0]
    if not points:
        return Buckets((), log=log)
    wide = _size_of_times(part(options, "xBuckets"), [time for time, _ in points])
    bound = _bounds_of(part(options, "yBuckets"), [value for _, value in points], log)
    counts: dict[tuple[float, tuple[float, float]], int] = {}
    for time, value in points:
        key = math.floor(time / wide) * wide, bound(value)
        counts[key] = counts.get(key, 0) + 1
    cells = [
        Bucket(start, start + wide, low, high, float(count))
        for (start, (low, high)), count in sorted(counts.items())
    ]
    return Buckets(cells[:_MOST_CELLS], log=log, interval=wide)


def _points(frames: Sequence[Frame]) -> Iterator[tuple[float, float]]:
    for frame in frames:
        times = frame.times.values if frame.times else ()
        for field in _numbers(frame):
            for time, value in zip(times, field.values, strict=False):
                moment, known = drawable(time), drawable(value)
                if moment is not None and known is not None:
                    yield moment, known


def _size_of_times(options: Mapping[str, Any], times: Sequence[float]) -> float:
    """The width of buckets: a duration, or what makes a number of them."""
    if choice(options, "mode", "size", "count") == "size":
        size = _duration(options.get("value"))
        if size:
            # Not more buckets than pixels.
            return max(size, (max(times) - min(times)) / 2000)
    span = max(times) - min(times)
    return _next_below(_TIME_SIZES, span / max(_count(options, _ACROSS) - 1, 1))


def _duration(value: Any) -> float:
    if isinstance(value, str):
        try:
            return float(milliseconds(value) or 0.0)
        except (ValueError, OverflowError):
            return 0.0
    return 0.0


def _count(options: Mapping[str, Any], default: int) -> float:
    """How many buckets are asked for; 0 or no number is none."""
    if options.get("mode") != "count":
        return default
    given = _plain(options.get("value"))
    return given if given and given > 0 else default


def _plain(value: Any) -> float | None:
    """A number that options may have as a text."""
    if isinstance(value, str):
        return drawable(_bound(value))
    return drawable(value)


def _next_below(sizes: Sequence[float], size: float) -> float:
    return sizes[max(0, bisect_right(sizes, size) - 1)]


def _bounds_of(
    options: Mapping[str, Any], values: Sequence[float], log: float
) -> Callable[[float], tuple[float, float]]:
    """The function that finds the bucket of a value: by size, by number, or by parts of powers of
    `log`."""
    size = _plain(options.get("value")) if options.get("mode") != "count" else None
    if log:
        parts = min(max(_plain(options.get("value")) or 1.0, 1.0), 100.0)
        return lambda value: _powers(value, log, parts)
    span = max(values) / 2 - min(values) / 2
    if not size or size <= 0:
        size = _next_below(_SIZES, 2 * span / max(_count(options, _DOWN) - 1, 1))
    size = max(size, span / 500, 1e-300)
    return lambda value: (math.floor(value / size) * size, (math.floor(value / size) + 1) * size)


def _powers(value: float, log: float, parts: float) -> tuple[float, float]:
    power = math.floor(math.log(value, log) * parts)
    return log ** (power / parts), log ** ((power + 1) / parts)
