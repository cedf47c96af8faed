"""gk push, gk status and gk diff --live against a server that answers nonsense: a sentence, exit
code 2.

A Grafana that has everything lies at one endpoint after another. Which there are is seen by running
the command before, so that none is left out.
"""

from __future__ import annotations

import gc
import gzip
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain, product
from typing import Any

import pytest
from click.testing import CliRunner

from gk.cli.commands import cli
from gk.errors import GkError
from gk.grafana import answers
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.errors import GrafanaError, MalformedError, UnansweredError
from gk.grafana.kinds import KINDS, alerting, library_panel, search
from tests.cases import every
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.fake_grafana.calls import Answer
from tests.pushing import DASHBOARD, EVERYTHING, SECRETS, Team

JSON = "application/json"
DEEP = b'{"a":' * 900 + b"1" + b"}" * 900
ANSWERS: dict[str, tuple[str, bytes]] = {
    "page": ("text/html", b"<html>hello</html>"),
    "page called JSON": (JSON, b"<html>hello</html>"),
    "nothing": (JSON, b""),
    "null": (JSON, b"null"),
    "list": (JSON, b"[]"),
    "list of null": (JSON, b"[null, 7]"),
    "list of lists": (JSON, b"[[[]]]"),
    "object": (JSON, b"{}"),
    "number": (JSON, b"17"),
    "text": (JSON, b'"hello"'),
    "true": (JSON, b"true"),
    "deep": (JSON, DEEP),
    "deep list": (JSON, b"[" * 5000 + b"]" * 5000),
    "not UTF-8": (JSON, b'{"a": "\xff\xfe"}'),
    "cut": (JSON, b'{"a": [1, 2'),
    "NaN": (JSON, b"NaN"),
}
SOME = ("page", "list of null", "object", "deep")
"""Those that are tried with every command and endpoint; all are tried with the shape of each
answer."""
OF_SOME_VERSIONS = ("/apis/", "/api/dashboards/uid/", "/api/folders/")
"""Endpoints that not all versions are asked. At each of the others, one of two versions gives a lie
to a command, and the other version gives the next one."""
COMMANDS = {
    "plan": ("push", "--dry-run"),
    "status": ("status",),
    "diff": ("diff", "--live"),
}
PLAUSIBLE = {
    "list": (
        "/search",
        "/versions",
        "/datasources",
        "/contact-points",
        "/templates",
        "/mute-timings",
    ),
    "null": ("/contact-points", "/templates", "/mute-timings"),
    "object": ("/rules", "/user/permissions", "/rule-groups/store%20orders%20%26%20more"),
}
"""What Grafana itself answers where there is nothing; Go writes some empty lists as null."""


