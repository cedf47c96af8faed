"""Ranges, ticks and labels of axes, as uPlot 1.6.32 (MIT) computes them with Grafana's settings.

A static picture has to have the ticks of the chart on the page, and those are uPlot's. Times are
milliseconds since 1970, lengths are pixels.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

__all__ = [
    "FONT_SIZE",
    "Limits",
    "Scale",
    "decimals_of",
    "label_width",
    "log_range",
    "log_ticks",
    "range_of",
    "space_of",
    "step_of",
    "ticks",
    "time_label",
    "time_space",
    "time_step",
    "time_ticks",
    "zone_of",
]

FONT_SIZE = 12
"""Pixels of the labels of axes in Grafana."""

_PAD = 0.1
"""The share of the data's range that an axis has above and below."""

# Advance widths of Inter, Grafana's font, in thousandths of the font size: how many labels have
# room does not depend on the fonts that a reader has.
_INTER = {
    "0": 631, "1": 407, "2": 610, "3": 618, "4": 646, "5": 608, "6": 620, "7": 566, "8": 619,
    "9": 620, ":": 288, "/": 360, "-": 460, ".": 288, " ": 281,
}  # fmt: skip
_OTHER = 600

_MOST = 1_000
"""More ticks than any axis has room for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where an axis ends. A hard limit cuts the data off; a soft one gives way to them."""

    min: float | None = None
    max: float | None = None
    soft_min: float | None = None
    soft_max: float | None = None
    is_centered: bool = False
    """Whether zero is in the middle."""
    is_whole: bool = False
    """Whether it ends at whole numbers."""


def range_of(low: float | None, high: float | None, limits: Limits) -> tuple[float, float]:
    """The range of a linear axis for data between `low` and `high`, or for none."""
    if low is None or high is None:
        low = next((limit for limit in (limits.min, limits.soft_min) if limit is not None), 0.0)
        high = next((end for end in (limits.max, limits.soft_max) if end is not None), low + 100)
        return (low, high) if low < high else (low, low + 100)
    if limits.is_centered:
        high = max(abs(low), abs(high))
        low = -high
    # Without a soft limit beside it, a hard one is the end of the axis, whatever the data are.
    fixed_low = limits.min if limits.soft_min is None else None
    fixed_high = limits.max if limits.soft_max is None else None
    bottom, top = _padded(
        low if fixed_low is None else fixed_low, high if fixed_high is None else fixed_high, limits
    )
    if limits.is_whole:
        bottom, top = float(math.floor(bottom)), float(math.ceil(top))
    bottom = bottom if fixed_low is None else fixed_low
    top = top if fixed_high is None else fixed_high
    return (bottom, top) if bottom < top else (bottom, bottom + (abs(bottom) or 100))


def _padded(low: float, high: float, limits: Limits) -> tuple[float, float]:
    """uPlot.rangeNum with a pad on both sides, to the soft limits or, without any, to zero."""
    delta = high - low
    largest = max(abs(low), abs(high))
    # Flat, or nearly: a range so small would magnify the rounding errors of floats.
    if delta < 1e-24 or abs(math.log10(largest) - math.log10(delta)) > 10:
        delta = 1e-24 if low == 0 or high == 0 else 0.0
    span = delta or largest or 1e3
    top = _end(high, span, delta, limits.soft_max, limits.max)
    # The lower end is the upper one, mirrored.
    bottom = -_end(-low, span, delta, _minus(limits.soft_min), _minus(limits.min))
    # No -0.
    return (bottom + 0.0, top) if bottom != top or top else (0.0, 100.0)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _end(high: float, span: float, delta: float, soft: float | None, hard: float | None) -> float:
    """The upper end of an axis. It is at a soft limit above the data, or at zero if that is between
    the data and the padded end."""
    # A flat line has as much room above it as its value is large.
    pad = span * (_PAD if delta else 0.1 if high == 0 else 1)
    base = 10.0 ** math.floor(math.log10(span)) / 10
    # The next multiple of the base.
    end = round(_exact(math.ceil(_exact((high + pad) / base)) * base), 24)
    limit = 0.0 if soft is None else soft
    reaches = high <= limit and (soft is not None or end >= limit)
    end = limit if reaches else end
    return end if hard is None else min(end, hard)


