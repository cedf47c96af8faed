"""Prometheus does not parse a query, so it shows an error.

Problem: a bracket, a comma or an operator is missing, or there is one too many.

    sum by (node (rate(node_cpu_seconds_total[5m]))

Instead: correct it; the message says where the parser stopped.

    sum by (node) (rate(node_cpu_seconds_total[5m]))

gk build refuses such text in your own panels and alerts. An export keeps it, because it is what
Grafana shows. A query is not checked if a variable is a part of its syntax.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["invalid_promql"]


@check(
    Severity.ERROR,
    peers=(
        "dashboard-linter: target-promql-rule",
        "dashboard-linter: template-label-promql-rule",
        "pint: promql/syntax",
        "gcx: target-valid-promql",
        "promtool: check rules",
    ),
)
def invalid_promql(expression: Expression) -> Iterator[str]:
    """Say what the parser says. Grafana does not send an empty one."""
    if expression.mistake and expression.text.strip():
        yield f"is not valid PromQL: {expression.mistake}"
