"""Queries written as text that Prometheus or Grafana would refuse: mistakes in definitions, and
warnings in exports where no database could understand them."""

from __future__ import annotations

import json
from typing import Any

from gk.compile import compile
from gk.errors import DefinitionError
from gk.project import load
from gk.promql.mistakes import expr_mistake, variable_query_mistake
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk

REF = {"type": "prometheus", "uid": "prometheus"}
WITH_PANEL = """
    from gk import Dashboard, annotation, query_variable, timeseries

    d = Dashboard(
        "Jobs",
        panels=[timeseries("Up", {panel!r})],
        variables=[query_variable("job", {variable!r})],
        annotations=[annotation("restarts", {annotation!r})],
    )
"""
GOOD = {"panel": "up", "variable": "label_values(up, job)", "annotation": "changes(up[5m]) > 0"}


def mistakes(project: ProjectFolder, **queries: str) -> list[str]:
    """The mistakes of a dashboard with these queries."""
    project.write({"dashboards/d.py": WITH_PANEL.format(**GOOD | queries)})
    try:
        project.resources()
    except DefinitionError as error:
        return [str(problem) for problem in error.problems]
    return []


def warnings(project: ProjectFolder, **keys: Any) -> list[str]:
    """The warnings of an export with these keys."""
    body = {"title": "Jobs", "uid": "jobs", "schemaVersion": 39, **keys}
    project.write({"dashboards/d.json": json.dumps(body)})
    loaded = load(project.root)
    compile(loaded)
    return loaded.warnings


def panel(expr: str) -> dict[str, Any]:
    """A panel of an export."""
    return {
        "type": "timeseries",
        "title": "Up",
        "datasource": REF,
        "targets": [{"refId": "A", "expr": expr, "datasource": REF}],
    }


def test_promql_of_a_panel_that_does_not_parse_is_a_mistake_at_its_line(
    project: ProjectFolder,
) -> None:
    """Grafana would show an error in the panel."""
    assert [
        "dashboards/d.py:5: panel 'Up': PromQL does not parse: unclosed left parenthesis: "
        "sum(rate(x[5m])"
    ] == mistakes(project, panel="sum(rate(x[5m])")


def test_misspelt_function_of_a_panel_has_a_suggestion(project: ProjectFolder) -> None:
    """The function is not in Prometheus."""
    assert [
        "dashboards/d.py:5: panel 'Up': PromQL has no function 'histogram_quantle'; did you mean "
        "'histogram_quantile'?: histogram_quantle(0.9, x)"
    ] == mistakes(project, panel="histogram_quantle(0.9, x)")


def test_promql_of_an_annotation_that_does_not_parse_is_a_mistake(project: ProjectFolder) -> None:
    """Grafana would show no marks."""
    (problem,) = mistakes(project, annotation="changes(up[5m]")
    assert "annotation 'restarts': PromQL does not parse: unclosed left parenthesis" in problem


def test_query_of_a_variable_with_an_unknown_function_is_a_mistake(project: ProjectFolder) -> None:
    """Grafana would look for series with that text, and Prometheus would refuse it."""
    (problem,) = mistakes(project, variable="label_value(up, job)")
    assert (
        "variable $job: a variable's query has no function 'label_value'; did you mean "
        "'label_values'?: label_value(up, job)"
    ) in problem


@every(
    "text, message",
    [
        ("label_values(up, job", "label_values( has no closing bracket at the end"),
        ('label_values(up{a="b", job)', "PromQL does not parse: unexpected end of input"),
        ('label_values(up{a="b"})', "label_values() has no label"),
        ("query_result(sum(up)", "PromQL does not parse: unclosed left parenthesis"),
        ("query_result( )", "query_result() is empty"),
        ("sum(up)", "a variable's query has no function 'sum'; write query_result(sum(up))"),
        ("count_by(up)", "; Grafana has label_names, label_values, metrics, query_result"),
        ('up{job="a"', "PromQL does not parse: unexpected end of input"),
    ],
)
def test_query_of_a_variable_that_returns_nothing(text: str, message: str) -> None:
    """Each says what is wrong."""
    problem = variable_query_mistake(text)
    assert problem is not None
    assert message in problem.message