class _Lying(FakeGrafana):
    """A Grafana that gives `lie` for what is read at `path`, once there were so many writes."""

    path = ""
    lie: tuple[str, bytes] | None = None
    after = 0

    def _respond(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> Answer | None:
        answer = super()._respond(method, target, headers, content)
        is_it = (
            method == "GET"
            and target.partition("?")[0] == self.path
            and len(self.writes) >= self.after
        )
        if answer is None or self.lie is None or not is_it:
            return answer
        return replace(answer, status=200, content_type=self.lie[0], body=self.lie[1])


@pytest.fixture(params=["9.3.2", "12.4.0"])
def world(
    request: pytest.FixtureRequest, empty_project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Team]:
    """A team that pushed everything, of which somebody edited one dashboard, and another is no
    longer defined; and another team."""
    with _Lying(version=request.param) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "store", fake, dict(SECRETS))
        old = DASHBOARD.replace("TEAM-shop", "TEAM-old").replace('"Shop"', '"Old"')
        team.write({**EVERYTHING, "gk.yaml": "project: store\n", "dashboards/old.py": old}).push()
        Team(team.project, connection, "other", fake, dict(SECRETS)).push("folders")
        team.edit("store-shop", description="mine")
        team.remove("dashboards/old.py")
        environ = {
            "GRAFANA_URL": fake.url,
            "GRAFANA_USER": "admin",
            "GRAFANA_PASSWORD": "admin",
            **SECRETS,
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(empty_project.root)
        yield team


def _run(*arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it printed. Raises what would be a traceback."""
    try:
        result = CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    except GkError as error:
        return 2, str(error)
    finally:
        # A command has its process for itself, and keeps garbage; connections are in it.
        gc.unfreeze()
        gc.enable()
    return int(result.return_value or 0), result.output


def _fake(team: Team) -> _Lying:
    assert isinstance(team.fake, _Lying)
    return team.fake


def _read(team: Team) -> list[str]:
    """The paths that were read since the requests were last forgotten."""
    return sorted(
        {
            request.path.partition("?")[0]
            for request in _fake(team).requests
            if request.method == "GET"
        }
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_nonsense_from_any_one_endpoint_ends_in_a_sentence_that_says_what_to_check(
    world: Team, command: str
) -> None:
    """Whichever of those that a command reads, with exit code 2."""
    fake, arguments = _fake(world), COMMANDS[command]
    fake.requests.clear()
    _run(*arguments)
    # A push gets along without the resource API, and without the name of who saved something.
    needless = ("/apis", "/settings", "/display")
    paths = [path for path in _read(world) if not path.endswith(needless)]
    assert len(paths) > 10

    for fake.path, name in product(paths, SOME):
        turn = (len(fake.path) + SOME.index(name)) % 2
        is_due = turn == (fake.version == "9.3.2") or fake.path.startswith(OF_SOME_VERSIONS)
        if is_due and not fake.path.endswith(PLAUSIBLE.get(name, ())):
            fake.lie = ANSWERS[name]
            code, said = _run(*arguments)
            assert 2 == code, (fake.path, name, said)
            assert "check the URL, its path, and anything in between" in said, (
                fake.path,
                name,
                said,
            )


def test_nonsense_while_a_push_writes_is_told_of_the_object_and_no_traceback(world: Team) -> None:
    """What is read then says what became of a write."""
    fake = _fake(world)
    notifications = EVERYTHING["alerts/notifications.py"]
    paths = [
        world.look("gk-store")[1],
        "/api/v1/provisioning/contact-points",
        "/api/v1/provisioning/mute-timings/store%20nights",
        "/api/v1/provisioning/templates/store%20text",
    ]
    for number, (fake.path, name) in enumerate(product(paths, SOME), start=10):
        fake.lie = None
        changed = notifications.replace("22:00", f"21:{number}").replace(
            "an alert", f"alert {number}"
        )
        world.write({"alerts/notifications.py": changed.replace("team@", f"team{number}@")})
        fake.requests.clear()
        fake.lie, fake.after = ANSWERS[name], 1
        code, said = _run("push")
        assert 2 == code, (fake.path, name, said)
        assert "check the URL, its path, and anything in between" in said, (fake.path, name, said)
    fake.lie = None

    assert 1 == _run("push")[0]
    assert [] == world.push().writes


# The kinds are modules, too.
MODULES: tuple[Any, ...] = (answers, alerting, library_panel, search, *KINDS.values())
SHAPES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": getattr(module, name)
    for module in MODULES
    for name in vars(module)["__all__"]
    if name.isupper() and name != "UNLOCKED"
}


@every("shape", [pytest.param(SHAPES[name], id=name) for name in SHAPES])
def test_no_nonsense_has_the_shape_of_an_answer(shape: answers.Shape) -> None:
    """Nor has it a shape that the check cannot take."""
    with _Lying() as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        fake.path = "/api/org"
        with Client(connection) as client:
            for called, fake.lie in ANSWERS.items():
                if called in ("list", "null") and isinstance(shape, list):
                    continue
                if (
                    called == "object"
                    and isinstance(shape, dict)
                    and all(key.endswith(("?", "*")) for key in shape)
                ):
                    continue
                with pytest.raises(MalformedError):
                    client.get("/org", shape)


# Answers without an end


def _forever(text: bytes, pause: float = 0.0) -> Iterator[bytes]:
    while True:
        yield text
        time.sleep(pause)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(bytes(2**24))
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
ENDLESS: dict[str, Callable[[], Iterator[bytes]]] = {
    "a gigabyte": lambda: chain(
        [HEAD + b"Content-Length: 1073741824\r\n\r\n"], _forever(b" " * 0x10000)
    ),
    "a body without an end": lambda: chain([HEAD + b"\r\n"], _forever(b" " * 0x10000)),
    "chunks without an end": lambda: chain(
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n"], _forever(CHUNK)
    ),
    "one chunk of all there is": lambda: chain(
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n"], _forever(b" " * 0x10000)
    ),
    "headers without an end": lambda: chain([HEAD], _forever(b"X: " + b"x" * 60000 + b"\r\n")),
    "a header without an end": lambda: chain([HEAD, b"X: "], _forever(b"x" * 0x10000)),
    "a status without an end": lambda: chain([b"HTTP/1.1 200 "], _forever(b"x" * 0x10000)),
    "continue without an end": lambda: _forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "a refusal without an end": lambda: chain(
        [b"HTTP/1.1 500 No\r\n\r\n"], _forever(b"\xff\xfe" * 0x8000)
    ),
    "a pause without an end": lambda: chain(
        [b"HTTP/1.1 429 Later\r\nRetry-After: 0\r\n\r\n"], _forever(b" " * 0x10000)
    ),
    "a redirection without an end": lambda: chain(
        [b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n"], _forever(b" " * 0x10000)
    ),
    "what is large once it is unpacked": lambda: iter(
        [HEAD + b"Content-Encoding: gzip\r\n\r\n" + BOMB]
    ),
    "a drip": lambda: chain([HEAD + b"Content-Length: 1000\r\n\r\n"], _forever(b" ", 0.1)),
    "a drip of headers": lambda: chain([HEAD], _forever(b"X", 0.1)),
    "a drip of a status": lambda: _forever(b"H", 0.1),
    "a drip of chunks": lambda: chain(
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n"], _forever(b"1\r\n \r\n", 0.1)
    ),
}


@contextmanager
def _sending(pieces: Callable[[], Iterator[bytes]]) -> Iterator[str]:
    """A server that sends these to whoever asks, until they hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(
                        target=answer, args=(listening.accept()[0],), daemon=True
                    ).start()

        def answer(caller: socket.socket) -> None:
            with caller, suppress(OSError):
                caller.settimeout(5)
                caller.recv(65536)
                for piece in pieces():
                    caller.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_without_an_end_is_given_up_on_in_time(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And before it fills the memory."""
    monkeypatch.setattr("gk.http.network.LARGEST", 2**20)
    tracemalloc.start()
    start = time.monotonic()

    with (
        _sending(ENDLESS[name]) as url,
        Client(Connection(url=url, name="", token="glsa_x", timeout=1.0, retries=1)) as client,
        pytest.raises(GrafanaError),
    ):
        client.get("/org")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 30 > time.monotonic() - start
    assert 2**24 > most


def test_a_server_that_never_answers_is_not_asked_for_each_object() -> None:
    """Each would take as long as the first."""
    start = time.monotonic()
    with (
        _sending(lambda: _forever(b"H", 0.1)) as url,
        Client(Connection(url=url, name="", token="glsa_x", timeout=0.2, retries=0)) as client,
    ):
        for _ in range(200):
            with pytest.raises(UnansweredError) as failure:
                client.get("/org")

    assert "not sent: no answer for 0.4 s" in str(failure.value)
    assert 30 > time.monotonic() - start


def test_what_a_server_says_is_repeated_as_a_short_line_of_plain_text() -> None:
    """A terminal would obey what it does not show."""
    message = "no\r\n\x1b]0;title\x07\u202e\x9b31m" + "x" * 5000

    with (
        _sending(
            lambda: iter([b"HTTP/1.1 400 No\r\n\r\n" + json.dumps({"message": message}).encode()])
        ) as url,
        Client(Connection(url=url, name="", token="glsa_x")) as client,
        pytest.raises(GrafanaError) as failure,
    ):
        client.get("/org")

    assert str(failure.value).isprintable()
    assert 400 > len(str(failure.value))
