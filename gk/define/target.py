"""Targets: the queries of a panel with their options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.promql.snippet import Query, Snippet

__all__ = ["Queryable", "Target", "reference", "target", "target_of"]


@attr.s(eq=False, auto_attribs=True)
class Target(core.Target):  # type: ignore[misc]
    """A Prometheus query of a panel. If `legendFormat` is None, the query's own legend is used."""

    exemplar: bool = False
    # grafanalib requires a boolean here; None means the panel's default.
    instant: bool | None = None

    def to_json_data(self) -> dict[str, Any]:
        """The target's JSON; its query is not rendered."""
        return {
            "expr": self.expr,
            "legendFormat": self.legendFormat,
            "refId": self.refId,
            "instant": self.instant,
            "format": self.format,
            "hide": self.hide,
            "interval": self.interval,
            "exemplar": self.exemplar,
            "datasource": self.datasource,
        }


# mypy does not see the fields that attrs classes inherit from grafanalib.
_new_target: Any = Target

Queryable: TypeAlias = Query | Snippet | str | core.Target | Mapping[str, Any]
"""The query of a panel: a query, PromQL text, a target, or target JSON for other data sources."""


@checked
def target(
    query: Query | Snippet | str,
    *,
    legend: str | None = None,
    instant: bool | None = None,
    format: Literal["time_series", "table", "heatmap"] | None = None,
    interval: str = "",
    hide: bool = False,
    exemplar: bool = False,
    ref_id: str = "",
    datasource: Datasource | str | Mapping[str, str] | None = None,
) -> Target:
    """A query with options. `legend` is a legend format, `interval` the minimum step, a duration.

    By default, `instant` and `format` depend on the panel.
    """
    given: object = query
    if not isinstance(given, (Query, Snippet, str)):
        what = "None" if given is None else f"a {type(given).__name__}"
        raise TypeError(f"{what} is not a query; pass a snippet, a query or PromQL text")
    return _new_target(  # type: ignore[no-any-return]
        expr=query,
        legendFormat=legend,
        instant=instant,
        format=format,
        interval=interval,
        hide=hide,
        exemplar=exemplar,
        refId=ref_id,
        datasource=reference(datasource),
    )


def target_of(query: Queryable, instant: bool, format: str | None, legend: str | None) -> Any:
    """Return the target for a query, with the panel's `instant`, `format` and `legend` as
    defaults."""
    if isinstance(query, Mapping):
        return dict(query)
    if isinstance(query, core.Target) and not isinstance(query, Target):
        return query
    own: Any = query if isinstance(query, Target) else target(query)
    return attr.evolve(
        own,
        legendFormat=legend if own.legendFormat is None else own.legendFormat,
        instant=instant if own.instant is None else own.instant,
        format=format if own.format is None else own.format,
    )


def reference(datasource: Datasource | str | Mapping[str, str] | None) -> Any:
    """Return a data source in its JSON form."""
    return datasource.ref if isinstance(datasource, Datasource) else datasource
