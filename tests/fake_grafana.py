"""A Grafana in the test's own process, which answers as the real one does where gk can tell the difference.

    with FakeGrafana(version="9.3.2", prefix="/grafana", tokens={"glsa_x": "Viewer"}) as grafana:
        requests.get(f"{grafana.url}/api/org", auth=("admin", "admin"))
        assert grafana.writes == []

tests/test_fake_grafana.py runs the same tests against this and against a real server. What a version does otherwise
than 9.3 is asked with `since`. That of 9.3 was seen on a running 9.3.2; that of later versions was read, not seen.
Not here: other organizations, permissions of single folders, and whatever gk does not send. Ids, times and the text of
a few errors of validation are its own.

`python -m tests.fake_grafana --port 3000` serves one as a program.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import copy
import random
import re
import signal
import socket
import sys
import threading
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

__all__ = ["FakeGrafana", "Faults", "Request"]

Json = dict[str, Any]

REDACTED = "[REDACTED]"
EXPRESSIONS = ("__expr__", "-100")

# The settings that a type of contact point keeps secret: all others are given back as they were sent.
SECRETS: dict[str, tuple[str, ...]] = {
    "dingding": (),
    "discord": (),
    "email": (),
    "googlechat": (),
    "kafka": (),
    "opsgenie": ("apiKey",),
    "pagerduty": ("integrationKey",),
    "prometheus-alertmanager": ("basicAuthPassword",),
    "pushover": ("apiToken", "userKey"),
    "sensugo": ("apikey",),
    "slack": ("url", "token"),
    "teams": (),
    "telegram": ("bottoken",),
    "threema": ("api_secret",),
    "victorops": (),
    "webex": ("bot_token",),
    "webhook": ("password", "authorization_credentials"),
    "wecom": ("url", "secret"),
}
# The setting without which a type is refused, and what Grafana says then.
_REQUIRED = {
    "discord": ("url", "could not find webhook url property in settings"),
    "email": ("addresses", "could not find addresses in settings"),
    "opsgenie": ("apiKey", "could not find api key property in settings"),
    "pagerduty": ("integrationKey", "could not find integration key property in settings"),
    "teams": ("url", "could not find url property in settings"),
    "telegram": ("bottoken", "could not find Bot Token in settings"),
    "webhook": ("url", "required field 'url' is not specified"),
}
_ROLES = ("", "Viewer", "Editor", "Admin")
# The least role that has a permission; whoever has a role reads what is not listed.
_LEAST = {
    "any of dashboards:create, dashboards:write": "Editor",
    "dashboards:delete": "Editor",
    "dashboards:write": "Editor",
    "folders:create": "Editor",
    "folders:write": "Editor",
    "folders:delete": "Editor",
    "datasources:create": "Admin",
    "datasources:write": "Admin",
    "datasources:delete": "Admin",
    "alert.provisioning:read": "Admin",
    "alert.provisioning:write": "Admin",
    "provisioning:reload": "Admin",
}


@dataclass
class Request:
    """A request as it came: the path is what follows the prefix; the status is 0 when none was sent."""

    method: str
    path: str
    status: int = 0


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong: in a share of the requests whose "METHOD path" contains `only`, one of the kinds.

    `reset` hangs up, a number is answered as status and `hang` answers nothing for a while, all before the request
    was handled; after it those that end with `-after`.
    """

    rate: float = 1.0
    kinds: Sequence[str] = ("reset", "reset-after", "429", "502", "503", "504", "502-after")
    seed: int = 0
    only: str = ""
    times: int | None = None
    retry_after: str = "0"
    hang_seconds: float = 60.0


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class _Refusal(Exception):
    def __init__(self, status: int, body: Json) -> None:
        super().__init__(body.get("message"))
        self.status = status
        self.body = body


def _plain(code: int, message: str, *, status: str = "") -> _Refusal:
    return _Refusal(code, {"message": message, **({"status": status} if status else {})})


def _traced(status: int, message: str) -> _Refusal:
    return _Refusal(status, {"message": message, "traceID": ""})


_BAD_REQUEST = "bad request data"
_NULL = _Answer(404, b"null", "text/plain; charset=utf-8")
_GONE = _Answer(204)


@dataclass(frozen=True)
class _User:
    name: str
    role: str
    is_token: bool = False
    elsewhere: bool = False

    def may(self, permission: str) -> bool:
        return _ROLES.index(self.role) >= _ROLES.index(_LEAST.get(permission, "Viewer"))


@dataclass(frozen=True)
class _Call:
    """What a handler knows of a request."""

    user: _User
    params: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Json:
        if "json" not in self.headers.get("content-type", ""):
            raise _traced(400, _BAD_REQUEST)
        try:
            body = orjson.loads(self.content)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            raise _traced(400, _BAD_REQUEST)
        return body

    def argument(self, name: str) -> str:
        return self.query.get(name, [""])[0]

    def number(self, name: str, default: int) -> int:
        text = self.argument(name)
        return int(text) if text.isdecimal() and int(text) > 0 else default


class _World:
    """What all stores share: the version, the prefix of links, ids, and the time."""

    def __init__(self, version: str, prefix: str) -> None:
        self.version = version
        self.prefix = prefix
        self._numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
        self._ids: dict[str, int] = {}

    def since(self, *version: int) -> bool:
        return self._numbers >= version

    def next_id(self, kind: str) -> int:
        self._ids[kind] = self._ids.get(kind, 0) + 1
        return self._ids[kind]

    @staticmethod
    def new_uid() -> str:
        return uuid.uuid4().hex[:14]

    @staticmethod
    def now() -> str:
        return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def author(self, user: _User) -> str:
        """Return who made something: 9.3 does not name service accounts."""
        return "Anonymous" if user.is_token and not self.since(10) else user.name


class _Titled:
    """Folders and dashboards: in 9.3 one table, with one sequence of ids, one set of uids, and titles that clash."""

    def __init__(self, world: _World) -> None:
        self.world = world
        self.folders = Folders(self)
        self.dashboards = Dashboards(self)
        self.rules = Rules(world)

    def same(self, one: str, other: str) -> bool:
        return one == other if self.world.since(10) else _slug(one) == _slug(other)


@dataclass
class _Folder:
    id: int
    uid: str
    title: str
    parent: str
    created: str
    created_by: str
    updated: str
    updated_by: str
    version: int = 1


