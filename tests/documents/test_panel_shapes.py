"""Panels of grafanalib and of old versions get today's shape, whatever the schemaVersion."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from grafanalib import core

from gk.documents.defaults import LEGACY_PANEL_KEYS
from tests.migrating import modern, plain


def test_gauge_of_grafanalib() -> None:
    """GaugePanel's calculation, limit and label get to where Grafana reads them."""
    gauge = modern(
        core.GaugePanel(calc="max", allValues=True, limit=3, label="free", thresholdLabels=True)
    )
    defaults = gauge["fieldConfig"]["defaults"]
    assert {
        "reduceOptions": {"calcs": ["max"], "values": True, "limit": 3},
        "showThresholdLabels": True,
        "showThresholdMarkers": True,
    } == gauge["options"]
    assert ("free", []) == (defaults["displayName"], gauge["fieldConfig"]["overrides"])
    assert {
        "decimals",
        "displayName",
        "links",
        "mappings",
        "max",
        "min",
        "thresholds",
        "unit",
    } == defaults.keys()
    assert {"defaults", "overrides"} == gauge["fieldConfig"].keys()


def test_unknown_reducer_of_grafanalib() -> None:
    """GAUGE_CALC_DIFFERENCE is no name of Grafana's, whose reducer is diff."""
    gauge = modern(core.GaugePanel(calc=core.GAUGE_CALC_DIFFERENCE))
    assert ["diff"] == gauge["options"]["reduceOptions"]["calcs"]


def test_value_maps_of_gauge() -> None:
    """ValueMap and RangeMap have no type, so Grafana would drop them."""
    maps = [core.ValueMap("down", "0"), core.RangeMap(1, 5, "up")]
    assert [
        {"type": "value", "options": {"0": {"text": "down"}}},
        {"type": "range", "options": {"from": 1, "to": 5, "result": {"text": "up"}}},
    ] == modern(core.GaugePanel(valueMaps=maps))["fieldConfig"]["defaults"]["mappings"]


def test_bargauge_of_grafanalib() -> None:
    """BarGauge's fieldOptions become fieldConfig and reduceOptions."""
    gauge = modern(core.BarGauge(calc="last", label="free", format="bytes", min=1, max=2))
    defaults = gauge["fieldConfig"]["defaults"]
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 80.0}]
    assert {
        "displayMode": "lcd",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": ["last"], "values": False},
    } == gauge["options"]
    assert {
        "displayName": "free",
        "links": [],
        "mappings": [],
        "max": 2,
        "min": 1,
        "thresholds": {"mode": "absolute", "steps": steps},
        "unit": "bytes",
    } == defaults


def test_gauge_of_grafana_6() -> None:
    """An exported gauge of Grafana 6 has its thresholds in fieldOptions, and its overrides."""
    override = {"matcher": {"id": "byName", "options": "a"}, "properties": []}
    options = {
        "calcs": ["mean"],
        "defaults": {"thresholds": [{"color": "red", "value": None}], "color": "blue"},
        "overrides": [override],
    }
    config = modern({"type": "gauge", "options": {"fieldOptions": options}})["fieldConfig"]
    assert {
        "defaults": {
            "thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": None}]},
            "color": {"mode": "fixed", "fixedColor": "blue"},
        },
        "overrides": [override],
    } == config


def test_stat_of_grafanalib() -> None:
    """Stat loses its word for no value and its null color, and has one threshold."""
    defaults = modern(core.Stat())["fieldConfig"]["defaults"]
    assert {"mode": "absolute", "steps": [{"color": "green", "value": None}]} == defaults[
        "thresholds"
    ]
    assert not {"noValue", "color"} & defaults.keys()


def test_text_for_no_value_kept() -> None:
    """A text for no value that someone chose stays."""
    assert (
        "no backup" == modern(core.Stat(noValue="no backup"))["fieldConfig"]["defaults"]["noValue"]
    )


@pytest.mark.parametrize(
    "panel", [core.TimeSeries, core.Stat, core.StateTimeline, core.Histogram, core.Logs]
)
def test_thresholds_of_grafanalib(panel: Any) -> None:
    """A threshold is a color and a value, and the value of the first is null."""
    thresholds = [core.Threshold("green", 0, 0.0), core.Threshold("red", 1, 0.8)]
    defaults = modern(panel(thresholds=thresholds))["fieldConfig"]["defaults"]
    assert [{"color": "green", "value": None}, {"color": "red", "value": 0.8}] == defaults[
        "thresholds"
    ]["steps"]


def test_thresholds_of_override() -> None:
    """So are those in overrides."""
    steps = [core.Threshold("green", 0, 0.0)]
    override = {"properties": [{"id": "thresholds", "value": {"mode": "absolute", "steps": steps}}]}
    config = modern(core.TimeSeries(overrides=[override]))["fieldConfig"]
    value = config["overrides"][0]["properties"][0]["value"]
    assert {"mode": "absolute", "steps": [{"color": "green", "value": None}]} == value


