"""A legend, a column or an alert's text reads a label that the query's result does not have.

Problem: the text is empty where the label's value belongs. Here an aggregation drops `pod`.

    timeseries("Memory", "sum by (node) (memory_bytes)", legend="{{pod}}")

Instead: keep the label, or do not read it.

    timeseries("Memory", "sum by (node, pod) (memory_bytes)", legend="{{pod}}")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.labels import labels_of
from gk.check.model import Severity, check
from gk.check.subjects import Query

__all__ = ["label_gone"]


@check(Severity.WARNING, peers=("pint: alerts/template",))
def label_gone(query: Query) -> Iterator[str]:
    """Compare the labels that are read with those that the expression leaves."""
    tree = query.expression.tree if query.labels else None
    known = labels_of(tree) if tree else None
    for name in sorted(query.labels - known) if known is not None else ():
        yield f"the result has no label '{name}'; keep it in the query, or do not read it"
