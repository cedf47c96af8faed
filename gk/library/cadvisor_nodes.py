"""Snippets of nodes, as cAdvisor in the kubelet sees them: each node, all of them together, what
runs on them outside of pods, and every control group. gk.library.cadvisor has pods and containers.
"""

from __future__ import annotations

from gk.library import kube_state_metrics
from gk.library.cadvisor import (
    DISKS,
    POD,
    container_cpu,
    container_disk_read,
    container_disk_written,
    container_memory,
    exporter,
    placed,
    pod_groups,
    snippet,
    with_our_node,
)
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

# Where the kubelet and the container runtime are, one level below: systemd's slices, and Talos's
# groups.
_SERVICES = 'id=~"/(system|runtime|podruntime|kubelet)([.]slice)?/[^/]+"'
# Every group but the root, which is the node.
_NOT_THE_NODE = 'id!="/"'
# Filesystems in memory and overlays have other names than a disk's; the overlays are those of the
# disk once more.
_FILESYSTEMS = ('device=~"/dev/.+"', 'device!~"/dev/(shm|mqueue|hugepages|loop[0-9]+|sr[0-9]+)"')
# Network cards, by the names that Linux gives to them. Everything else carries the same traffic a
# second time: bridges, tunnels, VLANs, and the node's ends of the pods' interfaces, which are
# called eni... on AWS.
_CARDS = 'interface=~"(eth|en[osx]|enp[0-9]|em|ib|wl)[^.]*"'


# Nodes


@snippet(unit="short", legend="{{$node}}")
def node_cpu(s: Scope) -> str:
    """Cores that a node uses. Where Prometheus does not keep the series of whole nodes, as with the
    defaults of kube-prometheus-stack, those that its containers use. Source: cAdvisor."""
    node = s.rate("container_cpu_usage_seconds_total", id="/")
    return f"sum by ({s.node}) ({node}) or sum by ({s.node}) ({container_cpu(s)})"


@snippet(unit="short", legend="{{$node}}")
def node_cores(s: Scope) -> str:
    """Logical CPUs of a node. Source: cAdvisor."""
    return f"max by ({s.node}) ({s.select('machine_cpu_cores')})"


@snippet(unit="percentunit", legend="{{$node}}")
def node_cpu_used(s: Scope) -> str:
    """Share of a node's CPU time in use, 0 to 1. Where Prometheus does not keep the series of whole
    nodes, as with the defaults of kube-prometheus-stack, what its containers use. Source:
    cAdvisor."""
    return f"{node_cpu(s)} / ({node_cores(s)} > 0)"


@snippet(unit="bytes", legend="{{$node}}")
def node_memory(s: Scope) -> str:
    """Working set of a node, in bytes: memory in use without file caches that were not read lately.
    The kubelet evicts pods by it. Where Prometheus does not keep the series of whole nodes, as with
    the defaults of kube-prometheus-stack, that of its containers. Source: cAdvisor."""
    node = s.select("container_memory_working_set_bytes", id="/")
    return f"max by ({s.node}) ({node}) or sum by ({s.node}) ({container_memory(s)})"


@snippet(unit="bytes", legend="{{$node}}")
def node_memory_size(s: Scope) -> str:
    """Memory of a node, in bytes. Source: cAdvisor."""
    return f"max by ({s.node}) ({s.select('machine_memory_bytes')})"


@snippet(unit="percentunit", legend="{{$node}}")
def node_memory_used(s: Scope) -> str:
    """Share of a node's memory in its working set, 0 to 1: memory in use without file caches that
    were not read lately. Near 1 the kubelet evicts pods. Where Prometheus does not keep the series
    of whole nodes, as with the defaults of kube-prometheus-stack, what its containers use. Source:
    cAdvisor."""
    return f"{node_memory(s)} / ({node_memory_size(s)} > 0)"


@snippet(unit="bytes", legend="{{$node}} {{device}}")
def filesystem(s: Scope) -> str:
    """Space in use on a filesystem of a node, in bytes. What lives in memory is left out. Source:
    cAdvisor."""
    return (
        f"max by ({s.node}, device) ({s.select('container_fs_usage_bytes', *_FILESYSTEMS, id='/')})"
    )


