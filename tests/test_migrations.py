"""Dashboards of any schemaVersion come to 42, and panels of grafanalib to today's shape."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from grafanalib import cloudwatch, core
from grafanalib._gen import DashboardEncoder
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.migrations import SCHEMA_VERSION, migrate
from gk.documents.panels import modernise
from gk.documents.strip import LEGACY_DASHBOARD_KEYS, LEGACY_PANEL_KEYS, LEGACY_TARGET_KEYS

Json = dict[str, Any]


def words(text: str) -> list[str]:
    return text.split()


def plain(value: Any) -> Json:
    """What grafanalib would write to a file."""
    loaded: Json = json.loads(json.dumps(value.to_json_data(), cls=DashboardEncoder))
    return loaded


def migrated(version: int | None = None, **body: Any) -> Json:
    """A dashboard of this version, after migrate."""
    return migrate(body if version is None else {"schemaVersion": version, **body})


def panel_from(version: int, **panel: Any) -> Json:
    """The only panel of a dashboard of this version, after migrate."""
    found: Json = migrated(version, panels=[panel])["panels"][0]
    return found


def variable_from(version: int, **variable: Any) -> Json:
    """The only variable of a dashboard of this version, after migrate."""
    found: Json = migrated(version, templating={"list": [variable]})["templating"]["list"][0]
    return found


def modern(value: Any) -> Json:
    """A panel, after modernise."""
    panel = value if isinstance(value, dict) else plain(value)
    modernise(panel)
    return panel


def rows_dashboard(*rows: Any) -> list[Json]:
    """The panels of a grafanalib dashboard that was made of rows."""
    found: list[Json] = migrate(plain(core.Dashboard(title="d", rows=list(rows))))["panels"]
    return found


def texts(count: int, **keywords: Any) -> list[core.Text]:
    return [core.Text(title=f"t{number}", **keywords) for number in range(count)]


def grid(panel: Json) -> tuple[int, int, int, int]:
    return tuple(panel["gridPos"][side] for side in "xywh")


# The dashboard


@pytest.mark.parametrize("version", [None, 0, 12, "12", 16, 36.0, 41])
def test_reaches_current_version(version: Any) -> None:
    """Whatever the version was, it is the current one afterwards."""
    body = {"title": "d"} if version is None else {"title": "d", "schemaVersion": version}
    assert {"title": "d", "schemaVersion": SCHEMA_VERSION} == migrate(body)


@pytest.mark.parametrize("version", [42, 43])
def test_current_body_untouched(version: int) -> None:
    """A body of the current version or a newer one is returned as it is, even if it has old
    shapes."""
    body = {
        "schemaVersion": version,
        "refresh": False,
        "rows": [{}],
        "panels": [{"type": "singlestat"}],
    }
    expected = copy.deepcopy(body)
    assert expected == migrate(body)


def test_migrates_in_place() -> None:
    """The dict that was given is the one that comes back."""
    body: Json = {}
    assert body is migrate(body)


def test_grafanalib_dashboard_has_only_current_and_legacy_keys() -> None:
    """After migrate the keys of a grafanalib dashboard are in Grafana's schema or in
    LEGACY_DASHBOARD_KEYS."""
    schema = set(
        words(
            "uid title description revision tags timezone editable graphTooltip time timepicker "
            "fiscalYearStartMonth liveNow weekStart refresh schemaVersion version panels "
            "templating annotations links id preload"
        )
    )
    assert set() == set(migrate(plain(core.Dashboard(title="d")))) - schema - LEGACY_DASHBOARD_KEYS


def test_shared_crosshair() -> None:
    """A shared crosshair becomes the graphTooltip of that meaning (14)."""
    body = plain(core.Dashboard(title="d", sharedCrosshair=True))
    assert core.GRAPH_TOOLTIP_MODE_SHARED_CROSSHAIR == migrate(body)["graphTooltip"]


def test_graph_tooltip_kept() -> None:
    """A graphTooltip stays, though Grafana resets it below 14: grafanalib writes it under version
    12."""
    body = plain(core.Dashboard(title="d", graphTooltip=core.GRAPH_TOOLTIP_MODE_SHARED_TOOLTIP))
    assert core.GRAPH_TOOLTIP_MODE_SHARED_TOOLTIP == migrate(body)["graphTooltip"]


@pytest.mark.parametrize("refresh", [False, True, 30])
def test_refresh_is_text(refresh: object) -> None:
    """A refresh that is no text means none (40)."""
    assert "" == migrated(39, refresh=refresh)["refresh"]


def test_refresh_text_kept() -> None:
    """A refresh that is a text stays (40)."""
    assert "30s" == migrate(plain(core.Dashboard(title="d", refresh="30s")))["refresh"]


def test_time_options_removed() -> None:
    """The timepicker loses time_options and keeps the rest (41)."""
    timepicker = migrate(plain(core.Dashboard(title="d")))["timepicker"]
    assert {"hidden", "nowDelay", "refresh_intervals"} == timepicker.keys()


# Variables


def test_variable_of_grafana_2() -> None:
    """A hidden variable without type is a query that is not shown (6, 12)."""
    variable = variable_from(5, name="v", query="q", hideVariable=True, refresh=True)
    assert {"name": "v", "query": "q", "type": "query", "hide": 2, "refresh": 1} == variable


def test_number_in_refresh_kept() -> None:
    """A refresh on time range change stays in a body that names no version, though Grafana makes it
    1 (12)."""
    body = migrated(
        templating={"list": [{"name": "v", "type": "query", "query": "q", "refresh": 2}]}
    )
    assert 2 == body["templating"]["list"][0]["refresh"]


@pytest.mark.parametrize(
    ("multi", "current", "expected"),
    [
        pytest.param(True, "a", ["a"], id="multi"),
        pytest.param(False, ["a", "b"], "a", id="single"),
        pytest.param(False, [], "", id="none"),
        pytest.param(True, ["a"], ["a"], id="as-it-is"),
    ],
)
def test_current_follows_multi(multi: bool, current: Any, expected: Any) -> None:
    """The current value is a list if, and only if, the variable is multi (23)."""
    variable = variable_from(
        22, type="custom", multi=multi, current={"text": current, "value": current}
    )
    assert {"text": expected, "value": expected} == variable["current"]


def test_empty_current_kept() -> None:
    """A multi variable of grafanalib without default gets no list of null (23)."""
    template = core.Template("v", "label_values(up, job)", multi=True)
    body = migrate(plain(core.Dashboard(title="d", templating=core.Templating([template]))))
    assert body["templating"]["list"][0]["current"]["value"] is None


@pytest.mark.parametrize(
    ("hide", "expected"),
    [
        pytest.param(core.SHOW, "textbox", id="shown"),
        pytest.param(core.HIDE_VARIABLE, "constant", id="hidden"),
    ],
)
def test_constant(hide: int, expected: str) -> None:
    """A constant that shows becomes a text box with its value (27)."""
    variable = variable_from(12, **plain(core.Template("v", "x", type="constant", hide=hide)))
    assert (expected, "x") == (variable["type"], variable["current"]["value"])


def test_variable_tags_removed() -> None:
    """The tags of variables are gone, though grafanalib writes them (28)."""
    variable = variable_from(12, **plain(core.Template("v", "q")))
    assert not {"tags", "tagsQuery", "tagValuesQuery", "useTags"} & variable.keys()


def test_query_refreshes() -> None:
    """A query that never refreshed does on load, and forgets the options it had (29)."""
    variable = variable_from(28, type="query", refresh=0, options=[{"text": "a"}])
    assert {"type": "query", "refresh": 1, "options": []} == variable


def test_options_of_custom_kept() -> None:
    """A custom variable keeps its options (29)."""
    options = [{"text": "a", "value": "a", "selected": True}]
    assert options == variable_from(12, type="custom", query="a", options=options)["options"]


# Rows


def test_rows_share_the_width() -> None:
    """Spans of a twelfth become columns of a twenty-fourth, and pixels cells (16)."""
    panels = rows_dashboard(core.Row(panels=texts(3), height=core.Pixels(300)))
    assert [(0, 0, 8, 8), (8, 0, 8, 8), (16, 0, 8, 8)] == [grid(panel) for panel in panels]


def test_full_row_wraps() -> None:
    """What does not fit beside the others goes below them (16)."""
    panels = rows_dashboard(core.Row(panels=texts(3, span=6)))
    assert [(0, 0, 12, 7), (12, 0, 12, 7), (0, 7, 12, 7)] == [grid(panel) for panel in panels]


def test_low_panels_stack() -> None:
    """Low panels at the right end stack up to the height of the row (16)."""
    panels = rows_dashboard(core.Row(panels=[*texts(1, span=6), *texts(2, span=6, height="100px")]))
    assert [(0, 0, 12, 7), (12, 0, 12, 3), (12, 3, 12, 3)] == [grid(panel) for panel in panels]


def test_tall_panel_makes_room() -> None:
    """The next row starts below a panel that is higher than its row (16)."""
    panels = rows_dashboard(core.Row(panels=texts(1, height="500px")), core.Row(panels=texts(1)))
    assert [(0, 0, 24, 14), (0, 14, 24, 7)] == [grid(panel) for panel in panels]


def test_row_without_title_leaves_no_row_panel() -> None:
    """Rows that show no title are only a way to arrange panels (16)."""
    assert ["text"] == [panel["type"] for panel in rows_dashboard(core.Row(panels=texts(1)))]


def test_row_with_title() -> None:
    """A row that shows its title becomes a row panel of height 1, followed by its panels (16)."""
    row, panel = rows_dashboard(core.Row(title="CPU", panels=texts(1)))
    assert ("row", "CPU", False, [], (0, 0, 24, 1)) == (
        row["type"],
        row["title"],
        row["collapsed"],
        row["panels"],
        grid(row),
    )
    assert (0, 1, 24, 7) == grid(panel)


def test_one_title_makes_all_rows_show() -> None:
    """If one row shows, all rows do (16)."""
    panels = rows_dashboard(core.Row(title="CPU", panels=texts(1)), core.Row(panels=texts(1)))
    assert ["row", "text", "row", "text"] == [panel["type"] for panel in panels]


def test_collapsed_row() -> None:
    """A collapsed row holds its panels, and the next row starts right below it (16)."""
    first, second, _ = rows_dashboard(
        core.Row(title="a", panels=texts(2), collapse=True), core.Row(title="b", panels=texts(1))
    )
    assert [(0, 1, 12, 7), (12, 1, 12, 7)] == [grid(panel) for panel in first["panels"]]
    assert (True, (0, 1, 24, 1)) == (first["collapsed"], grid(second))


def test_repeated_row() -> None:
    """A repeated row keeps the name of its variable (16)."""
    assert "node" == rows_dashboard(core.Row(repeat="node", panels=texts(1)))[0]["repeat"]


def test_clones_of_repeated_row_dropped() -> None:
    """Rows that a repeat had made before the save are not kept (16)."""
    body = migrated(
        14, rows=[{"repeatIteration": 1, "repeat": "node", "panels": [{"type": "text"}]}]
    )
    assert ([], False) == (body.get("panels", []), "rows" in body)


def test_given_place_kept() -> None:
    """A panel in a row that has a gridPos keeps it (16)."""
    place = core.GridPos(h=3, w=5, x=7, y=9)
    assert (7, 9, 5, 3) == grid(rows_dashboard(core.Row(panels=texts(1, gridPos=place)))[0])


def test_row_panels_get_no_ids() -> None:
    """Ids are not given here (16)."""
    assert "id" not in rows_dashboard(core.Row(title="CPU", panels=texts(1)))[0]


def test_min_span() -> None:
    """The least width of repeated panels becomes the greatest number of them in a line (17)."""
    assert 4 == rows_dashboard(core.Row(panels=texts(1, minSpan=3)))[0]["maxPerRow"]


def test_min_span_between_two_numbers() -> None:
    """A least width that does not divide the grid gives the next lower number (17)."""
    assert {"type": "text", "maxPerRow": 2} == panel_from(16, type="text", minSpan=10)


# Panels, by schemaVersion


def test_graph_axes() -> None:
    """A graph of Grafana 2 gets one entry for each axis (12)."""
    graph = panel_from(
        11,
        type="graph",
        grid={"leftMin": 0, "leftMax": 1},
        y_formats=["bytes", "short"],
        leftYAxisLabel="size",
    )
    left = {"show": True, "min": 0, "max": 1, "logBase": 1, "format": "bytes", "label": "size"}
    assert (left, {"show": True}) == (graph["yaxes"][0], graph["xaxis"])


def test_graph_thresholds() -> None:
    """Thresholds of grafanalib's Grid move to the graph's own list (13)."""
    graph = plain(core.Graph(grid=core.Grid(threshold1=80, threshold2=90)))
    expected = [(80, "gt", True), (90, "gt", True)]
    found = [
        (each["value"], each["op"], each["fill"]) for each in panel_from(12, **graph)["thresholds"]
    ]
    assert expected == found


def test_falling_graph_thresholds() -> None:
    """If the second threshold is lower they mark what is below (13)."""
    graph = panel_from(
        12, type="graph", grid={"threshold1": 9, "threshold2": 5, "thresholdLine": True}
    )
    expected = [
        {"value": value, "op": "lt", "line": True, "lineColor": None, "colorMode": "custom"}
        for value in (9, 5)
    ]
    assert expected == graph["thresholds"]


def test_graph_without_thresholds() -> None:
    """A graph of grafanalib without thresholds gets none (13)."""
    assert [] == panel_from(12, **plain(core.Graph()))["thresholds"]


def test_graph_stays_a_graph() -> None:
    """Grafana changes a graph by its type, so its type and its own keys stay."""
    graph = panel_from(12, **plain(core.Graph(title="g")))
    assert ("graph", True) == (graph["type"], "yaxes" in graph)


def test_options_gauge() -> None:
    """The gauge's options of before schemaVersion 18 get their place, and its thresholds rise
    (18)."""
    gauge = panel_from(
        17, **{"type": "gauge", "options-gauge": {"unit": "s", "stat": "avg", "thresholds": [9, 1]}}
    )
    values = {"unit": "s", "stat": "avg", "decimals": None, "prefix": None, "suffix": None}
    assert {"type": "gauge", "options": {"thresholds": [1, 9], "valueOptions": values}} == gauge


@pytest.mark.parametrize(
    ("link", "url"),
    [
        pytest.param(
            {"type": "dashboard", "dashboard": "My Dash: 2"},
            "dashboard/db/my-dash-2",
            id="dashboard",
        ),
        pytest.param({"dashUri": "db/x"}, "dashboard/db/x", id="dash-uri"),
        pytest.param({"type": "absolute"}, "/", id="nothing"),
        pytest.param({"url": "/d/x", "keepTime": True}, "/d/x?$__url_time_range", id="keep-time"),
        pytest.param(
            {"url": "/d/x?a=1", "includeVars": True}, "/d/x?a=1&$__all_variables", id="include-vars"
        ),
        pytest.param({"url": "/d/x?", "params": "b=2"}, "/d/x?b=2", id="params"),
    ],
)
def test_panel_link(link: Json, url: str) -> None:
    """What a panel link said beside its url becomes part of the url (19)."""
    found = panel_from(18, type="text", links=[{"title": "t", **link}])["links"]
    assert [{"title": "t", "url": url, "targetBlank": False}] == found


def test_data_link_as_panel_link_kept() -> None:
    """A link of today stays as it is (19)."""
    text = plain(core.Text(links=[core.DataLink("t", "/d/x", isNewTab=True)]))
    assert [{"title": "t", "url": "/d/x", "targetBlank": True}] == panel_from(12, **text)["links"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a?s=$__series_name", "a?s=${__series.name}"),
        ("a?s=${__series_name}", "a?s=${__series.name}"),
        ("a?f=${__field_name}", "a?f=${__field.name}"),
        ("a?t=${__value_time}", "a?t=${__value.time}"),
        ("a?l=${__series.labels.job}", "a?l=${__field.labels.job}"),
        (
            "a?l=${__field.labels.job}&$__all_variables",
            "a?l=${__field.labels.job}&$__all_variables",
        ),
    ],
)
def test_variables_of_data_links(old: str, new: str) -> None:
    """Variables in data links get the names of today (20, 21)."""
    graph = plain(core.Graph(dataLinks=[core.DataLink("t", old)]))
    assert new == panel_from(12, **graph)["options"]["dataLinks"][0]["url"]


def test_variables_of_field_options() -> None:
    """So do those in the links and the title of grafanalib's BarGauge (20, 21)."""
    gauge = plain(
        core.BarGauge(label="$__field_name", dataLinks=[core.DataLink("t", "$__series_name")])
    )
    defaults = panel_from(12, **gauge)["options"]["fieldOptions"]["defaults"]
    assert ("${__field.name}", "${__series.name}") == (
        defaults["title"],
        defaults["links"][0]["url"],
    )


