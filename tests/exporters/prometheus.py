"""What Prometheus 3.14 sends of itself, with trouble of every kind, and what the config-reloader
beside it sends.

The stack's own Prometheus, which scrapes itself, is older and healthy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from tests.exporters import process
from tests.exporters.exposition import (
    UPTIME,
    Exporter,
    Family,
    Value,
    counter,
    gauge,
    run,
    serve_families,
    started_at,
    wandering,
)
from tests.exporters.inventory import GI, MI

__all__ = ["PATH", "families", "serve", "serve_reloader"]

PATH = "/metrics"

_RULES = "/etc/prometheus/rules/prometheus-k8s-rulefiles-0/monitoring-"
# Rules, interval, time of an evaluation, failures and missed evaluations a second.
_GROUPS = {
    f"{_RULES}node.yaml;node": (16, 60, 0.004, 0.0, 0.0),
    f"{_RULES}containers.yaml;containers": (11, 60, 0.09, 0.5, 0.0),
    f"{_RULES}apiserver-slo.yaml;apiserver-slo": (11, 60, 71.0, 0.0, 0.5),
}
_ALERTMANAGERS = {
    "http://10.244.1.8:9093/api/v2/alerts": (2.0, 0.0),
    "http://10.244.0.9:9093/api/v2/alerts": (2.0, 0.6),
}
_QUEUE = {"remote_name": "archive", "url": "https://archive.example.com/api/v1/write"}
_JOBS = ("apiserver", "kubelet", "node-exporter", "kube-state-metrics")


def serve(port: int = 0) -> Exporter:
    """Serve a Prometheus in trouble on 127.0.0.1."""
    return serve_families(port, PATH, families())


def serve_reloader(port: int = 0) -> Exporter:
    """Serve a config-reloader that cannot reload on 127.0.0.1."""
    help_ = "Whether the last reload was successful."
    return serve_families(port, PATH, [gauge("reloader_last_reload_successful", help_, [({}, 0)])])


def families() -> Iterator[Family]:
    """Return the metric families of the server."""
    yield from process.families("prometheus", cores=0.45, memory=1.3 * GI)
    yield from _server()
    yield from _targets()
    yield from _rules()
    yield from _notifications()
    yield from _storage()
    yield from _remote_write()
    yield from _queries()


def _server() -> Iterator[Family]:
    build = {"branch": "HEAD", "goversion": "go1.25.5", "revision": "d15adb9", "version": "3.14.0"}
    yield gauge("prometheus_build_info", "Constant 1.", [(build, 1)])
    yield gauge("prometheus_config_last_reload_successful", "Success.", [({}, 0)])
    yield gauge(
        "prometheus_config_last_reload_success_timestamp_seconds", "When.", [({}, started_at())]
    )


def _targets() -> Iterator[Family]:
    jobs = [{"scrape_job": job} for job in _JOBS]
    yield gauge("prometheus_target_scrape_pool_targets", "Targets.", [(job, 3) for job in jobs])
    yield gauge(
        "prometheus_target_metadata_cache_entries", "Metadata.", [(job, 200) for job in jobs]
    )
    yield counter(
        "prometheus_target_sync_failed_total",
        "Targets that are invalid.",
        [(job, 0.5 * (job["scrape_job"] == "kubelet")) for job in jobs],
    )
    yield counter(
        "prometheus_sd_refresh_failures_total",
        "Failed refreshes.",
        [
            ({"mechanism": "dns", "config": "etcd"}, 0.5),
            ({"mechanism": "file", "config": "node-exporter"}, 0.0),
        ],
    )
    yield counter("prometheus_sd_kubernetes_failures_total", "Failed WATCH/LIST.", [({}, 0.5)])
    for limit in (
        "prometheus_target_scrapes_exceeded_sample_limit_total",
        "prometheus_target_scrapes_exceeded_body_size_limit_total",
        "prometheus_target_scrape_pool_exceeded_target_limit_total",
        "prometheus_target_scrape_pool_exceeded_label_limits_total",
        "prometheus_target_scrapes_sample_duplicate_timestamp_total",
        "prometheus_target_scrapes_sample_out_of_order_total",
        "prometheus_target_scrapes_sample_out_of_bounds_total",
    ):
        yield counter(limit, "Trouble of scrapes.", [({}, 0.5)])


def _rules() -> Iterator[Family]:
    groups = [({"rule_group": name}, figures) for name, figures in _GROUPS.items()]
    for name, index in (
        ("prometheus_rule_group_rules", 0),
        ("prometheus_rule_group_interval_seconds", 1),
        ("prometheus_rule_group_last_duration_seconds", 2),
    ):
        yield gauge(name, "By group.", [(labels, figures[index]) for labels, figures in groups])
    yield gauge(
        "prometheus_rule_group_last_evaluation_timestamp_seconds",
        "When.",
        [(labels, lambda _age: time.time() - 20) for labels, _ in groups],
    )
    for name, index in (
        ("prometheus_rule_evaluation_failures_total", 3),
        ("prometheus_rule_group_iterations_missed_total", 4),
    ):
        yield counter(name, "By group.", [(labels, figures[index]) for labels, figures in groups])


def _notifications() -> Iterator[Family]:
    alertmanagers = [({"alertmanager": url}, rates) for url, rates in _ALERTMANAGERS.items()]
    yield gauge("prometheus_notifications_alertmanagers_discovered", "Number.", [({}, 2)])
    yield gauge("prometheus_notifications_queue_capacity", "Capacity.", [({}, 10000)])
    yield gauge(
        "prometheus_notifications_queue_length",
        "Length.",
        [(labels, lambda age: 40 + (age - UPTIME)) for labels, _ in alertmanagers],
    )
    yield counter(
        "prometheus_notifications_sent_total",
        "Sent.",
        [(labels, rates[0]) for labels, rates in alertmanagers],
    )
    yield counter(
        "prometheus_notifications_errors_total",
        "Errors.",
        [(labels, rates[1]) for labels, rates in alertmanagers],
    )
    yield counter(
        "prometheus_notifications_dropped_total",
        "Dropped.",
        [(labels, rates[1]) for labels, rates in alertmanagers],
    )


def _storage() -> Iterator[Family]:
    yield counter(
        "prometheus_tsdb_head_samples_appended_total",
        "Samples.",
        [({"type": "float"}, 9000.0), ({"type": "histogram"}, 0.0)],
    )
    yield gauge(
        "prometheus_tsdb_head_series", "Series.", [({}, wandering(160000, "series", whole=True))]
    )
    yield counter("prometheus_tsdb_head_series_created_total", "New series.", [({}, 12.0)])
    yield counter("prometheus_tsdb_too_old_samples_total", "Too old.", [({"type": "float"}, 0.5)])
    yield gauge("prometheus_tsdb_storage_blocks_bytes", "Size.", [({}, 38 * GI)])
    yield gauge("prometheus_tsdb_wal_storage_size_bytes", "Size.", [({}, 900 * MI)])
    yield gauge("prometheus_tsdb_retention_limit_bytes", "Limit.", [({}, 45 * GI)])
    yield gauge(
        "prometheus_tsdb_lowest_timestamp_seconds", "Oldest.", [({}, started_at() - 9 * 86400)]
    )
    for name in (
        "compactions_failed",
        "reloads_failures",
        "head_truncations_failed",
        "checkpoint_creations_failed",
        "wal_corruptions",
        "wal_writes_failed",
        "wal_truncations_failed",
    ):
        yield counter(f"prometheus_tsdb_{name}_total", "Failures.", [({}, 0.5)])


def _remote_write() -> Iterator[Family]:
    for name, rate in (("samples_total", 8000.0), ("samples_failed_total", 200.0)):
        yield counter(f"prometheus_remote_storage_{name}", "Samples.", [(_QUEUE, rate)])
    yield gauge("prometheus_remote_storage_samples_pending", "Waiting.", [(_QUEUE, 250000)])
    for name, value in (("shards", 50), ("shards_desired", 61), ("shards_max", 50)):
        yield gauge(f"prometheus_remote_storage_{name}", "Shards.", [(_QUEUE, value)])
    for name, labels, behind in (
        ("highest_timestamp_in_seconds", {}, 0),
        ("queue_highest_timestamp_seconds", _QUEUE, 0),
        ("queue_highest_sent_timestamp_seconds", _QUEUE, 300),
    ):
        yield gauge(
            f"prometheus_remote_storage_{name}",
            "When.",
            [(labels, _ago(behind))],
        )


def _ago(seconds: float) -> Value:
    return lambda _age: time.time() - seconds


def _queries() -> Iterator[Family]:
    yield gauge("prometheus_engine_queries", "Running.", [({}, 18)])
    yield gauge("prometheus_engine_queries_concurrent_max", "Limit.", [({}, 20)])
    yield gauge(
        "prometheus_engine_query_duration_seconds",
        "Duration.",
        [
            ({"slice": name, "quantile": "0.99"}, value)
            for name, value in (
                ("inner_eval", 2.4),
                ("prepare_time", 0.3),
                ("queue_time", 1.1),
            )
        ],
    )
    yield counter(
        "prometheus_http_requests_total",
        "Requests.",
        [
            ({"handler": "/api/v1/query_range", "code": "200"}, 4.0),
            ({"handler": "/api/v1/query", "code": "200"}, 2.0),
            ({"handler": "/api/v1/query", "code": "503"}, 0.5),
        ],
    )


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what a Prometheus in trouble sends."),
        lambda given: serve(given.port),
    )
