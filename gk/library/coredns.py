"""Snippets of CoreDNS, 1.11 and later, with its plugins cache, forward, kubernetes and prometheus.
https://coredns.io/plugins/

No query returns NaN.
"""

from __future__ import annotations

from gk.library._common import down_count as _down_count
from gk.library._common import own
from gk.library._common import up_count as _up_count
from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("coredns", metric="coredns_build_info", target="Server")
snippet = exporter.snippet

_PANICS = "10m"


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """CoreDNS servers that Prometheus can scrape: 0 if none of those it knows answers, and for a
    day after the last one vanished. Nothing where it never scraped one. Source: the series up of
    Prometheus."""
    return _up_count(s)


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """CoreDNS servers that Prometheus knows and cannot scrape; for a day after all of them
    vanished, how many there were. Source: the series up of Prometheus."""
    return _down_count(s)


@snippet(unit="reqps", legend="{{type}}")
def requests(s: Scope) -> str:
    """DNS requests per second by type of record. Source: CoreDNS."""
    return f"sum by (type) ({s.rate('coredns_dns_requests_total')})"


@snippet(unit="reqps", legend="{{rcode}}")
def responses(s: Scope) -> str:
    """DNS responses per second by code. NXDOMAIN (no such name) is normal: clients try each search
    domain. SERVFAIL and REFUSED are failures. Source: CoreDNS."""
    return f"sum by (rcode) ({s.rate('coredns_dns_responses_total')})"


@snippet(unit="percentunit", legend="SERVFAIL")
def error_share(s: Scope) -> str:
    """Share of DNS requests that CoreDNS failed to answer (SERVFAIL), 0 to 1. Source: CoreDNS."""
    responses = "coredns_dns_responses_total"
    failed = f"sum({s.rate(responses, rcode='SERVFAIL')})"
    answered = f"sum({s.rate(responses)})"
    return f"({failed} or 0 * {answered}) / ({answered} > 0)"


@snippet(unit="s", legend="{{server}} {{zone}}")
def latency(s: Scope, quantile: float = 0.99) -> str:
    """Time in which CoreDNS answers a request, in seconds, by server and zone. Names outside the
    cluster take as long as the server that they are forwarded to. Source: CoreDNS."""
    durations = s.histogram("coredns_dns_request_duration_seconds")
    return durations.quantile(quantile, "server", "zone")


@snippet(unit="percentunit", legend="{{server}}")
def cache_hits(s: Scope) -> str:
    """Share of requests that the cache answers, 0 to 1. Source: CoreDNS, plugin cache."""
    hits = f"sum by (server) ({s.rate('coredns_cache_hits_total')})"
    asked = f"sum by (server) ({s.rate('coredns_cache_requests_total')})"
    return f"({hits} or 0 * {asked}) / ({asked} > 0)"


@snippet(unit="short", legend="{{type}}")
def cache_entries(s: Scope) -> str:
    """Entries in the cache: names that exist (success) and names that do not (denial). Source:
    CoreDNS, plugin cache."""
    return f"sum by (type) ({s.select('coredns_cache_entries')})"


@snippet(unit="reqps", legend="{{to}} {{rcode}}")
def forwarded(s: Scope) -> str:
    """Requests per second that CoreDNS forwards to other name servers, by server and code of the
    answer. Source: CoreDNS, plugin forward."""
    forwarded = s.histogram("coredns_proxy_request_duration_seconds", proxy_name="forward")
    return f"sum by (to, rcode) ({forwarded.count()})"


@snippet(unit="s", legend="{{to}}")
def forward_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time in which other name servers answer CoreDNS, in seconds. Source: CoreDNS, plugin
    forward."""
    durations = s.histogram("coredns_proxy_request_duration_seconds", proxy_name="forward")
    return durations.quantile(quantile, "to")


@snippet(unit="ops", legend="{{to}} health checks")
def forward_failures(s: Scope) -> str:
    """Health checks of other name servers per second that failed. Source: CoreDNS, plugin
    forward."""
    failures = s.rate("coredns_proxy_healthcheck_failures_total", proxy_name="forward")
    return f"sum by (to) ({failures})"


@snippet(unit="ops", legend="all name servers down")
def forward_broken(s: Scope) -> str:
    """Requests per second for which no other name server was healthy. Source: CoreDNS, plugin
    forward."""
    return f"sum({s.rate('coredns_forward_healthcheck_broken_total')})"


@snippet(unit="short")
def panics(s: Scope) -> str:
    """Panics of a CoreDNS server within 10 minutes: requests that crashed its code. Zero is normal.
    Source: CoreDNS."""
    panics = s.increase("coredns_panics_total", window=_PANICS)
    return f"sum by ({s.node}) (round({panics}))"


@snippet(unit="short", legend="reloads failed")
def reload_failures(s: Scope) -> str:
    """Failed attempts to load a new Corefile since the servers started. CoreDNS goes on with the
    old one. Source: CoreDNS, plugin reload."""
    return f"sum({s.select('coredns_reload_failed_total')})"


@snippet(unit="s", legend="{{service_kind}}")
def programming_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time from a change of a service's endpoints until CoreDNS answers with it, in seconds.
    Source: CoreDNS, plugin kubernetes."""
    durations = s.histogram("coredns_kubernetes_dns_programming_duration_seconds")
    return durations.quantile(quantile, "service_kind")


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a CoreDNS server uses. Source: CoreDNS."""
    return f"sum by ({s.node}) ({own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a CoreDNS server, in bytes. Source: CoreDNS."""
    return f"max by ({s.node}) ({own(s, s.select('process_resident_memory_bytes'))})"