def test_angular_table() -> None:
    """A table with column styles is an Angular table, which has a type of its own (24)."""
    assert "table-old" == panel_from(23, type="table", styles=[{"pattern": "/.*/"}])["type"]


def test_table_of_grafanalib_is_no_angular_table() -> None:
    """grafanalib's table has columns but no styles, and stays a table (24)."""
    assert "table" == panel_from(12, **plain(core.Table()))["type"]


def test_clones_of_repeated_panels_dropped() -> None:
    """Panels that a repeat had made before the save are not kept, in rows neither (27)."""
    clone = {"type": "text", "repeatPanelId": 1}
    body = migrated(26, panels=[{"type": "text"}, clone, {"type": "row", "panels": [clone]}])
    assert [{"type": "text"}, {"type": "row", "panels": []}] == body["panels"]


def test_singlestat_in_collapsed_row() -> None:
    """Panels in a row are migrated as those beside it (28)."""
    row = panel_from(
        27, type="row", collapsed=True, panels=[{"type": "singlestat", "valueName": "current"}]
    )
    assert ("stat", ["lastNotNull"]) == (
        row["panels"][0]["type"],
        row["panels"][0]["options"]["reduceOptions"]["calcs"],
    )


@pytest.mark.parametrize("kind", ["timeseries", "xychart"])
def test_tooltip_options(kind: str) -> None:
    """tooltipOptions is called tooltip (30)."""
    assert {"tooltip": {"mode": "multi"}} == panel_from(
        29, type=kind, options={"tooltipOptions": {"mode": "multi"}}
    )["options"]


