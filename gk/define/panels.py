"""Panels: one constructor for each of Grafana's visualizations, with typed keyword arguments.

A constructor returns a grafanalib panel in the shape that Grafana writes today, so the panels of
both mix freely. What a query knows (unit, legend, description) and what an alert knows (thresholds)
is not repeated here: gk.compile adds it. Options keep Grafana's own spelling beside the argument
that sets them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypedDict

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.define.place import caller
from gk.errors import Source
from gk.promql.snippet import Query, Snippet

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "COLUMNS",
    "NOTES",
    "Column",
    "Notes",
    "Panel",
    "Target",
    "alert_list",
    "bar_gauge",
    "column",
    "dashboard_list",
    "gauge",
    "heatmap",
    "link",
    "logs",
    "override",
    "pie_chart",
    "stat",
    "state_timeline",
    "table",
    "target",
    "text",
    "timeseries",
]

Calculation = Literal[
    "lastNotNull",
    "last",
    "firstNotNull",
    "first",
    "min",
    "max",
    "mean",
    "sum",
    "count",
    "range",
    "delta",
    "diff",
]
"""How a series is reduced to one value. The names are Grafana's reducer ids."""

Thresholds = Mapping["float | None", str]
"""Colour from each value upwards. The key None is the base, which is green where it is missing."""

Mappings = Mapping["str | float", "str | tuple[str, str]"]
"""Text, or text and colour, shown in place of a value."""

COLUMNS = 24
"""The width of the screen, in columns of Grafana's grid."""

NOTES = "gk"
"""Key under which a panel's JSON carries its `Notes` to gk.compile, which takes it out."""


class Notes(NamedTuple):
    """What gk knows of a panel and Grafana does not: where it was written, its size, what its id is
    made from."""

    source: Source
    width: int
    height: int
    key: str
    alert_thresholds: bool


class Common(TypedDict, total=False):
    """Keyword arguments that every panel takes.

    `width` counts 24ths of the screen, `height` units of 30 pixels. `unit` is Grafana's id of a
    unit (gk.documents.units), and comes from the query if not given, as do `description` and the
    legend. `decimals`, `min` and `max` are in that unit. `id` fixes the panel's id; it otherwise
    comes from `key`, or from the title. `grid` is (x, y, width, height) where the layout should not
    decide. `interval` is the least step, a duration. `repeat` names a variable. `extra` is merged
    into the panel's JSON as it stands, for any option that gk has no argument for.
    """

    description: str
    unit: str
    decimals: int
    min: float
    max: float
    no_value: str
    thresholds: Thresholds
    thresholds_mode: Literal["absolute", "percentage"]
    color: str
    mappings: Mappings
    overrides: Sequence[Mapping[str, Any]]
    links: Sequence[core.DataLink]
    data_links: Sequence[core.DataLink]
    transformations: Sequence[Mapping[str, Any]]
    datasource: Datasource | str | Mapping[str, str]
    width: int
    height: int
    grid: tuple[int, int, int, int]
    key: str
    id: int
    interval: str
    max_data_points: int
    time_from: str
    time_shift: str
    repeat: str
    repeat_direction: Literal["h", "v"]
    max_per_row: int
    transparent: bool
    extra: Mapping[str, Any]


@attr.s(eq=False, auto_attribs=True)
class Panel(core.Panel):  # type: ignore[misc]
    """A grafanalib panel of any type, in today's shape: `options` and `field` are Grafana's
    JSON."""

    type: str = ""
    options: dict[str, Any] = attr.Factory(dict)
    field: dict[str, Any] = attr.Factory(dict)
    overrides: list[Mapping[str, Any]] = attr.Factory(list)
    notes: Notes | None = None

    def to_json_data(self) -> dict[str, Any]:
        """The panel's JSON; queries in it are not rendered."""
        return self.panel_json(  # type: ignore[no-any-return]
            {
                "type": self.type,
                "options": self.options,
                "fieldConfig": {"defaults": self.field, "overrides": self.overrides},
                NOTES: self.notes,
            }
        )


@attr.s(eq=False, auto_attribs=True)
class Target(core.Target):  # type: ignore[misc]
    """A Prometheus query of a panel; `legendFormat` None takes the query's own legend."""

    exemplar: bool = False
    # grafanalib insists on a boolean here; None leaves it to the panel.
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
_new_panel: Any = Panel
_new_target: Any = Target

