"""Snippets of DaemonSets: what is missing and why. kube-state-metrics 2.0 and later; see
gk.library.kube_workloads.
"""

from __future__ import annotations

from gk.library._workloads import DAEMONSET, by, counted, missing_with_reason
from gk.library.kube_state_metrics import exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]


def _daemonset(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, DAEMONSET, f"kube_daemonset_{metric}", namespace=namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}} desired")
def daemonset_desired(s: Scope, namespace: str | None = None) -> str:
    """Nodes that ought to run a pod of a DaemonSet; nodes with a taint that it does not tolerate
    are not among them. Source: kube-state-metrics."""
    return _daemonset(s, "status_desired_number_scheduled", namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}} scheduled")
def daemonset_scheduled(s: Scope, namespace: str | None = None) -> str:
    """Nodes that ought to run a pod of a DaemonSet and have one, ready or not. Source:
    kube-state-metrics."""
    return _daemonset(s, "status_current_number_scheduled", namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}} ready")
def daemonset_ready(s: Scope, namespace: str | None = None) -> str:
    """Nodes with a ready pod of a DaemonSet. Source: kube-state-metrics."""
    return _daemonset(s, "status_number_ready", namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}} updated")
def daemonset_updated(s: Scope, namespace: str | None = None) -> str:
    """Nodes whose pod of a DaemonSet has its newest version. Fewer than desired while all are
    available is normal for a DaemonSet that updates on deletion (OnDelete). Source:
    kube-state-metrics."""
    return _daemonset(s, "status_updated_number_scheduled", namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}} available")
def daemonset_available(s: Scope, namespace: str | None = None) -> str:
    """Nodes whose pod of a DaemonSet has been ready for as long as it asks for (minReadySeconds).
    Source: kube-state-metrics."""
    return _daemonset(s, "status_number_available", namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}}")
def daemonset_short(s: Scope, namespace: str | None = None) -> str:
    """Nodes without an available pod of a DaemonSet that ought to have one, where there are any, in
    a rollout, too. Source: kube-state-metrics."""
    desired = daemonset_desired(s, namespace=namespace)
    return f"{desired} - {daemonset_available(s, namespace=namespace)} > 0"


@snippet(unit="short", legend="{{namespace}}/{{daemonset}} {{reason}}")
def daemonset_missing(s: Scope, namespace: str | None = None) -> str:
    """Nodes without an available pod of a DaemonSet that ought to have one, where there are any and
    no rollout has replaced a pod within ten minutes. The reason is why its pods are not ready, of
    several the one that weighs most; NodeNotReady if a node is down. Source: kube-state-metrics."""
    short = daemonset_short(s, namespace=namespace)
    return missing_with_reason(s, "daemonset", short, "status_updated_number_scheduled", namespace)


@snippet(unit="short", legend="{{namespace}}/{{daemonset}}")
def daemonset_not_scheduled(s: Scope, namespace: str | None = None) -> str:
    """Nodes that ought to run a pod of a DaemonSet and have none, 0 if all have one. Source:
    kube-state-metrics."""
    desired = daemonset_desired(s, namespace=namespace)
    return f"{desired} - {daemonset_scheduled(s, namespace=namespace)}"


@snippet(unit="short", legend="{{namespace}}/{{daemonset}}")
def daemonset_misscheduled(s: Scope, namespace: str | None = None) -> str:
    """Nodes that run a pod of a DaemonSet and ought not to, 0 if none does: their labels or taints
    have changed since. Source: kube-state-metrics."""
    return _daemonset(s, "status_number_misscheduled", namespace)


@snippet(unit="short", legend="DaemonSets")
def daemonsets_unavailable(s: Scope, namespace: str | None = None) -> str:
    """How many DaemonSets have a node without an available pod that ought to have one, those in a
    rollout included. Source: kube-state-metrics."""
    desired = daemonset_desired(s, namespace=namespace)
    missing = f"{desired} > {daemonset_available(s, namespace=namespace)}"
    return counted(missing, desired)
