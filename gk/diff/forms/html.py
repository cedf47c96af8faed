"""A comparison as one self-contained HTML page.

Titles, queries and values are untrusted: the author of a pull request writes them. gk.forms.html
makes them harmless; links lead to anchors of the page only.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from gk.diff.codes import Code
from gk.diff.forms.pictures import Drawn, Fate, Picture, pictures
from gk.diff.model import Cause, Change, Diff, Edit, Form, Mark, Part, Spot
from gk.documents.differences import ABSENT
from gk.documents.rows import COLUMNS
from gk.forms.html import file_of, policy, templates_of
from gk.promql.alignment import align
from gk.resource import Kind

__all__ = ["OPEN", "html"]

_PACKAGE = "gk.diff.forms"

OPEN = 20
"""Up to this many changes, all are unfolded when the page opens; with more, none is."""
_LONGEST = 20_000
"""The most characters of a value that are shown."""
_INLINE = 60
"""The most characters of a value that is shown on the line of its field."""

_SIGNS = {Mark.ADDED: "+", Mark.REMOVED: "\N{MINUS SIGN}", Mark.CHANGED: "~", Mark.UNKNOWN: "?"}


def html(diff: Diff) -> str:
    """The whole page; the same comparison always gives the same text."""
    page = _Page(diff)
    changes = page.changes()
    # The policy contains the hashes of both, so they must be complete before the page is rendered.
    style = file_of(_PACKAGE, "page.css") + _grid(
        picture for change in changes for picture in change.pictures
    )
    script = file_of(_PACKAGE, "page.js")
    return (
        _templates()
        .get_template("page.html")
        .render(
            diff=diff,
            counts=[(mark, _SIGNS[mark], diff.count(mark)) for mark in Mark if diff.count(mark)],
            unchanged=sum(diff.unchanged.values()),
            sides=[(diff.old, diff.old_problems), (diff.new, diff.new_problems)],
            risks=[
                (risk, page.link(risk.kind, risk.uid, risk.part), diff.only_in(risk.environments))
                for risk in diff.risks
            ],
            causes=[page.cause(cause) for cause in diff.causes],
            changes=changes,
            is_open=len(changes) <= OPEN,
            fates=Fate,
            signs=_SIGNS,
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script),
        )
    )


@cache
def _templates() -> Environment:
    templates = templates_of(_PACKAGE)
    templates.filters["classes"] = _classes
    return templates


def _grid(drawn: Iterable[Picture]) -> str:
    """The style of every position in the pictures: the policy allows no style attributes."""
    listed = list(drawn)
    tops = {panel.top for picture in listed for panel in picture.panels}
    heights = {panel.height for picture in listed for panel in picture.panels}
    # Between panels, 3 pixels stay free.
    rules = [
        *(f".x{x}{{left:{100 * x / COLUMNS:.4g}%}}" for x in range(COLUMNS)),
        *(f".w{w}{{width:calc({100 * w / COLUMNS:.4g}% - 3px)}}" for w in range(1, COLUMNS + 1)),
        *(f".t{top}{{top:{top}px}}" for top in sorted(tops)),
        *(f".h{height}{{height:{height - 3}px}}" for height in sorted(heights)),
        *(
            f".b{height}{{height:{height}px}}"
            for height in sorted({picture.height for picture in listed})
        ),
    ]
    return "\n".join(rules) + "\n" if listed else ""


def _classes(panel: Drawn) -> str:
    """The CSS classes of a panel in a picture."""
    shape = (
        f"bar{' shut' * panel.is_shut}{' tab' * (panel.type == 'tab')} "
        if panel.is_row
        else "low "
        if panel.is_low
        else ""
    )
    fate = "" if panel.fate is Fate.UNCHANGED else f"{panel.fate.word} "
    return f"panel {shape}{fate}x{panel.x} w{panel.w} t{panel.top} h{panel.height}"


# What the template shows


@dataclass(frozen=True, slots=True)
class _Link:
    """The text and the id of a place; the id is empty if the page lacks that place."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a value, and whether it differs on the other side."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """An edit, with its values side by side (`columns`) or on one line. A value is None if that
    side lacks it. `is_told` is whether a cause already shows the same values."""

    field: str
    form: str
    columns: bool
    old: Sequence[_Piece] | None
    new: Sequence[_Piece] | None
    causes: Sequence[_Link]
    is_told: bool
    where: str = ""
    """Environments, in words."""


