"""The name of a rule group is long.

Problem: the name is a label of Prometheus's own metrics about rules, and a heading in Grafana's
list of alerts, which cuts it off.

    alert_group("alerts-about-the-storage-of-all-production-clusters", [...])

Instead: say only what it is about.

    alert_group("storage", [...])
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Group

__all__ = ["group_name_too_long"]


@check(Severity.INFO, peers=("mixtool: alert-group-name-length",))
def group_name_too_long(group: Group, *, most: int = 40) -> Iterator[str]:
    """Count the characters."""
    if len(group.name) > most:
        yield f"its name has {len(group.name)} characters, more than {most}; shorten it"
