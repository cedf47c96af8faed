"""gk build."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
    format_option,
    print_,
    progress,
    project_option,
    root_of,
    say,
    shown,
)

if TYPE_CHECKING:
    from gk.provisioning.forms import Report

__all__ = ["build", "made"]


@click.command()
@project_option
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Output folder. Default: build.output of gk.yaml, or provisioning/ in the project.",
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
    output: Path | None,
    check: bool,
    forget_deleted: bool,
    format_: str,
) -> None:
    """Compile the definitions to provisioning files, rule files and ConfigMaps.

    Files already up to date are not touched, and only files that gk wrote are ever removed.
    """
    from gk.provisioning.forms import FORMS

    report = made(root_of(project), output, check=check, forget_deleted=forget_deleted)
    for warning in report.warnings:
        say(f"warning: {warning}", "yellow")
    print_(shown(FORMS, format_, report), sys.stdout)
    context.exit(DIFFERENT if check and report.changes else SAME)


def made(
    root: Path, output: Path | None = None, *, check: bool = False, forget_deleted: bool = False
) -> Report:
    """Build the project in `root`."""
    start = time.perf_counter()
    import gc

    from gk.compile import compile_once, workers
    from gk.define.datasource import Datasource
    from gk.project import load
    from gk.provisioning import compare, output_of, tree, write
    from gk.provisioning.forms import Report

    # The process is short and its objects form few cycles: garbage collection took a third of the
    # time of a large build.
    gc.disable()
    with progress("loading definitions"):
        loaded = load(root)
    # Fork the workers before the spinner starts: forking a process with threads is unsafe.
    with workers(loaded) as ahead, progress("compiling"):
        resources = compile_once(loaded, ahead)
    target = output or output_of(root, loaded.settings.output)
    external = [
        datasource.value.name for datasource in loaded.of(Datasource) if datasource.value.external
    ]
    built = tree(
        resources, loaded.settings, target, forget_deleted=forget_deleted, external=external
    )
    with progress("writing"):
        changes = compare(built.files, target) if check else write(built.files, target)
    return Report(
        # Resources are sorted by kind, and so are the counts.
        counts=dict(Counter(resource.kind.value for resource in resources)),
        changes=changes,
        output=os.path.relpath(target),
        check=check,
        warnings=[*loaded.warnings, *built.warnings],
        seconds=time.perf_counter() - start,
    )
