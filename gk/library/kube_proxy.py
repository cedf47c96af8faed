"""Snippets of kube-proxy, Kubernetes 1.28 and later, on Linux.
https://kubernetes.io/docs/reference/instrumentation/metrics/

A cluster whose network plugin replaces kube-proxy has none. No query returns NaN.
"""

from __future__ import annotations

from gk.library._common import down_count as _down_count
from gk.library._common import own
from gk.library._common import up_count as _up_count
from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("kube-proxy", metric="kubeproxy_sync_proxy_rules_endpoint_changes_total")
snippet = exporter.snippet


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """kube-proxies that Prometheus can scrape: 0 if none of those it knows answers, and for a day
    after the last one vanished. Nothing where it never scraped one. Source: the series up of
    Prometheus."""
    return _up_count(s)


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """kube-proxies that Prometheus knows and cannot scrape; for a day after all of them vanished,
    how many there were. Source: the series up of Prometheus."""
    return _down_count(s)


@snippet(unit="s", legend="rules")
def sync_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time in which kube-proxy writes the rules of services into the kernel, in seconds. Source:
    kube-proxy."""
    durations = s.histogram("kubeproxy_sync_proxy_rules_duration_seconds")
    return durations.quantile(quantile)


@snippet(unit="s", legend="network programming")
def programming_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time from a change of a service or of its endpoints until kube-proxy has written it into the
    kernel, in seconds. Source: kube-proxy, its service level indicator (SLI)."""
    durations = s.histogram("kubeproxy_network_programming_duration_seconds")
    return durations.quantile(quantile)


@snippet(unit="s")
def sync_age(s: Scope) -> str:
    """Time since kube-proxy last wrote the rules of services, in seconds. It does so at every
    change, and by default every 30 s. Source: kube-proxy."""
    synced = s.select("kubeproxy_sync_proxy_rules_last_timestamp_seconds")
    return f"clamp_min(time() - min by ({s.node}) ({synced} > 0), 0)"


@snippet(unit="short", legend="{{$node}}")
def changes_pending(s: Scope) -> str:
    """Changes of services and endpoints that kube-proxy has not written yet. Source:
    kube-proxy."""
    endpoints, services = (
        s.select(f"kubeproxy_sync_proxy_rules_{kind}_changes_pending")
        for kind in ("endpoint", "service")
    )
    return f"max by ({s.node}) ({endpoints} + {services})"


@snippet(unit="ops", legend="{{$node}}")
def sync_failures(s: Scope) -> str:
    """Times per second that kube-proxy could not write its rules (iptables or nftables). Zero is
    normal. Source: kube-proxy."""
    failures = " or ".join(
        s.rate(f"kubeproxy_sync_proxy_rules_{backend}_failures_total")
        for backend in ("iptables_restore", "nftables_sync")
    )
    none = (
        f"0 * sum by ({s.node}) ({s.select('kubeproxy_sync_proxy_rules_endpoint_changes_pending')})"
    )
    return f"sum by ({s.node}) ({failures}) or {none}"


@snippet(unit="short", legend="{{table}}")
def rules(s: Scope) -> str:
    """Rules of iptables that kube-proxy wrote, by table, on the node with most. Nothing in other
    modes. Source: kube-proxy."""
    return f"max by (table) ({s.select('kubeproxy_sync_proxy_rules_iptables_total')})"


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a kube-proxy uses. Source: kube-proxy."""
    return f"sum by ({s.node}) ({own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a kube-proxy, in bytes. Source: kube-proxy."""
    return f"max by ({s.node}) ({own(s, s.select('process_resident_memory_bytes'))})"
