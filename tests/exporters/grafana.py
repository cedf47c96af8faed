"""What Grafana 12.4 sends of itself, with requests and rules of which some fail."""

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
)
from tests.exporters.inventory import MI

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
_REQUESTS = (
    ("/api/dashboards/uid/:uid", "200", 1.0, 0.02),
    ("/api/dashboards/uid/:uid", "500", 0.5, 0.1),
    ("/api/ds/query", "200", 4.0, 0.2),
    ("/api/ds/query", "502", 0.5, 0.3),
    ("/api/live/ws", "-1", 0.5, 600.0),
)
_DATASOURCES = (("Prometheus", "200", 4.0), ("Prometheus", "502", 0.5), ("Loki", "200", 1.0))


def serve(port: int = 0) -> Exporter:
    """Serve a Grafana on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Return the metric families of the server."""
    yield from process.families("grafana", cores=0.1, memory=310 * MI)
    build = {"branch": "HEAD", "edition": "oss", "goversion": "go1.25.5", "version": "12.4.0"}
    yield gauge("grafana_build_info", "Constant 1.", [(build, 1)])
    yield histogram(
        "grafana_http_request_duration_seconds",
        "Duration of requests.",
        _BOUNDS,
        [
            (
                {"handler": handler, "status_code": code, "method": "GET"},
                Observed(rate=rate, typical=typical),
            )
            for handler, code, rate, typical in _REQUESTS
        ],
    )
    datasources = [
        (
            {"datasource": name, "datasource_type": name.lower(), "code": code, "method": "POST"},
            rate,
        )
        for name, code, rate in _DATASOURCES
    ]
    yield counter("grafana_datasource_request_total", "Requests.", datasources)
    yield histogram(
        "grafana_datasource_request_duration_seconds",
        "Duration of requests.",
        _BOUNDS,
        [(labels, Observed(rate=rate, typical=0.15)) for labels, rate in datasources],
    )
    yield counter("grafana_alerting_rule_evaluations_total", "Evaluations.", [({"org": "1"}, 1.0)])
    yield counter(
        "grafana_alerting_rule_evaluation_failures_total", "Failures.", [({"org": "1"}, 0.5)]
    )
    yield gauge("grafana_alerting_scheduler_behind_seconds", "Delay.", [({}, 0.002)])
    yield gauge(
        "grafana_alerting_alerts",
        "Alerts.",
        [
            ({"state": state}, count)
            for state, count in (("alerting", 3), ("error", 1), ("nodata", 0), ("normal", 34))
        ],
    )


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what Grafana sends of itself."),
        lambda given: serve(given.port),
    )
