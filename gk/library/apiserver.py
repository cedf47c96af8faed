"""Snippets of kube-apiserver, Kubernetes 1.28 and later.
https://kubernetes.io/docs/reference/instrumentation/metrics/

Whatever can be absent on a healthy server (errors, rejections, terminations) counts as zero here,
and whatever has no value without traffic returns nothing: no query returns NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

from gk.promql.snippet import Exporter, Scope

__all__ = ["ALERTS", "OBJECT_VERBS", "READS", "TARGET", "WRITES", "exporter", "snippet"]

# Two series a server, there since before 1.14 and always set. apiserver_storage_size_bytes would do
# as well, but it is absent while etcd does not answer, which is when the servers have to be found.
exporter = Exporter("apiserver", metric="apiserver_current_inflight_requests")
snippet = exporter.snippet

OBJECT_VERBS = ("GET", "POST", "PUT", "PATCH", "APPLY", "DELETE")
"""Verbs of requests for one object, which Kubernetes means to answer within one second. Lists may
take up to 30.
https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md"""

READS = ("GET", "LIST")
WRITES = ("POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION")

TARGET = 0.99
"""The service level objective: the share of requests that are to be answered in time and without an
error, over 30 days. What it leaves, 1% of all requests, is the error budget."""

_BUDGET = f"{1 - TARGET:.2g}"

# Seconds within which each kind of request is to be answered. For reads of the whole cluster
# Kubernetes means 30, but kube-prometheus does not keep that bucket; 20 is the next below that
# everybody has.
_GOALS = {
    "read": (
        (1, READS, ("resource", "")),
        (5, READS, ("namespace",)),
        (20, READS, ("cluster",)),
    ),
    "write": ((1, WRITES, None),),
}
_VERBS = {"read": READS, "write": WRITES, "": (*READS, *WRITES)}

# These requests last as long as their client wants.
_LONG_RUNNING_VERBS = 'verb!~"WATCH|WATCHLIST|CONNECT"'
_LONG_RUNNING_SUBRESOURCES = 'subresource!~"attach|exec|log|portforward|proxy"'
_SERVER_ERRORS = 'code=~"5.."'
_NO_SUCCESS = 'code=~"[45].."'
_OF_RESOURCES = 'resource!=""'
ALERTS = 'alertname=~"Kube(API|AggregatedAPI|ClientCertificate).*"'
"""Matches the alerts on the API servers by name."""


def _quantile(quantile: float, buckets: str) -> str:
    # Without observations the quantile is NaN, which no comparison lets through; a duration is
    # never negative.
    return f"histogram_quantile({quantile:g}, {buckets}) >= 0"


# Availability


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """API servers that Prometheus can scrape, 0 if there is none. One per control plane node is
    normal. Source: kube-apiserver, by Prometheus's own series up."""
    return f"sum({s.up()}) or vector(0)"


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """API servers that Prometheus knows and cannot scrape. Source: kube-apiserver, by Prometheus's
    own series up."""
    return f"count({s.up()} == 0) or 0 * count({s.up()})"


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape a server, 1 or 0. Source: kube-apiserver, by Prometheus's own
    series up."""
    return f"max by ({s.node}) ({s.up()})"


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """The alerts on the API servers that fire, each as 1. Nothing while none does, and where
    Grafana evaluates the rules. Source: Prometheus's own series ALERTS."""
    return f"max by (alertname, severity) ({s.firing(ALERTS)})"


@snippet(unit="percentunit", legend="{{name}}")
def aggregated_api_unavailable(s: Scope) -> str:
    """Share of the time in which an aggregated API, such as metrics.k8s.io, did not answer the API
    server, 0 to 1, as the server that saw it worst has it. 0 is normal; APIs that the server itself
    has are always 0. Source: kube-apiserver, its aggregator."""
    return f"max by (name) (avg_over_time({s.range('aggregator_unavailable_apiservice')}))"


# Service level: straight from the servers' series, to be recorded.


