"""The series of an alert may change from one evaluation to the next, although the trouble does not.

Problem: the labels of an alert are those of its series. topk() chooses other series as the values
move, so alerts resolve and others fire.

    topk(3, queue_depth > 100)

Without `for`, an alert on two aggregations of different jobs may also fire when Prometheus starts:
until each target has been scraped once, one side is the sum of fewer targets.

    sum(errors{job="api"}) / sum(requests{job="gateway"}) > 0.1

Instead: let each series above the limit fire, and give the condition a few scrapes of time.

    queue_depth > 100
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promql_parser import AggregateExpr, BinaryExpr, Call

from gk.check.expressions.labels import KEEP_SERIES
from gk.check.expressions.trees import ARITHMETIC, Expr, bare, number, operations
from gk.check.model import Severity, check
from gk.check.parts.known_labels import known_labels
from gk.check.subjects import Query

__all__ = ["fragile_query"]


@check(Severity.WARNING, peers=("pint: promql/fragile",))
def fragile_query(query: Query) -> Iterator[str]:
    """Look at the series that an alert's query returns."""
    if query.rule is None or not query.rule.is_alert:
        return
    for part, around in query.expression.located:
        if (
            isinstance(part, AggregateExpr)
            and str(part.op) in KEEP_SERIES
            and not _is_for_one(part)
            and not any(map(_hides, around, [*around[1:], part]))
        ):
            yield (
                f"{part.op}() may choose other series each time, so alerts flap; compare all series"
            )
            return
    # An alert that waits lets the first scrapes pass.
    if not query.rule.for_:
        yield from _of_start(query.expression.nodes)


def _is_for_one(expr: AggregateExpr) -> bool:
    """Whether it takes one of several series for each object, as before a join."""
    return number(expr.param) == 1 and bool(expr.modifier and expr.modifier.labels)


def _hides(outer: Expr, inner: Expr) -> bool:
    """Whether the labels of `inner` are not those of `outer`."""
    if isinstance(outer, AggregateExpr):
        return str(outer.op) not in KEEP_SERIES
    if isinstance(outer, Call):
        return outer.func.name in ("absent", "scalar")
    if not isinstance(outer, BinaryExpr) or str(outer.op) == "or":
        return False
    # The other side decides which labels there are: by on(), group_left(), `and`, or all are equal.
    is_left = str(outer.lhs) == str(inner)
    if str(outer.op) in ("and", "unless"):
        return not is_left
    grouped = str(outer.modifier.card) if outer.modifier else ""
    return grouped.endswith("OneToMany" if is_left else "ManyToOne")


def _of_start(parts: Iterable[Expr]) -> Iterator[str]:
    for operation in operations(parts, ARITHMETIC):
        left, right = bare(operation.lhs), bare(operation.rhs)
        if isinstance(left, AggregateExpr) and isinstance(right, AggregateExpr):
            jobs = [known_labels(side.expr).get("job") for side in (left, right)]
            if None not in jobs and jobs[0] != jobs[1]:
                yield (
                    f"combines job '{jobs[0]}' with job '{jobs[1]}': until each target has been "
                    "scraped once, the result may be wrong; set for_= to a few scrapes"
                )
                return
