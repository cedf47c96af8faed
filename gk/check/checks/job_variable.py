"""A dashboard has no variable `job`, or one that cannot choose several jobs.

Problem: it mixes the targets of all jobs, or shows those of one job only.

    sum(rate(http_requests_total[5m]))

Instead: let readers choose.

    query_variable("job", "label_values(up, job)", label="Job",
                   multi=True, include_all=True, all_value=".+")

`label` is the label of the variable (empty: any), `all_value` the pattern of all values (empty:
any).
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.target_variables import mistakes
from gk.check.subjects import Dashboard

__all__ = ["job_variable"]


@check(Severity.WARNING, peers=("dashboard-linter: template-job-rule",), is_policy=True)
def job_variable(
    dashboard: Dashboard, *, label: str = "Job", all_value: str = ".+"
) -> Iterator[Found]:
    """Look at $job."""
    yield from mistakes(dashboard, "job", label, all_value)
