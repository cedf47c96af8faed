"""No notification policy uses a mute timing.

Problem: notifications are sent at the times at which they should not be.

    nights = mute_timing("nights", ...)
    root = notification_policy(mail)

Instead: use it, or remove it.

    root = notification_policy(mail, mute_timings=[nights])

Without a notification policy in the project, others decide, and nothing is reported. An alert may
also name its mute timings itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.routes import TIMINGS, named, routings, settings_of_alerts
from gk.check.subjects import Project
from gk.errors import Where
from gk.resource import Kind

__all__ = ["unused_mute_timing"]


@check(Severity.INFO)
def unused_mute_timing(project: Project) -> Iterator[Found]:
    """Compare the mute timings with those that policies and alerts name."""
    known = routings(project)
    used = {name for routing in known for route in routing.root.every() for name in route.timings}
    for settings in settings_of_alerts(project):
        used |= {str(name) for key in TIMINGS for name in settings.get(key) or ()}
    for resource, name in named(project, Kind.MUTE_TIMING, "time_intervals") if known else ():
        if name not in used:
            yield Found(
                "no notification policy uses it; use it, or remove it",
                Where("mute timing", name),
                resource,
            )
