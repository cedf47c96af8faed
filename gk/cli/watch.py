"""gk watch."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gk.cli.console import look, one_of_environments, print_, project_option, root_of
from gk.cli.drawing import Drawing, drawing_options
from gk.cli.push import names_argument, push_once
from gk.cli.server import context_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gk.provisioning.forms import Report, Run
    from gk.watch import Attempt, Tell, View

__all__ = ["watch"]

# What the first process imports, so that each build, which is forked from it, need not.
_BUILD_IMPORTS = (
    "gk.cli.watch",
    "gk.cli.build",
    "gk.compile",
    "gk.library",
    "gk.project",
    "gk.provisioning.forms",
)
_PREVIEW_IMPORTS = (
    "gk.cli.preview",
    "gk.cli.redrawing",
    "gk.preview.asking",
    "gk.preview.page",
    "gk.prometheus.throw_away",
)
_PUSH_IMPORTS = (
    "gk.cli.push",
    "gk.push",
    "gk.push.forms.push",
    "gk.push.revision",
)


@click.command()
@names_argument
@project_option
@one_of_environments
@click.option("--push", "is_pushing", is_flag=True, help="Push each good build, without --force.")
@click.option(
    "--preview",
    "is_previewing",
    is_flag=True,
    help="Draw dashboards with data, as gk preview does, on a page that browsers on this machine "
    "reload at each save.",
)
@drawing_options
@context_option
def watch(
    names: tuple[str, ...],
    project: Path | None,
    environment: str,
    is_pushing: bool,
    is_previewing: bool,
    context_name: str | None,
    **drawing: Any,
) -> None:
    """Build at each save, and show mistakes where they are.

    While there are mistakes, the output stays as the last good build left it. With --push, gk
    pushes each good build: objects that somebody changed in Grafana stay as they are, and nothing
    is deleted. With --preview, it serves pages of the dashboards, and draws those that a save
    changed. NAME limits both. Ctrl-C ends it.
    """
    from gk.cli.redrawing import Redrawing
    from gk.errors import ConfigError, GkError
    from gk.provisioning import output_of
    from gk.settings import read_all
    from gk.settings.environments import choose
    from gk.watch import watch as watched

    if (names or context_name) and not (is_pushing or is_previewing):
        raise click.UsageError("NAME and --context are for --push and --preview; add one of them")
    if any(drawing.values()) and not is_previewing:
        raise click.UsageError("options for data need --preview")
    if drawing["record"]:
        raise click.UsageError("--record is for gk preview; leave it out")
    asked = Drawing(context_name, **drawing) if is_previewing else None
    root = root_of(project)
    try:
        settings = read_all(root)
        if environment or is_pushing or is_previewing:
            environment = choose([name for name in settings if name], environment)
        outputs = [
            output_of(root, name)
            for own in settings.values()
            for name in filter(None, (own.output, own.shared_output))
        ]
    except ConfigError as error:
        raise ConfigError(f"{error}\nfix gk.yaml first: it says where the output is") from error
    try:
        watched(
            root,
            outputs,
            partial(build_once, environment),
            libraries=[
                root / name for name in settings[environment or next(iter(settings))].libraries
            ],
            preview=partial(Redrawing, names, asked) if asked else None,
            push=partial(push_good, environment, names, context_name) if is_pushing else None,
            show=partial(_show, f"gk watch: {root.name}"),
            imports=[
                *_BUILD_IMPORTS,
                *(_PUSH_IMPORTS if is_pushing else ()),
                *(_PREVIEW_IMPORTS if is_previewing else ()),
            ],
        )
    except OSError as error:
        # On Linux: the limit fs.inotify.max_user_watches.
        raise GkError(f"the system cannot follow the project's files: {error}") from error


def _show(title: str, view: View) -> None:
    """One screen on a terminal; lines elsewhere."""
    from gk.watch.forms import Size, lines, screen

    if sys.stdout.isatty():
        # Windows of an editor may be resized between two builds.
        size = Size(*shutil.get_terminal_size())
        click.clear()
        print_(screen(view, title, size, look), sys.stdout)
    else:
        print_(lines(view, look), sys.stdout)


# In new processes


def build_once(environment: str, root: Path, tell: Tell) -> Attempt:
    """Build the project: all of its environments, or one. Tells what a preview draws of that before
    it writes the files."""
    from gk.cli.build import compiled, written
    from gk.cli.redrawing import Compiled

    made = compiled(root, environment)
    build = made.builds[0]
    # A preview needs no snippets, and its process has none of the project's.
    tell(Compiled(build.settings, [replace(resource, uses=()) for resource in build.resources]))
    return _attempt_of(written(made))


def _attempt_of(run: Run) -> Attempt:
    from gk.watch import Attempt

    return Attempt(
        True,
        "; ".join(map(_counts, run.reports)),
        details=[f"{mark} {path}" for report in run.reports for mark, path in _marked(report)],
        warnings=list(dict.fromkeys(text for report in run.reports for text in report.warnings)),
    )


def _counts(report: Report) -> str:
    changes = report.changes
    counts = [
        f"{len(paths)} {word}"
        for word, paths in (
            ("new", changes.added),
            ("changed", changes.changed),
            ("removed", changes.removed),
        )
        if paths
    ]
    took = f"({report.seconds:.2f} s)"
    return f"{', '.join(counts) or 'nothing changed'} in {report.output}/ {took}"


def _marked(report: Report) -> Iterator[tuple[str, str]]:
    changes = report.changes
    for mark, paths in (("+", changes.added), ("~", changes.changed), ("-", changes.removed)):
        yield from ((mark, path) for path in paths)


def push_good(
    environment: str, names: tuple[str, ...], context_name: str | None, root: Path
) -> Attempt:
    """Push the project, as gk push does without an option."""
    from gk.push.forms.push import FORMS
    from gk.watch import Attempt

    report, planned, code = push_once(root, environment, names, context_name)
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
