"""Panels: what each constructor compiles to. test_panel_queries.py has what queries add, and
test_panel_mistakes.py what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from grafanalib import core

import gk
from gk import (
    Dashboard,
    alert_list,
    bar_chart,
    bar_gauge,
    dashboard_list,
    gauge,
    heatmap,
    link,
    logs,
    override,
    pie_chart,
    stat,
    state_timeline,
    table,
    target,
    text,
    timeseries,
)
from gk.define import fields
from gk.define.panel import Common, Panel
from tests.cases import every
from tests.definitions import (
    LOKI,
    NODE,
    PROMETHEUS,
    REF,
    Json,
    busy,
    dashboard,
    leaves,
    panel,
)

Make = Callable[..., Panel]

WITH_QUERIES: list[Make] = [
    timeseries, stat, gauge, bar_chart, bar_gauge, table, heatmap, state_timeline, pie_chart, logs,
]  # fmt: skip
ALL: list[Make] = [*WITH_QUERIES, text, alert_list, dashboard_list]


def made(make: Make, **arguments: Any) -> Panel:
    """A panel of any type, with a query where it takes one."""
    inside = {text: ["# Hello"], alert_list: [], dashboard_list: []}.get(make, ["up"])
    return make("T", *inside, **arguments)


# Grafana's schema
#
# Names and words of @grafana/schema 13.2.3 (raw/composable/*/panelcfg/x/types.gen.d.ts,
# common/common.gen.d.ts and raw/dashboard/x/types.gen.d.ts). A set has the words that are allowed,
# a list is one of things of that shape. What the schema has not, but Grafana reads, says where.

NUMBER = (int, float)
LEGEND = {
    "calcs": [str],
    "displayMode": {"hidden", "list", "table"},
    "placement": {"bottom", "right"},
    "showLegend": bool,
}
TOOLTIP = {"mode": {"multi", "none", "single"}, "sort": {"asc", "desc", "none"}}
REDUCE = {"calcs": [str], "fields": str, "values": bool}
ORIENTATION = {"auto", "horizontal", "vertical"}
VISIBILITY = {"always", "auto", "never"}
SIZES = {"titleSize": NUMBER, "valueSize": NUMBER}

OPTIONS: dict[str, Any] = {
    "timeseries": {"legend": LEGEND, "tooltip": TOOLTIP},
    "stat": {
        "reduceOptions": REDUCE,
        "orientation": ORIENTATION,
        "colorMode": {"background", "background_solid", "none", "value"},
        "graphMode": {"area", "line", "none"},
        "justifyMode": {"auto", "center"},
        "textMode": {"auto", "name", "none", "value", "value_and_name"},
        "text": SIZES,
    },
    "gauge": {
        "reduceOptions": REDUCE,
        "orientation": ORIENTATION,
        "showThresholdLabels": bool,
        "showThresholdMarkers": bool,
        "text": SIZES,
    },
    "barchart": {
        "barRadius": NUMBER,
        "barWidth": NUMBER,
        "colorByField": str,
        "groupWidth": NUMBER,
        "legend": LEGEND,
        "orientation": ORIENTATION,
        "showValue": VISIBILITY,
        "stacking": {"none", "normal", "percent"},
        "text": SIZES,
        "tooltip": TOOLTIP,
        "xField": str,
        "xTickLabelMaxLength": int,
        "xTickLabelRotation": int,
        "xTickLabelSpacing": int,
    },
    "bargauge": {
        "reduceOptions": REDUCE,
        "orientation": ORIENTATION,
        "displayMode": {"basic", "gradient", "lcd"},
        "showUnfilled": bool,
        "text": SIZES,
    },
    "table": {
        "cellHeight": {"auto", "lg", "md", "sm"},
        "showHeader": bool,
        "sortBy": [{"desc": bool, "displayName": str}],
        # Up to 12.1; newer ones make a field option of it when they load it (table/migrations.ts,
        # migrateFooterV2).
        "footer": {"show": bool, "reducer": [str]},
    },
    "heatmap": {
        "calculate": bool,
        "color": {"mode": {"opacity", "scheme"}, "scheme": str, "steps": int},
        "legend": {"show": bool},
        # `show` is 9.x's (heatmap/models.gen.ts).
        "tooltip": {"mode": {"multi", "none", "single"}, "yHistogram": bool, "show": bool},
        "yAxis": {"unit": str},
    },
    "state-timeline": {
        "legend": LEGEND,
        "tooltip": TOOLTIP,
        "mergeValues": bool,
        "rowHeight": NUMBER,
        "showValue": VISIBILITY,
        "alignValue": {"center", "left", "right"},
    },
    "piechart": {
        "reduceOptions": REDUCE,
        "displayLabels": [{"name", "percent", "value"}],
        "legend": {**LEGEND, "values": [{"percent", "value"}]},
        "pieType": {"donut", "pie"},
        "tooltip": TOOLTIP,
    },
    "text": {"content": str, "mode": {"code", "html", "markdown"}},
    "logs": {
        "showTime": bool,
        "showLabels": bool,
        "wrapLogMessage": bool,
        "prettifyLogMessage": bool,
        "enableLogDetails": bool,
        "dedupStrategy": {"exact", "none", "numbers", "signature"},
        "sortOrder": {"Ascending", "Descending"},
    },
    "dashlist": {
        "folderUID": str,
        "includeVars": bool,
        "keepTime": bool,
        "maxItems": int,
        "query": str,
        "showHeadings": bool,
        "showRecentlyViewed": bool,
        "showSearch": bool,
        "showStarred": bool,
        "tags": [str],
    },
    # No schema; public/app/plugins/panel/alertlist/types.ts, UnifiedAlertListOptions.
    "alertlist": {
        "alertInstanceLabelFilter": str,
        "alertName": str,
        "datasource": str,
        "folder": {"uid": str},
        "groupBy": [str],
        "groupMode": {"custom", "default"},
        "maxItems": int,
        "sortOrder": int,
        "stateFilter": dict.fromkeys(("error", "firing", "noData", "normal", "pending"), bool),
        "viewMode": {"list", "stat"},
    },
}
CUSTOM: dict[str, Any] = {
    "barchart": {
        "axisLabel": str,
        "axisPlacement": {"auto", "bottom", "hidden", "left", "right", "top"},
        "axisSoftMax": NUMBER,
        "axisSoftMin": NUMBER,
        "fillOpacity": int,
        "gradientMode": {"none", "opacity", "hue", "scheme"},
        "lineWidth": int,
    },
    "timeseries": {
        "axisLabel": str,
        "axisPlacement": {"auto", "bottom", "hidden", "left", "right", "top"},
        "axisSoftMax": NUMBER,
        "axisSoftMin": NUMBER,
        "drawStyle": {"bars", "line", "points"},
        "fillOpacity": int,
        "gradientMode": {"none", "opacity", "hue", "scheme"},
        "lineInterpolation": {"linear", "smooth", "stepAfter", "stepBefore"},
        "lineWidth": int,
        "pointSize": int,
        "scaleDistribution": {"type": {"linear", "log", "ordinal", "symlog"}, "log": int},
        "showPoints": VISIBILITY,
        "spanNulls": bool,
        "stacking": {"group": str, "mode": {"none", "normal", "percent"}},
        "thresholdsStyle": {
            "mode": {"area", "dashed", "dashed+area", "line", "line+area", "off", "series"}
        },
    },
    "state-timeline": {"fillOpacity": int, "lineWidth": int},
    "table": {
        "align": {"auto", "center", "left", "right"},
        "cellOptions": {"type": {"auto", "color-background", "color-text", "gauge", "json-view"}},
        # Of Grafana up to 9.4.
        "displayMode": {"color-background", "color-text", "gradient-gauge", "json-view"},
        "filterable": bool,
    },
}
LINKS = [{"targetBlank": bool, "title": str, "url": str}]
RESULT = {"color": str, "index": int, "text": str}
DEFAULTS: dict[str, Any] = {
    "color": {"mode": str, "fixedColor": str},
    "custom": dict,
    "decimals": int,
    "displayName": str,
    "links": LINKS,
    "mappings": [
        {"type": {"value"}, "options": {"0": RESULT, "1.5": RESULT, "true": RESULT, "down": RESULT}}
    ],
    "max": NUMBER,
    "min": NUMBER,
    "noValue": str,
    "thresholds": {
        "mode": {"absolute", "percentage"},
        "steps": [{"color": str, "value": (int, float, type(None))}],
    },
    "unit": str,
}
PANEL: dict[str, Any] = {
    "datasource": {"type": str, "uid": str},
    "description": str,
    "fieldConfig": {
        "defaults": DEFAULTS,
        "overrides": [
            {"matcher": {"id": str, "options": str}, "properties": [{"id": str, "value": object}]}
        ],
    },
    "gridPos": dict.fromkeys("hwxy", int),
    "hideTimeOverride": bool,
    "id": int,
    "interval": str,
    "links": LINKS,
    "maxDataPoints": int,
    "maxPerRow": int,
    "options": dict,
    "repeat": str,
    "repeatDirection": {"h", "v"},
    "targets": [
        {
            "datasource": {"type": str, "uid": str},
            "exemplar": bool,
            "expr": str,
            "format": {"heatmap", "table", "time_series"},
            "hide": bool,
            "instant": bool,
            "interval": str,
            "legendFormat": str,
            "refId": str,
        }
    ],
    "timeFrom": str,
    "timeShift": str,
    "title": str,
    "transformations": [{"id": str, "options": object}],
    "transparent": bool,
    "type": str,
}

EVERY_COMMON: dict[str, Any] = {
    "description": "What it shows",
    "unit": "bytes",
    "decimals": 1,
    "min": 0,
    "max": 9.5,
    "no_value": "none",
    "display_name": "Orders",
    "thresholds": {None: "blue", 3: "red", 1.5: "orange"},
    "thresholds_mode": "percentage",
    "color": "green",
    "mappings": {0: "Down", 1.5: ("Half", "orange"), True: "Up", "down": "Down"},
    "overrides": [override(name="A", properties={"unit": "s", "custom.axisPlacement": "right"})],
    "links": [link("Docs", "https://example.com", new_tab=True)],
    "data_links": [link("Logs", "/d/logs?${__url_time_range}")],
    "transformations": [{"id": "merge", "options": {}}],
    "datasource": PROMETHEUS,
    "width": 6,
    "height": 5,
    "legend_format": "{{job}}",
    "series": {"{{instance}}": "up"},
    "interval": "1m",
    "max_data_points": 200,
    "time_from": "1h",
    "time_shift": "1d",
    "hide_time_info": True,
    "repeat": "node",
    "repeat_direction": "h",
    "max_per_row": 3,
    "transparent": True,
}


def against(value: Any, shape: Any, way: str = "") -> Iterator[str]:
    """Where `value` is not of the shape."""
    if isinstance(shape, dict):
        yield from (f"{way}.{key}: unknown" for key in value.keys() - shape.keys())
        for key in value.keys() & shape.keys():
            yield from against(value[key], shape[key], f"{way}.{key}")
    elif isinstance(shape, list):
        for item in value:
            yield from against(item, shape[0], f"{way}[]")
    elif isinstance(shape, set):
        if value not in shape:
            yield f"{way}: {value}"
    elif not isinstance(value, shape) or (
        isinstance(value, bool) and shape is not bool and shape is not object
    ):
        yield f"{way}: {value!r}"


def against_schema(compiled: Json) -> list[str]:
    """Where a compiled panel is not as Grafana's schema says."""
    custom = compiled.get("fieldConfig", {}).get("defaults", {}).get("custom", {})
    return [
        *against(compiled, PANEL),
        *against(compiled.get("options", {}), OPTIONS[compiled["type"]], "options"),
        *against(custom, CUSTOM.get(compiled["type"], {}), "custom"),
    ]


