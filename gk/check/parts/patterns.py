"""Patterns that gk.yaml states for the names and values of labels and annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["is_match", "lacking", "mistake_in"]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | str:
    """The pattern, or why it is not one."""
    try:
        return re.compile(pattern)
    except re.error as error:
        return str(error)


def is_match(pattern: str, text: str) -> bool:
    """Whether the whole text matches; nothing matches what is not a regular expression."""
    compiled = _compiled(pattern)
    return not isinstance(compiled, str) and bool(compiled.fullmatch(text))


def mistake_in(pattern: str) -> str:
    """Why a pattern is not a regular expression; empty if it is one."""
    compiled = _compiled(pattern)
    return (
        f"'{pattern}' is not a regular expression: {compiled}" if isinstance(compiled, str) else ""
    )


def lacking(what: str, given: Mapping[str, Any], wanted: Iterable[str]) -> Iterator[str]:
    """What is missing of the wanted names, each a name or `name=pattern`."""
    for text in wanted:
        name, has_pattern, pattern = text.partition("=")
        value = str(given.get(name, ""))
        if not value:
            yield f"has no {what} {name}, which gk.yaml requires"
        elif has_pattern and (mistake := mistake_in(pattern)):
            yield f"option names: {mistake}"
        elif has_pattern and not is_match(pattern, value):
            yield f"{what} {name} is '{value}', and gk.yaml wants {pattern}"
