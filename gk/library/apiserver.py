"""Snippets of kube-apiserver, Kubernetes 1.28 and later: the servers, their load, admission and
clients. Requests are in gk.library.apiserver_requests, the error budget in apiserver_slo, etcd and
watches in apiserver_storage.
https://kubernetes.io/docs/reference/instrumentation/metrics/

Whatever can be absent on a healthy server (errors, rejections, terminations) counts as zero here,
and whatever has no value without traffic returns nothing: no query returns NaN.
"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Scope

__all__ = [
    "ALERTS",
    "SERVER_ERRORS",
    "WITHOUT_LONG_SUBRESOURCES",
    "WITHOUT_LONG_VERBS",
    "exporter",
    "snippet",
]

# Two series a server, there since before 1.14 and always set. apiserver_storage_size_bytes would do
# as well, but it is absent while etcd does not answer, which is when the servers have to be found.
exporter = Exporter("apiserver", metric="apiserver_current_inflight_requests")
snippet = exporter.snippet

# The other requests last as long as their client wants.
WITHOUT_LONG_VERBS = 'verb!~"WATCH|WATCHLIST|CONNECT"'
WITHOUT_LONG_SUBRESOURCES = 'subresource!~"attach|exec|log|portforward|proxy"'
SERVER_ERRORS = 'code=~"5.."'
ALERTS = 'alertname=~"Kube(API|AggregatedAPI|ClientCertificate).*"'
"""Matches the alerts on the API servers by name."""


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
    durations = s.histogram("apiserver_flowcontrol_request_wait_duration_seconds")
    return durations.quantile(quantile, "priority_level")


# Admission


@snippet(unit="s", legend="{{name}}")
def admission_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time of a write in each built-in admission plug-in, in seconds. Source: kube-apiserver."""
    durations = s.histogram("apiserver_admission_controller_admission_duration_seconds")
    return durations.quantile(quantile, "name")


@snippet(unit="s", legend="{{name}}")
def webhook_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time of a write in each admission webhook, in seconds; nothing where no webhook was called.
    Every write that a webhook matches waits for it. Source: kube-apiserver."""
    durations = s.histogram("apiserver_admission_webhook_admission_duration_seconds")
    return durations.quantile(quantile, "name")


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
    return s.histogram("apiserver_client_certificate_expiration_seconds").quantile(quantile)


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
    return s.histogram("workqueue_work_duration_seconds").quantile(quantile, "name")


@snippet(unit="s", legend="{{name}}")
def queue_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time that an item waits in each work queue of the server's own controllers, in seconds.
    Source: kube-apiserver."""
    return s.histogram("workqueue_queue_duration_seconds").quantile(quantile, "name")


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
