"""The cluster that the exporter programs pretend to watch: two nodes, three namespaces, eleven pods
that run, and six that do not.

cAdvisor's numbers and kube-state-metrics' objects both come from here, so that their series join.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CONTROL_PLANE",
    "GI",
    "KUBERNETES_VERSION",
    "MI",
    "NAMESPACES",
    "NODES",
    "PODS",
    "STUCK",
    "WORKER",
    "Container",
    "Node",
    "Pod",
    "node_named",
    "pods_on",
]

KUBERNETES_VERSION = "v1.35.0"
NAMESPACES = ("kube-system", "monitoring", "shop")

GI = 1024.0**3
MI = 1024.0**2


@dataclass(frozen=True, kw_only=True)
class Node:
    """A machine of the cluster."""

    name: str
    ip: str
    role: str
    cores: int
    memory: float
    pod_cidr: str

    @property
    def uuid(self) -> str:
        """The machine's system UUID."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, self.name))


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container: what it may use, what it does use (cores, bytes), and how often it restarts
    (times a second). `waiting` and `ended` are the reasons of what does not run; `last_end` is the
    reason with which one ended before it was started again, `exit_code` the code."""

    name: str
    image: str
    cpu: float
    memory: float
    cpu_request: float = 0.0
    memory_request: float = 0.0
    cpu_limit: float = 0.0
    memory_limit: float = 0.0
    restarts: float = 0.0
    waiting: str = ""
    ended: str = ""
    last_end: str = ""
    exit_code: int = 0


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod; `workload` is the Deployment, DaemonSet, StatefulSet or Job that a user would name.

    One that no node has taken is `is_placed=False`, whatever its node.
    """

    namespace: str
    name: str
    node: Node
    ip: str
    owner_kind: str
    owner: str
    workload: str
    containers: tuple[Container, ...]
    is_ready: bool = True
    phase: str = "Running"
    is_placed: bool = True
    init_containers: tuple[Container, ...] = ()

    @property
    def uid(self) -> str:
        """The pod's UID."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.namespace}/{self.name}"))

    @property
    def host_network(self) -> bool:
        """Whether the pod shares its node's network."""
        return self.ip == self.node.ip

    @property
    def qos(self) -> str:
        """The quality-of-service class that follows from requests and limits."""
        if not any(c.cpu_request or c.memory_request for c in self.containers):
            return "BestEffort"
        guaranteed = all(
            c.cpu_request == c.cpu_limit and c.memory_request == c.memory_limit
            for c in self.containers
        )
        return "Guaranteed" if guaranteed else "Burstable"

    def container_id(self, name: str) -> str:
        """Return the runtime's ID of one of the pod's containers (or of its sandbox)."""
        return hashlib.sha256(f"{self.uid}/{name}".encode()).hexdigest()


CONTROL_PLANE = Node(
    name="control-plane-1",
    ip="10.0.0.10",
    role="control-plane",
    cores=4,
    memory=8 * GI,
    pod_cidr="10.244.0.0/24",
)
WORKER = Node(
    name="worker-1",
    ip="10.0.0.11",
    role="worker",
    cores=8,
    memory=16 * GI,
    pod_cidr="10.244.1.0/24",
)
NODES = (CONTROL_PLANE, WORKER)

_APISERVER = Container(
    name="kube-apiserver",
    image=f"registry.k8s.io/kube-apiserver:{KUBERNETES_VERSION}",
    cpu=0.32,
    memory=610 * MI,
    cpu_request=0.25,
)
_ETCD = Container(
    name="etcd",
    image="registry.k8s.io/etcd:3.6.6-0",
    cpu=0.12,
    memory=190 * MI,
    cpu_request=0.1,
    memory_request=100 * MI,
)
_COREDNS = Container(
    name="coredns",
    image="registry.k8s.io/coredns/coredns:v1.13.1",
    cpu=0.02,
    memory=34 * MI,
    cpu_request=0.1,
    memory_request=70 * MI,
    memory_limit=170 * MI,
)
_PROXY = Container(
    name="kube-proxy",
    image=f"registry.k8s.io/kube-proxy:{KUBERNETES_VERSION}",
    cpu=0.008,
    memory=38 * MI,
)
_STATE_METRICS = Container(
    name="kube-state-metrics",
    image="registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.19.0",
    cpu=0.01,
    memory=48 * MI,
    cpu_request=0.01,
    memory_request=190 * MI,
    cpu_limit=0.1,
    memory_limit=250 * MI,
)
_PROMETHEUS = Container(
    name="prometheus",
    image="quay.io/prometheus/prometheus:v3.5.0",
    cpu=0.45,
    memory=1.3 * GI,
    cpu_request=0.5,
    memory_request=1 * GI,
    memory_limit=3 * GI,
)
_RELOADER = Container(
    name="config-reloader",
    image="quay.io/prometheus-operator/prometheus-config-reloader:v0.86.1",
    cpu=0.002,
    memory=22 * MI,
    cpu_request=0.01,
    memory_request=50 * MI,
    cpu_limit=0.01,
    memory_limit=50 * MI,
)
_WEB = Container(
    name="web",
    image="docker.io/library/nginx:1.29",
    cpu=0.19,
    memory=96 * MI,
    cpu_request=0.1,
    memory_request=64 * MI,
    cpu_limit=0.2,
    memory_limit=128 * MI,
    # Often enough for a test that looks at a few seconds.
    restarts=0.5,
    last_end="OOMKilled",
    exit_code=137,
)
_WAIT_FOR_DATABASE = Container(
    name="wait-for-db",
    image="docker.io/library/postgres:18",
    cpu=0.0,
    memory=0.0,
    ended="Completed",
)
_DATABASE = Container(
    name="postgres",
    image="docker.io/library/postgres:18",
    cpu=0.6,
    memory=780 * MI,
    cpu_request=1,
    memory_request=1 * GI,
    cpu_limit=1,
    memory_limit=1 * GI,
)


