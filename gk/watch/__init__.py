"""Does something again at each change of a project, such as to build it.

    saves       tells when a file of the project changes
    fresh       runs a function in a process that has imported gk and nothing of the project
    serving     serves pages to browsers of this machine
    forms       what the terminal shows

What is done is given as a function; this package does not build anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from gk.watch.attempt import Attempt, View
from gk.watch.fresh import Fresh
from gk.watch.saves import Saves
from gk.watch.serving import Serving

__all__ = ["Attempt", "View", "watch"]

Task = Callable[[Path], Attempt]
BuildAndDraw = Callable[[Mapping[str, str], str, Path], Attempt]
"""Builds, and draws the dashboards whose versions are not those given; the text is the address of
the server."""


def watch(
    root: Path,
    outputs: Iterable[Path],
    build: Task,
    *,
    libraries: Sequence[Path] = (),
    preview: BuildAndDraw | None = None,
    push: Task | None = None,
    show: Callable[[View], None],
    imports: Sequence[str] = (),
) -> None:
    """Build the project in `root` now and at each save of its files, or of those in `libraries`,
    and show the state after each step. What a build writes, into `outputs`, is no save. If
    `preview` is given, it builds in place of `build`, and draws the dashboards that are new, which
    browsers of this machine then show. `push` pushes each good build. Runs until Ctrl-C.

    These run in processes of their own, so they must be importable. `imports` are the
    modules that take them long to import.
    """
    view = View()
    # First: its processes are forked, and following files and serving take threads.
    with Fresh(root, imports) as fresh, ExitStack() as rest:
        saves = rest.enter_context(Saves((root, *libraries), outputs))
        pages = _Pages(preview, rest.enter_context(Serving())) if preview else None
        while True:
            saves.seen()
            task = pages.task if pages else build
            view = view.after(fresh.run(task, saves, late=partial(_show_late, view, show)))
            if pages and view.preview:
                pages.take(view.preview)
            show(view)
            if push and view.build.is_good:
                # A push is never given up for a newer save: Grafana would have half of it.
                view = view.pushed(fresh.run(push))
                show(view)
            saves.wait()


class _Pages:
    """The pages that are served, and which versions of dashboards they show."""

    def __init__(self, draw: BuildAndDraw, serving: Serving) -> None:
        self._draw = draw
        self._serving = serving
        self._drawn: Mapping[str, str] = {}

    @property
    def task(self) -> Task:
        """Build, and draw what is new."""
        return partial(self._draw, self._drawn, self._serving.address)

    def take(self, preview: Attempt) -> None:
        """Serve what was drawn; after a failure, all that was new is new again."""
        if preview.is_good:
            self._drawn = preview.versions
            self._serving.show(preview.pages, frozenset(preview.versions))


def _show_late(view: View, show: Callable[[View], None], attempt: Attempt) -> None:
    show(view.after(attempt))
