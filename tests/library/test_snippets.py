"""Every snippet that gk ships is right wherever it is used, and a team's own snippets are used in
the same way."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import promql_parser
import pytest

import gk.library
from gk.check.expressions.labels import labels_of
from gk.documents.units import unit_mistake
from gk.promql import PRESETS, Exporter, LabelScheme, Query, Scope, Snippet
from gk.promql.syntax import parse, selectors
from gk.resource import Kind
from tests.conftest import ProjectFolder

ARGUMENTS: dict[str, dict[str, Any]] = {
    "apiserver.answered": {"kind": "read"},
    "apiserver.answered_badly": {"kind": "read"},
    "apiserver.badly_share": {"kind": "write"},
    "kube-state-metrics.alerts_of_severity": {"severity": "critical"},
}
"""Samples for the arguments that a snippet cannot do without, by the snippet's name."""


def _shipped() -> list[Snippet]:
    modules = [
        import_module(f"gk.library.{info.name}")
        for info in pkgutil.iter_modules(gk.library.__path__)
    ]
    by_identity = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Snippet)
    }
    return sorted(by_identity.values(), key=lambda snippet: snippet.name)


SNIPPETS = _shipped()


def _by_module() -> dict[str, list[Snippet]]:
    modules: dict[str, list[Snippet]] = {}
    for snippet in SNIPPETS:
        modules.setdefault(Path(snippet.place[0]).stem, []).append(snippet)
    return modules


MODULES = _by_module()

# One test for each module: pytest takes longer to start a test than a snippet takes to render.
each_module = pytest.mark.parametrize(
    "snippets", [pytest.param(snippets, id=name) for name, snippets in MODULES.items()]
)
each_preset = pytest.mark.parametrize("preset", PRESETS)


def scopes(preset: str, exporter: Exporter) -> dict[str, Scope]:
    """Everywhere that a query may stand."""
    labels = LabelScheme(PRESETS[preset])
    return {
        "its exporter's dashboard": Scope.panel(labels, exporter),
        "another exporter's dashboard": Scope.panel(labels, Exporter("another")),
        "a dashboard without exporter": Scope.panel(labels, None),
        "an alert": Scope.alert(labels),
    }


def parsed(query: Query, scope: Scope) -> promql_parser.Expr:
    return _parsed(query.render(scope))


def sample(snippet: Snippet) -> Query:
    return snippet(**ARGUMENTS.get(snippet.name, {}))


def test_there_are_snippets() -> None:
    """The tests below look at something."""
    assert {"node", "apiserver"} <= {snippet.exporter.name for snippet in SNIPPETS}


def test_every_module_of_the_library_has_snippets() -> None:
    """One whose name starts with _ has what others share."""
    modules = {
        info.name
        for info in pkgutil.iter_modules(gk.library.__path__)
        if not info.name.startswith("_")
    }
    assert modules == set(MODULES)


@each_preset
@each_module
def test_a_snippet_is_promql_in_every_scope(snippets: list[Snippet], preset: str) -> None:
    """Prometheus would parse it on each dashboard and in an alert."""
    assert {} == {
        (snippet.name, where): mistake
        for snippet in snippets
        for where, scope in scopes(preset, snippet.exporter).items()
        if (mistake := _syntax_mistake(sample(snippet), scope))
    }


def _syntax_mistake(query: Query, scope: Scope) -> str:
    try:
        return "" if parse(query.render(scope)) is not None else "a variable for more than a value"
    except ValueError as error:
        return str(error)


@each_preset
@each_module
def test_a_snippet_reads_one_job_only(snippets: list[Snippet], preset: str) -> None:
    """Every selector names the job, so that nothing counts the series of another exporter; but
    those of what every target has."""
    without_selector, without_job = [], []
    for snippet in snippets:
        if not PRESETS[preset][snippet.exporter.name].job:
            continue
        for where, scope in scopes(preset, snippet.exporter).items():
            # ALERTS has the labels of the alerts' expressions, and these seldom keep the job.
            vectors = [
                vector
                for vector in selectors(parsed(sample(snippet), scope))
                if vector.name not in ("ALERTS", "ALERTS_FOR_STATE")
            ]
            if not vectors and "ALERTS" not in sample(snippet).render(scope):
                without_selector.append((snippet.name, where))
            without_job += [
                (snippet.name, where, vector.name)
                for vector in vectors
                if "job" not in {one.name for one in vector.matchers.matchers}
            ]

    assert [] == without_selector
    assert [] == without_job


@each_preset
@each_module
def test_a_snippet_has_no_variable_outside_its_dashboard(
    snippets: list[Snippet], preset: str
) -> None:
    """A rule has no `$` at all, and a panel without an exporter none but Grafana's own."""
    with_variable = []
    for snippet in snippets:
        scope_of = scopes(preset, snippet.exporter)
        # label_replace() calls what its pattern matched $1.
        rule = sample(snippet).render(scope_of["an alert"]).replace('"$1"', "")
        bare = sample(snippet).render(scope_of["a dashboard without exporter"]).replace('"$1"', "")
        if "$" in rule or "$" in bare.replace("$__rate_interval", ""):
            with_variable.append((snippet.name, rule, bare))

    assert [] == with_variable


