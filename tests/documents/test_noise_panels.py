"""Options, colours, thresholds, units, value mappings and legends of panels: what a document may
say or leave out, and what Grafana shows otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.noise import Json, board, fields, is_as_there, of_type, panel, said, said_both_ways

GREEN = {"color": "green", "value": None}
BLUE = {"color": "blue", "value": None}
LINES = {"custom": {"thresholdsStyle": {"mode": "line"}}}
DRAWN = {"id": "custom.thresholdsStyle", "value": {"mode": "area"}}
COLORED = {"id": "color", "value": {"mode": "thresholds"}}


def steps(*given: Json) -> Json:
    """Thresholds of these steps."""
    return {"thresholds": {"mode": "absolute", "steps": list(given)}}


def red(value: float) -> Json:
    """A step."""
    return {"color": "red", "value": value}


def legend(type: str = "timeseries", **options: object) -> Json:
    """A dashboard whose panel has this legend."""
    return of_type(type, legend=options)


def mapped(*mappings: Json) -> Json:
    """A dashboard whose panel shows texts in place of values."""
    return fields({"mappings": list(mappings)})


def value_mapping(**keys: object) -> Json:
    """A text in place of 1."""
    return {"type": "value", "options": {"1": {"text": "up", **keys}}}


def range_mapping(text: str, high: int, index: int) -> Json:
    """A text in place of 0 to `high`."""
    result = {"text": text, "index": index}
    return {"type": "range", "options": {"from": 0, "to": high, "result": result}}


def labels_as(mode: str) -> Json:
    """A dashboard from Grafana 9 on, whose panel makes fields of labels."""
    return board(panel(transformations=[{"id": "labelsToFields", "options": {"mode": mode}}]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            of_type("stat"),
            of_type(
                "stat",
                colorMode="value",
                graphMode="area",
                reduceOptions={"calcs": ["lastNotNull"], "fields": "", "values": False},
                textMode="auto",
            ),
            id="options of a stat",
        ),
        pytest.param(
            of_type("timeseries"),
            of_type("timeseries", tooltip={"mode": "single", "sort": "none", "hideZeros": False}),
            id="tooltip",
        ),
        pytest.param(
            of_type("state-timeline"),
            of_type("state-timeline", mergeValues=True, rowHeight=0.9, alignValue="left"),
            id="options of a state timeline",
        ),
        pytest.param(
            of_type("table"),
            of_type("table", footer={"show": False, "reducer": ["sum"], "fields": ["a"]}),
            id="calculations of a hidden footer",
        ),
        pytest.param(
            fields({}, type="barchart"),
            fields({"custom": {"fillOpacity": 80}}, type="barchart"),
            id="fill of a bar chart",
        ),
        pytest.param(
            fields({}), fields({"color": {"mode": "palette-classic"}}), id="colours of series"
        ),
        pytest.param(
            fields({}, type="stat"),
            fields({"color": {"mode": "thresholds"}}, type="stat"),
            id="colours of a stat",
        ),
        pytest.param(
            fields({}),
            fields({"custom": {}, "fieldMinMax": False, "nullValueMode": "null"}),
            id="keys that nothing reads",
        ),
        pytest.param(
            fields(steps(GREEN, red(5)) | LINES),
            fields(steps({"color": "green", "value": 0}, red(5)) | LINES),
            id="bound of the first threshold",
        ),
        pytest.param(fields({}), fields(steps(BLUE)), id="a threshold that nothing draws"),
        pytest.param(
            fields({"unit": "rps per node"}),
            fields({"unit": "suffix:rps per node"}),
            id="free text as a unit",
        ),
        pytest.param(
            mapped(value_mapping(index=0)), mapped(value_mapping(index=4)), id="index of a mapping"
        ),
        pytest.param(
            fields({}, {"id": "mappings", "value": [value_mapping(index=0)]}),
            fields({}, {"id": "mappings", "value": [value_mapping()]}),
            id="index of a mapping in an override",
        ),
        pytest.param(of_type("timeseries"), legend(showLegend=True), id="legend of series"),
        pytest.param(of_type("bargauge"), legend("bargauge", showLegend=False), id="no legend"),
        pytest.param(
            legend(showLegend=False), legend(displayMode="hidden"), id="legend hidden as before 9"
        ),
        pytest.param(
            legend(showLegend=False),
            legend(showLegend=False, displayMode="table"),
            id="form of a hidden legend",
        ),
        pytest.param(legend(), legend(sortDesc=True, asTable=True), id="order of no value"),
        pytest.param(
            of_type("timeseries"), of_type("timeseries", alertThreshold=True), id="legacy alerts"
        ),
        pytest.param(fields({}), fields({"unitScale": True}), id="scale of 10.3"),
        pytest.param(
            fields({}),
            fields({"custom": {"hideFrom": {"graph": False, "legend": False, "tooltip": False}}}),
            id="series hidden from no graph of Grafana 7",
        ),
        pytest.param(
            board(panel()),
            board(panel(hideTimeOverride=True)),
            id="hidden time of no own",
        ),
        pytest.param(
            of_type("timeseries"),
            of_type("timeseries", tooltip={"mode": "single", "sort": "desc"}),
            id="order of one series",
        ),
        pytest.param(board(panel()), board(panel(paceLength=10)), id="key of a graph"),
        pytest.param(
            of_type("heatmap"),
            of_type("heatmap", color={"exponent": 0.5, "scale": "exponential", "reverse": False}),
            id="colours of a heatmap",
        ),
        pytest.param(
            fields({}, {"id": "unit", "value": "s"}, {"id": "decimals", "value": 1}),
            fields({}, {"id": "decimals", "value": 1}, {"id": "unit", "value": "s"}),
            id="order of an override's properties",
        ),
        pytest.param(
            of_type("heatmap", calculate=True),
            board(panel(type="heatmap", options={"calculate": True}, cards={}, yAxis={})),
            id="what is left of an Angular heatmap",
        ),
    ],
)
def test_what_grafana_shows_alike_is_no_change(tmp_path: Path, one: Json, other: Json) -> None:
    """Neither for `gk diff` nor for `gk push`."""
    assert "" == said_both_ways(tmp_path, one, other)
    assert is_as_there(one, other)


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        pytest.param(
            'reduceOptions: {"calcs": ["max"]}',
            of_type("stat"),
            of_type("stat", reduceOptions={"calcs": ["max"], "fields": "", "values": False}),
            id="another calculation",
        ),
        pytest.param(
            "hideTimeOverride: true",
            board(panel(timeFrom="1h")),
            board(panel(timeFrom="1h", hideTimeOverride=True)),
            id="hidden time of its own",
        ),
        pytest.param(
            'tooltip: {"mode": "multi"}',
            of_type("timeseries"),
            of_type("timeseries", tooltip={"mode": "multi", "sort": "none"}),
            id="tooltip of all series",
        ),
        pytest.param(
            "perPage: 20",
            of_type("state-timeline"),
            of_type("state-timeline", perPage=20),
            id="pages, of which the schema alone has a default",
        ),
        pytest.param(
            'footer: {"reducer": ["sum"], "show": true}',
            of_type("table"),
            of_type("table", footer={"show": True, "reducer": ["sum"], "countRows": False}),
            id="footer that is shown",
        ),
        pytest.param(
            'footer: {"enablePagination": true}',
            of_type("table"),
            of_type("table", footer={"show": False, "enablePagination": True}),
            id="pages of a table without a footer",
        ),
        pytest.param(
            "fillOpacity: 80",
            fields({}),
            fields({"custom": {"fillOpacity": 80}}),
            id="fill of a time series, whose default is another one",
        ),
        pytest.param(
            "fillOpacity: 0",
            fields({}, type="barchart"),
            fields({"custom": {"fillOpacity": 0}}, type="barchart"),
            id="no fill of a bar chart",
        ),
        pytest.param(
            'color: {"mode": "thresholds"}',
            fields({}),
            fields({"color": {"mode": "thresholds"}}),
            id="series in the colours of thresholds",
        ),
        pytest.param(
            'color: {"mode": "palette-classic"}',
            fields({}, type="stat"),
            fields({"color": {"mode": "palette-classic"}}, type="stat"),
            id="stat in a palette",
        ),
        pytest.param(
            'color: {"mode": "thresholds"}',
            fields({}, type="state-timeline"),
            fields({"color": {"mode": "thresholds"}}, type="state-timeline"),
            id="states in the colours of thresholds",
        ),
        pytest.param("fieldMinMax: true", fields({}), fields({"fieldMinMax": True}), id="bounds"),
        pytest.param(
            "thresholds: green, red from 0.8 -> green, red from 0.9",
            fields(steps(GREEN, red(0.8)) | LINES),
            fields(steps(GREEN, red(0.9)) | LINES),
            id="bound of a threshold",
        ),
        pytest.param(
            "thresholds: blue",
            fields(LINES),
            fields(steps(BLUE) | LINES),
            id="a threshold that is drawn",
        ),
        pytest.param(
            "thresholds: blue",
            fields({"color": {"mode": "thresholds"}}),
            fields(steps(BLUE) | {"color": {"mode": "thresholds"}}),
            id="a threshold that colours",
        ),
        pytest.param(
            "thresholds: blue",
            fields({}, DRAWN),
            fields(steps(BLUE), DRAWN),
            id="a threshold that is drawn for one field",
        ),
        pytest.param(
            "thresholds: blue",
            fields({}, COLORED),
            fields(steps(BLUE), COLORED),
            id="a threshold that colours one field",
        ),
        pytest.param(
            "unit: percent -> suffix:percent",
            fields({"unit": "percent"}),
            fields({"unit": "suffix:percent"}),
            id="free text that would be a unit",
        ),
        pytest.param(
            "unit: EUR -> prefix:EUR",
            fields({"unit": "EUR"}),
            fields({"unit": "prefix:EUR"}),
            id="text before the value",
        ),
        pytest.param(
            "mappings[0].options.result.text: few -> many",
            mapped(range_mapping("few", 5, 0), range_mapping("many", 9, 1)),
            mapped(range_mapping("many", 9, 1), range_mapping("few", 5, 0)),
            id="ranges in another order: the first that holds is shown",
        ),
        pytest.param(
            'legend: {"showLegend": false} -> (nothing)',
            legend(showLegend=False),
            legend(showLegend=True),
            id="legend that is shown again",
        ),
        pytest.param(
            "legend shown as: table",
            legend(displayMode="hidden"),
            legend(displayMode="table", showLegend=True),
            id="hidden legend that becomes a table",
        ),
        pytest.param(
            'legend: {"showLegend": true}',
            of_type("bargauge"),
            legend("bargauge", showLegend=True),
            id="legend of bars, which have none",
        ),
        pytest.param(
            "legend.sortDesc: true -> false",
            legend(sortBy="Max", sortDesc=True),
            legend(sortBy="Max", sortDesc=False),
            id="legend in another order",
        ),
        pytest.param(
            'transformations: [{"id": "labelsToFields", "options": {"mode": "columns"}}] -> '
            '[{"id": "labelsToFields", "options": {"mode": "rows"}}]',
            board(
                panel(transformations=[{"id": "labelsToFields", "options": {"mode": "columns"}}])
            ),
            board(panel(transformations=[{"id": "labelsToFields", "options": {"mode": "rows"}}])),
            id="labels as rows",
        ),
    ],
)
def test_what_grafana_shows_otherwise_is_a_change(
    tmp_path: Path, expected: str, old: Json, new: Json
) -> None:
    """For `gk diff` and for `gk push`."""
    assert f"        {expected}" in said(tmp_path, old, new).splitlines()
    assert not is_as_there(old, new)
