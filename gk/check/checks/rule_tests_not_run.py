"""The tests of rules were not run.

Problem: they need promtool, which is missing. So no test has failed, but none has passed either.

Instead: install Prometheus, which contains promtool, or the package of your distribution.

    apt install prometheus
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project
from gk.errors import Source
from gk.forms.plurals import counted

__all__ = ["rule_tests_not_run"]


@check(Severity.INFO)
def rule_tests_not_run(project: Project) -> Iterator[Found]:
    """Say it once."""
    tests = project.rule_tests
    if tests.not_run and tests.files:
        files = counted(len(tests.files), "file")
        yield Found(
            f"{files} of tests did not run: {tests.not_run}",
            source=Source(tests.files[0].file),
        )
