"""Snippets of what bounds workloads: horizontal pod autoscalers, pod disruption budgets, resource
quotas; and of kube-state-metrics itself. kube-state-metrics 2.0 and later.

As in gk.library.kube_workloads, every snippet reads all nodes, and the series of two replicas count
once. https://github.com/kubernetes/kube-state-metrics/tree/main/docs
"""

from __future__ import annotations

from gk.library._workloads import by, counted
from gk.library.kube_state_metrics import exporter
from gk.promql.snippet import Scope

__all__ = ["snippet"]

snippet = exporter.snippet

_HPA = "namespace, horizontalpodautoscaler"
_PDB = "namespace, poddisruptionbudget"
_QUOTA = "namespace, resourcequota, resource"


# Horizontal pod autoscalers


def _hpa(s: Scope, metric: str, namespace: str | None, **equal: object) -> str:
    return by(s, _HPA, f"kube_horizontalpodautoscaler_{metric}", namespace=namespace, **equal)


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}} current")
def hpa_current(s: Scope, namespace: str | None = None) -> str:
    """Pods that the target of a horizontal pod autoscaler has. Source: kube-state-metrics."""
    return _hpa(s, "status_current_replicas", namespace)


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}} desired")
def hpa_desired(s: Scope, namespace: str | None = None) -> str:
    """Pods that a horizontal pod autoscaler last worked out from its metrics; 0 if it never could.
    Source: kube-state-metrics."""
    return _hpa(s, "status_desired_replicas", namespace)


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}} min")
def hpa_min(s: Scope, namespace: str | None = None) -> str:
    """Fewest pods that a horizontal pod autoscaler gives to its target. Source:
    kube-state-metrics."""
    return _hpa(s, "spec_min_replicas", namespace)


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}} max")
def hpa_max(s: Scope, namespace: str | None = None) -> str:
    """Most pods that a horizontal pod autoscaler gives to its target. Source:
    kube-state-metrics."""
    return _hpa(s, "spec_max_replicas", namespace)


def _hpa_condition(s: Scope, condition: str, namespace: str | None, *statuses: str) -> str:
    conditions = _hpa(s, "status_condition", namespace, condition=condition, status=list(statuses))
    return f"{conditions} == 1"


def _hpa_without_metrics(s: Scope, namespace: str | None) -> str:
    # A target that is scaled to 0 turns its autoscaler off: the condition is false then, too.
    return (
        f"{_hpa_condition(s, 'ScalingActive', namespace, 'false', 'unknown')} "
        f"and {hpa_current(s, namespace=namespace)} > 0"
    )


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}}")
def hpa_at_max(s: Scope, namespace: str | None = None) -> str:
    """Pods of a horizontal pod autoscaler's target, where it has as many as it may have. One whose
    fewest and most pods are equal is left out. Source: kube-state-metrics."""
    most = hpa_max(s, namespace=namespace)
    full = f"{hpa_current(s, namespace=namespace)} >= {most}"
    return f"({full}) and {most} > {hpa_min(s, namespace=namespace)}"


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}}")
def hpa_mismatch(s: Scope, namespace: str | None = None) -> str:
    """How far the pods of a horizontal pod autoscaler's target are from what it has worked out,
    where they are between its bounds and have not changed for 15 minutes. One without metrics is
    left out, because it works nothing out. Source: kube-state-metrics."""
    current = hpa_current(s, namespace=namespace)
    away = f"abs({current} - {hpa_desired(s, namespace=namespace)}) > 0"
    changes = s.all_nodes.range(
        "kube_horizontalpodautoscaler_status_current_replicas", window="15m", namespace=namespace
    )
    return (
        f"({away}) and {current} > {hpa_min(s, namespace=namespace)} "
        f"and {current} < {hpa_max(s, namespace=namespace)} "
        f"and max by ({_HPA}) (changes({changes})) == 0 "
        f"unless ({_hpa_without_metrics(s, namespace)})"
    )


@snippet(unit="short", legend="{{namespace}}/{{horizontalpodautoscaler}}")
def hpa_state(s: Scope, namespace: str | None = None) -> str:
    """State of a horizontal pod autoscaler, with its target's kind and name: 0 scaling, 1 at its
    most pods, 2 without metrics (ScalingActive is not true), 3 unable to scale (AbleToScale is not
    true). Source: kube-state-metrics."""
    on = f"or on ({_HPA})"
    most = hpa_at_max(s, namespace=namespace)
    unable = _hpa_condition(s, "AbleToScale", namespace, "false", "unknown")
    state = (
        f"(0 * ({unable}) + 3 {on} 0 * ({_hpa_without_metrics(s, namespace)}) + 2 "
        f"{on} 0 * {most} + 1 {on} 0 * {hpa_max(s, namespace=namespace)})"
    )
    target = "scaletargetref_kind, scaletargetref_name"
    targets = by(s, f"{_HPA}, {target}", "kube_horizontalpodautoscaler_info", namespace=namespace)
    return (
        f"{state} + on ({_HPA}) group_left ({target}) 0 * topk by ({_HPA}) (1, {targets}) "
        f"{on} {state}"
    )


