"""gk check."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.asking import Asking, assignments
from gk.cli.checked import Wanted, checked, checks_of, environments
from gk.cli.console import (
    DIFFERENT,
    FAILED,
    SAME,
    columns,
    complete_revision,
    format_option,
    one_of_environments,
    print_,
    project_option,
    root_of,
    say,
    shown,
    wrapped,
)
from gk.cli.server import complete_context

if TYPE_CHECKING:
    from gk.check import Check

__all__ = ["check"]


def _complete_check(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the names of checks. A team's own are read from their files: completion runs no
    code of a project."""
    from gk.check.checks import ALL_CHECKS
    from gk.check.custom import names_of_custom_checks
    from gk.errors import GkError

    names = [check.name for check in ALL_CHECKS]
    with suppress(GkError):
        names += names_of_custom_checks(root_of(context.params.get("project")))
    return sorted(name for name in names if name.startswith(incomplete))


@click.command()
@project_option
@one_of_environments
@click.option(
    "--only",
    metavar="CHECK",
    multiple=True,
    shell_complete=_complete_check,
    help="Run only this check, even if gk.yaml turns it off. May be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    help="Exit 1 if there are findings of this severity or a worse one. Default: check.fail_on of "
    "gk.yaml, or warning.",
)
@click.option(
    "--since",
    metavar="REVISION",
    shell_complete=complete_revision,
    help="Report only what changed since REVISION, or since this branch left it: objects, panels, "
    "rules and snippets that differ.",
)
@click.option(
    "--tests/--no-tests",
    default=True,
    show_default=True,
    help="Run the tests of rules in tests/alerts/ with promtool.",
)
@click.option(
    "--fix",
    "fixes",
    is_flag=True,
    help="Fix what can be fixed for certain in exported dashboards (JSON), and check what remains. "
    "With --only, fix only what that check finds.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Also run every query on a Prometheus; report which return no data, why, and what they "
    "cost.",
)
@click.option(
    "--context",
    "context_name",
    metavar="NAME",
    shell_complete=complete_context,
    help="With --live: the context of gk.yaml that names the Prometheus. Default: the only one.",
)
@click.option(
    "--prometheus",
    "url",
    metavar="URL",
    help="With --live: the URL of a Prometheus, or of a server with its API. Default: that of the "
    "context.",
)
@click.option(
    "--variable",
    "--var",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="With --live: set a variable of the dashboards. Default: the value that the dashboard "
    "opens with. May be repeated.",
)
@click.option(
    "--datasource",
    "datasources",
    metavar="UID",
    multiple=True,
    help="With --live: run only the queries of this data source, if the project has several of the "
    "type prometheus. May be repeated.",
)
@click.option(
    "--workers",
    metavar="NUMBER",
    type=click.IntRange(1, 64),
    help="With --live: how many queries run at the same time. Default: workers of the context, or "
    "8.",
)
@click.option(
    "--budget",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="With --live: the time limit for all queries together. The run fails if queries are left "
    "over.",
)
@click.option("--list", "lists", is_flag=True, help="List the checks.")
@click.option(
    "--explain",
    metavar="CHECK",
    shell_complete=_complete_check,
    help="Explain a check: the problem, and what to do instead.",
)
@format_option("gk.check.forms", "CHOICES")
@click.pass_context
def check(
    context: click.Context,
    project: Path | None,
    environment: str,
    only: tuple[str, ...],
    fail_on: str | None,
    since: str | None,
    tests: bool,
    fixes: bool,
    live: bool,
    context_name: str | None,
    url: str | None,
    variables: tuple[str, ...],
    datasources: tuple[str, ...],
    workers: int | None,
    budget: int,
    lists: bool,
    explain: str | None,
    format_: str,
) -> None:
    """Find queries, panels and alerts that Grafana and Prometheus accept, but that show a wrong
    number or nothing at all.

    Compiles the project, and checks every query, panel, alert and dashboard. Writes nothing unless
    --fix is given. With --live, it also runs every query on a Prometheus, as Grafana would. Write
    checks of your own as functions in checks/*.py.

    \b
    gk check                          everything
    gk check --since main             what this branch changes
    gk check --live                   which queries return no data, and why
    gk check --explain label-gone     what a check finds, and what to do instead
    gk check --format sarif           for code scanning; junit, github and json for other systems

    \b
    Exit codes: 0 no problems, 1 problems, 2 gk could not run, or a query was not answered.
    """
    from gk.check.forms import CATALOG, FORMS
    from gk.check.forms.catalog import Catalog
    from gk.check.forms.lines import in_one_line
    from gk.cli.fix import fix

    if lists or explain:
        _refuse_form(format_, CATALOG, f"--{'list' if lists else 'explain'}")
        known = _known(project)
        catalog = Catalog(known) if lists else Catalog([_named(known, explain or "")], is_page=True)
        printed = shown(CATALOG, format_, catalog)
        # A page has examples, whose lines stay whole.
        if lists and format_ == "text" and (width := columns()):
            printed = wrapped(printed, width)
        print_(printed, sys.stdout)
        return
    _refuse_form(format_, FORMS, "a report")
    root = root_of(project)
    # In any case, so that a mistake in --variable is told without --live, too.
    chosen = dict(assignments("--variable", variables))
    asking = Asking(context_name, url, workers, budget, chosen, datasources)
    wanted = Wanted(
        environment=environment,
        only=only,
        fail_on=fail_on,
        since=since,
        tests=tests,
        asking=asking if live or url is not None else None,
    )
    with _mistakes_as(format_, root):
        if fixes:
            fix(root.resolve(), environments(root, environment), only)
        report = checked(root, wanted)
    printed = shown(FORMS, format_, report)
    if format_ == "text" and (width := columns()):
        printed = wrapped(printed, width)
    print_(printed, sys.stdout)
    for text in report.unanswered:
        say(in_one_line(f"not answered: {text}"), "red")
    context.exit(FAILED if report.unanswered else DIFFERENT if report.fails else SAME)


@contextmanager
def _mistakes_as(format_: str, root: Path) -> Iterator[None]:
    """Print mistakes because of which nothing was checked in a form for CI systems, too. Not as
    SARIF: whoever keeps that takes findings that are not in it for fixed."""
    from gk.check import Report
    from gk.check.forms import FORMS
    from gk.errors import GkError

    try:
        yield
    except GkError as error:
        if format_ in ("github", "junit"):
            print_(FORMS[format_](Report.of_mistakes(error.problems, root)), sys.stdout)
        raise


def _refuse_form(name: str, forms: Mapping[str, object], what: str) -> None:
    if name not in forms:
        raise click.UsageError(
            f"--format {name} is not a form of {what}; one of {', '.join(forms)}"
        )


def _known(project: Path | None) -> list[Check]:
    """The checks that come with gk, and those of the project if there is one."""
    from gk.check.checks import ALL_CHECKS
    from gk.errors import ConfigError
    from gk.settings import read_all

    try:
        root = root_of(project)
    except ConfigError:
        if project:
            raise
        return list(ALL_CHECKS)
    # A team's checks are the same in all environments.
    return checks_of(root, next(iter(read_all(root).values())))


def _named(checks: Sequence[Check], name: str) -> Check:
    from gk.errors import ConfigError, did_you_mean

    known = {check.name: check for check in checks}
    if name not in known:
        hint = did_you_mean(name, known) or "; gk check --list shows all"
        raise ConfigError(f"--explain: there is no check '{name}'{hint}")
    return known[name]
