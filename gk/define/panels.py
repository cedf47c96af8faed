"""Panels: one constructor for each of Grafana's visualizations, with typed keyword arguments.

A constructor returns a grafanalib panel in the shape that Grafana writes today, so gk's and
grafanalib's panels mix freely. gk.compile adds what queries know (unit, legend, description) and
what alerts know (thresholds). Options keep Grafana's spelling beside the argument that sets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from gk.define.arguments import checked
from gk.define.fields import Calculation
from gk.define.panel import Common, Panel, new_panel
from gk.define.target import Queryable

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "alert_list",
    "bar_gauge",
    "dashboard_list",
    "gauge",
    "heatmap",
    "logs",
    "pie_chart",
    "stat",
    "state_timeline",
    "text",
    "timeseries",
]


@checked
def timeseries(
    title: str,
    *queries: Queryable,
    draw: Literal["line", "bars", "points"] = "line",
    fill: int = 10,
    gradient: Literal["none", "opacity", "hue", "scheme"] = "none",
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
    threshold_style: Literal[
        "auto", "off", "line", "dashed", "area", "line+area", "dashed+area", "series"
    ] = "auto",
    legend: Literal["list", "table", "hidden"] = "list",
    legend_placement: Literal["bottom", "right"] = "bottom",
    legend_values: Sequence[Calculation] = (),
    legend_width: int = 0,
    legend_sort: str = "",
    legend_sort_descending: bool = True,
    tooltip: Literal["single", "multi", "none"] = "multi",
    tooltip_sort: Literal["none", "asc", "desc"] = "desc",
    **common: Unpack[Common],
) -> Panel:
    """Series over time.

    `fill` is an opacity in percent, `line_width` is in pixels. `span_nulls` draws lines across
    gaps. `stack` adds the series up, as values or as percentages of their sum. `log_scale` is the
    base, or 0 for a linear scale. The axis reaches from `soft_min` to `soft_max`, and further if
    values do; `min` and `max` cut values off. `threshold_style` "auto" draws thresholds as lines,
    unless they colour the series. `legend_values` are shown beside each name; `legend_width` is in
    pixels, for a legend on the right, and `legend_sort` is the value by which a legend in a table
    is sorted, as its header says (`Max`). `tooltip` shows one series or all, sorted by
    `tooltip_sort`.
    """
    if legend_width < 0:
        raise ValueError(f"timeseries(): legend_width {legend_width} must be a number of pixels")
    # Grafana draws threshold lines only with this option; thresholds that colour the series need
    # none.
    drawn = common.get("thresholds") and common.get("color") != "thresholds"
    style = ("line" if drawn else None) if threshold_style == "auto" else threshold_style
    custom = {
        "drawStyle": draw,
        "fillOpacity": fill,
        "gradientMode": gradient,
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
        "thresholdsStyle": {"mode": style} if style else None,
    }
    sorting = {"sortBy": legend_sort, "sortDesc": legend_sort_descending} if legend_sort else {}
    options = {
        "legend": {
            **_legend(legend, legend_placement, legend_values),
            **({"width": legend_width} if legend_width else {}),
            **sorting,
        },
        "tooltip": {"mode": tooltip, "sort": tooltip_sort if tooltip == "multi" else "none"},
    }
    return new_panel("timeseries", title, queries, common, custom=custom, options=options)


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
    """One large value for each series.

    `calculation` makes the value of a series. `color_mode` says what has the colour of the
    threshold. `graph` "area" draws the series behind the value, which needs a range query. `text`
    is what is shown: the value, the name of the series, or both; "auto" shows the name if there are
    several. `fields` names the field to show, or matches several (`/.*/`); the default is every
    number.
    """
    return new_panel(
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
    """One value for each series on an arc from `min` to `max`.

    `threshold_markers` draws the thresholds around the arc, `threshold_labels` their values.
    `calculation` and `fields` are as those of `stat`.
    """
    return new_panel(
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
    """One value for each series as a bar from `min` to `max`.

    `unfilled` draws the rest of the bar in grey. `calculation` and `fields` are as those of `stat`.
    """
    return new_panel(
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


@checked
def heatmap(
    title: str,
    *queries: Queryable,
    calculate: bool = False,
    scheme: str = "Oranges",
    steps: int = 64,
    legend: bool = True,
    histogram: bool = True,
    **common: Unpack[Common],
) -> Panel:
    """Counts by bucket over time.

    Queries return one series for each bucket (`sum by (le) (...)`); with `calculate`, Grafana makes
    the buckets from plain series. `scheme` is a D3 colour scheme in `steps` steps. With
    `histogram`, the tooltip draws the buckets of its moment. `unit` is the unit of the bucket
    bounds.
    """
    return new_panel(
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
            "tooltip": {"mode": "single", "show": True, "yHistogram": histogram},
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
    """States over time, one band for each series. `merge` joins equal neighbours; `row_height` is a
    share from 0 to 1."""
    return new_panel(
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
    """Shares of a whole, one slice for each series. `labels` are written on the slices,
    `legend_values` in the legend."""
    return new_panel(
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
    return new_panel(
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
    """Log lines from Loki or another log source.

    Write queries as target JSON, such as `{"expr": '{app="api"}', "refId": "A"}`. `time` and
    `labels` show the time and the labels of each line; `details` opens a line that is clicked.
    `deduplicate` leaves out lines that repeat the one before: exactly, but for numbers, or but for
    all except punctuation ("signature").
    """
    return new_panel(
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
    """Alerts and their states.

    `name_filter` is a part of the name, `label_filter` a set of matchers (`{severity="critical"}`);
    both may use variables. `folder_uid` limits the list to a folder of Grafana's rules,
    `datasource_name` to the rules of one data source; "grafana" is Grafana itself. `group_by` names
    labels. `view` "stat" shows the number of alerts.
    """
    return new_panel(
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
    """Links to dashboards.

    With `search`, those that have all `tags`, a title with `query`, and are in the folder; with
    `starred` and `recent`, those that the viewer starred or opened. `keep_time` and
    `include_variables` take the time range and the variables along.
    """
    return new_panel(
        "dashlist",
        title,
        (),
        common,
        size=(8, 8),
        options={
            "tags": list(tags),
            "query": query,
            # Since Grafana 10, an empty uid means General (dashlist/DashList.tsx).
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
    # Since schema version 37, showLegend hides the legend, and displayMode only sets its form.
    shown = mode != "hidden"
    return {
        "displayMode": mode if shown else "list",
        "showLegend": shown,
        "placement": placement,
        "calcs": list(values),
    }


def _reduce(calculation: str, fields: str) -> dict[str, Any]:
    return {"calcs": [calculation], "fields": fields, "values": False}
