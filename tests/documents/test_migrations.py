"""Dashboards of any schemaVersion come to 42."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from grafanalib import cloudwatch, core

from gk.documents.defaults import LEGACY_DASHBOARD_KEYS
from gk.documents.migrations import SCHEMA_VERSION, migrate
from tests.cases import every
from tests.migrating import (
    Json,
    grid,
    migrated,
    panel_from,
    plain,
    rows_dashboard,
    texts,
    variable_from,
    words,
)

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
    thresholds = [
        (threshold["value"], threshold["op"], threshold["fill"])
        for threshold in panel_from(12, **graph)["thresholds"]
    ]
    assert expected == thresholds


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
    links = panel_from(18, type="text", links=[{"title": "t", **link}])["links"]
    assert [{"title": "t", "url": url, "targetBlank": False}] == links


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
        30, type="table", transformations=[{"id": name, "options": {}} for name in ids]
    )
    expected = ["labelsToFields", "merge", "organize", "labelsToFields", "merge"]
    assert expected == [transformation["id"] for transformation in panel["transformations"]]


def test_cloudwatch_statistics() -> None:
    """Each further statistic of a CloudWatch query becomes a query without refId (34)."""
    target = cloudwatch.CloudwatchMetricsTarget(
        refId="A", metricName="m", namespace="n", statistics=["Max", "Min"]
    )
    targets = panel_from(12, **plain(core.TimeSeries(targets=[target])))["targets"]
    assert [("A", "Max", False), ("", "Min", False)] == [
        (query["refId"], query["statistic"], "statistics" in query) for query in targets
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


@every(
    "display_mode, cell",
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
