"""A query of Loki has a fixed range, so its points overlap or leave out logs.

Problem: each point of the graph counts the lines of the last five minutes. Zoomed out, the points
are an hour apart, and most lines are in none of them; zoomed in, each line is in many.

    sum(count_over_time({job="shop"} [5m]))

Instead: use `$__auto`. It is the time between two points, and the whole time range of an instant
query.

    sum(count_over_time({job="shop"} [$__auto]))

https://grafana.com/docs/grafana/latest/datasources/loki/template-variables/
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.logql import asks_loki, ranges
from gk.check.model import Severity, check
from gk.check.subjects import Panel
from gk.documents.durations import milliseconds

__all__ = ["logql_range"]


@check(Severity.INFO, peers=("dashboard-linter: target-logql-auto-rule",))
def logql_range(panel: Panel) -> Iterator[str]:
    """Look at the ranges of Loki's queries."""
    for target in panel.targets:
        query = target.get("expr")
        if not isinstance(query, str) or not asks_loki({**panel.body, **target}):
            continue
        fixed = [window for window in ranges(query) if milliseconds(window) is not None]
        if fixed:
            yield f"query {target.get('refId', '')} has the fixed range {fixed[0]}; use $__auto"
