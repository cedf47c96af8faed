"""Finds what Alertmanager and Grafana refuse in the intervals of a mute timing.

Both have the same parser (prometheus/alertmanager, timeinterval/timeinterval.go). It refuses
less than one may expect: months beyond 12 and negative years pass. Grafana also writes an interval
and reads it again (MuteTimeInterval.Validate in pkg/services/ngalert/api/tooling/definitions), and
so refuses null where zero is not a valid value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gk.documents.timezones import is_timezone, timezones
from gk.errors import did_you_mean

__all__ = ["mistakes_in_interval"]

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_KEYS = ("times", "weekdays", "days_of_month", "months", "years", "location")
_NOT_NULL = ("times", "days_of_month")
_TIME_KEYS = ("start_time", "end_time")

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 19
# The shortest month, for days that are counted from its end.
_SHORTEST_MONTH = 28


def mistakes_in_interval(interval: Mapping[Any, Any]) -> Iterator[str]:
    """Yield what is wrong with one interval. An interval without keys is all of the time."""
    # Grafana ignores unknown keys, and would mute longer than the definition says.
    yield from _unknown_keys(interval, _KEYS)
    yield from _in_list(interval, "times", _in_times)
    yield from _in_list(interval, "weekdays", _range_of("a weekday", _weekday, _WEEKDAYS))
    yield from _in_list(interval, "days_of_month", _in_days)
    yield from _in_list(interval, "months", _range_of("a month", _month, _MONTHS))
    yield from _in_list(interval, "years", _range_of("a year", _integer, ()))
    yield from _in_location(interval.get("location"))


def _unknown_keys(given: Mapping[Any, Any], known: tuple[str, ...]) -> Iterator[str]:
    # Other keys than texts are not JSON, and so a mistake anyway.
    for key in sorted(key for key in given if isinstance(key, str) and key not in known):
        yield f"unknown key '{key}'{did_you_mean(key, known) or _one_of(sorted(known))}"


def _in_list(
    interval: Mapping[Any, Any], key: str, check: Callable[[Any], Iterator[str]]
) -> Iterator[str]:
    values = interval.get(key)
    if values is None:
        return
    if not isinstance(values, (list, tuple)):
        yield f"{key} must be a list, not {type(values).__name__}"
        return
    for value in values:
        if value is not None:
            yield from (f"{key}: {mistake}" for mistake in check(value))
        elif key in _NOT_NULL:
            yield f"{key}: None is not a value"


def _in_location(location: Any) -> Iterator[str]:
    if location is None:
        return
    if not isinstance(location, str):
        yield f"location must be text, not {type(location).__name__}"
    elif not is_timezone(location):
        yield f"location '{location}' is not a time zone{did_you_mean(location, timezones())}"


# Times of the day


def _in_times(times: Any) -> Iterator[str]:
    if not isinstance(times, Mapping):
        yield "each must be a dict with 'start_time' and 'end_time'"
        return
    unknown = list(_unknown_keys(times, _TIME_KEYS))
    yield from unknown
    start, end = times.get("start_time"), times.get("end_time")
    if unknown or not start or not end:
        if not unknown:
            yield "each needs 'start_time' and 'end_time'"
        return
    wrong = [time for time in (start, end) if not _is_time(time)]
    yield from (f"'{time}' must be HH:MM, from '00:00' to '24:00'" for time in wrong)
    if not wrong and start >= end:
        yield from _night(start, end)


def _is_time(time: Any) -> bool:
    return isinstance(time, str) and _TIME.fullmatch(time) is not None


def _night(start: str, end: str) -> Iterator[str]:
    if start == end:
        yield f"'{start}' to '{end}' is empty"
    elif end == "00:00":
        yield f"'{start}' to '{end}' ends before it starts; the end of the day is '24:00'"
    else:
        yield (
            f"'{start}' to '{end}' ends before it starts; write '{start}' to '24:00' and "
            f"'00:00' to '{end}'"
        )


# Ranges


def _range_of(
    what: str, number: Callable[[str], int | None], names: tuple[str, ...]
) -> Callable[[Any], Iterator[str]]:
    """A check of a range or one value, whose members `number` numbers."""

    def check(value: Any) -> Iterator[str]:
        members = _members(value)
        if members is None:
            yield f"'{value}' must be one value, or a range with one ':'"
            return
        unknown = [member for member in members if number(member) is None]
        for member in dict.fromkeys(unknown):
            hint = did_you_mean(member, names)
            yield f"'{member}' is not {what}{hint or _one_of(names)}"
        if not unknown:
            yield from _reversed(value, *map(number, members))

    return check


def _one_of(names: Sequence[str]) -> str:
    return f"; one of {', '.join(names)}" if names else ""


def _reversed(value: Any, begin: int | None, end: int | None) -> Iterator[str]:
    if begin is not None and end is not None and begin > end:
        first, _, last = str(value).partition(":")
        yield f"'{first}:{last}' ends before it starts; write two ranges"


def _members(value: Any) -> tuple[str, str] | None:
    """The begin and the end of a range, which are the same for one value."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    parts = _text(value).lower().split(":")
    return (parts[0], parts[-1]) if len(parts) <= 2 else None


def _text(value: str | int) -> str:
    # Python makes no text of a number of more than 4,300 digits.
    return value if isinstance(value, str) else f"{value:.3e}" if abs(value) > 2**63 else str(value)


def _weekday(name: str) -> int | None:
    return _WEEKDAYS.index(name) if name in _WEEKDAYS else None


def _month(name: str) -> int | None:
    return _MONTHS.index(name) + 1 if name in _MONTHS else _integer(name)


def _integer(text: str) -> int | None:
    # Go's integers have 64 bits.
    digits = text.lstrip("+-0") or "0"
    if not _INTEGER.fullmatch(text) or len(digits) > _MOST_DIGITS:
        return None
    number = -int(digits) if text.startswith("-") else int(digits)
    return number if -(2**63) <= number < 2**63 else None


def _in_days(value: Any) -> Iterator[str]:
    mistakes = list(_range_of("a day of the month", _integer, ())(value))
    members = _members(value)
    if members is None or any(_integer(member) is None for member in members):
        yield from mistakes
        return
    begin, end = map(int, members)
    wrong = {day for day in (begin, end) if not 1 <= abs(day) <= 31}
    for day in sorted(wrong):
        yield f"'{day}' must be 1 to 31, or -31 to -1 from the end of the month"
    if wrong:
        return
    if begin < 0 < end:
        yield f"'{value}' starts from the end of the month, so its end must, too"
    elif _from_start(begin) > _from_start(end):
        yield f"'{value}' ends before it starts in a short month"


def _from_start(day: int) -> int:
    return day if day > 0 else _SHORTEST_MONTH + day
