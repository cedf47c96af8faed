"""Writes new files, and merges newer versions of those that it brought.

`.gk/brought` has a copy of each file as gk brought it, which the team commits. An update compares
three texts: that copy, the team's file, and what this gk ships. A file that the team did not edit
is replaced; git merges the others. gk never overwrites anything else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import gk
from gk.errors import ConfigError, GkError, Problem, Source
from gk.init.outcome import Outcome, State
from gk.init.sets import SETS, files_of

__all__ = ["bring", "create", "sets_in", "update"]

BASES = Path(".gk/brought")
_LIST = BASES / "brought.json"
_SUFFIX = ".base"
"""So that no tool takes a copy for Python or Markdown of the project."""
_MARKER = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
_SECONDS = 30
"""For git to merge one file."""
_MOST_CONFLICTS = 127
"""Higher exit codes of git merge-file are errors."""


def create(root: Path, files: Mapping[str, str]) -> list[Outcome]:
    """Write the files that are not there yet.

    Raises ConfigError with all paths that cannot be files, before it writes anything.
    """
    _check_room(root, files)
    with _disk(root):
        return [Outcome(path, _created(root, path, text)) for path, text in files.items()]


def bring(root: Path, names: Sequence[str]) -> list[Outcome]:
    """Write the files of sets, with a copy of each. Those that gk brought before are not touched.

    Raises ConfigError as `create` does.
    """
    before = sets_in(root)
    files = {
        path: text for path, text in files_of(names).items() if not (root / _base(path)).exists()
    }
    _check_room(root, files)
    with _disk(root):
        outcomes = [Outcome(path, _brought(root, path, text)) for path, text in files.items()]
        _note(root, [*before, *names])
    return outcomes


def update(root: Path) -> list[Outcome]:
    """Take the versions of this gk into the files that were brought. Files that stay as they are
    have no outcome.

    Raises ConfigError if nothing was brought, and GkError if git cannot merge.
    """
    names = sets_in(root)
    if not names:
        raise ConfigError(
            f"{root.name}/ has no {_LIST}: nothing was brought; gk init --with NAME brings "
            f"definitions ({', '.join(SETS)})"
        )
    shipped = files_of(names)
    brought = {
        base.relative_to(root / BASES).as_posix().removesuffix(_SUFFIX): _read(base)
        for base in (root / BASES).rglob(f"*{_SUFFIX}")
    }
    new = {path: text for path, text in shipped.items() if path not in brought}
    _check_room(root, new)
    with _disk(root):
        outcomes = [
            Outcome(path, state)
            for path, base in sorted(brought.items())
            if (state := _updated(root, path, base, shipped.get(path)))
        ]
        outcomes += [Outcome(path, _brought(root, path, text)) for path, text in new.items()]
        _note(root, names)
    return outcomes


def _brought(root: Path, path: str, text: str) -> State:
    """Write a file if there is none, and the copy of it."""
    state = _created(root, path, text)
    if state is State.KEPT:
        return State.IN_THE_WAY
    _replace(root / _base(path), text)
    return state


def _updated(root: Path, path: str, base: str, shipped: str | None) -> State | None:
    """Update one file and its copy; None if there is nothing to say about it."""
    file = root / path
    own = _read(file) if file.is_file() else None
    if shipped is None:
        # Without a copy, no update looks at the file again: it is the team's alone.
        (root / _base(path)).unlink()
        return State.DROPPED if own is not None else None
    if shipped == base:
        return State.UNRESOLVED if own is not None and _MARKER.search(own) else None
    state: State | None
    if own is None:
        state = State.DELETED
    elif own == shipped:
        state = None
    elif own == base:
        _replace(file, shipped)
        state = State.UPDATED
    elif _MARKER.search(own):
        # Its copy stays, too, so that the next update merges the same.
        return State.UNRESOLVED
    else:
        merged, state = _merged(own, base, shipped)
        _replace(file, merged)
    _replace(root / _base(path), shipped)
    return state


def _merged(own: str, base: str, shipped: str) -> tuple[str, State]:
    """Merge two versions as git does."""
    with tempfile.TemporaryDirectory() as folder:
        texts = {"yours": own, "brought": base, f"gk {gk.__version__}": shipped}
        paths = [Path(folder) / str(number) for number in range(len(texts))]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text, "utf-8", newline="")
        labels = [word for label in texts for word in ("-L", label)]
        command = ["git", "merge-file", "--stdout", *labels, *map(str, paths)]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GkError(f"git is needed to merge, and does not run: {error}") from error
    if not 0 <= ran.returncode <= _MOST_CONFLICTS:
        raise GkError(f"git merge-file failed: {ran.stderr.decode(errors='replace').strip()}")
    return ran.stdout.decode(), State.CONFLICT if ran.returncode else State.MERGED


# The list


def sets_in(root: Path) -> list[str]:
    """The sets that were brought into a repository; those that this gk does not know are left
    out."""
    if not (root / _LIST).is_file():
        return []
    try:
        names = json.loads(_read(root / _LIST))["sets"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{_LIST}: was modified; restore it (git checkout), or write "
            '{"sets": ["node"]} with the names that were brought'
        ) from error
    return [name for name in names if name in SETS]


def _note(root: Path, names: Sequence[str]) -> None:
    body = {"sets": list(dict.fromkeys(names)), "gk": gk.__version__}
    _replace(root / _LIST, f"{json.dumps(body, indent=2)}\n")


def _base(path: str) -> Path:
    return BASES / f"{path}{_SUFFIX}"


# The disk


def _check_room(root: Path, files: Mapping[str, str]) -> None:
    """Raise ConfigError for what is in the way of the files and not a file itself."""
    problems = []
    for path in files:
        above = next(
            (
                parent
                for parent in reversed((root / path).parents)
                if parent.exists() and not parent.is_dir()
            ),
            None,
        )
        if above:
            problems.append(Problem(Source(_named(above, root)), "must be a folder; move it"))
        elif (root / path).is_dir():
            problems.append(Problem(Source(path), "is a folder, and must be a file; move it"))
    if problems:
        raise ConfigError(problems)


def _named(file: Path, root: Path) -> str:
    return str(file.relative_to(root) if file.is_relative_to(root) else file)


def _created(root: Path, path: str, text: str) -> State:
    """Write a file if there is none."""
    file = root / path
    if os.path.lexists(file):
        return State.SAME if file.is_file() and _read(file) == text else State.KEPT
    with _written(file, text) as new:
        try:
            # In contrast to a rename, this fails if somebody else was faster.
            os.link(new, file)
        except FileExistsError:
            return State.KEPT
    return State.CREATED


def _replace(file: Path, text: str) -> None:
    """Write a file that gk brought; it is the old or the new one at any moment."""
    with _written(file, text) as new:
        # A rename would drop the mode that the team gave the file.
        if file.exists():
            new.chmod(file.stat().st_mode)
        new.replace(file)


@contextmanager
def _written(file: Path, text: str) -> Iterator[Path]:
    """A new file beside `file`, with the mode of any new file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.gk-new")
    try:
        new.write_text(text, "utf-8", newline="")
        yield new
    finally:
        new.unlink(missing_ok=True)


def _read(file: Path) -> str:
    try:
        # As it is: a merge must not change the ends of lines.
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise GkError(f"{file.name}: is not UTF-8, so gk cannot compare it; convert it") from error


@contextmanager
def _disk(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GkError(f"{error.filename or root}: {error.strerror or error}") from error
