"""Data sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gk.documents.secrets.known import SECRET
from gk.grafana.answers import Shape
from gk.grafana.client import Client, path
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import FROM_FILE, Live, Parts, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "LIST", "delete", "every", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {
    "name": str,
    "version?": int,
    "readOnly?": bool,
    "secureJsonFields?": {"*": bool},
    "secureJsonData?": dict,
}
LIST: Shape = [{"uid": str, "name": str, "type?": str, "isDefault?": bool}]
_FIELDS = (
    "name",
    "type",
    "access",
    "url",
    "user",
    "database",
    "basicAuth",
    "basicAuthUser",
    "withCredentials",
    "isDefault",
    "jsonData",
)


def read(client: Client, uid: str) -> Live | None:
    """A data source."""
    answer = client.get(path("datasources", "uid", uid), ANSWER)
    return Live(
        kind=Kind.DATASOURCE,
        uid=uid,
        title=answer["name"],
        folder="",
        body=answer,
        form=parts,
        version=answer.get("version", 0),
        # Grafana answers 403 to changes of a data source with `editable: false` in its file.
        locked=FROM_FILE if answer.get("readOnly") else "",
    )


def every(client: Client) -> Iterator[Live]:
    """Every data source. The list lacks the names of secrets, so each is read."""
    for entry in listed(client):
        if live := read(client, entry.uid):
            yield live


def write(client: Client, live: Live | None, document: Document) -> str:
    """Make a data source, or put another in its place."""
    if live is None:
        client.post("/datasources", document.body)
        return ""
    # Secrets are merged into those that Grafana has; an empty one removes it.
    gone = dict.fromkeys(_secrets_that_are_set(live.body), "")
    secrets = (
        {"secureJsonData": {**gone, **document.body.get("secureJsonData", {})}} if gone else {}
    )
    # Grafana answers 409 if the version is not the current one.
    body = {**document.body, **secrets, "version": live.version}
    client.put(path("datasources", "uid", live.uid), body)
    return ""


def delete(client: Client, live: Live) -> None:
    """Delete a data source."""
    client.delete(path("datasources", "uid", live.uid))


def listed(client: Client) -> list[Listed]:
    """Every data source."""
    return [
        Listed(
            kind=Kind.DATASOURCE,
            uid=answer["uid"],
            title=answer["name"],
            is_default=bool(answer.get("isDefault")),
            type=answer.get("type") or "",
        )
        for answer in client.get("/datasources", LIST)
    ]


def parts(body: Any, folder: str) -> Parts:
    """Its settings, and the names of its secrets: Grafana does not answer their values."""
    # Grafana's answer has secureJsonFields, a resource's body has secureJsonData.
    secrets = {*_secrets_that_are_set(body), *(body.get("secureJsonData") or ())}
    secure = {"secureJsonData": dict.fromkeys(sorted(secrets), SECRET)} if secrets else {}
    return {"": {**given(body, _FIELDS), **secure}}


def _secrets_that_are_set(body: Any) -> list[str]:
    return [name for name, is_set in (body.get("secureJsonFields") or {}).items() if is_set]


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Names are unique, and only one data source is the default."""
    is_default = resource.body.get("isDefault")
    for other in surroundings.of(Kind.DATASOURCE):
        if other.key == resource.key or other.key in surroundings.defined:
            continue
        if other.title == resource.title:
            return Refusal(
                f"another data source has this name (uid '{other.uid}'); rename one of them"
            )
        if other.is_default and is_default and other.key not in surroundings.owned:
            return Refusal(
                f"it would become the default in place of '{other.title}', which gk did not push",
                is_conflict=True,
            )
    return None
