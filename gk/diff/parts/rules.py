"""Compares two rule groups, in the words that Grafana's and Prometheus's form share: query,
threshold, for, severity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import promql_parser

from gk.diff.codes import Code
from gk.diff.model import Edit, Form, Mark, Part
from gk.diff.parts.fields import (
    OF_NOTIFICATIONS,
    Json,
    Named,
    as_list,
    as_mapping,
    edit_of,
    edits,
    one_edit,
)
from gk.documents.names import rule_name
from gk.documents.parts import without
from gk.promql.syntax import parse

__all__ = [
    "NO_BOUND",
    "SEVERITIES",
    "Rule",
    "rule_parts",
    "rules",
    "split_bound",
    "threshold",
]

SEVERITIES = ("critical", "error", "warning", "info", "none")
"""The usual severities, highest first."""
NO_BOUND = "none"


@dataclass(frozen=True)
class Rule:
    """A rule of Grafana or Prometheus, in shared words.

    `bound` is the comparison with the query (`> 0.9`), empty if the rule fires for every series.
    `rest` has the fields of one engine only.
    """

    kind: str
    name: str
    id: str
    expr: str
    bound: str
    waits: str
    labels: Json
    annotations: Json
    panel: str = ""
    """The panel that the rule links to: `uid of the dashboard/id of the panel`."""
    receiver: Any = None
    paused: bool = False
    no_data: str = ""
    on_error: str = ""
    datasource: str = ""
    language: Form = Form.PROMQL
    """How to read the query: text of another language than PromQL is no PromQL."""
    rest: Json = field(default_factory=dict)

    @property
    def threshold(self) -> tuple[str, float] | None:
        """The operator and the number of `bound`; None if it is more complex."""
        return threshold(self.bound)


def threshold(bound: str) -> tuple[str, float] | None:
    """The operator and the number of a bound; None if it is more complex."""
    operator, _, number = bound.partition(" ")
    try:
        return (operator, float(number)) if operator in _OPERATORS.values() else None
    except ValueError:
        return None


def rules(group: Any) -> list[Rule]:
    """The rules in a group's document, in Grafana's or Prometheus's form."""
    listed = group.get("rules") if isinstance(group, Mapping) else None
    if isinstance(listed, Mapping):
        listed = [{"uid": uid, **rule} for uid, rule in listed.items() if isinstance(rule, Mapping)]
    return [
        # Only Grafana's form has `data`.
        _of_grafana(rule) if "data" in rule else _of_prometheus(rule)
        for rule in as_list(listed)
        if isinstance(rule, Mapping)
    ]


def rule_parts(old: Json, new: Json) -> list[Part]:
    """The parts of a rule group that differ: its own settings first, then rules."""
    codes = {
        "interval": Code.EVERY,
        "limit": Code.LIMIT,
        "query_offset": Code.QUERY_OFFSET,
        "folderUid": Code.FOLDER,
        "title": Code.TITLE,
        "name": Code.NAME,
    }
    changed = tuple(edits(without(old, "rules"), without(new, "rules"), codes))
    parts = [Part("", "", Mark.CHANGED, changed)] if changed else []
    before, after = rules(old), rules(new)
    # By kind, because an alert and a recording rule may have the same name.
    for kind in ("alert", "recording rule"):
        named = Named(
            kind,
            lambda rule: str(rule["name"]),
            _chief,
            _edits,
            (lambda rule: rule["id"] or None, _alike),
            # A warning and a critical alert may share a name.
            (lambda rule: (str(rule["name"]), str(rule["labels"].get("severity"))),),
        )
        parts += named.parts(
            *([vars(rule) for rule in side if rule.kind == kind] for side in (before, after))
        )
    names = [[rule.name for rule in side] for side in (before, after)]
    kept, now = ([name for name in side if name in names[0] and name in names[1]] for side in names)
    # A recording rule may read what an earlier one records; for alerts the order does not matter.
    if kept != now and any(rule.kind == "recording rule" for rule in after):
        order = edit_of(Code.ORDER, ", ".join(kept), ", ".join(now), Form.WORDS, of="rules")
        parts.insert(0, Part("", "", Mark.CHANGED, (order,)))
    return parts


def _alike(rule: Json) -> Any:
    return (rule["expr"], rule["bound"]) if rule["expr"] else None


def _chief(rule: Json) -> Iterator[Edit]:
    yield from one_edit(Code.QUERY, None, rule["expr"] or None, rule["language"])
    yield from one_edit(Code.THRESHOLD, None, rule["bound"] or None, Form.WORDS)
    yield from one_edit(Code.WAITS, None, rule["waits"] or None, Form.WORDS)
    yield from one_edit(Code.SEVERITY, None, rule["labels"].get("severity"))


