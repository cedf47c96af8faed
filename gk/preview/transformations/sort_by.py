"""Rows sorted by a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.parts import dicts
from gk.preview.fields import name_of
from gk.preview.model import Frame
from gk.preview.parts import flag, number, word
from gk.preview.transformations.model import Frames, Options
from gk.preview.transformations.sorting import sorted_frame

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Sort each frame by the first field of `sort`: Grafana looks at no other."""
    rules = dicts(options, "sort")
    if not rules:
        return list(frames)
    return [
        sorted_frame(frame, _index(frame, rules[0]), descending=flag(rules[0], "desc"))
        for frame in frames
    ]


def _index(frame: Frame, rule: Mapping[str, Any]) -> int:
    given = number(rule, "index")
    if given is not None:
        return int(given) if given.is_integer() else -1
    names = [name_of(field, frame, [frame]) for field in frame.fields]
    name = word(rule, "field")
    return names.index(name) if name in names else -1
