"""What CoreDNS 1.13 sends with the Corefile of kubeadm, while one of the name servers that it
forwards to does not answer. Names, types and labels are those of 1.13."""

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

_SERVER = {"server": "dns://:53", "view": ""}
_BOUNDS = tuple(0.00025 * 2**power for power in range(16))
_ZONES = {"cluster.local.": 0.0004, ".": 0.02}
_RCODES = {"NOERROR": ("kubernetes", 14.0), "NXDOMAIN": ("kubernetes", 9.0), "SERVFAIL": ("", 0.5)}
_UPSTREAMS = (("10.0.0.2:53", "NOERROR", 0.004), ("10.0.0.3:53", "SERVFAIL", 1.8))


def serve(port: int = 0) -> Exporter:
    """Serve a CoreDNS on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Yield everything that CoreDNS sends."""
    build = {"goversion": "go1.25.2", "revision": "1db4568", "version": "1.13.1"}
    yield gauge("coredns_build_info", "Constant 1, labelled with the version.", [(build, 1)])
    yield from _requests()
    yield from _cache()
    yield from _forward()
    yield histogram(
        "coredns_kubernetes_dns_programming_duration_seconds",
        "Time from a change to its answer.",
        programs.EXPONENTIAL,
        [({"service_kind": "headless_with_selector"}, Observed(rate=0.5, typical=0.3))],
    )
    yield counter("coredns_panics_total", "Panics.", [({}, 0.0)])
    yield counter("coredns_reload_failed_total", "Failed reloads.", [({}, 0.0)])
    yield from programs.process("coredns", cpu=0.02, memory=34e6)


def _requests() -> Iterator[Family]:
    yield counter(
        "coredns_dns_requests_total",
        "Requests.",
        [
            ({**_SERVER, "family": "1", "proto": "udp", "type": kind, "zone": zone}, rate)
            for zone in _ZONES
            for kind, rate in (("A", 6.0), ("AAAA", 5.0), ("SRV", 0.5))
        ],
    )
    yield counter(
        "coredns_dns_responses_total",
        "Responses.",
        [
            ({**_SERVER, "plugin": plugin, "rcode": rcode, "zone": "cluster.local."}, rate)
            for rcode, (plugin, rate) in _RCODES.items()
        ],
    )
    yield histogram(
        "coredns_dns_request_duration_seconds",
        "Time of a request.",
        _BOUNDS,
        [
            ({**_SERVER, "zone": zone}, Observed(rate=11.0, typical=typical))
            for zone, typical in _ZONES.items()
        ],
    )


def _cache() -> Iterator[Family]:
    cache = {**_SERVER, "zones": "."}
    kinds = {"success": 6.0, "denial": 4.0}
    yield counter("coredns_cache_requests_total", "Lookups.", [(cache, 14.0)])
    yield counter(
        "coredns_cache_hits_total",
        "Hits.",
        [({**cache, "type": kind}, rate) for kind, rate in kinds.items()],
    )
    yield gauge(
        "coredns_cache_entries",
        "Entries.",
        [({**cache, "type": kind}, 60 * rate) for kind, rate in kinds.items()],
    )


def _forward() -> Iterator[Family]:
    yield histogram(
        "coredns_proxy_request_duration_seconds",
        "Time of other name servers.",
        _BOUNDS,
        [
            (
                {"proxy_name": "forward", "rcode": rcode, "to": to},
                Observed(rate=1.0, typical=typical),
            )
            for to, rcode, typical in _UPSTREAMS
        ],
    )
    yield counter(
        "coredns_proxy_healthcheck_failures_total",
        "Health checks that failed.",
        [({"proxy_name": "forward", "to": "10.0.0.3:53"}, 0.5)],
    )
    yield counter(
        "coredns_forward_healthcheck_broken_total", "Requests without a server.", [({}, 0.0)]
    )


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what CoreDNS sends."),
        lambda arguments: serve(arguments.port),
    )
