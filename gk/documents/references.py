"""Data source references of a dashboard, in one form: `{"type": "prometheus", "uid": "prom"}`.

Before 8.3, Grafana wrote the name of the data source instead, and a query had none of its own.
Newer versions still read that. A name stands for a uid here: which data source has a name is known
to the project or to Grafana, not to the document. Whoever knows puts references in
(`with_references`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from gk.documents.parts import dicts, every_panel, path
from gk.documents.shapes import Json

__all__ = [
    "BUILT_IN",
    "BUILT_IN_UIDS",
    "DEFAULT",
    "EXPRESSION",
    "GRAFANAS_DEFAULT",
    "MIXED",
    "ONE_VARIABLE",
    "Ref",
    "combined",
    "datasource_types",
    "is_expression",
    "is_prometheus",
    "may_ask_prometheus",
    "name_references",
    "refer",
    "references",
    "share_types",
    "type_of",
    "with_references",
]

Ref: TypeAlias = dict[str, Any]

EXPRESSION = "__expr__"
MIXED: Ref = {"type": "datasource", "uid": "-- Mixed --"}
BUILT_IN: Mapping[str, Ref] = {
    "-- Mixed --": MIXED,
    "-- Dashboard --": {"type": "datasource", "uid": "-- Dashboard --"},
    "-- Grafana --": {"type": "datasource", "uid": "grafana"},
}
# `__expr__` and its older form `-100` mark expressions (pkg/expr/service.go).
BUILT_IN_UIDS = frozenset({*BUILT_IN, "grafana", EXPRESSION, "-100"})
GRAFANAS_DEFAULT = "-- Default --"
"""The default data source of a Grafana, which its editor writes by leaving the reference out."""
DEFAULT = frozenset({"", "default", GRAFANAS_DEFAULT})
ONE_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?:[.:][^}]*)?\}|\[\[(\w+)\]\]")


def name_references(body: Json) -> None:
    """Give every panel, query, variable and annotation its reference, in place."""
    types = datasource_types(body)
    for panel in every_panel(body):
        _name_in_panel(panel, types)
    owners = [
        *dicts(path(body, "templating"), "list"),
        *dicts(path(body, "annotations"), "list"),
    ]
    for owner in owners:
        refer(owner, _ref(owner.get("datasource"), types))


def datasource_types(body: Json) -> dict[str, str]:
    """The types of data sources that a dashboard's variables offer, by the variable's name."""
    return {
        str(variable.get("name")): str(variable.get("query"))
        for variable in dicts(path(body, "templating"), "list")
        if variable.get("type") == "datasource"
    }


def refer(owner: Json, ref: Ref | None) -> None:
    """Give a panel, a query, a variable or an annotation its reference, in place; None is the
    default data source."""
    if ref:
        owner["datasource"] = dict(ref)
    else:
        owner.pop("datasource", None)


def share_types(bodies: Iterable[Any]) -> None:
    """Complete references without a type, in place, where another of these dashboards has the same
    uid with a type: old dashboards never name it."""
    refs = [owner["datasource"] for body in bodies for owner in _owners(body)]
    types: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        if isinstance(ref.get("type"), str):
            types[str(ref.get("uid"))].add(ref["type"])
    for ref in refs:
        known = types.get(str(ref.get("uid")), ())
        if "type" not in ref and len(known) == 1:
            ref["type"] = next(iter(known))


def _owners(body: Any) -> Iterator[Json]:
    """Everything in a dashboard with a reference in today's form."""
    if not isinstance(body, dict):
        return
    panels = list(every_panel(body))
    listed = [*dicts(path(body, "templating"), "list"), *dicts(path(body, "annotations"), "list")]
    targets = [target for panel in panels for target in dicts(panel, "targets")]
    for owner in (*panels, *listed, *targets):
        if isinstance(owner.get("datasource"), dict):
            yield owner


def references(body: Any) -> list[Ref]:
    """What a dashboard in today's form refers to."""
    return [owner["datasource"] for owner in _owners(body)]


