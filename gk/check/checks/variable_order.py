"""A variable depends on one that comes after it.

Problem: readers choose from left to right, and here a choice on the right changes what they chose
before.

    pod: label_values(up{namespace="$namespace"}, pod), then namespace: ...

Instead: put the one that others depend on first. Grafana itself works in any order.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.variables import needs
from gk.check.subjects import Dashboard
from gk.errors import Where

__all__ = ["variable_order"]

# Of Grafana's `hide`; 1 hides the label only.
_HIDDEN = 2


@check(Severity.INFO)
def variable_order(dashboard: Dashboard) -> Iterator[Found]:
    """Look at the variables that are shown."""
    shown = [
        variable.name for variable in dashboard.variables if variable.body.get("hide") != _HIDDEN
    ]
    needed = needs(dashboard) if len(shown) > 1 else {}
    for place, name in enumerate(shown):
        for later in shown[place + 1 :]:
            if later in needed[name] and name not in needed[later]:
                yield Found(f"depends on ${later}; put ${later} before it", Where("variable", name))
