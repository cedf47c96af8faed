"""Snippets of Prometheus itself, 2.42 to 3.14: configuration, targets, rules, notifications,
ingestion, storage, remote write and queries. https://prometheus.io/docs/prometheus/latest/

Some series exist only where something is configured or has happened: remote write, service
discovery that refreshes, discovery of Kubernetes. Their queries return nothing elsewhere. No query
returns NaN.
"""

from __future__ import annotations

from dataclasses import replace

from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("prometheus", metric="prometheus_build_info", target="Prometheus")
snippet = exporter.snippet

# Limits of a scrape configuration, by the counter of what exceeded them.
_LIMITS = {
    "sample": "prometheus_target_scrapes_exceeded_sample_limit_total",
    "body size": "prometheus_target_scrapes_exceeded_body_size_limit_total",
    "target": "prometheus_target_scrape_pool_exceeded_target_limit_total",
    "label": "prometheus_target_scrape_pool_exceeded_label_limits_total",
}
_REJECTED = {
    "duplicate timestamp": "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "out of order": "prometheus_target_scrapes_sample_out_of_order_total",
    "out of bounds": "prometheus_target_scrapes_sample_out_of_bounds_total",
}
_STORAGE_FAILURES = {
    "compactions": "prometheus_tsdb_compactions_failed_total",
    "reloads": "prometheus_tsdb_reloads_failures_total",
    "head truncations": "prometheus_tsdb_head_truncations_failed_total",
    "checkpoints": "prometheus_tsdb_checkpoint_creations_failed_total",
    "WAL corruptions": "prometheus_tsdb_wal_corruptions_total",
    "WAL writes": "prometheus_tsdb_wal_writes_failed_total",
    "WAL truncations": "prometheus_tsdb_wal_truncations_failed_total",
}
_QUEUE = "remote_name, url"


def _each(s: Scope) -> str:
    """The labels that tell servers apart; pod and namespace only name them."""
    return f"namespace, pod, {s.node}"


def _own(s: Scope, expr: str) -> str:
    """What the servers themselves send, of a job that may scrape other targets."""
    return f"({expr} and on (job, instance) {s.select('prometheus_build_info')})"


def _by_group(s: Scope, expr: str) -> str:
    """By rule group: the label rule_group has the path of the file before the name."""
    named = f'label_replace({expr}, "group", "$1", "rule_group", ".*;(.*)")'
    return f"sum by ({_each(s)}, group) ({named})"


# The server and its process


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether a Prometheus server is scraped, 1 or 0. Source: Prometheus's own series up."""
    return f"min by ({_each(s)}) ({s.up()})"


@snippet(unit="short")
def config_ok(s: Scope) -> str:
    """Whether the last load of the configuration succeeded, 1 or 0. After a failure, Prometheus
    goes on with the configuration before. Source: Prometheus."""
    loaded = s.range("prometheus_config_last_reload_successful")
    return f"min by ({_each(s)}) (max_over_time({loaded}))"


@snippet(unit="short", legend="{{$node}} {{version}}")
def version(s: Scope) -> str:
    """The version of each server, in the label version. Source: Prometheus."""
    return f"max by ({_each(s)}, version) ({s.select('prometheus_build_info')})"


@snippet(unit="s")
def uptime(s: Scope) -> str:
    """Time since the process started, in seconds. Source: Prometheus."""
    started = _own(s, s.select("process_start_time_seconds"))
    return f"time() - max by ({_each(s)}) ({started})"


@snippet(unit="short", legend="{{$node}} Prometheus")
def cpu(s: Scope) -> str:
    """Cores that Prometheus uses. Source: Prometheus."""
    return f"sum by ({_each(s)}) ({_own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes", legend="{{$node}} Prometheus")
def memory(s: Scope) -> str:
    """Resident memory of Prometheus, in bytes. Series in memory and large queries need most of it.
    Source: Prometheus."""
    return f"max by ({_each(s)}) ({_own(s, s.select('process_resident_memory_bytes'))})"


@snippet(unit="percentunit")
def file_descriptors(s: Scope) -> str:
    """Share of the file descriptors that Prometheus may open in use, 0 to 1. Source: Prometheus."""
    opened = _own(s, s.select("process_open_fds"))
    return f"max by ({_each(s)}) ({opened} / ({s.select('process_max_fds')} > 0))"


