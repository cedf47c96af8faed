"""A group records series less often than Prometheus looks back, so they have gaps.

Problem: a query finds no sample that is older than 5 minutes (`--query.lookback-delta`). A series
that is recorded every 10 minutes is missing half of the time.

    alert_group("slow", [recording_rule(...)], interval="10m")

Instead: record at least every 5 minutes.

    alert_group("slow", [recording_rule(...)], interval="4m")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Group
from gk.documents.durations import milliseconds, spelled

__all__ = ["group_interval_too_long"]


@check(Severity.WARNING, peers=("pint: group/interval",))
def group_interval_too_long(group: Group, *, most: str = "5m") -> Iterator[str]:
    """Compare its interval with the time that Prometheus looks back."""
    interval = group.interval or 0
    if interval > (milliseconds(most) or 0) and not all(rule.is_alert for rule in group.rules):
        yield (
            f"records series every {spelled(interval)}, and queries look back over "
            f"{most} only; record more often"
        )