def _edits(old: Json, new: Json) -> Iterator[Edit]:
    yield from one_edit(Code.UID, old["id"] or None, new["id"] or None)
    yield from one_edit(Code.QUERY, old["expr"] or None, new["expr"] or None, new["language"])
    yield from one_edit(
        Code.THRESHOLD, old["bound"] or NO_BOUND, new["bound"] or NO_BOUND, Form.WORDS
    )
    yield from one_edit(Code.WAITS, old["waits"] or "0s", new["waits"] or "0s", Form.WORDS)
    yield from one_edit(Code.PAUSED, old["paused"], new["paused"])
    yield from one_edit(Code.RECEIVER, old["receiver"], new["receiver"])
    yield from one_edit(Code.DATASOURCE, old["datasource"] or None, new["datasource"] or None)
    yield from one_edit(Code.NO_DATA, old["no_data"] or None, new["no_data"] or None)
    yield from one_edit(Code.ON_ERROR, old["on_error"] or None, new["on_error"] or None)
    yield from one_edit(Code.PANEL, old["panel"] or None, new["panel"] or None, Form.WORDS)
    yield from edits(old["labels"], new["labels"], {"severity": Code.SEVERITY})
    yield from edits(old["annotations"], new["annotations"], {"description": Code.DESCRIPTION})
    yield from edits(old["rest"], new["rest"], _CODES)


_CODES = {
    "keep_firing_for": Code.KEEPS_FIRING,
    "target_datasource_uid": Code.RECORDED_TO,
    **OF_NOTIFICATIONS,
}
"""The other fields of a rule that gk has words for."""

# Prometheus's form

_PROMETHEUS = ("alert", "record", "expr", "for", "labels", "annotations")
_PANEL = re.compile(r"(?P<host>.*)/d/(?P<uid>[\w-]+)\?viewPanel=(?P<id>\d+)(?P<chosen>.*)")
_BY_GK = re.compile(
    r"(?:\{\{ with \$labels\.\w+ \}\}&var-\w+=\{\{ \. \| urlquery \}\}\{\{ end \}\})*"
    r"(?:&from=\{\{ query [^{}]+ \}\}&to=\{\{ query [^{}]+ \}\})?"
)
"""The values of variables and the time that gk adds: what they are follows from the dashboard."""
_COMPARED = re.compile(r"(?P<query>.+) (?P<bound>(?:>=|<=|>|<) -?[0-9.e+-]+)", re.DOTALL)


def _of_prometheus(body: Json) -> Rule:
    is_alert = "alert" in body
    annotations = dict(as_mapping(body.get("annotations")))
    linked = _PANEL.fullmatch(str(annotations.get("dashboard_url", "")))
    if linked and _BY_GK.fullmatch(linked["chosen"]):
        # The host is a setting of the project, not of the alert.
        annotations["dashboard_url"] = linked["host"]
    expr, bound = (
        split_bound(str(body.get("expr", ""))) if is_alert else (str(body.get("expr", "")), "")
    )
    return Rule(
        kind="alert" if is_alert else "recording rule",
        name=str(body.get("alert" if is_alert else "record", "")),
        id="",
        expr=expr,
        bound=bound,
        waits=str(body.get("for", "")),
        labels=as_mapping(body.get("labels")),
        annotations={key: value for key, value in annotations.items() if value},
        panel=f"{linked['uid']}/{linked['id']}" if linked else "",
        rest={key: value for key, value in body.items() if key not in _PROMETHEUS},
    )


def split_bound(expr: str) -> tuple[str, str]:
    """Split PromQL into the query and its comparison, as in the definition of an alert."""
    match = _COMPARED.fullmatch(expr)
    if not match:
        return expr, ""
    try:
        # The pattern may split inside of a longer expression: only a parse tells.
        parsed, query = parse(expr), match["query"]
        if not isinstance(parsed, promql_parser.BinaryExpr) or str(parsed.lhs) != str(parse(query)):
            return expr, ""
        is_enclosed = isinstance(parsed.lhs, promql_parser.ParenExpr)
        return query[1:-1] if is_enclosed else query, match["bound"]
    except ValueError:
        return expr, ""


# Grafana's form

