"""Removes noise from the documents of two resources: if the results are equal, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gk.diff.parts.beyond import ONLY_IN_V2, beyond_classic
from gk.diff.parts.fields import as_list, as_mapping
from gk.documents.dashboards import (
    drop_ids_of_one_side,
    flatten,
    is_classic,
    normalized,
    sort_panels,
)
from gk.documents.durations import milliseconds
from gk.documents.parts import path
from gk.documents.references import may_ask_prometheus, share_types
from gk.documents.schema_v2 import (
    as_classic,
    every_part,
    in_parts,
    is_in_parts,
    is_v2,
    spec_of,
)
from gk.documents.secrets.hidden import hidden_alike
from gk.promql.syntax import tidy
from gk.resource import Kind, Resource

__all__ = ["documents"]

_BOOKKEEPING = ("uid", "meta", "schemaVersion")
"""The schema version is among these because dashboards are migrated before they are compared."""
_OF_A_SAVE = ("id", "version", "iteration", "revision")
_VIEW = ("time", "refresh", "timezone")
"""Grafana's own comparison ignores these, too (DashboardPrompt.cleanDashboardFromIgnoredChanges,
9.4)."""
_DURATIONS = (
    "for",
    "keep_firing_for",
    "interval",
    "query_offset",
    "group_wait",
    "group_interval",
    "repeat_interval",
)
_MOST_EXACT = 2**53
_UNITS = (
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
)


def documents(
    old: Resource | None, new: Resource | None, *, saved: bool = False
) -> tuple[Any, Any]:
    """The documents of a resource to compare; None for a side without the resource.

    They lack uids and the fields that Grafana adds on saving. Secrets are replaced so that only
    their equality remains. `saved` means that a side was saved in Grafana's UI: then the last view
    (time range, values of variables, open rows) is removed too.
    """
    # Both documents in one call, so that equal secrets get equal placeholders.
    there = [side for side in (old, new) if side]
    bodies = [
        _document(resource.kind, body, saved=saved)
        for resource, body in zip(there, _of_one_schema(there), strict=True)
    ]
    if there and there[0].kind is Kind.DASHBOARD:
        share_types(bodies)
        if not any(map(is_in_parts, bodies)):
            drop_ids_of_one_side(bodies)
    if len(bodies) > 1:
        _spell_alike(bodies)
    shown = hidden_alike(there[0].kind, *bodies) if there else []
    return (shown.pop(0) if old else None), (shown.pop() if new else None)


def _spell_alike(bodies: Sequence[Any]) -> None:
    """Give queries that differ in white space alone one text, that of the old side, in place:
    Prometheus reads them alike."""
    spelled: dict[str, str] = {}
    for owner in (query for body in bodies for query in _queries(body)):
        owner["expr"] = spelled.setdefault(tidy(owner["expr"]), owner["expr"])


def _queries(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a document that are queries of Prometheus."""
    if isinstance(value, dict):
        if isinstance(value.get("expr"), str) and may_ask_prometheus(value):
            yield value
        for inner in value.values():
            yield from _queries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _queries(inner)


def _of_one_schema(there: Sequence[Resource]) -> list[Any]:
    """The bodies out of their envelopes. Two dashboards of schema v2 are compared with all they
    say, one of v2 and a classic one by what both can say."""
    bodies = [spec_of(resource.body) for resource in there]
    # A malformed one stays as it is: whatever differs is shown.
    if not all(isinstance(body, dict) and is_v2(body) for body in bodies):
        return [_classic(body) for body in bodies]
    try:
        return [in_parts(body) for body in bodies]
    except ValueError:
        return bodies


def _classic(body: Any) -> Any:
    view = as_classic(body)
    if view is not body:
        beyond = beyond_classic(body)
        return {**view, **({ONLY_IN_V2: beyond} if beyond else {})}
    if isinstance(view, dict) and "layout" in view and not is_v2(view):
        # Grafana does not read it there; it must not pass for the layout of schema v2.
        view = {**view, "unknown layout": view["layout"]}
        del view["layout"]
    return view


