"""Snippets of the node exporter, 1.5 and later. https://github.com/prometheus/node_exporter

All but those of systemd read collectors that are on by default, and none of them returns NaN: what
a node does not have, such as swap, is used to 0. Values of one node come as `max by`, because the
series of an exporter that was restarted, or is scraped by two jobs, overlap for a while.
"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Query, Scope, Snippet

__all__ = [
    "DISKS",
    "FILESYSTEMS",
    "INTERFACES",
    "TARGET",
    "exporter",
    "named",
    "per_node",
    "ranked_alerts",
    "snippet",
]

exporter = Exporter("node", metric="node_uname_info")
snippet = exporter.snippet

# What nothing can run out of, and the mounts of pods and containers, which are those of other disks
# once more.
FILESYSTEMS = (
    'fstype!~"tmpfs|ramfs|overlay|squashfs|erofs|iso9660|fuse[.]lxcfs"',
    'mountpoint!~"/(run|var/lib/(docker|containers|containerd|kubelet))/.+"',
)
# The choice of a node in what Grafana makes of `targets`: its name is shown, its label inserted.
TARGET = r'/nodename="(?<text>[^"]+)|\b(?!nodename=)\w+="(?<value>[^"]+)/g'
DISKS = 'device!~"(loop|ram|zram|fd|sr)[0-9]+"'
# The loopback and the interfaces of single pods: veth of most network plugins, cali of Calico, lxc
# of Cilium.
INTERFACES = 'device!~"lo|(veth|cali|lxc|ifb|dummy).*|[a-f0-9]{15}"'


def per_node(s: Scope, expr: str, *labels: str) -> str:
    """`expr` with one series a node, or one for each value of `labels` on it."""
    return f"max by ({', '.join((s.node, *labels))}) ({expr})"


def _used_share(total: str, free: str) -> str:
    return f"({total} - {free}) / clamp_min({total}, 1)"


def _known(s: Scope) -> str:
    """Whether each node's exporter can be scraped, by the node label alone."""
    return per_node(s, s.up())


def _or_zero(s: Scope, expr: str) -> str:
    """`expr` of each node, and 0 for the nodes that answer and have no such series."""
    return f"{expr} or on ({s.node}) 0 * ({_known(s)} == 1)"


# Availability


@snippet(unit="short", legend="{{nodename}}")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape the exporter of a node, 1 or 0. 0 while the node itself works
    means that the exporter or the way to it is broken. The label nodename is the host name that the
    exporter gave last within a week, or else the node label. Source: Prometheus's own series up,
    and the uname collector."""
    # Where a name or a kernel has changed, the newest series has the last word.
    now = f"timestamp({s.select('node_uname_info')})"
    last_seen = per_node(s, s.within_a_week("max_over_time", now), "nodename")
    names = f"topk by ({s.node}) (1, {last_seen})"
    known = _known(s)
    named = f"{known} + on ({s.node}) group_left (nodename) 0 * {names}"
    return f'{named} or on ({s.node}) label_join({known}, "nodename", "", "{s.node}")'


@snippet(unit="short", legend="{{nodename}}")
def names(s: Scope) -> str:
    """The host name of each node in the label nodename, or else the node label; each is 1. In
    graphs it is the name at each point, elsewhere the one that the exporter gave within 15 minutes.
    Where several hosts share a node label, it is that label. Source: uname collector, and
    Prometheus's own series up."""
    # An alert that fires would start anew if its node lost the name while the exporter restarts.
    info = s.select("node_uname_info")
    known = per_node(s, info if s.is_graph else f"last_over_time({info}[15m])", "nodename")
    alone = f"{known} unless on ({s.node}) count by ({s.node}) ({known}) > 1"
    # Every target: where a job is shared, only the collector tells which of them are nodes. In a
    # graph not those that are down, whose rates go on for a moment and would do so by address.
    targets = f"{s.select('up')} == 1" if s.is_graph else s.select("up")
    others = f'label_join(group by ({s.node}) ({targets}), "nodename", "", "{s.node}")'
    return f"{alone} or on ({s.node}) {others}"


