"""Who is told of what: mails, grouped by the alert; the watchdog only proves that alerts arrive."""

from gk import contact_point, inhibit_rule, notification_policy, receiver

mail = contact_point("mail", receiver("email", {"addresses": "sre@example.com"}))
nobody = contact_point("nobody")

policy = notification_policy(
    mail,
    group_by=["alertname"],
    group_wait="30s",
    group_interval="5m",
    repeat_interval="12h",
    routes=[
        notification_policy(nobody, matchers=['alertname=~"Watchdog|InfoInhibitor"']),
    ],
)

SAME = ["alertname", "namespace", "instance", "node"]
critical = inhibit_rule(
    source=['severity="critical"'], target=['severity=~"warning|info"'], equal=SAME
)
# InfoInhibitor fires where nothing worse than info does.
info = inhibit_rule(
    source=['alertname="InfoInhibitor"'], target=['severity="info"'], equal=["namespace"]
)
