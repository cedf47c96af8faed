"""Mistakes in definitions: panels that would stay empty, variables that a dashboard uses and lacks,
and arguments of constructors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from grafanalib import core

from gk import (
    Dashboard,
    Datasource,
    Row,
    annotation,
    custom_variable,
    dashboard_link,
    link,
    logs,
    query_variable,
    stat,
    target,
    text,
    timeseries,
)
from gk.compile import compile
from gk.errors import DefinitionError, Source
from gk.library import node
from gk.project import Definition, Project
from gk.settings import Settings
from tests.conftest import ProjectFolder
from tests.definitions import problems, resources

LOKI = Datasource.loki("Loki", uid="loki", url="http://loki:3100")
PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
JOB = custom_variable("job", ["a", "b"])
NAMESPACE = custom_variable("namespace", ["a", "b"])


def mistakes(*panels: Any, **more: Any) -> list[str]:
    """The messages about a dashboard with the variables `job` and `namespace`."""
    variables = [JOB, NAMESPACE, *more.pop("variables", ())]
    definition = Dashboard("D", panels=list(panels), variables=variables, **more)
    try:
        resources(PROMETHEUS, LOKI, definition)
    except DefinitionError as error:
        return [problem.text for problem in error.problems]
    return []


# Panels without a query


@pytest.mark.parametrize(
    "panel",
    [
        timeseries("P"),
        stat("P", " "),
        core.TimeSeries(title="P", targets=[]),
        {"type": "table", "title": "P"},
    ],
    ids=["gk", "blank", "grafanalib", "json"],
)
def test_panel_without_a_query_is_a_mistake(panel: Any) -> None:
    """Grafana would show No data."""
    assert ["panel 'P': has no query, so Grafana shows no data"] == mistakes(panel)


@pytest.mark.parametrize(
    "panel",
    [
        text("P", "words"),
        stat("P", no_value="planned"),
        {"type": "stat", "title": "P", "libraryPanel": {"uid": "p", "name": "P"}},
        {"type": "geomap", "title": "P"},
        {"type": "acme-panel", "title": "P"},
        {"type": "table", "title": "P", "datasource": {"type": "loki", "uid": "loki"}},
        {
            "type": "stat",
            "title": "P",
            "datasource": "-- Dashboard --",
            "targets": [{"panelId": 1, "refId": "A"}],
        },
    ],
    ids=["text", "no-value", "library", "map", "plugin", "other-source", "other-panel"],
)
def test_panel_that_shows_something_without_a_query(panel: Any) -> None:
    """It is no mistake."""
    assert [] == mistakes(panel)


# Variables


def test_variable_that_a_query_lacks_is_a_mistake() -> None:
    """Prometheus would get the name of the variable."""
    assert [
        "panel 'P': $namespce is not a variable of the dashboard; did you mean 'namespace'?"
    ] == mistakes(timeseries("P", 'up{namespace="$namespce"}'))


def test_variable_that_a_snippet_s_argument_lacks_is_a_mistake() -> None:
    """The panel passed it."""
    (problem,) = mistakes(timeseries("P", node.filesystem_used(mountpoint="$mount")))
    assert "panel 'P': $mount is not a variable of the dashboard" == problem


def test_variable_of_an_exporter_is_one_of_the_dashboard() -> None:
    """The exporter brings $job and $node."""
    assert [] == mistakes(timeseries("P", 'up{instance="$node"}'), exporter=node)


@pytest.mark.parametrize(
    "expr",
    [
        'up{job=~"${job:regex}", namespace="[[namespace]]"}',
        "rate(x[$__rate_interval]) + $__interval_ms + $__range_s + ${__from} + ${__org.id}",
        'label_replace(up, "a", "$1-${2}", "b", "(.*)-(.*)")',
        'label_replace(up, "a", "$pod", "b", "(?P<pod>.*)-.*")',
        'up{topic!~"SYSTEM.*|\\\\$SYS.*|"}',
        'up{job=~"a$|b$"}  # per $team',
    ],
)
def test_dollar_that_is_no_unknown_variable(expr: str) -> None:
    """It is no mistake."""
    assert [] == mistakes(timeseries("P", expr))


def test_misspelt_built_in_variable_is_a_mistake() -> None:
    """Grafana would not replace it."""
    messages = mistakes(timeseries("P", "rate(x[$__rate_intervall])"))
    assert [
        "panel 'P': Grafana has no variable $__rate_intervall; did you mean '$__rate_interval'?"
    ] == messages


@pytest.mark.parametrize(
    ("panel", "name"),
    [
        (timeseries("On $namespacce", "up"), "namespacce"),
        (timeseries("On ${team}", "up"), "team"),
        (timeseries("P", target("up", legend="{{a}} ${team}")), "team"),
        (timeseries("P", "up", links=[link("L", "/d/x?var-team=${team}")]), "team"),
        (timeseries("P", "up", data_links=[link("L", "/d/x?var-team=$namespacce")]), "namespacce"),
    ],
    ids=["title", "braces", "legend", "link", "data-link"],
)
def test_variable_that_a_text_lacks_is_a_mistake(panel: Any, name: str) -> None:
    """Viewers would read its name."""
    (problem,) = mistakes(panel)
    assert f"${name} is not a variable of the dashboard" in problem


@pytest.mark.parametrize(
    "panel",
    [
        timeseries("Cost in $USD", "up"),
        timeseries("[[WIP]] on $job", "up"),
        timeseries("P", target("up", legend="${__field.labels.job}")),
        timeseries(
            "P", "up", data_links=[link("L", "/x?a=${__data.fields[0]}&${__url_time_range}")]
        ),
        text("P", "Run `echo ${HOME}`"),
    ],
    ids=["money", "brackets", "field", "link", "shell"],
)
def test_dollar_in_a_text_that_means_itself(panel: Any) -> None:
    """It is no mistake."""
    assert [] == mistakes(panel)


@pytest.mark.parametrize(
    "definition",
    [{"panels": [timeseries("P", "up", repeat="jop")]}, {"rows": [Row("P", repeat="jop")]}],
    ids=["panel", "row"],
)
def test_repeating_for_an_unknown_variable_is_a_mistake(definition: Any) -> None:
    """Grafana would not repeat it."""
    panels = definition.pop("panels", ())
    (problem,) = mistakes(*panels, **definition)
    assert (
        "panel 'P': repeat: 'jop' is not a variable of the dashboard; did you mean 'job'?"
        == problem
    )


def test_variable_that_another_variable_lacks_is_a_mistake() -> None:
    """Its query would find nothing."""
    pod = query_variable("pod", 'label_values(up{job="$jop"}, pod)')
    (problem,) = mistakes(variables=[pod])
    assert problem.startswith(
        "variable $pod: $jop is not a variable of the dashboard; did you mean"
    )


def test_variable_that_an_annotation_lacks_is_a_mistake() -> None:
    """It would mark nothing."""
    (problem,) = mistakes(annotations=[annotation("A", 'up{job="$jop"} == 0')])
    assert problem.startswith("annotation 'A': $jop is not a variable of the dashboard")


def test_variable_that_a_link_of_the_dashboard_lacks_is_a_mistake() -> None:
    """It would lead nowhere."""
    (problem,) = mistakes(links=[dashboard_link("L", url="/d/x?var-job=${jop}")])
    assert problem.startswith("link 'L': $jop is not a variable of the dashboard")


def test_near_name_in_a_query_of_loki_is_a_mistake() -> None:
    """LogQL has `$` elsewhere, too, so that only a near name is certain."""
    query = {"expr": '{namespace="$namespce"} | regexp "(?P<x>.*)$" | line_format "$1 $other"'}
    (problem,) = mistakes(logs("P", query, datasource=LOKI))
    assert "panel 'P': $namespce is not a variable of the dashboard" in problem


@pytest.mark.parametrize(
    ("type", "query"),
    [
        ("postgres", {"rawSql": "SELECT $1, $$job_$$ WHERE $__timeFilter(time)"}),
        ("influxdb", {"query": "SELECT mean(x) WHERE $timeFilter GROUP BY time($interval)"}),
        ("mongodb", {"query": '{"$jobs": 1, "$match": {}}'}),
    ],
)
def test_macros_of_other_languages_are_no_variables(type: str, query: Any) -> None:
    """Their data sources know them."""
    source = {"type": type, "uid": "other"}
    other = Datasource(name="Other", type=type, uid="other", url="http://other")
    panel = timeseries("P", query, datasource=source)
    interval = custom_variable("intervals", ["1m"])
    resources(PROMETHEUS, other, Dashboard("D", panels=[panel], variables=[JOB, interval]))


def test_variable_that_an_export_lacks_is_a_warning(tmp_path: Path) -> None:
    """Grafana shows the other panels."""
    ref = {"type": "prometheus", "uid": "prometheus"}
    query = {"refId": "A", "expr": 'up{job="$team"}', "datasource": ref}
    body = {
        "title": "D",
        "schemaVersion": 39,
        "panels": [
            {"type": "stat", "title": "${team}", "repeat": "team", "targets": [query]},
            {"type": "stat", "title": "empty", "datasource": ref},
        ],
    }
    definitions = [
        Definition(PROMETHEUS, Source("datasources/d.py", 1)),
        Definition(body, Source("dashboards/d.json", 1)),
    ]
    project = Project(tmp_path, Settings(), definitions)
    compile(project)
    assert [
        "dashboards/d.json:1: dashboard 'D': panel '${team}': $team is not a variable of the "
        "dashboard"
    ] == project.warnings


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param(
            'timeseries("T", "up", untis="s")',
            "timeseries() has no argument 'untis'; did you mean 'unit'?",
            id="common-argument",
        ),
        pytest.param(
            'timeseries("T", "up", stacked="normal")',
            "timeseries() has no argument 'stacked'; did you mean 'stack'?",
            id="own-argument",
        ),
        pytest.param('stat("T", "up", zzz=1)', "stat() has no argument 'zzz'", id="nothing-near"),
        pytest.param(
            'target("up", legends="{{instance}}")',
            "target() has no argument 'legends'; did you mean 'legend'?",
            id="target",
        ),
        pytest.param(
            'stat("T", "up", calculation="lastNonNull")',
            "stat(): calculation 'lastNonNull' is not known; did you mean 'lastNotNull'?",
            id="word",
        ),
        pytest.param(
            'timeseries("T", "up", legend_values=["max", "avg"])',
            "timeseries(): legend_values 'avg' is not known; one of lastNotNull, last, "
            "firstNotNull, first, min, max, mean, sum, count, range, delta, diff",
            id="word-in-list",
        ),
        pytest.param(
            'timeseries("T", "up", legend_values="max")',
            "timeseries(): legend_values is a list; write ['max']",
            id="text-for-list",
        ),
        pytest.param(
            'timeseries("T", "up", repeat_direction="horizontal")',
            "timeseries(): repeat_direction 'horizontal' is not known; one of h, v",
            id="common-word",
        ),
        pytest.param(
            'timeseries("up", unit=7)',
            "timeseries(): unit must be text, not int",
            id="number-for-text",
        ),
        pytest.param(
            "timeseries(node.cpu_busy)",
            "timeseries(): title must be text, not Snippet",
            id="no-title",
        ),
        pytest.param(
            'timeseries("T", [node.cpu_busy])',
            "a list is not a query; pass a snippet, a query or PromQL text",
            id="list-of-queries",
        ),
        pytest.param(
            'timeseries("T", None)',
            "None is not a query; pass a snippet, a query or PromQL text",
            id="no-query",
        ),
        pytest.param(
            'timeseries("T", node.cpu_busy > 0.9)',
            "a Condition is not a query; pass a snippet, a query or PromQL text",
            id="condition",
        ),
        pytest.param(
            'timeseries("T", "up", width=25)',
            "width 25 and height 8: a panel is 1 to 24 wide, and at least 1 high",
            id="too-wide",
        ),
        pytest.param(
            'timeseries("T", "up", height=0)',
            "width 12 and height 0: a panel is 1 to 24 wide, and at least 1 high",
            id="no-height",
        ),
        pytest.param(
            'timeseries("T", "up", grid=(0, 0, 12))',
            "grid is (x, y, width, height), not (0, 0, 12)",
            id="grid-of-three",
        ),
        pytest.param(
            'timeseries("T", "up", grid=(20, 0, 12, 8))',
            "grid (x, y, width, height) of (20, 0, 12, 8) is not on the 24 columns of the screen",
            id="grid-off-the-screen",
        ),
        pytest.param(
            'stat("T", "up", thresholds=[0.8, 0.9])',
            "thresholds is a mapping of numbers to colours, such as {0.8: 'orange', 0.9: 'red'}",
            id="list-of-thresholds",
        ),
        pytest.param(
            'stat("T", "up", thresholds={"0.9": "red"})',
            "thresholds is a mapping of numbers to colours, such as {0.8: 'orange', 0.9: 'red'}",
            id="threshold-as-text",
        ),
        pytest.param(
            'override(properties={"unit": "s"})',
            "override() takes one of name, regex, type, ref_id and all_except",
            id="override-of-nothing",
        ),
        pytest.param(
            'override(name="a", ref_id="A", properties={"unit": "s"})',
            "override() takes one of name, regex, type, ref_id and all_except",
            id="override-of-two",
        ),
    ],
)
def test_a_wrong_argument_is_told_at_the_line_of_the_definition(
    project: ProjectFolder, definition: str, expected: str
) -> None:
    project.write(
        {
            "dashboards/d.py": f"""
                from gk import override, stat, target, timeseries
                from gk.library import node

                panel = {definition}
            """
        }
    )
    assert [f"dashboards/d.py:4: {expected}"] == problems(project)
