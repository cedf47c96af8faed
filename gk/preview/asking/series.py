"""Files with series, in the notation of promtool's tests of rules.

    interval: 1m
    time: 2026-01-01T12:00:00Z
    input_series:
      - series: up{job="shop"}
        values: 1x60

A file of promtool, with `tests`, is one, too: its tests have one list of series then. All series
begin at the same time, and the last sample of the longest is of `time`.
https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from gk.bounded.reading import UnusableFileError, read_text
from gk.documents.durations import milliseconds
from gk.documents.parts import dicts
from gk.errors import ConfigError, Problem, Source
from gk.prometheus.series import parse_series

__all__ = ["SeriesFile", "read_series"]

LARGEST = 4 << 20
"""Bytes of a file: parsing so many takes some seconds."""
_TIME = datetime(2026, 1, 1, 12, tzinfo=timezone.utc).timestamp()
"""When the last sample is if the file does not say: the same each time, for the same picture."""
_INTERVAL = "1m"


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """Series in promtool's notation by their names and labels, the time between two samples as a
    duration, and the time of the last one in seconds since 1970."""

    series: Mapping[str, str]
    interval: str
    time: float


def read_series(path: Path) -> SeriesFile:
    """The series in a file. Raises ConfigError for a file that has none, or has mistakes."""
    try:
        document = yaml.load(read_text(path, LARGEST), yaml.CSafeLoader)
        return _read(document)
    except UnusableFileError as error:
        raise ConfigError(f"--series {path}: {error}") from error
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        raise ConfigError([Problem(Source(str(path)), _mistake(error))]) from error


def _read(document: Any) -> SeriesFile:
    if not isinstance(document, dict):
        raise TypeError("write a mapping with input_series: [{series: ..., values: ...}]")
    tests = [document, *dicts(document, "tests")]
    series: dict[str, str] = {}
    for name, values in (pair for test in tests for pair in _series(test)):
        if series.setdefault(name, values) != values:
            raise ValueError(f"series '{name}' is there twice, with different values")
    if not series:
        raise ValueError("has no series; write input_series: [{series: ..., values: ...}]")
    interval = str(next((test["interval"] for test in tests if "interval" in test), _INTERVAL))
    if not milliseconds(interval):
        raise ValueError(f"interval '{interval}' is not a duration; write one such as 1m")
    return SeriesFile(_of_one_length(series), interval, _time(document.get("time")))


def _series(test: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for written in dicts(dict(test), "input_series"):
        name, values = written.get("series"), written.get("values")
        if not isinstance(name, str) or not isinstance(values, (str, int, float)):
            raise TypeError("an entry of input_series needs series and values, both texts")
        yield name, str(values)


def _of_one_length(series: Mapping[str, str]) -> dict[str, str]:
    """The same with gaps at the end of the shorter ones: as in promtool, all begin together."""
    lengths = [len(parsed.values) for parsed in parse_series(series)]
    longest = max(lengths)
    return {
        name: values if length == longest else f"{values} _x{longest - length}"
        for (name, values), length in zip(series.items(), lengths, strict=True)
    }


def _time(given: Any) -> float:
    if given is None:
        return _TIME
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return float(given)
    try:
        # YAML has made a time of what looks like one.
        at = (
            given
            if isinstance(given, datetime)
            else datetime.fromisoformat(str(given).replace("Z", "+00:00"))
        )
    except ValueError:
        raise ValueError(f"time '{given}' is not one; write 2026-01-01T12:00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp()


def _mistake(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}: {getattr(error, 'problem', 'is not YAML')}"
    return str(error) or type(error).__name__
