"""Tables, and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.fields import Mappings, override, value_mappings
from gk.define.panel import Common, Panel, new_panel
from gk.define.target import Queryable, Target, target
from gk.promql.snippet import Query, Snippet

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Column", "column", "table"]


class Column(NamedTuple):
    """A column of a table: its header, the label or the query that fills it, and options of its
    field."""

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
    mappings: Mappings = MappingProxyType({}),
    links: Sequence[core.DataLink] = (),
) -> Column:
    """A column of a table, headed `name`: the values of a query, or those of a label that all
    queries share.

    The unit, and the thresholds of alerts, come from the query. `width` is in pixels. In the URL of
    a link `${__data.fields.Name}` is the value of the column Name in the same row.
    """
    if (query is None) == (not label):
        raise TypeError(f"column '{name}' takes a query or a label=")
    options = {
        "unit": unit or None,
        "decimals": decimals,
        "min": min,
        "max": max,
        "custom.width": width,
        "mappings": value_mappings(mappings) or None,
        "links": list(links) or None,
        "color": {"mode": "continuous-GrYlRd"} if cell == "bar" else None,
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
    footer: bool = False,
    **common: Unpack[Common],
) -> Panel:
    """Rows of fields: as the queries return them, or one row for each set of labels with the
    `column`s given.

    `sort_by` is a field's name as shown; `footer` adds the sums of the columns.
    """
    columns = [each for each in queries if isinstance(each, Column)]
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
        _column_targets(columns) or [each for each in queries if not isinstance(each, Column)],
        common,
        size=(24, 8),
        instant=True,
        format="table",
        custom={"filterable": filterable, "cellOptions": {"type": cell}},
        options=options,
    )


def _check_columns(title: str, columns: Sequence[Column]) -> None:
    names = [each.name for each in columns]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(
            f"table '{title}' has two columns '{twice}'; Grafana tells them apart by their names"
        )
    asking = sum(each.query is not None for each in columns)
    if asking > len(ascii_uppercase):
        raise ValueError(
            f"table '{title}' has {asking} queries; it joins {len(ascii_uppercase)} at most"
        )


def _column_targets(columns: Sequence[Column]) -> list[Target]:
    asking = [each.query for each in columns if each.query is not None]
    targets: list[Any] = [each if isinstance(each, Target) else target(each) for each in asking]
    return [
        attr.evolve(each, refId=ref_id)
        for each, ref_id in zip(targets, ascii_uppercase, strict=False)
    ]


def _joined(columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    """One row for the values of all queries with the same labels, in the order of `columns` and
    with their names."""
    asking = [each.name for each in columns if each.query is not None]
    fields = {
        name: f"Value #{ref_id}" for name, ref_id in zip(asking, ascii_uppercase, strict=False)
    }
    if len(asking) == 1:
        fields = {asking[0]: "Value"}
    names = [each.label or fields[each.name] for each in columns]
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate(names)},
        "renameByName": {name: each.name for name, each in zip(names, columns, strict=True)},
    }
    return [
        *([{"id": "merge", "options": {}}] if len(asking) > 1 else []),
        {"id": "organize", "options": organize},
    ]


def _column_options(columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    return [
        override(name=each.name, properties=each.properties) for each in columns if each.properties
    ]
