"""Folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.grafana import apis
from gk.grafana.answers import Shape
from gk.grafana.apis import FOLDERS
from gk.grafana.client import Client, path
from gk.grafana.errors import DeniedError
from gk.grafana.kinds import stored
from gk.grafana.kinds.api import Document, Refusal, Surroundings
from gk.grafana.kinds.search import HITS, listed
from gk.grafana.kinds.titles import title_is_taken
from gk.grafana.live import NO_RIGHT, Live, Parts, by, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "every", "listed", "parts", "read", "refusal", "write"]

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
    if collection := client.apis.collection(FOLDERS):
        return _of_resource(client, client.get(stored.at(collection, uid), apis.OBJECT))
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


def every(client: Client) -> Iterator[Live]:
    """Every folder that the account may see."""
    if collection := client.apis.collection(FOLDERS):
        for answer in apis.objects(client, collection):
            yield _of_resource(client, answer)
        return
    for entry in listed(client):
        if entry.kind is Kind.FOLDER and (live := read(client, entry.uid)):
            yield live


def _of_resource(client: Client, answer: Mapping[str, Any]) -> Live:
    metadata = answer["metadata"]
    spec, parent = answer["spec"], stored.folder(metadata)
    return Live(
        kind=Kind.FOLDER,
        uid=metadata["name"],
        title=str(spec.get("title") or ""),
        folder=parent,
        body={**spec, "uid": metadata["name"], "parentUid": parent},
        form=parts,
        version=metadata.get("generation") or 0,
        locked=stored.locked(metadata),
        changed_by=stored.changed_by(client, metadata),
        changed_at=stored.changed_at(metadata),
        metadata=metadata,
    )


def write(client: Client, live: Live | None, document: Document) -> str:
    """Make a folder; or move it, and give it another title."""
    body = document.body
    if collection := client.apis.collection(FOLDERS):
        # With what it has besides, such as a description.
        whole = {**(live.body if live else {}), **body}
        spec = {key: value for key, value in whole.items() if key not in ("uid", "parentUid")}
        parent = body.get("parentUid", "")
        stored.send(client, collection, body["uid"], live, parent, spec=spec)
        return ""
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
