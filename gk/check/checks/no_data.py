"""A query returns no data, and not because all is well.

Problem: a panel says "No data", and an alert never fires. Here the kernel's counter got another
name, and the panel still reads the old one.

    rate(node_kernel_hung_tasks[5m])

Instead: read what is there. The message says why there is nothing: the metric, a label or a value
does not exist, or did until some time ago; matchers exclude each other; a side of an operation is
empty; the range is shorter than two scrape intervals.

    rate(node_kernel_hung_tasks_total[5m])

Every query is run as Grafana runs it: with the values that the dashboard's variables open with, and
over its time range. An alert is asked without its comparison.

An empty result is not reported if all is well: no series passes a comparison, absent() has series,
the series were first scraped a moment ago, or those of an alert came with trouble within the last
week and are gone. The table of the run counts these. Three causes have checks of their own: a
variable without values is reported once, at the variable (variable-without-values); sides that do
not match are series-do-not-match; and a metric that needs a flag or a version of an exporter is a
hint (data-not-collected).
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.live.reasons import Cause
from gk.check.model import Severity, check

__all__ = ["no_data"]

# variable-without-values and series-do-not-match report these.
_ELSEWHERE = (Cause.VARIABLE, Cause.NO_MATCH)


@check(Severity.WARNING, peers=("pint: promql/series",))
def no_data(asked: Asked) -> Iterator[str]:
    """Look at empty results."""
    reason = asked.reason
    if reason and (reason.hint or reason.cause in _ELSEWHERE or reason.cause.is_passing):
        return
    # An alert's series may come only when something is wrong.
    if asked.is_alert and reason and reason.cause is Cause.NOT_NOW:
        return
    if asked.state == "none":
        hidden = " (it is hidden)" if asked.query.target.get("hide") else ""
        yield f"returns no data{hidden}: {reason or 'gk does not know why'}"
