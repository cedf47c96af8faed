"""Network of namespaces, workloads and pods, from cAdvisor in each kubelet: traffic, packets, drops
and errors, and who has most of them.

Pods on the network of their node show the node's numbers and are left out. It shows all nodes: a
workload is on many of them.
"""

from functools import partial
from typing import Any

from dashboards.cadvisor_parts import (
    FILTERED,
    FOLDER,
    NAMESPACE_LINK,
    POD_LINK,
    TAGS,
    TO_CLUSTER,
    TO_KUBERNETES,
    TOP,
    firing,
    lines,
    mirrored,
)
from dashboards.no_data import NO_DATA
from gk import Dashboard, Row, column, query_variable, stat, table, target
from gk.define.fields import Thresholds
from gk.define.panel import Panel
from gk.define.table import Column
from gk.library import (
    cadvisor,
    cadvisor_nodes,
    cadvisor_workloads,
    node,
    node_detail_network,
)
from gk.promql import Snippet

OF = {"namespace": "$namespace"}
# The pods of all nodes are many series, and what a graph of the highest of them reads grows with
# the square of its points.
STEP = "2m"
DROPS: Thresholds = {0.1: "orange", 10: "red"}
"""Packets a second."""


both_ways = partial(mirrored, interval=STEP)


def _chosen(snippet: Snippet, what: str, direction: str) -> Any:
    return snippet(what=what, direction=direction, **OF)


def _packets(of: str, snippet: Snippet, label: str) -> list[Panel]:
    """Packets, drops and errors of the highest of a level, each received and sent."""
    return [
        both_ways(
            f"{title}, top {TOP} {of}",
            target(_chosen(snippet, what, "receive").top(TOP), legend=f"{label} received"),
            target(_chosen(snippet, what, "transmit").top(TOP), legend=f"{label} sent"),
            width=8,
        )
        for title, what in (
            ("Packets", "packets"),
            ("Dropped packets", "packets_dropped"),
            ("Errors", "errors"),
        )
    ]


def _columns(snippet: Snippet) -> list[Column]:
    return [
        column(
            name,
            _chosen(snippet, what, direction),
            unit="suffix: p/s",
            decimals=2,
            width=130,
            thresholds=colors,
        )
        for name, what, direction, colors in (
            ("Packets in", "packets", "receive", {}),
            ("Packets out", "packets", "transmit", {}),
            ("Drops in", "packets_dropped", "receive", DROPS),
            ("Drops out", "packets_dropped", "transmit", DROPS),
            ("Errors in", "errors", "receive", DROPS),
            ("Errors out", "errors", "transmit", DROPS),
        )
    ]


tile = partial(stat, mappings=NO_DATA)

