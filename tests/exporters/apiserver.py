"""What kube-apiserver 1.30 to 1.35 sends: requests, fairness, admission, storage, watches, queues,
its process.

Names, types, labels and bucket bounds are those of 1.35. No whole counter that moves is slower than
one in two seconds, so ratios and quantiles over a few seconds are never empty; and a little of
everything fails.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field

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
    started_at,
    summary,
    wandering,
)
from tests.exporters.inventory import KUBERNETES_VERSION

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics"

_REQUEST_BOUNDS = (
    *(0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0),
    *(3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0),
)
_SLI_BOUNDS = _REQUEST_BOUNDS[2:]
_ADMISSION_BOUNDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5)
_WEBHOOK_BOUNDS = (*_ADMISSION_BOUNDS, 10.0, 25.0)
_WAIT_BOUNDS = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
# client-go computes these as powers of ten of 1e-8, and two of them come out as the nearest float
# below.
_QUEUE_BOUNDS = (
    1e-08,
    1e-07,
    1e-06,
    9.999999999999999e-06,
    9.999999999999999e-05,
    0.001,
    0.01,
    0.1,
    1.0,
    10.0,
)
_HOUR, _DAY = 3600.0, 86400.0
_EXPIRATION_BOUNDS = (
    *(0.0, _HOUR / 2, _HOUR, 2 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 4 * _DAY, 7 * _DAY),
    *(30 * _DAY, 90 * _DAY, 180 * _DAY, 360 * _DAY),
)
_AUTHENTICATION_BOUNDS = tuple(0.001 * 2**power for power in range(15))


@dataclass(frozen=True, kw_only=True)
class Request:
    """Requests of one kind: how many a second per status code, and how long one typically takes."""

    verb: str
    resource: str
    codes: dict[str, float]
    typical: float
    group: str = ""
    version: str = "v1"
    subresource: str = ""
    scope: str = "resource"
    component: str = "apiserver"

    @property
    def labels(self) -> dict[str, str]:
        """The labels that request counts, durations and running requests share."""
        return {
            "component": self.component,
            "group": self.group,
            "resource": self.resource,
            "scope": self.scope,
            "subresource": self.subresource,
            "verb": self.verb,
            "version": self.version,
        }

    @property
    def rate(self) -> float:
        """Requests a second, whatever their code."""
        return sum(self.codes.values())

    @property
    def long_running(self) -> bool:
        """Whether the request ends when its client goes away."""
        return self.verb in {"WATCH", "CONNECT"}


_REQUESTS = (
    Request(verb="GET", resource="pods", codes={"200": 24.0, "404": 0.8}, typical=0.004),
    Request(verb="GET", resource="nodes", codes={"200": 8.0}, typical=0.003),
    Request(verb="GET", resource="configmaps", codes={"200": 5.0, "404": 0.6}, typical=0.003),
    Request(verb="GET", resource="secrets", codes={"200": 3.0, "403": 0.5}, typical=0.004),
    Request(
        verb="GET",
        resource="leases",
        group="coordination.k8s.io",
        codes={"200": 14.0, "500": 0.5},
        typical=0.004,
    ),
    Request(
        verb="GET",
        resource="",
        version="",
        scope="",
        component="",
        subresource="/readyz",
        codes={"200": 3.0, "500": 0.5},
        typical=0.002,
    ),
    Request(
        verb="LIST", resource="pods", scope="cluster", codes={"200": 3.0, "504": 0.5}, typical=0.09
    ),
    Request(verb="LIST", resource="pods", scope="namespace", codes={"200": 6.0}, typical=0.02),
    Request(verb="LIST", resource="nodes", scope="cluster", codes={"200": 0.5}, typical=0.03),
    Request(
        verb="LIST",
        resource="deployments",
        group="apps",
        scope="namespace",
        codes={"200": 0.6},
        typical=0.02,
    ),
    Request(
        verb="LIST",
        resource="pods",
        group="metrics.k8s.io",
        version="v1beta1",
        scope="cluster",
        component="aggregator",
        codes={"200": 2.0, "503": 0.5},
        typical=0.15,
    ),
    Request(verb="POST", resource="events", scope="namespace", codes={"201": 7.0}, typical=0.008),
    Request(
        verb="POST",
        resource="pods",
        scope="namespace",
        codes={"201": 2.0, "422": 0.5},
        typical=0.03,
    ),
    Request(
        verb="POST",
        resource="serviceaccounts",
        subresource="token",
        codes={"201": 0.6},
        typical=0.01,
    ),
    Request(
        verb="POST",
        resource="subjectaccessreviews",
        group="authorization.k8s.io",
        scope="cluster",
        codes={"201": 4.0, "429": 0.5},
        typical=0.004,
    ),
    Request(
        verb="PUT",
        resource="leases",
        group="coordination.k8s.io",
        codes={"200": 14.0, "409": 0.6, "500": 0.5},
        typical=0.012,
    ),
    Request(verb="PUT", resource="endpoints", codes={"200": 2.0, "409": 0.5}, typical=0.011),
    Request(
        verb="PATCH", resource="nodes", subresource="status", codes={"200": 2.0}, typical=0.014
    ),
    Request(
        verb="PATCH",
        resource="pods",
        subresource="status",
        codes={"200": 5.0, "409": 0.5},
        typical=0.015,
    ),
    Request(verb="PATCH", resource="events", codes={"200": 0.5}, typical=0.012),
    Request(
        verb="APPLY",
        resource="flowschemas",
        group="flowcontrol.apiserver.k8s.io",
        subresource="status",
        codes={"200": 0.5},
        typical=0.01,
    ),
    Request(verb="DELETE", resource="pods", codes={"200": 2.0, "404": 0.5}, typical=0.02),
    Request(
        verb="DELETECOLLECTION",
        resource="events",
        scope="namespace",
        codes={"200": 0.5},
        typical=0.06,
    ),
    Request(verb="WATCH", resource="pods", scope="cluster", codes={"200": 0.5}, typical=420.0),
    Request(
        verb="WATCH", resource="configmaps", scope="namespace", codes={"200": 0.6}, typical=430.0
    ),
    Request(
        verb="WATCH",
        resource="deployments",
        group="apps",
        scope="cluster",
        codes={"200": 0.5},
        typical=440.0,
    ),
    Request(verb="CONNECT", resource="pods", subresource="exec", codes={"0": 0.5}, typical=35.0),
)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A flow schema: requests a second and the time they wait; rejected ones a second by reason."""

    schema: str
    level: str
    rate: float
    executing: float
    wait: float = 0.0005
    rejected: dict[str, float] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the per-flow metrics."""
        return {"flow_schema": self.schema, "priority_level": self.level}


_FLOWS = (
    Flow(schema="exempt", level="exempt", rate=9.0, executing=1),
    Flow(schema="probes", level="exempt", rate=0.6, executing=0),
    Flow(schema="system-nodes", level="system", rate=24.0, executing=3),
    Flow(schema="system-node-high", level="node-high", rate=2.0, executing=1),
    Flow(schema="system-leader-election", level="leader-election", rate=14.0, executing=2),
    Flow(schema="kube-controller-manager", level="workload-high", rate=16.0, executing=2),
    Flow(schema="kube-scheduler", level="workload-high", rate=1.5, executing=1),
    Flow(
        schema="service-accounts",
        level="workload-low",
        rate=20.0,
        executing=4,
        wait=0.03,
        rejected={"queue-full": 0.5, "time-out": 0.5},
    ),
    Flow(
        schema="global-default",
        level="global-default",
        rate=0.8,
        executing=2,
        wait=0.02,
        rejected={"time-out": 0.5},
    ),
    Flow(
        schema="catch-all",
        level="catch-all",
        rate=0.6,
        executing=1,
        rejected={"concurrency-limit": 0.5},
    ),
)
# Seats: nominal, and the least and most that borrowing leaves or gives.
_LEVELS = {
    "exempt": (0, 0, 600),
    "system": (74, 50, 674),
    "node-high": (98, 73, 698),
    "leader-election": (25, 25, 625),
    "workload-high": (98, 49, 698),
    "workload-low": (245, 24, 845),
    "global-default": (49, 24, 649),
    "catch-all": (13, 13, 613),
}

# Objects in storage by group and resource, with the etcd operations on them a second.
_STORED = {
    ("", "pods"): (11, {"get": 1.6, "list": 0.5, "create": 0.5, "update": 1.1, "delete": 0.5}),
    ("", "nodes"): (2, {"get": 0.8, "update": 0.6}),
    ("", "configmaps"): (34, {"get": 1.0, "list": 0.5}),
    ("", "secrets"): (12, {"get": 0.9}),
    ("", "events"): (640, {"create": 1.8, "list": 0.5, "update": 0.5}),
    ("", "endpoints"): (9, {"get": 0.5, "update": 0.5}),
    ("", "serviceaccounts"): (45, {"get": 0.6}),
    ("apps", "deployments"): (3, {"get": 0.5, "update": 0.5}),
    ("apps", "replicasets"): (9, {"get": 0.5, "update": 0.5}),
    ("coordination.k8s.io", "leases"): (7, {"get": 4.0, "update": 5.0}),
    ("rbac.authorization.k8s.io", "clusterroles"): (75, {"get": 0.5}),
    ("apiextensions.k8s.io", "customresourcedefinitions"): (10, {"get": 0.5, "list": 0.5}),
}
_ETCD_ERRORS = (
    ("get", "coordination.k8s.io", "leases"),
    ("list", "", "pods"),
    ("update", "", "pods"),
)

_WEBHOOKS = (
    # name, type, calls a second, typical seconds
    ("validate.policy.example.com", "validating", 6.0, 0.012),
    ("inject.sidecar.example.com", "admit", 2.0, 0.04),
)
_CONTROLLERS = (
    ("NamespaceLifecycle", "admit"),
    ("ServiceAccount", "admit"),
    ("LimitRanger", "admit"),
    ("Priority", "admit"),
    ("MutatingAdmissionWebhook", "admit"),
    ("PodSecurity", "validate"),
    ("ValidatingAdmissionPolicy", "validate"),
    ("ValidatingAdmissionWebhook", "validate"),
    ("ResourceQuota", "validate"),
)
_QUEUES = {
    "APIServiceRegistrationController": 0.5,
    "LocalAvailabilityController": 0.7,
    "RemoteAvailabilityController": 0.8,
    "admission_quota_controller": 1.1,
    "autoregister": 0.5,
    "crdEstablishing": 0.5,
    "crd_openapi_v3_controller": 0.5,
    "open_api_v3_aggregation_controller": 2.4,
    "priority_and_fairness_config_queue": 0.5,
}
_API_SERVICES = ("v1.", "v1.apps", "v1.coordination.k8s.io", "v1beta1.metrics.k8s.io")


def serve(port: int = 0) -> Exporter:
    """Serve the API server's metrics on 127.0.0.1."""
    return serve_families(port, PATH, families())


