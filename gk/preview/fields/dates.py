"""Times as Grafana prints them: the patterns of moment.js, in English."""

from __future__ import annotations

import math
import re
from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from gk.preview.fields.numbers import ordinal

__all__ = ["MOST", "clock_of", "from_now", "same_day", "shown"]

MOST = 8.64e15
"""The greatest distance of a time from 1970 in JavaScript, in milliseconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INVALID = "Invalid date"
_LONG = {
    "LTS": "h:mm:ss A", "LT": "h:mm A", "L": "MM/DD/YYYY", "LL": "MMMM D, YYYY",
    "LLL": "MMMM D, YYYY h:mm A", "LLLL": "dddd, MMMM D, YYYY h:mm A", "l": "M/D/YYYY",
    "ll": "MMM D, YYYY", "lll": "MMM D, YYYY h:mm A", "llll": "ddd, MMM D, YYYY h:mm A",
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def shown(milliseconds: float, pattern: str, zone: str = "utc") -> str:
    """A time since 1970 in a pattern such as `YYYY-MM-DD HH:mm:ss`. Where the zone is the reader's
    (`browser`) or unknown, it is in UTC: the same input gives the same text."""
    when = _at(milliseconds, zone)
    if when is None:
        return _INVALID
    return _written(when, pattern)


def same_day(milliseconds: float, now: float | None, zone: str = "utc") -> bool:
    """Whether two times are on the same day."""
    if now is None:
        return False
    one, other = _at(milliseconds, zone), _at(now, zone)
    return one is not None and other is not None and one.date() == other.date()


def from_now(milliseconds: float, now: float) -> str:
    """How long before or after now a time is: 2 hours ago, in a day."""
    if not math.isfinite(milliseconds):
        return _INVALID
    words = _about(abs(milliseconds - now) / 1000)
    return f"in {words}" if milliseconds > now else f"{words} ago"


def clock_of(milliseconds: float) -> tuple[str, str, str]:
    """Minutes, seconds and milliseconds of a time of day."""
    whole = math.trunc(milliseconds)
    return f"{whole // 60_000 % 60:02}m", f"{whole // 1000 % 60:02}s", f"{whole % 1000:03}ms"


def _about(seconds: float) -> str:
    """A duration in words, with moment's limits."""
    days = seconds / 86_400
    months = days * 4800 / 146_097
    scales = (
        (seconds, 45, "a few seconds", "a few seconds"),
        (seconds / 60, 45, "a minute", "{} minutes"),
        (seconds / 3600, 22, "an hour", "{} hours"),
        (days, 26, "a day", "{} days"),
        (months, 11, "a month", "{} months"),
        (months / 12, math.inf, "a year", "{} years"),
    )
    amount, _, one, many = next(scale for scale in scales if _round(scale[0]) < scale[1])
    return one if _round(amount) <= 1 else many.format(_round(amount))


def _round(number: float) -> int:
    return math.floor(number + 0.5)


def _at(milliseconds: float, zone: str) -> datetime | None:
    if not math.isfinite(milliseconds):
        return None
    try:
        return (_EPOCH + timedelta(milliseconds=math.trunc(milliseconds))).astimezone(_zone(zone))
    except OverflowError:
        return None


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name in {"", "utc", "browser"}:
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):
        return timezone.utc


