"""Nodes, as the node exporter sees them: first whether all of them are well, then how much of each
resource is used, what waits for it, and where it fails (utilisation, saturation, errors), the nodes
side by side.

Rows below CPU and memory ask Prometheus when somebody opens them.

Every panel shows the selected nodes, one or all. A click on a node leads to
dashboards/node_detail.py, with the same job, data source and time range.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dashboards.no_data import NO_DATA
from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    column,
    dashboard_link,
    link,
    override,
    query_variable,
    stat,
    state_timeline,
    table,
    target,
    timeseries,
)
from gk.define.fields import Mappings
from gk.define.panel import Panel
from gk.define.target import Target
from gk.library import node
from gk.promql import Snippet

# A cluster of hundreds of nodes draws no more lines than that, the highest ones.
TOP = 10

KEPT = "${datasource:queryparam}&${__url_time_range}"
_ROW_NODE, _SERIES_NODE = "${__data.fields.Instance}", "${__field.labels.{{$node}}}"
_NAME = "${__field.labels.nodename}"
_DETAIL, _CONTAINERS = "/d/node-detail?var-node=", "/d/cadvisor-node?var-node="
# Kubernetes names a node by its host name, the column Node; the job of its containers is another.
OF_ROW = [
    link("Detail of ${__data.fields.Node}", f"{_DETAIL}{_ROW_NODE}&${{job:queryparam}}&{KEPT}"),
    link("Containers of ${__data.fields.Node}", f"{_CONTAINERS}${{__data.fields.Node}}&{KEPT}"),
]
DETAIL = [link(f"Detail of {_NAME}", f"{_DETAIL}{_SERIES_NODE}&${{job:queryparam}}&{KEPT}")]
BELOW_ZERO = override(ref_id="B", properties={"custom.transform": "negative-Y"})
UP_OR_DOWN: Mappings = {1: ("Up", "green"), 0: ("Down", "red")}


def highest(title: str, query: Snippet, without: Sequence[str] = (), **options: Any) -> Panel:
    """A tile: the highest value of all nodes, and its host name with the other labels."""
    hidden = ("Time", "{{$node}}", "Value #B", *without)
    return stat(
        title,
        target(query, format="table"),
        target(node.names, format="table"),
        description=f"The highest of all nodes, and where. {query.description}",
        transformations=[
            {"id": "merge", "options": {}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": dict.fromkeys(hidden, True),
                    "indexByName": {"nodename": 0, "device": 1, "mountpoint": 1, "Value #A": 2},
                },
            },
            {"id": "sortBy", "options": {"sort": [{"field": "Value #A", "desc": True}]}},
        ],
        # One row, named by its text.
        fields="/^Value #A$/",
        mappings=NO_DATA,
        extra={"options": {"reduceOptions": {"values": True, "limit": 1}}},
        text="value_and_name",
        width=4,
        height=4,
        **options,
    )


def shown(query: Snippet, limit: int = TOP) -> Target:
    """The highest series of a query, by host name."""
    return target(
        node.named(query.top(limit)),
        legend=query.legend.replace("{{$node}}", "{{nodename}}"),
    )


# Nodes side by side need fewer points than the detail of one: what a graph of the highest series
# reads grows with the square of their number. What fills up or breaks, and stays so, needs fewer.
STEP = "2m"
SLOW = "5m"
# One line a node or device, without the area below it, and a link to the detail of its node.
both_ways = partial(
    timeseries,
    interval=STEP,
    fill=0,
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
    width=12,
    data_links=DETAIL,
)
lines = partial(both_ways, min=0)
# Small, with the names in the tooltip only.
few = partial(
    timeseries,
    interval=STEP,
    fill=0,
    min=0,
    legend="hidden",
    width=8,
    data_links=DETAIL,
)

dashboard = Dashboard(
    "Node",
    uid="node",
    folder="Kubernetes",
    description="All nodes side by side: what is used, what waits, what fails. From the node "
    f"exporter. Graphs show the {TOP} highest series; choose nodes above to see others.",
    tags=["kubernetes", "node"],
    exporter=node,
    variables=[
        # Shown by host name, chosen by the label that the exporter's series have.
        query_variable(
            "node",
            node.targets,
            regex=node.TARGET,
            label="Node",
            multi=True,
            include_all=True,
            all_value=".+",
            refresh="time",
        )
    ],
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False)
    ],
    annotations=[
        # Off at first: an alert that fires for hours colours the whole graph.
        annotation(
            "Firing alerts",
            node.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
            enabled=False,
        ),
        # The value is the time to mark, so a reboot is seen however long the exporter was away.
        annotation(
            "Reboots",
            node.boot_time(since="$__from"),
            title="Reboot",
            text="{{$node}} booted",
            color="purple",
            value_is_time=True,
        ),
    ],
    panels=[
        stat(
            "Nodes",
            node.up_count,
            node.down_count,
            description="Nodes whose exporter answers Prometheus, and nodes whose exporter does "
            "not. Source: Prometheus's own series up.",
            thresholds={None: "red", 1: "text"},
            overrides=[
                override(
                    ref_id="B",
                    properties={
                        "thresholds": {
                            "mode": "absolute",
                            "steps": [
                                {"color": "green", "value": None},
                                {"color": "red", "value": 1},
                            ],
                        }
                    },
                )
            ],
            text="value_and_name",
            width=4,
            height=4,
        ),
        highest("Busiest CPU", node.cpu_busy, decimals=0),
        highest("Most memory", node.memory_used, decimals=0),
        highest("Fullest disk", node.filesystem_used, without=("device", "fstype"), decimals=0),
        alert_list(
            "Critical node alerts",
            name_filter="Node",
            label_filter='{severity=~"critical|page|error"}',
            description="Critical alerts on nodes that fire or are about to, from whichever rules "
            "Grafana knows. The table below names their nodes.",
            width=8,
            height=4,
        ),
        highest("Highest load", node.load_per_cpu, decimals=2),
        highest("Longest queue", node.disk_queue, decimals=1),
        highest("Packet errors", node.network_receive_errors, decimals=1),
        highest(
            "OOM kills, 1 h", node.oom_kills, decimals=0, thresholds={None: "green", 1: "orange"}
        ),
        alert_list(
            "Other node alerts",
            name_filter="Node",
            label_filter='{severity!~"critical|page|error"}',
            description="Alerts on nodes of lesser severity that fire or are about to, from "
            "whichever rules Grafana knows.",
            width=8,
            height=4,
        ),
        table(
            "Nodes, side by side",
            column("Node", label="nodename", links=OF_ROW, width=125),
            column(
                "State",
                node.state,
                mappings={
                    0: ("Down", "red"),
                    1: ("Critical", "red"),
                    2: ("Warning", "orange"),
                    3: ("Info", "blue"),
                    4: ("Up", "green"),
                },
                cell="color-background",
                width=85,
            ),
            column("Worst alert", label="alertname", width=205),
            column("Alerts", node.alert_count, width=75),
            column("CPU busy", node.cpu_busy, cell="bar", decimals=1, min=0, max=1),
            column("Memory used", node.memory_used, cell="bar", decimals=1, min=0, max=1),
            column("Disk used", node.filesystem_fullest, cell="bar", decimals=1, min=0, max=1),
            column("Load", node.load_per_cpu, decimals=2, width=75),
            column("CPU PSI", node.cpu_pressure, decimals=1, width=90),
            column("Mem PSI", node.memory_pressure, decimals=1, width=95),
            column("I/O PSI", node.io_pressure, decimals=1, width=85),
            column("Uptime", node.uptime, decimals=1, width=95),
            column("Instance", label="{{$node}}", width=140),
            column("Up", node.up),
            description="One row a node, the worst first: down, then by the worst alert that "
            "fires for it. Node is the host name where the exporter has said it within a week, and "
            "leads to detail and containers; Instance is the label of the node's series. Memory "
            "used is 1 - MemAvailable / MemTotal, disk used is df's Use% of the fullest "
            "filesystem, load is for each CPU, PSI is the share of time in which some task waited "
            "for CPU, memory or disks. Alerts are those that Prometheus evaluates, as long as "
            "they name the node.",
            overrides=[override(name="Up", properties={"custom.hidden": True})],
            sort_by="State",
            sort_descending=False,
            filterable=True,
            height=12,
        ),
    ],
    rows=[
        Row(
            "CPU",
            [
                lines("CPU busy", shown(node.cpu_busy), max=1),
                lines("Load per CPU", shown(node.load_per_cpu), soft_max=1),
                lines("CPU pressure (PSI)", shown(node.cpu_pressure), soft_max=0.1),
                lines("Steal", shown(node.cpu_steal), soft_max=0.05),
            ],
        ),
        Row(
            "Memory",
            [
                lines("Memory used (MemAvailable)", shown(node.memory_used), max=1),
                lines("Memory pressure (PSI)", shown(node.memory_pressure), soft_max=0.1),
                few("Swap used", shown(node.swap_used), max=1),
                few("Major page faults", shown(node.major_page_faults), soft_max=10),
                few(
                    "OOM kills, last hour",
                    shown(node.oom_kills),
                    soft_max=1,
                    # Each point reads an hour of samples.
                    interval="10m",
                    decimals=0,
                ),
            ],
        ),
        Row(
            "Disks",
            [
                lines("Disk busy", shown(node.disk_busy), max=1),
                lines("Disk queue", shown(node.disk_queue), soft_max=1),
                lines("I/O pressure (PSI)", shown(node.io_pressure), soft_max=0.1),
                both_ways(
                    "Disk reads and writes",
                    shown(node.disk_read, TOP // 2),
                    shown(node.disk_written, TOP // 2),
                    overrides=[BELOW_ZERO],
                    soft_min=-1024,
                    soft_max=1024,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Filesystems",
            [
                lines("Filesystem used (as df)", shown(node.filesystem_used), max=1, interval=SLOW),
                lines(
                    "Filesystem used in 24 hours",
                    shown(node.filesystem_used_ahead),
                    soft_max=1,
                    # Each point reads six hours of samples.
                    interval=SLOW,
                ),
                lines("Inodes used", shown(node.inodes_used), max=1, interval=SLOW),
                lines(
                    "Filesystem errors",
                    shown(node.filesystem_errors),
                    soft_max=1,
                    decimals=0,
                    interval=SLOW,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Network",
            [
                both_ways(
                    "Network traffic",
                    shown(node.network_received, TOP // 2),
                    shown(node.network_sent, TOP // 2),
                    overrides=[BELOW_ZERO],
                    soft_min=-1000,
                    soft_max=1000,
                ),
                lines("Conntrack used", shown(node.conntrack_used), max=1),
                lines(
                    "Drops",
                    shown(node.network_receive_drops, TOP // 2),
                    shown(node.network_send_drops, TOP // 2),
                    soft_max=1,
                ),
                lines(
                    "Network errors",
                    shown(node.network_receive_errors, TOP // 2),
                    shown(node.network_send_errors, TOP // 2),
                    soft_max=0.02,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "System: exporters, systemd, file handles and clocks",
            [
                state_timeline(
                    "Node exporters",
                    node.up,
                    # Each point counts a day of looks at the host names.
                    interval=SLOW,
                    mappings=UP_OR_DOWN,
                    show_value="never",
                    legend="hidden",
                    data_links=DETAIL,
                ),
                state_timeline(
                    "Textfile collectors",
                    target(node.named(node.textfile_error), legend="{{nodename}}"),
                    interval=STEP,
                    mappings={0: ("Read", "green"), 1: ("Not all read", "red")},
                    show_value="never",
                    legend="hidden",
                    data_links=DETAIL,
                ),
                few("File handles open", shown(node.file_handles_used), max=1),
                few("Clock offset", shown(node.clock_offset), soft_max=0.1, interval=SLOW),
                few("Clock error at most", shown(node.clock_error), soft_max=1, interval=SLOW),
                table(
                    "Failed and restarted units",
                    column("Node", label="nodename", links=OF_ROW[:1]),
                    column("Unit", label="name"),
                    column(
                        "Failed", node.named(node.systemd_failed), mappings={1: ("Failed", "red")}
                    ),
                    column("Restarts in 5 min", node.named(node.systemd_restarts), decimals=0),
                    column("Instance", label="{{$node}}"),
                    description="Units of systemd that have failed, and services that systemd "
                    "restarted within the last 5 minutes. Needs --collector.systemd, and "
                    "--collector.systemd.enable-restarts-metrics for the restarts; without, and "
                    "where all is well, it is empty. Source: systemd collector.",
                    sort_by="Restarts in 5 min",
                    filterable=True,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Hardware: RAID, bonds, links, memory, heat",
            [
                lines(
                    "RAID disks missing", shown(node.raid_disks_missing), soft_max=1, interval=SLOW
                ),
                lines(
                    "RAID disks failed", shown(node.raid_disks_failed), soft_max=1, interval=SLOW
                ),
                lines(
                    "Bond members down", shown(node.bond_members_down), soft_max=1, interval=SLOW
                ),
                lines("Interface flaps", shown(node.network_flaps), soft_max=1, interval=SLOW),
                lines(
                    "ECC memory errors, last hour",
                    shown(node.memory_errors, TOP // 2),
                    shown(node.memory_errors_corrected, TOP // 2),
                    soft_max=1,
                    # Each point reads an hour of samples.
                    interval="10m",
                    decimals=0,
                ),
                lines(
                    "CPU throttled by heat", shown(node.cpu_throttles), soft_max=1, interval=SLOW
                ),
            ],
            collapsed=True,
        ),
        Row(
            "All filesystems",
            [
                table(
                    "Filesystems",
                    column("Node", label="nodename", links=OF_ROW[:1]),
                    column("Mounted at", label="mountpoint"),
                    column("Device", label="device"),
                    column("Type", label="fstype"),
                    column("Size", node.named(node.filesystem_size)),
                    column("Available", node.filesystem_available),
                    column("Used", node.filesystem_used, cell="bar", decimals=1, min=0, max=1),
                    column("In 4 h", node.filesystem_used_ahead(hours=4, left=0.1), decimals=1),
                    column("In 24 h", node.filesystem_used_ahead, decimals=1),
                    column("Inodes used", node.inodes_used, cell="bar", decimals=1, min=0, max=1),
                    column("Inodes in 4 h", node.inodes_used_ahead(hours=4, left=0.2), decimals=1),
                    column("Inodes in 24 h", node.inodes_used_ahead, decimals=1),
                    column("Instance", label="{{$node}}"),
                    description="Every filesystem of the selected nodes that can get full. Used is "
                    "df's Use%: space in use, of that and what is available to programs; space "
                    "kept for root counts as neither. In 4 h and in 24 h are the trend of the last "
                    "6 hours carried on: above 100% it gets full before, which is said only of "
                    "those that have little left (10% and 15%; of inodes 20% and 40%).",
                    sort_by="Used",
                    filterable=True,
                    height=12,
                ),
            ],
            collapsed=True,
        ),
    ],
)
