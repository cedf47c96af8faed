"""A variable never refreshes its values.

Problem: readers choose from the pods of the day on which somebody saved the dashboard.

    {"type": "query", "refresh": 0}

Instead: refresh them when the dashboard loads, or when the time range changes.

    query_variable("pod", "label_values(kube_pod_info, pod)", refresh="time")

`refresh` is 0 for never, 1 for each load of the dashboard, 2 for each change of the time range.
With `on_load: false`, only 2 is accepted: a reader who goes back to last week then gets the pods of
last week.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Variable
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json

__all__ = ["stale_variable"]

# Of Grafana's `refresh`; 0 is never.
_ON_LOAD, _ON_TIME_RANGE = 1, 2


def _fix(body: Json, *, on_load: bool = True) -> Iterator[str]:
    """Refresh on time range change."""
    for variable in dicts(path(body, "templating"), "list"):
        if _is_stale(variable, on_load):
            given = variable.get("refresh", 0)
            yield f"variable ${variable.get('name')}: refresh {given} -> {_ON_TIME_RANGE}"
            variable["refresh"] = _ON_TIME_RANGE


def _is_stale(variable: Json, on_load: bool) -> bool:
    fine = (_ON_LOAD, _ON_TIME_RANGE) if on_load else (_ON_TIME_RANGE,)
    return variable.get("type") == "query" and variable.get("refresh", 0) not in fine


@check(
    Severity.WARNING,
    peers=("dashboard-linter: template-on-time-change-reload-rule",),
    fix=_fix,
)
def stale_variable(variable: Variable, *, on_load: bool = True) -> Iterator[str]:
    """Look at the variables whose values come from a query."""
    if _is_stale(variable.body, on_load):
        is_on_load = variable.body.get("refresh") == _ON_LOAD
        yield (
            f"{_SELDOM if is_on_load else _NEVER}; "
            "refresh it when the time range changes (refresh: 2)"
        )


_NEVER = "never refreshes its values"
_SELDOM = "refreshes its values only when the dashboard loads"
