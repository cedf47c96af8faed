"""A dashboard's variables: those that an exporter brings, and the definition's own in today's shape."""

from __future__ import annotations

from typing import Any

from gk.compile.context import Context
from gk.dashboard import Dashboard, datasource_variable, query_variable
from gk.errors import Source
from gk.promql.snippet import Exporter, Query, Scope, Snippet, query_of
from gk.promql.syntax import matcher

__all__ = ["DATASOURCE", "compile_variables"]

DATASOURCE = "${datasource}"

Variable = dict[str, Any]


def compile_variables(context: Context, body: dict[str, Any], own: Dashboard, source: Source) -> list[Variable]:
    """Complete the variables in `body`, in place, and return them: the exporter's first, the definition's as given."""
    given = body.get("templating", {}).get("list", [])
    names = {variable.get("name") for variable in given}
    brought = [each for each in _of_exporter(context, own.exporter) if each["name"] not in names]
    variables = [*brought, *given]
    body["templating"] = {"list": variables}
    for variable in variables:
        if variable.get("type") == "query":
            _complete_query(context, variable, own.exporter, source)
    return variables


def _of_exporter(context: Context, exporter: Exporter | None) -> list[Variable]:
    if exporter is None:
        return []
    labels = context.settings.labels.of(exporter.name)
    of_job = ",".join([matcher("job", "$job"), *labels.matchers])
    return [
        datasource_variable(
            "datasource", label="Data source", default=context.default_datasource("prometheus") or ""
        ).to_json_data(),
        query_variable(
            "job",
            f"label_values({exporter.metric}{_braces(','.join(labels.matchers))}, job)",
            label="Job",
            multi=True,
            default=labels.job,
        ).to_json_data(),
        query_variable(
            "node",
            f"label_values({exporter.metric}{_braces(of_job)}, {labels.node})",
            label="Node",
            multi=True,
            include_all=True,
            # Without it Grafana lists every node in every query, and the URL gets too long for some browsers.
            all_value=".+",
            refresh="time",
        ).to_json_data(),
    ]


def _braces(matchers: str) -> str:
    return f"{{{matchers}}}" if matchers else ""


def _complete_query(context: Context, variable: Variable, exporter: Exporter | None, source: Source) -> None:
    query = variable.get("query")
    if isinstance(query, (Query, Snippet)):
        scope = Scope.panel(context.settings.labels, exporter)
        query = f"query_result({context.render(query_of(query), scope, source)})"
    if isinstance(query, str):
        variable["query"] = {"query": query, "refId": "StandardVariableQuery"}
        variable["definition"] = query
