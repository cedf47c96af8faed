"""Library panels: panels that Grafana keeps once, and dashboards refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.documents.dashboards import normalized
from gk.grafana.answers import Shape
from gk.grafana.client import Client, path
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts
from gk.resource import Kind, Resource

__all__ = [
    "ANSWER",
    "CONNECTIONS",
    "LIST",
    "delete",
    "every",
    "listed",
    "parts",
    "read",
    "refusal",
    "shown_by",
    "write",
]

PANEL_ELEMENT = 1
"""Grafana's number for panels among library elements; 2 is a variable."""
GENERAL = "general"
_ELEMENT: Shape = {
    "uid": str,
    "name": str,
    "kind?": int,
    "version?": int,
    "folderUid?": str,
    "model?": dict,
    "meta?": {"folderUid?": str, "updated?": str, "updatedBy?": {"name?": str}},
}
ANSWER: Shape = {"result": _ELEMENT}
CONNECTIONS: Shape = {"result": [{"connectionUid": str}]}
LIST: Shape = {"result": {"elements": [_ELEMENT]}}


def read(client: Client, uid: str) -> Live | None:
    """A library panel."""
    return _live(client.get(path("library-elements", uid), ANSWER)["result"])


def every(client: Client) -> Iterator[Live]:
    """Every library panel that the account may see."""
    return map(_live, _elements(client))


def _live(element: Mapping[str, Any]) -> Live:
    meta = element.get("meta") or {}
    return Live(
        kind=Kind.LIBRARY_PANEL,
        uid=element["uid"],
        title=element["name"],
        folder=_folder(element),
        body=element,
        form=parts,
        version=element.get("version") or 0,
        changed_by=(meta.get("updatedBy") or {}).get("name") or "",
        changed_at=meta.get("updated") or "",
    )


def _folder(element: Mapping[str, Any]) -> str:
    # Newer versions have it in another field.
    meta = element.get("meta") or {}
    uid = str(element.get("folderUid") or meta.get("folderUid") or "")
    # 12.4.0 says so of one outside of all folders, but not in the list.
    return "" if uid == GENERAL else uid


def _elements(client: Client) -> Iterator[Mapping[str, Any]]:
    def page(number: int, size: int) -> list[Mapping[str, Any]]:
        answer = client.get(
            "/library-elements", LIST, kind=PANEL_ELEMENT, perPage=size, page=number
        )
        elements: list[Mapping[str, Any]] = answer["result"]["elements"]
        return elements

    return client.every("/library-elements", page)


def write(client: Client, live: Live | None, document: Document) -> str:
    """Make a library panel, or put another in its place."""
    body = document.body
    if live is None:
        client.post("/library-elements", body)
        return ""
    # Grafana answers 412 if the version is not the current one.
    changed = {**body, "version": live.version}
    client.patch(path("library-elements", live.uid), changed)
    return ""


def delete(client: Client, live: Live) -> None:
    """Delete a library panel. 9.3 refuses that while a dashboard shows it, 12.4.0 does not."""
    client.delete(path("library-elements", live.uid))


def shown_by(client: Client, uid: str) -> list[str]:
    """The uids of the dashboards that show a library panel."""
    answer = client.get(path("library-elements", uid, "connections"), CONNECTIONS)
    return [connection["connectionUid"] for connection in answer["result"]]


def listed(client: Client) -> list[Listed]:
    """Every library panel that the account may see."""
    return [
        Listed(
            kind=Kind.LIBRARY_PANEL,
            uid=element["uid"],
            title=element["name"],
            folder=_folder(element),
        )
        for element in _elements(client)
    ]


def parts(body: Any, folder: str) -> Parts:
    """Its name, its folder and the panel."""
    # With a title and in a dashboard, because only those are brought to the current form.
    model = {**(body.get("model") or {}), "title": body["name"], "id": 1}
    model.pop("libraryPanel", None)
    panel = normalized({"title": body["name"], "panels": [model]})["panels"][0]
    kept = {key: value for key, value in panel.items() if key not in ("id", "gridPos")}
    return {"": {"name": body["name"], "folderUid": folder, "model": kept}}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Before 12, Grafana takes a name once in a folder. It never moves one out of its folder."""
    if live and live.folder and not resource.folder:
        # It answers as if it did (9.3.2, 12.4.0).
        return Refusal(
            "Grafana cannot move a library panel out of all folders; move it there in its UI, or "
            "give it another uid"
        )
    if not surroundings.about.has_unique_library_names:
        return None
    for other in surroundings.of(Kind.LIBRARY_PANEL):
        is_beside = other.title == resource.title and other.folder == resource.folder
        if is_beside and other.uid != resource.uid and other.key not in surroundings.defined:
            return Refusal(
                f"another library panel has this name (uid '{other.uid}'); rename one of them"
            )
    return None
