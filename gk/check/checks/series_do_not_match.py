"""Both sides of an operation have data, and no series of one matches one of the other.

Problem: an operation matches series whose labels are all equal, or those that on() names. On the
Prometheus of `--live`, no two series match, so the result is empty.

    kube_pod_info / machine_cpu_cores

Instead: name the labels that both sides have.

    sum by (node) (kube_pod_info) / on (node) machine_cpu_cores
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.live.reasons import Cause
from gk.check.model import Severity, check

__all__ = ["series_do_not_match"]


@check(Severity.WARNING, peers=("pint: promql/vector_matching",))
def series_do_not_match(asked: Asked) -> Iterator[str]:
    """Look at results that are empty for that reason."""
    if asked.reason and asked.reason.cause is Cause.NO_MATCH and asked.state == "none":
        yield f"returns no data: {asked.reason.text}"
