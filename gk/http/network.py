"""HTTP to other machines: proxies, and limits for answers.

The same rules apply to Grafana, Prometheus and the forges. This module does not know their APIs.
"""

from __future__ import annotations

import http.client
import io
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy, should_bypass_proxies
from urllib3.util import Retry

from gk.errors import ConfigError
from gk.http.urls import host_of, is_loopback

__all__ = ["LARGEST", "TOO_LARGE", "environment_proxy", "prepare", "reason", "session"]

LARGEST = 64 * 2**20
"""The largest size of an answer in bytes."""
_CHUNK = 2**20
_DEEPEST = 254
"""The deepest JSON that orjson writes."""


# Where a request goes


def environment_proxy(url: str, environ: Mapping[str, str]) -> str:
    """The proxy for `url` by https_proxy, http_proxy, all_proxy and no_proxy, in small or capital
    letters; or nothing.

    This machine is never reached through one. Raises ConfigError for a variable that holds no URL.
    """
    if is_loopback(url):
        return ""
    # Small letters win, as curl has it.
    variables = {
        name: environ.get(f"{name}_proxy") or environ.get(f"{name.upper()}_PROXY") or ""
        for name in _PROXIED
    }
    if should_bypass_proxies(url, no_proxy=variables.pop("no")):
        return ""
    proxy = select_proxy(url, {name: value for name, value in variables.items() if value}) or ""
    # As in curl, a proxy without a scheme is an http proxy.
    proxy = f"http://{proxy}" if proxy and "://" not in proxy else proxy
    with suppress(ValueError):
        if not proxy or (host_of(proxy) and urlsplit(proxy).port != 0):
            return proxy
    # Without its value, which may have a password in it.
    raise ConfigError(
        f"the proxy that {urlsplit(url).scheme}_proxy or all_proxy names is not a URL: "
        "fix the variable"
    )


_PROXIED = ("https", "http", "all", "no")


# Requests


def session(url: str, environ: Mapping[str, str], *, connections: int = 10) -> requests.Session:
    """A session that speaks to the server at `url` alone, through the proxy that the environment
    has for it, and keeps so many connections open. Raises ConfigError for a proxy that is not a
    URL."""
    new = requests.Session()
    prepare(new, url, proxy=environment_proxy(url, environ), connections=connections)
    return new


def prepare(
    session: requests.Session,
    url: str,
    *,
    proxy: str,
    retries: Retry | int = 0,
    connections: int = 10,
) -> None:
    """Set up a session that speaks to the server at `url` alone: through `proxy`, or directly if
    that is empty.

    The environment has no say in it but for REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE; a .netrc least
    of all, whose credentials are somebody's own. An answer is read whole before it is returned. It
    is an error (requests.RequestException) if it has more than LARGEST bytes, or if its last byte
    comes later than the request's timeout for reading allows the first one to come.
    """
    session.trust_env = False
    # With trust_env off, requests no longer looks at these two variables.
    session.verify = (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    )
    session.proxies = {urlsplit(url).scheme: proxy} if proxy else {}
    session.hooks["response"].append(_read_fast)
    adapter = _Adapter(max_retries=retries, pool_maxsize=connections)
    # In place of the two adapters that requests mounts.
    for prefix in ("http://", "https://"):
        session.mount(prefix, adapter)


def reason(error: BaseException) -> str:
    """The message of the first error in a chain: the others repeat the URL and name classes."""
    seen = error
    while inner := (getattr(seen, "reason", None) or seen.__cause__ or seen.__context__):
        if not isinstance(inner, BaseException):
            break
        seen = inner
    text = str(seen) or type(seen).__name__
    return (
        text.rpartition("] ")[2] if isinstance(seen, OSError) and seen.errno is not None else text
    )


def _read_fast(response: requests.Response, *_: object, **__: object) -> None:
    """Have an answer's JSON read by orjson, which is several times as fast, and its text as UTF-8
    where it does not say what it is: to guess that takes minutes for a large one."""
    response.json = lambda **_: _json(response.content or b"")  # type: ignore[method-assign]
    response.encoding = response.encoding or "utf-8"


def _json(content: bytes) -> Any:
    """JSON that is safe for recursion. Raises ValueError if it is not valid, or nested too deep."""
    value = orjson.loads(content)
    if len(content) > 2 * _DEEPEST:
        try:
            # It writes at most so many levels, and reads more.
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError("it is nested too deep") from error
    return value


class _Adapter(HTTPAdapter):
    """Reads each answer to its end, or gives up on it."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        # urllib3 keeps the pool of a host, so its class is replaced only once.
        if not issubclass(pool.ConnectionCls.response_class, _Answer):
            pool.ConnectionCls = _with_answers(pool.ConnectionCls)
        return pool

    def build_response(self, request: requests.PreparedRequest, raw: Any) -> requests.Response:
        response = super().build_response(request, raw)
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            # What came may be small, and large once it is unpacked.
            if len(content) > LARGEST:
                response.close()
                raise requests.exceptions.ContentDecodingError(TOO_LARGE, request=request)
        # What `content` keeps when it reads by itself.
        response._content = bytes(content)
        return response


@lru_cache
def _with_answers(connection: type) -> type:
    return type(connection.__name__, (connection,), {"response_class": _Answer})


class _Answer(http.client.HTTPResponse):
    """An answer, headers and all, that is cut off when it is too long or takes too long.

    The timeout of a socket begins anew with each byte, so that a server could keep a client for
    years.
    """

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        # Nothing was read yet: http.client opens the file, and reads the status line afterwards.
        self.fp = io.BufferedReader(_Bounded(self.fp.detach(), sock), 2**16)


class _Bounded(io.RawIOBase):
    """What a socket receives from now on, within the socket's timeout as a whole and up to LARGEST
    bytes."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw = raw
        self._sock = sock
        self._left = LARGEST
        timeout = sock.gettimeout()
        self._end = None if timeout is None else time.monotonic() + timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._end is not None:
            seconds = self._end - time.monotonic()
            if seconds <= 0:
                raise TimeoutError("timed out")
            # What is left of the time, because each read would otherwise have all of it again.
            self._sock.settimeout(seconds)
        count = self._raw.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise OSError(TOO_LARGE)
        return int(count or 0)

    def close(self) -> None:
        self._raw.close()
        super().close()


TOO_LARGE = f"the answer has more than {LARGEST // 2**20} MiB"
