"""Snippets of kube-state-metrics about nodes: what keeps pods away from them.

All of them name the node that they are about.
"""

from __future__ import annotations

from gk.library import kube_state_metrics
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

exporter = kube_state_metrics.exporter
snippet = exporter.snippet

_PRESSURES = ["DiskPressure", "MemoryPressure", "PIDPressure"]
# Autoscalers and clouds announce by these that a node goes on purpose.
_LEAVING = (
    'key=~"ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler|'
    'cloud[.]google[.]com/impending-node-termination|aws-node-termination-handler/.+"'
)


def _known(s: Scope) -> str:
    return f"max by ({s.node}) ({s.select('kube_node_info')})"


@snippet(unit="short", legend="{{$node}} {{condition}}")
def node_pressure(s: Scope) -> str:
    """Whether a node runs short of disk space, memory or process ids, 1 or 0, as its kubelet
    reports it. It evicts pods then, and takes no new ones. Source: kube-state-metrics."""
    reported = s.select("kube_node_status_condition", condition=_PRESSURES, status="true")
    return f"max by ({s.node}, condition) ({reported})"


@snippet(unit="short")
def node_pressures(s: Scope) -> str:
    """How many of disk space, memory and process ids a node runs short of, as its kubelet reports
    it. Source: kube-state-metrics."""
    return f"sum by ({s.node}) ({node_pressure(s)})"


@snippet(unit="short")
def node_unreachable(s: Scope) -> str:
    """Whether the control plane has lost a node, 1 or 0: its kubelet reports nothing any more.
    After 5 minutes its pods are started elsewhere. 0 for a node that an autoscaler or the cloud is
    removing. Source: kube-state-metrics."""
    taint = "kube_node_spec_taint"
    key = "node.kubernetes.io/unreachable"
    lost = f"max by ({s.node}) ({s.select(taint, key=key, effect='NoSchedule')})"
    return f"{lost} unless on ({s.node}) {s.select(taint, _LEAVING)} or 0 * {_known(s)}"


@snippet(unit="short")
def node_readiness_changes(s: Scope) -> str:
    """Times within 15 minutes that a node became ready or ceased to be. A restart makes two of
    them. Source: kube-state-metrics."""
    ready = s.range("kube_node_status_condition", condition="Ready", status="true", window="15m")
    return f"max by ({s.node}) (changes({ready}))"


@snippet(unit="short")
def node_cordoned(s: Scope) -> str:
    """Whether a node takes no new pods because somebody cordoned or drained it, 1 or 0. Source:
    kube-state-metrics."""
    return f"max by ({s.node}) ({s.select('kube_node_spec_unschedulable')})"