@snippet(unit="short", legend="at max")
def hpas_at_max(s: Scope, namespace: str | None = None) -> str:
    """How many horizontal pod autoscalers have given their target as many pods as they may. Source:
    kube-state-metrics."""
    return counted(hpa_at_max(s, namespace=namespace), hpa_max(s, namespace=namespace))


@snippet(unit="short", legend="no metrics")
def hpas_without_metrics(s: Scope, namespace: str | None = None) -> str:
    """How many horizontal pod autoscalers get no metrics, and so do not scale (ScalingActive is not
    true). Source: kube-state-metrics."""
    return counted(_hpa_without_metrics(s, namespace), hpa_max(s, namespace=namespace))


# Pod disruption budgets


def _pdb(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, _PDB, f"kube_poddisruptionbudget_status_{metric}", namespace=namespace)


@snippet(unit="short", legend="{{namespace}}/{{poddisruptionbudget}} desired")
def pdb_desired(s: Scope, namespace: str | None = None) -> str:
    """Healthy pods that a pod disruption budget asks for. Source: kube-state-metrics."""
    return _pdb(s, "desired_healthy", namespace)


@snippet(unit="short", legend="{{namespace}}/{{poddisruptionbudget}} healthy")
def pdb_healthy(s: Scope, namespace: str | None = None) -> str:
    """Healthy pods that a pod disruption budget counts. Source: kube-state-metrics."""
    return _pdb(s, "current_healthy", namespace)


@snippet(unit="short", legend="{{namespace}}/{{poddisruptionbudget}} pods")
def pdb_pods(s: Scope, namespace: str | None = None) -> str:
    """Pods that a pod disruption budget is about. Source: kube-state-metrics."""
    return _pdb(s, "expected_pods", namespace)


@snippet(unit="short", legend="{{namespace}}/{{poddisruptionbudget}} allowed")
def pdb_allowed(s: Scope, namespace: str | None = None) -> str:
    """Pods that may be evicted now without going below a pod disruption budget; at 0 a drain of
    their nodes waits. Source: kube-state-metrics."""
    return _pdb(s, "pod_disruptions_allowed", namespace)


@snippet(unit="short", legend="{{namespace}}/{{poddisruptionbudget}}")
def pdb_missing(s: Scope, namespace: str | None = None) -> str:
    """Healthy pods that a pod disruption budget lacks, 0 if none. One without any pods, such as
    those of a workload that is scaled to 0, is left out. Source: kube-state-metrics."""
    missing = f"{pdb_desired(s, namespace=namespace)} - {pdb_healthy(s, namespace=namespace)}"
    return f"clamp_min({missing}, 0) and {pdb_pods(s, namespace=namespace)} > 0"


@snippet(unit="short", legend="not met")
def pdbs_not_met(s: Scope, namespace: str | None = None) -> str:
    """How many pod disruption budgets have fewer healthy pods than they ask for. Source:
    kube-state-metrics."""
    missing = f"{pdb_missing(s, namespace=namespace)} > 0"
    return counted(missing, pdb_desired(s, namespace=namespace))


# Resource quotas


# What quotas count in bytes: requests.memory, limits.memory, requests.storage, and those of a class
# (fast.storageclass.storage.k8s.io/requests.storage).
_SIZES = "(.+[./])?(memory|storage|ephemeral-storage)|hugepages-.+"


def _quota(s: Scope, type_: str, namespace: str | None, *matchers: str) -> str:
    return by(s, _QUOTA, "kube_resourcequota", *matchers, type=type_, namespace=namespace)


@snippet(unit="short", legend="{{namespace}} {{resource}} used")
def quota_used(s: Scope, namespace: str | None = None) -> str:
    """Cores or objects that a namespace has taken of a quota. Source: kube-state-metrics."""
    return _quota(s, "used", namespace, f'resource!~"{_SIZES}"')


@snippet(unit="short", legend="{{namespace}} {{resource}} quota")
def quota_hard(s: Scope, namespace: str | None = None) -> str:
    """Cores or objects that a quota lets a namespace take. Source: kube-state-metrics."""
    return _quota(s, "hard", namespace, f'resource!~"{_SIZES}"')


