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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gk.watch.attempt import Attempt, View
from gk.watch.fresh import Fresh, Lasting, Make, Task, Tell
from gk.watch.saves import Saves
from gk.watch.serving import Serving

__all__ = ["Attempt", "Tell", "ToDraw", "View", "watch"]


@dataclass(frozen=True)
class ToDraw:
    """What a preview draws: what was `compiled`, but for the dashboards whose versions are those
    `drawn`. Its pages are at `address`."""

    compiled: object
    drawn: Mapping[str, str]
    address: str


def watch(
    root: Path,
    outputs: Iterable[Path],
    build: Task,
    *,
    libraries: Sequence[Path] = (),
    preview: Make | None = None,
    push: Callable[[Path], Attempt] | None = None,
    show: Callable[[View], None],
    imports: Sequence[str] = (),
) -> None:
    """Build the project in `root` now and at each save of its files, or of those in `libraries`,
    and show the state after each step. What a build writes, into `outputs`, does not count.
    `preview` makes a function that draws `ToDraw` of what `build` tells, in one process that lives
    on, while the build goes on; browsers of this machine show that. `push` pushes each good build.
    Runs until Ctrl-C.

    These run in processes of their own, so they must be importable. `imports` are the
    modules that take them long to import.
    """
    view = View()
    # First: its processes are forked, and following files and serving take threads.
    with Fresh(root, imports) as fresh, ExitStack() as rest:
        drawing = rest.enter_context(fresh.lasting(preview)) if preview else None
        saves = rest.enter_context(Saves((root, *libraries), outputs))
        pages = _Pages(drawing, rest.enter_context(Serving())) if drawing else None
        while True:
            saves.seen()
            late = partial(_show_late, show, view.after)
            early = pages.draw if pages else None
            view = view.after(fresh.run(build, saves, late, early))
            show(view)
            if pages and pages.are_drawn:
                late = partial(_show_late, show, view.previewed)
                view = view.previewed(pages.served(saves, late))
                show(view)
            if push and view.build.is_good:
                # A push is never given up for a newer save: Grafana would have half of it.
                view = view.pushed(fresh.run(partial(_pushed, push)))
                show(view)
            saves.wait()


class _Pages:
    """The pages that are served, and which versions of dashboards they show. `are_drawn` while the
    other process draws new ones."""

    def __init__(self, drawing: Lasting, serving: Serving) -> None:
        self._drawing = drawing
        self._serving = serving
        self._drawn: Mapping[str, str] = {}
        self.are_drawn = False

    def draw(self, compiled: object) -> None:
        """Begin to draw what is new."""
        self._drawing.ask(ToDraw(compiled, self._drawn, self._serving.address))
        self.are_drawn = True

    def served(self, saves: Saves, late: Callable[[Attempt], None]) -> Attempt:
        """Serve what was drawn; after a failure, all that was new is new again."""
        preview = self._drawing.answer(saves, late)
        self.are_drawn = False
        if preview.is_good:
            self._drawn = preview.versions
            self._serving.show(preview.pages, frozenset(preview.versions))
        return preview


def _show_late(
    show: Callable[[View], None], view_after: Callable[[Attempt], View], late: Attempt
) -> None:
    show(view_after(late))


# In a new process


def _pushed(push: Callable[[Path], Attempt], root: Path, _: Tell) -> Attempt:
    return push(root)
