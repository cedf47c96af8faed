"""Snippets of workloads: Deployments, StatefulSets, DaemonSets, Jobs and CronJobs, why their pods
are not ready, and what they use of their requests. kube-state-metrics 2.0 and later. Autoscalers,
disruption budgets and quotas are in gk.library.kube_limits.

None of its series of workloads names a node, so every snippet reads those of all nodes. Values come
as `max by`, because the series of two replicas of kube-state-metrics overlap; a label that is
joined to others comes with `topk by`, because a replica that lags has another value of it.
https://github.com/kubernetes/kube-state-metrics/tree/main/docs
"""

from __future__ import annotations

from gk.library import cadvisor, kube_state_metrics
from gk.library.kube_state_metrics import exporter
from gk.promql.snippet import Scope

__all__ = ["by", "counted", "snippet"]

snippet = exporter.snippet

_POD = "namespace, pod"
_WORKLOAD = "namespace, kind, workload"
_DEPLOYMENT = "namespace, deployment"
_STATEFULSET = "namespace, statefulset"
_DAEMONSET = "namespace, daemonset"
_JOB = "namespace, job_name"
_CRONJOB = "namespace, cronjob"

# A workload that changes while it has too few pods is in a rollout, and may be well.
_SETTLED = "10m"
# A container that fails waits before each start, up to five minutes, and runs in between.
_CRASH_MEMORY = "10m"


def by(s: Scope, labels: str, metric: str, *matchers: str, **equal: object) -> str:
    """A series of all nodes by these labels: the same of several replicas once."""
    return f"max by ({labels}) ({s.all_nodes.select(metric, *matchers, **equal)})"


def _settled(s: Scope, labels: str, metric: str, namespace: str | None) -> str:
    changes = s.all_nodes.range(metric, window=_SETTLED, namespace=namespace)
    return f"max by ({labels}) (changes({changes})) == 0"


def counted(found: str, all_of_them: str) -> str:
    """How many are found: 0 if there are only others, nothing if there is none at all."""
    return f"count({found}) or 0 * count({all_of_them})"


# Why pods are not ready


def _because(expr: str, reason: str, rank: int) -> str:
    return f'{rank} * label_replace(max by ({_POD}) ({expr}), "reason", "{reason}", "", "")'


def _waiting(s: Scope, namespace: str | None, reasons: list[str], window: str) -> str:
    """Containers that wait, or waited within a window, for one of these reasons."""
    return " or ".join(
        f"max_over_time({s.range(metric, window=window, reason=reasons, namespace=namespace)}) == 1"
        for metric in (
            "kube_pod_container_status_waiting_reason",
            "kube_pod_init_container_status_waiting_reason",
        )
    )


def _reasons(s: Scope, namespace: str | None) -> str:
    """Why a pod that ought to be ready is not, as a label of what weighs most. The labels stay the
    same while a container that crashes is up for a while, and while one fails to pull an image in
    two ways, so that an alert with them does not start anew each time."""
    s = s.all_nodes
    about = {"namespace": namespace}
    pending = s.select("kube_pod_status_phase", phase=["Pending", "Unknown"], **about)
    running = s.select("kube_pod_status_phase", phase="Running", **about)
    unready = s.select("kube_pod_status_ready", condition="true", **about)
    not_ready = f"{pending} == 1 or ({running} == 1 and on ({_POD}) {unready} == 0)"
    on_dead_nodes = (
        f"{s.select('kube_pod_info', **about)} "
        f"and on ({s.node}) ({kube_state_metrics.node_ready(s)} == 0)"
    )
    crashing = _waiting(s, namespace, ["CrashLoopBackOff"], _CRASH_MEMORY)
    killed = s.select(
        "kube_pod_container_status_last_terminated_reason", reason="OOMKilled", **about
    )
    image = ["ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName"]
    named = " or ".join(
        s.select(
            metric,
            'reason!~"CrashLoopBackOff|ImagePullBackOff|ErrImage.+|InvalidImageName"',
            **about,
        )
        for metric in (
            "kube_pod_container_status_waiting_reason",
            "kube_pod_init_container_status_waiting_reason",
        )
    )
    terms = [
        _because(on_dead_nodes, "NodeNotReady", 7),
        _because(f"{s.select('kube_pod_status_unschedulable', **about)} == 1", "Unschedulable", 6),
        _because(_waiting(s, namespace, image, _CRASH_MEMORY), "ImagePullBackOff", 5),
        _because(f"({crashing}) and on ({_POD}, container) ({killed} == 1)", "OOMKilled", 4),
        _because(crashing, "CrashLoopBackOff", 3),
        f"2 * max by ({_POD}, reason) (({named}) == 1)",
        _because(not_ready, "ContainersNotReady", 1),
    ]
    return f"topk by ({_POD}) (1, ({' or '.join(terms)}) and on ({_POD}) ({not_ready}))"


