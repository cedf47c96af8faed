"""Arguments of panels for what Grafana has besides: more queries with their legends, how thresholds
and legends are drawn, ranges and regular expressions in value mappings, overrides."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gk import Dashboard, Row, gauge, heatmap, override, stat, target, text, timeseries
from gk.define import fields
from gk.define.panel import Panel
from tests.conftest import ProjectFolder, RunGk
from tests.definitions import Json, busy, dashboard, panel


def legends(definition: Panel) -> list[tuple[str, str]]:
    """The queries of a panel by refId, with their legends."""
    targets = panel(definition)["targets"]
    return [(query["refId"], query.get("legendFormat", "")) for query in targets]


def defaults(definition: Panel) -> Json:
    """The field options of a panel."""
    options: Json = panel(definition)["fieldConfig"]["defaults"]
    return options


# Queries


def test_a_legend_format_is_that_of_each_query_without_its_own() -> None:
    """In place of a snippet's, too."""
    definition = timeseries(
        "T",
        "up",
        busy,
        target("up", legend="own"),
        target("up", legend=""),
        legend_format="{{job}}",
    )
    assert [("A", "{{job}}"), ("B", "{{job}}"), ("C", "own"), ("D", "")] == legends(definition)


def test_an_empty_legend_format_is_grafana_s_own_legend() -> None:
    """In place of a snippet's."""
    assert [("A", "")] == legends(timeseries("T", busy, legend_format=""))


def test_series_are_more_queries_by_their_legends() -> None:
    """After the others; a target's own legend stays."""
    definition = timeseries(
        "T", "up", series={"reads": "up == 0", "writes": busy, "x": target("up", legend="own")}
    )
    assert [("A", "__auto"), ("B", "reads"), ("C", "writes"), ("D", "own")] == legends(definition)
    assert ["up", "up == 0"] == [query["expr"] for query in panel(definition)["targets"]][:2]


def test_series_bring_their_unit() -> None:
    """As queries of the panel do."""
    assert "percentunit" == defaults(gauge("T", series={"busy": busy}))["unit"]


@pytest.mark.parametrize(
    ("definition", "key"),
    [
        pytest.param(stat("T", busy, unit=""), "unit", id="unit"),
        pytest.param(timeseries("T", busy, description=""), "description", id="description"),
    ],
)
def test_an_empty_text_is_none_in_place_of_the_snippet_s(definition: Panel, key: str) -> None:
    """The panel says that it has none."""
    body = panel(definition)
    assert key not in {**body, **body["fieldConfig"]["defaults"]}


# Time series and heatmaps


@pytest.mark.parametrize("gradient", ["opacity", "hue", "scheme"])
def test_a_gradient_is_grafana_s_mode(gradient: Any) -> None:
    assert gradient == defaults(timeseries("T", "up", gradient=gradient))["custom"]["gradientMode"]


@pytest.mark.parametrize(
    ("style", "arguments", "expected"),
    [
        pytest.param("area", {}, {"mode": "area"}, id="area of an alert's threshold"),
        pytest.param(
            "dashed", {"thresholds": {1: "red"}}, {"mode": "dashed"}, id="in place of a line"
        ),
        pytest.param("off", {"thresholds": {1: "red"}}, None, id="not drawn"),
        pytest.param(
            "line+area",
            {"thresholds": {1: "red"}, "color": "thresholds"},
            {"mode": "line+area"},
            id="beside the colour of the series",
        ),
        pytest.param("auto", {"thresholds": {1: "red"}}, {"mode": "line"}, id="line, by default"),
    ],
)
def test_a_threshold_style_says_how_thresholds_are_drawn(
    style: Any, arguments: Any, expected: Json | None
) -> None:
    options = defaults(timeseries("T", "up", threshold_style=style, **arguments))
    assert expected == options["custom"].get("thresholdsStyle")


def test_a_legend_has_a_width_and_an_order() -> None:
    """In Grafana's names."""
    body = panel(
        timeseries(
            "T",
            "up",
            legend="table",
            legend_placement="right",
            legend_values=["max"],
            legend_width=300,
            legend_sort="Max",
            legend_sort_descending=False,
        )
    )
    assert {
        "calcs": ["max"],
        "displayMode": "table",
        "placement": "right",
        "sortBy": "Max",
        "sortDesc": False,
        "width": 300,
    } == body["options"]["legend"]


