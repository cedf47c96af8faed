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
from gk.check.routes import routings
from gk.check.subjects import Project
from gk.documents.parts import dicts, path
from gk.resource import Kind, Resource, Where

__all__ = ["unused_mute_timing"]


@check(Severity.INFO)
def unused_mute_timing(project: Project) -> Iterator[Found]:
    """Compare the mute timings with those that policies and alerts name."""
    found = routings(project)
    used = {name for routing in found for route in routing.root.every() for name in route.timings}
    for resource in project.of(Kind.RULE_GROUP):
        for rule in dicts(resource.body, "rules"):
            settings = path(rule, "notification_settings")
            for key in ("mute_time_intervals", "active_time_intervals"):
                used |= set(map(str, settings.get(key) or ()))
    for resource, name in _timings(project) if found else ():
        if name not in used:
            yield Found(
                "no notification policy uses it; use it, or remove it",
                Where("mute timing", name),
                resource,
            )


def _timings(project: Project) -> Iterator[tuple[Resource, str]]:
    for resource in project.of(Kind.MUTE_TIMING):
        yield resource, resource.title
    for resource in project.of(Kind.ALERTMANAGER):
        for timing in dicts(path(resource.body, "config"), "time_intervals"):
            yield resource, str(timing.get("name", ""))