def named(query: Snippet | Query) -> Query:
    """The query, whose series also have the host name of their node, in the label nodename."""
    return query.labelled("nodename", names)


@snippet(unit="short")
def targets(s: Scope) -> str:
    """The nodes that Prometheus knows, whichever are chosen, with the host name of each in the
    label nodename, as a choice of nodes needs it. Source: Prometheus's own series up, and the uname
    collector."""
    return up(s.all_nodes)


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """Nodes whose exporter Prometheus can scrape, 0 if there is none. Source: Prometheus's own
    series up."""
    return f"count({_known(s)} > 0) or vector(0)"


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """Nodes whose exporter Prometheus knows and cannot scrape. Source: Prometheus's own series
    up."""
    return f"count({_known(s)} == 0) or vector(0)"


@snippet(unit="s")
def uptime(s: Scope) -> str:
    """Seconds since a node booted. Source: stat collector."""
    return f"time() - {per_node(s, s.select('node_boot_time_seconds'))}"


@snippet(unit="dateTimeAsIso")
def boot_time(s: Scope, since: float | str = 0) -> str:
    """When a node booted, in milliseconds since 1970, which is how Grafana takes a time. Nothing
    for a node that booted before `since`. Source: stat collector."""
    return f"1000 * {per_node(s, s.select('node_boot_time_seconds'))} > {since}"


# Alerts


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """The node alerts that fire for any of the nodes, each 1, by name and severity. Nothing while
    none fires, and nothing where Grafana evaluates the rules. Source: Prometheus's own series
    ALERTS."""
    names = 'alertname=~"Node.+"'
    return f"max by (alertname, severity) ({s.firing(names)})"


@snippet(unit="none")
def alert_count(s: Scope) -> str:
    """Alerts that fire for a node, whatever they are about, as long as they name it. 0 while none
    does, which is known because some alert always fires (Watchdog); nothing where Prometheus fires
    none, such as where Grafana evaluates the rules. Source: Prometheus's own series ALERTS and
    up."""
    known = _known(s)
    counted = f"count by ({s.node}) ({s.firing()}) and {known}"
    return f"{counted} or 0 * {known} and on () group({s.all_nodes.firing()})"


def ranked_alerts(s: Scope, *labels: str) -> str:
    """The alerts that fire for a node, by `labels`: 1 the critical ones, 2 warnings, 3 others. With
    no labels, the worst of each node."""
    ranks = (
        'severity=~"critical|page|error"',
        'severity="warning"',
        'severity!~"critical|page|error|warning"',
    )
    firing = (s.firing(f'{s.node}!=""', severity) for severity in ranks)
    return " or ".join(
        f"{rank} * {per_node(s, alert, *labels)}" for rank, alert in enumerate(firing, start=1)
    )


@snippet(unit="none")
def state(s: Scope) -> str:
    """The worst that is known of a node, to sort by: 0 its exporter does not answer, 1 a critical
    alert fires for it, 2 a warning, 3 another alert, 4 none of these. The label alertname is the
    worst alert, nodename as in up. Alerts are those that Prometheus evaluates. Source: Prometheus's
    own series up and ALERTS, and the uname collector."""
    worst = f"bottomk by ({s.node}) (1, {ranked_alerts(s, 'alertname')})"
    with_alert = f"{up(s)} * on ({s.node}) group_left (alertname) {worst}"
    return f"{with_alert} or on ({s.node}) 4 * {up(s)}"


# CPU


@snippet(unit="percentunit")
def cpu_idle(s: Scope) -> str:
    """Share of CPU time a node spent idle, 0 to 1, averaged over its CPUs. Near 0 there is no CPU
    time left and work waits. Source: cpu collector."""
    return f"avg by ({s.node}) ({s.rate('node_cpu_seconds_total', mode='idle')})"


@snippet(unit="percentunit")
def cpu_busy(s: Scope) -> str:
    """Share of CPU time a node did not spend idle, 0 to 1, averaged over its CPUs. Waiting for
    disks counts as busy. Source: cpu collector."""
    return f"1 - {cpu_idle(s)}"