def _document(kind: Kind, body: Any, *, saved: bool) -> Any:
    if not isinstance(body, dict):
        return body
    if kind is Kind.DASHBOARD:
        body = _dashboard(body, saved=saved)
    elif kind is Kind.CONTACT_POINT:
        body = _sorted(body, "receivers", "uid")
    elif kind.facts.has_durations:
        body = _without_defaults(_with_plain_durations(body))
        if not any(
            "record" in rule for rule in as_list(body.get("rules")) if isinstance(rule, dict)
        ):
            # The order matters only to recording rules: later rules read what they record.
            # Prometheus's alerts may share a name.
            keys = ("uid",) if kind is Kind.RULE_GROUP else ("alert", "expr")
            body = _sorted(body, "rules", *keys)
    return _plain_numbers({key: value for key, value in body.items() if key not in _BOOKKEEPING})


def _sorted(body: dict[str, Any], listed: str, *keys: str) -> dict[str, Any]:
    """Sort a list of objects in a document by its keys; any other value stays as it is."""
    items = body.get(listed)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return body
    return {
        **body,
        listed: sorted(items, key=lambda item: [str(item.get(key, "")) for key in keys]),
    }


def _dashboard(body: dict[str, Any], *, saved: bool) -> dict[str, Any]:
    if not is_v2(body):
        body = normalized(body)
    body = {key: value for key, value in body.items() if key not in _OF_A_SAVE}
    if not is_classic(body):
        return body
    if is_in_parts(body):
        for panel in body["panels"]:
            # The layout places it.
            del panel["gridPos"]
    if saved:
        _forget_view(body)
    for variable in as_list(as_mapping(body.get("templating")).get("list")):
        # A copy of the query, which Grafana shows in the dashboard's settings.
        variable.pop("definition", None)
    sort_panels(body)
    if "tags" in body:
        body["tags"] = sorted(body["tags"], key=str)
    return body


def _forget_view(body: dict[str, Any]) -> None:
    for key in _VIEW:
        body.pop(key, None)
    for variable in body.get("templating", {}).get("list", []):
        for key in (
            "current",
            "options",
            # The value of an ad hoc variable is its filters.
            *(("filters",) if variable.get("type") == "adhoc" else ()),
        ):
            variable.pop(key, None)
    for panel in body.get("panels", []):
        if panel.get("type") == "row":
            panel.pop("collapsed", None)
    # A collapsed row contains its panels; those of an open row follow it.
    body["panels"] = flatten(body.get("panels", []))
    for part in every_part(path(body, "layout")):
        part["spec"].pop("collapse", None)


def _with_plain_durations(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _duration(item) if key in _DURATIONS else _with_plain_durations(item)
            for key, item in value.items()
        }
    return [_with_plain_durations(item) for item in value] if isinstance(value, list) else value


def _without_defaults(body: dict[str, Any]) -> dict[str, Any]:
    """The group with rules that say neither to wait for no time, nor a number as one of YAML's."""
    if not isinstance(body.get("rules"), list):
        return body
    return {**body, "rules": [_rule(rule) for rule in body["rules"]]}


def _rule(rule: Any) -> Any:
    if not isinstance(rule, dict):
        return rule
    kept = {
        key: value
        for key, value in rule.items()
        if not (key in {"for", "keep_firing_for"} and value == "0s")
    }
    if isinstance(kept.get("expr"), (int, float)):
        kept["expr"] = str(kept["expr"])
    return kept


def _duration(value: Any) -> Any:
    """Write a duration in its largest unit: `15m` for `900s`. A number is in seconds."""
    length = milliseconds(value) if isinstance(value, str) else None
    if isinstance(value, int) and not isinstance(value, bool):
        length = value * 1000
    if length is None:
        return value
    return next(
        (f"{length // size}{unit}" for unit, size in _UNITS if length and length % size == 0), "0s"
    )


def _plain_numbers(value: Any) -> Any:
    """Turn 1.0 into 1, as JSON does not tell them apart."""
    if isinstance(value, dict):
        return {key: _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    # Beyond _MOST_EXACT, one float stands for several integers.
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) <= _MOST_EXACT
    return int(value) if is_whole else value
