"""Alerts on the API servers: gone, failing, slow, overloaded, or about to lose their clients."""

from gk import alert, alert_group
from gk.promql import apiserver

DAY = 24 * 60 * 60

apiservers = alert_group(
    "apiserver",
    [
        alert(
            "KubeAPIDown",
            apiserver.up_count < 1,
            for_="5m",
            severity="critical",
            summary="No API server can be scraped",
            description="Prometheus reaches none of the API servers for 5 minutes. Either the control plane is down, "
            "or Prometheus no longer finds it.",
        ),
        alert(
            "KubeAPIInstanceUnreachable",
            apiserver.up < 1,
            for_="15m",
            severity="warning",
            summary="API server {{ $node }} cannot be scraped",
            description="Prometheus does not reach the API server {{ $node }} for 15 minutes. The others, if there are "
            "any, carry its load.",
        ),
        alert(
            "KubeAPIErrorsHigh",
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
    ],
)
