"""The rows of workloads on single kinds: Deployments, StatefulSets, DaemonSets, Jobs, CronJobs."""

from alerts.workloads import JOB_TIMEOUT
from dashboards.workloads_parts import ANY, FILTERED, NAMESPACE, NAMESPACE_LINK, OF, counts, reason
from gk import Row, column, state_timeline, table
from gk.define.fields import Mappings
from gk.library import kube_daemonsets, kube_deployments, kube_jobs, kube_statefulsets

ROLLOUT: Mappings = {
    0: ("Complete", "green"),
    1: ("In progress", "blue"),
    2: ("Paused", "yellow"),
    3: ("Stuck", "red"),
    4: ("Not seen by the controller", "orange"),
}
UPDATE: Mappings = {**ROLLOUT, 2: ("Waiting", "blue")}


kinds = [
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
            counts(
                "Missing pods of Deployments",
                kube_deployments.deployment_short(**OF),
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
            counts(
                "Missing pods of StatefulSets",
                kube_statefulsets.statefulset_short(**OF),
            ),
            counts(
                "Missing pods of DaemonSets",
                kube_daemonsets.daemonset_short(**OF),
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
]
