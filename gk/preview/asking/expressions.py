"""Grafana's expressions over the queries of a panel, as its server calculates them: reduce,
threshold, and math with + - * / % and comparisons.

An input is a series or a number for each set of labels. Two of them are calculated with each other
if the labels of one are among those of the other; a single one without labels goes with all.
"""

from __future__ import annotations

import math
import operator
import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import finite, number, word

__all__ = ["NotCalculatedError", "calculated", "inputs_of"]

_MOST = 10_000
"""Pairs of inputs of one operation that are looked at."""
_LONGEST = 200
"""Numbers, names and signs of a formula."""
_DEEPEST = 50
"""Brackets in brackets, and expressions of expressions."""


class NotCalculatedError(Exception):
    """An expression that gk does not calculate; the message says which part of it."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A series, or without times a number; a value is None where there is none."""

    labels: Mapping[str, str]
    values: Sequence[float | None]
    times: Sequence[int] | None = None


_Items = Sequence[_Item]


def inputs_of(target: Json) -> list[str]:
    """The letters of the queries and expressions that an expression is of."""
    text = word(target, "expression")
    if word(target, "type") == "math":
        return [next(filter(None, match)) for match in _VARIABLE.findall(text)]
    return [text.removeprefix("$").strip("{}")] if text else []


def calculated(
    expressions: Mapping[str, Json], queries: Mapping[str, Sequence[Frame]], ref_id: str
) -> list[Frame]:
    """The frames of an expression. Both `expressions` and the frames of `queries`, as series, are
    by their letters. Raises NotCalculatedError."""
    return [_frame(series, ref_id) for series in _Calculation(expressions, queries).of(ref_id, ())]


class _Calculation:
    def __init__(
        self, expressions: Mapping[str, Json], queries: Mapping[str, Sequence[Frame]]
    ) -> None:
        self._expressions = expressions
        # Calculated once: each expression may be of all those before it.
        self._known: dict[str, _Items] = {
            ref_id: [item for frame in frames for item in _items(frame)]
            for ref_id, frames in queries.items()
        }

    def of(self, ref_id: str, above: Sequence[str]) -> _Items:
        """The items of a query or an expression; `above` are those that it is a part of."""
        if ref_id not in self._known:
            target = self._expressions.get(ref_id)
            if target is None or ref_id in above or len(above) > _DEEPEST:
                raise NotCalculatedError(f"its input {ref_id}")
            inputs = {needed: self.of(needed, (*above, ref_id)) for needed in inputs_of(target)}
            kind = word(target, "type")
            if kind not in _KINDS:
                raise NotCalculatedError(kind or "its type")
            self._known[ref_id] = _KINDS[kind](target, inputs)
        return self._known[ref_id]


def _items(frame: Frame) -> Iterator[_Item]:
    """The series of a frame; those of an instant query are numbers."""
    times = next((field for field in frame.fields if field.type is FieldType.TIME), None)
    is_number = path(dict(frame.meta), "custom").get("resultType") in ("vector", "scalar")
    for field in frame.fields:
        if field.type is FieldType.NUMBER:
            yield _Item(
                field.labels, field.values, None if is_number or not times else times.values
            )


def _frame(item: _Item, ref_id: str) -> Frame:
    value = Field(ref_id, FieldType.NUMBER, item.values, item.labels)
    if item.times is None:
        return Frame([value], ref_id=ref_id, meta={"type": "numeric-multi"})
    times = Field("Time", FieldType.TIME, item.times)
    return Frame([times, value], ref_id=ref_id, meta={"type": "timeseries-multi"})


# Reduce


def _reduced(target: Json, inputs: Mapping[str, _Items]) -> _Items:
    name = word(target, "reducer")
    reduce = _REDUCERS.get(name)
    if reduce is None:
        raise NotCalculatedError(f"the reducer {name}")
    settings = path(target, "settings")
    return [
        replace(item, values=[_or_nan(reduce, _counting(item.values, settings))], times=None)
        if item.times is not None
        else item
        for items in inputs.values()
        for item in items
    ]


def _counting(values: Sequence[float | None], settings: Json) -> list[float]:
    """The values that count: where one is missing, all of them do not, unless it is dropped or
    replaced."""
    mode, instead = word(settings, "mode"), number(settings, "replaceWithValue") or 0.0
    numbers = [finite(value) for value in values]
    if mode == "dropNN":
        return [number for number in numbers if number is not None]
    missing = instead if mode == "replaceNN" else math.nan
    return [missing if number is None else number for number in numbers]


def _or_nan(reduce: Callable[[Sequence[float]], float], values: Sequence[float]) -> float:
    try:
        return float(reduce(values))
    except (ValueError, IndexError, OverflowError, statistics.StatisticsError):
        return math.nan


def _any_nan(reduce: Callable[[Sequence[float]], float]) -> Callable[[Sequence[float]], float]:
    return lambda values: math.nan if any(map(math.isnan, values)) else reduce(values)


_REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "min": _any_nan(min),
    "max": _any_nan(max),
    "mean": _any_nan(statistics.fmean),
    "median": _any_nan(statistics.median),
    "sum": sum,
    "count": len,
    "last": lambda values: values[-1],
}


# Threshold


