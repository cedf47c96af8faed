"""What the links in the texts of alerts answer, on a server of this machine."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gk import alert, alert_group
from gk.check import Project
from gk.check.live.links import Links
from tests.definitions import resources


class Pages:
    """Pages that answer with the status in their path; `asked` counts the requests of each."""

    def __init__(self) -> None:
        self.asked = asked = Counter[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked[self.path] += 1
                status = int(self.path.rpartition("/")[2])
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/moved/200")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def pages() -> Iterator[Pages]:
    """A running server of pages."""
    pages = Pages()
    thread = threading.Thread(target=pages.server.serve_forever)
    thread.start()
    yield pages
    pages.server.shutdown()
    thread.join()
    pages.server.server_close()


def links(*urls: str) -> Links:
    """The links of a project with an alert for each URL."""
    rules = [
        alert(f"A{number}", "up == 0", summary="S", runbook=url) for number, url in enumerate(urls)
    ]
    return Links(Project(resources(alert_group("g", rules))))


def test_a_page_that_is_not_there_is_wrong(pages: Pages) -> None:
    """One that wants a login is there, and one that moved is where it leads."""
    urls = [f"{pages.url}/{status}" for status in (200, 302, 401, 403, 404, 500)]
    linked = links(*urls)

    assert {urls[4]: "answers 404 Not Found", urls[5]: "answers 500 Internal Server Error"} == {
        **linked.wrong(linked.urls, 5.0)
    }


def test_each_page_is_asked_once(pages: Pages) -> None:
    """However many alerts link to it, and whoever wants to know."""
    linked = links(*[f"{pages.url}/404"] * 3)

    for _ in range(2):
        assert 1 == len(linked.wrong(linked.urls, 5.0))
    assert {"/404": 1} == pages.asked


def test_nothing_is_asked_before_somebody_wants_to_know(pages: Pages) -> None:
    """The check is off unless gk.yaml turns it on."""
    assert [f"{pages.url}/404"] == list(links(f"{pages.url}/404").urls)
    assert not pages.asked
