"""The change of a counter is computed like that of a gauge, so a restart looks like a large drop.

Problem: delta() subtracts the first value from the last, deriv() and predict_linear() fit a line.
None of them knows that a counter starts at zero after a restart.

    delta(http_requests_total[1h])

Instead: use increase() or rate(), which allow for restarts.

    increase(http_requests_total[1h])

The types are those that counter-without-rate knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.counters import is_counter
from gk.check.expressions.trees import calls, selector_in
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["delta_of_counter"]

_INSTEAD = {
    "delta": "increase()",
    "deriv": "rate()",
    "idelta": "irate()",
    "predict_linear": "rate()",
    "double_exponential_smoothing": "rate()",
}


@check(Severity.WARNING, peers=("pint: promql/counter",))
def delta_of_counter(expression: Expression) -> Iterator[str]:
    """Look at the series of each function of gauges."""
    for call in calls(expression.nodes, _INSTEAD):
        selector = selector_in(call.args[0])
        if selector and selector.name and is_counter(selector.name, expression.project.types):
            name = call.func.name
            yield f"{name}() of {selector.name}, which is a counter; use {_INSTEAD[name]}"
