"""Loki refuses a query: a quote, a bracket or a selector is malformed.

Problem: a quote or a bracket is missing, a matcher is malformed, or no matcher excludes streams
that lack the label: Loki would have to read all logs, and refuses.

    count_over_time({job="shop" [5m])
    {job=~".*"}

Instead: correct it; a matcher that excludes something is enough.

    count_over_time({job="shop"} [5m])
    {job=~".+"}

gk reads selectors, quotes and brackets only, not pipelines and functions. If a variable is a part
of the syntax, it reads only quotes and brackets.
https://grafana.com/docs/loki/latest/query/log_queries/#log-stream-selector
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.logql import asks_loki, mistake
from gk.check.model import Severity, check
from gk.check.subjects import Panel

__all__ = ["invalid_logql"]


@check(Severity.ERROR, peers=("dashboard-linter: target-logql-rule",))
def invalid_logql(panel: Panel) -> Iterator[str]:
    """Scan the queries of Loki."""
    for target in panel.targets:
        query = target.get("expr")
        if isinstance(query, str) and query.strip() and asks_loki({**panel.body, **target}):
            wrong = mistake(query)
            if wrong:
                yield f"query {target.get('refId', '')} {wrong}"
