"""Snippets of pods and containers, as cAdvisor in the kubelet sees them, Kubernetes 1.16 and later.
Nodes are in gk.library.cadvisor_nodes, namespaces and workloads in gk.library.cadvisor_workloads.
https://github.com/google/cadvisor

cAdvisor sends a series for every control group: for the node (`id="/"`), for system services, for
pods, for each container, and for what lies between. A sum must take one of these levels only, or it
counts everything twice.

cAdvisor stamps its samples with times of its own, so Prometheus keeps the last value of a container
that is gone for five minutes, beside that of its successor. container_start_time_seconds has no
such stamp and ends at once: gauges of a container are those of containers that have it. No query
returns NaN.
"""

from __future__ import annotations

from gk.library import kube_pods, kube_state_metrics
from gk.promql.snippet import Exporter, Scope
from gk.promql.syntax import matcher

__all__ = [
    "DISKS",
    "POD",
    "exporter",
    "placed",
    "pod_groups",
    "running",
    "snippet",
    "with_our_node",
]

exporter = Exporter("cadvisor", metric="machine_memory_bytes")
snippet = exporter.snippet

# The group of a pod and its sandbox have no container name; with CRI-O the sandbox is called POD.
_CONTAINERS = 'container!~"|POD"'
POD = "namespace, pod"
_CONTAINER = f"{POD}, container"
# The alerts of alerts/cadvisor.py and alerts/pods.py.
_ALERTS = (
    'alertname=~"Container.+|CPUThrottlingHigh|Kube(CPU|Memory)Overcommit|KubeNodeNotReady'
    '|KubePod(NotReady|CrashLooping)|KubeContainerWaiting"'
)
# A pod's network is counted once, on its sandbox.
_PODS = 'pod!=""'
# Tunnels that the kernel puts into every network namespace, and that mostly nobody uses.
_INTERFACES = 'interface!~"lo|(erspan|gre|gretap|ip6_vti|ip6gre|ip6tnl|ip_vti|sit|tunl)0"'
# What passes its bytes on to other disks, where they are counted again.
DISKS = 'device!~"/dev/(dm-|md|loop|zram).*"'


def _per_container(
    s: Scope, metric: str, namespace: str | None, pod: str | None, *matchers: str
) -> str:
    """A gauge of the containers that are there."""
    about = {"namespace": namespace, "pod": pod}
    series = s.select(metric, _CONTAINERS, *matchers, **about)
    there = s.select("container_start_time_seconds", _CONTAINERS, **about)
    return f"max by ({s.node}, {_CONTAINER}) ({series} and on ({s.node}, id) {there})"


def _sum_per_container(s: Scope, expr: str) -> str:
    return f"sum by ({s.node}, {_CONTAINER}) ({expr})"


def _per_pod(s: Scope, expr: str) -> str:
    return f"sum by ({s.node}, {POD}) ({expr})"


def with_our_node(s: Scope, expr: str, *labels: str) -> str:
    """A result of kube-state-metrics by node and `labels`, with the label that cAdvisor's series
    call the node by."""
    theirs = s.of(kube_state_metrics.exporter).node
    kept = ", ".join((s.node, *labels))
    return (
        expr
        if theirs == s.node
        else f'max by ({kept}) (label_join({expr}, "{s.node}", "", "{theirs}"))'
    )


def placed(s: Scope, namespace: str | None, pod: str | None) -> str:
    """Pods that have a node, with its name."""
    state = s.of(kube_state_metrics.exporter)
    known = state.select("kube_pod_info", f'{state.node}!=""', namespace=namespace, pod=pod)
    return f"{known} unless on ({POD}) {kube_state_metrics.without_node(s, namespace=namespace)}"


# Availability and alerts


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape cAdvisor on a node, 1 or 0. 0 means that the kubelet, the node
    or the way to it is broken; running containers go on without the kubelet. Source: Prometheus's
    own series up."""
    return f"max by ({s.node}) ({s.up()})"


@snippet(unit="percentunit", legend="answer")
def up_share(s: Scope) -> str:
    """Share of the nodes that Prometheus knows whose cAdvisor it can scrape, 0 to 1; 0 if it knows
    none. Source: Prometheus's own series up."""
    return f"(count({up(s)} > 0) or vector(0)) / (count({up(s)}) or vector(1))"


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The alerts on containers, pods and their nodes that fire, each as 1, by name and what they
    are about. Nothing while none fires, and nothing where Grafana evaluates the rules. Source:
    Prometheus's own series ALERTS."""
    about = {"namespace": namespace, "pod": pod}
    chosen = [matcher(label, value) for label, value in about.items() if value is not None]
    labels = f"{s.node}, {_CONTAINER}, alertname, severity"
    return f"max by ({labels}) ({s.firing(_ALERTS, *chosen)})"