def _pods_of(s: Scope, label: str, namespace: str | None) -> str:
    """The pods of all Deployments, StatefulSets, DaemonSets or Jobs, each as 1, with the name of
    theirs in the label of that kind."""
    s = s.all_nodes
    about = {"owner_is_controller": "true", "namespace": namespace}
    if label == "deployment":
        # A Deployment's pods belong to its ReplicaSets.
        pods = by(s, f"{_POD}, owner_name", "kube_pod_owner", owner_kind="ReplicaSet", **about)
        owners = s.select("kube_replicaset_owner", owner_kind="Deployment", namespace=namespace)
        owner = f'label_join({owners}, "deployment", "", "owner_name")'
        return (
            f'label_join({pods}, "replicaset", "", "owner_name") * on (namespace, replicaset) '
            "group_left (deployment) topk by (namespace, replicaset) "
            f"(1, max by (namespace, replicaset, deployment) ({owner}))"
        )
    pods = s.select("kube_pod_owner", owner_kind=_KINDS[label], **about)
    named = f'label_join({pods}, "{label}", "", "owner_name")'
    return f"topk by ({_POD}) (1, max by ({_POD}, {label}) ({named}))"


_KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "job_name": "Job",
}


def _reasons_of(s: Scope, label: str, namespace: str | None) -> str:
    """Why pods of a workload are not ready: the reason that weighs most among them, each as 0."""
    pods = _pods_of(s, label, namespace)
    joined = f"{_reasons(s, namespace)} * on ({_POD}) group_left ({label}) ({pods})"
    return f"0 * topk by (namespace, {label}) (1, max by (namespace, {label}, reason) ({joined}))"


def _explained(expr: str, label: str, reasons: str) -> str:
    """A result by workload with its reason, and without one where none is known."""
    by = f"namespace, {label}"
    return f"{expr} + on ({by}) group_left (reason) ({reasons}) or on ({by}) {expr}"


def _named(expr: str, label: str, *more: str) -> str:
    """A result by one kind of workload with the labels of all: kind and workload."""
    joined = f'label_join({expr}, "workload", "", "{label}")'
    kind = f'label_replace({joined}, "kind", "{_KINDS[label]}", "", "")'
    return f"max by ({', '.join((_WORKLOAD, *more))}) ({kind})"


def _missing(s: Scope, label: str, short: str, updated: str, namespace: str | None) -> str:
    """What a workload lacks once no rollout has replaced a pod, which changes the series `updated`,
    for ten minutes; with the reason."""
    settled = _settled(s, f"namespace, {label}", f"kube_{label}_{updated}", namespace)
    refused = f"{_refused(s, namespace)} or on ({_DEPLOYMENT}) " if label == "deployment" else ""
    reasons = f"{refused}{_reasons_of(s, label, namespace)}"
    return _explained(f"({short} and {settled})", label, reasons)


def _generation_lag(s: Scope, label: str, namespace: str | None) -> str:
    wanted, seen = (
        by(s, f"namespace, {label}", f"kube_{label}_{metric}", namespace=namespace)
        for metric in ("metadata_generation", "status_observed_generation")
    )
    return f"abs({wanted} - {seen})"


# Deployments


def _deployment(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, _DEPLOYMENT, f"kube_deployment_{metric}", namespace=namespace)


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


def _refused(s: Scope, namespace: str | None) -> str:
    """Deployments whose pods cannot be created, each as 0: for a quota, an admission webhook, a
    service account that is missing."""
    failing = s.all_nodes.select(
        "kube_deployment_status_condition",
        condition="ReplicaFailure",
        status="true",
        namespace=namespace,
    )
    return (
        f"0 * label_replace(max by ({_DEPLOYMENT}) ({failing} == 1), "
        '"reason", "ReplicaFailure", "", "")'
    )


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
    return _missing(s, "deployment", short, "status_replicas_updated", namespace)


