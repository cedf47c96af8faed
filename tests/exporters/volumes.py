"""What the kubelet measures of the volumes that its node has mounted: one that fills, one with few
inodes left, an ephemeral one, and one that is full because it is only read."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tests.exporters.exposition import Exporter, Family, Value, gauge, run, serve_families
from tests.exporters.inventory import GI, MI

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"


def serve(port: int = 0, *, node: str = "worker-1", namespace: str = "shop") -> Exporter:
    """Serve the volumes of a node on 127.0.0.1, all claimed in one namespace."""
    return serve_families(port, PATH, families(node, namespace))


def families(node: str, namespace: str = "shop") -> Iterator[Family]:
    """Return the node's name, by which Prometheus finds a kubelet, and the volumes' families."""
    yield gauge(
        "kubelet_node_name", "The node's name. The count is always 1.", [({"node": node}, 1)]
    )
    # Claim, size, free bytes, inodes, free inodes.
    claims: tuple[tuple[str, float, float | Value, float, float | Value], ...] = (
        ("data-db-0", 10 * GI, _falling(1.3 * GI, 20_000.0), 655_360.0, 630_000.0),
        ("uploads", 50 * GI, 31 * GI, 3_276_800.0, _falling(240_000.0, 2.0)),
        ("web-7c9d5f8b6d-2rjpb-tmp", 1 * GI, 960 * MI, 65_536.0, 65_500.0),
        ("catalog", 5 * GI, 0.0, 327_680.0, 0.0),
    )
    for name, help, values in (
        ("capacity_bytes", "Capacity in bytes.", [size for _, size, *_ in claims]),
        ("available_bytes", "Available bytes.", [free for _, _, free, *_ in claims]),
        ("used_bytes", "Used bytes.", [_rest(size, free) for _, size, free, *_ in claims]),
        ("inodes", "Maximum number of inodes.", [count for *_, count, _ in claims]),
        ("inodes_free", "Free inodes.", [left for *_, left in claims]),
        ("inodes_used", "Used inodes.", [_rest(count, left) for *_, count, left in claims]),
    ):
        yield gauge(
            f"kubelet_volume_stats_{name}",
            f"{help} Of the volume.",
            [
                ({"namespace": namespace, "persistentvolumeclaim": claim}, value)
                for (claim, *_), value in zip(claims, values, strict=True)
            ],
        )


def _falling(start: float, rate: float) -> Value:
    return lambda age: max(start - rate * age, 0.0)


def _rest(total: float, free: float | Value) -> float | Value:
    return (lambda age: total - free(age)) if callable(free) else total - free


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what a kubelet sends of its node's volumes."),
        lambda arguments: serve(arguments.port),
    )
