"""Alerts on workloads, autoscalers, disruption budgets and quotas, and on kube-state-metrics, which
knows of them. docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/workloads.py shows.
"""

from gk import alert, alert_group
from gk.library import (
    kube_daemonsets,
    kube_deployments,
    kube_jobs,
    kube_limits,
    kube_statefulsets,
)

JOB_TIMEOUT = 12 * 3600
QUOTA_ALMOST_FULL = 0.9
QUOTA_OVERCOMMIT = 1.5
LIST_ERRORS = 0.01

_REASON = "{{ if $labels.reason }} ({{ $labels.reason }}){{ end }}"
_WHY = (
    "Reason: {{ if $labels.reason }}{{ $labels.reason }}"
    "{{ else }}none that kube-state-metrics knows{{ end }}."
)


def _name(label: str) -> str:
    return f"{{{{ $labels.namespace }}}}/{{{{ $labels.{label} }}}}"


DEPLOYMENT = f"Deployment {_name('deployment')}"
STATEFULSET = f"StatefulSet {_name('statefulset')}"
DAEMONSET = f"DaemonSet {_name('daemonset')}"
JOB = f"Job {_name('job_name')}"
HPA = f"HorizontalPodAutoscaler {_name('horizontalpodautoscaler')}"
PDB = f"PodDisruptionBudget {_name('poddisruptionbudget')}"
QUOTA = "{{ $labels.resource }} of the quota {{ $labels.namespace }}/{{ $labels.resourcequota }}"