@dataclass(frozen=True, slots=True)
class _ShownPart:
    anchor: str
    part: Part
    edits: Sequence[_Shown]
    where: str
    look: Sequence[tuple[str, str, str]]
    """The caption, the address and the description of each picture with data."""


@dataclass(frozen=True, slots=True)
class _ShownChange:
    anchor: str
    change: Change
    facts: Sequence[tuple[str, str, str]]
    parts: Sequence[_ShownPart]
    pictures: Sequence[Picture]
    unknown: str
    where: str
    anchors: Mapping[int, str]
    """The anchor of each part, by its `id()`; at 0 the resource's own settings."""

    def anchor_of(self, part: Part | None) -> str:
        """The anchor of a part. Without a part, that of the resource's own settings, which include
        the layout."""
        return self.anchors.get(id(part) if part else 0, self.anchor)


@dataclass(frozen=True, slots=True)
class _ShownCause:
    anchor: str
    cause: Cause
    edits: Sequence[_Shown]
    places: Sequence[_Link]
    where: str


class _Page:
    """Gives the places of a page their ids, and renders what they show."""

    def __init__(self, diff: Diff) -> None:
        self._diff = diff
        self._taken: Counter[str] = Counter()
        self._anchors: dict[tuple[Kind, str], str] = {}
        self._parts: dict[tuple[Kind, str, Spot], str] = {}
        self._anchored = [(change, self._anchor(change)) for change in diff.shown]
        for change, anchor in self._anchored:
            for index, part in enumerate(change.parts):
                spot = part.spot or Spot(change.kind.value)
                self._parts.setdefault((change.kind, change.uid, spot), _part_id(anchor, index))
        self._causes = {cause.id: cause for cause in diff.causes}

    def _anchor(self, change: Change) -> str:
        """A unique id. Kind and uid are unique in Grafana, but not in every compared file."""
        anchor = _id(change.anchor)
        self._taken[anchor] += 1
        if self._taken[anchor] > 1:
            return f"{anchor}:{self._taken[anchor]}"
        return self._anchors.setdefault((change.kind, change.uid), anchor)

    def link(self, kind: Kind, uid: str, part: Spot | None) -> str:
        """The id of a part of a change, or of the change itself."""
        anchor = self._parts.get((kind, uid, part)) if part else None
        return anchor or self._anchors.get((kind, uid), "")

    def changes(self) -> list[_ShownChange]:
        """All changes, with their parts."""
        return [self._change(*anchored) for anchored in self._anchored]

    def _change(self, change: Change, anchor: str) -> _ShownChange:
        parts = [
            _ShownPart(
                _part_id(anchor, index),
                part,
                [self._edit(edit, part) for edit in part.edits],
                self._diff.only_in(part.environments, change.environments),
                _look(part),
            )
            for index, part in enumerate(change.parts)
        ]
        unknown = ""
        if change.mark is Mark.UNKNOWN:
            side = self._diff.new if change.new is None else self._diff.old
            unknown = (
                f"Cannot be compared: {side} has mistakes in {change.source.file or 'all of it'}."
            )
        own = next((shown.anchor for shown in parts if not shown.part.kind), anchor)
        anchors = {0: own, **{id(shown.part): shown.anchor for shown in parts}}
        return _ShownChange(
            anchor,
            change,
            _facts(change),
            parts,
            pictures(change),
            unknown,
            self._diff.place_of(change),
            anchors,
        )

    def cause(self, cause: Cause) -> _ShownCause:
        """A cause with its places."""
        several = len({(place.kind, place.uid) for place in cause.places}) > 1
        places = [
            _Link(
                f"{place.part} in {place.kind.value} '{place.title}'"
                if several
                else str(place.part),
                self.link(place.kind, place.uid, place.part),
            )
            for place in cause.places
        ]
        return _ShownCause(
            _id(f"cause-{cause.id}"),
            cause,
            [self._edit(edit) for edit in cause.edits],
            places,
            self._diff.only_in(cause.environments),
        )

    def _edit(self, edit: Edit, part: Part | None = None) -> _Shown:
        where = self._diff.only_in(edit.environments, part.environments) if part else ""
        causes = [self._causes[name] for name in edit.causes if name in self._causes]
        links = [_Link(cause.title, _id(f"cause-{cause.id}")) for cause in causes]
        # A cause shows one place as an example: its values are repeated here unless they are equal.
        is_told = any(
            (edit.old, edit.new) == (told.old, told.new) for cause in causes for told in cause.edits
        )
        if is_told:
            return _Shown(edit.field, edit.form.value, False, None, None, links, is_told, where)
        texts = [
            None if value is ABSENT else _text(value, edit.form) for value in (edit.old, edit.new)
        ]
        old, new = _pieces(*texts)
        is_long = any(text and (len(text) > _INLINE or "\n" in text) for text in texts)
        # A sentence without another side fits on a line.
        columns = edit.form.is_query or (
            is_long and not (edit.form is Form.WORDS and None in texts)
        )
        return _Shown(edit.field, edit.form.value, columns, old, new, links, is_told, where)


