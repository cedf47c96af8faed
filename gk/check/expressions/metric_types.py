"""The type of a metric: by Prometheus's metadata, by what its exporter declares, by its name.

`metric_names` has the names of the exporters that gk.library covers, where the name does not tell
the type. The patterns here are for families whose names depend on a kernel or on a device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from gk.check.expressions.metric_names import COUNTERS, GAUGES

__all__ = ["MetricType", "type_by_name", "type_by_pattern", "type_of"]

MetricType: TypeAlias = Literal["counter", "gauge", ""]
"""The two that decide which functions make sense; empty if it is unknown, or both, as a native
histogram. The series of a histogram or a summary are counters."""

# A type that nobody stated may be any: the node exporter sends what it reads from /proc/vmstat so.
_OF_METADATA: Mapping[str, MetricType] = {
    "counter": "counter",
    "gauge": "gauge",
    "gaugehistogram": "gauge",
    "stateset": "gauge",
    "info": "gauge",
}
_SERIES = re.compile(r"(.+)_(?:total|count|sum|bucket)")

# Linux counts in /proc/net/snmp, /proc/net/netstat and /proc/vmstat, with these exceptions: RFC
# 4293 and RFC 4022 have the types, and the kernel's `nr_` are numbers of pages.
# https://github.com/torvalds/linux/blob/master/Documentation/networking/snmp_counter.rst
_GAUGES_OF_FAMILIES = re.compile(
    r"node_netstat_(?:Tcp_(?:CurrEstab|MaxConn|RtoAlgorithm|RtoMax|RtoMin)"
    r"|Ip6?_(?:DefaultTTL|Forwarding))"
    r"|node_vmstat_nr_\w+"
    # The kubelet's samples lack what these two say: 1 or 0.
    r"|kubelet_node_config_error|kubelet_running_\w+"
    # kube-state-metrics counts in names with _total only.
    r"|kube_(?!apiserver_)\w+(?<!_total|.._sum|bucket)"
    r"|node_(?:memory|hwmon|sockstat|zoneinfo_nr)_\w+(?<!_total)"
)
_COUNTERS_OF_FAMILIES = re.compile(
    r"node_(?:netstat|vmstat)_\w+|kubelet_evictions"
    r"|kubelet_(?:certificate_manager_client|server)_expiration_renew_errors"
)
# The exporters whose gauges `metric_names` has: what else ends with _total there counts.
_OF_KNOWN_EXPORTERS = re.compile(
    r"(?:aggregator|alertmanager|apiserver|apiextensions|authentication|blackbox|cadvisor|container"
    r"|coredns|etcd|go|grafana|kube|kubelet|kubeproxy|node|process|prometheus|promhttp"
    r"|rest_client|scheduler|storage_operation|workqueue)_\w+_total"
)
# Elsewhere _total may also be how much there is: disks_offline_total. These words happen.
_EVENTS = re.compile(
    r"\w*(?:accepted|aborted|attempts|calls|commands|commits|completed|created|deletes|deleted|denied"
    r"|discarded|drops|dropped|errors|errs|evaluations|events|evicted|evictions|exceptions|executions"
    r"|failed|failures|fetches|finished|handled|hits|inserts|inserted|invocations|iterations|killed"
    r"|logins|misses|notifications|operations|ops|packets|panics|processed|published|pushed|queries"
    r"|reads|received|refused|rejected|rejections|reloads|requests|responses|restarts|retransmits"
    r"|retries|rollbacks|samples|scrapes|seconds|sent|started|succeeded|success|timeouts"
    r"|transactions|transmitted|updates|writes|written)(?:_(?:bytes|seconds|count))?_total"
)
# Not these, whatever follows: how long, and how many there are now.
_MOMENTS = re.compile(
    r"\w*(?:uptime|time_up|active|current|idle|in_flight|open|pending|running)_\w+"
)
# Names that no counter has: shares, states at a moment, and values of sensors.
_LIKE_GAUGES = re.compile(
    r"\w+_(?:ratio|percent|percentage|celsius|fahrenheit|kelvin|volts|amperes|rpm|temperature"
    r"|info|timestamp|timestamp_seconds|timestamp_ms|start_time_seconds|depth"
    r"|(?:available|avail|capacity|free|heap|limit|memory|rss|usage|used|working_set)_bytes)"
)
# What a recording rule did is in its name: level:metric:operations.
# https://prometheus.io/docs/practices/rules/#naming
_RECORDED_GAUGES = re.compile(
    r"\w*:\w+:(?:\w*_)?(?:rate|irate|increase|ratio|avg|mean|min|max|quantile|p\d+)\d*[a-z]*(?:_\w+)?"
)


def type_of(name: str, types: Mapping[str, str]) -> MetricType:
    """The type of a series by the metadata in `types`, or else by its name."""
    if name in types:
        return _OF_METADATA.get(types[name], "")
    # Metadata has the histogram or the summary, not its series.
    match = _SERIES.fullmatch(name)
    if match and match[1] in types:
        family = types[match[1]]
        return "counter" if family in ("histogram", "summary") else _OF_METADATA.get(family, "")
    return type_by_name(name)


def type_by_name(name: str) -> MetricType:
    """The type of a series, for what its exporter or its name tells."""
    if name in GAUGES:
        return "gauge"
    if name in COUNTERS:
        return "counter"
    return type_by_pattern(name)


def type_by_pattern(name: str) -> MetricType:
    """The type of a series by its name alone."""
    if ":" in name:
        return "gauge" if _RECORDED_GAUGES.fullmatch(name) else ""
    if _GAUGES_OF_FAMILIES.fullmatch(name):
        return "gauge"
    # OpenMetrics wants _total for counters, but not every exporter knows that. Gauges end with
    # _count and _sum as often as the series of histograms do.
    if _MOMENTS.fullmatch(name):
        return ""
    if name.endswith("_bucket") or _OF_KNOWN_EXPORTERS.fullmatch(name) or _EVENTS.fullmatch(name):
        return "counter"
    if _COUNTERS_OF_FAMILIES.fullmatch(name):
        return "counter"
    return "gauge" if _LIKE_GAUGES.fullmatch(name) else ""
