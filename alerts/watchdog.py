"""Alerts for routing: one that always fires, so that its absence shows that alerts no longer
arrive, and one that mutes alerts of severity info."""

from gk import alert, alert_group
from gk.library import targets

meta = alert_group(
    "meta",
    [
        alert(
            "Watchdog",
            "vector(1)",
            severity="none",
            summary="Alerts are evaluated and sent",
            description="This alert fires at all times. Send it to a receiver that reports "
            "when it stops coming: then rules are not evaluated any more, or notifications "
            "are lost on their way.",
        ),
        alert(
            "InfoInhibitor",
            targets.info_alerts_alone > 0,
            severity="none",
            summary="Only alerts of severity info fire in {{ $labels.namespace }}",
            description='{{ $value | printf "%.0f" }} alerts of severity info fire in the '
            "namespace {{ $labels.namespace }}, and none of a higher severity. Use it as the "
            "source of an inhibition rule that mutes them, and send it to no receiver.",
        ),
    ],
)
