"""Snippets of the node exporter, 1.5 and later. https://github.com/prometheus/node_exporter"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Scope

exporter = Exporter("node", metric="node_uname_info")
snippet = exporter.snippet


@snippet(unit="percentunit")
def cpu_idle(s: Scope) -> str:
    """Share of CPU time a node spent idle, 0 to 1, averaged over its CPUs. Source: cpu collector."""
    return f"avg by ({s.node}) ({s.rate('node_cpu_seconds_total', mode='idle')})"


@snippet(unit="percentunit")
def cpu_busy(s: Scope) -> str:
    """Share of CPU time a node did not spend idle, 0 to 1. Source: cpu collector."""
    return f"1 - {cpu_idle(s)}"
