"""Variables of every kind, in the shapes that Grafana writes."""

from __future__ import annotations

from typing import Any

import pytest
from grafanalib import core

from gk import (
    Dashboard,
    adhoc_variable,
    alert,
    alert_group,
    annotation,
    constant_variable,
    custom_variable,
    datasource_variable,
    interval_variable,
    link,
    query_variable,
    textbox_variable,
    timeseries,
)
from gk.promql import LabelScheme
from gk.promql.snippet import Exporter, Nodes, Scope
from gk.settings import Settings
from gk.settings.targets import Version
from tests.cases import every
from tests.conftest import ProjectFolder
from tests.definitions import (
    LOKI,
    NODE,
    PROMETHEUS,
    REF,
    Json,
    dashboard,
    dashboards,
    free,
    mistakes,
    problems,
    resources,
    up,
    variable,
)


@NODE.snippet()
def firing(s: Scope) -> str:
    """Alerts that fire."""
    return s.firing()


JOBS = "label_values(up, job)"
ALL_OF_ONE = {"text": "All", "value": "$__all"}
ALL_OF_MANY = {"text": ["All"], "value": ["$__all"]}


@every(
    "definition, expected",
    [
        pytest.param(
            datasource_variable("ds"),
            {"name": "ds", "query": "prometheus", "refresh": 1, "type": "datasource"},
            id="data-source",
        ),
        pytest.param(
            datasource_variable(
                "ds",
                "loki",
                default=LOKI,
                regex="/prod.*/",
                label="Logs",
                description="Where",
                hide="label",
            ),
            {
                "current": {"text": "Loki", "value": "loki"},
                "description": "Where",
                "hide": 1,
                "label": "Logs",
                "name": "ds",
                "query": "loki",
                "refresh": 1,
                "regex": "/prod.*/",
                "type": "datasource",
            },
            id="data-source-with-all",
        ),
        pytest.param(
            datasource_variable("ds", default="prometheus", multi=True, include_all=True),
            {
                "current": {"text": ["prometheus"], "value": ["prometheus"]},
                "includeAll": True,
                "multi": True,
                "name": "ds",
                "query": "prometheus",
                "refresh": 1,
                "type": "datasource",
            },
            id="several-data-sources",
        ),
        pytest.param(
            query_variable("job", JOBS),
            {
                "datasource": REF,
                "definition": JOBS,
                "name": "job",
                "query": {"query": JOBS, "refId": "StandardVariableQuery"},
                "refresh": 1,
                "sort": 7,
                "type": "query",
            },
            id="query",
        ),
        pytest.param(
            query_variable(
                "job",
                JOBS,
                regex="/(.*)-x/",
                multi=True,
                include_all=True,
                all_value=".*",
                refresh="time",
                sort="",
                hide="variable",
            ),
            {
                "allValue": ".*",
                "current": ALL_OF_MANY,
                "datasource": REF,
                "definition": JOBS,
                "hide": 2,
                "includeAll": True,
                "multi": True,
                "name": "job",
                "query": {"query": JOBS, "refId": "StandardVariableQuery"},
                "refresh": 2,
                "regex": "/(.*)-x/",
                "type": "query",
            },
            id="query-with-all",
        ),
        pytest.param(
            custom_variable("size", ["s", "m"]),
            {
                "current": {"text": "s", "value": "s"},
                "name": "size",
                "options": [
                    {"selected": True, "text": "s", "value": "s"},
                    {"selected": False, "text": "m", "value": "m"},
                ],
                "query": "s,m",
                "type": "custom",
            },
            id="custom",
        ),
        pytest.param(
            custom_variable("size", {"Small": "s", "Middle": "m"}, default="m", multi=True),
            {
                "current": {"text": ["Middle"], "value": ["m"]},
                "multi": True,
                "name": "size",
                "options": [
                    {"selected": False, "text": "Small", "value": "s"},
                    {"selected": True, "text": "Middle", "value": "m"},
                ],
                "query": "Small : s,Middle : m",
                "type": "custom",
            },
            id="custom-with-texts",
        ),
        pytest.param(
            custom_variable("size", ["s"], include_all=True),
            {
                "current": ALL_OF_ONE,
                "includeAll": True,
                "name": "size",
                "options": [{"selected": False, "text": "s", "value": "s"}],
                "query": "s",
                "type": "custom",
            },
            id="custom-with-all",
        ),
        pytest.param(
            interval_variable("step", ["1m", "5m"], default="5m"),
            {
                "current": {"text": "5m", "value": "5m"},
                "name": "step",
                "options": [
                    {"selected": False, "text": "1m", "value": "1m"},
                    {"selected": True, "text": "5m", "value": "5m"},
                ],
                "query": "1m,5m",
                "refresh": 2,
                "type": "interval",
            },
            id="interval",
        ),
        pytest.param(
            interval_variable(
                "step", ["1m"], default="auto", auto=True, auto_count=10, auto_min="1m"
            ),
            {
                "auto": True,
                "auto_count": 10,
                "auto_min": "1m",
                "current": {"text": "auto", "value": "$__auto_interval_step"},
                "name": "step",
                "options": [{"selected": False, "text": "1m", "value": "1m"}],
                "query": "1m",
                "refresh": 2,
                "type": "interval",
            },
            id="interval-of-the-range",
        ),
        pytest.param(
            textbox_variable("path", "/api"),
            {
                "current": {"text": "/api", "value": "/api"},
                "name": "path",
                "query": "/api",
                "type": "textbox",
            },
            id="text",
        ),
        pytest.param(
            textbox_variable("path"),
            {"name": "path", "query": "", "type": "textbox"},
            id="empty-text",
        ),
        pytest.param(
            adhoc_variable("filters"),
            {"datasource": REF, "filters": [], "name": "filters", "query": "", "type": "adhoc"},
            id="filters",
        ),
    ],
)
def test_shape(definition: Any, expected: Json) -> None:
    """A variable is what Grafana writes for it, without what it adds by itself."""
    assert expected == variable(definition, PROMETHEUS, LOKI)


