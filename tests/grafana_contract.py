"""What the tests of Grafana's HTTP API share: a server under test, what they make there, and its
removal.

They are what gk relies on. Those with the fixture `server` run against the fake, of the two
versions that were seen running, and against a real server (tests.conftest's `grafana_server`),
whose user or token has to be an administrator's. Every test makes objects with names of its own,
and removes them. What was seen on 9.3.2 only is asserted for its version only; what 12.4.0 does
differently, since 12.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import AuthBase

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


class Server:
    """A server under test, what was made on it, and tokens of the roles."""

    def __init__(
        self, url: str, auth: tuple[str, str] | AuthBase, tokens: Callable[[Server, str], str]
    ) -> None:
        self.url = url
        self.auth = auth
        self._tokens = tokens
        self._session = requests.Session()
        self._undo: list[tuple[str, str]] = []
        self.version = tuple(
            int(part) for part in self.get("/api/health")["version"].split("-")[0].split(".")
        )

    def since(self, *version: int) -> bool:
        return self.version >= version

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        auth: Any = None,
        headers: Json | None = None,
    ) -> requests.Response:
        auth = self.auth if auth is None else auth
        return self._session.request(
            method, self.url + path, json=body, auth=auth, headers=headers, timeout=30
        )

    def get(self, path: str) -> Any:
        response = self.ask("GET", path)
        assert 200 == response.status_code, response.text
        return response.json()

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Ask for something that has to succeed."""
        response = self.ask(method, path, body, **options)
        assert response.ok, response.text
        return response.json() if response.content else None

    def refused(
        self, status: int, method: str, path: str, body: Any = None, **options: Any
    ) -> Json:
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

    def folder(self, **more: Any) -> str:
        uid = name()
        self.removes(f"/api/folders/{uid}?forceDeleteRules=true")
        self.done("POST", "/api/folders", {"uid": uid, "title": f"Folder {uid}", **more})
        return uid

    def dashboard(self, folder: str = "", message: str = "", **more: Any) -> str:
        uid = name()
        self.removes(f"/api/dashboards/uid/{uid}")
        dashboard = {"uid": uid, "title": f"Dashboard {uid}", **more}
        self.done(
            "POST",
            "/api/dashboards/db",
            {"dashboard": dashboard, "folderUid": folder, "message": message},
        )
        return uid

    def source(self, **more: Any) -> str:
        uid = name()
        self.removes(f"/api/datasources/uid/{uid}")
        self.done("POST", "/api/datasources", source(uid, **more))
        return uid

    def rule(self, folder: str, group: str = "group", **more: Any) -> str:
        uid = name()
        self.removes(f"{PROVISIONING}/alert-rules/{uid}")
        self.done(
            "POST",
            f"{PROVISIONING}/alert-rules",
            rule(uid, folderUID=folder, ruleGroup=group, **more),
        )
        return uid

    def point(self, called: str = "", type: str = "webhook", **settings: Any) -> str:
        uid = name()
        self.removes(f"{PROVISIONING}/contact-points/{uid}")
        self.done(
            "POST", f"{PROVISIONING}/contact-points", point(uid, called or uid, type, **settings)
        )
        return uid


def name() -> str:
    return f"gk{uuid.uuid4().hex[:12]}"


def source(uid: str, **more: Any) -> Json:
    return {
        "uid": uid,
        "name": uid,
        "type": "prometheus",
        "access": "proxy",
        "url": "http://127.0.0.1:9",
        **more,
    }


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


def fake_token(role: str) -> str:
    return f"glsa_{role}"


def real_token(server: Server, role: str) -> str:
    account = server.done("POST", "/api/serviceaccounts", {"name": name(), "role": role})
    server.removes(f"/api/serviceaccounts/{account['id']}")
    key = server.done("POST", f"/api/serviceaccounts/{account['id']}/tokens", {"name": name()})[
        "key"
    ]
    return str(key)