@every("make", ALL)
def test_shape_of_the_least(make: Make) -> None:
    """A panel with nothing but its title and content is as Grafana's schema says."""
    assert [] == against_schema(panel(made(make)))


@every("make", ALL)
def test_shape_with_every_common_argument(make: Make) -> None:
    """A panel with every argument that all panels take is as Grafana's schema says."""
    assert [] == against_schema(panel(made(make, **EVERY_COMMON), datasource=PROMETHEUS))


def test_every_common_argument_is_tried() -> None:
    """The test above leaves out only what decides the place, the id, the merge and when it is
    shown."""
    assert {
        "id",
        "key",
        "grid",
        "extra",
        "show_when",
    } == Common.__annotations__.keys() - EVERY_COMMON.keys()


def words_of(make: Make) -> Iterator[tuple[str, Any]]:
    """Each argument of a constructor that takes one of some words, with each of the words."""
    hints = get_type_hints(getattr(make, "__wrapped__"), localns={"Unpack": list})  # noqa: B009 - mypy
    for name, hint in hints.items():
        for inner in (hint, *get_args(hint)):
            if get_origin(inner) is Literal:
                yield from ((name, word if inner is hint else [word]) for word in get_args(inner))
    yield from ((name, value) for name in hints for value in (True, False) if hints[name] is bool)


