"""A panel or a row is repeated for a variable that has one value at a time.

Problem: there is always one copy.

    {"repeat": "node"}     # and $node has one value at a time

Instead: allow several values of the variable, or do not repeat the panel.

    query_variable("node", ..., multi=True)
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Panel

__all__ = ["repeat_of_one_value"]


@check(Severity.INFO)
def repeat_of_one_value(panel: Panel) -> Iterator[str]:
    """Look at the variables for which panels are repeated."""
    repeat = panel.body.get("repeat")
    for variable in panel.dashboard.variables if repeat else ():
        if variable.name == repeat and not (
            variable.body.get("multi") or variable.body.get("includeAll")
        ):
            yield f"is repeated for ${repeat}, which has one value; allow several (multi)"
