"""The part `alertmanager:` of gk.yaml: who sends the e-mail of contact points."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import yaml

from gk.settings.object_names import name_mistake
from gk.settings.yaml_nodes import NodeReader, is_null

__all__ = ["ALERTMANAGER_SECRETS", "AlertmanagerReader"]

ALERTMANAGER_SECRETS = "/etc/alertmanager/secrets"
"""The folder in which a key of a Kubernetes Secret is a file: `<Secret>/<key>`, as the Prometheus
operator mounts them."""
_SMTP = {"username": "auth_username", "password": "auth_password_file", "tls": "require_tls"}


class AlertmanagerReader(NodeReader):
    """Reads the nodes of `alertmanager:`."""

    def _alertmanager(self, node: yaml.Node, where: str) -> dict[str, Any]:
        return self._map(node, where, {"smtp": self._smtp})

    def _smtp(self, node: yaml.Node, where: str) -> dict[str, Any]:
        values = self._map(
            node,
            where,
            {
                "smarthost": partial(self._checked, mistake=_smarthost_mistake),
                "from": self._filled,
                "username": self._filled,
                "password": self._mounted,
                "hello": self._filled,
                "tls": self._yes_or_no,
            },
        )
        for key in ("smarthost", "from"):
            if key not in values:
                self._wrong(node, f"{where}: needs {key}")
        if ("username" in values) != ("password" in values):
            self._wrong(node, f"{where}: username and password go together; add the other one")
        return {_SMTP.get(key, key): value for key, value in values.items()}

    def _mounted(self, node: yaml.Node, where: str) -> str:
        """The path of a file in Alertmanager's container: `{file: PATH}`, or a key of a Kubernetes
        Secret, which is one."""
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        given = {key.value: "" if is_null(value) else str(value.value) for key, value in pairs}
        match sorted(given.items()):
            case [("file", path)] if path.startswith("/"):
                return path
            case [("key", key), ("secret", name)] if re.fullmatch(
                r"[A-Za-z0-9._-]+", key
            ) and not name_mistake(name):
                return f"{ALERTMANAGER_SECRETS}/{name}/{key}"
        # The message does not show the value: it may be the secret.
        self._wrong(
            node,
            f"{where}: write {{secret: NAME, key: KEY}} for a Kubernetes Secret, or "
            "{file: /PATH} in Alertmanager's container, never the password itself",
        )
        return ""


def _smarthost_mistake(text: str) -> str:
    host, _, port = text.rpartition(":")
    return "" if host and port.isdecimal() else f"'{text}' must be HOST:PORT"
