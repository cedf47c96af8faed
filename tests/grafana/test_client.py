"""gk.grafana.client: what is closed of grafana-client's gaps, over real sockets."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from gk.grafana.client import Client, path
from gk.grafana.connection import Connection
from gk.grafana.errors import (
    ChangedError,
    DeniedError,
    GrafanaError,
    NotFoundError,
    UnansweredError,
)
from tests.cases import every
from tests.fake_grafana import FakeGrafana, Faults

Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def fake() -> Iterator[FakeGrafana]:
    """An empty Grafana below a path."""
    with FakeGrafana(prefix="/sub/path", tokens={"glsa_admin": "Admin"}) as fake:
        yield fake


def _connection(url: str, **more: Any) -> Connection:
    return replace(Connection(url=url, name="", user="admin", password="admin"), **more)


class _Server:
    """A server that answers as it is told, and remembers what it was sent."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.answer = answer
        self.lines: list[str] = []
        self.headers: list[dict[str, str]] = []


@contextmanager
def _serving(
    answer: Callable[[str], Answer], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[_Server, str]]:
    answering = _Server(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answering.lines.append(f"{self.command} {self.path}")
            answering.headers.append({name.lower(): value for name, value in self.headers.items()})
            if length := int(self.headers.get("Content-Length") or 0):
                self.rfile.read(length)
            status, headers, body = answering.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield answering, f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(body: Any, status: int = 200) -> Answer:
    return status, JSON, json.dumps(body).encode()


def test_a_path_below_the_host_is_kept_with_or_without_a_slash_at_its_end(
    fake: FakeGrafana,
) -> None:
    """grafana-client makes `pathapi` of it otherwise."""
    for url in (fake.url, f"{fake.url}/"):
        with Client(_connection(url)) as client:
            assert "Main Org." == client.get("/org")["name"]


@pytest.mark.parametrize("more", [{}, {"user": "", "password": "", "token": "glsa_admin"}])
def test_both_kinds_of_credentials_are_sent(fake: FakeGrafana, more: dict[str, str]) -> None:
    """A user with a password, and a token."""
    with Client(_connection(fake.url, **more)) as client:
        assert "Main Org." == client.get("/org")["name"]


def test_a_password_may_have_any_letters() -> None:
    """Grafana reads UTF-8."""
    with (
        FakeGrafana(passwords={"zoë": "пароль€"}) as fake,
        Client(_connection(fake.url, user="zoë", password="пароль€")) as client,
    ):
        assert "zoë" == client.get("/user")["login"]


def test_an_ipv6_address_has_brackets_wherever_it_is_sent_or_shown() -> None:
    """Its colons are no port's. Seen by a proxy, so that no machine has to have IPv6."""
    address = "http://[2001:db8::1]:3000/grafana"

    with (
        _serving(lambda _: _json([])) as (server, url),
        Client(_connection(address, proxy=url)) as client,
        pytest.raises(GrafanaError) as failure,
    ):
        client.get("/org", {"name": str})

    assert [f"GET {address}/api/org"] == server.lines
    assert "[2001:db8::1]:3000" == server.headers[0]["host"]
    assert address == client.connection.shown
    assert f"GET /org: {address} does not answer" in str(failure.value)


def test_an_organization_is_asked_for_by_its_id() -> None:
    """In the header that Grafana reads."""
    with (
        _serving(lambda _: _json({})) as (server, url),
        Client(_connection(url, organization=7)) as client,
    ):
        client.get("/org")

    assert "7" == server.headers[0]["x-grafana-org-id"]


def test_the_parts_of_a_path_are_quoted() -> None:
    """A name may hold a slash, and what else has a meaning in a URL."""
    assert "/folder/a/rule-groups/b%2Fc%20d%3Fe%23%25" == path(
        "folder", "a", "rule-groups", "b/c d?e#%"
    )


@every(
    "status, expected",
    [
        (400, GrafanaError),
        (401, DeniedError),
        (403, DeniedError),
        (404, NotFoundError),
        (409, ChangedError),
        (412, ChangedError),
        (500, GrafanaError),
        (503, UnansweredError),
    ],
)
def test_each_refusal_has_its_error_with_grafana_s_message(
    status: int, expected: type[GrafanaError]
) -> None:
    """And the method and path that were refused."""
    with (
        _serving(lambda _: _json({"message": "because"}, status)) as (_, url),
        Client(_connection(url, retries=0)) as client,
        pytest.raises(GrafanaError) as failure,
    ):
        client.get("/x")

    assert expected is type(failure.value)
    assert (f"GET /x: {status} because", status) == (str(failure.value), failure.value.status)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            (200, {"Content-Type": "text/html"}, b"<html>secret"),
            "does not answer as Grafana does .got an HTML page",
            id="a page",
        ),
        pytest.param((200, JSON, b"<html>secret"), "the answer is not JSON", id="no JSON"),
        pytest.param(
            (302, {"Location": "http://127.0.0.1:9/login?x=secret"}, b""),
            "redirected to",
            id="redirected",
        ),
    ],
)
def test_an_answer_that_is_not_grafana_s_is_an_error_that_does_not_show_it(
    answer: Answer, expected: str
) -> None:
    """It may hold what somebody typed into a login page."""
    with (
        _serving(lambda _: answer) as (server, url),
        Client(_connection(url)) as client,
        pytest.raises(GrafanaError, match=expected) as failure,
    ):
        client.get("/org")

    assert "secret" not in str(failure.value)
    assert ["GET /api/org"] == server.lines


