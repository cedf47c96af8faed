"""Dashboards: what a definition compiles to, and what would freeze or confuse Grafana."""

from __future__ import annotations

import copy
import difflib
from typing import Any

import pytest
from grafanalib import core

from gk import (
    Dashboard,
    Row,
    alert,
    alert_group,
    annotation,
    constant_variable,
    dashboard_link,
    datasource_variable,
    gauge,
    heatmap,
    query_variable,
    stat,
    table,
    text,
    timeseries,
)
from gk.documents.defaults import LEGACY_DASHBOARD_KEYS, LEGACY_PANEL_KEYS, LEGACY_TARGET_KEYS
from gk.resource import Kind, canonical
from gk.settings import Settings
from tests.cases import every
from tests.conftest import ProjectFolder
from tests.definitions import (
    LOKI,
    NODE,
    PROMETHEUS,
    REF,
    Json,
    busy,
    dashboard,
    dashboards,
    free,
    leaves,
    mistakes,
    problems,
    resources,
    up,
)


def names(body: Json) -> list[str]:
    return [variable["name"] for variable in body["templating"]["list"]]


def full(*more: Any) -> Dashboard:
    """A dashboard with something of everything, and `more` panels."""
    return Dashboard(
        "Full",
        description="All of it",
        tags=["a"],
        exporter=NODE,
        panels=[text("Hello", "# Hello"), *more],
        rows=[
            Row(
                "Open",
                [
                    timeseries("CPU", busy, free(mountpoint="/")),
                    gauge("Used", busy),
                    table("Rows", up),
                ],
            ),
            Row(
                "Closed",
                [heatmap("Buckets", "sum by (le) (rate(x_bucket[5m]))"), stat("Up", up)],
                collapsed=True,
            ),
        ],
        variables=[
            datasource_variable("other"),
            query_variable("mount", "label_values(x, mountpoint)"),
        ],
        links=[dashboard_link("Others", tags=["a"])],
        annotations=[annotation("Reboots", up)],
    )


def test_the_least_dashboard() -> None:
    """A dashboard's JSON has what was said, the time range, and nothing that Grafana adds by
    itself."""
    expected = {
        "graphTooltip": 1,
        "panels": [],
        "schemaVersion": 42,
        "time": {"from": "now-1h", "to": "now"},
        "title": "Least",
        "uid": "least",
    }
    assert expected == dashboard(Dashboard("Least"))


@every(
    "arguments, expected",
    [
        pytest.param({"description": "What"}, {"description": "What"}, id="description"),
        pytest.param({"tags": ["b", "a"]}, {"tags": ["b", "a"]}, id="tags"),
        pytest.param(
            {"time": ("now-6h", "now-1m")}, {"time": {"from": "now-6h", "to": "now-1m"}}, id="time"
        ),
        pytest.param({"refresh": "30s"}, {"refresh": "30s"}, id="refresh"),
        pytest.param({"timezone": "utc"}, {"timezone": "utc"}, id="timezone"),
        pytest.param({"timezone": "Europe/Berlin"}, {"timezone": "Europe/Berlin"}, id="city"),
        pytest.param({"tooltip": "tooltip"}, {"graphTooltip": 2}, id="tooltip"),
        pytest.param({"editable": False}, {"editable": False}, id="not-editable"),
        pytest.param({"extra": {"weekStart": "monday"}}, {"weekStart": "monday"}, id="extra"),
        pytest.param(
            {"extra": {"time": {"to": "now-5m"}}},
            {"time": {"from": "now-1h", "to": "now-5m"}},
            id="nested",
        ),
    ],
)
def test_argument(arguments: Json, expected: Json) -> None:
    """Each argument ends up where Grafana reads it; `extra` is merged, object by object."""
    assert expected == {key: dashboard(Dashboard("D", **arguments))[key] for key in expected}


