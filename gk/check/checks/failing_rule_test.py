"""A test of rules fails.

Problem: promtool evaluates the rules over the series of a test in tests/alerts/, and other alerts
fire than the test expects, or with other labels or texts.

    tests/alerts/shop.yaml:12: error: rule test 'the shop is down': ShopDown at 10m: expected
    {severity="critical"}, and got {severity="warning"}

Instead: correct the rule, or the test if the rule is right. A file that is not YAML, or that
promtool cannot read, is reported, too.

A file may take 2 minutes. `gk check --no-tests` runs none.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project
from gk.errors import Source, Where

__all__ = ["failing_rule_test"]


@check(Severity.ERROR)
def failing_rule_test(project: Project) -> Iterator[Found]:
    """Report what promtool found, and files that cannot be read."""
    for test in project.rule_tests.files:
        for failure in test.failures:
            where = Where("rule test", failure.case) if failure.case else None
            yield Found(failure.message, where, source=Source(test.file, failure.line))
