"""Secrets, which nobody can read from a Grafana or its exports: each becomes a reference to an
environment variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gk.decompile.names import environment_variable
from gk.decompile.python import Call, Code, Name
from gk.documents.secrets.references import is_reference
from gk.documents.shapes import Json
from gk.resource import Kind, Resource, canonical

__all__ = ["with_calls", "with_references"]

_HIDDEN = "[REDACTED]"
"""What Grafana answers in place of a secret setting of a contact point."""


def with_references(resources: Sequence[Resource]) -> tuple[list[Resource], dict[str, str]]:
    """Put a reference in place of each hidden secret, and return what each variable is for."""
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
    secrets = {**{key: _reference(name, key, needed) for key in sorted(hidden)}, **given}
    kept = {key: value for key, value in body.items() if key != "secureJsonFields"}
    return {**kept, "secureJsonData": secrets} if secrets else kept


def _of_contact_point(body: Json, needed: dict[str, str]) -> Json:
    name = str(body.get("name"))
    receivers = []
    for index, receiver in enumerate(body.get("receivers") or ()):
        owner = name if index == 0 else f"{name} {index + 1}"
        settings = _in_settings(receiver.get("settings") or {}, owner, "", needed)
        receivers.append({**receiver, "settings": settings})
    return {**body, "receivers": receivers}


def _in_settings(value: Any, owner: str, name: str, needed: dict[str, str]) -> Any:
    if value == _HIDDEN:
        return _reference(owner, name, needed)
    if isinstance(value, dict):
        return {key: _in_settings(inner, owner, key, needed) for key, inner in value.items()}
    return (
        [_in_settings(each, owner, name, needed) for each in value]
        if isinstance(value, list)
        else value
    )


def _reference(owner: str, setting: str, needed: dict[str, str]) -> Json:
    name = environment_variable(f"{owner}_{setting}")
    needed[name] = f"{setting} of {owner}"
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
