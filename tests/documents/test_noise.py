"""What is no change of a dashboard, though its JSON differs: `gk diff` is silent about it, and what
an export builds to is equal to the export."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.noise import REF, Json, board, of_type, panel, query, said, variable

OF_VARIABLE = {"type": "prometheus", "uid": "${datasource}"}
SAVED_BY_GRAFANA = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "target": {"limit": 100, "matchAny": False, "tags": [], "type": "dashboard"},
    "type": "dashboard",
}


def row(**keys: Any) -> Json:
    """A dashboard with a row above its panel."""
    place = {"x": 0, "y": 0, "w": 24, "h": 1}
    below = {"x": 0, "y": 1, "w": 12, "h": 8}
    own = {"id": 2, "type": "row", "title": "R", "collapsed": False, "gridPos": place, "panels": []}
    return board({**own, **keys}, panel(gridPos=below))


def with_thresholds(*steps: Json) -> Json:
    """A dashboard whose panel has these thresholds."""
    thresholds = {"mode": "absolute", "steps": list(steps)}
    return board(panel(fieldConfig={"defaults": {"thresholds": thresholds}, "overrides": []}))


def datasource_variable() -> Json:
    """The variable `$datasource`."""
    return {"name": "datasource", "type": "datasource", "query": "prometheus"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            board(panel(datasource="prometheus", targets=[{"refId": "A", "expr": "up"}])),
            board(),
            id="name of a data source",
        ),
        pytest.param(
            board(
                panel(datasource="$datasource", targets=[{"refId": "A", "expr": "up"}]),
                templating={"list": [datasource_variable()]},
            ),
            board(
                panel(
                    datasource=OF_VARIABLE,
                    targets=[{"refId": "A", "expr": "up", "datasource": OF_VARIABLE}],
                ),
                templating={"list": [datasource_variable()]},
            ),
            id="variable of data sources",
        ),
        pytest.param(
            board(panel(targets=[{"expr": "up", "datasource": REF}])), board(), id="refId"
        ),
        pytest.param(
            board(
                panel(
                    targets=[
                        {
                            "refId": "A",
                            "expr": "up",
                            "format": "time_series",
                            "interval": "",
                            "intervalFactor": 1,
                            "legendFormat": "",
                        }
                    ]
                )
            ),
            board(),
            id="defaults of a query",
        ),
        pytest.param(
            variable(),
            variable(
                definition="label_values(up, job)",
                query={
                    "qryType": 1,
                    "query": "label_values(up, job)",
                    "refId": "PrometheusVariableQueryEditor-VariableQuery",
                },
            ),
            id="query of a variable",
        ),
        pytest.param(
            variable(),
            variable(
                allowCustomValue=True,
                auto=False,
                auto_count=30,
                auto_min="10s",
                queryValue="",
                tagsQuery="",
                tagValuesQuery="",
                useTags=False,
            ),
            id="defaults of a variable",
        ),
        pytest.param(
            row(),
            row(datasource=REF, targets=[{"refId": "A", "datasource": REF}]),
            id="query of a row",
        ),
        pytest.param(row(), row(gridPos={"x": 3, "y": 0, "w": 9, "h": 4}), id="size of a row"),
        pytest.param(row(), row(id=None), id="row without an id"),
        pytest.param(board(), board(panel(id=0)), id="id that is none"),
        pytest.param(board(), board(panel(gridPos={"y": 0, "w": 12, "h": 8})), id="no column"),
        pytest.param(
            with_thresholds({"color": "red", "value": None}, {"color": "green", "value": 1}),
            with_thresholds({"color": "red"}, {"color": "green", "value": 1}),
            id="base step without a value",
        ),
        pytest.param(
            board(),
            with_thresholds({"color": "green", "value": None}, {"color": "red", "value": 80}),
            id="default thresholds",
        ),
        pytest.param(
            of_type("stat", reduceOptions={"calcs": ["mean"]}),
            of_type(
                "stat",
                percentChangeColorMode="standard",
                reduceOptions={"calcs": ["mean"], "fields": "", "values": False},
                showPercentChange=False,
                wideLayout=True,
            ),
            id="options of a stat",
        ),
        pytest.param(
            of_type("heatmap"), of_type("heatmap", selectionMode="x"), id="options of a heatmap"
        ),
        pytest.param(
            board(),
            board(
                panel(
                    options={
                        "legend": {
                            "calcs": [],
                            "displayMode": "list",
                            "placement": "bottom",
                            "showLegend": True,
                        }
                    },
                    repeatDirection="h",
                )
            ),
            id="legend and direction",
        ),
        pytest.param(
            board(), board(annotations={"list": [SAVED_BY_GRAFANA]}), id="built-in annotation"
        ),
        pytest.param(
            board({"id": 3, "type": "text", "gridPos": panel()["gridPos"], "options": False}),
            board({"id": 3, "type": "text", "gridPos": panel()["gridPos"], "datasource": REF}),
            id="panel without data",
        ),
    ],
)
def test_what_means_nothing_is_no_change(tmp_path: Path, old: Json, new: Json) -> None:
    assert "" == said(tmp_path, old, new)
    assert "" == said(tmp_path, new, old)


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        pytest.param(
            "    + annotation 'Annotations & Alerts'",
            board(annotations={"list": [SAVED_BY_GRAFANA]}),
            board(
                annotations={
                    "list": [
                        {
                            **SAVED_BY_GRAFANA,
                            "target": {
                                "limit": 100,
                                "matchAny": True,
                                "tags": ["deploy"],
                                "type": "tags",
                            },
                        }
                    ]
                }
            ),
            id="filter of the built-in annotation",
        ),
        pytest.param(
            "        data source: prometheus (prometheus) -> other",
            board(),
            board(panel(datasource="other", targets=[{"refId": "A", "expr": "up"}])),
            id="another data source",
        ),
        pytest.param(
            "        query A: format: table",
            board(),
            board(
                panel(targets=[{"refId": "A", "expr": "up", "format": "table", "datasource": REF}])
            ),
            id="format of a query",
        ),
    ],
)
def test_what_means_something_is_a_change(
    tmp_path: Path, expected: str, old: Json, new: Json
) -> None:
    assert expected in said(tmp_path, old, new).splitlines()


def test_the_data_source_of_a_query_may_be_a_text(tmp_path: Path) -> None:
    """Grafana before 8.3 wrote names, in panels and in queries."""
    old = board(panel(targets=[{"refId": "A", "expr": "up", "datasource": "Prom B"}]))
    new = copy.deepcopy(old)
    new["panels"][0]["targets"][0]["expr"] = "up == 0"
    assert ["        query A", "          - up", "          + up == 0"] == said(
        tmp_path, old, new
    ).splitlines()[2:5]


def of_gauge(project: ProjectFolder, body: Json) -> Json:
    """The panel that a gauge in an export is built to."""
    project.write({"dashboards/jobs.json": json.dumps(body)})
    built: Json = project.resource(Kind.DASHBOARD).body["panels"][0]
    return built


def test_an_exported_gauge_without_thresholds_keeps_those_of_grafana(
    project: ProjectFolder,
) -> None:
    """Without any, Grafana paints it green, and red from 80: gk adds none."""
    built = of_gauge(project, board(panel(type="gauge", fieldConfig={"defaults": {"max": 100}})))
    assert {"defaults": {"max": 100}} == built["fieldConfig"]


@pytest.mark.parametrize("unit", ["cores", "read/s"])
def test_an_export_may_have_any_text_for_a_unit(project: ProjectFolder, unit: str) -> None:
    """Grafana shows such a text after the value."""
    built = of_gauge(project, board(panel(fieldConfig={"defaults": {"unit": unit}})))
    assert unit == built["fieldConfig"]["defaults"]["unit"]


def test_an_export_may_leave_its_data_source_to_grafana(empty_project: ProjectFolder) -> None:
    """Where the project has no default, Grafana's own stays the one that is asked."""
    target = {"refId": "A", "expr": "up"}
    body = board(panel(targets=[target]))
    del body["panels"][0]["datasource"]
    built = of_gauge(empty_project, body)
    assert "datasource" not in built
    assert [target] == built["targets"]


