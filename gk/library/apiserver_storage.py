"""Snippets of what is behind kube-apiserver: etcd as the servers see it, watches and their cache.
gk.library.apiserver has the servers themselves, gk.library.etcd the members of etcd.
"""

from __future__ import annotations

from gk.library.apiserver import exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

# Storage


@snippet(unit="ops", legend="{{operation}}")
def counted_etcd_requests(s: Scope) -> str:
    """Requests from the API servers to etcd per second, by operation, to be recorded. Source:
    kube-apiserver."""
    return f"sum by (job, operation) ({s.histogram('etcd_request_duration_seconds').count()})"


@snippet(unit="none", legend="{{operation}}")
def counted_etcd_seconds(s: Scope) -> str:
    """Seconds that requests from the API servers to etcd took, per second, by operation, to be
    recorded. Source: kube-apiserver."""
    return f"sum by (job, operation) ({s.histogram('etcd_request_duration_seconds').sum()})"


@snippet(unit="ops", legend="{{operation}}")
def etcd_requests(s: Scope) -> str:
    """Requests from the API servers to etcd per second, by operation, over 5 minutes. Source:
    recording rules on kube-apiserver's series."""
    return f"sum by (operation) ({s.recorded('job_operation:apiserver_etcd_requests:rate5m')})"


@snippet(unit="ops", legend="{{operation}} errors")
def etcd_errors(s: Scope) -> str:
    """Requests from the API servers to etcd per second that failed, by operation. Zero is normal;
    lost leaders, full databases and timeouts show here. Source: kube-apiserver."""
    # A server that never had an error has no such series.
    return f"sum by (operation) ({s.rate('etcd_request_errors_total')}) or 0 * {etcd_requests(s)}"


@snippet(unit="s", legend="{{operation}}")
def etcd_latency_quantile(s: Scope, quantile: float = 0.99) -> str:
    """Time of a request from the API servers to etcd, in seconds, by operation. Source:
    kube-apiserver."""
    return s.histogram("etcd_request_duration_seconds").quantile(quantile, "operation")


@snippet(unit="s", legend="{{operation}}")
def etcd_latency(s: Scope) -> str:
    """Mean time of a request from the API servers to etcd, in seconds, by operation, over 5
    minutes. Above some tens of milliseconds the disks of etcd, or the network to it, are slow.
    Source: recording rules on kube-apiserver's series."""
    seconds = s.recorded("job_operation:apiserver_etcd_seconds:rate5m")
    return f"sum by (operation) ({seconds}) / ({etcd_requests(s)} > 0)"


@snippet(unit="short", legend="{{resource}} {{group}}")
def objects(s: Scope) -> str:
    """Objects in storage by resource. One that keeps growing is not cleaned up, and makes lists
    slow. Source: kube-apiserver."""
    # The second replaces the first since 1.34, and a server may send both; all servers count the
    # same objects.
    old = f"max by (resource) ({s.select('apiserver_storage_objects')})"
    new = f"max by (group, resource) ({s.select('apiserver_resource_objects')})"
    return f"{new} or on () {old}"


@snippet(unit="bytes", legend="{{storage_cluster_id}}")
def storage_size(s: Scope) -> str:
    """Size of etcd's database file, in bytes. etcd stops taking writes at its quota, 2 GiB unless
    set higher. Source: kube-apiserver."""
    return f"max by (storage_cluster_id) ({s.select('apiserver_storage_size_bytes')})"


# Watches and their cache


@snippet(unit="short", legend="{{resource}}")
def watchers(s: Scope) -> str:
    """Open watches by resource. Controllers, kubelets and operators each hold some; a resource with
    thousands makes each of its changes expensive. Source: kube-apiserver."""
    return f"sum by (resource) ({s.select('apiserver_longrunning_requests', verb='WATCH')})"


@snippet(unit="ops", legend="{{resource}}")
def watch_events(s: Scope) -> str:
    """Events sent to watchers per second by resource: changes times watchers. Source:
    kube-apiserver."""
    return f"sum by (resource) ({s.rate('apiserver_watch_events_total')})"


@snippet(unit="Bps", legend="{{resource}}")
def watch_bytes(s: Scope) -> str:
    """Bytes of events sent to watchers per second by resource: what large objects that change often
    cost. Source: kube-apiserver."""
    return f"sum by (resource) ({s.histogram('apiserver_watch_events_sizes').sum()})"


@snippet(unit="ops", legend="{{resource}}")
def cache_events(s: Scope) -> str:
    """Changes per second that the watch cache read from etcd, by resource. Source:
    kube-apiserver."""
    return f"sum by (resource) ({s.rate('apiserver_watch_cache_events_received_total')})"


@snippet(unit="ops", legend="from the cache")
def cache_lists(s: Scope) -> str:
    """LIST requests per second that the watch cache answered. Source: kube-apiserver."""
    return f"sum({s.rate('apiserver_cache_list_total')})"


@snippet(unit="ops", legend="from etcd")
def storage_lists(s: Scope) -> str:
    """LIST requests per second that went through to etcd, which is far more expensive. Source:
    kube-apiserver."""
    return f"sum({s.rate('apiserver_storage_list_total')})"


@snippet(unit="s", legend="{{resource}}")
def cache_wait(s: Scope) -> str:
    """Mean time that a read waits until the watch cache is as fresh as it asks for, in seconds.
    High values mean that the cache lags behind etcd. Since Kubernetes 1.28. Source:
    kube-apiserver."""
    return s.histogram("apiserver_watch_cache_read_wait_seconds").avg("resource")


@snippet(unit="short", legend="{{resource}}")
def cache_initializations(s: Scope) -> str:
    """Times within an hour that a watch cache was filled anew, by resource. It happens at a start;
    again and again means that its watch of etcd breaks. Source: kube-apiserver."""
    filled = s.range("apiserver_watch_cache_initializations_total", window="1h")
    return f"sum by (resource) (increase({filled}))"