def _static(node: Node, container: Container) -> Pod:
    """A pod that the kubelet runs from a file: its owner is the node."""
    return Pod(
        namespace="kube-system",
        name=f"{container.name}-{node.name}",
        node=node,
        ip=node.ip,
        owner_kind="Node",
        owner=node.name,
        workload="",
        containers=(container,),
    )


def _proxy(node: Node, suffix: str) -> Pod:
    return Pod(
        namespace="kube-system",
        name=f"kube-proxy-{suffix}",
        node=node,
        ip=node.ip,
        owner_kind="DaemonSet",
        owner="kube-proxy",
        workload="kube-proxy",
        containers=(_PROXY,),
    )


def _replica(
    namespace: str,
    deployment: str,
    hashes: str,
    container: Container,
    *,
    node: Node,
    ip: str,
    is_ready: bool = True,
    init_containers: tuple[Container, ...] = (),
) -> Pod:
    template, _ = hashes.split("-")
    return Pod(
        namespace=namespace,
        name=f"{deployment}-{hashes}",
        node=node,
        ip=ip,
        owner_kind="ReplicaSet",
        owner=f"{deployment}-{template}",
        workload=deployment,
        containers=(container,),
        is_ready=is_ready,
        init_containers=init_containers,
    )


def _ordinal(namespace: str, stateful_set: str, node: Node, ip: str, *containers: Container) -> Pod:
    return Pod(
        namespace=namespace,
        name=f"{stateful_set}-0",
        node=node,
        ip=ip,
        owner_kind="StatefulSet",
        owner=stateful_set,
        workload=stateful_set,
        containers=containers,
    )


PODS = (
    _static(CONTROL_PLANE, _APISERVER),
    _static(CONTROL_PLANE, _ETCD),
    _proxy(CONTROL_PLANE, "7xk2p"),
    _proxy(WORKER, "q9mzd"),
    _replica(
        "kube-system", "coredns", "66bc5c9577-8h4vn", _COREDNS, node=CONTROL_PLANE, ip="10.244.0.2"
    ),
    _replica("kube-system", "coredns", "66bc5c9577-kz6tr", _COREDNS, node=WORKER, ip="10.244.1.2"),
    _replica(
        "monitoring",
        "kube-state-metrics",
        "5d8f7b6c94-wq2lx",
        _STATE_METRICS,
        node=WORKER,
        ip="10.244.1.3",
    ),
    _ordinal("monitoring", "prometheus-k8s", WORKER, "10.244.1.4", _PROMETHEUS, _RELOADER),
    _replica(
        "shop",
        "web",
        "7c9d5f8b6d-2rjpb",
        _WEB,
        node=WORKER,
        ip="10.244.1.5",
        init_containers=(_WAIT_FOR_DATABASE,),
    ),
    _replica(
        "shop", "web", "7c9d5f8b6d-t5nhw", _WEB, node=CONTROL_PLANE, ip="10.244.0.3", is_ready=False
    ),
    _ordinal("shop", "db", WORKER, "10.244.1.6", _DATABASE),
)


def _stuck(
    name: str,
    workload: str,
    container: Container,
    *,
    phase: str = "Pending",
    kind: str = "ReplicaSet",
    is_placed: bool = True,
    init_containers: tuple[Container, ...] = (),
) -> Pod:
    return Pod(
        namespace="shop",
        name=name,
        node=WORKER,
        ip="10.244.1.20",
        owner_kind=kind,
        owner=name.rpartition("-")[0],
        workload=workload,
        containers=(container,),
        is_ready=False,
        phase=phase,
        is_placed=is_placed,
        init_containers=init_containers,
    )


def _idle(name: str, image: str = "docker.io/library/busybox:1.37", **state: Any) -> Container:
    """A container that uses nothing, because it does not run."""
    return Container(name=name, image=image, cpu=0.0, memory=0.0, **state)


STUCK = (
    _stuck(
        "mailer-6f7b9d-x2k4p",
        "mailer",
        _idle("mailer", waiting="CrashLoopBackOff", restarts=0.5, last_end="Error", exit_code=1),
        phase="Running",
    ),
    _stuck(
        "catalog-5c8d7f-q9w2z",
        "catalog",
        _idle("catalog", "registry.example/catalog:missing", waiting="ImagePullBackOff"),
    ),
    _stuck(
        "trainer-7d4b8c-m5n6v",
        "trainer",
        _idle("trainer", cpu_request=64.0, memory_request=512 * GI),
        is_placed=False,
    ),
    _stuck(
        "importer-8b6c5d-t7y8u",
        "importer",
        _idle("importer", waiting="PodInitializing"),
        init_containers=(
            _idle(
                "schema", waiting="CrashLoopBackOff", restarts=0.5, last_end="Error", exit_code=2
            ),
        ),
    ),
    _stuck(
        "report-29707813-dhlr2",
        "report-29707813",
        _idle("report", ended="Error"),
        phase="Failed",
        kind="Job",
    ),
    _stuck(
        "migrate-1-4kj9v",
        "migrate-1",
        _idle("migrate", ended="Completed"),
        phase="Succeeded",
        kind="Job",
    ),
)
"""Pods that run no container, which only kube-state-metrics knows."""


def pods_on(node: Node) -> Iterator[Pod]:
    """Return the pods that run on a node."""
    return (pod for pod in PODS if pod.node == node)


def node_named(name: str) -> Node:
    """Return the node of that name."""
    return next(node for node in NODES if node.name == name)