def test_value_mappings_of_grafana_7() -> None:
    """Value mappings become one list of single values, and ranges and null after it (30)."""
    old = [
        {"type": 2, "from": "10", "to": "20", "text": "some"},
        {"type": 1, "value": "1", "text": "one"},
        {"type": 1, "value": "null", "text": "none"},
        {"type": 1, "value": 2.0, "text": "two"},
    ]
    stat = panel_from(29, type="stat", fieldConfig={"defaults": {"mappings": old}})
    assert [
        {"type": "value", "options": {"1": {"text": "one"}, "2": {"text": "two"}}},
        {"type": "range", "options": {"from": 10, "to": 20, "result": {"text": "some"}}},
        {"type": "special", "options": {"match": "null", "result": {"text": "none"}}},
    ] == stat["fieldConfig"]["defaults"]["mappings"]


def test_value_mapping_takes_color() -> None:
    """A text that is a number keeps the color it had from the thresholds (30)."""
    steps = [
        {"color": "green", "value": None},
        {"color": "red", "value": 5},
        {"color": "blue", "value": 9},
    ]
    defaults = {
        "mappings": [{"type": 1, "value": "1", "text": "7"}],
        "thresholds": {"steps": steps},
    }
    stat = panel_from(29, type="stat", fieldConfig={"defaults": defaults})
    assert {"text": "7", "color": "red"} == stat["fieldConfig"]["defaults"]["mappings"][0][
        "options"
    ]["1"]


