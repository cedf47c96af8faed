"""The parts of resources: what each refers to, and by which names others refer to it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gk.documents.parts import every_panel, path, without
from gk.documents.queries import LABEL_VALUES, QUERY_RESULT, asks_prometheus, variable_query
from gk.documents.schema_v2 import as_classic, ruling_variables, spec_of
from gk.errors import Source, Where
from gk.promql.metrics import metrics
from gk.promql.syntax import variables
from gk.resource import Kind, Resource, Use

__all__ = [
    "CONTACT_POINT",
    "DATASOURCE",
    "EXPORTER",
    "METRIC",
    "MUTE_TIMING",
    "SNIPPET",
    "TEMPLATE",
    "VARIABLE",
    "Dependent",
    "Field",
    "Node",
    "Part",
    "Reference",
    "parts_of",
]

Json = Mapping[str, Any]

SNIPPET, EXPORTER, METRIC, VARIABLE = "snippet", "exporter", "metric", "variable"
DATASOURCE, CONTACT_POINT = Kind.DATASOURCE.value, Kind.CONTACT_POINT.value
MUTE_TIMING, TEMPLATE = Kind.MUTE_TIMING.value, Kind.MESSAGE_TEMPLATE.value

_TEMPLATE = re.compile(r"\{\{-?\s*template\s+\"([^\"]+)\"")
_DEFINE = re.compile(r"\{\{-?\s*define\s+\"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class Node:
    """Something that can be referred to. `within` is the uid of the dashboard that a variable is
    of, else empty."""

    kind: str
    name: str
    within: str = ""

    def __str__(self) -> str:
        return f"${self.name}" if self.kind == VARIABLE else self.name


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a part, such as its title; `name` tells several apart: a query's refId, a route's
    matchers."""

    kind: str
    name: str = ""


_QUERY = Field("query")


@dataclass(frozen=True, slots=True)
class Dependent:
    """A part of a resource that depends on a name.

    `kind` is `panel`, `variable`, `annotation`, `link`, `alert`, `recording rule`, or that of a
    whole resource, as `contact point`. `name` is its title or name, `id` a panel's. `owner` is the
    kind of what it is in (`dashboard`, `rule group`), `uid` and `title` are that one's; of a group
    of rules both are its name. `where` has its fields that refer to the name. `through` is the way
    there, the name's side first: a snippet, a recorded series, a variable; empty where it refers to
    the name itself.
    """

    kind: str
    name: str
    owner: str
    uid: str
    title: str
    source: Source
    where: tuple[Field, ...] = ()
    through: tuple[str, ...] = ()
    id: str = ""


@dataclass(slots=True)
class Reference:
    """How a part refers to something: in which fields, and through which snippet where that only
    contains it."""

    where: dict[Field, None] = field(default_factory=dict)
    through: tuple[str, ...] = ()


@dataclass(slots=True)
class Part:
    """A part of a resource: the dependent, what it refers to, and the nodes by which others refer
    to it."""

    itself: Dependent
    refers: dict[Node, Reference] = field(default_factory=dict)
    stands_for: tuple[Node, ...] = ()
    order: int = 0

    def refer(self, node: Node, where: Field, through: tuple[str, ...] = ()) -> None:
        """Note one more field; a direct reference replaces one through a snippet."""
        reference = self.refers.setdefault(node, Reference(through=through))
        reference.where[where] = None
        if not through:
            reference.through = ()


_Datasources = Mapping[str, tuple[str, str]]
"""Name and type of each data source, by uid."""


def parts_of(resources: Iterable[Resource]) -> Iterator[Part]:
    """Every part of every resource; an alert for both engines is one part."""
    resources = list(resources)
    choices = {
        resource.uid: (resource.title, str(resource.body.get("type", "")))
        for resource in resources
        if resource.kind is Kind.DATASOURCE
    }
    rules: dict[tuple[Source, str, Where, int], Part] = {}
    for resource in resources:
        if resource.kind is Kind.DASHBOARD:
            yield from _of_dashboard(resource, choices)
        elif resource.kind in {Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP}:
            _add_rules(resource, rules)
        elif resource.kind is not Kind.FOLDER:
            yield from _whole(resource, choices)
    yield from rules.values()


