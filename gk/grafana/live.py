"""Objects in Grafana, in a form that can be compared with resources.

Grafana adds to what it is sent: ids, versions, times, defaults, durations in its own spelling. The
form of a kind takes all of that away, from an answer and from a resource's body alike, so that what
is left differs only where the two do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from gk.resource import Kind, canonical

__all__ = [
    "FROM_FILE",
    "NO_RIGHT",
    "Form",
    "Head",
    "Live",
    "Parts",
    "by",
    "fingerprint",
    "fingerprints",
    "given",
]

Parts = Mapping[str, Any]
"""A document by its parts, each of which Grafana keeps for itself: a group's rules and a contact
point's receivers by uid, the rest of it, and documents of one part, under the empty name."""

Form: TypeAlias = Callable[[Any, str], Parts]
"""What makes the parts of a kind's document in a folder, be it a resource's or Grafana's answer,
without what a server adds."""

FROM_FILE = "it is provisioned from a file"
NO_RIGHT = "this account may not change it"


@dataclass(frozen=True, kw_only=True)
class Live:
    """An object as Grafana has it: what it answered, in the shape of a resource's body.

    `form` is that of its kind. `version` is what a write has to name, for kinds that have one.
    `stamp` changes with each save of a dashboard; the versions of other kinds do not (9.3 sets that
    of a data source to 1 when somebody saves it without). `locked` says why it cannot be changed
    through the API. `changed_by` and `changed_at` say who saved it last and when (RFC 3339), as far
    as Grafana tells. `metadata` is that of the
    resource API, where the object was read there.
    """

    kind: Kind
    uid: str
    title: str
    folder: str
    body: Any
    form: Form
    stamp: str = ""
    version: int = 0
    locked: str = ""
    changed_by: str = ""
    changed_at: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_untouched: bool = False
    """It is as Grafana made it by itself, so that a push takes nothing from anybody."""

    @property
    def changed(self) -> str:
        """Who saved it last and when, as `ada at 2026-01-01T00:00:00Z`; empty where Grafana does
        not tell."""
        return " at ".join(filter(None, (self.changed_by, self.changed_at)))

    @cached_property
    def parts(self) -> Parts:
        """Its parts, without values that the server adds."""
        return self.form(self.body, self.folder)


@dataclass(frozen=True, slots=True)
class Head:
    """A dashboard as a list has it, without its document."""

    folder: str
    stamp: str


def fingerprint(value: Any) -> str:
    """A short text that differs for different JSON values (64 bits of SHA-256)."""
    return hashlib.sha256(value if isinstance(value, bytes) else canonical(value)).hexdigest()[:16]


def fingerprints(parts: Parts) -> dict[str, str]:
    """The fingerprint of each part."""
    return {name: fingerprint(part) for name, part in parts.items()}


def given(body: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The `fields` that are not empty: Grafana answers with empty values for the others."""
    return {key: body[key] for key in fields if body.get(key)}


def by(login: Any) -> str:
    """The login of an author; empty for a service account."""
    # A service account is Anonymous (9.3).
    return str(login) if login and login != "Anonymous" else ""