workloads = alert_group(
    "workloads",
    [
        # Deployments
        alert(
            "KubeDeploymentReplicasMismatch",
            kube_deployments.deployment_missing > 0,
            for_="15m",
            severity="warning",
            summary=f"{DEPLOYMENT} lacks available pods: {{{{ $value }}}}{_REASON}",
            description=f"For 15 minutes the {DEPLOYMENT} has had fewer available pods than "
            "desired, and no rollout has replaced one within 10 minutes. "
            f"Missing: {{{{ $value }}}}. {_WHY}",
        ),
        alert(
            "KubeDeploymentGenerationMismatch",
            kube_deployments.deployment_generation_lag > 0,
            for_="15m",
            severity="warning",
            summary=f"{DEPLOYMENT} has changes that its controller has not seen: {{{{ $value }}}}",
            description="For 15 minutes the controller has not taken note of the latest changes of "
            f"the {DEPLOYMENT}, so they are not rolled out. Changes: {{{{ $value }}}}.",
        ),
        alert(
            "KubeDeploymentRolloutStuck",
            kube_deployments.deployment_rollout_stuck > 0,
            for_="15m",
            severity="warning",
            summary=f"{DEPLOYMENT}: rollout stuck{_REASON}",
            description=f"For 15 minutes the condition Progressing of the {DEPLOYMENT} has been "
            "false{{ if $labels.reason }}, with the reason {{ $labels.reason }}{{ end }}. "
            "Pods of its newest version do not become available.",
        ),
        # StatefulSets
        alert(
            "KubeStatefulSetReplicasMismatch",
            kube_statefulsets.statefulset_missing > 0,
            for_="15m",
            severity="warning",
            summary=f"{STATEFULSET} lacks ready pods: {{{{ $value }}}}{_REASON}",
            description=f"For 15 minutes the {STATEFULSET} has had fewer ready pods than desired, "
            "and no update has replaced one within 10 minutes. "
            f"Missing: {{{{ $value }}}}. {_WHY}",
        ),
        alert(
            "KubeStatefulSetGenerationMismatch",
            kube_statefulsets.statefulset_generation_lag > 0,
            for_="15m",
            severity="warning",
            summary=f"{STATEFULSET} has changes that its controller has not seen: {{{{ $value }}}}",
            description="For 15 minutes the controller has not taken note of the latest changes of "
            f"the {STATEFULSET}, so they are not rolled out. Changes: {{{{ $value }}}}.",
        ),
        alert(
            "KubeStatefulSetUpdateNotRolledOut",
            kube_statefulsets.statefulset_update_stuck > 0,
            for_="15m",
            severity="warning",
            summary=f"{STATEFULSET}: update stuck, pods left to update: {{{{ $value }}}}",
            description=f"For 15 minutes the update of the {STATEFULSET} has waited for a pod that "
            "is not ready. Pods that still have the old version: {{ $value }}.",
        ),
        # DaemonSets
        alert(
            "KubeDaemonSetRolloutStuck",
            kube_daemonsets.daemonset_missing > 0,
            for_="15m",
            severity="warning",
            summary=f"{DAEMONSET} lacks available pods: {{{{ $value }}}}{_REASON}",
            description=f"For 15 minutes nodes have had no available pod of the {DAEMONSET}, and "
            f"no rollout has replaced one within 10 minutes. Nodes: {{{{ $value }}}}. {_WHY}",
        ),
        alert(
            "KubeDaemonSetNotScheduled",
            kube_daemonsets.daemonset_not_scheduled > 0,
            for_="10m",
            severity="warning",
            summary=f"{DAEMONSET} is not scheduled on all nodes, missing: {{{{ $value }}}}",
            description=f"For 10 minutes nodes that should run a pod of the {DAEMONSET} have had "
            "none. Nodes: {{ $value }}.",
        ),
        alert(
            "KubeDaemonSetMisScheduled",
            kube_daemonsets.daemonset_misscheduled > 0,
            for_="15m",
            severity="warning",
            summary=f"{DAEMONSET} runs on nodes where it should not: {{{{ $value }}}}",
            description=f"For 15 minutes nodes have run a pod of the {DAEMONSET} and should not: "
            "their labels or taints have changed since it started. Nodes: {{ $value }}.",
        ),
        # Jobs
        alert(
            "KubeJobNotCompleted",
            kube_jobs.job_running_for > JOB_TIMEOUT,
            severity="warning",
            summary=f"{JOB} has run for {{{{ $value | humanizeDuration }}}}",
            description=f"The {JOB} started {{{{ $value | humanizeDuration }}}} ago, more than 12 "
            "hours, and still has running pods.",
        ),
        alert(
            "KubeJobFailed",
            kube_jobs.job_failed > 0,
            for_="15m",
            severity="warning",
            summary=f"{JOB} failed{_REASON}",
            description=f"The {JOB} has failed for good"
            "{{ if $labels.reason }}, with the reason {{ $labels.reason }}{{ end }}, and has been "
            "there for 15 minutes. No later run of its CronJob, if it has one, has succeeded.",
        ),
        # Autoscalers and disruption budgets
        alert(
            "KubeHpaReplicasMismatch",
            kube_limits.hpa_mismatch > 0,
            for_="15m",
            severity="warning",
            summary=f"{HPA}: its target does not have the desired replicas, difference: "
            "{{ $value }}",
            description=f"For 15 minutes the target of the {HPA} has not had the desired number "
            "of replicas, and has neither changed it nor reached a bound. Difference: "
            "{{ $value }}.",
        ),
        alert(
            "KubeHpaMaxedOut",
            kube_limits.hpa_at_max > 0,
            for_="15m",
            severity="warning",
            summary=f"{HPA} is at its maximum of replicas: {{{{ $value }}}}",
            description=f"The target of the {HPA} has had its maximum of replicas for 15 minutes: "
            "{{ $value }}. It does not grow with more load.",
        ),
        alert(
            "KubePdbNotEnoughHealthyPods",
            kube_limits.pdb_missing > 0,
            for_="15m",
            severity="warning",
            summary=f"{PDB} lacks healthy pods: {{{{ $value }}}}",
            description=f"For 15 minutes the {PDB} has had fewer healthy pods than it asks for. "
            "Missing: {{ $value }}. Its healthy pods cannot be evicted, so a drain of their nodes "
            "waits.",
        ),
        # Quotas
        alert(
            "KubeQuotaAlmostFull",
            (kube_limits.quota_used_share > QUOTA_ALMOST_FULL) & (kube_limits.quota_used_share < 1),
            for_="15m",
            severity="info",
            summary=f"{QUOTA}: {{{{ $value | humanizePercentage }}}} used",
            description=f"{{{{ $value | humanizePercentage }}}} of {QUOTA} is used, and has been "
            "more than 90% for 15 minutes. At 100% nothing more is admitted.",
        ),
        alert(
            "KubeQuotaFullyUsed",
            (kube_limits.quota_used_share >= 1) & (kube_limits.quota_used_share <= 1),
            for_="15m",
            severity="info",
            summary=f"{QUOTA}: fully used",
            description=f"{{{{ $value | humanizePercentage }}}} of {QUOTA} has been used for 15 "
            "minutes. Nothing more is admitted.",
        ),
        alert(
            "KubeQuotaExceeded",
            kube_limits.quota_used_share > 1,
            for_="15m",
            severity="warning",
            summary=f"{QUOTA}: {{{{ $value | humanizePercentage }}}} used",
            description=f"{{{{ $value | humanizePercentage }}}} of {QUOTA} is used, and has been "
            "more than 100% for 15 minutes: the quota was lowered below what was in use. "
            "Nothing more is admitted.",
        ),
        alert(
            "KubeCPUQuotaOvercommit",
            kube_limits.quota_cpu_overcommit > QUOTA_OVERCOMMIT,
            for_="5m",
            severity="warning",
            summary="Quotas allow {{ $value | humanizePercentage }} of the cluster's CPU",
            description="The quotas of all namespaces together allow requests for "
            "{{ $value | humanizePercentage }} of the CPU that nodes have for pods, and have "
            "allowed more than 150% for 5 minutes. Not every namespace can use its quota.",
        ),
        alert(
            "KubeMemoryQuotaOvercommit",
            kube_limits.quota_memory_overcommit > QUOTA_OVERCOMMIT,
            for_="5m",
            severity="warning",
            summary="Quotas allow {{ $value | humanizePercentage }} of the cluster's memory",
            description="The quotas of all namespaces together allow requests for "
            "{{ $value | humanizePercentage }} of the memory that nodes have for pods, and have "
            "allowed more than 150% for 5 minutes. Not every namespace can use its quota.",
        ),
        # kube-state-metrics
        alert(
            "KubeStateMetricsListErrors",
            kube_limits.list_errors > LIST_ERRORS,
            for_="15m",
            severity="critical",
            summary="{{ $value | humanizePercentage }} of kube-state-metrics' lists fail",
            description="{{ $value | humanizePercentage }} of kube-state-metrics' requests for "
            "lists fail, and it has been more than 1% for 15 minutes. What it cannot list has no "
            "series, and alerts on it do not fire.",
        ),
        alert(
            "KubeStateMetricsWatchErrors",
            kube_limits.watch_errors > LIST_ERRORS,
            for_="15m",
            severity="critical",
            summary="{{ $value | humanizePercentage }} of kube-state-metrics' watches fail",
            description="{{ $value | humanizePercentage }} of kube-state-metrics' watches fail, "
            "and it has been more than 1% for 15 minutes. Its series may be old, and alerts on "
            "them late or wrong.",
        ),
        alert(
            "KubeStateMetricsShardingMismatch",
            kube_limits.shards_mismatch > 0,
            for_="15m",
            severity="critical",
            summary="Replicas of kube-state-metrics disagree on the number of shards",
            description="For 15 minutes replicas of kube-state-metrics have run with different "
            "numbers of shards. Some objects have no series, or several. Difference: {{ $value }}.",
        ),
        alert(
            "KubeStateMetricsShardsMissing",
            kube_limits.shards_missing > 0,
            for_="15m",
            severity="critical",
            summary="Shards of kube-state-metrics that no replica serves: {{ $value }}",
            description="For 15 minutes no replica of kube-state-metrics has served some of its "
            "shards: {{ $value }}. Their objects have no series, and alerts on them do not fire.",
        ),
    ],
)
