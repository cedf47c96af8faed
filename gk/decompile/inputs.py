"""The inputs of exports "for sharing externally": data sources that whoever imports one chooses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from gk.documents.names import slug
from gk.documents.parts import dicts, path
from gk.documents.references import BUILT_IN_UIDS, DEFAULT, EXPRESSION, is_prometheus
from gk.documents.shapes import Json
from gk.resource import Kind, Resource, canonical

__all__ = ["with_inputs"]

_NAME = re.compile(r"(?![\w-]{1,40}$)[^$\[]+", re.ASCII)
"""What is no uid and has no variable."""
_INPUT = re.compile(r"\$\{([\w-]+)\}")
"""A reference to an input. Grafana names inputs after data sources or plugins, so that they may
have hyphens, which no variable has."""


def with_inputs(
    resources: Sequence[Resource],
    datasource: str = "",
    known: Mapping[str, str] | None = None,
) -> tuple[list[Resource], dict[str, str]]:
    """Fill in the inputs of dashboards, and return what each became.

    `datasource` is the uid of the project's data source; without one, each input is a data source
    of its own, which is named after it. `known` has the uids of the project's data sources by
    their names.
    """
    chosen: dict[str, str] = {}
    filled = []
    for resource in resources:
        if resource.kind is not Kind.DASHBOARD:
            filled.append(resource)
            continue
        names = _inputs(resource.body)
        uids = {name: _uid(name, types, datasource) for name, types in names.items()}
        chosen |= {name: uid for name, uid in uids.items() if uid != EXPRESSION}
        text = resource.json.decode()
        for name, uid in uids.items():
            text = text.replace(f"${{{name}}}", uid)
        body = _with_uids(json.loads(text), chosen, known or {})
        filled.append(replace(resource, json=canonical(body)))
    return filled, chosen


def _with_uids(value: Any, chosen: dict[str, str], known: Mapping[str, str]) -> Any:
    """The document with a uid for each data source that it names by what can only be a name, as
    dashboards from before Grafana 8.3 do; noted in `chosen`."""
    if isinstance(value, list):
        return [_with_uids(entry, chosen, known) for entry in value]
    if not isinstance(value, dict):
        return value
    given = value.get("datasource")
    reference = given if isinstance(given, dict) else {"uid": given}
    name = reference.get("uid")
    own = {key: _with_uids(entry, chosen, known) for key, entry in value.items()}
    if isinstance(name, str) and name not in BUILT_IN_UIDS | DEFAULT and _NAME.fullmatch(name):
        chosen[name] = known.get(name) or slug(name)
        own["datasource"] = {**reference, "uid": chosen[name]}
    return own


def _uid(name: str, types: Set[str], datasource: str) -> str:
    """What an input becomes: the project's data source only if it is a Prometheus, too, or if an
    old dashboard does not say what it is."""
    if EXPRESSION in types:
        return EXPRESSION
    is_of_project = all(is_prometheus({"datasource": {"type": type}}) for type in types)
    return datasource if datasource and is_of_project else slug(name.removeprefix("DS_"))


def _inputs(body: Json) -> dict[str, set[str]]:
    """The names in references that are no variables of the dashboard, each with the types that the
    references have."""
    own = {str(variable.get("name")) for variable in dicts(path(body, "templating"), "list")}
    types: dict[str, set[str]] = {}
    for name, type in sorted(_named(body)):
        if name not in own:
            types.setdefault(name, set()).update({type} - {""})
    return types


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        given = value.get("datasource")
        reference = given if isinstance(given, dict) else {"uid": given}
        uid = reference.get("uid")
        if isinstance(uid, str) and (match := _INPUT.fullmatch(uid)):
            yield match[1], str(reference.get("type") or "")
    inner: Iterable[Any] = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    for inside in inner:
        yield from _named(inside)
