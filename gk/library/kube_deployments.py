"""Snippets of Deployments: what is missing and why, and their rollouts. kube-state-metrics 2.0 and
later; see gk.library.kube_workloads.
"""

from __future__ import annotations

from gk.library._workloads import DEPLOYMENT, by, counted, generation_lag, missing_with_reason
from gk.library.kube_state_metrics import exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]


def _deployment(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, DEPLOYMENT, f"kube_deployment_{metric}", namespace=namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}} desired")
def deployment_desired(s: Scope, namespace: str | None = None) -> str:
    """Pods that a Deployment is told to have. Source: kube-state-metrics."""
    return _deployment(s, "spec_replicas", namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}} ready")
def deployment_ready(s: Scope, namespace: str | None = None) -> str:
    """Ready pods of a Deployment, of its new and its old version. Source: kube-state-metrics."""
    return _deployment(s, "status_replicas_ready", namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}} updated")
def deployment_updated(s: Scope, namespace: str | None = None) -> str:
    """Pods of a Deployment that have its newest version, ready or not. Source:
    kube-state-metrics."""
    return _deployment(s, "status_replicas_updated", namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}} available")
def deployment_available(s: Scope, namespace: str | None = None) -> str:
    """Pods of a Deployment that have been ready for as long as it asks for (minReadySeconds).
    Source: kube-state-metrics."""
    return _deployment(s, "status_replicas_available", namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}}")
def deployment_short(s: Scope, namespace: str | None = None) -> str:
    """Pods that a Deployment lacks: desired minus available, where it is above 0, in a rollout,
    too. Source: kube-state-metrics."""
    desired = deployment_desired(s, namespace=namespace)
    return f"{desired} - {deployment_available(s, namespace=namespace)} > 0"


@snippet(unit="short", legend="{{namespace}}/{{deployment}} {{reason}}")
def deployment_missing(s: Scope, namespace: str | None = None) -> str:
    """Pods that a Deployment lacks: desired minus available, where it is above 0 and no rollout has
    replaced a pod within ten minutes. The reason is why its pods are not ready, of several the one
    that weighs most; none where kube-state-metrics knows none. Source: kube-state-metrics."""
    short = deployment_short(s, namespace=namespace)
    return missing_with_reason(s, "deployment", short, "status_replicas_updated", namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}}")
def deployment_generation_lag(s: Scope, namespace: str | None = None) -> str:
    """Changes of a Deployment that its controller has not yet taken note of, 0 if none. They stay
    where the controller manager does not work; a rollout that is running or paused is 0. Source:
    kube-state-metrics."""
    return generation_lag(s, "deployment", namespace)


def _progressing(s: Scope, namespace: str | None, *statuses: str) -> str:
    """The condition Progressing, as 1 with its reason."""
    conditions = s.all_nodes.select(
        "kube_deployment_status_condition",
        condition="Progressing",
        status=list(statuses) or None,
        namespace=namespace,
    )
    return f"topk by ({DEPLOYMENT}) (1, max by ({DEPLOYMENT}, reason) ({conditions} == 1))"


@snippet(unit="short", legend="{{namespace}}/{{deployment}} {{reason}}")
def deployment_rollout_stuck(s: Scope, namespace: str | None = None) -> str:
    """Deployments whose rollout has made no progress for as long as it may take
    (progressDeadlineSeconds, ten minutes unless it says otherwise), each as 1, with the reason of
    the condition Progressing. Source: kube-state-metrics."""
    return _progressing(s, namespace, "false")


@snippet(unit="short", legend="{{namespace}}/{{deployment}}")
def deployment_rollout(s: Scope, namespace: str | None = None) -> str:
    """State of a Deployment's rollout, with the reason of the condition Progressing as the label
    progressing: 0 complete, 1 in progress, 2 paused, 3 stuck, 4 not seen by the controller. In
    progress means that pods of the newest version are missing, or that old ones are left. Source:
    kube-state-metrics."""
    desired = deployment_desired(s, namespace=namespace)
    updated = deployment_updated(s, namespace=namespace)
    all_pods = _deployment(s, "status_replicas", namespace)
    on = f"or on ({DEPLOYMENT})"
    state = (
        f"(4 * ({deployment_generation_lag(s, namespace=namespace)} > bool 0) > 0 "
        f"{on} 3 * max by ({DEPLOYMENT}) ({deployment_rollout_stuck(s, namespace=namespace)}) "
        f"{on} 2 * ({_deployment(s, 'spec_paused', namespace)} == 1) "
        f"{on} 0 * ({updated} < {desired} or {all_pods} > {updated}) + 1 "
        f"{on} 0 * {desired})"
    )
    progress = f'label_join({_progressing(s, namespace)}, "progressing", "", "reason")'
    return f"{state} + on ({DEPLOYMENT}) group_left (progressing) 0 * {progress} {on} {state}"


@snippet(unit="short", legend="Deployments")
def deployments_unavailable(s: Scope, namespace: str | None = None) -> str:
    """How many Deployments have fewer available pods than they are told to have, those in a rollout
    included. Source: kube-state-metrics."""
    desired = deployment_desired(s, namespace=namespace)
    missing = f"{desired} > {deployment_available(s, namespace=namespace)}"
    return counted(missing, desired)


@snippet(unit="short", legend="stuck")
def deployments_stuck(s: Scope, namespace: str | None = None) -> str:
    """How many Deployments have a rollout that makes no progress (ProgressDeadlineExceeded).
    Source: kube-state-metrics."""
    stuck = deployment_rollout_stuck(s, namespace=namespace)
    return counted(stuck, deployment_desired(s, namespace=namespace))


@snippet(unit="short", legend="paused")
def deployments_paused(s: Scope, namespace: str | None = None) -> str:
    """How many Deployments are paused: a change of theirs is not rolled out until somebody resumes
    them. Source: kube-state-metrics."""
    paused = _deployment(s, "spec_paused", namespace)
    return counted(f"{paused} == 1", paused)
