"""The inputs of exports "for sharing externally": data sources that whoever imports one chooses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from gk.documents.names import slug
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.resource import Kind, Resource, canonical

__all__ = ["with_inputs"]

_INPUT = re.compile(r"\$\{([\w-]+)\}")
"""A reference to an input. Grafana names inputs after data sources or plugins, so that they may
have hyphens, which no variable has."""


def with_inputs(
    resources: Sequence[Resource], datasource: str = ""
) -> tuple[list[Resource], dict[str, str]]:
    """Fill in the inputs of dashboards, and return what each became.

    `datasource` is the uid of the project's data source; without one, each input is a data source
    of its own, which is named after it.
    """
    chosen: dict[str, str] = {}
    filled = []
    for resource in resources:
        if resource.kind is not Kind.DASHBOARD:
            filled.append(resource)
            continue
        names = _inputs(resource.body)
        chosen |= {name: datasource or slug(_plain(name)) for name in names}
        text = resource.json.decode()
        for name in names:
            text = text.replace(f"${{{name}}}", chosen[name])
        filled.append(replace(resource, json=canonical(json.loads(text))) if names else resource)
    return filled, chosen


def _plain(name: str) -> str:
    return re.sub(r"^DS_", "", name)


def _inputs(body: Json) -> list[str]:
    """The names in references that are no variables of the dashboard."""
    own = {str(each.get("name")) for each in dicts(path(body, "templating"), "list")}
    return sorted({name for name in _named(body) if name not in own})


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        given = value.get("datasource")
        uid = given.get("uid") if isinstance(given, dict) else given
        match = _INPUT.fullmatch(uid) if isinstance(uid, str) else None
        if match:
            yield match[1]
    inner: Iterable[Any] = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    for each in inner:
        yield from _named(each)
