"""No panel shows the query of an alert.

Problem: the person on call has to type the query to see when it began.

    alert("QueueIsLong", queue.length > 1000)     # no panel shows queue.length

Instead: show the query on a dashboard. The alert then links to that panel.

    timeseries("Queue", queue.length)
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.alert_bounds import names_of_rule, shown_names
from gk.check.subjects import Rule

__all__ = ["alert_without_panel"]


@check(Severity.INFO, is_policy=True)
def alert_without_panel(rule: Rule) -> Iterator[str]:
    """Look for a panel that shows any part of the alert's query."""
    names = names_of_rule(rule) if rule.is_alert else set()
    if names and not names & shown_names(rule.project):
        yield "no panel shows its query; show it, so that the alert leads there"
