"""One node: what of it is used, by which pods, and by what is no pod. A pod's name leads to the
pod."""

from dashboards.cadvisor_parts import (
    CPU_COLORS,
    FILESYSTEM_COLORS,
    FILTERED,
    FOLDER,
    MEMORY_COLORS,
    NAMESPACE_LINK,
    POD_LINK,
    REQUESTED_COLORS,
    STATE_TEXT,
    TAGS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TO_NAMESPACE,
    TO_NODE_EXPORTER,
    TOP,
    USE_TEXT,
    firing,
    lines,
    mirrored,
    stacked,
    state_columns,
    use_columns,
    without,
)
from dashboards.no_data import NO_DATA
from gk import Dashboard, Row, column, gauge, stat, table, target, timeseries
from gk.library import cadvisor, cadvisor_nodes, kube_pods, kube_state_metrics

dashboard = Dashboard(
    "Containers: node",
    uid="cadvisor-node",
    folder=FOLDER,
    description=(
        "One node: CPU, memory, network and disks of its pods, "
        "and of the services that are no pods."
    ),
    tags=TAGS,
    exporter=cadvisor,
    nodes="one",
    refresh="1m",
    links=[TO_CLUSTER, TO_NAMESPACE, TO_NODE_EXPORTER, TO_KUBERNETES],
    annotations=[firing()],
    panels=[
        stat(
            "Kubelet",
            cadvisor.up,
            mappings={1: ("Up", "green"), 0: ("Down", "red"), **NO_DATA},
            text="value",
            height=3,
        ),
        stat(
            "State",
            kube_state_metrics.node_ready,
            mappings={1: ("Ready", "green"), 0: ("Not ready", "red"), **NO_DATA},
            text="value",
            height=3,
        ),
        stat("Pods in all", cadvisor_nodes.node_pods, text="value", mappings=NO_DATA, height=3),
        stat(
            "Pods not ready",
            kube_pods.pods_not_ready_count,
            thresholds={1: "orange"},
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "CPU request",
            kube_state_metrics.cpu_requested,
            key="CPU requested",
            decimals=1,
            thresholds=REQUESTED_COLORS,
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Mem request",
            kube_state_metrics.memory_requested,
            key="Mem requested",
            decimals=1,
            thresholds=REQUESTED_COLORS,
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        gauge(
            "CPU used",
            cadvisor_nodes.node_cpu_used,
            decimals=1,
            thresholds=CPU_COLORS,
            mappings=NO_DATA,
        ),
        gauge(
            "Working set",
            cadvisor_nodes.node_memory_used,
            decimals=1,
            thresholds=MEMORY_COLORS,
            mappings=NO_DATA,
        ),
        gauge(
            "Fullest disk",
            cadvisor_nodes.filesystem_fullest,
            decimals=1,
            thresholds=FILESYSTEM_COLORS,
            mappings=NO_DATA,
        ),
        timeseries(
            "Use over time",
            target(cadvisor_nodes.node_cpu_used, legend="CPU"),
            target(cadvisor_nodes.node_memory_used, legend="working set"),
            description="Shares of the node's CPU time and of its memory in use, 0 to 1. Memory is "
            "the working set: without file caches that were not read lately. Source: cAdvisor.",
            fill=0,
            min=0,
            max=1,
            legend="table",
            legend_placement="right",
            legend_values=["max", "lastNotNull"],
            width=12,
            height=4,
        ),
        table(
            "Pods",
            column("Namespace", label="namespace", links=NAMESPACE_LINK, width=160),
            column("Pod", label="pod", links=POD_LINK),
            *state_columns(),
            transformations=without("{{$node}}"),
            description="One row for each pod on the node; its name leads to the pod. "
            + STATE_TEXT,
            overrides=[FILTERED],
            sort_by="State",
            height=12,
        ),
    ],
    rows=[
        Row(
            "Use",
            [
                table(
                    "Use of pods",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK, width=160),
                    column("Pod", label="pod", links=POD_LINK),
                    *use_columns(),
                    transformations=without("{{$node}}"),
                    description="One row for each pod on the node with a running container. "
                    + USE_TEXT,
                    overrides=[FILTERED],
                    sort_by="CPU",
                    height=10,
                ),
                stacked(
                    f"CPU, top {TOP} pods",
                    cadvisor.pod_cpu.top(TOP),
                    axis_label="cores",
                ),
                stacked(f"Working set, top {TOP} pods", cadvisor.pod_memory.top(TOP)),
            ],
        ),
        Row(
            "System services",
            [
                lines(
                    f"CPU of system services, top {TOP}",
                    target(cadvisor_nodes.service_cpu.top(TOP), legend="{{id}}"),
                    axis_label="cores",
                    min=0,
                    width=8,
                ),
                lines(
                    f"Working set of system services, top {TOP}",
                    target(cadvisor_nodes.service_memory.top(TOP), legend="{{id}}"),
                    min=0,
                    width=8,
                ),
                table(
                    "System services",
                    column("Service", label="id"),
                    column("CPU", cadvisor_nodes.service_cpu, decimals=3, width=90),
                    column("Working set", cadvisor_nodes.service_memory, decimals=0, width=110),
                    description="What runs on the node and is no pod: the kubelet, the container "
                    "runtime and other services. CPU is in cores. Empty where Prometheus does not "
                    "keep "
                    "these series, as with the defaults of kube-prometheus-stack.",
                    transformations=without("{{$node}}"),
                    sort_by="CPU",
                    width=8,
                ),
            ],
        ),
        Row(
            "Network, disks and filesystems",
            [
                mirrored(
                    "Traffic of the node",
                    cadvisor_nodes.node_network_received,
                    cadvisor_nodes.node_network_sent,
                ),
                mirrored(
                    f"Traffic, top {TOP} pods",
                    cadvisor.pod_network_received.top(TOP),
                    cadvisor.pod_network_sent.top(TOP),
                ),
                mirrored(
                    f"Dropped packets, top {TOP} pods",
                    cadvisor.pod_receive_drops.top(TOP),
                    cadvisor.pod_send_drops.top(TOP),
                ),
                mirrored(
                    "Disk reads and writes of the node",
                    cadvisor_nodes.node_disk_read,
                    cadvisor_nodes.node_disk_written,
                ),
                mirrored(
                    f"Disk reads and writes, top {TOP} pods",
                    cadvisor.pod_disk_read.top(TOP),
                    cadvisor.pod_disk_written.top(TOP),
                ),
                lines("Filesystems", cadvisor_nodes.filesystem_used, min=0, max=1),
            ],
            collapsed=True,
        ),
        Row(
            "All control groups",
            [
                lines(
                    f"CPU, top {TOP} control groups",
                    cadvisor_nodes.group_cpu.top(TOP),
                    axis_label="cores",
                    min=0,
                ),
                lines(
                    f"Working set, top {TOP} control groups",
                    cadvisor_nodes.group_memory.top(TOP),
                    min=0,
                ),
                mirrored(
                    f"Traffic, top {TOP} control groups",
                    cadvisor_nodes.group_network_received.top(TOP),
                    cadvisor_nodes.group_network_sent.top(TOP),
                    width=24,
                ),
            ],
            collapsed=True,
        ),
    ],
)
