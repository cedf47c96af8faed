"""An alert is paused, so it never fires.

Problem: somebody paused it for a while, and it still looks as if it watched over something.

    alert("ApiErrors", errors > 0.1, paused=True)

Instead: remove `paused`, or the alert. A silence in Alertmanager or Grafana ends by itself.

Only Grafana can pause alerts; the same alert of Prometheus is active.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.documents.parts import dicts
from gk.errors import Where
from gk.resource import Kind, Resource

__all__ = ["paused_alert"]


@check(Severity.INFO)
def paused_alert(resource: Resource) -> Iterator[Found]:
    """Look at Grafana's rules."""
    for rule in dicts(resource.body, "rules") if resource.kind is Kind.RULE_GROUP else ():
        if rule.get("isPaused") is True:
            yield Found(
                "is paused in Grafana and never fires there; remove paused=, or the alert",
                Where("alert", str(rule.get("title", ""))),
            )
