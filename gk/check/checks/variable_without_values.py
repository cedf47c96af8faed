"""The query of a variable returns no values.

Problem: Grafana shows an empty choice, and each query that uses it returns nothing.

    query_variable("node", "label_values(node_uname_info, nod)")

Instead: ask for a metric and a label that are there. The message says which of them is not.

    query_variable("node", "label_values(node_uname_info, nodename)")

A variable is not reported if queries that use it return data nevertheless: in
`up{cluster="$cluster"}`, an empty value selects the series without the label, as it should where
there is one cluster. Of variables that need each other, only the first is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Values
from gk.check.model import Severity, check

__all__ = ["variable_without_values"]


@check(Severity.WARNING)
def variable_without_values(values: Values) -> Iterator[str]:
    """Look at variables whose query returned nothing, and not because it needs another one."""
    if values.reason and not values.reason.variable:
        yield f"has no values: {values.resolved.query}: {values.reason}"
