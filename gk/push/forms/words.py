"""What the forms of gk push and gk status share."""

from __future__ import annotations

from typing import Any

from gk.documents.differences import ABSENT
from gk.push.applying import Outcome
from gk.push.plan import Field, PlannedChange
from gk.push.server import Server

__all__ = ["change_json", "name_of", "server_json", "visible", "where"]


def where(server: Server) -> str:
    """The Grafana, the account, and the project."""
    about = server.about
    named = f"Grafana {about.version}" if about.version else "Grafana"
    who = f"as {about.login}" if about.login else "as a service account"
    organization = f"organization {about.organization}" if about.organization else ""
    shown = server.grafana.client.connection.shown
    return visible(
        f"{named} at {shown}, {', '.join(filter(None, (who, organization)))}; project "
        f"{server.ledger.project}"
    )


def name_of(change: PlannedChange) -> str:
    """`dashboard 'Node' (node)`; the uid only where it is not the title."""
    uid = "" if change.title == change.uid else f" ({change.uid})"
    return visible(f"{change.kind.value} '{change.title}'{uid}")


def visible(text: str) -> str:
    """Text from Grafana without characters that a terminal obeys, such as those that reverse the
    direction of text."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def server_json(server: Server) -> dict[str, Any]:
    """The same for machines."""
    connection, about = server.grafana.client.connection, server.about
    return {
        "grafana": {
            "url": connection.url,
            "context": connection.name,
            "version": about.version,
            "database": about.database,
            "organization": about.organization,
            "login": about.login,
        },
        "project": server.ledger.project,
    }


def change_json(change: PlannedChange, outcome: Outcome | None = None) -> dict[str, Any]:
    """A planned change for machines, and what became of it."""
    body: dict[str, Any] = {
        "action": change.action.value,
        "kind": change.kind.value,
        "uid": change.uid,
        "title": change.title,
        "folder": change.folder,
        "reason": change.reason,
        "forced": change.forced,
        "fields": [_field_json(field) for field in change.fields],
    }
    if change.resource:
        body |= {"file": change.resource.source.file, "line": change.resource.source.line}
    if outcome:
        body |= {"status": outcome.status.value, "error": outcome.reason, "kept": outcome.kept}
    return body


def _field_json(field: Field) -> dict[str, Any]:
    values = {"there": field.there, "here": field.here, "pushed": field.pushed}
    return {
        "path": field.path,
        **{name: value for name, value in values.items() if value is not ABSENT},
    }
