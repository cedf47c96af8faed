"""One node: what of it is used, by which pods, and by what is no pod. A pod's name leads to the
pod."""

from dashboards.cadvisor_parts import (
    BELOW_ZERO,
    COLORS,
    FILTERED,
    FOLDER,
    NAMESPACE_LINK,
    NO_STATE,
    NOT_KEPT,
    POD_LINK,
    TAGS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TO_NAMESPACE,
    TOP,
    firing,
    mirrored,
    network_of_pods,
    pod_columns,
    without,
)
from gk import Dashboard, Row, column, gauge, stat, table, target, timeseries
from gk.library import cadvisor, kube_state_metrics

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
    links=[TO_CLUSTER, TO_NAMESPACE, TO_KUBERNETES],
    annotations=[firing()],
    panels=[
        stat(
            "Kubelet",
            cadvisor.up,
            mappings={1: ("Up", "green"), 0: ("Down", "red")},
            text="value",
            width=3,
        ),
        stat(
            "State",
            kube_state_metrics.node_ready,
            mappings={1: ("Ready", "green"), 0: ("Not ready", "red")},
            text="value",
            no_value=NO_STATE,
            width=3,
        ),
        stat("Number of pods", cadvisor.node_pods, text="value", width=3),
        gauge("CPU used", cadvisor.node_cpu_used, decimals=1, width=3),
        gauge("Memory used", cadvisor.node_memory_used, decimals=1, width=3),
        gauge(
            "Fullest filesystem",
            cadvisor.filesystem_fullest,
            decimals=1,
            no_value="Not kept",
            width=3,
        ),
        stat(
            "CPU requested",
            kube_state_metrics.cpu_requested,
            decimals=1,
            text="value",
            no_value=NO_STATE,
            width=3,
        ),
        stat(
            "Memory requested",
            kube_state_metrics.memory_requested,
            decimals=1,
            text="value",
            no_value=NO_STATE,
            width=3,
        ),
        table(
            "Pods",
            column("Namespace", label="namespace", links=NAMESPACE_LINK),
            column("Pod", label="pod", links=POD_LINK),
            *pod_columns(),
            transformations=without("{{$node}}"),
            description="One row for each pod on the node; its name leads to the pod. "
            "CPU is in cores, memory the working set. Throttled and memory of limit are those "
            "of the container that is worst off; of request is the use divided "
            "by what the pod asks for, and comes with the restarts from kube-state-metrics.",
            overrides=[*COLORS, FILTERED],
            sort_by="CPU",
            height=14,
        ),
    ],
    rows=[
        Row(
            "Pods",
            [
                timeseries(
                    f"CPU, top {TOP} pods",
                    cadvisor.pod_cpu.top(TOP),
                    axis_label="cores",
                    stack="normal",
                    fill=20,
                    min=0,
                    legend_placement="right",
                ),
                timeseries(
                    f"Memory, top {TOP} pods",
                    cadvisor.pod_memory.top(TOP),
                    stack="normal",
                    fill=20,
                    min=0,
                    legend_placement="right",
                ),
            ],
        ),
        Row(
            "System services",
            [
                timeseries(
                    f"CPU of system services, top {TOP}",
                    target(cadvisor.service_cpu.top(TOP), legend="{{id}}"),
                    axis_label="cores",
                    fill=0,
                    min=0,
                    no_value=NOT_KEPT,
                    width=8,
                ),
                timeseries(
                    f"Memory of system services, top {TOP}",
                    target(cadvisor.service_memory.top(TOP), legend="{{id}}"),
                    fill=0,
                    min=0,
                    no_value=NOT_KEPT,
                    width=8,
                ),
                table(
                    "System services",
                    column("Service", label="id"),
                    column("CPU", cadvisor.service_cpu, decimals=3, width=90),
                    column("Memory", cadvisor.service_memory, decimals=0, width=110),
                    description="What runs on the node and is no pod: the kubelet, the container "
                    "runtime and other services. CPU is in cores, memory the working set.",
                    transformations=without("{{$node}}"),
                    sort_by="CPU",
                    no_value=NOT_KEPT,
                    width=8,
                ),
            ],
        ),
        Row(
            "Network, disks and filesystems",
            [
                timeseries(
                    "Traffic of the node",
                    cadvisor.node_network_received,
                    cadvisor.node_network_sent,
                    overrides=[BELOW_ZERO],
                    no_value=NOT_KEPT,
                ),
                *network_of_pods(),
                timeseries(
                    "Disk reads and writes of the node",
                    cadvisor.node_disk_read,
                    cadvisor.node_disk_written,
                    overrides=[BELOW_ZERO],
                ),
                mirrored(
                    f"Disk reads and writes, top {TOP} pods",
                    cadvisor.pod_disk_read.top(TOP),
                    cadvisor.pod_disk_written.top(TOP),
                ),
                timeseries(
                    "Filesystems", cadvisor.filesystem_used, fill=0, min=0, max=1, no_value=NOT_KEPT
                ),
            ],
        ),
        Row(
            "All control groups",
            [
                timeseries(
                    f"CPU, top {TOP} control groups",
                    cadvisor.group_cpu.top(TOP),
                    axis_label="cores",
                    fill=0,
                    min=0,
                    legend_placement="right",
                ),
                timeseries(
                    f"Memory, top {TOP} control groups",
                    cadvisor.group_memory.top(TOP),
                    fill=0,
                    min=0,
                    legend_placement="right",
                ),
                timeseries(
                    f"Traffic, top {TOP} control groups",
                    cadvisor.group_network_received.top(TOP),
                    cadvisor.group_network_sent.top(TOP),
                    fill=0,
                    overrides=[BELOW_ZERO],
                    legend="hidden",
                    width=24,
                ),
            ],
            collapsed=True,
        ),
    ],
)
