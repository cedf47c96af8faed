"""Snippets of namespaces, of workloads (Deployments, StatefulSets, DaemonSets and Jobs), and of all
pods: what they use together, as cAdvisor in the kubelet sees it. Single pods are in
gk.library.cadvisor.
"""

from __future__ import annotations

from gk.library import kube_pods, kube_state_metrics
from gk.library.cadvisor import (
    POD,
    container_cpu,
    container_memory,
    exporter,
    pod_cpu,
    pod_memory,
    pod_network,
    pod_network_received,
    pod_network_sent,
    running,
    snippet,
)
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]


# All pods together


@snippet(unit="bps", legend="all pods")
def network_total(s: Scope, direction: str = "receive", namespace: str | None = None) -> str:
    """Bits per second that pods receive (receive) or send (transmit) altogether. Pods on the
    network of their node are left out where kube-state-metrics tells which they are. Source:
    cAdvisor."""
    by_pod = pod_network(s, what="bytes", direction=direction, namespace=namespace)
    return f"8 * sum({by_pod})"


@snippet(unit="pps", legend="all pods")
def network_total_packets(
    s: Scope, what: str = "packets", direction: str = "receive", namespace: str | None = None
) -> str:
    """Packets per second of all pods: all of them (packets), those that were dropped
    (packets_dropped), or those that were wrong (errors), on the way in (receive) or out (transmit).
    Pods on the network of their node are left out where kube-state-metrics tells which they are.
    Source: cAdvisor."""
    return f"sum({pod_network(s, what=what, direction=direction, namespace=namespace)})"


# Namespaces


@snippet(unit="short", legend="{{namespace}}")
def namespace_pods(s: Scope, namespace: str | None = None) -> str:
    """Pods of a namespace, whatever their phase. Source: kube-state-metrics, or cAdvisor, which
    knows those that run."""
    known = kube_pods.namespace_pods(s, namespace=namespace)
    return f"{known} or {running(s, 'namespace', namespace)}"


@snippet(unit="short", legend="{{namespace}}")
def namespace_cpu(s: Scope, namespace: str | None = None) -> str:
    """Cores that the containers of a namespace use together. Source: cAdvisor."""
    return f"sum by (namespace) ({container_cpu(s, namespace=namespace)})"


def _requests_on_nodes(s: Scope, requests: str) -> str:
    """Without those of pods that no node has taken, which use nothing."""
    return f"{requests} unless on ({POD}) {kube_state_metrics.without_node(s)}"


@snippet(unit="percentunit", legend="{{namespace}}")
def namespace_cpu_of_requests(s: Scope, namespace: str | None = None) -> str:
    """What the containers of a namespace use of the CPU time that they ask for together. Far below
    1 others could have it; above 1 they live on what others leave over. Source: cAdvisor and
    kube-state-metrics."""
    requests = _requests_on_nodes(s, kube_state_metrics.cpu_requests(s, namespace=namespace))
    return f"{namespace_cpu(s, namespace=namespace)} / (sum by (namespace) ({requests}) > 0)"


@snippet(unit="bytes", legend="{{namespace}}")
def namespace_memory(s: Scope, namespace: str | None = None) -> str:
    """Working set of a namespace's containers together, in bytes: memory in use without file caches
    that were not read lately. Source: cAdvisor."""
    return f"sum by (namespace) ({container_memory(s, namespace=namespace)})"


@snippet(unit="percentunit", legend="{{namespace}}")
def namespace_memory_of_requests(s: Scope, namespace: str | None = None) -> str:
    """What the containers of a namespace use of the memory that they ask for together. Above 1 some
    of them are among the first to be evicted. Source: cAdvisor and kube-state-metrics."""
    requests = _requests_on_nodes(s, kube_state_metrics.memory_requests(s, namespace=namespace))
    return f"{namespace_memory(s, namespace=namespace)} / (sum by (namespace) ({requests}) > 0)"


