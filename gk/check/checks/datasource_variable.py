"""A dashboard has no variable for its data source, or not the one that the team's dashboards share.

Problem: readers have to look for it, and links from one dashboard to another do not keep the
choice.

    {"type": "datasource", "name": "ds_prometheus"}

Instead: have exactly one for each type, with the same name everywhere.

    datasource_variable("datasource", label="Data source")

`name` is the name of the variable, `label` its label (empty: any), `types` the types of data
sources that need one.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Dashboard, Variable
from gk.documents.references import references
from gk.errors import Where

__all__ = ["datasource_variable"]


@check(Severity.WARNING, peers=("dashboard-linter: template-datasource-rule",), is_policy=True)
def datasource_variable(
    dashboard: Dashboard,
    *,
    name: str = "datasource",
    label: str = "",
    types: tuple[str, ...] = ("prometheus",),
) -> Iterator[Found]:
    """Look at the variables that choose data sources."""
    asked = {ref.get("type") for ref in references(dashboard.body)}
    for type_ in types:
        own = [
            variable
            for variable in dashboard.variables
            if variable.body.get("type") == "datasource" and variable.body.get("query") == type_
        ]
        if not own and type_ in asked:
            yield Found(f"has no variable for its data source of type {type_}; add ${name}")
        for variable in own[1:]:
            message = f"is another variable for a data source of type {type_}; keep one"
            yield Found(message, Where("variable", variable.name))
        for variable in own[:1] if type_ == types[0] else ():
            yield from _misnamed(variable, name, label)


def _misnamed(variable: Variable, name: str, label: str) -> Iterator[Found]:
    where = Where("variable", variable.name)
    if variable.name != name:
        yield Found(f"chooses the data source; call it ${name}", where)
    if label and variable.body.get("label") != label:
        yield Found(f"has the label '{variable.body.get('label', '')}'; write '{label}'", where)
