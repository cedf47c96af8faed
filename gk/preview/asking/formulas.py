"""The formulas of Grafana's math expressions, calculated as its server does.

Two inputs are calculated with each other if the labels of one are among those of the other, or if
there is one of each. What is of NaN is NaN, and what is of nothing is nothing; both were measured
with 12.4.0, as were the exceptions.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gk.preview.asking.items import Item, Items, NotCalculatedError

__all__ = ["formula", "inputs_of"]

_MOST = 10_000
"""Pairs of inputs of one operation that are looked at."""
_LONGEST = 200
"""Numbers, names and signs of a formula."""
_DEEPEST = 50
"""Brackets in brackets."""

_Value = float | None

_VARIABLE = re.compile(r"\$(?:\{([^}]+)\}|(\w+))")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<name>\$\{[^}]+\}|\$\w+)|(?P<function>[a-z_]+)"
    r"|(?P<sign>[-+*/%<>=!&|]+|[()]))\s*"
)


def inputs_of(text: str) -> list[str]:
    """The letters in a formula."""
    return [next(filter(None, match)) for match in _VARIABLE.findall(text)]


def formula(text: str, inputs: Mapping[str, Items]) -> Items:
    """What a formula is of inputs by their letters. Raises NotCalculatedError."""
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
    """A formula, calculated while it is read: what binds less is read first."""

    def __init__(self, tokens: Sequence[str], inputs: Mapping[str, Items]) -> None:
        self._tokens = [*tokens, ""]
        self._inputs = inputs
        self._at = 0

    def all(self) -> Items:
        """The whole formula."""
        result = self._level(0, 0)
        if self._tokens[self._at]:
            raise NotCalculatedError(f"`{self._tokens[self._at]}`")
        return result

    def _level(self, level: int, depth: int) -> Items:
        if level == len(_LEVELS):
            return self._operand(depth)
        result = self._level(level + 1, depth)
        while operate := _LEVELS[level].get(self._tokens[self._at]):
            self._at += 1
            result = _both(operate, result, self._level(level + 1, depth))
        return result

    def _operand(self, depth: int) -> Items:
        token = self._tokens[self._at]
        # The empty token at the end stays the next one.
        self._at += bool(token)
        if depth > _DEEPEST or not token:
            raise NotCalculatedError("its end")
        if token in _SIGNS:
            return _each(_SIGNS[token], self._operand(depth + 1))
        if token == "(":
            return self._inside(depth)
        if token.startswith("$"):
            (letter,) = inputs_of(token)
            return self._inputs[letter]
        if token[0].isalpha() or token[0] == "_":
            return self._called(token, depth)
        return [Item({}, [_constant(token)])]

    def _inside(self, depth: int) -> Items:
        inside = self._level(0, depth + 1)
        self._expect(")")
        return inside

    def _called(self, name: str, depth: int) -> Items:
        if name not in _FUNCTIONS and name not in _CONSTANTS:
            raise NotCalculatedError(f"the function {name}")
        self._expect("(")
        if name in _CONSTANTS:
            self._expect(")")
            return [Item({}, [_CONSTANTS[name]])]
        return _each(_FUNCTIONS[name], self._inside(depth))

    def _expect(self, bracket: str) -> None:
        if self._tokens[self._at] != bracket:
            raise NotCalculatedError("a bracket")
        self._at += 1


def _constant(token: str) -> float:
    try:
        if token[:2].lower() == "0x":
            return float(int(token, 16))
        # As in Go, a number that begins with 0 is octal, if it can be.
        is_octal = token.startswith("0") and re.fullmatch("[0-7]+", token)
        value = float(int(token, 8)) if is_octal else float(token)
    except (ValueError, OverflowError):
        value = math.inf
    if math.isinf(value):
        raise NotCalculatedError(f"`{token}`")
    return value


# Of one


def _each(operate: Callable[[_Value], _Value], items: Items) -> Items:
    return [
        Item(item.labels, [operate(value) for value in item.values], item.times) for item in items
    ]


def _sign(operate: Callable[[float], float]) -> Callable[[_Value], _Value]:
    def of(value: _Value) -> _Value:
        return value if value is None or math.isnan(value) else float(operate(value))

    return of


def _function(operate: Callable[[float], float]) -> Callable[[_Value], _Value]:
    """Functions of nothing are NaN."""

    def of(value: _Value) -> _Value:
        if value is None:
            return math.nan
        try:
            return float(operate(value))
        except (ValueError, OverflowError):
            return value if math.isinf(value) else math.nan

    return of


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def _round(value: float) -> float:
    """Halves are rounded away from zero."""
    return math.copysign(math.floor(abs(value) + 0.5), value)


_SIGNS: Mapping[str, Callable[[_Value], _Value]] = {
    "-": _sign(operator.neg),
    "!": _sign(operator.not_),
}
_FUNCTIONS: Mapping[str, Callable[[_Value], _Value]] = {
    "abs": _function(abs),
    "ceil": _function(math.ceil),
    "floor": _function(math.floor),
    "log": _function(_log),
    "round": _function(_round),
    "is_inf": _function(math.isinf),
    "is_nan": _function(math.isnan),
    "is_null": lambda value: float(value is None),
    "is_number": lambda value: float(value is not None and math.isfinite(value)),
}
_CONSTANTS: Mapping[str, _Value] = {
    "inf": math.inf,
    "infn": -math.inf,
    "nan": math.nan,
    "null": None,
}


# Of two


def _both(operate: Callable[[float, float], Any], ones: Items, others: Items) -> Items:
    pairs = []
    is_alone = len(ones) == len(others) == 1
    for index, (one, other) in enumerate((one, other) for one in ones for other in others):
        if index >= _MOST:
            raise NotCalculatedError("so many series")
        if one.labels.items() <= other.labels.items():
            pairs.append(_pair(operate, one, other, other.labels))
        elif one.labels.items() >= other.labels.items():
            pairs.append(_pair(operate, one, other, one.labels))
        elif is_alone:
            pairs.append(_pair(operate, one, other, {}))
    return pairs


def _pair(
    operate: Callable[[float, float], Any], one: Item, other: Item, labels: Mapping[str, str]
) -> Item:
    if one.times is None and other.times is None:
        return Item(labels, [_calculate(operate, one.values[0], other.values[0])])
    times = one.times if one.times is not None else other.times or ()
    # Of two series, the times that both have.
    own, second = (_by_time(side, times) for side in (one, other))
    shared = [time for time in times if time in own and time in second]
    values = [_calculate(operate, own[time], second[time]) for time in shared]
    return Item(labels, values, shared)


def _by_time(item: Item, times: Sequence[int]) -> dict[int, _Value]:
    if item.times is None:
        return dict.fromkeys(times, item.values[0])
    return dict(zip(item.times, item.values, strict=False))


def _calculate(operate: Callable[[float, float], Any], one: _Value, other: _Value) -> _Value:
    return None if one is None or other is None else float(operate(one, other))


def _known(operate: Callable[[float, float], Any]) -> Callable[[float, float], Any]:
    return lambda one, other: (
        math.nan if math.isnan(one) or math.isnan(other) else operate(one, other)
    )


# The first side of these may decide alone, although the other is NaN.


def _or(one: float, other: float) -> float:
    return 1.0 if one else math.nan if math.isnan(other) else float(other != 0)


def _and(one: float, other: float) -> float:
    if not one:
        return 0.0
    return math.nan if math.isnan(one) or math.isnan(other) else float(other != 0)


def _quotient(one: float, other: float) -> float:
    if other:
        return one / other
    return math.copysign(math.inf, one) * math.copysign(1.0, other) if one else math.nan


def _rest(one: float, other: float) -> float:
    return math.fmod(one, other) if other and math.isfinite(one) else math.nan


def _power(one: float, other: float) -> float:
    try:
        return math.pow(one, other)
    except OverflowError:
        return -math.inf if one < 0 and other % 2 else math.inf
    except ValueError:
        return math.nan if one else math.inf


_LEVELS: Sequence[Mapping[str, Callable[[float, float], Any]]] = (
    {"||": _or},
    {"&&": _and},
    {
        "==": _known(operator.eq),
        "!=": _known(operator.ne),
        "<=": _known(operator.le),
        ">=": _known(operator.ge),
        "<": _known(operator.lt),
        ">": _known(operator.gt),
    },
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": _known(_quotient), "%": _known(_rest)},
    {"**": _known(_power)},
)
