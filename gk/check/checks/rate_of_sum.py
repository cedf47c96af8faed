"""A rate of a sum takes the restart of one target for a restart of all.

Problem: when one of ten pods restarts, the sum goes down. rate() takes that for a restart of the
whole sum, counts all of it as new, and jumps.

    rate(sum(http_requests_total)[5m:])
    rate(job:http_requests_total:sum[5m])

Instead: take the rate of each series, then the sum.

    sum(rate(http_requests_total[5m]))

The same goes for a rate of a rate.
https://www.robustperception.io/rate-then-sum-never-sum-then-rate/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, SubqueryExpr

from gk.check.expressions.counters import OF_COUNTERS
from gk.check.expressions.trees import Expr, bare, calls
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["rate_of_sum"]

# max() and topk() choose one of equal series.
_MIX = frozenset({"avg", "count", "sum"})
_RECORDED_SUM = re.compile(r"\w*:\w+:sum")


@check(Severity.WARNING, peers=("pint: promql/rate",))
def rate_of_sum(expression: Expression) -> Iterator[str]:
    """Look at the argument of each rate()."""
    for call in calls(expression.nodes, OF_COUNTERS):
        outer, argument = call.func.name, bare(call.args[0])
        if isinstance(argument, SubqueryExpr):
            inner = _mixed(argument.expr)
            if inner:
                yield f"{outer}() of {inner} takes its decrease for a restart; take the rate first"
        elif isinstance(argument, MatrixSelector):
            name = argument.vector_selector.name or ""
            if _RECORDED_SUM.fullmatch(name):
                yield f"{outer}() of {name}, which is a sum; record the sum of the rate instead"


def _mixed(expr: Expr) -> str:
    """The function in it whose result may decrease without a restart; empty without one."""
    expr = bare(expr)
    if isinstance(expr, AggregateExpr):
        return f"{expr.op}()" if str(expr.op) in _MIX else _mixed(expr.expr)
    if isinstance(expr, Call):
        return f"{expr.func.name}()" if expr.func.name in OF_COUNTERS else ""
    if isinstance(expr, BinaryExpr):
        return _mixed(expr.lhs) or _mixed(expr.rhs)
    return ""