def test_default_tooltip_is_not_written() -> None:
    """Panels that share nothing are what Grafana has without a word."""
    assert "graphTooltip" not in dashboard(Dashboard("D", tooltip="default"))


def test_extra_stays_the_definition_s() -> None:
    """Compiling twice gives the same, and leaves what the definition holds as it was."""
    extra = {
        "links": [{"title": "L", "type": "link", "url": "/", "tooltip": "", "tags": []}],
        "annotations": {},
    }
    before = copy.deepcopy(extra)
    definition = Dashboard("D", extra=extra)
    assert dashboard(definition) == dashboard(definition)
    assert before == extra


# The exporter's variables


def test_exporter_brings_variables() -> None:
    """A dashboard of an exporter lets the viewer choose data source, job and nodes."""
    assert ["datasource", "job", "node"] == names(dashboard(Dashboard("D", exporter=NODE)))


def test_shape_of_the_exporter_s_variables() -> None:
    """The job is that of the settings at first, and the nodes are those of the chosen jobs, all at
    first."""
    ref = {"type": "prometheus", "uid": "${datasource}"}
    jobs, nodes = (
        "label_values(node_uname_info, job)",
        'label_values(node_uname_info{job=~"$job"}, instance)',
    )
    expected = [
        {
            "current": {"text": "Prometheus", "value": "prometheus"},
            "label": "Data source",
            "name": "datasource",
            "query": "prometheus",
            "refresh": 1,
            "type": "datasource",
        },
        {
            "current": {"text": ["node-exporter"], "value": ["node-exporter"]},
            "datasource": ref,
            "definition": jobs,
            "label": "Job",
            "multi": True,
            "name": "job",
            "query": {"query": jobs, "refId": "StandardVariableQuery"},
            "refresh": 1,
            "sort": 7,
            "type": "query",
        },
        {
            "allValue": ".+",
            "current": {"text": ["All"], "value": ["$__all"]},
            "datasource": ref,
            "definition": nodes,
            "includeAll": True,
            "label": "Node",
            "multi": True,
            "name": "node",
            "query": {"query": nodes, "refId": "StandardVariableQuery"},
            "refresh": 2,
            "sort": 7,
            "type": "query",
        },
    ]
    assert expected == dashboard(Dashboard("D", exporter=NODE))["templating"]["list"]


def test_own_variable_takes_the_place_of_the_exporter_s() -> None:
    """A definition's variable wins over the exporter's of that name, and comes where the definition
    has it."""
    own = [constant_variable("job", "mine"), constant_variable("team", "us")]
    body = dashboard(Dashboard("D", exporter=NODE, variables=own))
    assert ["datasource", "node", "job", "team"] == names(body)
    assert "mine" == body["templating"]["list"][2]["query"]


def test_queries_read_the_variables() -> None:
    """Queries of the dashboard's exporter read its job and its nodes."""
    (panel,) = dashboard(Dashboard("D", exporter=NODE, panels=[timeseries("T", up)]))["panels"]
    assert 'up{job=~"$job",instance=~"$node"}' == panel["targets"][0]["expr"]


def test_without_exporter_queries_read_the_settings() -> None:
    """A dashboard without an exporter has no variables, and its queries read the job of the
    settings."""
    body = dashboard(Dashboard("D", panels=[timeseries("T", up)]))
    assert 'up{job="node-exporter"}' == body["panels"][0]["targets"][0]["expr"]
    assert "templating" not in body


def test_fixed_data_source_leaves_no_choice() -> None:
    """A dashboard that names its data source does not offer others, which would change nothing."""
    body = dashboard(
        Dashboard("D", exporter=NODE, datasource=PROMETHEUS, panels=[timeseries("T", up)])
    )
    assert ["job", "node"] == names(body)
    assert (REF, REF) == (
        body["panels"][0]["datasource"],
        body["templating"]["list"][0]["datasource"],
    )


