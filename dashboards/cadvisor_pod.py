"""One pod: in what state it is and why, its containers, and what each of them uses, asks for and
may use at most.

State first, from kube-state-metrics: a pod that waits for a node, or whose containers crash, has no
series of cAdvisor. It shows all nodes, because such a pod may be on none.
"""

from typing import Any

from dashboards.cadvisor_parts import (
    ANY_COLORS,
    EXIT_COLORS,
    FOLDER,
    KEPT,
    LIMIT_COLORS,
    RESTART_COLORS,
    SEVERITIES,
    SEVERITY_COLORS,
    TAGS,
    THROTTLED_COLORS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TO_NAMESPACE,
    choose_namespace,
    choose_pod,
    firing,
    lines,
    mirrored,
    without,
)
from dashboards.no_data import BLANK, DASH, NO_DATA, NOTHING
from gk import (
    Dashboard,
    Row,
    column,
    datasource_variable,
    link,
    logs,
    override,
    stat,
    table,
    target,
    timeseries,
)
from gk.library import cadvisor, kube_pods, kube_state_metrics

OF = {"namespace": "$namespace", "pod": "$pod"}
# What is asked for and allowed, beside what is used: lines that stand out from it, and have its
# colour.
DASHED: list[Any] = [
    override(
        ref_id="B",
        properties={"custom.lineStyle": {"fill": "dot", "dash": [2, 6]}, "custom.fillOpacity": 0},
    ),
    override(
        ref_id="C",
        properties={"custom.lineStyle": {"fill": "dash", "dash": [12, 6]}, "custom.fillOpacity": 0},
    ),
]
NODE_OF_POD = link(
    "Show this node", f"/d/cadvisor-node?var-node=${{__field.labels.{{{{$node}}}}}}&{KEPT}"
)

