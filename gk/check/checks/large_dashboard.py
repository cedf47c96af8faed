"""The document of a dashboard is large.

Problem: Grafana keeps each version of it, a browser parses it at each visit, and Kubernetes refuses
a ConfigMap of more than 1 MiB.

    Dashboard("Everything", panels=[...])     # 800 KiB

Instead: make several dashboards of it, or repeat one panel for the values of a variable.

`most` is in KiB.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Dashboard

__all__ = ["large_dashboard"]


@check(Severity.INFO)
def large_dashboard(dashboard: Dashboard, *, most: int = 700) -> Iterator[str]:
    """Look at the size of its JSON."""
    size = len(dashboard.resource.json) / 1024
    if size > most:
        yield f"is {size:,.0f} KiB large, more than {most}; make several dashboards of it"
