"""A dashboard's variables: those that an exporter brings, and the definition's own in today's
shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gk.compile.context import Compilation
from gk.define.dashboard import ALL, Dashboard, datasource_variable, query_variable
from gk.documents.strip import is_prometheus
from gk.errors import Source
from gk.promql.snippet import Query, Scope, Snippet, query_of
from gk.promql.syntax import matcher, variables
from gk.resource import Use, Where

__all__ = ["DATASOURCE", "all_variables", "complete_queries"]

DATASOURCE = "${datasource}"

Variable = dict[str, Any]


_OF_INTERVALS = ("auto", "auto_count", "auto_min")


def all_variables(context: Compilation, body: dict[str, Any], own: Dashboard) -> list[Variable]:
    """Put the exporter's variables before those in `body`, in place, and return all of them.

    One of the definition's own takes the place of the exporter's of that name.
    """
    given = body.get("templating", {}).get("list", [])
    names = {variable.get("name") for variable in given}
    if own.datasource is not None and not variables(str(own.datasource)):
        # A choice of data sources would change nothing.
        names.add("datasource")
    brought = [each for each in _of_exporter(context, own) if each["name"] not in names]
    body["templating"] = {"list": [*brought, *given]}
    for variable in given:
        _repair(variable)
    return [*brought, *given]


def _repair(variable: Variable) -> None:
    """Repair what grafanalib writes for variables of every type."""
    if variable.get("type") != "interval":
        for key in _OF_INTERVALS:
            variable.pop(key, None)
    current = variable.get("current", {})
    current.pop("tags", None)
    if "value" in current and current["value"] is None:
        del variable["current"]
    elif variable.get("includeAll") and current.get("value") in ("All", ["All"]):
        # grafanalib's default="All": for Grafana that is the text, and this the value.
        current["value"] = [ALL] if variable.get("multi") else ALL


def _of_exporter(context: Compilation, own: Dashboard) -> list[Variable]:
    exporter = own.exporter
    if exporter is None:
        return []
    labels = context.settings.labels.of(exporter.name)
    of_job = ",".join([matcher("job", "$job"), *labels.matchers])
    return [
        datasource_variable(
            "datasource",
            label="Data source",
            default=context.default_datasource("prometheus") or "",
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
            multi=not own.one_node,
            include_all=not own.one_node,
            # Without it Grafana lists every node in every query, and the URL gets too long for some
            # browsers.
            all_value="" if own.one_node else ".+",
            refresh="time",
        ).to_json_data(),
    ]


def _braces(matchers: str) -> str:
    return f"{{{matchers}}}" if matchers else ""


def complete_queries(
    context: Compilation, completed: Iterable[Variable], own: Dashboard, source: Source
) -> list[Use]:
    """Render the queries of variables whose data sources are named, and give Prometheus's the shape
    of its editor.

    Returns the queries that snippets wrote.
    """
    uses = []
    for variable in completed:
        query = variable.get("query")
        if isinstance(query, (Query, Snippet)):
            asked = query_of(query)
            scope = Scope.panel(context.settings.labels, own.exporter, one_node=own.one_node)
            expr = context.queries.render(asked, scope, source)
            variable["query"] = query = f"query_result({expr})"
            uses.append(context.use(Where("variable", variable["name"]), asked, expr))
        if variable.get("type") == "query" and isinstance(query, str) and is_prometheus(variable):
            variable["query"] = {"query": query, "refId": "StandardVariableQuery"}
            variable["definition"] = query
    return uses
