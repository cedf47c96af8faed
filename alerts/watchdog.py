"""An alert that always fires, so that its absence shows that alerts no longer arrive."""

from gk import alert, alert_group

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
    ],
)
