"""The API servers: are they up, do they fail, are they slow, how much may still fail; then what
clients ask for, and what limits them.

Tiles and tables ask the servers' own series once. Graphs of requests, errors and latency read what
the recording rules of alerts/apiserver.py make, because a server has thousands of buckets: without
these rules they have no data. All other graphs read few series.
"""

from collections.abc import Mapping
from typing import Any

from alerts.apiserver import DAY, ERRORS, EXPIRES, EXPIRES_SOON, SLOW, TERMINATED
from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    bar_gauge,
    column,
    dashboard_link,
    heatmap,
    stat,
    state_timeline,
    table,
    target,
    timeseries,
)
from gk.library import apiserver, apiserver_requests, apiserver_slo, apiserver_storage

# A tile without a value is neutral: `text` is the colour of text.
MET = {None: "text", 0: "red", apiserver_slo.TARGET: "green"}
LEFT = {None: "text", -1000: "red", 0.0: "orange", 0.25: "green"}
NOT_RECORDED = "Not recorded"
# Rules record once a minute, so more points would only repeat them.
RECORDED = "1m"
# Names beside the plot, with what one reads off the lines.
LEGEND: Mapping[str, Any] = {
    "legend": "table",
    "legend_placement": "right",
    "legend_values": ["max", "lastNotNull"],
}
LINES: Mapping[str, Any] = {"fill": 0, "min": 0, **LEGEND}
# The bound of the last bucket of lifetimes: beyond it, nothing is known.
LONGEST = 360 * DAY

