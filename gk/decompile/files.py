"""Writes definitions into a project, over nothing that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gk.errors import ConfigError, Problem, Source
from gk.project import FOLDERS
from gk.reading import read_text

__all__ = ["Placed", "place", "there"]

_LARGEST = 16 << 20
"""Bytes of a file of definitions."""


@dataclass(frozen=True)
class Placed:
    """Files by their paths in the project: those that were written, and those that had the same
    text already."""

    written: Sequence[str]
    unchanged: Sequence[str]


def there(root: Path) -> dict[str, str]:
    """The files of a project that its definitions need, by their paths in it."""
    paths = [root / "gk.yaml", *(path for folder in FOLDERS for path in (root / folder).rglob("*"))]
    return {
        path.relative_to(root).as_posix(): read_text(path, _LARGEST)
        for path in sorted(paths)
        if path.suffix in (".py", ".json", ".yaml", ".yml") and path.is_file()
    }


def place(root: Path, files: Mapping[str, str], *, dry_run: bool = False) -> Placed:
    """Write files into a project. Raises ConfigError, and writes nothing, if any of them is there
    with another text."""
    existing = {file: root / file for file in files if (root / file).exists()}
    unchanged = [file for file, path in existing.items() if _has(path, files[file])]
    taken = sorted(existing.keys() - set(unchanged))
    if taken:
        message = "is there already with another text; move it, or import into another folder"
        raise ConfigError([Problem(Source(file), message) for file in taken])
    new = [file for file in files if file not in existing]
    for file in new if not dry_run else ():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x" fails if somebody made the file in the meantime.
        with path.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(files[file])
    return Placed(new, unchanged)


def _has(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
