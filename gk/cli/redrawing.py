"""What gk watch --preview draws of each build, in a process that lives on: it keeps what it has
asked for a while, so most of a page is there when its author saves again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from gk.cli.drawing import Draw, Drawing
    from gk.preview.asking import Preview
    from gk.resource import Resource
    from gk.settings import Settings
    from gk.watch import Attempt, ToDraw

__all__ = ["Compiled", "Redrawing"]

_KEPT = 60.0
"""Seconds for which answers count. The time ranges of dashboards end at one moment that long."""


@dataclass(frozen=True)
class Compiled:
    """What a build compiled of a project, in one environment."""

    settings: Settings
    resources: Sequence[Resource]


@dataclass(frozen=True)
class _Opened:
    """A source of data that is open, and what it depends on: `files` are versions of what it
    read."""

    draw: Draw
    settings: Settings
    files: Sequence[tuple[int, int]]
    until: float

    def is_of(self, settings: Settings, files: Sequence[tuple[int, int]]) -> bool:
        """Whether what opens now would be the same, but for its time."""
        # Labels are in the documents, and have no equality.
        same = replace(settings, labels=self.settings.labels) == self.settings
        return same and files == self.files and time.monotonic() < self.until


class Redrawing:
    """Draws the dashboards of each build that `names` mean, with the data that `drawing` names.

    What the pages show is what a new preview would show of that moment: an answer is used again
    only while that takes no new time range, no other settings, and no other file of series or
    answers, and as long as nothing remained without an answer.
    """

    def __init__(self, names: Sequence[str], drawing: Drawing) -> None:
        self._names = names
        self._drawing = drawing
        self._opened: _Opened | None = None
        self._rest = ExitStack()

    def __enter__(self) -> Redrawing:
        from gk.preview.page import get_ready

        # While the first build runs.
        get_ready()
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._close()

    def __call__(self, given: ToDraw) -> Attempt:
        """Draw the dashboards that are new. Raises GkError if there are no data."""
        from gk.cli.preview import chosen
        from gk.forms.plurals import counted
        from gk.watch import Attempt

        start = time.perf_counter()
        compiled = given.compiled
        assert isinstance(compiled, Compiled)
        shown = chosen(self._names, compiled.resources)
        versions = {resource.uid: sha256(resource.json).hexdigest() for resource in shown}
        new = [
            resource
            for resource in shown
            if given.drawn.get(resource.uid) != versions[resource.uid]
        ]
        made = self._made(new, compiled)
        pages = _pages(made, shown)
        took = f"({time.perf_counter() - start:.2f} s)"
        return Attempt(
            True,
            f"http://{given.address} has {counted(len(versions), 'dashboard')}, "
            f"{len(pages)} new {took}",
            warnings=[f"not answered: {text}" for text in made.unanswered],
            versions=versions,
            pages=pages,
        )

    def _made(self, new: Sequence[Resource], compiled: Compiled) -> Preview:
        try:
            made = self._draw(compiled.settings)(new, compiled.resources)
        except BaseException:
            self._close()
            raise
        if made.unanswered:
            self._close()
        return made

    def _draw(self, settings: Settings) -> Draw:
        opened = self._opened
        files = _versions(self._drawing.series, self._drawing.replay)
        if opened is None or not opened.is_of(settings, files):
            self._close()
            draw = self._rest.enter_context(self._drawing.opened(settings))
            opened = self._opened = _Opened(draw, settings, files, time.monotonic() + _KEPT)
        return opened.draw

    def _close(self) -> None:
        self._opened = None
        self._rest.close()


def _versions(*files: Path | None) -> list[tuple[int, int]]:
    """What tells versions of files apart: when each was written, and its size."""
    versions = []
    for file in files:
        try:
            status = file.stat() if file else None
        except OSError:
            # Who reads it says what is wrong.
            status = None
        versions.append((status.st_mtime_ns, status.st_size) if status else (0, 0))
    return versions


def _pages(made: Preview, shown: Sequence[Resource]) -> Mapping[str, str]:
    """The page of each dashboard that was drawn, by its uid. Each leads to the others."""
    from gk.preview.page import html

    paths = {resource.uid: f"/{quote(resource.uid, safe='')}" for resource in shown}
    others = [(resource.title, paths[resource.uid]) for resource in shown]
    return {
        board.uid: html([board], follows=f"/events{paths[board.uid]}", others=others)
        for board in made.boards
    }