def test_value_mappings_in_override() -> None:
    """Value mappings in overrides are migrated too (30)."""
    prop = {"id": "mappings", "value": [{"type": 1, "value": "1", "text": "up"}]}
    stat = panel_from(29, type="stat", fieldConfig={"overrides": [{"properties": [prop]}]})
    value = stat["fieldConfig"]["overrides"][0]["properties"][0]["value"]
    assert [{"type": "value", "options": {"1": {"text": "up"}}}] == value


def test_value_mappings_of_today_keep_their_order() -> None:
    """Mappings of today stay as they are, in their order, which decides which one wins (30)."""
    mappings = [
        {"type": "range", "options": {"from": 0, "to": 5, "result": {"text": "low"}}},
        {"type": "value", "options": {"1": {"text": "one"}}},
    ]
    stat = panel_from(
        12, type="stat", fieldConfig={"defaults": {"mappings": copy.deepcopy(mappings)}}
    )
    assert mappings == stat["fieldConfig"]["defaults"]["mappings"]


def test_merge_after_labels_to_fields() -> None:
    """labelsToFields is followed by a merge, once (31)."""
    ids = ["labelsToFields", "organize", "labelsToFields", "merge"]
    panel = panel_from(
        30, type="table", transformations=[{"id": each, "options": {}} for each in ids]
    )
    expected = ["labelsToFields", "merge", "organize", "labelsToFields", "merge"]
    assert expected == [each["id"] for each in panel["transformations"]]