@snippet(unit="bytes", legend="{{$node}} {{device}}")
def filesystem_size(s: Scope) -> str:
    """Size of a filesystem of a node, in bytes. What lives in memory is left out. Source:
    cAdvisor."""
    return (
        f"max by ({s.node}, device) ({s.select('container_fs_limit_bytes', *_FILESYSTEMS, id='/')})"
    )


@snippet(unit="percentunit", legend="{{$node}} {{device}}")
def filesystem_used(s: Scope) -> str:
    """Share of a filesystem of a node in use, 0 to 1. What lives in memory is left out. With its
    defaults the kubelet removes unused images from 0.85 on, and evicts pods from 0.9 on. Source:
    cAdvisor."""
    return f"{filesystem(s)} / ({filesystem_size(s)} > 0)"


@snippet(unit="percentunit")
def filesystem_fullest(s: Scope) -> str:
    """Share in use of the filesystem of a node that is fullest, 0 to 1. What lives in memory is
    left out. Source: cAdvisor."""
    return f"max by ({s.node}) ({filesystem_used(s)})"


@snippet(unit="short")
def node_pods(s: Scope) -> str:
    """Pods on a node that have not ended. The kubelet takes 110 of them unless it is told
    otherwise. Source: kube-state-metrics, or cAdvisor, which knows those that run."""
    state = s.of(kube_state_metrics.exporter)
    ended = state.all_nodes.select("kube_pod_status_phase", phase=["Succeeded", "Failed"])
    pods = f"group by ({state.node}, {POD}) ({placed(s, None, None)})"
    known = f"count by ({state.node}) ({pods} unless on ({POD}) {ended} == 1)"
    running = f"count by ({s.node}) ({pod_groups(s)})"
    return f"{with_our_node(s, f'({known})')} or {running}"


@snippet(unit="short")
def node_ready(s: Scope) -> str:
    """Whether the API server holds a node for ready, 1 or 0. Source: kube-state-metrics."""
    return with_our_node(s, kube_state_metrics.node_ready(s))


@snippet(unit="percentunit")
def node_cpu_requested(s: Scope) -> str:
    """Share of the CPU time that a node has for pods which its pods ask for, 0 to 1. Source:
    kube-state-metrics."""
    return with_our_node(s, kube_state_metrics.cpu_requested(s))


@snippet(unit="percentunit")
def node_memory_requested(s: Scope) -> str:
    """Share of the memory that a node has for pods which its pods ask for, 0 to 1. Source:
    kube-state-metrics."""
    return with_our_node(s, kube_state_metrics.memory_requested(s))


@snippet(unit="Bps", legend="{{$node}} read")
def node_disk_read(s: Scope) -> str:
    """Bytes per second that a node reads from disks. Where Prometheus does not keep the series of
    whole nodes, what its containers read. Source: cAdvisor."""
    node = s.rate("container_fs_reads_bytes_total", DISKS, id="/")
    return f"sum by ({s.node}) ({node}) or sum by ({s.node}) ({container_disk_read(s)})"


@snippet(unit="Bps", legend="{{$node}} written")
def node_disk_written(s: Scope) -> str:
    """Bytes per second that a node writes to disks. Where Prometheus does not keep the series of
    whole nodes, what its containers write. Source: cAdvisor."""
    node = s.rate("container_fs_writes_bytes_total", DISKS, id="/")
    return f"sum by ({s.node}) ({node}) or sum by ({s.node}) ({container_disk_written(s)})"


@snippet(unit="bps", legend="{{$node}} received")
def node_network_received(s: Scope) -> str:
    """Bits per second received by a node's network cards. Source: cAdvisor."""
    return (
        f"8 * sum by ({s.node}) ({s.rate('container_network_receive_bytes_total', _CARDS, id='/')})"
    )


