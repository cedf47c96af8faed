"""The documents of two resources without what means nothing, so that equal ones mean that nothing changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gk.compile.alerts import milliseconds
from gk.compile.dashboards import normalized
from gk.compile.layout import flatten
from gk.compile.shapes import DASHBOARD, misfit
from gk.diff.fields import as_list, as_mapping
from gk.resource import Kind, Resource

__all__ = ["documents", "is_classic"]

_BOOKKEEPING = ("uid", "meta", "schemaVersion")
"""A dashboard is migrated before it is compared, so that its schema says nothing more."""
_OF_A_SAVE = ("id", "version", "iteration", "revision")
_VIEW = ("time", "refresh", "timezone")
"""What Grafana's own comparison leaves out, too (DashboardPrompt.cleanDashboardFromIgnoredChanges, 9.4)."""
_WITH_DURATIONS = (Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP, Kind.NOTIFICATION_POLICY)
_DURATIONS = ("for", "keep_firing_for", "interval", "group_wait", "group_interval", "repeat_interval")
_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def documents(old: Resource | None, new: Resource | None, *, saved: bool = False) -> tuple[Any, Any]:
    """The documents of two sides of a resource to compare; None for a side that does not have it.

    They are without uids, what a save in Grafana adds, and secrets, of which only remains whether they are the same.
    `saved` says that a side was saved in Grafana's UI: then what somebody looked at last (time range, values of
    variables, which rows are open) is left out too.
    """
    hidden = _Hidden()
    before, after = (None if each is None else _document(each, hidden, saved=saved) for each in (old, new))
    return before, after


def is_classic(body: Any) -> bool:
    """Whether it is a dashboard whose panels can be told apart: not one of schema v2, or of shapes nobody knows."""
    return isinstance(body, Mapping) and not misfit(body, DASHBOARD) and not {"elements", "layout"} <= body.keys()


def _document(resource: Resource, hidden: _Hidden, *, saved: bool) -> Any:
    body = resource.body
    if not isinstance(body, dict):
        return body
    if resource.kind is Kind.DASHBOARD:
        body = _dashboard(body, saved=saved)
    elif resource.kind is Kind.DATASOURCE:
        body = hidden.in_datasource(body)
    elif resource.kind is Kind.CONTACT_POINT:
        body = _sorted(hidden.in_contact_point(body), "receivers", "uid")
    elif resource.kind in _WITH_DURATIONS:
        body = _with_plain_durations(body)
        if not any("record" in each for each in as_list(body.get("rules")) if isinstance(each, dict)):
            # Only a recording rule minds its place: the rules after it read what it records.
            body = _sorted(body, "rules", "uid" if resource.kind is Kind.RULE_GROUP else "alert")
    return _plain_numbers({key: value for key, value in body.items() if key not in _BOOKKEEPING})


def _sorted(body: dict[str, Any], listed: str, key: str) -> dict[str, Any]:
    """A document with a list in the order of its names, as far as that is a list of objects."""
    found = body.get(listed)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        return body
    return {**body, listed: sorted(found, key=lambda each: str(each.get(key, "")))}


def _dashboard(body: dict[str, Any], *, saved: bool) -> dict[str, Any]:
    body = {key: value for key, value in normalized(body).items() if key not in _OF_A_SAVE}
    if not is_classic(body):
        return body
    if saved:
        _forget_view(body)
    for variable in as_list(as_mapping(body.get("templating")).get("list")):
        # Its query once more, for the list in the settings.
        variable.pop("definition", None)
    body["panels"] = sorted(body.get("panels", []), key=_position)
    for panel in body["panels"]:
        if "panels" in panel:
            panel["panels"] = sorted(panel["panels"], key=_position)
    if "tags" in body:
        body["tags"] = sorted(body["tags"], key=str)
    return body


