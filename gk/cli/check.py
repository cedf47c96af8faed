"""gk check."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
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

if TYPE_CHECKING:
    from gk.check import Check, Report
    from gk.check.rule_tests import RuleTests
    from gk.project import Project
    from gk.resource import Resource

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
    "--tests",
    is_flag=True,
    help="Also run the tests of rules in tests/alerts/ with promtool.",
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
    tests: bool,
    lists: bool,
    explain: str | None,
    format_: str,
) -> None:
    """Check the definitions for what Grafana and Prometheus accept, and what is wrong nevertheless.

    Compiles the project and checks every query, panel, alert and dashboard. Nothing is written.

    \b
    Exit codes: 0 no problems, 1 problems, 2 could not run.
    """
    from gk.check.checks import ALL_CHECKS
    from gk.check.forms import FORMS, explained, listed

    if lists:
        print_(listed(ALL_CHECKS, look), sys.stdout)
    elif explain:
        print_(explained(_named(ALL_CHECKS, explain), look), sys.stdout)
    else:
        report = _checked(root_of(project), environment, only, fail_on, tests=tests)
        print_(shown(FORMS, format_, report), sys.stdout)
        context.exit(DIFFERENT if report.fails else SAME)


def _named(checks: Sequence[Check], name: str) -> Check:
    from gk.errors import ConfigError, did_you_mean

    known = {check.name: check for check in checks}
    if name not in known:
        hint = did_you_mean(name, known)
        raise ConfigError(f"--explain: there is no check '{name}'{hint}; gk check --list has all")
    return known[name]


def _checked(
    root: Path, environment: str, only: Sequence[str], fail_on: str | None, *, tests: bool
) -> Report:
    """Check the project in `root`: all of its environments, or one; with `tests`, run those of its
    rules."""
    from dataclasses import replace

    from gk.check import Severity, joined
    from gk.environments import choose
    from gk.settings import read_all

    names = list(read_all(root))
    if environment:
        names = [choose([name for name in names if name], environment)]
    report = joined({name: _of_environment(root, name, only, tests=tests) for name in names})
    return replace(report, fail_on=Severity(fail_on)) if fail_on else report


def _of_environment(root: Path, name: str, only: Sequence[str], *, tests: bool) -> Report:
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
    checked = Checked(
        resources,
        loaded.settings,
        place=loaded.place,
        rule_tests=_rule_tests(loaded, resources, runs=tests),
        has_file=partial(_has_file, loaded.root),
    )
    with progress(f"checking{of}"):
        return run(checked, ALL_CHECKS, loaded.root, _files(loaded), only=only)


def _has_file(root: Path, path: str) -> bool:
    """Whether the project has a file, or the repository that it is a folder of."""
    above = [root, *root.parents]
    tops = [index for index, folder in enumerate(above) if (folder / ".git").exists()]
    return any((folder / path).is_file() for folder in above[: tops[0] + 1 if tops else 1])


def _rule_tests(project: Project, resources: Sequence[Resource], *, runs: bool) -> RuleTests:
    """The tests of the project's rules; with what promtool says if they run."""
    from gk.check.promtool import run
    from gk.check.rule_tests import read
    from gk.provisioning.prometheus import rule_files

    tests = read(project.root)
    if not runs:
        return tests
    settings = project.settings
    with progress("running promtool"):
        return run(
            tests,
            rule_files(resources),
            project.root,
            output=settings.output,
            shared=settings.shared_output,
        )


def _files(project: Project) -> list[str]:
    """The Python files that may have comments with silences."""
    from gk.project import FOLDERS

    return [
        path.relative_to(project.root).as_posix()
        for folder in FOLDERS
        for path in sorted((project.root / folder).rglob("*.py"))
    ]
