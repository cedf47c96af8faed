"""Rows left out by what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from gk.documents.parts import dicts
from gk.preview.fields import name_of
from gk.preview.fields.numbers import number_of, parsed, words_of
from gk.preview.fields.patterns import pattern_of
from gk.preview.model import Frame
from gk.preview.parts import part, word
from gk.preview.transformations.model import Frames, NotDrawnError, Options, padded, searching

__all__ = ["apply"]

Test: TypeAlias = Callable[[Any], bool]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Keep the rows that match any or all filters (`match`), or the others (`type` exclude)."""
    filters = dicts(options, "filters")
    if not filters:
        return list(frames)
    tests = [
        (word(condition, "fieldName"), _test(part(condition, "config"))) for condition in filters
    ]
    decide = all if word(options, "match", "any") == "all" else any
    is_kept = word(options, "type", "include") == "include"
    result = []
    for frame in frames:
        columns = {
            name_of(field, frame, frames): padded(field, frame.length) for field in frame.fields
        }
        rows = [
            row
            for row in range(frame.length)
            if decide(name in columns and test(columns[name][row]) for name, test in tests)
            == is_kept
        ]
        fields = [
            replace(field, values=[values[row] for row in rows])
            for field in frame.fields
            for values in [padded(field, frame.length)]
        ]
        result.append(replace(frame, fields=fields))
    return result


def _test(config: Mapping[str, Any]) -> Test:
    kind, options = word(config, "id"), part(config, "options")
    make = _TESTS.get(kind)
    if make is None:
        raise NotDrawnError(f"the filter `{kind}`")
    return make(options)


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Mapping[str, Any]], Test]:
    def make(options: Mapping[str, Any]) -> Test:
        limit = _number(options.get("value"))
        return lambda value: compare(_number(value), limit)

    return make


def _number(value: Any) -> float:
    """JavaScript's number of a value: nothing and an empty text are 0."""
    return 0.0 if value is None or value == "" else number_of(value)


def _equal(options: Mapping[str, Any]) -> Test:
    """A number and the text of it are equal."""
    wanted = options.get("value")

    def matches(value: Any) -> bool:
        if value is None or wanted is None:
            return value is wanted
        if isinstance(value, str) and isinstance(wanted, str):
            return value == wanted
        return _number(value) == _number(wanted)

    return matches


def _not_equal(options: Mapping[str, Any]) -> Test:
    equal = _equal(options)
    return lambda value: not equal(value)


def _between(options: Mapping[str, Any]) -> Test:
    low, high = (
        number_of(given) if isinstance(given, int | float) else _whole(given)
        for given in (options.get("from"), options.get("to"))
    )
    return lambda value: low < _number(value) < high


def _whole(given: Any) -> float:
    number = parsed(given)
    return number // 1 if number >= 0 else -(-number // 1)


def _regex(options: Mapping[str, Any]) -> Test:
    text = words_of(options.get("value"))
    # Without slashes, the whole text would have to match.
    pattern = pattern_of("/" + re.sub(r"(?<!\\)/", r"\\/", text) + "/")
    if pattern is None:
        raise NotDrawnError(f"the regular expression `{text}`")
    matches = searching(pattern)
    return lambda value: value is not None and matches(words_of(value))


def _contains(options: Mapping[str, Any]) -> Test:
    wanted = options.get("value")
    if wanted == "":
        return lambda value: True
    part_of = wanted.lower() if isinstance(wanted, str) else None
    return lambda value: part_of is not None and isinstance(value, str) and part_of in value.lower()


def _lacks(options: Mapping[str, Any]) -> Test:
    wanted = options.get("value")
    part_of = wanted.lower() if isinstance(wanted, str) and wanted else None
    return lambda value: (
        part_of is not None
        and isinstance(value, str)
        and bool(value)
        and part_of not in value.lower()
    )


_TESTS: Mapping[str, Callable[[Mapping[str, Any]], Test]] = {
    "greater": _compared(lambda value, limit: value > limit),
    "greaterOrEqual": _compared(lambda value, limit: value >= limit),
    "lower": _compared(lambda value, limit: value < limit),
    "lowerOrEqual": _compared(lambda value, limit: value <= limit),
    "equal": _equal,
    "notEqual": _not_equal,
    "between": _between,
    "regex": _regex,
    "substring": _contains,
    "notSubstring": _lacks,
    "isNull": lambda _: lambda value: value is None,
    "isNotNull": lambda _: lambda value: value is not None,
}
