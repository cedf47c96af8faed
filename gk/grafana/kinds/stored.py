"""Objects as the resource API stores them (gk.grafana.apis): their metadata, and how they are
written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.apis import FOLDER, IDENTITIES, MESSAGE, Collection
from gk.grafana.client import Client, path
from gk.grafana.errors import GrafanaError
from gk.grafana.live import FROM_FILE, Live, by

__all__ = [
    "at",
    "changed_at",
    "changed_by",
    "folder",
    "is_partial",
    "kept",
    "locked",
    "remove",
    "send",
    "stamp",
]

GRANT = "grafana.app/grant-permissions"
"""On a new object outside of all folders: the creator may administrate it, editors may edit it and
viewers may see it, as the old API has it. Without it, only administrators may see it (12.4.0)."""
_ID = "grafana.app/deprecatedInternalID"
_MANAGER, _MANAGER_NAME = "grafana.app/managedBy", "grafana.app/managerId"
_SOURCE = "grafana.app/sourcePath"
_BY, _AT = "grafana.app/updatedBy", "grafana.app/updatedTimestamp"
_BLOB = "grafana.app/blob"
_CREATED_BY = "grafana.app/createdBy"
_NAMES: Shape = {"display": [{"displayName": str}, None]}
_FILE_PROVISIONING, _REPOSITORY = "classic-file-provisioning", "repo"


def at(collection: Collection, uid: str) -> str:
    """The path of an object."""
    return collection.path + path(uid)


def folder(metadata: Mapping[str, Any]) -> str:
    """The uid of the folder that an object is in; empty outside of all folders."""
    return str(_annotations(metadata).get(FOLDER) or "")


def stamp(metadata: Mapping[str, Any]) -> str:
    """A text that changes with every save, and differs for another object with the same uid: the
    same that the old API's id and version give."""
    # The id goes with Grafana 13 (pkg/apimachinery/utils/meta.go).
    id = (metadata.get("labels") or {}).get(_ID) or metadata.get("uid")
    generation = metadata.get("generation")
    return f"{id}.{generation}" if id and generation else ""


def locked(metadata: Mapping[str, Any]) -> str:
    """Why an object may not be changed, by who manages it."""
    annotations = _annotations(metadata)
    manager = annotations.get(_MANAGER)
    # 12.4.0 lets this API write over what came from a file; the next change of the file wins.
    if manager == _FILE_PROVISIONING:
        return ", ".join(filter(None, (FROM_FILE, annotations.get(_SOURCE))))
    if manager == _REPOSITORY:
        return f"Grafana takes it from the git repository '{annotations.get(_MANAGER_NAME, '')}'"
    return ""


def is_partial(metadata: Mapping[str, Any]) -> bool:
    """Whether a list has only a part of the document, because Grafana keeps a large one apart."""
    return _BLOB in _annotations(metadata)


def changed_by(client: Client, metadata: Mapping[str, Any]) -> str:
    """The name of who saved an object last; empty if Grafana does not tell."""
    annotations = _annotations(metadata)
    identity = str(annotations.get(_BY) or annotations.get(_CREATED_BY) or "")
    if identity and identity not in client.names:
        client.names[identity] = _name(client, identity)
    return client.names.get(identity, "")


def _name(client: Client, identity: str) -> str:
    """The name of somebody, given as `user:UID`."""
    url = client.apis.path(IDENTITIES, "display")
    try:
        accounts = client.get(url, _NAMES, key=identity)["display"] if url else ()
    except GrafanaError:
        # A name is not worth a failure: it only tells people whom to ask.
        return ""
    return next((by(account["displayName"]) for account in accounts or ()), "")


def changed_at(metadata: Mapping[str, Any]) -> str:
    """When an object was saved last (RFC 3339)."""
    return str(_annotations(metadata).get(_AT) or metadata.get("creationTimestamp") or "")


def kept(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an object that a write must repeat, so that nothing of it is lost."""
    own = (FOLDER, MESSAGE, _BY, _AT)
    annotations = {name: text for name, text in _annotations(metadata).items() if name not in own}
    labels = dict(metadata.get("labels") or {})
    version = metadata.get("resourceVersion")
    return {
        **({"resourceVersion": version} if version else {}),
        **({"labels": labels} if labels else {}),
        "annotations": annotations,
    }


def send(
    client: Client,
    collection: Collection,
    uid: str,
    live: Live | None,
    folder: str,
    *,
    spec: Any,
    message: str = "",
) -> Any:
    """Write an object over one as it was read, or create it; Grafana's answer. `message` is that of
    the version."""
    metadata = {"name": uid, **(kept(live.metadata) if live else {"annotations": {}})}
    annotations = metadata["annotations"]
    if folder:
        annotations[FOLDER] = folder
    elif live is None:
        annotations[GRANT] = "default"
    if message:
        annotations[MESSAGE] = message
    body = collection.body(metadata, spec)
    if live is None:
        return client.post(collection.path, body)
    return client.put(at(collection, uid), body)


def remove(client: Client, collection: Collection, live: Live) -> None:
    """Delete an object, unless it changed since it was read."""
    version = live.metadata.get("resourceVersion")
    condition = {"preconditions": {"resourceVersion": version}} if version else None
    client.delete(at(collection, live.uid), condition)


def _annotations(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    return metadata.get("annotations") or {}