@snippet(unit="percentunit")
def cpu_steal(s: Scope) -> str:
    """Steal: the share of CPU time that a virtual machine wanted and its host gave to others, 0 to
    1, averaged over its CPUs. Source: cpu collector."""
    return f"avg by ({s.node}) ({s.rate('node_cpu_seconds_total', mode='steal')})"


@snippet(unit="ops")
def cpu_throttles(s: Scope) -> str:
    """Times per second that a node's hottest CPU was throttled by its own hardware, to stay cool or
    within its power. 0 where the hardware does not say, as in a virtual machine; anything else for
    long means failing fans or a hot room. Source: cpu collector."""
    return _or_zero(s, per_node(s, s.rate("node_cpu_package_throttles_total")))


@snippet(unit="percentunit", legend="{{mode}}")
def cpu_by_mode(s: Scope) -> str:
    """Share of CPU time by what it was spent on, 0 to 1, averaged over the CPUs of all selected
    nodes; idle is what is missing to 1. Much iowait points at disks, much steal at the host of a
    virtual machine, much softirq at the network. Source: cpu collector."""
    not_idle = 'mode!="idle"'
    return f"avg by (mode) ({s.rate('node_cpu_seconds_total', not_idle)})"


@snippet(unit="short")
def cpu_count(s: Scope) -> str:
    """Logical CPUs of a node. Source: cpu collector."""
    cpus = s.select("node_cpu_seconds_total", mode="idle")
    return f"count by ({s.node}) (count by ({s.node}, cpu) ({cpus}))"


@snippet(unit="none")
def load_per_cpu(s: Scope) -> str:
    """Tasks that run, wait for a CPU or wait for a disk, averaged over one minute, for each CPU of
    a node. Above 1 for long, work queues. Source: loadavg and cpu collectors."""
    return f"{per_node(s, s.select('node_load1'))} / {cpu_count(s)}"


# Memory


@snippet(unit="percentunit")
def memory_used(s: Scope) -> str:
    """Share of memory that programs could not get without swapping, 0 to 1: 1 - MemAvailable /
    MemTotal, as in free. Caches that the kernel can drop do not count. The working set of
    containers, which dashboards of containers show, counts some of these caches and not the rest of
    the node, so it differs. Source: meminfo collector."""
    total, available = (
        s.select("node_memory_MemTotal_bytes"),
        s.select("node_memory_MemAvailable_bytes"),
    )
    return per_node(s, _used_share(total, available))


@snippet(unit="bytes")
def memory_total(s: Scope) -> str:
    """Memory of a node, in bytes, without what the kernel keeps for itself from the start. Source:
    meminfo collector."""
    return per_node(s, s.select("node_memory_MemTotal_bytes"))


@snippet(unit="ops")
def major_page_faults(s: Scope) -> str:
    """Page faults per second that had to read from a disk. Many of them for long mean that the node
    is short of memory and reads its programs again and again. Source: vmstat collector."""
    return per_node(s, s.rate("node_vmstat_pgmajfault"))


@snippet(unit="percentunit")
def swap_used(s: Scope) -> str:
    """Share of swap space in use, 0 to 1; 0 for a node without swap, as Kubernetes nodes mostly
    are. Source: meminfo collector."""
    total, free = s.select("node_memory_SwapTotal_bytes"), s.select("node_memory_SwapFree_bytes")
    return per_node(s, _used_share(total, free))


def _whole(s: Scope, counter: str) -> str:
    """What a counter counted in the last hour, in whole numbers: increase() alone extrapolates."""
    return per_node(s, f"round(increase({s.range(counter, window='1h')}))")


@snippet(unit="short")
def oom_kills(s: Scope) -> str:
    """OOM kills of the last hour: processes that the kernel killed because a node or a container
    had no memory left. Any is worth a look: a container is at its limit, or the node has none to
    give. Source: vmstat collector."""
    return _whole(s, "node_vmstat_oom_kill")


