"""Two variables of a dashboard have the same name.

Problem: queries get the value of one of them, whichever a reader chooses in the other.

    {"name": "node", "type": "query"}, {"name": "node", "type": "custom"}

Instead: remove one, or give it another name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Dashboard
from gk.errors import Where

__all__ = ["duplicate_variable"]


@check(Severity.WARNING)
def duplicate_variable(dashboard: Dashboard) -> Iterator[Found]:
    """Count the names."""
    for name, count in Counter(variable.name for variable in dashboard.variables).items():
        if count > 1:
            where = Where("variable", name)
            yield Found(f"{count} variables have this name; remove or rename the others", where)
