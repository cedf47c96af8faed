"""Alerts on the API servers: gone, failing, slow, overloaded, about to lose clients, or spending the error budget.

The recording rules keep how many requests were answered, and how many badly, so that 30 days can be looked at. They run
in a Prometheus even where Grafana evaluates the alerts.
"""

from gk import alert, alert_group, recording_rule
from gk.promql import apiserver

DAY = 24 * 60 * 60

requests = alert_group(
    "apiserver-slo",
    [
        recording_rule("job_kind:apiserver_requests:rate5m", apiserver.answered(kind="read"), labels={"kind": "read"}),
        recording_rule(
            "job_kind:apiserver_requests:rate5m", apiserver.answered(kind="write"), labels={"kind": "write"}
        ),
        recording_rule(
            "job_kind:apiserver_requests_bad:rate5m", apiserver.answered_badly(kind="read"), labels={"kind": "read"}
        ),
        recording_rule(
            "job_kind:apiserver_requests_bad:rate5m", apiserver.answered_badly(kind="write"), labels={"kind": "write"}
        ),
    ],
)

availability = alert_group(
    "apiserver-availability",
    # It reads 30 days of what the other group records, and changes slowly.
    [recording_rule("job:apiserver_availability:ratio30d", apiserver.availability_30d)],
    interval="5m",
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
            description="Prometheus has reached none of the API servers for 15 minutes. Either the control plane is "
            "down, or Prometheus no longer finds it.",
        ),
        alert(
            "KubeAPIInstanceUnreachable",
            apiserver.up < 1,
            for_="15m",
            severity="warning",
            summary="API server {{ $node }} cannot be scraped",
            description="Prometheus has not reached the API server {{ $node }} for 15 minutes. The others, if there "
            "are any, carry its load.",
        ),
        alert(
            "KubeAPIErrorRatioHigh",
            apiserver.error_share > 0.05,
            for_="10m",
            severity="warning",
            summary="{{ $value | humanizePercentage }} of API requests fail",
            description="The API servers answer {{ $value | humanizePercentage }} of all requests with an error of "
            "their own (5xx) for 10 minutes; up to 5% is tolerated.",
        ),
        alert(
            "KubeAPILatencyHigh",
            apiserver.sli_latency(quantile=0.99, verb=apiserver.OBJECT_VERBS) > 1,
            for_="10m",
            severity="warning",
            summary="{{ $labels.verb }} requests take {{ $value | humanizeDuration }} at p99",
            description="One in a hundred {{ $labels.verb }} requests for a single object keeps the API servers busy "
            "for {{ $value | humanizeDuration }} or longer, for 10 minutes; Kubernetes means it to be below 1 second. "
            "Time in webhooks and in queues does not count.",
        ),
        alert(
            "KubeAPIErrorBudgetBurnFast",
            apiserver.burn_rate(long="1h", short="5m") > 14.4,
            for_="2m",
            severity="critical",
            summary='The API servers spend their error budget {{ $value | printf "%.1f" }} times too fast',
            description='For the last hour, and still now, requests fail or are late {{ $value | printf "%.1f" }} '
            "times as often as the service level of 99% over 30 days allows. At more than 14.4 times the budget of 30 "
            "days is spent within about 2 days.",
        ),
        alert(
            "KubeAPIErrorBudgetBurnSlow",
            apiserver.burn_rate(long="6h", short="30m") > 6,
            for_="15m",
            severity="critical",
            summary='The API servers spend their error budget {{ $value | printf "%.1f" }} times too fast',
            description='For the last 6 hours, and still now, requests fail or are late {{ $value | printf "%.1f" }} '
            "times as often as the service level of 99% over 30 days allows. At more than 6 times the budget of 30 "
            "days is spent within 5 days.",
        ),
        alert(
            "KubeAPITerminatedRequests",
            apiserver.terminated_share > 0.2,
            for_="5m",
            severity="warning",
            window="10m",
            summary="The API servers give up {{ $value | humanizePercentage }} of their requests",
            description="To protect themselves the API servers terminated {{ $value | humanizePercentage }} of all "
            "requests during the last 10 minutes; above 20% clients feel it everywhere.",
        ),
        alert(
            "KubeClientCertificateExpiration",
            apiserver.client_certificate_expiry(quantile=0.01) < 7 * DAY,
            for_="5m",
            severity="warning",
            summary="A client certificate expires in {{ $value | humanizeDuration }}",
            description="One in a hundred requests to the API servers uses a client certificate that expires within "
            "{{ $value | humanizeDuration }}; 7 days is when it should have been renewed. The client is locked out "
            "after that.",
        ),
        alert(
            "KubeAggregatedAPIDown",
            apiserver.aggregated_api_available < 0.85,
            for_="5m",
            severity="warning",
            summary="The API {{ $labels.name }} is available {{ $value | humanizePercentage }} of the time",
            description="The API {{ $labels.name }}, which another server provides, was available for "
            "{{ $value | humanizePercentage }} of the last 10 minutes, and for less than 85% for 5 minutes. Requests "
            "for it fail, and so do clients that ask for all APIs.",
        ),
    ],
)
