"""Paths in the output: which ones gk could have written, and which ones are the same file on
systems that ignore case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from gk.errors import Problem
from gk.resource import Resource

__all__ = ["collisions", "folded", "is_name"]

_LONGEST_PATH = 1024
_LONGEST_NAME = 255
"""The longest name of most file systems, in bytes. gk's own paths are far shorter than either."""

_CONFLICT = ("<<<<", "====", "||||", ">>>>")
"""The lines that git writes where it cannot merge begin like this."""


def is_name(path: str) -> bool:
    """Whether gk could have written `path`: it is in the folder, not hidden, and printable."""
    return (
        len(path) <= _LONGEST_PATH
        and path.isprintable()
        and not path.startswith(_CONFLICT)
        and all(
            part and part[0] != "." and len(part.encode()) <= _LONGEST_NAME
            for part in path.split("/")
        )
    )


def folded(path: str) -> str:
    """The path in a form that is equal for paths that are one file on macOS, on Windows, or in a
    folder shared with either."""
    # Twice, because casefold may return a text that is not normalized.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def collisions(files: Mapping[str, Resource]) -> Iterator[Problem]:
    """A problem for each resource whose file, or folder, has a name that differs from another one
    only in case."""
    seen: dict[str, tuple[str, Resource]] = {}
    told: set[tuple[str, str]] = set()
    for path, resource in files.items():
        for name in _with_folders(path):
            other, first = seen.setdefault(folded(name), (name, resource))
            if other != name and (first.uid, resource.uid) not in told:
                told.add((first.uid, resource.uid))
                # One at each of the two, because either uid can change.
                yield _problem(resource, name, other, first)
                yield _problem(first, other, name, resource)


def _with_folders(path: str) -> Iterator[str]:
    """The path after the folders that it is in."""
    parts = path.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _problem(resource: Resource, path: str, other: str, second: Resource) -> Problem:
    return Problem(
        resource.source,
        f"{resource.kind.value} '{resource.title}': {path} and {other} ({second.source}) "
        "differ only in case and are one file on macOS and Windows; change the uid of one",
    )