# Targets and their discovery


@snippet(unit="short")
def scraped_targets(s: Scope) -> str:
    """Targets that a server scrapes, up or down. Source: Prometheus."""
    return f"sum by ({_each(s)}) ({s.select('prometheus_target_scrape_pool_targets')})"


@snippet(unit="short", legend="{{$node}} {{mechanism}}")
def discovery_failures(s: Scope) -> str:
    """Failed refreshes of a service discovery within the window, by mechanism. Prometheus goes on
    with the targets that it knew. Nothing where no discovery refreshes (static targets,
    Kubernetes). Source: Prometheus."""
    failures = s.increase("prometheus_sd_refresh_failures_total")
    return f"sum by ({_each(s)}, mechanism) ({failures})"


@snippet(unit="short", legend="{{$node}} Kubernetes")
def kubernetes_failures(s: Scope) -> str:
    """Failed LIST and WATCH requests of the discovery of Kubernetes within the window. New pods
    are not found and gone ones stay while they fail. Source: Prometheus 2.52 and later, with
    kubernetes_sd_configs."""
    return f"sum by ({_each(s)}) ({s.increase('prometheus_sd_kubernetes_failures_total')})"


@snippet(unit="short", legend="{{$node}} {{scrape_job}}")
def sync_failures(s: Scope) -> str:
    """Targets within the window that Prometheus could not make from what discovery and relabelling
    gave, by scrape job: such as two with the same labels or an invalid address. Source:
    Prometheus."""
    failures = s.increase("prometheus_target_sync_failed_total")
    return f"sum by ({_each(s)}, scrape_job) ({failures})"


@snippet(unit="short", legend="{{$node}}")
def limit_hits(s: Scope, limit: str = "sample") -> str:
    """How often a limit of a scrape configuration was exceeded within the window. limit is "sample"
    or "body size" (the scrape fails), "target" (the whole job is not scraped) or "label" (the
    scrape fails). Source: Prometheus."""
    return f"sum by ({_each(s)}) ({s.increase(_LIMITS[limit])})"


# Rules


@snippet(unit="short", legend="{{$node}} {{group}}")
def rule_failures(s: Scope) -> str:
    """Failed evaluations of rules within the window, by rule group. A rule that fails records
    nothing, and its alert does not fire. Source: Prometheus."""
    return _by_group(s, s.increase("prometheus_rule_evaluation_failures_total"))


@snippet(unit="short", legend="failed")
def rule_failure_count(s: Scope) -> str:
    """Failed evaluations of rules of the last 5 minutes, of all servers. Source: Prometheus."""
    last = replace(s, window="5m")
    return f"sum({last.increase('prometheus_rule_evaluation_failures_total')})"


@snippet(unit="short", legend="{{$node}} {{group}}")
def rule_evaluations_missed(s: Scope) -> str:
    """Evaluations of a rule group that did not take place within the window, because the one before
    took longer than the interval. Source: Prometheus."""
    return _by_group(s, s.increase("prometheus_rule_group_iterations_missed_total"))


@snippet(unit="percentunit", legend="{{$node}} {{group}}")
def rule_group_share(s: Scope) -> str:
    """Share of its interval that the last evaluation of a rule group took. From 1 on, evaluations
    are missed. Source: Prometheus."""
    took = _by_group(s, s.select("prometheus_rule_group_last_duration_seconds"))
    return f"{took} / ({_by_group(s, s.select('prometheus_rule_group_interval_seconds'))} > 0)"


@snippet(unit="s", legend="{{$node}} {{group}}")
def rule_group_duration(s: Scope) -> str:
    """Time that the last evaluation of a rule group took, in seconds. Source: Prometheus."""
    return _by_group(s, s.select("prometheus_rule_group_last_duration_seconds"))


@snippet(unit="short", legend="{{$node}} {{group}}")
def rule_group_rules(s: Scope) -> str:
    """Rules of a rule group. Source: Prometheus."""
    return _by_group(s, s.select("prometheus_rule_group_rules"))