def test_cloudwatch_statistics() -> None:
    """Each further statistic of a CloudWatch query becomes a query without refId (34)."""
    target = cloudwatch.CloudwatchMetricsTarget(
        refId="A", metricName="m", namespace="n", statistics=["Max", "Min"]
    )
    targets = panel_from(12, **plain(core.TimeSeries(targets=[target])))["targets"]
    assert [("A", "Max", False), ("", "Min", False)] == [
        (each["refId"], each["statistic"], "statistics" in each) for each in targets
    ]


def test_time_axis_stays_visible() -> None:
    """A time series whose axes are hidden shows the time axis nevertheless (35)."""
    panel = panel_from(12, **plain(core.TimeSeries(axisPlacement="hidden")))
    rule = {
        "matcher": {"id": "byType", "options": "time"},
        "properties": [{"id": "custom.axisPlacement", "value": "auto"}],
    }
    assert [rule] == panel["fieldConfig"]["overrides"]


@pytest.mark.parametrize(
    ("legend", "expected"),
    [
        pytest.param(
            {"displayMode": "table"}, {"displayMode": "table", "showLegend": True}, id="shown"
        ),
        pytest.param(
            {"displayMode": "hidden"}, {"displayMode": "list", "showLegend": False}, id="hidden"
        ),
        pytest.param(
            {"showLegend": False}, {"displayMode": "list", "showLegend": False}, id="hidden-already"
        ),
        pytest.param(True, {"displayMode": "list", "showLegend": True}, id="boolean"),
        pytest.param({"show": False}, {"show": False}, id="heatmap"),
    ],
)
def test_legend(legend: Any, expected: Json) -> None:
    """Whether there is a legend is said by showLegend (37)."""
    assert (
        expected
        == panel_from(36, type="timeseries", options={"legend": legend})["options"]["legend"]
    )


