"""A comparison as text for a terminal."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from gk.diff.model import Cause, Change, Diff, Edit, Form, Level, Mark, Part, Place, Risk
from gk.documents.differences import ABSENT
from gk.errors import Problem
from gk.plurals import counted
from gk.promql.alignment import align
from gk.resource import Kind

__all__ = ["text"]

MARKS = {
    Mark.ADDED: ("+", "green"),
    Mark.REMOVED: ("-", "red"),
    Mark.CHANGED: ("~", "yellow"),
    Mark.UNKNOWN: ("?", "yellow"),
}
LEVELS = {Level.DANGER: ("!", "red"), Level.WARNING: ("*", "yellow")}
LONGEST = 100
"""Characters of a value that are shown on its line."""


def text(diff: Diff, width: int = 0) -> str:
    """What a reviewer reads: mistakes, risks, what changed in many places, every change, and
    counts.

    Lines are no longer than `width` columns where they have a space or a comma to break at; any
    length for 0.
    """
    blocks = [
        [f"{_safe(diff.old)} -> {_safe(diff.new)}"],
        [click.style(diff.walls.sentence, fg="yellow")]
        if diff.walls and not diff.walls.stand
        else [],
        [
            *_problem_lines(diff.old, diff.old_problems),
            *_problem_lines(diff.new, diff.new_problems),
        ],
        [line for each in diff.risks for line in _risk_lines(each)],
        *([*_cause_lines(each)] for each in diff.causes),
        *_change_blocks(diff),
        [*_unknown_lines(diff)],
        [
            _summary(diff),
            *(
                [click.style(diff.walls.sentence, dim=True)]
                if diff.walls and diff.walls.stand
                else []
            ),
        ],
    ]
    return "\n\n".join(
        "\n".join(_wrapped(line, width) for line in lines) for lines in blocks if lines
    )


def _wrapped(line: str, width: int) -> str:
    """A line as several, of which the others start below its text: a mark stands alone at the
    left."""
    indent = len(line) - len(line.lstrip(" ")) + 2
    lines, columns = [""], 0
    for piece in re.findall("[^ ,]*[ ,]?", line) if width else [line]:
        plain = click.unstyle(piece)
        if columns > indent and columns + len(plain.rstrip()) > width:
            lines.append(" " * indent)
            columns = indent
        lines[-1] += piece
        columns += len(plain)
    return "\n".join(each.rstrip() for each in lines) if width else line


def _problem_lines(side: str, problems: Sequence[Problem]) -> Iterator[str]:
    if problems:
        yield click.style(f"{side} has mistakes; what they are in is not compared", fg="red")
        yield from (f"  {_safe(each)}" for each in problems)


def _risk_lines(risk: Risk) -> Iterator[str]:
    mark, color = LEVELS[risk.level]
    yield click.style(f"{mark} {_safe(risk.message)}", fg=color)


def _cause_lines(cause: Cause) -> Iterator[str]:
    yield click.style(f"{_safe(cause.title)}: {_safe(cause.summary)}", bold=True)
    for edit in cause.edits:
        yield from _edit_lines(edit, "  ")
    by_change: dict[tuple[Kind, str], list[Place]] = {}
    for place in cause.places:
        by_change.setdefault((place.kind, place.title), []).append(place)
    for (kind, title), places in by_change.items():
        names = ", ".join(_safe(each.part) for each in places)
        yield f"  in {kind.value} '{_safe(title)}': {names}"


def _unknown_lines(diff: Diff) -> Iterator[str]:
    """What one side has, and the other may have in a definition with mistakes."""
    mark, color = MARKS[Mark.UNKNOWN]
    for side, is_old in ((diff.old, True), (diff.new, False)):
        names = [
            each.name
            for each in diff.shown
            if each.mark is Mark.UNKNOWN and (each.old is None) is is_old
        ]
        if names:
            yield click.style(f"{mark} not known, because {_safe(side)} has mistakes:", fg=color)
            yield from (f"    {_safe(name)}" for name in names)


def _change_blocks(diff: Diff) -> list[list[str]]:
    """The lines of each change; those of which there is nothing to say but their names are
    together."""
    blocks: list[list[str]] = []
    was_short = False
    for change in diff.shown:
        if change.mark is Mark.UNKNOWN:
            continue
        lines = [*_change_lines(change, diff)]
        is_short = len(lines) == 1
        if is_short and was_short:
            blocks[-1] += lines
        else:
            blocks.append(lines)
        was_short = is_short
    return blocks


def _change_lines(change: Change, diff: Diff) -> Iterator[str]:
    mark, color = MARKS[change.mark]
    where = f"  {change.source}" if change.source.file else ""
    yield click.style(f"{mark} {_safe(change.name)}", fg=color, bold=True) + _safe(where)
    yield from (f"    {line}" for line in _head(change))
    if change.mark is Mark.CHANGED:
        told: Counter[str] = Counter()
        for part in change.parts:
            own = [each for each in part.edits if not each.causes]
            if own or not part.edits:
                yield from _part_lines(part, own, "    ")
            told.update({cause: 1 for each in part.edits for cause in each.causes})
        titles = {each.id: each.title for each in diff.causes}
        for cause, number in told.items():
            yield f"    {counted(number, 'change')} by {_safe(titles.get(cause, cause))}"
    elif change.mark is Mark.REMOVED:
        # What its queries were is of no use any more.
        yield from (_part_line(part, "    ") for part in change.parts if part.kind)
    else:
        yield from (line for part in change.parts for line in _part_lines(part, (), "    "))


def _head(change: Change) -> Iterator[str]:
    """What is to be said of a resource before its parts."""
    if change.old_uid != change.uid:
        yield f"uid: {_safe(change.old_uid)} -> {_safe(change.uid)}"
    if change.old_title != change.title and change.kind is not Kind.DASHBOARD:
        yield f"title: {_safe(change.old_title)} -> {_safe(change.title)}"
    if change.old_folder != change.folder:
        yield (
            f"folder: {_safe(change.old_folder) or 'General'} -> "
            f"{_safe(change.folder) or 'General'}"
        )
    for each in change.history:
        number = f"version {each.number}" if each.number else "changed"
        message = f": {_safe(each.message)}" if each.message else ""
        yield f"{number} by {_safe(each.by)}, {_safe(each.at)}{message}"


def _part_lines(part: Part, edits: Sequence[Edit], indent: str) -> Iterator[str]:
    if not part.kind:
        for edit in edits or part.edits:
            yield from _edit_lines(edit, indent)
        return
    yield _part_line(part, indent)
    if part.mark is Mark.CHANGED:
        for edit in edits:
            yield from _edit_lines(edit, f"{indent}    ")
    else:
        # It is all new, or all gone: no need to say so of each field.
        for edit in part.edits:
            value = edit.old if edit.new is ABSENT else edit.new
            yield f"{indent}    {_safe(edit.field)}: {_shown(value, edit.form)}"


def _part_line(part: Part, indent: str) -> str:
    mark, color = MARKS[part.mark]
    row = f" in row '{_safe(part.row)}'" if part.row else ""
    return indent + click.style(f"{mark} {_safe(part.title)}", fg=color) + row


def _edit_lines(edit: Edit, indent: str) -> Iterator[str]:
    field = _safe(edit.field)
    if edit.form is Form.PROMQL and ABSENT not in (edit.old, edit.new):
        old, new = _side_by_side(_safe(edit.old), _safe(edit.new))
        yield f"{indent}{field}"
        yield f"{indent}  {click.style('-', fg='red')} {old}"
        yield f"{indent}  {click.style('+', fg='green')} {new}"
    elif edit.old is ABSENT:
        yield f"{indent}{field}: {_shown(edit.new, edit.form)}"
    elif edit.new is ABSENT:
        yield f"{indent}{field}: {_shown(edit.old, edit.form)} -> (nothing)"
    else:
        yield f"{indent}{field}: {_shown(edit.old, edit.form)} -> {_shown(edit.new, edit.form)}"


def _side_by_side(old: str, new: str) -> tuple[str, str]:
    """Both queries with what is only in one of them in colour."""
    pieces = align(old, new)
    return (
        "".join(
            each.old if each.is_same else click.style(each.old, fg="red", bold=True)
            for each in pieces
        ),
        "".join(
            each.new if each.is_same else click.style(each.new, fg="green", bold=True)
            for each in pieces
        ),
    )


def _shown(value: Any, form: Form) -> str:
    plain = (
        str(value)
        if form is not Form.VALUE or _is_plain(value)
        else json.dumps(value, ensure_ascii=False)
    )
    shown = _safe(plain)
    return shown if form is Form.PROMQL or len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def _is_plain(value: Any) -> bool:
    """Whether a text is its own best form: `percentunit` rather than `"percentunit"`."""
    return isinstance(value, str) and bool(value) and value == value.strip()


def _safe(value: Any) -> str:
    """Text in which nothing moves the cursor, colours, or turns the direction of what follows."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _summary(diff: Diff) -> str:
    unchanged = sum(diff.unchanged.values())
    if not diff.changes:
        return f"no differences ({counted(unchanged, 'object')} compared)"
    by_kind = [f"{_counted(diff, mark)} {mark.value}" for mark in Mark if diff.count(mark)]
    return f"{'; '.join(by_kind)}; {unchanged} unchanged"


def _counted(diff: Diff, mark: Mark) -> str:
    kinds: Iterable[Kind] = (each.kind for each in diff.shown if each.mark is mark)
    return ", ".join(counted(number, kind.value) for kind, number in Counter(kinds).items())
