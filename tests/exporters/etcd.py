"""What a member of etcd 3.6 sends, one of a cluster of three with a slow disk: leader, proposals,
database, disk, peers, clients.

Names, types and labels are those of 3.6. etcd has no other gauges that end in _total than those.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tests.exporters import programs
from tests.exporters.exposition import (
    Exporter,
    Family,
    Observed,
    Value,
    counter,
    gauge,
    histogram,
    run,
    serve_families,
    wandering,
)

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_PEERS = ("91bc3c398fb3c146", "fd422379fda50e48")
_ROUND_TRIP_BOUNDS = tuple(0.0001 * 2**power for power in range(16))
_MI = 1024.0**2


def serve(port: int = 0) -> Exporter:
    """Serve a member on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Yield everything that the member sends."""
    yield from _server()
    yield from _database()
    yield from _disk_and_network()
    yield from programs.process("etcd", cpu=0.12, memory=190e6)


def _server() -> Iterator[Family]:
    gauges = {
        "has_leader": 1.0,
        "is_leader": 1.0,
        "is_learner": 0.0,
        "quota_backend_bytes": 2048 * _MI,
    }
    for name, value in gauges.items():
        yield gauge(f"etcd_server_{name}", f"{name.replace('_', ' ')}.", [({}, value)])
    yield gauge(
        "etcd_server_proposals_pending",
        "Proposals that wait.",
        [({}, wandering(3, "p", whole=True))],
    )
    for state, behind in (("committed", 0), ("applied", 2)):
        yield gauge(
            f"etcd_server_proposals_{state}_total",
            f"Proposals that are {state}.",
            [({}, _proposals(behind))],
        )
    rates = {
        "heartbeat_send_failures": 0.5,
        "leader_changes_seen": 0.0,
        "proposals_failed": 0.5,
        "slow_apply": 0.5,
        "slow_read_indexes": 0.5,
    }
    for name, rate in rates.items():
        yield counter(f"etcd_server_{name}_total", f"{name.replace('_', ' ')}.", [({}, rate)])
    yield counter(
        "etcd_server_client_requests_total",
        "Requests of clients.",
        [
            ({"client_api_version": "3.6", "type": kind}, rate)
            for kind, rate in (("unary", 60.0), ("stream", 2.0))
        ],
    )


def _proposals(behind: int) -> Value:
    return lambda age: float(int(40 * age) - behind)


def _database() -> Iterator[Family]:
    prefix = "etcd_mvcc_db_total_size"
    yield gauge(
        f"{prefix}_in_bytes",
        "Database file.",
        [({}, wandering(420 * _MI, "db", swing=0.01, whole=True))],
    )
    yield gauge(f"{prefix}_in_use_in_bytes", "Of it in use.", [({}, 180 * _MI)])
    yield gauge("etcd_debugging_mvcc_keys_total", "Keys.", [({}, 12_400)])


def _disk_and_network() -> Iterator[Family]:
    for name, typical in (("wal_fsync", 0.006), ("backend_commit", 0.012)):
        yield histogram(
            f"etcd_disk_{name}_duration_seconds",
            f"Time of {name.replace('_', ' ')}.",
            programs.EXPONENTIAL[:14],
            [({}, Observed(rate=40.0, typical=typical))],
        )
    yield histogram(
        "etcd_network_peer_round_trip_time_seconds",
        "Time to a member and back.",
        _ROUND_TRIP_BOUNDS,
        [({"To": peer}, Observed(rate=1.0, typical=0.003)) for peer in _PEERS],
    )
    yield counter(
        "etcd_network_peer_sent_failures_total",
        "Messages that were not sent.",
        [({"To": peer}, 0.5) for peer in _PEERS],
    )
    for direction, rate in (("received", 20e3), ("sent", 90e3)):
        yield counter(
            f"etcd_network_client_grpc_{direction}_bytes_total",
            f"Bytes {direction}.",
            [({}, rate)],
        )


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what a member of etcd sends."),
        lambda arguments: serve(arguments.port),
    )
