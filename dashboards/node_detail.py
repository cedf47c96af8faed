"""One node, down to the last figure: what the node exporter knows of it, in sixteen rows.

The first screen says whether the node is well. The rows below go from what is asked for often to
what is asked for once a year, and are closed but for the first two. A panel that needs more than
the exporter's defaults says what in its description, and its row in the title: an empty panel does
not know why it is empty.
"""

from dashboards.no_data import NO_DATA
from dashboards.node_detail_disks import disks
from dashboards.node_detail_hardware import hardware
from dashboards.node_detail_kernel import kernel
from dashboards.node_detail_memory import memory
from dashboards.node_detail_network import network
from dashboards.node_detail_parts import (
    MEMORY,
    MODES,
    WITHOUT_NODE,
    each,
    graph,
    stacked,
)
from gk import (
    Dashboard,
    Row,
    annotation,
    bar_gauge,
    column,
    dashboard_link,
    gauge,
    override,
    query_variable,
    stat,
    table,
    target,
    timeseries,
)
from gk.define.fields import Mappings
from gk.library import node
from gk.library import node_detail as detail
from gk.library import node_detail_network as network_detail

KEPT = "${datasource:queryparam}"
SEVERITIES: Mappings = {
    0: ("None fires", "green"),
    1: ("Critical", "red"),
    2: ("Warning", "orange"),
    3: ("Info", "blue"),
}
WITHOUT_SEVERITY = override(name="severity", properties={"custom.hidden": True})
NEUTRAL = {"color": {"mode": "fixed", "fixedColor": "text"}}

quick = [
    stat(
        "Node",
        target(node.up, legend="exporter"),
        target(node.uptime, legend="uptime"),
        description="Whether Prometheus can scrape the exporter of the node, and how long ago the "
        "node booted. Down while the node itself works means that the exporter or the way to it is "
        "broken. Source: Prometheus's own series up, and the stat collector.",
        mappings={1: ("Up", "green"), 0: ("Down", "red")},
        overrides=[override(ref_id="B", properties={"mappings": [], **NEUTRAL})],
        text="value_and_name",
        decimals=1,
        width=4,
    ),
    gauge("CPU busy", target(node.cpu_busy, legend="busy"), decimals=1, mappings=NO_DATA, width=4),
    gauge(
        "Load per CPU",
        target(node.load_per_cpu, legend="load"),
        min=0,
        max=4,
        decimals=2,
        mappings=NO_DATA,
        width=4,
    ),
    gauge(
        "Memory used",
        target(node.memory_used, legend="used"),
        decimals=1,
        mappings=NO_DATA,
        width=4,
    ),
    gauge(
        "Swap used", target(node.swap_used, legend="used"), decimals=1, mappings=NO_DATA, width=4
    ),
    stat(
        "Fullest disk",
        target(node.filesystem_used.top(1), legend="{{mountpoint}}"),
        text="value_and_name",
        decimals=1,
        mappings=NO_DATA,
        width=4,
    ),
    table(
        "Firing alerts",
        column(
            "Severity", detail.node_alerts, mappings=SEVERITIES, cell="color-background", width=110
        ),
        column("Alert", label="alertname"),
        overrides=[WITHOUT_NODE, WITHOUT_SEVERITY],
        sort_by="Severity",
        sort_descending=False,
        width=10,
        height=6,
    ),
    bar_gauge(
        "Pressure (PSI)",
        target(node.cpu_pressure, legend="CPU"),
        target(node.memory_pressure, legend="memory"),
        target(node.io_pressure, legend="I/O"),
        target(detail.pressure(field="irq_stalled"), legend="interrupts"),
        description="Share of time in which at least one task waited for a resource, "
        "0 to 1 (pressure stall information); for interrupts, in which all of a CPU's tasks did. "
        "Source: pressure collector, which needs a kernel with pressure information (psi=1); "
        "interrupts need node exporter 1.9 and Linux 6.1.",
        decimals=1,
        thresholds={0.1: "orange", 0.5: "red"},
        color="thresholds",
        mappings=NO_DATA,
        width=14,
        height=6,
    ),
]

