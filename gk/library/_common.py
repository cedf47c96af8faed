"""What the modules of components share: how many of their targets answer, series that other
programs send too. No snippets."""

from __future__ import annotations

from gk.promql.histogram import Histogram
from gk.promql.snippet import Scope

__all__ = ["down_count", "own", "own_histogram", "up_count"]

# A component that Prometheus scraped within the last day is known to be there.
_SEEN = "[1d:5m]"


def up_count(s: Scope) -> str:
    """How many targets answer: 0 if none of the known ones does, and for a day after the last one
    vanished; nothing where there never was one, as on a managed control plane."""
    seen = f"max_over_time(count({s.select(s.exporter.metric)}){_SEEN})"
    return f"sum({s.up()}) or 0 * {seen}"


def down_count(s: Scope) -> str:
    """How many targets do not answer; for a day after all of them vanished, how many there were."""
    seen = f"max_over_time(count({s.select(s.exporter.metric)}){_SEEN})"
    return f"count({s.up()} == 0) or 0 * count({s.up()}) or {seen}"


def own(s: Scope, expr: str) -> str:
    """`expr` of the exporter's targets only. Every Go program sends series like process_*, and a
    job that is shared has several programs."""
    return f"{expr} {_of_targets(s)}" if _is_shared(s) else expr


def own_histogram(s: Scope, metric: str) -> Histogram:
    """A histogram of the exporter's targets only, such as workqueue_*; see `own`."""
    histogram = s.histogram(metric)
    return histogram.only(_of_targets(s)) if _is_shared(s) else histogram


def _is_shared(s: Scope) -> bool:
    return s.labels.of(s.exporter.name).shared


def _of_targets(s: Scope) -> str:
    return f"and on (job, instance) {s.select(s.exporter.metric)}"