@snippet(unit="s", legend="{{$node}} {{group}}")
def rule_group_age(s: Scope) -> str:
    """Time since a rule group was last evaluated, in seconds. More than its interval means that
    evaluations are missing. Source: Prometheus."""
    last = 'label_replace({}, "group", "$1", "rule_group", ".*;(.*)")'.format(
        s.select("prometheus_rule_group_last_evaluation_timestamp_seconds")
    )
    return f"time() - (max by ({_each(s)}, group) ({last}) > 0)"


# Notifications


@snippet(unit="short")
def alertmanagers(s: Scope) -> str:
    """Alertmanagers to which Prometheus sends alerts. Source: Prometheus."""
    discovered = s.range("prometheus_notifications_alertmanagers_discovered")
    return f"max by ({_each(s)}) (max_over_time({discovered}))"


@snippet(unit="cps", legend="{{$node}} to {{alertmanager}}")
def notifications_sent(s: Scope) -> str:
    """Alerts per second that Prometheus sent to an Alertmanager, those included that failed.
    Source: Prometheus."""
    return f"sum by ({_each(s)}, alertmanager) ({s.rate('prometheus_notifications_sent_total')})"


@snippet(unit="percentunit", legend="{{$node}} to {{alertmanager}}")
def notification_errors(s: Scope) -> str:
    """Share of the alerts sent to an Alertmanager that did not arrive, 0 to 1. Prometheus sends
    each alert to all Alertmanagers, and one is enough. Source: Prometheus."""
    errors = s.rate("prometheus_notifications_errors_total")
    return (
        f"sum by ({_each(s)}, alertmanager) ({errors}) / ({notifications_sent(s)} > 0) or "
        f"0 * {notifications_sent(s)}"
    )


@snippet(unit="percentunit", legend="{{$node}}")
def notification_errors_everywhere(s: Scope) -> str:
    """Share of the alerts that did not arrive at the Alertmanager that got most of them, 0 to 1.
    Above 0 alerts may be lost. Source: Prometheus."""
    # One that Prometheus sends nothing to any more has no errors either.
    errors = s.rate("prometheus_notifications_errors_total")
    by = f"{_each(s)}, alertmanager"
    return (
        f"min by ({_each(s)}) (sum by ({by}) ({errors}) / ({notifications_sent(s)} > 0)) or "
        f"0 * max by ({_each(s)}) ({notifications_sent(s)})"
    )


@snippet(unit="percentunit", legend="not arrived")
def notification_errors_worst(s: Scope) -> str:
    """Share of the alerts of the last 5 minutes that arrived at no Alertmanager, 0 to 1, of the
    server that is worst off; 1 if it knows none. Source: Prometheus."""
    last = replace(s, window="5m")
    lost = f"1 + 0 * ({alertmanagers(last)} == 0)"
    return f"max({lost} or {notification_errors_everywhere(last)})"


@snippet(unit="cps", legend="{{$node}}")
def notifications_dropped(s: Scope) -> str:
    """Alerts per second that Prometheus gave up: the queue was full, or no Alertmanager took them.
    Source: Prometheus."""
    return f"sum by ({_each(s)}) ({s.rate('prometheus_notifications_dropped_total')})"


@snippet(unit="percentunit", legend="{{$node}} now")
def notification_queue(s: Scope) -> str:
    """Share of the queue of alerts to send in use, 0 to 1. Alerts are dropped at 1. Source:
    Prometheus; since 3.10 each Alertmanager has a queue, and this is the fullest."""
    length = s.select("prometheus_notifications_queue_length")
    return f"max by ({_each(s)}) ({length}) / {_queue_capacity(s)}"


@snippet(unit="percentunit", legend="{{$node}} in 30 min")
def notification_queue_predicted(s: Scope) -> str:
    """Share of the queue of alerts to send that will be in use in 30 minutes if it goes on growing
    as in the window, 0 to 1. Source: Prometheus."""
    length = s.range("prometheus_notifications_queue_length")
    predicted = f"max by ({_each(s)}) (predict_linear({length}, 1800))"
    return f"clamp_min({predicted}, 0) / {_queue_capacity(s)}"


def _queue_capacity(s: Scope) -> str:
    capacity = s.select("prometheus_notifications_queue_capacity")
    return f"(max by ({_each(s)}) ({capacity}) > 0)"


# Ingestion


