"""What the dashboards of containers have in common: links from level to level, columns of pods,
colours, annotations.

cluster (cadvisor) -> node (cadvisor-node) or namespace (cadvisor-namespace) -> pod (cadvisor-pod)

Only the first two have $node: the pods of a namespace are on many nodes, and some on none. A link
carries what its target takes: the value of its row, and never a choice of many nodes to the
dashboard of one.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from alerts.cadvisor import MEMORY_OF_LIMIT, RESTARTS, THROTTLED
from gk import annotation, column, dashboard_link, link, override, query_variable, timeseries
from gk.define.fields import Mappings, Thresholds
from gk.define.table import Column
from gk.library import cadvisor, kube_pods, kube_state_metrics

FOLDER = "Kubernetes"
TAGS = ["kubernetes", "cadvisor"]
TOP = 10

BELOW_ZERO = override(ref_id="B", properties={"custom.transform": "negative-Y"})
lines = partial(
    timeseries,
    fill=0,
    points="auto",
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
)
"""A graph of many series, whose names and highest values stand beside it."""
stacked = partial(
    timeseries,
    stack="normal",
    fill=20,
    points="auto",
    min=0,
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
)
mirrored = partial(lines, overrides=[BELOW_ZERO], soft_min=-1, soft_max=1)
"""One direction above the axis, the other below it."""

# Colours by meaning. From 0.85 on the kubelet removes unused images, from 0.9 on it evicts pods.
CPU_COLORS: Thresholds = {0.8: "orange", 0.95: "red"}
MEMORY_COLORS: Thresholds = {0.9: "orange", 0.95: "red"}
FILESYSTEM_COLORS: Thresholds = {0.85: "orange", 0.9: "red"}
REQUESTED_COLORS: Thresholds = {0.9: "orange", 1.0: "red"}
RESTART_COLORS: Thresholds = {1: "orange", RESTARTS + 1: "red"}
# Of whole pods, of which the alerts know the containers.
LIMIT_COLORS: Thresholds = {MEMORY_OF_LIMIT: "orange"}
THROTTLED_COLORS: Thresholds = {THROTTLED: "orange"}
EXIT_COLORS: Thresholds = {1: "red"}
ANY_COLORS: Thresholds = {1: "orange"}
SEVERITY_COLORS: Thresholds = {None: "green", 1: "blue", 2: "orange", 4: "red"}
SEVERITIES: Mappings = {
    0: ("OK", "green"),
    1: ("Ended", "blue"),
    2: ("Not ready", "orange"),
    3: ("Waiting", "orange"),
    4: ("Failing", "red"),
}
PHASE_COLORS = [
    override(name=phase, properties={"color": {"mode": "fixed", "fixedColor": color}})
    for phase, color in {
        "Running": "green",
        "Pending": "orange",
        "Failed": "red",
        "Succeeded": "blue",
        "Unknown": "purple",
    }.items()
]

# Links

KEPT = "${job:queryparam}&${datasource:queryparam}&${__url_time_range}"

NODE_LINK = [link("Show this node", f"/d/cadvisor-node?var-node=${{__data.fields.Node}}&{KEPT}")]
NAMESPACE_LINK = [
    link(
        "Show this namespace",
        f"/d/cadvisor-namespace?var-namespace=${{__data.fields.Namespace}}&{KEPT}",
    )
]
POD_LINK = [
    link(
        "Show this pod",
        "/d/cadvisor-pod?var-namespace=${__data.fields.Namespace}&var-pod=${__data.fields.Pod}"
        f"&{KEPT}",
    )
]
POD_OF_NAMESPACE_LINK = [
    link(
        "Show this pod",
        f"/d/cadvisor-pod?${{namespace:queryparam}}&var-pod=${{__data.fields.Pod}}&{KEPT}",
    )
]
TO_CLUSTER = dashboard_link("Containers", dashboard="cadvisor", tooltip="All nodes and namespaces")
# Without variables: this dashboard shows one node, and many may be chosen here.
TO_NODE = dashboard_link(
    "Node",
    url="/d/cadvisor-node?${job:queryparam}&${datasource:queryparam}",
    include_variables=False,
    tooltip="The pods and services of a node",
)
TO_NAMESPACE = dashboard_link(
    "Namespace", dashboard="cadvisor-namespace", tooltip="The pods of a namespace"
)
TO_NETWORK = dashboard_link("Network", dashboard="network", tooltip="Traffic of the pods")
# Other dashboards have a $job of their own, and call nodes otherwise.
TO_NODE_EXPORTER = dashboard_link(
    "Node exporter",
    url="/d/node?${datasource:queryparam}",
    include_variables=False,
    tooltip="The machines",
)
TO_KUBERNETES = dashboard_link(
    "Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False
)


# Variables and annotations


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
    """The variable $pod: a pod of $namespace, whatever its state."""
    return query_variable(
        "pod",
        cadvisor.pods(namespace="$namespace"),
        regex='/pod="([^"]+)"/',
        label="Pod",
        refresh="time",
    )


def firing(**about: str) -> Mapping[str, Any]:
    """Marks where alerts on what the dashboard shows fire. Off at first: a mark of an alert that
    fires for hours covers the graph."""
    return annotation(
        "Firing alerts",
        cadvisor.firing_alerts(**about),
        title="{{alertname}}",
        text="{{namespace}} {{pod}} {{container}} {{$node}}",
        tags=["severity"],
        enabled=False,
    )


# Tables


FILTERED = override(regex="^(Namespace|Pod|Node|Status)$", properties={"custom.filterable": True})

_UNREADY = "Containers not ready"


def without(*labels: str) -> list[Mapping[str, Any]]:
    """A transformation that leaves out labels which are the same in every row, and columns that
    only bring a label."""
    return [
        {
            "id": "organize",
            "options": {"excludeByName": dict.fromkeys((*labels, _UNREADY), True)},
        }
    ]


def state_columns(**about: str) -> list[Column]:
    """What state a pod is in, as `kubectl get pods` says it, and how a container of it last
    ended."""
    return [
        column(
            "State",
            kube_pods.pod_status(**about),
            cell="color-text",
            mappings=SEVERITIES,
            width=90,
        ),
        column("Status", label="status", width=215),
        column("Ready", label="ready", width=65),
        column(_UNREADY, kube_pods.pod_containers_ready(**about)),
        column(
            "Restarts, 1 h",
            kube_state_metrics.pod_restarts(**about),
            decimals=0,
            width=105,
            thresholds=RESTART_COLORS,
        ),
        column("Last end", label="ended", width=105),
        column(
            "Exit code",
            kube_pods.pod_last_end(**about),
            decimals=0,
            width=85,
            thresholds=EXIT_COLORS,
        ),
        column("Age", kube_pods.pod_age(**about), decimals=1, width=95),
    ]


STATE_TEXT = (
    "State and status as `kubectl get pods` has them, trouble first; ready says how many of its "
    "containers are. Last end and exit code are of the container that ended worst before it was "
    "started again: 137 is SIGKILL, mostly an OOM kill. Source: kube-state-metrics; pods that only "
    "cAdvisor knows have no state."
)


def use_columns(**about: str) -> list[Column]:
    """What a pod uses, and how near to its requests and limits that is."""
    return [
        column("CPU", cadvisor.pod_cpu(**about), decimals=3, width=80),
        column("CPU of request", cadvisor.pod_cpu_of_requests(**about), decimals=0, width=125),
        column(
            "Throttled",
            cadvisor.pod_cpu_throttled(**about),
            decimals=0,
            width=90,
            thresholds=THROTTLED_COLORS,
        ),
        column("Working set", cadvisor.pod_memory(**about), decimals=1, width=105),
        column("Of request", cadvisor.pod_memory_of_requests(**about), decimals=0, width=100),
        column(
            "Of limit",
            cadvisor.pod_memory_of_limit(**about),
            decimals=0,
            width=80,
            thresholds=LIMIT_COLORS,
        ),
        column("Received", cadvisor.pod_network_received(**about), decimals=0, width=95),
        column("Sent", cadvisor.pod_network_sent(**about), decimals=0, width=95),
        column("Written", cadvisor.pod_disk_written(**about), decimals=0, width=95),
    ]


USE_TEXT = (
    "CPU is in cores, memory the working set. Throttled and of limit are those of the container "
    "that is worst off; of request is the use divided by what the pod asks for. Source: cAdvisor, "
    "and kube-state-metrics for requests and limits."
)
