"""gk push and gk status."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    FAILED,
    SAME,
    bar,
    count,
    format_option,
    log_requests,
    print_,
    progress,
    project_option,
    root_of,
    say,
)

if TYPE_CHECKING:
    from gk.plan import Plan
    from gk.push import Server
    from gk.resource import Resource

__all__ = ["push", "status"]


def _complete_name(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The kinds, and the uids of what is defined here, that start so."""
    from gk.compile import compile
    from gk.errors import GkError
    from gk.project import load
    from gk.push import NAMES

    names = list(NAMES)
    # Mistakes are for the command to tell.
    with suppress(GkError):
        names += [each.uid for each in compile(load(root_of(context.params.get("project"))))]
    return sorted({name for name in names if name.startswith(incomplete)})


def _complete_context(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from gk.errors import GkError
    from gk.settings import read

    try:
        contexts = read(root_of(context.params.get("project"))).contexts
    except GkError:
        return []
    return [name for name in contexts if name.startswith(incomplete)]


_names_argument = click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=_complete_name)
_context_option = click.option(
    "--context",
    "context_name",
    metavar="NAME",
    shell_complete=_complete_context,
    help="The Grafana: a context of gk.yaml. Default: GRAFANA_URL, or the only context there is.",
)
_verbose_option = click.option("-v", "--verbose", is_flag=True, help="Log every request, without what is in it.")


