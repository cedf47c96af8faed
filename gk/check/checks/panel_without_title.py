"""A panel has no title, so readers have to guess what it shows.

Problem: alerts, links and screenshots name a panel by its title.

    {"type": "timeseries", "title": ""}

Instead: name what it shows.

    timeseries("Requests per second", http.requests)

Rows, and panels without data such as texts, need none.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import is_shared
from gk.check.subjects import Panel
from gk.documents.targets import SHOWS_DATA

__all__ = ["panel_without_title"]


@check(
    Severity.INFO,
    peers=(
        "dashboard-linter: panel-title-description-rule",
        "gcx: panel-title-description",
    ),
)
def panel_without_title(panel: Panel) -> Iterator[str]:
    """Look at the titles of panels with data."""
    if panel.type in SHOWS_DATA and not panel.title.strip() and not is_shared(panel):
        yield "has no title; name what it shows"
