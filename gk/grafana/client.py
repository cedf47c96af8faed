"""Requests to a Grafana: grafana-client with its gaps closed.

grafana-client (3.11.2) takes a sub-path only with a slash at its end, hands a login page on as
text, knows no query of a URL, lets the exceptions of its HTTP library through, retries nothing and
leaves the parts of a path unquoted. All of that ends here: above this module there are JSON values
and GrafanaErrors.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import orjson
from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaException
from requests import RequestException
from requests.exceptions import TooManyRedirects
from urllib3 import BaseHTTPResponse
from urllib3.util import Retry

import gk
from gk.documents.secrets.hidden import Unspoken
from gk.grafana.answers import Shape, missing_or_wrong_part
from gk.grafana.apis import Apis, discovered
from gk.grafana.connection import Connection
from gk.grafana.errors import (
    BUSY,
    TOO_MANY,
    GrafanaError,
    MalformedError,
    UnansweredError,
    error_class,
)
from gk.http import network
from gk.http.urls import host_of

__all__ = [
    "PAGE",
    "SERVER_FAILED",
    "UNKNOWN",
    "Client",
    "below_the_base",
    "path",
]

C = TypeVar("C", bound="Client")

READS = frozenset({"GET"})
UNKNOWN = 401
"""The status with which Grafana refuses credentials."""
SERVER_FAILED = 500
LOG = logging.getLogger("gk.grafana")
LONGEST_WAIT = 30
"""Seconds: a server that asks for a longer pause (Retry-After) is not waited for any longer."""
PAGE = 1000
"""Results per page; Grafana's limit for a search is 5,000."""
MOST_PAGES = 1000
"""Far more than any Grafana has: a server that never ends a list must not hold gk."""
LONGEST_REASON = 300
"""Characters of a server's message that gk repeats."""
LONGEST_SEARCHED = 20_000
"""Characters of it that are searched for secrets, before the text is shortened."""