@pytest.mark.parametrize("hidden", [True, False])
def test_legend_of_grafanalib(hidden: bool) -> None:
    """The legend of a grafanalib panel that is hidden stays hidden, and one that shows stays shown
    (37)."""
    panel = plain(core.TimeSeries(legendDisplayMode="hidden" if hidden else "table"))
    assert (not hidden) is panel_from(12, **panel)["options"]["legend"]["showLegend"]


@pytest.mark.parametrize(
    ("display_mode", "cell"),
    [
        ("auto", {"type": "auto"}),
        ("basic", {"type": "gauge", "mode": "basic"}),
        ("color-background", {"type": "color-background", "mode": "gradient"}),
        ("color-background-solid", {"type": "color-background", "mode": "basic"}),
        ("color-text", {"type": "color-text"}),
        ("gradient-gauge", {"type": "gauge", "mode": "gradient"}),
        ("json-view", {"type": "json-view"}),
        ("lcd-gauge", {"type": "gauge", "mode": "lcd"}),
    ],
)
def test_cell_options(display_mode: str, cell: Json) -> None:
    """The display mode of a table becomes cellOptions, in the defaults and in overrides (38)."""
    override = {"properties": [{"id": "custom.displayMode", "value": display_mode}]}
    config = panel_from(37, **plain(core.Table(displayMode=display_mode, overrides=[override])))[
        "fieldConfig"
    ]
    custom = {"align": "auto", "filterable": False, "cellOptions": cell}
    assert (custom, {"id": "custom.cellOptions", "value": cell}) == (
        config["defaults"]["custom"],
        config["overrides"][0]["properties"][0],
    )


