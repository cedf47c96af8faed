"""Compiles a dashboard's variables: those of its exporter, and its own in the current shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gk.compile.context import Compilation
from gk.compile.names import Names
from gk.compile.references import References
from gk.define.dashboard import Dashboard
from gk.define.exported import EXPORTED
from gk.define.variables import ALL, custom_variable, datasource_variable, query_variable
from gk.documents.references import is_prometheus, refer
from gk.errors import Source, Where
from gk.promql.labels import Labels, Regex
from gk.promql.mistakes import variable_query_mistake
from gk.promql.snippet import Exporter, Nodes, Query, Scope, Snippet, query_of
from gk.promql.syntax import matcher, selector, variables
from gk.resource import Use
from gk.settings.targets import NATURAL_ORDER, SWITCH_VARIABLE

__all__ = ["completed_variables", "variables_of"]

Variable = dict[str, Any]

_OF_INTERVALS = frozenset({"auto", "auto_count", "auto_min"})
_ASKING = frozenset({"query", "adhoc", "groupby"})
"""Types of variables that query a data source."""
_ALPHABETICAL = {7: 5, 8: 6}
"""The alphabetical order, without regard to case, in place of a natural one; Grafana's numbers."""


def variables_of(context: Compilation, given: Sequence[Variable], own: Dashboard) -> list[Variable]:
    """Return the exporter's variables, then those given; a given variable replaces the exporter's
    of the same name."""
    names = {variable.get("name") for variable in given}
    if own.datasource is not None and not variables(str(own.datasource)):
        # The dashboard has a fixed data source, so a choice would change nothing.
        names.add("datasource")
    brought = [variable for variable in _of_exporter(context, own) if variable["name"] not in names]
    return [*brought, *map(_repaired, given)]


def _repaired(variable: Variable) -> Variable:
    """Return the variable without keys that grafanalib writes for variables of every type."""
    if variable.get("type") != "interval":
        variable = {key: value for key, value in variable.items() if key not in _OF_INTERVALS}
    if "current" not in variable:
        return variable
    current = {key: value for key, value in variable["current"].items() if key != "tags"}
    if "value" in current and current["value"] is None:
        return {key: value for key, value in variable.items() if key != "current"}
    if variable.get("includeAll") and current.get("value") in ("All", ["All"]):
        # grafanalib's default="All" is only the text; this is Grafana's value.
        current["value"] = [ALL] if variable.get("multi") else ALL
    return {**variable, "current": current}


def _of_exporter(context: Compilation, own: Dashboard) -> list[Variable]:
    exporter = own.exporter
    if exporter is None:
        return []
    labels = context.settings.labels.of(exporter.name)
    cluster = context.settings.labels.cluster
    of_cluster = [f'{cluster}="$cluster"'] if cluster else []
    job = _job(exporter, labels, of_cluster)
    of_job = [*of_cluster, *([matcher("job", "$job")] if job else []), *labels.matchers]
    return [
        datasource_variable(
            "datasource",
            label="Data source",
            default=context.default_datasource("prometheus") or "",
        ).to_json_data(),
        *_cluster(exporter, cluster),
        *job,
        *_node(exporter, selector(exporter.metric, of_job), labels.node, own.nodes),
    ]


def _node(exporter: Exporter, series: str, label: str, nodes: Nodes) -> list[Variable]:
    """The variable `$node`: none on a dashboard of all nodes."""
    many = nodes == "any"
    variable: Variable = query_variable(
        "node",
        f"label_values({series}, {label})",
        label=exporter.target,
        multi=many,
        include_all=many,
        # Grafana inserts allValue verbatim. Without it, Grafana lists every node in every query,
        # and the URL gets too long for some browsers.
        all_value=".+" if many else "",
        refresh="time",
    ).to_json_data()
    return [] if nodes == "all" else [variable]


def _cluster(exporter: Exporter, label: str) -> list[Variable]:
    """The variable `$cluster`: none where Prometheus has the series of one cluster."""
    if not label:
        return []
    values = f"label_values({exporter.metric}, {label})"
    variable: Variable = query_variable("cluster", values, label="Cluster").to_json_data()
    return [variable]


