"""What a kubelet 1.35 sends on /metrics. The worker has trouble: images that are missing, a volume
that does not mount, pods that it evicted, certificates that expire soon.

Names, types and labels are those of 1.35 (pkg/kubelet/metrics, pkg/kubelet/certificate,
pkg/volume/util). The certificates' series are there where the kubelet renews them itself.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from tests.exporters import inventory, programs, volumes
from tests.exporters.exposition import (
    Exporter,
    Family,
    Observed,
    counter,
    gauge,
    histogram,
    run,
    serve_families,
)
from tests.exporters.inventory import CONTROL_PLANE, NODES, Node

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_DAY = 86400.0
_DEFAULT_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_START_BOUNDS = (0.5, *map(float, range(1, 7)), 8.0, 10.0, 20.0, 30.0, 45.0, 60.0, 120.0, 300.0)
_RUNTIME_BOUNDS = tuple(0.005 * 2.5**power for power in range(14))
_STORAGE_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 25.0, 50.0, 120.0, 300.0, 600.0)

_OPERATIONS = {
    "container_status": 6.0,
    "create_container": 0.5,
    "list_containers": 2.0,
    "pull_image": 0.5,
    "status": 0.5,
}
_POD_WORK = {"create": 0.5, "sync": 4.0, "terminating": 0.5, "terminated": 0.5}
_PROJECTED, _CSI = "kubernetes.io/projected", "kubernetes.io/csi:ebs.csi.aws.com"
_STORAGE = (
    (_PROJECTED, "volume_mount", "success", 2.0),
    (_CSI, "volume_mount", "success", 0.5),
    (_CSI, "volume_mount", "fail-unknown", 0.5),
)


def serve(port: int = 0, node: str = NODES[0].name, *, namespace: str = "shop") -> Exporter:
    """Serve a node's kubelet on 127.0.0.1; its volumes are claimed in one namespace."""
    return serve_families(port, PATH, families(inventory.node_named(node), namespace))


def families(node: Node, namespace: str) -> Iterator[Family]:
    """Yield everything that the kubelet of a node sends."""
    troubled = node != CONTROL_PLANE
    if troubled:
        yield from volumes.families(node.name, namespace)
    yield from _pods(node, troubled=troubled)
    yield from _starts()
    yield from _runtime(troubled=troubled)
    yield from _storage(troubled=troubled)
    yield from _certificates(troubled=troubled)
    if troubled:
        yield counter(
            "kubelet_evictions", "Pods evicted.", [({"eviction_signal": "memory.available"}, 0.5)]
        )
    yield from programs.api_client(
        {("GET", "200"): 3.0, ("PATCH", "200"): 2.0, ("GET", "500"): 0.5, ("PUT", "<error>"): 0.5}
    )
    yield from programs.process(f"kubelet {node.name}", cpu=0.06, memory=95e6)
    yield from programs.build()


def _pods(node: Node, *, troubled: bool) -> Iterator[Family]:
    count = float(len(list(inventory.pods_on(node))))
    yield gauge("kubelet_running_pods", "Pods with a sandbox that runs.", [({}, count)])
    yield gauge(
        "kubelet_running_containers",
        "Containers by state.",
        [
            ({"container_state": state}, value)
            for state, value in (("running", count + 1), ("exited", 2.0), ("created", 0.0))
        ],
    )
    yield gauge(
        "kubelet_working_pods",
        "Pods by what is done with them.",
        [
            ({"config": "desired", "lifecycle": lifecycle, "static": ""}, value)
            for lifecycle, value in (("sync", count), ("terminating", 1.0), ("terminated", 2.0))
        ],
    )
    if troubled:
        yield counter(
            "kubelet_started_containers_errors_total",
            "Containers that did not start.",
            [
                ({"code": code, "container_type": "container"}, 0.5)
                for code in ("ErrImagePull", "RunContainerError")
            ],
        )


def _starts() -> Iterator[Family]:
    yield histogram(
        "kubelet_pod_start_sli_duration_seconds",
        "Start of a pod without pulling images.",
        _START_BOUNDS,
        [({}, Observed(rate=0.5, typical=2.2))],
    )
    yield histogram(
        "kubelet_pleg_relist_duration_seconds",
        "State of all containers.",
        _DEFAULT_BOUNDS,
        [({}, Observed(rate=1.0, typical=0.02))],
    )
    yield gauge("kubelet_pleg_last_seen_seconds", "Last state of all.", [({}, _now)])
    for what, rates, typical in (
        ("pod_worker", _POD_WORK, 0.03),
        ("cgroup_manager", {"create": 0.5, "destroy": 0.5, "update": 1.0}, 0.008),
    ):
        yield histogram(
            f"kubelet_{what}_duration_seconds",
            "Time by operation.",
            _DEFAULT_BOUNDS,
            [
                ({"operation_type": operation}, Observed(rate=rate, typical=typical))
                for operation, rate in rates.items()
            ],
        )


def _now(_age: float) -> float:
    return float(int(time.time()))


def _runtime(*, troubled: bool) -> Iterator[Family]:
    yield counter(
        "kubelet_runtime_operations_total",
        "Requests to the runtime.",
        [({"operation_type": name}, rate) for name, rate in _OPERATIONS.items()],
    )
    yield histogram(
        "kubelet_runtime_operations_duration_seconds",
        "Time of requests to the runtime.",
        _RUNTIME_BOUNDS,
        [
            ({"operation_type": name}, Observed(rate=rate, typical=0.01))
            for name, rate in _OPERATIONS.items()
        ],
    )
    if troubled:
        yield counter(
            "kubelet_runtime_operations_errors_total",
            "Requests that failed.",
            [({"operation_type": "pull_image"}, 0.5)],
        )


def _storage(*, troubled: bool) -> Iterator[Family]:
    yield gauge(
        "volume_manager_total_volumes",
        "Volumes by plugin and state.",
        [
            ({"plugin_name": plugin, "state": f"{state}_state_of_world"}, value)
            for plugin, state, value in (
                (_PROJECTED, "desired", 9.0),
                (_PROJECTED, "actual", 9.0),
                (_CSI, "desired", 2.0),
                (_CSI, "actual", 1.0 if troubled else 2.0),
            )
        ],
    )
    yield histogram(
        "storage_operation_duration_seconds",
        "Time of storage operations.",
        _STORAGE_BOUNDS,
        [
            (
                {
                    "migrated": "false",
                    "operation_name": operation,
                    "status": status,
                    "volume_plugin": plugin,
                },
                Observed(rate=rate, typical=0.2),
            )
            for plugin, operation, status, rate in _STORAGE
            if troubled or status == "success"
        ],
    )


def _certificates(*, troubled: bool) -> Iterator[Family]:
    left = 5 * _DAY if troubled else 200 * _DAY
    prefix = "kubelet_certificate_manager"
    yield gauge(f"{prefix}_client_ttl_seconds", "Left of the client's.", [({}, left)])
    yield gauge(f"{prefix}_server_ttl_seconds", "Left of the server's.", [({}, left)])
    yield counter(
        f"{prefix}_client_expiration_renew_errors",
        "Renewals that failed.",
        [({}, 0.5 if troubled else 0.0)],
    )
    yield counter("kubelet_server_expiration_renew_errors", "Renewals that failed.", [({}, 0.0)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send what a kubelet sends on /metrics.")
    parser.add_argument("--node", default=NODES[0].name)
    run(parser, lambda arguments: serve(arguments.port, arguments.node))
