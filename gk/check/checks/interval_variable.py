"""A rate over `$__interval` has gaps: the window may have fewer than two samples.

Problem: `$__interval` is the time between two points of the graph. Zoomed in, it is shorter than
two scrapes, and rate() of a single sample is nothing.

    rate(http_requests_total[$__interval])

Instead: `$__rate_interval` is at least four scrapes long (Grafana 7.2 and later).

    rate(http_requests_total[$__rate_interval])

Right with `$__interval`: a panel or a query with a least step of its own (`Min step`), such as bars
that each show the increase of a minute.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import promql_parser

from gk.check.model import Severity, check
from gk.check.subjects import Query
from gk.check.trees import calls
from gk.check.windows import INTERVAL, windowed

__all__ = ["interval_variable"]

_INTERVAL = re.compile(r"\[\s*\$\{?__(?:auto_)?interval")
_NEED_TWO_SAMPLES = frozenset({"delta", "deriv", "idelta", "increase", "irate", "rate"})


@check(Severity.WARNING, peers=("dashboard-linter: target-rate-interval-rule",))
def interval_variable(query: Query) -> Iterator[str]:
    """Look at the windows of the functions that need two samples."""
    if query.panel is None or not _INTERVAL.search(query.promql.expr) or _has_least_step(query):
        return
    names = {
        call.func.name
        for call in calls(windowed(query.expression).nodes, _NEED_TWO_SAMPLES)
        if isinstance(call.args[0], promql_parser.MatrixSelector) and call.args[0].range == INTERVAL
    }
    for name in sorted(names):
        yield (
            f"{name}() over $__interval has gaps if that is shorter than two scrapes; "
            "use $__rate_interval, or set its Min step"
        )


def _has_least_step(query: Query) -> bool:
    return bool(query.target.get("interval") or (query.panel and query.panel.body.get("interval")))
