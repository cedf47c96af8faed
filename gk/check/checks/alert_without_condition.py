"""An alert compares nothing, so it fires for each series that its query returns.

Problem: Prometheus fires for every series of the result, whatever its value. With `bool`, a
comparison returns 0 where it is false, which is a result, too.

    alert("Down", "up")
    alert("Down", "up == bool 0")

Instead: write a comparison that leaves out what is healthy.

    alert("Down", "up == 0")

Not reported: `vector(1)`, which is meant to fire; recorded series, which may have been compared
when they were recorded; and `..._info{state="down"}`, whose matchers decide. gk build warns of it,
too.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule
from gk.promql.mistakes import fires_always

__all__ = ["alert_without_condition"]


@check(Severity.WARNING, peers=("pint: alerts/comparison",))
def alert_without_condition(rule: Rule) -> Iterator[str]:
    """Look for a comparison; Grafana's own rules compare in another query."""
    if rule.is_alert and not rule.is_grafanas:
        for query in rule.queries:
            if fires_always(query.promql.expr):
                yield "compares nothing, so it fires for each series; compare it with a bound"
