"""Snippets of kube-apiserver, Kubernetes 1.28 and later. https://kubernetes.io/docs/reference/instrumentation/metrics/

Whatever can be absent on a healthy server (errors, rejections, terminations) counts as zero here, and whatever has no
value without traffic returns nothing: no query returns NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

from gk.promql.snippet import Exporter, Scope

__all__ = ["OBJECT_VERBS", "exporter", "snippet"]

# Two series a server, there since before 1.14 and always set. apiserver_storage_size_bytes would do as well, but it is
# absent while etcd does not answer, which is when the servers have to be found.
exporter = Exporter("apiserver", metric="apiserver_current_inflight_requests")
snippet = exporter.snippet

OBJECT_VERBS = ("GET", "POST", "PUT", "PATCH", "APPLY", "DELETE")
"""Verbs of requests for one object, which Kubernetes means to answer within one second. Lists may take up to 30.
https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md"""

# These requests last as long as their client wants.
_LONG_RUNNING_VERBS = 'verb!~"WATCH|WATCHLIST|CONNECT"'
_LONG_RUNNING_SUBRESOURCES = 'subresource!~"attach|exec|log|portforward|proxy"'
_SERVER_ERRORS = 'code=~"5.."'
_OF_RESOURCES = 'resource!=""'


def _quantile(quantile: float, buckets: str) -> str:
    # Without observations the quantile is NaN, which no comparison lets through; a duration is never negative.
    return f"histogram_quantile({quantile:g}, {buckets}) >= 0"


# Availability


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """API servers that Prometheus can scrape, 0 if there is none. One per control plane node is normal.
    Source: kube-apiserver, by Prometheus's own series up."""
    return f"sum({s.up()}) or vector(0)"


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape a server, 1 or 0. Source: kube-apiserver, by Prometheus's own series up."""
    return f"max by ({s.node}) ({s.up()})"


# Requests


@snippet(unit="reqps", legend="{{verb}}")
def requests_by_verb(s: Scope) -> str:
    """Requests per second by verb. GET and LIST read, WATCH opens a stream of changes, the others write.
    Source: kube-apiserver."""
    return f"sum by (verb) ({s.rate('apiserver_request_total')})"


@snippet(unit="reqps", legend="{{code}}")
def requests_by_code(s: Scope) -> str:
    """Requests per second by HTTP status code. 404 and 409 are part of normal work, 429 is a request turned away under
    load, 5xx an error of the server; 0 is a connection that was taken over, as by exec. Source: kube-apiserver."""
    return f"sum by (code) ({s.rate('apiserver_request_total')})"


@snippet(unit="reqps", legend="{{resource}}")
def requests_by_resource(s: Scope) -> str:
    """Requests per second for the ten resources that are asked for most. A sudden leader is often one client in a loop.
    Source: kube-apiserver."""
    return f"topk(10, sum by (resource) ({s.rate('apiserver_request_total', _OF_RESOURCES)}))"


# Errors


@snippet(unit="percentunit", legend="all verbs")
def error_share(s: Scope) -> str:
    """Share of requests that the API servers answered with an error of their own (5xx), 0 to 1.
    Source: kube-apiserver."""
    errors = f"sum({s.rate('apiserver_request_total', _SERVER_ERRORS)}) or vector(0)"
    return f"({errors}) / (sum({s.rate('apiserver_request_total')}) > 0)"


@snippet(unit="percentunit", legend="{{verb}}")
def error_share_by_verb(s: Scope) -> str:
    """Share of requests of a verb that were answered with an error of the server (5xx), 0 to 1. Errors of writes alone
    point at etcd or at admission webhooks. Source: kube-apiserver."""
    errors = f"sum by (verb) ({s.rate('apiserver_request_total', _SERVER_ERRORS)})"
    all_requests = f"sum by (verb) ({s.rate('apiserver_request_total')})"
    return f"({errors} or 0 * {all_requests}) / ({all_requests} > 0)"


@snippet(unit="percentunit", legend="terminated")
def terminated_share(s: Scope) -> str:
    """Share of requests that the API servers gave up to protect themselves, 0 to 1: they were overloaded, shutting down
    or out of time. Source: kube-apiserver."""
    terminated = f"(sum({s.rate('apiserver_request_terminations_total')}) or vector(0))"
    return f"{terminated} / (sum({s.rate('apiserver_request_total')}) + {terminated} > 0)"


