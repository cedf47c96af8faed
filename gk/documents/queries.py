"""Reads the PromQL queries of a resource from its document, and the labels that are read from their
results.

The document is enough, whichever tool made the resource. Variables stay in the text as the
dashboard has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gk.documents.parts import dicts, every_panel, path
from gk.documents.schema_v2 import as_classic
from gk.errors import Where
from gk.promql.syntax import is_label
from gk.resource import Kind, Resource

__all__ = [
    "LABEL_VALUES",
    "QUERY_RESULT",
    "PromQL",
    "asks_prometheus",
    "of_rule",
    "queries",
    "queries_of",
    "variable_query",
]

Json = Mapping[str, Any]

LABEL_VALUES = re.compile(r"label_values\((?:(?P<selector>.+),\s*)?(?P<label>\w+)\)")
QUERY_RESULT = re.compile(r"query_result\((?P<expr>.+)\)", re.DOTALL)
_IN_FORMAT = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_IN_TEMPLATE = re.compile(r"\$labels\.(\w+)")
_ASKED_FOR = re.compile(r"\{\{-?\s*(?:with|if)\s+\$labels\.(\w+)\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class PromQL:
    """A query of a resource: the part that it is in, its text, and the labels that a legend, a
    table or an annotation reads from its result. `ref` is its refId, if the part may have several
    queries.

    As text its place, for messages: `panel 'CPU busy' A`.
    """

    where: Where
    expr: str
    labels: frozenset[str] = frozenset()
    ref: str = ""

    def __str__(self) -> str:
        return f"{self.where} {self.ref}" if self.ref else str(self.where)


def queries(resource: Resource) -> list[PromQL]:
    """Return every PromQL query of a resource, in the order of its document; for variables, those
    that query Prometheus."""
    if resource.kind is Kind.DASHBOARD:
        return list(queries_of(as_classic(resource.body)))
    if resource.kind is Kind.LIBRARY_PANEL:
        return list(queries_of({"panels": [resource.body["model"]]}))
    if resource.kind is Kind.RULE_GROUP:
        return list(_of_grafana(resource.body["rules"]))
    if resource.kind is Kind.PROMETHEUS_GROUP:
        return [_of_rule(rule) for rule in resource.body["rules"]]
    return []


def of_rule(rule: Json) -> list[PromQL]:
    """The PromQL queries of one rule, of Prometheus or of Grafana."""
    return list(_of_grafana([rule])) if "data" in rule else [_of_rule(rule)]


def asks_prometheus(owner: Json) -> bool:
    """Whether the data source of a target, variable, annotation or rule query has the type
    prometheus."""
    source = owner.get("datasource")
    return isinstance(source, Mapping) and source.get("type") == "prometheus"


def _has_expr(owner: Json) -> bool:
    return isinstance(owner.get("expr"), str)


def variable_query(variable: Json) -> str:
    """The Prometheus query of a variable, as in Grafana's editor; empty without one."""
    if variable.get("type") != "query" or not asks_prometheus(variable):
        return ""
    query = variable.get("query", "")
    return str(query.get("query", "") if isinstance(query, Mapping) else query)


def queries_of(body: Json) -> Iterator[PromQL]:
    """Yield every PromQL query of a classic dashboard."""
    for variable in body.get("templating", {}).get("list", []):
        text, where = variable_query(variable), Where("variable", str(variable.get("name", "")))
        if match := LABEL_VALUES.fullmatch(text):
            # `label_values(label)` has no selector, and so no query.
            if match["selector"]:
                yield PromQL(where, match["selector"], frozenset({match["label"]}))
        elif match := QUERY_RESULT.fullmatch(text):
            yield PromQL(where, match["expr"])
    for annotation in body.get("annotations", {}).get("list", []):
        if _has_expr(annotation) and asks_prometheus(annotation):
            where = Where("annotation", str(annotation.get("name", "")))
            yield PromQL(where, annotation["expr"], _of_annotation(annotation))
    for panel in every_panel(body):
        # Only the first query of a table must have all labels of its rows; others may lack some,
        # and may bring more.
        columns = _in_columns(panel)
        for target in panel.get("targets", []):
            if _has_expr(target) and asks_prometheus(target):
                where = Where("panel", panel.get("title", ""))
                yield PromQL(where, target["expr"], _in_legend(target) | columns, target["refId"])
                columns = frozenset()


def _in_legend(target: Json) -> frozenset[str]:
    if target.get("format") == "table":
        return frozenset()
    labels = _in_format(str(target.get("legendFormat", "")))
    # Native histograms have their bounds in the samples.
    if target.get("format") == "heatmap" and "_bucket" not in target["expr"]:
        return labels - {"le"}
    return labels


def _in_columns(panel: dict[str, Any]) -> frozenset[str]:
    """The labels that a table renames to column headers, without those that some of its other
    queries may bring: those that not all of them name, or the only one names."""
    if panel.get("type") != "table":
        return frozenset()
    transformations = dicts(panel, "transformations")
    renamed = [
        path(transformation, "options", "renameByName") for transformation in transformations
    ]
    # A join numbers the columns of one name (`pod 1`), and a reduction adds how (`A (last)`).
    columns = frozenset(
        name
        for names in renamed
        for name in names
        if is_label(name) and name not in ("Time", "Value")
    )
    left_out = {
        str(path(transformation, "options").get("exclude"))
        for transformation in transformations
        if transformation.get("id") == "filterByRefId"
    }
    others = [
        frozenset(re.findall(r"\w+", str(target.get("expr", ""))))
        for target in panel.get("targets", [])[1:]
        if target.get("refId") not in left_out
    ]
    if len(others) < 2:
        return columns.difference(*others)
    return columns - (frozenset().union(*others) - frozenset.intersection(*others))


def _of_annotation(annotation: Json) -> frozenset[str]:
    formats = _in_format(f"{annotation.get('titleFormat', '')} {annotation.get('textFormat', '')}")
    return formats | frozenset(filter(None, str(annotation.get("tagKeys") or "").split(",")))


def _in_format(text: str) -> frozenset[str]:
    return frozenset(_IN_FORMAT.findall(text))


def _of_grafana(rules: Iterable[Json]) -> Iterator[PromQL]:
    for rule in rules:
        kind = "recording rule" if rule.get("record") else "alert"
        for query in rule["data"]:
            if _has_expr(query["model"]) and asks_prometheus(query["model"]):
                where = Where(kind, rule["title"])
                yield PromQL(where, query["model"]["expr"], _in_texts(rule))


def _of_rule(rule: Json) -> PromQL:
    if "record" in rule:
        return PromQL(Where("recording rule", rule["record"]), rule["expr"])
    return PromQL(Where("alert", rule["alert"]), rule["expr"], _in_texts(rule))


def _in_texts(rule: Json) -> frozenset[str]:
    texts = [*rule.get("labels", {}).values(), *rule.get("annotations", {}).values()]
    # What a text asks for first, it can do without.
    return frozenset(
        name
        for text in texts
        for name in {*_IN_TEMPLATE.findall(text)} - {*_ASKED_FOR.findall(text)}
    )
