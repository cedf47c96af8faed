"""An Angular graph is compared as the panel that Grafana 12 shows in its place.

The expected values are those of Grafana 12.4, without its defaults: its own tests
(timeseries/migrations.test.ts and its snapshots, barchart and histogram likewise), and its code
where these do not say.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from grafanalib import core
from hypothesis import given
from hypothesis import strategies as st

from gk.diff.compare import compare
from gk.diff.sides.files import files_side
from gk.documents.dashboards import normalized
from gk.resource import canonical
from tests.cases import every
from tests.conftest import RunGk
from tests.definitions import PROMETHEUS, dashboard
from tests.migrating import plain, words

Json = dict[str, Any]
REF = {"type": "prometheus", "uid": "prometheus"}
AXIS = {"format": "short", "logBase": 1, "show": True}
LINES = {"lines": True, "linewidth": 1, "fill": 0, "yaxes": [AXIS, AXIS], "tooltip": {}}


def board(*panels: Json, **keys: Any) -> Json:
    """A dashboard of these panels."""
    return {"title": "Shop", "uid": "shop", "schemaVersion": 42, "panels": list(panels), **keys}


def graph(**keys: Any) -> Json:
    """A graph of one query, and of nothing else that is not said."""
    return {
        "id": 3,
        "type": "graph",
        "title": "Orders",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "datasource": REF,
        "targets": [{"refId": "A", "expr": "up", "datasource": REF}],
        **keys,
    }


def shown(**keys: Any) -> Json:
    """The panel in place of a graph."""
    panel: Json = normalized(board(graph(**keys)))["panels"][0]
    return panel


def defaults(**keys: Any) -> Json:
    """The field options in place of those of a graph."""
    options: Json = shown(**keys).get("fieldConfig", {}).get("defaults", {})
    return options


def custom(**keys: Any) -> Json:
    """The field options that only a time series has."""
    options: Json = defaults(**keys).get("custom", {})
    return options


def overrides(**keys: Any) -> list[Json]:
    rules: list[Json] = shown(**keys)["fieldConfig"]["overrides"]
    return rules


def of_series(**keys: Any) -> list[tuple[str, Any]]:
    """The options of a series of which the graph says this."""
    (rule,) = overrides(**LINES, seriesOverrides=[{"alias": "a", **keys}])
    return [(option["id"], option["value"]) for option in rule["properties"]]


# The type


def test_a_graph_is_a_time_series() -> None:
    assert "timeseries" == shown(**LINES)["type"]


def test_keys_of_a_graph_are_gone() -> None:
    """Of a graph of grafanalib, what every panel has stays, and its options."""
    old = {**graph(), **plain(core.Graph(title="Orders", maxDataPoints=None))}
    (panel,) = normalized(board(old))["panels"]
    allowed = {"datasource", "fieldConfig", "gridPos", "id", "options", "targets", "title", "type"}
    assert set() == panel.keys() - allowed


def test_a_graph_that_grafana_12_hands_out_is_one() -> None:
    """Its server gives the graph its new type, and leaves the rest to the browser."""
    handed_out = graph(**LINES, aliasColors={"a": "red"})
    handed_out |= {"type": "timeseries", "autoMigrateFrom": "graph"}
    assert normalized(board(graph(**LINES, aliasColors={"a": "red"}))) == normalized(
        board(handed_out)
    )


def test_a_graph_inside_a_collapsed_row_is_replaced() -> None:
    row = {"type": "row", "title": "R", "collapsed": True, "panels": [graph(**LINES)]}
    row["gridPos"] = {"x": 0, "y": 0, "w": 24, "h": 1}
    (new_row,) = normalized(board(row))["panels"]
    assert "timeseries" == new_row["panels"][0]["type"]


def test_a_graph_before_axes_had_a_list_has_its_unit() -> None:
    """schemaVersion 12 gave it the list."""
    old = graph(y_formats=["bytes", "short"], grid={"leftMin": 0}, lines=True)
    (panel,) = normalized(board(old, schemaVersion=6))["panels"]
    options = panel["fieldConfig"]["defaults"]
    assert ("bytes", 0) == (options["unit"], options["min"])


@pytest.mark.parametrize("mistake", [{"yaxes": "left"}, {"legend": [1]}, {"thresholds": [7]}])
def test_a_graph_of_another_shape_stays(mistake: Json) -> None:
    """A comparison shows it whole, as whatever it is."""
    panel = shown(fill=1, **mistake)
    assert ("graph", 1) == (panel["type"], panel["fill"])


def test_false_for_an_object_reads_as_missing() -> None:
    assert shown(**LINES) == shown(**LINES, legend=False, fieldConfig=False, xaxis="")


# Lines, points, bars


@every(
    "expected, keys",
    [
        ({"showPoints": "never"}, {"lines": True}),
        ({"drawStyle": "bars", "fillOpacity": 100, "showPoints": "never"}, {"bars": True}),
        ({"drawStyle": "points"}, {}),
        (
            {"showPoints": "always", "pointSize": 8},
            {"lines": True, "points": True, "pointradius": 3},
        ),
        ({"showPoints": "never", "lineWidth": 3}, {"lines": True, "linewidth": 3}),
        (
            {"showPoints": "never", "lineInterpolation": "stepAfter"},
            {"lines": True, "steppedLine": True},
        ),
        ({"showPoints": "never", "spanNulls": True}, {"lines": True, "nullPointMode": "connected"}),
        ({"showPoints": "never"}, {"lines": True, "nullPointMode": "null as zero"}),
    ],
)
def test_how_a_graph_is_drawn(expected: Json, keys: Json) -> None:
    assert expected == custom(**keys)


def test_dashes_have_lengths() -> None:
    """Each is 10 pixels unless the graph says another."""
    assert {"fill": "dash", "dash": [4, 10]} == custom(dashes=True, dashLength=4)["lineStyle"]


def test_fill_is_in_tenths() -> None:
    assert 25 == custom(lines=True, fill=2.5)["fillOpacity"]


def test_a_fill_gradient_is_the_fill() -> None:
    options = custom(lines=True, fill=1, fillGradient=6)
    assert ("opacity", 60) == (options["gradientMode"], options["fillOpacity"])


def test_an_area_between_series_has_its_own_fill() -> None:
    keys = {"lines": True, "fill": 1, "seriesOverrides": [{"alias": "max", "fillBelowTo": "min"}]}
    assert 35 == custom(**keys)["fillOpacity"]


@pytest.mark.parametrize(("mode", "percentage"), [("normal", False), ("percent", True)])
def test_a_stack(mode: str, percentage: bool) -> None:
    assert mode == custom(lines=True, stack=True, percentage=percentage)["stacking"]["mode"]


def test_a_stack_in_percent_has_no_limits() -> None:
    """Nor a number of decimals that leaves no numbers at its axis."""
    axis = {**AXIS, "min": 0, "max": 100, "decimals": 0}
    keys = {"lines": True, "stack": True, "percentage": True, "yaxis": {"align": False}}
    assert {"custom", "unit"} == defaults(**keys, yaxes=[axis, AXIS]).keys()


# Axes


def test_the_left_axis() -> None:
    """Its limits may be texts."""
    axis = {"format": "bytes", "min": "0", "max": "1000", "decimals": 3, "show": True}
    options = defaults(lines=True, yaxes=[{**axis, "label": "Size", "logBase": 10}])
    assert {
        "custom": {
            "axisLabel": "Size",
            "scaleDistribution": {"log": 10, "type": "log"},
            "showPoints": "never",
        },
        "decimals": 3,
        "max": 1000,
        "min": 0,
        "unit": "bytes",
    } == options


def test_a_limit_that_is_not_a_number_is_none() -> None:
    assert {"custom", "unit"} == defaults(lines=True, yaxes=[{**AXIS, "min": "auto"}]).keys()


def test_a_hidden_axis() -> None:
    assert "hidden" == custom(lines=True, yaxes=[{**AXIS, "show": False}])["axisPlacement"]


def test_an_axis_goes_before_field_options() -> None:
    """What the axis does not say, they say, such as links."""
    links = [{"title": "More", "url": "/more"}]
    config = {"defaults": {"unit": "s", "links": links, "custom": {"axisWidth": 9}}}
    options = defaults(lines=True, yaxes=[AXIS], fieldConfig=config)
    assert ("short", links, {"showPoints": "never"}) == (
        options["unit"],
        options["links"],
        options["custom"],
    )


def test_a_series_on_the_right_axis_has_what_differs() -> None:
    """Grafana's own example (twoYAxis), where the series has dashes, too."""
    left = {"format": "areaMI2", "label": "Y111", "logBase": 10, "min": "0", "max": "1000"}
    right = {"format": "degree", "label": "Y222", "logBase": 1, "min": "-10", "max": "25"}
    series = {"alias": "B", "yaxis": 2, "dashLength": 5, "dashes": True, "spaceLength": 8}
    (rule,) = overrides(
        lines=True,
        yaxes=[{**left, "show": True}, {**right, "show": True, "decimals": 2}],
        seriesOverrides=[series],
    )
    assert [
        ("custom.axisLabel", "Y222"),
        ("custom.axisPlacement", "right"),
        ("custom.lineStyle", {"dash": [5, 8], "fill": "dash"}),
        ("decimals", 2),
        ("max", 25),
        ("min", -10),
        ("unit", "degree"),
    ] == [(option["id"], option["value"]) for option in rule["properties"]]


