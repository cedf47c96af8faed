"""Workloads, as kube-state-metrics knows them: first what is not as desired, then a row for each
kind, then requests beside use, and quotas.

A workload is a Deployment, StatefulSet, DaemonSet, Job or CronJob. Names lead to Containers, which
shows what they use.
"""

from functools import partial

from alerts.cadvisor import RESTARTS
from dashboards.no_data import BLANK, NO_DATA, NOTHING
from dashboards.workloads_kinds import kinds
from dashboards.workloads_limits import limits
from dashboards.workloads_parts import (
    FOLDER,
    NAMESPACE,
    NAMESPACE_LINK,
    OF,
    POD_LINK,
    TO_CONTAINERS,
    TO_KUBERNETES,
    TO_VOLUMES,
    choose_namespace,
    reason,
    without,
)
from gk import Dashboard, alert_list, column, stat, table
from gk.library import (
    kube_daemonsets,
    kube_deployments,
    kube_jobs,
    kube_limits,
    kube_state_metrics,
    kube_statefulsets,
    kube_workloads,
)

ALERTS = (
    '{alertname=~"Kube(Deployment|StatefulSet|DaemonSet|Job|Hpa|Pdb|Quota|CPUQuota|MemoryQuota'
    '|StateMetrics).*"}'
)
tile = partial(stat, text="value", height=3, mappings=NO_DATA)
bad = partial(tile, thresholds={1: "red"})
poor = partial(tile, thresholds={1: "orange"})

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
            no_value=NOTHING,
            overrides=[BLANK],
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
            no_value=NOTHING,
            overrides=[BLANK],
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
            no_value=NOTHING,
            overrides=[BLANK],
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
    rows=[*kinds, *limits],
)
