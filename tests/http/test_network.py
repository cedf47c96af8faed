"""Proxies, and who could read along: what leaves for a proxy, seen at a socket that stands in the
place of one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gk.errors import ConfigError, GkError
from gk.forge import GitHub
from gk.grafana.client import Client
from gk.grafana.connection import Connection, connection
from gk.grafana.errors import GrafanaError
from gk.http.network import environment_proxy
from gk.http.urls import is_loopback, listener
from gk.prometheus import Prometheus, PrometheusError
from gk.settings import Settings
from tests.cases import every

TOKEN = "glsa_hunter2hunter2"
THIS_MACHINE = [
    "127.0.0.1",
    "127.8.9.10",
    "localhost",
    "LocalHost",
    "localhost.",
    "[::1]",
    "[::ffff:127.0.0.1]",
]
VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]


class _Proxy:
    """A socket that keeps what it is sent, and answers as a proxy that lets nothing through."""

    def __init__(self) -> None:
        self.got = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._socket.accept()
                with caller:
                    caller.settimeout(5)
                    self.got += caller.recv(65536)
                    caller.sendall(
                        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Proxy]:
    """A proxy, which no variable names yet."""
    for name in (*VARIABLES, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = _Proxy()
    yield server
    server.close()


def _connection(url: str, **environ: str) -> Connection:
    return connection(
        Settings(),
        Path("/nowhere"),
        None,
        {"GRAFANA_URL": url, "GRAFANA_TOKEN": TOKEN, **environ},
        None,
    )


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("host", THIS_MACHINE)
def test_no_proxy_of_the_environment_is_asked_for_a_grafana_on_this_machine(
    proxy: _Proxy, monkeypatch: pytest.MonkeyPatch, host: str, variable: str
) -> None:
    """It would be sent the credential in clear."""
    monkeypatch.setenv(variable, proxy.url)

    for scheme in ("http", "https"):
        # Port 9 is nobody's.
        proxied = _connection(f"{scheme}://{host}:9", **{variable: proxy.url})
        with Client(replace(proxied, retries=0)) as client, pytest.raises(GrafanaError):
            client.get("/org")

    assert b"" == proxy.got


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["grafana.invalid", "[2001:db8::1]"])
def test_a_proxy_to_an_https_grafana_sees_its_address_and_no_credential(
    proxy: _Proxy, host: str, variable: str
) -> None:
    """An IPv6 address in brackets."""
    proxied = _connection(f"https://{host}", **{variable: proxy.url.removeprefix("http://")})
    with Client(replace(proxied, retries=0)) as client, pytest.raises(GrafanaError):
        client.get("/org")

    assert proxy.got.startswith(f"CONNECT {host}:443 HTTP/1.".encode())
    assert TOKEN.encode() not in proxy.got


@pytest.mark.parametrize(
    "proxy_url", ["http://proxy.invalid:3128", "https://proxy.invalid", "socks5h://proxy.invalid"]
)
def test_whoever_runs_a_proxy_could_read_what_goes_to_an_http_grafana(proxy_url: str) -> None:
    """However the way to the proxy is protected; and nobody could read what goes to an https
    one."""
    assert "proxy.invalid" == listener("http://127.0.0.1:3000", proxy_url)
    assert "[2001:db8::1]" == listener("http://[2001:db8::1]:3000", proxy_url)
    assert "" == listener("https://grafana.invalid", proxy_url)
    assert "" == listener("http://127.0.0.1:3000", "")


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_http_grafana_elsewhere_is_refused_whatever_proxy_leads_to_it(
    proxy: _Proxy, variable: str
) -> None:
    """A proxy on this machine does not make the rest of the way safe."""
    with pytest.raises(
        ConfigError, match=r"on the network path to grafana\.invalid could read the credential"
    ):
        _connection("http://grafana.invalid", **{variable: proxy.url})


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_no_proxy_is_asked_for_a_forge_on_this_machine(
    proxy: _Proxy, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """It would be sent the token of the pipeline."""
    monkeypatch.setenv(variable, proxy.url)
    review = GitHub("http://127.0.0.1:9", TOKEN, 0.001, repository="acme/boards", number=7)

    with pytest.raises(GkError):
        review.comment("hello", "<!-- mark -->")

    assert b"" == proxy.got


def test_a_name_that_starts_like_this_machine_s_address_is_another() -> None:
    """Anybody can have a domain called 127.example.com."""
    for host in (
        "127.example.com",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "[::2]",
        "[::ffff:10.0.0.1]",
    ):
        assert not is_loopback(f"http://{host}:80"), host
        with pytest.raises(ConfigError, match="use https"):
            GitHub(f"http://{host}", TOKEN, repository="acme/boards", number=7)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_no_proxy_is_asked_for_a_prometheus_on_this_machine(
    proxy: _Proxy, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Its URL may have a password in it."""
    monkeypatch.setenv(variable, proxy.url)

    with Prometheus("http://me:hunter2@127.0.0.1:9") as prometheus, pytest.raises(PrometheusError):
        prometheus.query("up")

    assert b"" == proxy.got


