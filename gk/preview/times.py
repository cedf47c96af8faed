"""Times and lengths of time in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

__all__ = ["clock", "length"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def clock(zone: str) -> Callable[[float], str]:
    """What says a time in milliseconds since 1970 as Grafana's logs do: 2026-11-30 10:20:30.123. A
    browser's own time zone is UTC, as everywhere in a preview."""
    place = _place(zone)

    def said(milliseconds: float) -> str:
        try:
            time = (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(place)
        except (OverflowError, ValueError):
            return "Invalid date"
        return f"{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03}"

    return said


@cache
def _place(zone: str) -> timezone | ZoneInfo:
    if zone.lower() in ("", "browser", "utc"):
        return timezone.utc
    try:
        return ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        return timezone.utc


_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def length(seconds: float) -> str:
    """A length of time in its two largest units: 3h 20m."""
    rest = max(0, int(seconds))
    counts = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        counts.append((count, name))
    first = next((index for index, (count, _) in enumerate(counts) if count), len(counts) - 1)
    said = [f"{count}{name}" for count, name in counts[first : first + 2] if count]
    return " ".join(said) or "0s"