class Folders:
    """Folders, without permissions of their own."""

    def __init__(self, titled: _Titled) -> None:
        self._titled = titled
        self._world = titled.world
        self.by_uid: dict[str, _Folder] = {}

    def every(self, call: _Call) -> list[Json]:
        parent = call.argument("parentUid") if self._world.since(11) else ""
        folders = sorted((each for each in self.by_uid.values() if each.parent == parent), key=lambda each: each.title)
        chosen = _page(folders, call.number("limit", 1000), call.number("page", 1))
        return [
            {"id": each.id, "uid": each.uid, "title": each.title, **self._nesting(each)}
            for each in sorted(chosen, key=lambda each: each.title.lower())
        ]

    def get(self, call: _Call) -> Json:
        return self._view(self._found(call.params["uid"]), call.user)

    def create(self, call: _Call) -> Json:
        body = call.json()
        title, uid = _folder_title(body), _uid_of(body, _traced)
        if uid == "general":
            raise _traced(500, "Folder API error")
        if uid in self._titled.dashboards.by_uid:
            raise _traced(400, "Dashboard cannot be changed to a folder")
        if uid in self.by_uid:
            raise self._changed()
        parent = str(body.get("parentUid") or "") if self._world.since(11) else ""
        if parent:
            self._found(parent)
        self._check_title(title, uid, parent)
        return self._view(self.add(uid or self._world.new_uid(), title, parent, call.user), call.user)

    def add(self, uid: str, title: str, parent: str, user: _User) -> _Folder:
        now, author = self._world.now(), self._world.author(user)
        folder = _Folder(self._world.next_id("dashboard"), uid, title, parent, now, author, now, author)
        self.by_uid[uid] = folder
        return folder

    def update(self, call: _Call) -> Json:
        folder, body = self._found(call.params["uid"]), call.json()
        title, uid = _folder_title(body), _uid_of(body, _traced)
        if uid not in ("", folder.uid) and (uid in self.by_uid or uid in self._titled.dashboards.by_uid):
            raise _plain(409, "a folder/dashboard with the same uid already exists")
        if body.get("version", 0) != folder.version and not body.get("overwrite"):
            raise self._changed()
        taken = self._with_title(title, folder.uid, folder.parent) if body.get("overwrite") else None
        if taken:
            # Whoever overwrites gets the folder that has the title already; the one asked for stays as it was.
            folder, uid = taken, taken.uid
        else:
            self._check_title(title, folder.uid, folder.parent)
        if uid and uid != folder.uid:
            self._rename(folder, uid)
        folder.title, folder.version = title, folder.version + 1
        folder.updated, folder.updated_by = self._world.now(), self._world.author(call.user)
        return self._view(folder, call.user)

    def move(self, call: _Call) -> Json:
        if not self._world.since(11):
            raise _plain(404, "To use this service, you need to activate nested folder feature.")
        folder, parent = self._found(call.params["uid"]), str(call.json().get("parentUid") or "")
        if parent:
            self._found(parent)
        if parent in self._below(folder.uid):
            raise _traced(400, "failed to move folder")
        folder.parent = parent
        return self._view(folder, call.user)

    def delete(self, call: _Call) -> Json | _Answer:
        folder = self._found(call.params["uid"])
        gone = self._below(folder.uid)
        if call.argument("forceDeleteRules") != "true" and any(map(self._titled.rules.in_folder, gone)):
            raise _plain(400, "folder cannot be deleted: folder contains alert rules")
        for uid in gone:
            self._titled.rules.drop_folder(uid)
            self._titled.dashboards.drop_folder(uid)
            del self.by_uid[uid]
        if not self._world.since(10):
            return _Answer(200)
        return {"id": folder.id, "message": "Folder deleted", "title": folder.title}

    def as_dashboard(self, uid: str) -> Json:
        """Return a folder as one who asks for a dashboard of its uid gets it from 9.3."""
        folder = self._found(uid)
        meta = {
            "type": "db",
            "isFolder": True,
            "url": self.url(folder),
            "version": folder.version,
            "provisioned": False,
        }
        meta |= {"folderId": 0, "folderUid": "", "folderTitle": "General", "slug": _slug(folder.title)}
        document = {"id": folder.id, "schemaVersion": 17, "title": folder.title, "uid": uid, "version": folder.version}
        return {"meta": meta, "dashboard": document}

    def delete_as_dashboard(self, call: _Call) -> Json:
        """Delete a folder, and all that is in it, for one who takes it for a dashboard, as 9.3 does."""
        folder = self._found(call.params["uid"])
        if self._titled.rules.in_folder(folder.uid):
            raise _traced(500, "Failed to delete dashboard")
        self.delete(call)
        return _deleted(folder)

    def counts(self, call: _Call) -> Json:
        gone = self._below(self._found(call.params["uid"]).uid)
        dashboards = self._titled.dashboards.by_uid.values()
        return {
            "alertrule": sum(len(self._titled.rules.in_folder(uid)) for uid in gone),
            "dashboard": sum(each.folder in gone for each in dashboards),
            "folder": len(gone) - 1,
        }

    def state(self) -> Json:
        return {uid: {"title": each.title, "parentUid": each.parent} for uid, each in self.by_uid.items()}

    def url(self, folder: _Folder) -> str:
        return f"{self._world.prefix}/dashboards/f/{folder.uid}/{_slug(folder.title)}"

    def _found(self, uid: str) -> _Folder:
        if uid not in self.by_uid:
            raise _plain(404, "folder not found", status="not-found")
        return self.by_uid[uid]

    def _below(self, uid: str) -> list[str]:
        return [uid, *(below for each in self.by_uid.values() if each.parent == uid for below in self._below(each.uid))]

    def _with_title(self, title: str, own_uid: str, parent: str) -> _Folder | None:
        others = (each for each in self.by_uid.values() if each.uid != own_uid and each.parent == parent)
        return next((each for each in others if self._titled.same(each.title, title)), None)

    def _check_title(self, title: str, own_uid: str, parent: str) -> None:
        if self._with_title(title, own_uid, parent):
            raise _plain(409, "a folder or dashboard in the general folder with the same name already exists")
        if not self._world.since(10) and self._titled.dashboards.with_title(title, folder=""):
            raise _traced(400, "Folder name cannot be the same as one of its dashboards")

    def _rename(self, folder: _Folder, uid: str) -> None:
        for dashboard in self._titled.dashboards.by_uid.values():
            if dashboard.folder == folder.uid:
                dashboard.folder = uid
        del self.by_uid[folder.uid]
        folder.uid = uid
        self.by_uid[uid] = folder

    @staticmethod
    def _changed() -> _Refusal:
        return _plain(412, "the folder has been changed by someone else", status="version-mismatch")

    def _nesting(self, folder: _Folder) -> Json:
        return {"parentUid": folder.parent} if self._world.since(11) and folder.parent else {}

    def _view(self, folder: _Folder, user: _User) -> Json:
        return {
            "id": folder.id,
            "uid": folder.uid,
            "title": folder.title,
            "url": self.url(folder),
            "hasAcl": False,
            "canSave": user.may("folders:write"),
            "canEdit": user.may("folders:write"),
            "canAdmin": user.role == "Admin",
            "canDelete": user.may("folders:delete"),
            "createdBy": folder.created_by,
            "created": folder.created,
            "updatedBy": folder.updated_by,
            "updated": folder.updated,
            "version": folder.version,
            **({"parentUid": ""} if not self._world.since(11) else self._nesting(folder)),
        }


@dataclass(frozen=True)
class _Version:
    id: int
    version: int
    parent: int
    created: str
    author: str | None
    message: str
    data: bytes


@dataclass
class _Dashboard:
    """A dashboard; its document stays text, which is what makes a GET fast."""

    id: int
    uid: str
    title: str
    folder: str
    tags: list[str]
    created: str
    created_by: str
    versions: list[_Version] = field(default_factory=list)
    provisioned: bool = False

    @property
    def last(self) -> _Version:
        return self.versions[-1]


@dataclass(frozen=True, kw_only=True)
class _Save:
    """One save of a dashboard, by whoever."""

    dashboard: Json
    folder: str
    user: _User
    message: str = ""
    overwrite: bool = False
    by_file: bool = False


class Dashboards:
    """Dashboards with their versions."""

    def __init__(self, titled: _Titled) -> None:
        self._titled = titled
        self._world = titled.world
        self.by_uid: dict[str, _Dashboard] = {}

    def get(self, call: _Call) -> _Answer:
        uid = call.params["uid"]
        if uid in self._titled.folders.by_uid and not self._world.since(10):
            return _Answer(200, orjson.dumps(self._titled.folders.as_dashboard(uid)))
        dashboard = self._found(uid)
        meta = orjson.dumps(self._meta(dashboard, call.user))
        return _Answer(200, b'{"meta":' + meta + b',"dashboard":' + dashboard.last.data + b"}")

    def post(self, call: _Call) -> Json:
        body = call.json()
        if not isinstance(body.get("dashboard", ()), dict | list):
            raise _traced(400, _BAD_REQUEST)
        dashboard = body["dashboard"] if isinstance(body["dashboard"], dict) else {}
        folder = str(body.get("folderUid") or "")
        if folder and folder not in self._titled.folders.by_uid:
            raise _traced(400, "Folder not found")
        if not folder and body.get("folderId"):
            folder = self._folder_with_id(body["folderId"])
        message, overwrite = str(body.get("message") or ""), bool(body.get("overwrite"))
        return self.save(
            _Save(dashboard=dashboard, folder=folder, user=call.user, message=message, overwrite=overwrite)
        )

    def save(self, save: _Save) -> Json:
        document = dict(save.dashboard)
        title = document.get("title")
        document["title"] = title.strip() if isinstance(title, str) else ""
        if not document["title"]:
            raise _plain(400, "Dashboard title cannot be empty", status="empty-name")
        uid = _uid_of(document, _plain)
        if _below_five_seconds(document.get("refresh")):
            document["refresh"] = "5s"
        asked = self._asked_for(document.get("id"), uid)
        if asked and document.get("version") != asked.last.version and not (save.overwrite or save.by_file):
            raise _plain(412, "The dashboard has been changed by someone else", status="version-mismatch")
        target = self._with_the_title(document["title"], asked, save) or asked
        if target and target.provisioned and not save.by_file:
            raise _plain(400, "Cannot save provisioned dashboard")
        return self._stored(document, target, uid, save)

    def delete(self, call: _Call) -> Json:
        if call.params["uid"] in self._titled.folders.by_uid and not self._world.since(10):
            return self._titled.folders.delete_as_dashboard(call)
        dashboard = self._found(call.params["uid"])
        if dashboard.provisioned:
            raise _traced(400, "provisioned dashboard cannot be deleted")
        del self.by_uid[dashboard.uid]
        return _deleted(dashboard)

    def versions(self, call: _Call) -> Json | list[Json]:
        dashboard = self._versioned(call)
        start = int(call.argument("start") or 0)
        chosen = dashboard.versions[::-1][start : start + call.number("limit", 1000)]
        entries = [
            {
                "id": each.id,
                "dashboardId": dashboard.id,
                "dashboardUid": dashboard.uid if self._world.since(10) else "",
                "parentVersion": each.parent,
                "restoredFrom": 0,
                "version": each.version,
                "created": each.created,
                "createdBy": each.author,
                # The first save's own message is only in the answer for that version.
                "message": each.message if each.parent else "Initial save",
            }
            for each in chosen
        ]
        return {"continueToken": "", "versions": entries} if self._world.since(11) else entries

    def version(self, call: _Call) -> Json:
        dashboard = self._versioned(call)
        found = self._version(dashboard, call.params["version"])
        if found is None:
            message = f"Dashboard version {call.params['version']} not found for dashboardId {dashboard.id}"
            raise _traced(404 if self._world.since(10) else 500, message)
        return {
            "id": found.id,
            "dashboardId": dashboard.id,
            "uid": dashboard.uid,
            "parentVersion": found.parent,
            "restoredFrom": 0,
            "version": found.version,
            "created": found.created,
            "message": found.message,
            "data": orjson.loads(found.data),
            "createdBy": found.author,
        }

    def restore(self, call: _Call) -> Json:
        version = _typed(call.json(), "version", int)
        if not version:
            raise _traced(400, _BAD_REQUEST)
        dashboard = self._found(call.params["uid"])
        found = self._version(dashboard, str(version))
        if found is None:
            raise _plain(404, "Dashboard version not found")
        document = {**orjson.loads(found.data), "version": dashboard.last.version, "uid": dashboard.uid}
        message = f"Restored from version {found.version}"
        return self.save(_Save(dashboard=document, folder=dashboard.folder, user=call.user, message=message))

    def with_title(self, title: str, folder: str) -> _Dashboard | None:
        inside = (each for each in self.by_uid.values() if each.folder == folder)
        return next((each for each in inside if self._titled.same(each.title, title)), None)

    def drop_folder(self, folder: str) -> None:
        self.by_uid = {uid: each for uid, each in self.by_uid.items() if each.folder != folder}

    def state(self) -> Json:
        return {
            uid: {
                "dashboard": orjson.loads(each.last.data),
                "folderUid": each.folder,
                "version": each.last.version,
                "provisioned": each.provisioned,
                "messages": [version.message for version in each.versions],
            }
            for uid, each in self.by_uid.items()
        }

    def url(self, dashboard: _Dashboard) -> str:
        return f"{self._world.prefix}/d/{dashboard.uid}/{_slug(dashboard.title)}"

    def _found(self, uid: str) -> _Dashboard:
        if uid not in self.by_uid:
            raise _traced(404, "Dashboard not found")
        return self.by_uid[uid]

    def _versioned(self, call: _Call) -> _Dashboard:
        if call.params["uid"] not in self.by_uid:
            raise _traced(404 if self._world.since(10) else 400, "failed to get dashboard by UID")
        return self.by_uid[call.params["uid"]]

    @staticmethod
    def _version(dashboard: _Dashboard, number: str) -> _Version | None:
        return next((each for each in dashboard.versions if str(each.version) == number), None)

    def _folder_with_id(self, number: object) -> str:
        for folder in self._titled.folders.by_uid.values():
            if folder.id == number:
                return folder.uid
        raise _traced(404, "Folder not found")

    def _asked_for(self, number: object, uid: str) -> _Dashboard | None:
        """Return the dashboard that a document says it is: that with its id, or that with its uid."""
        if uid in self._titled.folders.by_uid:
            raise _plain(400, "Dashboard cannot be changed to a folder")
        by_uid = self.by_uid.get(uid)
        if not isinstance(number, int) or number <= 0:
            return by_uid
        by_id = next((each for each in self.by_uid.values() if each.id == number), None)
        if by_id is None:
            raise _plain(404, "Dashboard not found", status="not-found")
        if by_uid and by_uid is not by_id:
            raise _plain(400, "A dashboard with the same uid already exists")
        return by_id

    def _with_the_title(self, title: str, asked: _Dashboard | None, save: _Save) -> _Dashboard | None:
        """Return another dashboard that has the title, which a save that overwrites replaces instead of its own."""
        folders = self._titled.folders.by_uid.values()
        if not self._world.since(10) and any(self._titled.same(each.title, title) for each in folders):
            raise _plain(400, "Dashboard name cannot be the same as folder", status="name-match")
        taken = self.with_title(title, save.folder)
        if taken is None or taken is asked or self._world.since(11, 3):
            return None
        if not save.overwrite:
            raise _plain(412, "A dashboard with the same name in the folder already exists", status="name-exists")
        return taken

    def _stored(self, document: Json, target: _Dashboard | None, uid: str, save: _Save) -> Json:
        now, author = self._world.now(), self._world.author(save.user)
        if target is None:
            number, uid = self._world.next_id("dashboard"), uid or self._world.new_uid()
            target = _Dashboard(number, uid, "", "", [], now, author)
            self.by_uid[uid] = target
        said = document.get("version")
        # A new dashboard's first version follows the one that its document says.
        parent = target.last.version if target.versions else said if isinstance(said, int) else 0
        version = target.last.version + 1 if target.versions else 1
        document.update(id=target.id, uid=target.uid, version=version)
        tags = document.get("tags")
        target.title, target.folder = document["title"], save.folder
        target.tags = [each for each in tags if isinstance(each, str)] if isinstance(tags, list) else []
        target.provisioned = target.provisioned or save.by_file
        data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        number = self._world.next_id("version")
        target.versions.append(_Version(number, version, parent, now, author, save.message, data))
        return {
            "id": target.id,
            "slug": _slug(target.title),
            "status": "success",
            "uid": target.uid,
            "url": self.url(target),
            "version": version,
        }

    def _meta(self, dashboard: _Dashboard, user: _User) -> Json:
        folder = self._titled.folders.by_uid.get(dashboard.folder)
        may = user.may("any of dashboards:create, dashboards:write")
        annotations = {"canAdd": may, "canEdit": may, "canDelete": may}
        return {
            "type": "db",
            "canSave": may,
            "canEdit": may,
            "canAdmin": user.role == "Admin",
            "canStar": not user.is_token,
            "canDelete": may,
            "slug": _slug(dashboard.title),
            "url": self.url(dashboard),
            "expires": "0001-01-01T00:00:00Z",
            "created": dashboard.created,
            "updated": dashboard.last.created,
            "updatedBy": dashboard.last.author,
            "createdBy": dashboard.created_by,
            "version": dashboard.last.version,
            "hasAcl": False,
            "isFolder": False,
            "folderId": folder.id if folder else 0,
            "folderUid": dashboard.folder,
            "folderTitle": folder.title if folder else "General",
            "folderUrl": self._titled.folders.url(folder) if folder else "",
            "provisioned": dashboard.provisioned,
            "provisionedExternalId": f"{dashboard.uid}.json" if dashboard.provisioned else "",
            "annotationsPermissions": {"dashboard": annotations, "organization": annotations},
        }