# Six zeros or nines after the point are the beginning of what a float errs in.
_ERRS = re.compile(r"\.(\d*?)(?=9{6}|0{6})")


def _exact(value: float) -> float:
    """Without the last digits, in which floats err: 17999.205 for 17999.204999999998."""
    text, exponent, power = repr(value).partition("e")
    error = _ERRS.search(text)
    return float(f"{round(float(text), len(error[1]))}{exponent}{power}") if error else value


# Ticks of numbers

_STEPS = tuple(
    float(f"{digit}e{exponent}") for exponent in range(-24, 24) for digit in (1, 2, 2.5, 5)
)
_BINARY = tuple(2.0**exponent for exponent in range(53))
_YES_OR_NO = (1.0,)
_SPACE = 30.0
_LITTLE_SPACE = 15.0
_LOW = 150.0


def step_of(low: float, high: float, length: float, space: float, kind: str = "") -> float:
    """The distance of ticks that have at least `space` pixels each on an axis of `length` pixels;
    0 if there is none. Its `kind` says what steps there are: `binary` are powers of two, as Grafana
    has them for units of IEC, and `yes` is for values that are true or false."""
    steps = {"binary": _BINARY, "yes": _YES_OR_NO}.get(kind, _STEPS)
    if length <= 0 or not 0 < high - low < math.inf:
        return 0.0
    # The sum of digits that a float has: finer steps would be all the same number.
    least = max(space / length * (high - low), max(abs(low), abs(high)) * 1e-14)
    at = bisect_left(steps, least)
    return steps[at] if at < len(steps) else 0.0


def space_of(length: float) -> float:
    """The pixels between the ticks of values on an axis of `length`: fewer on a low chart, since
    Grafana 12 (grafana-ui at 12.4.0, UPlotAxisBuilder.ts)."""
    return _LITTLE_SPACE if length <= _LOW else _SPACE


def ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of a step within a range."""
    if step <= 0 or not (high - low) / step < _MOST:
        return []
    first = math.ceil(_exact(low / step))
    last = math.floor(_exact(high / step))
    return [_exact(count * step) + 0.0 for count in range(first, last + 1)]


def decimals_of(step: float) -> int:
    """How many decimals the ticks of a step have."""
    text = f"{step:.6f}".rstrip("0")
    return len(text.partition(".")[2])


# Logarithms


def log_range(
    low: float | None, high: float | None, limits: Limits, base: float
) -> tuple[float, float]:
    """The range of a logarithmic axis for positive data: whole powers of the base."""
    low = limits.min if limits.min is not None and limits.min > 0 else low
    high = limits.max if limits.max is not None and limits.max > 0 else high
    if low is None or high is None or low <= 0 or high <= 0:
        return 1.0, float(base)
    low, high = (low / base, high * base) if low == high else (min(low, high), max(low, high))
    bottom = base ** math.floor(_exact(math.log(low, base)))
    top = base ** math.ceil(_exact(math.log(high, base)))
    return bottom, top


def log_ticks(low: float, high: float, base: float, length: float, space: float) -> list[float]:
    """The powers of the base within a range, as many as have `space` pixels each, and if there is
    much room between them, their multiples by 2 and 5."""
    first, last = round(math.log(low, base)), round(math.log(high, base))
    room = length / max(last - first, 1)
    every = max(1, math.ceil(space / max(room, 1)))
    powers = [float(base) ** exponent for exponent in range(first, last + 1, every)]
    if base != 10 or room < 3 * space:
        return powers
    between = [power * digit for power in powers for digit in (1, 2, 5)]
    return [_exact(place) for place in between if low <= place <= high]


# Times

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_MONTH, _YEAR = 30 * _DAY, 365 * _DAY
_TIME_STEPS = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(_SECOND * seconds for seconds in (1, 5, 10, 15, 30)),
    *(_MINUTE * minutes for minutes in (1, 5, 10, 15, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY * days for days in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15)),
    *(_MONTH * months for months in (1, 2, 3, 4, 6)),
    *(_YEAR * years for years in (1, 2, 5, 10, 25, 50, 100)),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def zone_of(name: str) -> tzinfo:
    """The time zone that a dashboard names. A picture has no browser: its zone is UTC then, as it
    is for a name that nobody knows."""
    if name.lower() in {"", "browser", "utc"}:
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return timezone.utc


def time_step(start: float, end: float, length: float) -> int:
    """The distance of ticks of time: as many as their labels have room."""
    if length <= 0 or not 0 < end - start < math.inf:
        return 0
    at = bisect_left(_TIME_STEPS, time_space(start, end, length) / length * (end - start))
    return _TIME_STEPS[at] if at < len(_TIME_STEPS) else 0


def time_space(start: float, end: float, length: float) -> float:
    """The pixels between the ticks of time on an axis of `length`: a gap beside the label that
    ticks 40 pixels apart would have (grafana-ui, UPlotAxisBuilder.ts)."""
    guess = round((end - start) / (length / 40))
    return label_width(time_label(start, guess, end - start, timezone.utc)) + 18


def label_width(label: str, size: float = FONT_SIZE) -> float:
    """The pixels of a number or a time in Grafana's font."""
    return sum(_INTER.get(letter, _OTHER) for letter in label) * size / 1000


