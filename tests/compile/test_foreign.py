"""Dashboards made with other libraries: grafanalib and the Foundation SDK, also wrapped."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from grafanalib import core

import gk
from gk import Dashboard
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.definitions import (
    PROMETHEUS,
    REF,
    busy,
    dashboard,
    leaves,
    mistakes,
    resources,
    up,
)
from tests.exporting import exported, lib, only_panel

Target = core.Target

# grafanalib


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
    compiled = only_panel(dashboard(lib(panel)))
    rendered = (
        "1 - avg by (instance) "
        '(rate(node_cpu_seconds_total{job="node-exporter",mode="idle"}[$__rate_interval]))'
    )
    assert [(rendered, "A", REF)] == [
        (target["expr"], target["refId"], target["datasource"]) for target in compiled["targets"]
    ]
    assert ("percentunit", busy.description) == (
        compiled["fieldConfig"]["defaults"]["unit"],
        compiled["description"],
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
    panel = only_panel(dashboard(exported(given), gk.alert_group("g", [gk.alert("A", busy > 0.9)])))
    defaults = panel["fieldConfig"]["defaults"]
    assert ("percentunit", [None, 0.9]) == (
        defaults["unit"],
        [step["value"] for step in defaults["thresholds"]["steps"]],
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
    (compiled,) = only_panel(dashboard(lib(core.TimeSeries(title="P", targets=[target]))))[
        "targets"
    ]
    assert expected == compiled.get("intervalFactor")


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
        (panel["title"], len(panel["panels"]) if "panels" in panel else None)
        for panel in body["panels"]
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
        (panel["title"], panel["type"]) for panel in body["panels"]
    ]


def test_rows_and_panels_of_grafanalib() -> None:
    """grafanalib drops the panels of a dashboard that has rows, which is told and not done."""
    definition = core.Dashboard(
        title="Lib", rows=[core.Row(panels=[])], panels=[core.Text(title="a", content="x")]
    )
    (problem,) = mistakes(definition)
    assert (
        "it has rows and panels, and grafanalib then leaves out the panels; put them into a row"
        in problem
    )


def test_heatmap_of_grafanalib() -> None:
    """grafanalib's heatmap is Angular's, and comes out as today's."""
    panel = only_panel(dashboard(lib(core.Heatmap(title="P", targets=[Target(expr="up")]))))
    assert (True, set()) == (
        panel["options"]["calculate"],
        {"cards", "yAxis", "dataFormat"} & panel.keys(),
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
    (mark,) = dashboard(lib(annotations=marks))["annotations"]["list"]
    assert (REF, 'up{job="node-exporter"}') == (mark["datasource"], mark["expr"])


@pytest.mark.parametrize(
    "given",
    [core.DashboardLink(title="L", uri="/d/x"), core.ExternalLink("https://example.com", "L")],
    ids=["dashboard", "url"],
)
def test_links_of_grafanalib(given: Any) -> None:
    """Links of grafanalib keep their titles."""
    assert ["L"] == [link["title"] for link in dashboard(lib(links=[given]))["links"]]


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
    (resource,) = (
        candidate
        for candidate in resources(Dashboard.wrap(exported(), folder="Team", uid="mine"))
        if candidate.kind is Kind.DASHBOARD
    )
    assert ("mine", "team", "Exported", "mine") == (
        resource.uid,
        resource.folder,
        resource.title,
        resource.body["uid"],
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
        (panel["type"], panel["title"]) for panel in body["panels"]
    ]
    assert busy.description == body["panels"][1]["description"]
    assert REF == body["panels"][2]["datasource"] == body["templating"]["list"][0]["datasource"]


@needs_sdk
def test_ids_of_the_foundation_sdk(sdk: Any) -> None:
    """Its panels have no ids, and its rows all the same: each gets one of its own."""
    ids = [panel["id"] for panel in dashboard(built(sdk))["panels"]]
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
