"""The permissions of folders, for roles, teams and users.

Those of service accounts and of the account that gk uses are left as they are: whoever pushes must
not lock itself out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.client import Client, path
from gk.grafana.errors import GrafanaError
from gk.grafana.kinds import folder as folders
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "every", "listed", "parts", "read", "refusal", "write"]

_LEVELS = {"view": 1, "edit": 2, "admin": 4}
_RIGHTS = {level: right for right, level in _LEVELS.items()}
ANSWER: Shape = [
    {
        "permission": int,
        "role?": str,
        "team?": str,
        "teamId?": int,
        "userLogin?": str,
        "userId?": int,
        "inherited?": bool,
    }
]
TEAMS: Shape = {"teams": [{"id": int, "name": str}, None]}
USERS: Shape = [{"userId": int, "login": str}, None]
NEW = {"Viewer": "view", "Editor": "edit"}
"""The permissions of a new folder outside of all folders; one in a folder has none (12.4.0), or the
same (9.3.2)."""
_SERVICE_ACCOUNT = "sa-"
"""How the login of a service account begins."""


def read(client: Client, uid: str) -> Live | None:
    """The permissions of a folder; nobody gave those of a new one."""
    given = _given(client, _items(client, uid))
    return Live(
        kind=Kind.FOLDER_PERMISSIONS,
        uid=uid,
        title=uid,
        folder=uid,
        body={"uid": uid, "permissions": given},
        form=parts,
        is_untouched=given in ({}, NEW),
    )


def every(client: Client) -> Iterator[Live]:
    """The permissions of every folder."""
    for folder in folders.every(client):
        if live := read(client, folder.uid):
            yield live


def _items(client: Client, uid: str) -> list[Mapping[str, Any]]:
    """The folder's own permissions, without those of the folders that it is in."""
    answer = client.get(path("folders", uid, "permissions"), ANSWER)
    return [item for item in answer if not item.get("inherited")]


def _given(client: Client, items: list[Mapping[str, Any]]) -> dict[str, str]:
    return {
        _who(item): _RIGHTS.get(item["permission"], str(item["permission"]))
        for item in items
        if not _is_left_alone(client, item)
    }


def _who(item: Mapping[str, Any]) -> str:
    if role := item.get("role"):
        return str(role)
    team, login = item.get("team"), item.get("userLogin")
    return f"team:{team}" if team else f"user:{login}"


def _is_left_alone(client: Client, item: Mapping[str, Any]) -> bool:
    login = item.get("userLogin") or ""
    return login != "" and (login.startswith(_SERVICE_ACCOUNT) or login == client.connection.user)


def write(client: Client, live: Live | None, document: Document) -> str:
    """Give a folder these permissions, and take all others away."""
    uid = document.body["uid"]
    kept = [item for item in _items(client, uid) if _is_left_alone(client, item)]
    items = [{"userId": item["userId"], "permission": item["permission"]} for item in kept]
    for who, right in document.body["permissions"].items():
        items.append({**_identity(client, who), "permission": _LEVELS[right]})
    client.post(path("folders", uid, "permissions"), {"items": items})
    return ""


def _identity(client: Client, who: str) -> dict[str, Any]:
    """The one that permissions are given to. Raises GrafanaError if Grafana does not know them."""
    kind, _, name = who.partition(":")
    if kind == "team":
        teams = client.get(path("teams", "search"), TEAMS, name=name)["teams"] or ()
        ids = [team["id"] for team in teams if team["name"] == name]
    elif kind == "user":
        users = client.get(path("org", "users", "lookup"), USERS, query=name) or ()
        ids = [user["userId"] for user in users if user["login"] == name]
    else:
        return {"role": who}
    if not ids:
        raise GrafanaError(f"Grafana has no {kind} '{name}' in this organization")
    return {f"{kind}Id": ids[0]}


def delete(client: Client, live: Live) -> None:
    """Give a folder the permissions of a new one."""
    folder = folders.read(client, live.uid)
    if folder is not None:
        of_new = {} if folder.folder else NEW
        write(client, live, Document({"uid": live.uid, "permissions": of_new}))


def listed(client: Client) -> list[Listed]:
    """No list: every folder has some."""
    return []


def parts(body: Any, folder: str) -> Parts:
    """Who may do what."""
    return {"": {"permissions": body["permissions"]}}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Grafana refuses whom it does not know when they are written."""
    return None
