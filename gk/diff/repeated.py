"""Finds causes without a name: the same edit in many places."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gk.diff.codes import Code
from gk.diff.model import Cause, Change, Edit, Form, Mark, Part, Place, Spot
from gk.diff.parts.fields import edit_of
from gk.documents.differences import ABSENT
from gk.forms.plurals import counted
from gk.promql.alignment import align
from gk.resource import Kind

__all__ = ["Repeated", "cause_of", "place_of"]

_PIECES = 2
"""A query edit with more changed pieces than this is never the same as another one."""
_ENOUGH = 3
"""The same edit in this many places or more becomes a cause."""
_OF_A_QUERY = frozenset({Code.QUERY, Code.QUERY_OPTION, Code.LEGEND})
_OF_ONE_PLACE = frozenset(
    {
        Code.ID,
        Code.UID,
        Code.NAME,
        Code.TITLE,
        Code.LAYOUT,
        Code.MOVED,
        Code.SIZE,
        Code.COLLAPSED,
        Code.TAGS,
    }
)
"""Fields whose equal edits are coincidence, not one cause."""


@dataclass
class _Same:
    edit: Edit
    places: list[Place] = field(default_factory=list)


class Repeated:
    """The edits without another cause that are the same in at least three places."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._same: dict[str, _Same] = {}
        self._key_of: dict[int, str] = {}
        for change in changes:
            if change.mark is Mark.CHANGED and not change.is_twin:
                for part in change.parts:
                    for edit in part.edits:
                        self._add(change, part, edit)
        self._ids: dict[str, str] = {}
        for key, same in self._same.items():
            # Count places, not edits: two queries of a panel are one place.
            if len(dict.fromkeys(same.places)) >= _ENOUGH:
                self._ids[key] = f"{same.edit.field} {len(self._ids) + 1}"

    def _add(self, change: Change, part: Part, edit: Edit) -> None:
        if same := _same(part, edit):
            key, plain = same
            self._key_of[id(edit)] = key
            self._same.setdefault(key, _Same(plain)).places.append(place_of(change, part))

    def of_edit(self, change: Change, part: Part, edit: Edit) -> tuple[str, ...]:
        """The ids of the causes of an edit, which must be one of those passed to `__init__`."""
        cause = self._ids.get(self._key_of.get(id(edit), ""))
        return (cause,) if cause else ()

    def causes(self) -> Iterator[Cause]:
        """All causes."""
        for key, id in self._ids.items():
            same = self._same[key]
            yield cause_of(id, f"the same {same.edit.field}", [same.edit], same.places)


def _same(part: Part, edit: Edit) -> tuple[str, Edit] | None:
    """A key that is equal for the same edit (for a query the changed tokens, otherwise both
    values), and the edit that the cause shows."""
    # An edit with a cause is already explained.
    if edit.causes or edit.code in _OF_ONE_PLACE or part.mark is not Mark.CHANGED:
        return None
    if edit.form is Form.PROMQL and ABSENT not in (edit.old, edit.new):
        pieces = list(
            dict.fromkeys(
                piece for piece in align(str(edit.old), str(edit.new)) if not piece.is_same
            )
        )
        before, after = (
            " ... ".join(getattr(piece, side) for piece in pieces) for side in ("old", "new")
        )
        # Pieces of white space or brackets alone mean nothing; many pieces are a rewritten query.
        if len(pieces) <= _PIECES and any(character.isalnum() for character in before + after):
            told = before or ABSENT, after or ABSENT
            return (
                f"query {[(piece.old, piece.new) for piece in pieces]}",
                edit_of(Code.CHANGE_OF_QUERIES, *told, Form.PROMQL),
            )
        return None
    # Path and refId are those of one place, not of the change.
    plain = replace(edit, path="", of="" if edit.code in _OF_A_QUERY else edit.of)
    values = [None if value is ABSENT else value for value in (edit.old, edit.new)]
    field = [part.kind, plain.code.name, plain.of, plain.option]
    # As JSON, because values may be lists and objects, which have no hash.
    return json.dumps([*field, values], sort_keys=True, default=str), plain


# Places


def place_of(change: Change, part: Part) -> Place:
    """The place of a part."""
    return Place(change.kind, change.uid, change.title, part.spot or Spot(change.kind.value))


def cause_of(id: str, title: str, edits: Iterable[Edit], places: Iterable[Place]) -> Cause:
    """A cause with these places, without duplicates."""
    once = tuple(dict.fromkeys(places))
    return Cause(id, title, tuple(edits), once, _counted(once))


def _counted(places: Sequence[Place]) -> str:
    """`3 panels in 2 dashboards, 1 alert`."""
    dashboards = {place.uid for place in places if place.kind is Kind.DASHBOARD}
    inside, others = (
        Counter(
            place.part.kind for place in places if (place.kind is Kind.DASHBOARD) is of_dashboards
        )
        for of_dashboards in (True, False)
    )
    words = [counted(number, kind) for kind, number in inside.items()]
    if words:
        words[-1] += f" in {counted(len(dashboards), 'dashboard')}"
    return ", ".join([*words, *(counted(number, kind) for kind, number in others.items())])