def _written(when: datetime, pattern: str) -> str:
    def token(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[1]
        if match[2] is not None:
            return match[2]
        name = match[0]
        if name in _LONG:
            return _written(when, _LONG[name])
        if name[0] == "S":
            return f"{when.microsecond:06}".ljust(9, "0")[: len(name)]
        return _TOKENS[name](when)

    return _TOKEN.sub(token, pattern)


def _offset(when: datetime, colon: str) -> str:
    minutes = round((when.utcoffset() or timedelta()).total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


def _half(when: datetime) -> str:
    return "PM" if when.hour > 11 else "AM"


def _sunday_week(when: datetime) -> tuple[int, int]:
    """Year and week of a calendar whose weeks begin on Sunday, the first one with January 1."""
    day, weekday = when.timetuple().tm_yday, when.isoweekday() % 7
    if day + 6 - weekday > 365 + isleap(when.year):
        return when.year + 1, 1
    return when.year, (day + 5 - weekday) // 7 + 1


_TOKENS: Mapping[str, Callable[[datetime], str]] = {
    "M": lambda when: str(when.month),
    "Mo": lambda when: ordinal(when.month),
    "MM": lambda when: f"{when.month:02}",
    "MMM": lambda when: _MONTHS[when.month - 1][:3],
    "MMMM": lambda when: _MONTHS[when.month - 1],
    "D": lambda when: str(when.day),
    "Do": lambda when: ordinal(when.day),
    "DD": lambda when: f"{when.day:02}",
    "DDD": lambda when: str(when.timetuple().tm_yday),
    "DDDo": lambda when: ordinal(when.timetuple().tm_yday),
    "DDDD": lambda when: f"{when.timetuple().tm_yday:03}",
    "d": lambda when: str(when.isoweekday() % 7),
    "do": lambda when: ordinal(when.isoweekday() % 7),
    "dd": lambda when: _DAYS[when.weekday()][:2],
    "ddd": lambda when: _DAYS[when.weekday()][:3],
    "dddd": lambda when: _DAYS[when.weekday()],
    "e": lambda when: str(when.isoweekday() % 7),
    "E": lambda when: str(when.isoweekday()),
    "w": lambda when: str(_sunday_week(when)[1]),
    "wo": lambda when: ordinal(_sunday_week(when)[1]),
    "ww": lambda when: f"{_sunday_week(when)[1]:02}",
    "W": lambda when: str(when.isocalendar()[1]),
    "Wo": lambda when: ordinal(when.isocalendar()[1]),
    "WW": lambda when: f"{when.isocalendar()[1]:02}",
    "gg": lambda when: f"{_sunday_week(when)[0] % 100:02}",
    "gggg": lambda when: f"{_sunday_week(when)[0]:04}",
    "GG": lambda when: f"{when.isocalendar()[0] % 100:02}",
    "GGGG": lambda when: f"{when.isocalendar()[0]:04}",
    "Q": lambda when: str((when.month + 2) // 3),
    "Qo": lambda when: ordinal((when.month + 2) // 3),
    "YY": lambda when: f"{when.year % 100:02}",
    "YYYY": lambda when: f"{when.year:04}",
    "YYYYY": lambda when: f"{when.year:05}",
    "a": lambda when: _half(when).lower(),
    "A": _half,
    "H": lambda when: str(when.hour),
    "HH": lambda when: f"{when.hour:02}",
    "h": lambda when: str((when.hour + 11) % 12 + 1),
    "hh": lambda when: f"{(when.hour + 11) % 12 + 1:02}",
    "k": lambda when: str(when.hour or 24),
    "kk": lambda when: f"{when.hour or 24:02}",
    "m": lambda when: str(when.minute),
    "mm": lambda when: f"{when.minute:02}",
    "s": lambda when: str(when.second),
    "ss": lambda when: f"{when.second:02}",
    "x": lambda when: str((when - _EPOCH) // timedelta(milliseconds=1)),
    "X": lambda when: str((when - _EPOCH) // timedelta(seconds=1)),
    "z": lambda when: str(when.tzname()),
    "zz": lambda when: str(when.tzname()),
    "Z": lambda when: _offset(when, ":"),
    "ZZ": lambda when: _offset(when, ""),
}
_LONGEST_FIRST = sorted([*_TOKENS, *_LONG], key=len, reverse=True)
# A text in brackets, a letter after a backslash, a part of a second, or another part of a time.
_TOKEN = re.compile(r"\[([^\]]*)\]|\\(.)|S{1,9}|" + "|".join(_LONGEST_FIRST), re.DOTALL)
