"""A dashboard has no variable `instance`, or one that cannot choose several instances.

Problem: it mixes all targets, or shows those of one instance only.

    sum(rate(http_requests_total[5m]))

Instead: let readers choose.

    query_variable("instance", "label_values(up, instance)", label="Instance",
                   multi=True, include_all=True, all_value=".+")

`label` is the label of the variable (empty: any), `all_value` the pattern of all values (empty:
any).
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.target_variables import mistakes
from gk.check.subjects import Dashboard

__all__ = ["instance_variable"]


@check(Severity.WARNING, peers=("dashboard-linter: template-instance-rule",), is_policy=True)
def instance_variable(
    dashboard: Dashboard, *, label: str = "Instance", all_value: str = ".+"
) -> Iterator[Found]:
    """Look at $instance."""
    yield from mistakes(dashboard, "instance", label, all_value)