def families() -> Iterator[Family]:
    """Return the metric families of one API server."""
    yield from _requests()
    yield from _running_requests()
    yield from _fairness()
    yield from _admission()
    yield from _webhooks()
    yield from _storage()
    yield from _watches()
    yield from _authentication()
    yield from _aggregation()
    yield from _queues()
    yield from _process()
    yield from _go()


def _requests() -> Iterator[Family]:
    yield counter(
        "apiserver_request_total",
        "Requests by verb, object and status code.",
        [
            ({"code": code, "dry_run": "", **request.labels}, rate)
            for request in _REQUESTS
            for code, rate in request.codes.items()
        ],
    )
    yield histogram(
        "apiserver_request_duration_seconds",
        "Time from the request's arrival to its last byte.",
        _REQUEST_BOUNDS,
        [
            (
                {"dry_run": "", **request.labels},
                Observed(rate=request.rate, typical=request.typical),
            )
            for request in _REQUESTS
        ],
    )
    yield histogram(
        "apiserver_request_sli_duration_seconds",
        "The same without the time spent in webhooks and in fairness queues; "
        "long-running requests do not count.",
        _SLI_BOUNDS,
        [
            (request.labels, Observed(rate=request.rate, typical=0.8 * request.typical))
            for request in _REQUESTS
            if not request.long_running
        ],
    )
    yield counter(
        "apiserver_request_terminations_total",
        "Requests that the server gave up in self-defence.",
        [
            ({"code": code, **request.labels}, rate)
            for request in _REQUESTS
            for code, rate in request.codes.items()
            if code in {"429", "503", "504"}
        ],
    )
    yield counter(
        "apiserver_request_aborts_total",
        "Requests that ended in an aborted handler, as after a timeout.",
        [
            (
                {
                    name: request.labels[name]
                    for name in ("group", "resource", "scope", "subresource", "verb", "version")
                },
                0.5,
            )
            for request in _REQUESTS
            if "504" in request.codes
        ],
    )