def test_a_library_panel_in_an_export_is_put_in_its_place(project: ProjectFolder) -> None:
    """Only the import dialog of Grafana reads `__elements`."""
    model = {"type": "stat", "title": "Shared", "targets": [{"refId": "A", "expr": "sum(up)"}]}
    place = {"id": 1, "gridPos": {"x": 0, "y": 0, "w": 6, "h": 4}}
    body = board(
        {**place, "libraryPanel": {"uid": "lib", "name": "Shared"}},
        __elements={"lib": {"name": "Shared", "uid": "lib", "kind": 1, "model": model}},
    )
    built = of_gauge(project, body)
    assert ("stat", "Shared", "sum(up)") == (
        built["type"],
        built["title"],
        built["targets"][0]["expr"],
    )
    assert "libraryPanel" not in built


def test_rows_of_before_grafana_5_lay_out_panels_whose_position_is_empty(
    project: ProjectFolder,
) -> None:
    """`gridPos: {}` is no position."""
    panels = [panel(id=number, span=4, gridPos={}) for number in (1, 2, 3)]
    body = board(schemaVersion=14, rows=[{"title": "One", "height": "250px", "panels": panels}])
    del body["panels"]
    project.write({"dashboards/jobs.json": json.dumps(body)})
    built = project.resource(Kind.DASHBOARD).body["panels"]
    assert [(0, 8), (8, 8), (16, 8)] == [(p["gridPos"]["x"], p["gridPos"]["w"]) for p in built]