@every(
    "make, name, word",
    [
        pytest.param(make, *argument, id=f"{make.__name__}-{argument[0]}-{argument[1]}")
        for make in ALL
        for argument in words_of(make)
    ],
)
def test_shape_with_each_word(make: Make, name: str, word: Any) -> None:
    """Every word that an argument takes ends up where the schema has it."""
    assert [] == against_schema(panel(made(make, **{name: word})))


def test_the_least_time_series() -> None:
    """A panel's JSON has what was said, what makes it a panel, and nothing that Grafana adds by
    itself."""
    expected = {
        "datasource": REF,
        "fieldConfig": {"defaults": {"custom": {"fillOpacity": 10, "showPoints": "never"}}},
        "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
        "id": 507182437,
        "options": {"tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"datasource": REF, "expr": "up", "legendFormat": "__auto", "refId": "A"}],
        "title": "Up",
        "type": "timeseries",
    }
    assert expected == panel(timeseries("Up", "up"), exporter=None)


REDUCED = {"calcs": ["lastNotNull"], "fields": "", "values": False}
SHOWN = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}


@every(
    "make, expected",
    [
        pytest.param(timeseries, {"tooltip": {"mode": "multi", "sort": "desc"}}, id="timeseries"),
        pytest.param(
            stat,
            {
                "colorMode": "value",
                "graphMode": "none",
                "justifyMode": "auto",
                "orientation": "auto",
                "reduceOptions": REDUCED,
                "textMode": "auto",
            },
            id="stat",
        ),
        pytest.param(
            gauge,
            {
                "orientation": "auto",
                "reduceOptions": REDUCED,
                "showThresholdLabels": False,
                "showThresholdMarkers": True,
            },
            id="gauge",
        ),
        pytest.param(
            bar_gauge,
            {
                "displayMode": "gradient",
                "orientation": "horizontal",
                "reduceOptions": REDUCED,
                "showUnfilled": True,
            },
            id="bar_gauge",
        ),
        pytest.param(
            bar_chart,
            {
                "barRadius": 0,
                "barWidth": 0.97,
                "groupWidth": 0.7,
                "legend": SHOWN,
                "orientation": "auto",
                "showValue": "auto",
                "stacking": "none",
                "tooltip": {"mode": "single", "sort": "none"},
                "xTickLabelRotation": 0,
                "xTickLabelSpacing": 0,
            },
            id="bar_chart",
        ),
        pytest.param(table, {"cellHeight": "sm", "showHeader": True}, id="table"),
        pytest.param(
            heatmap,
            {
                "calculate": False,
                "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64},
                "legend": {"show": True},
                "tooltip": {"mode": "single", "show": True, "yHistogram": True},
            },
            id="heatmap",
        ),
        pytest.param(
            state_timeline,
            {
                "legend": SHOWN,
                "mergeValues": True,
                "rowHeight": 0.9,
                "showValue": "auto",
                "tooltip": {"mode": "single", "sort": "none"},
            },
            id="state_timeline",
        ),
        pytest.param(
            pie_chart,
            {
                "displayLabels": [],
                "legend": {
                    "displayMode": "list",
                    "placement": "right",
                    "showLegend": True,
                    "values": [],
                },
                "pieType": "pie",
                "reduceOptions": REDUCED,
                "tooltip": {"mode": "single", "sort": "none"},
            },
            id="pie_chart",
        ),
        pytest.param(text, {"content": "# Hello", "mode": "markdown"}, id="text"),
        pytest.param(
            logs,
            {
                "dedupStrategy": "none",
                "enableLogDetails": True,
                "prettifyLogMessage": False,
                "showLabels": False,
                "showTime": True,
                "sortOrder": "Descending",
                "wrapLogMessage": True,
            },
            id="logs",
        ),
        pytest.param(
            alert_list,
            {
                "alertInstanceLabelFilter": "",
                "alertName": "",
                "datasource": "",
                "groupBy": [],
                "groupMode": "default",
                "maxItems": 20,
                "sortOrder": 1,
                "stateFilter": {
                    "error": False,
                    "firing": True,
                    "noData": False,
                    "normal": False,
                    "pending": True,
                },
                "viewMode": "list",
            },
            id="alert_list",
        ),
        pytest.param(
            dashboard_list,
            {
                "includeVars": True,
                "keepTime": True,
                "maxItems": 30,
                "query": "",
                "showHeadings": False,
                "showRecentlyViewed": False,
                "showSearch": True,
                "showStarred": False,
                "tags": [],
            },
            id="dashboard_list",
        ),
    ],
)
def test_options_that_nobody_chose(make: Make, expected: Json) -> None:
    """What a panel looks like without options does not change from one version of gk to the
    next."""
    assert expected == panel(made(make))["options"]


