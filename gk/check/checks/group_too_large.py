"""A rule group has many rules, which are evaluated one after the other.

Problem: Prometheus evaluates the rules of a group in sequence, so the last one is late, and a group
that needs longer than its interval misses evaluations. Mimir accepts 20 rules in a group by default
(`ruler_max_rules_per_rule_group`).

    alert_group("node", [...])      # 30 rules

Instead: keep those in a group that read each other's results, and divide the rest.

    alert_group("node-filesystem", [...])
    alert_group("node-network", [...])
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Group

__all__ = ["group_too_large"]


@check(Severity.INFO, peers=("mixtool: alert-group-rule-count",), is_policy=True)
def group_too_large(group: Group, *, most: int = 20) -> Iterator[str]:
    """Count the rules."""
    if len(group.rules) > most:
        yield f"has {len(group.rules)} rules, more than {most}; divide it"
