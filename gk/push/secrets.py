"""The secrets of what is pushed: read when it is sent, from the environment or files, and never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gk.errors import GkError
from gk.ledger import Entry, is_fingerprint_of
from gk.plan import Secrets
from gk.reading import UnusableFileError, read_text

__all__ = ["SecretError", "resolved", "state", "values"]

_LARGEST = 2**20
"""Bytes of a secret."""


class SecretError(GkError):
    """A secret is not where its reference says."""


def resolved(body: Any, environ: Mapping[str, str]) -> Any:
    """`body` with the value of each secret in place of its reference. Raises SecretError."""
    if isinstance(body, Mapping):
        if "$secret" in body:
            return _value(body["$secret"], environ)
        return {key: resolved(each, environ) for key, each in body.items()}
    return [resolved(each, environ) for each in body] if isinstance(body, list) else body


def values(body: Any, environ: Mapping[str, str]) -> dict[str, str]:
    """Every secret of a body by where it is. Raises SecretError, which names all that are missing."""
    found: dict[str, str] = {}
    missing: list[str] = []
    for where, reference in _references(body, ""):
        try:
            found[where] = _value(reference, environ)
        except SecretError as error:
            missing.append(str(error))
    if missing:
        raise SecretError("; ".join(dict.fromkeys(missing)))
    return found


def state(body: Any, entry: Entry | None, environ: Mapping[str, str]) -> tuple[Secrets, str]:
    """How the secrets of a body stand to those in the ledger, and what is missing where they cannot be read."""
    if not any(_references(body, "")):
        return Secrets.NONE, ""
    try:
        found = values(body, environ)
    except SecretError as error:
        return Secrets.UNKNOWN, str(error)
    is_same = entry is not None and is_fingerprint_of(found, entry.secrets)
    return (Secrets.SAME if is_same else Secrets.CHANGED), ""


def _references(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    if isinstance(value, Mapping):
        if "$secret" in value:
            yield where, value["$secret"]
            return
        for key, each in value.items():
            yield from _references(each, f"{where}.{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _references(each, f"{where}.{index}")


def _value(reference: Mapping[str, str], environ: Mapping[str, str]) -> str:
    if "file" in reference:
        try:
            return read_text(Path(reference["file"]), _LARGEST).rstrip("\r\n")
        except UnusableFileError as error:
            raise SecretError(f"the file {reference['file']} {error}") from error
    name = reference["env"]
    if not environ.get(name):
        of_kubernetes = f" (key {reference['key']} of the Secret {reference['name']})" if "name" in reference else ""
        raise SecretError(f"set the environment variable {name}{of_kubernetes}")
    return environ[name]