@every(
    "make, expected",
    [
        pytest.param(timeseries, {}, id="timeseries"),
        pytest.param(stat, {"instant": True}, id="stat"),
        pytest.param(gauge, {"instant": True}, id="gauge"),
        pytest.param(bar_chart, {"instant": True, "format": "table"}, id="bar_chart"),
        pytest.param(bar_gauge, {"instant": True}, id="bar_gauge"),
        pytest.param(table, {"instant": True, "format": "table"}, id="table"),
        pytest.param(heatmap, {"format": "heatmap"}, id="heatmap"),
        pytest.param(state_timeline, {}, id="state_timeline"),
        pytest.param(pie_chart, {"instant": True}, id="pie_chart"),
        pytest.param(logs, {}, id="logs"),
    ],
)
def test_kind_of_query(make: Make, expected: Json) -> None:
    """Panels that show one value a series ask for one; a table wants rows, and a heatmap
    buckets."""
    (query,) = panel(make("T", "up"))["targets"]
    assert expected == {key: query[key] for key in ("instant", "format") if key in query}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param(stat("T", "up", graph="area"), {}, id="stat-with-graph"),
        pytest.param(heatmap("T", "up", calculate=True), {}, id="heatmap-that-calculates"),
        pytest.param(stat("T", target("up", instant=False)), {}, id="target-says-range"),
        pytest.param(
            timeseries("T", target("up", instant=True)), {"instant": True}, id="target-says-instant"
        ),
        pytest.param(
            table("T", target("up", format="time_series")),
            {"instant": True},
            id="target-says-format",
        ),
    ],
)
def test_kind_of_query_that_was_chosen(definition: Panel, expected: Json) -> None:
    """What an option or the target says of the kind of query wins."""
    (query,) = panel(definition)["targets"]
    assert expected == {key: query[key] for key in ("instant", "format") if key in query}


