"""GitHub's and GitLab's APIs of comments, in the test's own process, on 127.0.0.1.

Shapes, pages, limits and errors are those of the documentation:
https://docs.github.com/en/rest/issues/comments,
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api,
https://docs.gitlab.com/api/notes, https://docs.gitlab.com/api/rest (pages) and
https://docs.gitlab.com/administration/instance_limits (size of notes). Only what gk sends is here.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

__all__ = ["FakeForge", "FakeGitHub", "FakeGitLab", "Fault"]

BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
Answer = tuple[int, Any]


@dataclass(frozen=True)
class Fault:
    """What happens to the next request of a method: an answer of `status` (0: none), after doing it
    or instead."""

    method: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    is_done: bool = False


@dataclass(frozen=True)
class Asked:
    """A request, by whom it is if the token is somebody's; and the headers of its answer."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    user: Mapping[str, Any] | None
    headers: dict[str, str] = field(default_factory=dict)


class FakeForge(ABC):
    """A server with one list of comments, written by `tokens`' users. `requests` has `GET /path` of
    each request."""

    def __init__(
        self, tokens: Mapping[str, Mapping[str, Any]], tls: ssl.SSLContext | None = None
    ) -> None:
        self.tokens = dict(tokens)
        self.comments: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.faults: list[Fault] = []
        self.pulls: list[dict[str, Any]] = []
        self.can_write = True
        self._tls = tls
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> FakeForge:
        forge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                forge._serve(self)

            do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._server
        assert self._thread
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._server.server_address[1]}/api"

    @property
    def bodies(self) -> list[str]:
        """What the comments say."""
        return [comment["body"] for comment in self.comments]

    @property
    def writes(self) -> list[str]:
        """The methods of the requests that change something."""
        return [request.split(" ")[0] for request in self.requests if not request.startswith("GET")]

    def write(self, body: str, user: Mapping[str, Any]) -> dict[str, Any]:
        """A comment of somebody's."""
        comment = self._comment(1_000 + len(self.requests) + len(self.comments), body, user)
        self.comments.append(comment)
        return comment

    def _serve(self, http: BaseHTTPRequestHandler) -> None:
        length = int(http.headers.get("Content-Length") or 0)
        body = json.loads(http.rfile.read(length)) if length else {}
        url = urlsplit(http.path.removeprefix("/api"))
        with self._lock:
            self.requests.append(f"{http.command} {url.path}")
            fault = next(
                (candidate for candidate in self.faults if candidate.method == http.command), None
            )
            if fault:
                self.faults.remove(fault)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            asked = Asked(http.command, url.path, query, body, self._user(http.headers))
            if not fault or fault.is_done:
                status, answer = self._answer(asked)
        if fault:
            status, answer = fault.status, {"message": "fault"}
            asked.headers.update(fault.headers)
        if not status:
            http.close_connection = True
            return
        content = b"" if status == 204 else json.dumps(answer).encode()
        http.send_response(status)
        for name, value in {
            **asked.headers,
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
        }.items():
            http.send_header(name, value)
        http.end_headers()
        http.wfile.write(content)

    def _page(self, asked: Asked, all_: list[Any]) -> Answer:
        size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
        if page * size < len(all_):
            # To follow it would take a token to another server.
            further = urlencode({**asked.query, "page": page + 1})
            asked.headers["Link"] = (
                f'<https://elsewhere.example.com{asked.path}?{further}>; rel="next"'
            )
        return 200, all_[(page - 1) * size : page * size]

    @abstractmethod
    def _user(self, headers: Any) -> Mapping[str, Any] | None: ...

    @abstractmethod
    def _comment(self, id_: int, body: str, user: Mapping[str, Any]) -> dict[str, Any]: ...

    @abstractmethod
    def _answer(self, asked: Asked) -> Answer: ...


