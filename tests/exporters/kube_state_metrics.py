"""What kube-state-metrics sends for the inventory's nodes, pods and workloads."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from itertools import product

from tests.exporters import inventory, kube_state_workloads
from tests.exporters.exposition import (
    Exporter,
    Family,
    counter,
    gauge,
    run,
    serve_families,
    started_at,
)
from tests.exporters.inventory import NODES, PODS, STUCK, Container, Pod

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_STATUSES = ("true", "false", "unknown")
_CONDITIONS = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
_ALL = (*PODS, *STUCK)
_PHASES = ("Pending", "Succeeded", "Failed", "Unknown", "Running")


def serve(port: int = 0) -> Exporter:
    """Serve the cluster's objects as metrics on 127.0.0.1."""
    return serve_families(port, PATH, kube_state_workloads.added_to(families()))


def families() -> Iterator[Family]:
    """Return the metric families of the whole cluster."""
    created = float(int(started_at()))
    yield from _namespaces(created)
    yield from _nodes(created)
    yield from _pods(created)
    yield from _pod_states()
    yield from _containers()
    yield from _container_states()
    yield from _deployments(created)
    yield from _replica_sets(created)
    yield from _daemon_sets(created)
    yield from _stateful_sets(created)


def _one_of(
    labels: dict[str, str], name: str, choices: Iterable[str], chosen: str
) -> list[tuple[dict[str, str], float]]:
    """Return one series per choice: 1 for what is so, 0 for the others."""
    return [({**labels, name: choice}, float(choice == chosen)) for choice in choices]


def _namespaces(created: float) -> Iterator[Family]:
    labels = [{"namespace": namespace} for namespace in inventory.NAMESPACES]
    yield gauge(
        "kube_namespace_created",
        "When it was created.",
        [(label_set, created) for label_set in labels],
    )
    yield gauge(
        "kube_namespace_status_phase",
        "Phase.",
        [
            row
            for label_set in labels
            for row in _one_of(label_set, "phase", ("Active", "Terminating"), "Active")
        ],
    )


def _nodes(created: float) -> Iterator[Family]:
    yield gauge(
        "kube_node_info",
        "Constant 1, labelled with facts about the node.",
        [
            (
                {
                    "node": node.name,
                    "kernel_version": "6.12.48",
                    "os_image": "Debian GNU/Linux 12 (bookworm)",
                    "container_runtime_version": "containerd://2.2.1",
                    "kubelet_version": inventory.KUBERNETES_VERSION,
                    "kubeproxy_version": "deprecated",
                    "provider_id": "",
                    "pod_cidr": node.pod_cidr,
                    "system_uuid": node.uuid,
                    "internal_ip": node.ip,
                },
                1,
            )
            for node in NODES
        ],
    )
    yield gauge(
        "kube_node_created", "When it joined.", [({"node": node.name}, created) for node in NODES]
    )
    yield gauge(
        "kube_node_role",
        "Constant 1 per role.",
        [({"node": node.name, "role": node.role}, 1) for node in NODES],
    )
    yield gauge(
        "kube_node_spec_unschedulable",
        "1 if no pod may be scheduled.",
        [({"node": node.name}, 0) for node in NODES],
    )
    yield gauge(
        "kube_node_spec_taint",
        "Constant 1 per taint.",
        [
            (
                {
                    "node": inventory.CONTROL_PLANE.name,
                    "key": "node-role.kubernetes.io/control-plane",
                    "value": "",
                    "effect": "NoSchedule",
                },
                1,
            )
        ],
    )
    # The kubelet and the system keep back a little of what the machine has.
    for name, help, share in (
        ("kube_node_status_capacity", "What the machine has.", 1.0),
        ("kube_node_status_allocatable", "What pods may take.", 0.95),
    ):
        yield gauge(
            name,
            help,
            [
                ({"node": node.name, "resource": resource, "unit": unit}, value)
                for node in NODES
                for resource, unit, value in (
                    ("cpu", "core", node.cores * share),
                    ("memory", "byte", float(int(node.memory * share))),
                    ("ephemeral_storage", "byte", float(int(100 * inventory.GI * share))),
                    ("pods", "integer", 110),
                )
            ],
        )
    yield gauge(
        "kube_node_status_condition",
        "Conditions, one series per status.",
        [
            row
            for node, condition in product(NODES, _CONDITIONS)
            for row in _one_of(
                {"node": node.name, "condition": condition},
                "status",
                _STATUSES,
                "true" if condition == "Ready" else "false",
            )
        ],
    )


def _pod_labels(pod: Pod) -> dict[str, str]:
    return {"namespace": pod.namespace, "pod": pod.name, "uid": pod.uid}


