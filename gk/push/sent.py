"""The fingerprint of what gk sends."""

from __future__ import annotations

from typing import Any

from gk.grafana.live import fingerprint
from gk.resource import Resource, canonical

__all__ = ["sent", "sent_as"]


def sent(resource: Resource) -> str:
    """The fingerprint of what gk sends: the document and its folder."""
    return fingerprint(resource.json + resource.folder.encode())


def sent_as(body: Any, folder: str) -> str:
    """The fingerprint that a document had which Grafana has as it was sent."""
    return fingerprint(canonical(body) + folder.encode())
