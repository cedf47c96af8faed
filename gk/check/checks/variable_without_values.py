"""The query of a variable returns no values on the Prometheus of `--live`.

Problem: Grafana shows an empty choice, and each query that uses it returns nothing.

    query_variable("node", "label_values(node_uname_info, nod)")

Instead: ask for a metric and a label that are there. The message says which of them is not.

    query_variable("node", "label_values(node_uname_info, nodename)")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Values
from gk.check.model import Severity, check

__all__ = ["variable_without_values"]


@check(Severity.WARNING)
def variable_without_values(values: Values) -> Iterator[str]:
    """Look at variables whose query returned nothing."""
    if values.reason:
        yield f"has no values: {values.resolved.query}: {values.reason}"
