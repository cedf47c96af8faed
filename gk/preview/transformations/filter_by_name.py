"""Only the fields of some names, or all but those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gk.preview.model import Frame
from gk.preview.parts import part, word, words
from gk.preview.transformations.model import (
    FieldMatcher,
    Frames,
    Options,
    by_names,
    matching,
)

__all__ = ["apply", "filtered"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Keep what is included, without what is excluded."""
    is_by_variable = bool(options.get("byVariable"))
    return filtered(
        frames,
        _matcher(part(options, "include"), is_by_variable),
        _matcher(part(options, "exclude"), is_by_variable),
    )


def filtered(
    frames: Frames, include: FieldMatcher | None, exclude: FieldMatcher | None
) -> list[Frame]:
    """Return the frames without the other fields; a frame without fields goes."""
    if include is None and exclude is None:
        return list(frames)
    kept = []
    for frame in frames:
        fields = [
            field
            for field in frame.fields
            if not (exclude and exclude(field, frame, frames))
            and (include is None or include(field, frame, frames))
        ]
        if fields:
            kept.append(replace(frame, fields=fields))
    return kept


def _matcher(options: Mapping[str, Any], is_by_variable: bool) -> FieldMatcher | None:
    variable = word(options, "variable")
    if is_by_variable and variable:
        return by_names(_without_braces(variable).split(","))
    names, pattern = words(options, "names"), word(options, "pattern")
    if not pattern:
        return by_names(names) if names else None
    if not names:
        return matching({"id": "byRegexp", "options": pattern})
    return matching({"id": "byRegexpOrNames", "options": {"pattern": pattern, "names": names}})


def _without_braces(text: str) -> str:
    """Several values of a variable are in braces."""
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text