def _of_dashboard(resource: Resource, datasources: _Datasources) -> Iterator[Part]:
    body = as_classic(resource.body)
    uses = defaultdict(list)
    for use in resource.uses:
        uses[use.where].append(use)

    def part(kind: str, name: str, document: Json, panel_id: str = "") -> Part:
        owner = ("dashboard", resource.uid, resource.title, resource.source)
        made = Part(Dependent(kind, name, *owner, id=panel_id))
        _refer_snippets(made, uses[Where(kind, str(name))])
        _refer_all(made, document, resource.uid)
        return made

    for variable in body.get("templating", {}).get("list", []):
        name = variable.get("name", "")
        # The last choice is values, not a text that Grafana reads.
        made = part("variable", name, without(variable, "current", "options"))
        made.stands_for = (Node(VARIABLE, name, resource.uid),)
        # What it offers is a choice of data sources, each of which is read where it is chosen.
        for uid in _choices(variable, datasources):
            made.refer(Node(DATASOURCE, uid), Field("choice"))
        yield made
    for annotation in body.get("annotations", {}).get("list", []):
        name = annotation.get("name", "")
        yield part("annotation", name, annotation)
    for link in body.get("links", []):
        yield part("link", link.get("title", ""), link)
    ruling = ruling_variables(path(spec_of(resource.body), "layout"))
    for panel in every_panel(body):
        title = panel.get("title", "")
        kind = "row" if panel.get("type") == "row" else "panel"
        made = part(kind, title, panel, str(panel.get("id", "")))
        named = title if kind == "row" else f"panel-{panel.get('id')}"
        # The variables that decide whether the panel is shown.
        for name in ruling.get(named, ()):
            made.refer(Node(VARIABLE, name, resource.uid), Field("show_when"))
        yield made
    yield part("title", resource.title, {"title": resource.title})


def _refer_snippets(part: Part, uses: Iterable[Use]) -> None:
    """Note the snippets in the queries of a part; those that another snippet calls, through it."""
    for use in uses:
        for snippet in use.snippets:
            own = snippet is use.query.snippet
            part.refer(
                Node(SNIPPET, snippet.name), _QUERY, () if own else (use.query.snippet.name,)
            )


def _choices(variable: Json, datasources: _Datasources) -> list[str]:
    """The uids of the data sources that a variable offers: those of its type, whose names its
    `regex` finds."""
    if variable.get("type") != "datasource":
        return []
    regex = str(variable.get("regex") or "").strip("/")
    try:
        pattern = re.compile(regex)
    except re.error:
        # It is JavaScript's, which has more.
        pattern = re.compile("")
    of_type = [
        (uid, name) for uid, (name, kind) in datasources.items() if kind == variable.get("query")
    ]
    return [uid for uid, name in of_type if pattern.search(name)]


_FIELDS = {"expr": "query", "definition": "query", "fieldConfig": "field config"}
"""The names of fields, if they differ from their keys."""


# The panels in a row are parts of their own.
_NO_TEXT = {"gridPos", "id", "type", "pluginVersion", "panels"}


def _refer_all(part: Part, document: Json, dashboard: str) -> None:
    """Note all that a part of a dashboard refers to, field by field."""
    for key, value in document.items():
        if key in _NO_TEXT:
            continue
        if key == "targets":
            for target in value:
                _refer(part, target, Field("query", target.get("refId", "")), dashboard)
        else:
            _refer(part, value, Field(_FIELDS.get(key, key)), dashboard)
    _refer_datasource(part, document.get("datasource"), Field("datasource"))
    if repeat := document.get("repeat"):
        part.refer(Node(VARIABLE, str(repeat), dashboard), Field("repeat"))
    if asks_prometheus(_with_dict(document)):
        for metric in metrics(_asked(document)):
            part.refer(Node(METRIC, metric), _QUERY)


def _with_dict(owner: Json) -> Json:
    """`owner`, whose data source may be a name, as in what was made for an older Grafana."""
    return owner if isinstance(owner.get("datasource"), dict) else {}


def _asked(document: Json) -> str:
    """The PromQL of a variable or of an annotation."""
    text = variable_query(document)
    if match := LABEL_VALUES.fullmatch(text):
        return match["selector"] or ""
    if match := QUERY_RESULT.fullmatch(text):
        return match["expr"]
    return str(document.get("expr") or "")


def _refer(part: Part, value: Any, where: Field, dashboard: str) -> None:
    """Note the variables in every text of a value, its data sources, and the metrics of targets."""
    # Most of a dashboard is numbers, and texts without variables: as little as can be is done with
    # each.
    if isinstance(value, str):
        if "$" in value or "[[" in value:
            for name in variables(value):
                part.refer(Node(VARIABLE, name, dashboard), where)
    elif isinstance(value, list):
        for inner in value:
            _refer(part, inner, where, dashboard)
    elif isinstance(value, dict):
        if "datasource" in value:
            _refer_query(part, value, where)
        for inner in value.values():
            if isinstance(inner, (str, list, dict)):
                _refer(part, inner, where, dashboard)


def _refer_query(part: Part, query: Json, where: Field) -> None:
    """Note the data source that a query asks, and the metrics that it reads."""
    _refer_datasource(part, query["datasource"], where)
    if "expr" in query and asks_prometheus(_with_dict(query)):
        for metric in metrics(str(query["expr"])):
            part.refer(Node(METRIC, metric), where)


