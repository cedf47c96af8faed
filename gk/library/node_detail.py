"""Snippets of the node exporter for a close look at one node: what dashboards/node_detail.py shows
besides those of gk.library.node.

Families of series that differ by name only, such as the fields of /proc/meminfo, are one snippet
with the name as its argument; what has a meaning of its own is a snippet of its own. Whatever a
node does not have is missing, and nothing returns NaN.
"""

from __future__ import annotations

from gk.library.node import (
    DISKS,
    FILESYSTEMS,
    exporter,
    per_node,
    ranked_alerts,
    snippet,
)
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

_CACHES = ("Cached", "Buffers", "SReclaimable")
# What a denominator is at least, where nothing to divide by means nothing to divide.
_LEAST = "1e-9"


def _memory(s: Scope, operator: str, *fields: str) -> str:
    """Fields of /proc/meminfo, added or subtracted."""
    return per_node(
        s, f" {operator} ".join(s.select(f"node_memory_{field}_bytes") for field in fields)
    )


# The node itself


@snippet(unit="none", legend="{{alertname}}")
def node_alerts(s: Scope) -> str:
    """The alerts that fire for a node: 1 the critical ones, 2 warnings, 3 others. A nameless 0 if
    none does, which is known because some alert always fires (Watchdog); nothing where Prometheus
    fires none, such as where Grafana evaluates the rules. Source: Prometheus's own series ALERTS
    and up."""
    firing = f"({ranked_alerts(s, 'alertname', 'severity')})"
    none = f"0 * {per_node(s, s.up())} and on () group({s.all_nodes.firing()})"
    return f"{firing} or on ({s.node}) ({none})"


@snippet(unit="short", legend="{{nodename}}")
def system_names(s: Scope) -> str:
    """A node's host name, the release of its kernel and its machine type, as labels of a 1. Source:
    uname collector."""
    return per_node(s, s.select("node_uname_info"), "machine", "nodename", "release")


@snippet(unit="short", legend="{{pretty_name}}")
def system_distribution(s: Scope) -> str:
    """The name of a node's operating system, as a label of a 1. In a container the exporter has to
    see the host's /etc, or it names the image's. Source: os collector."""
    return per_node(s, s.select("node_os_info"), "pretty_name")


# CPU


@snippet(unit="percentunit", legend="CPU {{cpu}}")
def cpu_busy_each(s: Scope) -> str:
    """Share of time that one CPU did not spend idle, 0 to 1. One CPU at 1 while the others idle is
    a program that does one thing at a time. Source: cpu collector."""
    return f"1 - {per_node(s, s.rate('node_cpu_seconds_total', mode='idle'), 'cpu')}"


@snippet(unit="percentunit", legend="guests")
def cpu_guest(s: Scope) -> str:
    """Share of CPU time that virtual machines on the node used, 0 to 1. It is part of user and nice
    as well. Source: cpu collector."""
    guests, all_modes = s.rate("node_cpu_guest_seconds_total"), s.rate("node_cpu_seconds_total")
    return f"sum by ({s.node}) ({guests}) / clamp_min(sum by ({s.node}) ({all_modes}), {_LEAST})"


@snippet(unit="none", legend="{{$node}}")
def load_average(s: Scope, minutes: int = 1) -> str:
    """Tasks that run, wait for a CPU or wait for a disk, averaged over 1, 5 or 15 minutes. Above
    the number of CPUs, work queues. Source: loadavg collector."""
    return per_node(s, s.select(f"node_load{minutes}"))


@snippet(unit="percentunit", legend="{{$node}}")
def pressure(s: Scope, field: str = "irq_stalled") -> str:
    """Share of time in which tasks waited for something, 0 to 1. `field` is a resource and whether
    some task waited (cpu_waiting) or all did (memory_stalled). Source: pressure collector."""
    return per_node(s, s.rate(f"node_pressure_{field}_seconds_total"))


# Memory


@snippet(unit="bytes", legend="{{$node}}")
def meminfo(s: Scope, field: str = "MemFree") -> str:
    """One field of /proc/meminfo, in bytes; `field` as the kernel spells it. Source: meminfo
    collector."""
    return _memory(s, "", field)


@snippet(unit="bytes", legend="used")
def memory_in_use(s: Scope) -> str:
    """Memory that is neither free nor a cache, in bytes. Source: meminfo collector."""
    return _memory(s, "-", "MemTotal", "MemFree", *_CACHES)


