"""gk push and gk status."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    FAILED,
    SAME,
    bar,
    environment_option,
    format_option,
    log_requests,
    print_,
    progress,
    project_option,
    root_of,
    say,
    shown,
)
from gk.cli.server import complete_name, context_option, opened, verbose_option
from gk.forms.plurals import counted

if TYPE_CHECKING:
    from gk.push.plan import Plan
    from gk.push.report import Report

__all__ = ["names_argument", "push", "push_once", "status"]


names_argument = click.argument(
    "names", metavar="[NAME]...", nargs=-1, shell_complete=complete_name
)


@click.command()
@names_argument
@project_option
@environment_option
@context_option
@click.option(
    "--dry-run", is_flag=True, help="Print the plan only, and exit 1 if there is anything to do."
)
@click.option(
    "-y",
    "--yes",
    is_flag=True,
    help="Delete without asking. Required for --prune without a terminal.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Overwrite objects in conflict; gk saves each replaced version in a file.",
)
@click.option(
    "--prune", is_flag=True, help="Delete objects that gk pushed and that are no longer defined."
)
@click.option(
    "--prune-limit",
    metavar="NUMBER",
    type=click.IntRange(min=0),
    help="Delete at most NUMBER objects. Default: 10, and no more than 30% of what gk owns.",
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first object that cannot be pushed.")
@verbose_option
@format_option("gk.push.forms.push")
@click.pass_context
def push(
    context: click.Context,
    names: tuple[str, ...],
    project: Path | None,
    environment: str,
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
    """Bring a running Grafana in line with the definitions.

    gk reads and compares first, and writes only what differs. An object that somebody changed in
    Grafana since the last push is a conflict: gk shows it, and does not overwrite it. NAME limits
    the push: a dashboard, a folder with its contents, or a kind (dashboards, folders, data-sources,
    rule-groups, contact-points, ...).

    \b
    Exit codes: 0 Grafana is in line, 1 conflicts (with --dry-run: or anything to do),
    2 something could not be pushed.
    """
    start = time.perf_counter()
    from gk.push import make_plan, prune_refusal, select
    from gk.push.forms.push import FORMS
    from gk.push.report import Report
    from gk.push.revision import revision

    if verbose:
        log_requests()
    root = root_of(project)
    with opened(root, environment, context_name, prune=prune) as (server, resources):
        chosen = select(names, resources, server.ledger.entries, server.titles)
        with bar("comparing", len(chosen)) as done:
            plan = make_plan(
                server, resources, chosen, prune=prune, force=force, environ=os.environ, done=done
            )
        report = Report(server, plan, revision(root), time.perf_counter() - start)
        # People read the plan before they are asked, and before gk writes anything.
        if format_ == "text":
            print_(shown(FORMS, format_, report), sys.stdout)
        report.refused = prune_refusal(plan, len(server.ledger.entries), prune_limit)
        if not (report.refused or dry_run):
            report.refused = _unanswered(plan, yes)
        if not (report.refused or dry_run):
            _apply(report, root, fail_fast=fail_fast)
        report.seconds = time.perf_counter() - start
        # Other formats print one document at the end, as programs read it whole.
        if format_ != "text" or report.outcomes:
            print_(shown(FORMS, format_, report), sys.stdout)
    if report.refused:
        say(report.refused, "red")
    context.exit(_exit_code(report, dry_run=dry_run))


def _apply(report: Report, root: Path, *, fail_fast: bool) -> None:
    """Apply the plan of a report, and record the outcomes in it."""
    from gk.push import apply
    from gk.push.plan import Action

    writes = report.plan.of(Action.CREATE, Action.UPDATE, Action.DELETE)
    with bar("pushing", len(writes)) as done:
        report.outcomes = apply(
            report.plan,
            report.server,
            revision=report.revision,
            environ=os.environ,
            root=root,
            fail_fast=fail_fast,
            done=done,
            note=lambda text: say(text, "yellow"),
        )


def push_once(
    root: Path, environment: str, names: Sequence[str], context_name: str | None
) -> tuple[Report, str, int]:
    """Push as gk push does without options: the result, the plan in words, and the exit code."""
    from gk.push import make_plan, select
    from gk.push.forms.push import FORMS
    from gk.push.report import Report
    from gk.push.revision import revision

    start = time.perf_counter()
    with opened(root, environment, context_name) as (server, resources):
        chosen = select(names, resources, server.ledger.entries, server.titles)
        plan = make_plan(server, resources, chosen, environ=os.environ)
        report = Report(server, plan, revision(root), time.perf_counter() - start)
        planned = shown(FORMS, "text", report)
        _apply(report, root, fail_fast=False)
    report.seconds = time.perf_counter() - start
    return report, planned, _exit_code(report, dry_run=False)


def _exit_code(report: Report, *, dry_run: bool) -> int:
    from gk.push import Status
    from gk.push.plan import Action

    plan, ended = report.plan, {outcome.status for outcome in report.outcomes}
    # Failures count more than conflicts: a conflict needs a decision, a failure needs a fix.
    if report.refused or plan.of(Action.BLOCKED) or ended & {Status.FAILED, Status.SKIPPED}:
        return FAILED
    is_different = (
        plan.of(Action.CONFLICT) or Status.CONFLICT in ended or (dry_run and not plan.is_clean)
    )
    return DIFFERENT if is_different else SAME


@click.command(short_help="Show the Grafana, the account, and the state of everything gk manages.")
@project_option
@environment_option
@context_option
@verbose_option
@format_option("gk.push.forms.status")
@click.pass_context
def status(
    context: click.Context,
    project: Path | None,
    environment: str,
    context_name: str | None,
    verbose: bool,
    format_: str,
) -> None:
    """Show which Grafana a context points to, the account gk uses there, and the state of
    everything gk manages there.

    \b
    Exit codes: 0 everything gk owns is as defined, 1 something is not, 2 could not run.
    """
    from gk.push import make_plan, select
    from gk.push.forms.status import FORMS
    from gk.push.report import StatusReport

    if verbose:
        log_requests()
    with opened(root_of(project), environment, context_name) as (server, resources):
        # Everything that is defined, or that gk pushed before.
        chosen = select((), resources, server.ledger.entries)
        with bar("comparing", len(chosen)) as done:
            plan = make_plan(server, resources, chosen, environ=os.environ, done=done)
        with progress("listing objects that gk did not push"):
            report = StatusReport.of(server, plan)
    print_(shown(FORMS, format_, report), sys.stdout)
    context.exit(SAME if report.is_clean else DIFFERENT)


def _unanswered(plan: Plan, yes: bool) -> str:
    """Ask before deleting anything. Returns why gk cannot delete if there is no terminal to ask on;
    raises Abort if the answer is no."""
    from gk.push.plan import Action

    deletes = plan.count(Action.DELETE)
    if not deletes or yes:
        return ""
    # In CI, a question would wait forever or read from somewhere else.
    if not (sys.stdin and sys.stdin.isatty()):
        what = f"{counted(deletes, 'object')} would be deleted"
        return f"{what}, and there is no terminal to ask on: pass --yes"
    click.confirm(f"Delete {counted(deletes, 'object')}?", abort=True, err=True)
    return ""