def test_a_legend_is_sorted_from_the_highest_and_only_where_it_says_by_what() -> None:
    by_max, unsorted = (
        panel(timeseries("T", "up", legend="table", **more))["options"]["legend"]
        for more in ({"legend_sort": "Max"}, {"legend_sort_descending": False})
    )
    assert ("Max", True) == (by_max["sortBy"], by_max["sortDesc"])
    assert {"sortBy", "sortDesc", "width"}.isdisjoint(unsorted)


@pytest.mark.parametrize("histogram", [True, False])
def test_the_tooltip_of_a_heatmap_has_a_histogram_or_none(histogram: bool) -> None:
    tooltip = panel(heatmap("T", "up", histogram=histogram))["options"]["tooltip"]
    assert histogram is tooltip.get("yHistogram", False)


# Fields


def test_an_override_has_a_colour_and_a_unit_before_its_other_options() -> None:
    """`color` as a panel has it: a mode, or one colour."""
    rule = override(name="a", color="red", unit="s", properties={"decimals": 1})
    assert [
        {"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}},
        {"id": "unit", "value": "s"},
        {"id": "decimals", "value": 1},
    ] == rule["properties"]
    assert [{"id": "color", "value": {"mode": "thresholds"}}] == override(
        name="a", color="thresholds"
    )["properties"]


def test_an_empty_unit_of_an_override_is_none() -> None:
    """In place of the panel's."""
    assert [{"id": "unit", "value": ""}] == override(name="a", unit="")["properties"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param((0, 0.5), {"type": "range", "options": {"from": 0, "to": 0.5}}, id="range"),
        pytest.param((None, 5), {"type": "range", "options": {"from": None, "to": 5}}, id="below"),
        pytest.param((5, None), {"type": "range", "options": {"from": 5, "to": None}}, id="above"),
        pytest.param((5, 5), {"type": "range", "options": {"from": 5, "to": 5}}, id="one value"),
        pytest.param(
            re.compile("err.*"), {"type": "regex", "options": {"pattern": "err.*"}}, id="regex"
        ),
        pytest.param(
            re.compile("/err/i"),
            {"type": "regex", "options": {"pattern": "/err/i"}},
            id="regex with flags, as JavaScript writes it",
        ),
    ],
)
def test_a_range_or_a_regular_expression_is_a_mapping_of_its_own(
    value: Any, expected: Json
) -> None:
    (mapping,) = fields.value_mappings({value: ("Bad", "red")})
    result = {"text": "Bad", "color": "red", "index": 0}
    assert {**expected, "options": {**expected["options"], "result": result}} == mapping


def test_single_values_come_before_ranges_and_other_mappings_keep_their_order() -> None:
    """Grafana shows the text of the first that holds."""
    mappings = fields.value_mappings(
        {(0, 9): "few", 5: "five", (0, 99): "many", None: "none", 7: "7"}
    )
    assert ["value", "range", "range", "special"] == [mapping["type"] for mapping in mappings]
    assert ["5", "7"] == list(mappings[0]["options"])
    assert [9, 99] == [mapping["options"]["to"] for mapping in mappings[1:3]]


# Rows


def test_a_row_may_be_at_a_line_of_the_grid() -> None:
    """Its panels are below it."""
    rows = [Row("R", [text("T", "", width=12, height=4)], y=20), Row("Next", [text("U", "")])]
    body = dashboard(Dashboard("D", panels=[text("First", "")], rows=rows))
    places = {
        shown["title"]: (shown["gridPos"]["y"], shown["gridPos"]["h"]) for shown in body["panels"]
    }
    assert (20, 1) == places["R"]
    assert (21, 4) == places["T"]
    assert (25, 1) == places["Next"]


def test_a_row_may_be_at_the_first_line() -> None:
    """0 is a line, and not a row without one."""
    body = dashboard(Dashboard("D", rows=[Row("R", [text("T", "")], y=0)]))
    assert [0, 1] == [shown["gridPos"]["y"] for shown in body["panels"]]


# What is refused