@snippet(unit="reqps", legend="requests")
def counted_requests(s: Scope, kind: str = "") -> str:
    """Requests per second that the service level counts: reads (kind "read"), writes ("write") or
    both. Those that last as long as their client wants do not count. Source: kube-apiserver, its
    service level indicator (SLI)."""
    requests = s.range(
        "apiserver_request_sli_duration_seconds_count",
        _LONG_RUNNING_SUBRESOURCES,
        verb=_VERBS[kind],
    )
    return f"sum by (job) (rate({requests}))"


@snippet(unit="reqps", legend="errors")
def error_requests(s: Scope, kind: str = "") -> str:
    """Requests per second, of those that the service level counts, that were answered with an error
    of the server (5xx). Source: kube-apiserver."""
    errors = s.range(
        "apiserver_request_total",
        _SERVER_ERRORS,
        _LONG_RUNNING_SUBRESOURCES,
        verb=_VERBS[kind],
    )
    return f"sum by (job) (rate({errors})) or 0 * {counted_requests(s, kind=kind)}"


@snippet(unit="reqps", legend="slow")
def slow_requests(s: Scope, kind: str = "") -> str:
    """Requests per second that took longer than they should: 1 s for a write and for a read of one
    object, 5 s for a read of a namespace, 20 s for a read of the whole cluster. Time in webhooks
    and in queues does not count. Source: kube-apiserver, its service level indicator (SLI)."""
    buckets = (
        s.range(
            "apiserver_request_sli_duration_seconds_bucket",
            _LONG_RUNNING_SUBRESOURCES,
            verb=verbs,
            scope=scopes,
            # Prometheus 3 writes whole bounds with a decimal.
            le=(f"{seconds}", f"{seconds}.0"),
        )
        for each in ([kind] if kind else _GOALS)
        for seconds, verbs, scopes in _GOALS[each]
    )
    in_time = " or ".join(f"rate({bucket})" for bucket in buckets)
    return f"clamp_min({counted_requests(s, kind=kind)} - sum by (job) ({in_time}), 0)"


# Service level: from recorded series. The rules of alerts/apiserver.py count requests and failed
# ones every minute, by kind, and average that over longer windows, so that no query reads weeks of
# buckets.


@snippet(unit="reqps", legend="{{kind}}")
def recorded_errors(s: Scope, kind: str = "read") -> str:
    """Requests per second of a kind, read or write, that were answered with a server error (5xx).
    Averaged over 5 minutes. Source: recording rules on kube-apiserver's series."""
    return s.recorded("job_kind:apiserver_requests_error:rate5m", kind=kind)


@snippet(unit="reqps", legend="{{kind}}")
def recorded_slow(s: Scope, kind: str = "read") -> str:
    """Requests per second of a kind, read or write, that took too long: more than 1 s for a write
    and for a read of one object, 5 s for a read of a namespace, 20 s for a read of the whole
    cluster. Averaged over 5 minutes. Source: recording rules on kube-apiserver's series."""
    return s.recorded("job_kind:apiserver_requests_slow:rate5m", kind=kind)


@snippet(unit="reqps", legend="{{kind}}")
def recorded_failed(s: Scope, kind: str = "read") -> str:
    """Requests per second of a kind, read or write, that were answered 5xx or took too long; one
    that is both counts twice. Averaged over 5 minutes. Source: recording rules on kube-apiserver's
    series."""
    return f"{recorded_errors(s, kind=kind)} + {recorded_slow(s, kind=kind)}"


@snippet(unit="percentunit", legend="{{job}}")
def recorded_failed_share(s: Scope, window: str = "", by: str = "job") -> str:
    """Share of requests that failed, 0 to 1: answered 5xx, or too slow. Averaged over `window`, or
    what there is of it; without one, the last 5 minutes. Source: recording rules on
    kube-apiserver's series."""
    failed, requests = (
        s.recorded(f"job_kind:apiserver_requests{which}:rate5m") for which in ("_failed", "")
    )
    if window:
        failed, requests = (
            f"avg_over_time({failed}[{window}])",
            f"avg_over_time({requests}[{window}])",
        )
    return f"clamp_max(sum by ({by}) ({failed}) / (sum by ({by}) ({requests}) > 0), 1)"


