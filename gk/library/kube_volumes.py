"""Snippets of persistent volumes and claims, as the API server knows them: phase, class, size, and
the pods that use a claim. kube-state-metrics 2.0 and later.

What is in them comes from the kubelet (gk.library.volumes).
https://github.com/kubernetes/kube-state-metrics/tree/main/docs
"""

from __future__ import annotations

from gk.library.kube_state_metrics import exporter
from gk.promql.snippet import Scope

__all__ = ["snippet"]

snippet = exporter.snippet

_CLAIM = "namespace, persistentvolumeclaim"
_VOLUME = "persistentvolume"


def _claims(s: Scope, labels: str, what: str, namespace: str | None, **equal: object) -> str:
    claims = s.all_nodes.select(f"kube_persistentvolumeclaim_{what}", namespace=namespace, **equal)
    return f"max by ({labels}) ({claims})"


@snippet(unit="short", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claims_read_only(s: Scope, namespace: str | None = None) -> str:
    """Claims that pods may only read (ReadOnlyMany), each as 1. Source: kube-state-metrics."""
    return f"{_claims(s, _CLAIM, 'access_mode', namespace, access_mode='ReadOnlyMany')} == 1"


def _classes(s: Scope, namespace: str | None) -> str:
    """Class of each claim, as the label of a 1."""
    labels = f"{_CLAIM}, storageclass"
    return f"topk by ({_CLAIM}) (1, {_claims(s, labels, 'info', namespace)})"


def _phases(s: Scope, namespace: str | None, *phases: str) -> str:
    """The phase of each claim, as the label of a 1."""
    given = _claims(s, f"{_CLAIM}, phase", "status_phase", namespace, phase=list(phases) or None)
    return f"topk by ({_CLAIM}) (1, {given} == 1)"


@snippet(unit="bytes", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_requested(s: Scope, namespace: str | None = None) -> str:
    """Space that a claim asks for, in bytes, with its phase and class. Source:
    kube-state-metrics."""
    requested = _claims(s, _CLAIM, "resource_requests_storage_bytes", namespace)
    return (
        f"{requested} * on ({_CLAIM}) group_left (storageclass) "
        f"{_classes(s, namespace)} "
        f"* on ({_CLAIM}) group_left (phase) {_phases(s, namespace)}"
    )


@snippet(unit="short", legend="{{phase}}")
def claims_by_phase(s: Scope, namespace: str | None = None) -> str:
    """Claims by phase: Bound have their volume, Pending wait for one, Lost had one that is gone.
    Source: kube-state-metrics."""
    return f"sum by (phase) ({_claims(s, f'{_CLAIM}, phase', 'status_phase', namespace)})"


def _in_phase(s: Scope, phase: str, namespace: str | None) -> str:
    given = _claims(s, f"{_CLAIM}, phase", "status_phase", namespace, phase=phase)
    return f"sum({given})"


@snippet(unit="short", legend="pending")
def claims_pending(s: Scope, namespace: str | None = None) -> str:
    """How many claims wait for a volume. One whose class waits for its first pod
    (WaitForFirstConsumer) may wait as long as it likes. Source: kube-state-metrics."""
    return _in_phase(s, "Pending", namespace)


@snippet(unit="short", legend="lost")
def claims_lost(s: Scope, namespace: str | None = None) -> str:
    """How many claims have lost their volume. Source: kube-state-metrics."""
    return _in_phase(s, "Lost", namespace)


@snippet(unit="s", legend="{{namespace}}/{{persistentvolumeclaim}} {{storageclass}}")
def claim_pending_for(s: Scope, namespace: str | None = None) -> str:
    """Seconds since a claim was created that waits for a volume, with its class. Source:
    kube-state-metrics."""
    pending = _claims(s, _CLAIM, "status_phase", namespace, phase="Pending")
    created = _claims(s, _CLAIM, "created", namespace)
    return (
        f"(time() - ({created} and on ({_CLAIM}) {pending} == 1)) "
        f"* on ({_CLAIM}) group_left (storageclass) {_classes(s, namespace)}"
    )


@snippet(unit="short", legend="{{namespace}}/{{persistentvolumeclaim}} {{volume_binding_mode}}")
def claim_pending_binding(s: Scope, namespace: str | None = None) -> str:
    """Claims that wait for a volume, each as 1, with their class and when it binds them: Immediate,
    or WaitForFirstConsumer, which waits for a pod that uses the claim. A claim whose class does not
    exist has none. Source: kube-state-metrics."""
    classes = s.all_nodes.select("kube_storageclass_info")
    binding = (
        "topk by (storageclass) (1, max by (storageclass, volume_binding_mode, provisioner) "
        f"({classes}))"
    )
    pending = f"({claim_pending_for(s, namespace=namespace)} >= bool 0)"
    joined = (
        f"{pending} * on (storageclass) group_left (volume_binding_mode, provisioner) {binding}"
    )
    return f"{joined} or on ({_CLAIM}) {pending}"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{persistentvolumeclaim}}")
def claim_pods(s: Scope, namespace: str | None = None) -> str:
    """Pods that use a claim, each as 1, with the name of their volume; those of a generic ephemeral
    volume have a claim of their own. Source: kube-state-metrics."""
    labels = f"{_CLAIM}, pod, volume, ephemeral"
    uses = s.all_nodes.select(
        "kube_pod_spec_volumes_persistentvolumeclaims_info", namespace=namespace
    )
    return f"max by ({labels}) ({uses})"


@snippet(unit="short", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_pod_count(s: Scope, namespace: str | None = None) -> str:
    """How many pods use a claim, 0 if none does. Source: kube-state-metrics."""
    claims = _claims(s, _CLAIM, "info", namespace)
    return f"count by ({_CLAIM}) ({claim_pods(s, namespace=namespace)}) or 0 * {claims}"


# Persistent volumes, which belong to no namespace


@snippet(unit="short", legend="{{phase}}")
def volumes_by_phase(s: Scope) -> str:
    """Persistent volumes by phase: Bound belong to a claim, Available wait for one, Released had
    one that is deleted, Failed could not be cleared, Pending are being made. Source:
    kube-state-metrics."""
    phases = s.all_nodes.select("kube_persistentvolume_status_phase")
    return f"sum by (phase) (max by ({_VOLUME}, phase) ({phases}))"


@snippet(unit="short", legend="{{persistentvolume}} {{phase}}")
def volume_errors(s: Scope) -> str:
    """Persistent volumes that are Failed or Pending, each as 1, with the phase and the claim that
    they are for. Source: kube-state-metrics."""
    phases = s.all_nodes.select("kube_persistentvolume_status_phase", phase=["Failed", "Pending"])
    errors = f"(max by ({_VOLUME}, phase) ({phases}) == 1)"
    claims = _claim_of_volume(s)
    return (
        f"{errors} * on ({_VOLUME}) group_left (claim_namespace, name) {claims} "
        f"or on ({_VOLUME}) {errors}"
    )


def _claim_of_volume(s: Scope) -> str:
    claims = s.all_nodes.select("kube_persistentvolume_claim_ref")
    return f"topk by ({_VOLUME}) (1, max by ({_VOLUME}, claim_namespace, name) ({claims}))"


@snippet(unit="short", legend="failed or pending")
def volumes_in_error(s: Scope) -> str:
    """How many persistent volumes are Failed or Pending. Source: kube-state-metrics."""
    all_of_them = s.all_nodes.select("kube_persistentvolume_info")
    return f"count({volume_errors(s)}) or 0 * count(max by ({_VOLUME}) ({all_of_them}))"


@snippet(unit="bytes", legend="{{persistentvolume}}")
def volume_capacity(s: Scope) -> str:
    """Size of a persistent volume, in bytes, with its phase, its class and its claim. Source:
    kube-state-metrics."""
    capacity = f"max by ({_VOLUME}) ({s.all_nodes.select('kube_persistentvolume_capacity_bytes')})"
    phases = s.all_nodes.select("kube_persistentvolume_status_phase")
    phase = f"topk by ({_VOLUME}) (1, max by ({_VOLUME}, phase) ({phases}) == 1)"
    classes = s.all_nodes.select("kube_persistentvolume_info")
    class_ = f"topk by ({_VOLUME}) (1, max by ({_VOLUME}, storageclass) ({classes}))"
    sized = (
        f"({capacity} * on ({_VOLUME}) group_left (phase) {phase} "
        f"* on ({_VOLUME}) group_left (storageclass) {class_})"
    )
    return (
        f"{sized} * on ({_VOLUME}) group_left (claim_namespace, name) {_claim_of_volume(s)} "
        f"or on ({_VOLUME}) {sized}"
    )
