"""gk watch."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import look, print_, project_option, root_of
from gk.cli.push import names_argument, push_once
from gk.cli.server import context_option

if TYPE_CHECKING:
    from gk.watch import Attempt, View

__all__ = ["watch"]

_BUILD_IMPORTS = (
    "gk.cli.watch",
    "gk.cli.build",
    "gk.compile",
    "gk.library",
    "gk.project",
    "gk.provisioning.forms",
)
_PUSH_IMPORTS = (
    *_BUILD_IMPORTS,
    "gk.cli.push",
    "gk.push",
    "gk.push.forms.push",
    "gk.push.revision",
)


@click.command()
@names_argument
@project_option
@click.option("--push", "is_pushing", is_flag=True, help="Push each good build, without --force.")
@context_option
def watch(
    names: tuple[str, ...], project: Path | None, is_pushing: bool, context_name: str | None
) -> None:
    """Build at each save, and show mistakes where they are.

    While there are mistakes, the output stays as the last good build left it. With --push, gk
    pushes each good build: objects that somebody changed in Grafana stay as they are, and nothing
    is deleted. NAME limits the push as with gk push. Ctrl-C ends it.
    """
    from gk.errors import ConfigError, GkError
    from gk.provisioning import output_of
    from gk.settings import read
    from gk.watch import watch as watched

    if (names or context_name) and not is_pushing:
        raise click.UsageError("NAME and --context are for --push, which is missing")
    root = root_of(project)
    try:
        output = output_of(root, read(root).output)
    except ConfigError as error:
        raise ConfigError(f"{error}\nfix gk.yaml first: it says where the output is") from error
    try:
        watched(
            root,
            output,
            build_once,
            push=partial(push_good, names, context_name) if is_pushing else None,
            show=partial(_show, f"gk watch: {root.name}"),
            imports=_PUSH_IMPORTS if is_pushing else _BUILD_IMPORTS,
        )
    except OSError as error:
        # On Linux: the limit fs.inotify.max_user_watches.
        raise GkError(f"the system cannot follow the project's files: {error}") from error


def _show(title: str, view: View) -> None:
    """One screen on a terminal; lines elsewhere."""
    from gk.watch.forms import lines, screen

    if sys.stdout.isatty():
        # Windows of an editor may be resized between two builds.
        height = shutil.get_terminal_size().lines
        click.clear()
        print_(screen(view, title, height, look), sys.stdout)
    else:
        print_(lines(view, look), sys.stdout)


# In new processes


def build_once(root: Path) -> Attempt:
    """Build the project."""
    from gk.cli.build import made
    from gk.watch import Attempt

    report = made(root)
    changes = report.changes
    marked = [("+", changes.added), ("~", changes.changed), ("-", changes.removed)]
    counts = [
        f"{len(paths)} {word}"
        for word, paths in (
            ("new", changes.added),
            ("changed", changes.changed),
            ("removed", changes.removed),
        )
        if paths
    ]
    return Attempt(
        True,
        f"{', '.join(counts) or 'nothing changed'} in {report.output}/ ({report.seconds:.2f} s)",
        details=[f"{mark} {path}" for mark, paths in marked for path in paths],
        warnings=list(report.warnings),
    )


def push_good(names: tuple[str, ...], context_name: str | None, root: Path) -> Attempt:
    """Push the project, as gk push does without an option."""
    from gk.push.forms.push import FORMS
    from gk.watch import Attempt

    report, planned, code = push_once(root, names, context_name)
    ended = FORMS["text"](report, look).splitlines() if report.outcomes else []
    if not code and not ended:
        return Attempt(True, f"Grafana is in line ({report.seconds:.2f} s)")
    # The last line has the counts of what was done, or why nothing was.
    *outcomes, counts = ended or [f"nothing was pushed ({report.seconds:.2f} s)"]
    return Attempt(
        not code,
        counts.removeprefix("pushed: "),
        details=[*planned.splitlines(), *outcomes],
    )
