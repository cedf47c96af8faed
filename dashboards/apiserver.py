"""The API servers: are they up, do they fail, are they slow; then what clients ask for, and what limits them."""

from gk import Dashboard, Row, bar_gauge, heatmap, stat, state_timeline, table, target, timeseries
from gk.promql import apiserver

dashboard = Dashboard(
    "API server",
    uid="apiserver",
    folder="Kubernetes",
    description="Requests, errors, latency and saturation of kube-apiserver, and its view of etcd.",
    tags=["kubernetes", "apiserver"],
    exporter=apiserver,
    panels=[
        stat("API servers up", apiserver.up_count, width=4, height=5),
        stat("Error share", apiserver.error_share, graph="area", decimals=2, min=0, width=4, height=5),
        stat(
            "Latency p99, single objects",
            apiserver.sli_latency(quantile=0.99, verb=apiserver.OBJECT_VERBS),
            graph="area",
            min=0,
            width=11,
            height=5,
        ),
        stat(
            "Client certificates expire in",
            apiserver.client_certificate_expiry(quantile=0.01),
            decimals=1,
            no_value="No client certificates",
            width=5,
            height=5,
        ),
    ],
    rows=[
        Row(
            "Requests",
            [
                timeseries("Requests by verb", apiserver.requests_by_verb, stack="normal", min=0, width=8),
                timeseries("Requests by code", apiserver.requests_by_code, stack="normal", min=0, width=8),
                timeseries("Requests by resource", apiserver.requests_by_resource, min=0, width=8),
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
                    fill=0,
                    min=0,
                ),
                state_timeline(
                    "Servers",
                    apiserver.up,
                    mappings={1: ("Up", "green"), 0: ("Down", "red")},
                    show_value="never",
                    legend="hidden",
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
                ),
                heatmap("Requests by duration", apiserver.latency_buckets),
            ],
        ),
        Row(
            "Saturation",
            [
                timeseries("In-flight requests", apiserver.inflight, min=0, width=5),
                timeseries("Long-running requests", apiserver.long_running, min=0, width=5),
                timeseries(
                    "Fairness: executing and waiting", apiserver.apf_executing, apiserver.apf_waiting, min=0, width=8
                ),
                timeseries("Fairness: rejected", apiserver.apf_rejected, min=0, width=6),
            ],
        ),
        Row(
            "Storage",
            [
                timeseries("etcd latency, mean", apiserver.etcd_latency, fill=0, min=0, width=8),
                bar_gauge("Stored objects", apiserver.objects, min=0, width=8),
                timeseries("Database size", apiserver.storage_size, min=0, width=8),
            ],
        ),
        Row(
            "Admission and clients",
            [
                timeseries(
                    "Admission latency p99",
                    apiserver.webhook_latency(quantile=0.99),
                    apiserver.admission_latency(quantile=0.99),
                    fill=0,
                    min=0,
                    legend="table",
                    legend_placement="right",
                    legend_values=["max"],
                ),
                table(
                    "Deprecated APIs in use",
                    apiserver.deprecated_api_requests,
                    no_value="None since the servers started",
                    sort_by="Requests",
                    transformations=[
                        {
                            "id": "organize",
                            "options": {
                                "excludeByName": {"Time": True},
                                "indexByName": {"resource": 0, "subresource": 1, "version": 2, "group": 3},
                                "renameByName": {
                                    "group": "Group",
                                    "version": "Version",
                                    "resource": "Resource",
                                    "subresource": "Subresource",
                                    "removed_release": "Removed in",
                                    "Value": "Requests",
                                },
                            },
                        }
                    ],
                    width=12,
                ),
            ],
        ),
        Row(
            "Process",
            [
                timeseries("CPU", apiserver.cpu, axis_label="cores", min=0),
                timeseries("Memory", apiserver.memory, min=0),
            ],
        ),
        Row(
            "Work queues",
            [
                timeseries("Queue depth", apiserver.queue_depth, fill=0, min=0),
                timeseries("Queue latency p99", apiserver.queue_latency(quantile=0.99), fill=0, min=0),
            ],
            collapsed=True,
        ),
    ],
)
