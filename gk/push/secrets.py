"""Compares the secrets of a resource with those that gk sent last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.secrets.references import references
from gk.documents.secrets.values import SecretError, values
from gk.push.ledger import Entry, is_fingerprint_of
from gk.push.plan import Secrets

__all__ = ["state"]


def state(body: Any, entry: Entry | None, environ: Mapping[str, str]) -> tuple[Secrets, str]:
    """Compare the secrets of a body with the ledger; also returns what is missing if they cannot be
    read."""
    if not any(references(body)):
        return Secrets.NONE, ""
    try:
        secrets = values(body, environ)
    except SecretError as error:
        return Secrets.UNKNOWN, str(error)
    is_same = entry is not None and is_fingerprint_of(secrets, entry.secrets)
    return (Secrets.SAME if is_same else Secrets.CHANGED), ""
