"""A query or a data source names a variable that the dashboard does not have.

Problem: Grafana sends the text `$jbo` to Prometheus, so the query is refused or finds nothing.

    rate(http_requests_total{job="$jbo"}[$__rate_interval])

Instead: name a variable of the dashboard, or add one.

    rate(http_requests_total{job="$job"}[$__rate_interval])

gk build refuses it in your own dashboards, and warns of it in an export.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Dashboard
from gk.documents.shapes import Json
from gk.documents.variables import in_promql, in_text, is_built_in, mistake_in_built_in
from gk.errors import Where, did_you_mean

__all__ = ["undefined_variable"]


@check(Severity.ERROR)
def undefined_variable(dashboard: Dashboard) -> Iterator[Found]:
    """Look at PromQL and at references to data sources."""
    known = dashboard.variable_names
    told = set()
    for where, name in _used(dashboard):
        if name in known or (where, name) in told:
            continue
        told.add((where, name))
        if not is_built_in(name):
            hint = did_you_mean(name, known) or "; add it, or name another"
            yield Found(f"${name} is not a variable of the dashboard{hint}", where)
        elif mistake := mistake_in_built_in(name):
            yield Found(mistake, where)


def _used(dashboard: Dashboard) -> Iterator[tuple[Where | None, str]]:
    for query in dashboard.queries:
        for name in sorted(in_promql(query.promql.expr)):
            yield query.where, name
    for variable in dashboard.variables:
        yield from _source(variable.body, Where("variable", variable.name))
    for panel in dashboard.panels:
        where = Where("panel", panel.title or None)
        for owner in (panel.body, *panel.targets):
            yield from _source(owner, where)
        repeat = panel.body.get("repeat")
        if isinstance(repeat, str) and repeat:
            yield where, repeat


def _source(owner: Json, where: Where) -> Iterator[tuple[Where, str]]:
    ref = owner.get("datasource")
    uid = ref.get("uid") if isinstance(ref, dict) else None
    if isinstance(uid, str):
        yield from ((where, name) for name in sorted(in_text(uid)))
