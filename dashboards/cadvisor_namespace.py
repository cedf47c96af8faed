"""One namespace: its pods, trouble first, what they and their workloads use. A pod's name leads to
the pod.

It shows all nodes: the pods of a namespace are on many of them, and some on none.
"""

from dashboards.cadvisor_parts import (
    FILTERED,
    FOLDER,
    NODE_LINK,
    PHASE_COLORS,
    POD_OF_NAMESPACE_LINK,
    STATE_TEXT,
    TAGS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TO_NETWORK,
    TOP,
    USE_TEXT,
    choose_namespace,
    firing,
    lines,
    mirrored,
    stacked,
    state_columns,
    use_columns,
    without,
)
from dashboards.no_data import BLANK, NO_DATA, NOTHING
from gk import Dashboard, Row, column, stat, table, target, timeseries
from gk.library import cadvisor, cadvisor_workloads, kube_pods

OF = {"namespace": "$namespace"}

dashboard = Dashboard(
    "Containers: namespace",
    uid="cadvisor-namespace",
    folder=FOLDER,
    description="One namespace: the state of its pods, and CPU, memory, network and disks of its "
    "pods and workloads.",
    tags=TAGS,
    exporter=cadvisor,
    nodes="all",
    variables=[choose_namespace()],
    refresh="1m",
    links=[TO_CLUSTER, TO_NETWORK, TO_KUBERNETES],
    annotations=[firing(**OF)],
    panels=[
        stat("Pods in all", cadvisor_workloads.namespace_pods(**OF), text="value", height=3),
        stat(
            "Pods not ready",
            kube_pods.pods_not_ready_count(**OF),
            thresholds={1: "orange"},
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "CPU cores", cadvisor_workloads.namespace_cpu(**OF), text="value", decimals=2, height=3
        ),
        stat(
            "CPU / request",
            cadvisor_workloads.namespace_cpu_of_requests(**OF),
            text="value",
            decimals=0,
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Working set",
            cadvisor_workloads.namespace_memory(**OF),
            text="value",
            decimals=1,
            height=3,
        ),
        stat(
            "Mem / request",
            cadvisor_workloads.namespace_memory_of_requests(**OF),
            text="value",
            decimals=0,
            mappings=NO_DATA,
            height=3,
        ),
        table(
            "Pods",
            column("Pod", label="pod", links=POD_OF_NAMESPACE_LINK),
            *state_columns(**OF),
            column("On", cadvisor.pod_nodes(**OF)),
            column("Node", label="{{$node}}", links=NODE_LINK, width=150),
            transformations=without("namespace", "On"),
            description=f"One row for each pod; its name leads to the pod. {STATE_TEXT}",
            overrides=[FILTERED],
            sort_by="State",
            height=10,
        ),
        stacked(
            f"CPU, top {TOP} pods",
            target(cadvisor.pod_cpu(**OF).top(TOP), legend="{{pod}}"),
            axis_label="cores",
            decimals=3,
            height=7,
        ),
        stacked(
            f"Working set, top {TOP} pods",
            target(cadvisor.pod_memory(**OF).top(TOP), legend="{{pod}}"),
            height=7,
        ),
    ],
    rows=[
        Row(
            "Use",
            [
                table(
                    "Use of pods",
                    column("Pod", label="pod", links=POD_OF_NAMESPACE_LINK),
                    *use_columns(**OF),
                    transformations=without("namespace", "{{$node}}"),
                    description=f"One row for each pod with a running container. {USE_TEXT}",
                    overrides=[FILTERED],
                    sort_by="CPU",
                ),
                table(
                    "Workloads",
                    column("Kind", label="owner_kind", width=110),
                    column("Workload", label="owner_name"),
                    column("CPU", cadvisor_workloads.workload_cpu(**OF), decimals=3, width=90),
                    column(
                        "Working set",
                        cadvisor_workloads.workload_memory(**OF),
                        decimals=0,
                        width=110,
                    ),
                    description="The pods of each Deployment, StatefulSet, DaemonSet "
                    "and Job together. CPU is in cores. Source: cAdvisor and kube-state-metrics.",
                    transformations=without("namespace"),
                    sort_by="CPU",
                    width=12,
                ),
                timeseries(
                    "Pods by phase",
                    kube_pods.pods_by_phase(**OF),
                    stack="normal",
                    fill=30,
                    line_width=0,
                    min=0,
                    decimals=0,
                    overrides=PHASE_COLORS,
                    legend="table",
                    legend_placement="right",
                    legend_values=["max", "lastNotNull"],
                ),
            ],
        ),
        Row(
            "Throttling, memory limits, OOM kills, restarts",
            [
                lines(
                    f"CPU throttling, top {TOP} containers",
                    target(
                        cadvisor.container_cpu_throttled(**OF).top(TOP),
                        legend="{{pod}} {{container}}",
                    ),
                    min=0,
                    max=1,
                ),
                lines(
                    f"Memory of limit, top {TOP} containers",
                    target(
                        cadvisor.container_memory_of_limit(**OF).top(TOP),
                        legend="{{pod}} {{container}}",
                    ),
                    min=0,
                    soft_max=1,
                ),
                table(
                    "OOM kills, last hour",
                    column("Pod", label="pod", links=POD_OF_NAMESPACE_LINK),
                    column("Container", label="container", width=160),
                    column("OOM kills", cadvisor.container_oom_kills(**OF), decimals=0, width=110),
                    transformations=without("namespace"),
                    sort_by="OOM kills",
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=12,
                ),
                lines(
                    f"Restarts in all, top {TOP} containers",
                    target(
                        kube_pods.container_restarts_total(**OF).top(TOP),
                        legend="{{pod}} {{container}}",
                    ),
                    interpolation="stepAfter",
                    min=0,
                    soft_max=1,
                    decimals=0,
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
            collapsed=True,
        ),
    ],
)
