"""The ledger: what gk pushed to a Grafana last, kept there, so that every machine that pushes knows
it.

It is a dashboard, because every version of Grafana keeps dashboards, compares the version of one
that is saved, and shows to people what is in it. For each object that gk owns there is an entry. A
dashboard is as it was pushed when its stamp is the entry's; anything else when its parts are.
Before objects are written their entries say what is pending, so that a push that is killed leaves
nothing that the next one does not recognise as gk's own.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from gk.documents.names import slug
from gk.errors import GkError
from gk.resource import Key, Kind

__all__ = ["TAG", "Entry", "Ledger", "is_fingerprint_of", "secret_fingerprint"]

TAG = "gk-ledger"
"""The tag of every ledger in a Grafana, by which projects find each other's."""
FORMAT = 1
"""A ledger of another format is of a newer gk, which this one must not damage."""
PREFIX = "gk-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What gk pushed for one object.

    `sent` is the fingerprint of what was sent last. What became of it is said by `stamp`, a
    dashboard's id and version, or by `stored`, the fingerprints of the parts of anything else as
    Grafana answers them. `pending` has those of the parts that a push is about to write. `secrets`
    is a salted hash of the secrets that were sent.
    """

    folder: str = ""
    sent: str = ""
    stamp: str = ""
    stored: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, str] = field(default_factory=dict)
    secrets: str = ""


@dataclass(frozen=True)
class Ledger:
    """The entries of a project's objects in one Grafana. `revision` is that of the last push."""

    project: str
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    revision: str = ""

    @property
    def uid(self) -> str:
        """The uid of its dashboard."""
        return slug(f"{PREFIX}{self.project}")

    @property
    def title(self) -> str:
        """The title of its dashboard."""
        return f"gk: {self.project}"

    def with_entries(self, entries: Mapping[Key, Entry | None]) -> Ledger:
        """The ledger updated with these entries; None removes one."""
        merged = {**self.entries, **entries}
        return replace(
            self, entries={key: entry for key, entry in merged.items() if entry is not None}
        )

    def dashboard(self) -> dict[str, Any]:
        """The dashboard that holds it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "tags": [TAG],
            # People should look at it, and not edit it.
            "editable": False,
            "schemaVersion": 37,
            "panels": [
                {
                    **_text_panel(
                        "What this is", "markdown", _EXPLANATION.format(project=self.project)
                    ),
                    "id": 1,
                    "gridPos": {"x": 0, "y": 0, "w": 24, "h": 4},
                },
                {
                    **_text_panel("Ledger", "code", self._text()),
                    "id": 2,
                    "gridPos": {"x": 0, "y": 4, "w": 24, "h": 20},
                },
            ],
        }

    def _text(self) -> str:
        objects: dict[str, dict[str, Any]] = {}
        for (kind, uid), entry in sorted(
            self.entries.items(), key=lambda item: (item[0][0].value, item[0][1])
        ):
            fields = {name: getattr(entry, name) for name in Entry.__slots__}
            objects.setdefault(kind.value, {})[uid] = {
                name: value for name, value in fields.items() if value
            }
        body = {
            "format": FORMAT,
            "project": self.project,
            "revision": self.revision,
            "objects": objects,
        }
        return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()

    @classmethod
    def of(cls, dashboard: Mapping[str, Any]) -> Ledger:
        """The ledger in a dashboard. Raises GkError if it is not valid, or a newer gk wrote it."""
        try:
            panels = dashboard["panels"]
            ledger = next(panel for panel in panels if panel.get("title") == "Ledger")
            body = orjson.loads(str(ledger["options"]["content"]))
            if body["format"] != FORMAT:
                raise GkError(
                    f"the ledger '{dashboard['title']}' was written by a newer gk; use that one "
                    "to push"
                )
            entries = {
                (Kind(kind), uid): _entry(fields)
                for kind, objects in body["objects"].items()
                for uid, fields in objects.items()
            }
            return cls(_text(body["project"]), entries, _text(body["revision"]))
        except (AttributeError, KeyError, TypeError, ValueError, StopIteration) as error:
            name = dashboard.get("title", "")
            raise GkError(
                f"the dashboard '{name}' is no longer a valid ledger: it was edited; restore "
                "its last version in Grafana, or delete it: then whatever differs from the "
                "definitions counts as somebody else's"
            ) from error


def _entry(fields: Mapping[str, Any]) -> Entry:
    # An older gk kept titles, which the permissions of a folder may hide.
    fields = {name: value for name, value in fields.items() if name != "title"}
    texts = {
        name: {part: _text(text) for part, text in value.items()}
        if name in _BY_PART
        else _text(value)
        for name, value in fields.items()
    }
    return Entry(**texts)  # type: ignore[arg-type]


_BY_PART = ("stored", "pending")


def _text(value: Any) -> str:
    # Somebody may have edited the ledger.
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_EXPLANATION = (
    "`gk push` writes the objects below for the project **{project}**. This dashboard records "
    "what it pushed, so that gk knows what somebody changed here since, and does not overwrite "
    "it. Please do not edit or delete this dashboard."
)


def _text_panel(title: str, mode: str, content: str) -> dict[str, Any]:
    return {
        "type": "text",
        "title": title,
        "options": {"mode": mode, "code": {"language": "json"}, "content": content},
    }


# Secrets. Everybody who may look at dashboards can read the ledger, so the hash is a slow one, and
# salted.

_SALT = re.compile("(?:[0-9a-f]{2})*")
_COST = {"n": 2**14, "r": 8, "p": 1}


def secret_fingerprint(secrets: Mapping[str, str]) -> str:
    """A salted hash of secrets by their names, from which they cannot be guessed in reasonable time
    (scrypt)."""
    # So that equal secrets in two ledgers do not look equal.
    salt = os.urandom(16)
    return f"{salt.hex()}${_hash(secrets, salt)}"


def is_fingerprint_of(secrets: Mapping[str, str], fingerprint: str) -> bool:
    """Whether `fingerprint` was made of these secrets."""
    salt, _, hash = fingerprint.partition("$")
    # Somebody may have edited the ledger; compare_digest takes only ASCII.
    if not (hash.isascii() and hash and _SALT.fullmatch(salt)):
        return False
    return hmac.compare_digest(hash, _hash(secrets, bytes.fromhex(salt)))


def _hash(secrets: Mapping[str, str], salt: bytes) -> str:
    text = orjson.dumps(dict(secrets), option=orjson.OPT_SORT_KEYS)
    return hashlib.scrypt(text, salt=salt, dklen=16, **_COST).hex()
