"""An alert names a panel that its dashboard does not have.

Problem: the alert's notification links to "Panel not found", and has no picture.

    {"annotations": {"__dashboardUid__": "nodes", "__panelId__": "14"}}

Instead: name a panel that exists. If a panel shows the alert's query, gk finds it by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Rule
from gk.resource import Kind

__all__ = ["alert_panel_missing"]


@check(Severity.WARNING)
def alert_panel_missing(rule: Rule) -> Iterator[Found]:
    """Look for the panel in the project's dashboards."""
    uid, panel = (str(rule.annotations.get(key, "")) for key in ("__dashboardUid__", "__panelId__"))
    known = rule.project.outline(uid) if uid and panel else None
    if known and panel.isdecimal() and int(panel) not in known.panels:
        yield Found(
            f"links to panel {panel}, which dashboard '{known.title}' does not have; name another",
            others=((Kind.DASHBOARD, uid),),
        )
