"""A query returns no data, and a description says what would bring it.

Problem: a collector is off by default, the exporter is too old, or the machine lacks the hardware.
The panel is empty, and nobody who looks at it knows why.

    node_processes_state{instance="n1"}

Instead: turn the collector on, or leave the panel out where it will never have data.

    node_exporter --collector.processes

gk looks for a sentence that says what the metric needs ("Source: processes collector, which needs
--collector.processes."): in the snippet that wrote the query, in a snippet of gk that reads the
same metric, and in the description of the panel. Without one, it is a finding of no-data.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["data_not_collected"]


@check(Severity.INFO)
def data_not_collected(asked: Asked) -> Iterator[str]:
    """Look at empty results of metrics that something brings."""
    reason = asked.reason
    if asked.state == "none" and reason and reason.hint:
        yield f"returns no data: {reason}"
