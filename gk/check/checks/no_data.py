"""A query returns no data, and not because all is well.

Problem: a panel says "No data", and an alert never fires. Here the kernel's counter got another
name, and the panel still reads the old one.

    rate(node_kernel_hung_tasks[5m])

Instead: read what is there. The message says why there is nothing: the metric, a label or a value
is not there, or was until some time ago; matchers exclude each other; a side of an operation is
empty; the range is shorter than two scrape intervals.

    rate(node_kernel_hung_tasks_total[5m])

Every query is run as Grafana runs it: with the values that the dashboard's variables open with, and
over its time range. An alert is asked without its comparison.

An empty result is no finding if all is well: no series is beyond a comparison, absent() has series,
the series were first scraped a moment ago, or those of an alert came with trouble within the last
week and are gone. The table of the run has these. What needs a variable without values is told
once, at the variable (variable-without-values), and what a flag or a version of an exporter brings
is a hint (data-not-collected).
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.live.reasons import Cause
from gk.check.model import Severity, check

__all__ = ["no_data"]

_ELSEWHERE = (Cause.VARIABLE, Cause.NO_MATCH)


@check(Severity.WARNING, peers=("pint: promql/series",))
def no_data(asked: Asked) -> Iterator[str]:
    """Look at empty results."""
    reason = asked.reason
    if reason and (reason.hint or reason.cause in _ELSEWHERE or reason.cause.is_passing):
        return
    if asked.is_alert and reason and reason.cause is Cause.NOT_NOW:
        return
    if asked.state == "none":
        hidden = " (it is hidden)" if asked.query.target.get("hide") else ""
        yield f"returns no data{hidden}: {reason or 'gk does not know why'}"
