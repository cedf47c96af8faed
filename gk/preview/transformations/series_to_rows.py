"""All series in one table, newest first: Time, Metric, Value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from gk.preview.fields import frame_name_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.transformations.model import Frames, Options, padded, unnamed
from gk.preview.transformations.sorting import sorted_frame

__all__ = ["apply"]

_LOOKED_AT = 100
"""Grafana takes times that rise so far for those of a series."""


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Make rows of time series; anything else stays as it is."""
    series = [frame for frame in frames if frame.length]
    if not frames or not all(map(_is_series, series)):
        return series
    ref_ids = "-".join(frame.ref_id for frame in series)
    if not series:
        return [Frame([], ref_id="seriesToRows-")]
    rows = [row for frame in series for row in _rows(frame)]
    first = series[0].fields
    time = next(field for field in first if field.type == FieldType.TIME)
    value = next(field for field in first if field.type != FieldType.TIME)
    fields = [
        _column(time, "Time", [row[0] for row in rows]),
        Field("Metric", FieldType.STRING, [row[1] for row in rows]),
        _column(value, "Value", [row[2] for row in rows]),
    ]
    return [sorted_frame(Frame(fields, ref_id=f"seriesToRows-{ref_ids}"), 0, descending=True)]


def _is_series(frame: Frame) -> bool:
    return any(field.type == FieldType.NUMBER for field in frame.fields) and any(
        field.type == FieldType.TIME and _rises(field.values[:_LOOKED_AT]) for field in frame.fields
    )


def _rises(times: Sequence[Any]) -> bool:
    return all(
        before is None or (time is not None and time > before) for before, time in pairwise(times)
    )


def _rows(frame: Frame) -> list[tuple[Any, str, Any]]:
    """The value is the second field, or the first where that is not the time."""
    times = [index for index, field in enumerate(frame.fields) if field.type == FieldType.TIME]
    time, value = frame.fields[times[-1]], frame.fields[0 if times[-1] else 1]
    name = frame_name_of(frame)
    pairs = zip(padded(time, frame.length), padded(value, frame.length), strict=True)
    return [(when, name, what) for when, what in pairs]


def _column(field: Field, name: str, values: list[Any]) -> Field:
    """The field of the first series, without what names it."""
    return replace(field, name=name, values=values, labels={}, config=unnamed(field.config))
