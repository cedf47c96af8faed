"""Snippets of kube-state-metrics, 2.0 and later: what the API server says of nodes, what pods ask
for and whom they belong to. The state of pods is in kube_pods.

Most of its series of a pod do not name the pod's node (and where targets are labelled with the node
that they run on, they name that of kube-state-metrics). Such a snippet reads them for all nodes,
and keeps the pods that kube_pod_info has on the selected ones. Values come as `max by`, because the
series of two replicas overlap. https://github.com/kubernetes/kube-state-metrics/tree/main/docs
"""

from __future__ import annotations

from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "on_selected_nodes", "snippet"]

exporter = Exporter("kube-state-metrics", metric="kube_node_info")
snippet = exporter.snippet

_POD = "namespace, pod"
_CONTAINER = f"{_POD}, container"


def on_selected_nodes(s: Scope, expr: str) -> str:
    """A result for pods, on the selected nodes only. Where several nodes may be selected, pods that
    no node has taken yet count as well. `expr` works as an operand."""
    if not s.is_per_node or s.variables_of is None:
        return expr
    pods = (
        s.select("kube_pod_info")
        if s.one_node
        else s.all_nodes.select("kube_pod_info", f'{s.node}=~"$node|"')
    )
    return f"{expr} and on ({_POD}) {pods}"


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def without_node(s: Scope, namespace: str | None = None) -> str:
    """Pods that no node has taken, each as 1: the scheduler has found none with room, or none that
    fits. Source: kube-state-metrics."""
    # Where targets are labelled with the node that they run on, kube_pod_info of such a pod names
    # that of kube-state-metrics.
    scheduled = s.all_nodes.select(
        "kube_pod_status_scheduled", condition="false", namespace=namespace
    )
    return f"max by ({_POD}) ({scheduled} == 1)"


# Nodes


@snippet(unit="short")
def node_ready(s: Scope) -> str:
    """Whether a node is ready, 1 or 0. The scheduler gives no pods to a node that is not, and after
    some minutes Kubernetes starts those that ran there on other nodes. Source:
    kube-state-metrics."""
    ready = s.select("kube_node_status_condition", condition="Ready", status="true")
    return f"max by ({s.node}) ({ready})"


@snippet(unit="short", legend="not ready")
def nodes_not_ready(s: Scope) -> str:
    """How many of the selected nodes are not ready. Source: kube-state-metrics."""
    return f"sum(1 - {node_ready(s)})"


def _allocatable(s: Scope, resource: str) -> str:
    return f"max by ({s.node}) ({s.select('kube_node_status_allocatable', resource=resource)})"


def _requested(s: Scope, resource: str) -> str:
    requests = _resource(s, "requests", resource, None, None, s.node)
    return f"sum by ({s.node}) ({requests}) / ({_allocatable(s, resource)} > 0)"


@snippet(unit="percentunit", legend="{{$node}} CPU")
def cpu_requested(s: Scope) -> str:
    """Share of the CPU time that a node has for pods which its pods ask for, 0 to 1. At 1 no pod
    that asks for CPU time fits there any more, however idle the node is. Source:
    kube-state-metrics."""
    return _requested(s, "cpu")


@snippet(unit="percentunit", legend="{{$node}} memory")
def memory_requested(s: Scope) -> str:
    """Share of the memory that a node has for pods which its pods ask for, 0 to 1. At 1 no pod that
    asks for memory fits there any more. Source: kube-state-metrics."""
    return _requested(s, "memory")


# The whole cluster


def _committed(s: Scope, resource: str, *, accepted: bool = False) -> str:
    requests = _resource(s.all_nodes, "requests", resource, None, None)
    if accepted:
        requests = f"{requests} unless on ({_POD}) {without_node(s)}"
    return f"sum({requests}) / (sum({_allocatable(s.all_nodes, resource)}) > 0)"


def _pending(s: Scope, resource: str) -> str:
    requests = _resource(s.all_nodes, "requests", resource, None, None)
    pending = f"{requests} and on ({_POD}) {without_node(s)}"
    return f"sum({pending}) or 0 * sum({_allocatable(s.all_nodes, resource)})"


@snippet(unit="percentunit", legend="CPU")
def cluster_cpu_accepted(s: Scope) -> str:
    """Share of the CPU time that all nodes together have for pods which the pods on them ask for, 0
    to 1. Close to 1 the pods of a node that fails find no place elsewhere. Pods that no node has
    taken do not count. Source: kube-state-metrics."""
    return _committed(s, "cpu", accepted=True)


@snippet(unit="percentunit", legend="memory")
def cluster_memory_accepted(s: Scope) -> str:
    """Share of the memory that all nodes together have for pods which the pods on them ask for, 0
    to 1. Close to 1 the pods of a node that fails find no place elsewhere. Pods that no node has
    taken do not count. Source: kube-state-metrics."""
    return _committed(s, "memory", accepted=True)


@snippet(unit="short", legend="cores")
def cluster_cpu_pending(s: Scope) -> str:
    """Cores that pods ask for which no node has taken yet: for want of room, or because no node
    fits. Source: kube-state-metrics."""
    return _pending(s, "cpu")


@snippet(unit="bytes", legend="memory")
def cluster_memory_pending(s: Scope) -> str:
    """Memory that pods ask for which no node has taken yet, in bytes: for want of room, or because
    no node fits. Source: kube-state-metrics."""
    return _pending(s, "memory")