@snippet(unit="bps", legend="{{$node}} sent")
def node_network_sent(s: Scope) -> str:
    """Bits per second sent by a node's network cards. Source: cAdvisor."""
    return (
        f"8 * sum by ({s.node}) "
        f"({s.rate('container_network_transmit_bytes_total', _CARDS, id='/')})"
    )


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
    """Working set of the selected nodes together, in bytes: memory in use without file caches that
    were not read lately. Source: cAdvisor."""
    return f"sum({node_memory(s)})"


@snippet(unit="bytes", legend="total")
def cluster_memory_size(s: Scope) -> str:
    """Memory of the selected nodes together, in bytes. Source: cAdvisor."""
    return f"sum({node_memory_size(s)})"


@snippet(unit="percentunit", legend="memory")
def cluster_memory_used(s: Scope) -> str:
    """Share of the memory of the selected nodes in use, 0 to 1, without file caches that were not
    read lately. Source: cAdvisor."""
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
    """Share of the space on the filesystems of the selected nodes in use, 0 to 1. A single one may
    be full all the same. Source: cAdvisor."""
    return f"{cluster_filesystem(s)} / ({cluster_filesystem_size(s)} > 0)"


@snippet(unit="bps", legend="received")
def cluster_network_received(s: Scope) -> str:
    """Bits per second received by the network cards of the selected nodes together. Source:
    cAdvisor."""
    return f"sum({node_network_received(s)})"


@snippet(unit="bps", legend="sent")
def cluster_network_sent(s: Scope) -> str:
    """Bits per second sent by the network cards of the selected nodes together. Source:
    cAdvisor."""
    return f"sum({node_network_sent(s)})"


# System services


@snippet(unit="short", legend="{{$node}} {{id}}")
def service_cpu(s: Scope) -> str:
    """Cores that the kubelet, the container runtime and other services of a node use outside of
    pods. Source: cAdvisor."""
    return f"sum by ({s.node}, id) ({s.rate('container_cpu_usage_seconds_total', _SERVICES)})"


@snippet(unit="bytes", legend="{{$node}} {{id}}")
def service_memory(s: Scope) -> str:
    """Working set of the kubelet, the container runtime and other services of a node outside of
    pods, in bytes. Source: cAdvisor."""
    return f"max by ({s.node}, id) ({s.select('container_memory_working_set_bytes', _SERVICES)})"


# Control groups: everything at once, each with what is in it, so that they must not be added


@snippet(unit="short", legend="{{$node}} {{id}}")
def group_cpu(s: Scope) -> str:
    """Cores that a control group uses with all that is in it: a service, a pod, a container, or a
    whole class of them. They contain each other, and do not add up. Source: cAdvisor."""
    return f"sum by ({s.node}, id) ({s.rate('container_cpu_usage_seconds_total', _NOT_THE_NODE)})"


@snippet(unit="bytes", legend="{{$node}} {{id}}")
def group_memory(s: Scope) -> str:
    """Working set of a control group with all that is in it, in bytes: a service, a pod, a
    container, or a whole class of them. They contain each other, and do not add up. Source:
    cAdvisor."""
    return (
        f"max by ({s.node}, id) ({s.select('container_memory_working_set_bytes', _NOT_THE_NODE)})"
    )


@snippet(unit="bps", legend="{{$node}} {{id}} received")
def group_network_received(s: Scope) -> str:
    """Bits per second received by the network interfaces of a control group, mostly a pod's
    sandbox. A group on the network of its node has the node's. Source: cAdvisor."""
    return (
        f"8 * sum by ({s.node}, id) "
        f"({s.rate('container_network_receive_bytes_total', _NOT_THE_NODE)})"
    )


@snippet(unit="bps", legend="{{$node}} {{id}} sent")
def group_network_sent(s: Scope) -> str:
    """Bits per second sent by the network interfaces of a control group, mostly a pod's sandbox. A
    group on the network of its node has the node's. Source: cAdvisor."""
    return (
        f"8 * sum by ({s.node}, id) "
        f"({s.rate('container_network_transmit_bytes_total', _NOT_THE_NODE)})"
    )
