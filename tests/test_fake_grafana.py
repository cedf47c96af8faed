"""What gk relies on of Grafana's HTTP API: the same tests against the fake and a real server, by its version.

The real one is named by GK_TEST_GRAFANA_URL, with a token in GK_TEST_GRAFANA_TOKEN or a user in the URL; either has to
be an administrator's. Every test makes objects with names of its own, and removes them. What was seen on 9.3.2 only is
asserted for its version only.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import orjson
import pytest
import requests
from requests.auth import AuthBase

from tests.fake_grafana import FakeGrafana, Faults

Json = dict[str, Any]

PROVISIONING = "/api/v1/provisioning"
UNOWNED = {"X-Disable-Provenance": "true"}


class Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Nobody(AuthBase):
    """No credentials; without it requests would look for some in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@dataclass(frozen=True)
class RealGrafana:
    """Where a real Grafana is, and an administrator of it."""

    url: str
    auth: tuple[str, str] | AuthBase


@pytest.fixture
def grafana_server() -> RealGrafana:
    """The Grafana that GK_TEST_GRAFANA_URL names."""
    given = os.environ.get("GK_TEST_GRAFANA_URL", "").rstrip("/")
    if not given:
        pytest.skip("GK_TEST_GRAFANA_URL names no Grafana")
    parts = urlsplit(given)
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    token = os.environ.get("GK_TEST_GRAFANA_TOKEN", "")
    return RealGrafana(url, Bearer(token) if token else (parts.username or "", parts.password or ""))


