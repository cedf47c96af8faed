"""Loki's answers as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.model import Field, FieldType, Frame

__all__ = ["STREAMS", "frames_of_streams"]

STREAMS = "streams"
"""The type of an answer that has lines."""
_LONGEST_TIME = 19
"""Digits of nanoseconds that fit into 64 bits."""


def frames_of_streams(data: Mapping[str, Any], ref_id: str) -> list[Frame]:
    """A frame for each stream: the times and the lines. What is malformed is left out."""
    if data.get("resultType") != STREAMS:
        return []
    return [_frame(stream, ref_id) for stream in dicts(dict(data), "result")]


def _frame(stream: Json, ref_id: str) -> Frame:
    labels = {str(key): str(value) for key, value in path(stream, "stream").items()}
    values = stream.get("values")
    rows = [
        (int(pair[0]) // 1_000_000, pair[1])
        for pair in (values if isinstance(values, list) else ())
        if isinstance(pair, list)
        and len(pair) >= 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], str)
        and pair[0].isdecimal()
        and len(pair[0]) <= _LONGEST_TIME
    ]
    return Frame(
        [
            Field("Time", FieldType.TIME, [time for time, _ in rows]),
            Field("Line", FieldType.STRING, [line for _, line in rows], labels),
        ],
        ref_id=ref_id,
    )