def _look(part: Part) -> list[tuple[str, str, str]]:
    sides = (("Before", part.look.old), ("After", part.look.new)) if part.look else ()
    return [
        (caption, _address(svg), f"{caption}: {part.title} with data")
        for caption, svg in sides
        if svg
    ]


def _address(svg: str) -> str:
    """A picture inside the page. As an image it can neither run nor ask for anything."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _facts(change: Change) -> list[tuple[str, str, str]]:
    """Changes of uid, title and folder that no part shows: field, old value, new value."""
    facts = [
        (Code.UID, change.old_uid, change.uid),
        (Code.TITLE, change.old_title, change.title),
        (Code.FOLDER, change.old_folder or "General", change.folder or "General"),
    ]
    said = {edit.code for part in change.parts if not part.kind for edit in part.edits}
    return [(code.value, old, new) for code, old, new in facts if old != new and code not in said]


def _text(value: Any, form: Form) -> str:
    if isinstance(value, str) and (form is not Form.VALUE or (value and value == value.strip())):
        return value
    if form is not Form.VALUE:
        return str(value)
    return json.dumps(
        value,
        indent=2 if isinstance(value, (Mapping, list)) else None,
        ensure_ascii=False,
        default=str,
    )


def _pieces(old: str | None, new: str | None) -> tuple[list[_Piece] | None, list[_Piece] | None]:
    if old is None or new is None or len(old) + len(new) > _LONGEST:
        return _whole(old), _whole(new)
    aligned = align(old, new)
    return (
        [_Piece(piece.old, not piece.is_same) for piece in aligned if piece.old],
        [_Piece(piece.new, not piece.is_same) for piece in aligned if piece.new],
    )


def _whole(text: str | None) -> list[_Piece] | None:
    """A value without marked pieces, cut if it is too long."""
    if text is None:
        return None
    cut = (
        [_Piece(f"\n({len(text) - _LONGEST:,} more characters)", differs=True)]
        if len(text) > _LONGEST
        else []
    )
    return [_Piece(text[:_LONGEST], differs=False), *cut]


def _part_id(anchor: str, index: int) -> str:
    # Unique, because `_id` quotes slashes in the ids of changes.
    return f"{anchor}/{index}"


def _id(text: str) -> str:
    """A safe id, different for every text. `~` replaces `%`, which browsers would decode in
    links."""
    return quote(text, safe="", errors="surrogatepass").replace("~", "~7E").replace("%", "~")
