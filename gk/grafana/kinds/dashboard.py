"""Dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.dashboards import normalized
from gk.grafana.answers import Shape, missing_or_wrong_part
from gk.grafana.client import Client, path
from gk.grafana.kinds.api import Document, Refusal, Surroundings
from gk.grafana.kinds.search import listed
from gk.grafana.kinds.titles import title_is_taken
from gk.grafana.live import FROM_FILE, NO_RIGHT, Live, Parts, by
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "SAVED", "delete", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {
    "meta": {
        "canSave?": bool,
        "isFolder?": bool,
        "provisioned?": bool,
        "provisionedExternalId?": str,
        "folderUid?": str,
        "updatedBy?": (str, int),
        "updated?": str,
    },
    "dashboard": {"id?": int, "version?": int, "title?": str},
}
SAVED: Shape = {"id?": int, "version?": int}


def read(client: Client, uid: str) -> Live | None:
    """A dashboard."""
    answer = client.get(path("dashboards", "uid", uid), ANSWER)
    meta, body = answer["meta"], answer["dashboard"]
    stamp, version = _stamp(body), body.get("version", 0)
    for key in ("id", "version"):
        body.pop(key, None)
    return Live(
        kind=Kind.DASHBOARD,
        uid=uid,
        title=body.get("title", ""),
        folder=meta.get("folderUid") or "",
        body=body,
        form=parts,
        version=version,
        stamp=stamp,
        locked=_locked(meta),
        changed_by=by(meta.get("updatedBy")),
        changed_at=meta.get("updated") or "",
    )


def _locked(meta: Mapping[str, Any]) -> str:
    # Saving or deleting one is answered with 400 (9.3).
    if meta.get("provisioned"):
        return ", ".join(filter(None, (FROM_FILE, meta.get("provisionedExternalId"))))
    if meta.get("isFolder"):
        return "its uid is a folder's"
    return "" if meta.get("canSave", True) else NO_RIGHT


def _stamp(answer: Mapping[str, Any]) -> str:
    """A text that changes with every save, and differs for another dashboard with the same uid."""
    return (
        f"{answer['id']}.{answer['version']}" if answer.get("id") and answer.get("version") else ""
    )


def write(client: Client, live: Live | None, document: Document) -> str:
    """Save a version of a dashboard, unless there is a newer one than was read; its stamp."""
    # Never with `overwrite`: that replaces a dashboard of the same title, whoever's it is (9.3).
    # Always with the folder: without it the dashboard would move to General.
    answer = client.post(
        "/dashboards/db",
        {
            "dashboard": {**document.body, "id": None, "version": live.version if live else 0},
            "folderUid": document.folder,
            "message": document.message,
            "overwrite": False,
        },
    )
    return "" if missing_or_wrong_part(answer, SAVED) else _stamp(answer)


def delete(client: Client, live: Live) -> None:
    """Delete a dashboard, with its versions."""
    client.delete(path("dashboards", "uid", live.uid))


def parts(body: Any, folder: str) -> Parts:
    """The whole document, and its folder."""
    # Not the version: a newer Grafana counts on, and changes nothing that its own migrations do not
    # do anyway.
    kept = {key: value for key, value in normalized(body).items() if key != "schemaVersion"}
    return {"": {**kept, "folderUid": folder}}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Before 11.3 titles are unique in a folder, and a dashboard cannot have the title of a
    folder."""
    if taken := title_is_taken(resource, surroundings):
        return taken
    has_unique_titles = surroundings.about.has_unique_titles
    if has_unique_titles and resource.title.casefold() in surroundings.folder_titles:
        return Refusal(
            "a folder has this title, and Grafana before 11.3 does not allow a dashboard with it; "
            "rename one of them"
        )
    return None