@snippet(unit="short", legend="{{namespace}}/{{deployment}}")
def deployment_generation_lag(s: Scope, namespace: str | None = None) -> str:
    """Changes of a Deployment that its controller has not yet taken note of, 0 if none. They stay
    where the controller manager does not work; a rollout that is running or paused is 0. Source:
    kube-state-metrics."""
    return _generation_lag(s, "deployment", namespace)


def _progressing(s: Scope, namespace: str | None, *statuses: str) -> str:
    """The condition Progressing, as 1 with its reason."""
    conditions = s.all_nodes.select(
        "kube_deployment_status_condition",
        condition="Progressing",
        status=list(statuses) or None,
        namespace=namespace,
    )
    return f"topk by ({_DEPLOYMENT}) (1, max by ({_DEPLOYMENT}, reason) ({conditions} == 1))"


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
    on = f"or on ({_DEPLOYMENT})"
    state = (
        f"(4 * ({deployment_generation_lag(s, namespace=namespace)} > bool 0) > 0 "
        f"{on} 3 * max by ({_DEPLOYMENT}) ({deployment_rollout_stuck(s, namespace=namespace)}) "
        f"{on} 2 * ({_deployment(s, 'spec_paused', namespace)} == 1) "
        f"{on} 0 * ({updated} < {desired} or {all_pods} > {updated}) + 1 "
        f"{on} 0 * {desired})"
    )
    progress = f'label_join({_progressing(s, namespace)}, "progressing", "", "reason")'
    return f"{state} + on ({_DEPLOYMENT}) group_left (progressing) 0 * {progress} {on} {state}"


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


# StatefulSets


def _statefulset(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, _STATEFULSET, f"kube_statefulset_{metric}", namespace=namespace)


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
    return _missing(s, "statefulset", short, "status_replicas_updated", namespace)


@snippet(unit="short", legend="{{namespace}}/{{statefulset}}")
def statefulset_generation_lag(s: Scope, namespace: str | None = None) -> str:
    """Changes of a StatefulSet that its controller has not yet taken note of, 0 if none. They stay
    where the controller manager does not work; a running rollout is 0. Source:
    kube-state-metrics."""
    return _generation_lag(s, "statefulset", namespace)


def _statefulset_outdated(s: Scope, namespace: str | None) -> str:
    """Pods of the old version of a StatefulSet that has two versions."""
    current, update = (
        by(
            s,
            f"{_STATEFULSET}, revision",
            f"kube_statefulset_status_{which}_revision",
            namespace=namespace,
        )
        for which in ("current", "update")
    )
    desired = statefulset_desired(s, namespace=namespace)
    outdated = f"{desired} - {statefulset_updated(s, namespace=namespace)} > 0"
    return f"(({outdated}) and on ({_STATEFULSET}) ({current} unless {update}))"


@snippet(unit="short", legend="{{namespace}}/{{statefulset}}")
def statefulset_update_stuck(s: Scope, namespace: str | None = None) -> str:
    """Pods that still have the old version of a StatefulSet whose update has replaced no pod for
    ten minutes and waits for a pod that is not ready. An update that waits with all pods ready is
    not stuck: the StatefulSet updates on deletion (OnDelete) or in part (partition). Source:
    kube-state-metrics."""
    desired = statefulset_desired(s, namespace=namespace)
    unready = f"({desired} > {statefulset_ready(s, namespace=namespace)})"
    settled = _settled(s, _STATEFULSET, "kube_statefulset_status_replicas_updated", namespace)
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
    on = f"or on ({_STATEFULSET})"
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


# DaemonSets


def _daemonset(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, _DAEMONSET, f"kube_daemonset_{metric}", namespace=namespace)


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
    return _missing(s, "daemonset", short, "status_updated_number_scheduled", namespace)


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


# Jobs


def _job(s: Scope, metric: str, namespace: str | None, **equal: object) -> str:
    return by(s, _JOB, f"kube_job_{metric}", namespace=namespace, **equal)


def _cronjob_of(s: Scope, namespace: str | None) -> str:
    """The CronJob of each Job that has one, as the label of a 1."""
    owners = s.all_nodes.select("kube_job_owner", owner_kind="CronJob", namespace=namespace)
    named = f'label_join({owners}, "cronjob", "", "owner_name")'
    return f"topk by ({_JOB}) (1, max by ({_JOB}, cronjob) ({named}))"


