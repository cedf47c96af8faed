"""A query looks back further than Prometheus keeps samples.

Problem: with a retention of 15 days, the average of 30 days is that of 15, and an offset of 30 days
finds nothing.

    avg_over_time(up[30d])

Instead: use a shorter range, or a data source that keeps samples for longer.

    avg_over_time(up[14d])

A policy: `most` is how far a query may look back, range and offset together; `15d` by default,
Prometheus's own retention without a setting. Windows that are variables are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import promql_parser
from promql_parser import MatrixSelector, SubqueryExpr, VectorSelector

from gk.check.expressions.trees import Expr
from gk.check.model import Severity, check
from gk.check.parts.windows import is_fixed, windowed
from gk.check.subjects import Expression
from gk.documents.durations import milliseconds

__all__ = ["range_too_long"]


@check(Severity.WARNING, peers=("pint: promql/range_query", "pint: promql/offset"), is_policy=True)
def range_too_long(expression: Expression, *, most: str = "15d") -> Iterator[str]:
    """Add up the ranges and offsets around each selector."""
    limit = timedelta(milliseconds=milliseconds(most) or 0)
    if not limit:
        return
    furthest = timedelta()
    for part, around in windowed(expression).located:
        if isinstance(part, VectorSelector):
            furthest = max(furthest, sum(map(_reach, [*around, part]), timedelta()))
    if furthest > limit:
        looks = promql_parser.display_duration(furthest)
        yield f"looks back {looks}, and {most} are kept; shorten its range or offset"


def _reach(part: Expr) -> timedelta:
    """How far a part looks back from the time at which it is evaluated."""
    window = part.range if isinstance(part, (MatrixSelector, SubqueryExpr)) else None
    offset = part.offset if isinstance(part, (SubqueryExpr, VectorSelector)) else None
    return (window if window and is_fixed(window) else timedelta()) + (offset or timedelta())
