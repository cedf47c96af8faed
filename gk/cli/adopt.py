"""gk adopt."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
    bar,
    environment_option,
    format_option,
    log_requests,
    print_,
    progress,
    shown,
)
from gk.cli.imports import into_option, nearest
from gk.cli.server import asker, context_option, verbose_option

__all__ = ["adopt"]


@click.command(short_help="Turn the objects of a running Grafana into definitions in Python.")
@into_option
@environment_option
@context_option
@click.option("--dry-run", is_flag=True, help="Write no files; say which ones gk would write.")
@verbose_option
@format_option("gk.decompile.forms")
@click.pass_context
def adopt(
    context: click.Context,
    into: Path | None,
    environment: str,
    context_name: str | None,
    dry_run: bool,
    verbose: bool,
    format_: str,
) -> None:
    """Turn the objects of a running Grafana into definitions in Python.

    gk reads folders, dashboards, library panels, data sources, alert rules, contact points,
    notification policies, mute timings and templates, and changes nothing in Grafana. Secrets,
    which Grafana hides, become references to environment variables. gk leaves out what Grafana
    provisions from files, and what another project pushed.

    gk builds what it wrote and compares it with Grafana; `gk push --dry-run` then has nothing to
    do, and the next push makes the project the owner.

    \b
    Exit codes: 0 the definitions match Grafana, 1 something differs or is left out,
    2 could not run.
    """
    start = time.perf_counter()
    from gk.decompile.forms import FORMS, Report
    from gk.decompile.live import every_object
    from gk.decompile.project import into_project
    from gk.grafana.client import Client
    from gk.grafana.connection import connection
    from gk.grafana.objects import Grafana
    from gk.push import open_server
    from gk.settings import read

    if verbose:
        log_requests()
    root = (into or nearest()).resolve()
    settings = read(root, environment)
    target = connection(settings, root, context_name, os.environ, asker())
    with Client(target) as client:
        with progress(f"asking {target.shown}"):
            name, *others = settings.identities(root.name)
            server = open_server(Grafana(client), name, set(others))
        with bar("reading", len(server.listed)) as done:
            objects = every_object(server, done)
    with progress("writing definitions, and building them"):
        written = into_project(
            root, objects.resources, environment, is_pushed=True, dry_run=dry_run
        )
    report = Report(
        written=written,
        unread=objects.problems,
        others=objects.left,
        is_live=True,
        into=os.path.relpath(root),
        is_written=not dry_run,
        seconds=time.perf_counter() - start,
    )
    print_(shown(FORMS, format_, report), sys.stdout)
    context.exit(SAME if report.is_equal else DIFFERENT)
