"""The types of metrics that checks know without a server."""

from __future__ import annotations

import os

import pytest

from gk.check.expressions.metric_names import COUNTERS, GAUGES
from gk.check.expressions.metric_types import type_by_name, type_of
from tests.cases import every
from tests.metric_types import declared


@every(
    "name, expected",
    [
        ("http_requests_total", "counter"),
        ("node_cpu_seconds_total", "counter"),
        ("node_vmstat_pgmajfault", "counter"),
        ("node_vmstat_nr_free_pages", "gauge"),
        ("node_netstat_Tcp_RetransSegs", "counter"),
        ("node_netstat_Tcp_CurrEstab", "gauge"),
        ("node_load1", "gauge"),
        ("kubelet_evictions", "counter"),
        ("authentication_attempts", "counter"),
        ("container_fs_inodes_total", "gauge"),
        ("kube_pod_status_phase", "gauge"),
        ("kube_pod_container_status_restarts_total", "counter"),
        ("process_start_time_seconds", "gauge"),
        ("queue_depth", "gauge"),
        ("job:requests:rate5m", "gauge"),
        ("job:requests:sum_irate", "gauge"),
        ("node:cpu:ratio", "gauge"),
        ("job:requests:sum", ""),
        ("http_response_size_bytes", ""),
        ("disks_offline_total", ""),
        ("active_requests_total", ""),
        ("uptime_seconds_total", ""),
        ("anything_count", ""),
        ("anything", ""),
    ],
)
def test_a_name_tells_the_type_of_many_metrics(name: str, expected: str) -> None:
    """Of the exporters that snippets cover, and elsewhere where a word can only mean one."""
    assert expected == type_by_name(name)


@pytest.mark.parametrize(
    ("name", "type_", "expected"),
    [
        ("node_load1", "counter", "counter"),
        ("requests_total", "gauge", "gauge"),
        ("seconds_sum", "histogram", "counter"),
        ("seconds_count", "summary", "counter"),
        ("seconds", "histogram", ""),
        ("requests_total", "unknown", ""),
    ],
)
def test_metadata_decides(name: str, type_: str, expected: str) -> None:
    """Whatever the name says; it has the histogram, and not its series."""
    family = name.removesuffix("_sum").removesuffix("_count")

    assert expected == type_of(name, {family: type_})


def test_no_metric_is_known_as_both() -> None:
    """Each has one type."""
    assert frozenset() == COUNTERS & GAUGES


def test_types_are_those_that_the_exporters_declare() -> None:
    """The table is written by tests.metric_types; with GK_METRIC_SAMPLES also of real ones."""
    types = declared(os.environ.get("GK_METRIC_SAMPLES", ""))

    assert {} == {
        name: type_ for name, type_ in types.items() if type_by_name(name) not in (type_, "")
    }
