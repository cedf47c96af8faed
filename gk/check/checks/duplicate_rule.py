"""Two rules record the same series, or are the same alert.

Problem: Prometheus evaluates both for one result: one series, or one notification. If somebody
corrects only one of the recording rules, both write different values into the same series.

    recording_rule("job:errors:rate5m", "sum by (job) (rate(errors_total[5m]))")
    recording_rule("job:errors:rate5m", "sum by (job) (rate(errors_total[5m]))")

Instead: remove one. If the two are meant to differ, give them different labels.

Rules with one name and other queries are not reported: they may select other series.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.trees import text_of
from gk.check.model import Found, Severity, check
from gk.check.parts.conditions import tree_of
from gk.check.subjects import Project, Rule

__all__ = ["duplicate_rule"]


@check(Severity.WARNING, peers=("pint: rule/duplicate", "promtool: check rules"))
def duplicate_rule(project: Project) -> Iterator[Found]:
    """Compare name, labels and query of all rules."""
    first: dict[object, Rule] = {}
    for rule in project.rules:
        tree = tree_of(rule)
        if tree is None or rule.is_grafanas:
            continue
        labels = frozenset((name, str(value)) for name, value in rule.labels.items())
        known = first.setdefault((rule.is_alert, rule.name, labels, text_of(tree)), rule)
        if known is not rule:
            where = (
                "the same group"
                if known.group is rule.group
                else f"group '{known.group.name}' ({known.group.resource.source})"
            )
            yield rule.found(f"is the same rule as that in {where}; remove one", known)
