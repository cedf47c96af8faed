"""A selector lacks a matcher that this project requires.

Problem: without a matcher on the job, a query also reads series of the same name from other jobs.

    up == 0

Instead: name the labels.

    up{job=~"$job", instance=~"$instance"} == 0

A policy: `labels` has the labels that each selector of a panel or a rule needs, `job` and
`instance` by default. Recorded series, whose names have colons, need none.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["required_matchers"]


@check(
    Severity.WARNING,
    peers=(
        "dashboard-linter: target-job-rule",
        "dashboard-linter: target-instance-rule",
        "pint: promql/selector",
    ),
    is_policy=True,
)
def required_matchers(
    expression: Expression, *, labels: tuple[str, ...] = ("job", "instance")
) -> Iterator[str]:
    """Look at the matchers of each selector."""
    if expression.query.where.kind == "variable":
        return
    said = set()
    for selector in expression.selectors:
        named = {matcher.name for matcher in selector.matchers.matchers}
        lacking = [label for label in labels if label not in named]
        name = selector.name or "a selector"
        if lacking and ":" not in name and name not in said:
            said.add(name)
            yield f"{name} has no matcher on {', '.join(lacking)}; add it to the selector"