rows = [
    Row(
        "At a glance: the machine",
        [
            stat(
                "Size",
                target(node.cpu_count, legend="CPUs"),
                target(node.memory_total, legend="Memory"),
                target(detail.meminfo(field="SwapTotal"), legend="Swap"),
                target(node.filesystem_size.top(1), legend="Largest filesystem, {{mountpoint}}"),
                description="Logical CPUs, memory, swap space and the largest filesystem. "
                "Source: cpu, meminfo and filesystem collectors.",
                text="value_and_name",
                color_mode="none",
                width=12,
                height=4,
            ),
            stat(
                "System",
                target(detail.system_names, format="table"),
                target(detail.system_distribution, format="table"),
                description="An exporter in a container names its own image as operating system "
                "unless it sees the host's /etc. Source: uname and os collectors.",
                fields="/^(Host|Operating system|Kernel|Machine)$/",
                text="value_and_name",
                color_mode="none",
                extra={"options": {"text": {"titleSize": 14, "valueSize": 18}}},
                overrides=[
                    override(name=label, properties={"displayName": name})
                    for label, name in {
                        "nodename": "Host",
                        "pretty_name": "Operating system",
                        "release": "Kernel",
                        "machine": "Machine",
                    }.items()
                ],
                width=12,
                height=4,
            ),
        ],
    ),
    Row(
        "Basics: CPU, memory, network, filesystems",
        [
            stacked("CPU time by mode", node.cpu_by_mode, max=1, overrides=MODES, width=12),
            stacked(
                "Memory by use",
                detail.memory_in_use,
                detail.memory_caches,
                *each(detail.meminfo, {"free": "MemFree"}),
                detail.swap_in_use,
                description="Memory in use, caches that the kernel mostly gives back "
                "when programs need memory, and free memory add up to the node's. "
                "Swap in use is on top of that. Source: meminfo collector.",
                width=12,
            ),
            timeseries(
                "Network traffic",
                target(node.network_received, legend="{{device}} received"),
                target(node.network_sent, legend="{{device}} sent"),
                description="Bits per second by interface; sent is drawn below zero. The loopback "
                "and the interfaces of single pods are left out. Source: netdev collector.",
                overrides=[override(ref_id="B", properties={"custom.transform": "negative-Y"})],
                soft_min=-1000,
                soft_max=1000,
            ),
            graph(
                "Filesystem used (as df)",
                target(node.filesystem_used, legend="{{mountpoint}}"),
                max=1,
                width=12,
            ),
        ],
    ),
    Row(
        "CPU, memory, network and disks in detail",
        [
            graph(
                "CPU time by mode, idle too",
                node.cpu_by_mode,
                target(node.cpu_idle, legend="idle"),
                detail.cpu_guest,
                description="Share of CPU time by what it was spent on. Time of guests (virtual "
                "machines on the node) is part of user and nice as well. Source: cpu collector.",
                overrides=MODES,
                max=1,
            ),
            graph("Busiest CPUs", detail.cpu_busy_each.top(10), max=1),
            graph(
                "Pressure (PSI), some and full",
                *each(
                    detail.pressure,
                    {
                        "CPU some": "cpu_waiting",
                        "memory some": "memory_waiting",
                        "memory full": "memory_stalled",
                        "I/O some": "io_waiting",
                        "I/O full": "io_stalled",
                        "interrupts full": "irq_stalled",
                    },
                ),
                description="Share of time in which some task waited for a resource, "
                "or all tasks that had work did (full). Some is a delay; full means that nothing "
                "got done. Source: pressure collector, which needs a kernel with pressure "
                "information (psi=1); interrupts need node exporter 1.9 and Linux 6.1.",
                soft_max=0.1,
            ),
            stacked(
                "Memory by use, in detail",
                detail.memory_of_programs,
                *each(
                    detail.meminfo,
                    {
                        "page tables": "PageTables",
                        "swap cache": "SwapCached",
                        "kernel objects (slab)": "Slab",
                        "cached files": "Cached",
                        "buffers": "Buffers",
                        "free": "MemFree",
                    },
                ),
                detail.swap_in_use,
                *each(detail.meminfo, {"broken": "HardwareCorrupted"}),
                description="Buffers are copies of raw disk blocks; the swap cache is in both swap "
                "and memory. All add up to the node's memory, but for swap in use and memory "
                "that the hardware found broken, which are on top. Source: meminfo collector.",
                overrides=MEMORY,
                width=16,
            ),
            graph(
                "Disks busy, network share of speed",
                target(node.disk_busy, legend="{{device}} busy"),
                target(network_detail.network_share, legend="{{device}} received"),
                target(
                    network_detail.network_share(direction="transmit"), legend="{{device}} sent"
                ),
                description="Share of time in which a disk had something to do, and share "
                "of an interface's speed in use; virtual interfaces mostly have no speed. "
                "Source: diskstats, netdev and netclass collectors.",
                soft_max=0.1,
            ),
            graph(
                "Disk throughput and operations",
                target(node.disk_read, legend="{{device}} read"),
                target(node.disk_written, legend="{{device}} written"),
                target(detail.disk_rate, legend="{{device}} reads"),
                target(detail.disk_rate(field="writes_completed"), legend="{{device}} writes"),
                description="Bytes per second that a disk read and wrote, and operations per "
                "second that it completed (right axis). Source: diskstats collector.",
                overrides=[override(regex="/s$/", properties={"custom.axisPlacement": "right"})],
            ),
            table(
                "Filesystems",
                column("Mounted at", label="mountpoint"),
                column("Device", label="device"),
                column("Type", label="fstype"),
                column("Size", detail.filesystem_bytes(field="size")),
                column("Used", detail.filesystem_used_bytes),
                column("Free", detail.filesystem_bytes),
                column("Available", detail.filesystem_bytes(field="avail")),
                column("Use%", node.filesystem_used, decimals=0),
                description="As df has them: free space includes what is kept for root, available "
                "is what other programs can get, and Use% is what is used, of that and what is "
                "available. Source: filesystem collector.",
                overrides=[WITHOUT_NODE],
                sort_by="Use%",
                width=16,
            ),
        ],
        collapsed=True,
    ),
    *memory,
    *kernel,
    *hardware,
    *disks,
    *network,
    Row(
        "Node exporter",
        [
            table(
                "Collectors",
                column("Collector", label="collector"),
                column("Had data", detail.collector_success, mappings={1: "Yes", 0: "No"}),
                overrides=[WITHOUT_NODE],
                sort_by="Collector",
                sort_descending=False,
                width=8,
            ),
            graph("Slowest collectors", detail.collector_seconds.top(5), soft_max=0.1),
            stat(
                "The exporter's own use",
                target(detail.exporter_cpu, legend="CPUs"),
                *each(
                    detail.exporter_memory,
                    {
                        "Memory": "resident_memory",
                        "Virtual memory": "virtual_memory",
                        "Virtual memory limit": "virtual_memory_max",
                    },
                ),
                *each(detail.exporter_files, {"Open files": "open", "Open files limit": "max"}),
                target(node.textfile_error, legend="Unreadable text files"),
                description="CPU time, where 100% is one CPU; memory, and address space "
                "of which most is not used; files and connections; and 1 if a file "
                "of the textfile collector could not be read. Source: the node exporter itself.",
                text="value_and_name",
                color_mode="none",
                height=8,
                width=8,
            ),
        ],
        collapsed=True,
    ),
]