@snippet(unit="cps", legend="{{$node}}")
def samples_ingested(s: Scope) -> str:
    """Samples per second that are written to storage, by each server that has targets or gets
    samples otherwise. Source: Prometheus."""
    stored = f"sum by ({_each(s)}) ({s.rate('prometheus_tsdb_head_samples_appended_total')})"
    return f"{stored} and {scraped_targets(s)} > 0 or {stored} > 0"


@snippet(unit="short", legend="{{$node}}")
def series(s: Scope) -> str:
    """Series in memory (in the head block). They need most of Prometheus's memory. Source:
    Prometheus."""
    return f"max by ({_each(s)}) ({s.select('prometheus_tsdb_head_series')})"


@snippet(unit="cps", legend="{{$node}}")
def series_created(s: Scope) -> str:
    """New series per second (churn): new pods, and labels whose values change all the time. Source:
    Prometheus."""
    return f"sum by ({_each(s)}) ({s.rate('prometheus_tsdb_head_series_created_total')})"


@snippet(unit="cps", legend="{{$node}}")
def samples_rejected(s: Scope, reason: str = "duplicate timestamp") -> str:
    """Samples per second of scrapes that were dropped. reason is "duplicate timestamp" (another
    value at the same time), "out of order" (older than the last) or "out of bounds" (too old or
    in the future). Source: Prometheus."""
    return f"sum by ({_each(s)}) ({s.rate(_REJECTED[reason])})"


@snippet(unit="cps", legend="{{$node}} too old")
def samples_too_old(s: Scope) -> str:
    """Samples per second from scrapes, rules and remote writes that were dropped because they are
    older than the storage still takes. Source: Prometheus."""
    return f"sum by ({_each(s)}) ({s.rate('prometheus_tsdb_too_old_samples_total')})"


# Storage


@snippet(unit="bytes", legend="{{$node}} blocks")
def block_bytes(s: Scope) -> str:
    """Size of the blocks on disk, in bytes. Source: Prometheus."""
    return f"max by ({_each(s)}) ({s.select('prometheus_tsdb_storage_blocks_bytes')})"


@snippet(unit="bytes", legend="{{$node}} WAL")
def wal_bytes(s: Scope) -> str:
    """Size of the write-ahead log on disk, in bytes. It is read at a start. Source: Prometheus 2.43
    and later."""
    return f"max by ({_each(s)}) ({s.select('prometheus_tsdb_wal_storage_size_bytes')})"


@snippet(unit="bytes", legend="{{$node}} limit")
def retention_bytes(s: Scope) -> str:
    """Size that the blocks may have (--storage.tsdb.retention.size), in bytes; nothing without that
    limit. Source: Prometheus."""
    return f"max by ({_each(s)}) ({s.select('prometheus_tsdb_retention_limit_bytes')}) > 0"


@snippet(unit="s", legend="{{$node}}")
def history(s: Scope) -> str:
    """Age of the oldest sample in storage, in seconds: how far back queries reach. Source:
    Prometheus."""
    oldest = s.select("prometheus_tsdb_lowest_timestamp_seconds")
    return f"time() - (max by ({_each(s)}) ({oldest}) > 0)"


@snippet(unit="short", legend="{{$node}}")
def storage_failures(s: Scope, kind: str = "compactions") -> str:
    """Failed operations of the storage within the window. kind is "compactions", "reloads" (of
    blocks), "head truncations", "checkpoints", "WAL corruptions", "WAL writes" or "WAL
    truncations". Source: Prometheus."""
    return f"sum by ({_each(s)}) ({s.increase(_STORAGE_FAILURES[kind])})"


# Remote write


@snippet(unit="cps", legend="{{remote_name}} of {{$node}}")
def remote_samples(s: Scope) -> str:
    """Samples per second that a remote write sends. Nothing where none is configured. Source:
    Prometheus."""
    sent = s.rate("prometheus_remote_storage_samples_total")
    return f"sum by ({_each(s)}, {_QUEUE}) ({sent})"


@snippet(unit="percentunit", legend="{{remote_name}} of {{$node}}")
def remote_failures(s: Scope) -> str:
    """Share of the samples of a remote write that the other side refused for good, 0 to 1; these
    are lost. What fails for a while is sent again and counts once it is given up. Source:
    Prometheus."""
    refused = s.rate("prometheus_remote_storage_samples_failed_total")
    failed = f"sum by ({_each(s)}, {_QUEUE}) ({refused})"
    return f"{failed} / ({failed} + {remote_samples(s)} > 0) or 0 * {failed}"