@snippet(unit="bytes", legend="caches")
def memory_caches(s: Scope) -> str:
    """Memory that holds copies of files and of the kernel's objects, most of which the kernel gives
    back when programs need it, in bytes. Source: meminfo collector."""
    return _memory(s, "+", *_CACHES)


@snippet(unit="bytes", legend="programs")
def memory_of_programs(s: Scope) -> str:
    """Memory of programs: what is left without free memory, caches and the kernel's own, in bytes.
    Source: meminfo collector."""
    return _memory(
        s, "-", "MemTotal", "MemFree", "Buffers", "Cached", "Slab", "PageTables", "SwapCached"
    )


@snippet(unit="bytes", legend="swap used")
def swap_in_use(s: Scope) -> str:
    """Swap space in use, in bytes. Source: meminfo collector."""
    return _memory(s, "-", "SwapTotal", "SwapFree")


@snippet(unit="bytes", legend="{{$node}}")
def huge_pages(s: Scope, field: str = "Total") -> str:
    """Memory of huge pages that were set aside by hand, in bytes: their number times their size.
    `field` is Total, Free, Rsvd or Surp. Source: meminfo collector."""
    return per_node(
        s,
        f"{s.select(f'node_memory_HugePages_{field}')} * "
        f"{s.select('node_memory_Hugepagesize_bytes')}",
    )


@snippet(unit="bytes", legend="used")
def huge_pages_used(s: Scope) -> str:
    """Memory of huge pages in use, in bytes. Source: meminfo collector."""
    total, free = s.select("node_memory_HugePages_Total"), s.select("node_memory_HugePages_Free")
    return per_node(s, f"({total} - {free}) * {s.select('node_memory_Hugepagesize_bytes')}")


@snippet(unit="ops", legend="{{$node}}")
def vmstat(s: Scope, field: str = "pgfault") -> str:
    """How fast one counter of /proc/vmstat grows, per second; `field` as the kernel spells it.
    Source: vmstat collector."""
    return per_node(s, s.rate(f"node_vmstat_{field}"))


@snippet(unit="binBps", legend="{{$node}}")
def vmstat_bytes(s: Scope, field: str = "pgpgin") -> str:
    """Bytes per second read from disks (pgpgin) or written to them (pgpgout), which the kernel
    counts in KiB. Source: vmstat collector."""
    return f"1024 * {vmstat(s, field=field)}"


@snippet(unit="ops", legend="minor")
def minor_page_faults(s: Scope) -> str:
    """Page faults per second that needed no disk: new memory, or what another process had already.
    Many are normal. Source: vmstat collector."""
    return per_node(s, f"{s.rate('node_vmstat_pgfault')} - {s.rate('node_vmstat_pgmajfault')}")


# Clock


@snippet(unit="s", legend="{{$node}}")
def timex(s: Scope, field: str = "offset") -> str:
    """One of the kernel's figures of the clock, in seconds, such as offset, estimated_error or
    tick. Source: timex collector."""
    return per_node(s, s.select(f"node_timex_{field}_seconds"))


@snippet(unit="none", legend="{{$node}}")
def timex_value(s: Scope, field: str = "sync_status") -> str:
    """One of the kernel's figures of the clock that has no unit: sync_status, 1 where the clock
    follows a reliable server, or loop_time_constant. Source: timex collector."""
    return per_node(s, s.select(f"node_timex_{field}"))


@snippet(unit="ppm", legend="correction")
def clock_correction(s: Scope) -> str:
    """How much faster the kernel lets the clock run than the hardware's, in millionths. Tens are
    normal; the kernel corrects 500 at most. Source: timex collector."""
    return f"1e6 * ({timex_value(s, field='frequency_adjustment_ratio')} - 1)"


@snippet(unit="hertz", legend="{{$node}}")
def timex_hertz(s: Scope, field: str = "pps_frequency") -> str:
    """One of the kernel's figures of a pulse-per-second signal, in hertz: pps_frequency or
    pps_stability. Source: timex collector."""
    return per_node(s, s.select(f"node_timex_{field}_hertz"))


@snippet(unit="ops", legend="{{$node}}")
def timex_events(s: Scope, field: str = "calibration") -> str:
    """Events of a pulse-per-second signal per second: calibration, error, jitter or
    stability_exceeded. Source: timex collector."""
    return per_node(s, s.rate(f"node_timex_pps_{field}_total"))


