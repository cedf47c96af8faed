"""An alert has no summary.

Problem: a notification shows only its name and its labels.

    alert("ApiErrors", errors > 0.1)

Instead: say in one line what is wrong.

    alert("ApiErrors", errors > 0.1, summary="{{ $labels.service }} fails requests")

If most of many alerts have none, one finding says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.lacking import reported
from gk.check.subjects import Project

__all__ = ["alert_without_summary"]


@check(Severity.INFO, peers=("mixtool: alert-summary-missing-rule", "gcx: alert-summary"))
def alert_without_summary(project: Project) -> Iterator[Found]:
    """Look for the annotation."""
    lacking = [rule for rule in project.alerts if not rule.annotations.get("summary")]
    yield from reported(project, lacking, "has no summary", "say in one line what is wrong")
