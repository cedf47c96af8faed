"""The fields of all frames side by side."""

from __future__ import annotations

from dataclasses import replace

from gk.preview.model import Field, Frame
from gk.preview.parts import word
from gk.preview.transformations.model import Frames, Options, padded

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Make one frame, in which a frame's name is in the names of its fields, in a label, or gone
    (`frameNameMode`)."""
    if len(frames) < 2:
        return list(frames)
    length = max(frame.length for frame in frames)
    mode = word(options, "frameNameMode", "field")
    label = word(options, "frameNameLabel", "frame")
    return [
        Frame(
            [
                replace(_named(field, frame.name, mode, label), values=padded(field, length))
                for frame in frames
                for field in frame.fields
            ]
        )
    ]


def _named(field: Field, name: str, mode: str, label: str) -> Field:
    if not name or mode == "drop":
        return field
    if mode == "label":
        return replace(field, labels={**field.labels, label: name})
    own = not field.name or field.name == "Value"
    return replace(field, name=name if own else f"{name} · {field.name}")
