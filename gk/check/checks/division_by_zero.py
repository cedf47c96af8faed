"""A divisor may be zero, so the result may be NaN or infinity.

Problem: the rate of requests is zero while nobody sends one, and 0 / 0 is NaN: a gap in a graph,
"NaN" in a stat, and no alert, because NaN compares as false. 1 / 0 is +Inf, which is above any
bound.

    sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))

Instead: leave out what is zero, or put a tiny value in its place.

    sum(rate(errors_total[5m])) / (sum(rate(requests_total[5m])) > 0)
    sum(rate(errors_total[5m])) / clamp_min(sum(rate(requests_total[5m])), 1e-9)

Rates, changes and differences are zero now and then. The name of a gauge does not tell: the size of
a disk is never zero, the number of replicas may be. So gauges are reported only with `gauges:
true`. A divisor inside sum() or avg() is a finding of nan-in-aggregation.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser

from gk.check.expressions.trees import shown
from gk.check.expressions.zeros import is_not_zero, is_zero_at_times, poisoned
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["division_by_zero"]


@check(Severity.INFO)
def division_by_zero(expression: Expression, *, gauges: bool = False) -> Iterator[str]:
    """Look at the right side of each `/` and `%`, but of those that nan-in-aggregation tells of."""
    told = {shown(divisor) for _, divisor in poisoned(expression.nodes)}
    divisors = [
        division.rhs
        for division in expression.nodes
        if isinstance(division, promql_parser.BinaryExpr)
        and str(division.op) in ("/", "%")
        and not is_not_zero(division.rhs)
        and (gauges or is_zero_at_times(division.rhs))
    ]
    if texts := [text for text in dict.fromkeys(map(shown, divisors)) if text not in told]:
        more = f" (and {len(texts) - 1} more)" if texts[1:] else ""
        yield (
            f"divides by what may be zero, {texts[0]}{more}; "
            "compare it with `> 0`, or use clamp_min()"
        )