def test_hidden_legend() -> None:
    """A hidden legend is one that is not shown, since schema version 37."""
    legend = panel(timeseries("T", "up", legend="hidden"))["options"]["legend"]
    assert {"showLegend": False} == legend


# Arguments that all panels take


@pytest.mark.parametrize(
    ("thresholds", "steps"),
    [
        pytest.param({0.9: "red"}, [("green", None), ("red", 0.9)], id="green-below"),
        pytest.param({None: "blue", 5: "red"}, [("blue", None), ("red", 5)], id="base-given"),
        pytest.param(
            {9: "red", 1: "orange"}, [("green", None), ("orange", 1), ("red", 9)], id="sorted"
        ),
        pytest.param({None: "blue"}, [("blue", None)], id="base-alone"),
    ],
)
def test_thresholds(thresholds: fields.Thresholds, steps: list[tuple[str, float | None]]) -> None:
    """Thresholds are steps that rise from a base without a value."""
    compiled = panel(stat("T", "up", thresholds=thresholds))["fieldConfig"]["defaults"][
        "thresholds"
    ]
    assert {
        "mode": "absolute",
        "steps": [{"color": color, "value": value} for color, value in steps],
    } == compiled


@pytest.mark.parametrize(
    ("arguments", "style"),
    [
        pytest.param({"thresholds": {1: "red"}}, {"mode": "line"}, id="drawn"),
        pytest.param(
            {"thresholds": {1: "red"}, "color": "thresholds"}, None, id="colour-of-the-series"
        ),
        pytest.param({}, None, id="none"),
    ],
)
def test_thresholds_of_time_series_are_drawn(arguments: Any, style: Json | None) -> None:
    """Grafana draws thresholds in a graph only when told; they are drawn unless the series take
    their colours."""
    defaults = panel(timeseries("T", "up", **arguments))["fieldConfig"]["defaults"]
    assert style == defaults["custom"].get("thresholdsStyle")