@pytest.mark.parametrize("given", ["loki", "Loki", LOKI], ids=["uid", "name", "definition"])
def test_data_source_of_dashboard(given: Any) -> None:
    """The dashboard's data source is that of its panels, however it is named."""
    (panel,) = dashboard(
        Dashboard("D", datasource=given, panels=[timeseries("T", "{}")]), PROMETHEUS, LOKI
    )["panels"]
    assert {"type": "loki", "uid": "loki"} == panel["datasource"]


def test_unknown_data_source_of_dashboard() -> None:
    """A data source that nothing defines is one mistake of the dashboard."""
    (problem,) = mistakes(Dashboard("D", datasource="promtheus"))
    assert problem.startswith(
        "dashboard 'D': data source 'promtheus' is not defined in datasources/; did you mean 'prom"
    )


# Uid, title, folder


@pytest.mark.parametrize(
    ("title", "uid"),
    [
        pytest.param("API server", "api-server", id="words"),
        pytest.param("  CPU / Memory  ", "cpu-memory", id="signs"),
        pytest.param("snake_case", "snake_case", id="underscore"),
    ],
)
def test_uid_from_title(title: str, uid: str) -> None:
    """A dashboard without a uid has one that comes from its title, readable where that is
    possible."""
    assert uid == dashboard(Dashboard(title))["uid"]


@pytest.mark.parametrize(
    "titles",
    [("概要", "詳細"), ("a" * 60, "a" * 61), ("Über", "Ober")],
    ids=["kanji", "long", "umlaut"],
)
def test_uids_from_titles_differ(titles: tuple[str, str]) -> None:
    """Titles that no uid can spell out still have uids of their own, which Grafana takes."""
    uids = {body["uid"] for body in dashboards(*map(Dashboard, titles))}
    assert (2, True) == (len(uids), all(0 < len(uid) <= 40 and uid.isascii() for uid in uids))


@pytest.mark.parametrize(
    ("uid", "expected"),
    [
        pytest.param(
            "x" * 41,
            f"uid '{'x' * 41}' must be 1 to 40 letters, digits, '-' or '_', and has 41 characters",
            id="too-long",
        ),
        pytest.param(
            "my uid", "uid 'my uid' must be 1 to 40 letters, digits, '-' or '_'", id="space"
        ),
        pytest.param("a/b", "uid 'a/b' must be 1 to 40 letters, digits, '-' or '_'", id="slash"),
    ],
)
def test_uid_that_grafana_refuses(uid: str, expected: str) -> None:
    """A uid that Grafana would not take is a mistake that says what it takes."""
    assert [f"dashboard 'D': {expected}"] == mistakes(Dashboard("D", uid=uid))


def test_longest_uid() -> None:
    """Forty characters are fine."""
    assert "x" * 40 == dashboard(Dashboard("D", uid="x" * 40))["uid"]


@pytest.mark.parametrize(
    "definition", [Dashboard(""), {"title": "", "panels": []}], ids=["gk", "json"]
)
def test_empty_title(definition: Any) -> None:
    """Grafana takes no dashboard without a title."""
    (problem,) = mistakes(definition)
    assert "title is empty; Grafana requires a title" in problem


def test_uid_is_taken() -> None:
    """Two dashboards of one uid would freeze Grafana's provisioning: the second one is told where
    the first is."""
    first, second = Dashboard("A", uid="x"), Dashboard("B", uid="x", folder="Other")
    assert [
        "dashboard 'B': uid 'x' is taken by the dashboard at dashboards/d.py:2; change one"
    ] == mistakes(PROMETHEUS, first, second)


@pytest.mark.parametrize(
    ("folder", "where"),
    [("", "General"), ("General", "General"), ("Team", "folder 'Team'")],
    ids=["none", "name", "own"],
)
def test_title_is_taken(folder: str, where: str) -> None:
    """So would two of one title in a folder, which Grafana compares without case."""
    first, second = (
        Dashboard("Node", uid="a", folder=folder),
        Dashboard("NODE", uid="b", folder=folder),
    )
    assert [
        (
            f"dashboard 'NODE': the title is taken in {where} by the dashboard "
            "at dashboards/d.py:2; change one"
        )
    ] == (mistakes(PROMETHEUS, first, second))