def test_constant() -> None:
    """A constant has its value and never shows."""
    body = variable(constant_variable("cluster", "eu"))
    assert ("constant", "eu", 2, "eu") == (
        body["type"],
        body["query"],
        body["hide"],
        body["current"]["value"],
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"default": "a"}, {"text": "a", "value": "a"}, id="default"),
        pytest.param(
            {"default": "a", "multi": True}, {"text": ["a"], "value": ["a"]}, id="default-of-many"
        ),
        pytest.param({"include_all": True}, ALL_OF_ONE, id="all"),
        pytest.param({"include_all": True, "multi": True}, ALL_OF_MANY, id="all-of-many"),
        pytest.param(
            {"include_all": True, "default": "a"},
            {"text": "a", "value": "a"},
            id="default-before-all",
        ),
    ],
)
def test_what_is_chosen_at_first(arguments: Any, expected: Json | None) -> None:
    """The default, or everything where that can be chosen; a list where several can."""
    assert expected == variable(query_variable("job", JOBS, **arguments)).get("current")


@every("refresh, number", [("never", 0), ("load", 1), ("time", 2)])
def test_refresh(refresh: Any, number: int) -> None:
    """A query that never runs again is not taken for the default of an old dashboard."""
    assert number == variable(query_variable("job", JOBS, refresh=refresh))["refresh"]


@every(
    "sort, number",
    [
        pytest.param("alphabetical", 1),
        pytest.param("alphabetical-desc", 2),
        pytest.param("numerical", 3),
        pytest.param("numerical-desc", 4),
        pytest.param("alphabetical-ignore-case", 5),
        pytest.param("alphabetical-ignore-case-desc", 6),
        pytest.param("natural", 7),
        pytest.param("natural-desc", 8),
    ],
)
def test_sort(sort: Any, number: int) -> None:
    """The order of the values is a number of Grafana's (VariableSort of @grafana/schema)."""
    assert number == variable(query_variable("job", JOBS, sort=sort))["sort"]


@every(
    "versions, numbers",
    [
        ((), [7, 8, 3]),
        ((Version(10, 3), Version(12, 4)), [7, 8, 3]),
        ((Version(10, 2), Version(12, 4)), [5, 6, 3]),
    ],
)
def test_values_are_alphabetical_where_a_grafana_that_is_named_has_no_natural_order(
    versions: tuple[Version, ...], numbers: list[int]
) -> None:
    """It would not sort them, and open the dashboard with whichever came first."""
    orders: list[Any] = ["natural", "natural-desc", "numerical"]
    variables = [query_variable(sort.replace("-", "_"), JOBS, sort=sort) for sort in orders]
    body = dashboard(Dashboard("D", variables=variables), settings=Settings(grafana=versions))
    assert numbers == [variable["sort"] for variable in body["templating"]["list"]]


@pytest.mark.parametrize(
    ("values", "query"),
    [
        pytest.param(["a,b", "c"], "a\\,b,c", id="comma"),
        pytest.param(["a\\b"], "a\\b", id="backslash-is-itself"),
        pytest.param({"A : 1": "a"}, "A : 1 : a", id="colon-in-text"),
        pytest.param({"x,y": "x"}, "x\\,y : x", id="comma-in-text"),
    ],
)
def test_custom_values_are_escaped(values: Any, query: str) -> None:
    """Grafana reads the values out of the query again, where a comma that is meant has a
    backslash."""
    assert query == variable(custom_variable("v", values))["query"]