@snippet(unit="short", legend="{{$node}} uncorrected")
def memory_errors(s: Scope) -> str:
    """Memory errors of the last hour that the hardware found and could not correct. Programs that
    read there fail or are killed; replace the module. 0 where the hardware does not check its
    memory. Source: edac collector."""
    return _or_zero(s, _whole(s, "node_edac_uncorrectable_errors_total"))


@snippet(unit="short", legend="{{$node}} corrected")
def memory_errors_corrected(s: Scope) -> str:
    """Memory errors of the last hour that the hardware found and corrected. A few do no harm; many
    foretell a failing module. 0 where the hardware does not check its memory. Source: edac
    collector."""
    return _or_zero(s, _whole(s, "node_edac_correctable_errors_total"))


# Disks


@snippet(unit="percentunit", legend="{{$node}} {{device}}")
def disk_busy(s: Scope) -> str:
    """Share of time in which a disk had at least one operation to do, 0 to 1. A single disk is at
    its limit near 1; an array, an SSD or a volume in a cloud may do more at once. Source: diskstats
    collector."""
    return per_node(s, s.rate("node_disk_io_time_seconds_total", DISKS), "device")


@snippet(unit="binBps", legend="{{$node}} {{device}} read")
def disk_read(s: Scope) -> str:
    """Bytes per second read from a disk. Source: diskstats collector."""
    return per_node(s, s.rate("node_disk_read_bytes_total", DISKS), "device")


@snippet(unit="binBps", legend="{{$node}} {{device}} written")
def disk_written(s: Scope) -> str:
    """Bytes per second written to a disk. Source: diskstats collector."""
    return per_node(s, s.rate("node_disk_written_bytes_total", DISKS), "device")


@snippet(unit="none", legend="{{$node}} {{device}}")
def disk_queue(s: Scope) -> str:
    """Operations that a disk is doing or that wait for it, on average. It grows when operations
    come faster than the disk does them. Source: diskstats collector."""
    return per_node(s, s.rate("node_disk_io_time_weighted_seconds_total", DISKS), "device")


@snippet(unit="short", legend="{{$node}} {{device}}")
def raid_disks_failed(s: Scope) -> str:
    """Disks that have failed in a software RAID array. 0 without a device for a node that has no
    such arrays. Source: mdadm collector."""
    return _or_zero(s, per_node(s, s.select("node_md_disks", state="failed"), "device"))


@snippet(unit="short", legend="{{$node}} {{device}}")
def raid_disks_missing(s: Scope) -> str:
    """Disks that a software RAID array lacks: those that it should have, without the active ones.
    Each brings the array nearer to losing its data. 0 without a device for a node that has no such
    arrays. Source: mdadm collector."""
    required = per_node(s, s.select("node_md_disks_required"), "device")
    active = per_node(s, s.select("node_md_disks", state="active"), "device")
    return _or_zero(s, f"{required} - {active}")


# Filesystems


def _filesystem(s: Scope, field: str, mountpoint: str | None = None) -> str:
    """A field of the filesystems that matter. Each selector has the choice: a node with many pods
    has a hundred other mounts, which an operator would leave out only after they were read."""
    return s.select(f"node_filesystem_{field}", *FILESYSTEMS, mountpoint=mountpoint)


def _writable(s: Scope, expr: str) -> str:
    """`expr` of each filesystem that can get full."""
    readonly = _filesystem(s, "readonly")
    return per_node(s, f"{expr} unless {readonly} == 1", "device", "fstype", "mountpoint")


def _df(s: Scope, available: str, mountpoint: str | None = None) -> str:
    """Share in use as df has it, once `available` bytes are left: what is in use, of that and what
    is available. What is kept for root is neither."""
    size, free, left = (
        _filesystem(s, field, mountpoint) for field in ("size_bytes", "free_bytes", "avail_bytes")
    )
    return f"1 - {available} / clamp_min({size} - {free} + {left}, 1)"


