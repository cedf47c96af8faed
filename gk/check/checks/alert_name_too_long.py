"""The name of an alert is long.

Problem: lists, and the subjects of mails, cut it off.

    alert("PrometheusErrorSendingAlertsToSomeAlertmanagersOfThisCluster", ...)

Instead: name what is wrong, and leave the rest to the summary.

    alert("PrometheusErrorSendingAlerts", ...)
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["alert_name_too_long"]


@check(Severity.INFO, peers=("mixtool: alert-name-length",), is_policy=True)
def alert_name_too_long(rule: Rule, *, most: int = 40) -> Iterator[str]:
    """Count the characters."""
    if rule.is_alert and len(rule.name) > most:
        yield f"the name has {len(rule.name)} characters, more than {most}; shorten it"
