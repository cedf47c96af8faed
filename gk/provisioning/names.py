"""Paths in the output: which gk could have written, and which are one file on systems where case
does not count."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from gk.errors import Problem
from gk.resource import Resource

__all__ = ["collisions", "folded", "is_name"]

_LONGEST_PATH = 1024
_LONGEST_NAME = 255
"""Bytes of a name that file systems take. Paths of gk's are far shorter than either."""

_CONFLICT = ("<<<<", "====", "||||", ">>>>")
"""How lines begin that git leaves where it cannot merge."""


def is_name(path: str) -> bool:
    """Whether `path` could be a file of gk's: in the folder, and neither hidden nor something for a
    terminal."""
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
    """The same for paths that are one file on macOS, on Windows, or in a folder that is shared with
    either."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def collisions(files: Mapping[str, Resource]) -> Iterator[Problem]:
    """A mistake at each of the resources whose files, or folders of files, differ in nothing but
    case."""
    seen: dict[str, tuple[str, Resource]] = {}
    told: set[tuple[str, str]] = set()
    for path, resource in files.items():
        for name in _with_folders(path):
            other, first = seen.setdefault(folded(name), (name, resource))
            if other != name and (first.uid, resource.uid) not in told:
                told.add((first.uid, resource.uid))
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
