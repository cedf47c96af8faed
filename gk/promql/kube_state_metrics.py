"""Snippets of kube-state-metrics, 2.0 and later: what the API server says of pods and their containers.

Most of its series of a pod do not name the pod's node (and where targets are labelled with the node that they run on,
they name that of kube-state-metrics). Such a snippet reads them for all nodes, and keeps the pods that kube_pod_info
has on the selected ones. Values come as `max by`, because the series of two replicas overlap.
https://github.com/kubernetes/kube-state-metrics/tree/main/docs
"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("kube-state-metrics", metric="kube_node_info")
snippet = exporter.snippet

_CONTAINER = "namespace, pod, container"


def _on_selected_nodes(s: Scope, expr: str) -> str:
    return f"{expr} and on (namespace, pod) {s.select('kube_pod_info')}"


# Pods


@snippet(unit="short", legend="{{phase}}")
def pods_by_phase(s: Scope) -> str:
    """Pods of the whole cluster by phase, whatever node is selected: a pod that waits for a node has none yet. Running
    and Succeeded are well; Pending for long means that no node fits, or that an image or a volume is missing.
    Source: kube-state-metrics."""
    phases = s.all_nodes.select("kube_pod_status_phase")
    return f"sum by (phase) (max by (namespace, pod, phase) ({phases}))"


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def host_network_pods(s: Scope) -> str:
    """Pods that use the network of their node, each as 1. Their traffic is that of the node. Source:
    kube-state-metrics."""
    return f"max by (namespace, pod) ({s.select('kube_pod_info', host_network='true')})"


# Containers


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def restarts(s: Scope, over: str = "1h") -> str:
    """Restarts of a container during the last hour. A few are normal after a change of a node; many mean that the
    container fails soon after each start, or does not answer its liveness probe. Source: kube-state-metrics."""
    increase = s.all_nodes.increase("kube_pod_container_status_restarts_total", window=over)
    # Extrapolated to the whole hour, three restarts would be more than three.
    return _on_selected_nodes(s, f"max by ({_CONTAINER}) (round({increase}))")


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def oom_restarts(s: Scope, over: str = "1h") -> str:
    """Restarts during the last hour of a container that was last ended for want of memory (OOMKilled).
    Source: kube-state-metrics."""
    reasons = s.all_nodes.select("kube_pod_container_status_last_terminated_reason", reason="OOMKilled")
    return f"{restarts(s, over=over)} and on ({_CONTAINER}) {reasons} == 1"


def _resource(s: Scope, which: str, resource: str, *labels: str) -> str:
    """What containers ask for, or may use, of those pods that have not ended."""
    given = s.select(f"kube_pod_container_resource_{which}", resource=resource)
    phases = s.all_nodes.select("kube_pod_status_phase", phase=["Pending", "Running"])
    return f"max by ({', '.join((*labels, _CONTAINER))}) ({given}) and on (namespace, pod) {phases} == 1"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} requested")
def cpu_requests(s: Scope) -> str:
    """Cores that a container asks for, and that its node keeps for it when others want more. Source:
    kube-state-metrics."""
    return _resource(s, "requests", "cpu")


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} limit")
def cpu_limits(s: Scope) -> str:
    """Cores that a container may use at most; above that it is throttled. Nothing for a container without a limit.
    Source: kube-state-metrics."""
    return _resource(s, "limits", "cpu")


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} requested")
def memory_requests(s: Scope) -> str:
    """Memory that a container asks for, in bytes. The scheduler counts with it, and a container that uses more is
    among the first to be evicted. Source: kube-state-metrics."""
    return _resource(s, "requests", "memory")


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} limit")
def memory_limits(s: Scope) -> str:
    """Memory that a container may use at most, in bytes; above that it is killed. Nothing for a container without a
    limit. Source: kube-state-metrics."""
    return _resource(s, "limits", "memory")


# Nodes


def _requested(s: Scope, resource: str) -> str:
    allocatable = s.select("kube_node_status_allocatable", resource=resource)
    requests = _resource(s, "requests", resource, s.node)
    return f"sum by ({s.node}) ({requests}) / (max by ({s.node}) ({allocatable}) > 0)"


@snippet(unit="percentunit", legend="{{$node}} CPU")
def cpu_requested(s: Scope) -> str:
    """Share of the CPU time that a node has for pods which its pods ask for, 0 to 1. At 1 no pod that asks for CPU
    time fits there any more, however idle the node is. Source: kube-state-metrics."""
    return _requested(s, "cpu")


@snippet(unit="percentunit", legend="{{$node}} memory")
def memory_requested(s: Scope) -> str:
    """Share of the memory that a node has for pods which its pods ask for, 0 to 1. At 1 no pod that asks for memory
    fits there any more. Source: kube-state-metrics."""
    return _requested(s, "memory")
