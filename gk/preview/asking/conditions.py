"""Classic conditions, as Grafana's server evaluates them: the rules of alerts before Grafana 8."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.asking.items import Item, Items, NotCalculatedError
from gk.preview.asking.thresholds import comparison_of
from gk.preview.parts import word, words
from gk.prometheus.macros import TimeRange

__all__ = ["firing", "inputs_of"]


def inputs_of(target: Json) -> list[str]:
    """The letters of the queries that the conditions are of."""
    return [_input(condition) for condition in dicts(target, "conditions")]


def firing(target: Json, inputs: Mapping[str, Items], shown: TimeRange) -> Items:
    """One number: 1 if the conditions hold, 0 if not, and nothing without data."""
    holds = lacks = False
    for index, condition in enumerate(dicts(target, "conditions")):
        operator = word(path(condition, "operator"), "type")
        values = [_reduced(condition, item) for item in inputs[_input(condition)]]
        own_holds, own_lacks = _holds(condition, values), _lacks(condition, values)
        # An operator joins its condition to those before it: the first one's says nothing.
        if index == 0:
            holds, lacks = own_holds, own_lacks
        elif operator == "or":
            holds, lacks = holds or own_holds, lacks or own_lacks
        elif operator == "and":
            holds, lacks = holds and own_holds, lacks and own_lacks
        else:
            raise NotCalculatedError(f"the operator {operator}")
    return [Item({}, [None if lacks else float(holds)])]


def _input(condition: Json) -> str:
    return next(iter(words(path(condition, "query"), "params")), "")


def _waits(condition: Json) -> bool:
    """Whether it waits for there to be no value."""
    return word(path(condition, "evaluator"), "type") == "no_value"


def _holds(condition: Json, values: Sequence[float | None]) -> bool:
    if _waits(condition):
        return None in values or not values
    test = comparison_of(condition, sorts=True)
    return any(value is not None and test(value) for value in values)


def _lacks(condition: Json, values: Sequence[float | None]) -> bool:
    return not _waits(condition) and all(value is None for value in values)


def _reduced(condition: Json, item: Item) -> float | None:
    """What a series is reduced to; None without values."""
    if item.times is None:
        return item.values[0]
    name = word(path(condition, "reducer"), "type")
    reduce = _REDUCERS.get(name)
    if reduce is None:
        raise NotCalculatedError(f"the reducer {name}")
    values = [value for value in item.values if value is not None and not math.isnan(value)]
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
