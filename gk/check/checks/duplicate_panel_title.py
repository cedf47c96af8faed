"""Panels in one row have the same title.

Problem: readers, links and alerts that name a panel by its title may mean either.

    timeseries("Errors", client.errors), timeseries("Errors", server.errors)

Instead: say in the title what differs.

    timeseries("Client errors", client.errors), timeseries("Server errors", server.errors)

A stat beside a graph of the same title is a usual pair, so only panels of one type count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.grid import sections
from gk.check.subjects import Dashboard
from gk.errors import Where

__all__ = ["duplicate_panel_title"]


@check(Severity.INFO)
def duplicate_panel_title(dashboard: Dashboard) -> Iterator[Found]:
    """Count the titles in each row."""
    for row, panels in sections(dashboard):
        titles = Counter(
            (panel.title, panel.type) for panel in panels if panel.title and not panel.is_row
        )
        for (title, _), count in titles.items():
            if count > 1:
                named = f"row '{row.title}'" if row and row.title else "one row"
                place = named if row else "the dashboard"
                yield Found(
                    f"{count} panels of {place} have this title; say what differs",
                    Where("panel", title),
                )
