"""Workloads, as kube-state-metrics knows them: first what is not as desired, then a row for each
kind, then requests beside use, and quotas.

A workload is a Deployment, StatefulSet, DaemonSet, Job or CronJob. Names lead to Containers, which
shows what they use.
"""

from functools import partial

from alerts.cadvisor import RESTARTS
from alerts.workloads import JOB_TIMEOUT, LIST_ERRORS, QUOTA_ALMOST_FULL, QUOTA_OVERCOMMIT
from dashboards.no_data import NO_DATA
from dashboards.workloads_parts import (
    FILTERED,
    FOLDER,
    NAMESPACE,
    NAMESPACE_LINK,
    POD_LINK,
    TO_CONTAINERS,
    TO_KUBERNETES,
    TO_VOLUMES,
    TOP,
    choose_namespace,
    reason,
    without,
)
from gk import Dashboard, Row, alert_list, column, stat, state_timeline, table, timeseries
from gk.define.fields import Mappings, Thresholds
from gk.library import (
    kube_daemonsets,
    kube_deployments,
    kube_jobs,
    kube_limits,
    kube_requests,
    kube_state_metrics,
    kube_statefulsets,
    kube_workloads,
)

OF = {"namespace": "$namespace"}
ALERTS = (
    '{alertname=~"Kube(Deployment|StatefulSet|DaemonSet|Job|Hpa|Pdb|Quota|CPUQuota|MemoryQuota'
    '|StateMetrics).*"}'
)
ROLLOUT: Mappings = {
    0: ("Complete", "green"),
    1: ("In progress", "blue"),
    2: ("Paused", "yellow"),
    3: ("Stuck", "red"),
    4: ("Not seen by the controller", "orange"),
}
UPDATE: Mappings = {**ROLLOUT, 2: ("Waiting", "blue")}
SCALING: Mappings = {
    0: ("Scaling", "green"),
    1: ("At max", "orange"),
    2: ("No metrics", "red"),
    3: ("Unable to scale", "red"),
}
# Requests that are far above the use keep resources from others; use above them is at risk.
OF_REQUESTS: Thresholds = {None: "blue", 0.2: "green", 1: "orange"}
ANY: Thresholds = {None: "text", 1: "orange"}
tile = partial(stat, text="value", height=3, mappings=NO_DATA)
bad = partial(tile, thresholds={1: "red"})
poor = partial(tile, thresholds={1: "orange"})
above_zero = {"cell": "color-text", "width": 110}
lines = partial(
    timeseries,
    fill=0,
    min=0,
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
)

