"""The page of a comparison says what the comparison has, no more and no less: each field with its
values, marks, places, and where links lead. How it looks is for tests.diff.test_html."""

from __future__ import annotations

import json
import re
from typing import Any

from gk.diff.forms.html import html
from gk.diff.forms.pictures import Drawn, Fate, pictures
from gk.diff.model import Change, Diff, Edit, Form, Mark, Part, Spot
from gk.documents.differences import ABSENT
from tests import pages
from tests.cases import every
from tests.diff.test_corpus import compared
from tests.diff.test_html import HOSTILE, everywhere
from tests.diffs import EDITS
from tests.pages import Link, Said

SIGNS = {Mark.ADDED: "+", Mark.REMOVED: "−", Mark.CHANGED: "~", Mark.UNKNOWN: "?"}
FATES = {Fate.ADDED: "+", Fate.REMOVED: "−", Fate.CHANGED: "~", Fate.MOVED: "⇄"}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200f\u202e\u2066\ufeff\ud800]")


@every("edit", EDITS)
def test_the_page_of_each_edit_says_what_the_comparison_has(edit: str) -> None:
    diff = compared(edit)
    assert said_of(diff) == pages.read(html(diff)).said


@every("edit", EDITS)
def test_every_link_leads_somewhere_and_no_place_is_there_twice(edit: str) -> None:
    page = pages.read(html(compared(edit)))
    assert set() == page.links - set(page.ids)
    assert sorted(set(page.ids)) == sorted(page.ids)


@every("text", HOSTILE)
def test_whatever_a_text_is_the_page_says_it_and_has_no_other_elements(text: str) -> None:
    diff = everywhere(text)
    page = pages.read(html(diff))
    assert _seen(said_of(diff)) == page.said
    assert set() == page.elements - pages.read(html(everywhere("words"))).elements


# What a page has to say


def said_of(diff: Diff) -> Said:
    changes = diff.shown
    contents = [Link(f"Risks {len(diff.risks)}", "risks")] if diff.risks else []
    contents += [Link(f"Causes {len(diff.causes)}", "causes")] if diff.causes else []
    contents += [
        Link(f"{SIGNS[change.mark]} {change.title} {change.kind.value}", _whole(change))
        for change in changes
    ]
    problems = [(diff.old, diff.old_problems), (diff.new, diff.new_problems)]
    return Said(
        sides=(diff.old, diff.new),
        counts=(
            *(
                f"{SIGNS[mark]} {diff.count(mark)} {mark.value}"
                for mark in Mark
                if diff.count(mark)
            ),
            f"{sum(diff.unchanged.values())} unchanged",
        ),
        contents=tuple(contents if len(changes) > 1 else ()),
        notes=(
            *([diff.walls.sentence] if diff.walls else []),
            *([] if changes else ["No differences."]),
        ),
        problems=tuple(
            (side, tuple((str(problem.source), problem.text) for problem in listed))
            for side, listed in problems
            if listed
        ),
        risks=tuple(
            (f"{risk.level.value} {risk.level.value}", _link(diff, risk.message, risk))
            for risk in diff.risks
        ),
        causes=tuple(_cause(diff, cause) for cause in diff.causes),
        changes=tuple(_change(diff, change) for change in changes),
    )


def _whole(change: Change) -> str:
    return f"{change.kind.value} {change.uid}"


def _part_of(change: Change, part: Part) -> str:
    return f"{_whole(change)}, {f'{part.kind} {part.name}' if part.kind else 'itself'}"


def _link(diff: Diff, text: str, to: Any) -> Link:
    """A link to a risk's or a cause's part of a change, as far as that is on the page."""
    for change in diff.shown:
        if (change.kind, change.uid) == (to.kind, to.uid):
            for part in change.parts:
                if to.part == (part.spot or Spot(change.kind.value)):
                    return Link(text, _part_of(change, part))
            return Link(text, _whole(change))
    return Link(text, "")


def _cause(diff: Diff, cause: Any) -> pages.Cause:
    several = len({(place.kind, place.uid) for place in cause.places}) > 1
    places = [
        (
            f"{place.part} in {place.kind.value} '{place.title}'" if several else str(place.part),
            place,
        )
        for place in cause.places
    ]
    return pages.Cause(
        cause.title,
        cause.summary,
        tuple(_edit(diff, edit) for edit in cause.edits),
        tuple(_link(diff, text, place) for text, place in places),
    )