class Server:
    """A server under test, what was made on it, and tokens of the roles."""

    def __init__(self, url: str, auth: tuple[str, str] | AuthBase, tokens: Callable[[Server, str], str]) -> None:
        self.url = url
        self.auth = auth
        self._tokens = tokens
        self._session = requests.Session()
        self._undo: list[tuple[str, str]] = []
        self.version = tuple(int(part) for part in self.get("/api/health")["version"].split("-")[0].split("."))

    def since(self, *version: int) -> bool:
        return self.version >= version

    def ask(
        self, method: str, path: str, body: Any = None, *, auth: Any = None, headers: Json | None = None
    ) -> requests.Response:
        auth = self.auth if auth is None else auth
        return self._session.request(method, self.url + path, json=body, auth=auth, headers=headers, timeout=30)

    def get(self, path: str) -> Any:
        response = self.ask("GET", path)
        assert 200 == response.status_code, response.text
        return response.json()

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Ask for something that has to succeed."""
        response = self.ask(method, path, body, **options)
        assert response.ok, response.text
        return response.json() if response.content else None

    def refused(self, status: int, method: str, path: str, body: Any = None, **options: Any) -> Json:
        response = self.ask(method, path, body, **options)
        assert status == response.status_code, response.text
        answer = response.json()
        return answer if isinstance(answer, dict) else {}

    def removes(self, path: str) -> None:
        """Delete a path when the test is over."""
        self._undo.append(("DELETE", path))

    def role(self, role: str) -> Bearer:
        return Bearer(self._tokens(self, role))

    def close(self) -> None:
        for method, path in reversed(self._undo):
            with suppress(requests.RequestException):
                self.ask(method, path)
        self._session.close()

    # What tests need of other kinds.

    def folder(self, title: str = "", **more: Any) -> str:
        uid = name()
        self.removes(f"/api/folders/{uid}?forceDeleteRules=true")
        self.done("POST", "/api/folders", {"uid": uid, "title": title or f"Folder {uid}", **more})
        return uid

    def dashboard(self, uid: str = "", folder: str = "", message: str = "", **more: Any) -> str:
        uid = uid or name()
        self.removes(f"/api/dashboards/uid/{uid}")
        dashboard = {"uid": uid, "title": f"Dashboard {uid}", **more}
        self.done("POST", "/api/dashboards/db", {"dashboard": dashboard, "folderUid": folder, "message": message})
        return uid

    def source(self, **more: Any) -> str:
        uid = name()
        self.removes(f"/api/datasources/uid/{uid}")
        self.done("POST", "/api/datasources", source(uid, **more))
        return uid

    def rule(self, folder: str, group: str = "group", **more: Any) -> str:
        uid = name()
        self.removes(f"{PROVISIONING}/alert-rules/{uid}")
        self.done("POST", f"{PROVISIONING}/alert-rules", rule(uid, folderUID=folder, ruleGroup=group, **more))
        return uid

    def point(self, called: str = "", type: str = "webhook", **settings: Any) -> str:
        uid = name()
        self.removes(f"{PROVISIONING}/contact-points/{uid}")
        self.done("POST", f"{PROVISIONING}/contact-points", point(uid, called or uid, type, **settings))
        return uid


def name() -> str:
    return f"gk{uuid.uuid4().hex[:12]}"


def source(uid: str, **more: Any) -> Json:
    return {"uid": uid, "name": uid, "type": "prometheus", "access": "proxy", "url": "http://127.0.0.1:9", **more}


def rule(uid: str, **more: Any) -> Json:
    return {
        **({"uid": uid} if uid else {}),
        "title": f"Rule {uid or name()}",
        "condition": "C",
        "data": [
            {
                "refId": "A",
                "datasourceUid": "prometheus",
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": {"expr": "up", "instant": True, "refId": "A"},
            },
            {
                "refId": "C",
                "datasourceUid": "__expr__",
                "model": {"type": "math", "expression": "$A > 1", "refId": "C"},
            },
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": "5m",
        "annotations": {"summary": "text"},
        "labels": {"severity": "page"},
        **more,
    }


def point(uid: str, called: str, type: str = "webhook", **settings: Any) -> Json:
    if type == "webhook":
        settings = {"url": "http://127.0.0.1:9", **settings}
    return {"uid": uid, "name": called, "type": type, "settings": settings}


def group_path(folder: str, group: str = "group") -> str:
    return f"{PROVISIONING}/folder/{folder}/rule-groups/{quote(group, safe='')}"


def fake_token(_server: Server, role: str) -> str:
    return f"glsa_{role}"


def real_token(server: Server, role: str) -> str:
    account = server.done("POST", "/api/serviceaccounts", {"name": name(), "role": role})
    server.removes(f"/api/serviceaccounts/{account['id']}")
    key = server.done("POST", f"/api/serviceaccounts/{account['id']}/tokens", {"name": name()})["key"]
    return str(key)


@pytest.fixture(params=["fake", "real"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "fake":
        tokens = {f"glsa_{role}": role for role in ("Admin", "Editor", "Viewer")}
        version = os.environ.get("GK_TEST_FAKE_VERSION", "9.3.2")
        with FakeGrafana(version=version, prefix="/sub/path", tokens=tokens) as grafana:
            yield from closing(Server(grafana.url, ("admin", "admin"), fake_token))
        return
    # A test may be skipped where this name is among its fixtures'.
    request.node.fixturenames = [*request.node.fixturenames, "grafana_server"]
    real = request.getfixturevalue("grafana_server")
    # Notifications are one document: where two workers change it at once, Grafana refuses one of them.
    with (Path(tempfile.gettempdir()) / "gk-test-grafana.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield from closing(Server(real.url, real.auth, real_token))


def closing(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.close()


# Who may do what


def test_health_is_for_everybody(server: Server) -> None:
    response = server.ask("GET", "/api/health", auth=Nobody())
    assert (200, "ok") == (response.status_code, response.json()["database"])


@pytest.mark.parametrize("path", ["/api/org", "/api/dashboards/uid/none", f"{PROVISIONING}/policies"])
def test_without_credentials_nothing_else_is_answered(server: Server, path: str) -> None:
    assert "Unauthorized" == server.refused(401, "GET", path, auth=Nobody())["message"]


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        pytest.param(Bearer("glsa_wrong"), "invalid API key", id="token"),
        pytest.param(("nobody", "wrong"), "invalid username or password", id="password"),
    ],
)
def test_wrong_credentials_are_refused(server: Server, auth: Any, message: str) -> None:
    answer = server.refused(401, "GET", "/api/org", auth=auth)
    assert server.since(10) or message == answer["message"]


def test_an_unknown_path_is_not_found(server: Server) -> None:
    assert "Not found" == server.refused(404, "GET", "/api/no-such-thing")["message"]


VIEWER_REFUSED = [
    ("POST", "/api/dashboards/db", "any of dashboards:create, dashboards:write"),
    ("DELETE", "/api/dashboards/uid/none", "dashboards:delete"),
    ("POST", "/api/folders", "folders:create"),
    ("PUT", "/api/folders/none", "folders:write"),
    ("DELETE", "/api/folders/none", "folders:delete"),
    ("POST", "/api/datasources", "datasources:create"),
    ("PUT", "/api/datasources/uid/none", "datasources:write"),
    ("DELETE", "/api/datasources/uid/none", "datasources:delete"),
    ("GET", f"{PROVISIONING}/policies", "alert.provisioning:read"),
    ("PUT", f"{PROVISIONING}/folder/f/rule-groups/g", "alert.provisioning:write"),
]


@pytest.mark.parametrize(("method", "path", "permission"), VIEWER_REFUSED)
def test_a_viewer_is_told_which_permission_is_missing(server: Server, method: str, path: str, permission: str) -> None:
    answer = server.refused(403, method, path, {}, auth=server.role("Viewer"))
    assert server.since(10) or (
        f"You'll need additional permissions to perform this action. Permissions needed: {permission}"
        == answer["message"]
    )


@pytest.mark.parametrize("path", ["/api/search", "/api/folders", "/api/datasources", "/api/org"])
def test_a_viewer_reads(server: Server, path: str) -> None:
    assert 200 == server.ask("GET", path, auth=server.role("Viewer")).status_code


def test_an_editor_writes_dashboards_and_folders(server: Server) -> None:
    uid, editor = name(), server.role("Editor")
    server.removes(f"/api/folders/{uid}")
    server.done("POST", "/api/folders", {"uid": uid, "title": uid}, auth=editor)
    dashboard = {"dashboard": {"title": name(), "uid": name()}, "folderUid": uid}
    server.done("POST", "/api/dashboards/db", dashboard, auth=editor)


@pytest.mark.parametrize("role", ["Editor", "Viewer"])
def test_an_unknown_folder_is_forbidden_to_all_but_administrators(server: Server, role: str) -> None:
    """Whether a folder is there shows in the list."""
    response = server.ask("GET", f"/api/folders/{name()}", auth=server.role(role))
    assert not response.ok
    assert server.since(10) or response.json()["message"].endswith("Permissions needed: folders:read")


def test_a_viewer_does_not_see_old_versions(server: Server) -> None:
    path = f"/api/dashboards/uid/{server.dashboard()}/versions"
    assert server.since(10) or 403 == server.ask("GET", path, auth=server.role("Viewer")).status_code


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/datasources"),
        ("GET", f"{PROVISIONING}/contact-points"),
        ("GET", f"{PROVISIONING}/folder/f/rule-groups/g"),
        ("POST", f"{PROVISIONING}/alert-rules"),
    ],
)
def test_an_editor_may_neither_write_data_sources_nor_read_provisioning(server: Server, method: str, path: str) -> None:
    status = server.ask(method, path, {}, auth=server.role("Editor")).status_code
    assert 403 == status or (server.since(10) and "datasources" not in path)


def test_a_token_is_of_an_organization_and_of_no_user(server: Server) -> None:
    token = server.role("Admin")
    assert 1 == server.done("GET", "/api/org", auth=token)["id"]
    if not server.since(10):
        assert "user not found" == server.refused(404, "GET", "/api/user", auth=token)["message"]


def test_an_unknown_organization_looks_like_a_missing_permission(server: Server) -> None:
    """All but the organization itself, and a search, which finds nothing."""
    if isinstance(server.auth, Bearer):
        pytest.skip("a token is bound to its organization")
    elsewhere = {"X-Grafana-Org-Id": "4711"}
    if server.since(10):
        assert server.ask("GET", "/api/folders", headers=elsewhere).status_code in (401, 403, 404)
        return
    assert "Organization not found" == server.refused(404, "GET", "/api/org", headers=elsewhere)["message"]
    assert [] == server.done("GET", "/api/search", headers=elsewhere)
    server.refused(403, "GET", "/api/folders", headers=elsewhere)
    server.refused(403, "POST", "/api/folders", {"title": name()}, headers=elsewhere)


@pytest.mark.parametrize("organization", ["abc", "1"])
def test_the_own_organization_and_nonsense_change_nothing(server: Server, organization: str) -> None:
    assert 1 == server.done("GET", "/api/org", headers={"X-Grafana-Org-Id": organization})["id"]


# Dashboards


def save(server: Server, uid: str, **more: Any) -> requests.Response:
    """Save a dashboard; `folderUid`, `overwrite` and `message` go beside it."""
    beside = {key: more.pop(key) for key in ("folderUid", "overwrite", "message") if key in more}
    server.removes(f"/api/dashboards/uid/{uid}")
    return server.ask("POST", "/api/dashboards/db", {"dashboard": {"uid": uid, **more}, **beside})


def test_a_save_answers_with_what_is_needed_to_find_it_again(server: Server) -> None:
    uid = name()
    answer = save(server, uid, title=f"Title of {uid}").json()
    assert {"id", "slug", "status", "uid", "url", "version"} <= answer.keys()
    assert (uid, 1, "success", f"title-of-{uid}") == tuple(answer[key] for key in ("uid", "version", "status", "slug"))


def test_links_have_the_sub_path_of_the_server(server: Server) -> None:
    uid = server.dashboard()
    url = server.get(f"/api/dashboards/uid/{uid}")["meta"]["url"]
    assert f"{urlsplit(server.url).path}/d/{uid}/dashboard-{uid}" == url


def test_a_dashboard_is_read_with_what_the_server_adds(server: Server) -> None:
    folder = server.folder()
    uid = server.dashboard(folder=folder, panels=[{"id": 1, "nothing": None}])
    answer = server.get(f"/api/dashboards/uid/{uid}")
    dashboard, meta = answer["dashboard"], answer["meta"]
    assert [{"id": 1, "nothing": None}] == dashboard["panels"]
    assert (uid, 1) == (dashboard["uid"], dashboard["version"])
    assert isinstance(dashboard["id"], int)
    assert (folder, f"Folder {folder}", False, 1) == tuple(
        meta[key] for key in ("folderUid", "folderTitle", "provisioned", "version")
    )
    expected = {"created", "createdBy", "updated", "updatedBy", "canSave", "canEdit", "url", "slug", "isFolder"}
    assert expected <= meta.keys()


def test_an_unknown_dashboard_is_not_found(server: Server) -> None:
    assert "Dashboard not found" == server.refused(404, "GET", f"/api/dashboards/uid/{name()}")["message"]


def test_a_new_dashboard_starts_at_version_1_whatever_it_says(server: Server) -> None:
    uid = name()
    assert 1 == save(server, uid, title=uid, version=7).json()["version"]


def test_a_first_save_has_no_message_of_its_own_in_the_list(server: Server) -> None:
    uid = server.dashboard(message="hello")
    versions = server.get(f"/api/dashboards/uid/{uid}/versions")
    entries = versions["versions"] if server.since(11) else versions
    if not server.since(10):
        assert ["Initial save"] == [each["message"] for each in entries]
        assert "hello" == server.get(f"/api/dashboards/uid/{uid}/versions/1")["message"]


@pytest.mark.parametrize("version", [{}, {"version": 5}, {"version": "1"}])
def test_a_save_over_another_version_is_refused(server: Server, version: Json) -> None:
    uid = server.dashboard()
    response = save(server, uid, title=f"Dashboard {uid}", **version)
    assert 412 == response.status_code
    assert "version-mismatch" == response.json()["status"]
    assert "The dashboard has been changed by someone else" == response.json()["message"]


def test_a_save_with_the_current_version_makes_the_next(server: Server) -> None:
    uid = server.dashboard()
    assert 2 == save(server, uid, title=f"Dashboard {uid}", version=1).json()["version"]


def test_overwriting_with_the_same_makes_a_version_too(server: Server) -> None:
    uid = server.dashboard()
    assert 2 == save(server, uid, title=f"Dashboard {uid}", overwrite=True).json()["version"]


def test_a_title_is_once_in_a_folder(server: Server) -> None:
    uid, other = server.dashboard(), name()
    response = save(server, other, title=f"Dashboard {uid}")
    if server.since(11, 3):
        assert 200 == response.status_code
        return
    assert (412, "name-exists") == (response.status_code, response.json()["status"])
    assert "A dashboard with the same name in the folder already exists" == response.json()["message"]


def test_titles_are_compared_by_their_slugs(server: Server) -> None:
    uid, other = server.dashboard(), name()
    response = save(server, other, title=f"dashboard: {uid.upper()}!")
    assert (200 if server.since(10) else 412) == response.status_code


def test_overwriting_replaces_a_strangers_dashboard_of_the_same_title(server: Server) -> None:
    uid, other = server.dashboard(), name()
    answer = save(server, other, title=f"Dashboard {uid}", overwrite=True).json()
    if server.since(11, 3):
        assert other == answer["uid"]
        return
    assert (uid, 2) == (answer["uid"], answer["version"])
    server.refused(404, "GET", f"/api/dashboards/uid/{other}")


def test_overwriting_prefers_the_title_to_the_uid(server: Server) -> None:
    uid, other = server.dashboard(), server.dashboard()
    if server.since(11, 3):
        pytest.skip("titles no longer clash")
    assert uid == save(server, other, title=f"Dashboard {uid}", overwrite=True).json()["uid"]
    assert 1 == server.get(f"/api/dashboards/uid/{other}")["meta"]["version"]


def test_a_title_may_be_in_two_folders(server: Server) -> None:
    uid, other = server.dashboard(), name()
    assert 200 == save(server, other, title=f"Dashboard {uid}", folderUid=server.folder()).status_code


@pytest.mark.parametrize("overwrite", [False, True])
def test_no_dashboard_has_the_title_of_a_folder(server: Server, overwrite: bool) -> None:
    """Of any folder, wherever the dashboard is to be."""
    folder, uid = server.folder(), name()
    response = save(server, uid, title=f"Folder {folder}", folderUid=folder, overwrite=overwrite)
    if not server.since(10):
        assert (400, "name-match") == (response.status_code, response.json()["status"])


def test_a_save_without_a_folder_moves_to_general(server: Server) -> None:
    uid = server.dashboard(folder=server.folder())
    save(server, uid, title=f"Dashboard {uid}", version=1)
    assert "" == server.get(f"/api/dashboards/uid/{uid}")["meta"]["folderUid"]


def test_a_save_into_an_unknown_folder_is_refused(server: Server) -> None:
    uid = name()
    response = save(server, uid, title=uid, folderUid=name())
    assert response.status_code in ((400,) if not server.since(10) else (400, 404))
    assert "folder not found" == response.json()["message"].lower()


@pytest.mark.parametrize(
    ("dashboard", "message"),
    [
        pytest.param({"uid": "u" * 41, "title": "T"}, "uid too long, max 40 characters", id="long"),
        pytest.param({"uid": "a b", "title": "T"}, "uid contains illegal characters", id="illegal"),
        pytest.param({"uid": "gk-none"}, "Dashboard title cannot be empty", id="no title"),
        pytest.param({"uid": "gk-none", "title": " "}, "Dashboard title cannot be empty", id="blank title"),
        pytest.param({"uid": "gk-none", "title": 5}, "Dashboard title cannot be empty", id="number as title"),
    ],
)
def test_a_dashboard_that_cannot_be_is_refused(server: Server, dashboard: Json, message: str) -> None:
    assert message == server.refused(400, "POST", "/api/dashboards/db", {"dashboard": dashboard})["message"]


@pytest.mark.parametrize("body", [{}, [], "text"])
def test_a_save_of_no_dashboard_is_a_bad_request(server: Server, body: Any) -> None:
    answer = server.refused(400, "POST", "/api/dashboards/db", body)
    assert server.since(10) or "bad request data" == answer["message"]


def test_an_id_that_is_not_there_is_not_found(server: Server) -> None:
    dashboard = {"uid": name(), "title": name(), "id": 999999999}
    answer = server.refused(404, "POST", "/api/dashboards/db", {"dashboard": dashboard})
    assert "not-found" == answer["status"]


def test_a_folder_is_read_and_deleted_as_a_dashboard_before_10(server: Server) -> None:
    """With all that is in it, unless that is rules."""
    if server.since(10):
        pytest.skip("seen on 9.3")
    folder = server.folder()
    uid = server.dashboard(folder=folder)
    answer = server.get(f"/api/dashboards/uid/{folder}")
    assert (True, f"Folder {folder}") == (answer["meta"]["isFolder"], answer["dashboard"]["title"])
    rule_uid = server.rule(folder)
    server.refused(500, "DELETE", f"/api/dashboards/uid/{folder}")
    server.done("DELETE", f"{PROVISIONING}/alert-rules/{rule_uid}")
    server.done("DELETE", f"/api/dashboards/uid/{folder}")
    server.refused(404, "GET", f"/api/folders/{folder}")
    server.refused(404, "GET", f"/api/dashboards/uid/{uid}")


def test_the_uid_of_a_folder_is_no_dashboards(server: Server) -> None:
    response = save(server, server.folder(), title=name())
    assert 400 == response.status_code or server.since(11)


@pytest.mark.parametrize(("sent", "stored"), [("1s", "5s"), ("2s", "5s"), ("5s", "5s"), ("1m", "1m"), (False, False)])
def test_a_refresh_below_five_seconds_is_raised(server: Server, sent: Any, stored: Any) -> None:
    uid = server.dashboard(refresh=sent)
    assert stored == server.get(f"/api/dashboards/uid/{uid}")["dashboard"]["refresh"]


def test_blanks_around_a_title_go(server: Server) -> None:
    uid = name()
    save(server, uid, title=f" {uid} ")
    assert uid == server.get(f"/api/dashboards/uid/{uid}")["dashboard"]["title"]


def test_a_deleted_dashboard_is_gone(server: Server) -> None:
    uid = server.dashboard()
    answer = server.done("DELETE", f"/api/dashboards/uid/{uid}")
    assert (f"Dashboard Dashboard {uid} deleted", f"Dashboard {uid}") == (answer["message"], answer["title"])
    assert "Dashboard not found" == server.refused(404, "DELETE", f"/api/dashboards/uid/{uid}")["message"]


def test_versions_are_listed_newest_first(server: Server) -> None:
    uid = server.dashboard()
    save(server, uid, title=f"Dashboard {uid}", version=1, message="second")
    versions = server.get(f"/api/dashboards/uid/{uid}/versions")
    assert server.since(11) == isinstance(versions, dict)
    newest, first = versions["versions"] if server.since(11) else versions
    assert (2, 1, "second") == (newest["version"], first["version"], newest["message"])
    assert {"id", "version", "parentVersion", "created", "createdBy", "message"} <= newest.keys()


def test_versions_are_listed_in_part(server: Server) -> None:
    uid = server.dashboard()
    save(server, uid, title=f"Dashboard {uid}", version=1)
    versions = server.get(f"/api/dashboards/uid/{uid}/versions?limit=1")
    assert [2] == [each["version"] for each in (versions["versions"] if server.since(11) else versions)]


def test_an_old_version_has_its_document(server: Server) -> None:
    uid = server.dashboard(description="old")
    save(server, uid, title=f"Dashboard {uid}", version=1)
    old = server.get(f"/api/dashboards/uid/{uid}/versions/1")
    assert ("old", 1, uid) == (old["data"]["description"], old["version"], old["data"]["uid"])


def test_an_unknown_version_is_an_error(server: Server) -> None:
    uid = server.dashboard()
    assert (404 if server.since(10) else 500) == server.ask("GET", f"/api/dashboards/uid/{uid}/versions/99").status_code


def test_the_versions_of_an_unknown_dashboard_are_an_error(server: Server) -> None:
    assert server.ask("GET", f"/api/dashboards/uid/{name()}/versions").status_code == (404 if server.since(10) else 400)


def test_restoring_makes_a_new_version_of_an_old_one(server: Server) -> None:
    folder = server.folder()
    uid = server.dashboard(folder=folder, description="old")
    save(server, uid, title=f"Dashboard {uid}", version=1, folderUid=folder, description="new")
    assert 3 == server.done("POST", f"/api/dashboards/uid/{uid}/restore", {"version": 1})["version"]
    now = server.get(f"/api/dashboards/uid/{uid}")
    assert ("old", folder) == (now["dashboard"]["description"], now["meta"]["folderUid"])
    versions = server.get(f"/api/dashboards/uid/{uid}/versions")
    newest = (versions["versions"] if server.since(11) else versions)[0]
    assert "Restored from version 1" == newest["message"]


def test_restoring_an_unknown_version_is_not_found(server: Server) -> None:
    uid = server.dashboard()
    server.refused(404, "POST", f"/api/dashboards/uid/{uid}/restore", {"version": 99})
    server.refused(404, "POST", f"/api/dashboards/uid/{name()}/restore", {"version": 1})


# Search


def test_a_hit_says_where_a_dashboard_is_but_not_its_version(server: Server) -> None:
    folder, tag = server.folder(), name()
    uid = server.dashboard(folder=folder, tags=[tag, "other"])
    (hit,) = server.get(f"/api/search?type=dash-db&tag={tag}")
    assert (uid, f"Dashboard {uid}", "dash-db", folder) == tuple(
        hit[key] for key in ("uid", "title", "type", "folderUid")
    )
    assert [tag, "other"] == sorted(hit["tags"])
    assert {"folderTitle", "folderUrl", "url", "uri"} <= hit.keys()
    assert not {"version", "updated"} & hit.keys()


def test_a_hit_in_general_names_no_folder(server: Server) -> None:
    tag = name()
    server.dashboard(tags=[tag])
    (hit,) = server.get(f"/api/search?tag={tag}")
    assert server.since(10) or not {"folderUid", "folderTitle"} & hit.keys()


def test_several_tags_are_all_asked_for(server: Server) -> None:
    one, other = name(), name()
    both = server.dashboard(tags=[one, other])
    server.dashboard(tags=[one])
    assert [both] == [hit["uid"] for hit in server.get(f"/api/search?tag={one}&tag={other}")]


def test_a_query_is_a_part_of_the_title_in_any_case(server: Server) -> None:
    uid = server.dashboard()
    assert [uid] == [hit["uid"] for hit in server.get(f"/api/search?query={uid.upper()}")]


def test_a_search_may_be_for_folders(server: Server) -> None:
    folder = server.folder()
    server.dashboard(folder=folder, title=f"In {folder}")
    (hit,) = server.get(f"/api/search?type=dash-folder&query={folder}")
    assert (folder, "dash-folder") == (hit["uid"], hit["type"])
    both = server.get(f"/api/search?query={folder}")
    assert ["dash-folder", "dash-db"] == [hit["type"] for hit in both]


def test_a_search_may_be_in_a_folder(server: Server) -> None:
    folder, tag = server.folder(), name()
    inside, outside = server.dashboard(folder=folder, tags=[tag]), server.dashboard(tags=[tag])
    number = server.get(f"/api/folders/{folder}")["id"]
    if not server.since(11):
        assert [inside] == [hit["uid"] for hit in server.get(f"/api/search?tag={tag}&folderIds={number}")]
        assert [outside] == [hit["uid"] for hit in server.get(f"/api/search?tag={tag}&folderIds=0")]
    found = {hit["uid"] for hit in server.get(f"/api/search?tag={tag}&folderUIDs={folder}")}
    assert ({inside} if server.since(10) else {inside, outside}) == found


def test_a_search_has_pages(server: Server) -> None:
    tag = name()
    uids = {server.dashboard(tags=[tag]) for _ in range(3)}
    pages = [server.get(f"/api/search?tag={tag}&limit=2&page={page}") for page in (1, 2, 3)]
    assert [2, 1, 0] == [len(page) for page in pages]
    assert uids == {hit["uid"] for page in pages for hit in page}


def test_a_page_has_a_limit(server: Server) -> None:
    server.refused(422, "GET", "/api/search?limit=5001")


# Folders


def test_a_folder_is_read_as_it_was_made(server: Server) -> None:
    uid = server.folder()
    folder = server.get(f"/api/folders/{uid}")
    assert (uid, f"Folder {uid}", 1) == (folder["uid"], folder["title"], folder["version"])
    assert {"id", "url", "created", "updated", "createdBy", "updatedBy", "canSave", "canDelete"} <= folder.keys()


def test_a_folder_without_a_uid_gets_one(server: Server) -> None:
    folder = server.done("POST", "/api/folders", {"title": name()})
    server.removes(f"/api/folders/{folder['uid']}")
    assert folder["uid"]


def test_an_unknown_folder_is_not_found(server: Server) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = server.refused(404, method, f"/api/folders/{name()}", {"title": "T"})
        assert server.since(10) or {"message": "folder not found", "status": "not-found"} == answer


def test_a_folder_is_made_once(server: Server) -> None:
    uid = server.folder()
    response = server.ask("POST", "/api/folders", {"uid": uid, "title": name()})
    if server.since(11):
        assert response.status_code in (409, 412)
        return
    assert (412, "version-mismatch") == (response.status_code, response.json()["status"])


def test_a_folders_title_is_taken_once(server: Server) -> None:
    uid, other = server.folder(), name()
    server.removes(f"/api/folders/{other}")
    response = server.ask("POST", "/api/folders", {"uid": other, "title": f"Folder {uid}"})
    if not server.since(10):
        assert 409 == response.status_code
        message = "a folder or dashboard in the general folder with the same name already exists"
        assert message == response.json()["message"]


def test_no_folder_has_the_title_of_a_dashboard_in_general(server: Server) -> None:
    uid, other = server.dashboard(), name()
    server.removes(f"/api/folders/{other}")
    response = server.ask("POST", "/api/folders", {"uid": other, "title": f"Dashboard {uid}"})
    if not server.since(10):
        assert 400 == response.status_code
        assert "Folder name cannot be the same as one of its dashboards" == response.json()["message"]


@pytest.mark.parametrize(
    "folder",
    [{"title": ""}, {"title": "General"}, {"uid": "u" * 41, "title": "T"}, {"uid": "a b", "title": "T"}],
)
def test_a_folder_that_cannot_be_is_refused(server: Server, folder: Json) -> None:
    response = server.ask("POST", "/api/folders", folder)
    assert 400 == response.status_code or (server.since(10) and "General" == folder["title"])


def test_a_folder_changes_only_with_its_version(server: Server) -> None:
    uid = server.folder()
    for stale in ({}, {"version": 3}):
        answer = server.refused(412, "PUT", f"/api/folders/{uid}", {"title": f"New {uid}", **stale})
        assert "version-mismatch" == answer["status"]
    answer = server.done("PUT", f"/api/folders/{uid}", {"title": f"New {uid}", "version": 1})
    assert f"New {uid}" == answer["title"]
    assert server.since(12) or 2 == answer["version"]


def test_a_folder_may_be_overwritten(server: Server) -> None:
    uid = server.folder()
    assert uid == server.done("PUT", f"/api/folders/{uid}", {"title": f"New {uid}", "overwrite": True})["uid"]


def test_a_folder_does_not_take_anothers_title(server: Server) -> None:
    uid, other = server.folder(), server.folder()
    response = server.ask("PUT", f"/api/folders/{other}", {"title": f"Folder {uid}", "version": 1})
    assert 409 == response.status_code or server.since(10)


def test_overwriting_a_folder_with_anothers_title_changes_the_other(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    uid, other = server.folder(), server.folder()
    answer = server.done("PUT", f"/api/folders/{other}", {"title": f"Folder {uid}", "overwrite": True})
    assert (uid, 2) == (answer["uid"], answer["version"])
    assert f"Folder {other}" == server.get(f"/api/folders/{other}")["title"]


def test_a_folders_uid_can_change(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    uid, new = server.folder(), name()
    server.removes(f"/api/folders/{new}")
    dashboard = server.dashboard(folder=uid)
    server.done("PUT", f"/api/folders/{uid}", {"uid": new, "title": f"Folder {uid}", "version": 1})
    server.refused(404, "GET", f"/api/folders/{uid}")
    assert new == server.get(f"/api/dashboards/uid/{dashboard}")["meta"]["folderUid"]


def test_folders_are_listed_with_little(server: Server) -> None:
    uid = server.folder()
    (entry,) = [each for each in server.get("/api/folders?limit=5000") if each["uid"] == uid]
    assert {"id", "uid", "title"} <= entry.keys()
    assert 1 == len(server.get("/api/folders?limit=1&page=1"))


def test_folders_are_in_folders_since_11(server: Server) -> None:
    parent = server.folder()
    child = server.folder(parentUid=parent)
    inside = [each["uid"] for each in server.get(f"/api/folders?parentUid={parent}")]
    assert (server.since(11) and [child] == inside) or {parent, child} <= set(inside)
    assert (parent if server.since(11) else "") == server.get(f"/api/folders/{child}").get("parentUid", "")


def test_a_folder_moves_since_11(server: Server) -> None:
    parent, child = server.folder(), server.folder()
    response = server.ask("POST", f"/api/folders/{child}/move", {"parentUid": parent})
    assert (200 if server.since(11) else 404) == response.status_code or server.since(10)


def test_a_folder_goes_with_its_dashboards(server: Server) -> None:
    folder = server.folder()
    uid = server.dashboard(folder=folder)
    response = server.ask("DELETE", f"/api/folders/{folder}")
    assert 200 == response.status_code
    assert server.since(10) or b"" == response.content
    server.refused(404, "GET", f"/api/dashboards/uid/{uid}")


def test_a_folder_with_rules_stays(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    answer = server.refused(400, "DELETE", f"/api/folders/{folder}")
    assert server.since(10) or "folder cannot be deleted: folder contains alert rules" == answer["message"]
    server.done("DELETE", f"/api/folders/{folder}?forceDeleteRules=true")
    assert not server.ask("GET", f"{PROVISIONING}/alert-rules/{uid}").ok


# Data sources


def test_a_data_source_is_read_as_it_was_made(server: Server) -> None:
    uid = server.source(jsonData={"httpMethod": "POST", "nothing": None}, secureJsonData={"password": "p"})
    found = server.get(f"/api/datasources/uid/{uid}")
    assert source(uid).items() <= found.items()
    assert {"httpMethod": "POST", "nothing": None} == found["jsonData"]
    assert (1, False, False) == (found["version"], found["readOnly"], found["isDefault"])
    assert {"basicAuth", "basicAuthUser", "withCredentials", "user", "database", "typeLogoUrl"} <= found.keys()


def test_secrets_are_named_and_never_shown(server: Server) -> None:
    uid = server.source(secureJsonData={"password": "p-of-the-source"})
    response = server.ask("GET", f"/api/datasources/uid/{uid}")
    assert {"password": True} == response.json()["secureJsonFields"]
    assert "p-of-the-source" not in response.text


def test_the_list_leaves_out_versions_and_secrets(server: Server) -> None:
    uid = server.source()
    (entry,) = [each for each in server.get("/api/datasources") if each["uid"] == uid]
    assert not {"version", "secureJsonFields", "withCredentials", "basicAuthUser"} & entry.keys()
    assert {"typeName", "readOnly", "isDefault", "jsonData"} <= entry.keys()


def test_making_a_data_source_answers_with_it(server: Server) -> None:
    uid = name()
    server.removes(f"/api/datasources/uid/{uid}")
    answer = server.done("POST", "/api/datasources", source(uid))
    assert ("Datasource added", uid, uid) == (answer["message"], answer["name"], answer["datasource"]["uid"])


def test_a_data_source_without_a_uid_gets_one(server: Server) -> None:
    body = source(name())
    del body["uid"]
    uid = server.done("POST", "/api/datasources", body)["datasource"]["uid"]
    server.removes(f"/api/datasources/uid/{uid}")
    assert uid


@pytest.mark.parametrize("taken", ["name", "uid"])
def test_a_data_sources_name_and_uid_are_taken_once(server: Server, taken: str) -> None:
    uid = server.source()
    body = {**source(name()), taken: uid}
    answer = server.refused(409, "POST", "/api/datasources", body)
    assert f"data source with the same {taken} already exists" == answer["message"]


@pytest.mark.parametrize("missing", ["name", "type", "access"])
def test_a_data_source_needs_name_type_and_access(server: Server, missing: str) -> None:
    body = source(name())
    del body[missing]
    server.refused(400, "POST", "/api/datasources", body)


def test_an_unknown_data_source_is_not_found(server: Server) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = server.refused(404, method, f"/api/datasources/uid/{name()}", source(name()))
        assert "Data source not found" == answer["message"]


def put_source(server: Server, uid: str, **more: Any) -> Json:
    answer = server.done("PUT", f"/api/datasources/uid/{uid}", source(uid, **more))
    found: Json = answer["datasource"]
    return found


def test_a_change_without_a_version_is_made(server: Server) -> None:
    """And sets the version back."""
    uid = server.source()
    put_source(server, uid, version=1)
    assert 1 == put_source(server, uid, url="http://127.0.0.1:10")["version"]


def test_a_change_with_an_old_version_is_refused(server: Server) -> None:
    uid = server.source()
    assert 2 == put_source(server, uid, version=1)["version"]
    answer = server.refused(409, "PUT", f"/api/datasources/uid/{uid}", source(uid, version=1))
    assert answer["message"].startswith("Datasource has already been updated by someone else.")


def test_a_version_ahead_is_taken(server: Server) -> None:
    assert 10 == put_source(server, server.source(), version=9)["version"]


def test_a_change_replaces_what_is_not_said(server: Server) -> None:
    uid = server.source(jsonData={"a": 1}, user="u", basicAuth=True, basicAuthUser="b", database="d")
    found = put_source(server, uid)
    assert ({}, "", False) == (found["jsonData"], found["user"], found["basicAuth"])
    assert server.since(10) or ("b", "d") == (found["basicAuthUser"], found["database"])


def test_a_change_keeps_secrets_that_are_not_said(server: Server) -> None:
    uid = server.source(secureJsonData={"one": "1", "two": "2"})
    assert {"one": True, "two": True} == put_source(server, uid)["secureJsonFields"]


def test_secrets_are_added_one_by_one(server: Server) -> None:
    uid = server.source(secureJsonData={"one": "1"})
    assert {"one": True, "two": True} == put_source(server, uid, secureJsonData={"two": "2"})["secureJsonFields"]


def test_an_empty_secret_is_removed(server: Server) -> None:
    uid = server.source(secureJsonData={"one": "1", "two": "2"})
    fields = put_source(server, uid, secureJsonData={"two": ""})["secureJsonFields"]
    assert {"one": True} == {key: value for key, value in fields.items() if value}


def test_a_data_sources_uid_can_change(server: Server) -> None:
    uid, new = server.source(), name()
    server.removes(f"/api/datasources/uid/{new}")
    response = server.ask("PUT", f"/api/datasources/uid/{uid}", {**source(uid), "uid": new})
    if not server.since(10):
        assert new == response.json()["datasource"]["uid"]
        server.refused(404, "GET", f"/api/datasources/uid/{uid}")


def test_a_change_needs_a_url(server: Server) -> None:
    uid = server.source()
    response = server.ask("PUT", f"/api/datasources/uid/{uid}", source(uid, url=""))
    if not server.since(10):
        assert (400, "Validation error, invalid URL") == (response.status_code, response.json()["message"])


def test_a_data_source_does_not_take_anothers_name(server: Server) -> None:
    uid, other = server.source(), server.source()
    response = server.ask("PUT", f"/api/datasources/uid/{other}", source(other, name=uid))
    assert response.status_code in ((409, 500) if server.since(10) else (500,))


def test_one_data_source_is_the_default(server: Server) -> None:
    if any(each["isDefault"] for each in server.get("/api/datasources")):
        pytest.skip("the server has a default data source, which is not ours")
    one, other = server.source(isDefault=True), server.source(isDefault=True)
    assert not server.get(f"/api/datasources/uid/{one}")["isDefault"]
    assert put_source(server, one, isDefault=True)["isDefault"]
    assert not server.get(f"/api/datasources/uid/{other}")["isDefault"]


def test_a_deleted_data_source_is_gone(server: Server) -> None:
    uid = server.source()
    assert "Data source deleted" == server.done("DELETE", f"/api/datasources/uid/{uid}")["message"]
    server.refused(404, "GET", f"/api/datasources/uid/{uid}")


# Alert rules


TAKEN = "a conflicting alert rule is found: rule title under the same organisation and folder should be unique"


def post_rule(server: Server, uid: str, **more: Any) -> requests.Response:
    server.removes(f"{PROVISIONING}/alert-rules/{uid}")
    return server.ask("POST", f"{PROVISIONING}/alert-rules", rule(uid, **more))


def put_group(server: Server, folder: str, rules: Any, group: str = "group", **more: Any) -> requests.Response:
    headers = more.pop("headers", None)
    return server.ask("PUT", group_path(folder, group), {"interval": 60, "rules": rules, **more}, headers=headers)


def uids(server: Server, folder: str, group: str = "group") -> list[str]:
    response = server.ask("GET", group_path(folder, group))
    return [each["uid"] for each in response.json()["rules"]] if response.ok else []


def test_a_rule_is_completed_when_it_is_made(server: Server) -> None:
    folder, uid = server.folder(), name()
    response = post_rule(server, uid, folderUID=folder, ruleGroup="group", **{"for": "90s"})
    made = response.json()
    assert 201 == response.status_code
    assert (uid, folder, "group", 1, "api") == tuple(
        made[key] for key in ("uid", "folderUID", "ruleGroup", "orgID", "provenance")
    )
    assert "1m30s" == made["for"]
    first, expression = made["data"]
    assert {"intervalMs": 1000, "maxDataPoints": 43200}.items() <= first["model"].items()
    assert ({"from": 0, "to": 0}, "") == (expression["relativeTimeRange"], expression["queryType"])
    assert {"id", "updated"} <= made.keys()
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert {**made, "updated": ""} == {**read, "updated": ""}


def test_a_rule_without_annotations_is_read_without(server: Server) -> None:
    uid = server.rule(server.folder(), annotations={}, labels=None)
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert server.since(10) or not {"annotations", "labels"} & read.keys()


def test_an_unknown_rule_is_an_error(server: Server) -> None:
    status = server.ask("GET", f"{PROVISIONING}/alert-rules/{name()}").status_code
    assert (404 if server.since(9, 4) else 500) == status


def test_rules_are_listed_since_9_4(server: Server) -> None:
    uid = server.rule(server.folder())
    response = server.ask("GET", f"{PROVISIONING}/alert-rules")
    assert (200 if server.since(9, 4) else 404) == response.status_code
    assert not response.ok or uid in [each["uid"] for each in response.json()]


def test_a_rule_goes_into_its_groups_interval(server: Server) -> None:
    folder = server.folder()
    server.rule(folder)
    assert 60 == server.get(group_path(folder))["interval"]


def test_a_rule_may_be_in_a_folder_that_is_not_there(server: Server) -> None:
    """A typing error in a folder's uid shows only in Grafana: nowhere."""
    uid = name()
    response = post_rule(server, uid, folderUID=name(), ruleGroup="group")
    assert server.since(10) or 201 == response.status_code


