"""Snippets of cAdvisor in the kubelet, Kubernetes 1.16 and later. https://github.com/google/cadvisor

cAdvisor sends a series for every control group: for the node (`id="/"`), for system services, for pods, for each
container, and for what lies between. A sum must take one of these levels only, or it counts everything twice.

Gauges of a container come as `max by`, because the last value of a container that was restarted stays for some minutes
beside that of its successor; counters of both are added. No query returns NaN.
"""

from __future__ import annotations

from gk.promql import kube_state_metrics
from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("cadvisor", metric="machine_memory_bytes")
snippet = exporter.snippet

# The group of a pod and its sandbox have no container name; with CRI-O the sandbox is called POD.
_CONTAINERS = 'container!~"|POD"'
_CONTAINER = "namespace, pod, container"
# A pod's network is counted once, on its sandbox.
_PODS = 'pod!=""'
# Where the kubelet and the container runtime are, one level below: systemd's slices, and Talos's groups.
_SERVICES = 'id=~"/(system|runtime|podruntime|kubelet)([.]slice)?/[^/]+"'
# Filesystems in memory and overlays have other names than a disk's; the overlays are those of the disk once more.
_FILESYSTEMS = ('device=~"/dev/.+"', 'device!~"/dev/(shm|mqueue|hugepages|loop[0-9]+|sr[0-9]+)"')
# What passes its bytes on to other disks, where they are counted again.
_DISKS = 'device!~"/dev/(dm-|md|loop|zram).*"'
# Network cards, by the names that Linux gives to them. Everything else carries the same traffic a second time: bridges,
# tunnels, VLANs, and the node's ends of the pods' interfaces, which are called eni... on AWS.
_CARDS = 'interface=~"(eth|en[osx]|enp[0-9]|em|ib|wl)[^.]*"'


def _top(expr: str, top: int | None) -> str:
    return f"topk({top}, {expr})" if top else expr


def _per_container(s: Scope, expr: str) -> str:
    return f"max by ({s.node}, {_CONTAINER}) ({expr})"


def _sum_per_container(s: Scope, expr: str) -> str:
    return f"sum by ({s.node}, {_CONTAINER}) ({expr})"


# Availability


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape cAdvisor on a node, 1 or 0. 0 means that the kubelet, the node or the way to it
    is broken; running containers go on without the kubelet. Source: Prometheus's own series up."""
    return f"max by ({s.node}) ({s.select('up')})"


@snippet(unit="percentunit", legend="answer")
def up_share(s: Scope) -> str:
    """Share of the nodes that Prometheus knows whose cAdvisor it can scrape, 0 to 1; 0 if it knows none. Source:
    Prometheus's own series up."""
    return f"(count({up(s)} > 0) or vector(0)) / (count({up(s)}) or vector(1))"


# Nodes


@snippet(unit="short", legend="{{$node}}")
def node_cpu(s: Scope) -> str:
    """Cores that a node uses. Where Prometheus does not keep the series of whole nodes, as with the defaults of
    kube-prometheus-stack, those that its containers use. Source: cAdvisor."""
    node = s.rate("container_cpu_usage_seconds_total", id="/")
    return f"sum by ({s.node}) ({node}) or sum by ({s.node}) ({container_cpu(s)})"


@snippet(unit="short", legend="{{$node}}")
def node_cores(s: Scope) -> str:
    """Logical CPUs of a node. Source: cAdvisor."""
    return f"max by ({s.node}) ({s.select('machine_cpu_cores')})"


@snippet(unit="percentunit", legend="{{$node}}")
def node_cpu_used(s: Scope) -> str:
    """Share of a node's CPU time in use, 0 to 1. Where Prometheus does not keep the series of whole nodes, as with the
    defaults of kube-prometheus-stack, what its containers use. Source: cAdvisor."""
    return f"{node_cpu(s)} / ({node_cores(s)} > 0)"


@snippet(unit="bytes", legend="{{$node}}")
def node_memory(s: Scope) -> str:
    """Working set of a node, in bytes: memory in use without file caches that were not read lately. The kubelet evicts
    pods by it. Where Prometheus does not keep the series of whole nodes, as with the defaults of
    kube-prometheus-stack, that of its containers. Source: cAdvisor."""
    node = s.select("container_memory_working_set_bytes", id="/")
    return f"max by ({s.node}) ({node}) or sum by ({s.node}) ({container_memory(s)})"


