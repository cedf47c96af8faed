"""gk check."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    FAILED,
    SAME,
    bar,
    format_option,
    look,
    one_of_environments,
    print_,
    progress,
    project_option,
    root_of,
    say,
    shown,
)
from gk.cli.server import complete_context

if TYPE_CHECKING:
    from gk.check import Check, Live, Report
    from gk.check import Project as Checked
    from gk.contexts import Context
    from gk.project import Project
    from gk.settings import Settings

__all__ = ["check"]


def _complete_check(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the names of checks."""
    from gk.check.checks import ALL_CHECKS

    return [each.name for each in ALL_CHECKS if each.name.startswith(incomplete)]


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
    help="Exit 1 for findings from this severity on. Default: check.fail_on of gk.yaml, or "
    "warning.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Also ask Prometheus every query: which return no data, why, and what they cost.",
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
    help="With --live: the Prometheus, or a server with its API, in place of a context's.",
)
@click.option(
    "--variable",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="With --live: a value of a dashboard's variable, in place of the one that it opens with. "
    "May be repeated.",
)
@click.option(
    "--datasource",
    "datasources",
    metavar="UID",
    multiple=True,
    help="With --live: only queries of this data source, if the project has several of the type "
    "prometheus. May be repeated.",
)
@click.option(
    "--workers",
    metavar="NUMBER",
    type=click.IntRange(1, 64),
    help="With --live: queries at the same time. Default: workers of the context, or 8.",
)
@click.option(
    "--budget",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="With --live: for all queries together; what is not asked by then makes the run fail.",
)
@click.option("--list", "lists", is_flag=True, help="List the checks, and end.")
@click.option(
    "--explain",
    metavar="CHECK",
    shell_complete=_complete_check,
    help="Explain a check: the problem, and what to do instead.",
)
@format_option("gk.check.forms")
@click.pass_context
def check(
    context: click.Context,
    project: Path | None,
    environment: str,
    only: tuple[str, ...],
    fail_on: str | None,
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
    """Check the definitions for what Grafana and Prometheus accept, and what is wrong nevertheless.

    Compiles the project and checks every query, panel, alert and dashboard. Nothing is written.
    With --live, also runs every query on a Prometheus, as Grafana would.

    \b
    Exit codes: 0 no problems, 1 problems, 2 could not run, or Prometheus did not answer all.
    """
    from gk.check.checks import ALL_CHECKS
    from gk.check.forms import FORMS, explained, listed

    if lists:
        print_(listed(ALL_CHECKS, look), sys.stdout)
    elif explain:
        print_(explained(_named(ALL_CHECKS, explain), look), sys.stdout)
    else:
        values = _values(variables)
        asking = _Asking(context_name, url, values, datasources, workers, budget)
        is_live = live or url is not None
        report = _checked(root_of(project), environment, only, fail_on, asking if is_live else None)
        print_(shown(FORMS, format_, report), sys.stdout)
        for text in report.unanswered:
            say(f"not answered: {text}", "red")
        context.exit(FAILED if report.unanswered else DIFFERENT if report.fails else SAME)


def _values(given: Sequence[str]) -> dict[str, str]:
    from gk.errors import ConfigError

    if wrong := next((each for each in given if not re.match(r"\w+=", each)), None):
        raise ConfigError(f"--variable '{wrong}': write NAME=VALUE")
    return {name: value for name, _, value in (each.partition("=") for each in given)}


@dataclass(frozen=True, slots=True)
class _Asking:
    """Which Prometheus to ask, and how much."""

    context: str | None
    url: str | None
    variables: Mapping[str, str]
    datasources: Sequence[str]
    workers: int | None
    budget: int

    def ask(self, project: Checked, settings: Settings) -> Live:
        """Ask it every query of a project."""
        from gk.check.live.asking import Limits
        from gk.check.live.run import ask
        from gk.prometheus import Prometheus

        target = self._context(settings)
        workers = self.workers or target.workers
        with Prometheus(
            self.url or target.prometheus, target.timeout, connections=workers
        ) as prometheus:
            limits = Limits(workers, target.timeout, self.budget)
            return ask(
                project,
                prometheus,
                limits,
                chosen=self.variables,
                only=self.datasources,
                bar=bar,
            )

    def _context(self, settings: Settings) -> Context:
        from gk.cli.server import the_context
        from gk.contexts import Context
        from gk.errors import ConfigError
        from gk.http.urls import url_mistake

        if self.url and (mistake := url_mistake(self.url, "gk has no use for them here")):
            raise ConfigError(f"--prometheus {mistake}")
        if self.url and self.context is None:
            return Context()
        name = the_context(settings, self.context)
        target = settings.contexts[name]
        if not (self.url or target.prometheus):
            raise ConfigError(
                f"--live: the context {name} names no Prometheus; add prometheus: URL to it in "
                "gk.yaml, or use --prometheus"
            )
        return target


def _named(checks: Sequence[Check], name: str) -> Check:
    from gk.errors import ConfigError, did_you_mean

    known = {check.name: check for check in checks}
    if name not in known:
        hint = did_you_mean(name, known)
        raise ConfigError(f"--explain: there is no check '{name}'{hint}; gk check --list has all")
    return known[name]


def _checked(
    root: Path,
    environment: str,
    only: Sequence[str],
    fail_on: str | None,
    asking: _Asking | None,
) -> Report:
    """Check the project in `root`: all of its environments, or one."""
    from dataclasses import replace

    from gk.check import Severity, joined
    from gk.environments import choose
    from gk.settings import read_all

    names = list(read_all(root))
    if environment:
        names = [choose([name for name in names if name], environment)]
    report = joined({name: _of_environment(root, name, only, asking) for name in names})
    return replace(report, fail_on=Severity(fail_on)) if fail_on else report


def _of_environment(root: Path, name: str, only: Sequence[str], asking: _Asking | None) -> Report:
    from gk.check import Project as Checked
    from gk.check import run
    from gk.check.checks import ALL_CHECKS
    from gk.compile import compile
    from gk.project import load

    of = f" {name}" if name else ""
    with progress(f"compiling{of}"):
        loaded = load(root, name)
        resources = compile(loaded)
    for warning in loaded.warnings:
        say(f"warning: {warning}", "yellow")
    checked = Checked(resources, loaded.settings, place=loaded.place)
    live = asking.ask(checked, loaded.settings) if asking else None
    with progress(f"checking{of}"):
        return run(checked, ALL_CHECKS, loaded.root, _files(loaded), only=only, live=live)


def _files(project: Project) -> list[str]:
    """The Python files that may have comments with silences."""
    from gk.project import FOLDERS

    return [
        path.relative_to(project.root).as_posix()
        for folder in FOLDERS
        for path in sorted((project.root / folder).rglob("*.py"))
    ]
