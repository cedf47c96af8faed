"""Containers, as cAdvisor in each kubelet and kube-state-metrics see them: first whether the
cluster is well and which pods are not, then its nodes and namespaces, whose names lead a level
down, then who uses most.

Every panel shows the selected nodes, one or all. What is asked for, allowed and ready comes from
kube-state-metrics; without it those columns and panels are empty.
"""

from dashboards.cadvisor_parts import (
    ANY_COLORS,
    CPU_COLORS,
    FILESYSTEM_COLORS,
    FILTERED,
    FOLDER,
    MEMORY_COLORS,
    NAMESPACE_LINK,
    NODE_LINK,
    PHASE_COLORS,
    POD_LINK,
    REQUESTED_COLORS,
    RESTART_COLORS,
    SEVERITIES,
    TAGS,
    TO_KUBERNETES,
    TO_NAMESPACE,
    TO_NETWORK,
    TO_NODE,
    TOP,
    firing,
    lines,
    mirrored,
    stacked,
    without,
)
from dashboards.no_data import BLANK, NO_DATA, NOTHING
from gk import (
    Dashboard,
    Row,
    alert_list,
    bar_gauge,
    column,
    stat,
    state_timeline,
    table,
    timeseries,
)
from gk.library import cadvisor, cadvisor_nodes, cadvisor_workloads, kube_pods, kube_state_metrics

# What the alerts are called whose panels are here; each names what it is about.
ALERTS = (
    '{alertname=~"Container.+|CPUThrottlingHigh|Kube(CPU|Memory)Overcommit|KubeNodeNotReady'
    '|KubePod(NotReady|CrashLooping)|KubeContainerWaiting"}'
)