@snippet(unit="short")
def alert_count(s: Scope) -> str:
    """Alerts that fire for a node, whatever they are about, as long as they name it. 0 while none
    does, which is known because some alert always fires (Watchdog); nothing where Prometheus fires
    none, such as where Grafana evaluates the rules. Source: Prometheus's own series ALERTS and
    up."""
    counted = f"count by ({s.node}) ({s.firing()}) and {up(s)}"
    return f"{counted} or 0 * {up(s)} and on () group({s.all_nodes.firing()})"


# What there is to choose from


@snippet(unit="short", legend="{{namespace}}")
def namespaces(s: Scope) -> str:
    """Namespaces with pods, each with how many there are. Source: kube-state-metrics, and cAdvisor
    for what it does not know."""
    return f"{kube_pods.namespace_pods(s.all_nodes)} or {running(s, 'namespace')}"


@snippet(unit="short", legend="{{pod}}")
def pods(s: Scope, namespace: str | None = None) -> str:
    """Pods, those among them that have no node yet or run no container. Source: kube-state-metrics,
    and cAdvisor for what it does not know."""
    known = s.of(kube_state_metrics.exporter).all_nodes.select("kube_pod_info", namespace=namespace)
    return f"count by (pod) ({known}) or {running(s, 'pod', namespace)}"


def running(s: Scope, label: str, namespace: str | None = None) -> str:
    """How many pods that run cAdvisor knows, by `label`."""
    return f"count by ({label}) ({pod_groups(s, namespace)})"


# Pods


def pod_groups(s: Scope, namespace: str | None = None) -> str:
    """How many containers each pod has that runs."""
    containers = s.select("container_start_time_seconds", _CONTAINERS, namespace=namespace)
    return f"count by ({s.node}, {POD}) ({containers})"


