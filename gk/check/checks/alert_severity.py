"""An alert has no severity, or an unusual one.

Problem: routes and inhibitions decide by the label `severity`. An alert without a known value goes
wherever the root of the routes sends it.

    alert("ApiErrors", errors > 0.1, severity="crit")

Instead: use one of the values that the routes know.

    alert("ApiErrors", errors > 0.1, severity="critical")

`one_of` has the values, `label` the name of the label. `none` is for alerts that notify nobody,
such as the Watchdog. A value that a template computes is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.lacking import reported
from gk.check.subjects import Project
from gk.errors import did_you_mean

__all__ = ["alert_severity"]


@check(Severity.INFO, peers=("mixtool: alert-severity-rule",))
def alert_severity(
    project: Project,
    *,
    label: str = "severity",
    one_of: tuple[str, ...] = ("critical", "warning", "info", "none"),
) -> Iterator[Found]:
    """Look at the label of each alert."""
    lacking = [rule for rule in project.alerts if not rule.labels.get(label)]
    yield from reported(project, lacking, f"has no label {label}", "routes decide by it")
    for rule in project.alerts:
        value = str(rule.labels.get(label) or "")
        if value and value not in one_of and "{{" not in value:
            hint = did_you_mean(value, one_of) or f"; use one of {', '.join(one_of)}"
            yield rule.found(f"{label} is '{value}'{hint}")
