"""Runs the checks of gk check: compiles a project, one environment after the other, and brings the
facts that checks need from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gk.cli.console import progress, say

if TYPE_CHECKING:
    from gk.check import Check, Report
    from gk.check.rule_tests import RuleTests
    from gk.cli.asking import Asking
    from gk.project import Project
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = ["Wanted", "checked", "checks_of", "commented", "environments"]


_OF_TESTS = frozenset({"failing-rule-test", "rule-tests-not-run"})


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a run checks: the environment (all if empty), the checks (those that gk.yaml chooses if
    empty), what fails, the revision since which it changed, whether tests of rules run, and the
    Prometheus to ask."""

    environment: str = ""
    only: Sequence[str] = ()
    fail_on: str | None = None
    since: str | None = None
    tests: bool = False
    asking: Asking | None = None

    @property
    def runs_tests(self) -> bool:
        """Whether tests of rules run: not for other checks alone."""
        return self.tests and (not self.only or bool(_OF_TESTS.intersection(self.only)))


def checked(root: Path, wanted: Wanted) -> Report:
    """What the checks find in the project in `root`."""
    import gc

    from gk.check import Severity, joined

    # As in gk build: the process is short, and its objects form few cycles.
    gc.disable()
    reports = {
        name: _of_environment(root, name, wanted) for name in environments(root, wanted.environment)
    }
    if wanted.since is not None:
        reports = _since(wanted.since, root, wanted.environment, reports)
    report = joined(reports)
    return replace(report, fail_on=Severity(wanted.fail_on)) if wanted.fail_on else report


def environments(root: Path, environment: str) -> list[str]:
    """The names of all environments of the project, or of one."""
    from gk.settings import read_all
    from gk.settings.environments import choose

    names = list(read_all(root))
    return [choose([name for name in names if name], environment)] if environment else names


def checks_of(root: Path, settings: Settings) -> list[Check]:
    """All checks, by name: gk's, and those of the project."""
    from gk.check.checks import ALL_CHECKS
    from gk.check.custom import custom_checks

    own = custom_checks(root, settings, [check.name for check in ALL_CHECKS])
    return sorted([*ALL_CHECKS, *own], key=lambda check: check.name)


def commented(project: Project) -> list[str]:
    """The Python files that may have comments with silences."""
    from gk.project import FOLDERS

    return [
        path.relative_to(project.root).as_posix()
        for folder in FOLDERS
        for path in sorted((project.root / folder).rglob("*.py"))
    ]


def _since(
    revision: str, root: Path, environment: str, reports: Mapping[str, Report]
) -> dict[str, Report]:
    """The reports of all environments, with what changed since a revision only."""
    from gk.check.forms.lines import in_one_line
    from gk.check.since import change_since

    with progress(f"comparing with {revision}"):
        change = change_since(root, revision, environment)
    for warning in change.warnings:
        say(in_one_line(f"warning: --since: {warning}"), "yellow")
    return {name: change.of(name).only(report) for name, report in reports.items()}


def _of_environment(root: Path, name: str, wanted: Wanted) -> Report:
    from gk.check import Project as Subject
    from gk.check import run
    from gk.check.forms.lines import in_one_line
    from gk.compile import compile_once, workers
    from gk.project import CheckedWarning, load

    of = f" {name}" if name else ""
    with progress(f"loading definitions{of}"):
        loaded = load(root, name)
    # Fork the workers before the spinner starts: forking a process with threads is unsafe.
    with workers(loaded) as ahead, progress(f"compiling{of}"):
        resources = compile_once(loaded, ahead)
    for warning in loaded.warnings:
        if isinstance(warning, CheckedWarning):
            # A finding, unless the team silences it.
            continue
        # GitHub reads a line that begins with :: as a command, also on standard error.
        say(f"warning: {in_one_line(warning)}", "yellow")
    project = Subject(
        resources,
        loaded.settings,
        place=loaded.place,
        rule_tests=_rule_tests(loaded, resources, runs=wanted.runs_tests),
        has_file=partial(_has_file, loaded.root),
    )
    live = wanted.asking.ask(project, loaded.settings) if wanted.asking else None
    checks = checks_of(loaded.root, loaded.settings)
    with progress(f"checking{of}"):
        return run(project, checks, loaded.root, commented(loaded), only=wanted.only, live=live)


def _has_file(root: Path, path: str) -> bool:
    """Whether the project has a file, or the repository that it is a folder of."""
    # A runbook may be beside the project in its repository, and not outside of that.
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
