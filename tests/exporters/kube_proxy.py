"""What kube-proxy 1.35 sends in iptables mode. Names, types and labels are those of 1.35
(pkg/proxy/metrics)."""

from __future__ import annotations

import argparse
import time
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

_FAMILY = {"ip_family": "IPv4"}
_PREFIX = "kubeproxy_sync_proxy_rules"


def serve(port: int = 0) -> Exporter:
    """Serve a kube-proxy on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Yield everything that kube-proxy sends."""
    yield histogram(
        f"{_PREFIX}_duration_seconds",
        "Time to write the rules.",
        programs.EXPONENTIAL,
        [(_FAMILY, Observed(rate=0.5, typical=0.03))],
    )
    yield histogram(
        "kubeproxy_network_programming_duration_seconds",
        "Time from a change to its rules.",
        (0.25, 0.5, *map(float, range(1, 60)), 60.0, 90.0, 120.0, 300.0),
        [(_FAMILY, Observed(rate=0.5, typical=0.7))],
    )
    yield gauge(f"{_PREFIX}_last_timestamp_seconds", "Last time.", [(_FAMILY, _lately)])
    for what in ("endpoint", "service"):
        yield gauge(f"{_PREFIX}_{what}_changes_pending", "Changes to write.", [({}, 1.0)])
        yield counter(f"{_PREFIX}_{what}_changes_total", "Changes.", [({}, 0.5)])
    yield counter(
        f"{_PREFIX}_iptables_restore_failures_total", "Rules not written.", [(_FAMILY, 0.5)]
    )
    yield gauge(
        f"{_PREFIX}_iptables_total",
        "Rules.",
        [
            ({**_FAMILY, "table": table}, count)
            for table, count in (("filter", 40.0), ("nat", 310.0))
        ],
    )
    yield from programs.api_client({("GET", "200"): 0.6})
    yield from programs.process("kube-proxy", cpu=0.008, memory=38e6)
    yield from programs.build()


def _lately(_age: float) -> float:
    return time.time() - 9


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what kube-proxy sends."),
        lambda arguments: serve(arguments.port),
    )
