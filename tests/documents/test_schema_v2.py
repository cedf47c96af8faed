"""Dashboards of schema v2, read as classic ones, and classic ones written in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gk.documents.schema_v2 import classic, written
from gk.resource import Kind
from tests.conftest import ProjectFolder

Json = dict[str, Any]


def element(number: int, **keys: Any) -> Json:
    """A time series of one query of Prometheus."""
    asked = {
        "kind": "DataQuery",
        "group": "prometheus",
        "version": "v0",
        "datasource": {"name": "prometheus"},
        "spec": {"expr": "up"},
    }
    query = {"kind": "PanelQuery", "spec": {"query": asked, "refId": "A", "hidden": False}}
    return {
        "kind": "Panel",
        "spec": {
            "id": number,
            "title": f"Panel {number}",
            "description": "",
            "links": [],
            "data": {
                "kind": "QueryGroup",
                "spec": {
                    "queries": [query],
                    "transformations": [
                        {"kind": "Transformation", "group": "reduce", "spec": {"options": {}}}
                    ],
                    "queryOptions": {"interval": "1m"},
                },
            },
            "vizConfig": {
                "kind": "VizConfig",
                "group": "timeseries",
                "version": "12.4.0",
                "spec": {
                    "options": {"legend": {"calcs": ["max"]}},
                    "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []},
                },
            },
            **keys,
        },
    }


def item(number: int, **keys: Any) -> Json:
    """An item of a layout of any kind."""
    reference = {"kind": "ElementReference", "name": f"panel-{number}"}
    return {"kind": "Item", "spec": {"element": reference, **keys}}


def grid(*numbers: int) -> Json:
    """A grid of panels side by side, 8 wide and 8 high."""
    items = [
        item(number, x=8 * index, y=0, width=8, height=8) for index, number in enumerate(numbers)
    ]
    return {"kind": "GridLayout", "spec": {"items": items}}


def board(layout: Json, **keys: Any) -> Json:
    """A dashboard of four panels with this layout."""
    return {
        "title": "Jobs",
        "elements": {f"panel-{number}": element(number) for number in range(1, 5)},
        "layout": layout,
        "cursorSync": "Crosshair",
        "timeSettings": {"from": "now-6h", "to": "now", "autoRefresh": "1m"},
        "variables": [],
        "annotations": [],
        "links": [],
        "tags": [],
        **keys,
    }


def places(layout: Json) -> list[tuple[str, tuple[int, ...]]]:
    """The titles of panels and rows, and their positions."""
    return [
        (panel["title"], tuple(panel["gridPos"][key] for key in "xywh"))
        for panel in classic(board(layout)).body["panels"]
    ]


def test_a_panel_has_its_parts_in_the_classic_places() -> None:
    (panel,) = classic(board(grid(1))).body["panels"]
    ref = {"type": "prometheus", "uid": "prometheus"}
    assert {
        "id": 1,
        "title": "Panel 1",
        "description": "",
        "type": "timeseries",
        "options": {"legend": {"calcs": ["max"]}},
        "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []},
        "links": [],
        "targets": [{"expr": "up", "refId": "A", "datasource": ref}],
        "transformations": [{"id": "reduce", "options": {}}],
        "interval": "1m",
        "gridPos": {"x": 0, "y": 0, "w": 8, "h": 8},
    } == panel


def test_a_dashboard_has_its_settings_in_the_classic_places() -> None:
    body = classic(board(grid(1))).body
    assert ({"from": "now-6h", "to": "now"}, "1m", 1) == (
        body["time"],
        body["refresh"],
        body["graphTooltip"],
    )


def test_an_automatic_grid_gets_the_positions_that_grafana_computes() -> None:
    spec = {"maxColumnCount": 3, "rowHeightMode": "standard", "items": [*map(item, range(1, 5))]}
    assert [
        ("Panel 1", (0, 0, 8, 9)),
        ("Panel 2", (8, 0, 8, 9)),
        ("Panel 3", (16, 0, 8, 9)),
        ("Panel 4", (0, 9, 8, 9)),
    ] == places({"kind": "AutoGridLayout", "spec": spec})


@pytest.mark.parametrize(("kind", "listed"), [("RowsLayout", "rows"), ("TabsLayout", "tabs")])
def test_rows_and_tabs_become_rows(kind: str, listed: str) -> None:
    parts = [
        {"kind": "Part", "spec": {"title": name, "layout": grid(number)}}
        for name, number in (("One", 1), ("Two", 2))
    ]
    assert [
        ("One", (0, 0, 24, 1)),
        ("Panel 1", (0, 1, 8, 8)),
        ("Two", (0, 9, 24, 1)),
        ("Panel 2", (0, 10, 8, 8)),
    ] == places({"kind": kind, "spec": {listed: parts}})


def test_a_collapsed_row_contains_its_panels_and_one_without_a_header_is_none() -> None:
    rows = [
        {"kind": "Row", "spec": {"title": "Shut", "collapse": True, "layout": grid(1)}},
        {"kind": "Row", "spec": {"title": "Bare", "hideHeader": True, "layout": grid(2)}},
    ]
    shut, bare = classic(board({"kind": "RowsLayout", "spec": {"rows": rows}})).body["panels"]
    assert ("Shut", ["Panel 1"]) == (shut["title"], [panel["title"] for panel in shut["panels"]])
    assert ("Panel 2", 1) == (bare["title"], bare["gridPos"]["y"])


def test_a_variable_has_numbers_for_words() -> None:
    variable = {
        "kind": "QueryVariable",
        "spec": {
            "name": "job",
            "hide": "hideLabel",
            "refresh": "onTimeRangeChanged",
            "sort": "naturalAsc",
            "query": {
                "kind": "DataQuery",
                "group": "prometheus",
                "datasource": {"name": "prometheus"},
                "spec": {"__legacyStringValue": "label_values(up, job)"},
            },
        },
    }
    (classic_variable,) = classic(board(grid(1), variables=[variable])).body["templating"]["list"]
    assert {
        "name": "job",
        "type": "query",
        "hide": 1,
        "refresh": 2,
        "sort": 7,
        "query": "label_values(up, job)",
        "datasource": {"type": "prometheus", "uid": "prometheus"},
    } == classic_variable


def test_what_a_classic_dashboard_cannot_say_is_said_with_its_path(
    project: ProjectFolder, run_gk: Callable[..., Any]
) -> None:
    shown = {"kind": "ConditionalRenderingGroup", "spec": {"visibility": "show", "items": []}}
    row = {"title": "One", "layout": grid(1), "conditionalRendering": shown}
    layout = {"kind": "RowsLayout", "spec": {"rows": [{"kind": "Row", "spec": row}]}}
    project.write({"dashboards/jobs.json": json.dumps(envelope(board(layout)))})
    assert (
        "warning: dashboards/jobs.json:1: dashboard 'Jobs' is built as a classic one, which has no "
        "conditions and no variables of rows; left out: "
        "layout.spec.rows[0].spec.conditionalRendering\n"
    ) == run_gk("build").err


def envelope(spec: Json, version: str = "v2beta1") -> Json:
    """A dashboard as Grafana 12 and later export it."""
    return {
        "apiVersion": f"dashboard.grafana.app/{version}",
        "kind": "Dashboard",
        "metadata": {"name": "jobs"},
        "spec": spec,
    }


@pytest.mark.parametrize("is_bare", [False, True], ids=["envelope", "bare"])
def test_an_export_builds_and_compares_equal_to_what_it_builds_to(
    project: ProjectFolder, run_gk: Callable[..., Any], is_bare: bool
) -> None:
    body = board(grid(1, 2))
    project.write({"dashboards/jobs.json": json.dumps(body if is_bare else envelope(body))})
    assert "jobs" == project.resource(Kind.DASHBOARD).uid
    run_gk("build")
    built = "provisioning/grafana/dashboards/general/jobs.json"
    ran = run_gk("diff", "dashboards/jobs.json", built)
    assert (0, "no differences (1 object compared)") == (ran.code, ran.out.splitlines()[2])


def test_two_exports_are_compared_as_they_are(
    project: ProjectFolder, run_gk: Callable[..., Any]
) -> None:
    """In words; tests/diff/test_v2.py has more."""
    old, new = board(grid(1)), board(grid(1))
    new["elements"]["panel-1"]["spec"]["title"] = "Other"
    project.write({"old.json": json.dumps(old), "new.json": json.dumps(new)})
    ran = run_gk("diff", "old.json", "new.json")
    assert "        title: Panel 1 -> Other" in ran.out.splitlines()


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param(
            "layout.spec.items[0] shows the element 'panel-9', which does not exist",
            envelope(board(grid(9))),
            id="element",
        ),
        pytest.param(
            "layout.kind is 'Spiral', which is not a layout of v2beta1 or v2",
            envelope(board({"kind": "Spiral", "spec": {}})),
            id="layout",
        ),
        pytest.param(
            "dashboard.grafana.app/v2alpha1 was never a stable form; export it as v2beta1, v2 or "
            "classic",
            envelope(board(grid(1)), "v2alpha1"),
            id="alpha",
        ),
    ],
)
def test_an_export_that_cannot_be_read_is_a_mistake(
    project: ProjectFolder, run_gk: Callable[..., Any], expected: str, body: Json
) -> None:
    project.write({"dashboards/jobs.json": json.dumps(body)})
    message = f"dashboards/jobs.json:1: dashboard cannot be read: {expected}\n"
    assert message == run_gk("build").err


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(board({"kind": "Spiral", "spec": {}}), id="layout"),
        pytest.param(board({**grid(), "spec": {"items": [item(1, x="a")]}}), id="position"),
    ],
)
def test_a_malformed_export_is_compared_as_it_is(
    project: ProjectFolder, run_gk: Callable[..., Any], body: Json
) -> None:
    old = classic(board(grid(1))).body
    project.write({"old.json": json.dumps(old), "new.json": json.dumps(body)})
    ran = run_gk("diff", "old.json", "new.json")
    assert (1, "") == (ran.code, ran.err)


# Writing. The laws of both directions are in test_schema_v2_laws.


def old_board(**panel: Any) -> Json:
    """A classic dashboard of one panel, as old versions of Grafana kept it."""
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    return {"title": "Old", "panels": [{"id": 1, "type": "stat", "gridPos": place, **panel}]}


def spec_of_panel(**panel: Any) -> Json:
    """The panel of such a dashboard in v2."""
    spec: Json = written(old_board(**panel), "v2beta1").spec["elements"]["panel-1"]["spec"]
    return spec


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ({"max": 200}, {"max": "200"}),
        ({"decimals": 1.5}, {"decimals": "1.5"}),
        ({}, {"min": ""}),
        ({"min": 0}, {"min": 0}),
    ],
)
def test_a_number_that_is_a_text_is_a_number_in_v2(expected: Json, given: Json) -> None:
    """Grafana 12.4 refuses the whole dashboard otherwise."""
    spec = spec_of_panel(fieldConfig={"defaults": given})
    assert expected == spec["vizConfig"]["spec"]["fieldConfig"]["defaults"]


@pytest.mark.parametrize(
    ("expected", "given"), [({"maxDataPoints": 100}, "100"), ({}, "many"), ({}, None)]
)
def test_the_number_of_points_is_a_number_in_v2(expected: Json, given: object) -> None:
    spec = spec_of_panel(maxDataPoints=given)
    assert expected == spec["data"]["spec"]["queryOptions"]


def test_a_refresh_that_is_no_text_is_none_in_v2() -> None:
    body = {**old_board(), "refresh": False, "weekStart": ""}
    times = written(body, "v2beta1").spec["timeSettings"]
    assert ("", False) == (times["autoRefresh"], "weekStart" in times)


def test_a_position_is_whole_in_v2() -> None:
    layout = written(old_board(gridPos={"x": 0.5, "y": 0, "w": 7.9, "h": 8}), "v2").spec["layout"]
    (only,) = layout["spec"]["items"]
    assert [0, 0, 7, 8] == [only["spec"][key] for key in ("x", "y", "width", "height")]


def test_a_panel_of_angular_keeps_what_grafana_migrates() -> None:
    spec = spec_of_panel(type="graph", fill=2, options={"a": 1})
    shown = spec["vizConfig"]
    migration = {"autoMigrateFrom": "graph", "originalOptions": {"fill": 2}}
    assert ("timeseries", {"a": 1, "__angularMigration": migration}) == (
        shown["group"],
        shown["spec"]["options"],
    )


def test_a_variable_that_v2_does_not_know_is_left_out_with_its_path() -> None:
    body = {**old_board(), "templating": {"list": [{"name": "a", "type": "system"}]}}
    there = written(body, "v2beta1")
    assert ([], ["templating.list[0]"]) == (there.spec["variables"], there.lost)


def test_a_value_of_a_variable_is_a_text_in_v2() -> None:
    current = {"text": 5, "value": [True, None]}
    own = {"name": "a", "type": "custom", "query": "5", "current": current}
    body = {**old_board(), "templating": {"list": [own]}}
    (variable,) = written(body, "v2beta1").spec["variables"]
    assert {"text": "5", "value": ["true", ""]} == variable["spec"]["current"]


def test_the_annotation_of_grafana_names_its_data_source() -> None:
    own = {"name": "Annotations & Alerts", "builtIn": 1, "datasource": "-- Grafana --"}
    body = {**old_board(), "annotations": {"list": [own]}}
    (annotation,) = written(body, "v2beta1").spec["annotations"]
    query = {"kind": "DataQuery", "group": "datasource", "version": "v0", "spec": {}}
    assert {**query, "datasource": {"name": "grafana"}} == annotation["spec"]["query"]