dashboard = Dashboard(
    "Workloads",
    uid="workloads",
    folder=FOLDER,
    description="Deployments, StatefulSets, DaemonSets, Jobs, CronJobs and autoscalers: what is "
    "not as desired and why, rollouts, requests beside use, quotas. From kube-state-metrics; the "
    "use comes from cAdvisor. Names in the tables lead to the pods.",
    tags=["kubernetes", "workloads"],
    exporter=kube_state_metrics,
    nodes="all",
    variables=[choose_namespace()],
    refresh="1m",
    links=[TO_CONTAINERS, TO_VOLUMES, TO_KUBERNETES],
    panels=[
        bad(
            "Deployments",
            kube_deployments.deployments_unavailable(**OF),
            unit="suffix: degraded",
        ),
        bad(
            "StatefulSets",
            kube_statefulsets.statefulsets_unready(**OF),
            unit="suffix: degraded",
        ),
        bad(
            "DaemonSets",
            kube_daemonsets.daemonsets_unavailable(**OF),
            unit="suffix: degraded",
        ),
        bad("Jobs", kube_jobs.jobs_failed(**OF), unit="suffix: failed"),
        bad("Rollouts", kube_deployments.deployments_stuck(**OF), unit="suffix: stuck"),
        poor("CronJobs", kube_jobs.cronjobs_overdue(**OF), unit="suffix: overdue"),
        poor("HPAs at max", kube_limits.hpas_at_max(**OF)),
        bad("HPA metrics", kube_limits.hpas_without_metrics(**OF), unit="suffix: missing"),
        poor("PDBs not met", kube_limits.pdbs_not_met(**OF)),
        poor("Quotas", kube_limits.quotas_almost_full(**OF), unit="suffix: from 90%"),
        tile(
            "Paused",
            kube_deployments.deployments_paused(**OF),
            thresholds={None: "text", 1: "blue"},
            description="How many Deployments are paused: a change of theirs is not rolled out "
            "until somebody resumes them. Source: kube-state-metrics.",
        ),
        tile(
            "Restarts, 1 h",
            kube_workloads.total_restarts(**OF),
            thresholds={None: "text"},
            decimals=0,
        ),
        table(
            "Unhealthy workloads",
            NAMESPACE,
            column("Kind", label="kind", width=110),
            column("Workload", label="workload", links=NAMESPACE_LINK),
            reason(),
            column(
                "Available",
                kube_workloads.unhealthy_available(**OF),
                decimals=0,
                width=100,
                thresholds={None: "red", 0.001: "orange"},
            ),
            column("Missing", kube_workloads.unhealthy_workloads(**OF), width=90),
            description="Deployments and DaemonSets with fewer available pods, and StatefulSets "
            "with fewer ready pods, than desired, those in a rollout included; Jobs that have "
            "failed. The reason is why their pods are not ready, of several the one that weighs "
            "most: NodeNotReady, Unschedulable, ImagePullBackOff, OOMKilled, CrashLoopBackOff, "
            "another that a container waits for, or ContainersNotReady, where they run and do not "
            "pass their readiness probes. Empty while all is as desired. Source: "
            "kube-state-metrics.",
            sort_by="Available",
            sort_descending=False,
            width=16,
            height=8,
        ),
        table(
            "Workloads that restarted",
            column("Namespace", label="namespace", links=NAMESPACE_LINK, width=110),
            column("Workload", label="workload", links=NAMESPACE_LINK),
            column(
                "Restarts, 1 h",
                kube_workloads.workload_restarts(**OF),
                decimals=0,
                width=120,
                thresholds={None: "text", RESTARTS + 1: "orange"},
            ),
            description="Restarts of the containers of a workload's pods during the last hour, "
            "where there were any, also where all pods are available in between. Source: "
            "kube-state-metrics.",
            transformations=without("kind"),
            sort_by="Restarts, 1 h",
            width=8,
            height=8,
        ),
        table(
            "Pods of workloads that are not ready",
            NAMESPACE,
            column("Pod", label="pod", links=POD_LINK),
            reason(width=170),
            column("Kind", label="kind", width=110),
            column("Workload", label="workload"),
            column(
                "Ready",
                kube_workloads.unready_pods(**OF),
                mappings={1: ("No", "orange")},
                cell="color-text",
                width=70,
            ),
            sort_by="Namespace",
            sort_descending=False,
            width=16,
            height=6,
        ),
        alert_list(
            "Firing alerts",
            label_filter=ALERTS,
            states=["firing"],
            description="Alerts on workloads, autoscalers, disruption budgets, quotas and "
            "kube-state-metrics, of Prometheus and of Grafana, in all namespaces.",
            width=8,
            height=6,
        ),
    ],
    rows=[
        Row(
            "Deployments",
            [
                table(
                    "All Deployments",
                    NAMESPACE,
                    column("Deployment", label="deployment", links=NAMESPACE_LINK),
                    column(
                        "Rollout",
                        kube_deployments.deployment_rollout(**OF),
                        mappings=ROLLOUT,
                        cell="color-text",
                        width=110,
                    ),
                    column("Progressing", label="progressing"),
                    column("Desired", kube_deployments.deployment_desired(**OF), width=80),
                    column("Updated", kube_deployments.deployment_updated(**OF), width=80),
                    column("Ready", kube_deployments.deployment_ready(**OF), width=65),
                    column("Available", kube_deployments.deployment_available(**OF), width=90),
                    column(
                        "Missing",
                        kube_deployments.deployment_missing(**OF),
                        cell="color-text",
                        width=75,
                    ),
                    reason(),
                    column(
                        "Unseen changes",
                        kube_deployments.deployment_generation_lag(**OF),
                        width=130,
                        thresholds=ANY,
                    ),
                    description="One row for each Deployment. Rollout is paused where somebody "
                    "paused it, stuck where the condition Progressing is false, and in progress "
                    "while pods of the newest version are missing or old ones are left. Missing: "
                    "desired minus available, once no rollout has replaced a pod for 10 minutes. "
                    "Unseen changes are those that its controller has not taken note of "
                    "(generation and observed generation differ). Source: kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="Rollout",
                    height=9,
                ),
                lines(
                    "Missing pods of Deployments",
                    kube_deployments.deployment_short(**OF),
                    interpolation="stepAfter",
                    soft_max=5,
                    decimals=0,
                ),
                state_timeline(
                    "Stuck rollouts",
                    kube_deployments.deployment_rollout_stuck(**OF),
                    mappings={1: ("Stuck", "red")},
                    show_value="never",
                    legend="hidden",
                    width=12,
                ),
            ],
        ),
        Row(
            "StatefulSets and DaemonSets",
            [
                table(
                    "All StatefulSets",
                    NAMESPACE,
                    column("StatefulSet", label="statefulset", links=NAMESPACE_LINK),
                    column(
                        "Update",
                        kube_statefulsets.statefulset_rollout(**OF),
                        mappings=UPDATE,
                        cell="color-text",
                        width=110,
                    ),
                    column("Desired", kube_statefulsets.statefulset_desired(**OF), width=95),
                    column("Updated", kube_statefulsets.statefulset_updated(**OF), width=100),
                    column("Ready", kube_statefulsets.statefulset_ready(**OF), width=85),
                    column(
                        "Missing",
                        kube_statefulsets.statefulset_missing(**OF),
                        cell="color-text",
                        width=100,
                    ),
                    reason(),
                    column(
                        "Stuck on old version",
                        kube_statefulsets.statefulset_update_stuck(**OF),
                        cell="color-text",
                        width=185,
                    ),
                    column(
                        "Unseen changes",
                        kube_statefulsets.statefulset_generation_lag(**OF),
                        width=130,
                        thresholds=ANY,
                    ),
                    description="One row for each StatefulSet. An update waits where pods of the "
                    "old version are left and all pods are ready: it is done on deletion "
                    "(OnDelete), in part (partition), or is between two pods. It is stuck where it "
                    "has waited for ten minutes for a pod that is not ready. Unseen changes are "
                    "those that its controller has not taken note of. Source: "
                    "kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="Update",
                ),
                table(
                    "All DaemonSets",
                    NAMESPACE,
                    column("DaemonSet", label="daemonset", links=NAMESPACE_LINK),
                    column("Desired", kube_daemonsets.daemonset_desired(**OF), width=95),
                    column("Scheduled", kube_daemonsets.daemonset_scheduled(**OF), width=115),
                    column("Updated", kube_daemonsets.daemonset_updated(**OF), width=100),
                    column("Ready", kube_daemonsets.daemonset_ready(**OF), width=85),
                    column("Available", kube_daemonsets.daemonset_available(**OF), width=110),
                    column(
                        "Missing",
                        kube_daemonsets.daemonset_missing(**OF),
                        cell="color-text",
                        width=100,
                    ),
                    reason(),
                    column(
                        "Not scheduled",
                        kube_daemonsets.daemonset_not_scheduled(**OF),
                        width=160,
                        thresholds=ANY,
                    ),
                    column(
                        "Misscheduled",
                        kube_daemonsets.daemonset_misscheduled(**OF),
                        width=135,
                        thresholds=ANY,
                    ),
                    description="One row for each DaemonSet, in nodes. Desired are the nodes that "
                    "ought to run a pod, without those whose taints it does not tolerate; "
                    "misscheduled are nodes that run one and ought not to. Fewer updated than "
                    "available is normal for a DaemonSet that updates on deletion (OnDelete). "
                    "Source: kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="Missing",
                ),
                lines(
                    "Missing pods of StatefulSets",
                    kube_statefulsets.statefulset_short(**OF),
                    interpolation="stepAfter",
                    soft_max=5,
                    decimals=0,
                ),
                lines(
                    "Missing pods of DaemonSets",
                    kube_daemonsets.daemonset_short(**OF),
                    interpolation="stepAfter",
                    soft_max=5,
                    decimals=0,
                ),
            ],
        ),
        Row(
            "Jobs and CronJobs",
            [
                table(
                    "Failed and running Jobs",
                    NAMESPACE,
                    column("Job", label="job_name", links=NAMESPACE_LINK),
                    column(
                        "Failed",
                        kube_jobs.job_failed(**OF),
                        mappings={1: ("Failed", "red")},
                        cell="color-text",
                        width=75,
                    ),
                    reason(),
                    column(
                        "Failed, started",
                        kube_jobs.job_failed_age(**OF),
                        decimals=1,
                        width=125,
                    ),
                    column(
                        "Running for",
                        kube_jobs.job_running_for(**OF),
                        cell="color-text",
                        decimals=1,
                        width=110,
                    ),
                    column("Completions", kube_jobs.job_completions(**OF), width=105),
                    column("Succeeded", kube_jobs.job_succeeded(**OF), width=100),
                    description="Jobs that have failed for good, with how long ago they started, "
                    "and Jobs with running pods. A failed Job of a CronJob is left out once the "
                    f"CronJob has succeeded after it. More than {JOB_TIMEOUT // 3600} hours of "
                    "running alert. Source: kube-state-metrics.",
                    sort_by="Failed, started",
                    width=24,
                    height=7,
                ),
                table(
                    "All CronJobs",
                    NAMESPACE,
                    column("CronJob", label="cronjob", links=NAMESPACE_LINK),
                    column("Schedule", label="schedule", width=130),
                    column(
                        "Suspended",
                        kube_jobs.cronjob_suspended(**OF),
                        mappings={0: "No", 1: ("Yes", "blue")},
                        cell="color-text",
                        width=100,
                    ),
                    column("Active", kube_jobs.cronjob_active(**OF), width=75),
                    column(
                        "Last schedule",
                        kube_jobs.cronjob_since_schedule(**OF),
                        decimals=1,
                        width=125,
                    ),
                    column(
                        "Last success",
                        kube_jobs.cronjob_since_success(**OF),
                        decimals=1,
                        width=125,
                    ),
                    column(
                        "Overdue",
                        kube_jobs.cronjob_overdue(**OF),
                        decimals=1,
                        width=110,
                        thresholds={None: "text", 300: "orange"},
                    ),
                    description="One row for each CronJob: how long ago it last started a Job, and "
                    "how long ago one last succeeded. Overdue is the time since it ought to have "
                    "started one. Nothing where there was none. Source: kube-state-metrics.",
                    sort_by="Overdue",
                    width=24,
                    height=7,
                ),
            ],
        ),
        Row(
            "Autoscalers and disruption budgets",
            [
                table(
                    "Horizontal pod autoscalers",
                    NAMESPACE,
                    column("Autoscaler", label="horizontalpodautoscaler", links=NAMESPACE_LINK),
                    column("Kind", label="scaletargetref_kind", width=105),
                    column("Target", label="scaletargetref_name"),
                    column(
                        "State",
                        kube_limits.hpa_state(**OF),
                        mappings=SCALING,
                        cell="color-text",
                        width=115,
                    ),
                    column("Current", kube_limits.hpa_current(**OF), width=95),
                    column("Desired", kube_limits.hpa_desired(**OF), width=95),
                    column("Min", kube_limits.hpa_min(**OF), width=70),
                    column("Max", kube_limits.hpa_max(**OF), width=75),
                    column("At max", kube_limits.hpa_at_max(**OF), cell="color-text", width=90),
                    column("Away", kube_limits.hpa_mismatch(**OF), cell="color-text", width=80),
                    description="One row for each horizontal pod autoscaler, in pods of its "
                    "target. No metrics means that it cannot work out a number (the condition "
                    "ScalingActive is not true); its desired number is old then, or 0. Away is how "
                    "far the target has been from the desired number for 15 minutes. Source: "
                    "kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="State",
                ),
                table(
                    "Pod disruption budgets",
                    NAMESPACE,
                    column("Budget", label="poddisruptionbudget", links=NAMESPACE_LINK),
                    column("Pods", kube_limits.pdb_pods(**OF), width=60),
                    column("Desired", kube_limits.pdb_desired(**OF), width=80),
                    column("Healthy", kube_limits.pdb_healthy(**OF), width=80),
                    column("Missing", kube_limits.pdb_missing(**OF), width=95, thresholds=ANY),
                    column("Evictable", kube_limits.pdb_allowed(**OF), width=90),
                    description="One row for each pod disruption budget: its pods, and how many of "
                    "them ought to be and are healthy. Evictable are the pods that may be evicted "
                    "now; at 0 a drain of their nodes waits. Source: kube-state-metrics.",
                    sort_by="Missing",
                    width=12,
                ),
                lines(
                    f"Pods of autoscaled targets, top {TOP}",
                    kube_limits.hpa_current(**OF).top(TOP),
                    interpolation="stepAfter",
                    soft_max=5,
                    decimals=0,
                    width=12,
                ),
            ],
        ),
        Row(
            "Requests and use",
            [
                table(
                    "CPU of workloads",
                    NAMESPACE,
                    column("Workload", label="workload", links=NAMESPACE_LINK),
                    column(
                        "Of requests",
                        kube_requests.workload_cpu_of_requests(**OF),
                        decimals=0,
                        width=120,
                        thresholds=OF_REQUESTS,
                    ),
                    column(
                        "Used",
                        kube_requests.workload_cpu_used(**OF),
                        decimals=3,
                        width=85,
                    ),
                    column(
                        "Requests",
                        kube_requests.workload_cpu_requests(**OF),
                        decimals=3,
                        width=105,
                    ),
                    column(
                        "Unused",
                        kube_requests.workload_cpu_unused(**OF),
                        decimals=3,
                        width=110,
                    ),
                    column(
                        "Limits",
                        kube_requests.workload_cpu_limits(**OF),
                        decimals=3,
                        width=85,
                    ),
                    description="The pods of each workload together, now: cores beside what they "
                    "request and may use. Unused is what they request and do not use. Of requests: "
                    "blue below 20% (requests more than it uses), orange from 100% (uses more than "
                    "it requests). Look at the use over days before you change requests. Pods that "
                    "no workload owns are left out. Source: cAdvisor and kube-state-metrics.",
                    overrides=[FILTERED],
                    transformations=without("kind"),
                    sort_by="Unused",
                    width=12,
                    height=10,
                ),
                table(
                    "Memory of workloads",
                    NAMESPACE,
                    column("Workload", label="workload", links=NAMESPACE_LINK),
                    column(
                        "Of requests",
                        kube_requests.workload_memory_of_requests(**OF),
                        decimals=0,
                        width=120,
                        thresholds=OF_REQUESTS,
                    ),
                    column(
                        "Used",
                        kube_requests.workload_memory_used(**OF),
                        decimals=1,
                        width=85,
                    ),
                    column(
                        "Requests",
                        kube_requests.workload_memory_requests(**OF),
                        decimals=1,
                        width=105,
                    ),
                    column(
                        "Unused",
                        kube_requests.workload_memory_unused(**OF),
                        decimals=1,
                        width=110,
                    ),
                    column(
                        "Limits",
                        kube_requests.workload_memory_limits(**OF),
                        decimals=1,
                        width=85,
                    ),
                    description="The pods of each workload together, now: working set beside what "
                    "they request and may use. Unused is what they request and do not use. Of "
                    "requests: blue below 20% (requests more than it uses), orange from 100% (uses "
                    "more than it requests). Look at the use over days before you change requests. "
                    "Pods that no workload owns are left out. Source: cAdvisor and "
                    "kube-state-metrics.",
                    overrides=[FILTERED],
                    transformations=without("kind"),
                    sort_by="Unused",
                    width=12,
                    height=10,
                ),
            ],
        ),
        Row(
            "Quotas",
            [
                table(
                    "Quotas by resource",
                    NAMESPACE,
                    column("Quota", label="resourcequota"),
                    column("Resource", label="resource"),
                    column(
                        "Share used",
                        kube_limits.quota_used_share(**OF),
                        decimals=1,
                        width=135,
                        thresholds={None: "green", QUOTA_ALMOST_FULL: "orange", 1: "red"},
                    ),
                    column("Used", kube_limits.quota_used(**OF), width=85),
                    column("Hard", kube_limits.quota_hard(**OF), width=85),
                    column("Used size", kube_limits.quota_used_size(**OF), decimals=1, width=100),
                    column("Hard size", kube_limits.quota_hard_size(**OF), decimals=1, width=100),
                    description="One row for each resource of a quota: cores and objects, or the "
                    "size of memory and storage. A quota of 0 has no share. Source: "
                    "kube-state-metrics.",
                    overrides=[FILTERED],
                    sort_by="Share used",
                    height=9,
                ),
                lines(
                    f"Quotas, share used, top {TOP}",
                    kube_limits.quota_used_share(**OF).top(TOP),
                    thresholds={QUOTA_ALMOST_FULL: "orange", 1: "red"},
                    soft_max=1,
                ),
                lines(
                    "All quotas of what nodes have",
                    kube_limits.quota_cpu_overcommit,
                    kube_limits.quota_memory_overcommit,
                    description="CPU and memory requests that the quotas of all namespaces allow "
                    "together, of what all nodes have for pods. Above 100% not all namespaces can "
                    f"take what they may; more than {QUOTA_OVERCOMMIT:.0%} alerts. Source: "
                    "kube-state-metrics.",
                    soft_max=1,
                ),
            ],
        ),
        Row(
            "kube-state-metrics",
            [
                lines(
                    "Failed lists and watches",
                    kube_limits.list_errors,
                    kube_limits.watch_errors,
                    description="Share of kube-state-metrics' own requests for lists and watches "
                    f"that fail; more than {LIST_ERRORS:.0%} alerts. Nothing where its telemetry "
                    "port is not scraped. Source: kube-state-metrics.",
                    soft_max=0.05,
                    max=1,
                    width=16,
                ),
                stat(
                    "Shards missing",
                    kube_limits.shards_missing,
                    mappings=NO_DATA,
                    text="value",
                    thresholds={1: "red"},
                    height=8,
                ),
                stat(
                    "Shards differ",
                    kube_limits.shards_mismatch,
                    mappings=NO_DATA,
                    text="value",
                    thresholds={1: "red"},
                    height=8,
                ),
            ],
            collapsed=True,
        ),
    ],
)
