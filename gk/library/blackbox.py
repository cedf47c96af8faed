"""Snippets of the blackbox exporter, 0.23 and later: probes of HTTP, TCP, DNS and ICMP.
https://github.com/prometheus/blackbox_exporter

The label that identifies a target holds what is probed, such as a URL. What a probe did not reach
(a certificate, a status code of HTTP) has no series, or is 0.
"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Scope

__all__ = ["ALERTS", "exporter", "snippet"]

exporter = Exporter("blackbox", metric="probe_success", target="Target")
snippet = exporter.snippet

ALERTS = 'alertname=~"Probe.+"'
"""Matches the alerts on probes by name."""

_DAY = 24 * 60 * 60


def _each(s: Scope, expr: str) -> str:
    return f"max by (job, {s.node}) ({expr})"


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """The alerts on probes that fire, each as 1. Nothing while none fires, and nothing where
    Grafana evaluates the rules. Source: Prometheus's own series ALERTS."""
    return f"max by ({s.node}, alertname, severity) ({s.firing(ALERTS)})"


# Results


@snippet(unit="short")
def success(s: Scope) -> str:
    """Whether the last probe of a target succeeded, 1 or 0. Nothing if the exporter itself did not
    answer. Source: blackbox exporter."""
    return f"min by (job, {s.node}) ({s.select('probe_success')})"


@snippet(unit="short")
def failed(s: Scope) -> str:
    """Whether the last probe of a target failed, 1 or 0. Source: blackbox exporter."""
    return f"1 - {success(s)}"


@snippet(unit="short", legend="failing")
def failed_count(s: Scope) -> str:
    """Targets whose last probe failed. Source: blackbox exporter."""
    return f"count({success(s)} == 0) or 0 * count({success(s)})"


@snippet(unit="short", legend="targets")
def count(s: Scope) -> str:
    """Targets that are probed. Source: blackbox exporter."""
    return f"count({success(s)})"


@snippet(unit="short")
def scraped(s: Scope) -> str:
    """Whether the exporter answered the scrape that makes it probe a target, 1 or 0. With 0 it is
    unknown whether the target works. Source: Prometheus's own series up."""
    # The same job may scrape what the exporter says of itself.
    itself = s.range("blackbox_exporter_build_info", window="1d")
    probes = f"{s.select('up')} unless on (job, instance) last_over_time({itself})"
    return f"min by (job, {s.node}) ({probes})"


@snippet(unit="short", legend="not probed")
def unscraped_count(s: Scope) -> str:
    """Targets that were not probed because the exporter did not answer. Source: Prometheus's own
    series up."""
    return f"count({scraped(s)} == 0) or 0 * count({scraped(s)})"


@snippet(unit="percentunit")
def availability(s: Scope, window: str = "") -> str:
    """Share of the probes of a target that succeeded within window, 0 to 1. Source: blackbox
    exporter."""
    return f"min by (job, {s.node}) (avg_over_time({s.range('probe_success', window=window)}))"


@snippet(unit="percentunit", legend="availability")
def mean_availability(s: Scope, window: str = "") -> str:
    """Share of the probes of all targets that succeeded within window, 0 to 1. Source: blackbox
    exporter."""
    return f"avg({availability(s, window=window)})"


# Time


@snippet(unit="s")
def duration(s: Scope) -> str:
    """How long a probe of a target takes, in seconds, on average over the window; failed probes
    count. Source: blackbox exporter."""
    return _each(s, f"avg_over_time({s.range('probe_duration_seconds')})")


@snippet(unit="s", legend="slowest")
def slowest(s: Scope) -> str:
    """How long the slowest probe takes, in seconds, on average over the window. Source: blackbox
    exporter."""
    return f"max({duration(s)})"


@snippet(unit="s")
def dns_lookup(s: Scope) -> str:
    """How long the name of a target takes to resolve, in seconds. Source: blackbox exporter."""
    return _each(s, s.select("probe_dns_lookup_time_seconds"))


@snippet(unit="s", legend="HTTP {{phase}}")
def http_phases(s: Scope) -> str:
    """How long the phases of a probe by HTTP take, in seconds, mean of the targets: resolve (DNS),
    connect, tls, processing (until the first byte), transfer. Redirects add up. Source: blackbox
    exporter."""
    return f"avg by (phase) ({s.select('probe_http_duration_seconds')})"


@snippet(unit="s", legend="{{$node}} {{phase}}")
def other_phases(s: Scope) -> str:
    """How long the phases of a probe by ICMP or DNS take, in seconds, by target. Source: blackbox
    exporter."""
    phases = " or ".join(s.select(f"probe_{kind}_duration_seconds") for kind in ("icmp", "dns"))
    return f"max by ({s.node}, phase) ({phases})"


# What a target answers


@snippet(unit="none")
def status_code(s: Scope) -> str:
    """Status code of the last answer of HTTP; 0 without an answer. Source: blackbox exporter."""
    return _each(s, s.select("probe_http_status_code"))


@snippet(unit="none")
def http_version(s: Scope) -> str:
    """Version of HTTP in the last answer; 0 without an answer. Source: blackbox exporter."""
    return _each(s, s.select("probe_http_version"))


@snippet(unit="short")
def redirects(s: Scope) -> str:
    """Redirects of HTTP that the last probe followed. Source: blackbox exporter."""
    return _each(s, s.select("probe_http_redirects"))


@snippet(unit="bytes")
def content_length(s: Scope) -> str:
    """Size of the last answer of HTTP, uncompressed, in bytes. Source: blackbox exporter."""
    return _each(s, s.select("probe_http_uncompressed_body_length"))


@snippet(unit="short")
def regex_failed(s: Scope) -> str:
    """Whether the last probe failed because of what the answer says (a regular expression of the
    module), 1 or 0. Source: blackbox exporter."""
    return _each(s, s.select("probe_failed_due_to_regex"))


@snippet(unit="short", legend="{{$node}} {{version}}")
def tls_version(s: Scope) -> str:
    """The version of TLS that a target agreed to, in the label version. Source: blackbox
    exporter."""
    return f"max by (job, {s.node}, version) ({s.select('probe_tls_version_info')})"


# Certificates


@snippet(unit="suffix: d")
def certificate_days(s: Scope) -> str:
    """Days until the first certificate that a target sends expires; below 0 it has expired. Nothing
    without TLS, or if the connection failed. Source: blackbox exporter."""
    expiry = s.select("probe_ssl_earliest_cert_expiry")
    return f"(min by (job, {s.node}) ({expiry}) - time()) / {_DAY}"


@snippet(unit="suffix: d", legend="first")
def first_certificate_days(s: Scope) -> str:
    """Days until the first certificate of all targets expires; below 0 it has expired. Nothing
    without TLS. Source: blackbox exporter."""
    return f"min({certificate_days(s)})"