@click.command()
@_names_argument
@project_option
@_context_option
@click.option("--dry-run", is_flag=True, help="Print the plan only, and exit 1 if there is anything to do.")
@click.option("-y", "--yes", is_flag=True, help="Delete without asking; needed with --prune where nobody can be asked.")
@click.option(
    "--force", is_flag=True, help="In conflicts take the definitions' side; what was there is kept in a file."
)
@click.option("--prune", is_flag=True, help="Delete what gk pushed before and the definitions no longer have.")
@click.option(
    "--prune-limit",
    metavar="NUMBER",
    type=click.IntRange(min=0),
    help="Delete up to so many objects. Default: 10, and no more than 30% of what gk owns.",
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first object that could not be pushed.")
@_verbose_option
@format_option("text", "json")
@click.pass_context
def push(
    context: click.Context,
    names: tuple[str, ...],
    project: Path | None,
    context_name: str | None,
    dry_run: bool,
    yes: bool,
    force: bool,
    prune: bool,
    prune_limit: int | None,
    fail_fast: bool,
    verbose: bool,
    format_: str,
) -> None:
    """Bring a running Grafana to what the definitions say.

    What is there is read and compared first, and only what differs is written. What somebody changed there since the
    last push is a conflict: it is shown, and left alone. NAME limits the push: a dashboard, a folder with what is in
    it, or a kind (dashboards, folders, data-sources, rule-groups, contact-points, ...).

    \b
    Exit codes: 0 all is as desired, 1 conflicts (with --dry-run: or anything to do),
    2 something could not be pushed.
    """
    start = time.perf_counter()
    from gk.cli.report import Report
    from gk.plan import Action
    from gk.push import Status, apply, make_plan, prune_refusal, select
    from gk.push.revision import revision

    if verbose:
        log_requests()
    root = root_of(project)
    with _opened(root, context_name, prune=prune) as (server, resources):
        chosen = select(names, resources, server.ledger.entries)
        with bar("comparing", len(chosen)) as done:
            plan = make_plan(server, resources, chosen, prune=prune, force=force, environ=os.environ, done=done)
        report = Report(server, plan, revision(root))
        is_text = format_ == "text"
        if is_text:
            print_(report.plan_text(time.perf_counter() - start), sys.stdout)
        report.refused = prune_refusal(plan, len(server.ledger.entries), prune_limit)
        if not (report.refused or dry_run):
            report.refused = _unanswered(plan, yes)
        if not (report.refused or dry_run):
            writes = plan.of(Action.CREATE, Action.UPDATE, Action.DELETE)
            with bar("pushing", len(writes)) as done:
                report.outcomes = apply(
                    plan,
                    server,
                    revision=report.revision,
                    environ=os.environ,
                    keep=_kept_in(root),
                    fail_fast=fail_fast,
                    done=done,
                )
        seconds = time.perf_counter() - start
        if not is_text:
            print_(report.json(seconds), sys.stdout)
        elif not dry_run and report.outcomes:
            print_(report.outcome_text(seconds), sys.stdout)
    if report.refused:
        say(report.refused, "red")
        context.exit(FAILED)
    ended = {each.status for each in report.outcomes}
    if plan.of(Action.BLOCKED) or ended & {Status.FAILED, Status.SKIPPED}:
        context.exit(FAILED)
    is_different = plan.of(Action.CONFLICT) or Status.CONFLICT in ended or (dry_run and not plan.is_clean)
    context.exit(DIFFERENT if is_different else SAME)


@click.command()
@project_option
@_context_option
@_verbose_option
@format_option("text", "json")
@click.pass_context
def status(context: click.Context, project: Path | None, context_name: str | None, verbose: bool, format_: str) -> None:
    """Show which Grafana a context is, who gk is there, and how what it owns stands.

    \b
    Exit codes: 0 all that gk owns is as defined, 1 something is not, 2 could not ask.
    """
    from gk.cli.report import StatusReport
    from gk.push import make_plan, select

    if verbose:
        log_requests()
    with _opened(root_of(project), context_name) as (server, resources):
        chosen = select((), resources, server.ledger.entries)
        with bar("comparing", len(chosen)) as done:
            plan = make_plan(server, resources, chosen, environ=os.environ, done=done)
        with progress("listing what is not gk's"):
            report = StatusReport.of(server, plan)
    print_(report.json() if format_ == "json" else report.text(), sys.stdout)
    context.exit(SAME if report.is_clean else DIFFERENT)


@contextmanager
def _opened(root: Path, context_name: str | None, *, prune: bool = False) -> Iterator[tuple[Server, list[Resource]]]:
    """The Grafana that is pushed to, and what is pushed to it."""
    import gc

    from gk.compile import compile
    from gk.errors import ConfigError
    from gk.grafana.client import Client
    from gk.grafana.connection import connection
    from gk.grafana.objects import Grafana
    from gk.project import load
    from gk.push import open_server

    with progress("loading definitions"):
        loaded = load(root)
    if prune and not loaded.settings.project:
        raise ConfigError(
            "--prune deletes what this project owns: give it a name, `project: NAME` in gk.yaml. Without one it is "
            f"called after its folder, '{root.name}', and another project may be called the same"
        )
    with progress("compiling"):
        resources = compile(loaded)
    # What is imported and compiled stays: it need not be looked through for garbage again and again.
    gc.freeze()
    found = connection(loaded.settings, root, context_name, os.environ, _asker())
    with Client(found) as client:
        with progress(f"asking {found.shown}"):
            server = open_server(Grafana(client), loaded.settings.project or root.name)
        yield server, server.resources(resources)


def _asker() -> Callable[[str], str] | None:
    """How a person is asked for a secret; None where there is nobody."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return None
    return lambda text: str(click.prompt(text, hide_input=True, err=True))


def _unanswered(plan: Plan, yes: bool) -> str:
    """Ask before something is deleted; why it cannot be, where nobody can be asked. Raises Abort for a no."""
    from gk.plan import Action

    deletes = plan.count(Action.DELETE)
    if not deletes or yes:
        return ""
    if not (sys.stdin and sys.stdin.isatty()):
        return f"{count(deletes, 'object')} would be deleted, and nobody can be asked here: pass --yes"
    click.confirm(f"Delete {count(deletes, 'object')}?", abort=True, err=True)
    return ""


def _kept_in(root: Path) -> Path:
    """Where what a push overwrites by force or deletes is kept: a folder of its own each time, out of git."""
    return root / ".gk" / "replaced" / time.strftime("%Y%m%dT%H%M%S")
