"""How gk diff comes to a comparison: two sides, how they differ, and how changed panels look."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gk.cli.console import bar, log_requests, progress, root_of, say, write_file
from gk.cli.drawing import Drawing
from gk.cli.server import opened

if TYPE_CHECKING:
    from gk.diff.model import Diff
    from gk.diff.sides.side import Side
    from gk.preview.review import Looks
    from gk.settings import Settings

__all__ = ["Compared", "Limit", "drawn", "live", "revisions", "write_pictures"]

DOCUMENTS = (".json", ".yaml", ".yml")
"""Suffixes of comparable files. An argument that ends in one is not taken for a revision."""


@dataclass(frozen=True)
class Compared:
    """Two sides, and how they differ."""

    old: Side
    new: Side
    diff: Diff


class Limit:
    """Limits the seconds that something may take together, such as comparing and showing: a hostile
    revision could make it take forever.

    Every `with` continues the count of the last one. Raises GkError when time is up.
    """

    def __init__(self, seconds: int, what: str = "comparing") -> None:
        self._seconds = seconds
        self._what = what
        self._left = float(seconds)

    def __enter__(self) -> None:
        # Python allows only the main thread to set signal handlers.
        self._is_set = threading.current_thread() is threading.main_thread()
        if self._is_set:
            self._before = signal.signal(signal.SIGALRM, self._end)
            signal.setitimer(signal.ITIMER_REAL, self._left)

    def __exit__(self, *_: object) -> None:
        if self._is_set:
            # The timer returns 0 when time is up, and setting 0 would remove the limit.
            self._left = signal.setitimer(signal.ITIMER_REAL, 0)[0] or 0.001
            signal.signal(signal.SIGALRM, self._before)

    def _end(self, number: int, frame: object) -> None:
        from gk.errors import GkError

        raise GkError(f"{self._what} takes longer than {self._seconds} s; increase --timeout")


def revisions(
    project: Path | None,
    what: Sequence[str],
    timeout: int,
    limit: Limit,
    **asked: Any,
) -> Compared:
    """Compare two files, or two revisions of the project, as `_sides` takes them."""
    from gk.diff.compare import compare

    old, new = _sides(project, what, timeout, limit, **asked)
    with progress("comparing"), limit:
        return Compared(old, new, compare(old, new))


def _sides(
    project: Path | None,
    what: Sequence[str],
    timeout: int,
    limit: Limit,
    *,
    unsafe: bool,
    strict: bool,
    environ: Mapping[str, str],
    environment: str,
) -> tuple[Side, Side]:
    """Read two files, or build two revisions of the project."""
    if _are_files(what):
        if environment:
            raise click.UsageError("-e cannot be combined with files; leave it out")
        from gk.diff.sides.files import files_side

        with progress("reading"), limit:
            return files_side(Path(what[0])), files_side(Path(what[1]))
    from gk.diff.sides.git import parse
    from gk.diff.sides.revision import sides

    root = root_of(project)
    with progress("building both sides"), _hint_at_files(what):
        return sides(
            root,
            parse(what),
            timeout,
            unsafe=unsafe,
            strict=strict,
            environ=environ,
            environment=environment,
        )


def _are_files(what: Sequence[str]) -> bool:
    """Whether the arguments are two files or folders: both exist, or one cannot be a revision."""
    paths = [Path(name) for name in what]
    is_clear = any(name.is_file() or name.suffix in DOCUMENTS for name in paths)
    return len(paths) == 2 and (is_clear or all(name.exists() for name in paths))


@contextmanager
def _hint_at_files(what: Sequence[str]) -> Iterator[None]:
    """Extend the error about an unknown revision: of two names, one may be a folder and the other
    mistyped."""
    from gk.errors import ConfigError

    try:
        yield
    except ConfigError as error:
        missing = [name for name in what if not Path(name).exists()]
        if len(what) == 2 and len(missing) == 1:
            raise ConfigError(f"{error}; file or folder '{missing[0]}' not found") from None
        raise


def live(
    project: Path | None,
    environment: str,
    context_name: str | None,
    names: Sequence[str],
    limit: Limit,
    *,
    verbose: bool,
) -> Compared:
    """Compare a running Grafana with the definitions."""
    from gk.diff.compare import compare
    from gk.diff.history import with_history
    from gk.diff.sides.live import live_sides
    from gk.push import select

    if verbose:
        log_requests()
    with opened(root_of(project), environment, context_name) as (server, resources):
        chosen = select(names, resources, server.ledger.entries, server.titles)
        with bar("comparing", len(chosen)) as done:
            old, new = live_sides(server, resources, chosen, done)
        with limit:
            comparison = compare(old, new)
        with progress("asking who changed what"):
            return Compared(old, new, with_history(comparison, server))


def drawn(
    compared: Compared, drawing: Drawing, project: Path | None, environment: str, timeout: int
) -> Looks | None:
    """How the changed panels look. A server that does not answer costs the pictures, and not the
    report."""
    from gk.errors import GkError
    from gk.forms.plurals import counted
    from gk.preview.review import looks

    settings = _settings(project, environment)
    try:
        with Limit(timeout, "drawing"), drawing.opened(settings) as draw:
            pictures = looks(compared.diff, compared.old, compared.new, draw)
    except GkError as error:
        say(f"no pictures with data: {error}", "yellow")
        return None
    for text in pictures.unanswered:
        say(f"not drawn: {text}", "yellow")
    if pictures.left_out:
        say(f"not drawn: {counted(pictures.left_out, 'panel')} more", "yellow")
    return pictures


def _settings(project: Path | None, environment: str) -> Settings:
    """The settings of the project, which has the contexts; of none, if files are compared outside
    of one."""
    from gk.errors import ConfigError
    from gk.settings import Settings, read_all

    try:
        root = root_of(project)
    except ConfigError:
        if project:
            raise
        return Settings()
    every = read_all(root)
    return every.get(environment) or next(iter(every.values()))


def write_pictures(folder: Path, looks: Looks) -> None:
    """Write the pictures of changed panels to files in a folder."""
    from gk.errors import GkError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GkError(f"cannot write to {folder}: {error.strerror}") from error
    for name, svg in looks.files().items():
        write_file(folder / name, f"{svg}\n".encode())
