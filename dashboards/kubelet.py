"""The kubelets: is one down, full or slow, does it fail to start pods, to mount volumes or to renew
its certificates; then what it asks of the container runtime and of the API servers.

Tables and tiles ask once. Graphs of quantiles by node read what the recording rules of
alerts/kubelet.py make; without these rules they have no data. What containers use is on
*Containers*.
"""

from collections.abc import Mapping
from typing import Any

from alerts.kubelet import FULL, PLEG_SLOW, START_SLOW
from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    column,
    dashboard_link,
    link,
    override,
    stat,
    table,
    target,
    timeseries,
)
from gk.define.fields import Mappings
from gk.library import cadvisor_nodes, kube_nodes, kubelet

TOP = 10
# Rules record once a minute, so more points would only repeat them.
RECORDED = "1m"
# Names beside the plot, with what one reads off the lines.
LINES: Mapping[str, Any] = {
    "fill": 0,
    "min": 0,
    "interval": RECORDED,
    "legend": "table",
    "legend_placement": "right",
    "legend_values": ["max", "lastNotNull"],
}
UP: Mappings = {1: ("Up", "green"), 0: ("Down", "red")}
YES_IS_BAD: Mappings = {0: ("No", "green"), 1: ("Yes", "red")}
PODS_OF_NODE = [
    link(
        "Containers of ${__data.fields.Node}",
        "/d/cadvisor-node?var-node=${__data.fields.Node}"
        "&${datasource:queryparam}&${__url_time_range}",
    )
]