def test_a_hidden_time_axis() -> None:
    assert [
        {
            "matcher": {"id": "byType", "options": "time"},
            "properties": [{"id": "custom.axisPlacement", "value": "hidden"}],
        }
    ] == overrides(**LINES, xaxis={"mode": "time", "show": False})


# Series


@every(
    "expected, keys",
    [
        ([("custom.drawStyle", "bars"), ("custom.fillOpacity", 100)], {"bars": True}),
        ([("custom.drawStyle", "line")], {"bars": False}),
        ([("color", {"fixedColor": "red", "mode": "fixed"})], {"color": "red"}),
        ([("custom.lineStyle", {"dash": [10, 10], "fill": "dash"})], {"dashes": True}),
        ([("custom.fillOpacity", 30)], {"fill": 3}),
        ([("custom.fillBelowTo", "b")], {"fillBelowTo": "b"}),
        ([("custom.fillOpacity", 40)], {"fillGradient": 4}),
        ([("custom.drawStyle", "line")], {"lines": True}),
        ([("custom.lineWidth", 0)], {"lines": False}),
        ([("custom.lineWidth", 4)], {"linewidth": 4}),
        ([("custom.pointSize", 8)], {"pointradius": 3}),
        ([("custom.showPoints", "always")], {"points": True}),
        ([("custom.stacking", {"mode": "none"})], {"stack": False}),
        ([("custom.stacking", {"group": "B", "mode": "normal"})], {"stack": "B"}),
        ([("custom.transform", "negative-Y")], {"transform": "negative-Y"}),
        ([("custom.transform", "constant")], {"transform": "constant"}),
        ([("custom.axisPlacement", "right")], {"yaxis": 2}),
    ],
)
def test_what_a_graph_says_of_a_series(expected: list[tuple[str, Any]], keys: Json) -> None:
    assert expected == of_series(**keys)


