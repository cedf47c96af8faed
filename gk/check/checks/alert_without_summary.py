"""An alert has no summary.

Problem: a notification shows only its name and its labels.

    alert("ApiErrors", errors > 0.1)

Instead: say in one line what is wrong.

    alert("ApiErrors", errors > 0.1, summary="{{ $labels.service }} fails requests")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["alert_without_summary"]


@check(Severity.INFO, peers=("mixtool: alert-summary-missing-rule", "gcx: alert-summary"))
def alert_without_summary(rule: Rule) -> Iterator[str]:
    """Look for the annotation."""
    if rule.is_alert and not rule.annotations.get("summary"):
        yield "has no summary; say in one line what is wrong"
