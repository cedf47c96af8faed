"""A counter is shown or compared as it is, so the number depends on when its target restarted.

Problem: a counter grows until its target restarts, and then begins at zero. Its value depends on
how long the target has run, and does not say how much happens now.

    http_requests_total
    http_errors_total > 100

Instead: show how fast it grows, or by how much it grew.

    rate(http_requests_total[$__rate_interval])
    increase(http_errors_total[1h]) > 100

Right without a rate: a number that the panel explains (`since the start`); whether the counter
exists or has changed at all (absent(), count(), resets(), `and`, `unless`, `> 0` in a panel); its
difference to an offset or to another counter; and the counters of kube-state-metrics about pods,
which outlive restarts. An alert on `> 0` fires until a restart, so it is reported.

The types are those of Prometheus's metadata. Without it, gk knows those of the exporters that its
snippets cover. Any other metric counts as a counter if its name ends in `_total` after a word for
something that happens, such as `requests_total`; `disks_total` may be how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from promql_parser import AggregateExpr, BinaryExpr, Call, VectorSelector

from gk.check.expressions.counters import is_counter
from gk.check.expressions.metric_types import type_by_name
from gk.check.expressions.trees import COMPARISONS, Expr, number
from gk.check.model import Severity, check
from gk.check.subjects import Expression, Query
from gk.promql.syntax import selectors, within

__all__ = ["counter_without_rate"]

_SAFE = frozenset(
    {
        "absent",
        "absent_over_time",
        "changes",
        "clamp_max",
        "count_over_time",
        "histogram_quantile",  # another check
        "increase",
        "irate",
        "present_over_time",
        "rate",
        "resets",
        "sgn",
        "timestamp",
        # Wrong for a counter, by another check.
        "delta",
        "deriv",
        "double_exponential_smoothing",
        "holt_winters",
        "idelta",
        "predict_linear",
    }
)
# kube-state-metrics reads these from objects, which keep them over restarts of programs.
_OF_OBJECTS = "kube_pod_"
# Their result says nothing of the values.
_COUNT_SERIES = frozenset({"count", "group"})


@check(
    Severity.WARNING, peers=("dashboard-linter: target-counter-agg-rule", "pint: promql/counter")
)
def counter_without_rate(expression: Expression) -> Iterator[str]:
    """Look at each selector of a counter, and at what contains it."""
    # The query of a variable reads labels.
    if expression.query.where.kind == "variable":
        return
    said = set()
    for part, around in expression.located:
        if not isinstance(part, VectorSelector) or not part.name or part.name in said:
            continue
        if (
            is_counter(part.name, expression.project.types)
            and not part.name.endswith("_bucket")
            and not part.name.startswith(_OF_OBJECTS)
            and not any(map(_is_safe, around, [*around[1:], part]))
            and not _is_existence(part, around, expression)
            and not _says_since_when(expression.query)
        ):
            said.add(part.name)
            yield f"{part.name} is a counter, which a restart resets; use rate() or increase()"


_SINCE = re.compile(r"\bsince\b|\buptime\b", re.IGNORECASE)


def _says_since_when(query: Query) -> bool:
    """Whether the reader is told that it counts since a start."""
    panel = query.panel.body if query.panel else {}
    texts = [panel.get("title"), panel.get("description"), query.target.get("legendFormat")]
    return any(isinstance(text, str) and _SINCE.search(text) for text in texts)


def _is_safe(outer: Expr, inner: Expr) -> bool:
    """Whether what contains a counter, through `inner`, does not show its value."""
    if isinstance(outer, Call):
        return outer.func.name in _SAFE
    if isinstance(outer, AggregateExpr):
        return str(outer.op) in _COUNT_SERIES
    return isinstance(outer, BinaryExpr) and _is_safe_operation(outer, inner)


def _is_safe_operation(operation: BinaryExpr, inner: Expr) -> bool:
    operator = str(operation.op)
    is_right = str(operation.lhs) != str(inner)
    if operator in ("and", "unless"):
        # `x unless x offset 1h` asks which series are new.
        return is_right or _is_difference(inner, operation.rhs)
    other = operation.lhs if is_right else operation.rhs
    if operator == "-":
        return _is_difference(inner, other) or _counts(other)
    if operator == "*":
        # `x * 0` takes only the labels.
        return number(other) == 0
    if operator in COMPARISONS:
        # `x != x offset 1m` asks whether it changed.
        return _is_difference(inner, other)
    return False


def _counts(other: Expr) -> bool:
    """Whether the other side counts, too: what began less what ended."""
    names = [selector.name or "" for selector in selectors(other)]
    return bool(names) and all(type_by_name(name) == "counter" for name in names)


def _is_difference(one: Expr, other: Expr) -> bool:
    """Whether both sides are the same metric at different times."""
    both = [
        {
            (part.name, str(part.offset), str(part.at))
            for part in within(side)
            if isinstance(part, VectorSelector)
        }
        for side in (one, other)
    ]
    names = [{name for name, _, _ in side} for side in both]
    return bool(names[0]) and names[0] == names[1] and both[0] != both[1]


def _is_existence(part: Expr, around: tuple[Expr, ...], expression: Expression) -> bool:
    """Whether it is only compared with zero, and nothing fires on that."""
    operators = frozenset({"=="}) if expression.query.where.kind == "alert" else COMPARISONS
    return any(_compares_with_zero(outer, operators) for outer in around)


def _compares_with_zero(expr: Expr, operators: Set[str]) -> bool:
    return (
        isinstance(expr, BinaryExpr)
        and str(expr.op) in operators
        and 0 in (number(expr.lhs), number(expr.rhs))
    )
