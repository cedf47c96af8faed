"""Dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.documents.dashboards import is_classic, normalized, sort_panels, tidy_queries
from gk.documents.schema_v2 import (
    comparable,
    enveloped,
    is_enveloped,
    spec_of,
    uid_of,
    version_of,
)
from gk.grafana import apis
from gk.grafana.answers import Shape, missing_or_wrong_part
from gk.grafana.apis import DASHBOARDS, Collection
from gk.grafana.client import Client, path
from gk.grafana.kinds import stored
from gk.grafana.kinds.api import Document, Refusal, Surroundings
from gk.grafana.kinds.search import listed
from gk.grafana.kinds.titles import title_is_taken
from gk.grafana.live import FROM_FILE, NO_RIGHT, Head, Live, Parts, by
from gk.resource import Kind, Resource

__all__ = [
    "ANSWER",
    "SAVED",
    "delete",
    "every",
    "heads",
    "listed",
    "parts",
    "read",
    "refusal",
    "write",
]

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
WITH_ACCESS: Shape = {**apis.OBJECT, "access?": {"canSave?": bool}}
_IN_METADATA = frozenset({"id", "uid", "version"})


def read(client: Client, uid: str) -> Live | None:
    """A dashboard."""
    if collection := client.apis.collection(DASHBOARDS):
        return _of_resource(client, _with_access(client, collection, uid))
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


def every(client: Client) -> Iterator[Live]:
    """Every dashboard that the account may see, page by page."""
    if collection := client.apis.collection(DASHBOARDS):
        for answer in apis.objects(client, collection):
            metadata = answer["metadata"]
            if stored.is_partial(metadata):
                yield _of_resource(client, _with_access(client, collection, metadata["name"]))
            else:
                yield _of_resource(client, answer)
        return
    for entry in listed(client):
        if entry.kind is Kind.DASHBOARD and (live := read(client, entry.uid)):
            yield live


def heads(client: Client) -> Mapping[str, Head] | None:
    """The dashboards that the account may see by uid, without their documents; None where Grafana
    has no such list."""
    collection = client.apis.collection(DASHBOARDS)
    if collection is None:
        return None
    return {
        metadata["name"]: Head(stored.folder(metadata), stored.stamp(metadata))
        for metadata in apis.heads(client, collection)
    }


def _with_access(client: Client, collection: Collection, uid: str) -> Any:
    return client.get(f"{stored.at(collection, uid)}/dto", WITH_ACCESS)


def _of_resource(client: Client, answer: Mapping[str, Any]) -> Live:
    """A dashboard of the resource API, in the schema in which Grafana keeps it."""
    uid = answer["metadata"]["name"]
    if in_v2 := _collection_of_v2(client, answer):
        answer = _with_access(client, in_v2, uid)
        body = enveloped(answer["spec"], uid, in_v2.version)
    else:
        body = {**answer["spec"], "uid": uid}
    metadata = answer["metadata"]
    may_save = (answer.get("access") or {}).get("canSave", True)
    return Live(
        kind=Kind.DASHBOARD,
        uid=uid,
        title=str(answer["spec"].get("title") or ""),
        folder=stored.folder(metadata),
        body=body,
        form=parts,
        version=metadata.get("generation") or 0,
        stamp=stored.stamp(metadata),
        locked=stored.locked(metadata) or ("" if may_save else NO_RIGHT),
        changed_by=stored.changed_by(client, metadata),
        changed_at=stored.changed_at(metadata),
        metadata=metadata,
    )


def _collection_of_v2(client: Client, answer: Mapping[str, Any]) -> Collection | None:
    """The collection in whose version Grafana keeps a dashboard, if that is one of schema v2.

    An answer in another version than the stored one says which that is; one in the stored version
    repeats what was said once (12.4.0). So v2 is certain only if two classic versions say so.
    """
    uid, version = answer["metadata"]["name"], _stored_version(answer)
    if not version.startswith("v2"):
        return None
    for classic in ("v1", "v1beta1"):
        if other := client.apis.collection(DASHBOARDS, classic):
            version = _stored_version(client.get(stored.at(other, uid), apis.OBJECT))
            break
    return client.apis.collection(DASHBOARDS, version) if version.startswith("v2") else None


def _stored_version(answer: Mapping[str, Any]) -> str:
    conversion = (answer.get("status") or {}).get("conversion")
    version = conversion.get("storedVersion") if isinstance(conversion, dict) else None
    return version if isinstance(version, str) else ""


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
    if collection := client.apis.collection(DASHBOARDS, version_of(document.body)):
        # The name says what the uid is, and the metadata has the version.
        spec = {k: v for k, v in spec_of(document.body).items() if k not in _IN_METADATA}
        uid, folder, message = uid_of(document.body), document.folder, document.message
        answer = stored.send(client, collection, uid, live, folder, spec=spec, message=message)
        wrong = missing_or_wrong_part(answer, {"metadata": apis.METADATA})
        return "" if wrong else stored.stamp(answer["metadata"])
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
    if collection := client.apis.collection(DASHBOARDS):
        stored.remove(client, collection, live)
    else:
        client.delete(path("dashboards", "uid", live.uid))


def parts(body: Any, folder: str) -> Parts:
    """The whole document, and its folder."""
    if is_enveloped(body):
        return {"": {"spec": comparable(body["spec"]), "folderUid": folder}}
    # Not the version: a newer Grafana counts on, and changes nothing that its own migrations do not
    # do anyway.
    form = tidy_queries(normalized(body))
    if is_classic(form):
        sort_panels(form)
    kept = {key: value for key, value in form.items() if key != "schemaVersion"}
    return {"": {**kept, "folderUid": folder}}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """A Grafana may lack schema v2. Before 11.3 titles are unique in a folder, and a dashboard
    cannot have the title of a folder."""
    version = version_of(resource.body)
    if version and not surroundings.apis.serves(DASHBOARDS, version):
        return Refusal(
            f"Grafana {surroundings.about.version} does not serve dashboards as {version}; write "
            "`dashboards: classic` in gk.yaml, or name the version of this Grafana there"
        )
    if taken := title_is_taken(resource, surroundings):
        return taken
    has_unique_titles = surroundings.about.has_unique_titles
    if has_unique_titles and resource.title.casefold() in surroundings.folder_titles:
        return Refusal(
            "a folder has this title, and Grafana before 11.3 does not allow a dashboard with it; "
            "rename one of them"
        )
    return None