def test_what_no_time_series_knows_of_a_series_is_left_out() -> None:
    """A rule without options is none at all."""
    series = {"alias": "a", "legend": False, "nullPointMode": "null", "yaxis": 1, "zindex": 3}
    assert "overrides" not in shown(**LINES, seriesOverrides=[series])["fieldConfig"]


def test_a_regular_expression_has_delimiters() -> None:
    series = [{"alias": alias, "fill": 1} for alias in ("/^A-/", "/5../i", "#x#", "/var/log", "a")]
    rules = overrides(**LINES, seriesOverrides=[*series, {"alias": "", "fill": 1}])
    assert ["byRegexp", "byRegexp", "byRegexp", "byName", "byName"] == [
        rule["matcher"]["id"] for rule in rules
    ]


def test_colors_of_aliases_are_in_the_order_of_the_browser() -> None:
    """Whole numbers first; empty colors do not count. The order of the file is not the server's."""
    rules = overrides(
        **LINES, aliasColors={"b": "#111", "500": "red", "a": "blue", "99": "", "404": "#222"}
    )
    assert [("404", "#222"), ("500", "red"), ("a", "blue"), ("b", "#111")] == [
        (rule["matcher"]["options"], rule["properties"][0]["value"]["fixedColor"]) for rule in rules
    ]


