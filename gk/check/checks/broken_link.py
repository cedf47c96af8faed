"""A link leads to a panel that its dashboard does not have, or sets a variable that it does not
have.

Problem: Grafana opens "Panel not found", or ignores the value, so readers see something else than
what they clicked on.

    /d/nodes?viewPanel=14      and no panel 14 in the dashboard `nodes`
    /d/nodes?var-nod=a         and no variable `nod`

Instead: name one that it has. Only links to dashboards of the project are checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.links import Target, links, target_of
from gk.check.subjects import Dashboard, Outline
from gk.errors import did_you_mean
from gk.resource import Kind

__all__ = ["broken_link"]


@check(Severity.WARNING)
def broken_link(dashboard: Dashboard) -> Iterator[Found]:
    """Compare links with the dashboards to which they lead."""
    told = set()
    for where, link in links(dashboard):
        target = target_of(link.url)
        known = dashboard.project.outline(target.uid) if target else None
        if target is None or known is None:
            continue
        for mistake in _mistakes(target, known):
            if (where, mistake) not in told:
                told.add((where, mistake))
                yield Found(mistake, where, others=((Kind.DASHBOARD, target.uid),))


def _mistakes(target: Target, known: Outline) -> Iterator[str]:
    title = f"dashboard '{known.title}'"
    if target.panel is not None and target.panel not in known.panels:
        yield f"a link leads to panel {target.panel}, which {title} does not have; name another"
    for name in target.variables:
        if name not in known.variables:
            hint = did_you_mean(name, known.variables) or "; name another"
            yield f"a link sets ${name}, which {title} does not have{hint}"
