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
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gk.errors import ConfigError

__all__ = ["MANIFEST", "Changes", "compare", "write"]

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

    Raises ConfigError for a file in the way that gk did not write.
    """
    owned = _owned(output)
    added: list[str] = []
    changed: list[str] = []
    foreign: list[str] = []
    for path, text in files.items():
        current = _read(output / path)
        if current is None:
            added.append(path)
        elif current != text:
            (changed if path in owned else foreign).append(path)
    if foreign:
        names = ", ".join(sorted(foreign))
        raise ConfigError(
            f"{output.name}/ has files that gk did not write, in the place of its own: {names}. Move them"
        )
    removed = sorted(path for path in owned - files.keys() if (output / path).is_file())
    return Changes(sorted(added), sorted(changed), removed, len(files) - len(added) - len(changed))


def write(files: Mapping[str, bytes], output: Path) -> Changes:
    """Make the folder hold `files`, beside what others put there. Files that are right are not touched.

    Raises ConfigError as `compare` does, or when another build is at work in the folder.
    """
    output.mkdir(parents=True, exist_ok=True)
    with _locked(output):
        _recover(output)
        changes = compare(files, output)
        listed = "\n".join([_HEADER, *sorted(files), ""]).encode()
        wanted = {path: files[path] for path in (*changes.added, *changes.changed)}
        if _read(output / MANIFEST) != listed:
            wanted[MANIFEST] = listed
        if wanted or changes.removed:
            _stage(output, wanted, changes.removed)
    return changes


def _owned(output: Path) -> set[str]:
    """The files that the manifest lists. A path that leads out of the folder, or a conflict mark, is an error."""
    text = (_read(output / MANIFEST) or b"").decode()
    paths = {line for line in text.splitlines() if line and not line.startswith("#")}
    for path in paths:
        parts = PurePosixPath(path).parts
        if path.startswith(("/", "<<<<", "====", ">>>>")) or ".." in parts:
            raise ConfigError(f"{output.name}/{MANIFEST}: '{path}' is no file of this folder; run git checkout on it")
    return paths


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError as error:
        raise ConfigError(f"{path.name} is a folder where gk writes a file; move it") from error


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
    stage.mkdir()
    moves = []
    for number, (path, text) in enumerate(files.items()):
        (stage / str(number)).write_bytes(text)
        moves.append((str(number), path))
    (stage / "journal.new").write_text(json.dumps({"move": moves, "remove": removed}), encoding="utf-8")
    with _uninterrupted():
        (stage / "journal.new").replace(stage / _JOURNAL)
        _apply(output)


def _recover(output: Path) -> None:
    """Complete what an earlier build began to change, or drop what it had only staged."""
    stage = output / _STAGE
    if (stage / _JOURNAL).is_file():
        with _uninterrupted():
            _apply(output)
    elif stage.is_dir():
        shutil.rmtree(stage)


def _apply(output: Path) -> None:
    """Do what the journal says, or what is left of it: new files come before old ones go."""
    stage = output / _STAGE
    journal = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
    for staged, path in journal["move"]:
        if (stage / staged).exists():
            (output / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / staged).replace(output / path)
    for path in journal["remove"]:
        (output / path).unlink(missing_ok=True)
        _remove_empty_parents(output, output / path)
    (stage / _JOURNAL).unlink()
    shutil.rmtree(stage)


def _remove_empty_parents(output: Path, path: Path) -> None:
    for parent in path.parents:
        if parent == output or any(parent.iterdir()):
            return
        parent.rmdir()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back the signals that a person or a supervisor ends a program with, for the moment that a change takes."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
