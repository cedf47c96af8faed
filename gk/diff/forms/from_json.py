"""Reads a comparison from a document of `as_json`. The document is untrusted: a job that runs the
code of a pull request may have written it.

Only the fields that forms show are read, and each is type-checked. Documents and patches are
ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from gk.diff.forms.as_json import VERSION
from gk.diff.model import Cause, Change, Diff, Edit, Form, Level, Mark, Part, Place, Risk, Spot
from gk.diff.sides.sandbox import Walls
from gk.diff.sides.side import Version
from gk.documents.differences import ABSENT
from gk.errors import ConfigError, Problem, Source
from gk.resource import Kind

__all__ = ["from_json"]

MOST = 100_000_000
"""Bytes of a document. A report of 1,000 dashboards has about a tenth."""

T = TypeVar("T")


def from_json(document: bytes, name: str) -> Diff:
    """Read a comparison; messages call the document `name`. Raises ConfigError if gk of this
    version did not write it."""
    # Check the size before parsing: the document is untrusted.
    if len(document) > MOST:
        raise ConfigError(f"{name} has {len(document):,} bytes; the limit for a report is {MOST:,}")
    try:
        body = _Object(orjson.loads(document))
        if body.number("version") != VERSION:
            raise ConfigError(
                f"{name} was written by another version of gk: write it with this one"
            )
        return _diff(body)
    # The checks of `_Object`, unknown names of enums, and invalid JSON.
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{name} was not written by gk diff --output FILE.json: {error!r:.200}"
        ) from None


class _Object:
    """A JSON object with type-checked fields. Raises KeyError for a missing field, and TypeError
    for one of the wrong type."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, not a {type(value).__name__}")
        self.value = value

    def text(self, key: str) -> str:
        return self._of(key, str)

    def number(self, key: str) -> int:
        return self._of(key, int)

    def flag(self, key: str) -> bool:
        return self._of(key, bool)

    def object(self, key: str) -> _Object:
        return _Object(self.value[key])

    def all(self, key: str, make: Callable[[_Object], T]) -> tuple[T, ...]:
        return tuple(make(_Object(item)) for item in self._of(key, list))

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(map(str, self._of(key, list)))

    def _of(self, key: str, type_: type[T]) -> T:
        value = self.value[key]
        if not isinstance(value, type_):
            raise TypeError(f"{key} is a {type(value).__name__}")
        return value


def _diff(body: _Object) -> Diff:
    old, new = body.object("old"), body.object("new")
    unchanged = body.object("summary").object("unchanged")
    return Diff(
        old=old.text("name"),
        new=new.text("name"),
        changes=body.all("changes", _change),
        causes=body.all("causes", _cause),
        risks=body.all("risks", _risk),
        old_problems=old.all("problems", _problem),
        new_problems=new.all("problems", _problem),
        not_compared=body.texts("not_compared") if "not_compared" in body.value else (),
        unchanged={Kind(kind): unchanged.number(kind) for kind in unchanged.value},
        walls=_walls(body.object("sandbox")) if body.value.get("sandbox") is not None else None,
        is_tampered=body.value.get("tampered") is True,
        environments=_names(body),
        environments_added=_names(body, "environments_added"),
        environments_removed=_names(body, "environments_removed"),
    )


def _names(at: _Object, key: str = "environments") -> tuple[str, ...]:
    return at.texts(key) if key in at.value else ()


def _walls(at: _Object) -> Walls:
    return Walls(at.number("landlock"), at.flag("seccomp"), at.flag("network_namespace"))


def _problem(at: _Object) -> Problem:
    return Problem(_source(at), at.text("message"))


def _source(at: _Object) -> Source:
    return Source(at.text("file"), at.number("line"))


def _risk(at: _Object) -> Risk:
    return Risk(
        Level(at.text("level")),
        at.text("message"),
        Kind(at.text("kind")),
        at.text("uid"),
        _spot(at) if at.text("part") else None,
        _names(at),
    )


def _cause(at: _Object) -> Cause:
    edits, places = at.all("edits", _edit), at.all("places", _place)
    return Cause(at.text("id"), at.text("title"), edits, places, at.text("summary"), _names(at))


def _place(at: _Object) -> Place:
    return Place(Kind(at.text("kind")), at.text("uid"), at.text("title"), _spot(at))


def _spot(at: _Object) -> Spot:
    # The document has kind and name as one text: keep it as the kind.
    return Spot(at.text("part"))


def _change(at: _Object) -> Change:
    return Change(
        mark=Mark(at.text("mark")),
        kind=Kind(at.text("kind")),
        uid=at.text("uid"),
        title=at.text("title"),
        folder=at.text("folder"),
        old_uid=at.text("old_uid"),
        old_title=at.text("old_title"),
        old_folder=at.text("old_folder"),
        source=_source(at),
        parts=at.all("parts", _part),
        is_twin=bool(at.value.get("twin")),
        history=at.all("history", _version),
        environments=_names(at),
    )


def _version(at: _Object) -> Version:
    return Version(at.number("version"), at.text("by"), at.text("at"), at.text("message"))


def _part(at: _Object) -> Part:
    ids = (at.text("old_id"), at.text("new_id"))
    return Part(
        at.text("kind"),
        at.text("name"),
        Mark(at.text("mark")),
        at.all("edits", _edit),
        at.text("row"),
        ids,
        at.text("within") if "within" in at.value else "row",
        _names(at),
    )


def _edit(at: _Object) -> Edit:
    return Edit(
        at.text("field"),
        at.value.get("old", ABSENT),
        at.value.get("new", ABSENT),
        Form(at.text("form")),
        at.text("path"),
        at.texts("causes"),
        environments=_names(at),
    )
