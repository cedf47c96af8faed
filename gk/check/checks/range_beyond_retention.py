"""A query reads samples that are older than the server keeps.

Problem: the server deletes samples after its retention (15 days by default). A longer range returns
the result of a shorter one, and a longer offset returns nothing.

    increase(backups_total[60d])

Instead: ask for a shorter range, or a server that keeps samples for longer.

    increase(backups_total[14d])
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import promql_parser

from gk.check.live.model import Asked
from gk.check.model import Severity, check
from gk.promql.syntax import parsed, within

__all__ = ["range_beyond_retention"]


@check(Severity.WARNING, peers=("pint: promql/range_query", "pint: promql/offset"))
def range_beyond_retention(asked: Asked) -> Iterator[str]:
    """Compare each range and offset with the server's retention."""
    if not asked.server.retention or asked.refusal:
        return
    tree = parsed(asked.question.expr)
    keeps = timedelta(milliseconds=asked.server.retention)
    reached = max(map(_reach, within(tree)), default=timedelta()) if tree else timedelta()
    if reached > keeps:
        yield (
            f"reads samples of the last {_days(reached)}, and the server keeps {_days(keeps)}; "
            "ask for a shorter range"
        )


def _reach(expr: promql_parser.Expr) -> timedelta:
    """How far back one part of an expression reads, by itself."""
    if isinstance(expr, promql_parser.MatrixSelector):
        return _length(expr.range) + _length(expr.vector_selector.offset)
    if isinstance(expr, promql_parser.SubqueryExpr):
        return _length(expr.range) + _length(expr.offset)
    if isinstance(expr, promql_parser.VectorSelector):
        return _length(expr.offset)
    return timedelta()


def _length(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta()


def _days(length: timedelta) -> str:
    return f"{length.days}d" if length.days else f"{length.total_seconds() / 3600:g}h"
