"""A query returns nothing but NaN.

Problem: 0 / 0 is NaN. A stat shows "NaN", a graph has a gap, and an alert is silent, because NaN
compares as false.

    sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))

Instead: leave out what cannot be divided, or give it a value.

    sum(rate(errors_total[5m])) / (sum(rate(requests_total[5m])) > 0)
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["nan_on_screen"]


@check(Severity.WARNING)
def nan_on_screen(asked: Asked) -> Iterator[str]:
    """Look at results that have series and no number."""
    if asked.state == "nan":
        why = f": {asked.reason.text}" if asked.reason else ""
        yield f"returns only NaN{why}; leave such series out, or give them a value"
