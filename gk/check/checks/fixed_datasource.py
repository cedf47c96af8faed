"""A panel queries one fixed data source, so readers of the dashboard cannot choose.

Problem: the dashboard works in one Grafana only, or for one cluster.

    {"datasource": {"type": "prometheus", "uid": "prod-prometheus"}}

Instead: query the data source of a variable.

    {"datasource": {"type": "prometheus", "uid": "${datasource}"}}

Only data sources of these `types` are reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import is_shared
from gk.check.subjects import Panel
from gk.documents.parts import path
from gk.documents.targets import SHOWS_DATA

__all__ = ["fixed_datasource"]


@check(Severity.WARNING, peers=("dashboard-linter: panel-datasource-rule",), is_policy=True)
def fixed_datasource(
    panel: Panel, *, types: tuple[str, ...] = ("prometheus", "loki")
) -> Iterator[str]:
    """Look at the data sources of the panel and of its queries."""
    if panel.type not in SHOWS_DATA or is_shared(panel):
        return
    fixed = dict.fromkeys(
        str(ref.get("uid", ""))
        for owner in (panel.body, *panel.targets)
        if (ref := path(owner, "datasource")).get("type") in types
    )
    for uid in fixed:
        if "$" not in uid and "[[" not in uid:
            named = f"data source '{uid}'" if uid else "the default data source"
            yield f"always queries {named}; use the one of a variable"
