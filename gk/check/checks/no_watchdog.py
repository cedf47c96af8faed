"""No alert shows that alerting works.

Problem: when Prometheus or Alertmanager is down, nothing fires, which looks as if all were well.

Instead: define an alert that always fires, and send it to a service that notifies you when the
alert stops arriving (a dead man's switch).

    alert("Watchdog", "vector(1)", severity="none", summary="Alerting works")

Only projects with at least `least` alerts of Prometheus are checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.conditions import tree_of
from gk.check.subjects import Project, Rule
from gk.promql.syntax import selectors

__all__ = ["no_watchdog"]


@check(Severity.INFO)
def no_watchdog(project: Project, *, least: int = 10) -> Iterator[Found]:
    """Look for an alert that reads no series."""
    alerts = [rule for rule in project.alerts if not rule.is_grafanas]
    if len(alerts) >= least and not any(map(_always_fires, alerts)):
        yield Found(
            f"none of the {len(alerts)} alerts always fires, so nobody notices when alerting is "
            "down; define a Watchdog",
            None,
            alerts[0].group.resource,
        )


def _always_fires(rule: Rule) -> bool:
    tree = tree_of(rule)
    return tree is not None and not selectors(tree)