def _failed_jobs(s: Scope, namespace: str | None) -> str:
    """Failed Jobs, but for those of a CronJob that has succeeded since."""
    failed = f"{_job(s, 'failed', namespace, condition='true')} == 1"
    started = (
        f"{_job(s, 'status_start_time', namespace)} "
        f"* on ({_JOB}) group_left (cronjob) {_cronjob_of(s, namespace)}"
    )
    succeeded = by(s, _CRONJOB, "kube_cronjob_status_last_successful_time", namespace=namespace)
    past = f"({started}) < on ({_CRONJOB}) group_left () {succeeded}"
    return f"({failed} unless on ({_JOB}) ({past}))"


def _failure_reasons(s: Scope, namespace: str | None) -> str:
    reasons = s.all_nodes.select("kube_job_status_failed", 'reason!=""', namespace=namespace)
    return f"0 * topk by ({_JOB}) (1, max by ({_JOB}, reason) ({reasons} == 1))"


@snippet(unit="short", legend="{{namespace}}/{{job_name}} {{reason}}")
def job_failed(s: Scope, namespace: str | None = None) -> str:
    """Jobs that have failed for good, each as 1, with the reason: BackoffLimitExceeded (its pods
    failed too often) or DeadlineExceeded (it took too long). A Job of a CronJob is left out once
    the CronJob has succeeded after it. Source: kube-state-metrics."""
    return _explained(_failed_jobs(s, namespace), "job_name", _failure_reasons(s, namespace))


