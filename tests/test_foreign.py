"""Dashboards that were made elsewhere: grafanalib, the Foundation SDK, exported JSON; and the form
all of them get."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from grafanalib import core
from hypothesis import given
from hypothesis import strategies as st

import gk
from gk import Dashboard, Row
from gk.documents.strip import UNTOUCHED
from gk.errors import DefinitionError
from gk.resource import Kind, canonical
from tests.conftest import ProjectFolder
from tests.definitions import (
    LAW,
    LOKI,
    NODE,
    PROMETHEUS,
    REF,
    Json,
    busy,
    dashboard,
    dashboards,
    leaves,
    mistakes,
    problems,
    resources,
    up,
)

Target = core.Target


def exported(*panels: Any, **more: Any) -> Json:
    """A dashboard as Grafana 13 exports it, with panels."""
    return {
        "annotations": {
            "list": [
                {
                    "builtIn": 1,
                    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
                    "enable": True,
                    "hide": True,
                    "iconColor": "rgba(0, 211, 255, 1)",
                    "name": "Annotations & Alerts",
                    "type": "dashboard",
                }
            ]
        },
        "editable": True,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 0,
        "id": 17,
        "links": [],
        "panels": list(panels),
        "preload": False,
        "schemaVersion": 42,
        "tags": [],
        "templating": {"list": []},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": "Exported",
        "uid": "exported",
        "version": 5,
        **more,
    }


def graph(**more: Any) -> Json:
    """A time series as Grafana 13 exports it."""
    return {
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "fieldConfig": {"defaults": {"custom": {"lineWidth": 1}, "mappings": []}, "overrides": []},
        "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
        "id": 3,
        "options": {
            "legend": {
                "calcs": [],
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": True,
            }
        },
        "pluginVersion": "13.2.3",
        "targets": [
            {
                "editorMode": "code",
                "expr": "up",
                "legendFormat": "__auto",
                "range": True,
                "refId": "A",
            }
        ],
        "title": "Up",
        "type": "timeseries",
        **more,
    }


def only_panel(body: Json) -> Json:
    (found,) = body["panels"]
    assert isinstance(found, dict)
    return found


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
    found = only_panel(dashboard(exported(graph(fieldConfig=config))))["fieldConfig"]["defaults"][
        "custom"
    ]
    assert {"fillOpacity": 20, "spanNulls": 0} == found


def test_changed_built_in_annotation_stays() -> None:
    """Somebody who switched Grafana's own annotation off finds it off."""
    body = exported()
    body["annotations"]["list"][0]["enable"] = False
    (found,) = dashboard(body)["annotations"]["list"]
    assert (1, False, "-- Grafana --") == (
        found["builtIn"],
        found["enable"],
        found["datasource"]["uid"],
    )


def test_export_is_not_changed() -> None:
    """Compiling leaves the definition's own dictionary as it was."""
    body = exported(graph())
    before = json.dumps(body)
    dashboard(body)
    assert before == json.dumps(body)


@pytest.mark.parametrize("version", range(16, 43))
def test_schema_versions(version: int) -> None:
    """A dashboard of any schema version since Grafana 5 comes out in the current one, with its
    panels."""
    body = dashboard(exported(graph(), schemaVersion=version))
    assert (42, [3], ["Up"]) == (
        body["schemaVersion"],
        [each["id"] for each in body["panels"]],
        [each["title"] for each in body["panels"]],
    )


