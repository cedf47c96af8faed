"""An alert with absent() fires before a second scrape can show that the series is there.

Problem: a target that restarts, or one scrape that fails, lacks the series for one scrape interval.

    alert("Down", 'absent(up{job="api"})', for_="10s")       # scraped every 30 s

Instead: wait for two scrapes of the job.

    alert("Down", 'absent(up{job="api"})', for_="2m")

The scrape interval comes from the server's configuration: that of the job that the selector names,
or else the shortest of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import promql_parser

from gk.check.expressions.trees import calls
from gk.check.live.model import Ruled
from gk.check.model import Severity, check
from gk.promql.syntax import selectors

__all__ = ["absent_for_too_short"]


@check(Severity.WARNING, peers=("pint: alerts/absent",))
def absent_for_too_short(ruled: Ruled) -> Iterator[str]:
    """Compare `for` with two scrape intervals."""
    rule, intervals = ruled.rule, ruled.server.scrape_intervals
    if not rule.is_alert or not intervals:
        return
    for query in rule.queries:
        for call in calls(query.expression.nodes, {"absent"}):
            interval = _interval(call, intervals)
            if rule.for_ < 2 * interval:
                yield (
                    f"absent() fires after {rule.for_ / 1000:g} s, and scrapes are "
                    f"{interval / 1000:g} s apart; set for_ to at least two scrapes"
                )
                return


def _interval(call: promql_parser.Call, intervals: Mapping[str, int]) -> int:
    jobs = {
        matcher.value
        for selector in selectors(call)
        for matcher in selector.matchers.matchers
        if matcher.name == "job"
    }
    return max(
        (interval for job, interval in intervals.items() if job in jobs),
        default=min(intervals.values()),
    )
