"""A rule lacks a label that the team wants.

Problem: routes, or those who read the series, expect it.

    alert("ApiErrors", errors > 0.1)

Instead: give it, or give it to the whole group. gk.yaml says which ones, with a pattern for the
value if it must have one.

    check:
      checks:
        required-labels: {severity: warning, names: [team, "severity=critical|warning"]}

    alert("ApiErrors", errors > 0.1, labels={"team": "shop"})

With `records: true`, recording rules need them, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.patterns import lacking
from gk.check.subjects import Rule

__all__ = ["required_labels"]


@check(Severity.WARNING, peers=("pint: rule/label",), is_policy=True)
def required_labels(
    rule: Rule, *, names: tuple[str, ...] = (), records: bool = False
) -> Iterator[str]:
    """Look for each of them."""
    if rule.is_alert or records:
        yield from lacking("label", rule.labels, names)
