"""Parses and writes Prometheus durations: `1h30m`."""

from __future__ import annotations

import re

__all__ = ["milliseconds", "spelled"]

# At most 19 digits: Grafana and Prometheus, too, refuse numbers beyond an int64.
_DURATION = re.compile(
    "".join(rf"(?:(?P<{unit}>\d{{1,19}}){unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
)
_MILLISECONDS = {
    "y": 31536000000,
    "w": 604800000,
    "d": 86400000,
    "h": 3600000,
    "m": 60000,
    "s": 1000,
    "ms": 1,
}


def milliseconds(duration: str) -> int | None:
    """Return the length of a Prometheus duration; None for any other text."""
    if duration == "0":
        return 0
    match = _DURATION.fullmatch(duration) if duration else None
    if match is None:
        return None
    return sum(int(number) * _MILLISECONDS[unit] for unit, number in match.groupdict("0").items())


def spelled(length: int) -> str:
    """A number of milliseconds as a Prometheus duration in one unit: `90s`."""
    for unit in ("d", "h", "m", "s"):
        if length and length % _MILLISECONDS[unit] == 0:
            return f"{length // _MILLISECONDS[unit]}{unit}"
    return f"{length}ms" if length else "0s"
