"""The output folder of gk build: compares it with new files, and changes it completely or not at
all.

First, all new files are staged beside the old ones; then a journal of the changes is written; then
the changes are made. A build that is killed before the journal leaves the old output; the next
build completes one that is killed after it. Each step is on the disk before the next one begins, so
that this is also true if the power fails. Files change in place, one rename each. Exchanging
folders would not work: a container that has the folder mounted would keep the old one.

The journal and the list of files may come from anybody, such as the author of a commit. gk refuses
them if they name a path outside the folder.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import orjson

from gk.errors import ConfigError, GkError, Problem, Source
from gk.processes.interruption import uninterrupted
from gk.provisioning.folder import Folder, InTheWayError, make_folders
from gk.provisioning.names import folded, is_name

__all__ = [
    "MANIFEST",
    "Changes",
    "compare",
    "environment_of",
    "output_of",
    "read",
    "remove",
    "write",
]

MANIFEST = ".gk-files"
"""Lists the files that gk wrote, one per line: gk replaces and removes only these."""

_STAGE = ".gk-staged"
_JOURNAL = f"{_STAGE}/journal"
_NEW_JOURNAL = f"{_STAGE}/journal.new"
_HEADER = "# Files that gk build wrote here. It replaces and removes these and no others."
_MARK = "# Environment: "
_MOST = 32 * 1024 * 1024
_MOST_FILES = 200_000
"""Limits for files that are read whole, in bytes, and for the list of files. A build of 10,000
dashboards lists 20,000 files, in a million bytes."""


@dataclass(frozen=True)
class Changes:
    """The changes that writing the files makes; paths are relative to the folder."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True)
class _Journal:
    """The changes to make: the file that is staged as `0` goes to the first path of `write`, and so
    on."""

    write: list[str]
    remove: list[str]


def output_of(root: Path, name: str) -> Path:
    """The output folder in the settings. Raises ConfigError if a link leads out of the project."""
    output = root / name
    with _refusals(output):
        if not output.resolve().is_relative_to(root.resolve()):
            raise ConfigError(
                f"{name}: a link leads out of the project to {output.resolve()}; use gk build "
                "-o to write elsewhere"
            )
    return output


def compare(files: Mapping[str, bytes], output: Path) -> Changes:
    """What `write` would do.

    Raises ConfigError for files that gk did not write at paths that it needs, and GkError for files
    that cannot be read.
    """
    if not output.exists():
        return Changes(added=sorted(files))
    with _refusals(output), Folder.open(output) as folder:
        return _compare(files, folder)


def write(files: Mapping[str, bytes], output: Path, environment: str = "") -> Changes:
    """Write `files` into the folder, beside the files of others. Files that are up to date are not
    touched. The list of files names the environment that they are of.

    Raises ConfigError as `compare` does, or if another build is writing to the folder, and GkError
    if the disk fails.
    """
    with _refusals(output):
        make_folders(output)
        with Folder.open(output) as folder, _locked(folder):
            _recover(folder)
            changes = _compare(files, folder)
            mark = [f"{_MARK}{environment}"] if environment else []
            listed = "\n".join([_HEADER, *mark, *sorted(files), ""]).encode()
            wanted = [*changes.added, *changes.changed]
            if folder.read(MANIFEST, len(listed)) != listed:
                wanted.append(MANIFEST)
            if wanted or changes.removed:
                journal = _Journal(wanted, changes.removed)
                _change(folder, journal, lambda path: listed if path == MANIFEST else files[path])
    return changes


def read(output: Path, path: str) -> bytes | None:
    """The content of the file at `path`; None if it is not a file. Raises GkError if it cannot be
    read."""
    if not output.exists():
        return None
    with _refusals(output), Folder.open(output) as folder:
        if folder.what(path) != "file":
            return None
        content = folder.read(path, _MOST)
        if content is not None and len(content) > _MOST:
            raise ConfigError(
                f"{output.name}/{path}: has more than {_MOST:,} bytes, so gk did not write it; "
                "move it"
            )
        return content


def environment_of(output: Path) -> str | None:
    """The environment of the files in a folder that gk wrote, "" without environments; None if gk
    wrote none there."""
    if not output.is_dir():
        return None
    with _refusals(output), Folder.open(output) as folder:
        if folder.what(MANIFEST) != "file":
            return None
        lines = (folder.read(MANIFEST, _MOST) or b"").decode(errors="replace").splitlines()
    if not lines or lines[0] != _HEADER:
        return None
    return next((line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)), "")


def remove(output: Path) -> Changes:
    """Remove the files that gk wrote into the folder, the list of them, and the folder if nothing
    else is in it. Raises what `write` raises."""
    changes = write({}, output)
    with _refusals(output):
        with Folder.open(output) as folder, _locked(folder):
            folder.remove(MANIFEST)
            folder.sync_folders()
        # It stays if something else is in it.
        with suppress(OSError):
            output.rmdir()
    return changes