def _running_requests() -> Iterator[Family]:
    kinds = {"mutating": (4.0, 0.4), "readOnly": (9.0, 0.6)}
    yield gauge(
        "apiserver_current_inflight_requests",
        "Most requests in flight during the last second.",
        [({"request_kind": kind}, _around(running, kind)) for kind, (running, _) in kinds.items()],
    )
    yield gauge(
        "apiserver_current_inqueue_requests",
        "Most requests in queue during the last second.",
        [({"request_kind": kind}, _around(queued, kind)) for kind, (_, queued) in kinds.items()],
    )
    yield gauge(
        "apiserver_longrunning_requests",
        "Long-running requests that are open.",
        [
            (request.labels, _around(40 * request.rate, str(request.labels)))
            for request in _REQUESTS
            if request.long_running
        ],
    )
    yield gauge(
        "apiserver_requested_deprecated_apis",
        "Constant 1 for each deprecated API that was requested.",
        [
            (
                {
                    "group": "",
                    "removed_release": "",
                    "resource": "endpoints",
                    "subresource": "",
                    "version": "v1",
                },
                1,
            )
        ],
    )
    yield counter("apiserver_audit_event_total", "Audit events.", [({}, 60.0)])
    yield counter(
        "apiserver_audit_requests_rejected_total", "Requests refused by auditing.", [({}, 0.0)]
    )
    yield counter(
        "apiserver_tls_handshake_errors_total", "TLS handshakes that failed.", [({}, 0.5)]
    )


