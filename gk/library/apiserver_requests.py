"""Snippets of the requests that kube-apiserver answers: how many, which fail, how long they take.
gk.library.apiserver has the servers themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from gk.library.apiserver import (
    SERVER_ERRORS,
    WITHOUT_LONG_SUBRESOURCES,
    WITHOUT_LONG_VERBS,
    exporter,
    snippet,
)
from gk.promql.snippet import Scope

__all__ = ["OBJECT_VERBS", "exporter", "snippet"]

OBJECT_VERBS = ("GET", "POST", "PUT", "PATCH", "APPLY", "DELETE")
"""Verbs of requests for one object, which Kubernetes means to answer within one second. Lists may
take up to 30.
https://github.com/kubernetes/community/blob/master/sig-scalability/slos/api_call_latency.md"""
_NO_SUCCESS = 'code=~"[45].."'
_OF_RESOURCES = 'resource!=""'


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
    requests = s.histogram(
        "apiserver_request_duration_seconds",
        WITHOUT_LONG_VERBS,
        WITHOUT_LONG_SUBRESOURCES,
        _OF_RESOURCES,
    )
    return f"sum by (verb, resource) ({requests.count()})"


@snippet(unit="percentunit", legend="all verbs")
def error_share(s: Scope) -> str:
    """Share of requests that the API servers answered with an error of their own (5xx), 0 to 1.
    Source: kube-apiserver."""
    errors = f"sum({s.rate('apiserver_request_total', SERVER_ERRORS)}) or vector(0)"
    return f"({errors}) / (sum({s.rate('apiserver_request_total')}) > 0)"


@snippet(unit="percentunit", legend="{{verb}}")
def error_share_by_verb(s: Scope) -> str:
    """Share of requests of a verb that were answered with a server error (5xx), 0 to 1. Errors of
    writes alone point at etcd or at admission webhooks. Source: kube-apiserver."""
    errors = f"sum by (verb) ({s.rate('apiserver_request_total', SERVER_ERRORS)})"
    all_requests = f"sum by (verb) ({s.rate('apiserver_request_total')})"
    return f"({errors} or 0 * {all_requests}) / ({all_requests} > 0)"


@snippet(unit="reqps", legend="{{verb}} {{resource}} {{code}}")
def errors_by_resource(s: Scope) -> str:
    """Requests per second that were answered with a server error (5xx), by verb, resource and
    status code. 0 if there never was one. Source: kube-apiserver."""
    errors = s.rate("apiserver_request_total", SERVER_ERRORS)
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
    durations = s.histogram(
        "apiserver_request_duration_seconds", WITHOUT_LONG_VERBS, WITHOUT_LONG_SUBRESOURCES
    )
    return durations.quantile(quantile, "verb")


@snippet(unit="s", legend="{{verb}}")
def sli_latency(s: Scope, quantile: float = 0.99, verb: Sequence[str] = OBJECT_VERBS) -> str:
    """Time that the API servers themselves need for a request, in seconds: without webhooks and
    without waiting for fair queueing. For one object it is meant to stay below 1 s at p99. Source:
    kube-apiserver, its service level indicator (SLI)."""
    durations = s.histogram(
        "apiserver_request_sli_duration_seconds", WITHOUT_LONG_SUBRESOURCES, verb=verb
    )
    return durations.quantile(quantile, "verb")


@snippet(unit="s", legend="{{verb}} {{resource}}")
def latency_by_resource(s: Scope, quantile: float = 0.99) -> str:
    """Time that requests for each resource take, in seconds, as clients feel it. Lists of large or
    many objects are the slow ones. Requests that last as long as their client wants are left out.
    Source: kube-apiserver."""
    durations = s.histogram(
        "apiserver_request_duration_seconds",
        WITHOUT_LONG_VERBS,
        WITHOUT_LONG_SUBRESOURCES,
        _OF_RESOURCES,
    )
    return durations.quantile(quantile, "verb", "resource")


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
    durations = s.histogram(
        "apiserver_request_duration_seconds", WITHOUT_LONG_VERBS, WITHOUT_LONG_SUBRESOURCES
    )
    return durations.buckets("job", "verb")


@snippet(unit="reqps", legend="{{verb}} {{le}}")
def counted_by_sli_duration(s: Scope) -> str:
    """Requests per second for single objects by verb that took the API servers themselves no longer
    than `le` seconds, to be recorded. Source: kube-apiserver, its service level indicator (SLI)."""
    durations = s.histogram(
        "apiserver_request_sli_duration_seconds", WITHOUT_LONG_SUBRESOURCES, verb=OBJECT_VERBS
    )
    return durations.buckets("job", "verb")


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
        for matchers in ((SERVER_ERRORS,), ())
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
    durations = s.recorded_histogram("job_verb_le:apiserver_request_duration:rate5m")
    return durations.quantile(quantile, "verb")


@snippet(unit="s", legend="{{verb}}")
def recorded_sli_latency(s: Scope, quantile: float = 0.99) -> str:
    """Time that the API servers themselves need for a request for a single object, in seconds, over
    5 minutes: without webhooks and without waiting for fair queueing. It is meant to stay below 1 s
    at p99. Source: recording rules on kube-apiserver's series."""
    durations = s.recorded_histogram("job_verb_le:apiserver_request_sli_duration:rate5m")
    return durations.quantile(quantile, "verb")


@snippet(unit="s", legend="{{le}}")
def recorded_durations(s: Scope) -> str:
    """Requests per second by how long they took, in seconds, over 5 minutes. A second band that
    appears above the usual one is a group of slow requests that averages hide. WATCH, exec and logs
    are left out. Source: recording rules on kube-apiserver's series."""
    return s.recorded_histogram("job_verb_le:apiserver_request_duration:rate5m").buckets()
