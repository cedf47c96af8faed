"""Snippets of Alertmanager 0.25 and later: configuration, alerts, notifications and the cluster.
https://prometheus.io/docs/alerting/latest/alertmanager/

A cluster is all members with the same job, namespace and service. Shares of what was not sent
return zero; no query returns NaN.
"""

from __future__ import annotations

from dataclasses import replace

from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("alertmanager", metric="alertmanager_build_info", target="Alertmanager")
snippet = exporter.snippet

_CLUSTER = "job, namespace, service"


def _each(s: Scope) -> str:
    """The labels that tell members apart; pod and namespace only name them."""
    return f"namespace, pod, {s.node}"


def _own(s: Scope, expr: str) -> str:
    """What Alertmanager itself sends, of a job that may scrape other targets."""
    return f"({expr} and on (job, instance) {s.select('alertmanager_build_info')})"


# The server and its process


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether a member is scraped, 1 or 0. Source: Prometheus's own series up."""
    return f"min by ({_each(s)}) ({s.up()})"


@snippet(unit="short")
def config_ok(s: Scope) -> str:
    """Whether the last load of the configuration succeeded, 1 or 0. After a failure, Alertmanager
    goes on with the configuration before. Source: Alertmanager."""
    loaded = s.range("alertmanager_config_last_reload_successful")
    return f"min by ({_each(s)}) (max_over_time({loaded}))"


@snippet(unit="short", legend="{{$node}} {{version}}")
def version(s: Scope) -> str:
    """The version of each member, in the label version. Source: Alertmanager."""
    return f"max by ({_each(s)}, version) ({s.select('alertmanager_build_info')})"


@snippet(unit="s")
def uptime(s: Scope) -> str:
    """Time since the process started, in seconds. Source: Alertmanager."""
    started = _own(s, s.select("process_start_time_seconds"))
    return f"time() - max by ({_each(s)}) ({started})"


@snippet(unit="short", legend="{{$node}} Alertmanager")
def cpu(s: Scope) -> str:
    """Cores that Alertmanager uses. Source: Alertmanager."""
    return f"sum by ({_each(s)}) ({_own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes", legend="{{$node}} Alertmanager")
def memory(s: Scope) -> str:
    """Resident memory of Alertmanager, in bytes. Source: Alertmanager."""
    return f"max by ({_each(s)}) ({_own(s, s.select('process_resident_memory_bytes'))})"


# Alerts and silences


@snippet(unit="short", legend="{{state}}")
def alerts(s: Scope) -> str:
    """Alerts that Alertmanager has, by state: active ones are notified, suppressed ones are
    silenced or inhibited. Of the member that has most, because each has all. Source:
    Alertmanager."""
    return f"max by (state) ({s.select('alertmanager_alerts')})"


@snippet(unit="short", legend="{{state}}")
def silences(s: Scope) -> str:
    """Silences, active and pending ones. Source: Alertmanager."""
    return f"max by (state) ({s.select('alertmanager_silences', state=['active', 'pending'])})"


@snippet(unit="cps", legend="{{$node}} {{status}}")
def alerts_received(s: Scope) -> str:
    """Alerts per second that a member receives, firing and resolved. Prometheus repeats firing
    ones every minute or so. Source: Alertmanager."""
    return f"sum by ({_each(s)}, status) ({s.rate('alertmanager_alerts_received_total')})"


@snippet(unit="cps", legend="{{$node}} invalid")
def alerts_invalid(s: Scope) -> str:
    """Alerts per second that a member refuses as invalid. Source: Alertmanager."""
    return f"sum by ({_each(s)}) ({s.rate('alertmanager_alerts_invalid_total')})"


# Notifications to receivers


@snippet(unit="short", legend="{{integration}}")
def notifications(s: Scope) -> str:
    """Notifications of the last hour by integration (kind of receiver), of all members, failed
    ones included; those only that were used since Alertmanager started. Source: Alertmanager."""
    return f"sum by (integration) ({_last_hour(s, 'alertmanager_notifications_total')})"


@snippet(unit="short", legend="{{integration}}")
def notifications_failed(s: Scope) -> str:
    """Notifications of the last hour that failed, by integration. Alertmanager tries again for some
    time before it counts one as failed. Source: Alertmanager."""
    return f"sum by (integration) ({_last_hour(s, 'alertmanager_notifications_failed_total')})"


def _last_hour(s: Scope, counter: str) -> str:
    used = f"on (job, instance, integration) ({_used(s)})"
    return f"increase({s.range(counter, window='1h')}) and {used}"


