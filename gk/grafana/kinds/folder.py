"""Folders."""

from __future__ import annotations

from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.client import Client, DeniedError, path
from gk.grafana.kinds.api import Document, Refusal, Surroundings
from gk.grafana.kinds.search import HITS, listed
from gk.grafana.kinds.titles import title_is_taken
from gk.grafana.live import NO_RIGHT, Live, Parts, by, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {
    "title": str,
    "parentUid?": str,
    "version?": int,
    "canSave?": bool,
    "updatedBy?": (str, int),
    "updated?": str,
}


def read(client: Client, uid: str) -> Live | None:
    """A folder."""
    try:
        answer = client.get(path("folders", uid), ANSWER)
    except DeniedError:
        # Whoever is no admin is refused a folder that is not there (9.3).
        if any(hit["uid"] == uid for hit in client.pages("/search", HITS, type="dash-folder")):
            raise
        return None
    return Live(
        kind=Kind.FOLDER,
        uid=uid,
        title=answer["title"],
        folder=answer.get("parentUid") or "",
        body=answer,
        form=parts,
        version=answer.get("version", 0),
        locked="" if answer.get("canSave", True) else NO_RIGHT,
        changed_by=by(answer.get("updatedBy")),
        changed_at=answer.get("updated") or "",
    )


def write(client: Client, live: Live | None, document: Document) -> str:
    """Make a folder; or move it, and give it another title."""
    body = document.body
    if live is None:
        client.post("/folders", body)
        return ""
    # A move is a request of its own; PUT changes only the title.
    if live.folder != body.get("parentUid", ""):
        client.post(path("folders", live.uid, "move"), {"parentUid": body.get("parentUid", "")})
    if live.title != body["title"]:
        client.put(path("folders", live.uid), {"title": body["title"], "version": live.version})
    return ""


def delete(client: Client, live: Live) -> None:
    """Delete a folder, and the dashboards in it."""
    # Without forceDeleteRules: a folder with rules is refused (400).
    client.delete(path("folders", live.uid))


def parts(body: Any, folder: str) -> Parts:
    """Its title and the folder that it is in."""
    return {"": given(body, ("title", "parentUid"))}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Before 11.3 titles are unique in a folder."""
    return title_is_taken(resource, surroundings)
