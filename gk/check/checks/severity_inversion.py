"""A critical alert has a milder bound than the warning about the same query.

Problem: the bounds are the wrong way round, so the warning does not come first.

    alert("DiskFull", used > 0.9, severity="warning")
    alert("DiskFull", used > 0.8, severity="critical")

Instead: let the warning fire at the milder bound.

    alert("DiskFull", used > 0.8, severity="warning")
    alert("DiskFull", used > 0.9, severity="critical")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.conditions import Comparison, comparison_of, tree_of
from gk.check.subjects import Project, Rule

__all__ = ["severity_inversion"]

_ORDER = ("info", "warning", "critical")


@check(Severity.WARNING)
def severity_inversion(project: Project) -> Iterator[Found]:
    """Compare alerts that compare the same query."""
    for alerts in _by_query(project).values():
        for rule, own in alerts:
            milder = [
                other
                for other, condition in alerts
                if _rank(other) < _rank(rule)
                and condition.implies(own)
                and condition.bound != own.bound
            ]
            if milder:
                yield rule.found(
                    f"is {rule.labels['severity']}, with a milder bound than "
                    f"{milder[0].labels['severity']} '{milder[0].name}'; exchange the bounds",
                )


def _by_query(project: Project) -> dict[str, list[tuple[Rule, Comparison]]]:
    alerts: dict[str, list[tuple[Rule, Comparison]]] = {}
    for rule in project.alerts:
        condition = None if rule.is_grafanas else comparison_of(tree_of(rule))
        if condition and rule.labels.get("severity") in _ORDER:
            alerts.setdefault(condition.left, []).append((rule, condition))
    return alerts


def _rank(rule: Rule) -> int:
    return _ORDER.index(rule.labels["severity"])
