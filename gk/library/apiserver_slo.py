"""Snippets of the service level of kube-apiserver: availability, the error budget and how fast it
burns. gk.library.apiserver has the servers themselves.
"""

from __future__ import annotations

from gk.library.apiserver import SERVER_ERRORS, WITHOUT_LONG_SUBRESOURCES, exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["READS", "TARGET", "WRITES", "exporter", "snippet"]

_DURATION = "apiserver_request_sli_duration_seconds"
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


# Service level: straight from the servers' series, to be recorded.


@snippet(unit="reqps", legend="requests")
def counted_requests(s: Scope, kind: str = "") -> str:
    """Requests per second that the service level counts: reads (kind "read"), writes ("write") or
    both. Those that last as long as their client wants do not count. Source: kube-apiserver, its
    service level indicator (SLI)."""
    requests = s.histogram(_DURATION, WITHOUT_LONG_SUBRESOURCES, verb=_VERBS[kind])
    return f"sum by (job) ({requests.count()})"


@snippet(unit="reqps", legend="errors")
def error_requests(s: Scope, kind: str = "") -> str:
    """Requests per second, of those that the service level counts, that were answered with an error
    of the server (5xx). Source: kube-apiserver."""
    errors = s.range(
        "apiserver_request_total",
        SERVER_ERRORS,
        WITHOUT_LONG_SUBRESOURCES,
        verb=_VERBS[kind],
    )
    return f"sum by (job) (rate({errors})) or 0 * {counted_requests(s, kind=kind)}"


@snippet(unit="reqps", legend="slow")
def slow_requests(s: Scope, kind: str = "") -> str:
    """Requests per second that took longer than they should: 1 s for a write and for a read of one
    object, 5 s for a read of a namespace, 20 s for a read of the whole cluster. Time in webhooks
    and in queues does not count. Source: kube-apiserver, its service level indicator (SLI)."""
    in_time = " or ".join(
        s.histogram(_DURATION, WITHOUT_LONG_SUBRESOURCES, verb=verbs, scope=scopes).at_most(seconds)
        for goal in ([kind] if kind else _GOALS)
        for seconds, verbs, scopes in _GOALS[goal]
    )
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
