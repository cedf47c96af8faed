"""A folder of files that gk wrote: what would change in it, and changing it so that nothing is ever half done.

All new files are staged beside the old ones first, then a journal of what is to happen is put in place, and then it
happens: a build that is killed before the journal leaves the old output, and one that is killed after it is completed
by the next build. Files change in place, one rename each, and not by exchanging folders: a container that has the
folder mounted would keep the old one.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from gk.errors import ConfigError, GkError
from gk.interruption import uninterrupted

__all__ = ["MANIFEST", "Changes", "compare", "read", "write"]

MANIFEST = ".gk-files"
"""Lists the files that gk wrote, a line each: only these are ever replaced or removed."""

_STAGE = ".gk-staged"
_JOURNAL = "journal"
_HEADER = "# Files that gk build wrote here. It replaces and removes these and no others."


@dataclass(frozen=True)
class Changes:
    """What writing the files does to a folder; paths are relative to it."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(files: Mapping[str, bytes], output: Path) -> Changes:
    """What `write` would do.

    Raises ConfigError for a file in the way that gk did not write, and GkError for what cannot be read.
    """
    with _refusals(output):
        return _compare(files, output)


def _compare(files: Mapping[str, bytes], output: Path) -> Changes:
    owned = _owned(output)
    gone = owned - files.keys()
    added: list[str] = []
    changed: list[str] = []
    foreign: set[str] = set()
    for path, text in files.items():
        try:
            current = _read(output / path)
        except (IsADirectoryError, NotADirectoryError):
            current = None
            foreign |= _in_the_way(output, path) - gone
        if current is None:
            added.append(path)
        elif current != text:
            changed.append(path)
            foreign |= {path} - owned
    if foreign:
        names = ", ".join(sorted(foreign))
        raise ConfigError(
            f"{output.name}/ has files that gk did not write, in the place of its own: {names}. Move them"
        )
    removed = sorted(path for path in gone if (output / path).is_file())
    return Changes(sorted(added), sorted(changed), removed, len(files) - len(added) - len(changed))


def write(files: Mapping[str, bytes], output: Path) -> Changes:
    """Make the folder hold `files`, beside what others put there. Files that are right are not touched.

    Raises ConfigError as `compare` does, or when another build is at work in the folder, and GkError when the disk
    refuses.
    """
    with _refusals(output):
        output.mkdir(parents=True, exist_ok=True)
        with _locked(output):
            _recover(output)
            changes = _compare(files, output)
            listed = "\n".join([_HEADER, *sorted(files), ""]).encode()
            wanted = {path: files[path] for path in (*changes.added, *changes.changed)}
            if _read(output / MANIFEST) != listed:
                wanted[MANIFEST] = listed
            if wanted or changes.removed:
                _stage(output, wanted, changes.removed)
    return changes


def read(output: Path, path: str) -> bytes | None:
    """What the folder has at `path`; None when that is no file. Raises GkError when it cannot be read."""
    with _refusals(output):
        return _read(output / path) if (output / path).is_file() else None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _refusals(output: Path) -> Iterator[None]:
    """A disk that is full, or a folder that may not be written, is no bug of gk's."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or output
        raise GkError(
            f"{where}: {error.strerror or error}; gk build reads and writes there, and -o names another folder"
        ) from error


def _owned(output: Path) -> set[str]:
    """The files that the manifest lists, and those of a change that was interrupted.

    A path that leads out of the folder, or a conflict mark, is an error.
    """
    try:
        text = (_read(output / MANIFEST) or b"").decode()
    except (IsADirectoryError, NotADirectoryError, UnicodeDecodeError) as error:
        raise ConfigError(f"{output.name}/{MANIFEST}: is no list of files; run git checkout on it") from error
    paths = {line for line in text.splitlines() if line and not line.startswith("#")}
    for path in paths:
        parts = PurePosixPath(path).parts
        if path.startswith(("/", "<<<<", "====", "||||", ">>>>")) or ".." in parts:
            raise ConfigError(f"{output.name}/{MANIFEST}: '{path}' is no file of this folder; run git checkout on it")
    pending = _journal(output) or {"move": [], "remove": []}
    return paths | {path for _, path in pending["move"] if path != MANIFEST} | {*pending["remove"]}


def _in_the_way(output: Path, path: str) -> set[str]:
    """The files that stand where `path` needs a folder, or in the folder that stands where it needs a file."""
    if (output / path).is_dir():
        return {each.relative_to(output).as_posix() for each in (output / path).rglob("*") if not each.is_dir()}
    return {each.as_posix() for each in PurePosixPath(path).parents if (output / each).is_file()}


@contextmanager
def _locked(output: Path) -> Iterator[None]:
    descriptor = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise ConfigError(f"another gk build is writing to {output.name}/; wait for it") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _stage(output: Path, files: Mapping[str, bytes], removed: list[str]) -> None:
    stage = output / _STAGE
    try:
        stage.mkdir()
        moves = []
        for number, (path, text) in enumerate(files.items()):
            (stage / str(number)).write_bytes(text)
            moves.append((str(number), path))
        journal = {"make way": _blocking(files.keys(), removed), "move": moves, "remove": removed}
        (stage / "journal.new").write_text(json.dumps(journal), encoding="utf-8")
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    with uninterrupted():
        (stage / "journal.new").replace(stage / _JOURNAL)
        _apply(output)


def _blocking(files: Set[str], removed: list[str]) -> list[str]:
    """Those of the removed files that stand where a new one needs a folder, or under where a new file comes."""
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    return [
        path for path in removed if path in folders or any(str(each) in files for each in PurePosixPath(path).parents)
    ]


def _recover(output: Path) -> None:
    """Complete what an earlier build began to change, or drop what it had only staged."""
    if _journal(output):
        with uninterrupted():
            _apply(output)
    elif (output / _STAGE).is_dir():
        shutil.rmtree(output / _STAGE)


def _journal(output: Path) -> Any:
    """The change that has begun and is not complete; None when there is none."""
    file = output / _STAGE / _JOURNAL
    try:
        return json.loads(file.read_bytes()) if file.is_file() else None
    except ValueError as error:
        raise ConfigError(
            f"{output.name}/{_STAGE}/{_JOURNAL}: is not what gk wrote there; remove {_STAGE}/ and build again"
        ) from error


def _apply(output: Path) -> None:
    """Do what the journal says, or what is left of it: new files come before old ones go, where there is room."""
    stage = output / _STAGE
    journal = _journal(output)
    for path in journal["make way"]:
        _remove(output, path)
    made: set[Path] = set()
    for staged, path in journal["move"]:
        if (stage / staged).exists():
            target = output / path
            if target.parent not in made:
                target.parent.mkdir(parents=True, exist_ok=True)
                made.add(target.parent)
            _put(stage / staged, target)
    for path in journal["remove"]:
        _remove(output, path)
    (stage / _JOURNAL).unlink()
    shutil.rmtree(stage)


def _put(staged: Path, target: Path) -> None:
    try:
        staged.replace(target)
    except IsADirectoryError:
        # Folders without files, which may be what is left of those that made way.
        for folder, _, _ in os.walk(target, topdown=False):
            Path(folder).rmdir()
        staged.replace(target)


def _remove(output: Path, path: str) -> None:
    """Remove a file, and the folders that are empty without it. Either may have happened already."""
    file = output / path
    if file.is_file():
        file.unlink()
    for parent in file.parents:
        if parent == output or (parent.is_dir() and any(parent.iterdir())):
            return
        if parent.is_dir():
            parent.rmdir()
