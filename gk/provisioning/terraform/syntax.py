"""Terraform's JSON syntax: texts, expressions and names.

https://developer.hashicorp.com/terraform/language/syntax/json

Every text is a template, in which `${` and `%{` begin an expression and a directive; doubled, the
first sign is itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gk.documents.secrets.references import Reference, reference, references
from gk.errors import Problem
from gk.resource import Resource
from gk.settings.object_names import object_name

__all__ = [
    "Body",
    "encoded",
    "escaped",
    "interpolated",
    "label",
    "same_variables",
    "variable",
    "variables",
    "with_secrets",
]

Body = dict[str, Any]


def escaped(value: Any) -> Any:
    """A value of which Terraform expands nothing."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {escaped(key): escaped(inner) for key, inner in value.items()}
    return [escaped(inner) for inner in value] if isinstance(value, list) else value


def with_secrets(value: Any) -> Any:
    """A value of which Terraform expands the secrets and nothing else."""
    if secret := reference(value):
        return interpolated(f"var.{variable(secret)}")
    if isinstance(value, Mapping):
        return {escaped(key): with_secrets(inner) for key, inner in value.items()}
    return [with_secrets(inner) for inner in value] if isinstance(value, list) else escaped(value)


def interpolated(expression: str) -> str:
    """The text that is the value of an expression."""
    return f"${{{expression}}}"


def encoded(value: Any) -> str:
    """The text that is a value as JSON, with the secrets in it."""
    if next(references(value), None) is None:
        return str(escaped(json.dumps(value, ensure_ascii=False, sort_keys=True)))
    return interpolated(f"jsonencode({_expression(value)})")


def _expression(value: Any) -> str:
    """A value in Terraform's own syntax; its texts are templates, too."""
    if secret := reference(value):
        return f"var.{variable(secret)}"
    if isinstance(value, Mapping):
        pairs = (f"{_quoted(key)} = {_expression(inner)}" for key, inner in sorted(value.items()))
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_expression, value))}]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


_ESCAPE = re.compile(r"\\.")
_UNKNOWN = {r"\b": r"\u0008", r"\f": r"\u000c"}
"""Escapes of JSON that Terraform's expressions do not know, and the same as they know it."""


def _quoted(text: str) -> str:
    # Escape by escape: the second backslash of an escaped one begins none.
    return _ESCAPE.sub(lambda match: _UNKNOWN.get(match[0], match[0]), json.dumps(escaped(text)))


def label(text: str) -> str:
    """The name of a block that is about what has this uid or name."""
    name = object_name(text)
    # Names begin with a letter or `_`.
    return name if name[:1].isalpha() else f"_{name}"


# Variables


def variable(secret: Reference) -> str:
    """The name of the variable of a secret: `orders_db_password`."""
    text = f"{secret['name']}_{secret['key']}" if "name" in secret else secret.get("env", "")
    name = re.sub(r"[^a-z0-9]+", "_", (text or secret["file"]).lower()).strip("_")
    return name if name[:1].isalpha() else f"_{name}"


def variables(resources: Iterable[Resource]) -> Body:
    """The variables of all secrets; Terraform shows no value of them."""
    return {
        variable(secret): {
            "type": "string",
            "sensitive": True,
            "description": escaped(_described(secret)),
        }
        for resource in resources
        for _, secret in references(resource.body)
    }


def _described(secret: Reference) -> str:
    if "name" in secret:
        return f"The key {secret['key']} of the Kubernetes Secret {secret['name']}"
    if "env" in secret:
        return f"The variable {secret['env']}"
    return f"The content of {secret['file']}"


def same_variables(resources: Iterable[Resource]) -> Iterator[Problem]:
    """Problems of secrets that would share one variable: `a-b`, `c` and `a`, `b-c`."""
    seen: dict[str, Reference] = {}
    for resource in resources:
        for _, secret in references(resource.body):
            first = seen.setdefault(variable(secret), secret)
            if first != secret:
                both = " and ".join(f"'{_described(reference)}'" for reference in (first, secret))
                yield Problem(
                    resource.source,
                    f"{resource.kind.value} '{resource.title}': {both} would both be Terraform's "
                    f"variable {variable(secret)}; rename one of them",
                )
