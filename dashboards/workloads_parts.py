"""What the dashboards of workloads and volumes have in common: the choice of namespaces, links, and
the colours of phases.

Both read kube-state-metrics for all nodes. Its job is not that of cAdvisor, so links to Containers
pass on the names, the data source and the time range only.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from gk import column, dashboard_link, link, override, query_variable, timeseries
from gk.define.fields import Mappings, Thresholds
from gk.define.table import Column
from gk.library import kube_workloads

FOLDER = "Kubernetes"
TOP = 10
TO_OTHERS = "${datasource:queryparam}&${__url_time_range}"

OF = {"namespace": "$namespace"}
ANY: Thresholds = {None: "text", 1: "orange"}
lines = partial(
    timeseries,
    fill=0,
    min=0,
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
)
counts = partial(lines, interpolation="stepAfter", soft_max=5, decimals=0)
"""Whole numbers, which change in steps."""

NAMESPACE_LINK = [
    link(
        "Show the pods of this namespace",
        f"/d/cadvisor-namespace?var-namespace=${{__data.fields.Namespace}}&{TO_OTHERS}",
    )
]
POD_LINK = [
    link(
        "Show this pod",
        "/d/cadvisor-pod?var-namespace=${__data.fields.Namespace}&var-pod=${__data.fields.Pod}"
        f"&{TO_OTHERS}",
    )
]
TO_CONTAINERS = dashboard_link(
    "Containers",
    dashboard="cadvisor",
    include_variables=False,
    tooltip="What nodes, namespaces and pods use",
)
TO_WORKLOADS = dashboard_link(
    "Workloads", dashboard="workloads", tooltip="What uses the claims of these namespaces"
)
TO_VOLUMES = dashboard_link(
    "Volumes", dashboard="volumes", tooltip="Persistent volumes and claims of these namespaces"
)
TO_KUBERNETES = dashboard_link(
    "Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False
)

NAMESPACE = column("Namespace", label="namespace", links=NAMESPACE_LINK)
PHASE_COLORS = {
    "Bound": "green",
    "Available": "blue",
    "Pending": "orange",
    "Released": "orange",
    "Failed": "red",
    "Lost": "red",
}


FILTERED = override(type="string", properties={"custom.filterable": True})
"""Names can be filtered; numbers keep the room of their headers."""


def reason(name: str = "Reason", **options: Any) -> Column:
    """The column of the label `reason`."""
    plain = column(name, label="reason", cell="color-text", **options)
    color = {"mode": "fixed", "fixedColor": "orange"}
    return plain._replace(properties={**plain.properties, "color": color})


def phase(**options: Any) -> Column:
    """The column of the label `phase`."""
    texts: Mappings = {text: (text, color) for text, color in PHASE_COLORS.items()}
    return column("Phase", label="phase", cell="color-text", mappings=texts, **options)


def without(*labels: str) -> list[Mapping[str, Any]]:
    """A transformation that leaves out labels that no column shows."""
    return [{"id": "organize", "options": {"excludeByName": dict.fromkeys(labels, True)}}]


def choose_namespace() -> Any:
    """The variable $namespace: one, some or all."""
    return query_variable(
        "namespace",
        kube_workloads.state_namespaces,
        regex='/namespace="([^"]+)"/',
        label="Namespace",
        multi=True,
        include_all=True,
        all_value=".*",
        refresh="time",
    )
