"""The rate of a gauge means nothing.

Problem: rate(), irate() and increase() take each decrease for a restart of a counter. A gauge goes
down all the time, so the result grows with its noise.

    rate(node_memory_MemAvailable_bytes[5m])

Instead: use deriv() or delta() for a gauge.

    deriv(node_memory_MemAvailable_bytes[5m])

The types are those of Prometheus's metadata. Without it, gk knows those of the exporters that its
snippets cover, and names that no counter has, such as `_ratio`, `_celsius` or `_usage_bytes`; it
says nothing of other metrics, because exporters older than OpenMetrics count in any name. A metric
that one query reads as a native histogram may have a rate.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser

from gk.check.expressions.counters import OF_COUNTERS, is_gauge
from gk.check.expressions.trees import calls
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["rate_of_gauge"]


@check(Severity.WARNING, peers=("pint: promql/rate",))
def rate_of_gauge(expression: Expression) -> Iterator[str]:
    """Look at the series of each rate()."""
    for call in calls(expression.nodes, OF_COUNTERS):
        argument = call.args[0]
        if isinstance(argument, promql_parser.MatrixSelector):
            name = argument.vector_selector.name
            if name and is_gauge(name, expression.project.types):
                yield f"{call.func.name}() of {name}, which is a gauge; use deriv() or delta()"