@snippet(unit="short")
def pod_nodes(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The node that a pod is on, as the label of a 1; nothing for a pod that no node has taken.
    Source: kube-state-metrics, or cAdvisor, which knows pods that run."""
    theirs = s.of(kube_state_metrics.exporter).node
    on_nodes = f"group by ({theirs}, {POD}) ({placed(s, namespace, pod)})"
    running = s.select("container_start_time_seconds", _CONTAINERS, namespace=namespace, pod=pod)
    return (
        f"{with_our_node(s, on_nodes, 'namespace', 'pod')} "
        f"or on ({POD}) group by ({s.node}, {POD}) ({running})"
    )


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{status}}")
def pods_in_trouble(s: Scope, namespace: str | None = None) -> str:
    """Pods that fail, wait or are not ready, with their status as kubectl names it and their node;
    those in a crash loop even while they run between two crashes. The value is the severity: 2
    running and not ready, 3 waiting, 4 failing. For a while that is normal after each start.
    Source: kube-state-metrics."""
    now = f"({kube_pods.pod_status(s, namespace=namespace)} >= 2)"
    looping = kube_pods.pods_in_crash_loop(s, namespace=namespace)
    nodes = f"topk by ({POD}) (1, {pod_nodes(s, namespace=namespace)})"
    state = s.of(kube_state_metrics.exporter).all_nodes
    every = state.select("kube_pod_status_phase", phase="Running", namespace=namespace)
    return (
        f"({looping} or on ({POD}) {now}) * on ({POD}) group_left ({s.node}) "
        f"({nodes} or on ({POD}) group by ({POD}) ({every}))"
    )


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def pod_cpu(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Cores that the containers of a pod use together. Source: cAdvisor."""
    return _per_pod(s, container_cpu(s, namespace=namespace, pod=pod))


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}}")
def pod_cpu_of_requests(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """What the containers of a pod use of the CPU time that they ask for together. Nothing for a
    pod that asks for none. Source: cAdvisor and kube-state-metrics."""
    requests = (
        f"sum by ({POD}) ({kube_state_metrics.cpu_requests(s, namespace=namespace, pod=pod)})"
    )
    return f"{pod_cpu(s, namespace=namespace, pod=pod)} / on ({POD}) group_left () ({requests} > 0)"


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}}")
def pod_cpu_throttled(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Share of the periods in which a container was throttled by its CPU limit, 0 to 1: that
    container of the pod which is worst off. Source: cAdvisor."""
    return f"max by ({s.node}, {POD}) ({container_cpu_throttled(s, namespace=namespace, pod=pod)})"


@snippet(unit="bytes", legend="{{namespace}}/{{pod}}")
def pod_memory(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Working set of a pod's containers together, in bytes: memory in use without file caches that
    were not read lately. Source: cAdvisor."""
    return _per_pod(s, container_memory(s, namespace=namespace, pod=pod))


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}}")
def pod_memory_of_requests(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """What the containers of a pod use of the memory that they ask for together. Above 1 it is
    among the first to be evicted. Nothing for a pod that asks for none. Source: cAdvisor and
    kube-state-metrics."""
    requests = (
        f"sum by ({POD}) ({kube_state_metrics.memory_requests(s, namespace=namespace, pod=pod)})"
    )
    return (
        f"{pod_memory(s, namespace=namespace, pod=pod)} / on ({POD}) group_left () ({requests} > 0)"
    )


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}}")
def pod_memory_of_limit(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Share of its memory limit that a container uses, 0 to 1: that container of the pod which is
    nearest to it. At 1 an OOM kill follows. Source: cAdvisor, and kube-state-metrics
    where cAdvisor's limits are not kept."""
    return (
        f"max by ({s.node}, {POD}) ({container_memory_of_limit(s, namespace=namespace, pod=pod)})"
    )


def _pod_network(s: Scope, metric: str, namespace: str | None, pod: str | None) -> str:
    """The sum of a pod's interfaces. A pod on its node's network has the node's, so its numbers say
    nothing of it."""
    total = _per_pod(s, s.rate(metric, _PODS, _INTERFACES, namespace=namespace, pod=pod))
    return f"{total} unless on ({POD}) {kube_state_metrics.host_network_pods(s)}"


@snippet(unit="bps", legend="{{namespace}}/{{pod}} received")
def pod_network_received(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Bits per second received by a pod. Pods that use the network of their node show the node's
    traffic, and are left out where kube-state-metrics tells which they are. Source: cAdvisor."""
    return f"8 * ({_pod_network(s, 'container_network_receive_bytes_total', namespace, pod)})"


@snippet(unit="bps", legend="{{namespace}}/{{pod}} sent")
def pod_network_sent(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Bits per second sent by a pod. Pods that use the network of their node show the node's
    traffic, and are left out where kube-state-metrics tells which they are. Source: cAdvisor."""
    return f"8 * ({_pod_network(s, 'container_network_transmit_bytes_total', namespace, pod)})"


@snippet(unit="pps", legend="{{namespace}}/{{pod}} received")
def pod_receive_drops(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Packets per second that arrived for a pod and were dropped, mostly because its programs did
    not take them in time. Pods on the network of their node are left out where kube-state-metrics
    tells which they are. Source: cAdvisor."""
    return _pod_network(s, "container_network_receive_packets_dropped_total", namespace, pod)


@snippet(unit="pps", legend="{{namespace}}/{{pod}} sent")
def pod_send_drops(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Packets per second that a pod sent and that were dropped before they left its interface. Pods
    on the network of their node are left out where kube-state-metrics tells which they are. Source:
    cAdvisor."""
    return _pod_network(s, "container_network_transmit_packets_dropped_total", namespace, pod)


@snippet(unit="pps", legend="{{namespace}}/{{pod}}")
def pod_network(
    s: Scope,
    what: str = "packets",
    direction: str = "receive",
    namespace: str | None = None,
    pod: str | None = None,
) -> str:
    """Packets per second of a pod: all of them (packets), those that were dropped
    (packets_dropped), or those that were wrong (errors), on the way in (receive) or out (transmit).
    Pods on the network of their node are left out where kube-state-metrics tells which they are.
    Source: cAdvisor."""
    return _pod_network(s, f"container_network_{direction}_{what}_total", namespace, pod)


@snippet(unit="Bps", legend="{{namespace}}/{{pod}} read")
def pod_disk_read(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Bytes per second that the containers of a pod read from disks. Source: cAdvisor."""
    return _per_pod(s, container_disk_read(s, namespace=namespace, pod=pod))


@snippet(unit="Bps", legend="{{namespace}}/{{pod}} written")
def pod_disk_written(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Bytes per second that the containers of a pod write to disks. Source: cAdvisor."""
    return _per_pod(s, container_disk_written(s, namespace=namespace, pod=pod))


# Containers


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def container_cpu(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Cores that a container uses. Source: cAdvisor."""
    used = s.rate("container_cpu_usage_seconds_total", _CONTAINERS, namespace=namespace, pod=pod)
    return _sum_per_container(s, used)


def _share(use: str, given: str) -> str:
    return f"{use} / on ({_CONTAINER}) group_left () ({given} > 0)"


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_cpu_of_request(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """What a container uses of the CPU time that it asks for. Above 1 it lives on what others leave
    over. Nothing for a container that asks for none. Source: cAdvisor and kube-state-metrics."""
    requests = kube_state_metrics.cpu_requests(s, namespace=namespace, pod=pod)
    return _share(container_cpu(s, namespace=namespace, pod=pod), requests)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_cpu_of_limit(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """What a container uses of the CPU time that it may use, 0 to 1. Near 1 it is throttled.
    Nothing for a container without a limit. Source: cAdvisor and kube-state-metrics."""
    limits = kube_state_metrics.cpu_limits(s, namespace=namespace, pod=pod)
    return _share(container_cpu(s, namespace=namespace, pod=pod), limits)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_cpu_throttled(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Share of the periods of 100 ms in which a container wanted to run and was throttled by its
    CPU limit before it was done, 0 to 1. It can be slow for that with a use far below the limit.
    Nothing for a container without a limit. Source: cAdvisor."""
    about = {"namespace": namespace, "pod": pod}
    throttled = s.rate("container_cpu_cfs_throttled_periods_total", _CONTAINERS, **about)
    periods = s.rate("container_cpu_cfs_periods_total", _CONTAINERS, **about)
    return f"{_sum_per_container(s, throttled)} / ({_sum_per_container(s, periods)} > 0)"


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}}")
def container_memory(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Working set of a container, in bytes: memory in use without file caches that were not read
    lately. Source: cAdvisor."""
    return _per_container(s, "container_memory_working_set_bytes", namespace, pod)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_memory_of_request(
    s: Scope, namespace: str | None = None, pod: str | None = None
) -> str:
    """What a container uses of the memory that it asks for. Above 1 it is among the first to be
    evicted. Nothing for a container that asks for none. Source: cAdvisor and kube-state-metrics."""
    requests = kube_state_metrics.memory_requests(s, namespace=namespace, pod=pod)
    return _share(container_memory(s, namespace=namespace, pod=pod), requests)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}}")
def container_memory_of_limit(
    s: Scope, namespace: str | None = None, pod: str | None = None
) -> str:
    """Share of its memory limit in a container's working set, 0 to 1. At 1 an OOM kill follows.
    Nothing for a container without a limit. Source: cAdvisor, and kube-state-metrics where
    cAdvisor's limits are not kept."""
    limit = s.select("container_spec_memory_limit_bytes", _CONTAINERS, namespace=namespace, pod=pod)
    stated = kube_state_metrics.memory_limits(s, namespace=namespace, pod=pod)
    # kube-prometheus-stack drops container_spec_* by default.
    limits = f"max by ({_CONTAINER}) ({limit} > 0 or on ({_CONTAINER}) {stated})"
    return _share(container_memory(s, namespace=namespace, pod=pod), limits)


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} programs")
def container_memory_anonymous(
    s: Scope, namespace: str | None = None, pod: str | None = None
) -> str:
    """Memory that the programs of a container have asked for themselves and that no file stands
    behind, in bytes (RSS). It cannot be taken back. Source: cAdvisor."""
    return _per_container(s, "container_memory_rss", namespace, pod)


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} file cache")
def container_memory_cache(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Contents of files that the kernel keeps in memory for a container, in bytes. It gives them up
    when memory is short, but for files in memory (tmpfs, emptyDir). Source: cAdvisor."""
    return _per_container(s, "container_memory_cache", namespace, pod)


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} kernel")
def container_memory_kernel(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Memory that the kernel itself uses for a container, in bytes: page tables, buffers of
    sockets, names of files. Source: cAdvisor."""
    return _per_container(s, "container_memory_kernel_usage", namespace, pod)


@snippet(unit="cps", legend="{{namespace}}/{{pod}} {{container}}")
def container_major_faults(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Times a second that a container had to wait until a piece of memory was read from a disk.
    Many over a long time mean that its files no longer fit into the memory it may use. Source:
    cAdvisor."""
    faults = s.rate(
        "container_memory_failures_total",
        _CONTAINERS,
        failure_type="pgmajfault",
        scope="container",
        namespace=namespace,
        pod=pod,
    )
    return _sum_per_container(s, faults)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def container_oom_kills(
    s: Scope, namespace: str | None = None, pod: str | None = None, over: str = "1h"
) -> str:
    """OOM kills of a container or of one of its processes during the last hour; only of those that
    had any. Source: kube-state-metrics for containers that ended by it, cAdvisor for containers
    that survived it."""
    about = {"namespace": namespace, "pod": pod}
    # With the container's first process its counter is gone before it is read: google/cadvisor
    # issue 3015.
    events = s.increase("container_oom_events_total", _CONTAINERS, window=over, **about)
    ended = kube_state_metrics.oom_restarts(s, over=over, **about)
    return f"{ended} > 0 or sum by ({_CONTAINER}) (round({events})) > 0"


@snippet(unit="Bps", legend="{{namespace}}/{{pod}} {{container}} read")
def container_disk_read(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Bytes per second that a container reads from disks; what comes from a cache is not among
    them. Source: cAdvisor."""
    read = s.rate(
        "container_fs_reads_bytes_total", _CONTAINERS, DISKS, namespace=namespace, pod=pod
    )
    return _sum_per_container(s, read)


@snippet(unit="Bps", legend="{{namespace}}/{{pod}} {{container}} written")
def container_disk_written(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Bytes per second that a container writes to disks. Source: cAdvisor."""
    written = s.rate(
        "container_fs_writes_bytes_total", _CONTAINERS, DISKS, namespace=namespace, pod=pod
    )
    return _sum_per_container(s, written)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} processes")
def container_processes(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Processes in a container. Source: cAdvisor."""
    return _per_container(s, "container_processes", namespace, pod)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} threads")
def container_threads(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Threads in a container, those of all its processes. A number that only grows is a leak, and
    ends at the limit for the pod. Source: cAdvisor."""
    return _per_container(s, "container_threads", namespace, pod)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} sockets")
def container_sockets(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Sockets that the processes of a container have open, most of them network connections.
    Source: cAdvisor."""
    return _per_container(s, "container_sockets", namespace, pod)


@snippet(unit="s", legend="{{namespace}}/{{pod}} {{container}}")
def container_age(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Seconds since a container was started; a small one beside an old pod is a restart. Source:
    cAdvisor."""
    started = s.select("container_start_time_seconds", _CONTAINERS, namespace=namespace, pod=pod)
    return f"time() - max by ({s.node}, {_CONTAINER}) ({started})"


# Pressure. The kubelet sends it since Kubernetes 1.34, from nodes with control groups of version 2.


def _pressure(s: Scope, resource: str, namespace: str | None, pod: str | None) -> str:
    metric = f"container_pressure_{resource}_waiting_seconds_total"
    return _sum_per_container(s, s.rate(metric, _CONTAINERS, namespace=namespace, pod=pod))


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}} CPU")
def container_cpu_pressure(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Share of time in which at least one task of a container waited for a CPU, 0 to 1: because the
    node is busy, or because the container is at its limit. Source: cAdvisor, Kubernetes 1.34 and
    later."""
    return _pressure(s, "cpu", namespace, pod)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}} memory")
def container_memory_pressure(
    s: Scope, namespace: str | None = None, pod: str | None = None
) -> str:
    """Share of time in which at least one task of a container waited for memory, 0 to 1: for pages
    to be freed, read again or swapped in. Source: cAdvisor, Kubernetes 1.34 and later."""
    return _pressure(s, "memory", namespace, pod)


@snippet(unit="percentunit", legend="{{namespace}}/{{pod}} {{container}} disks")
def container_io_pressure(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Share of time in which at least one task of a container waited for a disk, 0 to 1. Source:
    cAdvisor, Kubernetes 1.34 and later."""
    return _pressure(s, "io", namespace, pod)