@snippet(unit="percentunit", legend="{{kind}}")
def availability_by_kind(s: Scope) -> str:
    """Share of reads and of writes that were answered in time and without a server error (5xx), 0
    to 1, over 5 minutes. The objective is 99% over 30 days. In time is 1 s for a write and for a
    read of one object, 5 s for a read of a namespace, 20 s for a read of the whole cluster. Source:
    recording rules on kube-apiserver's series."""
    return f"1 - {recorded_failed_share(s, by='kind')}"


@snippet(unit="percentunit", legend="availability")
def availability_1h(s: Scope) -> str:
    """Share of requests of the last hour that were answered in time and without a server error
    (5xx), 0 to 1. The objective is 99% over 30 days. Source: recording rules on kube-apiserver's
    series."""
    return f"1 - {s.recorded('job:apiserver_requests_failed:ratio_rate1h')}"


@snippet(unit="none", legend="{{job}}")
def burn(s: Scope, window: str = "1h") -> str:
    """How many times faster than the objective allows requests failed within `window`: at 1 the
    budget of 30 days lasts 30 days, at 14.4 two. Source: recording rules on kube-apiserver's
    series."""
    share = s.recorded(f"job:apiserver_requests_failed:ratio_rate{window}")
    return f"{share} / {_BUDGET}"


@snippet(unit="none", legend="{{job}}")
def burn_rate(s: Scope, long: str = "1h", short: str = "5m") -> str:
    """How many times faster than the objective allows the error budget is used up: the smaller of
    the rates over a long and a short window, so that it is high only if much was lost and still is.
    At 1 the budget of 30 days lasts 30 days, at 6 five, at 14.4 two. Source: recording rules on
    kube-apiserver's series."""
    within_long, within_short = burn(s, window=long), burn(s, window=short)
    return f"{within_long} <= {within_short} or {within_short}"


@snippet(unit="percentunit", legend="all requests")
def availability_30d(s: Scope) -> str:
    """Share of requests of the last 30 days that were answered in time and without an error of the
    server, 0 to 1, by the minute. Before 30 days have been recorded it is that of what there is;
    Prometheus itself keeps 15 unless told otherwise. Source: recording rules on kube-apiserver's
    series."""
    return f"1 - {s.recorded('job:apiserver_requests_failed:ratio_rate30d')}"


@snippet(unit="percentunit", legend="{{kind}}")
def availability_30d_by_kind(s: Scope) -> str:
    """Share of reads and of writes of the last 30 days, or what is recorded of them, that were
    answered in time and without an error of the server, 0 to 1. Source: recording rules on
    kube-apiserver's series."""
    return f"1 - {s.recorded('job_kind:apiserver_requests_failed:ratio_rate30d')}"


@snippet(unit="percentunit", legend="left")
def budget_left(s: Scope) -> str:
    """What is left of the error budget, the 1% of the requests of 30 days that may fail: 1 is all
    of it, 0 none, less than 0 means that the objective was missed. Before 30 days have been
    recorded it is that of what there is. Source: recording rules on kube-apiserver's series."""
    return f"1 - {s.recorded('job:apiserver_requests_failed:ratio_rate30d')} / {_BUDGET}"


# Requests and latency: straight from the servers' series. Each has thousands of buckets, and some
# hundred counters, so these are for tables, tiles and rules, which ask once.


@snippet(unit="reqps", legend="{{verb}}")
def requests_by_verb(s: Scope) -> str:
    """Requests per second by verb. GET and LIST read, WATCH opens a stream of changes, the others
    write. Source: kube-apiserver."""
    return f"sum by (verb) ({s.rate('apiserver_request_total')})"


@snippet(unit="reqps", legend="{{verb}} {{resource}}")
def requests_by_verb_and_resource(s: Scope) -> str:
    """Requests per second by verb and resource, without those that last as long as their client
    wants. Source: kube-apiserver."""
    requests = s.rate(
        "apiserver_request_duration_seconds_count",
        _LONG_RUNNING_VERBS,
        _LONG_RUNNING_SUBRESOURCES,
        _OF_RESOURCES,
    )
    return f"sum by (verb, resource) ({requests})"


