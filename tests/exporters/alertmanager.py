"""What two members of an Alertmanager cluster send, 0.28: the second has lost the first, and has
another configuration."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tests.exporters import process
from tests.exporters.exposition import (
    Exporter,
    Family,
    Observed,
    counter,
    gauge,
    histogram,
    run,
    serve_families,
    wandering,
)
from tests.exporters.inventory import MI

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

# Notifications a second, and those of them that fail.
_INTEGRATIONS = {"slack": (1.0, 0.5), "webhook": (2.0, 0.0), "email": (0.0, 0.0)}


def serve(port: int = 0, member: int = 0) -> Exporter:
    """Serve one of the two members on 127.0.0.1."""
    return serve_families(port, PATH, families(member))


def families(member: int) -> Iterator[Family]:
    """Return the metric families of a member."""
    yield from process.families(f"alertmanager-{member}", cores=0.02, memory=38 * MI)
    build = {"branch": "HEAD", "goversion": "go1.24.1", "revision": "4ce04fb", "version": "0.28.1"}
    yield gauge("alertmanager_build_info", "Constant 1.", [(build, 1)])
    yield gauge("alertmanager_config_last_reload_successful", "Success.", [({}, 1 - member)])
    yield gauge("alertmanager_config_hash", "Hash.", [({}, 1.6e14 + member)])
    yield from _alerts(member)
    yield from _notifications()
    yield gauge("alertmanager_cluster_members", "Members.", [({}, 2 - member)])
    yield gauge("alertmanager_cluster_failed_peers", "Failed members.", [({}, member)])
    yield gauge("alertmanager_cluster_messages_queued", "Messages.", [({}, 3)])


def _alerts(member: int) -> Iterator[Family]:
    yield gauge(
        "alertmanager_alerts",
        "Alerts.",
        [
            ({"state": "active"}, wandering(14, f"active-{member}", whole=True)),
            ({"state": "suppressed"}, 3),
            ({"state": "unprocessed"}, 0),
        ],
    )
    yield gauge(
        "alertmanager_silences",
        "Silences.",
        [({"state": "active"}, 2), ({"state": "expired"}, 7), ({"state": "pending"}, 0)],
    )
    yield counter(
        "alertmanager_alerts_received_total",
        "Received.",
        [
            ({"status": "firing", "version": "v2"}, 2.0),
            ({"status": "resolved", "version": "v2"}, 0.5),
        ],
    )
    yield counter("alertmanager_alerts_invalid_total", "Invalid.", [({"version": "v2"}, 0.5)])


def _notifications() -> Iterator[Family]:
    integrations = [({"integration": name}, rates) for name, rates in _INTEGRATIONS.items()]
    yield counter(
        "alertmanager_notifications_total",
        "Sent.",
        [(labels, rates[0]) for labels, rates in integrations],
    )
    yield counter(
        "alertmanager_notifications_failed_total",
        "Failed.",
        [({**labels, "reason": "other"}, rates[1]) for labels, rates in integrations],
    )
    yield histogram(
        "alertmanager_notification_latency_seconds",
        "Duration.",
        (1.0, 5.0, 10.0, 15.0, 20.0),
        [(labels, Observed(rate=rates[0], typical=0.4)) for labels, rates in integrations],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send what a member of Alertmanager sends.")
    parser.add_argument("--member", type=int, choices=(0, 1), default=0)
    run(parser, lambda given: serve(given.port, given.member))