class FakeGitHub(FakeForge):
    """Pull request 7 of acme/boards. A user with the type Bot is a token of an app, which may not
    ask who it is."""

    def _user(self, headers: Any) -> Mapping[str, Any] | None:
        return self.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))

    def _comment(self, id_: int, body: str, user: Mapping[str, Any]) -> dict[str, Any]:
        page = f"https://github.example.com/acme/boards/pull/7#issuecomment-{id_}"
        return {"id": id_, "body": body, "user": dict(user), "html_url": page}

    def _answer(self, asked: Asked) -> Answer:
        method, path, body, user = asked.method, asked.path, asked.body, asked.user
        if user is None:
            return 401, _github_error("Bad credentials")
        if path == "/user":
            return (
                (403, _github_error("Resource not accessible by integration"))
                if _is_bot(user)
                else (200, user)
            )
        if path == "/repos/acme/boards/pulls":
            pulls = [pull for pull in self.pulls if pull["head"]["label"] == asked.query["head"]]
            return self._page(asked, pulls)
        if method != "GET" and not self.can_write:
            return 403, _github_error("Resource not accessible by integration")
        if len(body.get("body", "").encode()) > 65_536:
            return 422, _too_long()
        if path == "/repos/acme/boards/issues/7/comments":
            if method == "GET":
                return self._page(asked, self.comments)
            return 201, self.write(body["body"], user)
        return self._one(method, path, body, user)

    def _one(
        self, method: str, path: str, body: Mapping[str, Any], user: Mapping[str, Any]
    ) -> Answer:
        match = re.fullmatch(r"/repos/acme/boards/issues/comments/(\d+)", path)
        comments = [
            comment for comment in self.comments if match and comment["id"] == int(match[1])
        ]
        if not comments:
            return 404, _github_error("Not Found")
        if _is_bot(user) and comments[0]["user"]["login"] != user["login"]:
            return 403, _github_error("Resource not accessible by integration")
        if method == "DELETE":
            self.comments.remove(comments[0])
            return 204, None
        comments[0]["body"] = body["body"]
        return 200, comments[0]


class FakeGitLab(FakeForge):
    """Merge request 7 of project 42."""

    def _user(self, headers: Any) -> Mapping[str, Any] | None:
        return self.tokens.get(headers.get("PRIVATE-TOKEN", ""))

    def _comment(self, id_: int, body: str, user: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": id_, "body": body, "author": dict(user), "system": False, "noteable_iid": 7}

    def _answer(self, asked: Asked) -> Answer:
        method, path, body, user = asked.method, asked.path, asked.body, asked.user
        if user is None:
            return 401, {"message": "401 Unauthorized"}
        if path == "/user":
            return 200, user
        if method != "GET" and not self.can_write:
            return 403, {"message": "403 Forbidden"}
        if len(body.get("body", "")) > 1_000_000:
            return 400, {"message": {"note": ["is too long (maximum is 1000000 characters)"]}}
        if path == "/projects/42/merge_requests/7/notes":
            if method == "GET":
                order = self.comments if asked.query["sort"] == "asc" else self.comments[::-1]
                return self._page(asked, order)
            return 201, self.write(body["body"], user)
        match = re.fullmatch(r"/projects/42/merge_requests/7/notes/(\d+)", path)
        comments = [
            comment for comment in self.comments if match and comment["id"] == int(match[1])
        ]
        if not comments:
            return 404, {"message": "404 Not found"}
        if method == "DELETE":
            self.comments.remove(comments[0])
            return 204, None
        comments[0]["body"] = body["body"]
        return 200, comments[0]


def _is_bot(user: Mapping[str, Any]) -> bool:
    return bool(user.get("type") == "Bot")


def _github_error(message: str) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}


def _too_long() -> dict[str, Any]:
    said = {"resource": "IssueComment", "code": "unprocessable", "field": "data"}
    return {
        **_github_error("Validation Failed"),
        "errors": [{**said, "message": "Body is too long (maximum is 65536 characters)"}],
    }