dashboard = Dashboard(
    "Network",
    uid="network",
    folder=FOLDER,
    description="Traffic, packets, drops and errors of namespaces, workloads and pods, and who has "
    "most of them. Pods on the network of their node are left out.",
    tags=TAGS,
    exporter=cadvisor,
    nodes="all",
    variables=[
        query_variable(
            "namespace",
            cadvisor.namespaces,
            regex='/namespace="([^"]+)"/',
            label="Namespace",
            refresh="time",
            multi=True,
            include_all=True,
            all_value=".+",
        )
    ],
    refresh="1m",
    links=[TO_CLUSTER, TO_KUBERNETES],
    annotations=[firing(**OF)],
    panels=[
        tile("Received", cadvisor_workloads.network_total(direction="receive", **OF), height=3),
        tile("Sent", cadvisor_workloads.network_total(direction="transmit", **OF), height=3),
        *(
            tile(
                title,
                cadvisor_workloads.network_total_packets(what=what, direction=direction, **OF),
                thresholds=DROPS,
                decimals=1,
                height=3,
            )
            for title, what, direction in (
                ("Drops in", "packets_dropped", "receive"),
                ("Drops out", "packets_dropped", "transmit"),
                ("Errors in", "errors", "receive"),
                ("Errors out", "errors", "transmit"),
            )
        ),
        table(
            "Namespaces",
            column("Namespace", label="namespace", links=NAMESPACE_LINK),
            column(
                "Received",
                cadvisor_workloads.namespace_network_received(**OF),
                decimals=1,
                width=130,
            ),
            column("Sent", cadvisor_workloads.namespace_network_sent(**OF), decimals=1, width=130),
            *_columns(cadvisor_workloads.namespace_network),
            description="One row for each namespace; its name leads to its pods. Drops and errors "
            "are packets a second. Source: cAdvisor.",
            overrides=[FILTERED],
            sort_by="Received",
            height=8,
        ),
        both_ways(
            f"Traffic, top {TOP} namespaces",
            target(
                cadvisor_workloads.namespace_network_received(**OF).top(TOP),
                legend="{{namespace}} received",
            ),
            target(
                cadvisor_workloads.namespace_network_sent(**OF).top(TOP),
                legend="{{namespace}} sent",
            ),
            height=9,
        ),
        both_ways(
            f"Traffic, top {TOP} workloads",
            cadvisor_workloads.workload_network_received(**OF).top(TOP),
            cadvisor_workloads.workload_network_sent(**OF).top(TOP),
            height=9,
        ),
    ],
    rows=[
        Row(
            "Top talkers",
            [
                table(
                    "Workloads",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Kind", label="owner_kind", width=110),
                    column("Workload", label="owner_name"),
                    column(
                        "Received",
                        cadvisor_workloads.workload_network_received(**OF),
                        decimals=1,
                        width=110,
                    ),
                    column(
                        "Sent",
                        cadvisor_workloads.workload_network_sent(**OF),
                        decimals=1,
                        width=110,
                    ),
                    description="The pods of each Deployment, StatefulSet, DaemonSet and Job "
                    "together. Source: cAdvisor and kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="Received",
                    width=12,
                ),
                table(
                    "Pods",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Received", cadvisor.pod_network_received(**OF), decimals=1, width=110),
                    column("Sent", cadvisor.pod_network_sent(**OF), decimals=1, width=110),
                    description="One row for each pod with a network of its own; its name leads "
                    "to it. Source: cAdvisor.",
                    overrides=[FILTERED],
                    transformations=[
                        {"id": "organize", "options": {"excludeByName": {"{{$node}}": True}}}
                    ],
                    sort_by="Received",
                    width=12,
                ),
                both_ways(
                    f"Traffic, top {TOP} pods",
                    cadvisor.pod_network_received(**OF).top(TOP),
                    cadvisor.pod_network_sent(**OF).top(TOP),
                    width=24,
                ),
            ],
        ),
        Row(
            "Packets, drops and errors of namespaces",
            _packets("namespaces", cadvisor_workloads.namespace_network, "{{namespace}}"),
            collapsed=True,
        ),
        Row(
            "Packets, drops and errors of workloads",
            _packets(
                "workloads", cadvisor_workloads.workload_network, "{{namespace}}/{{owner_name}}"
            ),
            collapsed=True,
        ),
        Row(
            "Packets, drops and errors of pods",
            _packets("pods", cadvisor.pod_network, "{{namespace}}/{{pod}}"),
            collapsed=True,
        ),
        Row(
            "Nodes",
            [
                both_ways(
                    f"Traffic, top {TOP} nodes",
                    cadvisor_nodes.node_network_received.top(TOP),
                    cadvisor_nodes.node_network_sent.top(TOP),
                ),
                lines(
                    f"TCP retransmits, top {TOP} nodes",
                    target(
                        node.named(node_detail_network.netstat(field="Tcp_RetransSegs").top(TOP)),
                        legend="{{nodename}}",
                    ),
                    description="Segments per second that a node sent again because no answer "
                    "came. Source: node exporter, collector netstat.",
                    min=0,
                    interval=STEP,
                ),
            ],
            collapsed=True,
        ),
    ],
)
