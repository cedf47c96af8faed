"""No notification policy sends to a contact point.

Problem: nobody is notified there, although it looks so; or it is left over.

Instead: route to it, or remove it.

    critical = notification_policy(pager, matchers=['severity="critical"'])
    root = notification_policy(mail, routes=[critical])

Without a notification policy in the project, others decide, and nothing is reported. An alert may
also name its contact point itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.routes import named, routings, settings_of_alerts
from gk.check.subjects import Project
from gk.errors import Where
from gk.resource import Kind

__all__ = ["unused_contact_point"]


@check(Severity.INFO)
def unused_contact_point(project: Project) -> Iterator[Found]:
    """Compare the contact points with those that policies and alerts name."""
    known = routings(project)
    used = {route.receiver for routing in known for route in routing.root.every()}
    used |= {str(settings.get("receiver", "")) for settings in settings_of_alerts(project)}
    for resource, name in named(project, Kind.CONTACT_POINT, "receivers") if known else ():
        if name not in used:
            yield Found(
                "no notification policy sends to it; route to it, or remove it",
                Where("contact point", name),
                resource,
            )
