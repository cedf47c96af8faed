"""One value of all values of a field: what stats show and legends list.

Source: packages/grafana-data/src/transformations/fieldReducer.ts at 12.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from gk.preview.fields.numbers import number_of, ordinal, summed
from gk.preview.fields.versions import reducer_in
from gk.preview.model import DRAWN, Field, FieldType

__all__ = ["ALIASES", "REDUCERS", "reduced"]


REDUCERS: Mapping[str, str] = {
    "lastNotNull": "Last *",
    "last": "Last",
    "firstNotNull": "First *",
    "first": "First",
    "min": "Min",
    "max": "Max",
    "mean": "Mean",
    "median": "Median",
    "variance": "Variance",
    "stdDev": "StdDev",
    "sum": "Total",
    "count": "Count",
    "countAll": "Count all",
    "range": "Range",
    "delta": "Delta",
    "step": "Step",
    "diff": "Difference",
    "logmin": "Min (above zero)",
    "allIsZero": "All Zeros",
    "allIsNull": "All Nulls",
    "changeCount": "Change Count",
    "distinctCount": "Distinct Count",
    "diffperc": "Difference percent",
    "allValues": "All values",
    "uniqueValues": "All unique values",
    **{f"p{number}": f"{ordinal(number)} %" for number in range(1, 100)},
}
"""The ids of reducers, and the names that legends print."""

ALIASES: Mapping[str, str] = {"current": "lastNotNull", "avg": "mean", "total": "sum"}
"""Names that older dashboards have."""

_OF_NOTHING = {"sum": 0, "count": 0, "countAll": 0, "allIsZero": False, "allIsNull": True}


def reduced(field: Field, reducer: str) -> Any:
    """The one value of a field by a reducer: a number, or a value of the field's own type, or a
    list; None where there is none, or no such reducer."""
    name = ALIASES.get(reducer, reducer)
    if name not in REDUCERS:
        return None
    if not len(field.values):
        return _OF_NOTHING.get(name)
    try:
        return _of_values(field, name)
    except OverflowError:
        # JavaScript has no whole numbers beyond a float: those of JSON are infinite.
        values = [number_of(value) if type(value) is int else value for value in field.values]
        return _of_values(replace(field, values=values), name)


def _of_values(field: Field, name: str) -> Any:
    is_older = field.version < DRAWN and field.type in {FieldType.NUMBER, FieldType.TIME}
    if is_older and (older := reducer_in(field.version, name)):
        return older(field)
    # Only percentiles begin with this letter: p1 to p99.
    if name[0] == "p":
        return _percentile(field.values, int(name[1:]) / 100)
    return _REDUCERS[name](field)


def _is_value(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124 - NaN is not itself


def _numbers(field: Field) -> list[float]:
    if field.type not in {FieldType.NUMBER, FieldType.TIME}:
        return []
    return [value for value in field.values if _is_value(value) and _is_number(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _first_not_null(field: Field) -> Any:
    return next(filter(_is_value, field.values), None)


def _last_not_null(field: Field) -> Any:
    return next(filter(_is_value, reversed(field.values)), None)


def _mean(field: Field) -> float | None:
    numbers = _numbers(field)
    return summed(numbers) / len(numbers) if numbers else None


def _median(field: Field) -> Any:
    numbers = _sorted([value for value in field.values if value is not None])
    if not numbers:
        return math.nan
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    one, other = numbers[middle - 1], numbers[middle]
    return (one + other) / 2 if _is_number(one) and _is_number(other) else math.nan


def _percentile(values: Sequence[Any], share: float) -> Any:
    numbers = _sorted([value for value in values if value is not None])
    # One of the values, the nearest: halves go up, as in JavaScript.
    return numbers[math.floor((len(numbers) - 1) * share + 0.5)] if numbers else None


def _sorted(values: list[Any]) -> list[Any]:
    """As JavaScript sorts by difference: what has none stays where it is."""
    if all(map(_is_number, values)) and not any(map(math.isnan, values)):
        return sorted(values)

    def order(one: Any, other: Any) -> int:
        if not (_is_number(one) and _is_number(other)):
            return 0
        return int(one > other) - int(one < other)

    return sorted(values, key=cmp_to_key(order))


def _variance(field: Field) -> float:
    if field.type not in {FieldType.NUMBER, FieldType.TIME}:
        return 0
    squares, mean, count = 0.0, 0.0, 0
    for value in field.values:
        if value is not None and _is_number(value):
            count += 1
            before = mean
            mean += (value - before) / count
            squares += (value - before) * (value - mean)
    return squares / count if count else 0


def _count(field: Field) -> int:
    return sum(value is not None for value in field.values)


# JavaScript's Number.MAX_VALUE, with which Grafana begins to look for the least and the greatest:
# it finds no infinity beyond.
_MOST = 1.7976931348623157e308


def _least(field: Field) -> float | None:
    return min((number for number in _numbers(field) if number < _MOST), default=None)


def _greatest(field: Field) -> float | None:
    return max((number for number in _numbers(field) if number > -_MOST), default=None)


def _range(field: Field) -> float | None:
    least, greatest = _least(field), _greatest(field)
    return None if least is None or greatest is None else greatest - least


def _delta(field: Field) -> float:
    """What a counter grew: a fall is a new start, which does not count."""
    numbers = _numbers(field)
    total, is_up = 0.0, True
    for before, number in pairwise(numbers):
        if before > number:
            is_up = False
        else:
            total += number - before if is_up else 0
            is_up = True
    return total


def _step(field: Field) -> float | None:
    numbers = _numbers(field)
    return min((number - before for before, number in pairwise(numbers)), default=None)


def _difference(field: Field) -> float | None:
    first, last = _first_not_null(field), _last_not_null(field)
    if isinstance(first, bool) or not (_is_number(first) and _is_number(last)):
        return None
    return float(last - first)


def _difference_percent(field: Field) -> float:
    first, difference = _first_not_null(field), _difference(field)
    if difference is None:
        return 0
    if first:
        return difference / float(first) * 100
    return math.nan if difference == 0 else math.copysign(math.inf, difference)


def _least_above_zero(field: Field) -> float:
    return min((number for number in _numbers(field) if number > 0), default=_MOST)


def _is_null(field: Field) -> bool:
    return not _numbers(field)


def _is_zero(field: Field) -> bool:
    numbers = _numbers(field)
    return bool(numbers) and not any(numbers)


def _changes(field: Field) -> int:
    values = [value for value in field.values if value is not None]
    return sum(before != value for before, value in pairwise(values))


def _identity(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str | None):
        return (type(value), str(value))
    return ("NaN",) if not _is_value(value) and value is not None else value


def _unique(field: Field) -> list[Any]:
    seen: dict[Any, Any] = {}
    for value in field.values:
        seen.setdefault(_identity(value), value)
    return list(seen.values())


_REDUCERS: Mapping[str, Callable[[Field], Any]] = {
    "lastNotNull": _last_not_null,
    "last": lambda field: field.values[-1],
    "firstNotNull": _first_not_null,
    "first": lambda field: field.values[0],
    "min": _least,
    "max": _greatest,
    "mean": _mean,
    "median": _median,
    "variance": _variance,
    "stdDev": lambda field: math.sqrt(_variance(field)),
    "sum": lambda field: summed(_numbers(field)),
    "count": _count,
    "countAll": lambda field: len(field.values),
    "range": _range,
    "delta": _delta,
    "step": _step,
    "diff": _difference,
    "logmin": _least_above_zero,
    "allIsZero": _is_zero,
    "allIsNull": _is_null,
    "changeCount": _changes,
    "distinctCount": lambda field: len(
        {_identity(value) for value in field.values if value is not None}
    ),
    "diffperc": _difference_percent,
    "allValues": lambda field: list(field.values),
    "uniqueValues": _unique,
}
