"""One pod: its containers, each with what it uses, asks for and may use at most."""

from typing import Any

from alerts.cadvisor import RESTARTS
from dashboards.cadvisor_parts import (
    BELOW_ZERO,
    FOLDER,
    NO_STATE,
    TAGS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TO_NAMESPACE,
    TO_NODE,
    choose_namespace,
    choose_pod,
    firing,
    without,
)
from gk import Dashboard, Row, column, override, stat, table, target, timeseries
from gk.library import cadvisor, kube_state_metrics

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

dashboard = Dashboard(
    "Containers: pod",
    uid="cadvisor-pod",
    folder=FOLDER,
    description="One pod: CPU, memory and disks of its containers beside what they ask "
    "for and may use, its network, and where it is held back or killed.",
    tags=TAGS,
    exporter=cadvisor,
    variables=[choose_namespace(), choose_pod()],
    refresh="1m",
    links=[TO_CLUSTER, TO_NODE, TO_NAMESPACE, TO_KUBERNETES],
    annotations=[firing(**OF)],
    panels=[
        stat("Runs on", cadvisor.pod_nodes(**OF), text="name", width=8),
        stat("Cores now", cadvisor.pod_cpu(**OF), text="value", decimals=3, width=4),
        stat("Memory now", cadvisor.pod_memory(**OF), text="value", decimals=1, width=4),
        stat(
            "Restarts of all containers in the last hour",
            kube_state_metrics.pod_restarts(**OF),
            thresholds={RESTARTS + 1: "orange"},
            text="value",
            no_value=NO_STATE,
            width=8,
        ),
        table(
            "CPU of containers",
            column("Container", label="container"),
            column("CPU", cadvisor.container_cpu(**OF), decimals=3, width=75),
            column("Request", kube_state_metrics.cpu_requests(**OF), decimals=2, width=85),
            column("Limit", kube_state_metrics.cpu_limits(**OF), decimals=2, width=75),
            column("Of request", cadvisor.container_cpu_of_request(**OF), decimals=0, width=100),
            column("Of limit", cadvisor.container_cpu_of_limit(**OF), decimals=0, width=85),
            column("Throttled", cadvisor.container_cpu_throttled(**OF), decimals=0, width=95),
            description="One row for each container: the cores that it uses, "
            "asks for and may use at most. Requests and limits come from kube-state-metrics; "
            "a container without one has none to show.",
            transformations=without("{{$node}}", "namespace", "pod"),
            sort_by="CPU",
            width=12,
            height=7,
        ),
        table(
            "Memory of containers",
            column("Container", label="container"),
            column("Memory", cadvisor.container_memory(**OF), decimals=1, width=85),
            column("Request", kube_state_metrics.memory_requests(**OF), decimals=1, width=85),
            column("Limit", kube_state_metrics.memory_limits(**OF), decimals=1, width=85),
            column("Of request", cadvisor.container_memory_of_request(**OF), decimals=0, width=95),
            column("Of limit", cadvisor.container_memory_of_limit(**OF), decimals=0, width=80),
            column("Running for", cadvisor.container_age(**OF), decimals=1, width=100),
            description="One row for each container: its working set, what it asks "
            "for and what it may use at most. Requests and limits come from kube-state-metrics; "
            "a container without one has none to show.",
            transformations=without("{{$node}}", "namespace", "pod"),
            sort_by="Memory",
            width=12,
            height=7,
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
            min=0,
        ),
        timeseries(
            "Memory",
            target(cadvisor.container_memory(**OF), legend="{{container}}"),
            target(kube_state_metrics.memory_requests(**OF), legend="{{container}} request"),
            target(kube_state_metrics.memory_limits(**OF), legend="{{container}} limit"),
            description="Working set of each container, as a line; what it asks for, dotted; "
            "what it may use at most, dashed. Requests and limits come from kube-state-metrics.",
            overrides=DASHED,
            min=0,
        ),
    ],
    rows=[
        Row(
            "Held back or killed",
            [
                timeseries(
                    "CPU throttling",
                    target(cadvisor.container_cpu_throttled(**OF), legend="{{container}}"),
                    fill=0,
                    min=0,
                    max=1,
                    no_value="No CPU limit",
                    width=6,
                ),
                timeseries(
                    "Memory of limit",
                    target(cadvisor.container_memory_of_limit(**OF), legend="{{container}}"),
                    fill=0,
                    min=0,
                    no_value="No memory limit",
                    width=6,
                ),
                timeseries(
                    "Killed for want of memory in the last hour",
                    target(cadvisor.container_oom_kills(**OF), legend="{{container}}"),
                    draw="points",
                    points="always",
                    min=0,
                    decimals=0,
                    no_value="None",
                    width=6,
                ),
                timeseries(
                    "Restarts in the last hour",
                    target(kube_state_metrics.restarts(**OF), legend="{{container}}"),
                    fill=0,
                    min=0,
                    decimals=0,
                    no_value=NO_STATE,
                    width=6,
                ),
            ],
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
                ),
                timeseries(
                    "Waits for memory from disks",
                    target(cadvisor.container_major_faults(**OF), legend="{{container}}"),
                    fill=0,
                    min=0,
                ),
            ],
        ),
        Row(
            "Network and disks",
            [
                timeseries(
                    "Traffic",
                    target(cadvisor.pod_network_received(**OF), legend="received"),
                    target(cadvisor.pod_network_sent(**OF), legend="sent"),
                    overrides=[BELOW_ZERO],
                    no_value="On the network of its node",
                    width=8,
                ),
                timeseries(
                    "Dropped packets",
                    target(cadvisor.pod_receive_drops(**OF), legend="received"),
                    target(cadvisor.pod_send_drops(**OF), legend="sent"),
                    overrides=[BELOW_ZERO],
                    no_value="On the network of its node",
                    width=8,
                ),
                timeseries(
                    "Disk reads and writes",
                    target(cadvisor.container_disk_read(**OF), legend="{{container}} read"),
                    target(cadvisor.container_disk_written(**OF), legend="{{container}} written"),
                    overrides=[BELOW_ZERO],
                    no_value="No reads or writes",
                    width=8,
                ),
            ],
        ),
        Row(
            "Processes and waiting",
            [
                timeseries(
                    "Processes and threads",
                    target(cadvisor.container_processes(**OF), legend="{{container}} processes"),
                    target(cadvisor.container_threads(**OF), legend="{{container}} threads"),
                    fill=0,
                    min=0,
                    decimals=0,
                    width=8,
                ),
                timeseries(
                    "Open sockets",
                    target(cadvisor.container_sockets(**OF), legend="{{container}}"),
                    fill=0,
                    min=0,
                    decimals=0,
                    width=8,
                ),
                timeseries(
                    "Time spent waiting",
                    target(cadvisor.container_cpu_pressure(**OF), legend="{{container}} CPU"),
                    target(cadvisor.container_memory_pressure(**OF), legend="{{container}} memory"),
                    target(cadvisor.container_io_pressure(**OF), legend="{{container}} disks"),
                    description="Share of time in which at least one task of a container waited "
                    "for a CPU, for memory or for a disk, 0 to 1. Source: cAdvisor, "
                    "Kubernetes 1.34 and later.",
                    fill=0,
                    min=0,
                    no_value="Needs Kubernetes 1.34 or later",
                    width=8,
                ),
            ],
        ),
    ],
)
