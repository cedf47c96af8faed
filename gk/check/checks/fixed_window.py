"""A graph's rate has a fixed window, so a graph of a long time range leaves out most samples.

Problem: each point of the graph shows the five minutes before it. If the points are an hour apart,
what happened in the other 55 minutes is not in the graph.

    timeseries("Requests", "sum(rate(http_requests_total[5m]))")

Instead: `$__rate_interval` is never shorter than the time between two points.

    timeseries("Requests", "sum(rate(http_requests_total[$__rate_interval]))")

A fixed window is right where the number has to be the same as that of an alert. increase() is not
reported: a fixed window there is a part of the question, as in the restarts of the last hour.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser

from gk.check.expressions.trees import calls
from gk.check.model import Severity, check
from gk.check.parts.windows import has_fixed, is_fixed, windowed
from gk.check.subjects import Query

__all__ = ["fixed_window"]

# increase() over a fixed time is a number for that time: restarts within the last hour.
_RATES = frozenset({"irate", "rate"})
_GRAPHS = frozenset(
    {"barchart", "graph", "heatmap", "state-timeline", "status-history", "timeseries"}
)


@check(Severity.INFO, peers=("dashboard-linter: target-rate-interval-rule",))
def fixed_window(query: Query) -> Iterator[str]:
    """Look at the windows of rates in graphs."""
    if query.panel is None or query.panel.type not in _GRAPHS or not has_fixed(query.promql.expr):
        return
    if query.target.get("instant"):
        return
    for call in calls(windowed(query.expression).nodes, _RATES):
        argument = call.args[0]
        if isinstance(argument, promql_parser.MatrixSelector) and is_fixed(argument.range):
            window = promql_parser.display_duration(argument.range)
            yield f"{call.func.name}() over a fixed {window} in a graph; use $__rate_interval"
            return