def test_credentials_do_not_follow_a_redirection() -> None:
    """To whatever host it leads."""
    with _serving(lambda _: _json({})) as (other, elsewhere):
        with (
            _serving(lambda _: (307, {"Location": f"{elsewhere}/api/org"}, b"")) as (_, url),
            Client(_connection(url)) as client,
            pytest.raises(GrafanaError),
        ):
            client.get("/org")

        assert [] == other.lines


# Again


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("kind", ["reset", "reset-after", "502", "503", "504", "429"])
def test_a_read_is_repeated_until_it_is_answered(fake: FakeGrafana, kind: str) -> None:
    """Whatever kept it from being."""
    fake.faults = Faults(kinds=(kind,), times=3)

    with Client(_connection(fake.url)) as client:
        assert "Main Org." == client.get("/org")["name"]

    assert 4 == len(fake.requests)


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("kind", ["500", "401"])
def test_a_read_is_repeated_when_a_locked_database_refused_it(fake: FakeGrafana, kind: str) -> None:
    """Grafana cannot look up who asks then, and does not know those any more whom it let in
    before."""
    with Client(_connection(fake.url)) as client:
        client.get("/org")
        fake.faults = Faults(kinds=(kind,), times=3)
        assert "Main Org." == client.get("/org")["name"]

    assert 5 == len(fake.requests)


def test_who_was_never_let_in_is_not_let_in_by_asking_again(fake: FakeGrafana) -> None:
    """The password is wrong."""
    with Client(_connection(fake.url, password="wrong")) as client, pytest.raises(DeniedError):
        client.get("/org")

    assert 1 == len(fake.requests)


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        pytest.param("502", 1, id="502"),
        pytest.param("reset-after", 1, id="reset"),
        pytest.param("429", 2, id="429"),
    ],
)
def test_a_write_is_repeated_only_when_grafana_did_not_look_at_it(
    fake: FakeGrafana, kind: str, times: int
) -> None:
    """429 says so; after the others nobody knows."""
    fake.faults = Faults(kinds=(kind,), times=1)

    with Client(_connection(fake.url)) as client:
        if times == 1:
            with pytest.raises(UnansweredError):
                client.post("/folders", {"uid": "a", "title": "A"})
        else:
            client.post("/folders", {"uid": "a", "title": "A"})

    assert times == len(fake.writes)


def test_a_pause_that_grafana_asks_for_is_made() -> None:
    """Retry-After, in seconds."""
    answers = iter([(429, {**JSON, "Retry-After": "1"}, b"{}"), _json({"name": "x"})])
    start = time.monotonic()

    with _serving(lambda _: next(answers)) as (_, url), Client(_connection(url)) as client:
        client.get("/org")

    assert 1 <= time.monotonic() - start < 30


def test_it_is_not_repeated_more_often_than_was_asked_for(fake: FakeGrafana) -> None:
    """Then it is an error."""
    fake.faults = Faults(kinds=("503",))

    with (
        Client(_connection(fake.url, retries=2)) as client,
        pytest.raises(UnansweredError, match="GET /org: 503"),
    ):
        client.get("/org")

    assert 3 == len(fake.requests)


def test_a_server_that_says_nothing_is_given_up_on() -> None:
    """After the timeout."""
    gone = threading.Event()

    def wait(_: str) -> Answer:
        gone.wait(60)
        return _json({})

    with _serving(wait) as (_, url), Client(_connection(url, timeout=0.2, retries=1)) as client:
        start = time.monotonic()
        with pytest.raises(UnansweredError, match=r"GET /org: no answer within 0\.2 s|timed out"):
            client.get("/org")
        seconds = time.monotonic() - start
        gone.set()

    assert 30 > seconds


# TLS and proxies


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


def _tls(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side, which wants a certificate of the client."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_a_ca_and_a_client_s_certificate_are_used(authority: trustme.CA, tmp_path: Path) -> None:
    """From files, as a context names them."""
    ca, certificate, key = (tmp_path / name for name in ("ca.pem", "client.pem", "client.key"))
    authority.cert_pem.write_to_path(str(ca))
    issued = authority.issue_cert("gk")
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    files = {"ca": str(ca), "client_certificate": str(certificate), "client_key": str(key)}

    with _serving(lambda _: _json({"name": "x"}), _tls(authority)) as (_, url):
        with Client(_connection(url, **files)) as client:
            assert {"name": "x"} == client.get("/org")
        with (
            Client(_connection(url, retries=0)) as client,
            pytest.raises(UnansweredError, match=r"(?i)certificate"),
        ):
            client.get("/org")


def test_a_proxy_is_used() -> None:
    """It is sent the whole URL."""
    with (
        _serving(lambda _: _json({"name": "x"})) as (server, url),
        Client(_connection("http://127.0.0.1:9/grafana", proxy=url)) as client,
    ):
        client.get("/org")

    assert ["GET http://127.0.0.1:9/grafana/api/org"] == server.lines


def test_a_netrc_has_no_say_in_who_gk_is(
    fake: FakeGrafana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its credentials are somebody's own."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    with Client(_connection(fake.url, user="", password="", token="glsa_admin")) as client:
        assert "Main Org." == client.get("/org")["name"]
