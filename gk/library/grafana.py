"""Snippets of Grafana, 9.3 to 13: HTTP requests, data sources and alerting.
https://grafana.com/docs/grafana/latest/setup-grafana/set-up-grafana-monitoring/

What Grafana has not done yet has no series: requests of data sources, evaluations of alert rules.
No query returns NaN.
"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("grafana", metric="grafana_build_info", target="Grafana")
snippet = exporter.snippet

_REQUESTS = "grafana_http_request_duration_seconds"
_ERRORS = 'status_code=~"5.."'
# Requests that Grafana passes on fail with the status of the data source; the connection of live
# updates lasts as long as a browser's tab.
_PASSED_ON = 'handler!~"/api/datasources/.*(proxy|resources).*|/api/ds/query.*"'
_LIVE = 'handler!~"/api/live/.*"'


def _each(s: Scope) -> str:
    """The labels that tell servers apart; pod and namespace only name them."""
    return f"namespace, pod, {s.node}"


def _own(s: Scope, expr: str) -> str:
    """What Grafana itself sends, of a job that may scrape other targets."""
    return f"({expr} and on (job, instance) {s.select('grafana_build_info')})"


# The server and its process


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether a Grafana is scraped, 1 or 0. Source: Prometheus's own series up."""
    return f"min by ({_each(s)}) ({s.up()})"


@snippet(unit="short", legend="{{$node}} {{version}}")
def version(s: Scope) -> str:
    """The version of each Grafana, in the label version. Source: Grafana."""
    return f"max by ({_each(s)}, version) ({s.select('grafana_build_info')})"


@snippet(unit="s")
def uptime(s: Scope) -> str:
    """Time since the process started, in seconds. Source: Grafana."""
    started = _own(s, s.select("process_start_time_seconds"))
    return f"time() - max by ({_each(s)}) ({started})"


@snippet(unit="short", legend="{{$node}} Grafana")
def cpu(s: Scope) -> str:
    """Cores that Grafana uses. Source: Grafana."""
    return f"sum by ({_each(s)}) ({_own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes", legend="{{$node}} Grafana")
def memory(s: Scope) -> str:
    """Resident memory of Grafana, in bytes. Source: Grafana."""
    return f"max by ({_each(s)}) ({_own(s, s.select('process_resident_memory_bytes'))})"


# HTTP requests


@snippet(unit="reqps", legend="{{status_code}}")
def requests(s: Scope) -> str:
    """HTTP requests per second by status code. Source: Grafana."""
    return f"sum by (status_code) ({s.histogram(_REQUESTS).count()})"


@snippet(unit="percentunit", legend="{{handler}}")
def error_share(s: Scope) -> str:
    """Share of the HTTP requests that Grafana answered with an error of the server (5xx), 0 to 1,
    by handler. Requests that it passes on to data sources do not count. Source: Grafana."""
    by = "job, namespace, handler"
    errors = s.histogram(_REQUESTS, _ERRORS, _PASSED_ON).count()
    all_requests = s.histogram(_REQUESTS, _PASSED_ON).count()
    return f"sum by ({by}) ({errors}) / (sum by ({by}) ({all_requests}) > 0)"


@snippet(unit="s", legend="p99")
def latency(s: Scope) -> str:
    """Duration of HTTP requests that one in a hundred exceeds (p99), in seconds. Live connections
    do not count. Source: Grafana."""
    return s.histogram(_REQUESTS, _LIVE).quantile(0.99)


@snippet(unit="s", legend="mean")
def latency_mean(s: Scope) -> str:
    """Mean duration of HTTP requests, in seconds. Live connections do not count. Source:
    Grafana."""
    return s.histogram(_REQUESTS, _LIVE).avg()


# Data sources


@snippet(unit="reqps", legend="{{datasource}}")
def datasource_requests(s: Scope) -> str:
    """Requests per second of Grafana to a data source. Source: Grafana."""
    return f"sum by (datasource) ({s.rate('grafana_datasource_request_total')})"


@snippet(unit="percentunit", legend="{{datasource}}")
def datasource_errors(s: Scope) -> str:
    """Share of the requests to a data source that were not answered with success (2xx), 0 to 1.
    4xx is a query that is wrong, 5xx a data source that fails or is not reached. Source:
    Grafana."""
    failed = s.rate("grafana_datasource_request_total", 'code!~"2.."')
    total = datasource_requests(s)
    return f"(sum by (datasource) ({failed}) or 0 * {total}) / ({total} > 0)"


@snippet(unit="s", legend="{{datasource}}")
def datasource_latency(s: Scope) -> str:
    """Duration of a request to a data source that one in a hundred exceeds (p99), in seconds.
    Source: Grafana."""
    return s.histogram("grafana_datasource_request_duration_seconds").quantile(0.99, "datasource")


# Alerting


@snippet(unit="cps", legend="evaluations")
def evaluations(s: Scope) -> str:
    """Evaluations of alert rules per second. Nothing where Grafana has evaluated none. Source:
    Grafana."""
    return f"sum({s.rate('grafana_alerting_rule_evaluations_total')})"


@snippet(unit="cps", legend="failed")
def evaluation_failures(s: Scope) -> str:
    """Evaluations of alert rules per second that failed. Source: Grafana."""
    return f"sum({s.rate('grafana_alerting_rule_evaluation_failures_total')})"


@snippet(unit="s", legend="{{$node}} behind")
def scheduler_behind(s: Scope) -> str:
    """How late the scheduler of alert rules is, in seconds. Source: Grafana."""
    return f"max by ({_each(s)}) ({s.select('grafana_alerting_scheduler_behind_seconds')})"


@snippet(unit="short", legend="{{state}}")
def alerts(s: Scope) -> str:
    """Alerts of Grafana's own rules by state. Source: Grafana."""
    return f"sum by (state) ({s.select('grafana_alerting_alerts')})"