@snippet(unit="percentunit", legend="{{$node}} {{integration}}")
def notification_failures(s: Scope) -> str:
    """Share of the notifications that failed, 0 to 1, by member and integration (kind of receiver)
    that was used since it started. Source: Alertmanager."""
    by = f"{_CLUSTER}, pod, {s.node}, integration"
    failed = f"sum by ({by}) ({s.rate('alertmanager_notifications_failed_total')})"
    total = f"sum by ({by}) ({s.rate('alertmanager_notifications_total')})"
    return f"{failed} / ({total} > 0) or 0 * sum by ({by}) ({_used(s)})"


def _used(s: Scope) -> str:
    """The counters of the integrations that have sent something: every member has all of them."""
    return f"{s.select('alertmanager_notifications_total')} > 0"


@snippet(unit="percentunit", legend="{{integration}}")
def notification_failures_everywhere(s: Scope) -> str:
    """Share of the notifications that failed at the member that fails least, 0 to 1, by
    integration. Above 0 no member reaches the receiver reliably. A member that sends nothing fails
    nothing, so it counts only if none sends. Source: Alertmanager."""
    by = f"{_CLUSTER}, integration"
    failed = f"sum by ({by}, {s.node}) ({s.rate('alertmanager_notifications_failed_total')})"
    total = f"sum by ({by}, {s.node}) ({s.rate('alertmanager_notifications_total')})"
    return f"min by ({by}) ({failed} / ({total} > 0)) or 0 * sum by ({by}) ({_used(s)})"


@snippet(unit="percentunit", legend="failed")
def notification_failures_worst(s: Scope) -> str:
    """Share of the notifications of the last hour that no member could send, 0 to 1, of the
    integration (kind of receiver) that is worst off. Source: Alertmanager."""
    worst = f"max({notification_failures_everywhere(replace(s, window='1h'))})"
    return f"{worst} or 0 * max({s.select('alertmanager_build_info')})"


@snippet(unit="s", legend="{{integration}}")
def notification_latency(s: Scope) -> str:
    """Mean time that a notification takes, in seconds, by integration. Source: Alertmanager."""
    return s.histogram("alertmanager_notification_latency_seconds").avg("integration")


# The cluster


@snippet(unit="percentunit", legend="{{job}}")
def down_share(s: Scope) -> str:
    """Share of the members of a cluster that were down for more than half of the window, 0 to 1.
    Source: Prometheus's own series up."""
    members = f"count by ({_CLUSTER}) ({s.up()})"
    was_up = f"avg_over_time({s.range('up')})"
    down = f"count by ({_CLUSTER}) ({was_up} < 0.5 and on (job, instance) {s.up()})"
    return f"({down} or 0 * {members}) / {members}"


@snippet(unit="percentunit", legend="{{job}}")
def crashlooping_share(s: Scope) -> str:
    """Share of the members of a cluster that started five times or more within the window, 0 to 1.
    Source: Alertmanager."""
    started = _own(s, f"changes({s.range('process_start_time_seconds')})")
    members = f"count by ({_CLUSTER}) ({s.up()})"
    return f"(count by ({_CLUSTER}) ({started} > 4) or 0 * {members}) / {members}"


@snippet(unit="short", legend="{{$node}}")
def members(s: Scope) -> str:
    """Members of the cluster that a member knows, itself included. Each knows all normally. Source:
    Alertmanager."""
    return f"max by ({_each(s)}) ({s.select('alertmanager_cluster_members')})"


@snippet(unit="short", legend="{{$node}}")
def members_missing(s: Scope) -> str:
    """Members of the cluster that a member does not know, though Prometheus scrapes them. 0 is
    normal; others are notified twice. Source: Alertmanager."""
    known = f"max_over_time({s.range('alertmanager_cluster_members')})"
    peers = f"max by ({_CLUSTER}, pod, {s.node}) ({known})"
    return f"clamp_min(count by ({_CLUSTER}) ({known}) - on ({_CLUSTER}) group_right {peers}, 0)"


@snippet(unit="short", legend="{{job}}")
def configurations(s: Scope) -> str:
    """Different configurations among the members of a cluster. 1 is normal. Source:
    Alertmanager."""
    values = f'count_values by ({_CLUSTER}) ("hash", {s.select("alertmanager_config_hash")})'
    return f"count by ({_CLUSTER}) ({values})"


@snippet(unit="short", legend="{{$node}}")
def messages_queued(s: Scope) -> str:
    """Messages to other members that wait to be sent. Source: Alertmanager."""
    return f"max by ({_each(s)}) ({s.select('alertmanager_cluster_messages_queued')})"


@snippet(unit="short", legend="{{$node}}")
def failed_peers(s: Scope) -> str:
    """Members of the cluster that a member knows and cannot reach. Source: Alertmanager."""
    return f"max by ({_each(s)}) ({s.select('alertmanager_cluster_failed_peers')})"
