"""A quantile is computed from buckets without their bounds, so it has no result.

Problem: histogram_quantile() reads the bounds of the buckets from the label `le`, which the
aggregation has dropped.

    histogram_quantile(0.99, sum by (job) (rate(http_request_seconds_bucket[5m])))

Instead: keep `le`.

    histogram_quantile(0.99, sum by (job, le) (rate(http_request_seconds_bucket[5m])))

Native histograms have their bounds in the samples, and no series `_bucket`.
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import AggModifierType, AggregateExpr

from gk.check.expressions.labels import labels_of
from gk.check.expressions.trees import Expr, bare, calls
from gk.check.model import Severity, check
from gk.check.subjects import Expression
from gk.promql.syntax import selectors

__all__ = ["quantile_without_le"]

# vmrange is the label of VictoriaMetrics.
_BOUNDS = frozenset({"le", "vmrange"})
_OF_BUCKETS = {"histogram_quantile": 1, "histogram_quantiles": 0, "histogram_fraction": 2}


@check(Severity.ERROR)
def quantile_without_le(expression: Expression) -> Iterator[str]:
    """Look at the buckets of each quantile."""
    if "_bucket" not in expression.text:
        return
    for call in calls(expression.nodes, _OF_BUCKETS):
        buckets = call.args[_OF_BUCKETS[call.func.name]]
        if _reads_buckets(buckets) and _drops_le(buckets):
            yield f"{call.func.name}() of buckets without 'le'; add le to by (...)"


def _reads_buckets(expr: Expr) -> bool:
    names = [selector.name or "" for selector in selectors(expr)]
    return bool(names) and all(name.endswith("_bucket") for name in names)


def _drops_le(expr: Expr) -> bool:
    known = labels_of(expr)
    if known is not None:
        return known.isdisjoint(_BOUNDS)
    expr = bare(expr)
    return (
        isinstance(expr, AggregateExpr)
        and expr.modifier is not None
        and expr.modifier.type == AggModifierType.Without
        and "le" in (expr.modifier.labels or [])
    )
