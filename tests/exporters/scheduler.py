"""What kube-scheduler 1.35 sends, with pods that fit no node. Names, types and labels are those of
1.35."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tests.exporters import programs
from tests.exporters.exposition import (
    Exporter,
    Family,
    Observed,
    counter,
    gauge,
    histogram,
    run,
    serve_families,
)

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_QUEUES = {"active": 1.0, "backoff": 2.0, "gated": 0.0, "unschedulable": 3.0}
_RESULTS = {"scheduled": 2.0, "unschedulable": 0.6, "error": 0.5}
_PROFILE = {"profile": "default-scheduler"}


def serve(port: int = 0) -> Exporter:
    """Serve the scheduler on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Yield everything that the scheduler sends."""
    yield gauge(
        "scheduler_pending_pods",
        "Pods that wait.",
        [({"queue": queue}, value) for queue, value in _QUEUES.items()],
    )
    yield gauge(
        "scheduler_unschedulable_pods",
        "Pods that a plugin refused.",
        [
            ({"plugin": plugin, **_PROFILE}, value)
            for plugin, value in (("NodeResourcesFit", 2.0), ("TaintToleration", 1.0))
        ],
    )
    yield counter(
        "scheduler_schedule_attempts_total",
        "Attempts.",
        [({**_PROFILE, "result": result}, rate) for result, rate in _RESULTS.items()],
    )
    yield histogram(
        "scheduler_scheduling_attempt_duration_seconds",
        "Time of an attempt.",
        programs.EXPONENTIAL,
        [
            ({**_PROFILE, "result": result}, Observed(rate=rate, typical=0.004))
            for result, rate in _RESULTS.items()
        ],
    )
    yield histogram(
        "scheduler_pod_scheduling_sli_duration_seconds",
        "Time from the queue to a node.",
        tuple(0.01 * 2**power for power in range(20)),
        [
            ({"attempts": attempts}, Observed(rate=rate, typical=typical))
            for attempts, rate, typical in (("1", 1.5, 0.02), ("2", 0.5, 12.0))
        ],
    )
    yield counter("scheduler_preemption_attempts_total", "Attempts to preempt.", [({}, 0.5)])
    yield histogram(
        "scheduler_preemption_victims",
        "Pods evicted for another.",
        (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0),
        [({}, Observed(rate=0.5, typical=1.5))],
    )
    yield from programs.leadership("kube-scheduler")
    yield from programs.api_client({("POST", "201"): 2.0, ("GET", "200"): 1.0, ("GET", "503"): 0.5})
    yield from programs.process("kube-scheduler", cpu=0.02, memory=70e6)
    yield from programs.build()


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what kube-scheduler sends."),
        lambda arguments: serve(arguments.port),
    )
