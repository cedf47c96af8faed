"""Snippets of workloads of all kinds: which lack pods, why their pods are not ready, and how often
they restart. kube-state-metrics 2.0 and later. Single kinds are in kube_deployments,
kube_statefulsets, kube_daemonsets and kube_jobs of gk.library; what workloads request and use in
kube_requests; autoscalers, disruption budgets and quotas in kube_limits.

None of its series of workloads names a node, so every snippet reads those of all nodes. Values come
as `max by`, because the series of two replicas of kube-state-metrics overlap; a label that is
joined to others comes with `topk by`, because a replica that lags has another value of it.
https://github.com/kubernetes/kube-state-metrics/tree/main/docs
"""

from __future__ import annotations

from gk.library._workloads import (
    POD,
    WORKLOAD,
    by_workload,
    owners_of_pods,
    reasons_of_pods,
    refused_deployments,
    with_kind,
)
from gk.library.kube_daemonsets import daemonset_available, daemonset_desired
from gk.library.kube_deployments import deployment_available, deployment_desired
from gk.library.kube_jobs import failed_jobs, failure_reasons, job_series
from gk.library.kube_state_metrics import exporter
from gk.library.kube_statefulsets import statefulset_desired, statefulset_ready
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

snippet = exporter.snippet


# All kinds together


def _unhealthy(s: Scope, namespace: str | None) -> list[tuple[str, str, str]]:
    """Of each kind its label, and where pods are missing: how many, and the share that is not."""
    about = {"namespace": namespace}
    kinds = (
        ("deployment", deployment_desired(s, **about), deployment_available(s, **about)),
        ("statefulset", statefulset_desired(s, **about), statefulset_ready(s, **about)),
        ("daemonset", daemonset_desired(s, **about), daemonset_available(s, **about)),
    )
    failed = failed_jobs(s, namespace)
    done, wanted = (
        job_series(s, series, namespace) for series in ("status_succeeded", "spec_completions")
    )
    # A Job with a work queue has no number of completions.
    unknown = f"0 * {job_series(s, 'info', namespace)}"
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
        f"topk by ({WORKLOAD}) (1, max by ({WORKLOAD}, reason) ({reasons_of_pods(s, namespace)} "
        f"* on ({POD}) group_left (kind, workload) ({owners_of_pods(s, namespace)})))"
    )
    refused = with_kind(refused_deployments(s, namespace), "deployment", "reason")
    failed = with_kind(failure_reasons(s, namespace), "job_name", "reason")
    return f"{refused} or {failed} or on ({WORKLOAD}) 0 * {of_pods}"


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}} {{reason}}")
def unhealthy_workloads(s: Scope, namespace: str | None = None) -> str:
    """Pods that a Deployment, StatefulSet, DaemonSet or failed Job lacks, where some are missing:
    desired minus available (StatefulSet: ready; Job: succeeded). The reason is why its pods are not
    ready, of several the one that weighs most, or why the Job failed. Source:
    kube-state-metrics."""
    missing = " or ".join(with_kind(lacks, label) for label, lacks, _ in _unhealthy(s, namespace))
    return (
        f"({missing}) + on ({WORKLOAD}) group_left (reason) "
        f"({_unhealthy_reasons(s, namespace)}) or on ({WORKLOAD}) ({missing})"
    )


@snippet(unit="percentunit", legend="{{kind}} {{namespace}}/{{workload}}")
def unhealthy_available(s: Scope, namespace: str | None = None) -> str:
    """Share of the desired pods that are available, 0 to 1, of a Deployment, StatefulSet, DaemonSet
    or failed Job where some are missing. Source: kube-state-metrics."""
    return " or ".join(with_kind(share, label) for label, _, share in _unhealthy(s, namespace))


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{reason}}")
def unready_pods(s: Scope, namespace: str | None = None) -> str:
    """Pods of workloads that ought to be ready and are not, each as 1, with their workload and the
    reason: NodeNotReady, Unschedulable, ImagePullBackOff, OOMKilled, CrashLoopBackOff, another one
    that a container waits for, or ContainersNotReady where they run and do not pass their readiness
    probes. Source: kube-state-metrics."""
    return (
        f"({reasons_of_pods(s, namespace)} > bool 0) * on ({POD}) group_left (kind, workload) "
        f"({owners_of_pods(s, namespace)})"
    )


def _restarts(s: Scope, namespace: str | None) -> str:
    counted = " or ".join(
        f"round({s.all_nodes.increase(metric, window='1h', namespace=namespace)})"
        for metric in (
            "kube_pod_container_status_restarts_total",
            "kube_pod_init_container_status_restarts_total",
        )
    )
    return f"sum by ({POD}) (max by ({POD}, container) ({counted}))"


@snippet(unit="short", legend="{{kind}} {{namespace}}/{{workload}}")
def workload_restarts(s: Scope, namespace: str | None = None) -> str:
    """Restarts of the containers of a workload's pods during the last hour, where there were any.
    Source: kube-state-metrics."""
    return f"{by_workload(s, _restarts(s, namespace), namespace)} > 0"


@snippet(unit="short", legend="restarts")
def total_restarts(s: Scope, namespace: str | None = None) -> str:
    """Restarts of all containers during the last hour. Source: kube-state-metrics."""
    return f"sum({_restarts(s, namespace)})"


# What there is to choose from


@snippet(unit="short", legend="{{namespace}}")
def state_namespaces(s: Scope) -> str:
    """Namespaces, each as 1. Source: kube-state-metrics."""
    return f"group by (namespace) ({s.all_nodes.select('kube_namespace_created')})"