@every(
    "text",
    [
        "",
        "up",
        'up{job="$job"}',
        "$query",
        "${query:raw}",
        "label_names()",
        "label_names(up)",
        "label_values(job)",
        "label_values($label)",
        'label_values(up{a=~"$a|", b="${c:regex}"}, ${label})',
        "label_values(up, [[label]])",
        'label_values({"a.b"}, "c.d")',
        "label_values()",
        "metrics(node_.*)",
        "metrics((a|b)",
        "query_result(topk(5, sum by (job) (rate(x[$__range]))))",
        "query_result($expr) ",
        'label_values(${metric}{job="a"}, node)',
    ],
)
def test_query_of_a_variable_that_grafana_takes(text: str) -> None:
    """It is no mistake."""
    assert variable_query_mistake(text) is None


@every(
    "text",
    [
        "rate(x[$__rate_interval])",
        "rate(x[${__rate_interval}])",
        "increase(x[$__range]) / $__interval",
        "rate(x[$interval:$step] offset $offset)",
        "sum by ($label) ($metric)",
        'x{job=~"${job:regex}", node=~"[[node]]"}',
        "a + fill(0) b",
        "x[5m + step()]",
        "function_of_a_newer_prometheus(x)",
        "(" * 600 + "x" + ")" * 600 + " + 1" * 600,
    ],
)
def test_promql_that_prometheus_takes(text: str) -> None:
    """It is no mistake, even where gk's parser knows no better."""
    assert expr_mistake(text) is None


def test_promql_beside_a_built_in_variable_is_parsed() -> None:
    """Grafana always inserts a duration there."""
    problem = expr_mistake("sum(rate(x[$__rate_interval))")
    assert problem is not None


def test_query_of_another_data_source_is_not_parsed(project: ProjectFolder) -> None:
    """Loki has a language of its own."""
    project.write(
        {
            "datasources/loki.py": """
                from gk import Datasource
                loki = Datasource(name="Loki", type="loki", uid="loki", url="http://loki:3100")
            """,
            "dashboards/d.py": """
                from gk import Dashboard, timeseries
                lines = {"expr": 'sum(rate({app="a"} |= "b" [5m]))'}
                d = Dashboard("Lines", panels=[timeseries("Lines", lines, datasource="loki")])
            """,
        }
    )
    project.resources()


def test_unbalanced_query_of_an_export_is_a_warning(project: ProjectFolder) -> None:
    """Grafana shows the dashboard, so gk builds it."""
    assert [
        "dashboards/d.json:1: dashboard 'Jobs': panel 'Up': PromQL does not parse: "
        "unclosed left parenthesis: sum(up"
    ] == warnings(project, panels=[panel("sum(up")])


def test_metricsql_in_an_export_is_no_warning(project: ProjectFolder) -> None:
    """VictoriaMetrics is often behind a data source of the type prometheus."""
    assert [] == warnings(project, panels=[panel("WITH (f = {a='b'}) range_median(rate(x{f}))")])


def test_misspelt_function_in_a_variable_of_an_export_is_a_warning(project: ProjectFolder) -> None:
    """It is Grafana's own function."""
    query = {"query": "label_value(up, job)", "refId": "A"}
    variable = {"name": "job", "type": "query", "datasource": REF, "query": query}
    (problem,) = warnings(project, templating={"list": [variable]})
    assert "variable $job: a variable's query has no function 'label_value'" in problem


def test_unknown_variable_of_a_data_source_in_an_export_is_one_warning(
    project: ProjectFolder,
) -> None:
    """However many panels name it."""
    owner = {**panel("up"), "datasource": "${DS}"}
    (problem,) = warnings(project, panels=[owner, {**owner, "title": "Down"}])
    assert "data source '${DS}' is not a variable of the dashboard" in problem


def test_workers_bring_the_warnings_of_exports(project: ProjectFolder, run_gk: RunGk) -> None:
    """A worker builds each dashboard in another process."""
    body = {"schemaVersion": 39, "panels": [panel("sum(up")]}
    project.write(
        {
            f"dashboards/d{number}.json": json.dumps({**body, "title": f"D{number}"})
            for number in range(120)
        }
    )
    ran = run_gk("build")
    assert 0 == ran.code
    assert 120 == ran.err.count("unclosed left parenthesis")
