"""Does something again at each change of a project, such as to build it.

    saves       tells when a file of the project changes
    fresh       runs a function in a process that has imported gk and nothing of the project
    forms       what the terminal shows

What is done is given as a function; this package does not build anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from gk.watch.attempt import Attempt, View
from gk.watch.fresh import Fresh
from gk.watch.saves import Saves

__all__ = ["Attempt", "View", "watch"]

Task = Callable[[Path], Attempt]


def watch(
    root: Path,
    outputs: Iterable[Path],
    build: Task,
    *,
    libraries: Sequence[Path] = (),
    push: Task | None = None,
    show: Callable[[View], None],
    imports: Sequence[str] = (),
) -> None:
    """Build the project in `root` now and at each save of its files, or of those in `libraries`,
    and show the state after each step. What a build writes, into `outputs`, is no save. If `push`
    is given, push each good build. Runs until Ctrl-C.

    `build` and `push` run in processes of their own, so both must be importable. `imports` are the
    modules that take them long to import.
    """
    view = View()
    # First: its processes are forked, and following files takes a thread.
    with Fresh(root, imports) as fresh, Saves((root, *libraries), outputs) as saves:
        while True:
            saves.seen()
            view = view.after(fresh.run(build, saves, late=partial(_show_late, view, show)))
            show(view)
            if push and view.build.is_good:
                # A push is never given up for a newer save: Grafana would have half of it.
                view = view.pushed(fresh.run(push))
                show(view)
            saves.wait()


def _show_late(view: View, show: Callable[[View], None], attempt: Attempt) -> None:
    show(view.after(attempt))