def path(*parts: str) -> str:
    """A path of the API, each of its parts quoted: a group's name may hold a slash. One that begins
    with `apis` is of the resource API (gk.grafana.apis), any other is below `/api`."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


class Client:
    """Grafana's HTTP API at a connection: JSON values in, JSON values out.

    It repeats reads that were not answered, and any request that Grafana was too busy for (429). It
    does not repeat a write whose answer got lost: only a look at the object can tell whether it was
    done. May be used by several threads at once.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # Basic auth sends both as one text, of which Unspoken also hides the Base64 form.
        login = f"{connection.user}:{connection.password}" if connection.password else ""
        self.unspoken = Unspoken((connection.token, login))
        """Texts that no message may contain, even if a server repeats them: credentials, and the
        secrets that gk sends."""
        self.names: dict[str, str] = {}
        """The names of those who saved objects, by what the resource API calls them."""
        self._was_let_in = False
        self._silent_since = 0.0
        """When the first of the unanswered requests was sent; 0 if the last request was
        answered."""
        url = urlsplit(connection.url)
        # As bytes: requests would write them in Latin-1, which Grafana does not read, and which has
        # few letters.
        user = (connection.user.encode(), connection.password.encode())
        auth: Any = connection.token or (user if connection.user else None)
        self._api = GrafanaApi(
            auth=auth,
            host=host_of(connection.url),
            port=url.port,
            protocol=url.scheme,
            url_path_prefix=f"{url.path.strip('/')}/".lstrip("/"),
            timeout=(connection.connect_timeout, connection.timeout),
            user_agent=f"gk/{gk.__version__}",
            organization_id=connection.organization or None,
        )
        self._session = self._api.client.s
        # Without the `/api` that grafana-client puts there: the resource API is beside it.
        self._api.client.url = connection.url.rstrip("/")
        network.prepare(
            self._session,
            connection.url,
            proxy=connection.proxy,
            retries=_retries(connection),
            connections=connection.workers,
        )
        # To nobody but the Grafana that was named goes a credential.
        self._session.max_redirects = 0
        # grafana-client passes it with each request, so that the session's own has no say.
        self._api.client.verify = connection.ca or self._session.verify
        if connection.client_certificate:
            key = connection.client_key
            self._session.cert = (
                (connection.client_certificate, key) if key else connection.client_certificate
            )

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    @cached_property
    def apis(self) -> Apis:
        """What Grafana's resource API serves. Raises as `get`."""
        return discovered(self)

    def get(
        self,
        path: str,
        shape: Shape = (dict, list),
        accept: str = "application/json",
        /,
        **parameters: str | int,
    ) -> Any:
        """Grafana's answer, which has this shape (gk.grafana.answers). Raises NotFoundError,
        DeniedError, MalformedError, UnansweredError, or another GrafanaError."""
        url = f"{path}?{urlencode(parameters)}" if parameters else path
        answer = self._read(url, {"Accept": accept})
        self.check(answer, shape, f"GET {path}")
        return answer

    def _read(self, path: str, headers: Mapping[str, str]) -> Any:
        """The answer to a GET, repeated while the database is locked."""
        for attempt in range(self.connection.retries):
            try:
                return self._send("GET", path, headers=headers)
            except GrafanaError as error:
                if not self._may_be_locked(error):
                    raise
                # Partly random, so that workers which failed together do not come back together.
                time.sleep(0.2 * 2**attempt * (0.5 + random.random() / 2))
        return self._send("GET", path, headers=headers)

    def _may_be_locked(self, error: GrafanaError) -> bool:
        """Whether a refusal may be that of a locked database (SQLite): then Grafana cannot look up
        who asks either, and says 401 to those whom it let in before (seen on 12.4.0)."""
        # 9.3 says 500 for a version that is not there, too.
        has_failed = error.status == SERVER_FAILED and "not found" not in str(error)
        return has_failed or (error.status == UNKNOWN and self._was_let_in)

    def pages(self, path: str, shape: Shape, **parameters: str | int) -> Iterator[Any]:
        """The entries of all pages of a list. Raises as `get`."""
        return self.every(
            path, lambda page, size: self.get(path, shape, limit=size, page=page, **parameters)
        )

    def every(self, path: str, page: Callable[[int, int], list[Any]]) -> Iterator[Any]:
        """The entries of all pages, up to the first one that is not full; `page` takes a number and
        a size. Raises MalformedError if the pages do not end."""
        last: list[Any] = []
        for number in range(1, MOST_PAGES + 1):
            results = page(number, PAGE)
            # A server that ignores `page` gives the same page again and again.
            if results and results == last:
                break
            yield from results
            if len(results) < PAGE:
                return
            last = results
        raise self._malformed(f"GET {path}", "its pages do not end")

    def check(self, answer: Any, shape: Shape, what: str) -> None:
        """Raise MalformedError for an answer to the request `what` that is not of this shape."""
        if wrong := missing_or_wrong_part(answer, shape):
            raise self._malformed(what, wrong)

    def _malformed(self, what: str, wrong: str) -> MalformedError:
        where = "check the URL, its path, and anything in between (proxy, firewall, VPN)"
        return MalformedError(
            f"{what}: {self.connection.url} does not answer as Grafana does ({wrong}); {where}"
        )

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Send a new object. Raises as `get`, and ChangedError if there is one already."""
        return self._send("POST", path, body, headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """Send an object in place of another. Raises as `post`."""
        return self._send("PUT", path, body, headers)

    def patch(self, path: str, body: Any) -> Any:
        """Change an object. Raises as `post`."""
        return self._send("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> None:
        """Delete an object; `body` has conditions. Raises as `post`."""
        self._send("DELETE", path, body)

    def _send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        start = time.monotonic()
        self._check_patience(f"{method} {path.partition('?')[0]}")
        options: dict[str, Any] = {"headers": dict(headers or {})}
        if body is not None:
            # As bytes: requests would take several times as long to write them.
            options["data"] = orjson.dumps(body)
            options["headers"]["Content-Type"] = "application/json"
        try:
            answer = self._answer(method, path, options)
        except GrafanaError as error:
            self._silent_since = (
                (self._silent_since or start) if isinstance(error, UnansweredError) else 0.0
            )
            LOG.debug("%s (%.3f s)", error, time.monotonic() - start)
            raise
        self._silent_since, self._was_let_in = 0.0, True
        LOG.debug("%s %s (%.3f s)", method, path.partition("?")[0], time.monotonic() - start)
        return answer

    def _check_patience(self, what: str) -> None:
        """Stop asking a server that answered nothing in the time that all attempts of one request
        take: each further request would take as long."""
        most = self.connection.timeout * (self.connection.retries + 2)
        since = self._silent_since
        if since and time.monotonic() - since > most:
            raise UnansweredError(f"{what}: not sent: no answer for {most:g} s")

    def _answer(self, method: str, path: str, options: Mapping[str, Any]) -> Any:
        what = f"{method} {path.partition('?')[0]}"
        try:
            answer = getattr(self._api.client, method)(below_the_base(path), **options)
        except GrafanaException as error:
            raise _refusal(what, error, self._line) from error
        except TooManyRedirects as error:
            raise GrafanaError(f"{what}: {_redirection(error, self._line)}") from error
        except (RequestException, OSError) as error:
            reason = network.reason(error)
            if reason == "timed out":
                reason = f"no answer within {self.connection.timeout:g} s"
            raise UnansweredError(f"{what}: {self._line(reason)}") from error
        except ValueError as error:
            # A delete may be answered with nothing at all.
            if method == "DELETE":
                return None
            raise self._malformed(what, "the answer is not JSON, or nested too deep") from error
        if isinstance(answer, str) and answer:
            # Not the page itself: it may hold what a person typed into it.
            raise self._malformed(what, "got an HTML page, such as a login page")
        return answer

    def _line(self, said: object) -> str:
        """A server's message as a short line, without secrets and without characters that a
        terminal would obey."""
        text = self.unspoken.hidden(said[:LONGEST_SEARCHED]) if isinstance(said, str) else ""
        text = "".join(
            character if character.isprintable() else " "
            for character in text[: LONGEST_REASON + 1]
        ).strip()
        return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}..."


def below_the_base(path: str) -> str:
    """A path of the API, as it is below Grafana's URL."""
    return path if path.startswith("/apis") else f"/api{path}"


