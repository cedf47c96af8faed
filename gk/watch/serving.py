"""Serves pages on 127.0.0.1, and tells browsers which of them are new.

A page is at `/<name>`, and `/` leads to the newest. A page follows itself by the events of
`/events/<name>`: its script loads it again at each. Only browsers of this machine reach the server,
and it answers only to its own address: a site whose name leads to 127.0.0.1 gets nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import quote, unquote

__all__ = ["Serving"]

_EVENTS = "/events/"
_HEARTBEAT = 10.0
"""Seconds after which a browser that listens is written to: a thread learns so that it is gone."""


class Serving:
    """A server of pages on a free port, in threads of its own, as a context manager."""

    def __init__(self) -> None:
        self._pages: dict[str, bytes] = {}
        self._versions: dict[str, int] = {}
        self._newest = ""
        self._changed = threading.Condition()
        self._is_ended = False
        self._server = _Server(self)

    def __enter__(self) -> Serving:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Its address, without a path: 127.0.0.1:8080."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def show(self, pages: Mapping[str, str], names: frozenset[str]) -> None:
        """Serve new pages, by name; of the old ones, those in `names` stay."""
        with self._changed:
            self._pages = {name: page for name, page in self._pages.items() if name in names}
            for name, page in pages.items():
                self._pages[name] = page.encode()
                self._versions[name] = self._versions.get(name, 0) + 1
            self._newest = next(iter(pages), self._newest)
            self._changed.notify_all()

    # What the threads of requests ask

    def page(self, name: str) -> bytes | None:
        """A page; None if there is none of that name."""
        return self._pages.get(name)

    @property
    def newest(self) -> str:
        """The name of the page that was made last; of any, if that is gone."""
        pages = self._pages
        return self._newest if self._newest in pages else next(iter(pages), "")

    def version(self, name: str) -> int:
        """The number of times that a page was made."""
        return self._versions.get(name, 0)

    def wait(self, name: str, version: int) -> int | None:
        """Wait until a page has another version, and return that; the same one after a while, and
        None when the server ends."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_ended or self.version(name) != version, _HEARTBEAT
            )
            return None if self._is_ended else self.version(name)


class _Server(ThreadingHTTPServer):
    # A browser that listens must not keep gk from ending.
    daemon_threads = True

    def __init__(self, pages: Serving) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.pages = pages


class _Request(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        pages = self.server.pages
        if self.headers.get("Host") not in (
            pages.address,
            pages.address.replace("127.0.0.1", "localhost"),
        ):
            self.send_error(HTTPStatus.FORBIDDEN, "this address is not the server's")
        elif self.path == "/" and pages.newest:
            self._redirect(f"/{quote(pages.newest, safe='')}")
        elif self.path.startswith(_EVENTS):
            self._tell(unquote(self.path[len(_EVENTS) :]))
        elif page := pages.page(unquote(self.path[1:])):
            self._answer(page)
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such dashboard")

    def _redirect(self, path: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, page: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(page)

    def _tell(self, name: str) -> None:
        """Send an event at each new version of a page, until the browser or the server is gone."""
        pages = self.server.pages
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        version = pages.version(name)
        # A browser that was cut off, such as by sleep, says what it heard last.
        heard = self.headers.get("Last-Event-ID", "")
        told = int(heard) if heard.isdecimal() else version
        try:
            self._send(f"id: {version}\n: listening\n\n")
            while (now := pages.wait(name, told)) is not None:
                self._send(f"id: {now}\ndata: new\n\n" if now != told else ": still here\n\n")
                told = now
        except OSError:
            return

    def _send(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing: the terminal shows the builds."""
