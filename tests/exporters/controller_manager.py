"""What kube-controller-manager 1.35 sends, with a controller that does not keep up. Names, types
and labels are those of 1.35."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tests.exporters import programs
from tests.exporters.exposition import Exporter, Family, gauge, run, serve_families

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_QUEUES = {
    "endpoint_slice": 3.0,
    "deployment": 1.0,
    "job": 0.5,
    "namespace": 0.5,
    "replicaset": 1.0,
}


def serve(port: int = 0) -> Exporter:
    """Serve the controller manager on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Yield everything that the controller manager sends."""
    yield gauge("endpoint_slice_controller_num_endpoint_slices", "Endpoint slices.", [({}, 14)])
    yield gauge(
        "node_collector_unhealthy_nodes_in_zone", "Nodes that are not ready.", [({"zone": ""}, 1)]
    )
    yield from programs.work_queues(_QUEUES)
    yield from programs.leadership("kube-controller-manager")
    yield from programs.api_client({("PUT", "200"): 3.0, ("PUT", "409"): 0.5, ("GET", "500"): 0.5})
    yield from programs.process("kube-controller-manager", cpu=0.03, memory=110e6)
    yield from programs.build()


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what kube-controller-manager sends."),
        lambda arguments: serve(arguments.port),
    )
