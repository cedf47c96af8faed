"""A panel has no query, so it always shows "No data".

Problem: it takes the place of a panel that shows something.

    {"type": "timeseries", "title": "Requests", "targets": []}

Instead: give it a query, or remove it.

gk build refuses such a panel of your own; an export keeps it. A panel that has a text for missing
values (`noValue`) is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import is_shared
from gk.check.subjects import Panel
from gk.documents.references import type_of
from gk.documents.targets import SHOWS_DATA, lacks_query

__all__ = ["panel_without_query"]

# Of examples: without a query, they send random numbers.
_SHOWS_ANYTHING = ("testdata", "testdata-datasource", "datasource", "grafana")


@check(Severity.WARNING, peers=("dashboard-linter: panel-no-targets-rule",))
def panel_without_query(panel: Panel) -> Iterator[str]:
    """Look at panels whose types need queries."""
    if panel.type not in SHOWS_DATA or is_shared(panel) or panel.defaults.get("noValue"):
        return
    is_empty = not panel.targets and not type_of(panel.body).endswith(_SHOWS_ANYTHING)
    is_readable = panel.targets == panel.body.get("targets", [])
    if is_empty or (is_readable and lacks_query(panel.body)):
        yield "has no query, so it shows no data; give it one, or remove it"