@pytest.mark.parametrize(
    ("expected", "definition"),
    [
        pytest.param(
            "timeseries(): legend_format must be text, not int",
            'timeseries("T", "up", legend_format=3)',
            id="legend_format",
        ),
        pytest.param(
            "timeseries(): series must be a mapping, not list",
            'timeseries("T", series=["up"])',
            id="list of series",
        ),
        pytest.param(
            "series: a legend must be text, not int",
            'timeseries("T", series={3: "up"})',
            id="number as a legend",
        ),
        pytest.param(
            "None is not a query; pass a snippet, a query or PromQL text",
            'timeseries("T", series={"a": None})',
            id="series without a query",
        ),
        pytest.param(
            "panel 'T': has no query, so Grafana shows no data",
            'timeseries("T", series={})',
            id="no series",
        ),
        pytest.param(
            "timeseries(): gradient 'hues' is not known; did you mean 'hue'?",
            'timeseries("T", "up", gradient="hues")',
            id="gradient",
        ),
        pytest.param(
            "timeseries(): threshold_style 'dotted' is not known; one of auto, off, line, dashed, "
            "area, line+area, dashed+area, series",
            'timeseries("T", "up", threshold_style="dotted")',
            id="threshold_style",
        ),
        pytest.param(
            "timeseries(): legend_width must be a whole number, not str",
            'timeseries("T", "up", legend_width="300px")',
            id="legend_width in words",
        ),
        pytest.param(
            "timeseries(): legend_width -1 must be a number of pixels",
            'timeseries("T", "up", legend_width=-1)',
            id="legend_width below 0",
        ),
        pytest.param(
            "timeseries(): legend_sort must be text, not list",
            'timeseries("T", "up", legend_sort=["max"])',
            id="legend_sort",
        ),
        pytest.param(
            "timeseries(): legend_sort_descending must be True or False, not str",
            'timeseries("T", "up", legend_sort_descending="yes")',
            id="legend_sort_descending",
        ),
        pytest.param(
            "heatmap(): histogram must be True or False, not str",
            'heatmap("T", "up", histogram="no")',
            id="histogram",
        ),
        pytest.param(
            "override(): color must be text or None, not int",
            'stat("T", "up", overrides=[override(name="a", color=3)])',
            id="colour of an override",
        ),
        pytest.param(
            "panel 'T': colour 'grean' is not one of Grafana's; did you mean 'green'?",
            'stat("T", "up", overrides=[override(name="a", color="grean")])',
            id="unknown colour of an override",
        ),
        pytest.param(
            "panel 'T': unit 'bytez' is not a Grafana unit; did you mean 'bytes'?",
            'stat("T", "up", overrides=[override(name="a", unit="bytez")])',
            id="unit of an override",
        ),
        pytest.param(
            "override(): properties must be a mapping, not list",
            'stat("T", "up", overrides=[override(name="a", properties=["unit"])])',
            id="properties of an override",
        ),
        pytest.param(
            "mappings: (9, 1) is not a range; write (low, high), with None for no bound",
            'stat("T", "up", mappings={(9, 1): "x"})',
            id="range from high to low",
        ),
        pytest.param(
            "mappings: (1, 2, 3) is not a range; write (low, high), with None for no bound",
            'stat("T", "up", mappings={(1, 2, 3): "x"})',
            id="range of three",
        ),
        pytest.param(
            "mappings: ('a', 'b') is not a range; write (low, high), with None for no bound",
            'stat("T", "up", mappings={("a", "b"): "x"})',
            id="range of texts",
        ),
        pytest.param(
            "mappings: (None, None) is not a range; write (low, high), with None for no bound",
            'stat("T", "up", mappings={(None, None): "x"})',
            id="range of everything",
        ),
        pytest.param(
            "mappings: (0, inf) is not a range; write (low, high), with None for no bound",
            'stat("T", "up", mappings={(0, float("inf")): "x"})',
            id="range without an end",
        ),
        pytest.param(
            "mappings: Grafana reads the text of a regular expression alone; write its flags in "
            "it, re.compile('/err.*/i')",
            'stat("T", "up", mappings={re.compile("x", re.I): "x"})',
            id="flags of a regular expression",
        ),
        pytest.param(
            "mappings: 3 is neither a text nor (text, colour)",
            'stat("T", "up", mappings={1: 3})',
            id="number in place of a value",
        ),
        pytest.param(
            "mappings: ('a', 'red', 'x') is neither a text nor (text, colour)",
            'stat("T", "up", mappings={1: ("a", "red", "x")})',
            id="more than a colour",
        ),
        pytest.param(
            "Row(): y -1 is above the dashboard; its first line is 0",
            'Row("R", [stat("T", "up")], y=-1)',
            id="row above the dashboard",
        ),
        pytest.param(
            "Row(): y must be a whole number or None, not str",
            'Row("R", [stat("T", "up")], y="20")',
            id="line of a row in words",
        ),
    ],
)
def test_what_grafana_would_ignore_is_a_mistake(
    project: ProjectFolder, run_gk: RunGk, expected: str, definition: str
) -> None:
    """At its line, in one sentence."""
    start = "import re\nfrom gk import *\n"
    project.write({"dashboards/d.py": f"{start}board = Dashboard('D', panels=[{definition}])\n"})
    assert f"dashboards/d.py:3: {expected}\n" == run_gk("build").err
