"""All queries of a panel are hidden, so it shows "No data".

Problem: Grafana does not show the result of a hidden query. Often somebody hid it to try something,
and saved.

    {"refId": "A", "expr": "up", "hide": true}

Instead: show one of them, or remove the panel.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import is_shared, shown_targets
from gk.check.subjects import Panel
from gk.documents.parts import path
from gk.documents.targets import SHOWS_DATA

__all__ = ["hidden_query_only"]

_OF_OTHER_PANELS = "-- Dashboard --"


@check(Severity.WARNING)
def hidden_query_only(panel: Panel) -> Iterator[str]:
    """Look at panels with data whose queries are all hidden."""
    if panel.type not in SHOWS_DATA or not panel.targets or shown_targets(panel):
        return
    if not is_shared(panel) and not _is_source(panel):
        yield "all of its queries are hidden, so it shows no data; show one, or remove the panel"


def _is_source(panel: Panel) -> bool:
    """Whether another panel reads its queries."""
    return any(
        path(target, "datasource").get("uid") == _OF_OTHER_PANELS
        for other in panel.dashboard.panels
        for target in other.targets
    )
