"""A rule lacks a label that the team requires.

Problem: notification policies, or those who read the series, expect it.

    alert("ApiErrors", errors > 0.1)

Instead: add it to the rule, or to the whole group.

    alert("ApiErrors", errors > 0.1, labels={"team": "shop"})

gk.yaml lists the labels, each as a name, or as `name=pattern` for its value. With `records: true`,
recording rules need them, too.

    check:
      checks:
        required-labels: {severity: warning, names: [team, "severity=critical|warning"]}
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.patterns import lacking
from gk.check.subjects import Rule

__all__ = ["required_labels"]


@check(Severity.WARNING, peers=("pint: rule/label",), is_policy=True)
def required_labels(
    rule: Rule, *, names: tuple[str, ...] = (), records: bool = False
) -> Iterator[str]:
    """Look for each of them."""
    if rule.is_alert or records:
        yield from lacking("label", rule.labels, names)