def test_time_series_table() -> None:
    """The statistics of timeSeriesTable become options of each query (39)."""
    old = {"id": "timeSeriesTable", "options": {"refIdToStat": {"A": "mean", "B": "max"}}}
    panel = panel_from(38, type="table", transformations=[old])
    assert {"A": {"stat": "mean"}, "B": {"stat": "max"}} == panel["transformations"][0]["options"]


@pytest.mark.parametrize("viz", [True, False])
def test_hidden_from_tooltip(viz: bool) -> None:
    """A series that is hidden is hidden from the tooltip as well (42)."""
    prop = {"id": "custom.hideFrom", "value": {"legend": False, "tooltip": False, "viz": viz}}
    panel = panel_from(41, type="timeseries", fieldConfig={"overrides": [{"properties": [prop]}]})
    assert viz is panel["fieldConfig"]["overrides"][0]["properties"][0]["value"]["tooltip"]


# Shapes that do not depend on the version


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
    assert ["value"] == [each["type"] for each in defaults["mappings"]]
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
    found = {key for key in row if key not in LEGACY_PANEL_KEYS}
    assert {"collapsed", "gridPos", "id", "panels", "repeat", "title", "type"} == found


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


# Keys

GRAFANALIB_PANELS = [
    core.AlertList,
    core.BarChart,
    core.BarGauge,
    core.DashboardList,
    core.GaugePanel,
    core.Heatmap,
    core.Histogram,
    core.Logs,
    core.News,
    core.PieChartv2,
    core.RowPanel,
    core.SingleStat,
    core.Stat,
    core.StateTimeline,
    core.Table,
    core.Text,
    core.TimeSeries,
]


@pytest.mark.parametrize("panel", GRAFANALIB_PANELS)
def test_panel_has_only_current_and_legacy_keys(panel: Any) -> None:
    """After both, the keys of a grafanalib panel are in Grafana's schema or in
    LEGACY_PANEL_KEYS."""
    schema = set(
        words(
            "type id pluginVersion targets title description transparent datasource gridPos links "
            "repeat repeatDirection maxPerRow maxDataPoints transformations interval timeFrom "
            "timeShift hideTimeOverride timeCompare libraryPanel cacheTimeout queryCachingTTL "
            "options fieldConfig collapsed panels"
        )
    )
    assert set() == set(modern(panel_from(12, **plain(panel())))) - schema - LEGACY_PANEL_KEYS


def test_target_has_only_current_and_legacy_keys() -> None:
    """The keys of a grafanalib target are in Prometheus' schema or in LEGACY_TARGET_KEYS, but
    query."""
    schema = {
        "datasource",
        "expr",
        "format",
        "hide",
        "instant",
        "interval",
        "intervalFactor",
        "legendFormat",
        "refId",
    }
    assert {"query"} == set(plain(core.Target(expr="up"))) - schema - LEGACY_TARGET_KEYS


@pytest.mark.parametrize("keys", [LEGACY_DASHBOARD_KEYS, LEGACY_PANEL_KEYS, LEGACY_TARGET_KEYS])
def test_living_keys_are_not_legacy(keys: frozenset[str]) -> None:
    """Keys that look old but are read stay."""
    assert not keys & {
        "cacheTimeout",
        "hideTimeOverride",
        "intervalFactor",
        "liveNow",
        "repeatPanelId",
        "thresholds",
    }


# Properties


@pytest.mark.parametrize("panel", GRAFANALIB_PANELS)
def test_order_does_not_matter(panel: Any) -> None:
    """modernise before migrate gives what migrate before modernise gives."""
    before = panel_from(12, **modern(panel()))
    modernise(before)
    assert before == modern(panel_from(12, **plain(panel())))


def without_nulls(value: Any) -> Any:
    """What gk.compile hands over: nulls are gone, but those of thresholds."""
    if isinstance(value, dict):
        return {
            key: without_nulls(each)
            for key, each in value.items()
            if each is not None or key == "value"
        }
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("panel", [*GRAFANALIB_PANELS, core.Graph])
def test_nulls_do_not_matter(panel: Any) -> None:
    """A panel whose nulls are gone becomes what it becomes with them."""
    bare = modern(panel_from(12, **without_nulls(plain(panel()))))
    assert without_nulls(modern(panel_from(12, **plain(panel())))) == without_nulls(bare)


