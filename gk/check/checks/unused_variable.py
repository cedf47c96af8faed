"""Nothing on the dashboard uses a variable.

Problem: a reader chooses another value, and nothing changes. Grafana asks the data source for its
values at each load all the same.

    {"name": "pod", "type": "query", ...}     and no query with $pod

Instead: use it, or remove it.

A variable that another one is made of is used, and so is one whose value a link keeps
(`includeVars`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Dashboard
from gk.documents.parts import dicts
from gk.documents.targets import SHOWS_DATA, WITHOUT_DATA
from gk.resource import Where

__all__ = ["unused_variable"]

_ALWAYS_USED = frozenset({"adhoc", "groupby", "system", "snapshot"})
_USE = re.compile(rb'\$\{?(\w+)|\[\[(\w+)|"(?:repeat|variable|value)":\s*"(\w+)"')
_SENT_ALONG = (b"__all_variables", b"allVariables")


@check(Severity.WARNING)
def unused_variable(dashboard: Dashboard) -> Iterator[Found]:
    """Search the whole document for each name."""
    candidates = [each for each in dashboard.variables if each.body.get("type") not in _ALWAYS_USED]
    if not candidates or _sends_all(dashboard):
        return
    used = _used(dashboard)
    # Two may have one name.
    for name in dict.fromkeys(variable.name for variable in candidates):
        if name not in used:
            yield Found("nothing uses it; use it, or remove it", Where("variable", name))


def _sends_all(dashboard: Dashboard) -> bool:
    links = [
        link
        for owner in (dashboard.body, *(panel.body for panel in dashboard.panels))
        for link in dicts(owner, "links")
    ]
    text = dashboard.resource.json
    return any(link.get("includeVars") for link in links) or any(s in text for s in _SENT_ALONG)


def _used(dashboard: Dashboard) -> set[str]:
    """Every name that is used, or looks so."""
    found = set()
    repeats = {str(panel.body.get("repeat")) for panel in dashboard.panels}
    is_plugin = any(panel.type not in SHOWS_DATA | WITHOUT_DATA for panel in dashboard.panels)
    for braced, bracketed, stated in _USE.findall(dashboard.resource.json):
        found.add((braced or bracketed).decode())
        # Panels of others, and rules of schema v2, name a variable without a sign.
        if stated and (is_plugin or dashboard.is_v2):
            found.add(stated.decode())
    return found | repeats