@snippet(unit="bps", legend="{{namespace}} received")
def namespace_network_received(s: Scope, namespace: str | None = None) -> str:
    """Bits per second received by the pods of a namespace. Those that use the network of their node
    are left out where kube-state-metrics tells which they are. Source: cAdvisor."""
    return f"sum by (namespace) ({pod_network_received(s, namespace=namespace)})"


@snippet(unit="bps", legend="{{namespace}} sent")
def namespace_network_sent(s: Scope, namespace: str | None = None) -> str:
    """Bits per second sent by the pods of a namespace. Those that use the network of their node are
    left out where kube-state-metrics tells which they are. Source: cAdvisor."""
    return f"sum by (namespace) ({pod_network_sent(s, namespace=namespace)})"


@snippet(unit="pps", legend="{{namespace}}")
def namespace_network(
    s: Scope, what: str = "packets", direction: str = "receive", namespace: str | None = None
) -> str:
    """Packets per second of the pods of a namespace: all of them (packets), those that were dropped
    (packets_dropped), or those that were wrong (errors), on the way in (receive) or out (transmit).
    Pods on the network of their node are left out where kube-state-metrics tells which they are.
    Source: cAdvisor."""
    by_pod = pod_network(s, what=what, direction=direction, namespace=namespace)
    return f"sum by (namespace) ({by_pod})"


# Workloads: Deployments, StatefulSets, DaemonSets and Jobs


def _per_workload(s: Scope, use: str, namespace: str | None) -> str:
    owners = kube_state_metrics.workloads(s, namespace=namespace)
    labels = "owner_kind, owner_name"
    return f"sum by (namespace, {labels}) ({use} * on ({POD}) group_left ({labels}) {owners})"


@snippet(unit="short", legend="{{namespace}}/{{owner_name}}")
def workload_cpu(s: Scope, namespace: str | None = None) -> str:
    """Cores that the pods of a Deployment, StatefulSet, DaemonSet or Job use together. Source:
    cAdvisor and kube-state-metrics."""
    return _per_workload(s, pod_cpu(s, namespace=namespace), namespace)


@snippet(unit="bytes", legend="{{namespace}}/{{owner_name}}")
def workload_memory(s: Scope, namespace: str | None = None) -> str:
    """Working set of the pods of a Deployment, StatefulSet, DaemonSet or Job together, in bytes.
    Source: cAdvisor and kube-state-metrics."""
    return _per_workload(s, pod_memory(s, namespace=namespace), namespace)


@snippet(unit="bps", legend="{{namespace}}/{{owner_name}} received")
def workload_network_received(s: Scope, namespace: str | None = None) -> str:
    """Bits per second received by the pods of a Deployment, StatefulSet, DaemonSet or Job. Source:
    cAdvisor and kube-state-metrics."""
    return _per_workload(s, pod_network_received(s, namespace=namespace), namespace)


@snippet(unit="bps", legend="{{namespace}}/{{owner_name}} sent")
def workload_network_sent(s: Scope, namespace: str | None = None) -> str:
    """Bits per second sent by the pods of a Deployment, StatefulSet, DaemonSet or Job. Source:
    cAdvisor and kube-state-metrics."""
    return _per_workload(s, pod_network_sent(s, namespace=namespace), namespace)


@snippet(unit="pps", legend="{{namespace}}/{{owner_name}}")
def workload_network(
    s: Scope, what: str = "packets", direction: str = "receive", namespace: str | None = None
) -> str:
    """Packets per second of the pods of a Deployment, StatefulSet, DaemonSet or Job: all of them
    (packets), those that were dropped (packets_dropped), or those that were wrong (errors), on the
    way in (receive) or out (transmit). Source: cAdvisor and kube-state-metrics."""
    by_pod = pod_network(s, what=what, direction=direction, namespace=namespace)
    return _per_workload(s, by_pod, namespace)
