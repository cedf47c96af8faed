"""A notification policy matches no alert of the project.

Problem: its matcher has a slip, or the label's value was renamed, so the alerts that it was meant
for go elsewhere.

    notification_policy(pager, matchers=['severity="page"'])    and no alert has this severity

Instead: match a value that alerts have.

    notification_policy(pager, matchers=['severity="critical"'])

Only labels that every alert of the project sets itself are compared: others come from the queries.
Alerts of other projects, which this one does not know, may match it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.routes import known_labels, routings
from gk.check.subjects import Project

__all__ = ["unmatched_route"]


@check(Severity.INFO)
def unmatched_route(project: Project) -> Iterator[Found]:
    """Compare each matcher with the labels of all alerts."""
    alerts = [known_labels(rule) for rule in project.alerts]
    for routing in routings(project) if alerts else ():
        for route in routing.root.every():
            for matcher in route.matchers:
                values = [labels[matcher.label] for labels in alerts if matcher.label in labels]
                if len(values) == len(alerts) and not any(map(matcher.holds, values)):
                    yield Found(
                        f"no alert of the project matches {matcher}; the project has "
                        f"{_listed(values)}",
                        None,
                        routing.resource,
                    )


def _listed(values: list[str]) -> str:
    names = [f"'{value}'" for value in sorted(set(values))]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
