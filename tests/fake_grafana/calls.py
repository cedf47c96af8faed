"""What a handler is given and gives back: who asks for what, answers and refusals, and how Grafana
reads a body."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Json = dict[str, Any]

_ROLES = ("", "Viewer", "Editor", "Admin")
# The least role that has a permission; whoever has a role reads what is not listed.
_LEAST = {
    "any of dashboards:create, dashboards:write": "Editor",
    "dashboards:delete": "Editor",
    "dashboards:write": "Editor",
    "folders:create": "Editor",
    "folders:write": "Editor",
    "folders:delete": "Editor",
    "folders.permissions:read": "Admin",
    "folders.permissions:write": "Admin",
    "teams:read": "Admin",
    "datasources:create": "Admin",
    "datasources:write": "Admin",
    "datasources:delete": "Admin",
    "alert.provisioning:read": "Admin",
    "alert.provisioning:write": "Admin",
}


@dataclass(frozen=True)
class User:
    """Who asks: a user or a token, with a role in the one organization unless it is `elsewhere`."""

    name: str
    role: str
    is_token: bool = False
    elsewhere: bool = False
    id: int = 1

    def may(self, permission: str) -> bool:
        return _ROLES.index(self.role) >= _ROLES.index(_LEAST.get(permission, "Viewer"))


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


NULL = Answer(404, b"null", "text/plain; charset=utf-8")
GONE = Answer(204)


class Refusal(Exception):
    """What a handler raises to be answered instead of what it returns."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(body.get("message"))
        self.status = status
        self.body = body


def plain(code: int, message: str, *, status: str = "") -> Refusal:
    """Return a refusal without the id of a trace, which some of Grafana's handlers have."""
    return Refusal(code, {"message": message, **({"status": status} if status else {})})


def traced(status: int, message: str) -> Refusal:
    """Return a refusal with the id of a trace, which the other handlers have."""
    return Refusal(status, {"message": message, "traceID": ""})


def forbidden(permission: str) -> Refusal:
    """Return the refusal of who has not the right."""
    message = (
        "You'll need additional permissions to perform this action. "
        f"Permissions needed: {permission}"
    )
    body = {"accessErrorId": "ACE0070790133", "message": message, "title": "Access denied"}
    return Refusal(403, body)


def bad_request() -> Refusal:
    """Return the refusal of what cannot be read."""
    return traced(400, "bad request data")


@dataclass(frozen=True)
class Call:
    """What a handler knows of a request."""

    user: User
    params: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Json:
        if "json" not in self.headers.get("content-type", ""):
            raise bad_request()
        try:
            body = orjson.loads(self.content)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            raise bad_request()
        return body

    def argument(self, name: str) -> str:
        return self.query.get(name, [""])[0]

    def number(self, name: str, default: int) -> int:
        text = self.argument(name)
        return int(text) if text.isdecimal() and int(text) > 0 else default

    @property
    def provenance(self) -> str:
        """Who owns what the request writes; the header counts by its presence, whatever its
        value."""
        return "" if "x-disable-provenance" in self.headers else "api"


def typed(body: Json, key: str, type: Callable[[], Any]) -> Any:
    """Return a field, or its type's zero value where it is missing, as Go does; another type is a
    bad request."""
    value = body.get(key)
    if value is None:
        return type()
    if not isinstance(value, type) or (type is int and isinstance(value, bool)):  # type: ignore[arg-type]
        raise bad_request()
    return value


def uid_of(body: Json, refusal: Callable[[int, str], Refusal]) -> str:
    """Return the uid in a body, empty where it has none."""
    uid = body.get("uid")
    uid = uid.strip() if isinstance(uid, str) else ""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", uid):
        raise refusal(400, "uid contains illegal characters")
    if len(uid) > 40:
        raise refusal(400, "uid too long, max 40 characters")
    return uid


_UNITS = {
    "y": 31536000000,
    "w": 604800000,
    "d": 86400000,
    "h": 3600000,
    "m": 60000,
    "s": 1000,
    "ms": 1,
}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d+){unit})?" for unit in _UNITS))


def duration(value: Any) -> str:
    """Return a duration as Prometheus writes it: 90s is 1m30s."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        raise bad_request()
    left, text = sum(int(match[unit] or 0) * size for unit, size in _UNITS.items()), ""
    for unit, size in _UNITS.items():
        # Years and weeks only where nothing is left over.
        if left >= size and not (unit in "yw" and left % size):
            count, left = divmod(left, size)
            text += f"{count}{unit}"
    return text or "0s"


def page_of(items: Sequence[Any], limit: int, page: int) -> Sequence[Any]:
    """Return the items of a page; the first is 1."""
    return items[(page - 1) * limit : page * limit]


def slug(title: str) -> str:
    """Return a title as it is in links."""
    text = unicodedata.normalize("NFKD", title.lower().replace("&", "and").replace("@", "at"))
    text = text.encode("ascii", "ignore").decode()
    return re.sub("-+", "-", re.sub(r"[^a-z0-9_-]", "-", text)).strip("-_")