@snippet(unit="bytes", legend="{{$node}}")
def node_memory_size(s: Scope) -> str:
    """Memory of a node, in bytes. Source: cAdvisor."""
    return f"max by ({s.node}) ({s.select('machine_memory_bytes')})"


@snippet(unit="percentunit", legend="{{$node}}")
def node_memory_used(s: Scope) -> str:
    """Share of a node's memory in its working set, 0 to 1: memory in use without file caches that were not read
    lately. Near 1 the kubelet evicts pods. Where Prometheus does not keep the series of whole nodes, as with the
    defaults of kube-prometheus-stack, what its containers use. Source: cAdvisor."""
    return f"{node_memory(s)} / ({node_memory_size(s)} > 0)"


@snippet(unit="bytes", legend="{{$node}} {{device}}")
def filesystem(s: Scope) -> str:
    """Space in use on a filesystem of a node, in bytes. What lives in memory is left out. Source: cAdvisor."""
    return f"max by ({s.node}, device) ({s.select('container_fs_usage_bytes', *_FILESYSTEMS, id='/')})"


@snippet(unit="bytes", legend="{{$node}} {{device}}")
def filesystem_size(s: Scope) -> str:
    """Size of a filesystem of a node, in bytes. What lives in memory is left out. Source: cAdvisor."""
    return f"max by ({s.node}, device) ({s.select('container_fs_limit_bytes', *_FILESYSTEMS, id='/')})"


@snippet(unit="percentunit", legend="{{$node}} {{device}}")
def filesystem_used(s: Scope) -> str:
    """Share of a filesystem of a node in use, 0 to 1. What lives in memory is left out. With its defaults the
    kubelet removes unused images from 0.85 on, and evicts pods from 0.9 on. Source: cAdvisor."""
    return f"{filesystem(s)} / ({filesystem_size(s)} > 0)"


@snippet(unit="bps", legend="{{$node}} received")
def node_network_received(s: Scope) -> str:
    """Bits per second received by a node's network cards. Source: cAdvisor."""
    return f"8 * sum by ({s.node}) ({s.rate('container_network_receive_bytes_total', _CARDS, id='/')})"


@snippet(unit="bps", legend="{{$node}} sent")
def node_network_sent(s: Scope) -> str:
    """Bits per second sent by a node's network cards. Source: cAdvisor."""
    return f"8 * sum by ({s.node}) ({s.rate('container_network_transmit_bytes_total', _CARDS, id='/')})"


# The cluster: the selected nodes together


@snippet(unit="short", legend="used")
def cluster_cpu(s: Scope) -> str:
    """Cores that the selected nodes use together. Source: cAdvisor."""
    return f"sum({node_cpu(s)})"


@snippet(unit="short", legend="total")
def cluster_cores(s: Scope) -> str:
    """Logical CPUs of the selected nodes together. Source: cAdvisor."""
    return f"sum({node_cores(s)})"


@snippet(unit="percentunit", legend="CPU")
def cluster_cpu_used(s: Scope) -> str:
    """Share of the CPU time of the selected nodes in use, 0 to 1. Source: cAdvisor."""
    return f"{cluster_cpu(s)} / ({cluster_cores(s)} > 0)"


@snippet(unit="bytes", legend="used")
def cluster_memory(s: Scope) -> str:
    """Working set of the selected nodes together, in bytes: memory in use without file caches that were not read
    lately. Source: cAdvisor."""
    return f"sum({node_memory(s)})"


@snippet(unit="bytes", legend="total")
def cluster_memory_size(s: Scope) -> str:
    """Memory of the selected nodes together, in bytes. Source: cAdvisor."""
    return f"sum({node_memory_size(s)})"


@snippet(unit="percentunit", legend="memory")
def cluster_memory_used(s: Scope) -> str:
    """Share of the memory of the selected nodes in use, 0 to 1, without file caches that were not read lately.
    Source: cAdvisor."""
    return f"{cluster_memory(s)} / ({cluster_memory_size(s)} > 0)"


@snippet(unit="bytes", legend="used")
def cluster_filesystem(s: Scope) -> str:
    """Space in use on the filesystems of the selected nodes, in bytes. Source: cAdvisor."""
    return f"sum({filesystem(s)})"


@snippet(unit="bytes", legend="total")
def cluster_filesystem_size(s: Scope) -> str:
    """Size of the filesystems of the selected nodes together, in bytes. Source: cAdvisor."""
    return f"sum({filesystem_size(s)})"