# Processes


@snippet(unit="short", legend="hung")
def hung_tasks(s: Scope) -> str:
    """Tasks that the kernel has found hung since it booted: they waited, mostly for a disk, for
    longer than kernel.hung_task_timeout_secs. Source: kernel_hung collector, node exporter 1.11 and
    later."""
    return per_node(s, s.select("node_kernel_hung_tasks_total"))


@snippet(unit="short", legend="{{state}}")
def process_states(s: Scope) -> str:
    """Processes by state: R run, S sleep, D wait for a disk, I are idle threads of the kernel, T
    are stopped, Z have ended and their parent has not looked. Many D or ever more Z are trouble.
    Source: processes collector, which needs --collector.processes."""
    return per_node(s, s.select("node_processes_state"), "state")


@snippet(unit="short", legend="{{$node}}")
def processes(s: Scope, field: str = "pids") -> str:
    """Processes and threads, and how many there can be: pids, max_processes, threads or
    max_threads. Source: processes collector, which needs --collector.processes."""
    return per_node(s, s.select(f"node_processes_{field}"))


@snippet(unit="ops", legend="forks")
def forks(s: Scope) -> str:
    """Processes and threads started per second. Source: stat collector."""
    return per_node(s, s.rate("node_forks_total"))


@snippet(unit="percentunit", legend="CPU {{cpu}}")
def schedstat(s: Scope, field: str = "waiting") -> str:
    """Seconds per second in which tasks ran on a CPU (running), or were ready and waited for it
    (waiting); two that wait count twice. Source: schedstat collector, which needs a kernel that
    keeps these (/proc/schedstat)."""
    return per_node(s, s.rate(f"node_schedstat_{field}_seconds_total"), "cpu")


@snippet(unit="percentunit", legend="CPU {{cpu}}")
def schedstat_waiting_share(s: Scope) -> str:
    """Share of their time, 0 to 1, that tasks which could run had to wait for a CPU. Source:
    schedstat collector, which needs a kernel that keeps this."""
    running = s.rate("node_schedstat_running_seconds_total")
    waiting = s.rate("node_schedstat_waiting_seconds_total")
    return per_node(s, f"{waiting} / clamp_min({running} + {waiting}, {_LEAST})", "cpu")


@snippet(unit="ops", legend="CPU {{cpu}}")
def timeslices(s: Scope) -> str:
    """Times per second that a CPU began to run a task. Source: schedstat collector, which needs a
    kernel that keeps this."""
    return per_node(s, s.rate("node_schedstat_timeslices_total"), "cpu")


# System


@snippet(unit="ops", legend="interrupts")
def interrupts_all(s: Scope) -> str:
    """Interrupts of all kinds per second. Source: stat collector."""
    return per_node(s, s.rate("node_intr_total"))


@snippet(unit="ops", legend="{{type}} {{info}} {{devices}}")
def interrupts_by_kind(s: Scope) -> str:
    """Interrupts per second by kind, on all CPUs. Source: interrupts collector, which needs
    --collector.interrupts."""
    return f"sum by ({s.node}, type, info, devices) ({s.rate('node_interrupts_total')})"


@snippet(unit="hertz", legend="CPU {{cpu}}")
def cpu_frequency(s: Scope) -> str:
    """Clock rate of a CPU, in hertz. Source: cpufreq collector, which needs hardware with frequency
    scaling."""
    return per_node(s, s.select("node_cpu_scaling_frequency_hertz"), "cpu")


@snippet(unit="hertz", legend="{{$node}}")
def cpu_frequency_limit(s: Scope, bound: str = "max") -> str:
    """Highest (max) or lowest (min) clock rate that a CPU may have, in hertz, averaged over the
    CPUs. Source: cpufreq collector, which needs hardware with frequency scaling."""
    return f"avg by ({s.node}) ({s.select(f'node_cpu_scaling_frequency_{bound}_hertz')})"


@snippet(unit="decbits", legend="{{$node}}")
def entropy(s: Scope, field: str = "available") -> str:
    """Bits of entropy that the kernel's random numbers are made from: available, or pool_size.
    Source: entropy collector."""
    return per_node(s, s.select(f"node_entropy_{field}_bits"))


# Hardware


