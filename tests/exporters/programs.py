"""What every program of Kubernetes sends: its process, its version, its requests to the API
servers, its work queues, whether it is the leader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.exporters.exposition import (
    Family,
    Observed,
    counter,
    gauge,
    histogram,
    started_at,
    wandering,
)
from tests.exporters.inventory import KUBERNETES_VERSION

__all__ = ["EXPONENTIAL", "api_client", "build", "leadership", "process", "work_queues"]

EXPONENTIAL = tuple(0.001 * 2**power for power in range(15))
"""The bounds of many histograms of Kubernetes, from 1 ms to 16 s."""

_QUEUE_BOUNDS = (1e-08, 1e-07, 1e-06, 1e-05, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)


def process(key: str, *, cpu: float, memory: float) -> Iterator[Family]:
    """Yield what a Go program says of itself: cores, bytes."""
    yield counter("process_cpu_seconds_total", "CPU time used.", [({}, cpu)])
    yield gauge(
        "process_resident_memory_bytes",
        "Memory in use.",
        [({}, wandering(memory, key, swing=0.03, whole=True))],
    )
    yield gauge("process_start_time_seconds", "When it started.", [({}, round(started_at(), 2))])
    yield gauge("go_goroutines", "Goroutines.", [({}, wandering(250, f"{key} go", whole=True))])


def build() -> Iterator[Family]:
    """Yield the version, as the components of Kubernetes send it."""
    labels = {
        "git_version": KUBERNETES_VERSION,
        "go_version": "go1.25.5",
        "major": "1",
        "minor": "35",
    }
    yield gauge("kubernetes_build_info", "Constant 1, labelled with the version.", [(labels, 1)])


def api_client(rates: Mapping[tuple[str, str], float]) -> Iterator[Family]:
    """Yield requests to the API servers: times a second, by method and code."""
    yield counter(
        "rest_client_requests_total",
        "Requests to the API servers.",
        [
            ({"code": code, "host": "10.0.0.10:6443", "method": method}, rate)
            for (method, code), rate in rates.items()
        ],
    )


def leadership(name: str) -> Iterator[Family]:
    """Yield that it is the leader."""
    yield gauge("leader_election_master_status", "Whether it leads.", [({"name": name}, 1)])


def work_queues(rates: Mapping[str, float]) -> Iterator[Family]:
    """Yield work queues by name: items a second. The first one does not keep up."""
    queues = [({"name": name}, rate) for name, rate in rates.items()]
    yield counter("workqueue_adds_total", "Items put into a queue.", queues)
    yield counter(
        "workqueue_retries_total", "Items put back.", [(labels, 0.5) for labels, _ in queues]
    )
    yield gauge(
        "workqueue_depth",
        "Items that wait.",
        [(labels, 40.0 if index == 0 else 0.0) for index, (labels, _) in enumerate(queues)],
    )
    yield gauge(
        "workqueue_longest_running_processor_seconds",
        "Age of the oldest item.",
        [(labels, 0.2) for labels, _ in queues],
    )
    for what, typical in (("queue", 0.0004), ("work", 0.02)):
        yield histogram(
            f"workqueue_{what}_duration_seconds",
            f"Time of an item in {what}.",
            _QUEUE_BOUNDS,
            [(labels, Observed(rate=rate, typical=typical, spread=1.4)) for labels, rate in queues],
        )
