"""Secrets, which nobody can read from a Grafana or its exports, or which no file may contain: each
becomes a reference to an environment variable."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gk.decompile.names import environment_variable
from gk.decompile.python import Call, Code, Name
from gk.documents.parts import without
from gk.documents.secrets.known import REDACTED
from gk.documents.secrets.literals import Literal, in_datasource, in_receiver
from gk.documents.secrets.references import is_reference
from gk.documents.shapes import Json
from gk.resource import Kind, Resource, canonical

__all__ = ["with_calls", "with_references"]

_SECURE = "secureJsonData"


def with_references(resources: Sequence[Resource]) -> tuple[list[Resource], dict[str, str]]:
    """Put a reference in place of each secret, hidden or in plain text, and return what each
    variable is for."""
    needed: dict[str, str] = {}
    filled = []
    for resource in resources:
        body = resource.body
        if resource.kind is Kind.DATASOURCE:
            body = _of_datasource(body, needed)
        elif resource.kind is Kind.CONTACT_POINT:
            body = _of_contact_point(body, needed)
        filled.append(
            resource if body is resource.body else replace(resource, json=canonical(body))
        )
    return filled, needed


def _of_datasource(body: Json, needed: dict[str, str]) -> Json:
    owner = _Owner(str(body.get("name")), f"data source '{body.get('name')}'", needed)
    # Grafana says which secrets are set, and nothing else of them.
    fields = body.get("secureJsonFields") or {}
    given = body.get(_SECURE) or {}
    hidden = [key for key, is_set in fields.items() if is_set and key not in given]
    secrets = {**{key: owner.reference(key) for key in sorted(hidden)}, **given}
    secrets = {
        key: value if is_reference(value) else owner.reference(key)
        for key, value in secrets.items()
    }
    kept = without(body, "secureJsonFields", _SECURE)
    shown = owner.without(kept, in_datasource(kept))
    return {**shown, _SECURE: secrets} if secrets else shown


def _of_contact_point(body: Json, needed: dict[str, str]) -> Json:
    name = str(body.get("name"))
    receivers = []
    for number, receiver in enumerate(body.get("receivers") or (), start=1):
        about = f"contact point '{name}'"
        owner = (
            _Owner(name, about, needed)
            if number == 1
            else _Owner(f"{name} {number}", f"{about}, receiver {number}", needed)
        )
        settings = _without_hidden(receiver.get("settings") or {}, owner, ())
        shown = in_receiver(str(receiver.get("type")), settings)
        receivers.append({**receiver, "settings": owner.without(settings, shown)})
    return {**body, "receivers": receivers}


def _without_hidden(value: Any, owner: _Owner, way: tuple[str, ...]) -> Any:
    if value == REDACTED:
        return owner.reference("_".join(way))
    if isinstance(value, dict):
        return {key: _without_hidden(inner, owner, (*way, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [
            _without_hidden(inner, owner, (*way, str(index))) for index, inner in enumerate(value)
        ]
    return value


@dataclass(frozen=True)
class _Owner:
    """What has secrets: how their variables begin, the words for it, and the variables so far."""

    name: str
    about: str
    needed: dict[str, str]

    def reference(self, setting: str) -> Json:
        """A reference for a setting, to a variable that no other secret has."""
        first = environment_variable(f"{self.name}_{setting}")
        numbered = (f"{first}_{number}" for number in itertools.count(2))
        names = (name for name in itertools.chain([first], numbered) if name not in self.needed)
        name = next(names)
        self.needed[name] = f"{setting} of {self.about}"
        return {"$secret": {"env": name}}

    def without(self, settings: Json, literals: Iterable[Literal]) -> Json:
        """Settings with references in place of the secrets that they have in plain text."""
        for literal in [*literals]:
            way = literal.setting.replace("json_data.", "jsonData.", 1).split(".")
            settings = _with(settings, way, self.reference("_".join(way)))
        return settings


def _with(value: Any, way: Sequence[str], new: Json) -> Any:
    """A document with another value at the end of a way into it."""
    if not way:
        return new
    first, *rest = way
    if isinstance(value, list):
        return [
            _with(inner, rest, new) if str(index) == first else inner
            for index, inner in enumerate(value)
        ]
    return {**value, first: _with(value[first], rest, new)}


def with_calls(value: Any) -> Any:
    """Put calls that make references in place of the references in a document."""
    if is_reference(value):
        return _call(value["$secret"])
    if isinstance(value, dict):
        return {key: with_calls(inner) for key, inner in value.items()}
    return [with_calls(inner) for inner in value] if isinstance(value, list) else value


def _call(given: Mapping[str, str]) -> Code:
    if "name" in given and "key" in given:
        return Call(Name("secret_key", "gk"), [given["name"], given["key"]])
    if "file" in given:
        return Call(Name("secret_file", "gk"), [given["file"]])
    return Call(Name("secret", "gk"), [given["env"]])