def test_an_export_may_name_a_variable_that_is_not_there(project: ProjectFolder) -> None:
    """Grafana shows the dashboard, and an error in the panel."""
    ref = {"type": "prometheus", "uid": "${gone}"}
    body = board(panel(datasource=ref, targets=[{"refId": "A", "expr": "up", "datasource": ref}]))
    assert ref == of_gauge(project, body)["datasource"]


def test_an_export_may_have_numbers_of_any_size(project: ProjectFolder) -> None:
    """JavaScript has floats only."""
    built = of_gauge(project, board(panel(fieldConfig={"defaults": {"max": 10**20}})))
    assert 1e20 == built["fieldConfig"]["defaults"]["max"]


TWO_INPUTS = [
    {"name": name, "type": "datasource", "pluginId": "prometheus"} for name in ("DS_A", "DS_B")
]


def two_inputs() -> Json:
    """An export that asks for two data sources of one type."""
    targets = [
        {
            "refId": name,
            "expr": "up",
            "datasource": {"type": "prometheus", "uid": f"${{DS_{name}}}"},
        }
        for name in "AB"
    ]
    mixed = {"type": "datasource", "uid": "-- Mixed --"}
    return board(panel(datasource=mixed, targets=targets), __inputs=TWO_INPUTS)


SECOND = """
    from gk import Datasource

    second = Datasource.prometheus("Second", uid="second", url="http://second:9090")
"""


@pytest.mark.parametrize(
    "say",
    [
        pytest.param({"gk.yaml": "inputs: {DS_A: prometheus, DS_B: Second}\n"}, id="gk.yaml"),
        pytest.param({}, id="definition"),
    ],
)
def test_the_inputs_of_an_export_can_be_said(project: ProjectFolder, say: dict[str, str]) -> None:
    """By uid or by name, in gk.yaml or at the definition."""
    export = json.dumps(two_inputs())
    wrapped = f"""
        import json

        from gk import Dashboard
        from datasources.prometheus import prometheus

        board = Dashboard.wrap(
            json.loads({export!r}), inputs={{"DS_A": prometheus, "DS_B": "Second"}}
        )
    """
    files = {"dashboards/jobs.json": export} if say else {"dashboards/jobs.py": wrapped}
    project.write({"datasources/second.py": SECOND, **say, **files})
    targets = project.resource(Kind.DASHBOARD).body["panels"][0]["targets"]
    assert ["prometheus", "second"] == [target["datasource"]["uid"] for target in targets]


def test_two_inputs_of_one_type_are_not_guessed(
    project: ProjectFolder, run_gk: Callable[..., Any]
) -> None:
    project.write({"dashboards/jobs.json": json.dumps(two_inputs())})
    assert (
        "dashboards/jobs.json:1: dashboard cannot be read: the inputs DS_A, DS_B are different "
        "data sources of type prometheus; name each in gk.yaml (inputs: {DS_A: UID}) or with "
        "Dashboard.wrap(..., inputs=...)\n"
    ) == run_gk("build").err


def test_a_data_source_that_an_export_names_often_is_unknown_once(
    project: ProjectFolder, run_gk: Callable[..., Any]
) -> None:
    unknown = {"type": "prometheus", "uid": "gone"}
    panels = [panel(id=number, datasource=unknown, targets=[]) for number in (1, 2, 3)]
    project.write({"dashboards/jobs.json": json.dumps(board(*panels))})
    assert 1 == run_gk("build").err.count("data source 'gone' is not defined")


