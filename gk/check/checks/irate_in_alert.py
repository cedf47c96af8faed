"""An alert uses irate(), which looks at the last two samples only.

Problem: one scrape without an error makes the rate zero, and the alert starts to wait again, so it
may never fire.

    irate(http_errors_total[5m]) > 1

Instead: rate() averages over its window.

    rate(http_errors_total[5m]) > 1

https://prometheus.io/docs/prometheus/latest/querying/functions/#irate
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import Call, SubqueryExpr

from gk.check.model import Severity, check
from gk.check.subjects import Query

__all__ = ["irate_in_alert"]


@check(Severity.WARNING)
def irate_in_alert(query: Query) -> Iterator[str]:
    """Look at the functions of an alert."""
    if query.rule is None or not query.rule.is_alert or "irate" not in query.promql.expr:
        return
    for part, around in query.expression.located:
        is_averaged = any(isinstance(outer, SubqueryExpr) for outer in around)
        if isinstance(part, Call) and part.func.name == "irate" and not is_averaged:
            yield "irate() looks at two samples only, so the alert may flap; use rate()"
            return