@snippet(unit="percentunit", legend="{{$node}} {{mountpoint}}")
def filesystem_used(s: Scope, mountpoint: str | None = None) -> str:
    """Share of a filesystem in use, 0 to 1, as df has it (Use%): space in use, of that and what is
    available to programs. Space kept for root counts as neither, so 1 means that programs get no
    more. What is mounted read-only or lives in memory is left out. Source: filesystem collector."""
    return _writable(s, _df(s, _filesystem(s, "avail_bytes", mountpoint), mountpoint))


@snippet(unit="percentunit")
def filesystem_fullest(s: Scope) -> str:
    """Share in use of the fullest filesystem of a node, 0 to 1, as df has it (Use%). What is
    mounted read-only or lives in memory is left out. Source: filesystem collector."""
    return per_node(s, filesystem_used(s))


def _trend(s: Scope, field: str, hours: float) -> str:
    """A field of filesystems in some hours if it goes on as in the last 6 hours, of which a sample
    each 5 minutes tells enough; as it is now, until there are two."""
    now = _filesystem(s, field)
    return f"(predict_linear({now}[6h:5m], {hours * 3600:.0f}) or {now})"


def _ahead(s: Scope, used: str, then: str, left: float) -> str:
    """The share in use `then`, from 0; below 1 unless less than `left` is free of what is `used`
    now."""
    share = f"clamp_min({then}, 0)"
    return _writable(s, f"({share} and {used} > {1 - left:g} or clamp_max({share}, 0.99))")


@snippet(unit="percentunit", legend="{{$node}} {{mountpoint}}")
def filesystem_used_ahead(s: Scope, hours: float = 24, left: float = 0.15) -> str:
    """Share of a filesystem that will be in use in 24 hours, or other `hours`, if it goes on as in
    the last 6 hours, from 0. Above 1 it gets full sooner. What has more than 15% (`left`) available
    is shown as 0.99 at most, since one large download bends the trend. Source: filesystem
    collector."""
    used = _df(s, _filesystem(s, "avail_bytes"))
    then = _df(s, _trend(s, "avail_bytes", hours))
    return _ahead(s, f"({used})", then, left)


@snippet(unit="percentunit", legend="{{$node}} {{mountpoint}}")
def inodes_used_ahead(s: Scope, hours: float = 24, left: float = 0.4) -> str:
    """Share of a filesystem's inodes that will be in use in 24 hours, or other `hours`, if it goes
    on as in the last 6 hours, from 0. Above 1 they run out sooner. What has more than 40% (`left`)
    free is shown as 0.99 at most. Source: filesystem collector."""
    inodes = _filesystem(s, "files")
    used = _used_share(inodes, _filesystem(s, "files_free"))
    then = _used_share(inodes, _trend(s, "files_free", hours))
    return _ahead(s, used, then, left)


@snippet(unit="short")
def filesystem_errors(s: Scope) -> str:
    """Filesystems of a node that the exporter could not ask for their size: the disk or the file
    server does not answer, or the exporter may not look. Their other figures are missing. Source:
    filesystem collector."""
    unread = per_node(s, _filesystem(s, "device_error"), "device", "mountpoint")
    return _or_zero(s, f"sum by ({s.node}) ({unread})")


@snippet(unit="bytes", legend="{{$node}} {{mountpoint}}")
def filesystem_available(s: Scope, mountpoint: str | None = None) -> str:
    """Space on a filesystem that programs can still get, in bytes. What is mounted read-only or
    lives in memory is left out. Source: filesystem collector."""
    return _writable(s, _filesystem(s, "avail_bytes", mountpoint))


@snippet(unit="bytes", legend="{{$node}} {{mountpoint}}")
def filesystem_size(s: Scope, mountpoint: str | None = None) -> str:
    """Size of a filesystem, in bytes. What is mounted read-only or lives in memory is left out.
    Source: filesystem collector."""
    return _writable(s, _filesystem(s, "size_bytes", mountpoint))