class Search:
    """What finds folders and dashboards."""

    def __init__(self, titled: _Titled) -> None:
        self._titled = titled

    def search(self, call: _Call) -> list[Json]:
        if call.user.elsewhere:
            return []
        limit = call.number("limit", 1000)
        if limit > 5000:
            message = "Limit is above maximum allowed (5000), use page parameter to access hits beyond limit"
            raise _plain(422, message)
        hits = sorted((hit for hit in self._hits() if self._matches(hit, call)), key=lambda hit: hit["title"])
        # Pages are cut in the database's order; only what is on a page is sorted for people.
        return sorted(
            _page(hits, limit, call.number("page", 1)), key=lambda hit: (hit["type"] == "dash-db", hit["title"].lower())
        )

    def _hits(self) -> Iterator[Json]:
        folders = self._titled.folders
        for folder in folders.by_uid.values():
            yield self._hit("dash-folder", folder, folders.url(folder), [])
        for dashboard in self._titled.dashboards.by_uid.values():
            hit = self._hit("dash-db", dashboard, self._titled.dashboards.url(dashboard), dashboard.tags)
            if found := folders.by_uid.get(dashboard.folder):
                hit |= {"folderId": found.id, "folderUid": found.uid, "folderTitle": found.title}
                hit["folderUrl"] = folders.url(found)
            yield hit

    @staticmethod
    def _hit(type: str, found: _Folder | _Dashboard, url: str, tags: list[str]) -> Json:
        return {
            "id": found.id,
            "uid": found.uid,
            "title": found.title,
            "uri": f"db/{_slug(found.title)}",
            "url": url,
            "slug": "",
            "type": type,
            "tags": tags,
            "isStarred": False,
            "sortMeta": 0,
        }

    def _matches(self, hit: Json, call: _Call) -> bool:
        folder_ids, uids = call.query.get("folderIds", []), call.query.get("dashboardUIDs", [])
        folder_uids = call.query.get("folderUIDs", []) if self._titled.world.since(10) else []
        type = call.argument("type")
        return (
            (type not in ("dash-db", "dash-folder") or hit["type"] == type)
            and all(tag in hit["tags"] for tag in call.query.get("tag", []))
            and (not folder_ids or str(hit.get("folderId", 0)) in folder_ids)
            and (not folder_uids or hit.get("folderUid", "general") in folder_uids)
            and (not uids or hit["uid"] in uids)
            and call.argument("query").lower() in hit["title"].lower()
        )


class DataSources:
    """Data sources; the values of their secrets come in and never out."""

    def __init__(self, world: _World) -> None:
        self._world = world
        self.by_uid: dict[str, Json] = {}
        self._secrets: dict[int, dict[str, str]] = {}

    def every(self, _call: _Call) -> list[Json]:
        hidden = ("basicAuthUser", "withCredentials", "secureJsonFields", "version")
        logo = "public/app/plugins/datasource/{0}/img/{0}_logo.svg"
        return [
            {key: value for key, value in self._view(each).items() if key not in hidden}
            | {"typeName": each["type"].capitalize(), "typeLogoUrl": logo.format(each["type"])}
            for each in sorted(self.by_uid.values(), key=lambda each: str(each["name"]))
        ]

    def get(self, call: _Call) -> Json:
        return self._view(self._found(call.params["uid"]))

    def post(self, call: _Call) -> Json:
        return self.create(call.json())

    def create(self, body: Json, *, read_only: bool = False) -> Json:
        new = self._parsed(body)
        if new["url"].startswith("://"):
            raise _traced(400, "Validation error, invalid URL")
        if self._with_name(new["name"]):
            raise _traced(409, "data source with the same name already exists")
        if new["uid"] in self.by_uid:
            raise _traced(409, "data source with the same uid already exists")
        new["uid"] = new["uid"] or self._world.new_uid()
        new |= {"id": self._world.next_id("datasource"), "version": 1, "readOnly": read_only}
        return self._kept(new, body, "Datasource added")

    def put(self, call: _Call) -> Json:
        body = call.json()
        new = self._parsed(body)
        if not self._world.since(10) and (not new["url"] or new["url"].startswith("://")):
            raise _traced(400, "Validation error, invalid URL")
        old = self._found(call.params["uid"])
        if old["readOnly"]:
            raise _plain(403, "Cannot update read-only data source")
        version = body.get("version") or 0
        if version and version < old["version"]:
            message = "Datasource has already been updated by someone else. Please reload and try again"
            raise _traced(409, message)
        new["uid"] = new["uid"] or old["uid"]
        named = self._with_name(new["name"])
        if named not in (None, old) or self.by_uid.get(new["uid"], old) is not old:
            status = 409 if self._world.since(10) else 500
            raise _traced(status, "Failed to update datasource")
        new |= {"id": old["id"], "version": version + 1, "readOnly": False}
        for key in ("basicAuthUser", "database"):  # These cannot be emptied.
            new[key] = new[key] or old[key]
        del self.by_uid[old["uid"]]
        return self._kept(new, body, "Datasource updated")

    def delete(self, call: _Call) -> Json:
        old = self._found(call.params["uid"])
        if old["readOnly"]:
            raise _plain(403, "Cannot delete read-only data source")
        del self.by_uid[old["uid"]]
        return {"id": old["id"], "message": "Data source deleted"}

    def state(self) -> Json:
        return {uid: {**each, "secrets": self._secrets[each["id"]]} for uid, each in self.by_uid.items()}

    def _found(self, uid: str) -> Json:
        if uid not in self.by_uid:
            raise _plain(404, "Data source not found")
        return self.by_uid[uid]

    def _with_name(self, name: str) -> Json | None:
        return next((each for each in self.by_uid.values() if each["name"] == name), None)

    @staticmethod
    def _parsed(body: Json) -> Json:
        new = {
            key: _typed(body, key, str)
            for key in ("uid", "name", "type", "access", "url", "user", "database", "basicAuthUser")
        }
        if not (new["name"] and new["type"] and new["access"]):
            raise _traced(400, _BAD_REQUEST)
        new |= {key: _typed(body, key, bool) for key in ("basicAuth", "withCredentials", "isDefault")}
        return new | {"jsonData": _typed(body, "jsonData", dict)}

    def _kept(self, new: Json, body: Json, message: str) -> Json:
        self.by_uid[new["uid"]] = new
        secrets = {**self._secrets.get(new["id"], {}), **_typed(body, "secureJsonData", dict)}
        self._secrets[new["id"]] = {key: value for key, value in secrets.items() if value}
        if new["isDefault"]:
            for other in self.by_uid.values():
                other["isDefault"] = other is new
        return {"datasource": self._view(new), "id": new["id"], "message": message, "name": new["name"]}

    def _view(self, source: Json) -> Json:
        secrets = dict.fromkeys(self._secrets[source["id"]], True)
        return {**source, "orgId": 1, "typeLogoUrl": "", "secureJsonFields": secrets}


