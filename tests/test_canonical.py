"""Canonical dashboards: whatever made one, it comes out in the same form, with ids that stay and panels that fit."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from grafanalib import core
from hypothesis import given
from hypothesis import strategies as st

from gk import Dashboard, Row, stat, text, timeseries
from gk.errors import DefinitionError
from gk.resource import canonical
from tests.conftest import ProjectFolder
from tests.definitions import NODE, REF, Json, busy, dashboard, dashboards, leaves, mistakes

TITLES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
SIZES = st.tuples(st.integers(1, 24), st.integers(1, 12))


def flat(body: Json) -> list[Json]:
    """The panels of a dashboard, and those in collapsed rows."""
    return [each for panel in body.get("panels", []) for each in (panel, *panel.get("panels", []))]


def grafanalib_dashboard(**arguments: Any) -> core.Dashboard:
    """A dashboard of grafanalib's own, as its users write one."""
    panels = [
        core.TimeSeries(
            title="CPU",
            dataSource="Prometheus",
            targets=[core.Target(expr="up", legendFormat="{{job}}", refId="A")],
            gridPos=core.GridPos(h=8, w=12, x=0, y=0),
            unit="percentunit",
        ),
        core.Stat(title="Up", dataSource="Prometheus", targets=[core.Target(expr="sum(up)")]),
        core.RowPanel(title="More", collapsed=True, panels=[core.GaugePanel(title="Gauge", targets=[core.Target()])]),
    ]
    return core.Dashboard(title="Plain", panels=panels, **arguments)


# One form


def test_a_grafanalib_dashboard_comes_out_in_today_s_form() -> None:
    """Schema 42, references to data sources, ids, refIds and positions; no nulls, and none of its old keys."""
    body = dashboard(grafanalib_dashboard())

    cpu, up, row = body["panels"]
    assert (42, "plain") == (body["schemaVersion"], body["uid"])
    assert {"datasource": REF, "expr": "up", "intervalFactor": 2, "legendFormat": "{{job}}", "refId": "A"} == (
        cpu["targets"][0]
    )
    assert (REF, "A", True) == (up["datasource"], up["targets"][0]["refId"], up["id"] > 0)
    assert ["Gauge"] == [each["title"] for each in row["panels"]]
    assert [] == [way for way, value in leaves(body) if value is None and way[-1] != "value"]
    old = {"rows", "style", "hideControls", "sharedCrosshair", "gnetId", "__inputs", "error", "span", "editable"}
    assert set() == old & {key for each in (body, *flat(body)) for key in each}


def test_a_grafanalib_target_may_hold_a_snippet() -> None:
    """A dashboard can be moved over query by query; the fixed job is read where there is no `$job`."""
    panel = core.TimeSeries(title="CPU", targets=[core.Target(expr=busy, legendFormat=None)])

    (found,) = dashboard(core.Dashboard(title="D", panels=[panel]))["panels"]

    expr = '1 - avg by (instance) (rate(node_cpu_seconds_total{job="node-exporter",mode="idle"}[$__rate_interval]))'
    assert (expr, "{{instance}}") == (found["targets"][0]["expr"], found["targets"][0]["legendFormat"])
    assert "percentunit" == found["fieldConfig"]["defaults"]["unit"]


