"""A notification policy matches no alert of the project.

Problem: the alerts that it was meant for go elsewhere. Often its matcher has a typo, or the label's
value was renamed.

    notification_policy(pager, matchers=['severity="page"'])    # no alert has this severity

Instead: match a value that alerts have.

    notification_policy(pager, matchers=['severity="critical"'])

Only labels that every alert of the project sets itself are compared: others come from the queries.
Alerts of other projects may match it, too. So a matcher of `alertname` is reported only if the
project has an alert with nearly the same name.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.routes import Matcher, labels_of_alert, routings
from gk.check.subjects import Project
from gk.errors import did_you_mean
from gk.forms.plurals import several

__all__ = ["unmatched_route"]


@check(Severity.INFO)
def unmatched_route(project: Project) -> Iterator[Found]:
    """Compare each matcher with the labels of all alerts."""
    alerts = [labels_of_alert(rule) for rule in project.alerts]
    for routing in routings(project) if alerts else ():
        for route in routing.root.every():
            for matcher in route.matchers:
                values = [labels[matcher.label] for labels in alerts if matcher.label in labels]
                is_known = len(values) == len(alerts)
                if is_known and not any(map(matcher.holds, values)) and _is_slip(matcher, values):
                    names = several([f"'{value}'" for value in sorted(set(values))], 4)
                    yield Found(
                        f"no alert of the project matches {matcher}; the project has {names}",
                        None,
                        routing.resource,
                    )


def _is_slip(matcher: Matcher, values: list[str]) -> bool:
    """Whether a value is more likely wrong than one of another project's alerts: there are few
    severities and many names."""
    return matcher.label != "alertname" or bool(did_you_mean(matcher.value, values))
