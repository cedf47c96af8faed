"""An alert has no description.

Problem: the summary says what is wrong. The person whom it wakes also wants to know since when, how
bad it is, and what it means for users.

    alert("ApiErrors", errors > 0.1, summary="The API fails")

Instead: say it, with numbers.

    alert(..., description="{{ $value | humanizePercentage }} of the requests fail.")

If most of many alerts have none, one finding says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.lacking import reported
from gk.check.subjects import Project

__all__ = ["alert_without_description"]


@check(Severity.INFO, peers=("mixtool: alert-description-missing-rule",))
def alert_without_description(
    project: Project, *, annotations: tuple[str, ...] = ("description", "message")
) -> Iterator[Found]:
    """Look for the annotation; `message` was its name in the first mixins."""
    lacking = [rule for rule in project.alerts if not any(map(rule.annotations.get, annotations))]
    advice = "say since when, how bad, and what it means"
    yield from reported(project, lacking, "has no description", advice)