dashboard = Dashboard(
    "Containers",
    uid="cadvisor",
    folder=FOLDER,
    description="Pods in trouble, and CPU, memory, network and disks of the cluster, its nodes and "
    "its namespaces, from cAdvisor in each kubelet and kube-state-metrics. The names in the tables "
    "lead to a node, a namespace or a pod.",
    tags=TAGS,
    exporter=cadvisor,
    refresh="1m",
    links=[TO_NODE, TO_NAMESPACE, TO_NETWORK, TO_KUBERNETES],
    annotations=[firing()],
    panels=[
        stat("Kubelets up", cadvisor.up_share, height=3),
        stat(
            "Not Ready",
            kube_state_metrics.nodes_not_ready,
            key="Unready nodes",
            thresholds={1: "red"},
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Pods not ready",
            kube_pods.pods_not_ready_count,
            thresholds={1: "orange"},
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "CPU used",
            cadvisor_nodes.cluster_cpu_used,
            decimals=1,
            thresholds=CPU_COLORS,
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Working set",
            cadvisor_nodes.cluster_memory_used,
            decimals=1,
            thresholds=MEMORY_COLORS,
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Filesystems",
            cadvisor_nodes.cluster_filesystem_used,
            decimals=1,
            thresholds=FILESYSTEM_COLORS,
            text="value",
            mappings=NO_DATA,
            height=3,
        ),
        table(
            "Pods in trouble",
            column("Namespace", label="namespace", links=NAMESPACE_LINK, width=140),
            column("Pod", label="pod", links=POD_LINK),
            column(
                "State",
                cadvisor.pods_in_trouble,
                cell="color-text",
                mappings=SEVERITIES,
                width=100,
            ),
            column("Status", label="status", width=215),
            column("Node", label="{{$node}}", links=NODE_LINK, width=150),
            description="Pods that fail, wait or run and are not ready, with the status that "
            "`kubectl get pods` shows, the worst first. The name leads to the pod: reasons, exit "
            "codes, restarts. Empty where none is in trouble. Source: kube-state-metrics.",
            overrides=[BLANK, FILTERED],
            sort_by="State",
            no_value=NOTHING,
            width=16,
            height=8,
        ),
        alert_list(
            "Firing alerts",
            label_filter=ALERTS,
            states=["firing"],
            description=(
                "Alerts on containers, pods and what nodes promise to them, "
                "of Prometheus and of Grafana."
            ),
            width=8,
            height=8,
        ),
        table(
            "Nodes",
            column("Node", label="{{$node}}", links=NODE_LINK),
            column(
                "Kubelet",
                cadvisor.up,
                cell="color-text",
                mappings={1: ("Up", "green"), 0: ("Down", "red")},
                width=75,
            ),
            column(
                "State",
                cadvisor_nodes.node_ready,
                cell="color-text",
                mappings={1: ("Ready", "green"), 0: ("Not ready", "red")},
                width=95,
            ),
            column("Pods", cadvisor_nodes.node_pods, width=65),
            column(
                "CPU", cadvisor_nodes.node_cpu_used, cell="bar", decimals=1, min=0, max=1, width=110
            ),
            column(
                "CPU requested",
                cadvisor_nodes.node_cpu_requested,
                decimals=0,
                width=115,
                thresholds=REQUESTED_COLORS,
            ),
            column(
                "Working set",
                cadvisor_nodes.node_memory_used,
                decimals=1,
                min=0,
                max=1,
                width=105,
                thresholds=MEMORY_COLORS,
            ),
            column(
                "Mem requested",
                cadvisor_nodes.node_memory_requested,
                decimals=0,
                width=120,
                thresholds=REQUESTED_COLORS,
            ),
            column(
                "Fullest disk",
                cadvisor_nodes.filesystem_fullest,
                cell="bar",
                decimals=1,
                min=0,
                max=1,
                width=115,
            ),
            column("Received", cadvisor_nodes.node_network_received, decimals=1, width=95),
            column("Sent", cadvisor_nodes.node_network_sent, decimals=1, width=95),
            column("Alerts", cadvisor.alert_count, width=70, thresholds=ANY_COLORS),
            description="One row for each node; its name leads to its pods and services. CPU, "
            "working set and the fullest disk are shares of what there is; requested is what "
            "its pods ask for of what it has for pods, and comes with the state from "
            "kube-state-metrics. Alerts are those that fire and name the node, where Prometheus "
            "evaluates the rules.",
            sort_by="CPU",
            height=9,
        ),
    ],
    rows=[
        Row(
            "Namespaces",
            [
                table(
                    "Namespaces",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Pods", cadvisor_workloads.namespace_pods, width=70),
                    column(
                        "Not ready",
                        kube_pods.namespace_not_ready,
                        decimals=0,
                        width=95,
                        thresholds=ANY_COLORS,
                    ),
                    column(
                        "Restarts, 1 h",
                        kube_state_metrics.namespace_restarts,
                        decimals=0,
                        width=110,
                        thresholds=RESTART_COLORS,
                    ),
                    column("CPU", cadvisor_workloads.namespace_cpu, decimals=2, width=90),
                    column(
                        "CPU of requests",
                        cadvisor_workloads.namespace_cpu_of_requests,
                        decimals=0,
                        width=140,
                    ),
                    column(
                        "Working set", cadvisor_workloads.namespace_memory, decimals=1, width=110
                    ),
                    column(
                        "Memory of requests",
                        cadvisor_workloads.namespace_memory_of_requests,
                        decimals=0,
                        width=160,
                    ),
                    column(
                        "Received",
                        cadvisor_workloads.namespace_network_received,
                        decimals=1,
                        width=110,
                    ),
                    column(
                        "Sent", cadvisor_workloads.namespace_network_sent, decimals=1, width=110
                    ),
                    description="One row for each namespace; its name leads to its pods, those "
                    "that do not run among them. CPU is in cores, memory the working set; of "
                    "requests is the use divided by what the containers ask for. Pods, readiness, "
                    "restarts and requests come from kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="Not ready",
                    height=9,
                ),
                stacked(
                    f"CPU, top {TOP} namespaces",
                    cadvisor_workloads.namespace_cpu.top(TOP),
                    axis_label="cores",
                ),
                stacked(
                    f"Working set, top {TOP} namespaces",
                    cadvisor_workloads.namespace_memory.top(TOP),
                ),
            ],
        ),
        Row(
            "Pods: readiness, crash loops, OOM kills, throttling",
            [
                table(
                    "Pods that are not ready",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK, width=110),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Phase", label="phase", width=90),
                    column("Reason", label="reason", width=190),
                    column("Container", label="container", width=100),
                    column(
                        "Not ready",
                        kube_pods.pods_not_ready,
                        cell="color-text",
                        mappings={1: ("Yes", "orange")},
                        width=90,
                    ),
                    transformations=without("Not ready"),
                    sort_by="Namespace",
                    sort_descending=False,
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=12,
                ),
                table(
                    "Crash loops",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK, width=140),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Container", label="container", width=140),
                    column("Last end", label="reason", width=120),
                    column("Restarts in all", kube_pods.crash_looping, decimals=0, width=120),
                    sort_by="Restarts in all",
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=12,
                ),
                table(
                    "Waiting containers",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK, width=110),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Container", label="container", width=140),
                    column("Reason", label="reason", width=210),
                    column(
                        "Waiting",
                        kube_pods.containers_waiting,
                        cell="color-text",
                        mappings={1: ("Yes", "orange")},
                        width=80,
                    ),
                    transformations=without("Waiting"),
                    sort_by="Namespace",
                    sort_descending=False,
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=12,
                ),
                table(
                    "Containers that restarted",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK, width=140),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Container", label="container", width=140),
                    column(
                        "Restarts, 1 h",
                        kube_state_metrics.restarts.top(20),
                        decimals=0,
                        width=140,
                        thresholds=RESTART_COLORS,
                    ),
                    description="The twenty containers with the most restarts "
                    "during the last hour; 0 for those that had none. "
                    "More than a few mean that a container fails soon after each start, "
                    "or does not answer its liveness probe. Source: kube-state-metrics.",
                    sort_by="Restarts, 1 h",
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=12,
                ),
                table(
                    "OOM kills, last hour",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK, width=140),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Container", label="container", width=100),
                    column("OOM kills", cadvisor.container_oom_kills, decimals=0, width=110),
                    sort_by="OOM kills",
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=8,
                ),
                timeseries(
                    "Pods by phase",
                    kube_pods.pods_by_phase,
                    stack="normal",
                    fill=30,
                    line_width=0,
                    min=0,
                    decimals=0,
                    overrides=PHASE_COLORS,
                    legend="table",
                    legend_placement="right",
                    legend_values=["max", "lastNotNull"],
                    width=8,
                ),
                bar_gauge(
                    "Pods by status",
                    kube_pods.pods_by_status,
                    color="blue",
                    min=0,
                    decimals=0,
                ),
                lines(
                    f"CPU throttling, top {TOP} containers",
                    cadvisor.container_cpu_throttled.top(TOP),
                    min=0,
                    max=1,
                ),
                lines(
                    f"Memory of limit, top {TOP} containers",
                    cadvisor.container_memory_of_limit.top(TOP),
                    min=0,
                    soft_max=1,
                ),
            ],
        ),
        Row(
            "Use over time",
            [
                lines(
                    f"CPU, top {TOP} nodes",
                    cadvisor_nodes.node_cpu_used.top(TOP),
                    min=0,
                    max=1,
                ),
                lines(
                    f"Working set, top {TOP} nodes",
                    cadvisor_nodes.node_memory_used.top(TOP),
                    min=0,
                    max=1,
                ),
                lines(
                    f"CPU, top {TOP} pods",
                    cadvisor.pod_cpu.top(TOP),
                    axis_label="cores",
                    min=0,
                ),
                lines(f"Working set, top {TOP} pods", cadvisor.pod_memory.top(TOP), min=0),
            ],
        ),
        Row(
            "Capacity and requests",
            [
                stat(
                    "CPU requested",
                    kube_state_metrics.cluster_cpu_accepted,
                    decimals=1,
                    thresholds=REQUESTED_COLORS,
                    mappings=NO_DATA,
                    width=8,
                    height=4,
                ),
                stat(
                    "Mem requested",
                    kube_state_metrics.cluster_memory_accepted,
                    decimals=1,
                    thresholds=REQUESTED_COLORS,
                    mappings=NO_DATA,
                    width=8,
                    height=4,
                ),
                stat(
                    "Pending requests",
                    kube_state_metrics.cluster_cpu_pending,
                    kube_state_metrics.cluster_memory_pending,
                    decimals=1,
                    thresholds={1e-6: "orange"},
                    orientation="vertical",
                    mappings=NO_DATA,
                    width=8,
                    height=4,
                ),
                stat(
                    "Cores",
                    cadvisor_nodes.cluster_cpu,
                    cadvisor_nodes.cluster_cores,
                    decimals=1,
                    orientation="vertical",
                    width=8,
                ),
                stat(
                    "Memory",
                    cadvisor_nodes.cluster_memory,
                    cadvisor_nodes.cluster_memory_size,
                    decimals=1,
                    orientation="vertical",
                    width=8,
                ),
                stat(
                    "Space",
                    cadvisor_nodes.cluster_filesystem,
                    cadvisor_nodes.cluster_filesystem_size,
                    decimals=1,
                    orientation="vertical",
                    mappings=NO_DATA,
                    width=8,
                ),
                timeseries(
                    "Requested of allocatable, pending pods included",
                    kube_state_metrics.cluster_cpu_requested,
                    kube_state_metrics.cluster_memory_requested,
                    fill=0,
                    min=0,
                    soft_max=1,
                    legend="table",
                    legend_values=["max", "lastNotNull"],
                    width=8,
                ),
                lines(
                    f"Requested of allocatable, top {TOP} nodes",
                    kube_state_metrics.cpu_requested.top(TOP),
                    kube_state_metrics.memory_requested.top(TOP),
                    min=0,
                    soft_max=1,
                    width=16,
                ),
                lines(
                    f"Fullest filesystems, top {TOP}",
                    cadvisor_nodes.filesystem_used.top(TOP),
                    min=0,
                    max=1,
                ),
                state_timeline(
                    "Nodes ready",
                    kube_state_metrics.node_ready,
                    mappings={1: ("Ready", "green"), 0: ("Not ready", "red")},
                    show_value="never",
                    legend="hidden",
                    width=6,
                ),
                state_timeline(
                    "Kubelets",
                    cadvisor.up,
                    mappings={1: ("Up", "green"), 0: ("Down", "red")},
                    show_value="never",
                    legend="hidden",
                    width=6,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Network and disks",
            [
                mirrored(
                    "Traffic of all nodes",
                    cadvisor_nodes.cluster_network_received,
                    cadvisor_nodes.cluster_network_sent,
                ),
                mirrored(
                    f"Traffic, top {TOP} nodes",
                    cadvisor_nodes.node_network_received.top(TOP),
                    cadvisor_nodes.node_network_sent.top(TOP),
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
                    f"Disk reads and writes, top {TOP} nodes",
                    cadvisor_nodes.node_disk_read.top(TOP),
                    cadvisor_nodes.node_disk_written.top(TOP),
                ),
                mirrored(
                    f"Disk reads and writes, top {TOP} containers",
                    cadvisor.container_disk_read.top(TOP),
                    cadvisor.container_disk_written.top(TOP),
                ),
            ],
            collapsed=True,
        ),
    ],
)