@snippet(unit="percentunit", legend="{{$node}} {{mountpoint}}")
def inodes_used(s: Scope, mountpoint: str | None = None) -> str:
    """Share of a filesystem's inodes in use, 0 to 1. Without a free one no file can be made,
    however much space there is. 0 where the number has no limit, as on Btrfs. Source: filesystem
    collector."""
    inodes, free = (_filesystem(s, field, mountpoint) for field in ("files", "files_free"))
    return _writable(s, _used_share(inodes, free))


# Network


@snippet(unit="bps", legend="{{$node}} {{device}} received")
def network_received(s: Scope) -> str:
    """Bits per second received by an interface. The loopback and the interfaces of single pods are
    left out. Source: netdev collector."""
    return per_node(s, f"8 * {s.rate('node_network_receive_bytes_total', INTERFACES)}", "device")


@snippet(unit="bps", legend="{{$node}} {{device}} sent")
def network_sent(s: Scope) -> str:
    """Bits per second sent by an interface. The loopback and the interfaces of single pods are left
    out. Source: netdev collector."""
    return per_node(s, f"8 * {s.rate('node_network_transmit_bytes_total', INTERFACES)}", "device")


@snippet(unit="pps", legend="{{$node}} {{device}} received")
def network_receive_drops(s: Scope) -> str:
    """Drops: packets per second that arrived intact and were dropped, mostly because the node had
    no time or no memory for them. Source: netdev collector."""
    return per_node(s, s.rate("node_network_receive_drop_total", INTERFACES), "device")


@snippet(unit="pps", legend="{{$node}} {{device}} sent")
def network_send_drops(s: Scope) -> str:
    """Drops: packets per second that were dropped before they were sent, mostly because a queue was
    full. Source: netdev collector."""
    return per_node(s, s.rate("node_network_transmit_drop_total", INTERFACES), "device")


def _error_share(s: Scope, direction: str) -> str:
    # The kernel does not count bad packets among the others. An interface with less than one packet
    # a second is taken as if it had one, so that a single error at night is no alert.
    errors = s.rate(f"node_network_{direction}_errs_total", INTERFACES)
    packets = s.rate(f"node_network_{direction}_packets_total", INTERFACES)
    return per_node(s, f"{errors} / clamp_min({errors} + {packets}, 1)", "device")


@snippet(unit="percentunit", legend="{{$node}} {{device}} received")
def network_receive_errors(s: Scope) -> str:
    """Errors: the share of packets that arrived damaged, 0 to 1: mostly a bad cable, port or
    network card. Source: netdev collector."""
    return _error_share(s, "receive")


@snippet(unit="percentunit", legend="{{$node}} {{device}} sent")
def network_send_errors(s: Scope) -> str:
    """Errors: the share of packets that could not be sent, 0 to 1: mostly a lost link, or a bad
    driver or network card. Source: netdev collector."""
    return _error_share(s, "transmit")


@snippet(unit="short", legend="{{$node}} {{device}}")
def network_flaps(s: Scope) -> str:
    """Times that an interface came up or went down within the last minutes. Two are one restart;
    more mean that its link flaps. Source: netclass collector."""
    return per_node(s, f"changes({s.range('node_network_up', INTERFACES)})", "device")


@snippet(unit="short", legend="{{$node}} {{master}}")
def bond_members_down(s: Scope) -> str:
    """Interfaces of a bond that do not work. The bond goes on with the others. 0 without a bond for
    a node that has none. Source: bonding collector."""
    members, active = s.select("node_bonding_slaves"), s.select("node_bonding_active")
    return _or_zero(s, per_node(s, f"{members} - {active}", "master"))


@snippet(unit="percentunit", legend="{{$node}}")
def conntrack_used(s: Scope) -> str:
    """Share of the connection tracking table (conntrack) in use, 0 to 1. When it is full, new
    connections are dropped. Nothing for a node that tracks none. Source: conntrack collector."""
    entries, limit = (
        s.select("node_nf_conntrack_entries"),
        s.select("node_nf_conntrack_entries_limit"),
    )
    return per_node(s, f"{entries} / clamp_min({limit}, 1)")