def _around(middle: float, key: str) -> Value:
    return wandering(middle, key, swing=0.5, whole=True)


def _fairness() -> Iterator[Family]:
    for name, help, scale in (
        ("current_executing_requests", "Requests that execute now.", 1.0),
        ("current_executing_seats", "Seats that they take.", 1.5),
        ("current_inqueue_requests", "Requests that wait.", 0.6),
    ):
        yield gauge(
            f"apiserver_flowcontrol_{name}",
            help,
            [
                (flow.labels, _around(scale * flow.executing, name + flow.schema))
                for flow in _queueing(name)
            ],
        )
    yield counter(
        "apiserver_flowcontrol_dispatched_requests_total",
        "Requests let through.",
        [(flow.labels, flow.rate) for flow in _FLOWS],
    )
    yield counter(
        "apiserver_flowcontrol_rejected_requests_total",
        "Requests turned away.",
        [
            ({**flow.labels, "reason": why}, rate)
            for flow in _FLOWS
            for why, rate in flow.rejected.items()
        ],
    )
    yield histogram(
        "apiserver_flowcontrol_request_wait_duration_seconds",
        "Time in a queue.",
        _WAIT_BOUNDS,
        [
            ({"execute": execute, **flow.labels}, Observed(rate=rate, typical=wait))
            for flow in _queueing("inqueue")
            for execute, rate, wait in (
                ("true", flow.rate, flow.wait),
                ("false", sum(flow.rejected.values()), 100 * flow.wait),
            )
            if rate
        ],
    )
    yield histogram(
        "apiserver_flowcontrol_request_execution_seconds",
        "Time from a request's dispatch to its end.",
        (0.0, *_WAIT_BOUNDS[1:], 60.0),
        [
            ({**flow.labels, "type": "regular"}, Observed(rate=flow.rate, typical=0.006))
            for flow in _FLOWS
        ],
    )
    yield from _seats()


def _queueing(metric: str) -> Iterator[Flow]:
    """Return the flows that a metric covers: exempt requests never wait."""
    return (flow for flow in _FLOWS if "inqueue" not in metric or flow.level != "exempt")


def _seats() -> Iterator[Family]:
    bounds = ("nominal", "lower", "upper")
    for index, bound in enumerate(bounds):
        yield gauge(
            f"apiserver_flowcontrol_{bound}_limit_seats",
            f"Seats of a level: {bound} limit.",
            [({"priority_level": level}, seats[index]) for level, seats in _LEVELS.items()],
        )
    yield gauge(
        "apiserver_flowcontrol_current_limit_seats",
        "Seats of a level, borrowed ones included.",
        [
            ({"priority_level": level}, wandering(nominal + 40, level, whole=True))
            for level, (nominal, _, _) in _LEVELS.items()
        ],
    )


