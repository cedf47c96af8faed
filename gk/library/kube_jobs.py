"""Snippets of Jobs and CronJobs: what has failed, what runs, what is overdue. kube-state-metrics
2.0 and later; see gk.library.kube_workloads.
"""

from __future__ import annotations

from gk.library._workloads import CRONJOB, JOB, by, counted, with_reason
from gk.library.kube_state_metrics import exporter, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "failed_jobs", "failure_reasons", "job_series", "snippet"]

# Jobs


def job_series(s: Scope, metric: str, namespace: str | None, **equal: object) -> str:
    """A series of Jobs."""
    return by(s, JOB, f"kube_job_{metric}", namespace=namespace, **equal)


def _cronjob_of(s: Scope, namespace: str | None) -> str:
    """The CronJob of each Job that has one, as the label of a 1."""
    owners = s.all_nodes.select("kube_job_owner", owner_kind="CronJob", namespace=namespace)
    named = f'label_join({owners}, "cronjob", "", "owner_name")'
    return f"topk by ({JOB}) (1, max by ({JOB}, cronjob) ({named}))"


def failed_jobs(s: Scope, namespace: str | None) -> str:
    """Failed Jobs, but for those of a CronJob that has succeeded since."""
    failed = f"{job_series(s, 'failed', namespace, condition='true')} == 1"
    started = (
        f"{job_series(s, 'status_start_time', namespace)} "
        f"* on ({JOB}) group_left (cronjob) {_cronjob_of(s, namespace)}"
    )
    succeeded = by(s, CRONJOB, "kube_cronjob_status_last_successful_time", namespace=namespace)
    past = f"({started}) < on ({CRONJOB}) group_left () {succeeded}"
    return f"({failed} unless on ({JOB}) ({past}))"


def failure_reasons(s: Scope, namespace: str | None) -> str:
    """Why Jobs have failed, each as 0."""
    reasons = s.all_nodes.select("kube_job_status_failed", 'reason!=""', namespace=namespace)
    return f"0 * topk by ({JOB}) (1, max by ({JOB}, reason) ({reasons} == 1))"


@snippet(unit="short", legend="{{namespace}}/{{job_name}} {{reason}}")
def job_failed(s: Scope, namespace: str | None = None) -> str:
    """Jobs that have failed for good, each as 1, with the reason: BackoffLimitExceeded (its pods
    failed too often) or DeadlineExceeded (it took too long). A Job of a CronJob is left out once
    the CronJob has succeeded after it. Source: kube-state-metrics."""
    return with_reason(failed_jobs(s, namespace), "job_name", failure_reasons(s, namespace))


@snippet(unit="s", legend="{{namespace}}/{{job_name}}")
def job_failed_age(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a Job started that has failed for good. Source: kube-state-metrics."""
    started = job_series(s, "status_start_time", namespace)
    return f"time() - ({started} and on ({JOB}) {failed_jobs(s, namespace)})"


@snippet(unit="short", legend="{{namespace}}/{{job_name}} wanted")
def job_completions(s: Scope, namespace: str | None = None) -> str:
    """Pods of a failed or running Job that ought to succeed. Source: kube-state-metrics."""
    return _of_open_jobs(s, "spec_completions", namespace)


@snippet(unit="short", legend="{{namespace}}/{{job_name}} succeeded")
def job_succeeded(s: Scope, namespace: str | None = None) -> str:
    """Pods of a failed or running Job that have succeeded. Source: kube-state-metrics."""
    return _of_open_jobs(s, "status_succeeded", namespace)


def _of_open_jobs(s: Scope, metric: str, namespace: str | None) -> str:
    active = f"{job_series(s, 'status_active', namespace)} > 0"
    is_open = f"{failed_jobs(s, namespace)} or {active}"
    return f"{job_series(s, metric, namespace)} and on ({JOB}) ({is_open})"


@snippet(unit="s", legend="{{namespace}}/{{job_name}}")
def job_running_for(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a Job started that has running pods. Source: kube-state-metrics."""
    started = job_series(s, "status_start_time", namespace)
    return f"time() - ({started} and {job_series(s, 'status_active', namespace)} > 0)"


@snippet(unit="short", legend="failed")
def jobs_failed(s: Scope, namespace: str | None = None) -> str:
    """How many Jobs have failed for good, without those of a CronJob that has succeeded since.
    Source: kube-state-metrics."""
    return counted(failed_jobs(s, namespace), job_series(s, "info", namespace))


# CronJobs


def _cronjob(s: Scope, metric: str, namespace: str | None) -> str:
    return by(s, CRONJOB, f"kube_cronjob_{metric}", namespace=namespace)


@snippet(unit="short", legend="{{namespace}}/{{cronjob}} {{schedule}}")
def cronjob_suspended(s: Scope, namespace: str | None = None) -> str:
    """Whether a CronJob is suspended, 1 or 0, with its schedule: nothing of it is started until
    somebody resumes it. Source: kube-state-metrics."""
    schedules = by(s, f"{CRONJOB}, schedule", "kube_cronjob_info", namespace=namespace)
    suspended = _cronjob(s, "spec_suspend", namespace)
    return (
        f"{suspended} * on ({CRONJOB}) group_left (schedule) topk by ({CRONJOB}) (1, {schedules})"
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
