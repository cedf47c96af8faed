"""gk pull."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
    environment_option,
    format_option,
    log_requests,
    print_,
    progress,
    project_option,
    root_of,
    shown,
)
from gk.cli.server import complete_name, context_option, opened, verbose_option

__all__ = ["pull"]


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=complete_name)
@project_option
@environment_option
@context_option
@click.option("--dry-run", is_flag=True, help="Change no files; print the patch.")
@verbose_option
@format_option("gk.pull.forms")
@click.pass_context
def pull(
    context: click.Context,
    names: tuple[str, ...],
    project: Path | None,
    environment: str,
    context_name: str | None,
    dry_run: bool,
    verbose: bool,
    format_: str,
) -> None:
    """Copy edits made in Grafana into the definitions.

    NAME is a uid, a title, a folder or a kind, as for gk push. Where an argument says what changed
    (a title, a unit, a threshold, the text of a query, a position), gk writes its new value into
    the Python file; it keeps a change only if the project then builds what Grafana has. For
    everything else it prints the code to write. Nothing changes in Grafana.

    \b
    Exit codes: 0 the definitions now match Grafana, 1 something is left to do by hand,
    2 could not run.
    """
    from gk.pull import pulled
    from gk.pull.files import write
    from gk.pull.forms import FORMS, Report
    from gk.push import select

    if verbose:
        log_requests()
    root = root_of(project).resolve()
    with opened(root, environment, context_name) as (server, resources):
        chosen = select(names, resources, server.ledger.entries, server.titles)
        with progress("reading"):
            lives = {
                resource.key: server.read(resource.key)
                for resource in resources
                if resource.key in chosen
            }
        gone = tuple(
            f"{kind.value} '{uid}' is not in Grafana"
            for (kind, uid), live in lives.items()
            if not live
        )
        with progress("looking for the changes, and trying them"):
            there = {key: live for key, live in lives.items() if live}
            result = pulled(root, environment, resources, there, server.resources)
    if not dry_run:
        write(root, result.before, result.files)
    report = Report(result, gone, is_written=not dry_run)
    print_(shown(FORMS, format_, report), sys.stdout)
    context.exit(DIFFERENT if result.by_hand or gone else SAME)
