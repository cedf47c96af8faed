"""Series in the notation of promtool's tests.

    {"up{job='shop'}": "1 1 0x5 _ stale"}
    {"orders_total": "0+10x60"}

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import promql_parser

__all__ = ["STALE", "Series", "is_stale", "parse_series"]

_STALE_BITS = 0x7FF0000000000002
STALE: float = struct.unpack("<d", struct.pack("<Q", _STALE_BITS))[0]
"""The NaN by which Prometheus marks the end of a series (model/value/value.go)."""

_NUMBER = r"(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[nN]a[nN]|[iI]nf)"
_ITEM = re.compile(
    rf"""
    (?P<gap>_) (?:x(?P<gaps>\d+))?
    | (?P<stale>stale)
    | (?P<value>[+-]?{_NUMBER}) (?: (?P<step>[+-]{_NUMBER})? x(?P<times>\d+) )?
    """,
    re.VERBOSE,
)
_MOST = 1_000_000
"""Samples of a series: a mistyped number would otherwise fill the memory."""


@dataclass(frozen=True, slots=True)
class Series:
    """The labels of a series, its name among them, and its values; None where it has no sample."""

    labels: Mapping[str, str]
    values: Sequence[float | None]


def is_stale(value: float) -> bool:
    """Whether a value is the mark of staleness, and no number."""
    return math.isnan(value) and struct.unpack("<Q", struct.pack("<d", value))[0] == _STALE_BITS


def parse_series(series: Mapping[str, str]) -> list[Series]:
    """The series that texts stand for. Raises ValueError with the text that is wrong."""
    return [Series(_labels(name), _values(name, text)) for name, text in series.items()]


def _labels(text: str) -> dict[str, str]:
    try:
        selector = promql_parser.parse(text)
    except ValueError as error:
        raise ValueError(f"series '{text}': {error}") from None
    if isinstance(selector, promql_parser.VectorSelector):
        labels = {"__name__": selector.name} if selector.name else {}
        return labels | dict(_label(text, matcher) for matcher in selector.matchers.matchers)
    raise ValueError(f"series '{text}': write a name and labels, such as up{{job='shop'}}")


def _label(series: str, matcher: promql_parser.Matcher) -> tuple[str, str]:
    if matcher.op != promql_parser.MatchOp.Equal:
        raise ValueError(f"series '{series}': a label has one value; write {matcher.name}='...'")
    return matcher.name, matcher.value


def _values(name: str, text: str) -> list[float | None]:
    values: list[float | None] = []
    for item in text.split():
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(
                f"series '{name}': '{item}' is not in promtool's notation; write numbers, 0+10x5, "
                "1x5, _, _x5 or stale"
            )
        values += _expanded(match)
        if len(values) > _MOST:
            raise ValueError(f"series '{name}': more than {_MOST:,} samples")
    return values


def _expanded(match: re.Match[str]) -> list[float | None]:
    if match["gap"]:
        return [None] * _bounded(match["gaps"] or "1")
    if match["stale"]:
        return [STALE]
    value = float(match["value"])
    if match["times"] is None:
        return [value]
    step = float(match["step"] or "0")
    # As promtool: it adds the step again and again, and so has the same rounding.
    values: list[float | None] = [value]
    for _ in range(_bounded(match["times"])):
        value += step
        values.append(value)
    return values


def _bounded(count: str) -> int:
    return min(int(count), _MOST + 1)
