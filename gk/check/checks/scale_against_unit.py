"""An axis or a threshold is in percent and the unit is a share from 0 to 1, or the reverse.

Problem: `percentunit` shows 1 as 100 %. A maximum of 100 is 10,000 %, so the line stays at the
bottom; a threshold at 90 is never reached.

    {"unit": "percentunit", "max": 100}

Instead: write both in the same scale.

    {"unit": "percentunit", "max": 1}
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import DEFAULT_BOUND, bounds, draws_bounds, unit
from gk.check.subjects import Panel
from gk.documents.parts import finite

__all__ = ["scale_against_unit"]

_NO_SHARE = 20
"""A share above this is 2,000 %, which nothing reaches that has a bound."""


@check(Severity.WARNING)
def scale_against_unit(panel: Panel) -> Iterator[str]:
    """Compare the range and the thresholds with the unit."""
    shown, most = unit(panel), finite(panel.defaults.get("max"))
    if shown == "percentunit":
        if most == 100:
            yield "max=100 is 10,000 % in 'percentunit'; write 1, or use 'percent'"
        drawn = bounds(panel) if draws_bounds(panel) else []
        # Grafana's own step at 80 says nothing about what its author thinks.
        if drawn != [DEFAULT_BOUND] and (large := [bound for bound in drawn if bound > _NO_SHARE]):
            yield (
                f"the threshold {large[0]:g} is {large[0]:,.0%} in 'percentunit'; "
                f"write {large[0] / 100:g}, or use 'percent'"
            )
    elif shown == "percent" and most == 1 and finite(panel.defaults.get("min")) in (0, None):
        yield "max=1 is 1 % in 'percent'; write 100, or use 'percentunit'"
