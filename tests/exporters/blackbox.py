"""What the blackbox exporter 0.23 to 0.28 answers for some targets: one that works, one whose
certificate is about to expire, one that fails, and probes by ICMP and DNS."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from tests.exporters.exposition import Exporter, Family, gauge, run, serve_families, wandering

__all__ = ["PATH", "TARGETS", "families", "serve"]

PATH = "/probe"

_DAY = 86400.0
_HTTP = ("resolve", "connect", "tls", "processing", "transfer")


def serve(target: str, port: int = 0) -> Exporter:
    """Serve the probe of one of TARGETS on 127.0.0.1."""
    return serve_families(port, PATH, families(target))


def families(target: str) -> Iterator[Family]:
    """Return the metric families of a probe."""
    yield from TARGETS[target](target)


def _probe(target: str, *, success: bool = True, seconds: float) -> Iterator[Family]:
    yield gauge("probe_success", "Success.", [({}, float(success))])
    yield gauge("probe_duration_seconds", "Duration.", [({}, wandering(seconds, target))])
    yield gauge("probe_dns_lookup_time_seconds", "DNS.", [({}, seconds / 10)])
    yield gauge("probe_ip_protocol", "Version of IP.", [({}, 4)])


def _phases(kind: str, phases: tuple[str, ...], seconds: float) -> Family:
    samples = [({"phase": phase}, seconds / len(phases)) for phase in phases]
    return gauge(f"probe_{kind}_duration_seconds", "Duration by phase.", samples)


def _http(target: str, *, code: int, seconds: float, days: float) -> Iterator[Family]:
    yield from _probe(target, success=code == 200, seconds=seconds)
    yield _phases("http", _HTTP, seconds)
    yield gauge("probe_http_status_code", "Status code.", [({}, code)])
    yield gauge("probe_http_version", "Version.", [({}, 2.0 if code else 0.0)])
    yield gauge("probe_http_redirects", "Redirects.", [({}, 1)])
    yield gauge("probe_http_uncompressed_body_length", "Size.", [({}, 5474)])
    yield gauge("probe_failed_due_to_regex", "By what the answer says.", [({}, 0)])
    if code:
        expires = time.time() + days * _DAY
        yield gauge("probe_ssl_earliest_cert_expiry", "Expiry.", [({}, expires)])
        yield gauge("probe_tls_version_info", "TLS.", [({"version": "TLS 1.3"}, 1)])


def _works(target: str) -> Iterator[Family]:
    return _http(target, code=200, seconds=0.12, days=61)


def _expires(target: str) -> Iterator[Family]:
    return _http(target, code=200, seconds=2.6, days=2)


def _fails(target: str) -> Iterator[Family]:
    return _http(target, code=503, seconds=0.3, days=30)


def _refuses(target: str) -> Iterator[Family]:
    return _http(target, code=0, seconds=0.002, days=0)


def _icmp(target: str) -> Iterator[Family]:
    yield from _probe(target, seconds=0.004)
    yield _phases("icmp", ("resolve", "rtt", "setup"), 0.004)


def _dns(target: str) -> Iterator[Family]:
    yield from _probe(target, seconds=0.01)
    yield _phases("dns", ("resolve", "connect", "request"), 0.01)


TARGETS: Mapping[str, Callable[[str], Iterator[Family]]] = MappingProxyType(
    {
        "https://shop.example.com": _works,
        "https://admin.example.com": _expires,
        "https://api.example.com/health": _fails,
        "https://old.example.com": _refuses,
        "10.0.0.1": _icmp,
        "10.96.0.10": _dns,
    }
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send what the blackbox exporter answers.")
    parser.add_argument("target", choices=sorted(TARGETS))
    run(parser, lambda given: serve(given.target, given.port))
