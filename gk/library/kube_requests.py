"""Snippets of what the pods of a workload request, may use, and use: right-sizing. cAdvisor, and
kube-state-metrics 2.0 and later; see gk.library.kube_workloads.
"""

from __future__ import annotations

from gk.library import cadvisor
from gk.library._workloads import POD, by_workload
from gk.library.kube_state_metrics import exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

# Right-sizing: what the pods of a workload use of their requests


def _requests(s: Scope, which: str, resource: str, namespace: str | None) -> str:
    """Requests or limits by workload, of pods that have not ended."""
    s = s.all_nodes
    given = s.select(f"kube_pod_container_resource_{which}", resource=resource, namespace=namespace)
    phases = s.select("kube_pod_status_phase", phase=["Pending", "Running"], namespace=namespace)
    pods = f"sum by ({POD}) (max by ({POD}, container) ({given}) and on ({POD}) {phases} == 1)"
    return by_workload(s, pods, namespace)


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_cpu_used(s: Scope, namespace: str | None = None) -> str:
    """Cores that the pods of a workload use together. Source: cAdvisor and kube-state-metrics."""
    return by_workload(s, cadvisor.pod_cpu(s.all_nodes, namespace=namespace), namespace)


@snippet(unit="bytes", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_memory_used(s: Scope, namespace: str | None = None) -> str:
    """Working set of the pods of a workload together, in bytes. Source: cAdvisor and
    kube-state-metrics."""
    return by_workload(s, cadvisor.pod_memory(s.all_nodes, namespace=namespace), namespace)


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}} requests")
def workload_cpu_requests(s: Scope, namespace: str | None = None) -> str:
    """Cores that the pods of a workload request together. Source: kube-state-metrics."""
    return _requests(s, "requests", "cpu", namespace)


@snippet(unit="bytes", legend="{{kind}} {{namespace}}/{{workload}} requests")
def workload_memory_requests(s: Scope, namespace: str | None = None) -> str:
    """Memory that the pods of a workload request together, in bytes. Source:
    kube-state-metrics."""
    return _requests(s, "requests", "memory", namespace)


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}} limits")
def workload_cpu_limits(s: Scope, namespace: str | None = None) -> str:
    """Sum of the CPU limits of a workload's containers, in cores; a container without a limit adds
    nothing. Source: kube-state-metrics."""
    return _requests(s, "limits", "cpu", namespace)


@snippet(unit="bytes", legend="{{kind}} {{namespace}}/{{workload}} limits")
def workload_memory_limits(s: Scope, namespace: str | None = None) -> str:
    """Sum of the memory limits of a workload's containers, in bytes; a container without a limit
    adds nothing. Source: kube-state-metrics."""
    return _requests(s, "limits", "memory", namespace)


@snippet(unit="percentunit", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_cpu_of_requests(s: Scope, namespace: str | None = None) -> str:
    """CPU use of a workload's pods of their requests. Far below 1 it keeps CPU from others; above 1
    it is slow when its nodes are busy. Nothing for a workload without CPU requests. Source:
    cAdvisor and kube-state-metrics."""
    requests = workload_cpu_requests(s, namespace=namespace)
    return f"{workload_cpu_used(s, namespace=namespace)} / ({requests} > 0)"


@snippet(unit="percentunit", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_memory_of_requests(s: Scope, namespace: str | None = None) -> str:
    """Working set of a workload's pods of their memory requests. Far below 1 it keeps memory from
    others; above 1 its pods are among the first to be evicted. Nothing for a workload without
    memory requests. Source: cAdvisor and kube-state-metrics."""
    requests = workload_memory_requests(s, namespace=namespace)
    return f"{workload_memory_used(s, namespace=namespace)} / ({requests} > 0)"


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_cpu_unused(s: Scope, namespace: str | None = None) -> str:
    """Cores that the pods of a workload request and do not use, where they use less than they
    request. Source: cAdvisor and kube-state-metrics."""
    requests = workload_cpu_requests(s, namespace=namespace)
    return f"{requests} - {workload_cpu_used(s, namespace=namespace)} > 0"


@snippet(unit="bytes", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_memory_unused(s: Scope, namespace: str | None = None) -> str:
    """Memory that the pods of a workload request and do not use, in bytes, where they use less than
    they request. Source: cAdvisor and kube-state-metrics."""
    requests = workload_memory_requests(s, namespace=namespace)
    return f"{requests} - {workload_memory_used(s, namespace=namespace)} > 0"