def _threshold(target: Json, inputs: Mapping[str, _Items]) -> _Items:
    condition = next(iter(dicts(target, "conditions")), {})
    evaluator = path(condition, "evaluator")
    given = evaluator.get("params")
    params = [finite(param) for param in given] if isinstance(given, list) else []
    limits = [0.0 if param is None else param for param in (*params, 0.0, 0.0)][:2]
    test = _TESTS.get(word(evaluator, "type"))
    if test is None or path(condition, "unloadEvaluator"):
        raise NotCalculatedError(f"the condition {word(evaluator, 'type')}")
    return [
        replace(item, values=[_tested(value, test, limits) for value in item.values])
        for items in inputs.values()
        for item in items
    ]


def _tested(
    value: float | None, test: Callable[[float, float, float], bool], limits: Sequence[float]
) -> float | None:
    return None if value is None else float(test(value, limits[0], limits[1]))


_TESTS: Mapping[str, Callable[[float, float, float], bool]] = {
    "gt": lambda value, one, other: value > one,
    "gte": lambda value, one, other: value >= one,
    "lt": lambda value, one, other: value < one,
    "lte": lambda value, one, other: value <= one,
    "eq": lambda value, one, other: value == one,
    "ne": lambda value, one, other: value != one,
    "within_range": lambda value, one, other: one < value < other,
    "outside_range": lambda value, one, other: value < one or value > other,
    "within_range_included": lambda value, one, other: one <= value <= other,
    "outside_range_included": lambda value, one, other: value <= one or value >= other,
}


# Math

_VARIABLE = re.compile(r"\$(?:\{([^}]+)\}|(\w+))")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>\$\{[^}]+\}|\$\w+)"
    r"|(?P<sign>[<>=!]=|[-+*/%<>()]))\s*"
)
_LEVELS: Sequence[Mapping[str, Callable[[float, float], float]]] = (
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<=": operator.le,
        ">=": operator.ge,
        "<": operator.lt,
        ">": operator.gt,
    },
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv, "%": math.fmod},
)


def _math(target: Json, inputs: Mapping[str, _Items]) -> _Items:
    text = word(target, "expression")
    tokens: list[str] = []
    at = 0
    while at < len(text):
        if len(tokens) == _LONGEST:
            raise NotCalculatedError("so long a formula")
        token = _TOKEN.match(text, at)
        if token is None:
            raise NotCalculatedError(f"`{text[at : at + 20]}`")
        tokens.append(token[0].strip())
        at = token.end()
    return _Parsed(tokens, inputs).all()


class _Parsed:
    """A formula, calculated while it is read: comparisons, then sums, then products."""

    def __init__(self, tokens: Sequence[str], inputs: Mapping[str, _Items]) -> None:
        self._tokens = [*tokens, ""]
        self._inputs = inputs
        self._at = 0

    def all(self) -> _Items:
        """The whole formula."""
        result = self._level(0, 0)
        if self._tokens[self._at]:
            raise NotCalculatedError(f"`{self._tokens[self._at]}`")
        return result

    def _level(self, level: int, depth: int) -> _Items:
        if level == len(_LEVELS):
            return self._operand(depth)
        result = self._level(level + 1, depth)
        while operate := _LEVELS[level].get(self._tokens[self._at]):
            self._at += 1
            result = _both(operate, result, self._level(level + 1, depth))
        return result

    def _operand(self, depth: int) -> _Items:
        token = self._tokens[self._at]
        self._at += bool(token)
        if depth > _DEEPEST or not token:
            raise NotCalculatedError("its end")
        if token == "-":
            return _both(operator.mul, [_Item({}, [-1.0])], self._operand(depth + 1))
        if token == "(":
            inside = self._level(0, depth + 1)
            if self._tokens[self._at] != ")":
                raise NotCalculatedError("a bracket")
            self._at += 1
            return inside
        if token.startswith("$"):
            return self._inputs[token.strip("${}")]
        try:
            return [_Item({}, [float(token)])]
        except ValueError:
            raise NotCalculatedError(f"`{token}`") from None


def _both(operate: Callable[[float, float], Any], ones: _Items, others: _Items) -> _Items:
    pairs = []
    for index, (one, other) in enumerate((one, other) for one in ones for other in others):
        if index >= _MOST:
            raise NotCalculatedError("so many series")
        is_alone = (len(ones) == 1 and not one.labels) or (len(others) == 1 and not other.labels)
        if (
            is_alone
            or one.labels.items() <= other.labels.items()
            or (one.labels.items() >= other.labels.items())
        ):
            pairs.append(_pair(operate, one, other))
    return pairs


def _pair(operate: Callable[[float, float], Any], one: _Item, other: _Item) -> _Item:
    labels = max(one.labels, other.labels, key=len)
    if one.times is None and other.times is None:
        return _Item(labels, [_calculate(operate, one.values[0], other.values[0])])
    times = one.times if one.times is not None else other.times or ()
    # Of two series, the times that both have.
    own, second = (_by_time(side, times) for side in (one, other))
    shared = [time for time in times if time in own and time in second]
    values = [_calculate(operate, own[time], second[time]) for time in shared]
    return _Item(labels, values, shared)


def _by_time(item: _Item, times: Sequence[int]) -> dict[int, float | None]:
    if item.times is None:
        return dict.fromkeys(times, item.values[0])
    return dict(zip(item.times, item.values, strict=False))


def _calculate(
    operate: Callable[[float, float], Any], one: float | None, other: float | None
) -> float | None:
    if one is None or other is None:
        return None
    try:
        return float(operate(one, other))
    except ZeroDivisionError:
        return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one)
    except (ValueError, OverflowError):
        return math.nan


_KINDS: Mapping[str, Callable[[Json, Mapping[str, _Items]], _Items]] = {
    "reduce": _reduced,
    "threshold": _threshold,
    "math": _math,
}
