"""Tables and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.fields import (
    Mappings,
    Thresholds,
    color_mode,
    override,
    threshold_steps,
    value_mappings,
)
from gk.define.panel import Common, Panel, new_panel
from gk.define.target import Queryable, Target, target
from gk.promql.snippet import Query, Snippet

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Column", "column", "table"]


class Column(NamedTuple):
    """A table column: its header, the label or query that fills it, and its field options."""

    name: str
    label: str
    query: Query | Snippet | str | Target | None
    properties: Mapping[str, Any]


@checked
def column(
    name: str,
    query: Query | Snippet | str | Target | None = None,
    *,
    label: str = "",
    cell: Literal["auto", "bar", "color-text", "color-background"] = "auto",
    unit: str = "",
    decimals: int | None = None,
    min: float | None = None,
    max: float | None = None,
    width: int | None = None,
    align: Literal["auto", "left", "center", "right"] = "auto",
    mappings: Mappings = MappingProxyType({}),
    thresholds: Thresholds = MappingProxyType({}),
    links: Sequence[core.DataLink] = (),
) -> Column:
    """A table column with the header `name`: the values of a query, or of a label that all queries
    share.

    The unit, and the thresholds of alerts, come from the query. `width` is in pixels. Thresholds
    and mappings with colours colour the text unless `cell` says otherwise. In the URL of a link,
    `${__data.fields.Name}` is the value of the column Name in the same row.
    """
    if (query is None) == (not label):
        raise TypeError(f"column '{name}' takes a query or a label=")
    is_colored = any(isinstance(shown, tuple) for shown in mappings.values())
    if cell == "auto" and (thresholds or is_colored):
        cell = "color-text"
    steps = threshold_steps(thresholds)
    options = {
        "unit": unit or None,
        "decimals": decimals,
        "min": min,
        "max": max,
        "custom.width": width,
        "custom.align": align if align != "auto" else None,
        "mappings": value_mappings(mappings) or None,
        "links": list(links) or None,
        "thresholds": {"mode": "absolute", "steps": steps} if steps else None,
        "color": color_mode(
            "thresholds" if steps else "continuous-GrYlRd" if cell == "bar" else None
        ),
        "custom.cellOptions": _CELLS.get(cell, {"type": cell}) if cell != "auto" else None,
    }
    return Column(
        name, label, query, {id: value for id, value in options.items() if value is not None}
    )


_CELLS = {"bar": {"type": "gauge", "mode": "basic"}}


@checked
def table(
    title: str,
    *queries: Queryable | Column,
    sort_by: str = "",
    sort_descending: bool = True,
    filterable: bool = False,
    cell: Literal["auto", "color-text", "color-background", "gauge", "json-view"] = "auto",
    align: Literal["auto", "left", "center", "right"] = "auto",
    footer: bool = False,
    **common: Unpack[Common],
) -> Panel:
    """Rows of fields, as the queries return them; or, of columns (`column`), one row for each set
    of labels.

    `sort_by` is the name of a field as shown; `footer` adds the sums of the columns.
    """
    columns = [query for query in queries if isinstance(query, Column)]
    if columns:
        if len(columns) < len(queries):
            raise TypeError(f"table '{title}' has columns and queries; make each query a column()")
        _check_columns(title, columns)
        common["transformations"] = [*_joined(columns), *common.get("transformations", ())]
        common["overrides"] = [*_column_options(columns), *common.get("overrides", ())]
    options: dict[str, Any] = {"showHeader": True, "cellHeight": "sm"}
    if sort_by:
        options["sortBy"] = [{"displayName": sort_by, "desc": sort_descending}]
    if footer:
        options["footer"] = {"show": True, "reducer": ["sum"]}
    return new_panel(
        "table",
        title,
        _column_targets(columns) or [query for query in queries if not isinstance(query, Column)],
        common,
        size=(24, 8),
        instant=True,
        format="table",
        custom={
            "filterable": filterable,
            "cellOptions": {"type": cell},
            **({"align": align} if align != "auto" else {}),
        },
        options=options,
    )


def _check_columns(title: str, columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(
            f"table '{title}' has two columns '{twice}'; Grafana tells them apart by their names"
        )
    asking = sum(column.query is not None for column in columns)
    # Each query needs a refId of one letter, by which its column finds its field.
    if asking > len(ascii_uppercase):
        raise ValueError(
            f"table '{title}' has {asking} queries; it joins {len(ascii_uppercase)} at most"
        )


_NAMING = "naming"
"""The refId of a query that only makes Grafana name the values of the others by their refIds.

Grafana does so where at least two queries return data; the values of a single one are called Value,
and no column finds them (9.3; later versions count queries without data, too). This one returns 0,
reads no series, and is left out before the others are joined.
"""


def _column_targets(columns: Sequence[Column]) -> list[Target]:
    asking = [column.query for column in columns if column.query is not None]
    targets: list[Any] = [query if isinstance(query, Target) else target(query) for query in asking]
    return [
        *(
            attr.evolve(target_, refId=ref_id)
            for target_, ref_id in zip(targets, ascii_uppercase, strict=False)
        ),
        *([target("vector(0)", ref_id=_NAMING)] if _needs_naming(columns) else []),
    ]


def _needs_naming(columns: Sequence[Column]) -> bool:
    """Whether several queries are joined, all of the panel's data source: each data source names
    the values of its own queries."""
    asking = [column.query for column in columns if column.query is not None]
    own = any(isinstance(query, Target) and query.datasource for query in asking)
    return len(asking) > 1 and not own


def _joined(columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    """Join the values of all queries by labels into one row each, with the order and the names of
    `columns`."""
    asking = [column.name for column in columns if column.query is not None]
    fields = {
        name: f"Value #{ref_id}" for name, ref_id in zip(asking, ascii_uppercase, strict=False)
    }
    # With a single query, Grafana names its field Value, without the refId.
    if len(asking) == 1:
        fields = {asking[0]: "Value"}
    names = [column.label or fields[column.name] for column in columns]
    organize = {
        # An instant query returns the same time in each row.
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate(names)},
        "renameByName": {name: column.name for name, column in zip(names, columns, strict=True)},
    }
    without_naming = {"id": "filterByRefId", "options": {"exclude": _NAMING}}
    return [
        *([without_naming] if _needs_naming(columns) else []),
        *([{"id": "merge", "options": {}}] if len(asking) > 1 else []),
        {"id": "organize", "options": organize},
    ]


def _column_options(columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    return [
        override(name=column.name, properties=column.properties)
        for column in columns
        if column.properties
    ]
