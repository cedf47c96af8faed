"""Who is told, and soon: a demo waits for nothing."""

from gk import contact_point, inhibit_rule, notification_policy, receiver

mail = contact_point("mail", receiver("email", {"addresses": "sre@example.com"}))
nobody = contact_point("nobody")

policy = notification_policy(
    mail,
    group_by=["alertname"],
    group_wait="5s",
    group_interval="5s",
    repeat_interval="1m",
    routes=[notification_policy(nobody, matchers=['alertname=~"Watchdog|InfoInhibitor"'])],
)
critical = inhibit_rule(
    source=['severity="critical"'], target=['severity=~"warning|info"'], equal=["alertname"]
)