def _refer_datasource(part: Part, datasource: Any, where: Field) -> None:
    uid = datasource.get("uid") if isinstance(datasource, dict) else datasource
    # Those with signs before their names, as `-- Grafana --` and `__expr__`, are Grafana's own.
    if isinstance(uid, str) and uid and not uid.startswith(("-", "__", "$", "[[")):
        part.refer(Node(DATASOURCE, uid), where)


def _add_rules(resource: Resource, rules: dict[tuple[Source, str, Where, int], Part]) -> None:
    """Add the rules of a group. A rule for both engines is one part, with the references of both
    forms."""
    counted: Counter[Where] = Counter()
    for rule in resource.body["rules"]:
        kind = "recording rule" if "record" in rule else "alert"
        recorded = _recorded(rule).get("metric") or rule.get("record")
        name = recorded or rule.get("alert") or rule["title"]
        where = Where(kind, name)
        # Rules may share a name: the n-th of Prometheus's group is the n-th of Grafana's.
        counted[where] += 1
        itself = Dependent(
            kind, name, "rule group", resource.title, resource.title, resource.source
        )
        part = rules.setdefault(
            (resource.source, resource.title, where, counted[where]), Part(itself)
        )
        if kind == "recording rule":
            # Queries of its series depend on the rule.
            part.stands_for = (Node(METRIC, str(name)),)
        _refer_rule(part, rule)
        _refer_snippets(part, (use for use in resource.uses if use.where == where))


def _recorded(rule: Json) -> Json:
    """What Grafana's recording rule records; Prometheus's has only the name of the series."""
    record = rule.get("record")
    return record if isinstance(record, dict) else {}


def _refer_rule(part: Part, rule: Json) -> None:
    asked = [rule["expr"]] if "expr" in rule else []
    for query in rule.get("data", []):
        _refer_datasource(part, query.get("datasourceUid"), _QUERY)
        if "expr" in query["model"] and asks_prometheus(_with_dict(query["model"])):
            asked.append(query["model"]["expr"])
    for expr in asked:
        for metric in metrics(expr):
            part.refer(Node(METRIC, metric), _QUERY)
    settings = rule.get("notification_settings") or {}
    if receiver := settings.get("receiver"):
        part.refer(Node(CONTACT_POINT, receiver), Field("receiver"))
    for timing in settings.get("mute_time_intervals") or ():
        part.refer(Node(MUTE_TIMING, timing), Field("mute timings"))
    for timing in settings.get("active_time_intervals") or ():
        part.refer(Node(MUTE_TIMING, timing), Field("active timings"))
    if target := _recorded(rule).get("target_datasource_uid"):
        part.refer(Node(DATASOURCE, target), Field("target"))


def _whole(resource: Resource, datasources: _Datasources) -> Iterator[Part]:
    """A resource that is one part: a data source, or one about notifications."""
    kind = resource.kind.value
    body = resource.body
    part = Part(
        Dependent(kind, resource.title, kind, resource.uid, resource.title, resource.source)
    )
    if resource.kind is Kind.NOTIFICATION_POLICY:
        _refer_route(part, body, Field("default route"))
    elif resource.kind is Kind.DATASOURCE:
        # Settings name other data sources, such as the one with the traces of exemplars.
        for uid in _texts(body.get("jsonData")):
            if uid in datasources and uid != resource.uid:
                part.refer(Node(DATASOURCE, uid), Field("settings"))
    else:
        part.stands_for = (Node(kind, resource.title),)
        if resource.kind is Kind.MESSAGE_TEMPLATE:
            defined = _DEFINE.findall(str(body.get("template", "")))
            part.stands_for += tuple(
                Node(TEMPLATE, name) for name in defined if name != resource.title
            )
        # A template may be used in many texts, and several times in each.
        for name in dict.fromkeys(
            name for text in _texts(body) for name in _TEMPLATE.findall(text)
        ):
            if Node(TEMPLATE, name) not in part.stands_for:
                part.refer(Node(TEMPLATE, name), Field("text"))
    yield part


def _refer_route(part: Part, route: Json, where: Field) -> None:
    if receiver := route.get("receiver"):
        part.refer(Node(CONTACT_POINT, str(receiver)), where)
    for key in ("mute_time_intervals", "active_time_intervals"):
        for timing in route.get(key) or ():
            part.refer(Node(MUTE_TIMING, timing), where)
    for child in route.get("routes") or ():
        _refer_route(part, child, Field("route", _matchers(child)))


def _matchers(route: Json) -> str:
    matchers = ["".join(map(str, matcher)) for matcher in route.get("object_matchers") or ()]
    return ", ".join([*matchers, *map(str, route.get("matchers") or ())])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
