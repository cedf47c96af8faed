"""One NaN in a sum or an average makes the whole result NaN.

Problem: a target that had no request has 0 / 0, which is NaN, and so the sum of all targets is NaN.

    sum(rate(took_seconds_sum[5m]) / rate(took_seconds_count[5m]))

Instead: aggregate first and divide then, which is also the right average.

    sum(rate(took_seconds_sum[5m])) / sum(rate(took_seconds_count[5m]))

Or leave out what is zero.

    sum(rate(took_seconds_sum[5m]) / (rate(took_seconds_count[5m]) > 0))

min() and max() pass over NaN; sum(), avg(), stddev() and stdvar() do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.trees import shown
from gk.check.expressions.zeros import poisoned
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["nan_in_aggregation"]


@check(Severity.WARNING, peers=("pint: promql/nan",))
def nan_in_aggregation(expression: Expression) -> Iterator[str]:
    """Look for divisions of changes inside of aggregations."""
    for operator, divisor in poisoned(expression.nodes):
        yield (
            f"{operator}() of a division by {shown(divisor)}, which may be zero: one NaN makes "
            "it NaN; divide after it, or compare the divisor with `> 0`"
        )
