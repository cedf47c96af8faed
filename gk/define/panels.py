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
    "bar_chart",
    "bar_gauge",
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
    point_size: int = 5,
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

    `fill` is an opacity in percent, `line_width` and `point_size` are in pixels. `span_nulls` draws
    lines across gaps. `stack` adds the series up, as values or as percentages of their sum.
    `log_scale` is the base, or 0 for a linear scale. The axis reaches from `soft_min` to
    `soft_max`, and further if values do; `min` and `max` cut values off. `threshold_style` "auto"
    draws thresholds as lines, unless they colour the series. `legend_values` are shown beside each
    name; `legend_width` is in pixels, for a legend on the right, and `legend_sort` is the value by
    which a legend in a table is sorted, as its header says (`Max`). `tooltip` shows one series or
    all, sorted by `tooltip_sort`.
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
        **({"pointSize": point_size} if point_size != 5 else {}),
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
    value_size: int = 0,
    title_size: int = 0,
    **common: Unpack[Common],
) -> Panel:
    """One large value for each series.

    `calculation` makes the value of a series. `color_mode` says what has the colour of the
    threshold. `graph` "area" draws the series behind the value, which needs a range query. `text`
    is what is shown: the value, the name of the series, or both; "auto" shows the name if there are
    several. `fields` names the field to show, or matches several (`/.*/`); the default is every
    number. `value_size` and `title_size` are the sizes of the value and the name in pixels, which
    Grafana chooses if they are 0.
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
            **_text_sizes(value_size, title_size),
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
    value_size: int = 0,
    title_size: int = 0,
    **common: Unpack[Common],
) -> Panel:
    """One value for each series on an arc from `min` to `max`.

    `threshold_markers` draws the thresholds around the arc, `threshold_labels` their values.
    `calculation`, `fields` and the sizes of texts are as those of `stat`.
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
            **_text_sizes(value_size, title_size),
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
    value_size: int = 0,
    title_size: int = 0,
    **common: Unpack[Common],
) -> Panel:
    """One value for each series as a bar from `min` to `max`.

    `unfilled` draws the rest of the bar in grey. `calculation`, `fields` and the sizes of texts are
    as those of `stat`.
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
            **_text_sizes(value_size, title_size),
            "displayMode": display,
            "orientation": orientation,
            "showUnfilled": unfilled,
        },
    )


@checked
def bar_chart(
    title: str,
    *queries: Queryable,
    x: str = "",
    color_by: str = "",
    orientation: Literal["auto", "horizontal", "vertical"] = "auto",
    stack: Literal["none", "normal", "percent"] = "none",
    show_value: Literal["auto", "always", "never"] = "auto",
    bar_width: float = 0.97,
    group_width: float = 0.7,
    radius: float = 0,
    fill: int = 80,
    gradient: Literal["none", "opacity", "hue", "scheme"] = "none",
    line_width: int = 1,
    tick_rotation: int = 0,
    tick_spacing: int = 0,
    tick_length: int = 0,
    axis_label: str = "",
    axis_placement: Literal["auto", "left", "right", "hidden"] = "auto",
    soft_min: float | None = None,
    soft_max: float | None = None,
    legend: Literal["list", "table", "hidden"] = "list",
    legend_placement: Literal["bottom", "right"] = "bottom",
    legend_values: Sequence[Calculation] = (),
    tooltip: Literal["single", "multi", "none"] = "single",
    tooltip_sort: Literal["none", "asc", "desc"] = "none",
    value_size: int = 0,
    title_size: int = 0,
    **common: Unpack[Common],
) -> Panel:
    """Bars for the rows of a table: one for each number in a row.

    A query returns a table with a row for each series, and Grafana draws one table: join those of
    several queries with a transformation (`merge`). `x` is the field that names the rows, by
    default the first text, or the time; `color_by` is the field whose values give the bars their
    colours. `stack` puts the bars of a row on each other, as values or as percentages of their sum.
    `bar_width` is a share of the room of a bar, `group_width` of that of a row, and `radius` of
    half a bar's width, all from 0 to 1. `fill` is an opacity in percent, `line_width` is in pixels.
    Names of rows are rotated by `tick_rotation` degrees, at least `tick_spacing` pixels apart, and
    cut to `tick_length` letters. `value_size` and `title_size` are the sizes of values and of names
    in pixels, which Grafana chooses if they are 0.
    """
    _check_shares("bar_chart", bar_width=bar_width, group_width=group_width, radius=radius)
    options: dict[str, Any] = {
        "orientation": orientation,
        "stacking": stack,
        "showValue": show_value,
        "barWidth": bar_width,
        "groupWidth": group_width,
        "barRadius": radius,
        "xTickLabelRotation": tick_rotation,
        "xTickLabelSpacing": tick_spacing,
        "legend": _legend(legend, legend_placement, legend_values),
        "tooltip": {"mode": tooltip, "sort": tooltip_sort if tooltip == "multi" else "none"},
        **_text_sizes(value_size, title_size),
    }
    chosen = {"xField": x, "colorByField": color_by, "xTickLabelMaxLength": tick_length}
    return new_panel(
        "barchart",
        title,
        queries,
        common,
        instant=True,
        format="table",
        custom={
            "fillOpacity": fill,
            "gradientMode": gradient,
            "lineWidth": line_width,
            "axisLabel": axis_label,
            "axisPlacement": axis_placement,
            "axisSoftMin": soft_min,
            "axisSoftMax": soft_max,
        },
        options={**options, **{key: value for key, value in chosen.items() if value}},
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
    align: Literal["left", "center", "right"] = "left",
    row_height: float = 0.9,
    fill: int = 70,
    legend: Literal["list", "table", "hidden"] = "list",
    **common: Unpack[Common],
) -> Panel:
    """States over time, one band for each series. `merge` joins equal neighbours; `align` is where
    a band has its value; `row_height` is a share from 0 to 1."""
    return new_panel(
        "state-timeline",
        title,
        queries,
        common,
        custom={"fillOpacity": fill, "lineWidth": 0},
        options={
            "mergeValues": merge,
            "showValue": show_value,
            **({"alignValue": align} if align != "left" else {}),
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


def _text_sizes(value: int, title: int) -> dict[str, Any]:
    """The sizes of texts that somebody chose."""
    sizes = {key: size for key, size in (("titleSize", title), ("valueSize", value)) if size}
    return {"text": sizes} if sizes else {}


def _check_shares(constructor: str, **shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{constructor}(): {name} {share} must be a share from 0 to 1")