def _change(diff: Diff, change: Change) -> pages.Change:
    broken = diff.new if change.new is None else diff.old
    unknown = f"Cannot be compared: {broken} has mistakes in {change.source.file or 'all of it'}."
    word, sign = change.mark.value, SIGNS[change.mark]
    return pages.Change(
        mark=f"{word} {sign} {word}",
        kind=change.kind.value,
        title=change.title,
        uid="" if change.uid == change.title else change.uid,
        where=(
            *([f"Folder {change.folder}"] if change.folder else []),
            *([str(change.source)] if change.source.file else []),
        ),
        unknown=unknown if change.mark is Mark.UNKNOWN else "",
        facts=tuple(_facts(change)),
        history=tuple(
            f"{f'Version {save.number}' if save.number else 'Changed'} by {save.by}, {save.at}"
            f"{f': {save.message}' if save.message else ''}"
            for save in change.history
        ),
        pictures=tuple(
            pages.Picture(
                picture.caption,
                picture.height,
                tuple(_panel(change, drawn) for drawn in picture.panels),
            )
            for picture in pictures(change)
        ),
        parts=tuple(_part(diff, part) for part in change.parts),
    )


def _facts(change: Change) -> list[pages.Edit]:
    """What is called otherwise, unless that is among the settings."""
    pairs = {
        "uid": (change.old_uid, change.uid),
        "title": (change.old_title, change.title),
        "folder": (change.old_folder or "General", change.folder or "General"),
    }
    told = {edit.field for part in change.parts if not part.kind for edit in part.edits}
    return [
        pages.Edit(field, *both)
        for field, both in pairs.items()
        if both[0] != both[1] and field not in told
    ]


def _panel(change: Change, drawn: Drawn) -> pages.Panel:
    word, place = drawn.fate.word, ""
    if drawn.fate is not Fate.UNCHANGED:
        settings = next((part for part in change.parts if not part.kind), None)
        part = drawn.part or settings
        place = _part_of(change, part) if part else _whole(change)
    return pages.Panel(
        Link(drawn.title, place),
        drawn.type,
        f"{word} {FATES[drawn.fate]} {word}" if place else "",
        drawn.words if place else "",
        (drawn.x, drawn.w, drawn.top, drawn.height),
    )


def _part(diff: Diff, part: Part) -> pages.Part:
    word = part.mark.value
    mark = f"{word} {SIGNS[part.mark]} {word}" if part.kind else word
    edits = tuple(_edit(diff, edit) for edit in part.edits)
    return pages.Part(mark, part.kind, part.name if part.kind else "", part.row, edits)


def _edit(diff: Diff, edit: Edit) -> pages.Edit:
    """Its values are not repeated where a cause has the same."""
    causes = {cause.id: cause for cause in diff.causes if cause.id in edit.causes}
    told = [(shown.old, shown.new) for cause in causes.values() for shown in cause.edits]
    values = [
        None if value is ABSENT else _text(value, edit.form) for value in (edit.old, edit.new)
    ]
    old, new = (None, None) if (edit.old, edit.new) in told else values
    links = [Link(causes[id_].title, f"cause {causes[id_].title}") for id_ in edit.causes]
    return pages.Edit(edit.field, old, new, tuple(links))


def _text(value: Any, form: Form) -> str:
    """Text as it is; other values, and text of which the ends would not be seen, as JSON."""
    if isinstance(value, str) and (form is not Form.VALUE or value.strip() == value != ""):
        return value
    indent = 2 if isinstance(value, dict | list) else None
    return (
        json.dumps(value, indent=indent, ensure_ascii=False) if form is Form.VALUE else str(value)
    )


def _seen(said: Any) -> Any:
    """The same with every sign that nobody sees as its number."""
    if isinstance(said, str):
        return _UNSEEN.sub(lambda one: f"⟨U+{ord(one[0]):04X}⟩", said)
    if isinstance(said, tuple):
        inner = [_seen(value) for value in said]
        return type(said)(*inner) if hasattr(said, "_fields") else tuple(inner)
    return said
