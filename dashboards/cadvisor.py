"""Containers, as cAdvisor in each kubelet sees them: first what the cluster uses altogether, then its nodes, its pods
and its containers, and where these are held back or killed.

Every panel shows the selected nodes, one or all. What is asked for and allowed comes from kube-state-metrics, in the
last row; without it only that row is empty.
"""

from collections.abc import Mapping
from typing import Any

from gk import (
    Dashboard,
    Row,
    alert_list,
    dashboard_link,
    gauge,
    link,
    override,
    stat,
    state_timeline,
    table,
    timeseries,
)
from gk.promql import cadvisor, kube_state_metrics

TOP = 10
ONLY_THIS_NODE = [
    link("Show only ${__field.displayName}", "/d/cadvisor?var-node=${__field.displayName}&${__url_time_range}")
]
# kube-prometheus-stack drops what belongs to no pod unless it is told not to.
NOT_KEPT = "No series of whole nodes"
BELOW_ZERO = override(ref_id="B", properties={"custom.transform": "negative-Y"})
SHARE_BARS: Mapping[str, Any] = {
    "unit": "percentunit",
    "min": 0,
    "max": 1,
    "decimals": 1,
    "custom.width": 150,
    "color": {"mode": "continuous-GrYlRd"},
    "custom.cellOptions": {"type": "gauge", "mode": "basic"},
}


def columns(**values: str) -> list[Mapping[str, Any]]:
    """Put what several queries return for one container into one row; `values` names the column of each query."""
    labels = {"{{$node}}": "Node", "namespace": "Namespace", "pod": "Pod", "container": "Container"}
    names = {**labels, **{f"Value #{ref_id}": name for ref_id, name in values.items()}}
    return [
        {"id": "merge", "options": {}},
        {
            "id": "organize",
            "options": {
                "excludeByName": {"Time": True},
                "indexByName": {name: position for position, name in enumerate(names)},
                "renameByName": names,
            },
        },
    ]