@snippet(unit="percentunit", legend="all verbs")
def error_share(s: Scope) -> str:
    """Share of requests that the API servers answered with an error of their own (5xx), 0 to 1.
    Source: kube-apiserver."""
    errors = f"sum({s.rate('apiserver_request_total', _SERVER_ERRORS)}) or vector(0)"
    return f"({errors}) / (sum({s.rate('apiserver_request_total')}) > 0)"


@snippet(unit="percentunit", legend="{{verb}}")
def error_share_by_verb(s: Scope) -> str:
    """Share of requests of a verb that were answered with a server error (5xx), 0 to 1. Errors of
    writes alone point at etcd or at admission webhooks. Source: kube-apiserver."""
    errors = f"sum by (verb) ({s.rate('apiserver_request_total', _SERVER_ERRORS)})"
    all_requests = f"sum by (verb) ({s.rate('apiserver_request_total')})"
    return f"({errors} or 0 * {all_requests}) / ({all_requests} > 0)"


@snippet(unit="reqps", legend="{{verb}} {{resource}} {{code}}")
def errors_by_resource(s: Scope) -> str:
    """Requests per second that were answered with a server error (5xx), by verb, resource and
    status code. 0 if there never was one. Source: kube-apiserver."""
    errors = s.rate("apiserver_request_total", _SERVER_ERRORS)
    # Without any error there are no labels to show a zero for: every verb stands for itself.
    return f"sum by (verb, resource, code) ({errors}) or on () 0 * {requests_by_verb(s)}"


@snippet(unit="percentunit", legend="terminated")
def terminated_share(s: Scope) -> str:
    """Share of requests that the API servers gave up to protect themselves, 0 to 1: they were
    overloaded, shutting down or out of time. Source: kube-apiserver."""
    terminated = f"(sum({s.rate('apiserver_request_terminations_total')}) or vector(0))"
    return f"{terminated} / (sum({s.rate('apiserver_request_total')}) + {terminated} > 0)"


@snippet(unit="s", legend="{{verb}}")
def latency(s: Scope, quantile: float = 0.99) -> str:
    """Time from a request's arrival to its last byte, in seconds, as clients feel it: webhooks and
    waiting are in it. Requests that last as long as their client wants (WATCH, exec, logs) are left
    out. Source: kube-apiserver."""
    buckets = s.rate(
        "apiserver_request_duration_seconds_bucket", _LONG_RUNNING_VERBS, _LONG_RUNNING_SUBRESOURCES
    )
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{verb}}")
def sli_latency(s: Scope, quantile: float = 0.99, verb: Sequence[str] = OBJECT_VERBS) -> str:
    """Time that the API servers themselves need for a request, in seconds: without webhooks and
    without waiting for fair queueing. For one object it is meant to stay below 1 s at p99. Source:
    kube-apiserver, its service level indicator (SLI)."""
    buckets = s.rate(
        "apiserver_request_sli_duration_seconds_bucket", _LONG_RUNNING_SUBRESOURCES, verb=verb
    )
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{verb}} {{resource}}")
def latency_by_resource(s: Scope, quantile: float = 0.99) -> str:
    """Time that requests for each resource take, in seconds, as clients feel it. Lists of large or
    many objects are the slow ones. Requests that last as long as their client wants are left out.
    Source: kube-apiserver."""
    buckets = s.rate(
        "apiserver_request_duration_seconds_bucket",
        _LONG_RUNNING_VERBS,
        _LONG_RUNNING_SUBRESOURCES,
        _OF_RESOURCES,
    )
    return _quantile(quantile, f"sum by (le, verb, resource) ({buckets})")


# Requests and latency: what the rules of alerts/apiserver.py record every minute, and graphs read.
# A graph of an hour over the servers' own buckets would read millions of samples.


@snippet(unit="reqps", legend="{{$node}} {{verb}} {{code}}")
def counted_by_verb_and_code(s: Scope) -> str:
    """Requests per second of a server by verb and status code, to be recorded. Source:
    kube-apiserver."""
    return f"sum by (job, {s.node}, verb, code) ({s.rate('apiserver_request_total')})"


@snippet(unit="reqps", legend="{{resource}}")
def counted_by_resource(s: Scope) -> str:
    """Requests per second by resource, to be recorded. Source: kube-apiserver."""
    return f"sum by (job, resource) ({s.rate('apiserver_request_total', _OF_RESOURCES)})"