def _job(exporter: Exporter, labels: Labels, of_cluster: Sequence[str]) -> list[Variable]:
    """The variable `$job`: none if queries select without a job."""
    matchers = [*of_cluster, *labels.matchers]
    chosen: dict[str, Any] = {}
    if isinstance(labels.job, Regex):
        # All of the matching jobs are chosen at first, and Grafana inserts the pattern for them.
        matchers.insert(len(of_cluster), labels.job_matcher)
        pattern = labels.job_matcher.removeprefix('job=~"').removesuffix('"')
        chosen = {"include_all": True, "all_value": pattern}
    elif isinstance(labels.job, str):
        chosen = {"default": labels.job}
    variable: Variable = query_variable(
        "job",
        f"label_values({selector(exporter.metric, matchers)}, job)",
        label="Job",
        multi=True,
        **chosen,
    ).to_json_data()
    if isinstance(labels.job, tuple):
        jobs = list(labels.job)
        variable["current"] = {"text": jobs, "value": jobs}
    return [variable] if labels.job_matcher else []


def completed_variables(
    context: Compilation,
    given: Sequence[Variable],
    own: Dashboard,
    of_gk: tuple[References, Names],
    of_export: tuple[References, Names],
) -> tuple[list[Variable], list[Use]]:
    """Return the variables with data sources and rendered queries, and the uses of snippets in
    them. References and names are different for those that somebody made in Grafana."""
    scope = Scope.panel(context.settings.labels, own.exporter, nodes=own.nodes)
    completed, uses = [], []
    for noted in given:
        references, names = of_export if EXPORTED in noted else of_gk
        source = names.findings.source
        variable = {key: value for key, value in noted.items() if key != EXPORTED}
        variable = _as_targets_have_it(context, variable, names)
        variable = _with_datasource(variable, references, source)
        query = variable.get("query")
        if isinstance(query, (Query, Snippet)):
            asked = query_of(query)
            where = _where(variable)
            expr = context.queries.render(asked, scope, source, where)
            query = f"query_result({expr})"
            uses.append(context.use(where, asked, expr))
        else:
            _check_query(variable, query, names)
        completed.append(_with_query(variable, query))
    return completed, uses


def _as_targets_have_it(context: Compilation, variable: Variable, names: Names) -> Variable:
    """A variable of gk without what a target lacks: an order, or the type."""
    if names.findings.of_export:
        return variable
    targets = context.settings.targets
    if targets.given and not targets.have(NATURAL_ORDER):
        # The values would be in whatever order Prometheus answers, and the dashboard would open
        # with the first of them (seen on 9.3.2).
        sort = variable.get("sort")
        variable = {**variable, "sort": _ALPHABETICAL[sort]} if sort in _ALPHABETICAL else variable
    if variable.get("type") == "switch" and (older := targets.lacking(SWITCH_VARIABLE)):
        return _choice(variable, older, names)
    return variable


def _choice(switch: Variable, older: str, names: Names) -> Variable:
    """A switch as a choice of its two values."""
    on, off = (option["value"] for option in switch["options"])
    names.findings.warn(
        f"variable ${switch['name']} is built as a choice of '{on}' and '{off}': a switch needs "
        f"Grafana {SWITCH_VARIABLE}, and this project is built for {older}"
    )
    chosen = switch["current"]["value"]
    choice = custom_variable(switch["name"], [on, off], default=chosen).to_json_data()
    return {**switch, **{key: choice[key] for key in ("type", "query", "options", "current")}}


def _with_datasource(variable: Variable, references: References, source: Source) -> Variable:
    if "datasource" not in variable and variable.get("type") not in _ASKING:
        return variable
    where = _where(variable)
    named = dict(variable)
    refer(named, references.of(variable.get("datasource"), source, where))
    return named


def _check_query(variable: Variable, query: Any, names: Names) -> None:
    text = query.get("query") if isinstance(query, dict) else query
    if variable.get("type") != "query" or not is_prometheus(variable) or not isinstance(text, str):
        return
    where, findings = _where(variable), names.findings
    if mistake := variable_query_mistake(text):
        findings.in_query(findings.source, where, mistake, text)
    names.in_promql(text, findings.source, where)


def _where(variable: Variable) -> Where:
    return Where("variable", str(variable.get("name")))


def _with_query(variable: Variable, query: Any) -> Variable:
    """Return the variable with its query; one of Prometheus in the form of Grafana's editor."""
    if variable.get("type") == "query" and isinstance(query, str) and is_prometheus(variable):
        editor = {"query": query, "refId": "StandardVariableQuery"}
        return {**variable, "query": editor, "definition": query}
    return {**variable, "query": query} if "query" in variable else variable