def test_an_alias_of_many_digits_is_a_name() -> None:
    """Python reads no number of more than 4,300 digits."""
    (rule,) = overrides(**LINES, aliasColors={"1" * 5000: "red"})
    assert "1" * 5000 == rule["matcher"]["options"]


def test_rules_come_after_those_of_the_fields() -> None:
    own = {
        "matcher": {"id": "byName", "options": "own"},
        "properties": [{"id": "unit", "value": "s"}],
    }
    rules = overrides(
        **LINES,
        fieldConfig={"defaults": {}, "overrides": [own]},
        aliasColors={"alias": "red"},
        seriesOverrides=[{"alias": "series", "fill": 1}],
    )
    assert ["own", "alias", "series"] == [rule["matcher"]["options"] for rule in rules]


# Legend and tooltip


@pytest.mark.parametrize(
    ("expected", "legend"),
    [
        ({"showLegend": False}, {"show": False}),
        ({"placement": "right"}, {"show": True, "rightSide": True}),
        ({"displayMode": "table"}, {"show": True, "alignAsTable": True}),
        (
            {"placement": "right", "width": 200},
            {"show": True, "rightSide": True, "sideWidth": 200},
        ),
        (
            {"calcs": ["mean", "lastNotNull", "max", "min", "sum"]},
            {
                "show": True,
                "values": True,
                "min": True,
                "max": True,
                "avg": True,
                "current": True,
                "total": True,
            },
        ),
    ],
)
def test_a_legend(expected: Json, legend: Json) -> None:
    assert expected == shown(**LINES, legend=legend)["options"]["legend"]


def test_a_legend_without_values_has_none() -> None:
    assert "options" not in shown(**LINES, legend={"show": True, "values": False, "max": True})


def test_series_without_values_are_hidden_in_the_legend() -> None:
    legend = {"show": True, "hideZero": True, "hideEmpty": True}
    rules = overrides(**LINES, legend=legend)
    hidden = {"legend": True, "tooltip": True, "viz": False}
    assert [
        {
            "matcher": {"id": "byValue", "options": {"op": "gte", "reducer": reducer, "value": 0}},
            "properties": [{"id": "custom.hideFrom", "value": hidden}],
        }
        for reducer in ("allIsZero", "allIsNull")
    ] == rules


@pytest.mark.parametrize(
    ("expected", "tooltip"),
    [
        ({"mode": "multi"}, {"shared": True, "sort": 0}),
        ({"mode": "multi", "sort": "asc"}, {"shared": True, "sort": 1}),
        ({"mode": "multi", "sort": "desc"}, {"shared": True, "sort": 2}),
        (None, {"shared": False, "sort": 2}),
    ],
)
def test_a_tooltip(expected: Json | None, tooltip: Json) -> None:
    """One of a single series has no order."""
    assert expected == shown(**{**LINES, "tooltip": tooltip}).get("options", {}).get("tooltip")


# Thresholds


