"""Nodes, as the node exporter sees them: first whether all of them are well, then how much of each
resource is used, what waits for it, and where it fails (utilisation, saturation, errors), the nodes
side by side.

Every panel shows the selected nodes, one or all. A click on a node leads to
dashboards/node_detail.py, with the same job, data source and time range.
"""

from collections.abc import Mapping
from typing import Any

from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    column,
    dashboard_link,
    gauge,
    link,
    override,
    stat,
    state_timeline,
    table,
    timeseries,
)
from gk.library import node

# A cluster of hundreds of nodes draws no more lines than that, the highest at each point in time.
TOP = 10

# One value for all nodes, so that a gauge shows the highest of them and alerts still find their
# query.
HIGHEST: list[Mapping[str, Any]] = [{"id": "reduce", "options": {"reducers": ["lastNotNull"]}}]
BELOW_ZERO = override(ref_id="B", properties={"custom.transform": "negative-Y"})
KEPT = "${job:queryparam}&${datasource:queryparam}&${__url_time_range}"
DETAIL_OF_ROW = [
    link(
        "Detail of ${__data.fields.Node}", f"/d/node-detail?var-node=${{__data.fields.Node}}&{KEPT}"
    )
]
_SERIES_NODE = "${__field.labels.{{$node}}}"
DETAIL = [link(f"Detail of {_SERIES_NODE}", f"/d/node-detail?var-node={_SERIES_NODE}&{KEPT}")]
# One line a node or device, without the area below it, and a link to the detail of its node.
LINES: Mapping[str, Any] = {"fill": 0, "data_links": DETAIL}

