"""Which fields an override is for.

Source: packages/grafana-data/src/transformations/matchers at 12.4.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gk.preview.fields.names import VALUE, name_of
from gk.preview.fields.numbers import number_of, words_of
from gk.preview.fields.patterns import pattern_of
from gk.preview.fields.reducers import reduced
from gk.preview.model import Field, FieldType, Frame

__all__ = ["Matcher", "matcher_of"]

Matcher = Callable[[Field, Frame, Sequence[Frame]], bool]


def matcher_of(given: Any) -> Matcher | None:
    """The matcher of an override; None if it is malformed, or not one of Grafana's."""
    if not isinstance(given, dict):
        return None
    make = _MATCHERS.get(given["id"]) if isinstance(given.get("id"), str) else None
    return make(given.get("options")) if make else None


def _by_name(options: Any) -> Matcher:
    return _by_names({"names": [options]})


def _by_names(options: Any) -> Matcher:
    given = options if isinstance(options, dict) else {}
    names = given.get("names")
    wanted = {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
    excludes = given.get("mode") == "exclude"

    def matches(field: Field, frame: Frame, frames: Sequence[Frame]) -> bool:
        is_named = field.name in wanted or name_of(field, frame, frames) in wanted
        return (is_named or _by_old_name(wanted, field)) != excludes

    return matches


def _by_old_name(wanted: Collection[str], field: Field) -> bool:
    """Values have been called Value before they were called as their metric, and times Time."""
    if VALUE in wanted:
        return "__name__" in field.labels and field.labels["__name__"] == field.name
    return bool({"Time", "time"}.intersection(wanted)) and field.type is FieldType.TIME


def _by_pattern(options: Any) -> Matcher:
    text = words_of(options)
    pattern = pattern_of(text) if text else None
    return lambda field, frame, frames: bool(
        pattern and pattern.search(name_of(field, frame, frames))
    )


def _by_pattern_or_names(options: Any) -> Matcher:
    given = options if isinstance(options, dict) else {}
    pattern = _by_pattern(given.get("pattern"))
    names = _by_names({"names": given.get("names")})
    return lambda *asked: names(*asked) or pattern(*asked)


def _by_query(options: Any) -> Matcher:
    return lambda _, frame, __: frame.ref_id == options


def _by_types(options: Any) -> Matcher:
    types = options if isinstance(options, list) else [options]
    return lambda field, _, __: field.type.value in types


def _is_first(_: Any) -> Matcher:
    return lambda field, frame, _: bool(frame.fields) and frame.fields[0] is field


def _is_first_time(_: Any) -> Matcher:
    return lambda field, frame, _: (
        next((field for field in frame.fields if field.type is FieldType.TIME), None) is field
    )


def _by_value(options: Any) -> Matcher:
    given = options if isinstance(options, dict) else {}
    reducer, operator = words_of(given.get("reducer")), given.get("op") or "eq"

    def matches(field: Field, _: Frame, __: Sequence[Frame]) -> bool:
        value = reduced(field, reducer)
        if reducer in {"allIsNull", "allIsZero"}:
            return bool(value)
        return _compares(value, operator, given.get("value"))

    return matches if reducer else lambda *_: False


def _compares(left: Any, operator: Any, right: Any) -> bool:
    """Nothing compares as equal to nothing."""
    if left is None or right is None:
        left, right = ("null" if side is None else side for side in (left, right))
        operator = {"gte": "eq", "lte": "eq"}.get(operator, operator)
    if operator in {"eq", "neq"}:
        return bool((words_of(left) == words_of(right)) == (operator == "eq"))
    compare = _OPERATORS.get(operator)
    return bool(compare and compare(number_of(left), number_of(right)))


_OPERATORS: Mapping[Any, Callable[[float, float], bool]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}

_MATCHERS: Mapping[str, Callable[[Any], Matcher]] = {
    "byName": _by_name,
    "byNames": _by_names,
    "byRegexp": _by_pattern,
    "byRegexpOrNames": _by_pattern_or_names,
    "byFrameRefID": _by_query,
    "byType": _by_types,
    "byTypes": _by_types,
    "numeric": lambda _: _by_types("number"),
    "time": lambda _: _by_types("time"),
    "first": _is_first,
    "firstTimeField": _is_first_time,
    "byValue": _by_value,
}