def test_a_proxy_to_a_prometheus_elsewhere_gets_no_password(
    proxy: _Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one it is used."""
    monkeypatch.setenv("http_proxy", proxy.url)

    with pytest.raises(
        ConfigError, match=r"path to prometheus\.invalid could read the password"
    ) as refused:
        Prometheus("http://me:hunter2@prometheus.invalid:9090")
    with Prometheus("http://prometheus.invalid:9090") as prometheus, pytest.raises(PrometheusError):
        prometheus.query("up")

    assert "hunter2" not in str(refused.value)
    assert proxy.got.startswith(b"POST http://prometheus.invalid:9090/api/v1/query ")


@every(
    "expected, environ",
    [
        pytest.param(
            "http://small:1",
            {"https_proxy": "http://small:1", "HTTPS_PROXY": "http://big:1"},
            id="small",
        ),
        pytest.param(
            "http://big:1", {"https_proxy": "", "HTTPS_PROXY": "http://big:1"}, id="empty is unset"
        ),
        pytest.param(
            "http://one:1",
            {"https_proxy": "http://one:1", "all_proxy": "http://all:1"},
            id="of the scheme",
        ),
        pytest.param("http://bare:1", {"all_proxy": "bare:1"}, id="without a scheme"),
        pytest.param("", {"http_proxy": "http://other:1"}, id="of the other scheme"),
        pytest.param(
            "",
            {"https_proxy": "http://p:1", "no_proxy": "example.com"},
            id="a domain that needs none",
        ),
        pytest.param("", {"https_proxy": "http://p:1", "NO_PROXY": "*"}, id="nothing needs one"),
        pytest.param(
            "http://p:1",
            {"https_proxy": "http://p:1", "no_proxy": "ample.com"},
            id="another domain",
        ),
    ],
)
def test_the_variables_of_proxies_mean_what_they_mean_to_curl(
    expected: str, environ: dict[str, str]
) -> None:
    assert expected == environment_proxy("https://grafana.example.com/path", environ)


@pytest.mark.parametrize(
    "value", ["http://", "http://user:hunter2@[::1", "http://user:hunter2@p:0", "//hunter2@"]
)
def test_a_variable_that_names_no_proxy_is_a_mistake_that_does_not_show_it(value: str) -> None:
    """It may have a password in it."""
    with pytest.raises(ConfigError, match="https_proxy or all_proxy") as mistake:
        _connection("https://grafana.invalid", https_proxy=value)

    assert "hunter2" not in str(mistake.value)


def test_a_connection_does_not_show_the_password_of_its_proxy() -> None:
    proxied = _connection(
        "https://grafana.invalid", https_proxy="http://user:hunter2@proxy.invalid:3128"
    )

    assert "http://user:hunter2@proxy.invalid:3128" == proxied.proxy
    assert "hunter2" not in repr(proxied)
