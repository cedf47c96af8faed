"""One row for each value of some fields, with calculations of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gk.preview.fields import name_of, reduced
from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import part, word, words
from gk.preview.transformations.model import Frames, Options, by_names, padded
from gk.preview.transformations.reduce import reducers_of

__all__ = ["apply"]

_COUNTS = {"count", "distinctCount", "changeCount", "countAll"}
"""Reducers that make numbers of fields of any type."""
_TRUTHS = {"allIsNull", "allIsZero"}
"""Reducers that make booleans."""


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Group each frame that has one of the fields; the others go."""
    rules = part(options, "fields")
    keys = [name for name in rules if word(part(rules, name), "operation") == "groupby"]
    if not keys:
        return list(frames)
    matches = by_names(keys)
    result = []
    for frame in frames:
        fields = [field for field in frame.fields if matches(field, frame, frames)]
        if fields:
            named = {id(field): _name(field, frame, frames, keys) for field in frame.fields}
            result.append(_grouped(frame, fields, rules, named))
    return result


def _name(field: Field, frame: Frame, frames: Frames, keys: Sequence[str]) -> str:
    """Grafana asks for the name without the frame, but if there is only one frame, it remembers the
    answer to an earlier question, which it did not ask of a field that it knew by its own name."""
    if len(frames) == 1 and field.name not in keys:
        return name_of(field, frame, frames)
    return name_of(field, None, None)


def _grouped(
    frame: Frame, keys: Sequence[Field], rules: Mapping[str, Any], named: Mapping[int, str]
) -> Frame:
    rows: dict[tuple[str, ...], list[int]] = {}
    columns = [padded(field, frame.length) for field in keys]
    for number, values in enumerate(zip(*columns, strict=True)):
        rows.setdefault(tuple(map(words_of, values)), []).append(number)
    groups = list(rows.values())
    fields = [
        Field(field.name, field.type, [column[group[0]] for group in groups], config=field.config)
        for field, column in zip(keys, columns, strict=True)
    ]
    for field in frame.fields:
        name = named[id(field)]
        rule = part(rules, name) or part(rules, field.name)
        for reducer in _aggregations(rule):
            fields.append(_aggregated(field, name, reducer, groups, frame.length))
    return Frame(fields, ref_id=frame.ref_id)


def _aggregations(rule: Mapping[str, Any]) -> Sequence[str]:
    names = words(rule, "aggregations")
    if word(rule, "operation") == "aggregate":
        return names
    return names if word(rule, "operation") == "groupby" and names == ["count"] else []


def _aggregated(
    field: Field, name: str, reducer: str, groups: Sequence[Sequence[int]], length: int
) -> Field:
    (known,) = reducers_of([reducer])
    values = padded(field, length)
    kind = FieldType.NUMBER if known in _COUNTS else field.type
    return Field(
        f"{name} ({reducer})",
        FieldType.BOOLEAN if known in _TRUTHS else kind,
        [reduced(replace(field, values=[values[row] for row in group]), known) for group in groups],
    )
