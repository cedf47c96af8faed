"""A server in the place of Prometheus that answers what a test says, also what a real one would not
say on demand: errors, warnings, pages of proxies, half an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["EXEMPLARS", "FakePrometheus", "Reply", "failure", "serving", "success", "vector"]

Reply = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body of an answer."""
_JSON = {"Content-Type": "application/json"}


def success(data: Any, **more: Any) -> Reply:
    """What Prometheus says when all is well; `more` are warnings and infos."""
    return 200, _JSON, json.dumps({"status": "success", "data": data, **more}).encode()


def failure(status: int, type_: str, message: str) -> Reply:
    """What Prometheus says when it cannot answer."""
    body = {"status": "error", "errorType": type_, "error": message}
    return status, _JSON, json.dumps(body).encode()


def vector(*series: tuple[Mapping[str, str], str], samples: int = 0) -> dict[str, Any]:
    """A result with a value for each series, good for an instant and for a range."""
    return {
        "resultType": "vector",
        "result": [{"metric": labels, "value": [1, value]} for labels, value in series],
        "stats": {"samples": {"totalQueryableSamples": samples}},
    }


EXEMPLARS = "/api/v1/query_exemplars"
ONE = vector(({}, "1"))


@dataclass
class FakePrometheus:
    """What the server answers, and what it was asked.

    `replies` are by query, then by path; any other query has one series with the value 1 and no
    exemplars, and anything else is not found, as with servers that are only compatible.
    """

    url: str = ""
    replies: dict[str, Reply | Callable[[], Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The query of each request, or its path."""
    given: list[Mapping[str, str]] = field(default_factory=list)
    """The parameters of each request."""

    def reply(self, target: str, form: str) -> Reply:
        """The answer to a request."""
        path = urlsplit(target).path
        given = {
            name: values[-1] for name, values in parse_qs(form or urlsplit(target).query).items()
        }
        key = given.get("query", path) if path != EXEMPLARS else path
        self.asked.append(key)
        self.given.append(given)
        reply = self.replies.get(key, self.replies.get(path))
        if reply is None and path == EXEMPLARS:
            return success([])
        if reply is None and "query" in given:
            return success(ONE)
        if reply is None and path.startswith("/api/v1/label"):
            return success([])
        if reply is None:
            return 404, {"Content-Type": "text/plain"}, b"404 page not found"
        return reply() if callable(reply) else reply


@contextmanager
def serving(**replies: Reply) -> Iterator[FakePrometheus]:
    """A server on a free port of this machine."""
    state = FakePrometheus(replies=dict(replies))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: the client's system would wait 40 ms for the second one.
        wbufsize = 2**16

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, form: str) -> None:
            status, headers, body = state.reply(self.path, form)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if "Content-Length" in headers:
                # It says that more comes, and none does.
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    class Quiet(ThreadingHTTPServer):
        # Keep-alive connections of a client that is gone must not delay the end of a test.
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that did not wait is what a test wants."""

    with Quiet(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            http.shutdown()
            thread.join()
