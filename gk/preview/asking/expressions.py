"""Grafana's expressions over the queries of a panel, as its server calculates them: reduce,
threshold, math, resample and classic conditions.

An input is a series or a number for each set of labels.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from gk.documents.durations import milliseconds
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.asking import conditions, formulas, thresholds
from gk.preview.asking.items import Item, Items, NotCalculatedError
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import finite, number, word
from gk.prometheus.macros import TimeRange

__all__ = ["NotCalculatedError", "calculated", "inputs_of"]

_DEEPEST = 50
"""Expressions of expressions."""
_MOST = 11_000
"""Times to which a series is resampled."""


def inputs_of(target: Json) -> list[str]:
    """The letters of the queries and expressions that an expression is of."""
    text = word(target, "expression")
    if word(target, "type") == "math":
        return formulas.inputs_of(text)
    if word(target, "type") == "classic_conditions":
        return conditions.inputs_of(target)
    return [text.removeprefix("$").strip("{}")] if text else []


def calculated(
    expressions: Mapping[str, Json],
    queries: Mapping[str, Sequence[Frame]],
    ref_id: str,
    shown: TimeRange,
) -> list[Frame]:
    """The frames of an expression in a time range. Both `expressions` and the frames of `queries`,
    as series, are by their letters. Raises NotCalculatedError."""
    calculation = _Calculation(expressions, queries, shown)
    return [_frame(item, ref_id) for item in calculation.of(ref_id, ())]


class _Calculation:
    def __init__(
        self,
        expressions: Mapping[str, Json],
        queries: Mapping[str, Sequence[Frame]],
        shown: TimeRange,
    ) -> None:
        self._expressions = expressions
        self._shown = shown
        # Calculated once: each expression may be of all those before it.
        self._known: dict[str, Items] = {
            ref_id: [item for frame in frames for item in _items(frame)]
            for ref_id, frames in queries.items()
        }

    def of(self, ref_id: str, above: Sequence[str]) -> Items:
        """The items of a query or an expression; `above` are those that it is a part of."""
        if ref_id not in self._known:
            target = self._expressions.get(ref_id)
            if target is None or ref_id in above or len(above) > _DEEPEST:
                raise NotCalculatedError(f"its input {ref_id}")
            kind = word(target, "type")
            if kind not in _KINDS:
                raise NotCalculatedError(kind or "its type")
            if kind == "classic_conditions" and self._expressions.keys() & inputs_of(target):
                raise NotCalculatedError("conditions of an expression")
            inputs = {needed: self.of(needed, (*above, ref_id)) for needed in inputs_of(target)}
            self._known[ref_id] = _KINDS[kind](target, inputs, self._shown)
        return self._known[ref_id]


def _items(frame: Frame) -> Iterator[Item]:
    """The series of a frame; those of an instant query are numbers."""
    times = next((field for field in frame.fields if field.type is FieldType.TIME), None)
    is_number = path(dict(frame.meta), "custom").get("resultType") in ("vector", "scalar")
    for field in frame.fields:
        if field.type is FieldType.NUMBER:
            yield Item(field.labels, field.values, None if is_number or not times else times.values)


def _frame(item: Item, ref_id: str) -> Frame:
    value = Field(ref_id, FieldType.NUMBER, item.values, item.labels)
    if item.times is None:
        return Frame([value], ref_id=ref_id, meta={"type": "numeric-multi"})
    times = Field("Time", FieldType.TIME, item.times)
    return Frame([times, value], ref_id=ref_id, meta={"type": "timeseries-multi"})


# Reduce


def _reduced(target: Json, inputs: Mapping[str, Items], shown: TimeRange) -> Items:
    name = word(target, "reducer")
    reduce = _REDUCERS.get(name)
    if reduce is None:
        raise NotCalculatedError(f"the reducer {name}")
    counting = _counting(path(target, "settings"))
    numbers = []
    for item in (item for items in inputs.values() for item in items):
        values = counting(item.values)
        if item.times is not None:
            numbers.append(Item(item.labels, [_once(reduce, values)]))
        elif values:
            numbers.append(Item(item.labels, values))
    return numbers


def _counting(settings: Json) -> Callable[[Sequence[float | None]], Sequence[float | None]]:
    """Which values count: those that are not finite may be dropped or replaced."""
    mode = word(settings, "mode")
    if mode == "dropNN":
        return lambda values: [value for value in values if finite(value) is not None]
    if mode == "replaceNN":
        instead = number(settings, "replaceWithValue")
        if instead is None:
            raise NotCalculatedError("a mode that replaces by nothing")
        return lambda values: [instead if finite(value) is None else value for value in values]
    return list


def _once(reduce: _Reducer, values: Sequence[float | None]) -> float | None:
    try:
        return reduce(values)
    except (ValueError, IndexError, OverflowError):
        return None


def _any_nan(reduce: Callable[[Sequence[float]], float]) -> _Reducer:
    """One that is NaN if a value is, or is missing."""

    def reduced(values: Sequence[float | None]) -> float:
        numbers = [math.nan if value is None else value for value in values]
        return math.nan if any(map(math.isnan, numbers)) else float(reduce(numbers))

    return reduced


def _mean(values: Sequence[float]) -> float:
    if not values:
        raise ValueError(values)
    return sum(values) / len(values)


_Reducer: TypeAlias = Callable[[Sequence[float | None]], float | None]
_REDUCERS: Mapping[str, _Reducer] = {
    "min": _any_nan(min),
    "max": _any_nan(max),
    "mean": _any_nan(_mean),
    "median": _any_nan(statistics.median),
    "sum": _any_nan(sum),
    "count": lambda values: float(len(values)),
    "last": lambda values: values[-1],
}


# Threshold


def _threshold(target: Json, inputs: Mapping[str, Items], shown: TimeRange) -> Items:
    listed = dicts(target, "conditions")
    if len(listed) != 1 or path(listed[0], "unloadEvaluator"):
        raise NotCalculatedError("several conditions")
    test = thresholds.comparison_of(listed[0])
    return [
        replace(
            item, values=[None if value is None else float(test(value)) for value in item.values]
        )
        for items in inputs.values()
        for item in items
    ]


# Math


def _math(target: Json, inputs: Mapping[str, Items], shown: TimeRange) -> Items:
    return formulas.formula(word(target, "expression"), inputs)


# Resample


def _resampled(target: Json, inputs: Mapping[str, Items], shown: TimeRange) -> Items:
    window = milliseconds(word(target, "window"))
    if not window or not 1 <= shown.milliseconds / window < _MOST:
        raise NotCalculatedError(f"the resampling to {word(target, 'window')}")
    items = [item for items in inputs.values() for item in items]
    if any(item.times is None for item in items):
        raise NotCalculatedError("the resampling of a number")
    start = round(1000 * shown.start)
    times = range(start, start + shown.milliseconds + 1, window)
    return [replace(item, values=list(_at(item, times, target)), times=times) for item in items]


def _at(item: Item, times: Sequence[int], target: Json) -> Iterator[float | None]:
    """A value for each time, of the samples since the time before."""
    own, place = item.times or (), 0
    fill = word(target, "upsampler")
    for time in times:
        end = bisect_right(own, time, place)
        if end > place:
            yield _several(item.values[place:end], word(target, "downsampler"))
        elif fill == "pad":
            yield item.values[end - 1] if end else None
        elif fill == "backfilling":
            yield item.values[end] if end < len(own) else None
        elif fill == "fillna":
            yield None
        else:
            raise NotCalculatedError(f"the resampling by {fill}")
        place = end


def _several(values: Sequence[float | None], reducer: str) -> float | None:
    if len(values) == 1:
        return values[0]
    if reducer not in ("sum", "mean", "min", "max", "last"):
        raise NotCalculatedError(f"the resampling by {reducer}")
    return _once(_REDUCERS[reducer], values)


_KINDS: Mapping[str, Callable[[Json, Mapping[str, Items], TimeRange], Items]] = {
    "reduce": _reduced,
    "threshold": _threshold,
    "math": _math,
    "resample": _resampled,
    "classic_conditions": conditions.firing,
}