@contextmanager
def _refusals(output: Path) -> Iterator[None]:
    """Turn errors of the disk into errors for the user: a full disk is not a bug in gk."""
    try:
        yield
    except InTheWayError as obstacle:
        raise ConfigError([_in_the_way(output, obstacle)]) from obstacle
    except OSError as error:
        raise GkError(
            f"{error.filename or output}: {error.strerror or error}; gk build reads and writes "
            "there; use -o for another folder"
        ) from error


def _in_the_way(output: Path, obstacle: InTheWayError) -> Problem:
    what = f"is a {obstacle.what}"
    if obstacle.what == "link":
        what = "is a link, and gk build follows no links"
    return Problem(
        Source(f"{output.name}/{obstacle.path}"), f"{what}; move it, or use another folder with -o"
    )


@contextmanager
def _locked(folder: Folder) -> Iterator[None]:
    """Lock the folder. The lock ends when its descriptor is closed."""
    try:
        # The system drops it even if gk is killed, unlike a lock file.
        fcntl.flock(folder.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConfigError(
            f"another gk build is writing to {folder.path.name}/; wait for it"
        ) from error
    yield


# What is there


def _compare(files: Mapping[str, bytes], folder: Folder) -> Changes:
    owned = _owned(folder)
    gone = owned - files.keys()
    added: list[str] = []
    changed: list[str] = []
    foreign: set[str] = set()
    links: dict[str, InTheWayError] = {}
    for path, text in files.items():
        try:
            # This reads one byte more at most: what is longer differs anyway.
            current = folder.read(path, len(text))
        except InTheWayError as obstacle:
            current = None
            if obstacle.what == "link":
                links[obstacle.path] = obstacle
            elif obstacle.what == "folder":
                foreign |= {inner for inner, what in folder.below(path) if what != "folder"} - gone
            else:
                foreign |= {obstacle.path} - gone
        if current is None:
            added.append(path)
        elif current != text:
            changed.append(path)
            foreign |= {path} - owned
    if links:
        raise ConfigError([_in_the_way(folder.path, obstacle) for obstacle in links.values()])
    if foreign:
        names = ", ".join(sorted(foreign))
        raise ConfigError(
            f"{folder.path.name}/ has files that gk did not write, at paths that gk needs: "
            f"{names}. Move them"
        )
    removed = _removable(folder, gone, files.keys())
    return Changes(sorted(added), sorted(changed), removed, len(files) - len(added) - len(changed))


def _removable(folder: Folder, gone: Set[str], files: Set[str]) -> list[str]:
    """The files in `gone` that exist, and are not a new file under its old name, as on systems that
    ignore case."""
    # Where case does not count, removing Shop.json would remove the new shop.json.
    same = {folded(path): path for path in files}
    return [
        path
        for path in sorted(gone)
        if folder.what(path) == "file"
        and not (folded(path) in same and folder.is_same(path, same[folded(path)]))
    ]


def _owned(folder: Folder) -> Set[str]:
    """The files in the list, and those of an interrupted change."""
    pending = _journal(folder)
    paths = (
        {path for path in (*pending.write, *pending.remove) if path != MANIFEST}
        if pending
        else set()
    )
    return paths | set(_listed(folder))


def _listed(folder: Folder) -> list[str]:
    """The files in the list. Raises ConfigError for a list that gk did not write, or that git could
    not merge."""
    place = f"{folder.path.name}/{MANIFEST}"
    try:
        text = folder.read(MANIFEST, _MOST) or b""
        if len(text) > _MOST:
            raise ConfigError(
                f"{place}: has more than {_MOST:,} bytes and is not a list of files; "
                "run git checkout on it"
            )
        lines = text.decode().splitlines()
    except InTheWayError as obstacle:
        raise ConfigError(
            f"{place}: is not a list of files but a {obstacle.what}; remove it and run git "
            "checkout on it"
        ) from obstacle
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place}: is not a list of files; run git checkout on it") from error
    paths = [line for line in lines if not line.startswith("#")]
    if fault := _fault(paths):
        raise ConfigError(f"{place}: {fault}; run git checkout on it")
    return paths


def _fault(paths: Sequence[str]) -> str:
    """Why gk cannot have written this list of paths; empty if it can."""
    seen: set[str] = set()
    if len(paths) > _MOST_FILES:
        return f"names more than {_MOST_FILES:,} files"
    for path in paths:
        if not is_name(path):
            return f"{_shown(path)} is not inside this folder"
        if path in seen:
            return f"{_shown(path)} is listed twice"
        seen.add(path)
    inside = next((path for path in seen for parent in _folders(path) if parent in seen), None)
    return f"{_shown(inside)}: its parent is a file" if inside else ""


