"""Which frames a transformation is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from gk.preview.fields.patterns import pattern_of
from gk.preview.model import Frame
from gk.preview.parts import word
from gk.preview.transformations.model import NotDrawnError, searching

__all__ = ["FrameMatcher", "by_ref_id", "frame_matcher"]

FrameMatcher: TypeAlias = Callable[[Frame], bool]


def frame_matcher(config: Mapping[str, Any]) -> FrameMatcher:
    """Return the matcher that `{"id": ..., "options": ...}` says, or raise NotDrawnError."""
    kind, options = word(config, "id"), word(config, "options")
    if kind == "byRefId":
        return by_ref_id(options)
    if kind == "byName" and (pattern := pattern_of(options)):
        matches = searching(pattern)
        return lambda frame: matches(frame.name)
    raise NotDrawnError(f"the filter `{kind}`")


def by_ref_id(text: str) -> FrameMatcher:
    """Match a letter, several as `A|B`, or a regular expression between slashes."""
    if not text.startswith("/"):
        letters = re.compile("|".join(map(re.escape, text.split("|"))))
        return lambda frame: bool(letters.fullmatch(frame.ref_id))
    pattern = pattern_of(text)
    if pattern is None:
        return lambda frame: frame.ref_id == text
    matches = searching(pattern)
    return lambda frame: matches(frame.ref_id)