# Latency


@snippet(unit="s", legend="{{verb}}")
def latency(s: Scope, quantile: float = 0.99) -> str:
    """Time from a request's arrival to its last byte, in seconds, as clients feel it: webhooks and waiting are in it.
    Half of all requests are faster than p50, all but one in a hundred faster than p99. Requests that last as long as
    their client wants (WATCH, exec, logs) are left out. Source: kube-apiserver."""
    buckets = s.rate("apiserver_request_duration_seconds_bucket", _LONG_RUNNING_VERBS, _LONG_RUNNING_SUBRESOURCES)
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{verb}}")
def sli_latency(s: Scope, quantile: float = 0.99, verb: Sequence[str] = OBJECT_VERBS) -> str:
    """Time that the API servers themselves need for a request, in seconds: without webhooks and without waiting for
    fair queueing. For one object it is meant to stay below 1 s at p99. Source: kube-apiserver, its service level
    indicator (SLI)."""
    buckets = s.rate("apiserver_request_sli_duration_seconds_bucket", _LONG_RUNNING_SUBRESOURCES, verb=verb)
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{le}}")
def latency_buckets(s: Scope) -> str:
    """Requests per second by how long they took, in seconds. A second band that appears above the usual one is a group
    of slow requests that averages hide. WATCH, exec and logs are left out. Source: kube-apiserver."""
    buckets = s.rate("apiserver_request_duration_seconds_bucket", _LONG_RUNNING_VERBS, _LONG_RUNNING_SUBRESOURCES)
    return f"sum by (le) ({buckets})"


# Saturation


@snippet(unit="short", legend="{{request_kind}}")
def inflight(s: Scope) -> str:
    """Requests being worked on, the most within a second, that read or that write (mutating). By default a server takes
    600 at once, of both kinds together. Source: kube-apiserver."""
    return f"sum by (request_kind) ({s.select('apiserver_current_inflight_requests')})"


@snippet(unit="short", legend="{{verb}}")
def long_running(s: Scope) -> str:
    """Open requests that last as long as their client wants: watches, exec, logs, port forwards. A drop to zero is a
    restart; all clients come back at once afterwards. Source: kube-apiserver."""
    return f"sum by (verb) ({s.select('apiserver_longrunning_requests')})"


@snippet(unit="short", legend="{{priority_level}} executing")
def apf_executing(s: Scope) -> str:
    """Requests that priority and fairness (APF) let through and that are being worked on, by priority level.
    Source: kube-apiserver."""
    return f"sum by (priority_level) ({s.select('apiserver_flowcontrol_current_executing_requests')})"


@snippet(unit="short", legend="{{priority_level}} waiting")
def apf_waiting(s: Scope) -> str:
    """Requests that wait in a queue of priority and fairness (APF), by priority level. Anything above zero for long
    means that the level has too few seats for its clients. Source: kube-apiserver."""
    return f"sum by (priority_level) ({s.select('apiserver_flowcontrol_current_inqueue_requests')})"


@snippet(unit="reqps", legend="{{priority_level}}")
def apf_rejected(s: Scope) -> str:
    """Requests per second that priority and fairness (APF) turned away with 429, by priority level: the queue was full,
    or the wait too long. Zero is normal. Source: kube-apiserver."""
    # A level that never rejected has no series: it counts as zero where it let requests through.
    dispatched = s.rate("apiserver_flowcontrol_dispatched_requests_total")
    rejected = s.rate("apiserver_flowcontrol_rejected_requests_total")
    return f"sum by (priority_level) ({rejected}) or 0 * sum by (priority_level) ({dispatched})"


# Storage


@snippet(unit="s", legend="{{operation}}")
def etcd_latency(s: Scope) -> str:
    """Mean time of a request from the API servers to etcd, in seconds, by operation. Above some tens of milliseconds
    the disks of etcd, or the network to it, are slow. Source: kube-apiserver."""
    seconds = s.rate("etcd_request_duration_seconds_sum")
    count = s.rate("etcd_request_duration_seconds_count")
    return f"sum by (operation) ({seconds}) / (sum by (operation) ({count}) > 0)"