def test_a_rule_may_ask_a_data_source_that_is_not_there(server: Server) -> None:
    body = rule(name())
    body["data"][0]["datasourceUid"] = name()
    assert server.rule(server.folder(), data=body["data"])


@pytest.mark.parametrize("taken", ["uid", "title"])
def test_a_rules_uid_and_title_are_taken_once(server: Server, taken: str) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    body = {"uid": name(), "title": name()} | ({"uid": uid} if taken == "uid" else {"title": f"Rule {uid}"})
    response = post_rule(server, body.pop("uid"), folderUID=folder, ruleGroup="other", **body)
    if not server.since(10):
        assert (500, TAKEN) == (response.status_code, response.json()["message"])


def test_a_rule_with_the_id_of_another_is_refused(server: Server) -> None:
    """As when a rule that was read is sent under a new uid."""
    folder = server.folder()
    read = server.get(f"{PROVISIONING}/alert-rules/{server.rule(folder)}")
    response = post_rule(server, name(), folderUID=folder, ruleGroup="group", id=read["id"])
    assert server.since(10) or 500 == response.status_code


@pytest.mark.parametrize(
    ("wrong", "status", "message"),
    [
        pytest.param({"data": []}, 400, "invalid alert rule: no queries or expressions are found", id="no query"),
        pytest.param({"title": ""}, 400, "invalid alert rule: title is empty", id="no title"),
        pytest.param(
            {"title": "x" * 191}, 400, "invalid alert rule: name length should not be greater than 190", id="long"
        ),
        pytest.param({"noDataState": "No Data"}, 500, "unknown NoData state option No Data", id="no data"),
        pytest.param({"execErrState": "x"}, 500, "unknown Error state option x", id="error"),
        pytest.param({"noDataState": ""}, 500, "unknown NoData state option ", id="no state"),
        pytest.param({"for": "-5m"}, 400, "bad request data", id="negative"),
        pytest.param({"for": "5"}, 400, "bad request data", id="no unit"),
        pytest.param({"for": 300}, 400, "bad request data", id="number"),
        pytest.param({"labels": {"a": 1}}, 400, "bad request data", id="label"),
        pytest.param(
            {"annotations": {"__dashboardUid__": "d"}},
            500,
            "both annotations __dashboardUid__ and __panelId__ must be specified",
            id="panel",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(server: Server, wrong: Json, status: int, message: str) -> None:
    uid = name()
    response = post_rule(server, uid, folderUID=server.folder(), ruleGroup="group", **wrong)
    assert not response.ok
    assert server.since(10) or (status, message) == (response.status_code, response.json()["message"])


def test_a_query_needs_a_time_range(server: Server) -> None:
    body = rule(name())
    del body["data"][0]["relativeTimeRange"]
    response = post_rule(server, body["uid"], folderUID=server.folder(), ruleGroup="group", data=body["data"])
    assert not response.ok
    message = "invalid alert query A: invalid relative time range: {From:0s To:0s}"
    assert server.since(10) or (500, message) == (response.status_code, response.json()["message"])


def test_a_single_rule_changes_and_moves(server: Server) -> None:
    folder, other = server.folder(), server.folder()
    uid = server.rule(folder)
    server.done(
        "PUT", f"{PROVISIONING}/alert-rules/{uid}", rule(uid, folderUID=other, ruleGroup="new", title=f"T {uid}")
    )
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert (other, "new", f"T {uid}") == (read["folderUID"], read["ruleGroup"], read["title"])
    assert [] == uids(server, folder)


def test_changing_an_unknown_rule_is_not_found(server: Server) -> None:
    body = rule(name(), folderUID=server.folder(), ruleGroup="group")
    assert 404 == server.ask("PUT", f"{PROVISIONING}/alert-rules/{name()}", body).status_code


def test_deleting_a_rule_is_no_error_where_it_is_not(server: Server) -> None:
    uid = server.rule(server.folder())
    for _ in range(2):
        assert 204 == server.ask("DELETE", f"{PROVISIONING}/alert-rules/{uid}").status_code


def test_a_rule_made_with_the_header_has_no_owner(server: Server) -> None:
    uid, folder = name(), server.folder()
    server.removes(f"{PROVISIONING}/alert-rules/{uid}")
    body = rule(uid, folderUID=folder, ruleGroup="group")
    server.done("POST", f"{PROVISIONING}/alert-rules", body, headers={"X-Disable-Provenance": "false"})
    assert "" == server.get(f"{PROVISIONING}/alert-rules/{uid}").get("provenance", "")


def test_a_single_rule_does_not_lose_its_owner(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    body = rule(uid, folderUID=folder, ruleGroup="group")
    response = server.ask("PUT", f"{PROVISIONING}/alert-rules/{uid}", body, headers=UNOWNED)
    if server.since(10):
        assert response.status_code in (409, 500)
        return
    assert (500, "cannot changed provenance from 'api' to ''") == (response.status_code, response.json()["message"])


# Rule groups


def test_a_group_is_read_with_its_rules(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    group = server.get(group_path(folder))
    assert ("group", folder, 60) == (group["title"], group["folderUid"], group["interval"])
    (read,) = group["rules"]
    assert (uid, folder, "group", 1) == tuple(read[key] for key in ("uid", "folderUID", "ruleGroup", "orgID"))
    assert server.since(10) or "provenance" not in read


def test_an_unknown_group_is_not_found(server: Server) -> None:
    for folder in (server.folder(), name()):
        server.refused(404, "GET", group_path(folder))


def test_a_group_does_not_make_rules_with_a_uid_before_10(server: Server) -> None:
    """They have to be posted one by one."""
    folder, uid = server.folder(), name()
    response = put_group(server, folder, [rule(uid)])
    if server.since(10):
        assert not response.ok or [uid] == uids(server, folder)
        return
    message = f"failed to update rule with UID {uid} because could not find alert rule"
    assert 500 == response.status_code
    assert f"failed to calculate diff for alert rules: {message}" == response.json()["message"]
    assert [] == uids(server, folder)


def test_a_group_makes_rules_without_a_uid(server: Server) -> None:
    folder = server.folder()
    assert 200 == put_group(server, folder, [rule("")]).status_code
    (uid,) = uids(server, folder)
    assert uid


def test_a_group_answers_with_what_was_sent(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    answer = put_group(server, folder, [rule(uid), rule("")], title="ignored", folderUid="ignored").json()
    assert ("group", folder, 60) == (answer["title"], answer["folderUid"], answer["interval"])
    if not server.since(10):
        assert [uid, ""] == [each["uid"] for each in answer["rules"]]
        assert {(0, 0, "")} == {(each["id"], each["orgID"], each["folderUID"]) for each in answer["rules"]}


def test_a_group_replaces_all_its_rules(server: Server) -> None:
    folder = server.folder()
    kept, gone = server.rule(folder), server.rule(folder)
    assert 200 == put_group(server, folder, [rule(kept, title=f"New {kept}")], interval=120).status_code
    assert [kept] == uids(server, folder)
    assert 120 == server.get(group_path(folder))["interval"]
    assert f"New {kept}" == server.get(f"{PROVISIONING}/alert-rules/{kept}")["title"]
    assert not server.ask("GET", f"{PROVISIONING}/alert-rules/{gone}").ok


def test_a_group_without_rules_changes_only_its_interval(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    answer = server.done("PUT", group_path(folder), {"interval": 30})
    assert answer["rules"] is None or server.since(10)
    assert ([uid], 30) == (uids(server, folder), server.get(group_path(folder))["interval"])


def test_an_empty_list_of_rules_removes_none(server: Server) -> None:
    """The last rule of a group goes only by itself."""
    folder = server.folder()
    uid = server.rule(folder)
    assert 200 == put_group(server, folder, []).status_code
    assert server.since(10) or [uid] == uids(server, folder)


@pytest.mark.parametrize("interval", [15, 0, -10])
def test_an_interval_is_a_multiple_of_ten_seconds(server: Server, interval: int) -> None:
    response = put_group(server, server.folder(), [], interval=interval)
    assert 400 == response.status_code
    if not server.since(10):
        message = f"interval ({interval}s) should be non-zero and divided exactly by scheduler interval: 10"
        assert f"invalid alert rule: {message}" == response.json()["message"]


@pytest.mark.parametrize("body", [{"interval": "60"}, {"interval": 60, "rules": {}}, {"interval": 60, "rules": ["r"]}])
def test_a_group_of_another_form_is_a_bad_request(server: Server, body: Json) -> None:
    server.refused(400, "PUT", group_path(server.folder()), body)


def test_a_rule_of_another_group_moves_without_a_word(server: Server) -> None:
    folder, other = server.folder(), server.folder()
    uid = server.rule(folder)
    assert 200 == put_group(server, other, [rule(uid)], group="new").status_code
    assert ([], [uid]) == (uids(server, folder), uids(server, other, "new"))


def test_a_rule_that_moved_leaves_a_trace_where_its_folder_went(server: Server) -> None:
    """Its versions of the time before stay, and no rule with its uid can be made until it is deleted by itself."""
    folder, other, uid = server.folder(), server.folder(), name()
    post_rule(server, uid, folderUID=folder, ruleGroup="group")
    put_group(server, other, [rule(uid)])
    server.done("DELETE", f"/api/folders/{other}?forceDeleteRules=true")
    response = post_rule(server, uid, folderUID=folder, ruleGroup="group")
    if not server.since(10):
        assert 500 == response.status_code
        assert response.json()["message"].startswith("failed to create new rule versions: UNIQUE constraint failed")
        server.done("DELETE", f"{PROVISIONING}/alert-rules/{uid}")
        assert post_rule(server, uid, folderUID=folder, ruleGroup="group").ok


def test_two_new_rules_of_one_title_are_refused(server: Server) -> None:
    folder = server.folder()
    response = put_group(server, folder, [rule("", title="Same"), rule("", title="Same")])
    if not server.since(10):
        assert (500, f"failed to insert alert rules: {TAKEN}") == (response.status_code, response.json()["message"])
        assert [] == uids(server, folder)


def test_two_rules_do_not_exchange_their_titles(server: Server) -> None:
    folder = server.folder()
    one, other = server.rule(folder), server.rule(folder)
    exchanged = [rule(one, title=f"Rule {other}"), rule(other, title=f"Rule {one}")]
    response = put_group(server, folder, exchanged)
    if not server.since(10):
        assert (500, f"failed to update alert rules: {TAKEN}") == (response.status_code, response.json()["message"])
        assert f"Rule {one}" == server.get(f"{PROVISIONING}/alert-rules/{one}")["title"]


def test_a_title_is_taken_that_another_rule_gave_up_before(server: Server) -> None:
    folder = server.folder()
    one, other = server.rule(folder), server.rule(folder)
    assert put_group(server, folder, [rule(one, title=name()), rule(other, title=f"Rule {one}")]).ok


def test_a_new_rule_does_not_take_the_title_of_one_that_goes(server: Server) -> None:
    """9.3 inserts before it deletes."""
    folder = server.folder()
    uid = server.rule(folder)
    response = put_group(server, folder, [rule("", title=f"Rule {uid}")])
    if not server.since(10):
        assert (500, f"failed to insert alert rules: {TAKEN}") == (response.status_code, response.json()["message"])
        assert [uid] == uids(server, folder)


def test_a_uid_is_once_in_a_group(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    response = put_group(server, folder, [rule(uid), rule(uid, title=name())])
    assert not response.ok
    assert server.since(10) or 409 == response.status_code


def test_what_a_rule_in_a_group_does_not_say_stays_in_part(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    assert put_group(server, folder, [{"uid": uid}]).ok
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert (f"Rule {uid}", "C", "OK", "Error", 2, "0s") == (
        *(read[key] for key in ("title", "condition", "noDataState", "execErrState")),
        len(read["data"]),
        read["for"],
    )
    assert not read.get("labels")


def test_the_order_of_rules_is_kept_since_10(server: Server) -> None:
    folder = server.folder()
    one, other = server.rule(folder), server.rule(folder)
    put_group(server, folder, [rule(other), rule(one)])
    assert ([other, one] if server.since(10) else [one, other]) == uids(server, folder)


@pytest.mark.parametrize("uid", ["", "known"])
def test_an_error_in_a_group_says_at_which_step(server: Server, uid: str) -> None:
    folder = server.folder()
    known = server.rule(folder)
    response = put_group(server, folder, [rule(known if uid else "", noDataState="No Data")])
    assert not response.ok
    if not server.since(10):
        step = "update" if uid else "insert"
        message = f"failed to {step} alert rules: unknown NoData state option No Data"
        assert (500, message) == (response.status_code, response.json()["message"])


def test_a_group_takes_the_header_since_10(server: Server) -> None:
    folder = server.folder()
    assert put_group(server, folder, [rule("")], headers=UNOWNED).ok
    (uid,) = uids(server, folder)
    owner = server.get(f"{PROVISIONING}/alert-rules/{uid}").get("provenance", "")
    assert ("" if server.since(10) else "api") == owner


def test_a_group_takes_the_header_where_its_rules_have_an_owner(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    assert 200 == put_group(server, folder, [rule(uid)], headers=UNOWNED).status_code


@pytest.mark.parametrize("group", ["a b", "50%", "ä?&#", "a/b"])
def test_a_groups_name_may_be_anything_but_below_a_sub_path(server: Server, group: str) -> None:
    """9.3 takes a path below its sub-path apart only when its %2F have become slashes."""
    folder = server.folder()
    response = put_group(server, folder, [rule("")], group=group)
    if not server.since(10) and "/" in group and urlsplit(server.url).path:
        assert 404 == response.status_code
        return
    assert 200 == response.status_code
    assert group == server.get(group_path(folder, group))["title"]


def test_a_group_is_deleted_since_10(server: Server) -> None:
    folder = server.folder()
    server.rule(folder)
    status = server.ask("DELETE", group_path(folder)).status_code
    assert (
        (status == 204 and uids(server, folder) == []) if server.since(10, 3) else server.since(9, 4) or 404 == status
    )


# Contact points


def points(server: Server, called: str) -> list[Json]:
    found: list[Json] = server.get(f"{PROVISIONING}/contact-points?name={quote(called, safe='')}")
    return found


def test_a_contact_point_is_read_as_it_was_made(server: Server) -> None:
    uid = server.point(unknown={"kept": 1})
    (read,) = points(server, uid)
    expected = {"uid": uid, "name": uid, "type": "webhook", "disableResolveMessage": False, "provenance": "api"}
    assert expected.items() <= read.items()
    assert "http://127.0.0.1:9" == read["settings"]["url"]
    assert server.since(10) or {"kept": 1} == read["settings"]["unknown"]


def test_there_is_a_contact_point_without_a_uid_from_the_start(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    assert {"email"} == {each["type"] for each in server.get(f"{PROVISIONING}/contact-points") if not each["uid"]}


def test_contact_points_are_listed_by_name(server: Server) -> None:
    server.point("b" + name())
    server.point("a" + name())
    names = [each["name"] for each in server.get(f"{PROVISIONING}/contact-points")]
    assert sorted(names) == names


def test_an_unknown_contact_point_is_an_empty_list(server: Server) -> None:
    assert [] == points(server, name())


@pytest.mark.parametrize(
    ("type", "settings", "secret"),
    [
        ("webhook", {"url": "http://127.0.0.1:9", "username": "u", "password": "s"}, {"password"}),
        ("slack", {"url": "http://127.0.0.1:9/s", "recipient": "#a"}, {"url"}),
        ("slack", {"token": "s", "recipient": "#a"}, {"token"}),
        ("pagerduty", {"integrationKey": "s", "severity": "critical"}, {"integrationKey"}),
        ("opsgenie", {"apiKey": "s", "apiUrl": "http://127.0.0.1:9"}, {"apiKey"}),
        ("telegram", {"bottoken": "s", "chatid": "1"}, {"bottoken"}),
        ("email", {"addresses": "a@example.com"}, set()),
        ("teams", {"url": "http://127.0.0.1:9"}, set()),
        ("discord", {"url": "http://127.0.0.1:9"}, set()),
    ],
)
def test_secret_settings_are_redacted(server: Server, type: str, settings: Json, secret: set[str]) -> None:
    if server.since(10) and type in ("teams", "discord"):
        pytest.skip("seen on 9.3: their URLs became secrets later")
    uid = server.point(type=type, **settings)
    (read,) = points(server, uid)
    assert {key: "[REDACTED]" if key in secret else value for key, value in settings.items()} == read["settings"]


def test_the_answer_of_a_new_contact_point_redacts_secrets_that_are_not_there(server: Server) -> None:
    uid = name()
    server.removes(f"{PROVISIONING}/contact-points/{uid}")
    response = server.ask("POST", f"{PROVISIONING}/contact-points", point(uid, uid))
    assert 202 == response.status_code
    if not server.since(10):
        redacted = {"password": "[REDACTED]", "authorization_credentials": "[REDACTED]"}
        assert {"url": "http://127.0.0.1:9", **redacted} == response.json()["settings"]


def test_a_contact_points_uid_is_taken_once(server: Server) -> None:
    uid = server.point()
    response = server.ask("POST", f"{PROVISIONING}/contact-points", point(uid, name()))
    assert not response.ok
    assert server.since(10) or (
        f"receiver configuration with UID '{uid}' already exist in contact point '{uid}'."
        " Please use unique identifiers for receivers across all contact points" == response.json()["message"]
    )


def test_a_contact_point_may_have_several_receivers(server: Server) -> None:
    called = name()
    both = {server.point(called), server.point(called, type="email", addresses="a@example.com")}
    assert both == {each["uid"] for each in points(server, called)}


def put_point(server: Server, uid: str, called: str, type: str = "webhook", **settings: Any) -> requests.Response:
    return server.ask("PUT", f"{PROVISIONING}/contact-points/{uid}", point(uid, called, type, **settings))


def test_a_contact_point_is_replaced(server: Server) -> None:
    uid = server.point(maxAlerts=1)
    response = put_point(server, uid, uid, url="http://127.0.0.1:10")
    assert (202, "contactpoint updated") == (response.status_code, response.json()["message"])
    assert {"url": "http://127.0.0.1:10"} == points(server, uid)[0]["settings"]


def test_a_redacted_secret_is_kept(server: Server) -> None:
    uid = server.point(password="s")
    assert put_point(server, uid, uid, password="[REDACTED]").ok
    assert "[REDACTED]" == points(server, uid)[0]["settings"]["password"]


def test_a_secret_left_out_is_gone(server: Server) -> None:
    uid = server.point(password="s")
    assert put_point(server, uid, uid).ok
    assert "password" not in points(server, uid)[0]["settings"]


def test_a_contact_point_changes_its_type(server: Server) -> None:
    uid = server.point(password="s")
    assert put_point(server, uid, uid, "email", addresses="a@example.com").ok
    assert {"addresses": "a@example.com"} == points(server, uid)[0]["settings"]


def test_changing_an_unknown_contact_point_is_not_found(server: Server) -> None:
    uid = name()
    response = put_point(server, uid, uid)
    assert 404 == response.status_code
    assert server.since(10) or (
        f"object not found: contact point with uid '{uid}' not found" == response.json()["message"]
    )


@pytest.mark.parametrize(
    ("type", "settings", "message"),
    [
        ("", {}, "type should not be an empty string"),
        ("no-such-type", {}, "unknown type 'no-such-type'"),
        ("email", None, "settings should not be empty"),
        ("email", {}, 'failed to validate receiver of type "email": could not find addresses in settings'),
        ("webhook", {}, "failed to validate receiver of type \"webhook\": required field 'url' is not specified"),
        (
            "slack",
            {},
            'failed to validate receiver of type "slack": recipient must be specified when using the Slack chat API',
        ),
        (
            "slack",
            {"recipient": "#a"},
            'failed to validate receiver of type "slack": token must be specified when using the Slack chat API',
        ),
        (
            "pagerduty",
            {},
            'failed to validate receiver of type "pagerduty": could not find integration key property in settings',
        ),
    ],
)
def test_a_contact_point_that_cannot_be_is_refused(
    server: Server, type: str, settings: Json | None, message: str
) -> None:
    body = {"uid": name(), "name": name(), "type": type, "settings": settings}
    server.removes(f"{PROVISIONING}/contact-points/{body['uid']}")
    answer = server.refused(400, "POST", f"{PROVISIONING}/contact-points", body)
    assert server.since(10) or f"invalid object specification: {message}" == answer["message"]


def test_a_contact_point_of_its_own_gets_another_name(server: Server) -> None:
    uid, new = server.point(), name()
    assert put_point(server, uid, new).ok
    assert [uid] == [each["uid"] for each in points(server, new)]


def test_one_of_several_receivers_gets_a_name_of_its_own(server: Server) -> None:
    called, new = name(), name()
    stays, goes = server.point(called), server.point(called)
    assert put_point(server, goes, new).ok
    assert [[stays], [goes]] == [[each["uid"] for each in points(server, each_name)] for each_name in (called, new)]


def test_one_of_several_receivers_does_not_move_to_another_contact_point_before_10(server: Server) -> None:
    """Grafana takes the wrong index there: it fails, or drops a receiver that was not meant."""
    called, other = name(), name()
    stays, goes, there = server.point(called), server.point(called), server.point(other)
    response = put_point(server, goes, other)
    if server.since(10):
        assert not response.ok or {there, goes} == {each["uid"] for each in points(server, other)}
        return
    assert 500 == response.status_code
    assert {stays, goes} == {each["uid"] for each in points(server, called)}


def test_deleting_a_contact_point_is_no_error_where_it_is_not(server: Server) -> None:
    uid = server.point()
    for _ in range(2):
        response = server.ask("DELETE", f"{PROVISIONING}/contact-points/{uid}")
        assert (202, "contactpoint deleted") == (response.status_code, response.json()["message"])
    assert [] == points(server, uid)


def test_a_contact_point_always_has_an_owner_before_10(server: Server) -> None:
    uid = name()
    server.removes(f"{PROVISIONING}/contact-points/{uid}")
    server.done("POST", f"{PROVISIONING}/contact-points", point(uid, uid), headers=UNOWNED)
    assert ("" if server.since(10) else "api") == points(server, uid)[0].get("provenance", "")


# Mute timings


def timing(called: str, **interval: Any) -> Json:
    return {"name": called, "time_intervals": [interval] if interval else []}


def post_timing(server: Server, called: str, **interval: Any) -> requests.Response:
    server.removes(f"{PROVISIONING}/mute-timings/{quote(called, safe='')}")
    return server.ask("POST", f"{PROVISIONING}/mute-timings", timing(called, **interval))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"weekdays": ["monday:friday", "sunday"]}, None),
        ({"months": ["january:march", "12"]}, {"months": ["1:3", "12"]}),
        ({"days_of_month": ["1:5", "-1"], "years": ["2030:2031"]}, None),
        ({"times": [{"start_time": "22:00", "end_time": "24:00"}]}, None),
        ({"location": "Europe/Berlin", "weekdays": ["monday"]}, None),
    ],
)
def test_a_mute_timing_is_read_as_it_was_made_but_for_months(server: Server, sent: Json, stored: Json | None) -> None:
    called = name()
    response = post_timing(server, called, **sent)
    expected = timing(called, **(stored or sent))
    assert 201 == response.status_code
    assert {**expected, "provenance": "api"}.items() <= response.json().items()
    read = server.get(f"{PROVISIONING}/mute-timings/{called}")
    assert expected.items() <= read.items()
    assert server.since(10) or expected == read
    assert read in server.get(f"{PROVISIONING}/mute-timings")


@pytest.mark.parametrize(
    "interval",
    [
        {"weekdays": ["funday"]},
        {"weekdays": ["friday:monday"]},
        {"times": [{"start_time": "25:00", "end_time": "26:00"}]},
        {"times": [{"start_time": "10:00", "end_time": "09:00"}]},
        {"days_of_month": ["40"]},
    ],
)
def test_a_mute_timing_that_cannot_be_is_refused(server: Server, interval: Json) -> None:
    assert 400 == post_timing(server, name(), **interval).status_code


def test_an_unknown_mute_timing_is_not_found(server: Server) -> None:
    called = name()
    assert 404 == server.ask("GET", f"{PROVISIONING}/mute-timings/{called}").status_code
    assert 404 == server.ask("PUT", f"{PROVISIONING}/mute-timings/{called}", timing(called)).status_code


def test_a_mute_timings_name_is_taken_once(server: Server) -> None:
    called = name()
    post_timing(server, called)
    response = post_timing(server, called)
    assert not response.ok
    message = "invalid object specification: a mute timing with this name already exists"
    assert server.since(10) or (400, message) == (response.status_code, response.json()["message"])


def test_a_mute_timing_changes_under_the_name_in_the_path(server: Server) -> None:
    called = name()
    post_timing(server, called)
    response = server.ask("PUT", f"{PROVISIONING}/mute-timings/{called}", timing("other", weekdays=["monday"]))
    if not server.since(11):
        assert 202 == response.status_code
        assert timing(called, weekdays=["monday"]).items() <= response.json().items()


def test_a_mute_timing_needs_a_name_in_the_body(server: Server) -> None:
    called = name()
    post_timing(server, called)
    response = server.ask("PUT", f"{PROVISIONING}/mute-timings/{called}", {"time_intervals": []})
    assert server.since(10) or 400 == response.status_code


def test_deleting_a_mute_timing_is_no_error_where_it_is_not(server: Server) -> None:
    called = name()
    post_timing(server, called)
    for _ in range(2):
        assert 204 == server.ask("DELETE", f"{PROVISIONING}/mute-timings/{called}").status_code


def test_a_mute_timings_name_may_have_blanks_and_percents(server: Server) -> None:
    called = f"{name()} 50%"
    post_timing(server, called)
    assert called == server.get(f"{PROVISIONING}/mute-timings/{quote(called, safe='')}")["name"]


# Templates


def put_template(server: Server, called: str, text: str) -> requests.Response:
    server.removes(f"{PROVISIONING}/templates/{called}")
    return server.ask("PUT", f"{PROVISIONING}/templates/{called}", {"template": text})


def test_a_template_is_read_as_it_was_made(server: Server) -> None:
    called = name()
    text = f'{{{{ define "{called}" }}}}text{{{{ end }}}}'
    response = put_template(server, called, f"  {text}\n")
    assert 202 == response.status_code
    assert {"name": called, "template": text, "provenance": "api"}.items() <= response.json().items()
    read = server.get(f"{PROVISIONING}/templates/{called}")
    assert {"name": called, "template": text}.items() <= read.items()
    assert read in server.get(f"{PROVISIONING}/templates")


def test_a_text_without_a_definition_becomes_one(server: Server) -> None:
    called = name()
    put_template(server, called, "one\ntwo")
    read = server.get(f"{PROVISIONING}/templates/{called}")["template"]
    assert f'{{{{ define "{called}" }}}}\n  one\n  two\n{{{{ end }}}}' == read


@pytest.mark.parametrize("text", ["", "{{ broken"])
def test_a_template_that_cannot_be_is_refused(server: Server, text: str) -> None:
    assert 400 == put_template(server, name(), text).status_code


def test_an_unknown_template_is_not_found(server: Server) -> None:
    assert 404 == server.ask("GET", f"{PROVISIONING}/templates/{name()}").status_code


def test_deleting_a_template_is_no_error_where_it_is_not(server: Server) -> None:
    called = name()
    put_template(server, called, "text")
    for _ in range(2):
        assert 204 == server.ask("DELETE", f"{PROVISIONING}/templates/{called}").status_code


# Policies


@pytest.fixture
def policies(server: Server) -> Server:
    """A server whose policies nobody wrote, so that deleting them brings them back as they were."""
    tree = server.get(f"{PROVISIONING}/policies")
    if tree.get("provenance") or tree.get("routes"):
        pytest.skip("the server's policies are somebody's")
    server.removes(f"{PROVISIONING}/policies")
    return server


def put_policies(server: Server, **tree: Any) -> requests.Response:
    return server.ask("PUT", f"{PROVISIONING}/policies", tree)


def test_policies_begin_with_the_default(policies: Server) -> None:
    assert "grafana-default-email" == policies.get(f"{PROVISIONING}/policies")["receiver"]


def test_policies_are_stored_in_grafanas_spelling(policies: Server) -> None:
    called, muted = name(), name()
    post_timing(policies, muted)
    policies.removes(f"{PROVISIONING}/policies")
    policies.point(called)
    policies.removes(f"{PROVISIONING}/policies")
    route = {
        "receiver": called,
        "object_matchers": [["b", "=", "c"], ["a", "!~", "d.*"]],
        "mute_time_intervals": [muted],
        "continue": True,
        "group_wait": "90s",
    }
    other = {"receiver": called, "matchers": ["x=y", 'z=~"u.*"']}
    response = put_policies(policies, receiver=called, group_by=[], repeat_interval="60m", routes=[route, other], foo=1)
    assert (202, "policies updated") == (response.status_code, response.json()["message"])
    stored_route = {**route, "object_matchers": [["a", "!~", "d.*"], ["b", "=", "c"]], "group_wait": "1m30s"}
    stored_other = {**other, "matchers": ['x="y"', 'z=~"u.*"']}
    expected = {"receiver": called, "repeat_interval": "1h", "routes": [stored_route, stored_other]}
    read = policies.get(f"{PROVISIONING}/policies")
    assert {**expected, "provenance": "api"} == read or policies.since(10)


def test_policies_go_back_to_the_default(policies: Server) -> None:
    before = policies.get(f"{PROVISIONING}/policies")
    put_policies(policies, receiver=before["receiver"], group_by=["alertname"])
    assert 202 == policies.ask("DELETE", f"{PROVISIONING}/policies").status_code
    assert before == policies.get(f"{PROVISIONING}/policies")


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ({"receiver": "gk-none"}, "receiver 'gk-none' does not exist"),
        ({"receiver": "grafana-default-email", "mute_time_intervals": ["gk-none"]}, "'gk-none' does not exist"),
    ],
)
def test_policies_name_what_is_there(policies: Server, route: Json, message: str) -> None:
    routes = [{**route, "object_matchers": [["a", "=", "b"]]}]
    response = put_policies(policies, receiver="grafana-default-email", routes=routes)
    assert 400 == response.status_code
    assert policies.since(10) or response.json()["message"].endswith(message)


def test_every_route_names_its_receiver_before_10(policies: Server) -> None:
    response = put_policies(policies, receiver="grafana-default-email", routes=[{"object_matchers": [["a", "=", "b"]]}])
    if not policies.since(10):
        message = "invalid object specification: receiver '' does not exist"
        assert (400, message) == (response.status_code, response.json()["message"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"receiver": ""},
        {"match": {"a": "b"}},
        {"group_by": ["a", "a"]},
        {"group_by": ["...", "a"]},
        {"group_wait": "soon"},
        {"group_interval": "0s"},
        {"mute_time_intervals": ["gk-none"]},
        {"routes": [{"receiver": "grafana-default-email", "object_matchers": [["a", "?", "b"]]}]},
        {"routes": [{"receiver": "grafana-default-email", "matchers": ['a=~"["']}]},
    ],
)
def test_policies_that_cannot_be_are_refused(policies: Server, wrong: Json) -> None:
    response = put_policies(policies, **{"receiver": "grafana-default-email", **wrong})
    assert 400 == response.status_code
    assert policies.since(10) or "bad request data" == response.json()["message"]


def test_the_root_does_not_continue(policies: Server) -> None:
    response = put_policies(policies, receiver="grafana-default-email", **{"continue": True})
    assert not response.ok
    assert policies.since(10) or 500 == response.status_code


def test_what_a_policy_names_stays(policies: Server) -> None:
    called, muted = name(), name()
    post_timing(policies, muted)
    uid = policies.point(called)
    policies.removes(f"{PROVISIONING}/policies")
    routes = [{"receiver": called, "object_matchers": [["a", "=", "b"]], "mute_time_intervals": [muted]}]
    put_policies(policies, receiver="grafana-default-email", routes=routes)
    for path, message in (
        (f"contact-points/{uid}", f"contact point '{called}' is currently used by a notification policy"),
        (f"mute-timings/{muted}", f"mute time '{muted}' is currently used by a notification policy"),
    ):
        response = policies.ask("DELETE", f"{PROVISIONING}/{path}")
        assert not response.ok
        assert policies.since(10) or (500, message) == (response.status_code, response.json()["message"])


def test_policies_follow_a_contact_point_to_its_new_name(policies: Server) -> None:
    if policies.since(10):
        pytest.skip("seen on 9.3")
    called, new = name(), name()
    uid = policies.point(called)
    policies.removes(f"{PROVISIONING}/policies")
    routes = [{"receiver": called, "object_matchers": [["a", "=", "b"]]}]
    put_policies(policies, receiver="grafana-default-email", routes=routes)
    put_point(policies, uid, new)
    assert [new] == [route["receiver"] for route in policies.get(f"{PROVISIONING}/policies")["routes"]]


# What only the fake can do


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with FakeGrafana() as running:
        yield running


def ask(grafana: FakeGrafana, method: str, path: str, body: Any = None, timeout: float = 10.0) -> requests.Response:
    return requests.request(method, grafana.url + path, json=body, auth=("admin", "admin"), timeout=timeout)


def test_a_dashboard_from_a_file_cannot_be_changed(grafana: FakeGrafana) -> None:
    grafana.provision_dashboard({"uid": "d", "title": "D"}, "f")
    meta = ask(grafana, "GET", "/api/dashboards/uid/d").json()["meta"]
    assert (True, "d.json", "f") == (meta["provisioned"], meta["provisionedExternalId"], meta["folderUid"])
    saved = ask(grafana, "POST", "/api/dashboards/db", {"dashboard": {"uid": "d", "title": "D"}, "overwrite": True})
    assert (400, "Cannot save provisioned dashboard") == (saved.status_code, saved.json()["message"])
    gone = ask(grafana, "DELETE", "/api/dashboards/uid/d")
    assert (400, "provisioned dashboard cannot be deleted") == (gone.status_code, gone.json()["message"])
    restored = ask(grafana, "POST", "/api/dashboards/uid/d/restore", {"version": 1})
    assert 400 == restored.status_code


def test_a_dashboard_from_a_file_is_not_overwritten_by_its_title(grafana: FakeGrafana) -> None:
    grafana.provision_dashboard({"uid": "d", "title": "D"})
    body = {"dashboard": {"uid": "other", "title": "D"}, "overwrite": True}
    assert 400 == ask(grafana, "POST", "/api/dashboards/db", body).status_code


def test_a_moved_receiver_may_drop_another(grafana: FakeGrafana) -> None:
    """Where the other contact point's place in the list is one in the receivers' list too; so on 9.3.2."""
    for uid, called in (("three", "other"), ("one", "team"), ("two", "team")):
        ask(grafana, "POST", f"{PROVISIONING}/contact-points", point(uid, called))
    assert ask(grafana, "PUT", f"{PROVISIONING}/contact-points/one", point("one", "other")).ok
    assert {"", "one", "three"} == grafana.state()["contact_points"].keys()


def test_a_folder_goes_with_dashboards_from_files_too(grafana: FakeGrafana) -> None:
    grafana.provision_dashboard({"uid": "d", "title": "D"}, "f")
    assert 200 == ask(grafana, "DELETE", "/api/folders/f").status_code
    assert {} == grafana.state()["dashboards"]


def test_a_data_source_from_a_file_cannot_be_changed(grafana: FakeGrafana) -> None:
    grafana.provision_datasource(source("s"))
    assert ask(grafana, "GET", "/api/datasources/uid/s").json()["readOnly"]
    changed = ask(grafana, "PUT", "/api/datasources/uid/s", source("s"))
    assert (403, "Cannot update read-only data source") == (changed.status_code, changed.json()["message"])
    gone = ask(grafana, "DELETE", "/api/datasources/uid/s")
    assert (403, "Cannot delete read-only data source") == (gone.status_code, gone.json()["message"])


FILE_RULE_REFUSALS: list[Any] = [
    pytest.param("PUT", "/alert-rules/r", rule("r"), "cannot changed provenance from 'file' to 'api'", id="rule"),
    pytest.param(
        "DELETE", "/alert-rules/r", None, "cannot delete with provided provenance 'api', needs 'file'", id="delete"
    ),
    pytest.param(
        "PUT",
        "/folder/f/rule-groups/g",
        {"interval": 60, "rules": [rule("r")]},
        "cannot update with provided provenance 'api', needs 'file'",
        id="group",
    ),
    pytest.param(
        "PUT",
        "/folder/f/rule-groups/g",
        {"interval": 120},
        "cannot update with provided provenance 'api', needs 'file'",
        id="interval",
    ),
    pytest.param(
        "PUT",
        "/folder/f/rule-groups/g",
        {"interval": 60, "rules": []},
        "cannot update with provided provenance 'api', needs 'file'",
        id="emptied",
    ),
    pytest.param(
        "PUT",
        "/folder/other/rule-groups/g",
        {"interval": 60, "rules": [rule("r")]},
        "cannot update with provided provenance 'api', needs 'file'",
        id="moved",
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "message"), FILE_RULE_REFUSALS)
def test_a_rule_from_a_file_cannot_be_changed(
    grafana: FakeGrafana, method: str, path: str, body: Any, message: str
) -> None:
    grafana.provision_rules("f", {"title": "g", "interval": 60, "rules": [rule("r")]})
    before = grafana.state()
    response = ask(grafana, method, PROVISIONING + path, body)
    assert (500, message) == (response.status_code, response.json()["message"])
    assert before == grafana.state()


def test_requests_are_kept_in_the_order_they_came(grafana: FakeGrafana) -> None:
    ask(grafana, "GET", "/api/search?tag=a")
    ask(grafana, "POST", "/api/folders", {"uid": "f", "title": "F"})
    assert [("GET", "/api/search?tag=a", 200), ("POST", "/api/folders", 200)] == [
        (each.method, each.path, each.status) for each in grafana.requests
    ]
    assert ["/api/folders"] == [each.path for each in grafana.writes]


def test_the_state_is_a_copy_with_secrets(grafana: FakeGrafana) -> None:
    ask(grafana, "POST", "/api/datasources", source("s", secureJsonData={"password": "p"}))
    grafana.state()["datasources"]["s"]["secrets"].clear()
    assert {"password": "p"} == grafana.state()["datasources"]["s"]["secrets"]


@pytest.mark.parametrize("kind", ["429", "502", "503", "504"])
def test_a_status_may_come_from_in_front_of_it(grafana: FakeGrafana, kind: str) -> None:
    grafana.faults = Faults(kinds=(kind,))
    response = ask(grafana, "POST", "/api/folders", {"uid": "f", "title": "F"})
    assert int(kind) == response.status_code
    assert ("0" if kind == "429" else None) == response.headers.get("Retry-After")
    assert {} == grafana.state()["folders"]


@pytest.mark.parametrize(("kind", "made"), [("reset", False), ("reset-after", True), ("502-after", True)])
def test_a_request_may_fail_before_or_after_it_was_done(grafana: FakeGrafana, kind: str, made: bool) -> None:
    grafana.faults = Faults(kinds=(kind,))
    with suppress(requests.ConnectionError):
        response = ask(grafana, "POST", "/api/folders", {"uid": "f", "title": "F"})
        assert 502 == response.status_code
    assert made == ("f" in grafana.state()["folders"])


def test_nothing_may_be_answered_for_a_while(grafana: FakeGrafana) -> None:
    grafana.faults = Faults(kinds=("hang",), hang_seconds=30)
    with pytest.raises(requests.ReadTimeout):
        ask(grafana, "GET", "/api/org", timeout=0.1)


def test_faults_are_for_some_requests_and_some_times(grafana: FakeGrafana) -> None:
    grafana.faults = Faults(kinds=("503",), only="GET /api/org", times=2)
    statuses = [ask(grafana, "GET", path).status_code for path in ("/api/folders", *["/api/org"] * 3)]
    assert [200, 503, 503, 200] == statuses


def test_a_seed_brings_the_same_faults(grafana: FakeGrafana) -> None:
    def statuses() -> list[int]:
        grafana.faults = Faults(rate=0.5, kinds=("502", "503"), seed=7)
        return [ask(grafana, "GET", "/api/org").status_code for _ in range(20)]

    first = statuses()
    assert {200, 502, 503} == set(first)
    assert first == statuses()


def test_somebody_may_come_in_between(grafana: FakeGrafana) -> None:
    ask(grafana, "POST", "/api/dashboards/db", {"dashboard": {"uid": "d", "title": "D"}})

    def edit(method: str, _path: str) -> None:
        if method == "POST":
            grafana.on_request = None
            body = {"dashboard": {"uid": "d", "title": "D", "version": 1, "description": "theirs"}}
            assert ask(grafana, "POST", "/api/dashboards/db", body).ok

    grafana.on_request = edit
    mine = {"dashboard": {"uid": "d", "title": "D", "version": 1}}
    assert 412 == ask(grafana, "POST", "/api/dashboards/db", mine).status_code
    assert "theirs" == grafana.state()["dashboards"]["d"]["dashboard"]["description"]


def test_a_login_page_is_all_there_is(grafana: FakeGrafana) -> None:
    grafana.login_page = True
    response = ask(grafana, "POST", "/api/folders", {"title": "F"})
    assert (200, "text/html; charset=UTF-8") == (response.status_code, response.headers["Content-Type"])
    assert {} == grafana.state()["folders"]


def test_nothing_is_beside_the_prefix() -> None:
    with FakeGrafana(prefix="/grafana") as grafana:
        outside = grafana.url.removesuffix("/grafana")
        for path in ("/api/org", "/grafanaapi/org", "/"):
            assert 404 == requests.get(outside + path, auth=("admin", "admin"), timeout=10).status_code


def test_many_come_at_once(grafana: FakeGrafana) -> None:
    def make(number: int) -> None:
        for index in range(5):
            body = {"uid": f"f{number}-{index}", "title": f"F {number} {index}"}
            assert ask(grafana, "POST", "/api/folders", body).ok

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 40 == len(grafana.state()["folders"])
    assert 40 == len({each["id"] for each in ask(grafana, "GET", "/api/folders").json()})


def test_it_ends_while_connections_are_open() -> None:
    with requests.Session() as session:
        with FakeGrafana() as grafana:
            assert session.get(f"{grafana.url}/api/health", timeout=10).ok
            started = time.monotonic()
        assert time.monotonic() - started < 2
    # A client may have threads of its own.
    assert [] == [each.name for each in threading.enumerate() if "process_request" in each.name]


def test_it_is_a_program_too(tmp_path: Path) -> None:
    file = tmp_path / "dashboards.json"
    file.write_bytes(orjson.dumps([{"dashboard": {"uid": "d", "title": "D"}, "folderUid": "f"}]))
    command = [sys.executable, "-m", "tests.fake_grafana", "--version", "10.4.1", "--dashboards", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            assert "10.4.1" == requests.get(f"{url}/api/health", timeout=10).json()["version"]
            response = requests.get(f"{url}/api/dashboards/uid/d", auth=("admin", "admin"), timeout=10)
            assert "f" == response.json()["meta"]["folderUid"]
        finally:
            process.terminate()
    assert 0 == process.returncode