def _admission() -> Iterator[Family]:
    operations = {"CREATE": 12.0, "UPDATE": 20.0, "DELETE": 2.0}
    yield histogram(
        "apiserver_admission_controller_admission_duration_seconds",
        "Time in each admission plug-in.",
        _ADMISSION_BOUNDS,
        [
            (
                {"name": name, "operation": operation, "rejected": "false", "type": step},
                Observed(rate=rate, typical=0.0004),
            )
            for name, step in _CONTROLLERS
            for operation, rate in operations.items()
        ],
    )
    yield histogram(
        "apiserver_admission_step_admission_duration_seconds",
        "Time in each admission step.",
        _ADMISSION_BOUNDS,
        [
            (
                {"operation": operation, "rejected": rejected, "type": step},
                Observed(rate=rate * share, typical=0.003),
            )
            for operation, rate in operations.items()
            for rejected, share in (("false", 1.0), ("true", 0.25))
            for step in ("admit", "validate")
        ],
    )


def _webhooks() -> Iterator[Family]:
    rejected = 0.5
    outcomes = (("200", "false"), ("403", "true"))
    yield histogram(
        "apiserver_admission_webhook_admission_duration_seconds",
        "Time in each admission webhook.",
        _WEBHOOK_BOUNDS,
        [
            (
                {"name": name, "operation": "CREATE", "rejected": outcome, "type": step},
                Observed(rate=rejected if outcome == "true" else rate, typical=typical),
            )
            for name, step, rate, typical in _WEBHOOKS
            for _, outcome in outcomes
        ],
    )
    yield counter(
        "apiserver_admission_webhook_request_total",
        "Calls of each admission webhook.",
        [
            (
                {
                    "code": code,
                    "name": name,
                    "operation": "CREATE",
                    "rejected": outcome,
                    "type": step,
                },
                rejected if outcome == "true" else rate,
            )
            for name, step, rate, _ in _WEBHOOKS
            for code, outcome in outcomes
        ],
    )
    yield counter(
        "apiserver_admission_webhook_rejection_count",
        "Requests that a webhook, or its failure, stopped.",
        [
            (
                {
                    "error_type": "no_error",
                    "name": name,
                    "operation": "CREATE",
                    "rejection_code": "403",
                    "type": step,
                },
                rejected,
            )
            for name, step, _, _ in _WEBHOOKS
        ],
    )
    yield counter(
        "apiserver_admission_webhook_fail_open_count",
        "Calls that failed and were let through.",
        [({"name": name, "type": step}, 0.5) for name, step, _, _ in _WEBHOOKS[1:]],
    )


def _storage() -> Iterator[Family]:
    operations = [
        ({"group": group, "operation": operation, "resource": resource}, rate)
        for (group, resource), (_, rates) in _STORED.items()
        for operation, rate in rates.items()
    ]
    yield histogram(
        "etcd_request_duration_seconds",
        "Time of each request to etcd.",
        _REQUEST_BOUNDS,
        [(labels, Observed(rate=rate, typical=0.004)) for labels, rate in operations],
    )
    yield counter("etcd_requests_total", "Requests to etcd.", operations)
    yield counter(
        "etcd_request_errors_total",
        "Requests to etcd that failed.",
        [
            ({"group": group, "operation": operation, "resource": resource}, 0.5)
            for operation, group, resource in _ETCD_ERRORS
        ],
    )
    yield gauge(
        "apiserver_resource_objects",
        "Stored objects (since 1.34).",
        [
            ({"group": group, "resource": resource}, count)
            for (group, resource), (count, _) in _STORED.items()
        ],
    )
    yield gauge(
        "apiserver_storage_objects",
        "Stored objects (until 1.35).",
        [
            ({"resource": f"{resource}.{group}" if group else resource}, count)
            for (group, resource), (count, _) in _STORED.items()
        ],
    )
    yield gauge(
        "apiserver_storage_size_bytes",
        "Size of the database file.",
        [({"storage_cluster_id": "etcd-0"}, wandering(48e6, "etcd-0", swing=0.05, whole=True))],
    )
    for name in ("", "_fetched_objects", "_returned_objects", "_evaluated_objects"):
        yield counter(
            f"apiserver_storage_list{name}_total",
            f"LIST requests served from storage{name.replace('_', ' ')}.",
            [
                ({"group": group, "resource": resource}, rates["list"] * (count if name else 1))
                for (group, resource), (count, rates) in _STORED.items()
                if "list" in rates
            ],
        )


