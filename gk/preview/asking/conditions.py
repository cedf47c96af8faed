"""Classic conditions, as Grafana's server evaluates them: the rules of alerts before Grafana 8."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.asking.items import Item, Items, NotCalculatedError
from gk.preview.parts import finite, word, words
from gk.prometheus.macros import TimeRange

__all__ = ["firing", "inputs_of"]


def inputs_of(target: Json) -> list[str]:
    """The letters of the queries that the conditions are of."""
    return [_input(each) for each in dicts(target, "conditions")]


def firing(target: Json, inputs: Mapping[str, Items], shown: TimeRange) -> Items:
    """One number: 1 if the conditions hold, 0 if not, and none without data."""
    result: bool | None = None
    has_data = False
    for condition in dicts(target, "conditions"):
        values = [_reduced(condition, item) for item in inputs[_input(condition)]]
        holds = any(_holds(condition, each) for each in values or [None])
        has_data = has_data or any(each is not None for each in values)
        if result is None:
            result = holds
        elif word(path(condition, "operator"), "type") == "or":
            result = result or holds
        else:
            result = result and holds
    return [Item({}, [float(bool(result)) if has_data or result else None])]


def _input(condition: Json) -> str:
    return next(iter(words(path(condition, "query"), "params")), "")


def _holds(condition: Json, value: float | None) -> bool:
    evaluator = path(condition, "evaluator")
    kind = word(evaluator, "type")
    given = evaluator.get("params")
    params = [finite(each) or 0.0 for each in given] if isinstance(given, list) else []
    one, other = (*params, 0.0, 0.0)[:2]
    if kind == "no_value":
        return value is None
    test = _TESTS.get(kind)
    if test is None:
        raise NotCalculatedError(f"the condition {kind}")
    return value is not None and test(value, one, other)


_TESTS: Mapping[str, Callable[[float, float, float], bool]] = {
    "gt": lambda value, one, other: value > one,
    "lt": lambda value, one, other: value < one,
    "within_range": lambda value, one, other: min(one, other) < value < max(one, other),
    "outside_range": lambda value, one, other: value < min(one, other) or value > max(one, other),
}


def _reduced(condition: Json, item: Item) -> float | None:
    """What a series is reduced to; None without values."""
    if item.times is None:
        return item.values[0]
    name = word(path(condition, "reducer"), "type")
    reduce = _REDUCERS.get(name)
    if reduce is None:
        raise NotCalculatedError(f"the reducer {name}")
    values = [each for each in item.values if each is not None and not math.isnan(each)]
    if name == "count":
        return float(len(item.values))
    return float(reduce(values)) if values else None


def _change(values: Sequence[float]) -> float:
    return values[-1] - values[0]


def _share(values: Sequence[float]) -> float:
    return _change(values) / abs(values[0]) * 100 if values[0] else math.nan


_REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "avg": statistics.fmean,
    "min": min,
    "max": max,
    "sum": sum,
    "count": len,
    "count_non_null": len,
    "last": lambda values: values[-1],
    "median": statistics.median,
    "diff": _change,
    "diff_abs": lambda values: abs(_change(values)),
    "percent_diff": _share,
    "percent_diff_abs": lambda values: abs(_share(values)),
}
