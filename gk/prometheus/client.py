"""The HTTP API of Prometheus, and of what is compatible with it (Thanos, Mimir, VictoriaMetrics).

Every way in which a server may fail to answer is a PrometheusError that says what came instead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import requests

from gk.errors import ConfigError
from gk.http import network
from gk.http.urls import listener, without_password
from gk.prometheus.answers import Answer, Sample, answer_of
from gk.prometheus.errors import PrometheusError, RefusedError, TimedOutError, UnreachableError
from gk.prometheus.macros import TimeRange

if TYPE_CHECKING:
    from gk.prometheus.records import Record

__all__ = ["Prometheus"]

P = TypeVar("P", bound="Prometheus")

_LONGEST_REASON = 500
"""Characters of a message of Prometheus that gk repeats."""
_OF_ACCESS = {
    401: "it asks for credentials, and gk.yaml has none for Prometheus",
    403: "it denies access",
}
# Bad gateway, unavailable (Prometheus says so while it starts), gateway timeout, too many requests.
_PASSING = (429, 502, 503, 504)
_OF_SERVER = ("timeout", "canceled", "unavailable", "internal")
"""Error types that say nothing of the query."""


class Prometheus:
    """The HTTP API of the Prometheus at `url`, with a timeout in seconds for each request and at
    most `connections` kept open.

    `noun` says in messages what it is: a Loki answers in the same form.

    As a context manager it closes its connections at the end. Several threads may use it. Raises
    ConfigError for a URL with a password in it that others could read on its way, and for a proxy
    of the environment that is not a URL.
    """

    def __init__(
        self, url: str, timeout: float = 30.0, *, connections: int = 10, noun: str = "Prometheus"
    ) -> None:
        self.url = url.rstrip("/")
        self.shown = without_password(self.url)
        """The URL without a password."""
        self.partial: set[str] = set()
        """Warnings of answers about labels and metrics: some of them are missing."""
        self.record: Record | None = None
        """Where all answers are kept, if anywhere."""
        self._noun = noun
        self._timeout = timeout
        self._session = network.session(self.url, os.environ, connections=connections)
        proxy = self._session.proxies.get(urlsplit(self.url).scheme, "")
        if self.shown != self.url and (reader := listener(self.url, proxy)):
            message = (
                f"anybody on the network path to {reader} could read the password of "
                f"{self.shown} over plain http"
            )
            raise ConfigError(f"{message}; use https")

    def __enter__(self: P) -> P:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def query(self, expr: str) -> list[Sample]:
        """The result of an instant query, now: the last value of each series, the count of a native
        histogram.

        A scalar is a sample without labels, a text none. Raises PrometheusError when Prometheus
        cannot be asked or cannot answer.
        """
        return list(self._answer("/api/v1/query", {"query": expr}).series)

    def at(self, expr: str, time: float) -> Answer:
        """The answer to an instant query at a time, in seconds since 1970. Raises
        PrometheusError."""
        asked = {"query": expr, "time": _seconds(time), "stats": "all"}
        return self._answer("/api/v1/query", asked)

    def range(self, expr: str, start: float, end: float, step: float) -> Answer:
        """The answer to a range query, times in seconds since 1970, `step` in seconds. Raises
        PrometheusError."""
        asked = {
            "query": expr,
            "start": _seconds(start),
            "end": _seconds(end),
            "step": _seconds(step),
            # With "all", each series also has a count for each step.
            "stats": "true",
        }
        return self._answer("/api/v1/query_range", asked)

    def label_values(
        self, label: str, selector: str = "", within: TimeRange | None = None
    ) -> list[str]:
        """The values of `label`, of the series that `selector` selects, sorted; of those that have
        samples `within` a time range, as far as the server looks. Raises PrometheusError."""
        return self._names(f"/api/v1/label/{label}/values", _selected(selector, within))

    def label_names(self, selector: str = "", within: TimeRange | None = None) -> list[str]:
        """The names of the labels of the series that `selector` selects, sorted. Raises
        PrometheusError."""
        return self._names("/api/v1/labels", _selected(selector, within))

    def metric_types(self) -> dict[str, str]:
        """The type of each metric that targets stated: counter, gauge, histogram, summary,
        unknown."""
        stated = self.get("/api/v1/metadata", {})
        # Targets may state different types for one metric: the first one counts.
        return {name: entries[0]["type"] for name, entries in stated.items() if entries}

    def version(self) -> str:
        """The version of the server, such as 2.42.0. Raises PrometheusError."""
        return str(self.get("/api/v1/status/buildinfo", {}).get("version", ""))

    def flags(self) -> dict[str, str]:
        """The command line flags of the server, by name. Raises PrometheusError, as servers that
        are only compatible have none."""
        return {str(key): str(value) for key, value in self.get("/api/v1/status/flags", {}).items()}

    def config(self) -> str:
        """The configuration file that the server uses, as YAML without secrets. Raises
        PrometheusError."""
        return str(self.get("/api/v1/status/config", {}).get("yaml", ""))

    def retention(self) -> str:
        """How long the server keeps samples: `15d`, or `15d or 10GiB`. Raises PrometheusError."""
        return str(self.get("/api/v1/status/runtimeinfo", {}).get("storageRetention", ""))

    def reload(self) -> None:
        """Let Prometheus read its configuration and its rule files again. Raises PrometheusError
        if it does not: it then keeps the old ones."""
        try:
            response = self._session.post(
                f"{self.url}/-/reload", timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise self._unanswered(error) from error
        if response.status_code != 200:
            reason = " ".join(response.text.split())[:_LONGEST_REASON] or response.reason
            raise PrometheusError(f"{self.shown} refuses to reload: {reason}")

    def uses_newest_files(self) -> bool:
        """Whether its last reload succeeded, of rules and scrape jobs alike. Raises
        PrometheusError."""
        return bool(self.get("/api/v1/status/runtimeinfo", {})["reloadConfigSuccess"])

    def rule_groups(self) -> list[Any]:
        """The groups of rules that Prometheus evaluates, as its API has them. Raises
        PrometheusError."""
        groups: list[Any] = self.get("/api/v1/rules", {})["groups"]
        return groups

    def _answer(self, path: str, parameters: Mapping[str, str]) -> Answer:
        start = time.monotonic()
        body = self._body(path, parameters)
        try:
            return answer_of(body, time.monotonic() - start)
        except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
            raise PrometheusError(
                f"no {self._noun} answers at {self.shown}: its result is malformed"
            ) from error

    def _names(self, path: str, parameters: Mapping[str, str]) -> list[str]:
        names = self.get(path, parameters)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise PrometheusError(f"no {self._noun} answers at {self.shown}: its list is malformed")
        return sorted(names)

    def get(self, path: str, parameters: Mapping[str, str]) -> Any:
        """The `data` of an answer of the API. Raises PrometheusError."""
        return self._body(path, parameters)["data"]

    def _body(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        body = self._fetched(path, parameters)
        is_success = body["status"] == "success" and "data" in body
        of_server = body.get("errorType") in _OF_SERVER
        if self.record is not None and not of_server:
            self.record.keep(path, parameters, body)
        if is_success:
            if "query" not in parameters:
                self._note_partial(body)
            return body
        reason = " ".join(str(body.get("error", "an error")).split())[:_LONGEST_REASON]
        if of_server:
            raise TimedOutError(f"{self.shown} could not answer: {reason}")
        told = {key: value for key, value in parameters.items() if key != "stats"}
        raise RefusedError(
            f"{self.shown}: {reason}: {told}",
            reason,
            str(body.get("errorType", "")),
        )

    def _fetched(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer of the API, with its status."""
        try:
            response = self._send(f"{self.url}{path}", parameters)
        except requests.RequestException as error:
            raise self._unanswered(error) from error
        try:
            body = response.json()
        except ValueError:
            # Loki says in plain text what is wrong with a query.
            is_refused = response.status_code == 400 and self._noun != "Prometheus"
            body = {"status": "error", "error": response.text} if is_refused else None
        # Each answer of Prometheus's API has a status, an error too. Anything else is another
        # server's, such as a proxy's.
        if not isinstance(body, dict) or "status" not in body:
            kind = UnreachableError if response.status_code in _PASSING else PrometheusError
            raise kind(f"no {self._noun} answers at {self.shown}: {_instead(response)}")
        return {"error": response.reason, **body}

    def _note_partial(self, body: Mapping[str, Any]) -> None:
        warnings = body.get("warnings")
        if isinstance(warnings, list):
            self.partial.update(" ".join(str(warning).split()) for warning in warnings)

    def _unanswered(self, error: requests.RequestException) -> PrometheusError:
        reason = network.reason(error).replace(self.url, self.shown)
        if reason == network.TOO_LARGE:
            # The query may be dear, and the server is there.
            return RefusedError(f"{self.shown}: {reason}", reason, "too large")
        if isinstance(error, requests.Timeout) or "timed out" in reason:
            return TimedOutError(
                f"no {self._noun} answers at {self.shown} within {self._timeout:g} s: {reason}"
            )
        return UnreachableError(f"no {self._noun} answers at {self.shown}: {reason}")

    def _send(self, url: str, parameters: Mapping[str, str]) -> requests.Response:
        # Redirects would lead to another address, past the rules for proxies and for plain http.
        options: dict[str, Any] = {"timeout": self._timeout, "allow_redirects": False}
        if "query" in parameters:
            # As a form: long queries do not fit into a URL.
            return self._session.post(url, data=parameters, **options)
        return self._session.get(url, params=parameters, **options)


def _instead(response: requests.Response) -> str:
    """What came in place of an answer of the API."""
    said = f"{response.status_code} {response.reason}"
    if why := _OF_ACCESS.get(response.status_code):
        return f"{said}: {why}"
    if response.is_redirect:
        target = without_password(response.headers["Location"])[:_LONGEST_REASON]
        return f"{said}, a redirect to {target}; write the final URL"
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind == "application/json" and response.content.lstrip()[:1] == b"{":
        return f"{said}, and its JSON is cut off or not that of its API"
    return f"{said}, and not JSON of its API{f' but {kind}' if kind else ''}"


def _selected(selector: str, within: TimeRange | None) -> dict[str, str]:
    given = {"match[]": selector} if selector else {}
    if within:
        given |= {"start": _seconds(within.start), "end": _seconds(within.end)}
    return given


def _seconds(value: float) -> str:
    return f"{value:.3f}"
