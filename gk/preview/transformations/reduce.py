"""Each field as one value of its values, or as several."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gk.preview.fields import REDUCERS, name_of, reduced
from gk.preview.fields.reducers import ALIASES
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import part, word, words
from gk.preview.transformations.model import FieldMatcher, Frames, NotDrawnError, Options, matching

__all__ = ["apply", "reducers_of", "type_of"]

_NUMBER = re.compile(r"\s*(-?(\d*\.?\d+|\d+\.?\d*)(e[-+]?\d+)?|NAN)\s*", re.IGNORECASE)
"""A text that Grafana takes for a number (guessFieldTypeFromValue in processDataFrame.ts)."""


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Return one table with a row for each field (`mode` seriesToRows), or the frames with one row
    each (reduceFields)."""
    reducers = reducers_of(words(options, "reducers") if "reducers" in options else ["max"])
    if not reducers:
        return list(frames)
    matches = _matcher(options)
    if word(options, "mode") == "reduceFields":
        return _one_row(frames, matches, reducers)
    if not frames:
        return []
    has_labels = bool(options.get("labelsToFields"))
    return [_table(frames, matches, reducers, has_labels)]


def reducers_of(names: Sequence[str]) -> list[str]:
    """Return the ids of reducers, or raise NotDrawnError if Grafana has no such reducer."""
    ids = [ALIASES.get(name, name) for name in names]
    for name in ids:
        if name not in REDUCERS:
            raise NotDrawnError(f"the reducer `{name}`")
    return ids


def _matcher(options: Options) -> FieldMatcher:
    if part(options, "fields"):
        return matching(part(options, "fields"))
    if options.get("includeTimeField") and word(options, "mode") == "reduceFields":
        return lambda field, frame, frames: True
    return lambda field, frame, frames: field.type != FieldType.TIME


# A row for each field.


def _table(
    frames: Frames, matches: FieldMatcher, reducers: Sequence[str], has_labels: bool
) -> Frame:
    labels = list(
        dict.fromkeys(name for frame in frames for field in frame.fields for name in field.labels)
    )
    parts = [
        _rows(frame, frames, matches, reducers, labels if has_labels else None) for frame in frames
    ]
    fields = parts[0]
    for other in parts[1:]:
        fields = [_appended(field, other, is_first=not index) for index, field in enumerate(fields)]
    ref_ids = "-".join(frame.ref_id for frame in frames)
    return Frame(fields, ref_id=f"reduce-{ref_ids}", meta=frames[0].meta)


def _rows(
    frame: Frame,
    frames: Frames,
    matches: FieldMatcher,
    reducers: Sequence[str],
    labels: Sequence[str] | None,
) -> list[Field]:
    source = [field for field in frame.fields if matches(field, frame, frames)]
    names = [name_of(field, frame, frames) if labels is None else field.name for field in source]
    return [
        Field("Field", FieldType.STRING, names),
        *(
            Field(name, FieldType.STRING, [field.labels.get(name) for field in source])
            for name in labels or ()
        ),
        *(_calculated(source, reducer) for reducer in reducers),
    ]


def _calculated(source: Sequence[Field], reducer: str) -> Field:
    values = [_value(field, reducer) for field in source]
    return Field(REDUCERS[reducer], type_of(values), values)


def _value(field: Field, reducer: str) -> Any:
    """What cannot be calculated of values is no number; a value that is missing stays nothing."""
    value = reduced(field, reducer)
    is_calculated = bool(len(field.values)) and reducer not in {"first", "last"}
    return math.nan if value is None and is_calculated else value


def type_of(values: Sequence[Any]) -> FieldType:
    """What Grafana guesses of the first value."""
    value = next((value for value in values if value is not None), None)
    if isinstance(value, bool):
        return FieldType.BOOLEAN
    if isinstance(value, int | float):
        return FieldType.NUMBER
    if not isinstance(value, str):
        return FieldType.OTHER
    if _NUMBER.fullmatch(value):
        return FieldType.NUMBER
    is_boolean = value in {"true", "TRUE", "True", "false", "FALSE", "False"}
    return FieldType.BOOLEAN if is_boolean else FieldType.STRING


def _appended(field: Field, others: Sequence[Field], *, is_first: bool) -> Field:
    """Append what another frame has in columns of this name and type."""
    values = list(field.values)
    for index, other in enumerate(others):
        if (is_first and not index) or (other.type, other.name) == (field.type, field.name):
            values += other.values
    return replace(field, values=values)


# One row.


def _one_row(frames: Frames, matches: FieldMatcher, reducers: Sequence[str]) -> list[Frame]:
    result = []
    for frame in frames:
        fields = [
            _reduced(field, reducer, is_one=len(reducers) == 1)
            for field in frame.fields
            if matches(field, frame, frames)
            for reducer in reducers
        ]
        if fields:
            result.append(replace(frame, fields=fields))
    return result


def _reduced(field: Field, reducer: str, *, is_one: bool) -> Field:
    labels = field.labels if is_one else {**field.labels, "reducer": REDUCERS[reducer]}
    return replace(
        field, labels=labels, type=_kind(reducer, field), values=[reduced(field, reducer)]
    )


def _kind(reducer: str, field: Field) -> FieldType:
    if reducer in {"allValues", "uniqueValues"}:
        return FieldType.OTHER
    is_a_value = reducer in {"first", "firstNotNull", "last", "lastNotNull"}
    return field.type if is_a_value else FieldType.NUMBER
