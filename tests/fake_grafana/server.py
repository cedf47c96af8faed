"""The server: who asks, what goes wrong, and which handler answers."""

from __future__ import annotations

import base64
import binascii
import copy
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import orjson

from tests.fake_grafana.apis import Objects
from tests.fake_grafana.calls import Answer, Call, Json, Refusal, User, forbidden, plain, traced
from tests.fake_grafana.dashboards import Dashboards, Save, Search
from tests.fake_grafana.datasources import DataSources
from tests.fake_grafana.folders import Folders
from tests.fake_grafana.library import LibraryPanels
from tests.fake_grafana.notifications import Notifications
from tests.fake_grafana.rules import Rules
from tests.fake_grafana.sockets import Listener
from tests.fake_grafana.store import Store

F = TypeVar("F", bound="FakeGrafana")


@dataclass
class Request:
    """A request as it came: the path is what follows the prefix; the status is 0 when none was
    sent."""

    method: str
    path: str
    status: int = 0


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong: in a share of the requests whose "METHOD path" contains `only`, one of the
    kinds.

    `reset` hangs up, a number is answered as status and `hang` answers nothing for a while, all
    before the request was handled; after it those that end with `-after`.
    """

    rate: float = 1.0
    kinds: Sequence[str] = ("reset", "reset-after", "429", "502", "503", "504", "502-after")
    seed: int = 0
    only: str = ""
    spared: Sequence[str] = ()
    """Paths that are always answered."""
    times: int | None = None
    hang_seconds: float = 60.0


Handler = Callable[[Call], Any]


class FakeGrafana:
    """The server; a context manager, whose store lives as long as the object does."""

    def __init__(
        self,
        *,
        version: str = "9.3.2",
        prefix: str = "",
        passwords: Mapping[str, str] | None = None,
        tokens: Mapping[str, str] | None = None,
        port: int = 0,
        only_old_api: bool = False,
        toggles: Iterable[str] = (),
    ) -> None:
        self.version = version
        self._only_old_api = only_old_api
        self.requests: list[Request] = []
        self.login_page = False
        self.writing_takes = 0.0
        """Seconds that a write holds the database; one that comes in between finds it locked, as
        SQLite is."""
        self.on_request: Callable[[str, str], object] | None = None
        self._prefix = prefix.rstrip("/")
        self._port = port
        self._passwords = {"admin": "admin", **(passwords or {})}
        self._tokens = dict(tokens or {})
        self._store = Store(version, self._prefix)
        self._store.toggles.update(toggles)
        self._rules = Rules(self._store)
        self._folders = Folders(self._store, self._rules)
        self.dashboards = Dashboards(self._store, self._folders)
        self._datasources = DataSources(self._store)
        self._library = LibraryPanels(self._store)
        self._notifications = Notifications(self._store)
        self._routes = [_compiled(*route) for route in self._table()]
        self._lock = threading.RLock()
        self._writer = threading.Lock()
        self._stopping = threading.Event()
        self._server: Listener | None = None
        self.faults = None

    def __enter__(self: F) -> F:
        self._stopping.clear()
        self._server = Listener(self._respond, self._port)
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
        return [request for request in self.requests if request.method not in ("GET", "HEAD")]

    @property
    def faults(self) -> Faults | None:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed if faults else 0)
        self._faults_left = faults.times if faults else None

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Answer | None:
        """What it answers to somebody who needs no connection for it; None where it would hang
        up."""
        return self._respond(method, target, headers, content)

    def state(self) -> Json:
        """Return all that is stored, secrets too, without times and ids."""
        with self._lock:
            return copy.deepcopy(
                {
                    "folders": self._folders.state(),
                    "dashboards": self.dashboards.state(),
                    "datasources": self._datasources.state(),
                    "library_panels": self._library.state(),
                    "rules": self._rules.state(),
                    **self._notifications.state(),
                }
            )

    def provision_dashboard(self, dashboard: Json, folder_uid: str = "") -> None:
        """Store a dashboard as if from a file; a folder that is not there is made."""
        self.load({"dashboard": dashboard, "folderUid": folder_uid}, by_file=True)

    def load(self, body: Json, *, by_file: bool = False) -> None:
        """Store a dashboard, given as POST /api/dashboards/db takes it; a folder that is not there
        is made."""
        folder, user = body.get("folderUid", ""), User("Anonymous" if by_file else "admin", "Admin")
        with self._lock:
            self._ensure_folder(folder)
            save = Save(
                dashboard=body["dashboard"],
                folder=folder,
                user=user,
                overwrite=True,
                by_file=by_file,
            )
            self.dashboards.save(save)

    def provision_datasource(self, datasource: Json) -> None:
        """Store a data source as if from a file."""
        with self._lock:
            self._datasources.create(datasource, read_only=True)

    def provision_rules(self, folder_uid: str, group: Json) -> None:
        """Store a rule group, in the API's form, as if from a file; a folder that is not there is
        made."""
        with self._lock:
            self._ensure_folder(folder_uid)
            self._rules.provision(folder_uid, group)

    def _ensure_folder(self, uid: str) -> None:
        if uid and uid not in self._store.folders:
            self._folders.add(uid, f"Folder {uid}", "", User("Anonymous", "Admin"))

    def _respond(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> Answer | None:
        """Answer a request, or return None where the connection is to be closed instead."""
        path = (
            target.removeprefix(self._prefix) if target.startswith(f"{self._prefix}/") else target
        )
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
            if request.endswith(tuple(faults.spared)):
                return ""
            if self._random.random() >= faults.rate:
                return ""
            self._faults_left = None if self._faults_left is None else self._faults_left - 1
            return self._random.choice(faults.kinds)

    def _failed(self, kind: str, request: Request) -> Answer | None:
        faults = self._faults or Faults()
        if kind == "hang":
            self._stopping.wait(faults.hang_seconds)
        if not kind.isdecimal():
            return None
        request.status = int(kind)
        headers = (("Retry-After", "0"),) if kind == "429" else ()
        return Answer(int(kind), b"<html>a proxy's own page</html>", "text/html", headers)

    def _handled(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes, *, outside: bool
    ) -> Answer:
        if self.login_page or (self._only_old_api and path.startswith("/apis")):
            return Answer(200, b"<!doctype html><title>Grafana</title>", "text/html; charset=UTF-8")
        route, _, query = path.partition("?")
        try:
            if outside:
                raise plain(404, "Not found")
            if (method, route) == ("GET", "/api/health"):
                return _as_answer(
                    {"commit": "21c1d14e91", "database": "ok", "version": self.version}
                )
            user = self._user(headers)
            handler, permission, params = self._found(method, route)
            if self._is_open(method, route, params):
                permission = ""
            # Rights are given folder by folder, and nobody but an administrator has one to a folder
            # that is not there.
            uid = params.get("uid", "")
            nowhere = (
                permission.startswith("folders:") and uid != "" and uid not in self._store.folders
            )
            if permission and (not user.may(permission) or (nowhere and user.role != "Admin")):
                raise forbidden(permission)
            call = Call(user, params, parse_qs(query, keep_blank_values=True), headers, content)
            return self._done(handler, call, writes=method != "GET")
        except Refusal as refusal:
            return Answer(refusal.status, orjson.dumps(refusal.body))

    def _is_open(self, method: str, route: str, params: Mapping[str, str]) -> bool:
        """Whether 12.4.0 asks for no permission where 9.3.2 does."""
        gone = route.startswith("/api/dashboards/uid/") and (
            params.get("uid") not in self._store.dashboards
        )
        is_open = (method, route) == ("GET", "/api/v1/provisioning/policies")
        return self._store.since(12) and (is_open or (method == "DELETE" and gone))

    def _done(self, handler: Handler, call: Call, *, writes: bool) -> Answer:
        if not (writes and self.writing_takes):
            with self._lock:
                return _as_answer(handler(call))
        if not self._writer.acquire(blocking=False):
            raise self._locked(call)
        try:
            self._stopping.wait(self.writing_takes)
            with self._lock:
                return _as_answer(handler(call))
        finally:
            self._writer.release()

    def _locked(self, call: Call) -> Refusal:
        """What a write is told that found the database locked, as seen on 9.3.2 with SQLite.

        A save of a dashboard is begun again with the version, or the id, that it was given before.
        """
        document = call.json().get("dashboard") if call.content else None
        if not isinstance(document, dict):
            return traced(500, "Internal server error")
        if document.get("uid") in self._store.dashboards:
            return plain(
                412, "The dashboard has been changed by someone else", status="version-mismatch"
            )
        return plain(404, "Dashboard not found", status="not-found")

    def _user(self, headers: Mapping[str, str]) -> User:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if value not in self._tokens:
                raise traced(401, "invalid API key")
            number = 2 + list(self._tokens).index(value)
            return User("sa-gk", self._tokens[value], is_token=True, id=number)
        if scheme.lower() != "basic":
            raise plain(401, "Unauthorized")
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise traced(401, "Invalid Basic Auth Header") from None
        if password != self._passwords.get(name):
            raise traced(401, "invalid username or password")
        organization = headers.get("x-grafana-org-id", "1")
        elsewhere = organization.isdecimal() and int(organization) != 1
        return User(name, "" if elsewhere else "Admin", elsewhere=elsewhere)

    def _found(self, method: str, path: str) -> tuple[Handler, str, dict[str, str]]:
        # A name may have a slash in it, as %2F; below a sub-path 9.3 takes it for one that parts
        # the path.
        early = self._prefix != "" and not self._store.since(10)
        path = unquote(path) if early else path
        for asked, pattern, permission, handler in self._routes:
            if asked == method and (match := pattern.fullmatch(path)):
                params = {
                    key: value if early else unquote(value)
                    for key, value in match.groupdict().items()
                }
                return handler, permission, params
        raise plain(404, "Not found")

    def _table(self) -> Iterator[tuple[str, str, str, Handler]]:
        folders, dashboards, sources, library = (
            self._folders,
            self.dashboards,
            self._datasources,
            self._library,
        )
        write = "any of dashboards:create, dashboards:write"
        yield "GET", "/dashboards/uid/:uid", "dashboards:read", dashboards.get
        yield "POST", "/dashboards/db", write, dashboards.post
        yield "DELETE", "/dashboards/uid/:uid", "dashboards:delete", dashboards.delete
        yield "GET", "/dashboards/uid/:uid/versions", "dashboards:write", dashboards.versions
        yield (
            "GET",
            "/dashboards/uid/:uid/versions/:version",
            "dashboards:write",
            dashboards.version,
        )
        yield "POST", "/dashboards/uid/:uid/restore", "dashboards:write", dashboards.restore
        permissions = "/dashboards/uid/:uid/permissions"
        yield "GET", permissions, "", dashboards.get_permissions
        yield "POST", permissions, "", dashboards.set_permissions
        yield "GET", "/search", "", Search(self._store, folders, dashboards).search
        yield "GET", "/folders", "folders:read", folders.every
        yield "POST", "/folders", "folders:create", folders.create
        yield "GET", "/folders/:uid", "folders:read", folders.get
        yield "PUT", "/folders/:uid", "folders:write", folders.update
        yield "DELETE", "/folders/:uid", "folders:delete", folders.delete
        yield "POST", "/folders/:uid/move", "folders:write", folders.move
        permissions = "/folders/:uid/permissions"
        yield "GET", permissions, "folders.permissions:read", folders.get_permissions
        yield "POST", permissions, "folders.permissions:write", folders.set_permissions
        yield "GET", "/teams/search", "teams:read", folders.teams
        yield "GET", "/org/users/lookup", "", folders.users
        yield "GET", "/datasources", "datasources:read", sources.every
        yield "POST", "/datasources", "datasources:create", sources.post
        yield "GET", "/datasources/uid/:uid", "datasources:read", sources.get
        yield "PUT", "/datasources/uid/:uid", "datasources:write", sources.put
        yield "DELETE", "/datasources/uid/:uid", "datasources:delete", sources.delete
        yield "GET", "/library-elements", "", library.every
        yield "POST", "/library-elements", "", library.create
        yield "GET", "/library-elements/:uid", "", library.get
        yield "PATCH", "/library-elements/:uid", "", library.change
        yield "GET", "/library-elements/:uid/connections", "", library.connections
        yield "DELETE", "/library-elements/:uid", "", library.delete
        yield "GET", "/ruler/grafana/api/v1/rules", "alert.rules:read", self._rules.by_folder
        yield "GET", "/org", "", self._organization
        yield "POST", "/admin/provisioning/:what/reload", "provisioning:reload", self._reload
        yield "GET", "/user", "", self._myself
        yield "GET", "/access-control/user/permissions", "", self._rights
        yield from Objects(self._store, folders, dashboards).routes()
        for method, path, handler in self._alerting():
            permission = f"alert.provisioning:{'read' if method == 'GET' else 'write'}"
            yield method, f"/v1/provisioning{path}", permission, handler

    def _alerting(self) -> Iterator[tuple[str, str, Handler]]:
        rules, notifications = self._rules, self._notifications
        group = "/folder/:folder/rule-groups/:group"
        yield "GET", group, rules.get_group
        yield "PUT", group, rules.put_group
        if self._store.since(10):
            yield "DELETE", group, rules.delete_group
        if self._store.since(9, 4):
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

    @staticmethod
    def _organization(call: Call) -> Json:
        if call.user.elsewhere:
            raise traced(404, "Organization not found")
        return {"id": 1, "name": "Main Org.", "address": {}}

    @staticmethod
    def _reload(call: Call) -> Json:
        """Whoever may is told what was read; the fake has no files."""
        names = {"datasources": "Datasources", "dashboards": "Dashboards", "alerting": "Alerting"}
        return {"message": f"{names[call.params['what']]} config reloaded"}

    def _rights(self, call: Call) -> Json:
        """What the user may do where, as far as it is about reading dashboards."""
        uids = [f"dashboards:uid:{uid}" for uid in self._store.dashboards]
        return {
            "dashboards:read": ["dashboards:*", "folders:*"] if call.user.role == "Admin" else uids
        }

    @staticmethod
    def _myself(call: Call) -> Json:
        if call.user.is_token:
            raise plain(404, "user not found")
        name = call.user.name
        return {
            "id": 1,
            "email": f"{name}@localhost",
            "name": "",
            "login": name,
            "orgId": 1,
            "isGrafanaAdmin": True,
        }


def _as_answer(value: Any) -> Answer:
    """Make an answer of what a handler returns: an answer, a document, or a status and a
    document."""
    if isinstance(value, Answer):
        return value
    status, body = value if isinstance(value, tuple) else (200, value)
    return Answer(status, orjson.dumps(body))


def _compiled(
    method: str, path: str, permission: str, handler: Handler
) -> tuple[str, re.Pattern[str], str, Handler]:
    return (
        method,
        re.compile(
            ("" if path.startswith("/apis") else "/api") + re.sub(r":(\w+)", r"(?P<\1>[^/]+)", path)
        ),
        permission,
        handler,
    )
