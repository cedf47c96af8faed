"""Calculations over the rows so far, and over windows of rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gk.preview.fields import reduced
from gk.preview.model import Field, FieldType
from gk.preview.parts import number, word
from gk.preview.transformations.model import NotDrawnError

__all__ = ["cumulated", "windowed"]

_SHARE = 0.1
"""The part of all rows that is in a window without `windowSize`."""


def cumulated(values: Sequence[Any], *, is_mean: bool) -> list[float]:
    """The sum, or the mean, of all rows up to each."""
    result, total = [], 0.0
    for count, value in enumerate(values, 1):
        total += _plain(value)
        result.append(total / count if is_mean else total)
    return result


def _plain(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def windowed(values: Sequence[Any], rule: Mapping[str, Any]) -> list[Any]:
    """The mean, the variance or the standard deviation of the window around each row: as many rows
    as `windowSize`, or that share of all, up to the row or centered around it."""
    size, reducer = _size(rule, len(values)), word(rule, "reducer", "mean")
    if reducer not in {"mean", "variance", "stdDev"}:
        raise NotDrawnError(f"the reducer `{reducer}`")
    is_centered = word(rule, "windowAlignment") == "centered"
    before = size // 2 if is_centered else size - 1
    after = math.ceil(size / 2) - 1 if is_centered else 0
    if reducer == "mean" and not is_centered:
        return _trailing_means(values, size)
    windows = [values[max(0, row - before) : row + after + 1] for row in range(len(values))]
    return [reduced(Field("", FieldType.NUMBER, window), reducer) or 0 for window in windows]


def _size(rule: Mapping[str, Any], length: int) -> int:
    given = number(rule, "windowSize") if "windowSize" in rule else _SHARE
    if given is None or given <= 0:
        raise NotDrawnError("the size of the window")
    is_share = word(rule, "windowSizeMode", "percentage") == "percentage"
    # All rows are in a window of twice as many, wherever its middle is.
    return math.ceil(min(given * length if is_share else given, 2.0 * length + 2))


def _trailing_means(values: Sequence[Any], size: int) -> list[float]:
    """Grafana lets a value out of the window only when one comes in: it keeps the old one while
    there is nothing."""
    result, total, count = [], 0.0, 0
    for row, value in enumerate(values):
        if value is not None:
            total, count = total + _plain(value), count + 1
            if row >= size and values[row - size] is not None:
                total, count = total - _plain(values[row - size]), count - 1
        result.append(total / count if count else 0.0)
    return result