def test_rows_of_grafana_4() -> None:
    """A dashboard with rows, of before Grafana 5, has its panels on the grid."""
    rows = [
        {"title": "R", "showTitle": True, "panels": [{"type": "text", "title": "a", "span": 6}]}
    ]
    body = dashboard({"title": "Old", "schemaVersion": 14, "rows": rows})
    assert [("R", 0), ("a", 1)] == [
        (each["title"], each["gridPos"]["y"]) for each in body["panels"]
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
        (each["title"], each.get("panels")) for each in dashboard(exported(row))["panels"]
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
    (found,) = problems(project)
    assert found.startswith(f"dashboards/x.json:{expected}"), found


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


@pytest.mark.parametrize(
    ("given", "expected"),
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
    found = only_panel(dashboard(PROMETHEUS, LOKI, body))
    assert (expected, expected) == (found["datasource"], found["targets"][0]["datasource"])


def test_mixed() -> None:
    """In a mixed panel each target has its own; one that names none asks the default."""
    targets = [
        {"expr": "up", "datasource": "Loki"},
        {"expr": "up"},
        {"datasource": "-- Dashboard --", "panelId": 3},
    ]
    found = only_panel(
        dashboard(PROMETHEUS, LOKI, exported(graph(datasource="-- Mixed --", targets=targets)))
    )
    assert {"type": "datasource", "uid": "-- Mixed --"} == found["datasource"]
    assert ["loki", "prometheus", "-- Dashboard --"] == [
        each["datasource"]["uid"] for each in found["targets"]
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
    (found,) = only_panel(
        dashboard(PROMETHEUS, LOKI, exported(graph(datasource="Loki", targets=[target])))
    )["targets"]
    assert {
        "datasource": LOKI.ref,
        "expr": "rate({app=~'.+'}[1m])",
        "step": "30s",
        "instant": False,
        "refId": "A",
    } == found


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
    (found,) = only_panel(dashboard(PROMETHEUS, db, exported(graph(targets=[target]))))["targets"]
    assert target == found


def test_missing_legend_stays_missing() -> None:
    """A target of JSON without a legend keeps Grafana's own, which names every label."""
    (found,) = only_panel(dashboard(exported(graph(targets=[{"expr": "up", "refId": "A"}]))))[
        "targets"
    ]
    assert "legendFormat" not in found


# grafanalib


def lib(*panels: Any, **more: Any) -> core.Dashboard:
    return core.Dashboard(title="Lib", panels=list(panels), **more)


@pytest.mark.parametrize(
    "panel",
    [
        core.TimeSeries(title="P", targets=[Target(expr=busy)]),
        core.Stat(title="P", targets=[Target(expr=busy)]),
        core.GaugePanel(title="P", targets=[Target(expr=busy)]),
        core.BarGauge(title="P", targets=[Target(expr=busy)]),
        core.Table(title="P", targets=[Target(expr=busy)]),
    ],
    ids=lambda panel: type(panel).__name__,
)
def test_snippet_in_grafanalib(panel: Any) -> None:
    """A snippet may stand in a target of grafanalib, and brings its unit and its description."""
    found = only_panel(dashboard(lib(panel)))
    rendered = (
        "1 - avg by (instance) "
        '(rate(node_cpu_seconds_total{job="node-exporter",mode="idle"}[$__rate_interval]))'
    )
    assert [(rendered, "A", REF)] == [
        (each["expr"], each["refId"], each["datasource"]) for each in found["targets"]
    ]
    assert ("percentunit", busy.description) == (
        found["fieldConfig"]["defaults"]["unit"],
        found["description"],
    )


@pytest.mark.parametrize("make", [core.GaugePanel, core.BarGauge])
def test_gauge_of_grafanalib_has_the_bounds_of_the_unit(make: Any) -> None:
    """grafanalib's own bounds, 0 to 100, are not those of a share."""
    defaults = only_panel(dashboard(lib(make(title="P", targets=[Target(expr=busy)]))))[
        "fieldConfig"
    ]["defaults"]
    assert (0, 1) == (defaults["min"], defaults["max"])


def test_snippet_in_json() -> None:
    """A snippet may stand in JSON, too: the panel has its unit, and the thresholds of the alert on
    it."""
    given = {"title": "P", "type": "stat", "targets": [{"expr": busy}]}
    found = only_panel(dashboard(exported(given), gk.alert_group("g", [gk.alert("A", busy > 0.9)])))
    defaults = found["fieldConfig"]["defaults"]
    assert ("percentunit", [None, 0.9]) == (
        defaults["unit"],
        [each["value"] for each in defaults["thresholds"]["steps"]],
    )


def test_unit_of_grafanalib_wins() -> None:
    """A unit that a panel of grafanalib names stays, and so do its bounds."""
    panel = core.GaugePanel(title="P", format="percent", targets=[Target(expr=busy)])
    defaults = only_panel(dashboard(lib(panel)))["fieldConfig"]["defaults"]
    assert ("percent", 0, 100) == (defaults["unit"], defaults["min"], defaults["max"])


@pytest.mark.parametrize(
    "given", [PROMETHEUS, "Prometheus", {"type": "prometheus", "uid": "prometheus"}]
)
def test_data_source_of_grafanalib(given: Any) -> None:
    """A panel of grafanalib names its data source as it likes, as one of gk's definitions too."""
    assert (
        REF
        == only_panel(
            dashboard(
                lib(core.TimeSeries(title="P", dataSource=given, targets=[Target(expr="up")]))
            )
        )["datasource"]
    )


@pytest.mark.parametrize(("factor", "expected"), [(2, 2), (1, None)])
def test_interval_factor_of_grafanalib(factor: int, expected: int | None) -> None:
    """A factor still multiplies the step, so it stays unless it is 1."""
    target = Target(expr="up", intervalFactor=factor)
    (found,) = only_panel(dashboard(lib(core.TimeSeries(title="P", targets=[target]))))["targets"]
    assert expected == found.get("intervalFactor")


def test_rows_of_grafanalib() -> None:
    """RowPanels, expanded and collapsed, hold or precede their panels."""
    inside = [core.Text(title="a", content="x")]
    body = dashboard(
        lib(
            core.RowPanel(title="R", panels=inside),
            core.RowPanel(title="S", panels=inside, collapsed=True),
        )
    )
    assert [("R", 0), ("a", None), ("S", 1)] == [
        (each["title"], len(each["panels"]) if "panels" in each else None)
        for each in body["panels"]
    ]


def test_old_rows_of_grafanalib() -> None:
    """The rows of before Grafana 5, which grafanalib still has, become panels on the grid."""
    row = core.Row(
        title="R",
        showTitle=True,
        panels=[core.Graph(title="g", dataSource="Prometheus", targets=[Target(expr="up")])],
    )
    body = dashboard(core.Dashboard(title="Lib", rows=[row]))
    assert [("R", "row"), ("g", "graph")] == [
        (each["title"], each["type"]) for each in body["panels"]
    ]


def test_rows_and_panels_of_grafanalib() -> None:
    """grafanalib drops the panels of a dashboard that has rows, which is told and not done."""
    definition = core.Dashboard(
        title="Lib", rows=[core.Row(panels=[])], panels=[core.Text(title="a", content="x")]
    )
    (found,) = mistakes(definition)
    assert (
        "it has rows and panels, and grafanalib then leaves out the panels; put them into a row"
        in found
    )


def test_heatmap_of_grafanalib() -> None:
    """grafanalib's heatmap is Angular's, and comes out as today's."""
    found = only_panel(dashboard(lib(core.Heatmap(title="P", targets=[Target(expr="up")]))))
    assert (True, set()) == (
        found["options"]["calculate"],
        {"cards", "yAxis", "dataFormat"} & found.keys(),
    )


def test_annotation_of_grafanalib() -> None:
    """Annotations of grafanalib are plain dictionaries, and may hold a snippet."""
    marks = core.Annotations(
        [
            {
                "name": "Down",
                "datasource": "Prometheus",
                "expr": up,
                "enable": True,
                "iconColor": "red",
            }
        ]
    )
    (found,) = dashboard(lib(annotations=marks))["annotations"]["list"]
    assert (REF, 'up{job="node-exporter"}') == (found["datasource"], found["expr"])


@pytest.mark.parametrize(
    "given",
    [core.DashboardLink(title="L", uri="/d/x"), core.ExternalLink("https://example.com", "L")],
    ids=["dashboard", "url"],
)
def test_links_of_grafanalib(given: Any) -> None:
    """Links of grafanalib keep their titles."""
    assert ["L"] == [each["title"] for each in dashboard(lib(links=[given]))["links"]]


@pytest.mark.parametrize(
    "definition",
    [
        lib(
            core.TimeSeries(title="P", targets=[Target(expr=busy)]),
            core.Stat(title="S", targets=[Target(expr="up")]),
        ),
        core.Dashboard(
            title="Lib", rows=[core.Row(title="R", panels=[core.Text(title="a", content="x")])]
        ),
    ],
    ids=["panels", "rows"],
)
def test_nulls_of_grafanalib(definition: core.Dashboard) -> None:
    """Nothing is null but the value of base thresholds."""
    nulls = [way for way, value in leaves(dashboard(definition)) if value is None]
    assert {("steps", 0, "value")} >= {way[-3:] for way in nulls}


# Wrapped


def test_wrapped() -> None:
    """A dashboard made elsewhere can have a folder and a uid of the project's."""
    (found,) = (
        each
        for each in resources(Dashboard.wrap(exported(), folder="Team", uid="mine"))
        if each.kind is Kind.DASHBOARD
    )
    assert ("mine", "team", "Exported", "mine") == (
        found.uid,
        found.folder,
        found.title,
        found.body["uid"],
    )


def test_wrapped_is_no_definition_itself(project: ProjectFolder) -> None:
    """What is wrapped counts once, though it has a name in the module, too."""
    project.write(
        {
            "dashboards/d.py": f"""
                from gk import Dashboard

                raw = {exported()!r}
                dashboard = Dashboard.wrap(raw, uid="mine")
            """
        }
    )
    assert "mine" == project.resource(Kind.DASHBOARD).uid


# Foundation SDK


def needs_sdk(test: Any) -> Any:
    """Mark a test of the SDK, which says of its classic dashboards that newer ones are
    preferred."""
    quiet = pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
    return quiet(
        pytest.mark.skipif(
            sys.version_info < (3, 11), reason="the Foundation SDK needs Python 3.11"
        )(test)
    )


@pytest.fixture
def sdk() -> Any:
    """The Foundation SDK's builders, as a namespace."""
    from grafana_foundation_sdk import builders  # noqa: PLC0415
    from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries  # noqa: F401, PLC0415

    return builders


def built(sdk: Any) -> Any:
    target = sdk.prometheus.Dataquery().expr(busy).ref_id("A")
    return (
        sdk.dashboard.Dashboard("SDK")
        .uid("sdk")
        .with_variable(sdk.dashboard.QueryVariable("job").query("label_values(up, job)"))
        .with_row(sdk.dashboard.Row("R"))
        .with_panel(sdk.timeseries.Panel().title("CPU").with_target(target))
        .with_panel(sdk.stat.Panel().title("Up").with_target(sdk.prometheus.Dataquery().expr("up")))
    )


@needs_sdk
@pytest.mark.parametrize(
    "finish", [lambda builder: builder, lambda builder: builder.build()], ids=["builder", "model"]
)
def test_foundation_sdk(sdk: Any, finish: Any) -> None:
    """A builder of the Foundation SDK, and what it builds, is a definition that may hold
    snippets."""
    body = dashboard(finish(built(sdk)))
    assert ("sdk", 42) == (body["uid"], body["schemaVersion"])
    assert [("row", "R"), ("timeseries", "CPU"), ("stat", "Up")] == [
        (each["type"], each["title"]) for each in body["panels"]
    ]
    assert busy.description == body["panels"][1]["description"]
    assert REF == body["panels"][2]["datasource"] == body["templating"]["list"][0]["datasource"]


@needs_sdk
def test_ids_of_the_foundation_sdk(sdk: Any) -> None:
    """Its panels have no ids, and its rows all the same: each gets one of its own."""
    ids = [each["id"] for each in dashboard(built(sdk))["panels"]]
    assert (3, True) == (len(set(ids)), min(ids) > 0)


@needs_sdk
def test_canonical_form_of_the_foundation_sdk(sdk: Any) -> None:
    """Its enumerations are plain texts, so that defaults among them are left out; its empty
    annotations are, too."""
    body = dashboard(built(sdk))
    assert "annotations" not in body
    assert {str, int, float, bool, dict, list, type(None)} >= {
        type(value) for _, value in leaves(body)
    }


@needs_sdk
def test_foundation_sdk_in_a_file(project: ProjectFolder, sdk: Any) -> None:
    """A builder at module level is found, and its place is told."""
    project.write(
        {
            "dashboards/d.py": """
                from grafana_foundation_sdk.builders import dashboard as sdk

                built = sdk.Dashboard("SDK").uid("sdk")
            """
        }
    )
    assert "dashboards/d.py:3" == str(project.resource(Kind.DASHBOARD).source)


# Laws

WORDS = st.sampled_from(["", "a", "up", "A", "prometheus", "null"])
UNITS = st.sampled_from(["", "s", "percentunit", "none"])
REFS = st.sampled_from(
    [
        "Prometheus",
        "prometheus",
        "default",
        "-- Mixed --",
        "-- Grafana --",
        REF,
        {"type": "loki"},
        None,
    ]
)


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object with some of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


TARGETS = some(
    expr=WORDS,
    refId=WORDS,
    datasource=REFS,
    legendFormat=WORDS,
    hide=st.booleans(),
    query=WORDS,
    step=st.integers(-9, 99),
)
GRID = some(x=st.integers(0, 24), y=st.integers(0, 50), w=st.integers(1, 24), h=st.integers(1, 20))
STEPS = st.lists(some(color=WORDS, value=st.integers(-9, 99)), max_size=2)
FIELD = some(
    unit=UNITS,
    min=st.integers(-9, 99),
    custom=some(drawStyle=WORDS, stacking=some(mode=WORDS), displayMode=WORDS),
    thresholds=some(mode=WORDS, steps=STEPS),
    mappings=st.lists(
        some(type=WORDS, options=some(a=some(text=WORDS)), value=WORDS, text=WORDS), max_size=2
    ),
    links=st.lists(some(title=WORDS, url=WORDS, targetBlank=st.booleans()), max_size=2),
    color=some(mode=WORDS),
)
CONFIG = some(
    defaults=FIELD,
    overrides=st.lists(
        some(
            matcher=some(id=WORDS, options=WORDS),
            properties=st.lists(some(id=WORDS, value=WORDS), max_size=2),
        ),
        max_size=2,
    ),
)
OPTIONS = some(
    legend=some(displayMode=WORDS, showLegend=st.booleans()),
    yAxis=some(unit=UNITS),
    reduceOptions=some(calcs=st.lists(WORDS, max_size=2)),
    fieldOptions=some(defaults=FIELD, thresholds=STEPS, calcs=st.lists(WORDS, max_size=2)),
    tooltip=some(mode=WORDS),
)
TYPES = st.sampled_from([
    "timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "state-timeline", "piechart",
    "text", "logs", "graph", "singlestat", "alertlist", "dashlist",
])  # fmt: skip
PANEL = {
    "type": TYPES,
    "title": WORDS,
    "id": st.integers(-1, 5),
    "gridPos": GRID,
    "datasource": REFS,
    "targets": st.lists(TARGETS, max_size=3),
    "fieldConfig": CONFIG,
    "options": OPTIONS,
    "links": st.lists(some(title=WORDS, url=WORDS), max_size=2),
    "transformations": st.lists(some(id=WORDS, options=some(a=WORDS)), max_size=2),
    "description": WORDS,
    "span": st.integers(1, 12),
}
ROW = some(
    type=st.just("row"),
    title=WORDS,
    collapsed=st.booleans(),
    panels=st.lists(some(**PANEL), max_size=2),
    gridPos=GRID,
)
VARIABLES = some(
    name=WORDS,
    type=st.sampled_from(
        ["query", "custom", "datasource", "interval", "constant", "textbox", "adhoc"]
    ),
    query=st.one_of(WORDS, some(query=WORDS, refId=WORDS)),
    datasource=REFS,
    multi=st.booleans(),
    includeAll=st.booleans(),
    current=some(text=WORDS, value=st.one_of(WORDS, st.lists(WORDS, max_size=2))),
    refresh=st.integers(0, 2),
    hide=st.integers(0, 2),
)
BODIES = st.builds(
    lambda title, body: {"title": title, **body},
    st.sampled_from(["T", "Title", "Ü"]),
    some(
        schemaVersion=st.sampled_from([0, 12, 14, 16, 30, 36, 41, 42]),
        panels=st.lists(st.one_of(some(**PANEL), ROW), max_size=4),
        rows=st.lists(
            some(
                title=WORDS,
                showTitle=st.booleans(),
                collapse=st.booleans(),
                panels=st.lists(some(**PANEL), max_size=2),
            ),
            max_size=2,
        ),
        templating=some(list=st.lists(VARIABLES, max_size=3)),
        annotations=some(
            list=st.lists(
                some(name=WORDS, expr=WORDS, datasource=REFS, builtIn=st.integers(0, 1)), max_size=2
            )
        ),
        links=st.lists(some(title=WORDS, type=WORDS, url=WORDS), max_size=2),
        tags=st.lists(WORDS, max_size=2),
        time=some(to=WORDS),
        refresh=WORDS,
        timepicker=some(time_options=st.lists(WORDS, max_size=1)),
        graphTooltip=st.integers(0, 2),
        __inputs=st.lists(
            some(name=WORDS, type=st.just("datasource"), pluginId=st.just("loki")), max_size=1
        ),
    ),
)


def panels_of(body: Json) -> list[Json]:
    return [each for panel in body.get("panels", ()) for each in (panel, *panel.get("panels", ()))]


@LAW
@given(BODIES)
def test_any_dashboard_compiles_to_its_canonical_form(body: Json) -> None:
    """A dashboard of the right shape, whatever is in it, compiles to what compiles to itself, with
    ids of its own."""
    (compiled,) = dashboards(PROMETHEUS, LOKI, body)
    ids = [each["id"] for each in panels_of(compiled)]
    assert len(ids) == len(set(ids))
    assert canonical(compiled) == canonical(dashboard(PROMETHEUS, LOKI, body))
    assert canonical(compiled) == canonical(dashboard(PROMETHEUS, LOKI, compiled))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 30),
        st.floats(0, 9),
        st.sampled_from(["", "x", "$x", "\ud800"]),
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=2), st.dictionaries(WORDS, inside, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Json:
    """A dashboard of the right shape in all but one place."""
    body = draw(BODIES)
    where: Any = body
    while True:
        key = draw(st.sampled_from(sorted(where) if isinstance(where, dict) else range(len(where))))
        if not where[key] or not isinstance(where[key], (dict, list)) or draw(st.booleans()):
            where[key] = draw(VALUES)
            return body
        where[key] = inside = where[key].copy()
        where = inside


@LAW
@given(spoilt())
def test_a_dashboard_with_a_mistake_compiles_or_is_refused(body: Json) -> None:
    """Whatever stands where something else belongs, it is told or left alone, and is no reason to
    fail."""
    try:
        (compiled,) = dashboards(PROMETHEUS, LOKI, body)
    except DefinitionError:
        return
    assert canonical(compiled) == canonical(dashboard(PROMETHEUS, LOKI, compiled))


def strict(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Some of a constructor's arguments."""
    return st.fixed_dictionaries({}, optional=keys)


QUERIES = st.sampled_from([busy, up, "up", "rate(x[5m])"])
COMMON = strict(
    unit=st.sampled_from(["", "s", "percentunit", "bytes"]),
    description=st.sampled_from(["", "What"]),
    thresholds=st.sampled_from([{}, {1: "red"}, {None: "blue", 2: "red"}]),
    color=st.sampled_from(["thresholds", "red"]),
    mappings=st.sampled_from([{}, {1: "Up", 0: ("Down", "red")}]),
    min=st.integers(0, 1),
    width=st.integers(1, 24),
    height=st.integers(1, 12),
    key=st.sampled_from(["", "k"]),
    grid=st.sampled_from([(0, 0, 12, 8), (12, 30, 12, 8)]),
    repeat=st.just("node"),
    links=st.just([gk.link("L", "/")]),
    data_links=st.just([gk.link("L", "/", new_tab=True)]),
    overrides=st.just([gk.override(name="a", properties={"unit": "s"})]),
    transparent=st.booleans(),
    interval=st.sampled_from(["", "1m"]),
)
MAKERS = [
    gk.timeseries,
    gk.stat,
    gk.gauge,
    gk.bar_gauge,
    gk.table,
    gk.heatmap,
    gk.state_timeline,
    gk.pie_chart,
]
PANELS = st.one_of(
    st.builds(
        lambda make, title, queries, common: make(title, *queries, **common),
        st.sampled_from(MAKERS),
        st.sampled_from("abc"),
        st.lists(QUERIES, min_size=1, max_size=3),
        COMMON,
    ),
    st.builds(gk.text, st.sampled_from("abc"), st.just("# Hello")),
)
ROWS = st.builds(Row, st.sampled_from("abc"), st.lists(PANELS, max_size=3), collapsed=st.booleans())
NODES = gk.custom_variable("node", ["a", "b"])
DEFINITIONS = st.builds(
    lambda panels, rows, more: Dashboard(
        "D", panels=panels, rows=rows, **{"variables": [NODES], **more}
    ),
    st.lists(PANELS, max_size=4),
    st.lists(ROWS, max_size=3),
    strict(
        exporter=st.just(NODE),
        tags=st.lists(st.sampled_from("ab"), max_size=2),
        tooltip=st.sampled_from(["default", "crosshair"]),
        annotations=st.just([gk.annotation("A", up)]),
        links=st.just([gk.dashboard_link("L", dashboard="x")]),
        variables=st.just(
            [
                NODES,
                gk.query_variable("q", "label_values(up, job)", multi=True, include_all=True),
                gk.custom_variable("c", ["a", "b"]),
                gk.interval_variable("i"),
                gk.textbox_variable("t"),
                gk.constant_variable("k", "v"),
                gk.adhoc_variable("f"),
            ]
        ),
    ),
)


@LAW
@given(DEFINITIONS)
def test_the_form_is_canonical(definition: Dashboard) -> None:
    """A compiled dashboard, given back as JSON, compiles to itself; compiling twice gives the
    same."""
    compiled = dashboard(definition)
    assert canonical(compiled) == canonical(dashboard(definition))
    assert canonical(compiled) == canonical(dashboard(compiled))


@pytest.mark.parametrize(
    "definition",
    [
        lib(
            core.TimeSeries(title="P", targets=[Target(expr=busy)]),
            core.Heatmap(title="H", targets=[Target(expr="up")]),
            core.Table(title="T", targets=[Target(expr="up")]),
        )
    ],
)
def test_the_form_of_grafanalib_is_canonical(definition: core.Dashboard) -> None:
    """So it is with what grafanalib made."""
    compiled = dashboard(definition)
    assert canonical(compiled) == canonical(dashboard(compiled))