@snippet(unit="reqps", legend="{{verb}} {{le}}")
def counted_by_duration(s: Scope) -> str:
    """Requests per second by verb that took no longer than `le` seconds, to be recorded. Requests
    that last as long as their client wants (WATCH, exec, logs) are left out. Source:
    kube-apiserver."""
    buckets = s.rate(
        "apiserver_request_duration_seconds_bucket", _LONG_RUNNING_VERBS, _LONG_RUNNING_SUBRESOURCES
    )
    return f"sum by (job, verb, le) ({buckets})"


@snippet(unit="reqps", legend="{{verb}} {{le}}")
def counted_by_sli_duration(s: Scope) -> str:
    """Requests per second for single objects by verb that took the API servers themselves no longer
    than `le` seconds, to be recorded. Source: kube-apiserver, its service level indicator (SLI)."""
    buckets = s.rate(
        "apiserver_request_sli_duration_seconds_bucket",
        _LONG_RUNNING_SUBRESOURCES,
        verb=OBJECT_VERBS,
    )
    return f"sum by (job, verb, le) ({buckets})"


def _by_verb_and_code(s: Scope, *matchers: str) -> str:
    return s.recorded("job_server_verb_code:apiserver_requests:rate5m", *matchers)


@snippet(unit="reqps", legend="{{verb}}")
def recorded_by_verb(s: Scope) -> str:
    """Requests per second by verb, over 5 minutes. GET and LIST read, WATCH opens a stream of
    changes, the others write. Source: recording rules on kube-apiserver's series."""
    return f"sum by (verb) ({_by_verb_and_code(s)})"


@snippet(unit="reqps", legend="{{code}}")
def recorded_by_code(s: Scope) -> str:
    """Requests per second by HTTP status code, over 5 minutes. 404 and 409 are part of normal work,
    429 is a request turned away under load, 5xx a server error; 0 is a connection that was taken
    over, as by exec. Source: recording rules on kube-apiserver's series."""
    return f"sum by (code) ({_by_verb_and_code(s)})"


@snippet(unit="reqps", legend="{{resource}}")
def recorded_by_resource(s: Scope) -> str:
    """Requests per second by resource, over 5 minutes. A sudden leader is often one client in a
    loop. Source: recording rules on kube-apiserver's series."""
    return f"sum by (resource) ({s.recorded('job_resource:apiserver_requests:rate5m')})"


@snippet(unit="reqps", legend="{{code}}")
def recorded_errors_by_code(s: Scope) -> str:
    """Requests per second that were answered 4xx or 5xx, by HTTP status code, over 5 minutes. 404
    and 409 are part of normal work, 401 and 403 are clients without rights, 429 are requests turned
    away under load, 5xx server errors. Source: recording rules on kube-apiserver's series."""
    errors = f"sum by (code) ({_by_verb_and_code(s, _NO_SUCCESS)})"
    # Where no request failed there is no code to show a zero for.
    none = f"0 * sum({_by_verb_and_code(s)})"
    return f'{errors} or on () label_replace({none}, "code", "none", "", "")'


def _recorded_error_share(s: Scope, *by: str) -> str:
    labels = ", ".join(by)
    errors, requests = (
        f"sum by ({labels}) ({_by_verb_and_code(s, *matchers)})"
        for matchers in ((_SERVER_ERRORS,), ())
    )
    return f"({errors} or 0 * {requests}) / ({requests} > 0)"


@snippet(unit="percentunit", legend="{{verb}}")
def recorded_error_share(s: Scope) -> str:
    """Share of requests of a verb that were answered with a server error (5xx), 0 to 1, over 5
    minutes. Errors of writes alone point at etcd or at admission webhooks. Source: recording rules
    on kube-apiserver's series."""
    return _recorded_error_share(s, "verb")


@snippet(unit="percentunit")
def recorded_error_share_by_server(s: Scope) -> str:
    """Share of requests that a server answered with an error of its own (5xx), 0 to 1, over 5
    minutes. One server alone is ill itself; if all are, they share the cause, such as etcd. Source:
    recording rules on kube-apiserver's series."""
    return _recorded_error_share(s, s.node)


