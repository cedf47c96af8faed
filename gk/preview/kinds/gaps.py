"""Gaps in a series: where samples are missing, and which of them a line joins. All times are
milliseconds since 1970.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter
from typing import Any

from gk.preview.model import Field
from gk.preview.parts import number
from gk.prometheus.macros import TimeRange

__all__ = ["complete", "is_drawable", "joined", "most_apart", "sorted_points", "with_gaps"]

_MOST_MISSING = 20_000
"""More nulls than any chart has pixels."""


def sorted_points(times: Sequence[Any], values: Sequence[Any]) -> list[tuple[float, Any]]:
    """Times and values in the order of time, without what has none."""
    pairs = [
        (float(time), value)
        for time, value in zip(times, values, strict=False)
        if is_drawable(time)
    ]
    return sorted(pairs, key=itemgetter(0))


def is_drawable(value: Any) -> bool:
    """Whether it is a finite number, or yes or no."""
    try:
        return isinstance(value, (int, float)) and math.isfinite(value)
    except OverflowError:
        return False


def most_apart(custom: Mapping[str, Any], times: Field) -> float:
    """How far apart points may be that a line joins: what the panel says, or the step of the
    query."""
    return number(custom, "insertNulls") or number(times.config, "interval") or math.inf


def complete(column: Field, times: Field, time: TimeRange) -> tuple[Field, Field]:
    """The field and its times with a null wherever a sample is missing, from the start of the
    panel's range to before its end."""
    most = most_apart(column.custom, times)
    start, end = time.start * 1000, time.end * 1000
    points = sorted_points(times.values, column.values)
    if not points or not 0 < most < math.inf:
        return column, times
    # What a server answers may be far from what it was asked for.
    if (max(end, points[-1][0]) - min(start, points[0][0])) / most > _MOST_MISSING:
        return column, times
    missing = list(_missing([time for time, _ in points], start, end, most))
    if not missing:
        return column, times
    points = sorted([*points, *((time, None) for time in missing)], key=itemgetter(0))
    return (
        replace(column, values=[value for _, value in points]),
        replace(times, values=[time for time, _ in points]),
    )


def _missing(times: Sequence[float], start: float, end: float, step: float) -> Iterator[float]:
    before = times[0] - step
    while before >= start:
        yield before
        before -= step
    for one, other in pairwise(times):
        at = one + step
        while at < other:
            yield at
            at += step
    after = times[-1] + step
    while after < end:
        yield after
        after += step


def with_gaps(
    points: Sequence[tuple[float, float | None]], most: float
) -> list[tuple[float, float | None]]:
    """Points with a gap after each that is more than `most` before the next one."""
    if most is math.inf or most <= 0:
        return list(points)
    samples: list[tuple[float, float | None]] = []
    for time, value in points:
        if samples and time - samples[-1][0] > most:
            samples.append((samples[-1][0] + most, None))
        samples.append((time, value))
    return samples


def joined(
    points: Sequence[tuple[float, float | None]], joins: Any
) -> list[tuple[float, float | None]]:
    """Points without the gaps that the panel joins: all of them, or with a number those that are
    at most so many milliseconds long."""
    if joins is not True and not (is_drawable(joins) and not isinstance(joins, bool)):
        return list(points)
    most = math.inf if joins is True else float(joins)
    samples: list[tuple[float, float | None]] = []
    gap: list[tuple[float, float | None]] = []
    last: float | None = None
    for time, value in points:
        if value is None:
            gap.append((time, value))
            continue
        if gap and (last is None or time - last > most):
            samples += gap
        gap, last = [], time
        samples.append((time, value))
    return samples + gap
