"""gk preview."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gk.cli.console import (
    FAILED,
    SAME,
    environment_option,
    format_option,
    print_,
    progress,
    project_option,
    root_of,
    say,
    write_file,
)
from gk.cli.drawing import Drawing, drawing_options, refuse_folders
from gk.cli.server import complete_context

if TYPE_CHECKING:
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = ["chosen", "preview"]

_DOCUMENTS = (".json", ".yaml", ".yml")


def _complete_dashboard(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the uids of dashboards."""
    from gk.compile import compile
    from gk.errors import GkError
    from gk.project import load
    from gk.resource import Kind

    try:
        project = load(
            root_of(context.params.get("project")), context.params.get("environment", "")
        )
        names = [resource.uid for resource in compile(project) if resource.kind is Kind.DASHBOARD]
    except GkError:
        # The command itself will report mistakes.
        return []
    return sorted(name for name in names if name.startswith(incomplete))


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=_complete_dashboard)
@project_option
@environment_option
@click.option(
    "--context",
    "context_name",
    metavar="NAME",
    shell_complete=complete_context,
    help="The context of gk.yaml that names the Prometheus. Default: the only one.",
)
@drawing_options
@click.option(
    "--workers",
    metavar="NUMBER",
    type=click.IntRange(1, 64),
    help="How many queries run at the same time. Default: workers of the context, or 8.",
)
@click.option(
    "--budget",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="The time limit for all queries together; gk does not draw what is left over.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write; - prints instead. A name that ends in .json selects that format. "
    "Default: preview.html; JSON is printed.",
)
@format_option("gk.preview.forms", default="html")
@click.pass_context
def preview(
    context: click.Context,
    /,
    names: tuple[str, ...],
    project: Path | None,
    environment: str,
    context_name: str | None,
    workers: int | None,
    budget: int,
    output: Path | None,
    format_: str,
    **drawing: Any,
) -> None:
    """Draw dashboards with real data, without a Grafana.

    Writes one page that needs no network. NAME is the uid or the title of a dashboard of the
    project, or a file with an exported one; without NAME, gk draws all dashboards of the project.
    gk asks each query as Grafana would. A panel without data says why.

    \b
    gk preview shop --context prod               one dashboard, as it is now
    gk preview --prometheus http://localhost:9090 --from now-7d
    gk preview shop.json --var instance=a --var instance=b
    gk preview shop --series series.yaml         the same page each time
    gk preview shop --record shop.gz             later: gk preview shop --replay shop.gz
    gk preview shop --format json                what each panel shows, for other programs

    \b
    Exit codes: 0 drawn, 2 gk could not run, or a query was not answered.
    """
    from gk.forms.plurals import counted
    from gk.preview.forms import FORMS

    form = "json" if output and output.suffix == ".json" else format_
    if output is None:
        output = Path("-" if form == "json" else "preview.html")
    asked = Drawing(context_name, workers=workers, budget=budget, **drawing)
    refuse_folders(output)
    loaded = _loaded(names, project, environment)
    with asked.opened(loaded.settings) as draw:
        made = draw(loaded.shown, loaded.resources)
    text = FORMS[form](made)
    if str(output) == "-":
        print_(text, sys.stdout)
    else:
        write_file(output, f"{text}\n".encode())
        say(f"{output} shows {counted(len(made.boards), 'dashboard')}", "green")
    for question in made.unanswered:
        say(f"not answered: {question}", "red")
    context.exit(FAILED if made.unanswered else SAME)


# What is drawn


@dataclass(frozen=True)
class _Loaded:
    """The dashboards to draw, everything beside them, and the project's settings."""

    shown: Sequence[Resource]
    resources: Sequence[Resource]
    settings: Settings


def _loaded(names: Sequence[str], project: Path | None, environment: str) -> _Loaded:
    """What names mean: uids and titles of a project's dashboards, or files with exported ones; all
    dashboards without names. Raises ConfigError, and DefinitionError for mistakes."""
    from gk.errors import ConfigError
    from gk.settings import Settings
    from gk.settings import read as read_settings

    files = [Path(name) for name in names if name.endswith(_DOCUMENTS) and Path(name).is_file()]
    of_project = [name for name in names if Path(name) not in files]
    read = [resource for file in files for resource in _read(file)]
    try:
        root = root_of(project)
    except ConfigError:
        if project or of_project or not files:
            raise
        return _Loaded(read, read, Settings())
    try:
        resources, settings = _compiled(root, environment)
    except ConfigError:
        if of_project or not files:
            raise
        # A folder with gk.yaml alone has no definitions. Whatever else is wrong, reading it says.
        resources, settings = [], read_settings(root, environment)
    shown = [*chosen(of_project, resources), *read] if of_project or not read else read
    return _Loaded(shown, [*resources, *read], settings)


def _read(file: Path) -> list[Resource]:
    """The dashboards in a file."""
    from gk.errors import ConfigError
    from gk.provisioning.read import read

    exported = read(file)
    if exported.problems:
        raise ConfigError(exported.problems)
    if not (dashboards := _dashboards(exported.resources)):
        raise ConfigError(f"{file} contains no dashboard")
    return dashboards


def _compiled(root: Path, environment: str) -> tuple[list[Resource], Settings]:
    import gc

    from gk.compile import compile_once, workers
    from gk.project import load

    # As in gk build: the process is short, and its objects form few cycles.
    gc.disable()
    with progress("loading definitions"):
        loaded = load(root, environment)
    # Fork the workers before the spinner starts: forking a process with threads is unsafe.
    with workers(loaded) as ahead, progress("compiling"):
        return compile_once(loaded, ahead), loaded.settings


def _dashboards(resources: Sequence[Resource]) -> list[Resource]:
    from gk.resource import Kind

    return [resource for resource in resources if resource.kind is Kind.DASHBOARD]


def chosen(names: Sequence[str], resources: Sequence[Resource]) -> list[Resource]:
    """The dashboards with these uids or titles, or all. Raises ConfigError if there is none."""
    from gk.errors import ConfigError, did_you_mean

    known = _dashboards(resources)
    if not known:
        raise ConfigError("the project has no dashboards to draw")
    if not names:
        return known
    wanted = []
    for name in names:
        own = [resource for resource in known if resource.uid == name] or [
            resource for resource in known if resource.title == name
        ]
        if not own:
            hint = did_you_mean(
                name, [word for resource in known for word in (resource.uid, resource.title)]
            )
            raise ConfigError(f"there is no dashboard '{name}'{hint}")
        wanted += own
    return list({resource.key: resource for resource in wanted}.values())