class _Retry(Retry):
    """Repeats reads that were not answered, and any request that Grafana was too busy for."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return status_code == TOO_MANY or (method in READS and status_code in BUSY)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds to wait, as the server asks, with an upper limit."""
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(seconds, LONGEST_WAIT)


def _retries(connection: Connection) -> _Retry:
    return _Retry(
        total=connection.retries,
        allowed_methods=READS,
        backoff_factor=0.2,
        backoff_jitter=0.2,
        # The last answer is returned, so that its status and message become the GrafanaError.
        raise_on_status=False,
    )


def _refusal(what: str, error: GrafanaException, line: Callable[[object], str]) -> GrafanaError:
    said = error.response
    message = said.get("message") if isinstance(said, Mapping) else None
    text = f"{what}: {error.status_code or ''} {line(message) or 'without a reason'}".replace(
        ":  ", ": "
    )
    refusal = error_class(error.status_code)(text)
    refusal.status = error.status_code
    return refusal


def _redirection(error: TooManyRedirects, line: Callable[[object], str]) -> str:
    location = error.response.headers.get("Location", "") if error.response is not None else ""
    where = line(str(location).partition("?")[0])
    return (
        f"it is redirected to {where}: if that is the Grafana, use its URL; if it is a login "
        "page, gk needs a token"
    )