@snippet(unit="short", legend="{{resource}} {{group}}")
def objects(s: Scope) -> str:
    """Objects in storage, for the ten resources that have most. One that keeps growing is not cleaned up, and makes
    lists slow. Source: kube-apiserver."""
    # The second replaces the first since 1.34, and a server may send both; all servers count the same objects.
    old = f"max by (resource) ({s.select('apiserver_storage_objects')})"
    new = f"max by (group, resource) ({s.select('apiserver_resource_objects')})"
    return f"topk(10, {new} or on () {old})"


@snippet(unit="bytes", legend="{{storage_cluster_id}}")
def storage_size(s: Scope) -> str:
    """Size of etcd's database file, in bytes. etcd stops taking writes at its quota, 2 GiB unless set higher.
    Source: kube-apiserver."""
    return f"max by (storage_cluster_id) ({s.select('apiserver_storage_size_bytes')})"


# Admission


@snippet(unit="s", legend="{{name}}")
def admission_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time of a write in each built-in admission plug-in, in seconds. Source: kube-apiserver."""
    buckets = s.rate("apiserver_admission_controller_admission_duration_seconds_bucket")
    return _quantile(quantile, f"sum by (le, name) ({buckets})")


@snippet(unit="s", legend="webhook {{name}}")
def webhook_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time of a write in each admission webhook, in seconds; nothing where no webhook was called. Every write that a
    webhook matches waits for it. Source: kube-apiserver."""
    buckets = s.rate("apiserver_admission_webhook_admission_duration_seconds_bucket")
    return _quantile(quantile, f"sum by (le, name) ({buckets})")


# Clients


@snippet(unit="s", legend="client certificates")
def client_certificate_expiry(s: Scope, quantile: float = 0.01) -> str:
    """Time until the client certificates expire, in seconds: one request in a hundred used a certificate with less left
    than that. Counted up to 360 days, estimated within wide steps; nothing where no client uses a certificate.
    Source: kube-apiserver."""
    buckets = s.rate("apiserver_client_certificate_expiration_seconds_bucket")
    return _quantile(quantile, f"sum by (le) ({buckets})")


@snippet(unit="reqps", legend="{{resource}}.{{version}}.{{group}}")
def deprecated_api_requests(s: Scope) -> str:
    """Requests per second of each deprecated API that was used since the servers started, with the release that removes
    it. Zero means that nobody uses it any more. Source: kube-apiserver."""
    api = "group, version, resource, subresource"
    deprecated = f"max by ({api}, removed_release) ({s.select('apiserver_requested_deprecated_apis')})"
    return f"{deprecated} * on ({api}) group_left () sum by ({api}) ({s.rate('apiserver_request_total')})"


# Work queues of the server's own controllers


@snippet(unit="short", legend="{{name}}")
def queue_depth(s: Scope) -> str:
    """Items that wait in each work queue of the server's own controllers. Zero or close to it is normal.
    Source: kube-apiserver."""
    return f"sum by (name) ({s.select('workqueue_depth')})"


@snippet(unit="ops", legend="{{name}}")
def queue_adds(s: Scope) -> str:
    """Items put into each work queue of the server's own controllers, per second. Source: kube-apiserver."""
    return f"sum by (name) ({s.rate('workqueue_adds_total')})"


@snippet(unit="s", legend="{{name}}")
def queue_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time that an item waits in each work queue of the server's own controllers, in seconds.
    Source: kube-apiserver."""
    return _quantile(quantile, f"sum by (le, name) ({s.rate('workqueue_queue_duration_seconds_bucket')})")


# Process


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a server uses: 1 is one core all the time. Source: kube-apiserver."""
    return f"sum by ({s.node}) ({s.rate('process_cpu_seconds_total')})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a server, in bytes. It grows with the objects in the cluster and with large lists.
    Source: kube-apiserver."""
    return f"max by ({s.node}) ({s.select('process_resident_memory_bytes')})"


@snippet(unit="short")
def goroutines(s: Scope) -> str:
    """Goroutines of a server. They follow its open requests; growth without end is a leak. Source: kube-apiserver."""
    return f"max by ({s.node}) ({s.select('go_goroutines')})"
