"""No notification policy of the project matches an alert, so Grafana's default contact point gets
it.

Problem: a new Grafana sends what no policy matches to `grafana-default-email`, whose address is an
example, or to `empty`, which has no receivers.

    notification_policy("grafana-default-email", routes=[critical_to_pager])
    alert("DiskFull", used > 0.8, severity="warning")

Instead: give the root a contact point of your own, or add a policy that matches the alert.

    notification_policy(mail, routes=[critical_to_pager])

Not reported: alerts with severity `none`, which notify nobody on purpose, and alerts that name
their contact point themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.routes import labels_of_alert, routings
from gk.check.subjects import Project
from gk.documents.parts import path
from gk.documents.receivers import DEFAULT_CONTACT_POINTS

__all__ = ["alert_without_route"]


@check(Severity.INFO)
def alert_without_route(project: Project) -> Iterator[Found]:
    """Look for a policy that an alert may take, if the root notifies nobody."""
    roots = [
        routing.root
        for routing in routings(project)
        if routing.root.receiver in DEFAULT_CONTACT_POINTS
    ]
    for root in roots:
        for rule in project.alerts:
            labels = labels_of_alert(rule)
            is_sent = bool(path(rule.body, "notification_settings").get("receiver"))
            is_silent = labels.get("severity") == "none"
            if not (is_sent or is_silent) and not any(
                route.may_match(labels) for route in root.routes
            ):
                yield rule.found(
                    f"no notification policy matches it, so '{root.receiver}' of Grafana gets it; "
                    "give the root a contact point of your own",
                )
