"""Snippets of StatefulSets: what is missing and why, and their updates. kube-state-metrics 2.0 and
later; see gk.library.kube_workloads.
"""

from __future__ import annotations

from gk.library._workloads import (
    STATEFULSET,
    by,
    counted,
    generation_lag,
    missing_with_reason,
    without_rollout,
)
from gk.library.kube_state_metrics import exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]


def _statefulset(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, STATEFULSET, f"kube_statefulset_{metric}", namespace=namespace)


@snippet(unit="short", legend="{{namespace}}/{{statefulset}} desired")
def statefulset_desired(s: Scope, namespace: str | None = None) -> str:
    """Pods that a StatefulSet is told to have. Source: kube-state-metrics."""
    return _statefulset(s, "replicas", namespace)


@snippet(unit="short", legend="{{namespace}}/{{statefulset}} ready")
def statefulset_ready(s: Scope, namespace: str | None = None) -> str:
    """Ready pods of a StatefulSet. Source: kube-state-metrics."""
    return _statefulset(s, "status_replicas_ready", namespace)


@snippet(unit="short", legend="{{namespace}}/{{statefulset}} updated")
def statefulset_updated(s: Scope, namespace: str | None = None) -> str:
    """Pods of a StatefulSet that have its newest version, ready or not. Source:
    kube-state-metrics."""
    return _statefulset(s, "status_replicas_updated", namespace)


@snippet(unit="short", legend="{{namespace}}/{{statefulset}}")
def statefulset_short(s: Scope, namespace: str | None = None) -> str:
    """Pods that a StatefulSet lacks: desired minus ready, where it is above 0, in an update, too.
    Source: kube-state-metrics."""
    desired = statefulset_desired(s, namespace=namespace)
    return f"{desired} - {statefulset_ready(s, namespace=namespace)} > 0"


@snippet(unit="short", legend="{{namespace}}/{{statefulset}} {{reason}}")
def statefulset_missing(s: Scope, namespace: str | None = None) -> str:
    """Pods that a StatefulSet lacks: desired minus ready, where it is above 0 and no rollout has
    replaced a pod within ten minutes. The reason is why its pods are not ready, of several the one
    that weighs most; none where kube-state-metrics knows none. Source: kube-state-metrics."""
    short = statefulset_short(s, namespace=namespace)
    return missing_with_reason(s, "statefulset", short, "status_replicas_updated", namespace)


@snippet(unit="short", legend="{{namespace}}/{{statefulset}}")
def statefulset_generation_lag(s: Scope, namespace: str | None = None) -> str:
    """Changes of a StatefulSet that its controller has not yet taken note of, 0 if none. They stay
    where the controller manager does not work; a running rollout is 0. Source:
    kube-state-metrics."""
    return generation_lag(s, "statefulset", namespace)


def _statefulset_outdated(s: Scope, namespace: str | None) -> str:
    """Pods of the old version of a StatefulSet that has two versions."""
    current, update = (
        by(
            s,
            f"{STATEFULSET}, revision",
            f"kube_statefulset_status_{which}_revision",
            namespace=namespace,
        )
        for which in ("current", "update")
    )
    desired = statefulset_desired(s, namespace=namespace)
    outdated = f"{desired} - {statefulset_updated(s, namespace=namespace)} > 0"
    return f"(({outdated}) and on ({STATEFULSET}) ({current} unless {update}))"


@snippet(unit="short", legend="{{namespace}}/{{statefulset}}")
def statefulset_update_stuck(s: Scope, namespace: str | None = None) -> str:
    """Pods that still have the old version of a StatefulSet whose update has replaced no pod for
    ten minutes and waits for a pod that is not ready. An update that waits with all pods ready is
    not stuck: the StatefulSet updates on deletion (OnDelete) or in part (partition). Source:
    kube-state-metrics."""
    desired = statefulset_desired(s, namespace=namespace)
    unready = f"({desired} > {statefulset_ready(s, namespace=namespace)})"
    settled = without_rollout(s, STATEFULSET, "kube_statefulset_status_replicas_updated", namespace)
    return f"{_statefulset_outdated(s, namespace)} and {unready} and {settled}"


@snippet(unit="short", legend="{{namespace}}/{{statefulset}}")
def statefulset_rollout(s: Scope, namespace: str | None = None) -> str:
    """State of a StatefulSet's update: 0 complete, 1 in progress, 2 waiting, 3 stuck, 4 not seen by
    the controller. Waiting means that pods of the old version are left and all pods are ready: the
    StatefulSet updates on deletion (OnDelete) or in part (partition), or is between two pods.
    Source: kube-state-metrics."""
    desired = statefulset_desired(s, namespace=namespace)
    outdated = _statefulset_outdated(s, namespace)
    unready = f"({desired} > {statefulset_ready(s, namespace=namespace)})"
    on = f"or on ({STATEFULSET})"
    return (
        f"4 * ({statefulset_generation_lag(s, namespace=namespace)} > bool 0) > 0 "
        f"{on} 0 * {statefulset_update_stuck(s, namespace=namespace)} + 3 "
        f"{on} 0 * ({outdated} and {unready}) + 1 "
        f"{on} 0 * {outdated} + 2 "
        f"{on} 0 * {desired}"
    )


@snippet(unit="short", legend="StatefulSets")
def statefulsets_unready(s: Scope, namespace: str | None = None) -> str:
    """How many StatefulSets have fewer ready pods than they are told to have, those in a rollout
    included. Source: kube-state-metrics."""
    desired = statefulset_desired(s, namespace=namespace)
    missing = f"{desired} > {statefulset_ready(s, namespace=namespace)}"
    return counted(missing, desired)
