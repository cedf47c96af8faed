"""Rows sorted by a field."""

from __future__ import annotations

from gk.preview.fields import name_of
from gk.preview.model import Frame
from gk.preview.parts import flag, items, word
from gk.preview.transformations.model import Frames, Options
from gk.preview.transformations.sorting import sorted_frame

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Sort each frame by the first field of `sort`: Grafana looks at no other."""
    rules = items(options, "sort")
    if not rules:
        return list(frames)
    name, descending = word(rules[0], "field"), flag(rules[0], "desc")
    return [sorted_frame(frame, _index(frame, name), descending=descending) for frame in frames]


def _index(frame: Frame, name: str) -> int:
    names = [name_of(field, frame, [frame]) for field in frame.fields]
    return names.index(name) if name in names else -1