dashboard = Dashboard(
    "Node",
    uid="node",
    folder="Kubernetes",
    description="All nodes side by side: what is used, what waits, what fails. From the node "
    f"exporter. Graphs show the {TOP} highest series; choose nodes above to see others.",
    tags=["kubernetes", "node"],
    exporter=node,
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False)
    ],
    annotations=[
        # One for each alert and not for each node: regions that overlap hide the graphs.
        annotation(
            "Firing alerts",
            node.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
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
            node.target_count,
            text="value_and_name",
            orientation="vertical",
            height=6,
        ),
        gauge(
            "CPU, busiest",
            node.cpu_busy,
            transformations=HIGHEST,
            calculation="max",
            decimals=0,
            width=3,
            height=6,
        ),
        gauge(
            "Load per CPU, highest",
            node.load_per_cpu,
            transformations=HIGHEST,
            calculation="max",
            min=0,
            max=4,
            decimals=2,
            width=3,
            height=6,
        ),
        gauge(
            "Memory, fullest",
            node.memory_used,
            transformations=HIGHEST,
            calculation="max",
            decimals=0,
            width=3,
            height=6,
        ),
        gauge(
            "Filesystem, fullest",
            node.filesystem_used,
            transformations=HIGHEST,
            calculation="max",
            decimals=0,
            width=3,
            height=6,
        ),
        alert_list(
            "Node alerts",
            name_filter="Node",
            description=(
                "Alerts on nodes that fire or are about to, from whichever rules Grafana knows."
            ),
            width=8,
            height=6,
        ),
        table(
            "Nodes, side by side",
            column("Node", label="{{$node}}", links=DETAIL_OF_ROW, width=210),
            column("State", node.up, mappings={1: ("Up", "green"), 0: ("Down", "red")}, width=80),
            column("Alerts firing", node.alert_count, width=130),
            column("CPU busy", node.cpu_busy, cell="bar", decimals=1, min=0, max=1),
            column("Load per CPU", node.load_per_cpu, decimals=2, width=135),
            column("Memory used", node.memory_used, cell="bar", decimals=1, min=0, max=1),
            column(
                "Fullest filesystem", node.filesystem_fullest, cell="bar", decimals=1, min=0, max=1
            ),
            column("Waiting for CPU", node.cpu_pressure, decimals=1, width=155),
            column("Waiting for memory", node.memory_pressure, decimals=1, width=180),
            column("Waiting for disks", node.io_pressure, decimals=1, width=160),
            column("Uptime", node.uptime, decimals=1, width=110),
            description="One row a node; its name leads to its detail. "
            "Waiting is the share of time in which at least one task could not go on for want "
            "of CPU, memory or a disk (the kernel's pressure stall information). The number "
            "of alerts is that of Prometheus, and empty where Grafana evaluates the rules.",
            sort_by="Alerts firing",
            filterable=True,
            height=9,
        ),
    ],
    rows=[
        Row(
            "CPU",
            [
                timeseries("CPU busy", node.cpu_busy.top(TOP), min=0, max=1, width=8, **LINES),
                timeseries("Load per CPU", node.load_per_cpu.top(TOP), min=0, width=8, **LINES),
                timeseries(
                    "CPU time taken by the host",
                    node.cpu_steal.top(TOP),
                    min=0,
                    soft_max=0.05,
                    width=8,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Memory",
            [
                timeseries(
                    "Memory used", node.memory_used.top(TOP), min=0, max=1, width=6, **LINES
                ),
                timeseries("Swap used", node.swap_used.top(TOP), min=0, max=1, width=6, **LINES),
                timeseries(
                    "Major page faults", node.major_page_faults.top(TOP), min=0, width=6, **LINES
                ),
                timeseries(
                    "Killed for want of memory in the last hour",
                    node.oom_kills.top(TOP),
                    min=0,
                    soft_max=1,
                    decimals=0,
                    width=6,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Pressure: time in which work waits",
            [
                timeseries(
                    "Waiting for CPU",
                    node.cpu_pressure.top(TOP),
                    min=0,
                    soft_max=0.1,
                    width=8,
                    **LINES,
                ),
                timeseries(
                    "Waiting for memory",
                    node.memory_pressure.top(TOP),
                    min=0,
                    soft_max=0.1,
                    width=8,
                    **LINES,
                ),
                timeseries(
                    "Waiting for disks",
                    node.io_pressure.top(TOP),
                    min=0,
                    soft_max=0.1,
                    width=8,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Disks",
            [
                timeseries("Disk busy", node.disk_busy.top(TOP), min=0, max=1, width=8, **LINES),
                timeseries(
                    "Disk queue", node.disk_queue.top(TOP), soft_min=0, max=1, width=8, **LINES
                ),
                timeseries(
                    "Disk reads and writes",
                    node.disk_read.top(TOP // 2),
                    node.disk_written.top(TOP // 2),
                    overrides=[BELOW_ZERO],
                    width=8,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Filesystems",
            [
                timeseries(
                    "Filesystem used", node.filesystem_used.top(TOP), min=0, max=1, width=6, **LINES
                ),
                timeseries(
                    "Filesystem used in 24 hours",
                    node.filesystem_used_ahead.top(TOP),
                    soft_max=1,
                    # Each point reads six hours of samples.
                    interval="5m",
                    min=0,
                    width=6,
                    **LINES,
                ),
                timeseries(
                    "Inodes used", node.inodes_used.top(TOP), min=0, max=1, width=6, **LINES
                ),
                timeseries(
                    "Filesystems that do not answer",
                    node.filesystem_errors.top(TOP),
                    min=0,
                    soft_max=1,
                    decimals=0,
                    width=6,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Network",
            [
                timeseries(
                    "Network traffic",
                    node.network_received.top(TOP // 2),
                    node.network_sent.top(TOP // 2),
                    overrides=[BELOW_ZERO],
                    width=6,
                    **LINES,
                ),
                timeseries(
                    "Connection table used",
                    node.conntrack_used.top(TOP),
                    min=0,
                    max=1,
                    width=6,
                    **LINES,
                ),
                timeseries(
                    "Dropped packets",
                    node.network_receive_drops.top(TOP // 2),
                    node.network_send_drops.top(TOP // 2),
                    min=0,
                    soft_max=1,
                    width=6,
                    **LINES,
                ),
                timeseries(
                    "Damaged or unsent packets",
                    node.network_receive_errors.top(TOP // 2),
                    node.network_send_errors.top(TOP // 2),
                    min=0,
                    soft_max=0.02,
                    width=6,
                    **LINES,
                ),
            ],
        ),
        Row(
            "System: exporters, file handles and clocks",
            [
                state_timeline(
                    "Node exporters",
                    node.up,
                    mappings={1: ("Up", "green"), 0: ("Down", "red")},
                    show_value="never",
                    legend="hidden",
                    data_links=DETAIL,
                ),
                state_timeline(
                    "Text files of the exporters",
                    node.textfile_error,
                    mappings={0: ("Read", "green"), 1: ("Not all read", "red")},
                    show_value="never",
                    legend="hidden",
                    data_links=DETAIL,
                ),
                timeseries(
                    "File handles open",
                    node.file_handles_used.top(TOP),
                    min=0,
                    max=1,
                    width=8,
                    **LINES,
                ),
                timeseries(
                    "Clock offset",
                    node.clock_offset.top(TOP),
                    min=0,
                    soft_max=0.1,
                    width=8,
                    **LINES,
                ),
                timeseries(
                    "Clock error at most", node.clock_error.top(TOP), min=0, width=8, **LINES
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Hardware errors",
            [
                timeseries(
                    "Slowed down by heat",
                    node.cpu_throttles.top(TOP),
                    soft_min=0,
                    max=1,
                    width=8,
                    **LINES,
                ),
                timeseries(
                    "Memory errors in the last hour",
                    node.memory_errors.top(TOP // 2),
                    node.memory_errors_corrected.top(TOP // 2),
                    min=0,
                    soft_max=1,
                    decimals=0,
                    width=8,
                    **LINES,
                ),
                timeseries(
                    "Failed disks of RAID arrays",
                    node.raid_disks_failed.top(TOP),
                    min=0,
                    soft_max=1,
                    decimals=0,
                    width=8,
                    **LINES,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "All filesystems",
            [
                table(
                    "Filesystems",
                    column("Node", label="{{$node}}", links=DETAIL_OF_ROW),
                    column("Mounted at", label="mountpoint"),
                    column("Device", label="device"),
                    column("Type", label="fstype"),
                    column("Size", node.filesystem_size),
                    column("Available", node.filesystem_available),
                    column("Used", node.filesystem_used, cell="bar", decimals=1, min=0, max=1),
                    column("Used in 24 hours", node.filesystem_used_ahead, decimals=1),
                    column("Inodes used", node.inodes_used, cell="bar", decimals=1, min=0, max=1),
                    description="Every filesystem of the selected nodes that can get full. "
                    "Used in 24 hours is the trend of the last 6 hours carried on: above 100% it "
                    "gets full before, which is said only of those that have less than 15% left.",
                    sort_by="Used",
                    filterable=True,
                    height=12,
                ),
            ],
            collapsed=True,
        ),
    ],
)
