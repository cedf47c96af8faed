"""The name of an alert is long.

Problem: it is cut off in lists, and in the subject of a mail.

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
    """Count the letters."""
    if rule.is_alert and len(rule.name) > most:
        yield f"the name has {len(rule.name)} letters, more than {most}; shorten it"
