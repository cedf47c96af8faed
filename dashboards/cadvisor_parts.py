"""What the dashboards of containers have in common: links from level to level, columns of pods,
annotations.

cluster (cadvisor) -> node (cadvisor-node) or namespace (cadvisor-namespace) -> pod (cadvisor-pod)
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from alerts.cadvisor import MEMORY_OF_LIMIT, RESTARTS, THROTTLED
from gk import annotation, column, dashboard_link, link, override, query_variable, timeseries
from gk.define.panel import Panel
from gk.define.table import Column
from gk.library import cadvisor, kube_state_metrics

FOLDER = "Kubernetes"
TAGS = ["kubernetes", "cadvisor"]
TOP = 10
# kube-prometheus-stack drops what belongs to no pod unless it is told not to.
NOT_KEPT = "No series of whole nodes"
NO_STATE = "No kube-state-metrics"
BELOW_ZERO = override(ref_id="B", properties={"custom.transform": "negative-Y"})
mirrored = partial(timeseries, fill=0, overrides=[BELOW_ZERO], legend_placement="right")
"""One direction above the axis, the other below it; long names beside it."""
KEPT = "${job:queryparam}&${datasource:queryparam}&${__url_time_range}"

NODE_LINK = [link("Show this node", f"/d/cadvisor-node?var-node=${{__data.fields.Node}}&{KEPT}")]
NAMESPACE_LINK = [
    link(
        "Show this namespace",
        "/d/cadvisor-namespace?var-namespace=${__data.fields.Namespace}"
        f"&${{node:queryparam}}&{KEPT}",
    )
]
POD_LINK = [
    link(
        "Show this pod",
        "/d/cadvisor-pod?var-namespace=${__data.fields.Namespace}&var-pod=${__data.fields.Pod}"
        f"&${{node:queryparam}}&{KEPT}",
    )
]
POD_OF_NAMESPACE_LINK = [
    link(
        "Show this pod",
        "/d/cadvisor-pod?${namespace:queryparam}&var-pod=${__data.fields.Pod}"
        f"&${{node:queryparam}}&{KEPT}",
    )
]
TO_CLUSTER = dashboard_link("Containers", dashboard="cadvisor", tooltip="All nodes and namespaces")
TO_NODE = dashboard_link(
    "Node", dashboard="cadvisor-node", tooltip="The pods and services of a node"
)
TO_NAMESPACE = dashboard_link(
    "Namespace", dashboard="cadvisor-namespace", tooltip="The pods of a namespace"
)
# Other dashboards have a $job of their own.
TO_KUBERNETES = dashboard_link(
    "Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False
)


def choose_namespace() -> Any:
    """The variable $namespace."""
    return query_variable(
        "namespace",
        cadvisor.namespaces,
        regex='/namespace="([^"]+)"/',
        label="Namespace",
        refresh="time",
    )


def choose_pod() -> Any:
    """The variable $pod: a pod of $namespace."""
    return query_variable(
        "pod",
        cadvisor.pods(namespace="$namespace"),
        regex='/pod="([^"]+)"/',
        label="Pod",
        refresh="time",
    )


def firing(**about: str) -> Mapping[str, Any]:
    """Marks where alerts fire."""
    return annotation(
        "Firing alerts",
        cadvisor.firing_alerts(**about),
        title="{{alertname}}",
        text="{{namespace}} {{pod}} {{container}} {{$node}}",
        tags=["severity"],
    )


def colored(steps: Mapping[float, str], *names: str) -> list[Mapping[str, Any]]:
    """Options that colour the cells of some columns from each value on: those of what alerts wait
    for."""
    thresholds = {
        "mode": "absolute",
        "steps": [
            {"color": "green", "value": None},
            *({"color": color, "value": value} for value, color in steps.items()),
        ],
    }
    properties = {
        "thresholds": thresholds,
        "color": {"mode": "thresholds"},
        "custom.cellOptions": {"type": "color-text"},
    }
    return [override(name=name, properties=properties) for name in names]


# Whole pods, of which the alerts know the containers.
COLORS = [
    *colored({MEMORY_OF_LIMIT: "orange"}, "Memory of limit"),
    *colored({THROTTLED: "orange"}, "Throttled"),
    *colored({RESTARTS + 1: "orange"}, "Restarts, 1 h"),
]

FILTERED = override(regex="Namespace|Pod|Node", properties={"custom.filterable": True})


def without(*labels: str) -> list[Mapping[str, Any]]:
    """A transformation that leaves out labels which are the same in every row."""
    return [{"id": "organize", "options": {"excludeByName": dict.fromkeys(labels, True)}}]


def network_of_pods() -> list[Panel]:
    """What the pods that have most traffic send and receive, and what of it is dropped."""
    return [
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
    ]


def pod_columns(**about: str) -> list[Column]:
    """What a pod uses and how near to its requests and limits that is, with restarts."""
    return [
        column("CPU", cadvisor.pod_cpu(**about), decimals=3, width=80),
        column("CPU of request", cadvisor.pod_cpu_of_requests(**about), decimals=0, width=125),
        column("Throttled", cadvisor.pod_cpu_throttled(**about), decimals=0, width=90),
        column("Memory", cadvisor.pod_memory(**about), decimals=1, width=95),
        column(
            "Memory of request", cadvisor.pod_memory_of_requests(**about), decimals=0, width=145
        ),
        column("Memory of limit", cadvisor.pod_memory_of_limit(**about), decimals=0, width=130),
        column("Received", cadvisor.pod_network_received(**about), decimals=0, width=95),
        column("Sent", cadvisor.pod_network_sent(**about), decimals=0, width=95),
        column("Written", cadvisor.pod_disk_written(**about), decimals=0, width=95),
        column("Restarts, 1 h", kube_state_metrics.pod_restarts(**about), decimals=0, width=110),
    ]