@snippet(unit="s", legend="{{remote_name}} of {{$node}}")
def remote_behind(s: Scope) -> str:
    """Age of the newest sample that a remote write has sent, compared with the newest that it has
    to send, in seconds. A few seconds are normal. If none was ever sent, the time since Prometheus
    started. Source: Prometheus."""
    by = f"{_each(s)}, {_QUEUE}"
    newest = s.range("prometheus_remote_storage_highest_timestamp_in_seconds")
    of_queue = s.range("prometheus_remote_storage_queue_highest_timestamp_seconds")
    last = s.range("prometheus_remote_storage_queue_highest_sent_timestamp_seconds")
    queues = s.select("prometheus_remote_storage_shards")
    started = _own(s, s.select("process_start_time_seconds"))
    known = f"sum by ({by}) ({queues}) * 0 + on ({_each(s)}) group_left"
    sent = f"(max by ({by}) (max_over_time({last})) > 0 or {known} max by ({_each(s)}) ({started}))"
    # Since 3.7 each queue says what it got; before, only the storage does.
    have = (
        f"(max by ({by}) (max_over_time({of_queue})) > 0 or "
        f"{known} max by ({_each(s)}) (max_over_time({newest})))"
    )
    return f"clamp_min({have} - {sent}, 0)"


@snippet(unit="percentunit", legend="{{remote_name}} of {{$node}}")
def remote_shards_share(s: Scope) -> str:
    """Shards that a remote write would need, divided by the most that it may use. Above 1 it falls
    behind. Source: Prometheus."""
    by = f"{_each(s)}, {_QUEUE}"
    desired = s.range("prometheus_remote_storage_shards_desired")
    limit = s.range("prometheus_remote_storage_shards_max")
    return (
        f"max by ({by}) (max_over_time({desired})) / (max by ({by}) (max_over_time({limit})) > 0)"
    )


@snippet(unit="short", legend="{{remote_name}} of {{$node}}")
def remote_shards(s: Scope) -> str:
    """Shards of a remote write: what it sends in parallel. Source: Prometheus."""
    return f"max by ({_each(s)}, {_QUEUE}) ({s.select('prometheus_remote_storage_shards')})"


@snippet(unit="short", legend="{{remote_name}} of {{$node}}")
def remote_pending(s: Scope) -> str:
    """Samples that wait in the queues of a remote write. Source: Prometheus."""
    pending = s.select("prometheus_remote_storage_samples_pending")
    return f"sum by ({_each(s)}, {_QUEUE}) ({pending})"


# Queries


@snippet(unit="percentunit", legend="{{$node}}")
def query_load(s: Scope) -> str:
    """Share of the queries that Prometheus runs at once (--query.max-concurrency) which are
    running or waiting, on average over the window, 0 to 1. Near 1 queries wait, those of rules as
    well. Source: Prometheus."""
    running = s.range("prometheus_engine_queries")
    most = s.range("prometheus_engine_queries_concurrent_max")
    return (
        f"max by ({_each(s)}) (avg_over_time({running})) / "
        f"(max by ({_each(s)}) (max_over_time({most})) > 0)"
    )


@snippet(unit="s", legend="{{$node}} {{slice}}")
def query_duration(s: Scope) -> str:
    """Duration of a part of a query that one in a hundred exceeds (p99), in seconds: waiting
    (queue_time), reading series (prepare_time), computing (inner_eval), sorting (result_sort). Of
    the last ten minutes. Source: Prometheus."""
    p99 = s.select("prometheus_engine_query_duration_seconds", quantile="0.99")
    # A part that did not happen is NaN.
    return f"max by ({_each(s)}, slice) ({p99} >= 0)"


@snippet(unit="reqps", legend="{{handler}} {{code}}")
def http_requests(s: Scope) -> str:
    """HTTP requests per second to the API by handler and status code, of all servers. Source:
    Prometheus."""
    requests = s.rate("prometheus_http_requests_total", 'handler=~"/api/.+"')
    return f"sum by (handler, code) ({requests})"