def test_untouched_by_migrate() -> None:
    """Data sources, ids, refIds, places and nulls are the business of others."""
    target = core.Target(expr="up", refId="", datasource="Prometheus")
    panel = plain(
        core.TimeSeries(
            dataSource="Prometheus",
            id=7,
            targets=[target],
            gridPos=core.GridPos(h=1, w=2, x=3, y=4),
        )
    )
    found = panel_from(12, **copy.deepcopy(panel))
    keys = ("datasource", "id", "targets", "gridPos", "timeFrom", "description")
    assert {key: panel[key] for key in keys} == {key: found[key] for key in keys}


_WORDS = st.sampled_from(
    words(
        "type options fieldConfig defaults overrides properties id value mappings thresholds steps "
        "color custom legend displayMode fieldOptions calcs styles links url targets statistics "
        "metricName namespace grid transformations text from to title tooltip yAxis dataFormat "
        "content mode gauge colors valueMaps sparkline"
    )
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            "",
            "null",
            "1",
            "hidden",
            "thresholds",
            "mappings",
            "custom.hideFrom",
            "custom.displayMode",
        ]
    )
    | st.text(max_size=3)
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=8,
)
_TYPES = st.sampled_from(
    words(
        "alertlist bargauge dashlist gauge graph heatmap row singlestat stat table "
        "text timeseries xychart"
    )
)
_KEYS = words(
    "alert cards color columns colors content dataFormat datasource fontSize format gauge grid "
    "gridPos height id legend limit links mappingType maxPerRow minSpan mode onlyAlertsOnDashboard "
    "options options-gauge panels rangeMaps repeatPanelId span sparkline stateFilter styles tags "
    "targets thresholds title tooltip transformations valueMaps valueName xBucketNumber yAxis "
    "yBucketBound y_formats"
)
_CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "defaults": st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("calcs", "color", "custom", "links", "mappings", "thresholds", "title"), _JSON
            ),
        ),
        "overrides": st.lists(
            st.fixed_dictionaries({"properties": st.lists(_JSON, max_size=3)}), max_size=2
        ),
    },
)
_PANELS = st.builds(
    lambda kind, keys, config: {**keys, "type": kind, "fieldConfig": config},
    _TYPES | _JSON,
    st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=5),
    _CONFIGS | _JSON,
)
_VARIABLES = st.fixed_dictionaries(
    {"type": st.sampled_from(["query", "constant", "custom", "filter"])},
    optional=dict.fromkeys(
        ("current", "hide", "multi", "options", "query", "refresh", "tags"), _JSON
    ),
)
_BODIES = st.fixed_dictionaries(
    {"panels": st.lists(_PANELS | _JSON, max_size=3)},
    optional={
        "refresh": _JSON,
        "rows": st.lists(
            st.fixed_dictionaries(
                {"panels": st.lists(_PANELS, max_size=3)},
                optional=dict.fromkeys(
                    ("collapse", "height", "repeat", "showTitle", "title"), _JSON
                ),
            ),
            max_size=3,
        ),
        "schemaVersion": st.integers(0, 45) | _JSON,
        "sharedCrosshair": _JSON,
        "templating": st.fixed_dictionaries({"list": st.lists(_VARIABLES | _JSON, max_size=2)}),
        "timepicker": _JSON,
    },
)


@given(_BODIES)
def test_migrate_is_idempotent(body: Json) -> None:
    """Whatever is in the body, migrate ends at a version that it leaves alone."""
    once = copy.deepcopy(migrate(body))
    assert repr(once) == repr(migrate(body))


@given(_BODIES)
def test_migrate_leaves_current_shapes_alone(body: Json) -> None:
    """Migrated again from 37, a body has nothing left to do for the steps 38 to 42."""
    once = copy.deepcopy(migrate({**body, "schemaVersion": 0}))
    assert repr(once) == repr(migrate(copy.deepcopy(once) | {"schemaVersion": 37}))


@given(_PANELS)
def test_modernise_is_idempotent(panel: Json) -> None:
    """Whatever is in the panel, modernise repairs it once and leaves it alone then."""
    modernise(panel)
    once = copy.deepcopy(panel)
    modernise(panel)
    assert repr(once) == repr(panel)