def _pods(created: float) -> Iterator[Family]:
    yield gauge(
        "kube_pod_info",
        "Constant 1, labelled with facts about the pod.",
        [
            (
                {
                    **_pod_labels(pod),
                    "host_ip": pod.node.ip if pod.is_placed else "",
                    "pod_ip": pod.ip if pod.is_placed else "",
                    "node": pod.node.name if pod.is_placed else "",
                    "created_by_kind": pod.owner_kind,
                    "created_by_name": pod.owner,
                    "priority_class": "system-node-critical"
                    if pod.namespace == "kube-system"
                    else "",
                    "host_network": str(pod.host_network).lower(),
                },
                1,
            )
            for pod in _ALL
        ],
    )
    yield gauge(
        "kube_pod_owner",
        "Constant 1, labelled with the owner.",
        [
            (
                {
                    **_pod_labels(pod),
                    "owner_kind": pod.owner_kind,
                    "owner_name": pod.owner,
                    "owner_is_controller": "true",
                },
                1,
            )
            for pod in _ALL
        ],
    )
    yield gauge(
        "kube_pod_created", "When it was created.", [(_pod_labels(pod), created) for pod in _ALL]
    )
    yield gauge(
        "kube_pod_start_time", "When it started.", [(_pod_labels(pod), created + 2) for pod in _ALL]
    )


def _pod_states() -> Iterator[Family]:
    yield gauge(
        "kube_pod_status_phase",
        "Phase, one series per phase.",
        [row for pod in _ALL for row in _one_of(_pod_labels(pod), "phase", _PHASES, pod.phase)],
    )
    conditions: dict[str, Callable[[Pod], bool]] = {
        "ready": lambda pod: pod.is_ready,
        "scheduled": lambda pod: pod.is_placed,
    }
    for name, is_so in conditions.items():
        yield gauge(
            f"kube_pod_status_{name}",
            f"Whether the pod is {name}.",
            [
                row
                for pod in _ALL
                for row in _one_of(
                    _pod_labels(pod), "condition", _STATUSES, str(is_so(pod)).lower()
                )
            ],
        )
    yield gauge(
        "kube_pod_status_unschedulable",
        "1 for a pod that the scheduler found no node for.",
        [(_pod_labels(pod), 1) for pod in _ALL if not pod.is_placed],
    )
    yield gauge(
        "kube_pod_status_qos_class",
        "Quality-of-service class.",
        [
            row
            for pod in _ALL
            for row in _one_of(
                _pod_labels(pod), "qos_class", ("BestEffort", "Burstable", "Guaranteed"), pod.qos
            )
        ],
    )


def _each_container(*, init: bool = False) -> Iterator[tuple[dict[str, str], Pod, Container]]:
    for pod in _ALL:
        for container in pod.init_containers if init else pod.containers:
            yield {**_pod_labels(pod), "container": container.name}, pod, container


def _containers() -> Iterator[Family]:
    for init in (False, True):
        yield _images(
            "kube_pod_init_container_info" if init else "kube_pod_container_info",
            _each_container(init=init),
        )
    for name, help in (
        ("requests", "What the container asks for."),
        ("limits", "What it may use at most."),
    ):
        yield gauge(
            f"kube_pod_container_resource_{name}",
            help,
            [
                (
                    {
                        **labels,
                        "node": pod.node.name if pod.is_placed else "",
                        "resource": resource,
                        "unit": unit,
                    },
                    value,
                )
                for labels, pod, container in _each_container()
                for resource, unit, value in _resources(container, name)
                if value
            ],
        )


def _images(name: str, containers: Iterable[tuple[dict[str, str], Pod, Container]]) -> Family:
    return gauge(
        name,
        "Constant 1, labelled with the container's image.",
        [
            (
                {
                    **labels,
                    "image_spec": container.image,
                    "image": container.image,
                    "image_id": f"{container.image.split(':')[0]}@sha256:"
                    f"{pod.container_id('image')}",
                    "container_id": f"containerd://{pod.container_id(container.name)}",
                },
                1,
            )
            for labels, pod, container in containers
        ],
    )


def _resources(container: Container, which: str) -> tuple[tuple[str, str, float], ...]:
    if which == "requests":
        cpu, memory = container.cpu_request, container.memory_request
    else:
        cpu, memory = container.cpu_limit, container.memory_limit
    return ("cpu", "core", cpu), ("memory", "byte", memory)


def _container_states() -> Iterator[Family]:
    for init in (False, True):
        # A pod without a node has no status of its containers.
        yield from _states_of(
            "kube_pod_init_container" if init else "kube_pod_container",
            [entry for entry in _each_container(init=init) if entry[1].is_placed],
        )