def test_one_title_in_two_folders() -> None:
    """Dashboards of one title in different folders are fine."""
    assert 2 == len(
        dashboards(Dashboard("Node", uid="a", folder="A"), Dashboard("Node", uid="b", folder="B"))
    )


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        pytest.param(None, "default", id="settings"),
        pytest.param("", "", id="general"),
        pytest.param("General", "", id="general-by-name"),
        pytest.param("Team A", "team-a", id="own"),
    ],
)
def test_folder(folder: str | None, expected: str) -> None:
    """A dashboard is in its folder, in the one of the settings, or in General."""
    built = resources(Dashboard("D", folder=folder), settings=Settings(folder="Default"))
    (resource,) = (candidate for candidate in built if candidate.kind is Kind.DASHBOARD)
    assert expected == resource.folder
    assert [expected] * bool(expected) == [
        candidate.uid for candidate in built if candidate.kind is Kind.FOLDER
    ]


def test_folder_that_two_titles_share() -> None:
    """Two titles that make one uid of a folder are a mistake, or one of them would be lost."""
    (problem,) = mistakes(Dashboard("A", folder="Team A"), Dashboard("B", folder="team-a"))
    assert "folders 'Team A' and 'team-a' have the same uid 'team-a'" in problem


def test_mistakes_are_told_together() -> None:
    """One run tells the mistakes of all dashboards, by their places."""
    first = Dashboard("A", uid="a a", panels=[timeseries("T", "up", unit="percentUnit")])
    messages = mistakes(PROMETHEUS, first, Dashboard("", uid="b"))
    assert 3 == len(messages), messages


# What is refused


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param(
            'Dashboard("D", tag=["a"])',
            "Dashboard() has no argument 'tag'; did you mean 'tags'?",
            id="name",
        ),
        pytest.param(
            'Dashboard("D", tags="a")',
            "Dashboard(): tags is a list; write ['a']",
            id="text-for-tags",
        ),
        pytest.param(
            'Dashboard("D", tooltip="crosshairs")',
            "Dashboard(): tooltip 'crosshairs' is not known; did you mean 'crosshair'?",
            id="word",
        ),
        pytest.param(
            'Dashboard("D", time="now-6h")',
            "Dashboard(): time is a start and an end; write time=('now-6h', 'now')",
            id="time",
        ),
        pytest.param('Dashboard(["a"])', "Dashboard(): title must be text, not list", id="title"),
        pytest.param(
            'Row([stat("S", "up")])',
            "Row(): title must be text, not list",
            id="row-without-title",
        ),
        pytest.param(
            'Row("R", repeats="node")',
            "Row() has no argument 'repeats'; did you mean 'repeat'?",
            id="row",
        ),
        pytest.param(
            'Dashboard("D", exporter=core)',
            "'grafanalib.core' has no exporter: a module of snippets defines `exporter`",
            id="exporter",
        ),
        pytest.param(
            'Dashboard.wrap(Dashboard("D"), folder="X")',
            "Dashboard.wrap() is for dashboards made elsewhere; "
            "pass folder and uid to the constructor of this one",
            id="wrapped-dashboard",
        ),
        pytest.param(
            'Dashboard("D", panels=[stat])',
            "dashboard cannot be read: a function has no JSON",
            id="not-called",
        ),
        pytest.param(
            'Dashboard("D", panels=["up"])',
            "Dashboard(): panels[0] must be a panel, not str",
            id="text-for-panel",
        ),
        pytest.param(
            'Dashboard("D", panels=[None])',
            "Dashboard(): panels[0] must be a panel, not NoneType",
            id="none-for-panel",
        ),
        pytest.param(
            'Dashboard("D", rows=[Row("A", [node.cpu_busy])])',
            "Row(): panels[0] must be a panel, not Snippet",
            id="snippet-for-panel",
        ),
        pytest.param(
            'Dashboard("D", links=["/d/other"])',
            "Dashboard(): links[0] must be a dashboard_link(), not str",
            id="text-for-link",
        ),
        pytest.param(
            'Dashboard("D", rows=[Row("A", [Row("B")], collapsed=True)])',
            "row 'B': is inside a collapsed row; Grafana does not support nested rows",
            id="row-in-row",
        ),
        pytest.param(
            'Dashboard("D", extra={"panels": {}})',
            "dashboard cannot be read: panels is an object, not a list",
            id="extra",
        ),
        pytest.param(
            'Dashboard("D", extra={"custom": {1: 2}})',
            "dashboard 'D': is not JSON: Dict key must be str",
            id="key",
        ),
    ],
)
def test_refused_at_its_line(project: ProjectFolder, definition: str, expected: str) -> None:
    """A mistake is told at the line of the definition, in words for its author."""
    project.write(
        {
            "dashboards/d.py": f"""
                from grafanalib import core

                from gk import Dashboard, Row, stat
                from gk.library import node

                dashboard = {definition}
            """
        }
    )
    assert [f"dashboards/d.py:6: {expected}"] == problems(project)


