"""The contexts of gk.yaml: running servers, and how to reach them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import yaml

from gk.http.urls import url_mistake
from gk.settings.targets import Version, version_mistake, version_of
from gk.settings.yaml_nodes import NodeReader, is_null, key_nodes

__all__ = ["Context", "ContextReader"]

# Prefixes of Grafana's tokens: a token in place of a variable's name must not appear in a message.
_NO_TOKEN = r"(?!gls[a-z]_|glc_|eyJ)"
_REFERENCES = {
    "env": re.compile(rf"{_NO_TOKEN}[a-zA-Z_][a-zA-Z0-9_]*"),
    "file": re.compile(rf"{_NO_TOKEN}.*\S.*"),
}


@dataclass(frozen=True, kw_only=True)
class Context:
    """A running Grafana, Prometheus and Alertmanager: their URLs and how to reach them.

    Secrets are references, `{"env": NAME}` or `{"file": PATH}`, or empty. Paths are as in gk.yaml,
    relative to the project or absolute.
    """

    grafana: str = ""
    version: Version | None = None
    """The version of Grafana there, for which gk build builds."""
    prometheus: str = ""
    alertmanager: str = ""
    token: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    password: Mapping[str, str] = field(default_factory=dict)
    organization: int = 0
    ca: str = ""
    client_certificate: str = ""
    client_key: str = ""
    proxy: str = ""
    plain_http: bool = False
    timeout: int = 30
    """Seconds without an answer."""
    retries: int = 4
    workers: int = 8
    """Requests at the same time."""


class ContextReader(NodeReader):
    """Reads the contexts of gk.yaml."""

    def _contexts(self, node: yaml.Node, where: str) -> dict[str, Context]:
        items = dict(self._items(node, where))
        if "" in items:
            self._wrong(node, f"{where}: a name is empty")
        return {name: self._context(value, f"{where}.{name}") for name, value in items.items()}

    def _context(self, node: yaml.Node, where: str) -> Context:
        values = self._map(
            node,
            where,
            {
                "grafana": self._url,
                "version": self._version,
                "prometheus": self._url,
                "alertmanager": self._url,
                "token": self._secret,
                "user": self._user,
                "password": self._secret,
                "organization": partial(self._number, least=1, most=2**31 - 1),
                "ca": self._filled,
                "client_certificate": self._filled,
                "client_key": self._filled,
                "proxy": partial(
                    self._url,
                    instead="use the variable https_proxy instead, which may contain them",
                ),
                "plain_http": self._yes_or_no,
                "timeout": partial(self._number, least=1, most=3600),
                "retries": partial(self._number, least=0, most=20),
                "workers": partial(self._number, least=1, most=64),
            },
        )
        lines = {str(key.value): key for key in key_nodes(node)}
        if "token" in values and (
            other := next((key for key in ("user", "password") if key in values), "")
        ):
            self._wrong(
                lines[other],
                f"{where}.{other}: use either a token or a user, not both",
            )
        elif "password" in values and "user" not in values:
            self._wrong(lines["password"], f"{where}.password: has no user; add user")
        if "client_key" in values and "client_certificate" not in values:
            self._wrong(lines["client_key"], f"{where}.client_key: needs client_certificate")
        return Context(**values)

    def _version(self, node: yaml.Node, where: str) -> Version:
        return version_of(self._checked(node, where, version_mistake))

    def _secret(self, node: yaml.Node, where: str) -> dict[str, str]:
        # The message does not show the value: it may be the secret.
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        match [(key.value, None if is_null(value) else value.value) for key, value in pairs]:
            case [("env" | "file" as key, str(value))] if _REFERENCES[key].fullmatch(value):
                return {key: value}
        what = where.rpartition(".")[2]
        self._wrong(
            node,
            f"{where}: write a reference to the {what}, {{env: NAME}} or {{file: PATH}}, "
            f"never the {what} itself",
        )
        return {}

    def _user(self, node: yaml.Node, where: str) -> str:
        user = self._filled(node, where)
        # Basic authentication ends a user name at the first colon.
        if ":" in user:
            self._wrong(
                node, f"{where}: a user name cannot contain ':'; the password is a separate key"
            )
        return user

    def _url(
        self, node: yaml.Node, where: str, instead: str = "a context's token is the credential"
    ) -> str:
        url = self._text(node, where)
        if url and (mistake := url_mistake(url, instead)):
            self._wrong(node, f"{where}: {mistake}")
        # Paths of the API are appended, and a server behind a proxy may not take `//`.
        return url.rstrip("/")