def _states_of(
    prefix: str, containers: list[tuple[dict[str, str], Pod, Container]]
) -> Iterator[Family]:
    """Return what is sent for containers, and under other names for init containers."""
    yield gauge(
        f"{prefix}_status_ready",
        "1 if the container is ready.",
        [
            (labels, float(container.ended == "Completed" or pod.is_ready))
            for labels, pod, container in containers
        ],
    )
    states: dict[str, Callable[[Container], bool]] = {
        "running": lambda container: not (container.waiting or container.ended),
        "waiting": lambda container: bool(container.waiting),
        "terminated": lambda container: bool(container.ended),
    }
    for state, is_so in states.items():
        yield gauge(
            f"{prefix}_status_{state}",
            f"1 if the container is {state}.",
            [(labels, float(is_so(container))) for labels, _, container in containers],
        )
    for name, reason in (
        ("waiting", "waiting"),
        ("terminated", "ended"),
        ("last_terminated", "last_end"),
    ):
        yield gauge(
            f"{prefix}_status_{name}_reason",
            "1, labelled with the reason.",
            [
                ({**labels, "reason": getattr(container, reason)}, 1)
                for labels, _, container in containers
                if getattr(container, reason)
            ],
        )
    ended = [(labels, container) for labels, _, container in containers if container.last_end]
    yield gauge(
        f"{prefix}_status_last_terminated_exitcode",
        "Exit code of the container that ended last.",
        [(labels, container.exit_code) for labels, container in ended],
    )
    now = started_at()
    yield gauge(
        f"{prefix}_status_last_terminated_timestamp",
        "When it ended.",
        [(labels, float(int(now - 90))) for labels, _ in ended],
    )
    yield counter(
        f"{prefix}_status_restarts_total",
        "Restarts.",
        [(labels, container.restarts) for labels, _, container in containers],
    )


def _replicas(owner_kind: str) -> dict[tuple[str, str], int]:
    """Count the pods of each workload whose pods have that kind of owner."""
    counts: dict[tuple[str, str], int] = {}
    for pod in PODS:
        if pod.owner_kind == owner_kind:
            key = (pod.namespace, pod.workload)
            counts[key] = counts.get(key, 0) + 1
    return counts


def _workload(
    kind: str, owner_kind: str, counted: tuple[str, ...], constants: dict[str, float]
) -> Iterator[Family]:
    """Return gauges that count a workload's pods, and gauges that are the same for every
    workload."""
    workloads = [
        ({"namespace": namespace, kind: name}, count)
        for (namespace, name), count in _replicas(owner_kind).items()
    ]
    for name in counted:
        yield gauge(f"kube_{kind}_{name}", f"Pods of the {kind}: {_words(name)}.", workloads)
    for name, value in constants.items():
        yield gauge(
            f"kube_{kind}_{name}",
            f"The {kind}'s {_words(name)}.",
            [(labels, value) for labels, _ in workloads],
        )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _deployments(created: float) -> Iterator[Family]:
    counted = (
        "spec_replicas",
        "status_replicas",
        "status_replicas_available",
        "status_replicas_ready",
        "status_replicas_updated",
    )
    constants = {
        "created": created,
        "metadata_generation": 1.0,
        "spec_paused": 0.0,
        "status_observed_generation": 1.0,
        "status_replicas_unavailable": 0.0,
    }
    yield from _workload("deployment", "ReplicaSet", counted, constants)
    yield gauge(
        "kube_deployment_status_condition",
        "Conditions, one series per status.",
        [
            row
            for namespace, name in _replicas("ReplicaSet")
            for condition, reason in (
                ("Available", "MinimumReplicasAvailable"),
                ("Progressing", "NewReplicaSetAvailable"),
            )
            for row in _one_of(
                {
                    "namespace": namespace,
                    "deployment": name,
                    "reason": reason,
                    "condition": condition,
                },
                "status",
                _STATUSES,
                "true",
            )
        ],
    )


def _replica_sets(created: float) -> Iterator[Family]:
    pods = [pod for pod in PODS if pod.owner_kind == "ReplicaSet"]
    owners = {(pod.namespace, pod.owner): pod.workload for pod in pods}
    labels = [{"namespace": namespace, "replicaset": name} for namespace, name in owners]
    yield gauge(
        "kube_replicaset_owner",
        "Constant 1, labelled with the owner.",
        [
            (
                {
                    **own,
                    "owner_kind": "Deployment",
                    "owner_name": deployment,
                    "owner_is_controller": "true",
                },
                1,
            )
            for own, deployment in zip(labels, owners.values(), strict=True)
        ],
    )
    yield gauge(
        "kube_replicaset_created", "When it was created.", [(own, created) for own in labels]
    )
    for name in ("spec_replicas", "status_replicas", "status_ready_replicas"):
        yield gauge(
            f"kube_replicaset_{name}",
            f"Pods of the replicaset: {_words(name)}.",
            [(own, sum(pod.owner == own["replicaset"] for pod in pods)) for own in labels],
        )


def _daemon_sets(created: float) -> Iterator[Family]:
    counted = (
        "status_current_number_scheduled",
        "status_desired_number_scheduled",
        "status_number_available",
        "status_number_ready",
        "status_updated_number_scheduled",
    )
    constants = {
        "created": created,
        "metadata_generation": 1.0,
        "status_number_misscheduled": 0.0,
        "status_number_unavailable": 0.0,
        "status_observed_generation": 1.0,
    }
    yield from _workload("daemonset", "DaemonSet", counted, constants)


def _stateful_sets(created: float) -> Iterator[Family]:
    counted = (
        "replicas",
        "status_replicas",
        "status_replicas_available",
        "status_replicas_current",
        "status_replicas_ready",
        "status_replicas_updated",
    )
    constants = {"created": created, "metadata_generation": 1.0, "status_observed_generation": 1.0}
    yield from _workload("statefulset", "StatefulSet", counted, constants)


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what kube-state-metrics sends."),
        lambda arguments: serve(arguments.port),
    )