def with_references(body: Json, named: Mapping[str, Ref]) -> Json:
    """A dashboard, or the model of a library panel, with references to data sources in place of
    their names, by which `named` has them; itself if it names none of them."""
    if not any(_name(owner.get("datasource")) in named for owner in _askers(body)):
        return body
    body = deepcopy(body)
    for owner in _askers(body):
        if ref := named.get(_name(owner.get("datasource"))):
            owner["datasource"] = dict(ref)
    return body


def _name(given: Any) -> str:
    """What a reference calls its data source."""
    name = given.get("uid") if isinstance(given, dict) else given
    return name if isinstance(name, str) else ""


def _askers(body: Json) -> Iterator[Json]:
    """Everything in a dashboard of any version that may refer to a data source."""
    yield from dicts(path(body, "templating"), "list")
    yield from dicts(path(body, "annotations"), "list")
    yield body
    yield from dicts(body, "targets")
    for key in ("rows", "panels"):
        for inner in dicts(body, key):
            yield from _askers(inner)


def is_expression(ref: Mapping[str, Any]) -> bool:
    """Whether a reference marks an expression of the other queries, whatever it is called
    (isExpressionReference in grafana-runtime/utils/DataSourceWithBackend.ts)."""
    return ref.get("type") == EXPRESSION or ref.get("uid") in (EXPRESSION, "-100")


def combined(of_panel: Ref | None, of_targets: list[Ref | None]) -> Ref | None:
    """The reference of a panel with these queries: mixed if they ask several data sources."""
    # An expression reads the other queries and has no data source.
    asked = [ref for ref in of_targets if ref and not is_expression(ref)]
    return dict(MIXED) if any(ref != of_panel for ref in asked) else of_panel


def type_of(owner: Mapping[str, Any]) -> str:
    """The type of an owner's data source; empty where the document does not say."""
    ref = owner.get("datasource")
    return str(ref.get("type") or "") if isinstance(ref, Mapping) else ""


def is_prometheus(owner: Mapping[str, Any]) -> bool:
    """Whether the data source of `owner` is a Prometheus or a cloud provider's variant of it."""
    type = type_of(owner)
    # One plugin asks Prometheus's Alertmanager, which knows no PromQL.
    return "prometheus" in type and "alertmanager" not in type


def may_ask_prometheus(query: Mapping[str, Any]) -> bool:
    """Whether a query with an `expr` asks Prometheus, for all that the document says: old
    dashboards name a data source without its type, and most that have `expr` ask Prometheus."""
    return is_prometheus(query) or not type_of(query)


def _name_in_panel(panel: Json, types: Mapping[str, str]) -> None:
    targets = dicts(panel, "targets")
    own = [_ref(target.get("datasource"), types) for target in targets]
    ref = _ref(panel.get("datasource"), types)
    asked = [given for given in own if given and not is_expression(given)]
    is_one = asked and all(reference == asked[0] for reference in asked)
    if targets and all(own) and (is_one or ref in (None, MIXED)):
        # "Mixed" of one data source is that one, whatever the panel names.
        ref = asked[0] if asked else own[0]
    of_targets = [given or (None if ref == MIXED else ref) for given in own]
    for target, given in zip(targets, of_targets, strict=True):
        refer(target, given)
    refer(panel, combined(ref, of_targets))


def _ref(given: Any, types: Mapping[str, str]) -> Ref | None:
    """The reference in today's form; None for the default data source."""
    ref = {"uid": given} if isinstance(given, str) else given
    if not isinstance(ref, dict):
        return None
    uid, type = str(ref.get("uid") or ""), str(ref.get("type") or "")
    if uid in DEFAULT:
        return {"type": type} if type else None
    if type == EXPRESSION:
        return {"type": type, "uid": EXPRESSION}
    if uid in BUILT_IN_UIDS:
        return dict(BUILT_IN.get(uid, {"type": type or uid, "uid": uid}))
    if match := ONE_VARIABLE.fullmatch(uid):
        name = next(filter(None, match.groups()))
        type, uid = type or types.get(name, ""), f"${{{name}}}"
    return {"type": type, "uid": uid} if type else {"uid": uid}