dashboard = Dashboard(
    "Kubelet",
    uid="kubelet",
    folder="Kubernetes",
    description="The kubelets: up, pods, volumes, container runtime, pod start, evictions, "
    f"certificates. Graphs by node show the {TOP} highest; choose nodes above to see others.",
    tags=["kubernetes", "kubelet"],
    exporter=kubelet,
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False)
    ],
    annotations=[
        annotation(
            "Firing alerts",
            kubelet.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
            enabled=False,
        )
    ],
    panels=[
        stat(
            "Kubelets",
            kubelet.up_count,
            kubelet.down_count,
            thresholds={None: "text", 0: "red", 1: "green"},
            overrides=[
                override(
                    name="down",
                    properties={
                        "thresholds": {
                            "mode": "absolute",
                            "steps": [
                                {"color": "text", "value": None},
                                {"color": "green", "value": 0},
                                {"color": "red", "value": 1},
                            ],
                        }
                    },
                )
            ],
            text="value_and_name",
            orientation="vertical",
            height=4,
        ),
        stat(
            "Fullest node",
            kubelet.pods_of_capacity_highest,
            description="Running pods of the most that a node takes, on the node that is fullest, "
            "0 to 1; 110 pods is the default. Source: the kubelet, and kube-state-metrics "
            "for what the node takes.",
            thresholds={None: "text", 0: "green", FULL: "orange"},
            decimals=0,
            height=4,
        ),
        stat(
            "Runtime errors",
            kubelet.runtime_errors_total,
            thresholds={None: "text", 0: "green", 1: "orange"},
            decimals=0,
            height=4,
        ),
        stat(
            "Unmounted",
            kubelet.volumes_pending_count,
            thresholds={None: "text", 0: "green", 1: "orange"},
            height=4,
        ),
        stat(
            "Pod start p99",
            kubelet.pod_start_highest,
            thresholds={None: "text", 0: "green", START_SLOW: "orange"},
            decimals=1,
            height=4,
        ),
        stat(
            "Evicted, 1 h",
            kubelet.evictions_count,
            thresholds={None: "text", 0: "green", 1: "orange"},
            decimals=0,
            height=4,
        ),
        table(
            "Nodes and their kubelets",
            column("Node", label="{{$node}}", links=PODS_OF_NODE),
            column("Kubelet", kubelet.up, mappings=UP, width=90),
            column(
                "State",
                cadvisor_nodes.node_ready,
                mappings={1: ("Ready", "green"), 0: ("Not ready", "red")},
                width=90,
            ),
            column("Pods", kubelet.running_pods, width=60),
            column("Of capacity", kubelet.pods_of_capacity, decimals=0, width=100),
            column("Containers", kubelet.running_containers, width=95),
            column(
                "Unmounted",
                kubelet.volumes_pending,
                thresholds={0: "green", 1: "orange"},
                width=95,
            ),
            column("PLEG p99", kubelet.pleg_relist, decimals=1, width=90),
            column("Start p99", kubelet.pod_start, decimals=1, width=90),
            column(
                "Runtime errors",
                kubelet.runtime_errors_by_node,
                thresholds={0: "green", 1: "orange"},
                decimals=0,
                width=125,
            ),
            column(
                "Evicted, 1 h",
                kubelet.evictions,
                thresholds={0: "green", 1: "orange"},
                decimals=0,
                width=105,
            ),
            column("API errors", kubelet.api_error_share, decimals=1, width=90),
            column("Client cert", kubelet.client_certificate_left, decimals=0, width=100),
            description="One row for each node; its name leads to its pods. State is that "
            "of the API server, from kube-state-metrics. PLEG is the time in which the kubelet "
            "asks the runtime for the state of all containers, start the time until "
            "the containers of a pod run, without pulling images; start and runtime errors are "
            "those of 15 minutes. Unmounted are volumes that its pods need. "
            "Client cert is the time until it expires, where the kubelet renews it itself.",
            sort_by="Kubelet",
            sort_descending=False,
            height=8,
        ),
        alert_list(
            "Firing alerts",
            label_filter=f"{{{kubelet.ALERTS}}}",
            description="Alerts on kubelets and their nodes that fire, of Prometheus and "
            "of Grafana.",
            states=["firing"],
            width=8,
            height=7,
        ),
        timeseries(
            "PLEG relist p99",
            kubelet.recorded_pleg_relist.top(TOP),
            thresholds={PLEG_SLOW: "orange"},
            soft_max=1,
            width=8,
            height=7,
            fill=0,
            min=0,
            interval=RECORDED,
        ),
        timeseries(
            "Container start errors",
            kubelet.container_start_errors,
            soft_max=0.1,
            width=8,
            height=7,
            fill=0,
            min=0,
            interval=RECORDED,
        ),
    ],
    rows=[
        Row(
            "Pods and containers",
            [
                timeseries("Running pods", kubelet.running_pods.top(TOP), **LINES),
                timeseries(
                    "Pods by lifecycle",
                    kubelet.pods_by_lifecycle,
                    overrides=[
                        override(name="sync", properties={"displayName": "runs"}),
                    ],
                    **LINES,
                ),
                timeseries("Containers by state", kubelet.containers_by_state, **LINES),
                timeseries(
                    "Pod start p99 by node",
                    kubelet.recorded_pod_start.top(TOP),
                    thresholds={START_SLOW: "orange"},
                    soft_max=10,
                    **LINES,
                ),
                table(
                    "Pod workers",
                    column("Operation", label="operation_type"),
                    column("Per second", kubelet.pod_work, unit="ops", decimals=2, width=110),
                    column("p99", kubelet.pod_work_duration, decimals=1, width=110),
                    description="What the kubelets do for pods, all selected nodes together: "
                    "how often, and the time that 99% take at most. Source: the kubelet.",
                    sort_by="p99",
                    width=12,
                    height=7,
                ),
                table(
                    "Cgroup manager",
                    column("Operation", label="operation_type"),
                    column("Per second", kubelet.cgroup_work, unit="ops", decimals=2, width=110),
                    column("p99", kubelet.cgroup_work_duration, decimals=1, width=110),
                    description="Control groups that the kubelets create, update and destroy, "
                    "all selected nodes together: how often, and the time that 99% take at most. "
                    "Source: the kubelet.",
                    sort_by="p99",
                    width=12,
                    height=7,
                ),
            ],
        ),
        Row(
            "Container runtime",
            [
                timeseries(
                    "Runtime operations", kubelet.runtime_operations.top(TOP), soft_max=1, **LINES
                ),
                timeseries(
                    "Runtime errors by operation",
                    kubelet.runtime_errors.top(TOP),
                    soft_max=1,
                    **LINES,
                ),
                table(
                    "Operations of the runtime",
                    column("Operation", label="operation_type"),
                    column("Per second", kubelet.runtime_operations, decimals=2, width=120),
                    column("Errors", kubelet.runtime_errors, decimals=2, width=120),
                    column("p99", kubelet.runtime_duration, decimals=1, width=120),
                    description="Requests from the kubelets to the container runtime, all selected "
                    "nodes together: how often, how many fail, and the time that 99% take at most. "
                    "Source: the kubelet.",
                    sort_by="Errors",
                ),
            ],
        ),
        Row(
            "Volumes and storage",
            [
                timeseries(
                    "Volumes",
                    kubelet.volumes_wanted,
                    kubelet.volumes_mounted,
                    width=8,
                    fill=0,
                    min=0,
                    interval=RECORDED,
                ),
                timeseries(
                    "Volumes pending by node",
                    kubelet.volumes_pending.top(TOP),
                    soft_max=1,
                    width=8,
                    fill=0,
                    min=0,
                    interval=RECORDED,
                ),
                timeseries(
                    "Storage errors",
                    kubelet.storage_errors.top(TOP),
                    soft_max=1,
                    width=8,
                    fill=0,
                    min=0,
                    interval=RECORDED,
                ),
                table(
                    "Storage operations",
                    column("Operation", label="operation_name"),
                    column("Plugin", label="volume_plugin"),
                    column("Per second", kubelet.storage_operations, decimals=2, width=120),
                    column("Errors", kubelet.storage_errors, decimals=2, width=120),
                    column("p99", kubelet.storage_duration, decimals=1, width=120),
                    description="Storage operations of the kubelets, all selected nodes together: "
                    "how often, how many fail, and the time that 99% take at most. "
                    "Source: the kubelet.",
                    sort_by="Errors",
                ),
            ],
        ),
        Row(
            "Nodes: pressure, readiness, evictions (kube-state-metrics)",
            [
                table(
                    "Node conditions",
                    # The label of kube-state-metrics, whatever that of the kubelet is.
                    column("Node", label="node"),
                    column("Unreachable", kube_nodes.node_unreachable, mappings=YES_IS_BAD),
                    column(
                        "Pressures",
                        kube_nodes.node_pressures,
                        thresholds={0: "green", 1: "orange"},
                        width=100,
                    ),
                    column("Ready changes", kube_nodes.node_readiness_changes, width=120),
                    column(
                        "Cordoned",
                        kube_nodes.node_cordoned,
                        mappings={0: "No", 1: ("Yes", "blue")},
                        width=100,
                    ),
                    description="What keeps pods away from a node. Unreachable: the control plane "
                    "has lost its kubelet. Pressures: of disk, memory and process ids, how many "
                    "the node runs short of. Ready changes: how often it became ready or ceased "
                    "to be within 15 minutes. Source: kube-state-metrics.",
                    sort_by="Unreachable",
                    width=12,
                ),
                timeseries(
                    "Node pressure",
                    kube_nodes.node_pressure.top(TOP),
                    soft_max=1,
                    decimals=0,
                    **LINES,
                ),
                timeseries(
                    "Evictions since start",
                    kubelet.evictions_since_start.top(TOP),
                    soft_max=1,
                    decimals=0,
                    **{**LINES, "width": 24},
                ),
            ],
        ),
        Row(
            "Requests to the API servers, certificates, versions",
            [
                timeseries("Requests by code", kubelet.api_requests, **LINES),
                timeseries(
                    "Failed API requests",
                    kubelet.api_error_share.top(TOP),
                    soft_max=0.05,
                    **LINES,
                ),
                table(
                    "Certificates",
                    column("Node", label="{{$node}}"),
                    column("Client", kubelet.client_certificate_left, decimals=1, width=110),
                    column("Server", kubelet.server_certificate_left, decimals=1, width=110),
                    column(
                        "Client errors",
                        kubelet.client_renewal_errors,
                        thresholds={0: "green", 1: "orange"},
                        decimals=0,
                        width=120,
                    ),
                    column(
                        "Server errors",
                        kubelet.server_renewal_errors,
                        thresholds={0: "green", 1: "orange"},
                        decimals=0,
                        width=120,
                    ),
                    description="Time until the certificates of a kubelet expire, and attempts "
                    "to renew them that failed within the last minutes. No rows where the kubelets "
                    "do not renew them themselves. Source: the kubelet.",
                    sort_by="Client",
                    sort_descending=False,
                    width=16,
                ),
                stat(
                    "Minor versions",
                    kubelet.version_count,
                    thresholds={None: "text", 0: "green", 2: "orange"},
                    height=8,
                ),
                table(
                    "Versions",
                    column("Version", label="git_version"),
                    column("Count", kubelet.versions, width=70),
                    sort_by="Count",
                    width=4,
                ),
            ],
        ),
        Row(
            "Process",
            [
                timeseries(
                    "CPU",
                    kubelet.cpu.top(TOP),
                    axis_label="cores",
                    width=8,
                    fill=0,
                    min=0,
                    interval=RECORDED,
                ),
                timeseries(
                    "Resident memory",
                    kubelet.memory.top(TOP),
                    width=8,
                    fill=0,
                    min=0,
                    interval=RECORDED,
                ),
                timeseries(
                    "Goroutines",
                    kubelet.goroutines.top(TOP),
                    width=8,
                    fill=0,
                    min=0,
                    interval=RECORDED,
                ),
                timeseries(
                    "Time since the last relist",
                    target(kubelet.pleg_age.top(TOP)),
                    soft_max=10,
                    **{**LINES, "width": 24},
                ),
            ],
            collapsed=True,
        ),
    ],
)