dashboard = Dashboard(
    "API server",
    uid="apiserver",
    folder="Kubernetes",
    description="Availability, error budget, requests, errors, latency and saturation "
    "of kube-apiserver, and its view of etcd.",
    tags=["kubernetes", "apiserver"],
    exporter=apiserver,
    nodes="all",
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[
        dashboard_link("Control plane", dashboard="control-plane", include_variables=False),
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False),
    ],
    annotations=[
        annotation(
            "Firing alerts",
            apiserver.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
            enabled=False,
        )
    ],
    panels=[
        stat("Servers up", apiserver.up_count, height=5),
        stat(
            "Errors (5xx)",
            apiserver_requests.error_share,
            thresholds={None: "text", 0: "green", ERRORS: "red"},
            decimals=2,
            height=5,
        ),
        stat(
            "Avail. 1 h",
            apiserver_slo.availability_1h,
            thresholds=MET,
            decimals=2,
            no_value=NOT_RECORDED,
            height=5,
        ),
        stat(
            "Avail. 30 d",
            apiserver_slo.availability_30d,
            thresholds=MET,
            decimals=3,
            no_value=NOT_RECORDED,
            height=5,
        ),
        stat(
            "Budget left",
            apiserver_slo.budget_left,
            thresholds=LEFT,
            decimals=1,
            no_value=NOT_RECORDED,
            height=5,
        ),
        stat(
            "Client certs",
            apiserver.client_certificate_expiry(quantile=0.01),
            mappings={LONGEST: ("over 360 d", "green")},
            thresholds={None: "text", 0: "red", EXPIRES_SOON: "orange", EXPIRES: "green"},
            decimals=1,
            height=5,
        ),
        alert_list(
            "Firing alerts",
            label_filter=f"{{{apiserver.ALERTS}}}",
            description="Alerts on the API servers that fire, of Prometheus and of Grafana.",
            states=["firing"],
            width=8,
            height=7,
        ),
        timeseries(
            "Availability",
            apiserver_slo.availability_by_kind,
            thresholds={None: "red", apiserver_slo.TARGET: "green"},
            interval=RECORDED,
            fill=0,
            soft_min=0.98,
            max=1,
            width=8,
            height=7,
        ),
        timeseries(
            "Latency p99, single objects",
            apiserver_requests.recorded_sli_latency(quantile=0.99),
            thresholds={SLOW: "orange"},
            interval=RECORDED,
            fill=0,
            min=0,
            soft_max=1,
            width=8,
            height=7,
        ),
    ],
    rows=[
        Row(
            "Availability and error budget",
            [
                timeseries(
                    "Burn rate of the error budget",
                    target(
                        apiserver_slo.burn_rate(long="1h", short="5m"),
                        legend="within 1 h and 5 min",
                    ),
                    target(
                        apiserver_slo.burn_rate(long="6h", short="30m"),
                        legend="within 6 h and 30 min",
                    ),
                    interval=RECORDED,
                    fill=0,
                    min=0,
                    soft_max=15,
                ),
                timeseries(
                    "Error budget left over time",
                    apiserver_slo.budget_left,
                    interval=RECORDED,
                    soft_min=0,
                    max=1,
                    thresholds={None: "red", 0.0: "orange", 0.25: "green"},
                ),
                timeseries(
                    "Reads that fail",
                    target(apiserver_slo.recorded_errors(kind="read"), legend="errors (5xx)"),
                    target(apiserver_slo.recorded_slow(kind="read"), legend="slow"),
                    interval=RECORDED,
                    fill=0,
                    min=0,
                    soft_max=0.1,
                    width=9,
                ),
                timeseries(
                    "Writes that fail",
                    target(apiserver_slo.recorded_errors(kind="write"), legend="errors (5xx)"),
                    target(apiserver_slo.recorded_slow(kind="write"), legend="slow"),
                    interval=RECORDED,
                    fill=0,
                    min=0,
                    soft_max=0.1,
                    width=9,
                ),
                stat(
                    "By kind, 30 d",
                    apiserver_slo.availability_30d_by_kind,
                    thresholds=MET,
                    decimals=3,
                    no_value=NOT_RECORDED,
                    width=6,
                    height=8,
                ),
            ],
        ),
        Row(
            "Requests",
            [
                timeseries(
                    "Requests by verb",
                    apiserver_requests.recorded_by_verb,
                    interval=RECORDED,
                    stack="normal",
                    min=0,
                    **LEGEND,
                ),
                timeseries(
                    "Requests by code",
                    apiserver_requests.recorded_by_code,
                    interval=RECORDED,
                    stack="normal",
                    min=0,
                    **LEGEND,
                ),
                timeseries(
                    "Requests by resource",
                    apiserver_requests.recorded_by_resource.top(10),
                    interval="2m",
                    width=24,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Errors",
            [
                timeseries(
                    "Errors (5xx) by verb",
                    apiserver_requests.recorded_error_share,
                    thresholds={ERRORS: "orange"},
                    interval=RECORDED,
                    soft_max=ERRORS,
                    **LINES,
                ),
                timeseries(
                    "Answers 4xx and 5xx",
                    apiserver_requests.recorded_errors_by_code,
                    interval=RECORDED,
                    soft_max=0.1,
                    **LINES,
                ),
                table(
                    "Errors by resource",
                    column("Verb", label="verb", width=110),
                    column("Resource", label="resource"),
                    column("Code", label="code", unit="string", width=70),
                    column(
                        "Errors",
                        apiserver_requests.errors_by_resource.top(10),
                        decimals=2,
                        width=110,
                    ),
                    sort_by="Errors",
                    width=12,
                ),
                stat(
                    "Terminated",
                    apiserver_requests.terminated_share,
                    thresholds={None: "text", 0: "green", TERMINATED: "orange"},
                    decimals=2,
                    height=8,
                ),
                state_timeline(
                    "Servers",
                    apiserver.up,
                    mappings={1: ("Up", "green"), 0: ("Down", "red")},
                    show_value="never",
                    legend="hidden",
                    width=8,
                    height=8,
                ),
                timeseries(
                    "Errors (5xx) by server",
                    apiserver_requests.recorded_error_share_by_server,
                    interval=RECORDED,
                    soft_max=ERRORS,
                    width=24,
                    **LINES,
                ),
            ],
        ),
        Row(
            "Latency",
            [
                table(
                    "Latency by verb",
                    column("Verb", label="verb"),
                    column("Requests", apiserver_requests.requests_by_verb, decimals=2, width=110),
                    column("Errors", apiserver_requests.error_share_by_verb, decimals=2, width=90),
                    column("p99", apiserver_requests.latency(quantile=0.99), decimals=2, width=100),
                    column(
                        "p99 inside",
                        apiserver_requests.sli_latency(
                            quantile=0.99, verb=apiserver_requests.OBJECT_VERBS
                        ),
                        decimals=2,
                        width=110,
                    ),
                    description="Each verb now: requests per second, the share answered with "
                    "a server error (5xx), and the time that 99% of its requests take at most. "
                    "p99 is what clients feel. Inside is what the servers themselves need "
                    "for a single object, without webhooks and queues; "
                    "it is meant to stay below 1 s. Source: kube-apiserver.",
                    sort_by="p99 inside",
                    width=12,
                ),
                timeseries(
                    "Latency by verb, p50 and p99",
                    target(
                        apiserver_requests.recorded_latency(quantile=0.99), legend="p99 {{verb}}"
                    ),
                    target(
                        apiserver_requests.recorded_latency(quantile=0.5), legend="p50 {{verb}}"
                    ),
                    interval=RECORDED,
                    fill=0,
                    log_scale=10,
                    **LEGEND,
                ),
                table(
                    "Latency by resource",
                    column("Verb", label="verb", width=110),
                    column("Resource", label="resource"),
                    column(
                        "Requests",
                        apiserver_requests.requests_by_verb_and_resource,
                        decimals=2,
                        width=110,
                    ),
                    column(
                        "p99",
                        apiserver_requests.latency_by_resource(quantile=0.99),
                        decimals=2,
                        width=100,
                    ),
                    description="Each verb and resource that somebody asked for within the last "
                    "minutes: requests per second, and the time that 99% of them take at most, "
                    "as clients feel it. Lists of large or many objects are the slow ones. "
                    "WATCH, exec and logs are left out. Source: kube-apiserver.",
                    sort_by="p99",
                    filterable=True,
                    width=12,
                ),
                heatmap(
                    "Requests by duration",
                    apiserver_requests.recorded_durations,
                    interval="2m",
                    width=12,
                ),
            ],
        ),
        Row(
            "In flight, and priority and fairness",
            [
                timeseries("In-flight requests", apiserver.inflight, min=0, width=8),
                timeseries("Long-running requests", apiserver.long_running, min=0, width=8),
                timeseries(
                    "Seats used", apiserver.apf_seats_used, fill=0, min=0, soft_max=1, width=8
                ),
                table(
                    "Priority levels",
                    column("Level", label="priority_level"),
                    column("Executing", apiserver.apf_executing, width=100),
                    column("Waiting", apiserver.apf_waiting, width=90),
                    column("Wait p99", apiserver.apf_wait(quantile=0.99), decimals=2, width=100),
                    column("Rejected", apiserver.apf_rejected, decimals=2, width=100),
                    description="Each priority level of priority and fairness now: requests that "
                    "run and that wait in a queue, how long 99% of them wait at most, "
                    "and those that are turned away with 429 per second. "
                    "Waiting for long, or anything rejected, means that the level has too few "
                    "seats for its clients. Source: kube-apiserver.",
                    sort_by="Waiting",
                    width=12,
                ),
                timeseries(
                    "Waiting requests",
                    apiserver.apf_waiting,
                    soft_max=1,
                    interval=RECORDED,
                    width=6,
                    fill=0,
                    min=0,
                ),
                timeseries(
                    "Rejected requests",
                    apiserver.apf_rejected,
                    soft_max=1,
                    interval=RECORDED,
                    width=6,
                    fill=0,
                    min=0,
                ),
            ],
        ),
        Row(
            "etcd and storage",
            [
                timeseries(
                    "etcd latency, mean",
                    apiserver_storage.etcd_latency,
                    interval=RECORDED,
                    fill=0,
                    min=0,
                    soft_max=0.1,
                    width=8,
                ),
                timeseries(
                    "etcd requests",
                    apiserver_storage.etcd_requests,
                    interval=RECORDED,
                    stack="normal",
                    min=0,
                    width=8,
                ),
                timeseries(
                    "etcd errors",
                    apiserver_storage.etcd_errors,
                    fill=0,
                    min=0,
                    soft_max=0.1,
                    width=8,
                ),
                bar_gauge(
                    "etcd latency p99",
                    apiserver_storage.etcd_latency_quantile(quantile=0.99),
                    min=0,
                    decimals=1,
                    width=8,
                ),
                bar_gauge("Stored objects", apiserver_storage.objects.top(10), min=0, width=8),
                timeseries("Database size", apiserver_storage.storage_size, min=0, width=8),
            ],
        ),
        Row(
            "Clients and aggregated APIs",
            [
                timeseries(
                    "Unavailable aggregated APIs",
                    apiserver.aggregated_api_unavailable,
                    interval=RECORDED,
                    max=1,
                    **LINES,
                ),
                timeseries(
                    "Authentications",
                    apiserver.authentications,
                    apiserver.tls_errors,
                    interval=RECORDED,
                    **LINES,
                ),
                table(
                    "Deprecated APIs in use",
                    column("Resource", label="resource"),
                    column("Subresource", label="subresource"),
                    column("Version", label="version"),
                    column("Group", label="group"),
                    column("Removed in", label="removed_release"),
                    column("Requests", apiserver.deprecated_api_requests),
                    sort_by="Requests",
                    height=6,
                ),
            ],
        ),
        Row(
            "Process",
            [
                timeseries("CPU", apiserver.cpu, axis_label="cores", min=0, width=8),
                timeseries("Resident memory", apiserver.memory, min=0, width=8),
                timeseries("Goroutines", apiserver.goroutines, fill=0, min=0, width=8),
                timeseries(
                    "Open file descriptors",
                    apiserver.file_descriptors,
                    fill=0,
                    min=0,
                    soft_max=0.1,
                ),
                timeseries("Uptime", apiserver.uptime, fill=0, min=0),
            ],
        ),
        Row(
            "Admission",
            [
                table(
                    "Admission webhooks",
                    column("Webhook", label="name", width=320),
                    column("Calls", apiserver.webhook_requests, decimals=2),
                    column("Refused", apiserver.webhook_rejections, decimals=2),
                    column("Failed", apiserver.webhook_failures, decimals=2),
                    column("Latency p99", apiserver.webhook_latency(quantile=0.99), decimals=2),
                    description="Each admission webhook: calls per second, writes that it refused, "
                    "calls that failed (whether the write was then refused or let through), "
                    "and the time that writes wait for it. Failures are zero normally. "
                    "No rows where the servers called none. Source: kube-apiserver.",
                    sort_by="Calls",
                    height=6,
                ),
                timeseries(
                    "Webhook latency p99",
                    apiserver.webhook_latency(quantile=0.99).top(10),
                    interval=RECORDED,
                    **LINES,
                ),
                bar_gauge(
                    "Admission plug-in latency p99",
                    apiserver.admission_latency(quantile=0.99).top(10),
                    min=0,
                    decimals=1,
                    width=12,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Watches and their cache",
            [
                table(
                    "Watch cache",
                    column("Resource", label="resource"),
                    column("Watches", apiserver_storage.watchers, width=100),
                    column("Events sent", apiserver_storage.watch_events, decimals=1, width=120),
                    column("Bytes sent", apiserver_storage.watch_bytes, decimals=1, width=120),
                    column("Changes read", apiserver_storage.cache_events, decimals=1, width=120),
                    column("Wait, mean", apiserver_storage.cache_wait, decimals=2, width=120),
                    column(
                        "Filled anew, 1 h",
                        apiserver_storage.cache_initializations,
                        decimals=0,
                        width=140,
                    ),
                    description="Each resource now: open watches, events and bytes per second sent "
                    "to them, changes per second that the cache read from etcd, how long "
                    "reads wait until the cache is fresh, and how often it was filled anew "
                    "within an hour. More than once or twice means that its watch of etcd breaks. "
                    "Source: kube-apiserver.",
                    sort_by="Bytes sent",
                    filterable=True,
                ),
                timeseries(
                    "Open watches",
                    apiserver_storage.watchers.top(10),
                    **{**LINES, "interval": "5m"},
                ),
                timeseries(
                    "Bytes sent to watchers",
                    apiserver_storage.watch_bytes,
                    interval=RECORDED,
                    **LINES,
                ),
                timeseries(
                    "Lists answered",
                    apiserver_storage.cache_lists,
                    apiserver_storage.storage_lists,
                    interval=RECORDED,
                    min=0,
                    width=24,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Work queues",
            [
                table(
                    "Queues",
                    column("Queue", label="name"),
                    column("Waiting", apiserver.queue_depth, width=100),
                    column("Added", apiserver.queue_adds, decimals=2, width=110),
                    column("Retried", apiserver.queue_retries, decimals=2, width=110),
                    column("Wait p99", apiserver.queue_latency(quantile=0.99), decimals=2),
                    column("Work p99", apiserver.queue_work(quantile=0.99), decimals=2),
                    description="Each work queue of the servers' own controllers now: items that "
                    "wait, items added and retried per second, and how long 99% of them wait "
                    "and are worked on at most. Source: kube-apiserver.",
                    sort_by="Waiting",
                ),
                timeseries(
                    "Queue depth",
                    apiserver.queue_depth,
                    interval=RECORDED,
                    soft_max=1,
                    width=24,
                    **LINES,
                ),
            ],
            collapsed=True,
        ),
    ],
)
