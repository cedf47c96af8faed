"""The formulas of Grafana's math expressions, calculated as its server does.

Two inputs are calculated with each other if the labels of one are among those of the other; a
single one without labels goes with all.
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
    r"|(?P<sign>\*\*|&&|\|\||[<>=!]=|[-+*/%<>!()]))\s*"
)


def inputs_of(text: str) -> list[str]:
    """The letters in a formula."""
    return [next(filter(None, each)) for each in _VARIABLE.findall(text)]


def formula(text: str, inputs: Mapping[str, Items]) -> Items:
    """What a formula is of inputs by their letters. Raises NotCalculatedError."""
    tokens: list[str] = []
    at = 0
    while at < len(text):
        if len(tokens) == _LONGEST:
            raise NotCalculatedError("so long a formula")
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotCalculatedError(f"`{text[at : at + 20]}`")
        tokens.append(found[0].strip())
        at = found.end()
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
        self._at += bool(token)
        if depth > _DEEPEST or not token:
            raise NotCalculatedError("its end")
        if token in _SIGNS:
            return _each(_SIGNS[token], self._operand(depth + 1))
        if token == "(":
            return self._inside(depth)
        if token.startswith("$"):
            return self._inputs[token.strip("${}")]
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
        if token.isdigit() and token.startswith("0"):
            return float(int(token, 8))
        return float(token)
    except (ValueError, OverflowError):
        raise NotCalculatedError(f"`{token}`") from None


# Of one


def _each(operate: Callable[[_Value], _Value], items: Items) -> Items:
    return [
        Item(each.labels, [operate(value) for value in each.values], each.times) for each in items
    ]


def _known(operate: Callable[[float], float]) -> Callable[[_Value], _Value]:
    """The same for a value that may be missing, or not finite."""

    def known(value: _Value) -> _Value:
        if value is None:
            return None
        try:
            return float(operate(value))
        except (ValueError, OverflowError):
            return value if math.isinf(value) else math.nan

    return known


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def _round(value: float) -> float:
    """Halves are rounded away from zero."""
    return math.copysign(math.floor(abs(value) + 0.5), value)


_SIGNS: Mapping[str, Callable[[_Value], _Value]] = {
    "-": _known(operator.neg),
    "!": _known(operator.not_),
}
_FUNCTIONS: Mapping[str, Callable[[_Value], _Value]] = {
    "abs": _known(abs),
    "ceil": _known(math.ceil),
    "floor": _known(math.floor),
    "log": _known(_log),
    "round": _known(_round),
    "is_inf": lambda value: float(value is not None and math.isinf(value)),
    "is_nan": lambda value: float(value is not None and math.isnan(value)),
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
    found = []
    for index, (one, other) in enumerate((one, other) for one in ones for other in others):
        if index >= _MOST:
            raise NotCalculatedError("so many series")
        is_alone = (len(ones) == 1 and not one.labels) or (len(others) == 1 and not other.labels)
        if (
            is_alone
            or one.labels.items() <= other.labels.items()
            or (one.labels.items() >= other.labels.items())
        ):
            found.append(_pair(operate, one, other))
    return found


def _pair(operate: Callable[[float, float], Any], one: Item, other: Item) -> Item:
    labels = max(one.labels, other.labels, key=len)
    if one.times is None and other.times is None:
        return Item(labels, [_calculate(operate, one.values[0], other.values[0])])
    times = one.times if one.times is not None else other.times or ()
    # Of two series, the times that both have.
    own, second = (_by_time(each, times) for each in (one, other))
    shared = [each for each in times if each in own and each in second]
    values = [_calculate(operate, own[each], second[each]) for each in shared]
    return Item(labels, values, shared)


def _by_time(item: Item, times: Sequence[int]) -> dict[int, _Value]:
    if item.times is None:
        return dict.fromkeys(times, item.values[0])
    return dict(zip(item.times, item.values, strict=False))


def _calculate(operate: Callable[[float, float], Any], one: _Value, other: _Value) -> _Value:
    if one is None or other is None:
        return None
    try:
        return float(operate(one, other))
    except ZeroDivisionError:
        return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one)
    except (ValueError, OverflowError):
        return math.nan


def _power(one: float, other: float) -> float:
    try:
        return math.pow(one, other)
    except OverflowError:
        return -math.inf if one < 0 and other % 2 else math.inf


_LEVELS: Sequence[Mapping[str, Callable[[float, float], Any]]] = (
    {"||": lambda one, other: one != 0 or other != 0},
    {"&&": lambda one, other: one != 0 and other != 0},
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
    {"**": _power},
)