dashboard = Dashboard(
    "Node detail",
    uid="node-detail",
    folder="Kubernetes",
    description="One node: CPU, memory, disks, filesystems, network, clock, processes "
    "and hardware, from the node exporter.",
    tags=["kubernetes", "node"],
    exporter=node,
    nodes="one",
    variables=[
        # Shown by host name, chosen by the label that the exporter's series have.
        query_variable("node", node.targets, regex=node.TARGET, label="Node", refresh="time")
    ],
    refresh="1m",
    links=[
        dashboard_link(
            "All nodes", url=f"/d/node?{KEPT}&${{job:queryparam}}", include_variables=False
        ),
        # Kubernetes names a node by its host name; the job of its containers is another.
        dashboard_link(
            "Containers of this node",
            url=f"/d/cadvisor-node?var-node=${{node:text}}&{KEPT}",
            include_variables=False,
        ),
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False),
    ],
    annotations=[
        annotation(
            "Reboots",
            node.boot_time(since="$__from"),
            title="Reboot",
            text="{{$node}} booted",
            color="purple",
            value_is_time=True,
        ),
        # Off at first: an alert that fires for hours colours the whole graph.
        annotation(
            "Alerts",
            detail.node_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
            enabled=False,
        ),
    ],
    panels=quick,
    rows=rows,
)
