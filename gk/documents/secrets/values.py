"""The values of secrets: read from the environment or files when they are sent, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gk.bounded.reading import UnusableFileError, read_text
from gk.documents.secrets.references import Reference, references, replaced
from gk.errors import GkError

__all__ = ["SecretError", "resolved", "values"]


_LARGEST = 2**20
"""Bytes of a secret."""


class SecretError(GkError):
    """A secret is missing at the place that its reference names."""


def resolved(body: Any, environ: Mapping[str, str]) -> Any:
    """Replace each reference in `body` with the secret's value. Raises SecretError."""
    return replaced(body, lambda reference: _value(reference, environ))


def values(body: Any, environ: Mapping[str, str]) -> dict[str, str]:
    """Return every secret of a body by its path. Raises SecretError, which names all that are
    missing."""
    secrets: dict[str, str] = {}
    missing: list[str] = []
    for where, reference in references(body):
        try:
            secrets[where] = _value(reference, environ)
        except SecretError as error:
            # Report all missing secrets at once.
            missing.append(str(error))
    if missing:
        raise SecretError("; ".join(dict.fromkeys(missing)))
    return secrets


def _value(reference: Reference, environ: Mapping[str, str]) -> str:
    if "file" in reference:
        try:
            # Editors end a file with a line break, which is not part of the secret.
            return read_text(Path(reference["file"]), _LARGEST).rstrip("\r\n")
        except UnusableFileError as error:
            raise SecretError(f"the file {reference['file']} {error}") from error
    name = reference["env"]
    # An empty variable counts as missing.
    if not environ.get(name):
        of_kubernetes = (
            f" (key {reference['key']} of the Secret {reference['name']})"
            if "name" in reference
            else ""
        )
        raise SecretError(f"set the environment variable {name}{of_kubernetes}")
    return environ[name]