@snippet(unit="bytes", legend="{{namespace}} {{resource}} used")
def quota_used_size(s: Scope, namespace: str | None = None) -> str:
    """Memory or storage that a namespace has taken of a quota, in bytes. Source:
    kube-state-metrics."""
    return _quota(s, "used", namespace, f'resource=~"{_SIZES}"')


@snippet(unit="bytes", legend="{{namespace}} {{resource}} quota")
def quota_hard_size(s: Scope, namespace: str | None = None) -> str:
    """Memory or storage that a quota lets a namespace take, in bytes. Source:
    kube-state-metrics."""
    return _quota(s, "hard", namespace, f'resource=~"{_SIZES}"')


@snippet(unit="percentunit", legend="{{namespace}} {{resource}}")
def quota_used_share(s: Scope, namespace: str | None = None) -> str:
    """Share of a quota that a namespace has taken. At 1 nothing more of the resource is admitted;
    above 1 the quota was lowered later. Nothing for a quota of 0. Source: kube-state-metrics."""
    return f"{_quota(s, 'used', namespace)} / ({_quota(s, 'hard', namespace)} > 0)"


@snippet(unit="short", legend="90% and more")
def quotas_almost_full(s: Scope, namespace: str | None = None) -> str:
    """How many resources of quotas are taken to 90% or more. Source: kube-state-metrics."""
    share = quota_used_share(s, namespace=namespace)
    return counted(f"{share} >= 0.9", _quota(s, "hard", namespace))


def _quota_of_cluster(s: Scope, resource: str) -> str:
    hard = s.all_nodes.select(
        "kube_resourcequota", type="hard", resource=[resource, f"requests.{resource}"]
    )
    # Of several quotas of a namespace the smallest holds.
    smallest = f"min by (namespace) (max by ({_QUOTA}) ({hard}))"
    node = s.node
    nodes = s.all_nodes.select("kube_node_status_allocatable", resource=resource)
    return f"sum({smallest}) / (sum(max by ({node}) ({nodes})) > 0)"


@snippet(unit="percentunit", legend="CPU")
def quota_cpu_overcommit(s: Scope) -> str:
    """CPU requests that the quotas of all namespaces allow together, of what all nodes have for
    pods. Above 1 not all namespaces can take what they may. Source: kube-state-metrics."""
    return _quota_of_cluster(s, "cpu")


@snippet(unit="percentunit", legend="memory")
def quota_memory_overcommit(s: Scope) -> str:
    """Memory requests that the quotas of all namespaces allow together, of what all nodes have for
    pods. Above 1 not all namespaces can take what they may. Source: kube-state-metrics."""
    return _quota_of_cluster(s, "memory")


# kube-state-metrics itself. It sends these on a port of their own (--telemetry-port).


def _errors(s: Scope, what: str) -> str:
    metric = f"kube_state_metrics_{what}_total"
    s = s.all_nodes
    # There is no series of errors before the first.
    return (
        f"(sum({s.rate(metric, result='error')}) or 0 * sum({s.rate(metric)})) "
        f"/ (sum({s.rate(metric)}) > 0)"
    )


@snippet(unit="percentunit", legend="list")
def list_errors(s: Scope) -> str:
    """Share of kube-state-metrics' requests for lists that fail, 0 to 1. It does not know of what
    it cannot list. Nothing while it asks for none, and where its telemetry port is not scraped.
    Source: kube-state-metrics."""
    return _errors(s, "list")


@snippet(unit="percentunit", legend="watch")
def watch_errors(s: Scope) -> str:
    """Share of kube-state-metrics' watches that fail, 0 to 1. What it says is old then. Nothing
    while it starts none, and where its telemetry port is not scraped. Source:
    kube-state-metrics."""
    return _errors(s, "watch")


@snippet(unit="short", legend="difference")
def shards_mismatch(s: Scope) -> str:
    """Difference between the numbers of shards (--total-shards) that the replicas of
    kube-state-metrics are told, 0 if they agree. Nothing where its telemetry port is not scraped.
    Source: kube-state-metrics."""
    shards = s.all_nodes.select("kube_state_metrics_total_shards")
    return f"max({shards}) - min({shards})"


@snippet(unit="short", legend="missing")
def shards_missing(s: Scope) -> str:
    """Shards of kube-state-metrics that no replica of it serves, 0 if none: the objects of those
    have no series. Nothing where its telemetry port is not scraped. Source: kube-state-metrics."""
    shards = s.all_nodes.select("kube_state_metrics_total_shards")
    served = s.all_nodes.select("kube_state_metrics_shard_ordinal")
    return f"max({shards}) - count(count by (shard_ordinal) ({served}))"
