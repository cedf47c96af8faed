"""The sockets and threads below the server."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from socketserver import StreamRequestHandler
from typing import Any

from tests.fake_grafana.calls import Answer

Respond = Callable[[str, str, Mapping[str, str], bytes], Answer | None]


class Listener(ThreadingHTTPServer):
    """What listens from the start until `stop`; a connection is kept until then, or until the
    client ends it."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, respond: Respond, port: int) -> None:
        self.respond = respond
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
    """HTTP as far as gk's client speaks it; http.server's own parsing would take most of the time
    of a small GET."""

    server: Listener
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
        line = self.rfile.readline(1 << 20)  # As much as Go reads of it.
        if not line.strip():
            return False
        method, target, _version = line.decode("latin-1").split()
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(65536)).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        content = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.server.respond(method, target, headers, content)
        if answer is None:
            _hang_up(self.connection)
            return False
        self.connection.sendall(_head(answer) + (b"" if method == "HEAD" else answer.body))
        return headers.get("connection", "").lower() != "close"


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _head(answer: Answer) -> bytes:
    length = [] if answer.status == 204 else [("Content-Length", str(len(answer.body)))]
    headers = [("Content-Type", answer.content_type), *length, *answer.headers]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n{lines}\r\n".encode(
        "latin-1"
    )