def _named_chip(s: Scope, metric: str) -> str:
    names = per_node(s, s.select("node_hwmon_chip_names"), "chip", "chip_name")
    sensors = per_node(s, s.select(metric), "chip", "sensor")
    return f"{sensors} * on ({s.node}, chip) group_left (chip_name) {names}"


@snippet(unit="celsius", legend="{{chip_name}} {{sensor}}")
def temperature(s: Scope, field: str = "celsius") -> str:
    """Temperature of a sensor, or one of the limits that its chip has for it: `field` is celsius,
    max_celsius, crit_celsius or crit_hyst_celsius. Source: hwmon collector."""
    return _named_chip(s, f"node_hwmon_temp_{field}")


@snippet(unit="short", legend="{{chip_name}} {{sensor}}")
def temperature_alarm(s: Scope) -> str:
    """Whether a chip says that a sensor is beyond its critical temperature, 1 or 0. Source: hwmon
    collector."""
    return _named_chip(s, "node_hwmon_temp_crit_alarm_celsius")


@snippet(unit="rotrpm", legend="{{chip_name}} {{sensor}}")
def fan_speed(s: Scope, field: str = "rpm") -> str:
    """Revolutions per minute of a fan (rpm), or the fewest that it should make (min_rpm). Source:
    hwmon collector, which needs sensors that Linux knows; virtual machines have none."""
    return _named_chip(s, f"node_hwmon_fan_{field}")


@snippet(unit="percentunit", legend="{{type}} {{name}}")
def cooling(s: Scope) -> str:
    """How hard a cooling device works, 0 to 1. A processor above 0 is throttled because it is hot.
    Source: thermal_zone collector."""
    now, most = s.select("node_cooling_device_cur_state"), s.select("node_cooling_device_max_state")
    return per_node(s, f"{now} / clamp_min({most}, 1)", "type", "name")


@snippet(unit="short", legend="{{power_supply}}")
def power_online(s: Scope) -> str:
    """Whether a power supply delivers power, 1 or 0. Source: powersupplyclass collector, which
    needs power supplies that Linux knows, mostly those of laptops."""
    return per_node(s, s.select("node_power_supply_online"), "power_supply")


# systemd


@snippet(unit="short", legend="{{state}}")
def systemd_units(s: Scope) -> str:
    """Units of systemd by state. A failed one is a service that did not start or broke. Source:
    systemd collector, which needs --collector.systemd."""
    return per_node(s, s.select("node_systemd_units"), "state")


@snippet(unit="short", legend="{{name}}")
def systemd_connections(s: Scope) -> str:
    """Connections that are open on a socket of systemd. Source: systemd collector, which needs
    --collector.systemd."""
    return per_node(s, s.select("node_systemd_socket_current_connections"), "name")


@snippet(unit="cps", legend="{{name}}")
def systemd_connection_rate(s: Scope, field: str = "accepted") -> str:
    """Connections per second that a socket of systemd accepted or refused. Source: systemd
    collector, which needs --collector.systemd, and systemd 239 for refused ones."""
    return per_node(s, s.rate(f"node_systemd_socket_{field}_connections_total"), "name")


# Disks


@snippet(unit="iops", legend="{{device}}")
def disk_rate(s: Scope, field: str = "reads_completed") -> str:
    """Operations of a disk per second, such as reads_completed or writes_merged. Source: diskstats
    collector."""
    return per_node(s, s.rate(f"node_disk_{field}_total", DISKS), "device")


@snippet(unit="percentunit", legend="{{device}}")
def disk_time(s: Scope, field: str = "flush_requests") -> str:
    """Seconds per second that operations of one kind took on a disk: discard or flush_requests.
    Source: diskstats collector."""
    return per_node(s, s.rate(f"node_disk_{field}_time_seconds_total", DISKS), "device")


def _disk_wait(s: Scope, seconds: str, operations: str) -> str:
    return per_node(
        s, f"{s.rate(seconds, DISKS)} / clamp_min({s.rate(operations)}, {_LEAST})", "device"
    )


@snippet(unit="s", legend="{{device}} read")
def disk_read_wait(s: Scope) -> str:
    """Seconds from asking a disk for data to having it, on average; 0 where nothing was read. An
    SSD takes below a millisecond, a spinning disk about ten. Source: diskstats collector."""
    return _disk_wait(s, "node_disk_read_time_seconds_total", "node_disk_reads_completed_total")


