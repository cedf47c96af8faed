"""An alert has no runbook, though most have one.

Problem: whoever is woken by it has to find out what it means and what to do.

    alert("ApiErrors", errors > 0.1)

Instead: write one and link it, or let gk.yaml link the runbooks of all alerts.

    alert("ApiErrors", errors > 0.1, runbook="https://runbooks.example.com/ApiErrors")

    links:
      runbooks: https://runbooks.example.com/{alert}

If most alerts of the project have none, the first group says so for all of them.
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
    number = len(project.alerts)
    if lacking and 2 * len(lacking) > number:
        yield Found(
            f"{len(lacking)} of {counted(number, 'alert')} have no runbook, as "
            f"'{lacking[0].name}'; set links.runbooks in gk.yaml",
            None,
            lacking[0].group.resource,
        )
        return
    for rule in lacking:
        yield Found("has no runbook; write one and link it", rule.where, rule.group.resource)
