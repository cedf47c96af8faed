"""The API servers: are they up, do they fail, are they slow, how much may still fail; then what
clients ask for, and what limits them.

Availability and the error budget of 30 days, and the burn rates, read series that the recording
rules of alerts/apiserver.py make. Everything else reads the servers' own series, and has data a few
minutes after the first scrape.
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
from gk.library import apiserver

NO_RULES = "Not recorded"
# The objective and the budget: red where they are missed.
MET = {None: "red", apiserver.TARGET: "green"}
LEFT = {None: "red", 0.0: "orange", 0.25: "green"}

dashboard = Dashboard(
    "API server",
    uid="apiserver",
    folder="Kubernetes",
    description="Availability, error budget, requests, errors, latency and saturation "
    "of kube-apiserver, and its view of etcd.",
    tags=["kubernetes", "apiserver"],
    exporter=apiserver,
    refresh="1m",
    # Other dashboards have a $job and a $node of their own.
    links=[
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False)
    ],
    annotations=[
        annotation(
            "Firing alerts",
            apiserver.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
        )
    ],
    panels=[
        stat("API servers up", apiserver.up_count, width=3, height=5),
        stat(
            "Availability, last hour",
            apiserver.availability(window="1h"),
            thresholds=MET,
            graph="area",
            decimals=2,
            max=1,
            width=5,
            height=5,
        ),
        stat(
            "Error share", apiserver.error_share, graph="area", decimals=2, min=0, width=4, height=5
        ),
        stat(
            "Availability, 30 days",
            apiserver.availability_30d,
            thresholds=MET,
            decimals=3,
            no_value=NO_RULES,
            width=4,
            height=5,
        ),
        stat(
            "Error budget left, 30 days",
            apiserver.budget_left,
            thresholds=LEFT,
            decimals=1,
            no_value=NO_RULES,
            width=4,
            height=5,
        ),
        stat(
            "Client certificates expire in",
            apiserver.client_certificate_expiry(quantile=0.01),
            decimals=1,
            no_value="No client certificates",
            width=4,
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
            "Availability of reads and writes",
            target(apiserver.availability(kind="read"), legend="reads"),
            target(apiserver.availability(kind="write"), legend="writes"),
            description="Share of requests that were answered in time and without an error "
            "of the server, 0 to 1; 99% over 30 days is the objective. In time is 1 s for a write "
            "and for a read of one object, 5 s for a read of a namespace, 20 s for a read "
            "of the whole cluster. Source: kube-apiserver, its service level indicator (SLI).",
            thresholds=MET,
            fill=0,
            max=1,
            width=8,
            height=7,
        ),
        timeseries(
            "Latency p99, single objects",
            apiserver.sli_latency(quantile=0.99, verb=apiserver.OBJECT_VERBS),
            fill=0,
            min=0,
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
                        apiserver.burn_rate(long="1h", short="5m"), legend="within 1 h and 5 min"
                    ),
                    target(
                        apiserver.burn_rate(long="6h", short="30m"), legend="within 6 h and 30 min"
                    ),
                    fill=0,
                    min=0,
                    soft_max=15,
                    no_value=NO_RULES,
                ),
                timeseries(
                    "Error budget left over time",
                    apiserver.budget_left,
                    max=1,
                    thresholds=LEFT,
                    no_value=NO_RULES,
                ),
                timeseries(
                    "Reads that fail",
                    apiserver.error_requests(kind="read"),
                    apiserver.slow_requests(kind="read"),
                    stack="normal",
                    min=0,
                    width=9,
                ),
                timeseries(
                    "Writes that fail",
                    apiserver.error_requests(kind="write"),
                    apiserver.slow_requests(kind="write"),
                    stack="normal",
                    min=0,
                    width=9,
                ),
                stat(
                    "Availability by kind, 30 days",
                    apiserver.availability_30d_by_kind,
                    thresholds=MET,
                    decimals=3,
                    no_value=NO_RULES,
                    width=6,
                    height=8,
                ),
            ],
        ),
        Row(
            "Requests",
            [
                timeseries(
                    "Requests by verb", apiserver.requests_by_verb, stack="normal", min=0, width=8
                ),
                timeseries(
                    "Requests by code", apiserver.requests_by_code, stack="normal", min=0, width=8
                ),
                timeseries(
                    "Requests by resource", apiserver.requests_by_resource.top(10), min=0, width=8
                ),
            ],
        ),
        Row(
            "Errors",
            [
                timeseries(
                    "Failed requests",
                    apiserver.error_share,
                    apiserver.error_share_by_verb,
                    apiserver.terminated_share,
                    description="Share of requests that were answered with an error "
                    "of the server (5xx), of all and by verb, and share that the servers gave up "
                    "to protect themselves, 0 to 1. Errors of writes alone point at etcd "
                    "or at admission webhooks. Source: kube-apiserver.",
                    fill=0,
                    min=0,
                ),
                timeseries(
                    "Requests not answered as asked", apiserver.errors_by_code, fill=0, min=0
                ),
                timeseries(
                    "Errors by resource",
                    apiserver.errors_by_resource.top(10),
                    fill=0,
                    min=0,
                    width=8,
                ),
                timeseries(
                    "Failed requests by server",
                    apiserver.error_share_by_server,
                    fill=0,
                    min=0,
                    width=8,
                ),
                state_timeline(
                    "Servers",
                    apiserver.up,
                    mappings={1: ("Up", "green"), 0: ("Down", "red")},
                    show_value="never",
                    legend="hidden",
                    width=8,
                ),
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
                    legend="table",
                    legend_placement="right",
                    legend_values=["lastNotNull"],
                ),
                timeseries(
                    "Latency by resource, p99",
                    apiserver.latency_by_resource(quantile=0.99).top(10),
                    fill=0,
                    log_scale=10,
                    legend="table",
                    legend_placement="right",
                    legend_values=["lastNotNull"],
                ),
                heatmap("Requests by duration", apiserver.latency_buckets, width=24),
            ],
        ),
        Row(
            "In flight and flow control",
            [
                timeseries("In-flight requests", apiserver.inflight, min=0, width=8),
                timeseries("Long-running requests", apiserver.long_running, min=0, width=8),
                timeseries(
                    "Fairness: seats used", apiserver.apf_seats_used, fill=0, min=0, width=8
                ),
                timeseries("Fairness: executing", apiserver.apf_executing, fill=0, min=0, width=6),
                timeseries("Fairness: waiting", apiserver.apf_waiting, fill=0, min=0, width=6),
                timeseries(
                    "Fairness: wait p99", apiserver.apf_wait(quantile=0.99), fill=0, min=0, width=6
                ),
                timeseries("Fairness: rejected", apiserver.apf_rejected, fill=0, min=0, width=6),
            ],
        ),
        Row(
            "etcd and storage",
            [
                timeseries("etcd latency, mean", apiserver.etcd_latency, fill=0, min=0, width=8),
                timeseries(
                    "etcd latency p99",
                    apiserver.etcd_latency_quantile(quantile=0.99),
                    fill=0,
                    min=0,
                    width=8,
                ),
                timeseries(
                    "etcd requests", apiserver.etcd_requests, stack="normal", min=0, width=8
                ),
                timeseries("etcd errors", apiserver.etcd_errors, fill=0, min=0, width=8),
                bar_gauge("Stored objects", apiserver.objects.top(10), min=0, width=8),
                timeseries("Database size", apiserver.storage_size, min=0, width=8),
            ],
        ),
        Row(
            "Clients and aggregated APIs",
            [
                timeseries(
                    "Aggregated APIs that do not answer",
                    apiserver.aggregated_api_unavailable.top(10),
                    fill=0,
                    min=0,
                    max=1,
                ),
                timeseries(
                    "Authentications",
                    apiserver.authentications,
                    apiserver.tls_errors,
                    fill=0,
                    min=0,
                ),
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
                    height=6,
                ),
            ],
        ),
        Row(
            "Process",
            [
                timeseries("CPU", apiserver.cpu, axis_label="cores", min=0, width=8),
                timeseries("Memory", apiserver.memory, min=0, width=8),
                timeseries("Goroutines", apiserver.goroutines, fill=0, min=0, width=8),
                timeseries("Open file descriptors", apiserver.file_descriptors, fill=0, min=0),
                timeseries("Uptime", apiserver.uptime, fill=0, min=0),
            ],
        ),
        Row(
            "Admission",
            [
                table(
                    "Admission webhooks",
                    column("Webhook", label="name", width=320),
                    column("Calls", apiserver.webhook_requests),
                    column("Refused", apiserver.webhook_rejections),
                    column("Failed", apiserver.webhook_failures),
                    column("Latency p99", apiserver.webhook_latency(quantile=0.99)),
                    description="Each admission webhook: calls per second, writes that it refused, "
                    "calls that failed (whether the write was then refused or let through), "
                    "and the time that writes wait for it. Failures are zero normally. "
                    "Source: kube-apiserver.",
                    no_value="No admission webhooks",
                    sort_by="Calls",
                    height=6,
                ),
                timeseries(
                    "Webhook latency p99",
                    apiserver.webhook_latency(quantile=0.99).top(10),
                    fill=0,
                    min=0,
                    no_value="No admission webhooks",
                ),
                timeseries(
                    "Admission plug-in latency p99",
                    apiserver.admission_latency(quantile=0.99).top(10),
                    fill=0,
                    min=0,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Watches and their cache",
            [
                timeseries("Open watches", apiserver.watchers.top(10), fill=0, min=0, width=8),
                timeseries(
                    "Events sent to watchers",
                    apiserver.watch_events.top(10),
                    fill=0,
                    min=0,
                    width=8,
                ),
                timeseries(
                    "Bytes sent to watchers", apiserver.watch_bytes.top(10), fill=0, min=0, width=8
                ),
                timeseries(
                    "Changes read by the cache",
                    apiserver.cache_events.top(10),
                    fill=0,
                    min=0,
                    width=8,
                ),
                timeseries(
                    "Lists answered", apiserver.cache_lists, apiserver.storage_lists, min=0, width=8
                ),
                timeseries(
                    "Wait for a fresh cache, mean",
                    apiserver.cache_wait.top(10),
                    fill=0,
                    min=0,
                    width=8,
                ),
                timeseries(
                    "Caches filled anew, last hour",
                    apiserver.cache_initializations.top(10),
                    fill=0,
                    min=0,
                    soft_max=1,
                    width=24,
                ),
            ],
            collapsed=True,
        ),
        Row(
            "Work queues",
            [
                timeseries("Queue depth", apiserver.queue_depth.top(10), fill=0, min=0),
                timeseries(
                    "Queue latency p99",
                    apiserver.queue_latency(quantile=0.99).top(10),
                    fill=0,
                    min=0,
                ),
                timeseries("Items added", apiserver.queue_adds.top(10), fill=0, min=0),
                timeseries("Items retried", apiserver.queue_retries.top(10), fill=0, min=0),
                timeseries(
                    "Work duration p99",
                    apiserver.queue_work(quantile=0.99).top(10),
                    fill=0,
                    min=0,
                    width=24,
                ),
            ],
            collapsed=True,
        ),
    ],
)