def time_ticks(start: float, end: float, step: int, zone: tzinfo) -> list[int]:
    """The times within a range that are round in a time zone."""
    if step <= 0 or not 0 < (end - start) / step < _MOST:
        return []
    try:
        return [time for time in _walk(start, end, step, zone) if start <= time <= end]
    except (OverflowError, ValueError, OSError):
        return []


def _walk(start: float, end: float, step: int, zone: tzinfo) -> Iterator[int]:
    midnight = _local(start, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if step >= _MONTH:
        yield from _months(midnight, end, step)
        return
    wall = midnight.replace(tzinfo=None)
    if step >= _DAY:
        # The first midnight within the range, and then every so many.
        wall += timedelta(days=_milliseconds(midnight) < start)
    moment = 0
    while (moment := _milliseconds(wall.replace(tzinfo=zone))) <= end:
        yield moment
        behind = start - moment
        # One leap towards the start of the range: from midnight, steps of a second would be many.
        # It ends two hours before, because clocks may be changed on the way.
        skipped = max(1, math.floor(behind / step) - 2 * _HOUR // step) if step < _DAY else 1
        wall += timedelta(milliseconds=step * skipped)


def _months(midnight: datetime, end: float, step: int) -> Iterator[int]:
    months = step // _MONTH if step < _YEAR else 12 * (step // _YEAR)
    at = midnight.replace(day=1, month=midnight.month if step < _YEAR else 1)
    while _milliseconds(at) <= end:
        yield _milliseconds(at)
        year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
        at = at.replace(year=year, month=month + 1)


def _local(moment: float, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=moment)).astimezone(zone)


def _milliseconds(at: datetime) -> int:
    return round((at - _EPOCH) / timedelta(milliseconds=1))


def time_label(moment: float, step: float, span: float, zone: tzinfo) -> str:
    """A tick's text: only as much of date and time as the step and the range need."""
    try:
        at = _local(moment, zone)
    except (OverflowError, ValueError, OSError):
        return ""
    if step < _SECOND:
        return f"{at:%H:%M:%S}.{at.microsecond // 1_000:03d}"
    return at.strftime(_form(step, span))


def _form(step: float, span: float) -> str:
    # Steps of exactly a minute or a day count as shorter ones (formatTime of grafana-ui at 9.3.2
    # and 12.4.0, UPlotAxisBuilder.ts).
    if step <= _MINUTE:
        return "%H:%M:%S"
    if span <= _DAY:
        return "%H:%M"
    if step <= _DAY:
        return "%m/%d %H:%M"
    if span < _YEAR:
        return "%m/%d"
    return "%Y-%m" if step < _YEAR else "%Y"


# Positions


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to where it is on an axis, as a share of its length from the lower end.
    `base` is that of a logarithm, 0 for a linear axis, and 1 for a symmetric logarithm, which is
    linear within `threshold`."""

    low: float
    high: float
    base: float = 0.0
    threshold: float = 1.0

    def at(self, value: float) -> float:
        """The share; outside of the range it is below 0 or above 1."""
        low, high, here = self._moved(self.low), self._moved(self.high), self._moved(value)
        return (here - low) / (high - low) if high != low else 0.0

    def _moved(self, value: float) -> float:
        if self.base == 1:
            return math.asinh(value / (self.threshold or 1.0))
        # What is not positive has no logarithm: it is below everything.
        return math.log(max(value, 1e-300)) if self.base else value
