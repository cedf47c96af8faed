"""A table of two fields' values: one across, one down, and the values of a third inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.parts import without
from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, Frame
from gk.preview.parts import word
from gk.preview.transformations.model import (
    Frames,
    NotDrawnError,
    Options,
    first_match,
    matching,
    padded,
    unnamed,
)

__all__ = ["apply"]

_EMPTY: Mapping[str, Any] = {"null": None, "true": True, "false": False, "zero": 0}


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Make the table of a single frame; several, or one without the fields, stay as they are."""
    names = [
        word(options, key) or default
        for key, default in (("columnField", "Time"), ("rowField", "Time"), ("valueField", "Value"))
    ]
    if len(frames) != 1:
        return list(frames)
    frame = frames[0]
    matchers = [matching({"id": "byName", "options": name}) for name in names]
    columns, rows, values = (first_match(matches, frame, frames) for matches in matchers)
    if columns is None or rows is None or values is None:
        return list(frames)
    if any(isinstance(value, list | dict) for value in (*columns.values, *rows.values)):
        raise NotDrawnError("lists as names of columns and rows")
    across = dict.fromkeys(padded(columns, frame.length))
    down = dict.fromkeys(padded(rows, frame.length))
    cells = dict(
        zip(
            zip(columns.values, rows.values, strict=False),
            padded(values, frame.length),
            strict=False,
        )
    )
    empty = _EMPTY.get(word(options, "emptyValue"), "")
    config = _config(values, across)
    return [
        Frame(
            [
                Field(f"{names[1]}\\{names[0]}", rows.type, list(down), config=rows.config),
                *(
                    Field(
                        words_of(column),
                        values.type,
                        [
                            empty if (cell := cells.get((column, row))) is None else cell
                            for row in down
                        ],
                        config=config,
                    )
                    for column in across
                ),
            ]
        )
    ]


def _config(values: Field, columns: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The names go: they are those of the columns. What the data source says stays for texts."""
    if any(isinstance(column, int | float) and not isinstance(column, bool) for column in columns):
        return unnamed(values.config)
    return without(values.config, "displayName")
