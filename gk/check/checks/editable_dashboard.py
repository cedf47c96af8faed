"""A dashboard from files can be edited in Grafana.

Problem: somebody edits it there for an hour, and Grafana refuses to save, or the next build
overwrites it.

    {"editable": true}

Instead: say that it is read-only.

    Dashboard("Checkout", editable=False, panels=[...])
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Dashboard
from gk.documents.shapes import Json

__all__ = ["editable_dashboard"]


def _fix(body: Json) -> Iterator[str]:
    """Make it read-only."""
    if body.get("editable") is not False:
        yield "editable -> false"
        body["editable"] = False


@check(
    Severity.WARNING,
    peers=("dashboard-linter: uneditable-dashboard", "gcx: uneditable-dashboard"),
    is_policy=True,
    fix=_fix,
)
def editable_dashboard(dashboard: Dashboard) -> Iterator[str]:
    """Look at `editable`, which is true by default."""
    if dashboard.body.get("editable") is not False:
        yield "can be edited in Grafana; set editable=False"