def _shown(path: str) -> str:
    """A path from a file, shortened and without characters that a terminal would obey."""
    return repr(path if len(path) <= 80 else f"{path[:80]}...")


def _folders(path: str) -> list[str]:
    """The folders that a path is in."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


# Changing it


def _change(folder: Folder, journal: _Journal, text_of: Callable[[str], bytes]) -> None:
    try:
        _stage(folder, journal, text_of)
    # Also after Ctrl-C.
    except BaseException:
        with suppress(OSError, InTheWayError):
            _drop_stage(folder)
        raise
    with uninterrupted():
        folder.move(_NEW_JOURNAL, _JOURNAL)
        folder.sync_folders()
        _apply(folder, journal)


def _stage(folder: Folder, journal: _Journal, text_of: Callable[[str], bytes]) -> None:
    """Write the new files and the journal to the disk, without effect yet."""
    folder.make(_STAGE)
    staged = {
        f"{_STAGE}/{number}": partial(text_of, path) for number, path in enumerate(journal.write)
    }
    # Under another name: the rename to the journal is the point of no return.
    folder.write({**staged, _NEW_JOURNAL: json.dumps(asdict(journal)).encode})
    # A journal whose files are missing would pass for one that was followed already.
    folder.sync_folders()


def _recover(folder: Folder) -> None:
    """Complete the changes that an earlier build began, or drop what it had only staged."""
    journal = _journal(folder)
    if journal:
        for path in (*journal.write, *journal.remove):
            # Somebody may have put a link there since the journal was written.
            if folder.what(path) == "link":
                raise InTheWayError(path, "link")
        with uninterrupted():
            _apply(folder, journal)
    elif folder.what(_STAGE):
        _drop_stage(folder)
        folder.sync_folders()


def _journal(folder: Folder) -> _Journal | None:
    """The change that was begun and is not complete; None if there is none."""
    name = folder.path.name
    advice = f"remove {name}/{_STAGE} and build again"
    try:
        text = folder.read(_JOURNAL, _MOST)
        if text is None:
            return None
        journal = _parsed(text)
    except InTheWayError as obstacle:
        raise ConfigError(
            f"{name}/{obstacle.path}: is a {obstacle.what} that gk did not put there; {advice}"
        ) from obstacle
    except ValueError as error:
        raise ConfigError(f"{name}/{_JOURNAL}: is not what gk wrote there; {advice}") from error
    if fault := _fault([path for path in journal.write if path != MANIFEST]) or _fault(
        journal.remove
    ):
        raise ConfigError(f"{name}/{_JOURNAL}: {fault}; {advice}")
    return journal


def _parsed(text: bytes) -> _Journal:
    """Parse a journal. Raises ValueError if it is not valid."""
    body = orjson.loads(text) if len(text) <= _MOST else None
    if not isinstance(body, dict) or body.keys() != {"write", "remove"}:
        raise ValueError("other keys")
    for paths in body.values():
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise ValueError("no lists of paths")
    if not set(body["write"]).isdisjoint(body["remove"]):
        raise ValueError("writes what it removes")
    return _Journal(**body)


def _apply(folder: Folder, journal: _Journal) -> None:
    """Make the changes in the journal that are not made yet; write new files before removing old
    ones, if possible."""
    for path in _blocking(set(journal.write), journal.remove):
        folder.remove(path)
    for number, path in enumerate(journal.write):
        staged = f"{_STAGE}/{number}"
        what = folder.what(staged)
        if what == "file":
            _put(folder, staged, path)
        elif what:
            raise InTheWayError(staged, what)
    for path in journal.remove:
        folder.remove(path)
    # Without the journal, nothing would bring back what the disk has not got yet.
    folder.sync_folders()
    folder.remove(_JOURNAL)
    _drop_stage(folder)
    folder.sync_folders()


def _blocking(files: Set[str], removed: Iterable[str]) -> list[str]:
    """The removed files at paths where a new file needs a folder, or below the path of a new
    file."""
    folders = {parent for path in files for parent in _folders(path)}
    return [path for path in removed if path in folders or not files.isdisjoint(_folders(path))]


def _put(folder: Folder, staged: str, path: str) -> None:
    if folder.what(path) == "folder":
        # Folders without files, which may be what is left of those that made way.
        for inner in [*reversed([inner for inner, _ in folder.below(path)]), path]:
            if not folder.remove_empty(inner):
                raise InTheWayError(inner, folder.what(inner) or "folder")
    folder.move(staged, path)


def _drop_stage(folder: Folder) -> None:
    """Remove the staged files, and nothing else."""
    if folder.what(_STAGE) is None:
        return
    staged = folder.below(_STAGE)
    for path, what in staged:
        if what != "file":
            raise InTheWayError(path, what)
    for path, _ in staged:
        folder.remove(path)
    folder.remove_empty(_STAGE)
