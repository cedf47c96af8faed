"""Dashboards that somebody drew in Grafana: exported JSON, and the data sources in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import gk
from gk.documents.defaults import UNTOUCHED
from gk.resource import Kind
from tests.cases import every
from tests.conftest import ProjectFolder
from tests.definitions import (
    LOKI,
    PROMETHEUS,
    REF,
    Json,
    dashboard,
    mistakes,
    problems,
)
from tests.exporting import exported, graph, only_panel

# Exported JSON


def test_export_loses_what_grafana_adds() -> None:
    """An exported dashboard keeps what somebody chose, and loses what Grafana adds to each."""
    expected = {
        "panels": [
            {
                "datasource": REF,
                "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
                "id": 3,
                "targets": [
                    {
                        "datasource": REF,
                        "editorMode": "code",
                        "expr": "up",
                        "legendFormat": "__auto",
                        "range": True,
                        "refId": "A",
                    }
                ],
                "title": "Up",
                "type": "timeseries",
            }
        ],
        "schemaVersion": 42,
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "title": "Exported",
        "uid": "exported",
    }
    assert expected == dashboard(exported(graph()))


@pytest.mark.parametrize("kind", UNTOUCHED)
def test_untouched_field_options(kind: str) -> None:
    """Options of fields that have the value which the visualization gives them are left out."""
    config = {"defaults": {"custom": UNTOUCHED[kind], "unit": "s"}, "overrides": []}
    assert (
        "custom"
        not in only_panel(dashboard(exported(graph(type=kind, fieldConfig=config))))["fieldConfig"][
            "defaults"
        ]
    )


def test_changed_field_options() -> None:
    """One that was chosen stays, also where it only looks like the default: 0 is not false."""
    config = {
        "defaults": {"custom": {**UNTOUCHED["timeseries"], "fillOpacity": 20, "spanNulls": 0}},
        "overrides": [],
    }
    custom = only_panel(dashboard(exported(graph(fieldConfig=config))))["fieldConfig"]["defaults"][
        "custom"
    ]
    assert {"fillOpacity": 20, "spanNulls": 0} == custom


def test_changed_built_in_annotation_stays() -> None:
    """Somebody who switched Grafana's own annotation off finds it off."""
    body = exported()
    body["annotations"]["list"][0]["enable"] = False
    (annotation,) = dashboard(body)["annotations"]["list"]
    assert (1, False, "-- Grafana --") == (
        annotation["builtIn"],
        annotation["enable"],
        annotation["datasource"]["uid"],
    )


def test_export_is_not_changed() -> None:
    """Compiling leaves the definition's own dictionary as it was."""
    body = exported(graph())
    before = json.dumps(body)
    dashboard(body)
    assert before == json.dumps(body)


@every("version", range(16, 43))
def test_schema_versions(version: int) -> None:
    """A dashboard of any schema version since Grafana 5 comes out in the current one, with its
    panels."""
    body = dashboard(exported(graph(), schemaVersion=version))
    assert (42, [3], ["Up"]) == (
        body["schemaVersion"],
        [panel["id"] for panel in body["panels"]],
        [panel["title"] for panel in body["panels"]],
    )


def test_rows_of_grafana_4() -> None:
    """A dashboard with rows, of before Grafana 5, has its panels on the grid."""
    rows = [
        {"title": "R", "showTitle": True, "panels": [{"type": "text", "title": "a", "span": 6}]}
    ]
    body = dashboard({"title": "Old", "schemaVersion": 14, "rows": rows})
    assert [("R", 0), ("a", 1)] == [
        (panel["title"], panel["gridPos"]["y"]) for panel in body["panels"]
    ]
    assert "rows" not in body


def test_library_panel() -> None:
    """A reference to a library panel is left as it is."""
    given = {
        "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
        "id": 5,
        "title": "L",
        "libraryPanel": {"name": "L", "uid": "l"},
    }
    assert given == only_panel(dashboard(exported(given)))


def test_clone_of_a_row() -> None:
    """A row whose panels are inside although it is expanded is followed by them."""
    row = {
        "type": "row",
        "title": "R",
        "id": 1,
        "collapsed": False,
        "panels": [graph(gridPos={"h": 8, "w": 12, "x": 0, "y": 1})],
    }
    assert [("R", []), ("Up", None)] == [
        (panel["title"], panel.get("panels")) for panel in dashboard(exported(row))["panels"]
    ]


def test_file(project: ProjectFolder) -> None:
    """A JSON file in dashboards/ is a definition; a byte order mark before it does not matter."""
    project.write({"dashboards/exported.json": "\ufeff" + json.dumps(exported(graph()))})
    resource = project.resource(Kind.DASHBOARD)
    assert ("exported", "dashboards/exported.json:1") == (resource.uid, str(resource.source))


def test_file_from_the_api(project: ProjectFolder) -> None:
    """What Grafana's HTTP API answers is a dashboard and what it knows of it."""
    body = {"meta": {"slug": "exported", "folderUid": "x"}, "dashboard": exported(graph())}
    project.write({"dashboards/exported.json": json.dumps(body)})
    assert dashboard(exported(graph())) == project.resource(Kind.DASHBOARD).body


