"""Shapes of dashboards and rules that other people's repositories have, and that `gk import` turns
into what builds the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ProjectFolder, Ran, RunGk

Json = dict[str, Any]
REF = {"type": "prometheus", "uid": "prom"}


def board(*panels: Json, **keys: Any) -> Json:
    """A dashboard, of one time series if no panels are given."""
    return {"title": "Shop", "uid": "shop", "panels": list(panels) or [panel()], **keys}


def panel(type: str = "timeseries", **keys: Any) -> Json:
    """A panel of one query."""
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    target = {"refId": "A", "expr": "up", "datasource": REF}
    own = {"type": type, "title": "Up", "gridPos": place, "datasource": REF, "targets": [target]}
    return {"id": 1, **own, **keys}


def variable(**keys: Any) -> Json:
    """A dashboard with a variable."""
    return board(templating={"list": [{"name": "job", **keys}]})


def asking(reference: Any, **keys: Any) -> Json:
    """A dashboard whose panel asks a data source."""
    target = {"refId": "A", "expr": "up"}
    return board(panel(datasource=reference, targets=[target]), schemaVersion=39, **keys)


def custom(**options: Any) -> Json:
    """Field options of a visualization."""
    return {"fieldConfig": {"defaults": {"custom": options}}}


@pytest.fixture
def files(tmp_path: Path) -> ProjectFolder:
    """A folder of files to import, beside the project."""
    (tmp_path / "files").mkdir()
    return ProjectFolder(tmp_path / "files")


def imported(run_gk: RunGk, files: ProjectFolder, *documents: Json) -> Ran:
    """An import of documents, one a file, into a new project beside them."""
    paths = [files.root / f"board-{number}.json" for number, _ in enumerate(documents)]
    for path, document in zip(paths, documents, strict=True):
        path.write_text(json.dumps(document), encoding="utf-8")
    return run_gk("import", *map(str, paths), "--into", "new", "--format", "json")


CURRENT = {"schemaVersion": 39}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(board(**CURRENT), id="no time range"),
        pytest.param(board(panel(id=None), **CURRENT), id="no id"),
        pytest.param(board(refresh=False, **CURRENT), id="refresh that is no text"),
        pytest.param(asking("${DS_MY-OWN}"), id="input with a hyphen"),
        pytest.param(asking("My Prometheus (old)"), id="data source by its name"),
        pytest.param(asking(None), id="data source left to Grafana"),
        pytest.param(
            board(panel(), panel(id=2, datasource=None, targets=[{"refId": "A", "expr": "up"}])),
            id="data source left to Grafana by some",
        ),
        pytest.param(
            board(panel(datasource={"type": "loki", "uid": "loki"}), **CURRENT),
            id="another data source than the query's",
        ),
        pytest.param(
            board(
                panel(
                    targets=[
                        {"refId": "A", "expr": "up", "datasource": REF},
                        {
                            "refId": "B",
                            "type": "math",
                            "expression": "$A * 2",
                            "datasource": {"type": "__expr__", "uid": "Expression"},
                        },
                    ]
                ),
                **CURRENT,
            ),
            id="expression under a name",
        ),
        pytest.param(
            variable(type="interval", query="1m,5m", auto=True, current={"value": "$__auto"}),
            id="interval in today's form",
        ),
        pytest.param(
            variable(
                type="interval",
                query="1m,5m",
                auto=False,
                auto_count=30,
                auto_min="10",
                current={"value": "5m", "text": "5m"},
                options=[{"value": "1m", "text": "1m"}, {"value": "5m", "text": "5m"}],
            ),
            id="interval without auto",
        ),
        pytest.param(
            variable(type="textbox", query="", options=[{"text": "", "value": ""}]),
            id="options of a text box",
        ),
        pytest.param(
            variable(
                type="custom",
                query="4 : 4,5 : 5",
                current={"text": "4", "value": "4"},
                options=[{"text": "4", "value": "4", "selected": True}],
            ),
            id="values that are their own texts",
        ),
        pytest.param(
            variable(type="adhoc", datasource=REF, filters=[], query=""), id="no ad hoc filter"
        ),
        pytest.param(
            variable(
                type="query",
                datasource=REF,
                query="label_values(up, job)",
                includeAll=True,
                current={"text": "All", "value": "All"},
            ),
            id="all by its text",
        ),
        pytest.param(
            variable(
                type="query",
                datasource=REF,
                query="label_values(up, job)",
                multi=True,
                current={"text": "a", "value": ["a"]},
            ),
            id="one of several",
        ),
        pytest.param(variable(type="interval", query="1m", auto=True, auto_count="30"), id="count"),
        pytest.param(
            board(panel("barchart", fieldConfig={"defaults": {"unit": "kWh"}}), **CURRENT),
            id="free text for a unit of JSON",
        ),
        pytest.param(
            board(panel("piechart", aliasColors={}, options={"legend": {}}), **CURRENT),
            id="empty objects",
        ),
        pytest.param(
            board(panel("piechart", options={"legend": {"placement": "right"}}), **CURRENT),
            id="legend without a mode",
        ),
        pytest.param(
            board(
                panel("table", styles=[{"pattern": "Time"}], fontSize="100%", sort={"col": 1}),
                **CURRENT,
            ),
            id="styles of an Angular table",
        ),
        pytest.param(
            board(
                {
                    "type": "row",
                    "title": "R",
                    "collapse": False,
                    "showTitle": True,
                    "titleSize": "h6",
                    "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1},
                },
                panel(gridPos={"x": 0, "y": 1, "w": 12, "h": 8}),
                **CURRENT,
            ),
            id="row of before Grafana 5",
        ),
    ],
)
def test_a_shape_of_others_is_equal(body: Json, files: ProjectFolder, run_gk: RunGk) -> None:
    ran = imported(run_gk, files, body)
    report = json.loads(ran.out)
    assert (0, [], []) == (ran.code, report["differences"], report["problems"])


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"seriesOverrides": [], "yaxes": [{"show": True}], "fill": 1}, id="graph"),
        pytest.param(
            {
                "fieldConfig": {
                    "defaults": {"color": {"mode": "palette-classic", "fixedColor": "red"}}
                }
            },
            id="colour that no mode reads",
        ),
        pytest.param({"timeFrom": "1h", "hideTimeOverride": True}, id="time of its own, hidden"),
        pytest.param({"fieldConfig": {"defaults": {"displayName": "Shop"}}}, id="name of values"),
        pytest.param(custom(pointSize=8), id="size of points"),
        pytest.param({"type": "table", **custom(align="center")}, id="alignment of cells"),
        pytest.param(
            {"type": "stat", "options": {"text": {"titleSize": 12, "valueSize": 30}}},
            id="sizes of texts",
        ),
        pytest.param({"type": "state-timeline", "options": {"alignValue": "right"}}, id="band"),
        pytest.param(
            {
                "type": "barchart",
                **custom(fillOpacity=50, gradientMode="hue", axisSoftMin=0),
                "options": {
                    "barRadius": 0.5,
                    "barWidth": 0.8,
                    "colorByField": "shop",
                    "groupWidth": 0.9,
                    "legend": {"calcs": ["max"], "displayMode": "table", "placement": "right"},
                    "orientation": "horizontal",
                    "showValue": "always",
                    "stacking": "percent",
                    "text": {"valueSize": 14},
                    "tooltip": {"mode": "multi", "sort": "desc"},
                    "xField": "shop",
                    "xTickLabelMaxLength": 6,
                    "xTickLabelRotation": 45,
                    "xTickLabelSpacing": 100,
                },
            },
            id="bar chart",
        ),
    ],
)
def test_what_an_argument_says_or_nothing_reads_needs_no_extra(
    options: Json, files: ProjectFolder, run_gk: RunGk
) -> None:
    report = json.loads(imported(run_gk, files, board(panel(**options), **CURRENT)).out)
    assert {"all": 1, "with_extra": 0, "as_json": 0} == report["panels"]


def test_a_dashboard_that_stays_json_has_its_data_sources(
    files: ProjectFolder, run_gk: RunGk
) -> None:
    """gk refuses its refresh in a definition."""
    target = {"refId": "A", "expr": "up", "datasource": {"type": "loki", "uid": "of-one-query"}}
    body = board(panel(targets=[target]), refresh="often", **CURRENT)
    report = json.loads(imported(run_gk, files, body).out)
    assert (True, {"dashboard/shop": "dashboards/shop.json"}) == (
        report["equal"],
        report["defined"],
    )


def test_only_a_prometheus_input_is_the_projects_prometheus(
    project: ProjectFolder, files: ProjectFolder, run_gk: RunGk
) -> None:
    logs = asking({"type": "loki", "uid": "${DS_LOKI}"})
    numbers = {**asking({"type": "prometheus", "uid": "${DS_PROM}"}), "title": "N", "uid": "n"}
    for name, body in (("logs", logs), ("numbers", numbers)):
        (files.root / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    ran = run_gk("import", str(files.root), "--into", ".", "--format", "json")
    assert {"DS_LOKI": "loki", "DS_PROM": "prometheus"} == json.loads(ran.out)["inputs"]


def test_two_imports_of_two_dashboards_keep_both_data_sources(
    files: ProjectFolder, run_gk: RunGk
) -> None:
    """The second import overwrites nothing, and either of them changes nothing when repeated."""
    first, second = asking("one"), {**asking("two"), "title": "Second", "uid": "second"}
    for name, body in (("first", first), ("second", second)):
        (files.root / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    ran = [
        json.loads(
            run_gk(
                "import", str(files.root / f"{name}.json"), "--into", "new", "--format", "json"
            ).out
        )["files"]["added"]
        for name in ("first", "second", "first", "second")
    ]
    assert [
        ["gk.yaml", "dashboards/shop.py", "datasources/external.py"],
        ["dashboards/second.py", "datasources/external_2.py"],
        [],
        [],
    ] == ran


def test_rule_groups_of_one_name_in_two_files_are_both_there(
    files: ProjectFolder, run_gk: RunGk
) -> None:
    for name in ("a", "b"):
        files.write(
            {
                f"{name}.yaml": f"""
                    groups:
                      - name: exporter
                        rules:
                          - alert: Down{name}
                            expr: up < .5
                    """
            }
        )
    paths = [str(files.root / f"{name}.yaml") for name in ("a", "b")]
    ran = run_gk("import", *paths, "--into", "new", "--format", "json")
    assert ["alerts/a.py", "alerts/b.py"] == sorted(json.loads(ran.out)["defined"].values())


def test_a_file_without_anything_is_told_and_the_rest_is_imported(
    files: ProjectFolder, run_gk: RunGk
) -> None:
    files.write({"empty.yaml": "groups: []\n", "board.json": json.dumps(board(**CURRENT))})
    paths = [str(files.root / name) for name in ("empty.yaml", "board.json")]
    ran = run_gk("import", *paths, "--into", "new")
    assert (1, True, True) == (
        ran.code,
        "empty.yaml: contains nothing" in ran.out,
        "+ dashboards/shop.py" in ran.out,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "is not valid JSON", id="empty"),
        pytest.param('{"title": "T", "pan', "is not valid JSON", id="cut off"),
        pytest.param("\0\1\2", "is not valid JSON", id="binary"),
        pytest.param("[1, 2]", "contains nothing that gk reads", id="a list"),
        pytest.param("7", "contains nothing that gk reads", id="a number"),
        pytest.param("[" * 9_999, "", id="deep"),
        pytest.param('{"title": "\\ud800", "panels": []}', "is not valid JSON", id="surrogate"),
    ],
)
def test_what_cannot_be_read_is_a_mistake(
    text: str, said: str, files: ProjectFolder, run_gk: RunGk
) -> None:
    """It says why, and writes nothing."""
    files.write({"board.json": text})
    ran = run_gk("import", str(files.root / "board.json"), "--into", "new")
    assert (2, True, False) == (ran.code, said in ran.err, "Traceback" in ran.err)
    assert not (files.root.parent / "team" / "new").exists()


def test_panels_of_no_known_shape_are_told(files: ProjectFolder, run_gk: RunGk) -> None:
    body = board(7, None, "x", panel(targets={"a": 1}), templating=[], **CURRENT)  # type: ignore[arg-type]
    ran = imported(run_gk, files, body)
    assert (1, False) == (ran.code, "Traceback" in ran.err)
    assert json.loads(ran.out)["problems"]


HOSTILE = [
    pytest.param('"""\n__import__("pathlib").Path("pwned").touch()\n"""', id="quotes"),
    pytest.param('{__import__("pathlib").Path("pwned").touch()}', id="braces"),
    pytest.param('\\"+__import__("pathlib").Path("pwned").touch()+\\"', id="backslash"),
    pytest.param("../../pwned", id="path"),
    pytest.param("/pwned", id="absolute path"),
    pytest.param("a\r\nb\\", id="line break"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_dashboard_is_run_or_leads_out_of_the_folder(
    text: str, files: ProjectFolder, run_gk: RunGk, tmp_path: Path
) -> None:
    """Whatever text stands in a title, a query, a legend, a description or a label."""
    label = json.dumps(text)
    asked = [
        {"refId": "A", "expr": f"up{{job={label}}}", "legendFormat": text, "datasource": REF},
        {"refId": text, "expr": text, "datasource": REF},
    ]
    own: Json = {"title": text, "description": text, "targets": asked}
    panels = [panel(id=id, **own) for id in (1, 2)]
    body = board(*panels, **{**CURRENT, "title": text, "description": text, "tags": [text]})
    ran = imported(run_gk, files, {"dashboard": body, "meta": {"folderTitle": text}})
    names = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert {"files", "team"} == names
    assert [] == list(tmp_path.rglob("pwned"))
    assert "Traceback" not in ran.err