@snippet(unit="percentunit", legend="filesystems")
def cluster_filesystem_used(s: Scope) -> str:
    """Share of the space on the filesystems of the selected nodes in use, 0 to 1. A single one may be full all the
    same. Source: cAdvisor."""
    return f"{cluster_filesystem(s)} / ({cluster_filesystem_size(s)} > 0)"


# Pods


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def pod_cpu(s: Scope, top: int | None = None) -> str:
    """Cores that the containers of a pod use together. Source: cAdvisor."""
    return _top(f"sum by ({s.node}, namespace, pod) ({container_cpu(s)})", top)


@snippet(unit="bytes", legend="{{namespace}}/{{pod}}")
def pod_memory(s: Scope, top: int | None = None) -> str:
    """Working set of a pod's containers together, in bytes: memory in use without file caches that were not read
    lately. Source: cAdvisor."""
    return _top(f"sum by ({s.node}, namespace, pod) ({container_memory(s)})", top)


def _pod_network(s: Scope, metric: str) -> str:
    """The sum of a pod's interfaces. A pod on its node's network has the node's, so its numbers say nothing of it."""
    total = f"sum by ({s.node}, namespace, pod) ({s.rate(metric, _PODS)})"
    return f"{total} unless on (namespace, pod) {kube_state_metrics.host_network_pods(s)}"


@snippet(unit="bps", legend="{{namespace}}/{{pod}} received")
def pod_network_received(s: Scope, top: int | None = None) -> str:
    """Bits per second received by a pod. Pods that use the network of their node show the node's traffic, and are left
    out where kube-state-metrics tells which they are. Source: cAdvisor."""
    return _top(f"8 * ({_pod_network(s, 'container_network_receive_bytes_total')})", top)


@snippet(unit="bps", legend="{{namespace}}/{{pod}} sent")
def pod_network_sent(s: Scope, top: int | None = None) -> str:
    """Bits per second sent by a pod. Pods that use the network of their node show the node's traffic, and are left out
    where kube-state-metrics tells which they are. Source: cAdvisor."""
    return _top(f"8 * ({_pod_network(s, 'container_network_transmit_bytes_total')})", top)


@snippet(unit="pps", legend="{{namespace}}/{{pod}} received")
def pod_receive_drops(s: Scope, top: int | None = None) -> str:
    """Packets per second that arrived for a pod and were dropped, mostly because its programs did not take them in
    time. Source: cAdvisor."""
    return _top(_pod_network(s, "container_network_receive_packets_dropped_total"), top)


@snippet(unit="pps", legend="{{namespace}}/{{pod}} sent")
def pod_send_drops(s: Scope, top: int | None = None) -> str:
    """Packets per second that a pod sent and that were dropped before they left its interface. Source: cAdvisor."""
    return _top(_pod_network(s, "container_network_transmit_packets_dropped_total"), top)


# Containers


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def container_cpu(s: Scope, top: int | None = None) -> str:
    """Cores that a container uses. Source: cAdvisor."""
    return _top(_sum_per_container(s, s.rate("container_cpu_usage_seconds_total", _CONTAINERS)), top)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_cpu_throttled(s: Scope) -> str:
    """Share of the periods of 100 ms in which a container wanted to run and was held back by its CPU limit before it
    was done, 0 to 1. It can be slow for that with a use far below the limit. Nothing for a container without a limit.
    Source: cAdvisor."""
    throttled = _sum_per_container(s, s.rate("container_cpu_cfs_throttled_periods_total", _CONTAINERS))
    periods = _sum_per_container(s, s.rate("container_cpu_cfs_periods_total", _CONTAINERS))
    return f"{throttled} / ({periods} > 0)"


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}}")
def container_memory(s: Scope, top: int | None = None) -> str:
    """Working set of a container, in bytes: memory in use without file caches that were not read lately. Source:
    cAdvisor."""
    return _top(_per_container(s, s.select("container_memory_working_set_bytes", _CONTAINERS)), top)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_memory_of_limit(s: Scope) -> str:
    """Share of its memory limit in a container's working set, 0 to 1. At 1 one of its processes is killed. Nothing for
    a container without a limit. Source: cAdvisor, and kube-state-metrics where cAdvisor's limits are not kept."""
    limit = f"{s.select('container_spec_memory_limit_bytes', _CONTAINERS)} > 0"
    stated = kube_state_metrics.memory_limits(s)
    # kube-prometheus-stack drops container_spec_* by default.
    limits = f"max by ({_CONTAINER}) ({limit} or on ({_CONTAINER}) {stated})"
    return f"{container_memory(s)} / on ({_CONTAINER}) group_left () {limits}"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def container_oom_kills(s: Scope, over: str = "1h") -> str:
    """Times that a container or one of its processes was killed for want of memory during the last hour; only those
    that were. Source: kube-state-metrics for containers that ended by it, cAdvisor for containers that survived it."""
    # With the container's first process its counter is gone before it is read: google/cadvisor issue 3015.
    events = s.increase("container_oom_events_total", _CONTAINERS, window=over)
    ended = kube_state_metrics.oom_restarts(s, over=over)
    return f"{ended} > 0 or sum by ({_CONTAINER}) (round({events})) > 0"