Queryable: TypeAlias = Query | Snippet | str | core.Target | Mapping[str, Any]
"""What a panel shows: a query, PromQL text, a target, or a target's JSON for other data sources."""


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
    """A query with options. `legend` is a legend format, `interval` the least step, a duration.

    Whether the query is `instant` and its `format` follow from the panel if not given.
    """
    given: object = query
    if not isinstance(given, (Query, Snippet, str)):
        what = "None" if given is None else f"a {type(given).__name__}"
        raise TypeError(f"{what} is no query; give a snippet, a query or PromQL text")
    return _new_target(  # type: ignore[no-any-return]
        expr=query,
        legendFormat=legend,
        instant=instant,
        format=format,
        interval=interval,
        hide=hide,
        exemplar=exemplar,
        refId=ref_id,
        datasource=_ref(datasource),
    )


def link(title: str, url: str, *, new_tab: bool = False) -> core.DataLink:
    """A link of a panel or of its data. `url` may use Grafana's variables, `${__url_time_range}`
    among them."""
    return core.DataLink(title=title, linkUrl=url, isNewTab=new_tab)


def override(
    *,
    name: str = "",
    regex: str = "",
    type: str = "",
    ref_id: str = "",
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """Field options for some fields: those with the name, whose name matches the regex, of the
    type, of the query.

    `properties` are Grafana's ids with their values: `{"unit": "bytes", "custom.axisPlacement":
    "right"}`.
    """
    ids = {"byName": name, "byRegexp": regex, "byType": type, "byFrameRefID": ref_id}
    given = [each for each in ids.items() if each[1]]
    if len(given) != 1:
        raise TypeError("override() takes one of name, regex, type and ref_id")
    matcher, options = given[0]
    return {
        "matcher": {"id": matcher, "options": options},
        "properties": [{"id": id, "value": value} for id, value in properties.items()],
    }


@checked
def timeseries(
    title: str,
    *queries: Queryable,
    draw: Literal["line", "bars", "points"] = "line",
    fill: int = 10,
    line_width: int = 1,
    interpolation: Literal["linear", "smooth", "stepBefore", "stepAfter"] = "linear",
    points: Literal["auto", "always", "never"] = "never",
    span_nulls: bool = False,
    stack: Literal["none", "normal", "percent"] = "none",
    axis_label: str = "",
    axis_placement: Literal["auto", "left", "right", "hidden"] = "auto",
    log_scale: Literal[0, 2, 10] = 0,
    soft_min: float | None = None,
    soft_max: float | None = None,
    legend: Literal["list", "table", "hidden"] = "list",
    legend_placement: Literal["bottom", "right"] = "bottom",
    legend_values: Sequence[Calculation] = (),
    tooltip: Literal["single", "multi", "none"] = "multi",
    tooltip_sort: Literal["none", "asc", "desc"] = "desc",
    **common: Unpack[Common],
) -> Panel:
    """Series over time. `fill` is an opacity in percent, `line_width` pixels, `log_scale` the base
    or 0 for linear."""
    # Grafana draws thresholds only when told; those that colour the series need no lines.
    drawn = common.get("thresholds") and common.get("color") != "thresholds"
    custom = {
        "drawStyle": draw,
        "fillOpacity": fill,
        "lineWidth": line_width,
        "lineInterpolation": interpolation,
        "showPoints": points,
        "spanNulls": span_nulls,
        "stacking": {"mode": stack, "group": "A"},
        "axisLabel": axis_label,
        "axisPlacement": axis_placement,
        "scaleDistribution": {"type": "log", "log": log_scale} if log_scale else {"type": "linear"},
        "axisSoftMin": soft_min,
        "axisSoftMax": soft_max,
        "thresholdsStyle": {"mode": "line"} if drawn else None,
    }
    return _panel(
        "timeseries",
        title,
        queries,
        common,
        custom=custom,
        options={
            "legend": _legend(legend, legend_placement, legend_values),
            "tooltip": {"mode": tooltip, "sort": tooltip_sort if tooltip == "multi" else "none"},
        },
    )


@checked
def stat(
    title: str,
    *queries: Queryable,
    calculation: Calculation = "lastNotNull",
    color_mode: Literal["value", "background", "none"] = "value",
    graph: Literal["none", "area"] = "none",
    text: Literal["auto", "value", "value_and_name", "name", "none"] = "auto",
    orientation: Literal["auto", "horizontal", "vertical"] = "auto",
    justify: Literal["auto", "center"] = "auto",
    fields: str = "",
    **common: Unpack[Common],
) -> Panel:
    """One value a series, large. `graph` "area" draws the series behind it, which needs a range
    query."""
    return _panel(
        "stat",
        title,
        queries,
        common,
        size=(4, 4),
        instant=graph == "none",
        options={
            "reduceOptions": _reduce(calculation, fields),
            "colorMode": color_mode,
            "graphMode": graph,
            "textMode": text,
            "orientation": orientation,
            "justifyMode": justify,
        },
    )


@checked
def gauge(
    title: str,
    *queries: Queryable,
    calculation: Calculation = "lastNotNull",
    threshold_labels: bool = False,
    threshold_markers: bool = True,
    orientation: Literal["auto", "horizontal", "vertical"] = "auto",
    fields: str = "",
    **common: Unpack[Common],
) -> Panel:
    """One value a series on an arc from `min` to `max`, with the thresholds as markers."""
    return _panel(
        "gauge",
        title,
        queries,
        common,
        size=(4, 4),
        instant=True,
        options={
            "reduceOptions": _reduce(calculation, fields),
            "showThresholdLabels": threshold_labels,
            "showThresholdMarkers": threshold_markers,
            "orientation": orientation,
        },
    )


@checked
def bar_gauge(
    title: str,
    *queries: Queryable,
    calculation: Calculation = "lastNotNull",
    display: Literal["basic", "gradient", "lcd"] = "gradient",
    orientation: Literal["auto", "horizontal", "vertical"] = "horizontal",
    unfilled: bool = True,
    fields: str = "",
    **common: Unpack[Common],
) -> Panel:
    """One value a series as a bar from `min` to `max`."""
    return _panel(
        "bargauge",
        title,
        queries,
        common,
        size=(8, 8),
        instant=True,
        options={
            "reduceOptions": _reduce(calculation, fields),
            "displayMode": display,
            "orientation": orientation,
            "showUnfilled": unfilled,
        },
    )


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
        "mappings": _mappings(mappings) or None,
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
    return _panel(
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


@checked
def heatmap(
    title: str,
    *queries: Queryable,
    calculate: bool = False,
    scheme: str = "Oranges",
    steps: int = 64,
    legend: bool = True,
    **common: Unpack[Common],
) -> Panel:
    """Counts by bucket over time.

    Queries return one series a bucket (`sum by (le) (...)`); with `calculate`, Grafana makes the
    buckets from plain series. `scheme` is a D3 colour scheme in `steps` steps. `unit` is that of
    the buckets' bounds.
    """
    return _panel(
        "heatmap",
        title,
        queries,
        common,
        format=None if calculate else "heatmap",
        options={
            "calculate": calculate,
            "color": {"mode": "scheme", "scheme": scheme, "steps": steps},
            "legend": {"show": legend},
            # mode is what 10.0 and later read, show what 9.x reads.
            "tooltip": {"mode": "single", "show": True, "yHistogram": True},
        },
    )


@checked
def state_timeline(
    title: str,
    *queries: Queryable,
    merge: bool = True,
    show_value: Literal["auto", "always", "never"] = "auto",
    row_height: float = 0.9,
    fill: int = 70,
    legend: Literal["list", "table", "hidden"] = "list",
    **common: Unpack[Common],
) -> Panel:
    """States over time, one band a series. `merge` joins equal neighbours; `row_height` is a share
    of 0 to 1."""
    return _panel(
        "state-timeline",
        title,
        queries,
        common,
        custom={"fillOpacity": fill, "lineWidth": 0},
        options={
            "mergeValues": merge,
            "showValue": show_value,
            "rowHeight": row_height,
            "legend": _legend(legend, "bottom", ()),
            "tooltip": {"mode": "single", "sort": "none"},
        },
    )


@checked
def pie_chart(
    title: str,
    *queries: Queryable,
    calculation: Calculation = "lastNotNull",
    style: Literal["pie", "donut"] = "pie",
    labels: Sequence[Literal["name", "value", "percent"]] = (),
    legend: Literal["list", "table", "hidden"] = "list",
    legend_placement: Literal["bottom", "right"] = "right",
    legend_values: Sequence[Literal["value", "percent"]] = (),
    **common: Unpack[Common],
) -> Panel:
    """Shares of a whole, one slice a series."""
    return _panel(
        "piechart",
        title,
        queries,
        common,
        size=(8, 8),
        instant=True,
        options={
            "reduceOptions": _reduce(calculation, ""),
            "pieType": style,
            "displayLabels": list(labels),
            "legend": {
                "displayMode": "list" if legend == "hidden" else legend,
                "showLegend": legend != "hidden",
                "placement": legend_placement,
                "values": list(legend_values),
            },
            "tooltip": {"mode": "single", "sort": "none"},
        },
    )


@checked
def text(
    title: str,
    content: str,
    *,
    mode: Literal["markdown", "html", "code"] = "markdown",
    **common: Unpack[Common],
) -> Panel:
    """Text. Grafana removes scripts from "html" unless its administrator allows them."""
    return _panel(
        "text", title, (), common, size=(24, 3), options={"mode": mode, "content": content}
    )


@checked
def logs(
    title: str,
    *queries: Queryable,
    time: bool = True,
    labels: bool = False,
    wrap: bool = True,
    prettify_json: bool = False,
    details: bool = True,
    deduplicate: Literal["none", "exact", "numbers", "signature"] = "none",
    newest_first: bool = True,
    **common: Unpack[Common],
) -> Panel:
    """Log lines, from Loki or another source of logs; queries are targets' JSON, such as `{"expr":
    '{app="api"}'}`."""
    return _panel(
        "logs",
        title,
        queries,
        common,
        size=(24, 10),
        options={
            "showTime": time,
            "showLabels": labels,
            "wrapLogMessage": wrap,
            "prettifyLogMessage": prettify_json,
            "enableLogDetails": details,
            "dedupStrategy": deduplicate,
            "sortOrder": "Descending" if newest_first else "Ascending",
        },
    )


@checked
def alert_list(
    title: str,
    *,
    name_filter: str = "",
    label_filter: str = "",
    folder_uid: str = "",
    datasource_name: str = "",
    states: Sequence[Literal["firing", "pending", "noData", "normal", "error"]] = (
        "firing",
        "pending",
    ),
    max_items: int = 20,
    group_by: Sequence[str] = (),
    view: Literal["list", "stat"] = "list",
    **common: Unpack[Common],
) -> Panel:
    """Alerts and their states. `label_filter` is matchers (`{severity="critical"}`); both filters
    may use variables.

    `datasource_name` limits the list to one data source's rules; "grafana" is Grafana's own.
    """
    return _panel(
        "alertlist",
        title,
        (),
        common,
        size=(24, 6),
        options={
            "alertName": name_filter,
            "alertInstanceLabelFilter": label_filter,
            "folder": {"uid": folder_uid} if folder_uid else None,
            "datasource": datasource_name,
            "stateFilter": {
                state: state in states
                for state in ("firing", "pending", "noData", "normal", "error")
            },
            "maxItems": max_items,
            "groupMode": "custom" if group_by else "default",
            "groupBy": list(group_by),
            "sortOrder": 1,
            "viewMode": view,
        },
    )


@checked
def dashboard_list(
    title: str,
    *,
    tags: Sequence[str] = (),
    query: str = "",
    folder_uid: str = "",
    search: bool = True,
    starred: bool = False,
    recent: bool = False,
    headings: bool = False,
    max_items: int = 30,
    keep_time: bool = True,
    include_variables: bool = True,
    **common: Unpack[Common],
) -> Panel:
    """Links to dashboards: those that the search finds, the viewer's starred ones, or the recently
    viewed."""
    return _panel(
        "dashlist",
        title,
        (),
        common,
        size=(8, 8),
        options={
            "tags": list(tags),
            "query": query,
            # An empty one would be General since Grafana 10 (dashlist/DashList.tsx).
            "folderUID": folder_uid or None,
            "showSearch": search,
            "showStarred": starred,
            "showRecentlyViewed": recent,
            "showHeadings": headings,
            "maxItems": max_items,
            "keepTime": keep_time,
            "includeVars": include_variables,
        },
    )


def _legend(mode: str, placement: str, values: Sequence[str]) -> dict[str, Any]:
    # Since schema version 37 a hidden legend is showLegend, and displayMode only says which one is
    # shown.
    shown = mode != "hidden"
    return {
        "displayMode": mode if shown else "list",
        "showLegend": shown,
        "placement": placement,
        "calcs": list(values),
    }


def _reduce(calculation: str, fields: str) -> dict[str, Any]:
    return {"calcs": [calculation], "fields": fields, "values": False}


def _panel(
    type: str,
    title: str,
    queries: Sequence[Queryable],
    common: Common,
    *,
    options: Mapping[str, Any],
    custom: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (12, 8),
    instant: bool = False,
    format: str | None = None,
) -> Panel:
    return _new_panel(  # type: ignore[no-any-return]
        type=type,
        title=title,
        targets=[_target(query, instant, format) for query in queries],
        options=dict(options),
        field=_field(common, custom or {}),
        overrides=list(common.get("overrides", ())),
        notes=_notes(common, size),
        thresholdType=common.get("thresholds_mode", "absolute"),
        thresholds=_steps(common.get("thresholds", {})),
        dataSource=_ref(common.get("datasource")),
        description=common.get("description"),
        gridPos=_grid(common.get("grid")),
        id=common.get("id"),
        interval=common.get("interval"),
        links=list(common.get("links", ())),
        maxDataPoints=common.get("max_data_points"),
        repeat=core.Repeat(
            common.get("repeat_direction"), common.get("repeat"), common.get("max_per_row")
        ),
        timeFrom=common.get("time_from"),
        timeShift=common.get("time_shift"),
        transformations=list(common.get("transformations", ())),
        transparent=common.get("transparent", False),
        extraJson=dict(common.get("extra", {})) or None,
    )


def _notes(common: Common, size: tuple[int, int]) -> Notes:
    width, height = common.get("width", size[0]), common.get("height", size[1])
    if not 1 <= width <= COLUMNS or height < 1:
        raise ValueError(
            f"width {width} and height {height}: a panel is 1 to {COLUMNS} wide, "
            "and at least 1 high"
        )
    return Notes(
        source=caller(),
        width=width,
        height=height,
        key=common.get("key", ""),
        alert_thresholds="thresholds" not in common,
    )


def _target(query: Queryable, instant: bool, format: str | None) -> Any:
    if isinstance(query, Mapping):
        return dict(query)
    if isinstance(query, core.Target) and not isinstance(query, Target):
        return query
    own: Any = query if isinstance(query, Target) else target(query)
    return attr.evolve(
        own,
        instant=instant if own.instant is None else own.instant,
        format=format if own.format is None else own.format,
    )


def _field(common: Common, custom: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "unit": common.get("unit"),
        "decimals": common.get("decimals"),
        "min": common.get("min"),
        "max": common.get("max"),
        "noValue": common.get("no_value"),
        "color": _color(common.get("color")),
        "mappings": _mappings(common.get("mappings", {})),
        "links": list(common.get("data_links", ())),
        "custom": dict(custom),
    }


def _color(color: str | None) -> dict[str, str] | None:
    """A colour mode (`thresholds`, `palette-classic`, `continuous-GrYlRd`) or one fixed colour."""
    if color is None:
        return None
    is_mode = color == "thresholds" or color.startswith(("palette-", "continuous-", "shades"))
    return {"mode": color} if is_mode else {"mode": "fixed", "fixedColor": color}


def _steps(thresholds: Thresholds) -> list[dict[str, Any]]:
    if not thresholds:
        return []
    given: object = thresholds
    if not isinstance(given, Mapping) or not all(
        isinstance(each, (int, float, type(None))) for each in given
    ):
        raise TypeError(
            "thresholds is a mapping of numbers to colours, such as {0.8: 'orange', 0.9: 'red'}"
        )
    bounds = sorted((value, color) for value, color in thresholds.items() if value is not None)
    base = {"color": thresholds.get(None, "green"), "value": None}
    return [base, *({"color": color, "value": value} for value, color in bounds)]


def _mappings(mappings: Mappings) -> list[dict[str, Any]]:
    if not mappings:
        return []
    options = {}
    for index, (value, shown) in enumerate(mappings.items()):
        words, color = shown if isinstance(shown, tuple) else (shown, None)
        options[_key(value)] = {"text": words, "color": color, "index": index}
    return [{"type": "value", "options": options}]


def _key(value: str | float) -> str:
    """The text that Grafana compares a value with: JavaScript's, in which 1.0 is 1 and True is
    true."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _grid(grid: tuple[int, int, int, int] | None) -> dict[str, int] | None:
    if grid is None:
        return None
    given: tuple[int, ...] = grid
    if len(given) != 4:
        raise ValueError(f"grid is (x, y, width, height), not {given}")
    x, y, width, height = given
    if x < 0 or y < 0 or width < 1 or height < 1 or x + width > COLUMNS:
        raise ValueError(
            f"grid (x, y, width, height) of {given} is not on the {COLUMNS} columns of the screen"
        )
    return {"x": x, "y": y, "w": width, "h": height}


def _ref(datasource: Datasource | str | Mapping[str, str] | None) -> Any:
    return datasource.ref if isinstance(datasource, Datasource) else datasource
