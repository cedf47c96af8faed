"""A comparison as Markdown, for a comment of a pull request or a merge request, or the summary of a
job.

Titles, names and values are untrusted. They are shown as code, because GitHub and GitLab read
neither Markdown nor HTML in code, and notify nobody for it: anywhere else, even escaped `@name`,
`#1` and commit hashes become links. Lines start with gk's own words only, because GitLab runs a
line that starts with `/close` as a command.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gk.bounded.matching import compared
from gk.diff.model import Cause, Change, Diff, Edit, Form, Level, Mark, Part, Risk
from gk.documents.differences import ABSENT
from gk.errors import Problem
from gk.forms import cut_around
from gk.forms.plurals import counted

__all__ = ["LEAST", "markdown"]

Quote = Callable[[str], str]

LEAST = 3_000
"""Bytes that always suffice for the counts and a note about everything left out."""

LONG = 160
"""Characters to which long values are cut first."""
LONGEST_NAME = 60
"""Characters to which the name of a side is cut."""
SLACK = 40
"""A value is cut only if it exceeds its limit by more than this, as the note about its length
takes space too."""
MOST_HISTORY = 3
NOTE = 700
"""Bytes reserved for the note about what was left out."""

_LEVELS = {Level.DANGER: "🔴", Level.WARNING: "🟠"}
# Pieces end at white space or one of `(),;`, so that no two of them touch: the backticks of two
# adjacent code spans would join.
_PIECE = re.compile(
    r"(?<![^\s(),;])'(?P<quoted>[^']+)'(?P<end>[.:!?]*)(?![^\s(),;])|(?P<word>[^\s(),;]+)"
)
# Unicode categories: controls, formats, surrogates, private use, line and paragraph separators.
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
# Words of letters, and short numbers. Seven or more hexadecimal digits may be a commit hash.
_PLAIN = re.compile(r"(?![0-9a-fA-F]{7,}\b)(?:[^\W\d_]+(?:['’-][^\W\d_]+)?|\d{1,6})")


def markdown(diff: Diff, limit: int = 65_536) -> str:
    """Render a comparison in at most `limit` bytes of UTF-8. No forge counts more characters than
    that.

    Risks come first and are always visible. If not everything fits, gk first cuts long values, then
    leaves out fields, then parts, then whole resources, and risks last. A note says what is
    missing; the counts always remain. Raises ValueError for a limit below `LEAST`.
    """
    if limit < LEAST:
        raise ValueError(f"a report needs at least {LEAST:,} bytes, not {limit:,}")
    heading = _heading(diff)
    sections = _sections(diff)
    # 4 bytes are the empty lines around a heading.
    budget = limit - _size(heading) - NOTE - sum(_size(section.heading) + 4 for section in sections)
    _fill([block for section in sections for block in section.blocks], budget)
    text = [heading, *(text for section in sections if (text := section.text()))]
    # Below the heading, where nobody overlooks it.
    if note := _left_out(sections):
        text.insert(1, note)
    return "\n\n".join(text) + "\n"


class _Block:
    """A piece of the report in versions of growing length; the last one is complete.

    `shown` is the number of the version that fits, 0 for none.
    """

    def __init__(self, *forms: str) -> None:
        self.forms = forms
        self.shown = 0

    @property
    def text(self) -> str:
        return self.forms[self.shown - 1] if self.shown else ""

    @property
    def is_whole(self) -> bool:
        return bool(self.shown) and self.text == self.forms[-1]


@dataclass
class _Section:
    title: str
    blocks: list[_Block]
    between: str = "\n\n"
    """The text between two blocks; list items need only one line break."""

    @property
    def heading(self) -> str:
        return f"#### {self.title}"

    def text(self) -> str:
        shown = self.between.join(block.text for block in self.blocks if block.shown)
        return f"{self.heading}\n\n{shown}" if shown else ""


def _fill(blocks: Sequence[_Block], budget: int) -> None:
    """Show as much of every block as fits: the first version of all blocks, then the second, ..."""
    for stage in range(1, max((len(block.forms) for block in blocks), default=0) + 1):
        for block in blocks:
            if block.shown != stage - 1 or stage > len(block.forms):
                continue
            # A block that appears for the first time needs 2 bytes to separate it.
            more = _size(block.forms[stage - 1]) - _size(block.text) + (0 if block.shown else 2)
            if more <= budget:
                block.shown = stage
                budget -= more


def _size(text: str) -> int:
    return len(text.encode())


def _heading(diff: Diff) -> str:
    counts = [f"{number} {mark.value}" for mark in Mark if (number := diff.count(mark))]
    if diff.risks:
        counts.append(counted(len(diff.risks), "risk"))
    if problems := len(diff.old_problems) + len(diff.new_problems):
        counts.append(counted(problems, "problem"))
    unchanged = sum(diff.unchanged.values())
    old, new = (_code(_clip(_visible(side), LONGEST_NAME)) for side in (diff.old, diff.new))
    same = f"; {counted(unchanged, 'object')} unchanged" if unchanged else ""
    sandbox = f"\n\n{diff.walls.sentence}" if diff.walls else ""
    if diff.not_compared:
        counts.append(f"{len(diff.not_compared)} not compared")
    environments = (
        f"\n\n{_words(_clip(diff.about_environments, LONG))}" if diff.environments else ""
    )
    return (
        f"### gk diff: {', '.join(counts) or 'no differences'}\n\n{old} → {new}{same}"
        f"{environments}{sandbox}"
    )


def _sections(diff: Diff) -> list[_Section]:
    sections = [
        _Section("Risks", [_risk(risk, diff) for risk in diff.risks], "\n"),
        *(
            _Section(
                f"{side} does not load completely",
                [_problem(problem) for problem in problems],
                "\n",
            )
            for side, problems in (
                ("The old side", diff.old_problems),
                ("The new side", diff.new_problems),
            )
        ),
        _Section("Not compared", [_Block(f"- {_words(text)}") for text in diff.not_compared], "\n"),
        _Section("Changes with one cause", [_cause(cause, diff) for cause in diff.causes]),
        _Section("Resource by resource", [_change(change, diff) for change in diff.shown]),
    ]
    return [section for section in sections if section.blocks]


def _left_out(sections: Iterable[_Section]) -> str:
    """The note about what does not fit, by section; empty if everything fits."""
    said = []
    for section in sections:
        missing = sum(not block.shown for block in section.blocks)
        short = sum(bool(block.shown) and not block.is_whole for block in section.blocks)
        words = [f"{missing} not shown" if missing else "", f"{short} shortened" if short else ""]
        if any(words):
            said.append(f"{section.title}: {', '.join(filter(None, words))}")
    if not said:
        return ""
    return (
        f"**Too long for a comment.** {'; '.join(said)}. The HTML report has everything: "
        "the job keeps it as an artifact. Or run `gk diff`."
    )


def _risk(risk: Risk, diff: Diff) -> _Block:
    where = _after(diff.only_in(risk.environments))

    def item(message: str) -> str:
        return f"- {_LEVELS[risk.level]} **{risk.level.value}:** {_words(message)}{where}"

    return _Block(item(_clip(risk.message, LONG)), item(risk.message))


def _problem(problem: Problem) -> _Block:
    def item(message: str) -> str:
        place = f"{_code(str(problem.source))}: " if problem.source.file else ""
        return f"- {place}{_words(message)}"

    return _Block(item(_clip(problem.text, LONG)), item(problem.text))


def _after(where: str, code: Quote | None = None) -> str:
    """The environments at the end of a line."""
    return f" ({_words(where, code or _code)})" if where else ""


def _cause(cause: Cause, diff: Diff) -> _Block:
    """A cause in growing versions: title and counts, then edits, then places."""
    places = [
        f"- {place.kind.value} {_code(place.title)}: {_words(str(place.part))}"
        for place in cause.places
    ]
    cut, whole = (
        [line for edit in cause.edits for line in _edit(edit, is_cut)] for is_cut in (True, False)
    )
    where = diff.only_in(cause.environments)
    title = _words(f"{cause.title}: {cause.summary}", _html_code) + _after(where, _html_code)
    # Titles may be long too, and this is the shortest version.
    short = (
        f"- {_words(_clip(cause.title, LONG))}: {_words(_clip(cause.summary, LONG))}{_after(where)}"
    )
    return _Block(short, _details(title, cut), _details(title, [*whole, *places]))


def _change(change: Change, diff: Diff) -> _Block:
    """A change in growing versions: one line, then its parts, then fields with long values cut,
    then complete."""
    about = [*_moved(change), *_history(change)]
    parts = [_part(part, change, diff) for part in change.parts]
    cut, whole = (
        [
            line
            for part, title in zip(change.parts, parts, strict=True)
            for line in (title, *_edits(part, diff, is_cut))
        ]
        for is_cut in (True, False)
    )
    where = diff.place_of(change)
    summary = _summary(change, _html_code) + _after(where, _html_code)
    short = f"- {_summary(change, lambda text: _code(_clip(text, LONG)))}{_after(where)}"
    return _Block(short, *(_details(summary, [*about, *lines]) for lines in (parts, cut, whole)))


def _summary(change: Change, code: Quote) -> str:
    """`changed: dashboard 'Node' (node): 3 panels changed, 1 panel added`."""
    uid = f" ({code(change.uid)})" if change.uid != change.title else ""
    parts = Counter((part.kind, part.mark) for part in change.parts if part.kind)
    words = [f"{counted(number, kind)} {mark.value}" for (kind, mark), number in parts.items()]
    if own := sum(len(part.edits) for part in change.parts if not part.kind):
        words.insert(0, f"{counted(own, 'field')} changed")
    said = f": {_words(', '.join(words), code)}" if words else ""
    return f"{change.mark.value}: {change.kind.value} {code(change.title)}{uid}{said}"


def _moved(change: Change) -> Iterator[str]:
    for name, old, new in (
        ("uid", change.old_uid, change.uid),
        ("title", change.old_title, change.title),
        ("folder", change.old_folder, change.folder),
    ):
        if old != new:
            yield f"- {name}: {_code(old)} → {_code(new)}"
    if change.source.file:
        yield f"- defined in {_code(str(change.source))}"


def _history(change: Change) -> Iterator[str]:
    for version in change.history[:MOST_HISTORY]:
        said = f": {_code(version.message)}" if version.message else ""
        number = f"version {version.number} " if version.number else ""
        by = f" by {_code(version.by)}" if version.by else ""
        yield f"- {number}saved{by} at {_code(version.at)}{said}"


def _part(part: Part, change: Change, diff: Diff) -> str:
    where = _after(diff.only_in(part.environments, change.environments))
    if not part.kind:
        return f"- settings{where}"
    row = f" in {_words(part.within)} {_code(part.row)}" if part.row else ""
    return f"- {part.mark.value}: **{_words(part.kind)}** {_code(part.name)}{row}{where}"


def _edits(part: Part, diff: Diff, is_cut: bool) -> Iterator[str]:
    """The fields of a part, indented below its line. A field with a cause only refers to it."""
    titles = {
        cause.id: _words(cause.title) + _after(diff.only_in(cause.environments, part.environments))
        for cause in diff.causes
    }
    told: dict[str, list[str]] = {}
    for edit in part.edits:
        known = [titles[cause] for cause in edit.causes if cause in titles]
        for title in known:
            told.setdefault(title, []).append(edit.field)
        if not known:
            where = _after(diff.only_in(edit.environments, part.environments))
            is_changed = part.mark is Mark.CHANGED
            yield from (f"  {line}" for line in _edit(edit, is_cut, is_changed, where))
    for title, fields in told.items():
        yield f"  - {', '.join(map(_words, fields))}: see {title}"


def _edit(edit: Edit, is_cut: bool, signed: bool = True, where: str = "") -> Iterator[str]:
    """A line `- unit: old → new`, or a diff block for PromQL, several lines and long values.

    A value that only one side has gets a sign, unless the whole part was added or removed
    (`signed` is False) or the value is in gk's words. `where` are environments.
    """
    old, new = _shown(edit.old, edit.form), _shown(edit.new, edit.form)
    field = f"{_words(edit.field)}{where}"
    if is_cut:
        old, new = _clipped(old, new)
    if edit.form.is_query or "\n" in old + new or max(len(old), len(new)) > LONG + SLACK:
        yield f"- {field}:"
        yield from (f"  {line}" for line in _compared(edit, old, new))
    elif edit.old is ABSENT or edit.new is ABSENT:
        is_new = edit.old is ABSENT
        sign = (
            ""
            if not signed or (is_new and edit.form is Form.WORDS)
            else "+ "
            if is_new
            else "\u2212 "
        )
        yield f"- {field}: {sign}{_code(new if is_new else old)}"
    else:
        yield f"- {field}: {_code(old)} → {_code(new)}"


def _compared(edit: Edit, old: str, new: str) -> Iterator[str]:
    before = [] if edit.old is ABSENT else _visible(old, keep="\n\t").split("\n")
    after = [] if edit.new is ABSENT else _visible(new, keep="\n\t").split("\n")
    lines = [f"{sign} {line}" for sign, line in compared(before, after)]
    # Longer than any run of backticks in the text, so that no text closes the block.
    fence = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    yield from (f"{fence}diff", *lines, fence)


def _shown(value: Any, form: Form) -> str:
    """A value as text: JSON, but plain text if it cannot be mistaken for another JSON value."""
    if value is ABSENT:
        return ""
    if form is not Form.VALUE:
        return str(value)
    if not isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return (
            json.dumps(value, ensure_ascii=False, default=str, indent=2)
            if len(text) > LONG
            else text
        )
    return (
        json.dumps(value, ensure_ascii=False)
        if value.strip() != value or _is_json(value)
        else value
    )


def _is_json(text: str) -> bool:
    return (
        not text
        or text in ("true", "false", "null")
        or bool(re.fullmatch(r"-?[\d.]+(?:[eE][+-]?\d+)?", text))
    )


def _details(summary: str, lines: Sequence[str]) -> str:
    """Collapsible lines. The blank line ends the HTML, so that Markdown is read again."""
    body = "\n".join(lines)
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _code(text: str) -> str:
    """Any text as inline code on one line."""
    text = _visible(text)
    fence = "`" * (_longest_run(text) + 1)
    # Markdown strips one space on both sides, and backticks at the edge would join the fence.
    pad = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else '`""`'


def _html_code(text: str) -> str:
    """Any text as HTML code on one line."""
    return f"<code>{html.escape(_visible(text))}</code>"


def _words(sentence: str, code: Quote = _code) -> str:
    """A sentence of gk with names in it: plain words stay, everything else becomes code."""

    def piece(match: re.Match[str]) -> str:
        if quoted := match["quoted"]:
            return f"{code(quoted)}{match['end']}"
        word = match["word"]
        body = word.rstrip(".:!?")
        if word == "->":
            return "→"
        # A number followed by a dot would start a list.
        if not body or (_PLAIN.fullmatch(body) and not (body.isdigit() and word != body)):
            return word
        return f"{code(body)}{word[len(body) :]}"

    # On one line: after a line break, a stranger's text would start a line.
    return _PIECE.sub(piece, " ".join(_visible(sentence).split()))


def _visible(text: str, keep: str = "") -> str:
    """Escape invisible characters: controls, text direction marks and the like."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape(character)
        if character not in keep and unicodedata.category(character) in _HIDDEN
        else character
        for character in text
    )


def _escape(character: str) -> str:
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return known.get(character) or (
        f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
    )


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _clipped(old: str, new: str) -> list[str]:
    """Both values, cut to where they differ."""
    if max(len(old), len(new)) <= LONG + SLACK:
        return [old, new]
    shown = zip((old, new), cut_around(old, new, LONG), strict=True)
    return [cut if cut == text else f"{cut} ({len(text):,} characters)" for text, cut in shown]


def _clip(text: str, longest: int) -> str:
    if len(text) <= longest + SLACK:
        return text
    return f"{text[:longest]}… ({len(text):,} characters)"
