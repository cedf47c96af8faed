"""What transformations share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from gk.bounded.patterns import Pattern
from gk.documents.parts import without
from gk.preview.fields import matcher_of
from gk.preview.model import Field, FieldType, Frame

__all__ = [
    "Apply",
    "FieldMatcher",
    "Frames",
    "NotDrawnError",
    "Options",
    "by_names",
    "first_match",
    "matching",
    "padded",
    "searching",
    "time_of",
    "unnamed",
]

Frames: TypeAlias = Sequence[Frame]
Options: TypeAlias = Mapping[str, Any]
Apply: TypeAlias = Callable[[Frames, Options], list[Frame]]
FieldMatcher: TypeAlias = Callable[[Field, Frame, Sequence[Frame]], bool]


class NotDrawnError(Exception):
    """The options of a transformation say something that gk does not draw, or that Grafana answers
    with an error."""


def by_names(names: Iterable[str]) -> FieldMatcher:
    """Match fields by their own names, or by those that legends have."""
    return matching({"id": "byNames", "options": {"names": list(names)}})


def matching(config: Mapping[str, Any]) -> FieldMatcher:
    """Return the matcher that `{"id": ..., "options": ...}` says, or raise NotDrawnError."""
    matches = matcher_of(config)
    if matches is None:
        raise NotDrawnError(f"the matcher `{config.get('id')}`")
    return matches


def first_match(matches: FieldMatcher, frame: Frame, frames: Frames) -> Field | None:
    """The first field of a frame that matches; `frames` are all of them."""
    return next((field for field in frame.fields if matches(field, frame, frames)), None)


def time_of(frame: Frame) -> Field | None:
    """The first field of a frame that has times."""
    return next((field for field in frame.fields if field.type == FieldType.TIME), None)


def unnamed(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without the names that it gives a field: a panel's and the data source's."""
    return without(config, "displayName", "displayNameFromDS")


def searching(pattern: Pattern) -> Callable[[str], bool]:
    """Return what says whether a text has a match, or raises NotDrawnError if that takes too
    long."""

    def search(text: str) -> bool:
        is_match = pattern.search(text) is not None
        if pattern.took_too_long:
            raise NotDrawnError("a regular expression that takes too long")
        return is_match

    return search


def padded(field: Field, length: int) -> list[Any]:
    """The values of a field, with None up to a length."""
    return [*field.values, *[None] * (length - len(field.values))]
