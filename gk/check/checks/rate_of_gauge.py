"""A rate of what is not a counter is a number that means nothing.

Problem: rate(), irate() and increase() take each decrease for a restart of the counter. A gauge
goes down all the time, so the result grows with its noise.

    rate(node_memory_MemAvailable_bytes[5m])

Instead: use deriv() or delta() for a gauge.

    deriv(node_memory_MemAvailable_bytes[5m])

A metric is a counter by its type in Prometheus's metadata, or without one by its name: OpenMetrics
wants `_total` for counters. A metric that one query reads as a native histogram is one.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser

from gk.check.counters import is_counter
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["rate_of_gauge"]

_OF_COUNTERS = frozenset({"rate", "irate", "increase"})


@check(Severity.WARNING, peers=("pint: promql/rate",))
def rate_of_gauge(expression: Expression) -> Iterator[str]:
    """Look at the series of each rate()."""
    for call in expression.nodes:
        if isinstance(call, promql_parser.Call) and call.func.name in _OF_COUNTERS:
            for argument in call.args:
                if isinstance(argument, promql_parser.MatrixSelector):
                    name = argument.vector_selector.name
                    if name and not is_counter(name, expression.project.types):
                        yield (
                            f"{call.func.name}() of {name}, which is not a counter; "
                            "use deriv() or delta()"
                        )
