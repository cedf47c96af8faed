"""What kube-state-metrics sends beside the inventory: workloads, autoscalers, budgets, quotas and
volumes in trouble and out of it, and its own telemetry.

Every kind has one that is well and, for each way to be in trouble, one that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tests.exporters.exposition import Family, counter, gauge, started_at
from tests.exporters.inventory import GI, WORKER

__all__ = ["added_to"]

_STATUSES = ("true", "false", "unknown")
_HOUR = 3600.0
Rows = list[tuple[Mapping[str, str], float]]


def added_to(families: Iterable[Family]) -> Iterator[Family]:
    """Return the families with our samples: added to those of the same name, and the others at the
    end."""
    ours = {family.name: family for family in _families(float(int(started_at())))}
    for family in families:
        more = ours.pop(family.name, None)
        yield replace(family, samples=family.samples + more.samples) if more else family
    yield from ours.values()


def _families(created: float) -> Iterator[Family]:
    rows: dict[str, Rows] = {}
    for name, labels, value in (
        *_deployments(),
        *_stateful_sets(),
        *_daemon_sets(),
        *_pods(),
        *_jobs(created),
        *_cron_jobs(created),
        *_autoscalers(),
        *_budgets(),
        *_quotas(),
        *_claims(created),
        *_volumes(),
    ):
        rows.setdefault(name, []).append((labels, value))
    for name, samples in rows.items():
        yield gauge(name, name.removeprefix("kube_").replace("_", " ").capitalize() + ".", samples)
    yield from _telemetry()


Row = tuple[str, Mapping[str, str], float]


def _shop(**labels: str) -> dict[str, str]:
    return {"namespace": "shop", **labels}


def _status(name: str, labels: Mapping[str, str], status: str, key: str = "status") -> list[Row]:
    return [(name, {**labels, key: state}, float(state == status)) for state in _STATUSES]


def _numbers(prefix: str, labels: Mapping[str, str], **values: float) -> list[Row]:
    return [(f"{prefix}_{name}", labels, value) for name, value in values.items()]


def _deployments() -> Iterator[Row]:
    # Name, desired, available, updated, all pods, paused, generations, Progressing: status, reason.
    for name, desired, fit, updated, pods, paused, lag, status, reason in (
        ("checkout", 3, 2, 1, 4, 0, 0, "false", "ProgressDeadlineExceeded"),
        ("cart", 2, 0, 2, 2, 0, 0, "true", "NewReplicaSetAvailable"),
        ("gateway", 4, 3, 4, 4, 0, 0, "true", "ReplicaSetUpdated"),
        ("search", 2, 2, 0, 2, 1, 0, "unknown", "DeploymentPaused"),
        ("mail", 1, 1, 1, 1, 0, 1, "true", "NewReplicaSetAvailable"),
        ("batch", 2, 0, 0, 0, 0, 0, "true", "ReplicaSetUpdated"),
    ):
        labels = _shop(deployment=name)
        yield from _numbers(
            "kube_deployment",
            labels,
            spec_replicas=desired,
            spec_paused=paused,
            status_replicas=pods,
            status_replicas_ready=fit,
            status_replicas_available=fit,
            status_replicas_unavailable=max(desired - fit, 0),
            status_replicas_updated=updated,
            metadata_generation=4 + lag,
            status_observed_generation=4,
        )
        condition = "kube_deployment_status_condition"
        progressing = {**labels, "condition": "Progressing", "reason": reason}
        yield from _status(condition, progressing, status)
        available = {**labels, "condition": "Available", "reason": "MinimumReplicasAvailable"}
        yield from _status(condition, available, "true" if fit else "false")
        if name == "batch":
            refused = {**labels, "condition": "ReplicaFailure", "reason": "unknown"}
            yield from _status(condition, refused, "true")


def _stateful_sets() -> Iterator[Row]:
    # The second updates on deletion: all ready, none updated.
    for name, desired, ready, updated in (("cache", 3, 2, 1), ("archive", 2, 2, 0)):
        labels = _shop(statefulset=name)
        yield from _numbers(
            "kube_statefulset",
            labels,
            replicas=desired,
            status_replicas=desired,
            status_replicas_ready=ready,
            status_replicas_available=ready,
            status_replicas_current=desired - updated,
            status_replicas_updated=updated,
            metadata_generation=2,
            status_observed_generation=2,
        )
        for which, revision in (("current", "5d8c"), ("update", "7f9b")):
            revised = {**labels, "revision": f"{name}-{revision}"}
            yield f"kube_statefulset_status_{which}_revision", revised, 1
    whole = {"namespace": "shop", "statefulset": "db", "revision": "db-6c4f"}
    for which in ("current", "update"):
        yield f"kube_statefulset_status_{which}_revision", whole, 1


def _daemon_sets() -> Iterator[Row]:
    labels = _shop(daemonset="node-agent")
    yield from _numbers(
        "kube_daemonset",
        labels,
        metadata_generation=3,
        status_observed_generation=3,
        status_desired_number_scheduled=3,
        status_current_number_scheduled=2,
        status_number_ready=1,
        status_number_available=1,
        status_number_unavailable=2,
        status_number_misscheduled=1,
        status_updated_number_scheduled=2,
    )


def _pods() -> Iterator[Row]:
    """Pods of the workloads above that are not ready, with what their containers wait for."""
    for namespace, pod, kind, owner, waiting, killed in (
        ("shop", "checkout-6f7d-x2x4z", "ReplicaSet", "checkout-6f7d", "ImagePullBackOff", ""),
        ("shop", "cart-5c6b-k8s2q", "ReplicaSet", "cart-5c6b", "CrashLoopBackOff", "OOMKilled"),
        ("shop", "gateway-8d9f-p4vnm", "ReplicaSet", "gateway-8d9f", "", ""),
        ("shop", "cache-2", "StatefulSet", "cache", "CrashLoopBackOff", "Error"),
        ("shop", "node-agent-t7rwq", "DaemonSet", "node-agent", "ContainerCreating", ""),
    ):
        labels = {"namespace": namespace, "pod": pod, "uid": f"uid-of-{pod}"}
        node = "" if not waiting else WORKER.name
        info = {"node": node, "created_by_kind": kind, "created_by_name": owner}
        yield "kube_pod_info", {**labels, **info, "host_network": "false"}, 1
        owned = {"owner_kind": kind, "owner_name": owner, "owner_is_controller": "true"}
        yield "kube_pod_owner", {**labels, **owned}, 1
        if kind == "ReplicaSet":
            above = {
                "namespace": namespace,
                "replicaset": owner,
                "owner_kind": "Deployment",
                "owner_name": owner.split("-")[0],
                "owner_is_controller": "true",
            }
            yield "kube_replicaset_owner", above, 1
        phase = "Running" if waiting == "CrashLoopBackOff" else "Pending"
        for state in ("Pending", "Succeeded", "Failed", "Unknown", "Running"):
            yield "kube_pod_status_phase", {**labels, "phase": state}, float(state == phase)
        yield from _status("kube_pod_status_ready", labels, "false", "condition")
        container = {**labels, "container": "main"}
        if waiting:
            reason = {**container, "reason": waiting}
            yield "kube_pod_container_status_waiting_reason", reason, 1
        else:
            yield "kube_pod_status_unschedulable", labels, 1
        if killed:
            reason = {**container, "reason": killed}
            yield "kube_pod_container_status_last_terminated_reason", reason, 1
    init = _shop(pod="checkout-6f7d-x2x4z", container="migrate", reason="PodInitializing")
    yield "kube_pod_init_container_status_waiting_reason", init, 1


def _jobs(created: float) -> Iterator[Row]:
    # Name, completions, succeeded, failed pods, active, started, CronJob, reason of its failure.
    for name, wanted, succeeded, failed, active, started, cronjob, reason in (
        ("import", 5, 2, 4, 0, created, "", "BackoffLimitExceeded"),
        ("reindex", 1, 0, 0, 1, created - 12 * _HOUR, "", ""),
        ("report-29707813", 1, 0, 3, 0, created - 9 * _HOUR, "report", "DeadlineExceeded"),
        ("report-29707814", 1, 1, 0, 0, created - _HOUR, "report", ""),
    ):
        labels = _shop(job_name=name)
        yield from _numbers(
            "kube_job",
            labels,
            info=1,
            created=started,
            spec_completions=wanted,
            spec_parallelism=1,
            status_active=active,
            status_ready=active,
            status_succeeded=succeeded,
            status_start_time=started,
        )
        owned = {
            "owner_kind": "CronJob" if cronjob else "",
            "owner_name": cronjob,
            "owner_is_controller": "true" if cronjob else "",
        }
        yield "kube_job_owner", {**labels, **owned}, 1
        if reason:
            yield from _status("kube_job_failed", labels, "true", "condition")
            for cause in ("BackoffLimitExceeded", "DeadlineExceeded", "Evicted"):
                row = {**labels, "reason": cause}
                yield "kube_job_status_failed", row, float(cause == reason)
        else:
            yield "kube_job_status_failed", labels, failed
        if succeeded == wanted:
            yield from _status("kube_job_complete", labels, "true", "condition")
            yield "kube_job_status_completion_time", labels, started + 60


def _cron_jobs(created: float) -> Iterator[Row]:
    day = 24 * _HOUR
    # Name, schedule, suspended, last start, last success, next start.
    for name, schedule, suspended, last, succeeded, coming in (
        ("report", "0 * * * *", 0, created - _HOUR, created - _HOUR + 60, created + day),
        ("invoice", "*/5 * * * *", 0, created - 5 * _HOUR, created - 6 * _HOUR, created),
        ("cleanup", "@daily", 1, created - 40 * day, created - 40 * day + 30, 0.0),
    ):
        labels = _shop(cronjob=name)
        info = {"schedule": schedule, "concurrency_policy": "Forbid", "timezone": "local"}
        yield "kube_cronjob_info", {**labels, **info}, 1
        yield from _numbers(
            "kube_cronjob",
            labels,
            created=created - 60 * day,
            spec_suspend=suspended,
            status_active=0,
            status_last_schedule_time=last,
            status_last_successful_time=succeeded,
        )
        if not suspended:
            yield "kube_cronjob_next_schedule_time", labels, coming


def _autoscalers() -> Iterator[Row]:
    # Name, current, desired, fewest, most, whether it gets metrics.
    for name, current, desired, fewest, most, active in (
        ("web", 2, 2, 1, 10, "true"),
        ("checkout", 3, 3, 1, 3, "true"),
        ("gateway", 4, 6, 2, 8, "true"),
        ("search", 2, 0, 1, 5, "false"),
    ):
        labels = _shop(horizontalpodautoscaler=name)
        target = {
            "scaletargetref_api_version": "apps/v1",
            "scaletargetref_kind": "Deployment",
            "scaletargetref_name": name,
        }
        yield "kube_horizontalpodautoscaler_info", {**labels, **target}, 1
        yield from _numbers(
            "kube_horizontalpodautoscaler",
            labels,
            spec_min_replicas=fewest,
            spec_max_replicas=most,
            status_current_replicas=current,
            status_desired_replicas=desired,
        )
        for condition, status in (
            ("AbleToScale", "true"),
            ("ScalingActive", active),
            ("ScalingLimited", "true" if current == most else "false"),
        ):
            yield from _status(
                "kube_horizontalpodautoscaler_status_condition",
                {**labels, "condition": condition},
                status,
            )


def _budgets() -> Iterator[Row]:
    # Name, pods, healthy, desired; the last is of a workload that is scaled to 0.
    for name, pods, healthy, desired in (("web", 2, 2, 1), ("cache", 3, 2, 3), ("idle", 0, 0, 1)):
        yield from _numbers(
            "kube_poddisruptionbudget_status",
            _shop(poddisruptionbudget=name),
            expected_pods=pods,
            current_healthy=healthy,
            desired_healthy=desired,
            pod_disruptions_allowed=max(healthy - desired, 0),
        )


def _quotas() -> Iterator[Row]:
    for resource, hard, used in (
        ("requests.cpu", 4, 3.8),
        ("requests.memory", 8 * GI, 3 * GI),
        ("pods", 20, 20),
        ("configmaps", 50, 60),
        ("services.nodeports", 0, 0),
    ):
        labels = _shop(resourcequota="team", resource=resource)
        yield "kube_resourcequota", {**labels, "type": "hard"}, float(hard)
        yield "kube_resourcequota", {**labels, "type": "used"}, float(used)


def _claims(created: float) -> Iterator[Row]:
    # Name, phase, class, size, pod that uses it, whether that is all it is for.
    for name, phase, storage_class, size, pod, ephemeral in (
        ("data-db-0", "Bound", "fast", 10, "db-0", "false"),
        ("uploads", "Bound", "standard", 50, "web-7c9d5f8b6d-2rjpb", "false"),
        ("web-7c9d5f8b6d-2rjpb-tmp", "Bound", "fast", 1, "web-7c9d5f8b6d-2rjpb", "true"),
        ("catalog", "Bound", "standard", 5, "web-7c9d5f8b6d-2rjpb", "false"),
        ("data-cache-2", "Pending", "fastest", 10, "cache-2", "false"),
        ("reports", "Pending", "fast", 5, "", ""),
        ("legacy", "Lost", "standard", 2, "", ""),
    ):
        labels = _shop(persistentvolumeclaim=name)
        info = {
            "storageclass": storage_class,
            "volumename": "" if phase == "Pending" else f"pvc-{name}",
            "volumemode": "Filesystem",
        }
        yield "kube_persistentvolumeclaim_info", {**labels, **info}, 1
        yield "kube_persistentvolumeclaim_created", labels, created
        yield "kube_persistentvolumeclaim_resource_requests_storage_bytes", labels, size * GI
        mode = "ReadOnlyMany" if name == "catalog" else "ReadWriteOnce"
        yield "kube_persistentvolumeclaim_access_mode", {**labels, "access_mode": mode}, 1
        for state in ("Lost", "Bound", "Pending"):
            row = {**labels, "phase": state}
            yield "kube_persistentvolumeclaim_status_phase", row, float(state == phase)
        if pod:
            use = {"pod": pod, "uid": f"uid-of-{pod}", "volume": "data", "ephemeral": ephemeral}
            yield "kube_pod_spec_volumes_persistentvolumeclaims_info", {**labels, **use}, 1


def _volumes() -> Iterator[Row]:
    for name, phase, storage_class, claim in (
        ("pvc-data-db-0", "Bound", "fast", "data-db-0"),
        ("pvc-uploads", "Bound", "standard", "uploads"),
        ("pvc-web-7c9d5f8b6d-2rjpb-tmp", "Bound", "fast", "web-7c9d5f8b6d-2rjpb-tmp"),
        ("pvc-catalog", "Bound", "standard", "catalog"),
        ("pvc-old", "Released", "standard", "old"),
        ("pvc-broken", "Failed", "fast", "broken"),
        ("spare", "Available", "manual", ""),
    ):
        labels = {"persistentvolume": name}
        info = {**labels, "storageclass": storage_class, "csi_driver": "", "nfs_server": ""}
        yield "kube_persistentvolume_info", info, 1
        yield "kube_persistentvolume_capacity_bytes", labels, 10 * GI
        for state in ("Pending", "Available", "Bound", "Released", "Failed"):
            row = {**labels, "phase": state}
            yield "kube_persistentvolume_status_phase", row, float(state == phase)
        if claim:
            reference = {**labels, "name": claim, "claim_namespace": "shop"}
            yield "kube_persistentvolume_claim_ref", reference, 1
    for name, provisioner, binding in (
        ("fast", "ebs.csi.aws.com", "WaitForFirstConsumer"),
        ("standard", "rancher.io/local-path", "Immediate"),
        ("manual", "kubernetes.io/no-provisioner", "WaitForFirstConsumer"),
    ):
        class_ = {
            "storageclass": name,
            "provisioner": provisioner,
            "reclaim_policy": "Delete",
            "volume_binding_mode": binding,
        }
        yield "kube_storageclass_info", class_, 1


def _telemetry() -> Iterator[Family]:
    """What comes from the port of its own (--telemetry-port), here with the rest."""
    resources = [{"resource": f"*v1.{kind}"} for kind in ("Pod", "Deployment", "Job")]
    for what in ("list", "watch"):
        yield counter(
            f"kube_state_metrics_{what}_total",
            f"Number of total resource {what}es.",
            [
                ({**resource, "result": result}, rate)
                for resource in resources
                for result, rate in (("success", 2.0), ("error", 0.5))
            ],
        )
    yield gauge("kube_state_metrics_total_shards", "Number of shards.", [({}, 1)])
    ordinal = [({"shard_ordinal": "0"}, 0.0)]
    yield gauge("kube_state_metrics_shard_ordinal", "Number of this shard.", ordinal)
