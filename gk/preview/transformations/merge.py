"""One table of many: rows become one where they say the same in all fields that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from gk.documents.parts import without
from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, Frame
from gk.preview.transformations.model import Frames, Options, padded

__all__ = ["apply"]

Row: TypeAlias = dict[str, Any]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Merge the frames, or return them as they are if no field is in all of them."""
    tables = [frame for frame in frames if frame.fields]
    if len(frames) <= 1 or not tables:
        return list(frames[:1])
    shared = set.intersection(*({field.name for field in frame.fields} for frame in tables))
    if not shared:
        return list(frames)
    fields: dict[str, Field] = {}
    for frame in tables:
        for field in frame.fields:
            fields.setdefault(field.name, field)
    keys = [name for name in fields if name in shared]
    rows = _merged([row for frame in tables for row in _rows(frame)], keys)
    columns = [
        replace(
            field,
            values=[row.get(name) for row in rows],
            labels={},
            config=without(field.config, "displayName"),
        )
        for name, field in fields.items()
    ]
    ref_ids = "-".join(frame.ref_id for frame in tables)
    return [Frame(columns, ref_id=f"merge-{ref_ids}")]


def _rows(frame: Frame) -> list[Row]:
    columns = {field.name: padded(field, frame.length) for field in frame.fields}
    return [
        {name: values[number] for name, values in columns.items()} for number in range(frame.length)
    ]


def _merged(rows: Sequence[Row], keys: Sequence[str]) -> list[Row]:
    merged: list[Row] = []
    by_key: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        places = by_key.setdefault(tuple([_key(row[name]) for name in keys]), [])
        fitting = [place for place in places if _fits(merged[place], row)]
        for place in fitting:
            merged[place] = {**merged[place], **row}
        if not fitting:
            places.append(len(merged))
            merged.append(row)
    return merged


def _key(value: Any) -> Any:
    # A list or an object is not hashable.
    return value if isinstance(value, str | int | float) else words_of(value)


def _fits(existing: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether nothing of a row contradicts another; NaN contradicts NaN, too."""
    for name, value in row.items():
        there = existing.get(name)
        is_equal = there == value and isinstance(there, bool) == isinstance(value, bool)
        if there is not None and not is_equal:
            return False
    return True
