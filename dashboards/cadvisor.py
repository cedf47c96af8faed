"""Containers, as cAdvisor in each kubelet sees them: first whether the cluster is well and what it
uses altogether, then a table of its nodes and one of its namespaces, whose names lead a level down,
then who uses most.

Every panel shows the selected nodes, one or all. What is asked for, allowed and ready comes from
kube-state-metrics; without it those columns and panels are empty.
"""

from dashboards.cadvisor_parts import (
    BELOW_ZERO,
    FOLDER,
    NAMESPACE_LINK,
    NO_STATE,
    NODE_LINK,
    NOT_KEPT,
    POD_LINK,
    TAGS,
    TO_KUBERNETES,
    TO_NAMESPACE,
    TO_NODE,
    TOP,
    firing,
    mirrored,
    network_of_pods,
)
from gk import Dashboard, Row, alert_list, column, gauge, stat, state_timeline, table, timeseries
from gk.library import cadvisor, kube_state_metrics

# What the alerts are called whose panels are here; each names what it is about.
ALERTS = (
    '{alertname=~"Container.+|CPUThrottlingHigh|Kube(CPU|Memory)Overcommit|Kube(Pod|Node)NotReady"}'
)

dashboard = Dashboard(
    "Containers",
    uid="cadvisor",
    folder=FOLDER,
    description="CPU, memory, network and disks of the cluster, its nodes and its namespaces, "
    "from cAdvisor in each kubelet. The names in the tables lead to a node or a namespace, "
    "and from there to a pod.",
    tags=TAGS,
    exporter=cadvisor,
    refresh="1m",
    links=[TO_NODE, TO_NAMESPACE, TO_KUBERNETES],
    annotations=[firing()],
    panels=[
        stat("Kubelets up", cadvisor.up_share, width=3),
        stat(
            "Nodes not ready",
            kube_state_metrics.nodes_not_ready,
            thresholds={1: "orange"},
            no_value=NO_STATE,
            width=3,
        ),
        stat(
            "Pods not ready",
            kube_state_metrics.pods_not_ready_count,
            thresholds={1: "orange"},
            no_value=NO_STATE,
            width=3,
        ),
        gauge("CPU used", cadvisor.cluster_cpu_used, decimals=1, width=3),
        gauge("Memory used", cadvisor.cluster_memory_used, decimals=1, width=3),
        gauge(
            "Filesystems used",
            cadvisor.cluster_filesystem_used,
            decimals=1,
            no_value="Not kept",
            width=3,
        ),
        stat(
            "Requested of allocatable",
            kube_state_metrics.cluster_cpu_requested,
            kube_state_metrics.cluster_memory_requested,
            decimals=1,
            no_value=NO_STATE,
            width=6,
        ),
        stat(
            "Cores",
            cadvisor.cluster_cpu,
            cadvisor.cluster_cores,
            decimals=1,
            orientation="vertical",
        ),
        stat(
            "Memory",
            cadvisor.cluster_memory,
            cadvisor.cluster_memory_size,
            decimals=1,
            orientation="vertical",
        ),
        stat(
            "Filesystems",
            cadvisor.cluster_filesystem,
            cadvisor.cluster_filesystem_size,
            decimals=1,
            orientation="vertical",
            no_value=NOT_KEPT,
        ),
        alert_list(
            "Firing alerts",
            label_filter=ALERTS,
            states=["firing"],
            description=(
                "Alerts on containers, pods and what nodes promise to them, "
                "of Prometheus and of Grafana."
            ),
            width=12,
            height=4,
        ),
        table(
            "Nodes",
            column("Node", label="{{$node}}", links=NODE_LINK),
            column(
                "Kubelet", cadvisor.up, mappings={1: ("Up", "green"), 0: ("Down", "red")}, width=75
            ),
            column(
                "State",
                cadvisor.node_ready,
                mappings={1: ("Ready", "green"), 0: ("Not ready", "red")},
                width=95,
            ),
            column("Pods", cadvisor.node_pods, width=65),
            column("CPU", cadvisor.node_cpu_used, cell="bar", decimals=1, min=0, max=1, width=130),
            column("CPU requested", cadvisor.node_cpu_requested, decimals=0, width=125),
            column("Memory", cadvisor.node_memory_used, decimals=1, min=0, max=1, width=95),
            column("Memory requested", cadvisor.node_memory_requested, decimals=0, width=150),
            column(
                "Fullest filesystem",
                cadvisor.filesystem_fullest,
                cell="bar",
                decimals=1,
                min=0,
                max=1,
                width=140,
            ),
            column("Received", cadvisor.node_network_received, decimals=1, width=105),
            column("Sent", cadvisor.node_network_sent, decimals=1, width=105),
            column("Alerts", cadvisor.alert_count, width=75),
            description="One row for each node; its name leads to its pods and services. CPU, "
            "memory and the fullest filesystem are what is in use of what there is; "
            "requested is what its pods ask for of what it has for pods, and comes "
            "with the state from kube-state-metrics. Alerts are those that fire and name the node, "
            "where Prometheus evaluates the rules.",
            sort_by="CPU",
            height=8,
        ),
    ],
    rows=[
        Row(
            "Namespaces",
            [
                table(
                    "Namespaces",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Pods", cadvisor.namespace_pods, width=80),
                    column("CPU", cadvisor.namespace_cpu, decimals=2, width=110),
                    column(
                        "CPU of requests", cadvisor.namespace_cpu_of_requests, decimals=0, width=150
                    ),
                    column("Memory", cadvisor.namespace_memory, decimals=1, width=120),
                    column(
                        "Memory of requests",
                        cadvisor.namespace_memory_of_requests,
                        decimals=0,
                        width=170,
                    ),
                    column("Received", cadvisor.namespace_network_received, decimals=1, width=130),
                    column("Sent", cadvisor.namespace_network_sent, decimals=1, width=130),
                    column(
                        "Restarts, 1 h",
                        kube_state_metrics.namespace_restarts,
                        decimals=0,
                        width=130,
                    ),
                    description="One row for each namespace with containers on the selected nodes; "
                    "its name leads to its pods. CPU is in cores, memory the working set; "
                    "of requests is the use divided by what the containers ask for, and comes "
                    "with the restarts from kube-state-metrics.",
                    sort_by="CPU",
                    filterable=True,
                    height=9,
                ),
                timeseries(
                    f"CPU, top {TOP} namespaces",
                    cadvisor.namespace_cpu.top(TOP),
                    axis_label="cores",
                    stack="normal",
                    fill=20,
                    min=0,
                ),
                timeseries(
                    f"Memory, top {TOP} namespaces",
                    cadvisor.namespace_memory.top(TOP),
                    stack="normal",
                    fill=20,
                    min=0,
                ),
            ],
        ),
        Row(
            "Nodes over time",
            [
                timeseries(
                    f"CPU, top {TOP} nodes",
                    cadvisor.node_cpu_used.top(TOP),
                    fill=0,
                    min=0,
                    max=1,
                    width=8,
                ),
                timeseries(
                    f"Memory, top {TOP} nodes",
                    cadvisor.node_memory_used.top(TOP),
                    fill=0,
                    min=0,
                    max=1,
                    width=8,
                ),
                timeseries(
                    f"Fullest filesystems, top {TOP}",
                    cadvisor.filesystem_used.top(TOP),
                    fill=0,
                    min=0,
                    max=1,
                    no_value=NOT_KEPT,
                    width=8,
                ),
            ],
        ),
        Row(
            "Pods",
            [
                timeseries(
                    f"CPU, top {TOP} pods",
                    cadvisor.pod_cpu.top(TOP),
                    axis_label="cores",
                    fill=0,
                    min=0,
                    legend_placement="right",
                ),
                timeseries(
                    f"Memory, top {TOP} pods",
                    cadvisor.pod_memory.top(TOP),
                    fill=0,
                    min=0,
                    legend_placement="right",
                ),
            ],
        ),
        Row(
            "Containers that are held back or killed",
            [
                timeseries(
                    f"CPU throttling, top {TOP} containers",
                    cadvisor.container_cpu_throttled.top(TOP),
                    fill=0,
                    min=0,
                    max=1,
                    legend_placement="right",
                ),
                timeseries(
                    f"Memory of limit, top {TOP} containers",
                    cadvisor.container_memory_of_limit.top(TOP),
                    fill=0,
                    min=0,
                    legend_placement="right",
                ),
                timeseries(
                    "Killed for want of memory in the last hour",
                    cadvisor.container_oom_kills.top(TOP),
                    draw="points",
                    points="always",
                    min=0,
                    decimals=0,
                    no_value="None",
                    legend_placement="right",
                ),
                table(
                    "Containers that restarted",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Container", label="container"),
                    column(
                        "Restarts, 1 h", kube_state_metrics.restarts.top(20), decimals=0, width=140
                    ),
                    description="The twenty containers with the most restarts "
                    "during the last hour; 0 for those that had none. "
                    "More than a few mean that a container fails soon after each start, "
                    "or does not answer its liveness probe. Comes from kube-state-metrics.",
                    sort_by="Restarts, 1 h",
                    width=12,
                    no_value=NO_STATE,
                ),
            ],
        ),
        Row(
            "Network and disks",
            [
                timeseries(
                    "Traffic of all nodes",
                    cadvisor.cluster_network_received,
                    cadvisor.cluster_network_sent,
                    overrides=[BELOW_ZERO],
                    no_value=NOT_KEPT,
                ),
                timeseries(
                    f"Traffic, top {TOP} nodes",
                    cadvisor.node_network_received.top(TOP),
                    cadvisor.node_network_sent.top(TOP),
                    fill=0,
                    overrides=[BELOW_ZERO],
                    no_value=NOT_KEPT,
                ),
                *network_of_pods(),
                timeseries(
                    f"Disk reads and writes, top {TOP} nodes",
                    cadvisor.node_disk_read.top(TOP),
                    cadvisor.node_disk_written.top(TOP),
                    fill=0,
                    overrides=[BELOW_ZERO],
                ),
                mirrored(
                    f"Disk reads and writes, top {TOP} containers",
                    cadvisor.container_disk_read.top(TOP),
                    cadvisor.container_disk_written.top(TOP),
                ),
            ],
        ),
        Row(
            "Ready, requested and waiting (kube-state-metrics)",
            [
                table(
                    "Pods that are not ready",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Phase", label="phase", width=120),
                    column(
                        "Not ready",
                        kube_state_metrics.pods_not_ready,
                        mappings={1: "Yes"},
                        width=120,
                    ),
                    sort_by="Namespace",
                    sort_descending=False,
                    no_value="None, or no kube-state-metrics",
                    width=12,
                ),
                state_timeline(
                    "Nodes ready",
                    kube_state_metrics.node_ready,
                    mappings={1: ("Ready", "green"), 0: ("Not ready", "red")},
                    show_value="never",
                    legend="hidden",
                    no_value=NO_STATE,
                    width=12,
                ),
                timeseries(
                    f"Requested of what nodes have, top {TOP}",
                    kube_state_metrics.cpu_requested.top(TOP),
                    kube_state_metrics.memory_requested.top(TOP),
                    fill=0,
                    min=0,
                    no_value=NO_STATE,
                    width=8,
                ),
                timeseries(
                    "Pods by phase",
                    kube_state_metrics.pods_by_phase,
                    stack="normal",
                    fill=30,
                    line_width=0,
                    min=0,
                    decimals=0,
                    no_value=NO_STATE,
                    width=8,
                ),
                state_timeline(
                    "Kubelets",
                    cadvisor.up,
                    mappings={1: ("Up", "green"), 0: ("Down", "red")},
                    show_value="never",
                    legend="hidden",
                    width=8,
                ),
            ],
        ),
    ],
)