@dataclass
class _Rule:
    id: int
    uid: str
    folder: str
    group: str
    interval: int
    provenance: str
    document: Json
    updated: str
    version: int = 1
    index: int = 0


_TITLE_TAKEN = "a conflicting alert rule is found: rule title under the same organisation and folder should be unique"


class Rules:
    """Alert rules, and the groups that are made of them."""

    def __init__(self, world: _World) -> None:
        self._world = world
        self.by_uid: dict[str, _Rule] = {}
        # The folder in which each version of a rule was written: a folder takes only these along when it goes, and
        # what stays is in the way of a new rule with that uid.
        self._written: dict[tuple[str, int], str] = {}
        self.folder_exists: Callable[[str], bool] = lambda _uid: True

    def every(self, _call: _Call) -> list[Json]:
        return [self._view(each, provenance=True) for each in self.by_uid.values()]

    def get(self, call: _Call) -> Json | _Answer:
        rule = self.by_uid.get(call.params["uid"])
        if rule is None and self._world.since(9, 4):
            return _NULL
        if rule is None:
            raise _traced(500, "could not find alert rule")
        return self._view(rule, provenance=True)

    def post(self, call: _Call) -> tuple[int, Json]:
        rule = self._parsed(call.json())
        self._check_panel(rule.document)
        members = self._members(rule.folder, rule.group)
        rule.interval = members[0].interval if members else 60
        rule.provenance = _provenance(call)
        self._insert(rule, "")
        return 201, self._view(rule, provenance=True)

    def put(self, call: _Call) -> Json | _Answer:
        rule, old = self._parsed(call.json()), self.by_uid.get(call.params["uid"])
        if old is None:
            return _NULL
        provenance = _provenance(call)
        if old.provenance not in ("", provenance):
            message = f"cannot changed provenance from '{old.provenance}' to '{provenance}'"
            raise _traced(409 if self._world.since(11) else 500, message)
        self._check_panel(rule.document)
        rule.interval = old.interval
        return self._view(self._update(old, rule, provenance, ""), provenance=True)

    def delete(self, call: _Call) -> _Answer:
        rule = self.by_uid.get(call.params["uid"])
        provenance = _provenance(call) if self._world.since(10) else "api"
        if rule and rule.provenance not in ("", provenance):
            raise self._provenance_refused("delete", provenance, rule)
        self._remove(call.params["uid"])
        return _GONE

    def get_group(self, call: _Call) -> Json:
        members = self._members(call.params["folder"], call.params["group"])
        if not members:
            raise _traced(404, "rulegroup not found")
        rules = [self._view(each, provenance=self._world.since(10)) for each in members]
        return self._group(call, members[0].interval, rules)

    def put_group(self, call: _Call) -> Json:
        body = call.json()
        interval, sent = _typed(body, "interval", int), body.get("rules")
        if not isinstance(sent, list | None):
            raise _traced(400, _BAD_REQUEST)
        rules = None if sent is None else [self._parsed(each) for each in sent]
        answer = None if rules is None else [self._view(each, provenance=False) for each in rules]
        for shown, each in zip(answer or (), sent or (), strict=True):
            shown["data"] = None if each.get("data") is None else shown["data"]
        if interval <= 0 or interval % 10:
            message = f"interval ({interval}s) should be non-zero and divided exactly by scheduler interval: 10"
            raise _traced(400, f"invalid alert rule: {message}")
        before = dict(self.by_uid), dict(self._written)  # Rules are replaced, never changed.
        try:
            self._replace(call, interval, rules or None)  # An empty list is as good as none.
        except _Refusal:
            self.by_uid, self._written = before
            raise
        # The answer is what was sent, completed: it knows nothing of ids and of the uids that were made.
        return self._group(call, interval, answer)

    def delete_group(self, call: _Call) -> _Answer:
        members = self._members(call.params["folder"], call.params["group"])
        if not members:
            raise _traced(404, "rulegroup not found")
        self._check_provenance("delete", _provenance(call), members)
        for rule in members:
            self._remove(rule.uid)
        return _GONE

    def provision(self, folder: str, group: Json) -> None:
        for body in group["rules"]:
            rule = self._parsed({**body, "folderUID": folder, "ruleGroup": group["title"]})
            rule.interval, rule.provenance = group.get("interval", 60), "file"
            self._insert(rule, "")

    def in_folder(self, folder: str) -> list[_Rule]:
        return [each for each in self.by_uid.values() if each.folder == folder]

    def drop_folder(self, folder: str) -> None:
        self.by_uid = {uid: each for uid, each in self.by_uid.items() if each.folder != folder}
        self._written = {version: where for version, where in self._written.items() if where != folder}

    def state(self) -> Json:
        kept = ("folder", "group", "interval", "provenance")
        return {
            uid: {**each.document, **{key: getattr(each, key) for key in kept}} for uid, each in self.by_uid.items()
        }

    def _members(self, folder: str, group: str) -> list[_Rule]:
        members = [each for each in self.by_uid.values() if (each.folder, each.group) == (folder, group)]
        return members if self._world.since(10) else sorted(members, key=lambda each: (each.index, each.id))

    def _replace(self, call: _Call, interval: int, rules: list[_Rule] | None) -> None:
        folder, group = call.params["folder"], call.params["group"]
        provenance = _provenance(call) if self._world.since(10) else "api"
        members = self._members(folder, group)
        rules = copy.deepcopy(members) if rules is None else rules
        for rule in rules:
            rule.folder, rule.group, rule.interval = folder, group, interval
        new = [each for each in rules if self._is_new(each)]
        changed = [each for each in rules if each not in new]
        gone = [each for each in members if each.uid not in {rule.uid for rule in rules}]
        steps: list[Callable[[], None]] = [
            lambda: self._insert_all(new, provenance),
            lambda: self._update_all(changed, provenance),
            lambda: self._delete_all(gone, provenance),
        ]
        # 9.3 inserts first, so a new rule cannot have the title of one that goes.
        for step in reversed(steps) if self._world.since(10) else steps:
            step()
        if self._world.since(10):
            for rule in rules:  # Later versions keep the order of the rules.
                self.by_uid[rule.uid] = self.by_uid.pop(rule.uid)

    def _is_new(self, rule: _Rule) -> bool:
        if rule.uid and rule.uid not in self.by_uid and not self._world.since(10):
            reason = f"failed to update rule with UID {rule.uid} because could not find alert rule"
            raise _traced(500, f"failed to calculate diff for alert rules: {reason}")
        return rule.uid not in self.by_uid

    def _insert_all(self, rules: list[_Rule], provenance: str) -> None:
        for rule in rules:
            rule.provenance = provenance
            self._insert(rule, "failed to insert alert rules: ")

    def _update_all(self, rules: list[_Rule], provenance: str) -> None:
        olds = [self.by_uid[each.uid] for each in rules]
        places = {(old.folder, old.group) for old in olds} - {(each.folder, each.group) for each in rules}
        self._check_provenance(
            "update", provenance, [*olds, *(each for place in places for each in self._members(*place))]
        )
        done: set[str] = set()
        for old, rule in zip(olds, rules, strict=True):
            if rule.uid in done:
                message = "version conflict while updating a record in the database with optimistic locking"
                message = f"{message}: alert rule UID {rule.uid} version {old.version}"
                raise _traced(409, f"failed to update alert rules: {message}")
            done.add(rule.uid)
            kept = {
                key: old.document[key] for key in ("title", "noDataState", "execErrState") if not rule.document[key]
            }
            if not (rule.document["condition"] and rule.document["data"]):
                kept |= {key: old.document[key] for key in ("condition", "data")}
            rule.document |= kept
            self._update(old, rule, provenance, "failed to update alert rules: ")
        for place in places:  # Those that stay behind where a rule was taken away are updated too.
            for index, each in enumerate(self._members(*place), start=1):
                moved_up = replace(each, index=index, version=each.version + 1, provenance=provenance)
                self._write(moved_up, "failed to update alert rules: ")

    def _delete_all(self, rules: list[_Rule], provenance: str) -> None:
        # 9.3 says update here too.
        self._check_provenance("delete" if self._world.since(10) else "update", provenance, rules)
        for rule in rules:
            self._remove(rule.uid)

    def _check_provenance(self, operation: str, provenance: str, rules: Iterable[_Rule]) -> None:
        for rule in rules:
            freed = self._world.since(10) and (rule.provenance, provenance) == ("api", "")
            if rule.provenance not in ("", provenance) and not freed:
                raise self._provenance_refused(operation, provenance, rule)

    def _provenance_refused(self, operation: str, provenance: str, rule: _Rule) -> _Refusal:
        message = f"cannot {operation} with provided provenance '{provenance}', needs '{rule.provenance}'"
        return _traced(409 if self._world.since(11) else 500, message)

    def _insert(self, rule: _Rule, prefix: str) -> None:
        self._check(rule, prefix)
        if any(each.id == rule.id for each in self.by_uid.values()):
            raise _traced(500, f"{prefix}failed to create new rules: UNIQUE constraint failed: alert_rule.id")
        if rule.uid in self.by_uid:
            raise _traced(409 if self._world.since(11) else 500, prefix + _TITLE_TAKEN)
        _complete(rule)
        rule.uid = rule.uid or self._world.new_uid()
        rule.id = rule.id or self._world.next_id("rule")
        self._write(rule, prefix)

    def _update(self, old: _Rule, rule: _Rule, provenance: str, prefix: str) -> _Rule:
        rule.uid, rule.id, rule.version = old.uid, old.id, old.version + 1
        rule.provenance = provenance
        self._check(rule, prefix)
        _complete(rule)
        self._write(rule, prefix)
        return rule

    def _write(self, rule: _Rule, prefix: str) -> None:
        if (rule.uid, rule.version) in self._written and not self._world.since(10):
            key = "alert_rule_version.rule_org_id, alert_rule_version.rule_uid, alert_rule_version.version"
            raise _traced(500, f"{prefix}failed to create new rule versions: UNIQUE constraint failed: {key}")
        self._written[rule.uid, rule.version] = rule.folder
        self.by_uid[rule.uid] = rule

    def _remove(self, uid: str) -> None:
        self.by_uid.pop(uid, None)
        self._written = {version: where for version, where in self._written.items() if version[0] != uid}

    def _check(self, rule: _Rule, prefix: str) -> None:
        document = rule.document
        wrong = "no queries or expressions are found" if not document["data"] else ""
        wrong = wrong or ("title is empty" if not document["title"] else "")
        wrong = wrong or ("name length should not be greater than 190" if len(document["title"]) > 190 else "")
        wrong = wrong or ("rule group name length should not be greater than 190" if len(rule.group) > 190 else "")
        if self._world.since(10) and not self.folder_exists(rule.folder):
            wrong = wrong or "folder does not exist"
        if wrong:
            raise _traced(400, f"{prefix}invalid alert rule: {wrong}")
        if document["execErrState"] not in ("Alerting", "Error", "OK", "KeepLast"):
            raise _traced(500, f"{prefix}unknown Error state option {document['execErrState']}")
        if document["noDataState"] not in ("Alerting", "NoData", "OK", "KeepLast"):
            raise _traced(500, f"{prefix}unknown NoData state option {document['noDataState']}")
        for query in document["data"]:
            window = query["relativeTimeRange"]
            if query["datasourceUid"] not in EXPRESSIONS and window["from"] <= window["to"]:
                message = f"invalid relative time range: {{From:{window['from']}s To:{window['to']}s}}"
                raise _traced(500, f"{prefix}invalid alert query {query['refId']}: {message}")
        others = (each for each in self.in_folder(rule.folder) if each.uid != rule.uid)
        if not self._world.since(12) and any(each.document["title"] == document["title"] for each in others):
            raise _traced(409 if self._world.since(11) else 500, prefix + _TITLE_TAKEN)

    @staticmethod
    def _check_panel(document: Json) -> None:
        annotations = document.get("annotations", {})
        if ("__dashboardUid__" in annotations) != ("__panelId__" in annotations):
            raise _traced(500, "both annotations __dashboardUid__ and __panelId__ must be specified")

    def _parsed(self, body: Any) -> _Rule:
        if not isinstance(body, dict):
            raise _traced(400, _BAD_REQUEST)
        document = {key: _typed(body, key, str) for key in ("title", "condition", "noDataState", "execErrState")}
        document["data"] = [_query(each) for each in _typed(body, "data", list)]
        document["for"] = _duration(body.get("for") or "0s")
        for key in ("annotations", "labels"):
            texts = _typed(body, key, dict)
            if not all(isinstance(value, str) for value in texts.values()):
                raise _traced(400, _BAD_REQUEST)
            document |= {key: texts} if texts else {}
        if self._world.since(10):
            document["isPaused"] = _typed(body, "isPaused", bool)
        if self._world.since(11):
            document |= {key: body.get(key) for key in ("notification_settings", "record")}
        uid, folder, group = (_typed(body, key, str) for key in ("uid", "folderUID", "ruleGroup"))
        return _Rule(_typed(body, "id", int), uid, folder, group, 0, "", document, self._world.now())

    def _view(self, rule: _Rule, *, provenance: bool) -> Json:
        return {
            "id": rule.id,
            "uid": rule.uid,
            "orgID": 1 if rule.id else 0,
            "folderUID": rule.folder,
            "ruleGroup": rule.group,
            "updated": rule.updated,
            **rule.document,
            **({"provenance": rule.provenance} if provenance and rule.provenance else {}),
        }

    @staticmethod
    def _group(call: _Call, interval: int, rules: list[Json] | None) -> Json:
        return {
            "title": call.params["group"],
            "folderUid": call.params["folder"],
            "interval": interval,
            "rules": rules,
        }


