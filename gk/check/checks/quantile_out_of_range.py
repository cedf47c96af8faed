"""A quantile is not between 0 and 1, so the result is infinite.

Problem: a quantile is a share, not a percentage. Above 1 the result is +Inf for every series,
below 0 it is -Inf.

    histogram_quantile(95, sum by (le) (rate(http_request_seconds_bucket[5m])))

Instead: write a share.

    histogram_quantile(0.95, sum by (le) (rate(http_request_seconds_bucket[5m])))

https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.trees import Expr, aggregations, calls, number
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["quantile_out_of_range"]

_WITH_A_QUANTILE = frozenset({"histogram_quantile", "quantile_over_time"})


@check(Severity.ERROR)
def quantile_out_of_range(expression: Expression) -> Iterator[str]:
    """Look at the quantiles that are numbers."""
    if "quantile" not in expression.text:
        return
    for call in calls(expression.nodes, _WITH_A_QUANTILE):
        yield from _of(call.func.name, call.args[0])
    for call in calls(expression.nodes, {"histogram_quantiles"}):
        for argument in call.args[2:]:
            yield from _of(call.func.name, argument)
    for aggregation in aggregations(expression.nodes, {"quantile"}):
        yield from _of("quantile", aggregation.param)


def _of(name: str, quantile: Expr | None) -> Iterator[str]:
    value = number(quantile)
    if value is not None and not 0 <= value <= 1:
        hint = f"; write {value / 100:g}" if 1 < value <= 100 else "; it is a share, from 0 to 1"
        yield f"{name}({value:g}, ...) is infinite{hint}"