def test_empty_thresholds_kept() -> None:
    """An empty list of thresholds is Grafana's own way to have none."""
    assert [] == modern(core.TimeSeries())["fieldConfig"]["defaults"]["thresholds"]["steps"]


def test_empty_color_of_mapping_dropped() -> None:
    """A mapping of grafanalib without color takes that of the threshold, and not grey."""
    mapping = core.StatValueMappings(
        core.StatValueMappingItem("down", "0"), core.StatValueMappingItem("up", "1", "red")
    )
    options = modern(core.Stat(mappings=[mapping]))["fieldConfig"]["defaults"]["mappings"][0][
        "options"
    ]
    assert {
        "0": {"text": "down", "index": None},
        "1": {"text": "up", "color": "red", "index": None},
    } == options


def test_old_mapping_of_stat() -> None:
    """grafanalib's StatValueMapping, of Grafana 7, becomes a mapping of today."""
    stat = modern(core.Stat(mappings=[core.StatValueMapping("down", mapValue="0")]))
    assert [{"type": "value", "options": {"0": {"text": "down"}}}] == stat["fieldConfig"][
        "defaults"
    ]["mappings"]


def test_singlestat_becomes_stat() -> None:
    """A singlestat becomes a stat with its unit, thresholds, mappings and colors."""
    stat = modern(
        core.SingleStat(
            format="percent",
            thresholds="50, 80",
            colors=["green", "orange", "red"],
            colorBackground=True,
            valueName="current",
            sparkline=core.SparkLine(show=True),
            valueMaps=[core.ValueMap("N/A", "null")],
            nullText="-",
            decimals=1,
        )
    )
    assert "stat" == stat["type"]
    assert {
        "colorMode": "background",
        "graphMode": "area",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": ["lastNotNull"], "values": False},
    } == stat["options"]
    assert {
        "decimals": 1,
        "mappings": [{"type": "special", "options": {"match": "null", "result": {"text": "N/A"}}}],
        "noValue": "-",
        "nullValueMode": "connected",
        "thresholds": {
            "mode": "absolute",
            "steps": [
                {"color": "green", "value": None},
                {"color": "orange", "value": 50},
                {"color": "red", "value": 80},
            ],
        },
        "unit": "percent",
    } == stat["fieldConfig"]["defaults"]


def test_singlestat_leaves_no_angular_keys() -> None:
    """Nothing of the singlestat stays beside the options, but what every panel has."""
    assert modern(core.Stat()).keys() == modern(core.SingleStat()).keys()


def test_singlestat_with_gauge_becomes_gauge() -> None:
    """A singlestat that shows a gauge becomes a gauge with its bounds."""
    gauge = modern(
        core.SingleStat(gauge=core.Gauge(show=True, minValue=1, maxValue=9, thresholdLabels=True))
    )
    defaults = gauge["fieldConfig"]["defaults"]
    assert ("gauge", 1, 9) == (gauge["type"], defaults["min"], defaults["max"])
    assert (True, True) == (
        gauge["options"]["showThresholdLabels"],
        gauge["options"]["showThresholdMarkers"],
    )


def test_singlestat_name() -> None:
    """A singlestat that shows the name of its series goes on doing so."""
    assert "name" == modern(core.SingleStat(valueName="name"))["options"]["textMode"]


def test_singlestat_sparkline_color() -> None:
    """The color of the line stays, where no value is painted."""
    color = modern(core.SingleStat(sparkline=core.SparkLine(show=True)))["fieldConfig"]["defaults"][
        "color"
    ]
    assert {"mode": "fixed", "fixedColor": core.BLUE_RGB.to_json_data()} == color


def test_heatmap_of_grafanalib() -> None:
    """An Angular heatmap becomes one of today, with nothing beside its options."""
    heatmap = modern(
        core.Heatmap(
            dataFormat="tsbuckets",
            yBucketBound="upper",
            color=core.HeatmapColor(colorScheme="interpolateYlOrRd", min=9, max=1),
            yAxis=core.YAxis(format="s", decimals=0, min=None, max="5"),
            reverseYBuckets=True,
        )
    )
    assert {
        "calculate": False,
        "cellGap": 2,
        "color": {
            "mode": "scheme",
            "scheme": "YlOrRd",
            "steps": 128,
            "reverse": True,
            "min": 1,
            "max": 9,
        },
        "legend": {"show": False},
        "rowsFrame": {"layout": "ge"},
        "showValue": "never",
        "tooltip": {"mode": "single"},
        "yAxis": {"axisPlacement": "left", "decimals": 0, "max": 5, "reverse": True, "unit": "s"},
    } == heatmap["options"]
    assert heatmap.keys() == modern(core.Text()).keys()