@dataclass(eq=False)
class _Receiver:
    uid: str
    name: str
    type: str
    settings: Json
    secrets: dict[str, str]
    quiet: bool
    provenance: str


class Notifications:
    """Contact points, mute timings, templates and policies: one document in Grafana too, for they name each other."""

    def __init__(self, world: _World) -> None:
        self._world = world
        default = _Receiver("", "email receiver", "email", {"addresses": "<example@email.com>"}, {}, False, "")
        # Receivers of one name are one contact point; a policy names it.
        self._points: list[tuple[str, list[_Receiver]]] = [("grafana-default-email", [default])]
        self._timings: dict[str, Json] = {}
        self._templates: dict[str, Json] = {}
        self._policies = self._default_policies()

    def state(self) -> Json:
        return {
            "contact_points": {
                each.uid: {
                    "name": each.name,
                    "type": each.type,
                    "settings": {**each.settings, **each.secrets},
                    "provenance": each.provenance,
                }
                for each in self._receivers()
            },
            "mute_timings": self._timings,
            "templates": self._templates,
            "policies": self._policies,
        }

    # Contact points

    def points(self, call: _Call) -> list[Json]:
        name = call.argument("name")
        receivers = [each for each in self._receivers() if name in ("", each.name)]
        return [
            self._view(
                each, each.settings | dict.fromkeys((key for key, value in each.secrets.items() if value), REDACTED)
            )
            for each in sorted(receivers, key=lambda each: each.name)
        ]

    def post_point(self, call: _Call) -> tuple[int, Json]:
        new = self._parsed(call.json(), call)
        taken = next((each for each in self._receivers() if each.uid == new.uid), None)
        if new.uid and taken:
            where = f"already exist in contact point '{taken.name}'"
            advice = "Please use unique identifiers for receivers across all contact points"
            raise _traced(500, f"receiver configuration with UID '{new.uid}' {where}. {advice}")
        new.uid = new.uid or self._world.new_uid()
        self._join(new)
        return 202, self._view(new, new.settings | dict.fromkeys(SECRETS[new.type], REDACTED))

    def put_point(self, call: _Call) -> tuple[int, Json]:
        body, uid = call.json(), call.params["uid"]
        if not isinstance(body.get("settings"), dict):
            raise _traced(400, "invalid object specification: settings should not be empty")
        old = next((each for each in self._receivers() if each.uid == uid), None)
        if old is None:
            raise _traced(404, f"object not found: contact point with uid '{uid}' not found")
        if body.get("type") not in SECRETS:
            raise _traced(400, f"invalid object specification: no secrets configured for type '{body.get('type', '')}'")
        known = {**old.settings, **old.secrets}
        for key in SECRETS[body["type"]]:
            if body["settings"].get(key) == REDACTED:
                body["settings"][key] = known.get(key, "")
        new = self._parsed({**body, "uid": uid}, call)
        if old.provenance not in ("", new.provenance) and not (self._world.since(10) and old.provenance == "api"):
            message = f"cannot changed provenance from '{old.provenance}' to '{new.provenance}'"
            raise _traced(403 if self._world.since(11) else 500, message)
        self._replace(old, new)
        return 202, {"message": "contactpoint updated"}

    def delete_point(self, call: _Call) -> tuple[int, Json]:
        for name, receivers in self._points:
            if old := next((each for each in receivers if each.uid == call.params["uid"]), None):
                if receivers == [old] and any(route.get("receiver", "") == name for route in _routes(self._policies)):
                    message = f"contact point '{name}' is currently used by a notification policy"
                    raise _traced(409 if self._world.since(11) else 500, message)
                receivers.remove(old)
        self._points = [(name, receivers) for name, receivers in self._points if receivers]
        return 202, {"message": "contactpoint deleted"}

    def _receivers(self) -> Iterable[_Receiver]:
        return {each.uid: each for _name, receivers in self._points for each in receivers}.values()

    def _join(self, new: _Receiver) -> None:
        for name, receivers in self._points:
            if name == new.name:
                receivers.append(new)
                return
        self._points.append((new.name, [new]))

    def _replace(self, old: _Receiver, new: _Receiver) -> None:
        index = next(index for index, (_name, receivers) in enumerate(self._points) if old in receivers)
        name, receivers = self._points[index]
        if new.name == name:
            receivers[receivers.index(old)] = new
        elif len(receivers) == 1:
            self._points[index] = (new.name, [new])
            for route in _routes(self._policies):  # They follow a contact point that is renamed.
                if route.get("receiver") == name:
                    route["receiver"] = new.name
        else:
            self._drop(receivers, old, new.name)
            self._join(new)

    def _drop(self, receivers: list[_Receiver], old: _Receiver, new_name: str) -> None:
        """Take a receiver out of its contact point; 9.3 takes that at the other's index instead, or fails at it."""
        there = next((index for index, (name, _receivers) in enumerate(self._points) if name == new_name), None)
        if there is None or self._world.since(10):
            receivers.remove(old)
        elif there < len(receivers):
            del receivers[there]
        else:
            message = "Internal Server Error - Check the Grafana server logs for the detailed error message."
            raise _Refusal(500, {"error": "Server Error", "message": message})

    def _parsed(self, body: Json, call: _Call) -> _Receiver:
        uid, name, type = (_typed(body, key, str) for key in ("uid", "name", "type"))
        settings = None if body.get("settings") is None else _typed(body, "settings", dict)
        wrong = self._wrong(type, settings)
        if wrong or settings is None:
            raise _traced(400, f"invalid object specification: {wrong}")
        if type not in SECRETS:
            raise _traced(500, f"no secrets configured for type '{type}'")
        secrets = {key: str(settings.pop(key, "")) for key in SECRETS[type]}
        provenance = _provenance(call) if self._world.since(10) else "api"
        quiet = _typed(body, "disableResolveMessage", bool)
        return _Receiver(uid, name, type, settings, secrets, quiet, provenance)

    @staticmethod
    def _wrong(type: str, settings: Any) -> str:
        if not type:
            return "type should not be an empty string"
        if not isinstance(settings, dict):
            return "settings should not be empty"
        if type not in SECRETS and type != "line":
            return f"unknown type '{type}'"
        key, reason = _REQUIRED.get(type, ("", ""))
        if type == "slack" and not settings.get("url"):
            key = next((each for each in ("recipient", "token") if not settings.get(each)), "")
            reason = f"{key} must be specified when using the Slack chat API"
        if type == "webhook" and settings.get("username") and settings.get("authorization_credentials"):
            key = "both"
            reason = "both HTTP Basic Authentication and Authorization Header are set, only 1 is permitted"
        return f'failed to validate receiver of type "{type}": {reason}' if key and not settings.get(key) else ""

    @staticmethod
    def _view(receiver: _Receiver, settings: Json) -> Json:
        return {
            "uid": receiver.uid,
            "name": receiver.name,
            "type": receiver.type,
            "settings": settings,
            "disableResolveMessage": receiver.quiet,
            **({"provenance": receiver.provenance} if receiver.provenance else {}),
        }

    # Mute timings

    def timings(self, _call: _Call) -> list[Json]:
        return [self._shown(each) for each in self._timings.values()]

    def timing(self, call: _Call) -> Json | _Answer:
        found = self._timings.get(call.params["name"])
        return self._shown(found) if found else _NULL

    def post_timing(self, call: _Call) -> tuple[int, Json]:
        new = self._timing(call.json(), call)
        if new["name"] in self._timings:
            raise _traced(400, "invalid object specification: a mute timing with this name already exists")
        self._timings[new["name"]] = new
        return 201, new

    def put_timing(self, call: _Call) -> tuple[int, Json] | _Answer:
        new = {**self._timing(call.json(), call), "name": call.params["name"]}
        if new["name"] not in self._timings:
            return _NULL
        self._timings[new["name"]] = new
        return 202, new

    def delete_timing(self, call: _Call) -> _Answer:
        name = call.params["name"]
        if any(name in route.get("mute_time_intervals", ()) for route in _routes(self._policies)):
            message = f"mute time '{name}' is currently used by a notification policy"
            raise _traced(409 if self._world.since(11) else 500, message)
        self._timings.pop(name, None)
        return _GONE

    def _timing(self, body: Json, call: _Call) -> Json:
        name, intervals = _typed(body, "name", str), _typed(body, "time_intervals", list)
        if not name:
            raise _traced(400, _BAD_REQUEST)
        new = {"name": name, "time_intervals": [_interval(each) for each in intervals]}
        return self._owned(new, call)

    def _owned(self, new: Json, call: _Call) -> Json:
        provenance = _provenance(call) if self._world.since(10) else "api"
        return {**new, "provenance": provenance} if provenance else new

    def _shown(self, kept: Json) -> Json:
        """Return a mute timing or template as GET gives it: 9.3 does not say who made it."""
        return kept if self._world.since(10) else {key: value for key, value in kept.items() if key != "provenance"}

    # Templates

    def templates(self, _call: _Call) -> list[Json]:
        return [self._shown(each) for each in self._templates.values()]

    def template(self, call: _Call) -> Json | _Answer:
        found = self._templates.get(call.params["name"])
        return self._shown(found) if found else _NULL

    def put_template(self, call: _Call) -> tuple[int, Json]:
        name, text = call.params["name"], _typed(call.json(), "template", str)
        if not text:
            raise _traced(400, "invalid object specification: template must have content")
        if text.count("{{") != text.count("}}"):
            raise _traced(400, "invalid object specification: invalid template: template: :1: unclosed action")
        text = text.strip()
        if not re.search(r"\{\{\s*define", text):
            lines = "\n".join(f"  {line}" for line in text.split("\n"))
            text = f'{{{{ define "{name}" }}}}\n{lines}\n{{{{ end }}}}'
        self._templates[name] = self._owned({"name": name, "template": text}, call)
        return 202, self._templates[name]

    def delete_template(self, call: _Call) -> _Answer:
        self._templates.pop(call.params["name"], None)
        return _GONE

    # Policies

    def policies(self, _call: _Call) -> Json:
        return self._policies

    def put_policies(self, call: _Call) -> tuple[int, Json]:
        tree = _route(call.json())
        if not tree.get("receiver") or {"match", "match_re", "mute_time_intervals"} & tree.keys():
            raise _traced(400, _BAD_REQUEST)
        self._check_names(tree)
        if tree.get("continue"):
            message = "change would result in an invalid configuration state: cannot have continue in root route"
            raise _traced(500, message)
        self._policies = self._owned(tree, call)
        return 202, {"message": "policies updated"}

    def reset_policies(self, _call: _Call) -> tuple[int, Json]:
        self._policies = self._default_policies()
        return 202, self._policies

    def _check_names(self, tree: Json) -> None:
        known = {name for name, _receivers in self._points}
        # Later versions let a route without a receiver have its parent's.
        known |= {""} if self._world.since(10) else set()
        wrong = [
            *(
                f"receiver '{name}'"
                for name in (each.get("receiver", "") for each in _routes(tree))
                if name not in known
            ),
            *(
                f"mute time interval '{name}'"
                for each in _routes(tree)
                for name in each.get("mute_time_intervals", ())
                if name not in self._timings
            ),
        ]
        if wrong:
            raise _traced(400, f"invalid object specification: {wrong[0]} does not exist")

    @staticmethod
    def _default_policies() -> Json:
        return {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}