def test_dictionary(project: ProjectFolder) -> None:
    """A dictionary at module level is a definition, at the line where it gets its name."""
    project.write(
        {"dashboards/d.py": f"import json\n\nexported = json.loads({json.dumps(exported())!r})\n"}
    )
    assert "dashboards/d.py:3" == str(project.resource(Kind.DASHBOARD).source)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{\n"title": \n}', "3: is not JSON: ", id="no-value"),
        pytest.param("", "1: is not JSON: ", id="empty"),
        pytest.param("[]", "1: dashboard cannot be read: a list is not a dashboard", id="list"),
        pytest.param('"x"', "1: dashboard cannot be read: a str is not a dashboard", id="text"),
        pytest.param(
            '{"title": 7}', "1: dashboard cannot be read: title is a number, not a text", id="title"
        ),
        pytest.param(
            '{"title": "\\ud800"}',
            "1: dashboard cannot be read: 'utf-8' codec can't encode",
            id="half-a-letter",
        ),
        pytest.param(
            '{"title": "x", "panels": {"a": 1}}',
            "1: dashboard cannot be read: panels is an object, not a list",
            id="panels",
        ),
        pytest.param(
            '{"title": "x", "panels": [{"type": "row", "panels": [1]}]}',
            "1: dashboard cannot be read: panels[0].panels[0] is a number, not an object",
            id="panel-in-row",
        ),
        pytest.param(
            '{"title": "x", "panels": [{"gridPos": {"x": "0", "y": 0, "w": 1, "h": 1}}]}',
            "1: dashboard cannot be read: panels[0].gridPos.x is a text, not a number",
            id="place",
        ),
        pytest.param(
            '{"title": "x", "templating": {"list": ["a"]}}',
            "1: dashboard cannot be read: templating.list[0] is a text, not an object",
            id="variable",
        ),
        pytest.param(
            '{"title": "x", "panels": [{"type": "stat", "title": "S", "targets": "up"}]}',
            "1: panel 'S': targets is a text, not a list",
            id="targets",
        ),
        pytest.param(
            '{"title": "x", "panels": [{"type": "stat", "targets": [{"expr": ["up"]}]}]}',
            "1: stat panel without a title: expr is a list, not a query or PromQL text",
            id="query",
        ),
    ],
)
def test_broken_file(project: ProjectFolder, text: str, expected: str) -> None:
    """JSON that is none, or none of a dashboard, is a mistake that says where and why."""
    project.write({"dashboards/x.json": text})
    (problem,) = problems(project)
    assert problem.startswith(f"dashboards/x.json:{expected}"), problem


RESOURCE = {
    "apiVersion": "dashboard.grafana.app/v1beta1",
    "kind": "Dashboard",
    "metadata": {"name": "x"},
    "spec": exported(),
}


@pytest.mark.parametrize("file", ["x.json", "x.py"])
def test_an_envelope_gives_the_uid_and_the_folder(project: ProjectFolder, file: str) -> None:
    """A dashboard of Grafana's Kubernetes-style API, as a file and as a dictionary of Python."""
    body = {**RESOURCE, "metadata": {"name": "x", "annotations": {"grafana.app/folder": "team"}}}
    text = json.dumps(body)
    if file.endswith(".py"):
        text = f"import json\nx = json.loads({text!r})\n"
    project.write({f"dashboards/{file}": text})
    built = project.resource(Kind.DASHBOARD)
    assert ("x", "team") == (built.uid, built.folder)


INPUTS = [
    {"name": "DS_PROM", "type": "datasource", "pluginId": "prometheus", "label": "Prometheus"},
    {"name": "VAR_TEAM", "type": "constant", "value": "shop", "label": "team"},
]


@pytest.mark.parametrize(
    "given", [{"type": "prometheus", "uid": "${DS_PROM}"}, "${DS_PROM}"], ids=["reference", "name"]
)
def test_export_for_sharing(given: Any) -> None:
    """An export for sharing asks the default data source of the type, as the import dialog would
    fill in."""
    constant = {"name": "team", "type": "constant", "query": "${VAR_TEAM}", "hide": 2}
    body = dashboard(
        exported(graph(datasource=given), __inputs=INPUTS, templating={"list": [constant]})
    )
    assert REF == only_panel(body)["datasource"]
    assert "shop" == body["templating"]["list"][0]["query"]
    assert "__inputs" not in body


def test_export_for_sharing_without_data_source() -> None:
    """An input without a data source of its type stays open: the mistake says how to fill it in."""
    body = exported(graph(), __inputs=[{**INPUTS[0], "pluginId": "tempo"}])
    expected = (
        "dashboard cannot be read: the project has no default data source of type tempo for its "
        "input DS_PROM; name each in gk.yaml (inputs: {DS_PROM: UID}) or with "
        "Dashboard.wrap(..., inputs=...)"
    )
    assert [expected] == mistakes(body)


# Data sources