@snippet(unit="percentunit", legend="CPU")
def cluster_cpu_requested(s: Scope) -> str:
    """Share of the CPU time that all nodes together have for pods which all pods ask for, those
    included that wait for a node. Above 1 some of them have to wait; close to it the pods of a node
    that fails find no place elsewhere. Source: kube-state-metrics."""
    return _committed(s, "cpu")


@snippet(unit="percentunit", legend="memory")
def cluster_memory_requested(s: Scope) -> str:
    """Share of the memory that all nodes together have for pods which all pods ask for, those
    included that wait for a node. Above 1 some of them have to wait; close to it the pods of a node
    that fails find no place elsewhere. Source: kube-state-metrics."""
    return _committed(s, "memory")


# Pods


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def host_network_pods(s: Scope) -> str:
    """Pods that use the network of their node, each as 1. Their traffic is that of the node.
    Source: kube-state-metrics."""
    return f"max by ({_POD}) ({s.select('kube_pod_info', host_network='true')})"


@snippet(unit="short", legend="{{owner_kind}} {{owner_name}}")
def workloads(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The workload that each pod belongs to, as labels of a 1: the name and the kind of its
    Deployment, StatefulSet, DaemonSet or Job. A pod that nothing owns is left out. Source:
    kube-state-metrics."""
    pods = s.all_nodes.select(
        "kube_pod_owner", 'owner_name!~"|<none>"', namespace=namespace, pod=pod
    )
    owners = s.all_nodes.select(
        "kube_replicaset_owner", owner_kind="Deployment", namespace=namespace
    )
    # A pod belongs to a ReplicaSet, and that to the Deployment which a person would name.
    sets = f'label_join(max by ({_POD}, owner_name) ({pods}), "replicaset", "", "owner_name")'
    deployments = f"max by (namespace, replicaset, owner_kind, owner_name) ({owners})"
    of_deployments = (
        f"{sets} * on (namespace, replicaset) group_left (owner_kind, owner_name) {deployments}"
    )
    return f"max by ({_POD}, owner_kind, owner_name) ({of_deployments} or on ({_POD}) {pods})"


# Containers


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def restarts(
    s: Scope, namespace: str | None = None, pod: str | None = None, over: str = "1h"
) -> str:
    """Restarts of a container or an init container during the last hour. A few are normal after a
    change of a node; many mean that the container fails soon after each start, or does not answer
    its liveness probe. Source: kube-state-metrics."""
    increases = " or ".join(
        s.all_nodes.increase(
            f"kube_pod_{kind}_status_restarts_total", window=over, namespace=namespace, pod=pod
        )
        for kind in ("container", "init_container")
    )
    # Extrapolated to the whole hour, three restarts would be more than three.
    return on_selected_nodes(s, f"max by ({_CONTAINER}) (round({increases}))")


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def pod_restarts(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Restarts of a pod's containers during the last hour. Source: kube-state-metrics."""
    return f"sum by ({_POD}) ({restarts(s, namespace=namespace, pod=pod)})"


@snippet(unit="short", legend="{{namespace}}")
def namespace_restarts(s: Scope) -> str:
    """Restarts of a namespace's containers during the last hour. Source: kube-state-metrics."""
    return f"sum by (namespace) ({restarts(s)})"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}}")
def oom_restarts(
    s: Scope, namespace: str | None = None, pod: str | None = None, over: str = "1h"
) -> str:
    """Restarts during the last hour of a container that last ended by an OOM kill (reason
    OOMKilled). Source: kube-state-metrics."""
    terminated = "kube_pod_container_status_last_terminated_reason"
    reasons = s.all_nodes.select(terminated, reason="OOMKilled", namespace=namespace, pod=pod)
    return (
        f"{restarts(s, namespace=namespace, pod=pod, over=over)} "
        f"and on ({_CONTAINER}) {reasons} == 1"
    )


def _resource(
    s: Scope,
    which: str,
    resource: str,
    namespace: str | None,
    pod: str | None,
    *labels: str,
) -> str:
    """What containers ask for, or may use, of those pods that have not ended."""
    about = {"namespace": namespace, "pod": pod}
    given = s.select(f"kube_pod_container_resource_{which}", resource=resource, **about)
    phases = s.all_nodes.select("kube_pod_status_phase", phase=["Pending", "Running"], **about)
    return f"max by ({', '.join((*labels, _CONTAINER))}) ({given}) and on ({_POD}) {phases} == 1"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} requested")
def cpu_requests(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Cores that a container asks for, and that its node keeps for it when others want more.
    Source: kube-state-metrics."""
    return _resource(s, "requests", "cpu", namespace, pod)


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} limit")
def cpu_limits(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Cores that a container may use at most; above that it is throttled. Nothing for a container
    without a limit. Source: kube-state-metrics."""
    return _resource(s, "limits", "cpu", namespace, pod)


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} requested")
def memory_requests(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Memory that a container asks for, in bytes. The scheduler counts with it, and a container
    that uses more is among the first to be evicted. Source: kube-state-metrics."""
    return _resource(s, "requests", "memory", namespace, pod)


@snippet(unit="bytes", legend="{{namespace}}/{{pod}} {{container}} limit")
def memory_limits(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Memory that a container may use at most, in bytes; above that one of its processes is OOM
    killed. Nothing for a container without a limit. Source: kube-state-metrics."""
    return _resource(s, "limits", "memory", namespace, pod)
