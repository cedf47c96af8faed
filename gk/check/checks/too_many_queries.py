"""A dashboard or a panel sends more queries than the team allows.

Problem: the dashboard opens slowly, and makes Prometheus slow for everybody.

    Dashboard("Everything", panels=[...])     # 300 queries

Instead: put panels that few need into a collapsed row, which loads when it is opened, or make a
dashboard of them.

`most` is for a dashboard without its collapsed rows, `most_of_panel` for one panel.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.grid import sections
from gk.check.parts.panels import shown_targets
from gk.check.subjects import Dashboard

__all__ = ["too_many_queries"]


@check(Severity.WARNING, is_policy=True)
def too_many_queries(
    dashboard: Dashboard, *, most: int = 60, most_of_panel: int = 10
) -> Iterator[Found]:
    """Count the queries that are sent when the dashboard opens."""
    at_once = 0
    for row, panels in sections(dashboard):
        for panel in panels:
            own = len(shown_targets(panel))
            at_once += 0 if row and row.body.get("collapsed") else own
            if own > most_of_panel:
                yield Found(
                    f"sends {own} queries, more than {most_of_panel}; split it",
                    panel.where,
                )
    if at_once > most:
        yield Found(f"sends {at_once} queries at once, more than {most}; collapse some of its rows")
