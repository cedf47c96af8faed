"""A document as its leaves: every value that is no object, by the path to it.

Two documents with the same leaves are the same document. Lists are leaves as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from gk.documents.shapes import Json

__all__ = ["Leaves", "Path", "document_of", "leaves_of", "text_of", "value_of"]

Path: TypeAlias = tuple[str, ...]
Leaves: TypeAlias = dict[Path, str]
"""The JSON text of each leaf: comparable and hashable, and 1 is not 1.0 or true."""


def leaves_of(document: Mapping[str, Any]) -> Leaves:
    """The leaves of a document. An empty object is none: Grafana reads it as missing."""
    return {path: text_of(value) for path, value in _leaves((), document)}


def _leaves(path: Path, value: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves((*path, key), inner)
        else:
            yield (*path, key), inner


def document_of(leaves: Mapping[Path, str]) -> Json:
    """The document of some leaves."""
    document: Json = {}
    for path, text in leaves.items():
        inner = document
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = value_of(text)
    return document


def text_of(value: Any) -> str:
    """The text of a leaf."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def value_of(text: str) -> Any:
    """The value of a leaf."""
    return orjson.loads(text)
