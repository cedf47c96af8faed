"""No test expects an alert to fire.

Problem: an alert that cannot fire looks like one that has nothing to say. A mistake in its query
shows only when it would have been needed.

Instead: write a test with series for which it fires, in tests/alerts/, in promtool's format.

    tests:
      - interval: 1m
        input_series: [{series: 'up{job="shop"}', values: 0x20}]
        alert_rule_test:
          - {eval_time: 10m, alertname: ShopDown, exp_alerts: [{exp_labels: {job: shop}}]}

This check only reads the tests; failing-rule-test runs them. If no alert has a test, one finding
says so for all of them. If many alerts of a group have none, one finding names some of them.
promtool cannot test alerts that only Grafana evaluates.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project, Rule

__all__ = ["untested_alert"]

_MOST = 3
"""Alerts of a group that are told one by one."""


@check(Severity.INFO)
def untested_alert(project: Project) -> Iterator[Found]:
    """Compare the alerts with those that the tests expect."""
    fired: dict[str, list[Mapping[str, str]]] = {}
    for name, labels in project.rule_tests.fired:
        fired.setdefault(name, []).append(labels)
    alerts = [rule for rule in project.alerts if not rule.is_grafanas]
    untested = [rule for rule in alerts if not _is_tested(rule, fired.get(rule.name, []))]
    if untested and not fired:
        message = "no test in tests/alerts/ expects any alert of the project to fire"
        yield Found(message, None, untested[0].group.resource)
        return
    for group in project.groups:
        own = [rule for rule in untested if rule.group is group]
        if len(own) > _MOST:
            names = list(dict.fromkeys(rule.name for rule in own))
            shown = ", ".join(names[:_MOST])
            yield Found(
                f"no test in tests/alerts/ expects {len(own)} of its alerts to fire: {shown} ...",
                None,
                group.resource,
            )
            continue
        for rule in own:
            severity = rule.labels.get("severity")
            # Another alert of its name fires in a test.
            which = f" with severity {severity}" if fired.get(rule.name) and severity else ""
            yield rule.found(f"no test in tests/alerts/ expects it to fire{which}")


def _is_tested(rule: Rule, expected: list[Mapping[str, str]]) -> bool:
    """Whether some test expects an alert that may be this one: alerts of one name differ in
    labels."""
    own = rule.fixed_labels.items()
    return any(all(labels.get(name, text) == text for name, text in own) for labels in expected)
