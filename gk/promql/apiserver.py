"""Snippets of kube-apiserver, Kubernetes 1.28 and later. https://kubernetes.io/docs/reference/instrumentation/metrics/

Whatever can be absent on a healthy server (errors, rejections, terminations) counts as zero here, and whatever has no
value without traffic returns nothing: no query returns NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

from gk.promql.snippet import Exporter, Scope

__all__ = ["OBJECTIVE", "OBJECT_VERBS", "exporter", "snippet"]

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
    """Requests per second by the resource that is asked for. A sudden leader is often one client in a loop.
    Source: kube-apiserver."""
    return f"sum by (resource) ({s.rate('apiserver_request_total', _OF_RESOURCES)})"


@snippet(unit="reqps")
def requests_by_server(s: Scope) -> str:
    """Requests per second that each server answers. One with far less than the others is not reached by clients;
    far more means that connections are not balanced. Source: kube-apiserver."""
    return f"sum by ({s.node}) ({s.rate('apiserver_request_total')})"


# Errors


@snippet(unit="percentunit", legend="all verbs")
def error_share(s: Scope) -> str:
    """Share of requests that the API servers answered with an error of their own (5xx), 0 to 1.
    Source: kube-apiserver."""
    errors = f"sum({s.rate('apiserver_request_total', _SERVER_ERRORS)}) or vector(0)"
    return f"({errors}) / (sum({s.rate('apiserver_request_total')}) > 0)"


def _error_share(s: Scope, label: str, *matchers: str) -> str:
    errors = f"sum by ({label}) ({s.rate('apiserver_request_total', _SERVER_ERRORS, *matchers)})"
    all_requests = f"sum by ({label}) ({s.rate('apiserver_request_total', *matchers)})"
    return f"({errors} or 0 * {all_requests}) / ({all_requests} > 0)"


@snippet(unit="percentunit", legend="{{verb}}")
def error_share_by_verb(s: Scope) -> str:
    """Share of requests of a verb that were answered with an error of the server (5xx), 0 to 1. Errors of writes alone
    point at etcd or at admission webhooks. Source: kube-apiserver."""
    return _error_share(s, "verb")


@snippet(unit="percentunit", legend="{{resource}}")
def error_share_by_resource(s: Scope) -> str:
    """Share of requests for a resource that were answered with an error of the server (5xx), 0 to 1. Errors of one
    resource alone point at its webhook or its aggregated API. Source: kube-apiserver."""
    return _error_share(s, "resource", _OF_RESOURCES)


@snippet(unit="percentunit", legend="{{$node}}")
def error_share_by_server(s: Scope) -> str:
    """Share of requests that a server answered with an error of its own (5xx), 0 to 1. One server alone is ill itself;
    all of them share what is ill, such as etcd. Source: kube-apiserver."""
    return _error_share(s, s.node)


@snippet(unit="percentunit", legend="terminated")
def terminated_share(s: Scope) -> str:
    """Share of requests that the API servers gave up to protect themselves, 0 to 1: they were overloaded, shutting down
    or out of time. Source: kube-apiserver."""
    terminated = f"(sum({s.rate('apiserver_request_terminations_total')}) or vector(0))"
    return f"{terminated} / (sum({s.rate('apiserver_request_total')}) + {terminated} > 0)"


# The service level: 99% of requests over 30 days are answered without an error of the server, and in time. In time is
# what Kubernetes aims at: 1 s for one object and for every write, 5 s for the list of a namespace, 30 s for that of
# the cluster. kube-prometheus keeps no bucket of 30 s, so that the last is 20 s here.
# https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md

OBJECTIVE = 0.99
"""Share of requests that are to be answered well, over 30 days."""

_KINDS = {"read": 'verb=~"GET|LIST"', "write": 'verb=~"POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION"'}
_SLI = "apiserver_request_sli_duration_seconds"
_REQUESTS, _BAD = "job_kind:apiserver_requests:rate5m", "job_kind:apiserver_requests_bad:rate5m"


def _bound(seconds: int) -> str:
    # Prometheus 3 writes every bound as a float.
    return f'le=~"{seconds}([.]0)?"'


def _in_time(s: Scope, kind: str, window: str) -> str:
    """Requests per second that were answered within their time, by job."""

    def within(seconds: int, *scope: str) -> str:
        matchers = (_KINDS[kind], _LONG_RUNNING_SUBRESOURCES, *scope, _bound(seconds))
        return f"rate({s.range(f'{_SLI}_bucket', *matchers, window=window)})"

    if kind == "write":
        return f"sum by (job) ({within(1)})"
    objects, namespaces = within(1, 'scope!~"namespace|cluster"'), within(5, 'scope="namespace"')
    return f"""sum by (job) ({objects} or {namespaces} or {within(20, 'scope="cluster"')})"""


@snippet(unit="reqps", legend="{{job}}")
def answered(s: Scope, kind: str, over: str = "") -> str:
    """Requests per second that count for the service level, of a kind: `read` or `write`. Source: kube-apiserver."""
    requests = s.range("apiserver_request_total", _KINDS[kind], _LONG_RUNNING_SUBRESOURCES, window=over)
    return f"sum by (job) (rate({requests}))"


@snippet(unit="reqps", legend="{{job}}")
def answered_badly(s: Scope, kind: str, over: str = "") -> str:
    """Requests per second, of a kind (`read` or `write`), that were answered with an error of the server or later than
    Kubernetes aims at: 1 s for one object and for writes, 5 s for the list of a namespace, 20 s for that of the
    cluster. Time in webhooks and in queues does not count. Source: kube-apiserver."""
    matchers = (_KINDS[kind], _LONG_RUNNING_SUBRESOURCES)
    failed = s.range("apiserver_request_total", *matchers, _SERVER_ERRORS, window=over)
    all_timed = s.range(f"{_SLI}_count", *matchers, window=over)
    late = f"clamp_min(sum by (job) (rate({all_timed})) - {_in_time(s, kind, over)}, 0)"
    # Where no request ever failed there is no series of failures, and where none was timed none of times.
    none = f"0 * {answered(s, kind=kind, over=over)}"
    return f"(sum by (job) (rate({failed})) or {none}) + ({late} or {none})"


def _badly_share(bad: str, requests: str) -> str:
    # What fails and is late counts twice above.
    return f"clamp_max({bad} / ({requests} > 0), 1)"


@snippet(unit="percentunit", legend="{{job}}")
def badly_share(s: Scope, kind: str, over: str = "") -> str:
    """Share of requests of a kind (`read` or `write`) that were answered with an error of the server or too late, 0 to
    1. The service level allows 0.01 on average over 30 days. Source: kube-apiserver."""
    return _badly_share(answered_badly(s, kind=kind, over=over), answered(s, kind=kind, over=over))


@snippet(unit="percentunit", legend="last hour")
def availability(s: Scope, over: str = "1h") -> str:
    """Share of requests that were answered without an error of the server and in time during the last hour, 0 to 1.
    It needs no recording rules. Source: kube-apiserver."""
    bad = " + ".join(f"sum({answered_badly(s, kind=kind, over=over)})" for kind in _KINDS)
    requests = " + ".join(f"sum({answered(s, kind=kind, over=over)})" for kind in _KINDS)
    return f"1 - {_badly_share(f'({bad})', f'({requests})')}"


def _recorded_share(s: Scope, over: str, kind: str | None = None) -> str:
    bad, requests = (
        f"sum by (job) (avg_over_time({s.recorded(each, kind=kind)}[{over}]))" for each in (_BAD, _REQUESTS)
    )
    return _badly_share(bad, requests)


@snippet(unit="percentunit", legend="30 days")
def availability_30d(s: Scope, kind: str | None = None) -> str:
    """Share of requests that were answered without an error of the server and in time over 30 days, 0 to 1; the service
    level is 0.99. Before 30 days have passed, over the time that there is. Source: kube-apiserver, by the recording
    rules of the group apiserver-slo."""
    return f"1 - {_recorded_share(s, '30d', kind)}"


@snippet(unit="percentunit", legend="{{job}}")
def recorded_availability(s: Scope) -> str:
    """The course of the availability over 30 days, as it was recorded, 0 to 1; the service level is 0.99.
    Source: kube-apiserver, by the recording rules of the group apiserver-slo."""
    return s.recorded("job:apiserver_availability:ratio30d")


@snippet(unit="percentunit", legend="left")
def error_budget_left(s: Scope) -> str:
    """Share of the error budget of 30 days that is left: 1 if no request failed or was late, 0 if 1 in 100 was, below 0
    if more were. Before 30 days have passed, of the time that there is. Source: kube-apiserver, by the recording rules
    of the group apiserver-slo."""
    return f"1 - {_recorded_share(s, '30d')} / {1 - OBJECTIVE:.2g}"


@snippet(unit="none", legend="burn rate")
def burn_rate(s: Scope, long: str = "1h", short: str = "5m") -> str:
    """How many times faster than allowed the error budget is spent: at 1 it lasts for 30 days, at 14.4 for two. The
    lower one of two windows, so that it rises when the errors last and falls as soon as they end. Source:
    kube-apiserver, by the recording rules of the group apiserver-slo."""
    shares = [f"{_recorded_share(s, window)} / {1 - OBJECTIVE:.2g}" for window in (long, short)]
    # The lower one of two series with the same labels.
    return f"({shares[0]}) < ({shares[1]}) or ({shares[1]})"


# Latency


@snippet(unit="s", legend="{{verb}}")
def latency(s: Scope, quantile: float = 0.99) -> str:
    """Time from a request's arrival to its last byte, in seconds, as clients feel it: webhooks and waiting are in it.
    Half of all requests are faster than p50, all but one in a hundred faster than p99. Requests that last as long as
    their client wants (WATCH, exec, logs) are left out. Source: kube-apiserver."""
    buckets = s.rate("apiserver_request_duration_seconds_bucket", _LONG_RUNNING_VERBS, _LONG_RUNNING_SUBRESOURCES)
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{resource}}")
def latency_by_resource(s: Scope, quantile: float = 0.99) -> str:
    """Time from a request's arrival to its last byte by the resource that is asked for, in seconds. Requests that last
    as long as their client wants are left out. Source: kube-apiserver."""
    matchers = (_LONG_RUNNING_VERBS, _LONG_RUNNING_SUBRESOURCES, _OF_RESOURCES)
    return _quantile(
        quantile, f"sum by (le, resource) ({s.rate('apiserver_request_duration_seconds_bucket', *matchers)})"
    )


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


@snippet(unit="s", legend="{{priority_level}}")
def apf_wait(s: Scope, quantile: float = 0.99) -> str:
    """Time that a request waits in a queue of priority and fairness (APF) before it is worked on, in seconds,
    by priority level. Close to zero is normal; nothing where nobody asks. Source: kube-apiserver."""
    buckets = s.rate("apiserver_flowcontrol_request_wait_duration_seconds_bucket", execute="true")
    return _quantile(quantile, f"sum by (le, priority_level) ({buckets})")


@snippet(unit="percentunit", legend="{{priority_level}}")
def apf_seats_used(s: Scope) -> str:
    """Share of the seats of a priority level that are taken, on the server where it is highest. At 1 requests of that
    level wait. Seats are what priority and fairness (APF) hands out; a large list takes several. Source:
    kube-apiserver."""
    by = f"{s.node}, priority_level"
    taken = f"sum by ({by}) ({s.select('apiserver_flowcontrol_current_executing_seats')})"
    limit = f"max by ({by}) ({s.select('apiserver_flowcontrol_current_limit_seats')})"
    return f"max by (priority_level) ({taken} / ({limit} > 0))"


# Storage


@snippet(unit="reqps", legend="{{operation}}")
def etcd_requests(s: Scope) -> str:
    """Requests per second from the API servers to etcd, by operation. Reads that the watch cache answers are not among
    them. Source: kube-apiserver."""
    return f"sum by (operation) ({s.rate('etcd_requests_total')})"


@snippet(unit="percentunit", legend="{{operation}}")
def etcd_error_share(s: Scope) -> str:
    """Share of requests to etcd that failed, 0 to 1, by operation. Source: kube-apiserver."""
    requests = f"sum by (operation) ({s.rate('etcd_requests_total')})"
    errors = f"sum by (operation) ({s.rate('etcd_request_errors_total')})"
    return f"({errors} or 0 * {requests}) / ({requests} > 0)"


@snippet(unit="s", legend="{{operation}}")
def etcd_latency(s: Scope) -> str:
    """Mean time of a request from the API servers to etcd, in seconds, by operation. Above some tens of milliseconds
    the disks of etcd, or the network to it, are slow. Source: kube-apiserver."""
    seconds = s.rate("etcd_request_duration_seconds_sum")
    count = s.rate("etcd_request_duration_seconds_count")
    return f"sum by (operation) ({seconds}) / (sum by (operation) ({count}) > 0)"


@snippet(unit="short", legend="{{resource}} {{group}}")
def objects(s: Scope) -> str:
    """Objects in storage, by resource. One that keeps growing is not cleaned up, and makes lists slow. Source:
    kube-apiserver."""
    # The second replaces the first since 1.34, and a server may send both; all servers count the same objects.
    old = f"max by (resource) ({s.select('apiserver_storage_objects')})"
    new = f"max by (group, resource) ({s.select('apiserver_resource_objects')})"
    return f"{new} or on () {old}"


@snippet(unit="bytes", legend="{{storage_cluster_id}}")
def storage_size(s: Scope) -> str:
    """Size of etcd's database file, in bytes. etcd stops taking writes at its quota, 2 GiB unless set higher.
    Source: kube-apiserver."""
    return f"max by (storage_cluster_id) ({s.select('apiserver_storage_size_bytes')})"


# Watch cache


@snippet(unit="short", legend="{{resource}}")
def watch_events(s: Scope) -> str:
    """Changes per second that the watch cache got from etcd and hands to watchers, by resource. A resource that changes
    all the time keeps every watcher of it busy. Source: kube-apiserver."""
    return f"sum by (resource) ({s.rate('apiserver_watch_cache_events_received_total')})"


@snippet(unit="short", legend="{{resource}}")
def watch_events_sent(s: Scope) -> str:
    """Changes per second that were sent to clients that watch, by resource: changes times watchers. Source:
    kube-apiserver."""
    return f"sum by (resource) ({s.rate('apiserver_watch_events_total')})"


@snippet(unit="reqps", legend="from the cache")
def cache_lists(s: Scope) -> str:
    """Lists per second that were answered from the watch cache. Source: kube-apiserver."""
    return f"sum({s.rate('apiserver_cache_list_total')})"


@snippet(unit="reqps", legend="from etcd")
def storage_lists(s: Scope) -> str:
    """Lists per second that were read from etcd, because a client asked for the newest state, or for pages of
    it. Many of them load etcd and the servers. Source: kube-apiserver."""
    return f"sum({s.rate('apiserver_storage_list_total')})"


@snippet(unit="short", legend="{{resource}}")
def cache_initializations(s: Scope) -> str:
    """Times that the watch cache of a resource was filled anew during the last hour. Once is a new server; again and
    again, the cache loses etcd. Source: kube-apiserver."""
    filled = s.increase("apiserver_watch_cache_initializations_total", window="1h")
    return f"sum by (resource) (round({filled}))"


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


@snippet(unit="reqps", legend="{{name}} {{rejected}}")
def webhook_requests(s: Scope) -> str:
    """Calls per second of each admission webhook, by whether it rejected the request. Source: kube-apiserver."""
    return f"sum by (name, rejected) ({s.rate('apiserver_admission_webhook_request_total')})"


@snippet(unit="reqps", legend="{{name}} {{error_type}}")
def webhook_rejections(s: Scope) -> str:
    """Requests per second that an admission webhook stopped: with `no_error` it said no, with another type it
    failed, and the request with it. Source: kube-apiserver."""
    return f"sum by (name, error_type) ({s.rate('apiserver_admission_webhook_rejection_count')})"


# Clients


@snippet(unit="s", legend="client certificates")
def client_certificate_expiry(s: Scope, quantile: float = 0.01) -> str:
    """Time until the client certificates expire, in seconds: one request in a hundred used a certificate with less left
    than that. Counted up to 360 days, estimated within wide steps; nothing where no client uses a certificate.
    Source: kube-apiserver."""
    buckets = s.rate("apiserver_client_certificate_expiration_seconds_bucket")
    return _quantile(quantile, f"sum by (le) ({buckets})")


@snippet(unit="percentunit", legend="{{name}}")
def aggregated_api_available(s: Scope, over: str = "10m") -> str:
    """Share of the last ten minutes in which an API that another server provides, such as metrics.k8s.io, was
    available, 0 to 1; the lowest of what the API servers see. Source: kube-apiserver, its aggregator."""
    return f"1 - max by (name) (avg_over_time({s.range('aggregator_unavailable_apiservice', window=over)}))"


@snippet(unit="ops")
def tls_errors(s: Scope) -> str:
    """TLS handshakes per second that failed at a server: clients with the wrong certificate, or something that looks
    whether the port is open. Source: kube-apiserver."""
    return f"sum by ({s.node}) ({s.rate('apiserver_tls_handshake_errors_total')})"


@snippet(unit="reqps", legend="{{result}}")
def authentications(s: Scope) -> str:
    """Requests per second by what came of authentication: success, failure (no way of authentication knew the
    client) or error. Source: kube-apiserver."""
    return f"sum by (result) ({s.rate('authentication_attempts')})"


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


@snippet(unit="ops", legend="{{name}}")
def queue_retries(s: Scope) -> str:
    """Items put back into each work queue per second, because working on them failed. Source: kube-apiserver."""
    return f"sum by (name) ({s.rate('workqueue_retries_total')})"


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


@snippet(unit="percentunit")
def open_files(s: Scope) -> str:
    """Share of the file descriptors that a server may have open which are open, 0 to 1. At 1 it takes no connection any
    more. Source: kube-apiserver."""
    used, limit = s.select("process_open_fds"), s.select("process_max_fds")
    return f"max by ({s.node}) ({used} / clamp_min({limit}, 1))"


@snippet(unit="s")
def uptime(s: Scope) -> str:
    """Seconds since a server was started. Source: kube-apiserver."""
    return f"time() - max by ({s.node}) ({s.select('process_start_time_seconds')})"


# Alerts


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """Alerts on the API servers that fire, each as 1. Nothing where Grafana evaluates the rules. Source: Prometheus's
    own series ALERTS."""
    return f"""sum by (alertname, severity) ({s.firing('alertname=~"KubeAPI.*|KubeClient.*|KubeAggregated.*"')})"""
