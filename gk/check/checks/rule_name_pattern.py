"""The name of an alert or of a recorded series does not match the team's pattern.

Problem: names that many people write are alike only if there is a rule.

    alert("errors", ...)

Instead: follow it.

    alert("ShopErrors", ...)

gk.yaml has the patterns; each matches a whole name.

    check:
      checks:
        rule-name-pattern: {severity: warning, alerts: "Shop[A-Z].*", records: "shop:.+"}
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.patterns import is_match, mistake_in
from gk.check.subjects import Rule

__all__ = ["rule_name_pattern"]


@check(Severity.WARNING, peers=("pint: rule/name",), is_policy=True)
def rule_name_pattern(rule: Rule, *, alerts: str = "", records: str = "") -> Iterator[str]:
    """Compare the name with the pattern."""
    pattern = alerts if rule.is_alert else records
    if mistake := mistake_in(pattern):
        yield mistake
    elif pattern and not is_match(pattern, rule.name):
        yield f"the name does not match {pattern}, which gk.yaml requires; rename it"