def threshold(op: str, value: float, **keys: Any) -> Json:
    return {"op": op, "value": value, "colorMode": "critical", "fill": True, **keys}


def steps(*thresholds: Json) -> list[tuple[Any, Any]]:
    drawn = defaults(**LINES, thresholds=list(thresholds))["thresholds"]["steps"]
    return [(step["value"], step.get("color")) for step in drawn]


def test_thresholds_of_which_values_are_above() -> None:
    """They may be in any order."""
    old = threshold("gt", 80), threshold("gt", 50, colorMode="warning")
    assert [(None, "transparent"), (50, "orange"), (80, "red")] == steps(*old)


def test_thresholds_between_which_values_are() -> None:
    old = threshold("gt", 80), threshold("lt", 40, colorMode="warning")
    assert [(None, "orange"), (40, "transparent"), (80, "red")] == steps(*old)


def test_thresholds_of_which_values_are_below() -> None:
    old = threshold("lt", 20), threshold("lt", 40, colorMode="warning")
    assert [(None, "red"), (20, "orange"), (40, "transparent")] == steps(*old)


def test_a_threshold_has_its_own_color() -> None:
    """That of its line only if it has none for the area."""
    line = threshold("gt", 1, colorMode="custom", lineColor="blue")
    area = threshold("gt", 2, colorMode="custom", lineColor="blue", fillColor="green")
    assert [(None, "transparent"), (1, "blue"), (2, "green")] == steps(line, area)


@pytest.mark.parametrize(
    ("expected", "looks"),
    [
        ("line", [{"fill": False, "line": True}]),
        ("area", [{"fill": True, "line": False}]),
        ("line+area", [{"fill": True, "line": False}, {"fill": False, "line": True}]),
    ],
)
def test_how_thresholds_are_drawn(expected: str, looks: list[Json]) -> None:
    old = [threshold("gt", value, **look) for value, look in enumerate(looks, 1)]
    assert expected == custom(lines=True, thresholds=old)["thresholdsStyle"]["mode"]


# Time regions


def test_a_time_region_is_an_annotation_of_the_panel() -> None:
    region = {"fill": True, "colorMode": "red", "fromDayOfWeek": 1, "from": "08:00", "op": "time"}
    (annotation,) = normalized(board(graph(**LINES, timeRegions=[region])))["annotations"]["list"]
    times = {"from": "08:00", "fromDayOfWeek": 1, "timezone": "utc"}
    assert {
        "datasource": {"type": "datasource", "uid": "grafana"},
        "enable": True,
        "filter": {"exclude": False, "ids": [3]},
        "hide": True,
        "iconColor": "red",
        "name": "Time region for panel Orders",
        "target": {"queryType": "timeRegions", "refId": "Anno", "timeRegion": times},
    } == annotation


def test_time_regions_come_after_annotations() -> None:
    """Only those that are drawn. The first has no number."""
    regions = [
        {"line": True, "lineColor": "red"},
        {"fill": False, "line": False},
        {"fill": True, "colorMode": "custom", "fillColor": "blue"},
    ]
    own = {"list": [{"name": "Deploys", "expr": "up", "datasource": REF, "iconColor": "green"}]}
    body = normalized(board(graph(**LINES, timeRegions=regions), annotations=own))
    assert [
        ("Deploys", "green"),
        ("Time region for panel Orders", "white"),
        ("Time region for panel Orders 2", "blue"),
    ] == [
        (annotation["name"], annotation["iconColor"]) for annotation in body["annotations"]["list"]
    ]


# Series as the x-axis, histograms


def test_a_graph_of_series_is_a_bar_chart() -> None:
    panel = shown(xaxis={"mode": "series", "values": ["avg", "count", "p95"]})
    reduce = {"id": "reduce", "options": {"reducers": ["mean", "count"]}}
    assert ("barchart", {"groupWidth": 1}) == (panel["type"], panel["options"])
    assert [reduce, {"id": "transpose", "options": {}}] == panel["transformations"]
    assert [
        {
            "matcher": {"id": "byName", "options": "Field"},
            "properties": [{"id": "custom.axisPlacement", "value": "hidden"}],
        }
    ] == panel["fieldConfig"]["overrides"]


