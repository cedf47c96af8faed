"""Secrets: each becomes a reference to an environment variable, whether Grafana hides it or a file
has it in plain text."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gk.decompile.names import environment_variable
from gk.decompile.python import Call, Code, Name
from gk.documents.secrets.known import REDACTED
from gk.documents.secrets.literals import in_datasource, in_receiver
from gk.documents.secrets.references import is_reference
from gk.documents.shapes import Json
from gk.resource import Kind, Resource, canonical

__all__ = ["with_calls", "with_references"]


def with_references(resources: Sequence[Resource]) -> tuple[list[Resource], dict[str, str]]:
    """Put a reference in place of each secret, and return what each variable is for."""
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
    name = str(body.get("name"))
    # Grafana says which secrets are set, and nothing else of them.
    fields = body.get("secureJsonFields") or {}
    given = body.get("secureJsonData") or {}
    hidden = [key for key, is_set in fields.items() if is_set and key not in given]
    secrets = {
        **{key: _reference(name, key, needed) for key in sorted(hidden)},
        **{
            key: value if is_reference(value) else _reference(name, key, needed)
            for key, value in given.items()
        },
    }
    kept = {
        key: value
        for key, value in body.items()
        if key not in ("secureJsonFields", "secureJsonData")
    }
    for literal in in_datasource(kept):
        if literal.setting in kept:
            kept[literal.setting] = _reference(name, literal.setting, needed)
    return {**kept, "secureJsonData": secrets} if secrets else kept


def _of_contact_point(body: Json, needed: dict[str, str]) -> Json:
    name = str(body.get("name"))
    receivers = []
    for index, receiver in enumerate(body.get("receivers") or ()):
        owner = name if index == 0 else f"{name} {index + 1}"
        settings = _in_settings(receiver.get("settings") or {}, owner, "", needed)
        for literal in in_receiver(str(receiver.get("type")), settings):
            *_, last = path = literal.setting.split(".")
            settings = _with(settings, path, _reference(owner, last, needed))
        receivers.append({**receiver, "settings": settings})
    return {**body, "receivers": receivers}


def _in_settings(value: Any, owner: str, name: str, needed: dict[str, str]) -> Any:
    if value == REDACTED:
        return _reference(owner, name, needed)
    if isinstance(value, dict):
        return {key: _in_settings(inner, owner, key, needed) for key, inner in value.items()}
    return (
        [_in_settings(each, owner, name, needed) for each in value]
        if isinstance(value, list)
        else value
    )


def _with(value: Any, path: Sequence[str], new: Json) -> Any:
    """Settings with another value at a path, which in_receiver found there."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, list):
        return [_with(each, rest, new) if first == str(i) else each for i, each in enumerate(value)]
    return {key: _with(each, rest, new) if key == first else each for key, each in value.items()}


def _reference(owner: str, setting: str, needed: dict[str, str]) -> Json:
    what = f"{setting} of {owner}"
    first = environment_variable(f"{owner}_{setting}")
    names = itertools.chain([first], (f"{first}_{number}" for number in itertools.count(2)))
    name = next(each for each in names if needed.get(each, what) == what)
    needed[name] = what
    return {"$secret": {"env": name}}


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