def _watches() -> Iterator[Family]:
    kinds = [
        ({"group": group, "resource": resource}, rates)
        for (group, resource), (_, rates) in _STORED.items()
    ]
    changed = [(labels, sum(rates.values())) for labels, rates in kinds if "update" in rates]
    yield counter(
        "apiserver_watch_events_total",
        "Events sent to watchers.",
        [({**labels, "version": "v1"}, 3 * rate) for labels, rate in changed],
    )
    yield histogram(
        "apiserver_watch_events_sizes",
        "Size of the events sent to watchers.",
        (1024.0, 2048.0, 4096.0, 8192.0, 16384.0, 32768.0, 65536.0, 131072.0),
        [
            ({**labels, "version": "v1"}, Observed(rate=3 * rate, typical=2500.0))
            for labels, rate in changed
        ],
    )
    for name, help, scale in (
        ("received", "Events that the watch cache read from etcd.", 1.0),
        ("dispatched", "Events that the watch cache handed on.", 3.0),
    ):
        yield counter(
            f"apiserver_watch_cache_events_{name}_total",
            help,
            [(labels, scale * rate) for labels, rate in changed],
        )
    yield counter(
        "apiserver_watch_cache_initializations_total",
        "Times that a watch cache was filled.",
        [(labels, 0.0) for labels, _ in kinds],
    )
    yield histogram(
        "apiserver_watch_cache_read_wait_seconds",
        "Time that a read waits until the watch cache is fresh.",
        (0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0),
        [(labels, Observed(rate=sum(rates.values()), typical=0.02)) for labels, rates in kinds],
    )
    yield gauge(
        "watch_cache_capacity",
        "Events that a watch cache holds.",
        [(labels, 100) for labels, _ in kinds],
    )
    yield from _cache_lists()


def _cache_lists() -> Iterator[Family]:
    listed = [
        request
        for request in _REQUESTS
        if request.verb == "LIST" and request.component == "apiserver"
    ]
    rates: dict[tuple[str, str], float] = {}
    for request in listed:
        key = (request.group, request.resource)
        rates[key] = rates.get(key, 0.0) + request.rate
    yield counter(
        "apiserver_cache_list_total",
        "LIST requests served from the watch cache.",
        [
            ({"group": group, "index": "", "resource": name}, rate)
            for (group, name), rate in rates.items()
        ],
    )
    yield counter(
        "apiserver_cache_list_fetched_objects_total",
        "Objects read from the watch cache for them.",
        [
            ({"group": group, "index": "", "resource": name}, 9 * rate)
            for (group, name), rate in rates.items()
        ],
    )
    yield counter(
        "apiserver_cache_list_returned_objects_total",
        "Objects returned for them.",
        [({"group": group, "resource": name}, 7 * rate) for (group, name), rate in rates.items()],
    )


def _authentication() -> Iterator[Family]:
    yield counter(
        "authentication_attempts",
        "Authentications by result.",
        [({"result": "success"}, 110.0), ({"result": "failure"}, 0.6), ({"result": "error"}, 0.5)],
    )
    yield histogram(
        "authentication_duration_seconds",
        "Time of an authentication.",
        _AUTHENTICATION_BOUNDS,
        [
            ({"result": "success"}, Observed(rate=110.0, typical=0.0006)),
            ({"result": "failure"}, Observed(rate=0.6, typical=0.002)),
        ],
    )
    yield counter(
        "authenticated_user_requests", "Requests by user.", [({"username": "other"}, 110.0)]
    )
    decisions = {"allowed": 105.0, "denied": 0.5, "no-opinion": 4.5}
    yield counter(
        "authorization_attempts_total",
        "Authorizations by result.",
        [({"result": result}, rate) for result, rate in decisions.items()],
    )
    yield histogram(
        "authorization_duration_seconds",
        "Time of an authorization.",
        _AUTHENTICATION_BOUNDS,
        [
            ({"result": result}, Observed(rate=rate, typical=0.0003))
            for result, rate in decisions.items()
        ],
    )
    yield histogram(
        "apiserver_client_certificate_expiration_seconds",
        "Time that client certificates still have.",
        _EXPIRATION_BOUNDS,
        [({}, Observed(rate=9.0, typical=200 * _DAY, spread=0.5))],
    )