@snippet(unit="Bps", legend="{{namespace}}/{{pod}} {{container}} read")
def container_disk_read(s: Scope, top: int | None = None) -> str:
    """Bytes per second that a container reads from disks; what comes from a cache is not among them. Source:
    cAdvisor."""
    return _top(_sum_per_container(s, s.rate("container_fs_reads_bytes_total", _CONTAINERS, _DISKS)), top)


@snippet(unit="Bps", legend="{{namespace}}/{{pod}} {{container}} written")
def container_disk_written(s: Scope, top: int | None = None) -> str:
    """Bytes per second that a container writes to disks. Source: cAdvisor."""
    return _top(_sum_per_container(s, s.rate("container_fs_writes_bytes_total", _CONTAINERS, _DISKS)), top)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} processes")
def container_processes(s: Scope, top: int | None = None) -> str:
    """Processes in a container. Source: cAdvisor."""
    return _top(_per_container(s, s.select("container_processes", _CONTAINERS)), top)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} threads")
def container_threads(s: Scope, top: int | None = None) -> str:
    """Threads in a container, those of all its processes. A number that only grows is a leak, and ends at the limit
    for the pod. Source: cAdvisor."""
    return _top(_per_container(s, s.select("container_threads", _CONTAINERS)), top)


@snippet(unit="s", legend="{{namespace}}/{{pod}} {{container}}")
def container_age(s: Scope) -> str:
    """Seconds since a container was started; a small one beside an old pod is a restart. Source: cAdvisor."""
    return f"time() - {_per_container(s, s.select('container_start_time_seconds', _CONTAINERS))}"


# Pressure. The kubelet sends it since Kubernetes 1.34, from nodes with control groups of version 2.


def _pressure(s: Scope, resource: str, top: int | None) -> str:
    waiting = s.rate(f"container_pressure_{resource}_waiting_seconds_total", _CONTAINERS)
    return _top(_sum_per_container(s, waiting), top)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}} CPU")
def container_cpu_pressure(s: Scope, top: int | None = None) -> str:
    """Share of time in which at least one task of a container waited for a CPU, 0 to 1: because the node is busy, or
    because the container is at its limit. Source: cAdvisor, Kubernetes 1.34 and later."""
    return _pressure(s, "cpu", top)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}} memory")
def container_memory_pressure(s: Scope, top: int | None = None) -> str:
    """Share of time in which at least one task of a container waited for memory, 0 to 1: for pages to be freed, read
    again or swapped in. Source: cAdvisor, Kubernetes 1.34 and later."""
    return _pressure(s, "memory", top)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}} disks")
def container_io_pressure(s: Scope, top: int | None = None) -> str:
    """Share of time in which at least one task of a container waited for a disk, 0 to 1. Source: cAdvisor, Kubernetes
    1.34 and later."""
    return _pressure(s, "io", top)


# System services


@snippet(unit="short", legend="{{$node}} {{id}}")
def service_cpu(s: Scope) -> str:
    """Cores that the kubelet, the container runtime and other services of a node use, which are no pods. Source:
    cAdvisor."""
    return f"sum by ({s.node}, id) ({s.rate('container_cpu_usage_seconds_total', _SERVICES)})"


@snippet(unit="bytes", legend="{{$node}} {{id}}")
def service_memory(s: Scope) -> str:
    """Working set of the kubelet, the container runtime and other services of a node, which are no pods, in bytes.
    Source: cAdvisor."""
    return f"max by ({s.node}, id) ({s.select('container_memory_working_set_bytes', _SERVICES)})"
