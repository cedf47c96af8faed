"""Rule groups as definitions: those of Prometheus, and those of Grafana."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import promql_parser

from gk.decompile.panels import Queries
from gk.decompile.python import Call, Code, Comparison, Name
from gk.documents.durations import milliseconds
from gk.documents.shapes import Json
from gk.documents.strip import without_defaults
from gk.promql.syntax import parse

__all__ = ["compared", "grafana_group_code", "prometheus_group_code"]

_COMPARED = re.compile(
    r"(?P<query>.+?)\s*(?P<operator>>=|<=|>|<)\s*(?P<bound>-?[0-9.]+(?:e[+-]?[0-9]+)?)\s*",
    re.DOTALL,
)


def prometheus_group_code(
    group: Json, folder: str, queries: Queries, has_panel: Callable[[str], bool]
) -> Call:
    """Return a rule group of Prometheus as a definition. `has_panel` says whether a panel shows a
    query."""
    rules: list[Code] = [_rule(rule, queries, has_panel) for rule in group.get("rules") or ()]
    named: dict[str, Code] = {"folder": folder} if folder else {}
    interval = str(group.get("interval") or "")
    # Without one, Prometheus takes its evaluation_interval, which gk says with an empty text.
    if milliseconds(interval or "0s") != milliseconds("1m"):
        named["interval"] = interval
    for key in ("limit", "query_offset"):
        if group.get(key):
            named[key] = group[key]
    if labels := group.get("labels"):
        named["labels"] = _texts(labels)
    return Call(Name("alert_group", "gk"), [str(group["name"]), rules], named)


def grafana_group_code(group: Json, folder: str, reference: Callable[[Any], Code]) -> Call:
    """Return a rule group of Grafana as a definition."""
    rules: list[Code] = []
    for rule in group.get("rules") or ():
        for query in rule["data"]:
            # The definitions have to know each data source that a query asks.
            reference({"uid": query.get("datasourceUid"), **_type_of(query)})
        rules.append(_grafana_rule(rule))
    named: dict[str, Code] = {"folder": folder}
    seconds = int(group["interval"])
    if seconds != 60:
        named["interval"] = f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
    return Call(Name("alert_group", "gk"), [str(group["title"]), rules], named)


def _type_of(query: Json) -> dict[str, str]:
    given = query.get("model", {}).get("datasource")
    kind = given.get("type") if isinstance(given, dict) else None
    return {"type": str(kind)} if kind else {}


def _grafana_rule(rule: Json) -> Code:
    title = str(rule["title"])
    data = [without_defaults(query) for query in rule["data"]]
    record = rule.get("record") or {}
    condition = str(record.get("from") or rule["condition"])
    asked = Call(Name("rule_queries", "gk"), [data], {"condition": condition})
    labels = _texts(rule.get("labels") or {})
    if record:
        named: dict[str, Code] = {"labels": labels} if labels else {}
        named |= {"to": record.get("target_datasource_uid", ""), "uid": rule["uid"]}
        return Call(Name("recording_rule", "gk"), [record["metric"], asked], named)
    named = dict(_alert_arguments(rule))
    # Each with gk's default, which a definition need not say.
    for key, argument, default in (
        ("noDataState", "no_data", "OK"),
        ("execErrState", "exec_err", "Error"),
        ("isPaused", "paused", False),
    ):
        if rule.get(key, default) != default:
            named[argument] = rule[key]
    if settings := rule.get("notification_settings"):
        given = {key: value for key, value in settings.items() if value}
        named["notification_settings"] = given
    return Call(Name("alert", "gk"), [title, asked], {**named, "uid": rule["uid"]})


def _rule(rule: Json, queries: Queries, has_panel: Callable[[str], bool]) -> Code:
    expr = str(rule.get("expr", ""))
    if "record" in rule:
        named: dict[str, Code] = {"labels": _texts(rule["labels"])} if rule.get("labels") else {}
        return Call(Name("recording_rule", "gk"), [rule["record"], queries.code(expr)], named)
    condition, shared = _condition(expr, queries)
    named = dict(_alert_arguments(rule))
    # gk would add a link to the panel, which the original has not.
    if any(map(has_panel, shared)):
        named["linked"] = False
    return Call(Name("alert", "gk"), [str(rule["alert"]), condition], named)


def _alert_arguments(rule: Json) -> Iterator[tuple[str, Code]]:
    labels, annotations = _texts(rule.get("labels") or {}), _texts(rule.get("annotations") or {})
    if milliseconds(str(rule.get("for") or "0s")):
        yield "for_", str(rule["for"])
    # gk's alerts are warnings: one without a severity has to say so.
    severity = labels.pop("severity", "")
    if severity != "warning":
        yield "severity", severity
    for key in ("summary", "description"):
        if annotations.get(key):
            yield key, annotations.pop(key)
    if milliseconds(str(rule.get("keep_firing_for") or "0s")):
        yield "keep_firing_for", str(rule["keep_firing_for"])
    if annotations.get("runbook_url"):
        yield "runbook", annotations.pop("runbook_url")
    if labels:
        yield "labels", labels
    if annotations:
        yield "annotations", annotations


def _texts(given: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): str(value) for name, value in given.items()}


def _condition(expr: str, queries: Queries) -> tuple[Code, list[str]]:
    """An alert's condition, and the queries in it that are snippets: a comparison of one, or its
    whole text."""
    if queries.legend(expr) is not None:
        return queries.code(expr), [expr]
    if split := compared(expr):
        query, operator, bound = split
        if queries.legend(query) is not None:
            return Comparison(queries.code(query), operator, bound), [query]
    return expr, []


def compared(expr: str) -> tuple[str, str, float] | None:
    """The query, the operator and the bound of an expression that compares a query with a number;
    None for any other."""
    match = _COMPARED.fullmatch(expr)
    try:
        parsed = parse(expr) if match else None
        inner = parse(match["query"]) if match and parsed is not None else None
    except ValueError:
        return None
    if match is None or not isinstance(parsed, promql_parser.BinaryExpr) or inner is None:
        return None
    if str(parsed.lhs) != str(inner) or str(parsed.op) != match["operator"]:
        return None
    number = float(match["bound"])
    bound = int(number) if number.is_integer() else number
    # Another text of the same number, such as `.5` or `1e6`, would be a change in the file.
    return (match["query"], match["operator"], bound) if str(bound) == match["bound"] else None
