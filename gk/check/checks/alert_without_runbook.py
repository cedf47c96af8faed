"""An alert has no runbook, though others have one.

Problem: whoever is woken by it has to find out what it means and what to do.

    alert("ApiErrors", errors > 0.1)

Instead: write one and link it, or let gk.yaml link the runbooks of all alerts.

    alert("ApiErrors", errors > 0.1, runbook="https://runbooks.example.com/ApiErrors")

    links:
      runbooks: https://runbooks.example.com/{alert}

If no alert of the project has a runbook, the first alert says so for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project, Rule
from gk.plurals import counted

__all__ = ["alert_without_runbook"]


@check(Severity.INFO, peers=("gcx: alert-runbook-link",))
def alert_without_runbook(
    project: Project,
    *,
    annotations: tuple[str, ...] = ("runbook_url", "runbook", "runbook_link"),
) -> Iterator[Found]:
    """Look for the annotation."""

    def has_runbook(rule: Rule) -> bool:
        return any(rule.annotations.get(name) for name in annotations)

    lacking = [rule for rule in project.alerts if not has_runbook(rule)]
    if lacking and len(lacking) == len(project.alerts):
        message = f"none of the {counted(len(lacking), 'alert')} has a runbook"
        yield Found(f"{message}; set links.runbooks in gk.yaml", None, lacking[0].group.resource)
        return
    for rule in lacking:
        yield Found("has no runbook; write one and link it", rule.where, rule.group.resource)