def _forget_view(body: dict[str, Any]) -> None:
    for key in _VIEW:
        body.pop(key, None)
    for variable in body.get("templating", {}).get("list", []):
        for key in ("current", "options", *(("filters",) if variable.get("type") == "adhoc" else ())):
            variable.pop(key, None)
    for panel in body.get("panels", []):
        if panel.get("type") == "row":
            panel.pop("collapsed", None)
    # A row that is collapsed holds its panels, an open one is followed by them.
    body["panels"] = flatten(body.get("panels", []))


def _position(panel: Mapping[str, Any]) -> tuple[float, float]:
    place = panel.get("gridPos", {})
    return place.get("y", 0), place.get("x", 0)


def _with_plain_durations(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _duration(each) if key in _DURATIONS else _with_plain_durations(each) for key, each in value.items()
        }
    return [_with_plain_durations(each) for each in value] if isinstance(value, list) else value


def _duration(value: Any) -> Any:
    """`15m` for `900s`, too; a number is one of seconds."""
    length = milliseconds(value) if isinstance(value, str) else None
    if isinstance(value, int) and not isinstance(value, bool):
        length = value * 1000
    if length is None:
        return value
    return next((f"{length // size}{unit}" for unit, size in _UNITS if length and length % size == 0), "0s")


def _plain_numbers(value: Any) -> Any:
    """1 for 1.0: JSON does not tell them apart."""
    if isinstance(value, dict):
        return {key: _plain_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(each) for each in value]
    # Above 2^53 a float is no integer that was written as one, and the JSON of reports has 64 bits.
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if is_whole else value


_SECRET_NAME = re.compile(r"password|passwd|secret|token|api_?key|authorization|credential|private_?key", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")
_SHOWN = frozenset(
    (
        *("addresses", "body", "class", "component", "from_", "group", "httpMethod", "mentionChannel", "mentionGroups"),
        *("mentionUsers", "message", "priority", "recipient", "severity", "singleEmail", "source", "subject"),
        *("summary", "text", "title", "type", "username"),
    )
)
"""What a contact point's settings may show: the others have URLs and keys, and a webhook's URL is a password."""


def _reference(secret: Any) -> Any:
    """A reference to a secret in words: `secret LOKI_PASSWORD`, `secret /etc/secrets/loki`."""
    return f"secret {' '.join(map(str, secret.values()))}" if isinstance(secret, dict) else secret


class _Hidden:
    """Secrets as `(hidden 1)`, `(hidden 2)`: the same number is the same secret, on both sides."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def in_datasource(self, body: dict[str, Any]) -> dict[str, Any]:
        secure = {key: self._all(each) for key, each in (body.get("secureJsonData") or {}).items()}
        shown = {key: self._by_name(key, each) for key, each in body.items() if key != "secureJsonData"}
        return {**shown, "secureJsonData": secure} if secure else shown

    def in_contact_point(self, body: dict[str, Any]) -> dict[str, Any]:
        return {key: self._receiver(each) if key == "receivers" else each for key, each in body.items()}

    def _receiver(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._receiver(each) for each in value]
        if not isinstance(value, dict):
            return value
        if not isinstance(value.get("settings"), dict):
            return {key: self._receiver(each) for key, each in value.items()}
        settings = {
            key: self._by_name(key, each) if key in _SHOWN else self._all(each)
            for key, each in value["settings"].items()
        }
        return {**value, "settings": settings}

    def _by_name(self, name: str, value: Any) -> Any:
        if isinstance(value, dict) and "$secret" not in value:
            return {key: self._by_name(key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._by_name(name, each) for each in value]
        if isinstance(value, str) and not _SECRET_NAME.search(name):
            return _USER.sub(lambda match: self._secret(match.group()), value)
        return self._all(value)

    def _all(self, value: Any) -> Any:
        """Every text hidden; what only refers to a secret is none."""
        if isinstance(value, dict) and "$secret" in value:
            return _reference(value["$secret"])
        if isinstance(value, dict):
            return {key: self._all(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._all(each) for each in value]
        return self._secret(value) if isinstance(value, str) and value else value

    def _secret(self, text: str) -> str:
        return f"(hidden {self._numbers.setdefault(text, len(self._numbers) + 1)})"
