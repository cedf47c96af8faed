"""An alert has no runbook.

Problem: the person whom it wakes has to find out what it means and what to do.

    alert("ApiErrors", errors > 0.1)

Instead: write one and link it.

    alert("ApiErrors", errors > 0.1, runbook="https://runbooks.example.com/ApiErrors")

Or let gk.yaml link the runbooks of all alerts.

    links:
      runbooks: https://runbooks.example.com/{alert}

If most of many alerts have none, one finding says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.lacking import reported
from gk.check.subjects import Project

__all__ = ["alert_without_runbook"]


@check(Severity.INFO, peers=("gcx: alert-runbook-link",))
def alert_without_runbook(
    project: Project,
    *,
    annotations: tuple[str, ...] = ("runbook_url", "runbook", "runbook_link"),
) -> Iterator[Found]:
    """Look for the annotation."""
    lacking = [rule for rule in project.alerts if not any(map(rule.annotations.get, annotations))]
    yield from reported(project, lacking, "has no runbook", "write one, and link it")