def _aggregation() -> Iterator[Family]:
    yield gauge(
        "aggregator_unavailable_apiservice",
        "1 while an aggregated API does not answer.",
        [({"name": name}, 0) for name in _API_SERVICES],
    )
    yield counter(
        "aggregator_unavailable_apiservice_total",
        "Times that an aggregated API became unavailable.",
        [({"name": "v1beta1.metrics.k8s.io", "reason": "FailedDiscoveryCheck"}, 0.5)],
    )
    host = "[::1]:6443"
    answers = {
        ("GET", "200"): 1.4,
        ("GET", "404"): 0.5,
        ("POST", "201"): 1.2,
        ("PUT", "200"): 0.5,
        ("GET", "500"): 0.5,
    }
    yield counter(
        "rest_client_requests_total",
        "Requests that the server made as a client.",
        [
            ({"code": code, "host": host, "method": method}, rate)
            for (method, code), rate in answers.items()
        ],
    )
    yield histogram(
        "rest_client_request_duration_seconds",
        "Time of those requests.",
        (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0),
        [
            ({"host": host, "verb": verb}, Observed(rate=rate, typical=0.004))
            for verb, rate in (("GET", 2.4), ("POST", 1.2), ("PUT", 0.5))
        ],
    )


def _queues() -> Iterator[Family]:
    rates = [({"name": name}, rate) for name, rate in _QUEUES.items()]
    yield counter("workqueue_adds_total", "Items put into a queue.", rates)
    yield counter(
        "workqueue_retries_total",
        "Items put back after a failure.",
        [(labels, 0.5) for labels, _ in rates],
    )
    yield gauge(
        "workqueue_depth",
        "Items that wait.",
        [({"name": name}, _around(3 * rate, name)) for name, rate in _QUEUES.items()],
    )
    for what, typical in (("queue", 0.00006), ("work", 0.002)):
        yield histogram(
            f"workqueue_{what}_duration_seconds",
            f"Time of an item in {what}.",
            _QUEUE_BOUNDS,
            [(labels, Observed(rate=rate, typical=typical, spread=1.4)) for labels, rate in rates],
        )
    for what in ("unfinished_work_seconds", "longest_running_processor_seconds"):
        yield gauge(
            f"workqueue_{what}",
            f"{what.replace('_', ' ').capitalize()} of a queue.",
            [
                ({"name": name}, wandering(0.01 * rate, name + what))
                for name, rate in _QUEUES.items()
            ],
        )


def _process() -> Iterator[Family]:
    values: dict[str, tuple[str, float | Value]] = {
        "open_fds": ("Open file descriptors.", wandering(160, "fds", whole=True)),
        "max_fds": ("Most file descriptors allowed.", 1_048_576),
        "resident_memory_bytes": ("Memory in use.", wandering(640e6, "rss", whole=True)),
        "virtual_memory_bytes": ("Memory reserved.", 1.55e9),
        "start_time_seconds": ("When the process started.", round(started_at(), 2)),
    }
    yield counter("process_cpu_seconds_total", "CPU time used.", [({}, 0.32)])
    for name, (help, value) in values.items():
        yield gauge(f"process_{name}", help, [({}, value)])
    build = {
        "git_version": KUBERNETES_VERSION,
        "go_version": "go1.25.5",
        "major": "1",
        "minor": "35",
    }
    yield gauge("kubernetes_build_info", "Constant 1, labelled with the version.", [(build, 1)])


def _go() -> Iterator[Family]:
    yield gauge(
        "go_info", "Constant 1, labelled with the Go version.", [({"version": "go1.25.5"}, 1)]
    )
    yield gauge("go_goroutines", "Goroutines.", [({}, wandering(2300, "goroutines", whole=True))])
    yield gauge("go_threads", "Threads.", [({}, 21)])
    yield gauge(
        "go_memstats_alloc_bytes", "Heap in use.", [({}, wandering(210e6, "heap", whole=True))]
    )
    yield counter("go_memstats_alloc_bytes_total", "Bytes ever allocated.", [({}, 9.5e6)])
    yield gauge(
        "go_memstats_heap_inuse_bytes",
        "Heap spans in use.",
        [({}, wandering(290e6, "spans", whole=True))],
    )
    pauses = {"0": 0.00002, "0.25": 0.00006, "0.5": 0.00008, "0.75": 0.0002, "1": 0.0012}
    yield summary(
        "go_gc_duration_seconds", "Pauses of the garbage collector.", pauses, rate=0.5, mean=0.0001
    )


if __name__ == "__main__":
    run(
        argparse.ArgumentParser(description="Send what kube-apiserver sends."),
        lambda arguments: serve(arguments.port),
    )