@snippet(unit="s", legend="{{namespace}}/{{job_name}}")
def job_failed_age(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a Job started that has failed for good. Source: kube-state-metrics."""
    started = _job(s, "status_start_time", namespace)
    return f"time() - ({started} and on ({_JOB}) {_failed_jobs(s, namespace)})"


@snippet(unit="short", legend="{{namespace}}/{{job_name}} wanted")
def job_completions(s: Scope, namespace: str | None = None) -> str:
    """Pods of a failed or running Job that ought to succeed. Source: kube-state-metrics."""
    return _of_open_jobs(s, "spec_completions", namespace)


@snippet(unit="short", legend="{{namespace}}/{{job_name}} succeeded")
def job_succeeded(s: Scope, namespace: str | None = None) -> str:
    """Pods of a failed or running Job that have succeeded. Source: kube-state-metrics."""
    return _of_open_jobs(s, "status_succeeded", namespace)


def _of_open_jobs(s: Scope, metric: str, namespace: str | None) -> str:
    active = f"{_job(s, 'status_active', namespace)} > 0"
    return (
        f"{_job(s, metric, namespace)} and on ({_JOB}) ({_failed_jobs(s, namespace)} or {active})"
    )


@snippet(unit="s", legend="{{namespace}}/{{job_name}}")
def job_running_for(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a Job started that has running pods. Source: kube-state-metrics."""
    started = _job(s, "status_start_time", namespace)
    return f"time() - ({started} and {_job(s, 'status_active', namespace)} > 0)"


@snippet(unit="short", legend="failed")
def jobs_failed(s: Scope, namespace: str | None = None) -> str:
    """How many Jobs have failed for good, without those of a CronJob that has succeeded since.
    Source: kube-state-metrics."""
    return counted(_failed_jobs(s, namespace), _job(s, "info", namespace))


# CronJobs


def _cronjob(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, _CRONJOB, f"kube_cronjob_{metric}", namespace=namespace)


@snippet(unit="short", legend="{{namespace}}/{{cronjob}} {{schedule}}")
def cronjob_suspended(s: Scope, namespace: str | None = None) -> str:
    """Whether a CronJob is suspended, 1 or 0, with its schedule: nothing of it is started until
    somebody resumes it. Source: kube-state-metrics."""
    schedules = by(s, f"{_CRONJOB}, schedule", "kube_cronjob_info", namespace=namespace)
    suspended = _cronjob(s, "spec_suspend", namespace)
    return (
        f"{suspended} * on ({_CRONJOB}) group_left (schedule) topk by ({_CRONJOB}) (1, {schedules})"
    )


@snippet(unit="short", legend="{{namespace}}/{{cronjob}}")
def cronjob_active(s: Scope, namespace: str | None = None) -> str:
    """Jobs of a CronJob that run now. Source: kube-state-metrics."""
    return _cronjob(s, "status_active", namespace)


@snippet(unit="s", legend="{{namespace}}/{{cronjob}}")
def cronjob_since_schedule(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a CronJob last started a Job; nothing if it never did. Source:
    kube-state-metrics."""
    return f"time() - {_cronjob(s, 'status_last_schedule_time', namespace)}"


@snippet(unit="s", legend="{{namespace}}/{{cronjob}}")
def cronjob_since_success(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a Job of a CronJob last succeeded; nothing if none ever did. Source:
    kube-state-metrics 2.5 and later."""
    return f"time() - {_cronjob(s, 'status_last_successful_time', namespace)}"


@snippet(unit="s", legend="{{namespace}}/{{cronjob}}")
def cronjob_overdue(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a CronJob ought to have started a Job, 0 if the next start is to come. A start
    is left out while the one before still runs, if the CronJob forbids both at once. Nothing for
    one that is suspended. Source: kube-state-metrics."""
    return f"clamp_min(time() - {_cronjob(s, 'next_schedule_time', namespace)}, 0)"


@snippet(unit="short", legend="overdue")
def cronjobs_overdue(s: Scope, namespace: str | None = None) -> str:
    """How many CronJobs ought to have started a Job more than five minutes ago and have not,
    without those that are suspended. Source: kube-state-metrics."""
    overdue = f"{cronjob_overdue(s, namespace=namespace)} > 300"
    return counted(overdue, _cronjob(s, "info", namespace))


# All kinds together


def _unhealthy(s: Scope, namespace: str | None) -> list[tuple[str, str, str]]:
    """Of each kind its label, and where pods are missing: how many, and the share that is not."""
    about = {"namespace": namespace}
    kinds = (
        ("deployment", deployment_desired(s, **about), deployment_available(s, **about)),
        ("statefulset", statefulset_desired(s, **about), statefulset_ready(s, **about)),
        ("daemonset", daemonset_desired(s, **about), daemonset_available(s, **about)),
    )
    failed = _failed_jobs(s, namespace)
    done, wanted = (_job(s, each, namespace) for each in ("status_succeeded", "spec_completions"))
    # A Job with a work queue has no number of completions.
    unknown = f"0 * {_job(s, 'info', namespace)}"
    return [
        *((kind, f"{all_} - {fit} > 0", f"{fit} / ({all_} > 0) < 1") for kind, all_, fit in kinds),
        (
            "job_name",
            f"({wanted} - {done} or {unknown} + 1) and {failed}",
            f"({done} / ({wanted} > 0) or {unknown}) and {failed}",
        ),
    ]


def _unhealthy_reasons(s: Scope, namespace: str | None) -> str:
    """Why workloads lack pods, each as 0."""
    of_pods = (
        f"topk by ({_WORKLOAD}) (1, max by ({_WORKLOAD}, reason) ({_reasons(s, namespace)} "
        f"* on ({_POD}) group_left (kind, workload) ({_owners(s, namespace)})))"
    )
    refused = _named(_refused(s, namespace), "deployment", "reason")
    failed = _named(_failure_reasons(s, namespace), "job_name", "reason")
    return f"{refused} or {failed} or on ({_WORKLOAD}) 0 * {of_pods}"


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}} {{reason}}")
def unhealthy_workloads(s: Scope, namespace: str | None = None) -> str:
    """Pods that a Deployment, StatefulSet, DaemonSet or failed Job lacks, where some are missing:
    desired minus available (StatefulSet: ready; Job: succeeded). The reason is why its pods are not
    ready, of several the one that weighs most, or why the Job failed. Source:
    kube-state-metrics."""
    missing = " or ".join(_named(lacks, label) for label, lacks, _ in _unhealthy(s, namespace))
    return (
        f"({missing}) + on ({_WORKLOAD}) group_left (reason) "
        f"({_unhealthy_reasons(s, namespace)}) or on ({_WORKLOAD}) ({missing})"
    )


@snippet(unit="percentunit", legend="{{kind}} {{namespace}}/{{workload}}")
def unhealthy_available(s: Scope, namespace: str | None = None) -> str:
    """Share of the desired pods that are available, 0 to 1, of a Deployment, StatefulSet, DaemonSet
    or failed Job where some are missing. Source: kube-state-metrics."""
    return " or ".join(_named(share, label) for label, _, share in _unhealthy(s, namespace))


def _owners(s: Scope, namespace: str | None) -> str:
    """The workload that each pod belongs to, as the labels of a 1: the Deployment behind a
    ReplicaSet, or else its own StatefulSet, DaemonSet, ReplicaSet or Job."""
    owned = s.all_nodes.select(
        "kube_pod_owner", 'owner_kind!="Node"', owner_is_controller="true", namespace=namespace
    )
    kind = f'label_join({owned}, "kind", "", "owner_kind")'
    other = f'label_join({kind}, "workload", "", "owner_name")'
    deployments = (
        f'label_join({_pods_of(s, "deployment", namespace)}, "workload", "", "deployment")'
    )
    known = f'label_replace({deployments}, "kind", "Deployment", "", "")'
    by_workload = f"max by ({_POD}, kind, workload) ({known} or on ({_POD}) {other})"
    return f"topk by ({_POD}) (1, {by_workload})"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{reason}}")
def unready_pods(s: Scope, namespace: str | None = None) -> str:
    """Pods of workloads that ought to be ready and are not, each as 1, with their workload and the
    reason: NodeNotReady, Unschedulable, ImagePullBackOff, OOMKilled, CrashLoopBackOff, another one
    that a container waits for, or ContainersNotReady where they run and do not pass their readiness
    probes. Source: kube-state-metrics."""
    return (
        f"({_reasons(s, namespace)} > bool 0) * on ({_POD}) group_left (kind, workload) "
        f"({_owners(s, namespace)})"
    )


def _summed(s: Scope, expr: str, namespace: str | None) -> str:
    return (
        f"sum by ({_WORKLOAD}) ({expr} * on ({_POD}) group_left (kind, workload) "
        f"({_owners(s, namespace)}))"
    )


def _restarts(s: Scope, namespace: str | None) -> str:
    counted = " or ".join(
        f"round({s.all_nodes.increase(metric, window='1h', namespace=namespace)})"
        for metric in (
            "kube_pod_container_status_restarts_total",
            "kube_pod_init_container_status_restarts_total",
        )
    )
    return f"sum by ({_POD}) (max by ({_POD}, container) ({counted}))"


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_restarts(s: Scope, namespace: str | None = None) -> str:
    """Restarts of the containers of a workload's pods during the last hour, where there were any.
    Source: kube-state-metrics."""
    return f"{_summed(s, _restarts(s, namespace), namespace)} > 0"


@snippet(unit="short", legend="restarts")
def total_restarts(s: Scope, namespace: str | None = None) -> str:
    """Restarts of all containers during the last hour. Source: kube-state-metrics."""
    return f"sum({_restarts(s, namespace)})"


# Right-sizing: what the pods of a workload use of their requests


def _requests(s: Scope, which: str, resource: str, namespace: str | None) -> str:
    """Requests or limits by workload, of pods that have not ended."""
    s = s.all_nodes
    given = s.select(f"kube_pod_container_resource_{which}", resource=resource, namespace=namespace)
    phases = s.select("kube_pod_status_phase", phase=["Pending", "Running"], namespace=namespace)
    pods = f"sum by ({_POD}) (max by ({_POD}, container) ({given}) and on ({_POD}) {phases} == 1)"
    return _summed(s, pods, namespace)


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_cpu_used(s: Scope, namespace: str | None = None) -> str:
    """Cores that the pods of a workload use together. Source: cAdvisor and kube-state-metrics."""
    return _summed(s, cadvisor.pod_cpu(s.all_nodes, namespace=namespace), namespace)


@snippet(unit="bytes", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_memory_used(s: Scope, namespace: str | None = None) -> str:
    """Working set of the pods of a workload together, in bytes. Source: cAdvisor and
    kube-state-metrics."""
    return _summed(s, cadvisor.pod_memory(s.all_nodes, namespace=namespace), namespace)


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


# What there is to choose from


@snippet(unit="short", legend="{{namespace}}")
def state_namespaces(s: Scope) -> str:
    """Namespaces, each as 1. Source: kube-state-metrics."""
    return f"group by (namespace) ({s.all_nodes.select('kube_namespace_created')})"
