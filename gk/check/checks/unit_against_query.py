"""A panel's unit is not that of its query, by the name of the metric.

Problem: every number is wrong, mostly by a factor of 8 or 1000, or lacks "per second".

    rate(node_network_receive_bytes_total[5m])     # in bits/s
    http_request_duration_seconds                  # in milliseconds

Instead: convert the values, or set the unit that they have.

    rate(node_network_receive_bytes_total[5m]) * 8   # in bits/s
    rate(node_network_receive_bytes_total[5m])       # in bytes/s

By convention the name of a metric ends in its unit, with `_total` after it for a counter
(https://prometheus.io/docs/practices/naming/).
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.quantities import Quantity, of_query, of_unit
from gk.check.model import Severity, check
from gk.check.parts.panels import has_own_units, unit
from gk.check.subjects import Panel

__all__ = ["unit_against_query"]


@check(Severity.WARNING)
def unit_against_query(panel: Panel) -> Iterator[str]:
    """Compare the unit with what the metrics of the queries measure."""
    shown = of_unit(unit(panel)) if panel.queries else None
    if shown is None or panel.body.get("transformations") or has_own_units(panel):
        return
    refs: dict[Quantity, str] = {}
    for query in panel.queries:
        tree = query.expression.tree
        returned = of_query(tree) if tree else None
        if returned and returned != shown:
            refs.setdefault(returned, query.ref)
    for returned, ref in refs.items():
        yield (
            f"query {ref} returns {returned}, and the unit '{unit(panel)}' shows {shown}; "
            "convert the values, or change the unit"
        )
