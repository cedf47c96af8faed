"""What the modules of workloads share: which workload a pod belongs to, and why pods are not ready.
No snippets."""

from __future__ import annotations

from gk.library import kube_state_metrics
from gk.promql.snippet import Scope

__all__ = [
    "CRONJOB",
    "DAEMONSET",
    "DEPLOYMENT",
    "JOB",
    "KINDS",
    "POD",
    "STATEFULSET",
    "WORKLOAD",
    "by",
    "by_workload",
    "counted",
    "generation_lag",
    "missing_with_reason",
    "owners_of_pods",
    "pods_of",
    "reasons_of",
    "reasons_of_pods",
    "refused_deployments",
    "with_kind",
    "with_reason",
    "without_rollout",
]

POD = "namespace, pod"
WORKLOAD = "namespace, kind, workload"
DEPLOYMENT = "namespace, deployment"
STATEFULSET = "namespace, statefulset"
DAEMONSET = "namespace, daemonset"
JOB = "namespace, job_name"
CRONJOB = "namespace, cronjob"

# A workload that changes while it has too few pods is in a rollout, and may be well.
_SETTLED = "10m"
# A container that fails waits before each start, up to five minutes, and runs in between.
_CRASH_MEMORY = "10m"


def by(s: Scope, labels: str, metric: str, *matchers: str, **equal: object) -> str:
    """A series of all nodes by these labels: the same of several replicas once."""
    return f"max by ({labels}) ({s.all_nodes.select(metric, *matchers, **equal)})"


def without_rollout(s: Scope, labels: str, metric: str, namespace: str | None) -> str:
    """Those in which no rollout has replaced a pod, which changes `metric`, for ten minutes."""
    changes = s.all_nodes.range(metric, window=_SETTLED, namespace=namespace)
    return f"max by ({labels}) (changes({changes})) == 0"


def counted(selected: str, all_of_them: str) -> str:
    """How many are selected: 0 if there are only others, nothing if there is none at all."""
    return f"count({selected}) or 0 * count({all_of_them})"


# Why pods are not ready


def _because(expr: str, reason: str, rank: int) -> str:
    return f'{rank} * label_replace(max by ({POD}) ({expr}), "reason", "{reason}", "", "")'


def _waiting(s: Scope, namespace: str | None, reasons: list[str], window: str) -> str:
    """Containers that wait, or waited within a window, for one of these reasons."""
    return " or ".join(
        f"max_over_time({s.range(metric, window=window, reason=reasons, namespace=namespace)}) == 1"
        for metric in (
            "kube_pod_container_status_waiting_reason",
            "kube_pod_init_container_status_waiting_reason",
        )
    )


def reasons_of_pods(s: Scope, namespace: str | None) -> str:
    """Why a pod that ought to be ready is not, as a label of what weighs most. The labels stay the
    same while a container that crashes is up for a while, and while one fails to pull an image in
    two ways, so that an alert with them does not start anew each time."""
    s = s.all_nodes
    about = {"namespace": namespace}
    pending = s.select("kube_pod_status_phase", phase=["Pending", "Unknown"], **about)
    running = s.select("kube_pod_status_phase", phase="Running", **about)
    unready = s.select("kube_pod_status_ready", condition="true", **about)
    not_ready = f"{pending} == 1 or ({running} == 1 and on ({POD}) {unready} == 0)"
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
        _because(f"({crashing}) and on ({POD}, container) ({killed} == 1)", "OOMKilled", 4),
        _because(crashing, "CrashLoopBackOff", 3),
        f"2 * max by ({POD}, reason) (({named}) == 1)",
        _because(not_ready, "ContainersNotReady", 1),
    ]
    return f"topk by ({POD}) (1, ({' or '.join(terms)}) and on ({POD}) ({not_ready}))"


def pods_of(s: Scope, label: str, namespace: str | None) -> str:
    """The pods of all Deployments, StatefulSets, DaemonSets or Jobs, each as 1, with the name of
    theirs in the label of that kind."""
    s = s.all_nodes
    about = {"owner_is_controller": "true", "namespace": namespace}
    if label == "deployment":
        # A Deployment's pods belong to its ReplicaSets.
        pods = by(s, f"{POD}, owner_name", "kube_pod_owner", owner_kind="ReplicaSet", **about)
        owners = s.select("kube_replicaset_owner", owner_kind="Deployment", namespace=namespace)
        owner = f'label_join({owners}, "deployment", "", "owner_name")'
        return (
            f'label_join({pods}, "replicaset", "", "owner_name") * on (namespace, replicaset) '
            "group_left (deployment) topk by (namespace, replicaset) "
            f"(1, max by (namespace, replicaset, deployment) ({owner}))"
        )
    pods = s.select("kube_pod_owner", owner_kind=KINDS[label], **about)
    named = f'label_join({pods}, "{label}", "", "owner_name")'
    return f"topk by ({POD}) (1, max by ({POD}, {label}) ({named}))"


KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "job_name": "Job",
}


def reasons_of(s: Scope, label: str, namespace: str | None) -> str:
    """Why pods of a workload are not ready: the reason that weighs most among them, each as 0."""
    pods = pods_of(s, label, namespace)
    joined = f"{reasons_of_pods(s, namespace)} * on ({POD}) group_left ({label}) ({pods})"
    return f"0 * topk by (namespace, {label}) (1, max by (namespace, {label}, reason) ({joined}))"


def with_reason(expr: str, label: str, reasons: str) -> str:
    """A result by workload with its reason, and without one where none is known."""
    by = f"namespace, {label}"
    return f"{expr} + on ({by}) group_left (reason) ({reasons}) or on ({by}) {expr}"


def with_kind(expr: str, label: str, *more: str) -> str:
    """A result by one kind of workload with the labels of all: kind and workload."""
    joined = f'label_join({expr}, "workload", "", "{label}")'
    kind = f'label_replace({joined}, "kind", "{KINDS[label]}", "", "")'
    return f"max by ({', '.join((WORKLOAD, *more))}) ({kind})"


def missing_with_reason(
    s: Scope, label: str, short: str, updated: str, namespace: str | None
) -> str:
    """What a workload lacks once no rollout has replaced a pod, which changes the series `updated`,
    for ten minutes; with the reason."""
    settled = without_rollout(s, f"namespace, {label}", f"kube_{label}_{updated}", namespace)
    refused = (
        f"{refused_deployments(s, namespace)} or on ({DEPLOYMENT}) "
        if label == "deployment"
        else ""
    )
    reasons = f"{refused}{reasons_of(s, label, namespace)}"
    return with_reason(f"({short} and {settled})", label, reasons)


def generation_lag(s: Scope, label: str, namespace: str | None) -> str:
    """Changes of a workload that its controller has not yet taken note of."""
    wanted, seen = (
        by(s, f"namespace, {label}", f"kube_{label}_{metric}", namespace=namespace)
        for metric in ("metadata_generation", "status_observed_generation")
    )
    return f"abs({wanted} - {seen})"


def refused_deployments(s: Scope, namespace: str | None) -> str:
    """Deployments whose pods cannot be created, each as 0: for a quota, an admission webhook, a
    service account that is missing."""
    failing = s.all_nodes.select(
        "kube_deployment_status_condition",
        condition="ReplicaFailure",
        status="true",
        namespace=namespace,
    )
    return (
        f"0 * label_replace(max by ({DEPLOYMENT}) ({failing} == 1), "
        '"reason", "ReplicaFailure", "", "")'
    )


def owners_of_pods(s: Scope, namespace: str | None) -> str:
    """The workload that each pod belongs to, as the labels of a 1: the Deployment behind a
    ReplicaSet, or else its own StatefulSet, DaemonSet, ReplicaSet or Job."""
    owned = s.all_nodes.select(
        "kube_pod_owner", 'owner_kind!="Node"', owner_is_controller="true", namespace=namespace
    )
    kind = f'label_join({owned}, "kind", "", "owner_kind")'
    other = f'label_join({kind}, "workload", "", "owner_name")'
    deployments = f'label_join({pods_of(s, "deployment", namespace)}, "workload", "", "deployment")'
    known = f'label_replace({deployments}, "kind", "Deployment", "", "")'
    by_workload = f"max by ({POD}, kind, workload) ({known} or on ({POD}) {other})"
    return f"topk by ({POD}) (1, {by_workload})"


def by_workload(s: Scope, expr: str, namespace: str | None) -> str:
    """The sum of a result by pod for each workload."""
    return (
        f"sum by ({WORKLOAD}) ({expr} * on ({POD}) group_left (kind, workload) "
        f"({owners_of_pods(s, namespace)}))"
    )