def test_an_exported_dashboard_loses_what_a_save_adds() -> None:
    """Numbers and versions of a server, plugin versions and the built-in annotation say nothing of the dashboard."""
    exported = {
        "annotations": {"list": [{"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}}]},
        "id": 7,
        "version": 12,
        "iteration": 1,
        "schemaVersion": 39,
        "title": "Exported",
        "uid": "exported",
        "panels": [
            {
                "id": 3,
                "type": "timeseries",
                "title": "Up",
                "pluginVersion": "10.2.0",
                "datasource": {"type": "prometheus", "uid": "prometheus"},
                "targets": [{"refId": "A", "expr": "up"}],
                "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
            }
        ],
    }

    body = dashboard(exported)

    assert set() == {"id", "version", "iteration"} & body.keys()
    assert (3, False) == (body["panels"][0]["id"], "pluginVersion" in body["panels"][0])


def test_a_json_file_is_a_definition(project: ProjectFolder) -> None:
    """A dashboard exported into dashboards/ is built as it is, with the file as its place."""
    project.write({"dashboards/exported.json": json.dumps({"title": "Exported", "panels": [], "schemaVersion": 41})})

    (found,) = [each for each in project.resources() if each.kind.value == "dashboard"]

    assert ("exported", "dashboards/exported.json:1") == (found.uid, str(found.source))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the Foundation SDK needs Python 3.11")
@pytest.mark.filterwarnings("ignore:Prefer using dashboardv2")
def test_a_foundation_sdk_builder_comes_out_in_the_same_form() -> None:
    """Its panels get ids, its rows and annotations today's shape, and its queries a data source."""
    from grafana_foundation_sdk.builders import dashboard as sdk  # noqa: PLC0415
    from grafana_foundation_sdk.builders import prometheus  # noqa: PLC0415
    from grafana_foundation_sdk.builders import timeseries as sdk_timeseries  # noqa: PLC0415

    query = prometheus.Dataquery().expr("up").legend_format("{{job}}")
    panel = sdk_timeseries.Panel().title("Up").with_target(query)
    builder = sdk.Dashboard("Built").uid("built").with_row(sdk.Row("Row")).with_panel(panel)

    body = dashboard(builder)

    row, found = body["panels"]
    assert ("built", "row", "Up", "A") == (body["uid"], row["type"], found["title"], found["targets"][0]["refId"])
    assert REF == found["datasource"]
    assert 2 == len({row["id"], found["id"]} - {0})


def test_wrap_gives_folder_and_uid(project: ProjectFolder) -> None:
    """A dashboard made elsewhere lands in a folder, under a uid of ours, once."""
    project.write(
        {
            "dashboards/wrapped.py": """
                from gk import Dashboard

                exported = {"title": "Exported", "uid": "old", "panels": [], "schemaVersion": 42}
                wrapped = Dashboard.wrap(exported, folder="Team", uid="new")
            """
        }
    )

    found = [each for each in project.resources() if each.kind.value == "dashboard"]

    assert [("new", "team", "Exported")] == [(each.uid, each.folder, each.title) for each in found]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(
            {"apiVersion": "dashboard.grafana.app/v1", "kind": "Dashboard", "spec": {"title": "T"}, "metadata": {}},
            "Kubernetes-style export",
            id="resource",
        ),
        pytest.param({"title": "T", "elements": {}, "layout": {}, "schemaVersion": 42}, "schema v2", id="v2"),
        pytest.param({"title": "T", "panels": "none"}, "panels is a text, not a list", id="broken"),
    ],
)
def test_what_file_provisioning_does_not_take_is_refused(body: Json, words: str) -> None:
    """With what it is, and what to export instead."""
    (message,) = mistakes(body)

    assert words in message


def test_a_data_source_that_nobody_defines_is_a_mistake() -> None:
    """A panel of another server's data source would be empty."""
    (message,) = mistakes(core.Dashboard(title="D", panels=[core.TimeSeries(title="T", dataSource="Promethus")]))

    assert message.startswith("panel 'T': data source 'Promethus' is not defined in datasources/; did you mean")


# Laws


@st.composite
def gk_dashboards(draw: st.DrawFn) -> Dashboard:
    """A dashboard with panels of any size, some of them in rows."""

    def panels() -> list[Any]:
        drawn = draw(st.lists(st.tuples(TITLES, SIZES), max_size=6))
        return [text(title, "x", width=width, height=height) for title, (width, height) in drawn]

    rows = [Row(draw(TITLES), panels(), collapsed=draw(st.booleans())) for _ in range(draw(st.integers(0, 3)))]
    return Dashboard("D", uid="d", panels=panels(), rows=rows)


@given(gk_dashboards())
def test_panels_fit_the_grid_and_overlap_nowhere(definition: Dashboard) -> None:
    """Each cell of the 24 columns is one panel's at most."""
    body = dashboard(definition)
    hidden = {panel["id"] for row in body.get("panels", []) for panel in row.get("panels", [])}
    taken: set[tuple[int, int]] = set()
    for panel in flat(body):
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        # Grafana shows the panels of a collapsed row, and moves what follows down, when it is opened.
        if panel["id"] not in hidden:
            taken |= cells


@given(gk_dashboards())
def test_ids_are_unique_and_positive(definition: Dashboard) -> None:
    """Grafana mixes up panels of one id."""
    ids = [panel["id"] for panel in flat(dashboard(definition))]

    assert len(ids) == len(set(ids))
    assert all(0 < each < 2**31 for each in ids)


@given(st.lists(TITLES, unique=True, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order(titles: list[str], random: Any) -> None:
    """A link to a panel survives that others are inserted, moved or removed."""

    def ids(titles: list[str]) -> dict[str, int]:
        body = dashboard(Dashboard("D", panels=[text(title, "x") for title in titles]))
        return {panel["title"]: panel["id"] for panel in body["panels"]}

    shuffled = random.sample(titles, random.randint(1, len(titles)))

    assert {title: ids(titles)[title] for title in shuffled} == ids(shuffled)


@given(gk_dashboards())
def test_the_canonical_form_is_a_fixed_point(definition: Dashboard) -> None:
    """What gk built, taken as an exported dashboard, gives the same bytes."""
    body = dashboard(definition)

    assert canonical(body) == canonical(dashboard(body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=6),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=3),
    max_leaves=8,
)
PANEL_KEYS = ("type", "title", "targets", "fieldConfig", "options", "gridPos", "id", "links", "datasource", "panels")
FOREIGN = st.fixed_dictionaries(
    {
        "title": st.just("D"),
        "uid": st.just("d"),
        "schemaVersion": st.sampled_from([0, 12, 16, 27, 36, 39, 42]),
        "panels": st.lists(st.dictionaries(st.sampled_from(PANEL_KEYS), JSON, max_size=6), max_size=3),
    },
    optional={"templating": JSON, "annotations": JSON, "links": JSON, "time": JSON},
)


@given(FOREIGN)
def test_any_json_is_built_or_refused_with_a_message(body: Json) -> None:
    """No export makes gk fall over: it is built, or the user is told what is wrong with it."""
    copy = json.loads(json.dumps(body))
    try:
        built = dashboards(body)
    except DefinitionError:
        return

    assert built == dashboards(copy)


def test_one_more_panel_changes_no_other() -> None:
    """A panel at the end of a row leaves the JSON of the others as it is."""
    first, second, third = stat("A", busy), timeseries("B", busy), timeseries("C", busy)

    before = dashboard(Dashboard("D", exporter=NODE, panels=[first, second]))["panels"]
    after = dashboard(Dashboard("D", exporter=NODE, panels=[first, second, third]))["panels"]

    assert before == after[:2]
