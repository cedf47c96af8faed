"""A link leads to a dashboard that the project does not have.

Problem: unless somebody else put it into the same Grafana, readers get "Dashboard not found".

    /d/ndoes/node-exporter

Instead: link to a dashboard of the project, or silence the finding if the other dashboard exists.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.links import links, target_of
from gk.check.subjects import Dashboard
from gk.errors import did_you_mean
from gk.resource import Kind

__all__ = ["link_to_unknown_dashboard"]


@check(Severity.INFO)
def link_to_unknown_dashboard(dashboard: Dashboard) -> Iterator[Found]:
    """Look for the uids of links among the project's."""
    known: set[str] = set()
    told = set()
    for where, link in links(dashboard):
        target = target_of(link.url)
        if target is None:
            continue
        known = known or {resource.uid for resource in dashboard.project.of(Kind.DASHBOARD)}
        if target.uid not in known and (where, target.uid) not in told:
            told.add((where, target.uid))
            hint = did_you_mean(target.uid, known)
            yield Found(
                f"a link leads to '{target.uid}', which is not a dashboard of this project{hint}",
                where,
                others=((Kind.DASHBOARD, target.uid),),
            )
