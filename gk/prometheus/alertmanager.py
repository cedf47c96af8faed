"""A running Alertmanager: its configuration, and how it reads that again."""

from __future__ import annotations

import os
from typing import Any

import requests
import yaml

from gk.errors import GkError
from gk.http import network
from gk.http.urls import without_password

__all__ = ["Alertmanager", "AlertmanagerError"]

_LONGEST_REASON = 500


class AlertmanagerError(GkError):
    """Alertmanager is not reachable, or refuses a request; the message has the URL and the
    reason."""


class Alertmanager:
    """The HTTP API of the Alertmanager at `url`, with a timeout in seconds for each request. As a
    context manager it closes its connections at the end."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._shown = without_password(self.url)
        self._timeout = timeout
        self._session = network.session(self.url, os.environ)

    def __enter__(self) -> Alertmanager:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def reload(self) -> None:
        """Let Alertmanager read its configuration again. Raises AlertmanagerError if it does not:
        it then keeps the old one."""
        self._send("POST", "/-/reload")

    def config(self) -> Any:
        """The configuration that it uses, with defaults, and `<secret>` in place of secrets. Raises
        AlertmanagerError."""
        try:
            return yaml.safe_load(self._send("GET", "/api/v2/status").json()["config"]["original"])
        except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise AlertmanagerError(
                f"no Alertmanager answers at {self._shown}: not JSON of its API"
            ) from error

    def _send(self, method: str, path: str) -> requests.Response:
        try:
            # A redirect would lead to another address, past the rules for proxies.
            response = self._session.request(
                method, f"{self.url}{path}", timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            reason = str(error).replace(self.url, self._shown)
            raise AlertmanagerError(
                f"no Alertmanager answers at {self._shown}: {reason}"
            ) from error
        if response.status_code != 200:
            said = " ".join(response.text.split())[:_LONGEST_REASON] or response.reason
            raise AlertmanagerError(f"{self._shown} refuses {path}: {said}")
        return response