@pytest.mark.parametrize(
    ("make", "color"),
    [(stat, "text"), (gauge, "green"), (bar_gauge, "green"), (table, "text")],
    ids=["stat", "gauge", "bar_gauge", "table"],
)
def test_no_thresholds(make: Make, color: str) -> None:
    """Without thresholds there is a base step, or Grafana would paint 80 and more red."""
    steps = panel(make("T", "up"))["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [{"color": color, "value": None}] == steps


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        pytest.param("red", {"mode": "fixed", "fixedColor": "red"}, id="name"),
        pytest.param("#00ff00", {"mode": "fixed", "fixedColor": "#00ff00"}, id="hex"),
        pytest.param("thresholds", {"mode": "thresholds"}, id="thresholds"),
        pytest.param("palette-classic-by-name", {"mode": "palette-classic-by-name"}, id="palette"),
        pytest.param("continuous-GrYlRd", {"mode": "continuous-GrYlRd"}, id="continuous"),
        pytest.param("shades", {"mode": "shades"}, id="shades"),
    ],
)
def test_color(color: str, expected: Json) -> None:
    """A colour is one of Grafana's modes, or one colour for all series."""
    assert expected == panel(timeseries("T", "up", color=color))["fieldConfig"]["defaults"]["color"]


@pytest.mark.parametrize(
    ("value", "key"),
    [
        pytest.param(1, "1", id="integer"),
        pytest.param(1.0, "1", id="whole-number"),
        pytest.param(0.5, "0.5", id="fraction"),
        pytest.param(1234567.5, "1234567.5", id="long-fraction"),
        pytest.param(12345678.0, "12345678", id="long-number"),
        pytest.param(True, "true", id="true"),
        pytest.param("Ready", "Ready", id="text"),
    ],
)
def test_mapped_value(value: str | float, key: str) -> None:
    """A mapping names its value as JavaScript writes it, which is what Grafana compares."""
    (mapping,) = panel(stat("T", "up", mappings={value: "Shown"}))["fieldConfig"]["defaults"][
        "mappings"
    ]
    assert {"type": "value", "options": {key: {"text": "Shown", "index": 0}}} == mapping


