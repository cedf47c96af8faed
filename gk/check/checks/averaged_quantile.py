"""The average or the sum of quantiles means nothing.

Problem: the average of the 99th percentiles of ten pods is not the 99th percentile of their
requests: a pod with ten requests weighs as much as one with a million.

    avg(histogram_quantile(0.99, sum by (pod, le) (rate(http_request_seconds_bucket[5m]))))
    avg(http_request_seconds{quantile="0.99"})

Instead: add the buckets first. The quantiles of a summary cannot be merged; show the worst with
max().

    histogram_quantile(0.99, sum by (le) (rate(http_request_seconds_bucket[5m])))

https://prometheus.io/docs/practices/histograms/#quantiles
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import AggModifierType, AggregateExpr, Call, MatchOp

from gk.check.expressions.trees import Expr, aggregations, bare, selector_in
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["averaged_quantile"]

_MIX = frozenset({"avg", "sum"})


@check(Severity.WARNING)
def averaged_quantile(expression: Expression) -> Iterator[str]:
    """Look at the argument of each avg() and sum()."""
    if "quantile" not in expression.text:
        return
    for aggregation in aggregations(expression.nodes, _MIX):
        inner = bare(aggregation.expr)
        if isinstance(inner, Call) and inner.func.name == "histogram_quantile":
            yield f"{aggregation.op}() of histogram_quantile() means nothing; add the buckets first"
        elif _is_of_a_summary(inner) and not _keeps_all(aggregation):
            yield f"{aggregation.op}() of a summary's quantiles means nothing; show the max()"


def _is_of_a_summary(expr: Expr) -> bool:
    selector = selector_in(expr)
    return selector is not None and any(
        matcher.name == "quantile" and matcher.op in (MatchOp.Equal, MatchOp.Re) and matcher.value
        for matcher in selector.matchers.matchers
    )


def _keeps_all(aggregation: AggregateExpr) -> bool:
    """Whether it names each target, so that there is only one series to add."""
    modifier = aggregation.modifier
    if modifier is None:
        return False
    labels = set(modifier.labels or [])
    if modifier.type == AggModifierType.By:
        return bool(labels & {"instance", "pod"})
    return not labels & {"instance", "pod"}
