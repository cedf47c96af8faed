"""Times as Grafana computes them: the range that a dashboard shows, the step of a query, and what
`$__interval` and `$__rate_interval` stand for.

Sources: packages/grafana-data/src/datetime/rangeutil.ts and pkg/promlib/models/query.go of Grafana
12.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from gk.documents.durations import milliseconds
from gk.settings.targets import NEWEST, Version

__all__ = ["Steps", "TimeRange", "macros", "moment", "rounded_interval", "steps", "time_range"]

DEFAULT_SCRAPE_INTERVAL = 15_000
"""Milliseconds that Grafana takes for a data source that does not state its own."""
_LONGEST_TIME = 14
"""Digits of milliseconds: the year 5138."""
_DEFAULT_RANGE = 6 * 3_600
"""Seconds: Grafana's own time range, `now-6h` to `now`."""
_MOST_POINTS = 11_000
"""Points of a series that Prometheus returns at most."""
_RATE_OF_MINIMUM = Version(10, 3)
"""Before, `$__rate_interval` was made of the step and the data source's scrape interval, as 9.3.2
shows; the minimum step of the query was no scrape interval (grafana/grafana#77234)."""

# Up to which interval Grafana rounds to which one, in milliseconds.
_ROUNDED = (
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1_500, 1_000),
    (3_500, 2_000),
    (7_500, 5_000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (86_400_000, 43_200_000),
    (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000),
    (3_628_800_000, 2_592_000_000),
)
_LONGEST = 31_536_000_000
"""A year, to which Grafana rounds what is longer."""
_LIMITS = [limit for limit, _ in _ROUNDED]

_MATH = re.compile(r"now(?P<moves>(?:[+-]\d*[smhdwMy])*)(?:/(?P<unit>f?[smhdwMQy]))?")
_MOVE = re.compile(r"([+-])(\d*)([smhdwMy])")
_SECONDS = {
    "s": 1,
    "m": 60,
    "h": 3_600,
    "d": 86_400,
    "w": 604_800,
    "M": 2_592_000,
    "y": 31_536_000,
}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Two times in seconds since 1970."""

    start: float
    end: float

    @property
    def milliseconds(self) -> int:
        """Its length."""
        return round((self.end - self.start) * 1000)


def time_range(given: Mapping[str, Any], now: float) -> TimeRange:
    """The range of a dashboard's `time`; the last six hours, Grafana's default, if it is
    malformed."""
    try:
        start = moment(given.get("from"), now)
        end = moment(given.get("to"), now, is_end=True)
    except (ValueError, OverflowError, OSError):
        # A thousand years ago is no time of a server's.
        start = end = None
    if start is None or end is None or start >= end:
        return TimeRange(now - _DEFAULT_RANGE, now)
    return TimeRange(start, end)


def moment(given: object, now: float, *, is_end: bool = False) -> float | None:
    """A time as Grafana writes it, in seconds since 1970: `now-1h`, `now/d`, ISO 8601, or
    milliseconds; None for anything else.

    The end of a range is at the end of what it is rounded to. Raises ValueError, OverflowError or
    OSError for a time that no calendar has.
    """
    if not isinstance(given, str):
        return None
    if given.isdecimal():
        return int(given) / 1000 if len(given) <= _LONGEST_TIME else None
    if match := _MATH.fullmatch(given.strip()):
        moved = now
        for sign, count, unit in _MOVE.findall(match["moves"] or ""):
            moved += int(f"{sign}1") * int(count or 1) * _SECONDS[unit]
        return _edge(moved, match["unit"], is_end=is_end) if match["unit"] else moved
    try:
        parsed = datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()


def _edge(time: float, unit: str, *, is_end: bool) -> float:
    """The start or the end of the unit of time that `time` is in, in UTC."""
    at = datetime.fromtimestamp(time, timezone.utc)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in ("s", "m", "h", "d"):
        length = _SECONDS[unit]
        start = time - time % length
        return start + length if is_end else start
    if unit == "w":
        start = (day - timedelta(days=day.weekday())).timestamp()
        return start + _SECONDS["w"] if is_end else start
    first = day.replace(day=1) if unit == "M" else day.replace(month=1, day=1)
    following = (first + timedelta(days=32 if unit == "M" else 366)).replace(day=1)
    return (following if is_end else first).timestamp()


def rounded_interval(interval: float) -> int:
    """An interval as Grafana rounds it, in milliseconds."""
    index = bisect_right(_LIMITS, interval)
    return _ROUNDED[index][1] if index < len(_ROUNDED) else _LONGEST


@dataclass(frozen=True, slots=True)
class Steps:
    """In milliseconds: the step of a range query, which is also `$__interval`, and
    `$__rate_interval`."""

    step: int
    rate_interval: int


def steps(
    shown: TimeRange,
    points: int,
    *,
    scrape_interval: int = DEFAULT_SCRAPE_INTERVAL,
    least_of_panel: str = "",
    least_of_query: str = "",
    factor: int = 1,
    version: Version = NEWEST,
) -> Steps:
    """The steps of a query of a panel that draws so many points, in a version of Grafana.

    `scrape_interval` is the data source's, in milliseconds. `least_of_panel` is the minimum
    interval of the panel's query options, and `least_of_query` the minimum step of the query.
    """
    length = shown.milliseconds
    points = max(points, 1)
    # What the browser sends: only the back end reads the minimum step of a query.
    interval = max(
        rounded_interval(length / points), milliseconds(least_of_panel) or scrape_interval
    )
    least = milliseconds(least_of_query) or 0
    step = max(rounded_interval(length / points), least or interval)
    step = max(step, rounded_interval(length / _MOST_POINTS))
    if "__rate_interval" in least_of_query:
        step = max(step + scrape_interval, 4 * scrape_interval)
        return Steps(step, step)
    # The minimum step may be a variable, such as `$__interval`: the step is its value by now.
    scrape = step if "interval" in least_of_query else least or scrape_interval
    step *= max(factor, 1)
    if version < _RATE_OF_MINIMUM:
        interval, scrape = step, scrape_interval
    return Steps(step, max(interval + scrape, 4 * scrape))


def macros(shown: TimeRange, steps: Steps) -> dict[str, str]:
    """What Grafana's own variables stand for in a query."""
    length = shown.milliseconds
    return {
        "__rate_interval": _duration(steps.rate_interval),
        "__rate_interval_ms": str(steps.rate_interval),
        "__interval": _interval(steps.step),
        "__interval_ms": str(steps.step),
        "__range": f"{round(length / 1000)}s",
        "__range_s": str(round(length / 1000)),
        "__range_ms": str(length),
        "__from": str(round(shown.start * 1000)),
        "__to": str(round(shown.end * 1000)),
    }


def _duration(length: int) -> str:
    return f"{length // 1000}s" if length % 1000 == 0 else f"{length}ms"


def _interval(length: int) -> str:
    """As Grafana writes an interval: in its largest unit, without a rest (gtime.FormatInterval)."""
    for unit in ("y", "d", "h", "m", "s"):
        size = _SECONDS[unit] * 1000
        if length >= size:
            return f"{length // size}{unit}"
    return f"{max(length, 1)}ms"