def test_mappings_keep_their_order() -> None:
    """Mappings carry their order and, where given, a colour."""
    (mapping,) = panel(stat("T", "up", mappings={1: ("Up", "green"), 0: "Down"}))["fieldConfig"][
        "defaults"
    ]["mappings"]
    assert {
        "1": {"text": "Up", "color": "green", "index": 0},
        "0": {"text": "Down", "index": 1},
    } == mapping["options"]


@pytest.mark.parametrize(
    ("given", "matcher"),
    [
        pytest.param({"name": "cpu"}, {"id": "byName", "options": "cpu"}, id="name"),
        pytest.param({"regex": "/cpu.*/"}, {"id": "byRegexp", "options": "/cpu.*/"}, id="regex"),
        pytest.param({"type": "time"}, {"id": "byType", "options": "time"}, id="type"),
        pytest.param({"ref_id": "B"}, {"id": "byFrameRefID", "options": "B"}, id="query"),
    ],
)
def test_override(given: Any, matcher: Json) -> None:
    """An override says which fields it is for and what they have."""
    body = panel(
        timeseries("T", "up", overrides=[override(**given, properties={"unit": "s", "max": 1})])
    )
    properties = [{"id": "unit", "value": "s"}, {"id": "max", "value": 1}]
    assert [{"matcher": matcher, "properties": properties}] == body["fieldConfig"]["overrides"]


def test_shares_are_from_0_to_1() -> None:
    with pytest.raises(ValueError, match="bar_width 7 must be a share from 0 to 1"):
        bar_chart("T", "up", bar_width=7)


def test_an_override_of_all_but_some_series_is_that_of_a_click_on_the_legend() -> None:
    """Grafana changes this one at the next click, and does not add another."""
    made = override(all_except=["cpu"], hide_from=["viz", "tooltip"])
    options = {"mode": "exclude", "names": ["cpu"], "prefix": "All except:", "readOnly": True}
    hidden = {"legend": False, "tooltip": True, "viz": True}
    assert {
        "__systemRef": "hideSeriesFrom",
        "matcher": {"id": "byNames", "options": options},
        "properties": [{"id": "custom.hideFrom", "value": hidden}],
    } == made


def test_links_of_panel_and_of_data() -> None:
    """Links of the panel and of its data are apart, and only one that opens a new tab says so."""
    body = panel(
        timeseries("T", "up", links=[link("P", "/p", new_tab=True)], data_links=[link("D", "/d")])
    )
    assert [{"title": "P", "url": "/p", "targetBlank": True}] == body["links"]
    assert [{"title": "D", "url": "/d"}] == body["fieldConfig"]["defaults"]["links"]


def test_repeat() -> None:
    """A repeated panel names the variable, the direction and how many fit."""
    body = panel(timeseries("T", "up", repeat="node", repeat_direction="v", max_per_row=4))
    assert ("node", "v", 4) == (body["repeat"], body["repeatDirection"], body["maxPerRow"])


@pytest.mark.parametrize(
    ("extra", "way", "expected"),
    [
        pytest.param({"pluginOption": {"a": 1}}, ["pluginOption"], {"a": 1}, id="new-key"),
        pytest.param(
            {"options": {"tooltip": {"mode": "none"}}},
            ["options", "tooltip", "mode"],
            "none",
            id="nested",
        ),
        pytest.param(
            {"options": {"tooltip": {"maxWidth": 200}}},
            ["options", "tooltip", "sort"],
            "desc",
            id="rest-stays",
        ),
        pytest.param(
            {"options": {"legend": {"calcs": ["max"]}}},
            ["options", "legend", "calcs"],
            ["max"],
            id="list",
        ),
        pytest.param({"type": "trend"}, ["type"], "trend", id="type"),
    ],
)
def test_extra_is_merged(extra: Json, way: list[str], expected: Any) -> None:
    """`extra` goes into the panel's JSON as it stands: objects are merged, anything else is
    replaced."""
    part: Any = panel(timeseries("T", "up", extra=extra))
    for key in way:
        part = part[key]
    assert expected == part


