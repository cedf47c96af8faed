"""Alerts on what the blackbox exporter probes. docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/blackbox.py shows.
"""

from gk import alert, alert_group
from gk.library import blackbox

SLOW = 2
EXPIRES = 14
EXPIRES_SOON = 3

_DAYS = '{{ $value | printf "%.1f" }} days'

probes = alert_group(
    "probes",
    [
        alert(
            "ProbeFailed",
            blackbox.success < 1,
            for_="5m",
            severity="critical",
            summary="{{ $node }} does not answer as it should",
            description="For 5 minutes the probes of {{ $node }} (job {{ $labels.job }}) have "
            "failed: no connection, no answer in time, or another answer than expected.",
        ),
        alert(
            "ProbeSlow",
            blackbox.duration > SLOW,
            for_="10m",
            severity="warning",
            summary="Probes of {{ $node }} take {{ $value | humanizeDuration }}",
            description="Probes of {{ $node }} (job {{ $labels.job }}) take "
            "{{ $value | humanizeDuration }} on average over 5 minutes, and more than 2 seconds "
            "for 10 minutes.",
        ),
        *(
            alert(
                "ProbeCertificateExpiring",
                blackbox.certificate_days < days,
                for_="1h",
                severity=severity,
                summary=f"A certificate of {{{{ $node }}}} expires in {_DAYS}",
                description=f"The first certificate that {{{{ $node }}}} sends expires in {_DAYS}; "
                f"it should have been renewed {days} days before. Below 0 it has expired, "
                "and clients refuse the connection.",
            )
            for severity, days in (("warning", EXPIRES), ("critical", EXPIRES_SOON))
        ),
    ],
)