@pytest.mark.parametrize(
    ("query", "datasource", "expected"),
    [
        pytest.param("SELECT host FROM hosts", LOKI, "SELECT host FROM hosts", id="text-of-others"),
        pytest.param({"label": "app", "type": 1}, LOKI, {"label": "app", "type": 1}, id="object"),
        pytest.param(
            up,
            None,
            {"query": 'query_result(up{job="node-exporter"})', "refId": "StandardVariableQuery"},
            id="snippet",
        ),
    ],
)
def test_query(query: Any, datasource: Any, expected: Any) -> None:
    """A snippet is a query of results; what other data sources ask is left as it is."""
    assert (
        expected
        == variable(query_variable("v", query, datasource=datasource), PROMETHEUS, LOKI)["query"]
    )


def test_query_reads_the_dashboard_s_variables() -> None:
    """A snippet in a variable reads the data source, the job and the nodes that are chosen."""
    definition = query_variable("mount", free(mountpoint="/"), regex='/mountpoint="([^"]+)/')
    (*_, body) = dashboard(Dashboard("D", exporter=NODE, variables=[definition]))["templating"][
        "list"
    ]
    assert "query_result(node_filesystem_avail_bytes" in body["definition"]
    assert 'job=~"$job",instance=~"$node"' in body["definition"]
    assert {"type": "prometheus", "uid": "${datasource}"} == body["datasource"]


@pytest.mark.parametrize(
    "make",
    [
        lambda ds: query_variable("v", JOBS, datasource=ds),
        lambda ds: adhoc_variable("v", datasource=ds),
    ],
)
def test_data_source_that_is_not_there(make: Any) -> None:
    """A variable of a data source that nothing defines is a mistake."""
    assert [
        (
            "variable $v: data source 'promtheus' is not defined in datasources/; "
            "did you mean 'prometheus'?"
        )
    ] == mistakes(Dashboard("D", variables=[make("promtheus")]))


def test_data_source_from_a_variable() -> None:
    """A panel that asks a variable's data source has its type from there."""
    body = dashboard(
        Dashboard(
            "D",
            variables=[datasource_variable("logs", "loki")],
            panels=[timeseries("T", "{}", datasource="$logs")],
        )
    )
    assert {"type": "loki", "uid": "${logs}"} == body["panels"][0]["datasource"]


def test_variable_called_datasource_is_the_default() -> None:
    """Panels that name no data source ask the one that the viewer chose."""
    body = dashboard(
        Dashboard(
            "D", variables=[datasource_variable("datasource")], panels=[timeseries("T", "up")]
        )
    )
    assert {"type": "prometheus", "uid": "${datasource}"} == body["panels"][0]["datasource"]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param(
            'query_variable("v", "up", refresh="always")',
            "query_variable(): refresh 'always' is not known; one of never, load, time",
            id="refresh",
        ),
        pytest.param(
            'query_variable("v", "up", sort="alphabetic")',
            "query_variable(): sort 'alphabetic' is not known; did you mean 'alphabetical'?",
            id="sort",
        ),
        pytest.param(
            'query_variable("v", "up", hide=True)',
            "query_variable(): hide True is not known; one of label, variable",
            id="hide",
        ),
        pytest.param(
            'query_variable("v", "up", multiple=True)',
            "query_variable() has no argument 'multiple'; did you mean 'multi'?",
            id="name",
        ),
        pytest.param(
            'custom_variable("v", "a,b")',
            "custom_variable(): values is a list; write ['a,b']",
            id="text-for-values",
        ),
        pytest.param('custom_variable("v", [])', "variable $v has no values", id="no-values"),
        pytest.param('interval_variable("v", [])', "variable $v has no values", id="no-intervals"),
        pytest.param(
            'custom_variable("v", ["small"], default="smal")',
            "variable $v: default 'smal' is not one of its values; did you mean 'small'?",
            id="default",
        ),
        pytest.param(
            'interval_variable("v", ["1m"], default="auto")',
            "variable $v: default 'auto' is not one of its values",
            id="auto-that-is-off",
        ),
        pytest.param(
            'custom_variable("v", ["a : b"])',
            "variable $v: Grafana cannot have ' : ' in a value, as in 'a : b'",
            id="colon-in-value",
        ),
    ],
)
def test_refused_at_its_line(project: ProjectFolder, definition: str, expected: str) -> None:
    """A mistake in a variable's arguments is told at the line of the definition."""
    project.write({"dashboards/d.py": f"from gk import *\n\nvariable = {definition}\n"})
    assert [f"dashboards/d.py:3: {expected}"] == problems(project)