# Links, annotations


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param(
            dashboard_link(
                "L",
                url="https://example.com",
                new_tab=True,
                keep_time=False,
                include_variables=False,
            ),
            {
                "icon": "external link",
                "includeVars": False,
                "keepTime": False,
                "targetBlank": True,
                "title": "L",
                "type": "link",
                "url": "https://example.com",
            },
            id="url",
        ),
        pytest.param(
            dashboard_link("L", dashboard="node"),
            {
                "icon": "dashboard",
                "includeVars": True,
                "keepTime": True,
                "title": "L",
                "type": "link",
                "url": "/d/node",
            },
            id="dashboard",
        ),
        pytest.param(
            dashboard_link("L", tags=["a", "b"], dropdown=True, tooltip="All"),
            {
                "asDropdown": True,
                "icon": "external link",
                "includeVars": True,
                "keepTime": True,
                "tags": ["a", "b"],
                "title": "L",
                "tooltip": "All",
                "type": "dashboards",
            },
            id="tags",
        ),
    ],
)
def test_link(link: core.DashboardLink, expected: Json) -> None:
    """A link goes to a URL, to a dashboard or to all with some tags."""
    assert [expected] == dashboard(Dashboard("D", links=[link]))["links"]


def test_annotation() -> None:
    """An annotation is a query with what it shows; the query reads the dashboard's scope."""
    marks = annotation(
        "Down", up, title="Down", text="{{instance}}", tags=["job", "instance"], step="30s"
    )
    expected = {
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "enable": True,
        "expr": 'up{job=~"$job",instance=~"$node"}',
        "iconColor": "red",
        "name": "Down",
        "step": "30s",
        "tagKeys": "job,instance",
        "textFormat": "{{instance}}",
        "titleFormat": "Down",
    }
    assert {"list": [expected]} == dashboard(Dashboard("D", exporter=NODE, annotations=[marks]))[
        "annotations"
    ]


def test_annotation_as_grafana_writes_it() -> None:
    """An annotation that has its query in `target`, as newer Grafana writes it, may show a snippet,
    too."""
    given = {
        "name": "Down",
        "enable": True,
        "iconColor": "red",
        "target": {"expr": up, "refId": "Anno"},
    }
    (mark,) = dashboard(Dashboard("D", annotations=[given]))["annotations"]["list"]
    assert ('up{job="node-exporter"}', REF) == (mark["target"]["expr"], mark["datasource"])