def test_a_bar_chart_adds_up_unless_the_graph_says_how() -> None:
    (reduce, _) = shown(xaxis={"mode": "series"})["transformations"]
    assert ["sum"] == reduce["options"]["reducers"]


def test_a_graph_of_series_with_values_is_a_bar_gauge() -> None:
    legend = {"show": True, "values": True, "total": True}
    panel = shown(xaxis={"mode": "series", "values": ["current"]}, legend=legend)
    assert ("bargauge", {"mode": "palette-classic"}) == (
        panel["type"],
        panel["fieldConfig"]["defaults"]["color"],
    )
    assert ["sum"] == panel["options"]["legend"]["calcs"]


def test_a_histogram_keeps_its_stack_only() -> None:
    """Grafana drops the number of buckets, the axes and all other field options."""
    panel = shown(xaxis={"mode": "histogram", "buckets": 9}, stack=True, yaxes=[AXIS, AXIS], fill=3)
    stack = {"stacking": {"mode": "normal"}}
    assert ("histogram", {"defaults": {"custom": stack}}) == (panel["type"], panel["fieldConfig"])


# What stays, and what is no difference


def test_the_alert_of_a_graph_stays() -> None:
    """Grafana before 11 evaluates it: a comparison must not lose it."""
    assert {"name": "Few orders"} == shown(**LINES, alert={"name": "Few orders"})["alert"]


def test_old_data_links_stay() -> None:
    """Grafana 12 keeps them where nothing reads them."""
    links = [{"title": "More", "url": "/more"}]
    assert links == shown(**LINES, options={"dataLinks": links})["options"]["dataLinks"]


def test_options_of_legacy_alerts_are_no_difference() -> None:
    assert shown(**LINES) == shown(**LINES, options={"alertThreshold": True, "dataLinks": []})


def test_the_null_value_mode_of_fields_is_no_difference() -> None:
    """Grafana drops it at load."""
    config = {"defaults": {"nullValueMode": "null"}}
    assert shown(**LINES) == shown(**LINES, fieldConfig=config)


MADE_BY_GRAFANA: Json = {
    "type": "timeseries",
    "fieldConfig": {
        "defaults": {
            "color": {"mode": "palette-classic"},
            "custom": {
                "axisBorderShow": False,
                "axisCenteredZero": False,
                "axisColorMode": "text",
                "axisLabel": "",
                "axisPlacement": "auto",
                "barAlignment": 0,
                "barWidthFactor": 0.6,
                "drawStyle": "line",
                "fillOpacity": 20,
                "gradientMode": "none",
                "hideFrom": {"legend": False, "tooltip": False, "viz": False},
                "insertNulls": False,
                "lineInterpolation": "linear",
                "lineWidth": 2,
                "pointSize": 5,
                "scaleDistribution": {"type": "linear"},
                "showPoints": "never",
                "showValues": False,
                "spanNulls": False,
                "stacking": {"group": "A", "mode": "normal"},
                "thresholdsStyle": {"mode": "off"},
            },
            "mappings": [],
            "min": 0,
            "thresholds": {
                "mode": "absolute",
                "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
            },
            "unit": "bytes",
        },
        "overrides": [
            {
                "matcher": {"id": "byRegexp", "options": "/limit/"},
                "properties": [
                    {"id": "custom.fillOpacity", "value": 0},
                    {"id": "custom.stacking", "value": {"group": "A", "mode": "none"}},
                ],
            }
        ],
    },
    "options": {
        "alertThreshold": True,
        "legend": {
            "calcs": ["lastNotNull", "max"],
            "displayMode": "table",
            "placement": "bottom",
            "showLegend": True,
        },
        "tooltip": {"hideZeros": False, "mode": "multi", "sort": "desc"},
    },
    "pluginVersion": "12.4.0",
}
"""What Grafana 12.4 saves in place of MEMORY."""
MEMORY: Json = {
    "fill": 2,
    "legend": {"alignAsTable": True, "current": True, "max": True, "show": True, "values": True},
    "lines": True,
    "linewidth": 2,
    "nullPointMode": "null",
    "options": {"alertThreshold": True},
    "renderer": "flot",
    "seriesOverrides": [{"$$hashKey": "object:7", "alias": "/limit/", "fill": 0, "stack": False}],
    "stack": True,
    "tooltip": {"shared": True, "sort": 2, "value_type": "individual"},
    "xaxis": {"mode": "time", "show": True, "values": []},
    "yaxes": [{**AXIS, "format": "bytes", "min": "0"}, AXIS],
    "yaxis": {"align": False},
}


