"""An alert on absent() does not wait, so a single failed scrape makes it fire.

Problem: when a scrape fails, Prometheus marks the series of the target as stale, and absent() is
true until the next scrape. The same happens when a target is replaced, and when Prometheus starts
after it was down for more than 5 minutes.

    alert("NoBackup", "absent(backup_last_success_seconds)")

Instead: wait for at least two scrapes, or look back over a range.

    alert("NoBackup", "absent(backup_last_success_seconds)", for_="5m")
    alert("NoBackup", "absent_over_time(backup_last_success_seconds[10m])")

The option `scrape_interval` is for targets that are scraped less often than once a minute, which
is Prometheus's default.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser

from gk.check.model import Severity, check
from gk.check.parts.conditions import tree_of
from gk.check.subjects import Rule
from gk.documents.durations import milliseconds

__all__ = ["absent_without_for"]


@check(Severity.WARNING, peers=("pint: alerts/absent",))
def absent_without_for(rule: Rule, *, scrape_interval: str = "1m") -> Iterator[str]:
    """Look at alerts that wait for less than two scrapes."""
    least = 2 * (milliseconds(scrape_interval) or 0)
    if rule.is_alert and rule.for_ < least and _fires_when_absent(tree_of(rule)):
        yield (
            "fires after one failed scrape, because absent() is true then; "
            "wait for at least two scrapes, such as for_='5m'"
        )


def _fires_when_absent(expr: promql_parser.Expr | None) -> bool:
    """Whether it is enough for the alert that a series is absent."""
    if isinstance(expr, promql_parser.Call):
        return bool(expr.func.name == "absent")
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.AggregateExpr)):
        return _fires_when_absent(expr.expr)
    if not isinstance(expr, promql_parser.BinaryExpr):
        return False
    if str(expr.op) == "or":
        return _fires_when_absent(expr.lhs) or _fires_when_absent(expr.rhs)
    return str(expr.op) != "unless" and _fires_when_absent(expr.lhs)