dashboard = Dashboard(
    "Containers",
    uid="cadvisor",
    folder="Kubernetes",
    description="CPU, memory, network and disks of nodes, pods and containers, from cAdvisor in each kubelet.",
    tags=["kubernetes", "cadvisor"],
    exporter=cadvisor,
    refresh="1m",
    links=[dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True)],
    panels=[
        gauge("CPU used", cadvisor.cluster_cpu_used),
        gauge("Memory used", cadvisor.cluster_memory_used),
        gauge("Filesystems used", cadvisor.cluster_filesystem_used, no_value=NOT_KEPT),
        stat("Cores", cadvisor.cluster_cpu, cadvisor.cluster_cores, orientation="vertical"),
        stat("Memory", cadvisor.cluster_memory, cadvisor.cluster_memory_size, orientation="vertical"),
        stat(
            "Filesystems",
            cadvisor.cluster_filesystem,
            cadvisor.cluster_filesystem_size,
            orientation="vertical",
            no_value=NOT_KEPT,
        ),
        stat("Kubelets that answer", cadvisor.up_share, height=6),
        state_timeline(
            "Kubelets",
            cadvisor.up,
            mappings={1: ("Up", "green"), 0: ("Down", "red")},
            show_value="never",
            legend="hidden",
            data_links=ONLY_THIS_NODE,
            width=12,
            height=6,
        ),
        alert_list("Container alerts", name_filter="Container", width=8),
    ],
    rows=[
        Row(
            "Nodes",
            [
                timeseries("CPU by node", cadvisor.node_cpu_used, min=0, max=1, data_links=ONLY_THIS_NODE, width=8),
                timeseries(
                    "Memory by node", cadvisor.node_memory_used, min=0, max=1, data_links=ONLY_THIS_NODE, width=8
                ),
                timeseries("Filesystems by node", cadvisor.filesystem_used, min=0, max=1, no_value=NOT_KEPT, width=8),
            ],
        ),
        Row(
            "Pods",
            [
                timeseries(f"CPU, top {TOP} pods", cadvisor.pod_cpu(top=TOP), axis_label="cores", fill=0, min=0),
                timeseries(f"Memory, top {TOP} pods", cadvisor.pod_memory(top=TOP), fill=0, min=0),
            ],
        ),
        Row(
            "Containers",
            [
                timeseries("CPU throttling", cadvisor.container_cpu_throttled, fill=0, min=0, max=1, width=8),
                timeseries("Memory of limit", cadvisor.container_memory_of_limit, fill=0, min=0, width=8),
                timeseries(
                    "Killed for want of memory in the last hour",
                    cadvisor.container_oom_kills,
                    draw="points",
                    points="always",
                    min=0,
                    decimals=0,
                    no_value="None",
                    width=8,
                ),
                table(
                    "Containers",
                    cadvisor.container_cpu,
                    cadvisor.container_memory,
                    cadvisor.container_memory_of_limit,
                    cadvisor.container_cpu_throttled,
                    cadvisor.container_threads,
                    cadvisor.container_age,
                    transformations=columns(
                        A="CPU",
                        B="Memory",
                        C="Memory of limit",
                        D="Throttled",
                        E="Threads",
                        F="Running for",
                    ),
                    overrides=[
                        override(name="CPU", properties={"unit": "short", "decimals": 3, "custom.width": 120}),
                        override(name="Memory", properties={"unit": "bytes", "custom.width": 150}),
                        override(regex="Memory of limit|Throttled", properties=SHARE_BARS),
                        override(name="Threads", properties={"unit": "short", "custom.width": 110}),
                        override(name="Running for", properties={"unit": "s", "decimals": 1, "custom.width": 130}),
                    ],
                    sort_by="Memory",
                    filterable=True,
                    height=10,
                ),
            ],
        ),
        Row(
            "Network",
            [
                timeseries(
                    "Traffic of nodes",
                    cadvisor.node_network_received,
                    cadvisor.node_network_sent,
                    overrides=[BELOW_ZERO],
                    no_value=NOT_KEPT,
                    width=8,
                ),
                timeseries(
                    f"Traffic, top {TOP} pods",
                    cadvisor.pod_network_received(top=TOP),
                    cadvisor.pod_network_sent(top=TOP),
                    fill=0,
                    overrides=[BELOW_ZERO],
                    width=8,
                ),
                timeseries(
                    f"Dropped packets, top {TOP} pods",
                    cadvisor.pod_receive_drops(top=TOP),
                    cadvisor.pod_send_drops(top=TOP),
                    fill=0,
                    overrides=[BELOW_ZERO],
                    width=8,
                ),
            ],
        ),
        Row(
            "Disks and pressure",
            [
                timeseries(
                    f"Disk reads and writes, top {TOP} containers",
                    cadvisor.container_disk_read(top=TOP),
                    cadvisor.container_disk_written(top=TOP),
                    fill=0,
                    overrides=[BELOW_ZERO],
                ),
                timeseries(
                    "Time spent waiting, top 5 containers",
                    cadvisor.container_cpu_pressure(top=5),
                    cadvisor.container_memory_pressure(top=5),
                    cadvisor.container_io_pressure(top=5),
                    fill=0,
                    min=0,
                    no_value="Needs Kubernetes 1.34 or later",
                ),
            ],
        ),
        Row(
            "System services",
            [
                timeseries(
                    "CPU of system services", cadvisor.service_cpu, axis_label="cores", min=0, no_value=NOT_KEPT
                ),
                timeseries("Memory of system services", cadvisor.service_memory, min=0, no_value=NOT_KEPT),
            ],
        ),
        Row(
            "Requests and limits (kube-state-metrics)",
            [
                timeseries(
                    "Requested of what nodes have",
                    kube_state_metrics.cpu_requested,
                    kube_state_metrics.memory_requested,
                    fill=0,
                    min=0,
                ),
                timeseries("Pods by phase", kube_state_metrics.pods_by_phase, stack="normal", min=0),
                table(
                    "Use, requests and limits",
                    cadvisor.container_cpu,
                    kube_state_metrics.cpu_requests,
                    kube_state_metrics.cpu_limits,
                    cadvisor.container_memory,
                    kube_state_metrics.memory_requests,
                    kube_state_metrics.memory_limits,
                    kube_state_metrics.restarts,
                    transformations=columns(
                        A="CPU",
                        B="CPU requested",
                        C="CPU limit",
                        D="Memory",
                        E="Memory requested",
                        F="Memory limit",
                        G="Restarts, last hour",
                    ),
                    overrides=[
                        override(regex="CPU.*", properties={"unit": "short", "decimals": 3, "custom.width": 120}),
                        override(regex="Memory.*", properties={"unit": "bytes", "custom.width": 150}),
                        override(name="Restarts, last hour", properties={"unit": "short", "decimals": 0}),
                    ],
                    sort_by="Memory",
                    filterable=True,
                    height=12,
                ),
            ],
            collapsed=True,
        ),
    ],
)