_GRAFANA = (
    "uid",
    "title",
    "condition",
    "data",
    "for",
    "labels",
    "annotations",
    "isPaused",
    "noDataState",
)
_ELSEWHERE = ("execErrState", "notification_settings", "ruleGroup", "folderUID", "record")
_PANEL_KEYS = ("__dashboardUid__", "__panelId__")
_OPERATORS = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<="}
_MATH = re.compile(r"\$A (>=|<=|>|<) (-?[0-9.e+-]+)")
# What gk writes for an alert without a bound: it fires for every series.
_ANY_VALUE = "is_number($A) || is_inf($A) || is_nan($A)"
_PLAIN_QUERY = {
    "datasource",
    "expr",
    "range",
    "refId",
    "intervalMs",
    "maxDataPoints",
    "hide",
}


def _of_grafana(body: Json) -> Rule:
    data = [query for query in as_list(body["data"]) if isinstance(query, Mapping)]
    record = as_mapping(body.get("record"))
    simple = _simple(data, record.get("from") if record else body.get("condition"))
    expr, bound, datasource, rest = simple or (
        "",
        "",
        "",
        {"condition": body.get("condition"), "data": data},
    )
    rest = {
        **rest,
        **{key: value for key, value in body.items() if key not in (*_GRAFANA, *_ELSEWHERE)},
    }
    annotations = as_mapping(body.get("annotations"))
    severity = str(as_mapping(body.get("labels")).get("severity", ""))
    panel = [str(annotations[key]) for key in _PANEL_KEYS if key in annotations]
    return Rule(
        kind="recording rule" if record else "alert",
        name=str(record.get("metric", "")) or rule_name(str(body.get("title", "")), severity),
        id=str(body.get("uid", "")),
        expr=expr,
        bound=bound,
        # A rule of Prometheus without a wait has no `for`.
        waits="" if body.get("for") == "0s" else str(body.get("for", "")),
        labels=as_mapping(body.get("labels")),
        annotations=without(annotations, *_PANEL_KEYS),
        panel="/".join(panel),
        receiver=as_mapping(body.get("notification_settings")).get("receiver"),
        paused=bool(body.get("isPaused")),
        no_data=str(body.get("noDataState", "")),
        on_error=str(body.get("execErrState", "")),
        datasource=datasource,
        language=Form.PROMQL if not data or _asks_prometheus(data[0]) else Form.VALUE,
        rest=rest | _others(body, record),
    )


def _others(body: Json, record: Json) -> dict[str, Any]:
    settings = without(as_mapping(body.get("notification_settings")), "receiver")
    others = settings | without(record, "metric", "from")
    return {key: value for key, value in others.items() if value}


def _simple(data: list[Json], decided_by: Any) -> tuple[str, str, str, Json] | None:
    """The query, bound, data source and other fields of a rule with one query and one condition,
    or of a recording rule with one query. None for any other rule."""
    # gk itself writes alerts in this form; others may have any number of queries.
    if len(data) not in (1, 2) or decided_by != data[-1].get("refId"):
        return None
    query = as_mapping(data[0].get("model"))
    bound = _bound(as_mapping(data[1].get("model"))) if len(data) == 2 else ""
    text = next((key for key in _TEXTS if isinstance(query.get(key), str)), None)
    if bound is None or text is None or data[0].get("refId") != "A":
        return None
    expr = query[text]
    if not bound and _asks_prometheus(data[0]):
        # The query contains the comparison, as always in Prometheus's form.
        expr, bound = split_bound(expr)
    extra = {
        f"query {key}": value
        for key, value in query.items()
        if key != text and key not in _PLAIN_QUERY
    }
    extra |= {
        f"data {key}": value
        for key, value in data[0].items()
        if key not in ("refId", "model", "datasourceUid")
    }
    return expr, bound, str(data[0].get("datasourceUid", "")), extra


_TEXTS = ("expr", "rawSql")
"""The keys of queries that are text."""


def _asks_prometheus(query: Json) -> bool:
    datasource = as_mapping(as_mapping(query.get("model")).get("datasource"))
    return str(datasource.get("type", "prometheus")) == "prometheus"


def _bound(decision: Json) -> str | None:
    if decision.get("type") == "math":
        text = str(decision.get("expression", ""))
        match = _MATH.fullmatch(text)
        return "" if text == _ANY_VALUE else f"{match[1]} {match[2]}" if match else None
    conditions = as_list(decision.get("conditions"))
    if (
        decision.get("type") != "threshold"
        or decision.get("expression") != "A"
        or len(conditions) != 1
    ):
        return None
    evaluator = as_mapping(as_mapping(conditions[0]).get("evaluator"))
    params = as_list(evaluator.get("params"))
    operator = _OPERATORS.get(str(evaluator.get("type", "")))
    if operator is None or len(params) < 1 or conditions[0].keys() - {"evaluator"}:
        return None
    return f"{operator} {params[0]!r}"