# grafanalib's variables


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param(
            core.Template("ds", "prometheus", type="datasource"),
            {"name": "ds", "query": "prometheus", "refresh": 1, "sort": 1, "type": "datasource"},
            id="data-source",
        ),
        pytest.param(
            core.Template(
                "job", JOBS, dataSource="Prometheus", default="All", includeAll=True, multi=True
            ),
            {
                "current": {"selected": True, **ALL_OF_MANY},
                "datasource": REF,
                "definition": JOBS,
                "includeAll": True,
                "multi": True,
                "name": "job",
                "query": {"query": JOBS, "refId": "StandardVariableQuery"},
                "refresh": 1,
                "sort": 1,
                "type": "query",
            },
            id="query",
        ),
        pytest.param(
            core.Template("step", "1m,5m", type="interval", default="1m"),
            {
                "auto_count": 30,
                "auto_min": "10s",
                "current": {"selected": True, "text": "1m", "value": "1m"},
                "name": "step",
                "query": "1m,5m",
                "refresh": 1,
                "sort": 1,
                "type": "interval",
            },
            id="interval",
        ),
    ],
)
def test_grafanalib_s(definition: core.Template, expected: Json) -> None:
    """A variable of grafanalib loses its nulls and noise, and "All" is what Grafana takes for
    it."""
    assert expected == variable(definition)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param(
            "any",
            [{"multi": True, "includeAll": True, "allValue": ".+", "current": ALL_OF_MANY}],
            id="any",
        ),
        pytest.param("one", [{}], id="one"),
        pytest.param("all", [], id="all"),
    ],
)
def test_viewers_choose_any_nodes_or_one_or_none(nodes: Nodes, expected: list[Json]) -> None:
    """The exporter's $node is a choice of several, all of them at first; or of exactly one; or it
    is not there, and queries read every node."""
    definition = Dashboard("D", exporter=NODE, nodes=nodes, panels=[timeseries("Up", up)])
    body = dashboard(definition)

    choice = ("multi", "includeAll", "allValue", "current")
    assert expected == [
        {key: value for key, value in entry.items() if key in choice}
        for entry in body["templating"]["list"]
        if entry["name"] == "node"
    ]
    assert bool(expected) == ("$node" in body["panels"][0]["targets"][0]["expr"])


def test_the_choice_of_nodes_has_the_exporter_s_word_for_them() -> None:
    """A node, unless the exporter's targets are something else."""
    body = dashboard(Dashboard("D", exporter=Exporter("etcd", target="Member")))

    assert ["Data source", "Job", "Member"] == [
        entry["label"] for entry in body["templating"]["list"]
    ]


def test_grafanalib_s_query_may_be_a_snippet() -> None:
    """A snippet may stand where grafanalib expects a query."""
    body = variable(core.Template("node", up, dataSource="Prometheus"))
    assert 'query_result(up{job="node-exporter"})' == body["definition"]


# Several clusters

CLUSTERS = Settings(labels=LabelScheme(cluster="k8s_cluster"))


def test_a_prometheus_with_several_clusters_has_a_choice_of_one() -> None:
    """First, since jobs and nodes are those of the cluster; and every query reads that one."""
    board = Dashboard(
        "D",
        exporter=NODE,
        panels=[timeseries("Up", up)],
        annotations=[annotation("Firing", firing)],
    )
    (body,) = dashboards(board, settings=CLUSTERS)
    variables = {entry["name"]: entry.get("definition") for entry in body["templating"]["list"]}

    assert {
        "datasource": None,
        "cluster": f"label_values({NODE.metric}, k8s_cluster)",
        "job": f'label_values({NODE.metric}{{k8s_cluster="$cluster"}}, job)',
        "node": f'label_values({NODE.metric}{{k8s_cluster="$cluster",job=~"$job"}}, instance)',
    } == variables
    assert ["datasource", "cluster", "job", "node"] == list(variables)
    assert (
        'up{k8s_cluster="$cluster",job=~"$job",instance=~"$node"}'
        == (body["panels"][0]["targets"][0]["expr"])
    )
    assert body["annotations"]["list"][0]["expr"].startswith('ALERTS{k8s_cluster="$cluster",')


def test_a_link_that_keeps_the_data_source_keeps_the_cluster() -> None:
    """Without several clusters there is nothing to keep."""
    url = "/d/other?${datasource:queryparam}"
    board = Dashboard(
        "D", exporter=NODE, panels=[timeseries("Up", up, data_links=[link("Other", url)])]
    )

    for settings, expected in ((CLUSTERS, f"{url}&${{cluster:queryparam}}"), (None, url)):
        (body,) = dashboards(board, settings=settings)
        assert expected == body["panels"][0]["fieldConfig"]["defaults"]["links"][0]["url"]


def test_rules_are_those_of_one_cluster() -> None:
    """Each cluster's own Prometheus evaluates them."""
    group = alert_group("g", [alert("Down", up < 1)])
    rule_groups = [
        resource for resource in resources(group, settings=CLUSTERS) if "alerts" in resource.uid
    ]

    assert rule_groups
    assert "k8s_cluster" not in rule_groups[0].json.decode()
