"""Two alerts of one severity are on the same query, and one fires whenever the other does.

Problem: everybody is notified twice of one problem.

    alert("CPUHigh", busy > 0.8, severity="warning")
    alert("CPUVeryHigh", busy > 0.9, severity="warning")

Instead: keep one, or give them different severities. Two that wait for different times are
not reported if the one with the stricter bound waits for less.

    alert("CPUHigh", busy > 0.8, severity="warning")
    alert("CPUVeryHigh", busy > 0.9, severity="critical")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.trees import text_of
from gk.check.model import Found, Severity, check
from gk.check.parts.conditions import Comparison, comparison_of, tree_of
from gk.check.subjects import Project, Rule

__all__ = ["alert_repeats_another"]


@check(Severity.INFO)
def alert_repeats_another(project: Project) -> Iterator[Found]:
    """Compare alerts whose queries, labels and severity are equal."""
    for alerts in _alike(project):
        for index, (rule, own) in enumerate(alerts):
            for other, condition in alerts[:index]:
                if _repeats(rule, own, other, condition):
                    yield rule.found(
                        f"fires on the query of '{other.name}', with the same labels; keep one, "
                        "or change a severity",
                        other,
                    )
                    break


def _alike(project: Project) -> Iterator[list[tuple[Rule, Comparison]]]:
    groups: dict[object, list[tuple[Rule, Comparison]]] = {}
    for rule in project.alerts:
        tree = None if rule.is_grafanas else tree_of(rule)
        if tree is None:
            continue
        # Without a comparison, only the same query is the same condition.
        condition = comparison_of(tree) or Comparison(text_of(tree), "", 0)
        labels = frozenset((name, str(value)) for name, value in rule.labels.items())
        groups.setdefault((condition.left, labels), []).append((rule, condition))
    yield from (alerts for alerts in groups.values() if len(alerts) > 1)


def _repeats(rule: Rule, own: Comparison, other: Rule, condition: Comparison) -> bool:
    """Whether one of the two, which have different names, fires only together with the other."""
    if rule.name == other.name:
        return False
    return (own.implies(condition) and rule.for_ >= other.for_) or (
        condition.implies(own) and other.for_ >= rule.for_
    )