Handler = Callable[[_Call], Any]


class FakeGrafana:
    """The server; a context manager, whose store lives as long as the object does."""

    def __init__(
        self,
        *,
        version: str = "9.3.2",
        prefix: str = "",
        users: Mapping[str, tuple[str, str]] | None = None,
        tokens: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.version = version
        self.requests: list[Request] = []
        self.login_page = False
        self.library_elements: list[Json] = []
        self.on_request: Callable[[str, str], object] | None = None
        self._prefix = prefix.rstrip("/")
        self._port = port
        self._users = {"admin": ("admin", "Admin"), **(users or {})}
        self._tokens = dict(tokens or {})
        self._world = _World(version, self._prefix)
        self._titled = _Titled(self._world)
        self._titled.rules.folder_exists = self._titled.folders.by_uid.__contains__
        self._datasources = DataSources(self._world)
        self._notifications = Notifications(self._world)
        self._routes = [_compiled(*route) for route in self._table()]
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._server: _Server | None = None
        self.faults = None

    def __enter__(self) -> FakeGrafana:
        self._stopping.clear()
        self._server = _Server(self, self._port)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        if self._server:
            self._server.stop()
        self._server = None

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("it answers only between __enter__ and __exit__")
        return f"http://127.0.0.1:{self._server.server_port}{self._prefix}"

    @property
    def writes(self) -> list[Request]:
        """The requests that ask for a change."""
        return [each for each in self.requests if each.method not in ("GET", "HEAD")]

    @property
    def faults(self) -> Faults | None:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed if faults else 0)
        self._faults_left = faults.times if faults else None

    def state(self) -> Json:
        """Return all that is stored, secrets too, without times and ids."""
        with self._lock:
            return copy.deepcopy(
                {
                    "folders": self._titled.folders.state(),
                    "dashboards": self._titled.dashboards.state(),
                    "datasources": self._datasources.state(),
                    "rules": self._titled.rules.state(),
                    **self._notifications.state(),
                }
            )

    def provision_dashboard(self, dashboard: Json, folder_uid: str = "") -> None:
        """Store a dashboard as if from a file; a folder that is not there is made."""
        self.load({"dashboard": dashboard, "folderUid": folder_uid}, by_file=True)

    def load(self, body: Json, *, by_file: bool = False) -> None:
        """Store a dashboard, given as POST /api/dashboards/db takes it; a folder that is not there is made."""
        folder, user = body.get("folderUid", ""), _User("Anonymous" if by_file else "admin", "Admin")
        with self._lock:
            self._ensure_folder(folder)
            save = _Save(dashboard=body["dashboard"], folder=folder, user=user, overwrite=True, by_file=by_file)
            self._titled.dashboards.save(save)

    def provision_datasource(self, datasource: Json) -> None:
        """Store a data source as if from a file."""
        with self._lock:
            self._datasources.create(datasource, read_only=True)

    def provision_rules(self, folder_uid: str, group: Json) -> None:
        """Store a rule group, in the API's form, as if from a file; a folder that is not there is made."""
        with self._lock:
            self._ensure_folder(folder_uid)
            self._titled.rules.provision(folder_uid, group)

    def _ensure_folder(self, uid: str) -> None:
        if uid and uid not in self._titled.folders.by_uid:
            self._titled.folders.add(uid, f"Folder {uid}", "", _User("Anonymous", "Admin"))

    def respond(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> _Answer | None:
        """Answer a request, or return None where the connection is to be closed instead."""
        path = target.removeprefix(self._prefix) if target.startswith(f"{self._prefix}/") else target
        request = Request(method, path)
        self.requests.append(request)
        if self.on_request:
            self.on_request(method, path)
        fault = self._fault(f"{method} {path}")
        if fault and not fault.endswith("-after"):
            return self._failed(fault, request)
        outside = path is target and self._prefix != ""
        answer = self._handled(method, path, headers, content, outside=outside)
        if fault:
            return self._failed(fault.removesuffix("-after"), request)
        request.status = answer.status
        return answer

    def _fault(self, request: str) -> str:
        faults = self._faults
        with self._lock:
            if faults is None or faults.only not in request or self._faults_left == 0:
                return ""
            if self._random.random() >= faults.rate:
                return ""
            self._faults_left = None if self._faults_left is None else self._faults_left - 1
            return self._random.choice(faults.kinds)

    def _failed(self, kind: str, request: Request) -> _Answer | None:
        faults = self._faults or Faults()
        if kind == "hang":
            self._stopping.wait(faults.hang_seconds)
        if not kind.isdecimal():
            return None
        request.status = int(kind)
        headers = (("Retry-After", faults.retry_after),) if kind == "429" else ()
        return _Answer(int(kind), b"<html>a proxy's own page</html>", "text/html", headers)

    def _handled(self, method: str, path: str, headers: Mapping[str, str], content: bytes, *, outside: bool) -> _Answer:
        if self.login_page:
            return _Answer(200, b"<!doctype html><title>Grafana</title>", "text/html; charset=UTF-8")
        route, _, query = path.partition("?")
        try:
            if outside:
                raise _plain(404, "Not found")
            if (method, route) == ("GET", "/api/health"):
                return _as_answer({"commit": "21c1d14e91", "database": "ok", "version": self.version})
            user = self._user(headers)
            handler, permission, params = self._found(method, route)
            # Rights are given folder by folder, and nobody but an administrator has one to a folder that is not there.
            nowhere = permission.startswith("folders:") and params.get("uid", "") not in {
                "",
                *self._titled.folders.by_uid,
            }
            if permission and (not user.may(permission) or (nowhere and user.role != "Admin")):
                raise _forbidden(permission)
            call = _Call(user, params, parse_qs(query, keep_blank_values=True), headers, content)
            with self._lock:
                return _as_answer(handler(call))
        except _Refusal as refusal:
            return _Answer(refusal.status, orjson.dumps(refusal.body))

    def _user(self, headers: Mapping[str, str]) -> _User:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if value not in self._tokens:
                raise _traced(401, "invalid API key")
            return _User("sa-gk", self._tokens[value], is_token=True)
        if scheme.lower() != "basic":
            raise _plain(401, "Unauthorized")
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise _traced(401, "Invalid Basic Auth Header") from None
        known, role = self._users.get(name, ("", ""))
        if not role or password != known:
            raise _traced(401, "invalid username or password")
        organization = headers.get("x-grafana-org-id", "1")
        elsewhere = organization.isdecimal() and int(organization) != 1
        return _User(name, "" if elsewhere else role, elsewhere=elsewhere)

    def _found(self, method: str, path: str) -> tuple[Handler, str, dict[str, str]]:
        # A name may have a slash in it, as %2F; below a sub-path 9.3 takes it for one that parts the path.
        early = self._prefix != "" and not self._world.since(10)
        path = unquote(path) if early else path
        for asked, pattern, permission, handler in self._routes:
            if asked == method and (found := pattern.fullmatch(path)):
                return (
                    handler,
                    permission,
                    {key: value if early else unquote(value) for key, value in found.groupdict().items()},
                )
        raise _plain(404, "Not found")

    def _table(self) -> Iterator[tuple[str, str, str, Handler]]:
        folders, dashboards, sources = self._titled.folders, self._titled.dashboards, self._datasources
        write = "any of dashboards:create, dashboards:write"
        yield "GET", "/dashboards/uid/:uid", "dashboards:read", dashboards.get
        yield "POST", "/dashboards/db", write, dashboards.post
        yield "DELETE", "/dashboards/uid/:uid", "dashboards:delete", dashboards.delete
        yield "GET", "/dashboards/uid/:uid/versions", "dashboards:write", dashboards.versions
        yield "GET", "/dashboards/uid/:uid/versions/:version", "dashboards:write", dashboards.version
        yield "POST", "/dashboards/uid/:uid/restore", "dashboards:write", dashboards.restore
        yield "GET", "/search", "", Search(self._titled).search
        yield "GET", "/folders", "folders:read", folders.every
        yield "POST", "/folders", "folders:create", folders.create
        yield "GET", "/folders/:uid", "folders:read", folders.get
        yield "PUT", "/folders/:uid", "folders:write", folders.update
        yield "DELETE", "/folders/:uid", "folders:delete", folders.delete
        yield "POST", "/folders/:uid/move", "folders:write", folders.move
        if self._world.since(10):
            yield "GET", "/folders/:uid/counts", "folders:read", folders.counts
        yield "GET", "/datasources", "datasources:read", sources.every
        yield "POST", "/datasources", "datasources:create", sources.post
        yield "GET", "/datasources/uid/:uid", "datasources:read", sources.get
        yield "PUT", "/datasources/uid/:uid", "datasources:write", sources.put
        yield "DELETE", "/datasources/uid/:uid", "datasources:delete", sources.delete
        yield "GET", "/library-elements", "", self._library_elements
        yield "GET", "/ruler/grafana/api/v1/rules", "", self._ruler
        yield "GET", "/org", "", self._organization
        yield "GET", "/user", "", self._myself
        yield "GET", "/frontend/settings", "", lambda _call: {"buildInfo": {"version": self.version}}
        for method, path, handler in self._alerting():
            permission = f"alert.provisioning:{'read' if method == 'GET' else 'write'}"
            yield method, f"/v1/provisioning{path}", permission, handler

    def _alerting(self) -> Iterator[tuple[str, str, Handler]]:
        rules, notifications = self._titled.rules, self._notifications
        group = "/folder/:folder/rule-groups/:group"
        yield "GET", group, rules.get_group
        yield "PUT", group, rules.put_group
        if self._world.since(10):
            yield "DELETE", group, rules.delete_group
        if self._world.since(9, 4):
            yield "GET", "/alert-rules", rules.every
        yield "POST", "/alert-rules", rules.post
        yield "GET", "/alert-rules/:uid", rules.get
        yield "PUT", "/alert-rules/:uid", rules.put
        yield "DELETE", "/alert-rules/:uid", rules.delete
        yield "GET", "/contact-points", notifications.points
        yield "POST", "/contact-points", notifications.post_point
        yield "PUT", "/contact-points/:uid", notifications.put_point
        yield "DELETE", "/contact-points/:uid", notifications.delete_point
        yield "GET", "/mute-timings", notifications.timings
        yield "POST", "/mute-timings", notifications.post_timing
        yield "GET", "/mute-timings/:name", notifications.timing
        yield "PUT", "/mute-timings/:name", notifications.put_timing
        yield "DELETE", "/mute-timings/:name", notifications.delete_timing
        yield "GET", "/templates", notifications.templates
        yield "GET", "/templates/:name", notifications.template
        yield "PUT", "/templates/:name", notifications.put_template
        yield "DELETE", "/templates/:name", notifications.delete_template
        yield "GET", "/policies", notifications.policies
        yield "PUT", "/policies", notifications.put_policies
        yield "DELETE", "/policies", notifications.reset_policies

    def _ruler(self, _call: _Call) -> Json:
        """Every rule by the title of its folder and by its group, as the UI reads them; abridged."""
        folders = self._titled.folders.by_uid
        found: dict[str, dict[str, list[Json]]] = {}
        for rule in self._titled.rules.by_uid.values():
            title = folders[rule.folder].title if rule.folder in folders else rule.folder
            shown = {
                "uid": rule.uid,
                "title": rule.document["title"],
                "namespace_uid": rule.folder,
                "rule_group": rule.group,
                **({"provenance": rule.provenance} if rule.provenance else {}),
            }
            found.setdefault(title, {}).setdefault(rule.group, []).append({"grafana_alert": shown})
        return {
            title: [{"name": name, "rules": rules} for name, rules in groups.items()] for title, groups in found.items()
        }

    def _library_elements(self, _call: _Call) -> Json:
        return {"result": {"elements": self.library_elements, "totalCount": len(self.library_elements)}}

    @staticmethod
    def _organization(call: _Call) -> Json:
        if call.user.elsewhere:
            raise _traced(404, "Organization not found")
        return {"id": 1, "name": "Main Org.", "address": {}}

    @staticmethod
    def _myself(call: _Call) -> Json:
        if call.user.is_token:
            raise _plain(404, "user not found")
        name = call.user.name
        return {"id": 1, "email": f"{name}@localhost", "name": "", "login": name, "orgId": 1, "isGrafanaAdmin": True}


class _Server(ThreadingHTTPServer):
    """The sockets and threads: a connection is kept until the client or `stop` ends it."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, grafana: FakeGrafana, port: int) -> None:
        self.grafana = grafana
        self.connections: set[socket.socket] = set()
        self.lock = threading.Lock()
        self.stopped = False
        super().__init__(("127.0.0.1", port), _Connection)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        with self.lock:
            self.stopped = True
            for connection in self.connections:
                _hang_up(connection)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up; anything else is a mistake in here."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Connection(StreamRequestHandler):
    """HTTP as far as gk's client speaks it; http.server's own parsing would take most of the time of a small GET."""

    server: _Server
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections.add(self.connection)
            if self.server.stopped:
                _hang_up(self.connection)

    def handle(self) -> None:
        with suppress(ConnectionError):
            while self._one():
                pass

    def finish(self) -> None:
        with self.server.lock:
            self.server.connections.discard(self.connection)
        super().finish()

    def _one(self) -> bool:
        line = self.rfile.readline(65536)
        if not line.strip():
            return False
        method, target, _version = line.decode("latin-1").split()
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(65536)).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        content = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.server.grafana.respond(method, target, headers, content)
        if answer is None:
            _hang_up(self.connection)
            return False
        self.connection.sendall(_head(answer) + (b"" if method == "HEAD" else answer.body))
        return headers.get("connection", "").lower() != "close"


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _head(answer: _Answer) -> bytes:
    length = [] if answer.status == 204 else [("Content-Length", str(len(answer.body)))]
    headers = [("Content-Type", answer.content_type), *length, *answer.headers]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n{lines}\r\n".encode("latin-1")


def _as_answer(value: Any) -> _Answer:
    """Make an answer of what a handler returns: an answer, a document, or a status and a document."""
    if isinstance(value, _Answer):
        return value
    status, body = value if isinstance(value, tuple) else (200, value)
    return _Answer(status, orjson.dumps(body))


def _compiled(method: str, path: str, permission: str, handler: Handler) -> tuple[str, re.Pattern[str], str, Handler]:
    return method, re.compile("/api" + re.sub(r":(\w+)", r"(?P<\1>[^/]+)", path)), permission, handler


def _forbidden(permission: str) -> _Refusal:
    message = f"You'll need additional permissions to perform this action. Permissions needed: {permission}"
    body = {"accessErrorId": "ACE0070790133", "message": message, "title": "Access denied"}
    return _Refusal(403, body)


def _provenance(call: _Call) -> str:
    """Return who owns what a request writes; the header counts by its presence, whatever its value."""
    return "" if "x-disable-provenance" in call.headers else "api"


def _typed(body: Json, key: str, type: Callable[[], Any]) -> Any:
    """Return a field, or its type's zero value where it is missing, as Go does; another type is a bad request."""
    value = body.get(key)
    if value is None:
        return type()
    if not isinstance(value, type) or (type is int and isinstance(value, bool)):  # type: ignore[arg-type]
        raise _traced(400, _BAD_REQUEST)
    return value


def _page(items: Sequence[Any], limit: int, page: int) -> Sequence[Any]:
    return items[(page - 1) * limit : page * limit]


def _slug(title: str) -> str:
    text = unicodedata.normalize("NFKD", title.lower().replace("&", "and").replace("@", "at"))
    text = text.encode("ascii", "ignore").decode()
    return re.sub("-+", "-", re.sub(r"[^a-z0-9_-]", "-", text)).strip("-_")


def _uid_of(body: Json, refusal: Callable[[int, str], _Refusal]) -> str:
    uid = body.get("uid")
    uid = uid.strip() if isinstance(uid, str) else ""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", uid):
        raise refusal(400, "uid contains illegal characters")
    if len(uid) > 40:
        raise refusal(400, "uid too long, max 40 characters")
    return uid


def _deleted(what: _Dashboard | _Folder) -> Json:
    return {"id": what.id, "message": f"Dashboard {what.title} deleted", "title": what.title}


def _folder_title(body: Json) -> str:
    title = _typed(body, "title", str).strip()
    if not title:
        raise _plain(400, "folder title cannot be empty")
    if title.lower() == "general":
        raise _traced(400, "A folder with that name already exists")
    return str(title)


def _below_five_seconds(refresh: object) -> bool:
    """Grafana's min_refresh_interval, which is 5s unless somebody sets it."""
    found = re.fullmatch(r"(\d+)(ms|s)", refresh) if isinstance(refresh, str) else None
    return found is not None and int(found[1]) * (1 if found[2] == "ms" else 1000) < 5000


_UNITS = {"y": 31536000000, "w": 604800000, "d": 86400000, "h": 3600000, "m": 60000, "s": 1000, "ms": 1}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d+){unit})?" for unit in _UNITS))