def test_alert_finds_its_panel() -> None:
    """An alert links to the first panel that shows its query, by the id that the panel's JSON
    has."""
    definition = Dashboard(
        "D", uid="nodes", panels=[timeseries("CPU", busy)], rows=[Row("R", [stat("Again", busy)])]
    )
    built = resources(definition, alert_group("g", [alert("A", busy > 0.9)]))
    bodies = {resource.kind: resource.body for resource in built}
    texts = bodies[Kind.RULE_GROUP]["rules"][0]["annotations"]
    expected = ("nodes", str(bodies[Kind.DASHBOARD]["panels"][0]["id"]))
    assert expected == (texts["__dashboardUid__"], texts["__panelId__"])


# No noise, small differences


def test_no_nulls() -> None:
    """Nothing is null but the value of base thresholds."""
    nulls = [way for way, value in leaves(dashboard(full())) if value is None]
    assert {("steps", 0, "value")} == {way[-3:] for way in nulls}


def test_no_legacy_keys() -> None:
    """No key is left that Grafana no longer reads."""
    body = dashboard(full())
    panels = [shown for panel in body["panels"] for shown in (panel, *panel.get("panels", ()))]
    targets = [target for panel in panels for target in panel.get("targets", ())]
    assert set() == LEGACY_DASHBOARD_KEYS & body.keys()
    assert set() == LEGACY_PANEL_KEYS & {key for panel in panels for key in panel}
    assert set() == LEGACY_TARGET_KEYS & {key for target in targets for key in target}


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        pytest.param(
            False,
            "transparent hide hideTimeOverride exemplar multi includeAll skipUrlSync",
            id="false",
        ),
        pytest.param(
            "",
            "description label regex refresh interval noValue timezone allValue",
            id="empty-text",
        ),
        pytest.param([], "tags overrides transformations mappings", id="empty-list"),
        pytest.param({}, "custom templating annotations timepicker current", id="empty-object"),
    ],
)
def test_no_defaults(value: Any, keys: str) -> None:
    """What Grafana takes for granted is not written."""
    written = {
        way[-1]
        for way, leaf in leaves(dashboard(full()))
        if leaf == value and type(leaf) is type(value)
    }
    assert set() == written & set(keys.split())


def test_compiles_twice_to_the_same() -> None:
    """Definitions are not used up: a second compilation gives the same bytes."""
    definition = full()
    first, second = (canonical(dashboard(definition)) for _ in range(2))
    assert first == second


def test_a_new_panel_changes_no_other() -> None:
    """A panel put before others changes of them nothing but where they lie."""

    def panels(body: Json) -> dict[str, Json]:
        every = [shown for panel in body["panels"] for shown in (panel, *panel.get("panels", ()))]
        return {
            panel["title"]: {
                key: value for key, value in panel.items() if key not in ("gridPos", "panels")
            }
            for panel in every
        }

    before, after = panels(dashboard(full())), panels(dashboard(full(stat("New", busy))))
    assert before == {title: panel for title, panel in after.items() if title != "New"}


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        pytest.param({"unit": "percent"}, 4, id="unit"),
        pytest.param({"stack": "normal"}, 8, id="stack"),
        pytest.param({"description": "Mine"}, 4, id="description"),
        pytest.param({"fill": 0}, 4, id="fill"),
        pytest.param({"legend": "hidden"}, 3, id="legend"),
    ],
)
def test_a_small_change_is_a_small_difference(change: dict[str, Any], lines: int) -> None:
    """One line more in a definition is a few lines of JSON in a review."""
    plain, changed = (
        canonical(
            dashboard(
                Dashboard(
                    "D", exporter=NODE, panels=[timeseries("T", busy, **options), gauge("G", busy)]
                )
            )
        )
        for options in ({}, change)
    )
    both = difflib.unified_diff(
        plain.decode().splitlines(), changed.decode().splitlines(), n=0, lineterm=""
    )
    # The first two lines are the names of the files.
    different = [line for line in list(both)[2:] if line.startswith(("+", "-"))]
    assert 0 < len(different) <= lines, different
