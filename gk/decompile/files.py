"""Writes definitions into a project, over nothing that is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gk.bounded.reading import read_text
from gk.errors import ConfigError, Problem, Source
from gk.settings import SETTINGS_FILE, libraries_of

__all__ = ["Placed", "copied", "place", "there", "without"]

_LARGEST = 16 << 20
"""Bytes of a file of definitions."""
_NOT_OWN = frozenset({"__pycache__", "node_modules", "venv"})
_NOT_COPIED = shutil.ignore_patterns(".*", *_NOT_OWN)


@dataclass(frozen=True)
class Placed:
    """Files by their paths in the project: those that were written, those that had the same text
    already, and those that are gone."""

    written: Sequence[str]
    unchanged: Sequence[str]
    removed: Sequence[str] = ()


def there(root: Path) -> dict[str, str]:
    """The settings and the Python files of a project, by their paths in it."""
    paths = [root / SETTINGS_FILE, *(path for path in root.rglob("*.py") if _is_own(root, path))]
    return {
        path.relative_to(root).as_posix(): read_text(path, _LARGEST)
        for path in sorted(paths)
        if path.is_file()
    }


def _is_own(root: Path, path: Path) -> bool:
    parts = path.relative_to(root).parts[:-1]
    return not any(part.startswith(".") or part in _NOT_OWN for part in parts)


def copied(root: Path, folder: Path) -> Path:
    """Copy a project into a folder, with the libraries beside it that its gk.yaml names; returns
    the copy."""
    # As deep as the way up to a library may be long.
    copy = folder.joinpath(*("up" for _ in root.parts), root.name)
    shutil.copytree(root, copy, ignore=_NOT_COPIED, symlinks=True)
    settings = root / SETTINGS_FILE
    text = settings.read_text(encoding="utf-8", errors="replace") if settings.is_file() else ""
    for library in libraries_of(text):
        source, target = (root / library).resolve(), copy / library
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target, ignore=_NOT_COPIED, symlinks=True)
    return copy


@contextmanager
def without(root: Path, files: Sequence[str]) -> Iterator[Path]:
    """The project without some of its files: itself, or a copy."""
    if not files:
        yield root
        return
    with tempfile.TemporaryDirectory() as name:
        copy = copied(root, Path(name))
        for file in files:
            (copy / file).unlink()
        yield copy


def place(
    root: Path, files: Mapping[str, str], *, without: Sequence[str] = (), dry_run: bool = False
) -> Placed:
    """Write files into a project, and remove those that it is to be `without`. Raises ConfigError,
    and writes nothing, if any of the files is there with another text."""
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
    for file in without if not dry_run else ():
        (root / file).unlink()
    return Placed(new, unchanged, without)


def _has(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