@snippet(unit="s", legend="{{verb}}")
def recorded_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time from a request's arrival to its last byte, in seconds, as clients feel it, over 5
    minutes: webhooks and waiting are in it. Half of all requests are faster than p50, all but one
    in a hundred faster than p99. WATCH, exec and logs are left out. Source: recording rules on
    kube-apiserver's series."""
    buckets = s.recorded("job_verb_le:apiserver_request_duration:rate5m")
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{verb}}")
def recorded_sli_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time that the API servers themselves need for a request for a single object, in seconds, over
    5 minutes: without webhooks and without waiting for fair queueing. It is meant to stay below 1 s
    at p99. Source: recording rules on kube-apiserver's series."""
    buckets = s.recorded("job_verb_le:apiserver_request_sli_duration:rate5m")
    return _quantile(quantile, f"sum by (le, verb) ({buckets})")


@snippet(unit="s", legend="{{le}}")
def recorded_durations(s: Scope) -> str:
    """Requests per second by how long they took, in seconds, over 5 minutes. A second band that
    appears above the usual one is a group of slow requests that averages hide. WATCH, exec and logs
    are left out. Source: recording rules on kube-apiserver's series."""
    return f"sum by (le) ({s.recorded('job_verb_le:apiserver_request_duration:rate5m')})"


# Saturation


@snippet(unit="short", legend="{{request_kind}}")
def inflight(s: Scope) -> str:
    """Requests being worked on, the most within a second, that read or that write (mutating). By
    default a server takes 600 at once, of both kinds together. Source: kube-apiserver."""
    return f"sum by (request_kind) ({s.select('apiserver_current_inflight_requests')})"


@snippet(unit="short", legend="{{verb}}")
def long_running(s: Scope) -> str:
    """Open requests that last as long as their client wants: watches, exec, logs, port forwards. A
    drop to zero is a restart; all clients come back at once afterwards. Source: kube-apiserver."""
    return f"sum by (verb) ({s.select('apiserver_longrunning_requests')})"


@snippet(unit="short", legend="{{priority_level}}")
def apf_executing(s: Scope) -> str:
    """Requests that priority and fairness (APF) let through and that are being worked on, by
    priority level. Source: kube-apiserver."""
    return (
        f"sum by (priority_level) ({s.select('apiserver_flowcontrol_current_executing_requests')})"
    )


@snippet(unit="short", legend="{{priority_level}}")
def apf_waiting(s: Scope) -> str:
    """Requests that wait in a queue of priority and fairness (APF), by priority level. Anything
    above zero for long means that the level has too few seats for its clients. Source:
    kube-apiserver."""
    return f"sum by (priority_level) ({s.select('apiserver_flowcontrol_current_inqueue_requests')})"


@snippet(unit="reqps", legend="{{priority_level}}")
def apf_rejected(s: Scope) -> str:
    """Requests per second that priority and fairness (APF) turned away with 429, by priority level:
    the queue was full, or the wait too long. Zero is normal. Source: kube-apiserver."""
    # A level that never rejected has no series: it counts as zero where it let requests through.
    dispatched = s.rate("apiserver_flowcontrol_dispatched_requests_total")
    rejected = s.rate("apiserver_flowcontrol_rejected_requests_total")
    return f"sum by (priority_level) ({rejected}) or 0 * sum by (priority_level) ({dispatched})"


@snippet(unit="percentunit", legend="{{priority_level}}")
def apf_seats_used(s: Scope) -> str:
    """Share of its seats that a priority level of priority and fairness (APF) uses, 0 to 1, over
    all servers. At 1 further requests wait or are turned away. Borrowed seats count as its own;
    exempt requests never wait. Source: kube-apiserver."""
    level = 'priority_level!="exempt"'
    used = s.select("apiserver_flowcontrol_current_executing_seats", level)
    seats = s.select("apiserver_flowcontrol_current_limit_seats", level)
    return f"sum by (priority_level) ({used}) / (sum by (priority_level) ({seats}) > 0)"


