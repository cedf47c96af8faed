"""One namespace: its pods and workloads, and what they use. A pod's name leads to the pod."""

from dashboards.cadvisor_parts import (
    COLORS,
    FILTERED,
    FOLDER,
    NO_STATE,
    NODE_LINK,
    POD_OF_NAMESPACE_LINK,
    TAGS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TOP,
    choose_namespace,
    firing,
    mirrored,
    pod_columns,
    without,
)
from gk import Dashboard, Row, column, stat, table, target, timeseries
from gk.library import cadvisor, kube_state_metrics

OF = {"namespace": "$namespace"}

dashboard = Dashboard(
    "Containers: namespace",
    uid="cadvisor-namespace",
    folder=FOLDER,
    description="One namespace: CPU, memory, network and disks of its pods and workloads.",
    tags=TAGS,
    exporter=cadvisor,
    variables=[choose_namespace()],
    refresh="1m",
    links=[TO_CLUSTER, TO_KUBERNETES],
    annotations=[firing(**OF)],
    panels=[
        stat("Number of pods", cadvisor.namespace_pods(**OF), text="value"),
        stat(
            "Pods not ready",
            kube_state_metrics.pods_not_ready_count(**OF),
            thresholds={1: "orange"},
            text="value",
            no_value=NO_STATE,
        ),
        stat("CPU", cadvisor.namespace_cpu(**OF), text="value", decimals=2),
        stat(
            "CPU of requests",
            cadvisor.namespace_cpu_of_requests(**OF),
            text="value",
            decimals=0,
            no_value=NO_STATE,
        ),
        stat("Memory", cadvisor.namespace_memory(**OF), text="value", decimals=1),
        stat(
            "Memory of requests",
            cadvisor.namespace_memory_of_requests(**OF),
            text="value",
            decimals=0,
            no_value=NO_STATE,
        ),
        table(
            "Pods",
            column("Pod", label="pod", links=POD_OF_NAMESPACE_LINK),
            column("Node", label="{{$node}}", links=NODE_LINK),
            *pod_columns(**OF),
            transformations=without("namespace"),
            description="One row for each pod; its name leads to the pod. CPU is in cores, "
            "memory the working set. Throttled and memory of limit are those of the container "
            "that is worst off; of request is the use divided by what the pod asks for, and comes "
            "with the restarts from kube-state-metrics.",
            overrides=[*COLORS, FILTERED],
            sort_by="CPU",
            height=8,
        ),
        timeseries(
            f"CPU, top {TOP} pods",
            target(cadvisor.pod_cpu(**OF).top(TOP), legend="{{pod}}"),
            axis_label="cores",
            stack="normal",
            fill=20,
            min=0,
            legend_placement="right",
        ),
        timeseries(
            f"Memory, top {TOP} pods",
            target(cadvisor.pod_memory(**OF).top(TOP), legend="{{pod}}"),
            stack="normal",
            fill=20,
            min=0,
            legend_placement="right",
        ),
    ],
    rows=[
        Row(
            "Containers that are held back or killed",
            [
                timeseries(
                    f"CPU throttling, top {TOP} containers",
                    target(
                        cadvisor.container_cpu_throttled(**OF).top(TOP),
                        legend="{{pod}} {{container}}",
                    ),
                    fill=0,
                    min=0,
                    max=1,
                    no_value="No CPU limits",
                    legend_placement="right",
                ),
                timeseries(
                    f"Memory of limit, top {TOP} containers",
                    target(
                        cadvisor.container_memory_of_limit(**OF).top(TOP),
                        legend="{{pod}} {{container}}",
                    ),
                    fill=0,
                    min=0,
                    no_value="No memory limits",
                    legend_placement="right",
                ),
                timeseries(
                    "Killed for want of memory in the last hour",
                    target(
                        cadvisor.container_oom_kills(**OF).top(TOP), legend="{{pod}} {{container}}"
                    ),
                    draw="points",
                    points="always",
                    min=0,
                    decimals=0,
                    no_value="None",
                    legend_placement="right",
                ),
                timeseries(
                    f"Restarts in the last hour, top {TOP} containers",
                    target(
                        kube_state_metrics.restarts(**OF).top(TOP), legend="{{pod}} {{container}}"
                    ),
                    fill=0,
                    min=0,
                    decimals=0,
                    no_value=NO_STATE,
                    legend_placement="right",
                ),
            ],
        ),
        Row(
            "Network and disks",
            [
                mirrored(
                    f"Traffic, top {TOP} pods",
                    target(cadvisor.pod_network_received(**OF).top(TOP), legend="{{pod}} received"),
                    target(cadvisor.pod_network_sent(**OF).top(TOP), legend="{{pod}} sent"),
                ),
                mirrored(
                    f"Dropped packets, top {TOP} pods",
                    target(cadvisor.pod_receive_drops(**OF).top(TOP), legend="{{pod}} received"),
                    target(cadvisor.pod_send_drops(**OF).top(TOP), legend="{{pod}} sent"),
                ),
                mirrored(
                    f"Disk reads and writes, top {TOP} pods",
                    target(cadvisor.pod_disk_read(**OF).top(TOP), legend="{{pod}} read"),
                    target(cadvisor.pod_disk_written(**OF).top(TOP), legend="{{pod}} written"),
                    width=24,
                ),
            ],
        ),
        Row(
            "Workloads and pods that are not ready (kube-state-metrics)",
            [
                table(
                    "Workloads",
                    column("Workload", label="owner_name"),
                    column("CPU", cadvisor.workload_cpu(**OF), decimals=3, width=110),
                    column("Memory", cadvisor.workload_memory(**OF), decimals=0, width=120),
                    description="The pods of each Deployment, StatefulSet, DaemonSet "
                    "and Job together. CPU is in cores, memory the working set.",
                    transformations=without("namespace"),
                    sort_by="CPU",
                    no_value=NO_STATE,
                    width=8,
                ),
                table(
                    "Pods that are not ready",
                    column("Pod", label="pod", links=POD_OF_NAMESPACE_LINK),
                    column("Phase", label="phase", width=100),
                    column(
                        "Not ready",
                        kube_state_metrics.pods_not_ready(**OF),
                        mappings={1: "Yes"},
                        width=100,
                    ),
                    transformations=without("namespace"),
                    no_value="None, or no kube-state-metrics",
                    width=8,
                ),
                timeseries(
                    "Pods by phase",
                    kube_state_metrics.pods_by_phase(**OF),
                    stack="normal",
                    fill=30,
                    line_width=0,
                    min=0,
                    decimals=0,
                    no_value=NO_STATE,
                    width=8,
                ),
            ],
        ),
    ],
)
