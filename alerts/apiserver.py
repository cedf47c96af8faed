"""Alerts on the API servers: gone, failing, slow, overloaded, or about to lose their clients; and
what Prometheus records of them: requests, errors and durations for the graphs, and the error
budget.

Only the first rules of each group read the servers' own series, over 5 minutes. Every longer window
is an average of what was recorded so, requests and failed ones apart, so that a busy hour weighs
more than a quiet one. That costs a few hundred series, and no query over weeks of buckets. Rules
are evaluated in their order.
"""

from gk import alert, alert_group, recording_rule
from gk.library import apiserver, apiserver_requests, apiserver_slo, apiserver_storage

DAY = 24 * 60 * 60
ERRORS = 0.05
SLOW = 1
TERMINATED = 0.2
EXPIRES = 7 * DAY
EXPIRES_SOON = DAY
# Those that alerts and panels read, and two for the days of an incident.
WINDOWS = ("30m", "1h", "6h", "1d", "3d", "30d")

# Groups of their own: recording rules run in Prometheus even where Grafana evaluates the alerts.
requests = alert_group(
    "apiserver-requests",
    [
        recording_rule(
            "job_server_verb_code:apiserver_requests:rate5m",
            apiserver_requests.counted_by_verb_and_code,
        ),
        recording_rule(
            "job_resource:apiserver_requests:rate5m", apiserver_requests.counted_by_resource
        ),
        recording_rule(
            "job_verb_le:apiserver_request_duration:rate5m", apiserver_requests.counted_by_duration
        ),
        recording_rule(
            "job_verb_le:apiserver_request_sli_duration:rate5m",
            apiserver_requests.counted_by_sli_duration,
        ),
        recording_rule(
            "job_operation:apiserver_etcd_requests:rate5m", apiserver_storage.counted_etcd_requests
        ),
        recording_rule(
            "job_operation:apiserver_etcd_seconds:rate5m", apiserver_storage.counted_etcd_seconds
        ),
    ],
)

error_budget = alert_group(
    "apiserver-slo",
    [
        *(
            recording_rule(
                f"job_kind:apiserver_requests{name}:rate5m", query(kind=kind), labels={"kind": kind}
            )
            for name, query in (
                ("", apiserver_slo.counted_requests),
                ("_error", apiserver_slo.error_requests),
                ("_slow", apiserver_slo.slow_requests),
                ("_failed", apiserver_slo.recorded_failed),
            )
            for kind in ("read", "write")
        ),
        recording_rule(
            "job:apiserver_requests_failed:ratio_rate5m", apiserver_slo.recorded_failed_share
        ),
        *(
            recording_rule(
                f"job:apiserver_requests_failed:ratio_rate{window}",
                apiserver_slo.recorded_failed_share(window=window),
            )
            for window in WINDOWS
        ),
        recording_rule(
            "job_kind:apiserver_requests_failed:ratio_rate30d",
            apiserver_slo.recorded_failed_share(window="30d", by="job, kind"),
        ),
    ],
)

apiservers = alert_group(
    "apiserver",
    [
        alert(
            "KubeAPIDown",
            apiserver.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No API server can be scraped",
            description="Prometheus has reached none of the API servers for 15 minutes. "
            "Either the control plane is down, or Prometheus no longer finds it.",
        ),
        alert(
            "KubeAPIInstanceUnreachable",
            apiserver.up < 1,
            for_="15m",
            severity="warning",
            summary="API server {{ $node }} cannot be scraped",
            description="Prometheus has not reached the API server {{ $node }} for 15 minutes. "
            "The others, if there are any, carry its load.",
        ),
        alert(
            "KubeAPIErrorRatioHigh",
            apiserver_requests.error_share > ERRORS,
            for_="10m",
            severity="warning",
            summary="{{ $value | humanizePercentage }} of API requests fail",
            description="The API servers answer {{ $value | humanizePercentage }} of all requests "
            "with a server error (5xx), and it has been more than 5% for 10 minutes.",
        ),
        alert(
            "KubeAPIErrorBudgetBurnFast",
            apiserver_slo.burn_rate(long="1h", short="5m") > 14.4,
            for_="2m",
            severity="critical",
            summary=(
                'The error budget of the API servers burns {{ $value | printf "%.1f" }} times '
                "too fast"
            ),
            description="Over the last hour, and over the last 5 minutes too, "
            "requests to the API servers failed or were too slow "
            '{{ $value | printf "%.1f" }} times as often as the objective of 99% allows. '
            "At 14.4 times, the error budget of 30 days is gone within 2 days.",
        ),
        alert(
            "KubeAPIErrorBudgetBurnSlow",
            apiserver_slo.burn_rate(long="6h", short="30m") > 6,
            for_="15m",
            severity="critical",
            summary=(
                'The error budget of the API servers burns {{ $value | printf "%.1f" }} times '
                "too fast"
            ),
            description="Over the last 6 hours, and over the last 30 minutes too, "
            "requests to the API servers failed or were too slow "
            '{{ $value | printf "%.1f" }} times as often as the objective of 99% allows. '
            "At 6 times, the error budget of 30 days is gone within 5 days.",
        ),
        alert(
            "KubeAPILatencyHigh",
            apiserver_requests.sli_latency(quantile=0.99, verb=apiserver_requests.OBJECT_VERBS)
            > SLOW,
            for_="10m",
            severity="warning",
            summary="{{ $labels.verb }} requests take {{ $value | humanizeDuration }} at p99",
            description="{{ $labels.verb }} requests for a single object take "
            "{{ $value | humanizeDuration }} at p99, and have taken more than 1 second, the "
            "objective of Kubernetes, for 10 minutes. Time in webhooks and in queues does not "
            "count.",
        ),
        alert(
            "KubeAPITerminatedRequests",
            apiserver_requests.terminated_share > TERMINATED,
            for_="5m",
            severity="warning",
            window="10m",
            summary="The API servers terminate {{ $value | humanizePercentage }} of requests",
            description="To protect themselves the API servers terminated "
            "{{ $value | humanizePercentage }} of all requests during the last 10 minutes; above "
            "20% clients feel it everywhere.",
        ),
        alert(
            "KubeClientCertificateExpiration",
            apiserver.client_certificate_expiry(quantile=0.01) < EXPIRES,
            for_="5m",
            severity="warning",
            summary="A client certificate expires in {{ $value | humanizeDuration }}",
            description="1% of the requests to the API servers use a client certificate that "
            "expires within {{ $value | humanizeDuration }}; it should have been renewed 7 days "
            "before. After that the client is locked out.",
        ),
        alert(
            "KubeClientCertificateExpiration",
            apiserver.client_certificate_expiry(quantile=0.01) < EXPIRES_SOON,
            for_="5m",
            severity="critical",
            summary="A client certificate expires in {{ $value | humanizeDuration }}",
            description="1% of the requests to the API servers use a client certificate that "
            "expires within {{ $value | humanizeDuration }}, which is less than 1 day. After that "
            "the client is locked out.",
        ),
        alert(
            "KubeAggregatedAPIDown",
            apiserver.aggregated_api_unavailable > 0.15,
            for_="5m",
            severity="warning",
            window="10m",
            summary="Aggregated API {{ $labels.name }} does not answer",
            description="The aggregated API {{ $labels.name }} did not answer the API server "
            "for {{ $value | humanizePercentage }} of the last 10 minutes; up to 15% is tolerated. "
            "Requests for it fail, and so does whatever reads all APIs, "
            "such as the deletion of a namespace.",
        ),
    ],
)
