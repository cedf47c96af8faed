"""A query counts what it does not mean to count.

Problem: a comparison with `bool` keeps every series, as 0 or 1, so count() counts all of them. A
comparison without it keeps the values, so the sum of series that are zero is zero.

    count(up == bool 0)
    sum(up == 0)

Instead: count what is left, or add ones and zeros.

    count(up == 0)
    sum(up == bool 0)

If there is none, the second returns 0, and the first returns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import BinaryExpr

from gk.check.expressions.trees import COMPARISONS, aggregations, bare, compares, number
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["miscounting"]


@check(Severity.WARNING)
def miscounting(expression: Expression) -> Iterator[str]:
    """Look at the argument of each count() and sum()."""
    for aggregation in aggregations(expression.nodes, {"count", "sum"}):
        inner, name = bare(aggregation.expr), str(aggregation.op)
        if not isinstance(inner, BinaryExpr) or str(inner.op) not in COMPARISONS:
            continue
        is_zero = str(inner.op) == "==" and number(inner.rhs) == 0
        if name == "count" and not compares(inner):
            yield "count() counts all series, because 'bool' keeps them; use sum(), or no bool"
        elif name == "sum" and compares(inner) and is_zero:
            yield "the sum of series that are 0 is always 0; use count(), or '== bool'"