@each_module
def test_a_snippet_is_documented(snippets: list[Snippet]) -> None:
    """A panel shows the description, which says where the series come from and ends like a
    sentence."""
    assert {} == {
        snippet.name: snippet.description
        for snippet in snippets
        if "Source: " not in snippet.description or not snippet.description.endswith(".")
    }


@each_module
def test_a_snippet_has_a_unit(snippets: list[Snippet]) -> None:
    """One that Grafana knows, for a panel takes it over without a look."""
    assert {} == {
        snippet.name: snippet.unit
        for snippet in snippets
        if not snippet.unit or unit_mistake(snippet.unit) is not None
    }


@each_module
def test_a_text_argument_is_matched_as_it_stands(snippets: list[Snippet]) -> None:
    """Quotes and backslashes in an argument stay inside the matcher's quotes."""
    value = 'a"b\\c\n} or up{'
    changed = []
    for snippet in snippets:
        texts = [
            name
            for name, parameter in inspect.signature(snippet.function).parameters.items()
            if str(parameter.annotation) == "str | None"
        ]
        for name in texts:
            query = snippet(**{**ARGUMENTS.get(snippet.name, {}), name: value})
            vectors = selectors(parsed(query, scopes("annotations", snippet.exporter)["an alert"]))
            if value not in {matcher.value for one in vectors for matcher in one.matchers.matchers}:
                changed.append((snippet.name, name))

    assert [] == changed


@each_preset
@each_module
def test_a_legend_names_labels_that_the_query_keeps(snippets: list[Snippet], preset: str) -> None:
    """A label that an aggregation drops would leave a hole in the legend."""
    with_variable, with_hole = {}, {}
    for snippet in snippets:
        scope = scopes(preset, snippet.exporter)["its exporter's dashboard"]
        legend = snippet.legend.replace("{{$node}}", "{{" + scope.node + "}}")
        read = frozenset(re.findall(r"\{\{\s*(\w+)\s*\}\}", legend))
        tree = parse(sample(snippet).render(scope))
        known = labels_of(tree) if tree else None
        if "$" in legend:
            with_variable[snippet.name] = legend
        if known is not None and (holes := read - known):
            with_hole[snippet.name] = holes

    assert {} == with_variable
    assert {} == with_hole


# A team's own

OWN = {
    "dashboards/snippets/api.py": '''
        """Snippets of our API."""

        from gk.promql import Exporter, Scope

        from gk.library import node

        exporter = Exporter("api", metric="http_requests_total")
        snippet = exporter.snippet


        @snippet(unit="reqps", legend="{{code}}")
        def requests(s: Scope, route: str | None = None) -> str:
            """Requests per second by status code. Source: the API's own metrics."""
            return f"sum by (code) ({s.rate('http_requests_total', route=route)})"


        @snippet(unit="none", legend="requests")
        def requests_per_busy_cpu(s: Scope) -> str:
            """Requests per second for each busy CPU. Source: the API's own metrics and the node
            exporter."""
            return f"sum({requests(s)}) / sum({node.cpu_busy(s)})"
    ''',
    "dashboards/api.py": """
        from dashboards.snippets import api
        from gk import Dashboard, timeseries

        dashboard = Dashboard(
            "API",
            uid="api",
            exporter=api,
            panels=[
                timeseries("Requests", api.requests(route="/buy")),
                timeseries("Load", api.requests_per_busy_cpu),
            ],
        )
    """,
    "alerts/api.py": """
        from dashboards.snippets import api
        from gk import alert, alert_group

        group = alert_group("api", [alert("APIIsBusy", api.requests(route="/buy") > 100)])
    """,
}


def test_a_team_s_snippet_serves_its_panel_and_its_alert(project: ProjectFolder) -> None:
    """One function, the dashboard's variables in one, a fixed job and window in the other."""
    project.write(OWN)

    panel = project.resource(Kind.DASHBOARD).body["panels"][0]
    rule = project.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]

    assert (
        "sum by (code) "
        '(rate(http_requests_total{job=~"$job",instance=~"$node",route="/buy"}[$__rate_interval]))'
    ) == panel["targets"][0]["expr"]
    assert (
        'sum by (code) (rate(http_requests_total{job="api",route="/buy"}[5m])) > 100'
        == rule["expr"]
    )
    assert ("reqps", "{{code}}") == (
        panel["fieldConfig"]["defaults"]["unit"],
        panel["targets"][0]["legendFormat"],
    )


def test_a_team_s_snippet_may_be_built_from_gk_s(project: ProjectFolder) -> None:
    """The node exporter keeps its own job inside, and the dashboard's nodes are chosen in both."""
    project.write(OWN)

    expr = project.resource(Kind.DASHBOARD).body["panels"][1]["targets"][0]["expr"]

    read = {
        vector.name: {one.name: one.value for one in vector.matchers.matchers}
        for vector in selectors(_parsed(expr))
    }
    assert {"job": "$job", "instance": "$node"} == read["http_requests_total"]
    assert {"job": "node-exporter", "instance": "$node", "mode": "idle"} == read[
        "node_cpu_seconds_total"
    ]


def _parsed(text: str) -> promql_parser.Expr:
    expr = parse(text)
    assert expr is not None
    return expr
