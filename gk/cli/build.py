"""gk build."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
    format_option,
    one_of_environments,
    print_,
    progress,
    project_option,
    root_of,
    say,
    shown,
)

if TYPE_CHECKING:
    from gk.provisioning import Tree
    from gk.provisioning.forms import Cleared, Report, Run
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = ["Build", "Compiled", "build", "compiled", "made", "written"]


@click.command()
@project_option
@one_of_environments
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Output folder. Default: build.output of gk.yaml, or provisioning/ in the project. "
    "Each environment has its own folder in it.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; list what differs, and exit 1 if anything does."
)
@click.option(
    "--forget-deleted",
    is_flag=True,
    help="Drop the entries that delete undefined rules and data sources. "
    "Use it once every Grafana has loaded them.",
)
@format_option("gk.provisioning.forms")
@click.pass_context
def build(
    context: click.Context,
    project: Path | None,
    environment: str,
    output: Path | None,
    check: bool,
    forget_deleted: bool,
    format_: str,
) -> None:
    """Compile the definitions to provisioning files, rule files and ConfigMaps.

    gk does not touch files that are up to date, and removes only files that it wrote.
    """
    from gk.provisioning.forms import FORMS

    run = made(root_of(project), environment, output, check=check, forget_deleted=forget_deleted)
    _warn(run.reports)
    print_(shown(FORMS, format_, run), sys.stdout)
    context.exit(DIFFERENT if check and run.differs else SAME)


def made(
    root: Path,
    environment: str = "",
    output: Path | None = None,
    *,
    check: bool = False,
    forget_deleted: bool = False,
) -> Run:
    """Build the project in `root`: all of its environments, or one."""
    return written(compiled(root, environment, output, forget_deleted=forget_deleted), check=check)


@dataclass(frozen=True)
class Build:
    """A compiled environment, and the folder that it is for."""

    environment: str
    target: Path
    settings: Settings
    resources: Sequence[Resource]
    tree: Tree
    warnings: Sequence[str]
    seconds: float


@dataclass(frozen=True)
class Compiled:
    """Compiled environments of a project; `settings` are those of all. If it `is_whole`, nothing
    else is in its outputs."""

    root: Path
    settings: Mapping[str, Settings]
    builds: Sequence[Build]
    is_whole: bool


def compiled(
    root: Path,
    environment: str = "",
    output: Path | None = None,
    *,
    forget_deleted: bool = False,
) -> Compiled:
    """Compile the project in `root`: all of its environments, or one. Raises DefinitionError with
    the mistakes in all of them."""
    import gc

    from gk.settings import read_all
    from gk.settings.environments import choose

    # The process is short and its objects form few cycles: garbage collection took a third of the
    # time of a large build.
    gc.disable()
    settings = read_all(root)
    if environment:
        name = choose([name for name in settings if name], environment)
        chosen = {name: settings[name]}
    else:
        chosen = settings
    targets = {name: _target(root, settings, output) for name, settings in chosen.items()}
    builds = _compiled(root, targets, forget_deleted=forget_deleted)
    # Another folder may have outputs of other projects, too.
    return Compiled(root, settings, builds, is_whole=not (environment or output))


def written(compiled: Compiled, *, check: bool = False) -> Run:
    """Write what was compiled, or with `check` only compare it. Nothing is written unless every
    environment compiled."""
    from gk.provisioning.forms import Run

    targets = {build.environment: build.target for build in compiled.builds}
    return Run(
        [_written(build, check=check) for build in compiled.builds],
        _cleared(compiled.root, compiled.settings, targets, check=check)
        if compiled.is_whole
        else [],
        check,
    )


def _target(root: Path, settings: Settings, output: Path | None) -> Path:
    from gk.provisioning import output_of

    return output / settings.environment if output else output_of(root, settings.output)


def _compiled(root: Path, targets: Mapping[str, Path], *, forget_deleted: bool) -> list[Build]:
    from gk.errors import DefinitionError, Problem
    from gk.settings.environments import told_once

    builds: list[Build] = []
    problems: dict[str, list[Problem]] = {}
    for name, target in targets.items():
        problems[name] = []
        try:
            builds.append(_build(root, name, target, forget_deleted=forget_deleted))
        except DefinitionError as error:
            problems[name] = error.problems
    if any(problems.values()):
        raise DefinitionError(told_once(problems))
    return builds


def _build(root: Path, environment: str, target: Path, *, forget_deleted: bool) -> Build:
    start = time.perf_counter()
    from gk.compile import compile_once, workers
    from gk.define.datasource import Datasource
    from gk.project import load
    from gk.provisioning import tree

    of = f" of {environment}" if environment else ""
    with progress(f"loading definitions{of}"):
        loaded = load(root, environment)
    # Fork the workers before the spinner starts: forking a process with threads is unsafe.
    with workers(loaded) as ahead, progress(f"compiling{of}"):
        resources = compile_once(loaded, ahead)
    external = [
        datasource.value.name for datasource in loaded.of(Datasource) if datasource.value.external
    ]
    built = tree(
        resources, loaded.settings, target, forget_deleted=forget_deleted, external=external
    )
    return Build(
        environment,
        target,
        loaded.settings,
        resources,
        built,
        [*loaded.warnings, *built.warnings],
        time.perf_counter() - start,
    )


def _warn(builds: Sequence[Report]) -> None:
    """Print the warnings, each once."""
    from gk.errors import Problem, Source
    from gk.settings.environments import told_once

    warnings = {
        build.environment: [Problem(Source(""), text) for text in build.warnings]
        for build in builds
    }
    for warning in told_once(warnings):
        say(f"warning: {warning}", "yellow")


def _written(build: Build, *, check: bool) -> Report:
    """Write the files of a build, or with `check` only compare them."""
    start = time.perf_counter()
    from gk.provisioning import compare, write
    from gk.provisioning.forms import Report

    files = build.tree.files
    with progress("writing"):
        changes = (
            compare(files, build.target) if check else write(files, build.target, build.environment)
        )
    return Report(
        # Resources are sorted by kind, and so are the counts.
        counts=dict(Counter(resource.kind.value for resource in build.resources)),
        changes=changes,
        output=os.path.relpath(build.target),
        check=check,
        warnings=build.warnings,
        seconds=build.seconds + time.perf_counter() - start,
        environment=build.environment,
    )


def _cleared(
    root: Path,
    settings: Mapping[str, Settings],
    targets: Mapping[str, Path],
    *,
    check: bool,
) -> list[Cleared]:
    """Remove what earlier builds wrote to folders that no build writes any more."""
    from gk.provisioning import compare, left_in, output_of, remove
    from gk.provisioning.forms import Cleared

    shared = dict.fromkeys(own.shared_output or own.output for own in settings.values())
    bases = [output_of(root, name) for name in shared]
    left = dict.fromkeys(path for base in bases for path in left_in(base, targets.values()))
    cleared = []
    for path in left:
        changes = compare({}, path) if check else remove(path)
        if changes.removed:
            cleared.append(Cleared(os.path.relpath(path), changes.removed))
    return cleared