@snippet(unit="s", legend="{{device}} written")
def disk_write_wait(s: Scope) -> str:
    """Seconds from giving data to a disk to its having them, on average; 0 where nothing was
    written. Source: diskstats collector."""
    return _disk_wait(s, "node_disk_write_time_seconds_total", "node_disk_writes_completed_total")


@snippet(unit="binBps", legend="{{device}} discarded")
def disk_discarded(s: Scope) -> str:
    """Bytes per second that filesystems told a disk they no longer need (TRIM). Source: diskstats
    collector, which counts sectors of 512 bytes."""
    return f"512 * {disk_rate(s, field='discarded_sectors')}"


@snippet(unit="none", legend="{{device}}")
def disk_in_progress(s: Scope) -> str:
    """Operations that a disk had not finished at the moment of the scrape. Source: diskstats
    collector."""
    return per_node(s, s.select("node_disk_io_now", DISKS), "device")


# Filesystems


def _by_mount(s: Scope, expr: str) -> str:
    return per_node(s, expr, "device", "fstype", "mountpoint")


@snippet(unit="bytes", legend="{{mountpoint}}")
def filesystem_bytes(s: Scope, field: str = "free") -> str:
    """Space on a filesystem, in bytes: its size, what is free, and what of that is available to
    programs other than root's (avail). Source: filesystem collector."""
    return _by_mount(s, s.select(f"node_filesystem_{field}_bytes", *FILESYSTEMS))


@snippet(unit="bytes", legend="{{mountpoint}}")
def filesystem_used_bytes(s: Scope) -> str:
    """Space in use on a filesystem, in bytes, as df has it (Used), without what is kept for root.
    Source: filesystem collector."""
    size, free = (
        s.select(f"node_filesystem_{field}_bytes", *FILESYSTEMS) for field in ("size", "free")
    )
    return _by_mount(s, f"{size} - {free}")


@snippet(unit="short", legend="{{mountpoint}}")
def filesystem_files(s: Scope, field: str = "files") -> str:
    """Inodes of a filesystem (files), or those left (files_free). Each file and each folder takes
    one. 0 of 0 where the number has no limit, as on Btrfs. Source: filesystem collector."""
    return _by_mount(s, s.select(f"node_filesystem_{field}", *FILESYSTEMS))


@snippet(unit="short", legend="{{mountpoint}}")
def filesystem_flag(s: Scope, field: str = "readonly") -> str:
    """Whether a filesystem is mounted read-only (readonly), or could not be asked for its figures
    (device_error), 1 or 0. Source: filesystem collector."""
    return _by_mount(s, s.select(f"node_filesystem_{field}", *FILESYSTEMS))


@snippet(unit="short", legend="{{$node}}")
def file_handles(s: Scope, field: str = "allocated") -> str:
    """Files and sockets that are open in the whole kernel (allocated), or the most there may be
    (maximum). Source: filefd collector."""
    return per_node(s, s.select(f"node_filefd_{field}"))


# The node exporter itself


@snippet(unit="s", legend="{{collector}}")
def collector_seconds(s: Scope) -> str:
    """Seconds that a collector took for its part of the last scrape. Source: the node exporter
    itself."""
    return per_node(s, s.select("node_scrape_collector_duration_seconds"), "collector")


@snippet(unit="short", legend="{{collector}}")
def collector_success(s: Scope) -> str:
    """Whether a collector had data at the last scrape, 1 or 0. 0 is normal where the node has
    nothing of the kind. Source: the node exporter itself."""
    return per_node(s, s.select("node_scrape_collector_success"), "collector")


@snippet(unit="percentunit", legend="CPUs")
def exporter_cpu(s: Scope) -> str:
    """CPUs that the exporter itself keeps busy; 0.01 is a hundredth of one. Source: the node
    exporter itself."""
    return per_node(s, s.rate("process_cpu_seconds_total"))


@snippet(unit="bytes", legend="{{$node}}")
def exporter_memory(s: Scope, field: str = "resident_memory") -> str:
    """Memory of the exporter itself, in bytes: resident_memory, virtual_memory or
    virtual_memory_max. Source: the node exporter itself."""
    return per_node(s, s.select(f"process_{field}_bytes"))


@snippet(unit="short", legend="{{$node}}")
def exporter_files(s: Scope, field: str = "open") -> str:
    """Files and connections that the exporter itself has open (open), or may have (max). Source:
    the node exporter itself."""
    return per_node(s, s.select(f"process_{field}_fds"))