# Pressure. The kernel has these since 4.20; some distributions want psi=1 on its command line.


@snippet(unit="percentunit")
def cpu_pressure(s: Scope) -> str:
    """CPU pressure (PSI): the share of time in which at least one task waited for a CPU, 0 to 1.
    Source: pressure collector, which needs a kernel with pressure information (psi=1)."""
    return per_node(s, s.rate("node_pressure_cpu_waiting_seconds_total"))


@snippet(unit="percentunit")
def memory_pressure(s: Scope) -> str:
    """Memory pressure (PSI): the share of time in which at least one task waited for memory, 0 to
    1: for pages to be swapped in, read again or freed. Source: pressure collector, which needs a
    kernel with pressure information (psi=1)."""
    return per_node(s, s.rate("node_pressure_memory_waiting_seconds_total"))


@snippet(unit="percentunit")
def io_pressure(s: Scope) -> str:
    """I/O pressure (PSI): the share of time in which at least one task waited for a disk, 0 to 1.
    Source: pressure collector, which needs a kernel with pressure information (psi=1)."""
    return per_node(s, s.rate("node_pressure_io_waiting_seconds_total"))


# systemd. The collector is off by default, and restarts need a flag more.


@snippet(unit="short", legend="{{$node}} {{name}}")
def systemd_failed(s: Scope) -> str:
    """Units of systemd that have failed, each as 1: services that did not start or broke. Source:
    systemd collector, which needs --collector.systemd."""
    return f"{per_node(s, s.select('node_systemd_unit_state', state='failed'), 'name')} == 1"


@snippet(unit="short", legend="{{$node}} {{name}}")
def systemd_restarts(s: Scope) -> str:
    """Times that systemd restarted a service within the last 5 minutes, in whole numbers, for those
    that it did. Source: systemd collector, which needs --collector.systemd and
    --collector.systemd.enable-restarts-metrics."""
    restarts = s.range("node_systemd_service_restart_total", window="5m")
    return f"{per_node(s, f'round(increase({restarts}))', 'name')} > 0"


# System


@snippet(unit="none")
def textfile_error(s: Scope) -> str:
    """Whether the exporter failed to read one of the *.prom files that other programs leave for it,
    1 or 0. 0 too where there are none. Source: textfile collector."""
    return per_node(s, s.select("node_textfile_scrape_error"))


@snippet(unit="s")
def clock_offset(s: Scope) -> str:
    """Seconds by which a node's clock is off from the time servers, early or late, as the program
    that keeps the time told the kernel. Source: timex collector."""
    return per_node(s, f"abs({s.select('node_timex_offset_seconds')})")


@snippet(unit="s")
def clock_error(s: Scope) -> str:
    """Seconds by which a node's clock may be off at most. It grows by half a millisecond a second
    and falls back each time the clock is set; at 16 s the kernel calls the clock unsynchronised.
    Source: timex collector."""
    return per_node(s, s.select("node_timex_maxerror_seconds"))


@snippet(unit="percentunit", legend="{{$node}}")
def file_handles_used(s: Scope) -> str:
    """Share of the file handles a kernel may open that are open, 0 to 1. At 1 no program can open a
    file or a socket. Source: filefd collector."""
    allocated, maximum = s.select("node_filefd_allocated"), s.select("node_filefd_maximum")
    return per_node(s, f"{allocated} / clamp_min({maximum}, 1)")


@snippet(unit="ops")
def context_switches(s: Scope) -> str:
    """Times per second that the CPUs of a node went from one task to another. Source: stat
    collector."""
    return per_node(s, s.rate("node_context_switches_total"))


@snippet(unit="short", legend="{{$node}} running")
def processes_running(s: Scope) -> str:
    """Tasks that run or are ready to. Source: stat collector."""
    return per_node(s, s.select("node_procs_running"))


@snippet(unit="short", legend="{{$node}} blocked")
def processes_blocked(s: Scope) -> str:
    """Tasks that wait for a disk and cannot be interrupted. Source: stat collector."""
    return per_node(s, s.select("node_procs_blocked"))
