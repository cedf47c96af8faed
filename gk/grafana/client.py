"""Requests to a Grafana: grafana-client with its gaps closed.

grafana-client (5.1) takes a sub-path only with a slash at its end, hands a login page on as text, lets the exceptions
of its HTTP library through, retries nothing and leaves the parts of a path unquoted. All of that ends here: above this
module there are JSON values and GrafanaErrors.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaException, GrafanaTimeoutError
from niquests import RequestException
from niquests.adapters import HTTPAdapter
from niquests.exceptions import TooManyRedirects
from niquests.packages.urllib3.util import Retry
from niquests.utils import get_environ_proxies

import gk
from gk.errors import GkError
from gk.grafana.connection import Connection

__all__ = ["ChangedError", "Client", "DeniedError", "GrafanaError", "NotFoundError", "UnansweredError", "path"]

READS = frozenset({"GET"})
BUSY = frozenset({502, 503, 504})
TOO_MANY = 429
LOG = logging.getLogger("gk.grafana")
# Retries are no news for whoever did not ask for a log.
logging.getLogger("urllib3").addHandler(logging.NullHandler())
LONGEST_WAIT = 30
"""Seconds: a server that asks for a longer pause (Retry-After) is not waited for any longer."""


class GrafanaError(GkError):
    """Grafana refused a request, or did not answer it. `status` is that of the answer, 0 without one."""

    status = 0


class NotFoundError(GrafanaError):
    """404: there is no such object."""


class ChangedError(GrafanaError):
    """409 or 412: somebody else changed or made the object since it was read."""


class DeniedError(GrafanaError):
    """401 or 403: whom gk is may not do this."""


class UnansweredError(GrafanaError):
    """No answer, or a proxy's that Grafana did not answer: what a write would have done may have been done or not."""


def path(*parts: str) -> str:
    """A path of the API, each of its parts quoted: a group's name may hold a slash."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


class Client:
    """Grafana's HTTP API at a connection: JSON values in, JSON values out.

    Reads are repeated when nothing answered them, and what Grafana was too busy for (429) is, whatever it is. A write
    whose answer got lost is not: only who looks at the object can tell whether it was done. May be used by several
    threads at once.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        url = urlsplit(connection.url)
        auth: Any = connection.token or ((connection.user, connection.password) if connection.user else None)
        self._api = GrafanaApi(
            auth=auth,
            host=_host(url.hostname or ""),
            port=url.port,
            protocol=url.scheme,
            url_path_prefix=f"{url.path.strip('/')}/".lstrip("/"),
            verify=connection.ca or os.environ.get("REQUESTS_CA_BUNDLE") or True,
            timeout=(connection.connect_timeout, connection.timeout),
            user_agent=f"gk/{gk.__version__}",
            organization_id=connection.organization or None,
            session_pool_size=connection.workers,
        )
        self._session = self._api.client.s
        # The environment is asked once, not for each request; and a .netrc has no say in whose credentials are sent.
        self._session.trust_env = False
        proxy = connection.proxy
        self._session.proxies = {url.scheme: proxy} if proxy else get_environ_proxies(connection.url)
        self._session.hooks["response"].append(_read_fast)
        # To nobody but the Grafana that was named goes a credential.
        self._session.max_redirects = 0
        if connection.client_certificate:
            key = connection.client_key
            self._session.cert = (connection.client_certificate, key) if key else connection.client_certificate
        adapter = HTTPAdapter(
            max_retries=_Retry(
                total=connection.retries,
                allowed_methods=READS,
                backoff_factor=0.2,
                backoff_jitter=0.2,
                retry_after_max=LONGEST_WAIT,
                raise_on_status=False,
            ),
            pool_maxsize=connection.workers,
        )
        self._session.mount(f"{url.scheme}://", adapter)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, path: str, **parameters: str | int) -> Any:
        """What Grafana answers. Raises NotFoundError, DeniedError, UnansweredError, or another GrafanaError."""
        return self._send("GET", path, params=parameters or None)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Send a new object. Raises as `get`, and ChangedError if there is one already."""
        return self._send("POST", path, json=body, headers=headers or None)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """Send an object in place of another. Raises as `post`."""
        return self._send("PUT", path, json=body, headers=headers or None)

    def delete(self, path: str, **parameters: str | int) -> None:
        """Delete an object. Raises as `get`."""
        self._send("DELETE", path, params=parameters or None)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            answer = self._answer(method, path, options)
        except GrafanaError as error:
            LOG.debug("%s (%.3f s)", error, time.perf_counter() - start)
            raise
        LOG.debug("%s %s (%.3f s)", method, path, time.perf_counter() - start)
        return answer

    def _answer(self, method: str, path: str, options: Mapping[str, Any]) -> Any:
        what = f"{method} {path}"
        try:
            answer = getattr(self._api.client, method)(path, **options)
        except GrafanaTimeoutError as error:
            raise UnansweredError(f"{what}: no answer within {self.connection.timeout:g} s") from error
        except GrafanaException as error:
            raise _refusal(what, error) from error
        except ValueError as error:
            # A delete may be answered with nothing at all.
            if method == "DELETE":
                return None
            raise UnansweredError(f"{what}: the answer is no JSON; is {self.connection.url} a Grafana?") from error
        except TooManyRedirects as error:
            raise GrafanaError(f"{what}: {_redirection(error)}") from error
        except (RequestException, OSError) as error:
            raise UnansweredError(f"{what}: {_reason(error)}") from error
        if isinstance(answer, str) and answer:
            # Not the page itself: it may hold what a person typed into it.
            raise GrafanaError(
                f"{what}: a page came instead of Grafana's API; {self.connection.url} is a login page or a proxy's: "
                "check the URL, its path, and what stands between"
            )
        return answer


class _Retry(Retry):  # type: ignore[misc]
    """When a request is sent again: reads that nobody answered, and whatever Grafana was too busy for."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return status_code == TOO_MANY or (method in READS and status_code in BUSY)


def _refusal(what: str, error: GrafanaException) -> GrafanaError:
    said = error.response
    message = said.get("message") if isinstance(said, Mapping) else None
    text = f"{what}: {error.status_code or ''} {message or 'without a reason'}".replace(":  ", ": ")
    kinds = {404: NotFoundError, 409: ChangedError, 412: ChangedError, 401: DeniedError, 403: DeniedError}
    unanswered = error.status_code in BUSY or error.status_code in (0, TOO_MANY)
    refusal = (UnansweredError if unanswered else kinds.get(error.status_code, GrafanaError))(text)
    refusal.status = error.status_code
    return refusal


def _read_fast(response: Any, **_: object) -> None:
    """Have an answer's JSON read by orjson: reading it as niquests does takes longer than Grafana needs to send it."""
    response.json = lambda **_: orjson.loads(response.content or b"")


def _redirection(error: TooManyRedirects) -> str:
    location = error.response.headers.get("Location", "") if error.response is not None else ""
    where = str(location).partition("?")[0]
    return f"it is redirected to {where}: if that is the Grafana, give its URL; if it is a login page, gk needs a token"


def _reason(error: BaseException) -> str:
    """The words of the error that began a chain: those around it repeat the URL and name classes."""
    seen = error
    while inner := (getattr(seen, "reason", None) or seen.__cause__ or seen.__context__):
        if not isinstance(inner, BaseException):
            break
        seen = inner
    text = str(seen) or type(seen).__name__
    return text.rpartition("] ")[2] if isinstance(seen, OSError) and seen.errno is not None else text


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name