def test_a_graph_and_what_grafana_made_of_it_are_equal(tmp_path: Path) -> None:
    """gk diff says that nothing changed."""
    sides = []
    for name, panel in (("old", graph(**MEMORY)), ("new", graph(**MADE_BY_GRAFANA))):
        (tmp_path / f"{name}.json").write_text(json.dumps(board(panel)), "utf-8")
        sides.append(files_side(tmp_path / f"{name}.json"))
    assert () == compare(*sides).changes


def test_build_keeps_a_graph() -> None:
    """Older versions of Grafana draw it, and newer ones replace it themselves."""
    body = dashboard(PROMETHEUS, board(graph(**MEMORY)))
    built: Json = body["panels"][0]
    assert ("graph", 2, MEMORY["legend"]) == (built["type"], built["fill"], built["legend"])


def test_a_graph_and_what_it_builds_to_are_equal() -> None:
    """Grafana's server and gk sort keys, so the order of those in a file is no difference."""
    keys = {**MEMORY, "aliasColors": {"b": "red", "a": "blue"}}
    keys["seriesOverrides"] = [{"fill": 1, "alias": "c", "color": "red", "bars": True}]
    export = board(graph(**keys))
    assert normalized(export)["panels"] == normalized(dashboard(PROMETHEUS, export))["panels"]


def test_an_import_of_a_graph_is_a_time_series(tmp_path: Path, run_gk: RunGk) -> None:
    """It says everything with arguments, and builds what is equal to the graph."""
    body = board(graph(**MEMORY), time={"from": "now-6h", "to": "now"})
    (tmp_path / "old.json").write_text(json.dumps(body), "utf-8")
    imported = run_gk("import", str(tmp_path / "old.json"), "--into", str(tmp_path / "shop"))
    (written,) = (tmp_path / "shop" / "dashboards").glob("*.py")
    assert (0, True, False) == (
        imported.code,
        "timeseries(" in (module := written.read_text("utf-8")),
        "extra=" in module,
    )


# Any shape

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats()
    | st.sampled_from(["", "a", "/a/", "2", "lt", "gt", "series", "histogram", "custom"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                words("alias yaxis fill value op mode values show stack min format from color")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_GRAPHS = st.builds(
    lambda keys: graph(**keys),
    st.dictionaries(
        st.sampled_from(
            words(
                "aliasColors bars dashLength dashes fieldConfig fill fillGradient legend lines "
                "linewidth nullPointMode options percentage pointradius points seriesOverrides "
                "stack thresholds timeRegions title tooltip transformations xaxis yaxes yaxis"
            )
        ),
        _VALUES,
        max_size=6,
    ),
)


@given(_GRAPHS)
def test_a_graph_of_any_shape_is_compared(panel: Json) -> None:
    """Nothing in it is a reason to fail, and the form that is compared has itself as its form."""
    once = normalized(board(panel))
    again = normalized(copy.deepcopy(once))
    assert canonical(once) == canonical(again)
