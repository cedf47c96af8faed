"""A test of rules is about an alert that does not exist.

Problem: a test that expects an alert not to fire passes for any name, so it goes on passing after
the alert was renamed.

    alert_rule_test:
      - {eval_time: 10m, alertname: ShopDwon, exp_alerts: []}

Instead: use the name of an alert, or remove the test.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.rule_tests import RuleTest
from gk.check.subjects import Project
from gk.errors import Source, Where, did_you_mean

__all__ = ["rule_test_of_missing_alert"]


@check(Severity.WARNING)
def rule_test_of_missing_alert(project: Project) -> Iterator[Found]:
    """Look for each alert that tests of built rules name."""
    names = {rule.name for rule in project.alerts}
    for test in project.rule_tests.files if names else ():
        for case in test.cases if _is_of_built_rules(project, test) else ():
            for expectation in case.expectations:
                if expectation.is_alert and expectation.subject not in names:
                    hint = did_you_mean(expectation.subject, names) or "; rename or remove the test"
                    yield Found(
                        f"there is no alert '{expectation.subject}'{hint}",
                        Where("rule test", case.name) if case.name else None,
                        source=Source(test.file, expectation.line),
                    )


def _is_of_built_rules(project: Project, test: RuleTest) -> bool:
    """Whether all rule files of a test are those that gk build writes."""
    built = f"{project.settings.output}/prometheus/rules/"
    return bool(test.rule_files) and all(built in path for path in test.rule_files)
