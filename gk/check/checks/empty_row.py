"""A row has no panels.

Problem: readers open it, and find nothing.

    {"type": "row", "title": "Network"}, {"type": "row", "title": "Disk"}

Instead: remove it, or put its panels into it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.grid import sections
from gk.check.subjects import Dashboard

__all__ = ["empty_row"]


@check(Severity.INFO)
def empty_row(dashboard: Dashboard) -> Iterator[Found]:
    """Look at what is in each row, and after it."""
    for row, panels in sections(dashboard):
        if row and not panels:
            yield Found("has no panels; remove it", row.where)