def test_extra_stays_the_definition_s() -> None:
    """Compiling does not change what the definition holds."""
    extra = {
        "links": [{"title": "L", "url": "/", "targetBlank": False}],
        "fieldConfig": {"defaults": {"unit": ""}},
    }
    panel(timeseries("T", busy, extra=extra))
    assert [{"title": "L", "url": "/", "targetBlank": False}] == extra["links"]
    assert {"defaults": {"unit": ""}} == extra["fieldConfig"]


# Panels in general


@pytest.mark.parametrize(
    ("definition", "way", "expected"),
    [
        pytest.param(
            alert_list("T", folder_uid="team"), "folder", {"uid": "team"}, id="alerts-of-a-folder"
        ),
        pytest.param(
            alert_list("T", group_by=["node"]), "groupMode", "custom", id="groups-of-alerts"
        ),
        pytest.param(
            dashboard_list("T", folder_uid="team"), "folderUID", "team", id="dashboards-of-a-folder"
        ),
        pytest.param(
            table("T", "up", sort_by="Value"),
            "sortBy",
            [{"displayName": "Value", "desc": True}],
            id="sorted-table",
        ),
        pytest.param(
            table("T", "up", footer=True), "footer", {"show": True, "reducer": ["sum"]}, id="footer"
        ),
        pytest.param(
            logs("T", "up", newest_first=False), "sortOrder", "Ascending", id="oldest-log-first"
        ),
    ],
)
def test_option(definition: Panel, way: str, expected: Any) -> None:
    """An argument that Grafana spells otherwise becomes what Grafana reads."""
    assert expected == panel(definition)["options"][way]


@pytest.mark.parametrize("make", [text, alert_list, dashboard_list], ids=lambda make: make.__name__)
def test_panel_without_data_has_no_data_source(make: Make) -> None:
    """Panels that query nothing name no data source, so a project without one may have them."""
    assert "datasource" not in dashboard(Dashboard("D", panels=[made(make)]), LOKI)["panels"][0]


@every("make", ALL)
def test_no_nulls(make: Make) -> None:
    """Nothing is null but the value of the base threshold."""
    nulls = [way for way, value in leaves(panel(made(make))) if value is None]
    assert [] == [way for way in nulls if way[-4:-1] != ("thresholds", "steps", 0)]


def test_grafanalib_s_panels_mix_freely() -> None:
    """A panel of grafanalib stands beside gk's, with gk's queries in its targets."""
    mixed = [
        timeseries("Ours", busy),
        core.TimeSeries(title="Theirs", targets=[core.Target(expr=busy)]),
    ]
    ours, theirs = dashboard(Dashboard("D", exporter=NODE, panels=mixed))["panels"]
    assert ours["targets"][0]["expr"] == theirs["targets"][0]["expr"]


def test_constructors_are_documented() -> None:
    """Each constructor says what it shows, and keeps its name and signature for help()."""
    assert [] == [
        make.__name__ for make in ALL if not make.__doc__ or getattr(gk, make.__name__) is not make
    ]


def test_a_mapping_of_none_is_shown_for_a_missing_value() -> None:
    """In a colour of its own: that of the lowest threshold would say that all is well."""
    panel = stat("Pods", "up", mappings={1: "one", None: ("No data", "text")}).to_json_data()

    assert [
        {"type": "value", "options": {"1": {"text": "one", "color": None, "index": 0}}},
        {
            "type": "special",
            "options": {
                "match": "null",
                "result": {"text": "No data", "color": "text", "index": 1},
            },
        },
    ] == panel["fieldConfig"]["defaults"]["mappings"]
