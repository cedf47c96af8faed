"""Arithmetic as JavaScript does it, where nothing raises.

A value that is missing is not a number, as after a join in Grafana. (It counts as 0 where the data
has null, but Prometheus has none.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gk.preview.fields.numbers import number_of

__all__ = ["BINARY", "PERCENT", "UNARY", "total"]

PERCENT = "percent"
"""The operation that needs the total of all values."""


def _number(value: Any) -> float:
    if isinstance(value, bool):
        return float(value)
    return math.nan if value is None else number_of(value)


def total(values: Iterable[Any]) -> float:
    """The sum of the finite numbers."""
    result = 0.0
    for value in map(_number, values):
        result += value if math.isfinite(value) else 0.0
    return result


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, str) or isinstance(other, str):
        return math.nan
    return _number(one) + _number(other)


def _over(one: Any, other: Any) -> float:
    above, below = _number(one), _number(other)
    if below:
        return above / below
    if math.isnan(above) or math.isnan(below) or not above:
        return math.nan
    # Python raises for what JavaScript makes an infinity, and 0.0 has a sign in both.
    return math.copysign(math.inf, math.copysign(1, above) * math.copysign(1, below))


BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _plus,
    "-": lambda one, other: _number(one) - _number(other),
    "*": lambda one, other: _number(one) * _number(other),
    "/": _over,
}


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _ln(value: float) -> float:
    if value > 0:
        return math.log(value)
    return -math.inf if value == 0 else math.nan


def _whole(rounded: Callable[[float], int]) -> Callable[[float], float]:
    return lambda value: float(rounded(value)) if math.isfinite(value) else value


_OF_NUMBERS: Mapping[str, Callable[[float], float]] = {
    "abs": abs,
    "exp": _exp,
    "ln": _ln,
    # JavaScript rounds halves up, Python to the even number.
    "round": _whole(lambda value: math.floor(value + 0.5)),
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
}


def _of_any(operation: Callable[[float], float]) -> Callable[[Any], float]:
    return lambda value: operation(_number(value))


UNARY: Mapping[str, Callable[[Any], float]] = {
    name: _of_any(operation) for name, operation in _OF_NUMBERS.items()
}