@snippet(unit="s", legend="{{priority_level}}")
def apf_wait(s: Scope, quantile: float = 0.99) -> str:
    """Time that requests wait in a queue of priority and fairness (APF), in seconds, by priority
    level; those that were let through at once count with zero. Source: kube-apiserver."""
    buckets = s.rate("apiserver_flowcontrol_request_wait_duration_seconds_bucket")
    return _quantile(quantile, f"sum by (le, priority_level) ({buckets})")


# Storage


@snippet(unit="ops", legend="{{operation}}")
def counted_etcd_requests(s: Scope) -> str:
    """Requests from the API servers to etcd per second, by operation, to be recorded. Source:
    kube-apiserver."""
    return f"sum by (job, operation) ({s.rate('etcd_request_duration_seconds_count')})"


@snippet(unit="none", legend="{{operation}}")
def counted_etcd_seconds(s: Scope) -> str:
    """Seconds that requests from the API servers to etcd took, per second, by operation, to be
    recorded. Source: kube-apiserver."""
    return f"sum by (job, operation) ({s.rate('etcd_request_duration_seconds_sum')})"


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
    return _quantile(
        quantile, f"sum by (le, operation) ({s.rate('etcd_request_duration_seconds_bucket')})"
    )


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
    return f"sum by (resource) ({s.rate('apiserver_watch_events_sizes_sum')})"


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
    seconds = s.rate("apiserver_watch_cache_read_wait_seconds_sum")
    count = s.rate("apiserver_watch_cache_read_wait_seconds_count")
    return f"sum by (resource) ({seconds}) / (sum by (resource) ({count}) > 0)"


@snippet(unit="short", legend="{{resource}}")
def cache_initializations(s: Scope) -> str:
    """Times within an hour that a watch cache was filled anew, by resource. It happens at a start;
    again and again means that its watch of etcd breaks. Source: kube-apiserver."""
    filled = s.range("apiserver_watch_cache_initializations_total", window="1h")
    return f"sum by (resource) (increase({filled}))"


# Admission


@snippet(unit="s", legend="{{name}}")
def admission_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time of a write in each built-in admission plug-in, in seconds. Source: kube-apiserver."""
    buckets = s.rate("apiserver_admission_controller_admission_duration_seconds_bucket")
    return _quantile(quantile, f"sum by (le, name) ({buckets})")


@snippet(unit="s", legend="{{name}}")
def webhook_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time of a write in each admission webhook, in seconds; nothing where no webhook was called.
    Every write that a webhook matches waits for it. Source: kube-apiserver."""
    buckets = s.rate("apiserver_admission_webhook_admission_duration_seconds_bucket")
    return _quantile(quantile, f"sum by (le, name) ({buckets})")


@snippet(unit="reqps", legend="{{name}}")
def webhook_requests(s: Scope) -> str:
    """Calls of each admission webhook per second. Source: kube-apiserver."""
    return f"sum by (name) ({s.rate('apiserver_admission_webhook_request_total')})"


@snippet(unit="reqps", legend="{{name}}")
def webhook_rejections(s: Scope) -> str:
    """Writes per second that each admission webhook refused, as it is there to do. Source:
    kube-apiserver."""
    refused = s.rate("apiserver_admission_webhook_rejection_count", error_type="no_error")
    return f"sum by (name) ({refused}) or 0 * {webhook_requests(s)}"


@snippet(unit="reqps", legend="{{name}}")
def webhook_failures(s: Scope) -> str:
    """Calls of each admission webhook per second that failed, such as by a timeout, whether the
    write was then refused or let through, as its failurePolicy has it. Zero is normal. Source:
    kube-apiserver."""
    refused = s.rate("apiserver_admission_webhook_rejection_count", 'error_type!="no_error"')
    let_through = s.rate("apiserver_admission_webhook_fail_open_count")
    # The two have different labels, so a union of both keeps every series.
    return f"sum by (name) ({refused} or {let_through}) or 0 * {webhook_requests(s)}"


# Clients


@snippet(unit="reqps", legend="{{result}}")
def authentications(s: Scope) -> str:
    """Authentications per second by result. Failures are clients with wrong or expired credentials.
    Source: kube-apiserver."""
    return f"sum by (result) ({s.rate('authentication_attempts')})"


