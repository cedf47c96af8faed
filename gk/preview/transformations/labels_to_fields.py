"""Labels as columns beside the values, or as a table of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from gk.preview.fields import name_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import word, words
from gk.preview.transformations.model import Frames, Options, unnamed

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Make columns of labels (`mode` columns), or a table of each field's labels (rows)."""
    keep = words(options, "keepLabels")
    if word(options, "mode") == "rows":
        given = keep if isinstance(options.get("keepLabels"), list) else None
        return [table for frame in frames for table in _tables(frame, frames, given)]
    return [_with_columns(frame, keep, word(options, "valueLabel")) for frame in frames]


def _with_columns(frame: Frame, keep: Collection[str], value_label: str) -> Frame:
    values: dict[str, dict[str, None]] = {}
    for field in frame.fields:
        for name, value in field.labels.items():
            if (not keep or name in keep) and name != value_label:
                values.setdefault(name, {})[value] = None
    fields = [_without_labels(field, keep, value_label) for field in frame.fields]
    columns = [
        Field(name, FieldType.STRING, [value] * frame.length)
        for name, own in values.items()
        for value in own
    ]
    return replace(frame, fields=[*fields, *columns])


def _without_labels(field: Field, keep: Collection[str], value_label: str) -> Field:
    """Names of a data source go, too: they are made of labels. (All its values have labels, if
    only an empty set of them.)"""
    if not field.labels and "displayNameFromDS" not in field.config:
        return field
    is_kept = value_label in field.labels and (not keep or value_label in keep)
    name = field.labels[value_label] if is_kept else field.name
    return replace(field, name=name, labels={}, config=unnamed(field.config))


def _tables(frame: Frame, frames: Frames, keep: Sequence[str] | None) -> list[Frame]:
    tables = []
    for field in frame.fields:
        names = list(field.labels) if keep is None else list(keep)
        if field.labels and names:
            values: list[Any] = [field.labels.get(name) for name in names]
            tables.append(
                replace(
                    frame,
                    name=name_of(field, frame, frames),
                    fields=[
                        Field("label", FieldType.STRING, names),
                        Field("value", FieldType.STRING, values),
                    ],
                )
            )
    return tables