dashboard = Dashboard(
    "Containers: pod",
    uid="cadvisor-pod",
    folder=FOLDER,
    description="One pod: its status and the reason, its containers and how they last ended, and "
    "their CPU, memory and disks beside what they ask for and may use.",
    tags=TAGS,
    exporter=cadvisor,
    nodes="all",
    variables=[
        choose_namespace(),
        choose_pod(),
        datasource_variable(
            "logs",
            "loki",
            label="Logs",
            description="The Loki that the row Logs asks.",
            hide="variable",
        ),
    ],
    refresh="1m",
    links=[TO_CLUSTER, TO_NAMESPACE, TO_KUBERNETES],
    annotations=[firing(**OF)],
    panels=[
        stat(
            "Status",
            kube_pods.pod_status(**OF),
            text="name",
            thresholds=SEVERITY_COLORS,
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Phase",
            kube_pods.pod_phase(**OF),
            text="name",
            # A pod that crashes is Running, too: only its status judges it.
            thresholds={**SEVERITY_COLORS, None: "text"},
            mappings=NO_DATA,
            height=3,
        ),
        stat(
            "Last end",
            kube_pods.pod_last_end(**OF),
            text="name",
            thresholds={None: "green", 1: "red"},
            mappings=DASH,
            height=3,
        ),
        stat(
            "Exit code",
            kube_pods.pod_last_end(**OF),
            text="value",
            thresholds={None: "green", 1: "red"},
            decimals=0,
            mappings=DASH,
            height=3,
        ),
        stat(
            "Restarts, 1 h",
            kube_state_metrics.pod_restarts(**OF),
            thresholds=RESTART_COLORS,
            text="value",
            decimals=0,
            mappings=DASH,
            height=3,
        ),
        stat(
            "Restarts in all",
            kube_pods.pod_restarts_total(**OF),
            thresholds={None: "green", 1: "orange"},
            text="value",
            decimals=0,
            mappings=DASH,
            height=3,
        ),
        stat(
            "Node",
            cadvisor.pod_nodes(**OF),
            text="name",
            color="text",
            data_links=[NODE_OF_POD],
            mappings=DASH,
            height=3,
        ),
        stat(
            "Workload",
            kube_state_metrics.workloads(**OF),
            text="name",
            color="text",
            mappings=DASH,
            width=8,
            height=3,
        ),
        stat(
            "QoS class",
            kube_pods.pod_qos(**OF),
            text="name",
            color="text",
            mappings=DASH,
            height=3,
        ),
        stat(
            "Age",
            kube_pods.pod_age(**OF),
            text="value",
            color="text",
            decimals=1,
            mappings=DASH,
            height=3,
        ),
        stat(
            "Cores now",
            cadvisor.pod_cpu(**OF),
            text="value",
            color="text",
            decimals=3,
            mappings=DASH,
            height=3,
        ),
        table(
            "Containers",
            column("Container", label="container", width=130),
            column("Type", label="type", width=60),
            column(
                "Health",
                kube_pods.container_state(**OF),
                cell="color-text",
                mappings=SEVERITIES,
                width=90,
            ),
            column("State", label="state", width=100),
            column("Reason", label="reason", width=195),
            column(
                "Ready",
                kube_pods.container_ready(**OF),
                cell="color-text",
                mappings={1: ("Yes", "green"), 0: ("No", "orange")},
                width=70,
            ),
            column(
                "Restarts, 1 h",
                kube_state_metrics.restarts(**OF),
                decimals=0,
                width=105,
                thresholds=RESTART_COLORS,
            ),
            column(
                "In all",
                kube_pods.container_restarts_total(**OF),
                decimals=0,
                width=65,
                thresholds=ANY_COLORS,
            ),
            column("Last end", label="ended", width=105),
            column(
                "Exit code",
                kube_pods.container_last_end(**OF),
                decimals=0,
                width=85,
                thresholds=EXIT_COLORS,
            ),
            column("Ended ago", kube_pods.container_ended_ago(**OF), decimals=1, width=95),
            column("Image", label="image_spec"),
            column("Known", kube_pods.container_images(**OF)),
            transformations=without("namespace", "pod", "Known"),
            description="One row for each container, init containers too: its state and the reason "
            "why it waits or has ended, and how and when it last ended before it was started "
            "again. Exit code 137 is SIGKILL, mostly an OOM kill or a failed liveness probe; 143 "
            "is SIGTERM; others are the program's own. Source: kube-state-metrics.",
            sort_by="Health",
            height=6,
        ),
        timeseries(
            "CPU",
            target(cadvisor.container_cpu(**OF), legend="{{container}}"),
            target(kube_state_metrics.cpu_requests(**OF), legend="{{container}} request"),
            target(kube_state_metrics.cpu_limits(**OF), legend="{{container}} limit"),
            description="Cores that each container uses, as a line; what it asks for, dotted; "
            "what it may use at most, dashed. Requests and limits come from kube-state-metrics.",
            axis_label="cores",
            overrides=DASHED,
            points="auto",
            min=0,
            soft_max=0.01,
            decimals=3,
            legend="table",
            legend_placement="right",
            legend_values=["max", "lastNotNull"],
        ),
        timeseries(
            "Working set",
            target(cadvisor.container_memory(**OF), legend="{{container}}"),
            target(kube_state_metrics.memory_requests(**OF), legend="{{container}} request"),
            target(kube_state_metrics.memory_limits(**OF), legend="{{container}} limit"),
            description="Working set of each container, as a line; what it asks for, dotted; "
            "what it may use at most, dashed. Requests and limits come from kube-state-metrics.",
            overrides=DASHED,
            points="auto",
            min=0,
            legend="table",
            legend_placement="right",
            legend_values=["max", "lastNotNull"],
        ),
    ],
    rows=[
        Row(
            "Why it is not ready",
            [
                table(
                    "Not ready",
                    column("Phase", label="phase", width=80),
                    column("Reason", label="reason"),
                    column("Container", label="container", width=90),
                    column(
                        "Not ready",
                        kube_pods.pods_not_ready(**OF),
                        cell="color-text",
                        mappings={1: ("Yes", "orange")},
                        width=80,
                    ),
                    transformations=without("namespace", "pod", "Not ready"),
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=8,
                    height=5,
                ),
                table(
                    "Crash loop",
                    column("Container", label="container"),
                    column("Last end", label="reason", width=120),
                    column("Restarts in all", kube_pods.crash_looping(**OF), decimals=0, width=120),
                    transformations=without("namespace", "pod"),
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=8,
                    height=5,
                ),
                table(
                    "Waiting containers",
                    column("Container", label="container"),
                    column("Reason", label="reason", width=195),
                    column(
                        "Waiting",
                        kube_pods.containers_waiting(**OF),
                        cell="color-text",
                        mappings={1: ("Yes", "orange")},
                        width=70,
                    ),
                    transformations=without("namespace", "pod", "Waiting"),
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=8,
                    height=5,
                ),
            ],
        ),
        Row(
            "Requests and limits",
            [
                table(
                    "CPU of containers",
                    column("Container", label="container"),
                    column("CPU", cadvisor.container_cpu(**OF), decimals=3, width=75),
                    column("Request", kube_state_metrics.cpu_requests(**OF), decimals=2, width=85),
                    column("Limit", kube_state_metrics.cpu_limits(**OF), decimals=2, width=75),
                    column(
                        "Of request", cadvisor.container_cpu_of_request(**OF), decimals=0, width=100
                    ),
                    column(
                        "Of limit",
                        cadvisor.container_cpu_of_limit(**OF),
                        decimals=0,
                        width=85,
                        thresholds=LIMIT_COLORS,
                    ),
                    column(
                        "Throttled",
                        cadvisor.container_cpu_throttled(**OF),
                        decimals=0,
                        width=95,
                        thresholds=THROTTLED_COLORS,
                    ),
                    description="One row for each container: the cores that it uses, "
                    "asks for and may use at most. Requests and limits come from "
                    "kube-state-metrics; "
                    "a container without one has none to show.",
                    transformations=without("{{$node}}", "namespace", "pod"),
                    sort_by="CPU",
                    width=12,
                    height=6,
                ),
                table(
                    "Memory of containers",
                    column("Container", label="container"),
                    column("Working set", cadvisor.container_memory(**OF), decimals=1, width=105),
                    column(
                        "Request", kube_state_metrics.memory_requests(**OF), decimals=1, width=85
                    ),
                    column("Limit", kube_state_metrics.memory_limits(**OF), decimals=1, width=85),
                    column(
                        "Of request",
                        cadvisor.container_memory_of_request(**OF),
                        decimals=0,
                        width=95,
                    ),
                    column(
                        "Of limit",
                        cadvisor.container_memory_of_limit(**OF),
                        decimals=0,
                        width=80,
                        thresholds=LIMIT_COLORS,
                    ),
                    column("Running for", cadvisor.container_age(**OF), decimals=1, width=100),
                    description="One row for each container: its working set, what it asks "
                    "for and what it may use at most. Requests and limits come from "
                    "kube-state-metrics; "
                    "a container without one has none to show.",
                    transformations=without("{{$node}}", "namespace", "pod"),
                    sort_by="Working set",
                    width=12,
                    height=6,
                ),
            ],
        ),
        Row(
            "Throttling, memory limit, OOM kills, restarts",
            [
                lines(
                    "CPU throttling",
                    target(cadvisor.container_cpu_throttled(**OF), legend="{{container}}"),
                    min=0,
                    max=1,
                ),
                lines(
                    "Memory of limit",
                    target(cadvisor.container_memory_of_limit(**OF), legend="{{container}}"),
                    min=0,
                    soft_max=1,
                ),
                table(
                    "OOM kills, last hour",
                    column("Container", label="container"),
                    column("OOM kills", cadvisor.container_oom_kills(**OF), decimals=0, width=110),
                    transformations=without("namespace", "pod"),
                    sort_by="OOM kills",
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=12,
                ),
                lines(
                    "Restarts",
                    target(kube_pods.container_restarts_total(**OF), legend="{{container}}"),
                    interpolation="stepAfter",
                    min=0,
                    soft_max=1,
                    decimals=0,
                ),
            ],
        ),
        Row(
            "Logs",
            [
                logs(
                    "Logs of the pod",
                    {"expr": '{namespace="$namespace", pod="$pod"}', "refId": "A"},
                    datasource={"type": "loki", "uid": "$logs"},
                    description="What the containers of the pod wrote, newest first. Needs a Loki "
                    "whose streams have the labels namespace and pod, as those of Grafana Alloy "
                    "and Promtail have; of several, `var-logs=UID` in the URL chooses one.",
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Memory in detail",
            [
                timeseries(
                    "Memory by kind",
                    target(
                        cadvisor.container_memory_anonymous(**OF), legend="{{container}} programs"
                    ),
                    target(
                        cadvisor.container_memory_cache(**OF), legend="{{container}} file cache"
                    ),
                    target(cadvisor.container_memory_kernel(**OF), legend="{{container}} kernel"),
                    description="What the memory of each container is: memory of its programs "
                    "that no file stands behind, contents of files that the kernel keeps and "
                    "mostly can give up, and memory that the kernel itself uses. Source: cAdvisor.",
                    stack="normal",
                    fill=20,
                    min=0,
                    legend="table",
                    legend_placement="right",
                    legend_values=["max", "lastNotNull"],
                ),
                lines(
                    "Major page faults",
                    target(cadvisor.container_major_faults(**OF), legend="{{container}}"),
                    min=0,
                    soft_max=1,
                ),
            ],
        ),
        Row(
            "Network and disks",
            [
                mirrored(
                    "Traffic",
                    target(cadvisor.pod_network_received(**OF), legend="received"),
                    target(cadvisor.pod_network_sent(**OF), legend="sent"),
                    legend_placement="bottom",
                    width=8,
                ),
                mirrored(
                    "Dropped packets",
                    target(cadvisor.pod_receive_drops(**OF), legend="received"),
                    target(cadvisor.pod_send_drops(**OF), legend="sent"),
                    legend_placement="bottom",
                    width=8,
                ),
                mirrored(
                    "Disk reads and writes",
                    target(cadvisor.container_disk_read(**OF), legend="{{container}} read"),
                    target(cadvisor.container_disk_written(**OF), legend="{{container}} written"),
                    legend_placement="bottom",
                    width=8,
                ),
            ],
        ),
        Row(
            "Processes and pressure",
            [
                lines(
                    "Processes and threads",
                    target(cadvisor.container_processes(**OF), legend="{{container}} processes"),
                    target(cadvisor.container_threads(**OF), legend="{{container}} threads"),
                    legend_placement="bottom",
                    min=0,
                    soft_max=1,
                    decimals=0,
                    width=8,
                ),
                lines(
                    "Open sockets",
                    target(cadvisor.container_sockets(**OF), legend="{{container}}"),
                    legend_placement="bottom",
                    min=0,
                    soft_max=1,
                    decimals=0,
                    width=8,
                ),
                lines(
                    "Pressure",
                    target(cadvisor.container_cpu_pressure(**OF), legend="{{container}} CPU"),
                    target(cadvisor.container_memory_pressure(**OF), legend="{{container}} memory"),
                    target(cadvisor.container_io_pressure(**OF), legend="{{container}} disks"),
                    description="Share of time in which at least one task of a container waited "
                    "for a CPU, for memory or for a disk, 0 to 1. Source: cAdvisor, "
                    "Kubernetes 1.34 and later.",
                    legend_placement="bottom",
                    min=0,
                    soft_max=0.1,
                    width=8,
                ),
            ],
        ),
    ],
)