@snippet(unit="reqps", legend="TLS handshakes failed")
def tls_errors(s: Scope) -> str:
    """TLS handshakes per second that failed: clients that do not trust the server's certificate, or
    that hang up. Source: kube-apiserver."""
    return f"sum({s.rate('apiserver_tls_handshake_errors_total')})"


@snippet(unit="s", legend="client certificates")
def client_certificate_expiry(s: Scope, quantile: float = 0.01) -> str:
    """Time until the client certificates expire, in seconds: one request in a hundred used a
    certificate with less left than that. Counted up to 360 days, estimated within wide steps;
    nothing where no client uses a certificate. Source: kube-apiserver."""
    buckets = s.rate("apiserver_client_certificate_expiration_seconds_bucket")
    return _quantile(quantile, f"sum by (le) ({buckets})")


@snippet(unit="reqps", legend="{{resource}}.{{version}}.{{group}}")
def deprecated_api_requests(s: Scope) -> str:
    """Requests per second of each deprecated API that was used since the servers started, with the
    release that removes it. Zero means that nobody uses it any more. Source: kube-apiserver."""
    api = "group, version, resource, subresource"
    deprecated = (
        f"max by ({api}, removed_release) ({s.select('apiserver_requested_deprecated_apis')})"
    )
    return (
        f"{deprecated} * on ({api}) group_left () "
        f"sum by ({api}) ({s.rate('apiserver_request_total')})"
    )


# Work queues of the server's own controllers


@snippet(unit="short", legend="{{name}}")
def queue_depth(s: Scope) -> str:
    """Items that wait in each work queue of the server's own controllers. Zero or close to it is
    normal. Source: kube-apiserver."""
    return f"sum by (name) ({s.select('workqueue_depth')})"


@snippet(unit="ops", legend="{{name}}")
def queue_adds(s: Scope) -> str:
    """Items put into each work queue of the server's own controllers, per second. Source:
    kube-apiserver."""
    return f"sum by (name) ({s.rate('workqueue_adds_total')})"


@snippet(unit="ops", legend="{{name}}")
def queue_retries(s: Scope) -> str:
    """Items put back into each work queue after a failure, per second. Source: kube-apiserver."""
    return f"sum by (name) ({s.rate('workqueue_retries_total')})"


@snippet(unit="s", legend="{{name}}")
def queue_work(s: Scope, quantile: float = 0.99) -> str:
    """Time that the work on an item of each work queue takes, in seconds. Source:
    kube-apiserver."""
    return _quantile(
        quantile, f"sum by (le, name) ({s.rate('workqueue_work_duration_seconds_bucket')})"
    )


@snippet(unit="s", legend="{{name}}")
def queue_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time that an item waits in each work queue of the server's own controllers, in seconds.
    Source: kube-apiserver."""
    return _quantile(
        quantile, f"sum by (le, name) ({s.rate('workqueue_queue_duration_seconds_bucket')})"
    )


# Process


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a server uses: 1 is one core all the time. Source: kube-apiserver."""
    return f"sum by ({s.node}) ({s.rate('process_cpu_seconds_total')})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a server, in bytes. It grows with the objects in the cluster and with
    large lists. Source: kube-apiserver."""
    return f"max by ({s.node}) ({s.select('process_resident_memory_bytes')})"


@snippet(unit="short")
def goroutines(s: Scope) -> str:
    """Goroutines of a server. They follow its open requests; growth without end is a leak. Source:
    kube-apiserver."""
    return f"max by ({s.node}) ({s.select('go_goroutines')})"


@snippet(unit="percentunit")
def file_descriptors(s: Scope) -> str:
    """Share of the file descriptors that a server may open that it has open, 0 to 1. Each
    connection takes one. Source: kube-apiserver."""
    opened, allowed = s.select("process_open_fds"), s.select("process_max_fds")
    return f"max by ({s.node}) ({opened} / ({allowed} > 0))"


@snippet(unit="s")
def uptime(s: Scope) -> str:
    """Time since a server started, in seconds. Source: kube-apiserver."""
    return f"time() - max by ({s.node}) ({s.select('process_start_time_seconds')})"