def test_heatmap_calculates_buckets() -> None:
    """A heatmap of plain series says how it makes buckets of them."""
    options = modern(core.Heatmap(xBucketNumber=10, yBucketSize=5))["options"]
    assert {
        "xBuckets": {"mode": "count", "value": "10"},
        "yBuckets": {"mode": "size", "value": "5"},
    } == options["calculation"]


def test_heatmap_with_logarithmic_axis() -> None:
    """On a logarithmic axis the buckets are made by the base."""
    options = modern(core.Heatmap(yAxis=core.YAxis(format="s", logBase=10)))["options"]
    assert {"mode": "count", "scale": {"type": "log", "log": 10}} == options["calculation"][
        "yBuckets"
    ]


def test_heatmap_of_one_color() -> None:
    """A heatmap that paints in one color keeps it."""
    options = modern(
        core.Heatmap(color=core.HeatmapColor(mode="opacity", cardColor="red", exponent=0.7))
    )["options"]
    expected = {
        "mode": "opacity",
        "fill": "red",
        "scale": "exponential",
        "exponent": 0.7,
        "steps": 128,
    }
    assert expected == options["color"]


def test_heatmap_without_tooltip() -> None:
    """A tooltip that was off stays off, in Grafana 9 (show) and in newer ones (mode)."""
    panel = {
        "type": "heatmap",
        "options": {},
        "dataFormat": "timeseries",
        "tooltip": {"show": False},
    }
    assert {"mode": "none", "show": False} == modern(panel)["options"]["tooltip"]


def test_heatmap_of_today_untouched() -> None:
    """A heatmap that has options is not an Angular one."""
    heatmap = {"type": "heatmap", "options": {"calculate": True, "yAxis": {"unit": "s"}}}
    expected = copy.deepcopy(heatmap)
    assert expected == modern(heatmap)


def test_table_of_grafanalib() -> None:
    """What Table writes beside fieldConfig gets into it."""
    mapping = core.StatValueMappings(core.StatValueMappingItem("up", "1", "green"))
    table = modern(
        core.Table(colorMode="palette-classic", mappings=[mapping], displayMode="lcd-gauge")
    )
    defaults = table["fieldConfig"]["defaults"]
    assert {"mode": "palette-classic"} == defaults["color"]
    assert ["value"] == [entry["type"] for entry in defaults["mappings"]]
    assert {"type": "gauge", "mode": "lcd"} == defaults["custom"]["cellOptions"]
    assert table.keys() == modern(core.Text()).keys()


def test_angular_table_keeps_columns() -> None:
    """The columns of an Angular table are needed when Grafana changes its type."""
    table = {
        "type": "table",
        "styles": [{"pattern": "/.*/"}],
        "columns": [{"value": "avg"}],
        "fontSize": "100%",
    }
    expected = copy.deepcopy(table)
    assert expected == modern(table)


@pytest.mark.parametrize(
    "panel", [core.PieChartv2, core.StateTimeline, core.Logs, core.Histogram, core.BarChart]
)
def test_panel_in_shape_untouched(panel: Any) -> None:
    """Panels that grafanalib writes in today's shape stay as they are."""
    assert plain(panel()) == modern(panel())


def test_text_of_before_grafana_7() -> None:
    """Content and mode of an old text get into its options."""
    text = modern({"type": "text", "content": "# hi", "mode": "html"})
    assert {"type": "text", "options": {"content": "# hi", "mode": "html"}} == text


def test_plain_text_becomes_markdown() -> None:
    """The mode "text", which grafanalib still offers, is gone from Grafana."""
    assert "markdown" == modern(core.Text(mode=core.TEXT_MODE_TEXT))["options"]["mode"]


def test_row_of_grafanalib() -> None:
    """A row has no queries, fields or time of its own."""
    row = modern(core.RowPanel(title="CPU", collapsed=True, gridPos=core.GridPos(1, 24, 0, 0)))
    keys = {key for key in row if key not in LEGACY_PANEL_KEYS}
    assert {"collapsed", "gridPos", "id", "panels", "repeat", "title", "type"} == keys


def test_dashboard_list_of_grafanalib() -> None:
    """The options of DashboardList get into its options."""
    options = modern(core.DashboardList(searchTags=["a"], maxItems=3))["options"]
    assert {
        "maxItems": 3,
        "query": "",
        "showHeadings": True,
        "showRecentlyViewed": False,
        "showSearch": False,
        "showStarred": True,
        "tags": ["a"],
    } == options


def test_alert_list_of_grafanalib() -> None:
    """The options of AlertList get into its options, with the states of today."""
    options = modern(
        core.AlertList(nameFilter="CPU", limit=5, stateFilter=[core.ALERTLIST_STATE_ALERTING])
    )["options"]
    assert {
        "alertName": "CPU",
        "dashboardAlerts": True,
        "maxItems": 5,
        "sortOrder": 1,
        "stateFilter": {
            "error": False,
            "firing": True,
            "noData": False,
            "normal": False,
            "pending": False,
        },
    } == options
