"""One node, down to the last figure: what the node exporter knows of it, in sixteen rows.

The first screen says whether the node is well. The rows below go from what is asked for often to
what is asked for once a year, and are closed but for the first two. A panel that needs more than
the exporter's defaults says what in its description, and its row in the title: an empty panel does
not know why it is empty.
"""

from dashboards.no_data import NO_DATA
from dashboards.node_detail_network import network
from dashboards.node_detail_parts import (
    MODES,
    NO_YES,
    WITHOUT_NODE,
    YES_NO,
    each,
    graph,
    limited,
    stacked,
    wide,
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
    state_timeline,
    table,
    target,
    timeseries,
)
from gk.define.fields import Mappings
from gk.library import node
from gk.library import node_detail as detail

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
                width=16,
            ),
            graph(
                "Disks busy, network share of speed",
                target(node.disk_busy, legend="{{device}} busy"),
                target(detail.network_share, legend="{{device}} received"),
                target(detail.network_share(direction="transmit"), legend="{{device}} sent"),
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
    Row(
        "Memory: fields of /proc/meminfo",
        [
            graph(
                "Committed memory",
                *each(
                    detail.meminfo,
                    {"committed": "Committed_AS", "limit without overcommit": "CommitLimit"},
                ),
                target(node.memory_total, legend="memory of the node"),
                description="What programs asked for, whether they use it or not, "
                "and what the kernel would promise if it were told not to overcommit. "
                "More than that is normal on Kubernetes. Source: meminfo collector.",
            ),
            graph(
                "Dirty and writeback",
                *each(
                    detail.meminfo,
                    {
                        "dirty": "Dirty",
                        "writeback": "Writeback",
                        "writeback by FUSE": "WritebackTmp",
                        "on an NFS server, not committed": "NFS_Unstable",
                    },
                ),
                description="Copies of files that differ from the disk. Ever more dirty pages "
                "mean that disks do not keep up with writing. Source: meminfo collector.",
            ),
            limited(
                "Memory of the kernel",
                *each(
                    detail.meminfo,
                    {
                        "objects it can drop": "SReclaimable",
                        "objects it cannot drop": "SUnreclaim",
                        "stacks of threads": "KernelStack",
                        "data of each CPU": "Percpu",
                        "larger pieces (vmalloc)": "VmallocUsed",
                        "largest free vmalloc block": "VmallocChunk",
                        "vmalloc limit": "VmallocTotal",
                    },
                ),
                description="Objects such as inodes can be dropped when memory is short; "
                "ever more that cannot are a leak in the kernel or a driver. "
                "Linux 4.4 and later give 0 for the largest free block. Source: meminfo collector.",
                legend_placement="right",
            ),
            graph(
                "Shared memory and mapped files",
                *each(
                    detail.meminfo,
                    {
                        "mapped files": "Mapped",
                        "shared memory and tmpfs": "Shmem",
                        "shared memory in huge pages": "ShmemHugePages",
                        "of it mapped as such": "ShmemPmdMapped",
                    },
                ),
                description="Files that processes have mapped, such as libraries, and memory "
                "that processes share. A tmpfs counts as shared memory and cannot be dropped. "
                "Source: meminfo collector.",
            ),
            graph(
                "Memory used lately",
                *each(
                    detail.meminfo,
                    {
                        "active": "Active",
                        "active, of files": "Active_file",
                        "active, of programs": "Active_anon",
                        "inactive": "Inactive",
                        "inactive, of files": "Inactive_file",
                        "inactive, of programs": "Inactive_anon",
                    },
                ),
                description="Pages that were used lately, and pages that were not and are taken "
                "first when memory is short. Copies of files can be dropped; "
                "programs' own memory and tmpfs can only go to swap. Source: meminfo collector.",
            ),
            graph(
                "Programs' own and locked memory",
                *each(
                    detail.meminfo,
                    {
                        "programs' own": "AnonPages",
                        "of it in huge pages": "AnonHugePages",
                        "cannot be moved to swap": "Unevictable",
                        "locked by programs": "Mlocked",
                    },
                ),
                description="Memory without a file behind it, such as heaps and stacks, "
                "and memory that has to stay. Source: meminfo collector.",
            ),
            stacked(
                "Memory by size of its pages",
                *each(
                    detail.meminfo,
                    {"4 KiB": "DirectMap4k", "2 MiB": "DirectMap2M", "1 GiB": "DirectMap1G"},
                ),
                description="How the kernel maps memory for itself; larger pages are faster. "
                "x86 only. Source: meminfo collector.",
                width=12,
            ),
            graph(
                "Huge pages and compressed swap",
                target(detail.huge_pages_used, legend="huge pages used"),
                *each(
                    detail.huge_pages,
                    {
                        "huge pages reserved": "Rsvd",
                        "huge pages beyond the number set": "Surp",
                        "huge pages": "Total",
                    },
                ),
                *each(
                    detail.meminfo, {"compressed swap": "Zswap", "before compression": "Zswapped"}
                ),
                description="Pages of 2 MiB or 1 GiB set aside by hand, in use or promised, "
                "which are lost to others; and pages that were to go to swap "
                "and are kept compressed in memory (zswap, Linux 5.19). Source: meminfo collector.",
                width=12,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Memory: paging, from /proc/vmstat",
        [
            graph(
                "Paging from and to disks",
                *each(detail.vmstat_bytes, {"read": "pgpgin", "written": "pgpgout"}),
                description="Bytes per second that went from disks to memory and back, "
                "of files and of swap. Source: vmstat collector.",
                width=6,
            ),
            graph(
                "Pages swapped",
                *each(detail.vmstat, {"in from swap": "pswpin", "out to swap": "pswpout"}),
                description="Pages per second. Going both ways for long means that memory is short "
                "and everything is slow. Source: vmstat collector.",
                width=6,
            ),
            stacked(
                "Page faults",
                detail.minor_page_faults,
                *each(detail.vmstat, {"major": "pgmajfault"}),
                description="Times per second that a program touched a page which was not there. "
                "Minor faults need no disk and are normal; many major ones mean "
                "that memory is short. Source: vmstat collector.",
                width=6,
            ),
            graph(
                "OOM kills, last hour",
                target(node.oom_kills, legend="OOM kills"),
                # Each point reads an hour of samples.
                interval="5m",
                decimals=0,
                width=6,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Clock",
        [
            state_timeline(
                "Clock follows a server",
                target(detail.timex_value, legend="synchronised"),
                description="Whether the program that keeps the time, such as chrony, "
                "told the kernel that the clock follows a reliable server. "
                "No also means that there is no such program. Source: timex collector.",
                mappings=YES_NO,
                legend="hidden",
                width=6,
            ),
            graph("Clock error at most", target(node.clock_error, legend="at most"), width=6),
            timeseries(
                "Clock offset",
                *each(detail.timex, {"offset": "offset", "estimated error": "estimated_error"}),
                description="Seconds by which the clock is off from the server, "
                "and the error that the program that keeps the time expects. "
                "Well below a millisecond is usual. Source: timex collector.",
                fill=0,
                soft_min=-0.001,
                soft_max=0.001,
                width=6,
            ),
            stat(
                "Clock settings",
                target(detail.clock_correction, legend="Correction"),
                *each(detail.timex_value, {"Time constant": "loop_time_constant"}),
                *each(detail.timex, {"Tick": "tick", "TAI ahead of UTC": "tai_offset"}),
                description="By how many millionths the clock is made to run faster, "
                "tens are normal and 500 the most; how slowly the kernel corrects it, as a power "
                "of two; how long a tick is; how far atomic time is ahead, "
                "0 where nobody told the kernel. Source: timex collector.",
                text="value_and_name",
                color_mode="none",
                height=8,
                width=6,
            ),
            stat(
                "Pulse-per-second signal",
                *each(
                    detail.timex_hertz, {"Frequency": "pps_frequency", "Stability": "pps_stability"}
                ),
                *each(detail.timex, {"Jitter": "pps_jitter", "Interval": "pps_shift"}),
                *each(
                    detail.timex_events,
                    {
                        "Calibrations": "calibration",
                        "Failed calibrations": "error",
                        "Too much jitter": "jitter",
                        "Too unstable": "stability_exceeded",
                    },
                ),
                description="All 0 without such a signal, as of a GPS receiver. "
                "How far the clock's frequency is from the signal's and how much that wanders, "
                "how much the pulses wander, over how long they are averaged, "
                "and events per second. Source: timex collector.",
                text="value_and_name",
                color_mode="none",
                height=5,
                width=24,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Processes (counts and states need --collector.processes)",
        [
            graph(
                "Tasks",
                target(node.processes_running, legend="run or could"),
                target(node.processes_blocked, legend="wait for a disk"),
                target(detail.hung_tasks, legend="found hung since boot"),
                description="Tasks that run or are ready to; that wait for a disk and cannot "
                "be interrupted; and that the kernel has found waiting for minutes since it booted "
                "(node exporter 1.11, Linux 6.13). Source: stat and kernel_hung collectors.",
            ),
            graph("Processes started", detail.forks),
            graph(
                "CPU run and wait time",
                target(detail.schedstat(field="running").top(5), legend="CPU {{cpu}} runs"),
                target(detail.schedstat.top(5), legend="CPU {{cpu}} keeps waiting"),
                target(detail.schedstat_waiting_share.top(5), legend="CPU {{cpu}} waiting, share"),
                description="Seconds per second in which tasks ran on a CPU, in which tasks "
                "that could run waited for it (two that wait count twice), and the waiting "
                "as a share of both: the five highest of each. Source: schedstat collector, "
                "which needs a kernel that keeps these (/proc/schedstat).",
            ),
            graph("Processes by state", detail.process_states, width=12),
            limited(
                "Processes and threads",
                *each(
                    detail.processes,
                    {
                        "processes": "pids",
                        "process limit": "max_processes",
                        "threads": "threads",
                        "thread limit": "max_threads",
                    },
                ),
                description="Processes and their threads, and the most that there can be of each; "
                "a thread needs a process id too. Source: processes collector, "
                "which needs --collector.processes.",
                width=12,
                legend_placement="right",
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Load, interrupts and other (interrupts by kind need --collector.interrupts)",
        [
            graph(
                "Load",
                *[
                    target(detail.load_average(minutes=minutes), legend=f"over {minutes} min")
                    for minutes in (1, 5, 15)
                ],
                target(node.cpu_count, legend="CPUs"),
                description="Tasks that run, wait for a CPU or wait for a disk. "
                "Above the number of CPUs, work queues. Source: loadavg and cpu collectors.",
                unit="none",
            ),
            graph(
                "Context switches and interrupts",
                target(node.context_switches, legend="context switches"),
                detail.interrupts_all,
                description="Times per second that a CPU went from one task to another, "
                "and that hardware or another CPU interrupted one. Source: stat collector.",
            ),
            graph(
                "Entropy",
                *each(detail.entropy, {"available": "available", "at most": "pool_size"}),
                description="Bits of entropy that random numbers are made from. "
                "Linux 5.18 and later always have 256, which is enough. Source: entropy collector.",
            ),
            graph(
                "CPU frequency",
                detail.cpu_frequency.top(10),
                target(detail.cpu_frequency_limit, legend="highest allowed"),
                target(detail.cpu_frequency_limit(bound="min"), legend="lowest allowed"),
                description=(
                    "Clock rate of each CPU, and the limits of all on average. "
                    "Source: cpufreq collector, which needs CPUs whose frequency Linux sets."
                ),
            ),
            graph("Timeslices", detail.timeslices.top(10)),
            graph("Interrupts by kind", detail.interrupts_by_kind.top(10)),
        ],
        collapsed=True,
    ),
    Row(
        "Hardware: temperatures, fans, power",
        [
            limited(
                "Temperatures",
                detail.temperature,
                target(
                    detail.temperature(field="max_celsius"),
                    legend="{{chip_name}} {{sensor}} high limit",
                ),
                target(
                    detail.temperature(field="crit_celsius"),
                    legend="{{chip_name}} {{sensor}} critical limit",
                ),
                target(
                    detail.temperature(field="crit_hyst_celsius"),
                    legend="{{chip_name}} {{sensor}} cooled limit",
                ),
                description="What a sensor measures, and from where on its chip calls it high "
                "or critical; a critical one stays so until it is below the last limit. "
                "Chips have some of these. Source: hwmon collector, which needs sensors that Linux "
                "knows; virtual machines have none.",
                legend_placement="right",
                width=12,
            ),
            graph(
                "Fans",
                detail.fan_speed,
                target(detail.fan_speed(field="min_rpm"), legend="{{chip_name}} {{sensor}} least"),
                width=12,
            ),
            graph(
                "Cooling and heat alarms",
                detail.cooling,
                target(detail.temperature_alarm, legend="{{chip_name}} {{sensor}} too hot"),
                description="How hard cooling devices work: a processor above 0 is throttled "
                "because it is hot. An alarm is at 100% while its chip says that a sensor is "
                "beyond its critical temperature. Source: thermal_zone and hwmon collectors, which "
                "need cooling devices or sensors that Linux knows.",
                unit="percentunit",
                max=1,
                width=12,
            ),
            graph(
                "Power supplies deliver",
                detail.power_online,
                unit="bool_yes_no",
                max=1,
                width=12,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "systemd (needs --collector.systemd)",
        [
            graph("Units by state", detail.systemd_units),
            graph("Open connections of sockets", detail.systemd_connections.top(10)),
            graph(
                "New connections of sockets",
                target(detail.systemd_connection_rate.top(10), legend="{{name}} accepted"),
                target(
                    detail.systemd_connection_rate(field="refused").top(10),
                    legend="{{name}} refused",
                ),
            ),
            table(
                "Failed and restarted units",
                column("Unit", label="name"),
                column("Failed", node.systemd_failed, mappings={1: ("Failed", "red")}),
                column("Restarts in 5 min", node.systemd_restarts, decimals=0),
                description="Units of systemd that have failed, and services that systemd "
                "restarted within the last 5 minutes. Needs --collector.systemd, and "
                "--collector.systemd.enable-restarts-metrics for the restarts; without, and "
                "where all is well, it is empty. Source: systemd collector.",
                overrides=[WITHOUT_NODE],
                sort_by="Restarts in 5 min",
                width=24,
                height=6,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Disks",
        [
            graph(
                "Operations",
                target(detail.disk_rate, legend="{{device}} read"),
                target(detail.disk_rate(field="writes_completed"), legend="{{device}} written"),
                description="Reads and writes that a disk completed per second, "
                "after neighbouring ones were merged. Source: diskstats collector.",
            ),
            graph(
                "Throughput",
                target(node.disk_read, legend="{{device}} read"),
                target(node.disk_written, legend="{{device}} written"),
                detail.disk_discarded,
                description="Bytes per second that a disk read and wrote, and that filesystems "
                "told it they no longer need (TRIM). Source: diskstats collector.",
            ),
            graph(
                "Time an operation takes",
                detail.disk_read_wait,
                detail.disk_write_wait,
                description="Seconds from giving an operation to a disk to its end, "
                "waiting included, on average; 0 where there was none. An SSD takes below "
                "a millisecond, a spinning disk about ten. Source: diskstats collector.",
                soft_max=0.01,
            ),
            graph(
                "Queue",
                target(node.disk_queue, legend="{{device}} on average"),
                target(detail.disk_in_progress, legend="{{device}} now"),
                description="Operations that a disk is doing or that wait for it: on average, "
                "and at the moment of the scrape. Source: diskstats collector.",
            ),
            graph(
                "Share of time at work",
                target(node.disk_busy, legend="{{device}} anything"),
                target(detail.disk_time(field="discard"), legend="{{device}} discards"),
                target(detail.disk_time, legend="{{device}} flushes"),
                description="Time in which a disk had something to do, "
                "and seconds per second that discards (TRIM) and flushes of its cache took; "
                "several at once count each. Source: diskstats collector.",
                soft_max=0.1,
            ),
            wide(
                "Merged operations, discards, flushes",
                *each(
                    detail.disk_rate,
                    {
                        "{{device}} reads merged": "reads_merged",
                        "{{device}} writes merged": "writes_merged",
                        "{{device}} discards": "discards_completed",
                        "{{device}} discards merged": "discards_merged",
                        "{{device}} flushes": "flush_requests",
                    },
                ),
                description="Operations per second that the kernel made part of a neighbouring "
                "one; that tell a disk which blocks are no longer needed (TRIM); and that put "
                "its cache onto the medium, as databases want. Source: diskstats collector.",
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Filesystems and open files",
        [
            limited(
                "Open files",
                *each(detail.file_handles, {"open": "allocated", "limit": "maximum"}),
                description="Files and sockets that are open in the whole kernel, "
                "and the most there may be. Source: filefd collector.",
                width=6,
            ),
            graph("Inodes used", target(node.inodes_used, legend="{{mountpoint}}"), max=1, width=6),
            limited(
                "Inodes free",
                target(detail.filesystem_files(field="files_free"), legend="{{mountpoint}}"),
                target(detail.filesystem_files, legend="{{mountpoint}} limit"),
                description="Inodes left, of those that there can be: each file "
                "and each folder takes one. 0 of 0 where the number has no limit, "
                "as on Btrfs. Source: filesystem collector.",
                width=6,
            ),
            state_timeline(
                "Read-only or failing",
                target(detail.filesystem_flag, legend="{{mountpoint}} read-only"),
                target(
                    detail.filesystem_flag(field="device_error"), legend="{{mountpoint}} failing"
                ),
                description="Whether a filesystem is mounted read-only, as the kernel does "
                "after errors of the disk, and whether it could not be asked for its figures. "
                "Source: filesystem collector.",
                mappings=NO_YES,
                show_value="never",
                legend="hidden",
                width=6,
            ),
        ],
        collapsed=True,
    ),
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
