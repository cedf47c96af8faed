"""A comparison as text for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gk.bounded.matching import compared
from gk.diff.model import Cause, Change, Diff, Edit, Form, Level, Mark, Part, Place, Risk
from gk.documents.differences import ABSENT
from gk.errors import Problem
from gk.forms import Style, Tone, cut_around, plain
from gk.forms.plurals import counted
from gk.promql.alignment import align
from gk.resource import Kind

__all__ = ["text"]

MARKS = {
    Mark.ADDED: ("+", Tone.GOOD),
    Mark.REMOVED: ("-", Tone.BAD),
    Mark.CHANGED: ("~", Tone.DOUBTFUL),
    Mark.UNKNOWN: ("?", Tone.DOUBTFUL),
}
LEVELS = {Level.DANGER: ("!", Tone.BAD), Level.WARNING: ("*", Tone.DOUBTFUL)}
LONGEST = 100
"""The most characters of a value that are shown."""


def text(diff: Diff, style: Style = plain) -> str:
    """Show mistakes, risks, causes, every change, and counts."""
    sandbox = diff.walls.sentence if diff.walls else ""
    # A missing sandbox is a warning at the top; a complete one is a note at the end.
    is_guarded = diff.walls is not None and diff.walls.stand
    blocks = [
        [
            f"{_safe(diff.old)} -> {_safe(diff.new)}",
            *([_safe(diff.about_environments)] if diff.environments else []),
        ],
        [style(sandbox, Tone.DOUBTFUL)] if sandbox and not is_guarded else [],
        [
            *_problem_lines(diff.old, diff.old_problems, style),
            *_problem_lines(diff.new, diff.new_problems, style),
        ],
        _not_compared_lines(diff, style),
        [_risk_line(risk, diff, style) for risk in diff.risks],
        *([*_cause_lines(cause, diff, style)] for cause in diff.causes),
        *_change_blocks(diff, style),
        [*_unknown_lines(diff, style)],
        [_summary(diff), *([style(sandbox, Tone.FAINT)] if is_guarded else [])],
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _problem_lines(side: str, problems: Sequence[Problem], style: Style) -> Iterator[str]:
    if problems:
        yield style(
            f"{_safe(side)} has mistakes; gk did not compare the affected objects", Tone.BAD
        )
        yield from (f"  {_safe(problem)}" for problem in problems)


def _not_compared_lines(diff: Diff, style: Style) -> list[str]:
    if not diff.not_compared:
        return []
    return [style("not compared:", Tone.BAD), *(f"  {_safe(text)}" for text in diff.not_compared)]


def _risk_line(risk: Risk, diff: Diff, style: Style) -> str:
    mark, tone = LEVELS[risk.level]
    where = _after(diff.only_in(risk.environments), style)
    return style(f"{mark} {_safe(risk.message)}", tone) + where


def _after(where: str, style: Style) -> str:
    """The environments at the end of a line."""
    return f"  {style(f'({_safe(where)})', Tone.INDIRECT)}" if where else ""


def _cause_lines(cause: Cause, diff: Diff, style: Style) -> Iterator[str]:
    where = _after(diff.only_in(cause.environments), style)
    yield style(f"{_safe(cause.title)}: {_safe(cause.summary)}", Tone.STRONG) + where
    for edit in cause.edits:
        yield from _edit_lines(edit, "  ", style)
    by_change: dict[tuple[Kind, str], list[Place]] = {}
    for place in cause.places:
        by_change.setdefault((place.kind, place.title), []).append(place)
    for (kind, title), places in by_change.items():
        names = ", ".join(_safe(place.part) for place in places)
        yield f"  in {kind.value} '{_safe(title)}': {names}"


def _unknown_lines(diff: Diff, style: Style) -> Iterator[str]:
    """The resources of one side that the other may have in a definition with mistakes."""
    mark, tone = MARKS[Mark.UNKNOWN]
    for side, is_old in ((diff.old, True), (diff.new, False)):
        names = [
            _safe(change.name) + _after(diff.place_of(change), style)
            for change in diff.shown
            if change.mark is Mark.UNKNOWN and (change.old is None) is is_old
        ]
        if names:
            yield style(f"{mark} not known, because {_safe(side)} has mistakes:", tone)
            yield from (f"    {name}" for name in names)


def _change_blocks(diff: Diff, style: Style) -> list[list[str]]:
    """The lines of every change. Changes with only one line are grouped in one block."""
    blocks: list[list[str]] = []
    was_short = False
    for change in diff.shown:
        if change.mark is Mark.UNKNOWN:
            continue
        lines = [*_change_lines(change, diff, style)]
        is_short = len(lines) == 1
        if is_short and was_short:
            blocks[-1] += lines
        else:
            blocks.append(lines)
        was_short = is_short
    return blocks


def _change_lines(change: Change, diff: Diff, style: Style) -> Iterator[str]:
    mark, tone = MARKS[change.mark]
    where = f"  {change.source}" if change.source.file else ""
    heading = style(f"{mark} {_safe(change.name)}", tone, Tone.STRONG) + _safe(where)
    yield heading + _after(diff.place_of(change), style)
    yield from (f"    {line}" for line in _head(change))
    if change.mark is Mark.CHANGED:
        told: Counter[str] = Counter()
        for part in change.parts:
            own = [edit for edit in part.edits if not edit.causes]
            if own or not part.edits:
                yield from _part_lines(part, own, "    ", _Within(diff, change, style))
            told.update({cause: 1 for edit in part.edits for cause in edit.causes})
        # The causes are shown above, so the change only counts them.
        causes = {cause.id: cause for cause in diff.causes}
        for id, number in told.items():
            cause = causes.get(id)
            where = diff.only_in(cause.environments, change.environments) if cause else ""
            title = _safe(cause.title if cause else id)
            yield f"    {counted(number, 'change')} by {title}{_after(where, style)}"
    elif change.mark is Mark.REMOVED:
        # Nobody needs the queries of a removed dashboard: list its parts only.
        within = _Within(diff, change, style)
        yield from (_part_line(part, "    ", within) for part in change.parts if part.kind)
    else:
        within = _Within(diff, change, style)
        yield from (line for part in change.parts for line in _part_lines(part, (), "    ", within))


def _head(change: Change) -> Iterator[str]:
    """The lines about a resource itself: uid, title, folder, history."""
    if change.old_uid != change.uid:
        yield f"uid: {_safe(change.old_uid)} -> {_safe(change.uid)}"
    # The title of a dashboard is among its own settings.
    if change.old_title != change.title and change.kind is not Kind.DASHBOARD:
        yield f"title: {_safe(change.old_title)} -> {_safe(change.title)}"
    if change.old_folder != change.folder:
        yield (
            f"folder: {_safe(change.old_folder) or 'General'} -> "
            f"{_safe(change.folder) or 'General'}"
        )
    for version in change.history:
        number = f"version {version.number}" if version.number else "changed"
        message = f": {_safe(version.message)}" if version.message else ""
        # Some versions of Grafana name nobody.
        by = f" by {_safe(version.by)}" if version.by else ""
        yield f"{number}{by}, {_safe(version.at)}{message}"


@dataclass(frozen=True)
class _Within:
    """The change around parts and edits, and how to show where else than in it they are not."""

    diff: Diff
    change: Change
    style: Style

    def part(self, part: Part) -> str:
        """In which environments of the change a part is; empty for all of them."""
        where = self.diff.only_in(part.environments, self.change.environments)
        return _after(where, self.style)

    def edit(self, edit: Edit, part: Part) -> str:
        """In which environments of the part an edit is; empty for all of them."""
        return _after(self.diff.only_in(edit.environments, part.environments), self.style)


def _part_lines(part: Part, edits: Sequence[Edit], indent: str, within: _Within) -> Iterator[str]:
    style = within.style
    if not part.kind:
        for edit in edits or part.edits:
            # The whole resource has no line of its own.
            where = within.edit(edit, part) or within.part(part)
            yield from _edit_lines(edit, indent, style, where)
        return
    yield _part_line(part, indent, within)
    if part.mark is Mark.CHANGED:
        for edit in edits:
            yield from _edit_lines(edit, f"{indent}    ", style, within.edit(edit, part))
    else:
        # The mark already says that everything is new or gone.
        for edit in part.edits:
            value = edit.old if edit.new is ABSENT else edit.new
            where = within.edit(edit, part)
            yield f"{indent}    {_safe(edit.field)}: {_shown(value, edit.form)}{where}"


def _part_line(part: Part, indent: str, within: _Within) -> str:
    mark, tone = MARKS[part.mark]
    row = f" in {_safe(part.within)} '{_safe(part.row)}'" if part.row else ""
    title = within.style(f"{mark} {_safe(part.title)}", tone)
    return f"{indent}{title}{row}{within.part(part)}"


def _edit_lines(edit: Edit, indent: str, style: Style, where: str = "") -> Iterator[str]:
    """The lines of an edit; `where` is for the end of the first one."""
    field = _safe(edit.field)
    has_lines = any(
        isinstance(value, str) and "\n" in value.strip() for value in (edit.old, edit.new)
    )
    if edit.form.is_query and has_lines:
        yield f"{indent}{field}{where}"
        yield from (f"{indent}  {line}" for line in _compared(edit, style))
    elif edit.form.is_query and ABSENT not in (edit.old, edit.new):
        old, new = _side_by_side(_safe(edit.old), _safe(edit.new), style)
        yield f"{indent}{field}{where}"
        yield f"{indent}  {style('-', Tone.BAD)} {old}"
        yield f"{indent}  {style('+', Tone.GOOD)} {new}"
    elif edit.old is ABSENT:
        yield f"{indent}{field}: {_shown(edit.new, edit.form)}{where}"
    elif edit.new is ABSENT:
        yield f"{indent}{field}: {_shown(edit.old, edit.form)} -> (nothing){where}"
    else:
        old, new = cut_around(_plain(edit.old, edit.form), _plain(edit.new, edit.form), LONGEST)
        yield f"{indent}{field}: {old} -> {new}{where}"


def _compared(edit: Edit, style: Style) -> Iterator[str]:
    """The lines of both queries, with the differing ones marked."""
    old, new = (
        [] if side is ABSENT else str(side).strip().split("\n") for side in (edit.old, edit.new)
    )
    tones = {"-": Tone.BAD, "+": Tone.GOOD}
    for sign, line in compared(old, new):
        yield style(f"{sign} {_safe(line)}", tones[sign]) if sign in tones else f"  {_safe(line)}"


def _side_by_side(old: str, new: str, style: Style) -> tuple[str, str]:
    """Both queries, with the differing pieces highlighted."""
    pieces = align(old, new)
    return (
        "".join(
            piece.old if piece.is_same else style(piece.old, Tone.BAD, Tone.STRONG)
            for piece in pieces
        ),
        "".join(
            piece.new if piece.is_same else style(piece.new, Tone.GOOD, Tone.STRONG)
            for piece in pieces
        ),
    )


def _shown(value: Any, form: Form) -> str:
    shown = _plain(value, form)
    return shown if form.is_query or len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def _plain(value: Any, form: Form) -> str:
    # A text without white space around it needs no quotes: `percentunit`.
    is_plain = isinstance(value, str) and bool(value) and value == value.strip()
    is_text = form is not Form.VALUE or is_plain
    return _safe(str(value) if is_text else json.dumps(value, ensure_ascii=False))


def _safe(value: Any) -> str:
    """Escape characters that move the cursor, set colours or change the text direction."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _summary(diff: Diff) -> str:
    unchanged = sum(diff.unchanged.values())
    if not diff.changes and (diff.is_incomplete or not unchanged):
        objects = counted(unchanged, "object") if unchanged else "nothing"
        return f"no differences in what was compared: {objects}"
    if not diff.changes:
        return f"no differences ({counted(unchanged, 'object')} compared)"
    by_kind = [f"{_counted(diff, mark)} {mark.value}" for mark in Mark if diff.count(mark)]
    return f"{'; '.join(by_kind)}; {unchanged} unchanged"


def _counted(diff: Diff, mark: Mark) -> str:
    kinds: Iterable[Kind] = (change.kind for change in diff.shown if change.mark is mark)
    return ", ".join(counted(number, kind.value) for kind, number in Counter(kinds).items())
