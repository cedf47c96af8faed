"""The first rows of each frame, or the last ones."""

from __future__ import annotations

from dataclasses import replace

from gk.preview.fields.numbers import parsed
from gk.preview.model import Frame
from gk.preview.transformations.model import Frames, Options

__all__ = ["apply"]

_DEFAULT = 10


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Keep up to `limitField` rows; as many of the end if it is negative."""
    try:
        # A number, or a text that begins with one.
        limit = int(parsed(options.get("limitField", _DEFAULT)))
    except (ValueError, OverflowError):
        return list(frames)
    rows = slice(0, limit) if limit >= 0 else slice(limit, None)
    return [
        replace(frame, fields=[replace(field, values=field.values[rows]) for field in frame.fields])
        if frame.length > limit
        else frame
        for frame in frames
    ]
