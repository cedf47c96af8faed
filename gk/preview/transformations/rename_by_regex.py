"""Fields renamed by a regular expression."""

from __future__ import annotations

from dataclasses import replace

from gk.preview.fields import name_of
from gk.preview.fields.patterns import is_global, pattern_of, replaced
from gk.preview.model import Field, Frame
from gk.preview.parts import word
from gk.preview.transformations.model import Frames, NotDrawnError, Options, searching

__all__ = ["apply"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Rename the fields that match; `$1` in the new name is a group."""
    regex = word(options, "regex", "(.*)")
    pattern = pattern_of(regex)
    if pattern is None:
        raise NotDrawnError(f"the regular expression `{regex}`")
    new, everywhere = word(options, "renamePattern", "$1"), is_global(regex)
    matches = searching(pattern)

    def renamed(field: Field, frame: Frame) -> Field:
        name = name_of(field, frame, [frame])
        if not matches(name):
            return field
        name = replaced(pattern, name, new, everywhere=everywhere)
        return replace(field, config={**field.config, "displayName": name})

    return [
        replace(frame, fields=[renamed(field, frame) for field in frame.fields]) for frame in frames
    ]