def _duration(value: Any) -> str:
    """Return a duration as Prometheus writes it: 90s is 1m30s."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if found is None:
        raise _traced(400, _BAD_REQUEST)
    left, text = sum(int(found[unit] or 0) * size for unit, size in _UNITS.items()), ""
    for unit, size in _UNITS.items():
        # Years and weeks only where nothing is left over.
        if left >= size and not (unit in "yw" and left % size):
            count, left = divmod(left, size)
            text += f"{count}{unit}"
    return text or "0s"


def _complete(rule: _Rule) -> None:
    for query in rule.document["data"]:
        query["model"] = {"intervalMs": 1000, "maxDataPoints": 43200, **query["model"]}


def _query(body: Any) -> Json:
    if not isinstance(body, dict):
        raise _traced(400, _BAD_REQUEST)
    window, model = _typed(body, "relativeTimeRange", dict), body.get("model")
    if not isinstance(model, dict):
        raise _traced(500, f"invalid alert query {body.get('refId')}: failed to unmarshal query model")
    return {
        "refId": _typed(body, "refId", str),
        "queryType": _typed(body, "queryType", str),
        "relativeTimeRange": {key: _typed(window, key, int) for key in ("from", "to")},
        "datasourceUid": _typed(body, "datasourceUid", str),
        "model": model,
    }


_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def _interval(body: Any) -> Json:
    """Return an interval of a mute timing: months become numbers, the rest is checked."""
    if not isinstance(body, dict):
        raise _traced(400, _BAD_REQUEST)
    kept = {
        key: body[key] for key in ("times", "weekdays", "days_of_month", "months", "years", "location") if key in body
    }
    if "months" in kept:
        numbers = {name: str(number) for number, name in enumerate(_MONTHS, start=1)}
        kept["months"] = [
            ":".join(numbers.get(part.lower(), part) for part in each.split(":")) for each in kept["months"]
        ]
    days = [
        [_DAYS.index(part) if part in _DAYS else -1 for part in each.lower().split(":")]
        for each in kept.get("weekdays", ())
    ]
    times = [(each.get("start_time", ""), each.get("end_time", "")) for each in kept.get("times", ())]
    numbers_of_days = [int(part) for each in kept.get("days_of_month", ()) for part in each.split(":")]
    good = (
        all(-1 not in each and each == sorted(each) for each in days)
        and all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", time) for both in times for time in both)
        and all(start < end for start, end in times)
        and all(1 <= abs(number) <= 31 for number in numbers_of_days)
    )
    if not good:
        raise _traced(400, _BAD_REQUEST)
    return kept


def _routes(tree: Json) -> Iterator[Json]:
    yield tree
    for route in tree.get("routes", ()):
        yield from _routes(route)


def _route(body: Any) -> Json:
    """Return a route of the policies as Grafana stores it: no empty keys, no unknown ones, and its own spelling."""
    if not isinstance(body, dict):
        raise _traced(400, _BAD_REQUEST)
    kept: Json = {
        "receiver": _typed(body, "receiver", str),
        "group_by": _typed(body, "group_by", list),
        "match": _typed(body, "match", dict),
        "match_re": _typed(body, "match_re", dict),
        "matchers": ["".join(each) for each in _sorted(_matcher(each) for each in _typed(body, "matchers", list))],
        "object_matchers": [list(each) for each in _sorted(_typed(body, "object_matchers", list))],
        "mute_time_intervals": _typed(body, "mute_time_intervals", list),
        "continue": _typed(body, "continue", bool),
        "routes": [_route(each) for each in _typed(body, "routes", list)],
    }
    kept |= {key: _duration(body[key]) for key in ("group_wait", "group_interval", "repeat_interval") if body.get(key)}
    labels = kept["group_by"]
    if len(set(labels)) < len(labels) or ("..." in labels and len(labels) > 1):
        raise _traced(400, _BAD_REQUEST)
    if "0s" in (kept.get("group_interval"), kept.get("repeat_interval")):
        raise _traced(400, _BAD_REQUEST)
    return {key: value for key, value in kept.items() if value}


def _sorted(matchers: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Return matchers of label, operator and value in Alertmanager's order."""
    kept = list(matchers)
    if not all(len(each) == 3 and each[1] in _OPERATORS for each in kept):
        raise _traced(400, _BAD_REQUEST)
    return sorted(kept, key=lambda each: (each[0], each[2], _OPERATORS.index(each[1])))


_OPERATORS = ("=", "!=", "=~", "!~")


def _matcher(text: Any) -> tuple[str, str, str]:
    found = (
        re.fullmatch(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"(.*)"|([^"]*?))\s*', text)
        if isinstance(text, str)
        else None
    )
    if found is None:
        raise _traced(400, _BAD_REQUEST)
    value = found[3] if found[3] is not None else found[4]
    if "~" in found[2]:
        try:
            re.compile(value)
        except re.error:
            raise _traced(400, _BAD_REQUEST) from None
    return found[1], found[2], f'"{value}"'


def main() -> None:
    """Serve one as a program until it is ended, with its URL as the first line of output."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--version", default="9.3.2")
    parser.add_argument("--prefix", default="")
    parser.add_argument("--token", action="append", default=[], help="a token with the role Admin")
    parser.add_argument("--dashboards", type=Path, help="JSON file: a list of what POST /api/dashboards/db takes")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    tokens = dict.fromkeys(options.token, "Admin")
    with FakeGrafana(version=options.version, prefix=options.prefix, tokens=tokens, port=options.port) as grafana:
        for body in orjson.loads(options.dashboards.read_bytes()) if options.dashboards else ():
            grafana.load(body)
        sys.stdout.write(f"{grafana.url}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
