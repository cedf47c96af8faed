"""Nodes, as the node exporter sees them: first whether all of them are well, then what each resource is used for, how
much of it is left, and where it fails (utilisation, saturation, errors).

Every panel shows the selected nodes, one or all. The figures at the top are those of the node that is worst off.
"""

from collections.abc import Mapping
from typing import Any

from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    dashboard_link,
    gauge,
    link,
    override,
    stat,
    state_timeline,
    table,
    timeseries,
)
from gk.promql import node

# One value for all nodes, so that a gauge shows the lowest or the highest of them and alerts still find their query.
ACROSS_NODES: list[Mapping[str, Any]] = [{"id": "reduce", "options": {"reducers": ["lastNotNull"]}}]
ONLY_THIS_NODE = [
    link("Show only ${__field.displayName}", "/d/node?var-node=${__field.displayName}&${__url_time_range}")
]
BELOW_ZERO = override(ref_id="B", properties={"custom.transform": "negative-Y"})

dashboard = Dashboard(
    "Node",
    uid="node",
    folder="Kubernetes",
    description="CPU, memory, disks, filesystems and network of nodes, from the node exporter.",
    tags=["kubernetes", "node"],
    exporter=node,
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False)],
    annotations=[
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
        stat("Nodes", node.up_count, node.target_count, text="value_and_name", orientation="vertical"),
        stat(
            "Uptime, shortest",
            node.uptime,
            transformations=ACROSS_NODES,
            calculation="min",
            decimals=1,
        ),
        gauge("CPU idle, lowest", node.cpu_idle, transformations=ACROSS_NODES, calculation="min", decimals=1),
        gauge(
            "Load per CPU, highest",
            node.load_per_cpu,
            transformations=ACROSS_NODES,
            calculation="max",
            min=0,
            max=4,
            decimals=2,
        ),
        gauge("Memory used, highest", node.memory_used, transformations=ACROSS_NODES, calculation="max", decimals=1),
        gauge(
            "Filesystem used, highest",
            node.filesystem_used,
            transformations=ACROSS_NODES,
            calculation="max",
            decimals=1,
        ),
        state_timeline(
            "Node exporters",
            node.up,
            mappings={1: ("Up", "green"), 0: ("Down", "red")},
            show_value="never",
            legend="hidden",
            data_links=ONLY_THIS_NODE,
            width=16,
            height=6,
        ),
        alert_list("Node alerts", name_filter="Node", width=8),
    ],
    rows=[
        Row(
            "CPU",
            [
                timeseries("CPU time by mode", node.cpu_by_mode, stack="normal", fill=30, min=0, max=1, width=8),
                timeseries("CPU idle", node.cpu_idle, min=0, max=1, data_links=ONLY_THIS_NODE, width=8),
                timeseries("Load per CPU", node.load_per_cpu, min=0, data_links=ONLY_THIS_NODE, width=8),
            ],
        ),
        Row(
            "Memory",
            [
                timeseries("Memory used", node.memory_used, min=0, max=1, data_links=ONLY_THIS_NODE, width=8),
                timeseries("Swap used", node.swap_used, min=0, max=1, data_links=ONLY_THIS_NODE, width=8),
                timeseries("Major page faults", node.major_page_faults, min=0, data_links=ONLY_THIS_NODE, width=8),
            ],
        ),
        Row(
            "Disks",
            [
                timeseries("Disk busy", node.disk_busy, min=0, max=1, width=8),
                timeseries("Disk reads and writes", node.disk_read, node.disk_written, overrides=[BELOW_ZERO], width=8),
                timeseries("Disk queue", node.disk_queue, min=0, soft_max=1, width=8),
            ],
        ),
        Row(
            "Filesystems",
            [
                timeseries("Filesystem used", node.filesystem_used, min=0, max=1),
                timeseries("Inodes used", node.inodes_used, min=0, max=1),
                table(
                    "Filesystems",
                    node.filesystem_size,
                    node.filesystem_available,
                    node.filesystem_used,
                    node.inodes_used,
                    transformations=[
                        {"id": "merge", "options": {}},
                        {
                            "id": "organize",
                            "options": {
                                "excludeByName": {"Time": True},
                                "indexByName": {"{{$node}}": 0, "mountpoint": 1, "device": 2, "fstype": 3},
                                "renameByName": {
                                    "{{$node}}": "Node",
                                    "device": "Device",
                                    "fstype": "Type",
                                    "mountpoint": "Mounted at",
                                    "Value #A": "Size",
                                    "Value #B": "Available",
                                    "Value #C": "Used",
                                    "Value #D": "Inodes used",
                                },
                            },
                        },
                    ],
                    overrides=[
                        override(
                            regex="Used|Inodes used",
                            properties={
                                "unit": "percentunit",
                                "min": 0,
                                "max": 1,
                                "decimals": 1,
                                "color": {"mode": "continuous-GrYlRd"},
                                "custom.cellOptions": {"type": "gauge", "mode": "basic"},
                            },
                        ),
                    ],
                    sort_by="Used",
                    filterable=True,
                ),
            ],
        ),
        Row(
            "Network",
            [
                timeseries(
                    "Network traffic", node.network_received, node.network_sent, overrides=[BELOW_ZERO], width=8
                ),
                timeseries(
                    "Damaged or unsent packets",
                    node.network_receive_errors,
                    node.network_send_errors,
                    min=0,
                    soft_max=0.02,
                    width=8,
                ),
                timeseries(
                    "Dropped packets", node.network_receive_drops, node.network_send_drops, min=0, soft_max=1, width=8
                ),
            ],
        ),
        Row(
            "Pressure and limits",
            [
                timeseries(
                    "Time spent waiting", node.cpu_pressure, node.memory_pressure, node.io_pressure, min=0, soft_max=0.1
                ),
                timeseries("Kernel limits used", node.file_handles_used, node.conntrack_used, min=0, max=1),
            ],
        ),
        Row(
            "Clock and scheduler",
            [
                timeseries("Clock offset", node.clock_offset, min=0, soft_max=0.1, data_links=ONLY_THIS_NODE, width=6),
                timeseries("Clock error at most", node.clock_error, min=0, data_links=ONLY_THIS_NODE, width=6),
                timeseries("Tasks", node.processes_running, node.processes_blocked, min=0, width=6),
                timeseries("Context switches", node.context_switches, min=0, data_links=ONLY_THIS_NODE, width=6),
            ],
            collapsed=True,
        ),
    ],
)
