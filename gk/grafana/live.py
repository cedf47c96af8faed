"""What a Grafana has, in a form that can be compared with what definitions compile to.

Grafana adds to what it is sent: ids, versions, times, defaults, durations in its own spelling.
`parts` takes all of that away, from an answer and from a resource's body alike, so that what is
left differs only where the two do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gk.documents.dashboards import normalized
from gk.documents.durations import milliseconds
from gk.documents.secrets.known import REDACTED, SECRET
from gk.documents.secrets.references import is_reference
from gk.documents.strip import without_defaults
from gk.resource import Kind, canonical

__all__ = ["Live", "Parts", "fingerprint", "fingerprints", "parts"]

Parts = Mapping[str, Any]
"""A document by its parts, each of which Grafana keeps for itself: a group's rules and a contact
point's receivers by uid, the rest of it, and documents of one part, under the empty name."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """An object as Grafana has it: what it answered, in the shape of a resource's body.

    `version` is what a write has to name, for kinds that have one. `stamp` changes with each save
    of a dashboard; the versions of other kinds do not (9.3 sets that of a data source to 1 when
    somebody saves it without). `locked` says why it cannot be changed through the API. `changed_by`
    and `changed_at` say who saved it last and when (RFC 3339), as far as Grafana tells.
    """

    kind: Kind
    uid: str
    title: str
    folder: str
    body: Any
    stamp: str = ""
    version: int = 0
    locked: str = ""
    changed_by: str = ""
    changed_at: str = ""

    @property
    def changed(self) -> str:
        """Who saved it last and when, as `ada at 2026-01-01T00:00:00Z`; empty where Grafana does
        not tell."""
        return " at ".join(filter(None, (self.changed_by, self.changed_at)))

    @cached_property
    def parts(self) -> Parts:
        """Its parts, without what a server adds."""
        return parts(self.kind, self.body, self.folder)


def fingerprint(value: Any) -> str:
    """A short text that differs for different JSON values (64 bits of SHA-256)."""
    return hashlib.sha256(value if isinstance(value, bytes) else canonical(value)).hexdigest()[:16]


def fingerprints(parts: Parts) -> dict[str, str]:
    """The fingerprint of each part."""
    return {name: fingerprint(part) for name, part in parts.items()}


def parts(kind: Kind, body: Any, folder: str) -> Parts:
    """The parts of a document in a folder, be it a resource's or Grafana's answer, without what a
    server adds."""
    if kind is Kind.RULE_GROUP:
        rules = {rule["uid"]: _rule(rule) for rule in body.get("rules") or ()}
        return {"": {"interval": body["interval"]}, **rules}
    if kind is Kind.CONTACT_POINT:
        return {receiver["uid"]: _receiver(receiver) for receiver in body["receivers"]}
    if kind is Kind.DASHBOARD:
        return {"": {**_dashboard(body), "folderUid": folder}}
    return {"": _ONE_PART[kind](body)}


def _dashboard(body: Mapping[str, Any]) -> Any:
    # Not the version: a newer Grafana counts on, and changes nothing that its own migrations do not
    # do anyway.
    return {key: value for key, value in normalized(body).items() if key != "schemaVersion"}


def _folder(body: Mapping[str, Any]) -> Any:
    return _given(body, ("title", "parentUid"))


def _datasource(body: Mapping[str, Any]) -> Any:
    fields = (
        "name",
        "type",
        "access",
        "url",
        "user",
        "database",
        "basicAuth",
        "basicAuthUser",
        "withCredentials",
    )
    secrets = {name for name, is_set in (body.get("secureJsonFields") or {}).items() if is_set}
    secrets |= set(body.get("secureJsonData") or ())
    known = _given(body, (*fields, "isDefault", "jsonData"))
    return {**known, "secureJsonData": dict.fromkeys(sorted(secrets), SECRET)} if secrets else known


def _template(body: Mapping[str, Any]) -> Any:
    # As Grafana's MessageTemplate.Validate does (9.3): it defines the template under its name where
    # the text does not.
    text = body["template"].strip()
    if not re.search(r"\{\{\s*define", text):
        indented = "\n".join(f"  {line}" for line in text.split("\n"))
        text = f'{{{{ define "{body["name"]}" }}}}\n{indented}\n{{{{ end }}}}'
    return {"template": text}


def _mute_timing(body: Mapping[str, Any]) -> Any:
    return {"time_intervals": [_without_empty(each) for each in body.get("time_intervals") or ()]}


def _policy(body: Mapping[str, Any]) -> Any:
    fields = (
        "receiver",
        "object_matchers",
        "group_by",
        "continue",
        "mute_time_intervals",
        "active_time_intervals",
    )
    policy = _given(body, (*fields, "matchers", "match", "match_re"))
    waits = {
        key: body[key]
        for key in ("group_wait", "group_interval", "repeat_interval")
        if body.get(key)
    }
    policy |= {key: _duration(wait) for key, wait in waits.items()}
    routes = [_policy(route) for route in body.get("routes") or ()]
    return {**policy, "routes": routes} if routes else policy


def _rule(body: Mapping[str, Any]) -> Any:
    fields = (
        "title",
        "condition",
        "noDataState",
        "execErrState",
        "labels",
        "annotations",
        "isPaused",
    )
    rule = _given(body, (*fields, "notification_settings", "record"))
    waits = {"for": body.get("for"), "keep_firing_for": body.get("keep_firing_for")}
    rule |= {key: _duration(wait) for key, wait in waits.items() if wait and milliseconds(wait)}
    rule["data"] = [without_defaults(query) for query in body["data"]]
    return rule


def _receiver(body: Mapping[str, Any]) -> Any:
    receiver = _given(body, ("type", "disableResolveMessage"))
    return {**receiver, "settings": _secrets_hidden(body.get("settings") or {})}


def _secrets_hidden(value: Any) -> Any:
    """`value` with one and the same text for a reference to a secret and for a secret that Grafana
    hides."""
    if is_reference(value):
        return SECRET
    if isinstance(value, Mapping):
        return {key: _secrets_hidden(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_secrets_hidden(each) for each in value]
    return SECRET if value == REDACTED else value


_ONE_PART = {
    Kind.FOLDER: _folder,
    Kind.DATASOURCE: _datasource,
    Kind.MESSAGE_TEMPLATE: _template,
    Kind.MUTE_TIMING: _mute_timing,
    Kind.NOTIFICATION_POLICY: _policy,
}


def _given(body: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Those of `fields` that say something: Grafana answers the others as empty."""
    return {key: body[key] for key in fields if body.get(key)}


def _without_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_empty(each) for key, each in value.items() if each}
    return value


def _duration(text: str) -> str:
    """`90s` for `1m30s`: Grafana answers in its own spelling."""
    length = milliseconds(text)
    return text if length is None else f"{length / 1000:g}s"
