"""gk import."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
    environment_option,
    format_option,
    print_,
    progress,
    shown,
)

__all__ = ["import_", "into_option", "nearest"]

into_option = click.option(
    "--into",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The project to write into, or a folder for a new one. "
    "Default: the nearest project, from the current folder upwards.",
)


@click.command(
    "import", short_help="Turn dashboards, rules and data sources into definitions in Python."
)
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
)
@into_option
@environment_option
@click.option("--dry-run", is_flag=True, help="Write no files; say which ones gk would write.")
@format_option("gk.decompile.forms")
@click.pass_context
def import_(
    context: click.Context,
    files: tuple[Path, ...],
    into: Path | None,
    environment: str,
    dry_run: bool,
    format_: str,
) -> None:
    """Turn dashboards, rules and data sources into definitions in Python.

    FILE is a dashboard (JSON, in any envelope), a rule file, a PrometheusRule, Grafana's alerting
    export, a file of data sources, or a folder of these. gk builds what it wrote and compares it
    with the originals. It overwrites nothing.

    \b
    Exit codes: 0 the definitions build what was read, 1 something differs or is left out,
    2 could not run.
    """
    start = time.perf_counter()
    from gk.decompile.forms import FORMS, Report
    from gk.decompile.project import into_project
    from gk.errors import ConfigError
    from gk.provisioning.read import read_all

    with progress("reading"):
        originals = read_all(files)
    if not originals.resources:
        raise ConfigError(originals.problems)
    root = (into or nearest()).resolve()
    with progress("writing definitions, and building them"):
        written = into_project(root, originals.resources, environment, dry_run=dry_run)
    report = Report(
        written=written,
        unread=originals.problems,
        into=os.path.relpath(root),
        is_written=not dry_run,
        seconds=time.perf_counter() - start,
    )
    print_(shown(FORMS, format_, report), sys.stdout)
    context.exit(SAME if report.is_equal else DIFFERENT)


def nearest() -> Path:
    """The project to write into. Raises ConfigError if there is none."""
    from gk.errors import ConfigError
    from gk.project import find_root

    try:
        return find_root(Path.cwd())
    except ConfigError:
        raise ConfigError(
            "no gk project here to write into; name a folder with --into, such as --into ."
        ) from None
