"""A dashboard has a secret in plain text.

Problem: everybody who may read the repository, or the dashboard, has the password. It stays in
Git's history and in Grafana's versions.

    {"url": "https://ada:s3cret@api.example.com/v1"}

Instead: put it into the data source, which Grafana encrypts and never shows. Then replace the
secret, because people know it.

gk build refuses it in data sources and contact points.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gk.check.model import Found, Severity, check
from gk.check.subjects import Dashboard
from gk.documents.secrets import known
from gk.errors import Where

__all__ = ["plain_text_secret"]

# Most dashboards have none of these, and need no walk.
_WORDS = (
    *(b"passw", b"passphrase", b"pwd", b"token", b"secret", b"apikey", b"api_key", b"api-key"),
    *(b'key"', b"authorization", b"cookie", b"credential", b"@"),
)
_OF_FIELDS = frozenset(
    {"renameByName", "excludeByName", "indexByName", "includeByName", "labels", "annotations"}
)
"""Objects whose keys are names of fields: one may be `password`."""


@check(Severity.WARNING)
def plain_text_secret(dashboard: Dashboard) -> Iterator[Found]:
    """Look at settings with the name of a secret, at URLs, and at headers."""
    text = dashboard.resource.json.lower()
    if not any(word in text for word in _WORDS):
        return
    for panel in dashboard.panels:
        own = {key: value for key, value in panel.body.items() if key != "panels"}
        for what in dict.fromkeys(_secrets(own, "")):
            yield Found(_message(what), Where("panel", panel.title or None))
    rest = {key: value for key, value in dashboard.body.items() if key != "panels"}
    for what in dict.fromkeys(_secrets(rest, "")):
        yield Found(_message(what))


def _message(what: str) -> str:
    return f"{what} in plain text; put it into the data source, and replace the secret"


def _secrets(value: Any, path: str) -> Iterator[str]:
    """The places of secrets, without their values."""
    if isinstance(value, dict):
        is_header = known.is_header(value)
        for key, inner in value.items():
            where = f"{path}.{key}" if path else key
            is_secret = known.is_secret_of_panel(key) or (is_header and key == "value")
            if is_secret and _is_literal(inner):
                yield f"{where} has a secret"
            elif key not in _OF_FIELDS:
                yield from _secrets(inner, where)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, path)
    elif isinstance(value, str):
        yield from _in_text(value, path)


def _is_literal(value: Any) -> bool:
    # A variable is not the secret itself.
    return isinstance(value, str) and bool(value.strip()) and "$" not in value


def _in_text(text: str, path: str) -> Iterator[str]:
    for user in known.USER.findall(text) if "@" in text else ():
        if _is_literal(user.partition(":")[2]):
            yield f"{path} has a URL with a password"
    for name, value in known.PARAMETER.findall(text) if "=" in text else ():
        if known.is_secret(name) and _is_literal(value):
            yield f"{path} has a URL with the secret parameter {name}"
    # `Bearer <token>` is a placeholder of a text that explains.
    header = known.AUTHORIZATION.search(text)
    if header and _is_literal(header[2]) and not header[2].startswith(("<", "{", "[")):
        yield f"{path} has an Authorization header"
