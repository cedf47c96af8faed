"""Durations as Prometheus writes them: `1h30m`."""

from __future__ import annotations

import re

__all__ = ["milliseconds"]

# Of a number of more digits than an int64 has, Grafana and Prometheus take none either.
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
    """How long a Prometheus duration is; None if it is none."""
    if duration == "0":
        return 0
    match = _DURATION.fullmatch(duration) if duration else None
    if match is None:
        return None
    return sum(int(number) * _MILLISECONDS[unit] for unit, number in match.groupdict("0").items())