@every(
    "given, expected",
    [
        pytest.param("Prometheus", REF, id="name"),
        pytest.param("prometheus", REF, id="uid"),
        pytest.param({"type": "prometheus", "uid": "prometheus"}, REF, id="reference"),
        pytest.param({"uid": "prometheus"}, REF, id="uid-alone"),
        pytest.param({"type": "loki"}, LOKI.ref, id="type-alone"),
        pytest.param({"type": "loki", "uid": ""}, LOKI.ref, id="empty-uid"),
        pytest.param("default", REF, id="default"),
        pytest.param("-- Default --", REF, id="default-by-its-new-name"),
        pytest.param(None, REF, id="null"),
        pytest.param(
            "-- Dashboard --", {"type": "datasource", "uid": "-- Dashboard --"}, id="dashboard"
        ),
        pytest.param("-- Grafana --", {"type": "datasource", "uid": "grafana"}, id="grafana"),
        pytest.param(
            {"type": "datasource", "uid": "grafana"},
            {"type": "datasource", "uid": "grafana"},
            id="grafana-by-uid",
        ),
        pytest.param("$ds", {"type": "loki", "uid": "${ds}"}, id="variable"),
        pytest.param("[[ds]]", {"type": "loki", "uid": "${ds}"}, id="old-variable"),
        pytest.param(
            {"type": "loki", "uid": "${ds}"},
            {"type": "loki", "uid": "${ds}"},
            id="variable-with-type",
        ),
    ],
)
def test_data_source(given: Any, expected: Json) -> None:
    """However a panel names its data source, it becomes a reference, and so does that of its
    target."""
    variable = {"name": "ds", "type": "datasource", "query": "loki"}
    body = exported(
        graph(datasource=given, targets=[{"refId": "A"}]), templating={"list": [variable]}
    )
    panel = only_panel(dashboard(PROMETHEUS, LOKI, body))
    assert (expected, expected) == (panel["datasource"], panel["targets"][0]["datasource"])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param("Loki", LOKI.ref, id="another"),
        pytest.param("-- Default --", None, id="Grafana's default"),
    ],
)
def test_a_wrapped_export_says_the_data_source_of_what_names_none(
    chosen: str, expected: Json | None
) -> None:
    """In place of the project's default; panels that name one keep it."""
    body = exported(graph(datasource=None), {**graph(datasource="Prometheus"), "id": 4})

    panels = dashboard(PROMETHEUS, LOKI, gk.Dashboard.wrap(body, datasource=chosen))["panels"]

    assert [expected, REF] == [panel.get("datasource") for panel in panels]


def test_mixed() -> None:
    """In a mixed panel each target has its own; one that names none asks the default."""
    targets = [
        {"expr": "up", "datasource": "Loki"},
        {"expr": "up"},
        {"datasource": "-- Dashboard --", "panelId": 3},
    ]
    panel = only_panel(
        dashboard(PROMETHEUS, LOKI, exported(graph(datasource="-- Mixed --", targets=targets)))
    )
    assert {"type": "datasource", "uid": "-- Mixed --"} == panel["datasource"]
    assert ["loki", "prometheus", "-- Dashboard --"] == [
        target["datasource"]["uid"] for target in panel["targets"]
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            "Promtheus",
            "panel 'Up': data source 'Promtheus' is not defined in datasources/; "
            "did you mean 'Prometheus'?",
            id="name",
        ),
        pytest.param(
            {"type": "prometheus", "uid": "PBFA97CFB590B2093"},
            "panel 'Up': data source 'PBFA97CFB590B2093' is not defined in datasources/; "
            "define it there, with external=True if it is provisioned elsewhere",
            id="uid",
        ),
    ],
)
def test_unknown_data_source(given: Any, expected: str) -> None:
    """A data source that the project does not define is a mistake of the panel."""
    assert [expected] == mistakes(exported(graph(datasource=given)))


def test_options_of_loki_stay() -> None:
    """A target of Loki keeps its step, which is Prometheus's noise."""
    target = {
        "expr": "rate({app=~'.+'}[1m])",
        "step": "30s",
        "instant": False,
        "refId": "A",
        "hide": False,
    }
    (compiled,) = only_panel(
        dashboard(PROMETHEUS, LOKI, exported(graph(datasource="Loki", targets=[target])))
    )["targets"]
    assert {
        "datasource": LOKI.ref,
        "expr": "rate({app=~'.+'}[1m])",
        "step": "30s",
        "instant": False,
        "refId": "A",
    } == compiled


def test_target_of_others_stays() -> None:
    """What gk does not know of a target is left as it is."""
    target = {
        "datasource": {"type": "mysql", "uid": "db"},
        "rawSql": "SELECT 1",
        "format": "table",
        "refId": "A",
        "step": 10,
    }
    db = gk.Datasource.mysql("DB", uid="db", url="db:3306")
    (compiled,) = only_panel(dashboard(PROMETHEUS, db, exported(graph(targets=[target]))))[
        "targets"
    ]
    assert target == compiled


def test_missing_legend_stays_missing() -> None:
    """A target of JSON without a legend keeps Grafana's own, which names every label."""
    (target,) = only_panel(dashboard(exported(graph(targets=[{"expr": "up", "refId": "A"}]))))[
        "targets"
    ]
    assert "legendFormat" not in target