ENVELOPES = [
    pytest.param(
        {
            "apiVersion": "grizzly.grafana.com/v1alpha1",
            "kind": "Dashboard",
            "metadata": {"name": "mine", "folder": "team"},
            "spec": board(),
        },
        id="Grizzly",
    ),
    pytest.param(
        {
            "apiVersion": "grafana.integreatly.org/v1beta1",
            "kind": "GrafanaDashboard",
            "metadata": {"name": "anything"},
            "spec": {"uid": "mine", "folder": "team", "json": json.dumps(board())},
        },
        id="operator",
    ),
    pytest.param(
        {
            "apiVersion": "dashboard.grafana.app/v0alpha1",
            "kind": "Dashboard",
            "metadata": {"name": "mine", "annotations": {"grafana.app/folder": "team"}},
            "spec": board(),
        },
        id="Grafana",
    ),
]


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_dashboard_is_taken_out_of_its_envelope(project: ProjectFolder, envelope: Json) -> None:
    """As YAML, beside a document that is something else."""
    text = yaml.safe_dump_all([{"kind": "Service", "apiVersion": "v1"}, envelope])
    project.write({"dashboards/jobs.yaml": text})
    built = project.resource(Kind.DASHBOARD)
    assert ("mine", "team", "Jobs") == (built.uid, built.folder, built.title)


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_diff_reads_the_envelopes_that_build_reads(tmp_path: Path, envelope: Json) -> None:
    answer = {"dashboard": board(uid="mine"), "meta": {"folderUid": "team", "folderTitle": "team"}}
    assert "" == said(tmp_path, envelope, answer)


def test_an_envelope_without_a_dashboard_is_a_mistake(
    project: ProjectFolder, run_gk: Callable[..., Any]
) -> None:
    """The operator also fetches dashboards from elsewhere, which gk does not."""
    spec = {"url": "https://example.com/board.json"}
    body = {"apiVersion": "grafana.integreatly.org/v1beta1", "kind": "GrafanaDashboard"}
    project.write({"dashboards/jobs.json": json.dumps({**body, "spec": spec})})
    assert (
        "dashboards/jobs.json:1: dashboard cannot be read: its spec has neither json nor "
        "gzipJson: the operator fetches this dashboard from elsewhere; put the JSON there\n"
    ) == run_gk("build").err


def test_yaml_that_is_not_yaml_is_a_mistake_at_its_line(
    project: ProjectFolder, run_gk: Callable[..., Any]
) -> None:
    project.write({"dashboards/jobs.yaml": "a: 1\nb: [\n"})
    assert run_gk("build").err.startswith("dashboards/jobs.yaml:3: is not valid YAML: ")


def with_override(*steps: Json) -> Json:
    """A dashboard whose panel overrides the thresholds of one field."""
    value = {"mode": "absolute", "steps": list(steps)}
    override = {
        "matcher": {"id": "byName", "options": "busy"},
        "properties": [{"id": "thresholds", "value": value}],
    }
    return board(panel(fieldConfig={"defaults": {}, "overrides": [override]}))


def test_thresholds_of_an_override_are_told_in_words(tmp_path: Path) -> None:
    base = {"color": "green", "value": None}
    old, new = (with_override(base, {"color": "red", "value": value}) for value in (0.8, 0.9))
    expected = "        override 'busy': thresholds: green, red from 0.8 -> green, red from 0.9"
    assert expected in said(tmp_path, old, new).splitlines()


LOKI = {"type": "loki", "uid": "loki"}


def of_loki(expr: str) -> Json:
    """A dashboard with one query of logs."""
    return board(
        panel(
            type="logs",
            datasource=LOKI,
            targets=[{"refId": "A", "expr": expr, "datasource": LOKI}],
        )
    )


def test_a_query_in_another_language_is_compared_and_not_parsed(tmp_path: Path) -> None:
    """LogQL is no PromQL, and so no risk."""
    old, new = of_loki('{app="x"} |= "error"'), of_loki('{app="x"} |= "failed" | json')
    assert [
        "~ dashboard 'Jobs' (jobs)  new.json",
        "    ~ panel 'Jobs'",
        "        query A",
        '          - {app="x"} |= "error"',
        '          + {app="x"} |= "failed" | json',
    ] == said(tmp_path, old, new).splitlines()[:5]


def test_a_new_query_that_does_not_parse_is_not_said_to_do_so_no_longer(tmp_path: Path) -> None:
    old = board(panel(targets=[]))
    risk = said(tmp_path, old, query("sum(")).splitlines()[0]
    assert "its query A does not parse" in risk


def test_a_query_of_several_lines_is_shown_as_lines(tmp_path: Path) -> None:
    old, new = (query(f"sum by ({label}) (\n  up\n)") for label in ("job", "node"))
    assert [
        "        query A",
        "          - sum by (job) (",
        "          + sum by (node) (",
        "              up",
        "            )",
    ] == said(tmp_path, old, new).splitlines()[2:7]


def test_long_values_are_cut_to_where_they_differ(tmp_path: Path) -> None:
    old, new = (board(panel(description=f"{'long ' * 40}{end}")) for end in ("old", "new"))
    line = said(tmp_path, old, new).splitlines()[2]
    before, after = line.split(" -> ")
    assert before.endswith("long old")
    assert after.endswith("long new")
    assert after.startswith("...")
