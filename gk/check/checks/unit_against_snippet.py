"""A panel shows a snippet's values in a unit that they do not have.

Problem: the snippet's values are a share from 0 to 1; a panel in percent shows 0.5 for one half.

    stat("CPU", node.cpu_busy, unit="percent")

Instead: leave the unit to the snippet, or use one of the same quantity and scale.

    stat("CPU", node.cpu_busy)
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.quantities import of_unit
from gk.check.model import Severity, check
from gk.check.parts.panels import has_own_units, unit
from gk.check.subjects import Panel
from gk.errors import Where
from gk.promql.snippet import Snippet

__all__ = ["unit_against_snippet"]


@check(Severity.WARNING)
def unit_against_snippet(panel: Panel) -> Iterator[str]:
    """Compare the panel's unit with those of its snippets."""
    # With these, a value is not shown as the query has it, or not in the panel's unit.
    if panel.body.get("transformations") or has_own_units(panel):
        return
    shown = of_unit(unit(panel))
    if shown is None:
        return
    for snippet in dict.fromkeys(_snippets(panel)):
        of_snippet = of_unit(snippet.unit)
        if of_snippet and of_snippet != shown:
            yield (
                f"shows snippet {snippet.name} as '{unit(panel)}', but its values are "
                f"'{snippet.unit}'; use the snippet's unit"
            )


def _snippets(panel: Panel) -> Iterator[Snippet]:
    where = Where("panel", panel.title)
    texts = {target.get("expr") for target in panel.targets}
    for use in panel.dashboard.resource.uses if panel.title else ():
        if use.where == where and use.expr in texts:
            yield use.query.snippet
