"""What a node exporter sends of a real machine, and of no virtual one: systemd, sensors, network
cards with a speed and in a bond, disks in an array; and of a machine in trouble that has booted
lately: failed units, a disk and a cable that are broken.

Everything else comes from the real exporter. Names, labels and types are those of node_exporter's
collectors; that of the refused connections is a mistake of theirs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from tests.exporters.exposition import (
    Exporter,
    Family,
    counter,
    gauge,
    run,
    serve_families,
    wandering,
)

__all__ = ["families", "serve"]

_UNITS = {"active": 280.0, "activating": 1.0, "deactivating": 0.0, "failed": 2.0, "inactive": 140.0}
_SOCKETS = ("docker.socket", "systemd-journald.socket")
_CHIP = "platform_coretemp_0"
_STATES = ("activating", "active", "deactivating", "failed", "inactive")
# Of services: the state, and restarts per second.
_SERVICES = {
    "containerd.service": ("active", 0.0),
    "kubelet.service": ("active", 0.0),
    "log-shipper.service": ("activating", 0.5),
    "logrotate.service": ("failed", 0.0),
    "mdmonitor.service": ("failed", 0.0),
}
_DISKS = {"active": 1.0, "failed": 1.0, "spare": 0.0}


def families() -> Iterator[Family]:
    """Yield everything that the machine sends."""
    name = {
        "domainname": "(none)",
        "machine": "x86_64",
        "nodename": "metal",
        "release": "6.1.0",
        "sysname": "Linux",
    }
    yield gauge(
        "node_uname_info", "The system, as labels of a 1.", [({**name, "version": "#1 SMP"}, 1.0)]
    )
    # A reboot that a graph of an hour marks.
    yield gauge(
        "node_boot_time_seconds", "When the machine booted.", [({}, round(time.time() - 300, 2))]
    )
    yield from _systemd()
    yield from _temperatures()
    yield from _network()
    yield from _array()


def _systemd() -> Iterator[Family]:
    prefix = "node_systemd_socket"
    sockets = [{"name": name} for name in _SOCKETS]
    yield gauge(
        "node_systemd_units",
        "Units by state.",
        [({"state": state}, n) for state, n in _UNITS.items()],
    )
    yield gauge(
        "node_systemd_unit_state",
        "The state of a unit.",
        [
            ({"name": name, "state": state, "type": "simple"}, float(state == now))
            for name, (now, _) in _SERVICES.items()
            for state in _STATES
        ],
    )
    yield counter(
        "node_systemd_service_restart_total",
        "Restarts of a service.",
        [({"name": name}, rate) for name, (_, rate) in _SERVICES.items()],
    )
    yield counter(
        f"{prefix}_accepted_connections_total",
        "Connections accepted.",
        [(socket, 2.0) for socket in sockets],
    )
    yield gauge(
        f"{prefix}_current_connections", "Connections open.", [(socket, 3.0) for socket in sockets]
    )
    yield gauge(
        f"{prefix}_refused_connections_total",
        "Connections refused.",
        [(socket, 0.0) for socket in sockets],
    )


def _temperatures() -> Iterator[Family]:
    sensor = {"chip": _CHIP, "sensor": "temp1"}
    yield gauge(
        "node_hwmon_chip_names",
        "Names of chips.",
        [({"chip": _CHIP, "chip_name": "coretemp"}, 1.0)],
    )
    yield gauge("node_hwmon_temp_celsius", "Temperature.", [(sensor, wandering(52, "temp1"))])
    for field, celsius in (("max", 80.0), ("crit", 100.0), ("crit_hyst", 95.0)):
        yield gauge(f"node_hwmon_temp_{field}_celsius", "A limit of it.", [(sensor, celsius)])


def _network() -> Iterator[Family]:
    card = {"device": "eno1"}
    yield gauge("node_network_speed_bytes", "Speed of an interface.", [(card, 1.25e9)])
    yield counter("node_network_receive_bytes_total", "Bytes received.", [(card, 4e6)])
    yield counter("node_network_transmit_bytes_total", "Bytes sent.", [(card, 3e6)])
    bond = {"master": "bond0"}
    yield gauge("node_bonding_slaves", "Interfaces of a bond.", [(bond, 2.0)])
    yield gauge("node_bonding_active", "Interfaces of it that work.", [(bond, 1.0)])


def _array() -> Iterator[Family]:
    yield gauge(
        "node_md_disks",
        "Disks of an array by state.",
        [({"device": "md0", "state": state}, count) for state, count in _DISKS.items()],
    )
    yield gauge(
        "node_md_disks_required", "Disks that an array should have.", [({"device": "md0"}, 2.0)]
    )


def serve(port: int = 0) -> Exporter:
    """Serve the machine on 127.0.0.1."""
    return serve_families(port, "/metrics", families())


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(
            description="Send what a node exporter sends of a real machine only."
        ),
        lambda arguments: serve(arguments.port),
    )
