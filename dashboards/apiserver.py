"""The API servers: are they up, are they slow, do they fail, how much of the error budget is left; then what clients
ask for, and what limits the servers.

The error budget of 30 days needs the recording rules of alerts/apiserver.py in a Prometheus. All else asks the servers'
own series, and has data at once.
"""

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
from gk.promql import apiserver

TOP = 10
NEEDS_RULES = "Needs the recording rules of apiserver-slo"
NO_WEBHOOK = "No webhook was called"

dashboard = Dashboard(
    "API server",
    uid="apiserver",
    folder="Kubernetes",
    description="Availability, requests, errors, latency and saturation of kube-apiserver, and its view of etcd.",
    tags=["kubernetes", "apiserver"],
    exporter=apiserver,
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False)],
    annotations=[
        annotation("Firing alerts", apiserver.firing_alerts, title="{{alertname}}", text="{{severity}}", color="red")
    ],
    panels=[
        stat("API servers up", apiserver.up_count, width=3, height=5),
        stat("Error share", apiserver.error_share, graph="area", decimals=2, min=0, width=4, height=5),
        stat(
            "Latency p99, single objects",
            apiserver.sli_latency(quantile=0.99, verb=apiserver.OBJECT_VERBS),
            graph="area",
            min=0,
            width=9,
            height=5,
        ),
        stat("Availability, last hour", apiserver.availability, decimals=3, width=4, height=5),
        stat(
            "Error budget left, 30 days",
            apiserver.error_budget_left,
            decimals=1,
            no_value=NEEDS_RULES,
            thresholds={None: "red", 0: "orange", 0.5: "green"},
            width=4,
            height=5,
        ),
        state_timeline(
            "Servers",
            apiserver.up,
            mappings={1: ("Up", "green"), 0: ("Down", "red")},
            show_value="never",
            legend="hidden",
            width=10,
            height=7,
        ),
        alert_list(
            "API server alerts",
            name_filter="KubeA",
            description="Alerts on the API servers that fire or are about to, from whichever rules Grafana knows.",
            width=9,
            height=7,
        ),
        stat(
            "Client certificates expire in",
            apiserver.client_certificate_expiry(quantile=0.01),
            decimals=1,
            no_value="No client certificates",
            width=5,
            height=7,
        ),
    ],
    rows=[
        Row(
            "Availability and error budget",
            [
                timeseries(
                    "Requests answered badly",
                    target(apiserver.badly_share(kind="read"), legend="reads"),
                    target(apiserver.badly_share(kind="write"), legend="writes"),
                    description="Share of requests that failed with an error of the server or came too late. The "
                    "service level allows 1% on average over 30 days. It needs no recording rules.",
                    min=0,
                    soft_max=0.02,
                    thresholds={0.01: "orange"},
                    width=8,
                ),
                timeseries(
                    "Burn rate of the error budget",
                    target(apiserver.burn_rate(long="1h", short="5m"), legend="over an hour and 5 minutes"),
                    target(apiserver.burn_rate(long="6h", short="30m"), legend="over 6 hours and 30 minutes"),
                    no_value=NEEDS_RULES,
                    min=0,
                    soft_max=15,
                    width=8,
                ),
                timeseries(
                    "Availability over 30 days",
                    apiserver.recorded_availability,
                    no_value=NEEDS_RULES,
                    decimals=3,
                    soft_min=0.985,
                    max=1,
                    thresholds={None: "red", 0.99: "green"},
                    fill=0,
                    width=5,
                ),
                stat(
                    "30 days by kind",
                    target(apiserver.availability_30d(kind="read"), legend="reads"),
                    target(apiserver.availability_30d(kind="write"), legend="writes"),
                    no_value=NEEDS_RULES,
                    decimals=3,
                    thresholds={None: "red", 0.99: "green"},
                    text="value_and_name",
                    orientation="horizontal",
                    width=3,
                    height=8,
                ),
            ],
        ),
        Row(
            "Requests",
            [
                timeseries("Requests by verb", apiserver.requests_by_verb, stack="normal", min=0, width=6),
                timeseries("Requests by code", apiserver.requests_by_code, stack="normal", min=0, width=6),
                timeseries("Requests by resource", apiserver.requests_by_resource.top(TOP), min=0, width=6),
                timeseries("Requests by server", apiserver.requests_by_server, min=0, width=6),
            ],
        ),
        Row(
            "Errors",
            [
                timeseries(
                    "Failed requests",
                    apiserver.error_share,
                    apiserver.terminated_share,
                    fill=0,
                    min=0,
                    width=6,
                ),
                timeseries("Failed requests by verb", apiserver.error_share_by_verb, fill=0, min=0, width=6),
                timeseries(
                    "Failed requests by resource", apiserver.error_share_by_resource.top(TOP), fill=0, min=0, width=6
                ),
                timeseries("Failed requests by server", apiserver.error_share_by_server, fill=0, min=0, width=6),
            ],
        ),
        Row(
            "Latency",
            [
                timeseries(
                    "Latency by verb, p50 and p99",
                    target(apiserver.latency(quantile=0.99), legend="p99 {{verb}}"),
                    target(apiserver.latency(quantile=0.5), legend="p50 {{verb}}"),
                    fill=0,
                    log_scale=10,
                    width=8,
                ),
                timeseries(
                    "Latency by resource, p99", apiserver.latency_by_resource.top(TOP), fill=0, log_scale=10, width=8
                ),
                heatmap("Requests by duration", apiserver.latency_buckets, width=8),
            ],
        ),
        Row(
            "Saturation and flow control",
            [
                timeseries("In-flight requests", apiserver.inflight, min=0, width=6),
                timeseries("Long-running requests", apiserver.long_running, min=0, width=6),
                timeseries(
                    "Flow control: executing and waiting",
                    apiserver.apf_executing,
                    apiserver.apf_waiting,
                    min=0,
                    width=6,
                ),
                timeseries("Flow control: rejected", apiserver.apf_rejected, min=0, width=6),
                timeseries("Flow control: seats taken", apiserver.apf_seats_used, min=0, soft_max=1, fill=0),
                timeseries("Flow control: waiting time, p99", apiserver.apf_wait, min=0, fill=0),
            ],
        ),
        Row(
            "etcd and storage",
            [
                timeseries("etcd requests", apiserver.etcd_requests, min=0, width=6),
                timeseries("etcd latency, mean", apiserver.etcd_latency, fill=0, min=0, width=6),
                timeseries("Failed etcd requests", apiserver.etcd_error_share, fill=0, min=0, soft_max=0.01, width=6),
                timeseries("Database size", apiserver.storage_size, min=0, width=6),
                bar_gauge("Stored objects", apiserver.objects.top(TOP), min=0, width=24),
            ],
            collapsed=True,
        ),
        Row(
            "Watch cache",
            [
                timeseries("Changes from etcd", apiserver.watch_events.top(TOP), min=0, width=6),
                timeseries("Changes sent to watchers", apiserver.watch_events_sent.top(TOP), min=0, width=6),
                timeseries(
                    "Lists from the cache and from etcd",
                    apiserver.cache_lists,
                    apiserver.storage_lists,
                    stack="normal",
                    min=0,
                    width=6,
                ),
                timeseries(
                    "Caches filled anew in the last hour",
                    apiserver.cache_initializations.top(TOP),
                    min=0,
                    decimals=0,
                    fill=0,
                    width=6,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Admission",
            [
                timeseries(
                    "Webhook latency, p99",
                    apiserver.webhook_latency(quantile=0.99),
                    no_value=NO_WEBHOOK,
                    min=0,
                    width=6,
                ),
                timeseries("Webhook calls", apiserver.webhook_requests, no_value=NO_WEBHOOK, min=0, width=6),
                timeseries("Webhook rejections", apiserver.webhook_rejections, no_value="None", min=0, width=6),
                timeseries(
                    "Plug-in latency, p99", apiserver.admission_latency(quantile=0.99).top(TOP), fill=0, min=0, width=6
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Work queues",
            [
                timeseries("Queue depth", apiserver.queue_depth.top(TOP), min=0, width=6),
                timeseries("Queue additions", apiserver.queue_adds.top(TOP), min=0, width=6),
                timeseries("Queue waiting time, p99", apiserver.queue_latency.top(TOP), min=0, fill=0, width=6),
                timeseries("Queue retries", apiserver.queue_retries.top(TOP), min=0, width=6),
            ],
            collapsed=True,
        ),
        Row(
            "Clients and other APIs",
            [
                timeseries(
                    "Aggregated APIs available", apiserver.aggregated_api_available, fill=0, min=0, max=1, width=8
                ),
                timeseries("Authentication", apiserver.authentications, stack="normal", min=0, width=8),
                timeseries("Failed TLS handshakes", apiserver.tls_errors, min=0, width=8),
                table(
                    "Deprecated APIs in use",
                    column("Resource", label="resource"),
                    column("Subresource", label="subresource"),
                    column("Version", label="version"),
                    column("Group", label="group"),
                    column("Removed in", label="removed_release"),
                    column("Requests", apiserver.deprecated_api_requests),
                    no_value="None since the servers started",
                    sort_by="Requests",
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Processes",
            [
                timeseries("CPU", apiserver.cpu, axis_label="cores", min=0, width=5),
                timeseries("Memory", apiserver.memory, min=0, width=5),
                timeseries("Goroutines", apiserver.goroutines, min=0, width=5),
                timeseries("Open files", apiserver.open_files, min=0, width=5),
                timeseries("Uptime", apiserver.uptime, min=0, fill=0, width=4),
            ],
            collapsed=True,
        ),
    ],
)
