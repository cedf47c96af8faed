"""How gk watch shows a view: one screen on a terminal, lines elsewhere."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gk.forms import Style, Tone, plain
from gk.watch.attempt import Attempt, View

__all__ = ["Size", "lines", "screen"]


class Size(NamedTuple):
    """Of a terminal, in characters."""

    width: int
    height: int


class _Line(NamedTuple):
    text: str
    tone: Tone | None = None


def screen(view: View, title: str, size: Size, style: Style = plain) -> str:
    """The build, the preview and the push on one screen: of each what is wrong first, and the
    longest one is cut."""
    head = [_Line(title, Tone.STRONG), _Line("Ctrl-C ends", Tone.FAINT)]
    parts = [[*_wrapped(part, size.width)] for part in _parts(view)]
    # An empty line before each part, and the line of the cursor.
    room = size.height - len(head) - len(parts) - 1
    shares = _shares([len(part) for part in parts], room)
    cut = [_cut(part, share) for part, share in zip(parts, shares, strict=True)]
    return _styled([*head, *(line for part in cut for line in (_Line(""), *part))], style)


def lines(view: View, style: Style = plain) -> str:
    """What is new, for a log."""
    for what, attempt in (("preview", view.preview), ("push", view.push)):
        if attempt and attempt is view.newest:
            return _styled(_attempt(what, attempt), style)
    return _styled(_build(view), style)


def _styled(shown: Iterable[_Line], style: Style) -> str:
    return "\n".join(style(text, tone) if tone else text for text, tone in shown)


# What there is to say


def _parts(view: View) -> Iterator[Iterator[_Line]]:
    yield _build(view)
    if view.preview:
        yield _attempt("preview", view.preview)
    if view.push:
        yield _attempt("push", view.push)


def _build(view: View) -> Iterator[_Line]:
    yield from _attempt("build", view.build)
    if not view.build.is_good:
        kept = f"of {_clock(view.good_at)}" if view.good_at else "of an earlier build"
        yield _Line(f"the output is still that {kept}", Tone.FAINT)


def _attempt(what: str, attempt: Attempt) -> Iterator[_Line]:
    tone = Tone.GOOD if attempt.is_good else Tone.BAD
    yield _Line(f"{_clock(attempt.at)} {what}: {attempt.summary}", tone)
    yield from (_Line(f"  {problem}", Tone.BAD) for problem in attempt.problems)
    yield from (_Line(f"  warning: {warning}", Tone.DOUBTFUL) for warning in attempt.warnings)
    yield from (_Line(f"  {detail}") for detail in attempt.details)
    if printed := attempt.printed.splitlines():
        yield _Line("  printed by definitions:", Tone.FAINT)
        yield from (_Line(f"    {line}") for line in printed)


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


# What a screen has room for


def _wrapped(part: Iterable[_Line], width: int) -> Iterator[_Line]:
    for text, tone in part:
        # A line that the terminal wraps would move the first ones out of sight.
        wrapped = textwrap.wrap(
            text, max(width, 20), subsequent_indent="    ", replace_whitespace=False
        )
        yield from (_Line(row, tone) for row in wrapped or [""])


_LEAST = 2
"""Lines of a part: what it is about, and how much more there is."""


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """The lines that each part gets of a room: all of its own, or as many as any other that is
    cut."""
    shares = [0] * len(lengths)
    shortest_first = sorted(range(len(lengths)), key=lambda part: lengths[part])
    for left, part in zip(range(len(lengths), 0, -1), shortest_first, strict=True):
        shares[part] = min(lengths[part], max(_LEAST, room // left))
        room -= shares[part]
    return shares


def _cut(part: Sequence[_Line], share: int) -> Sequence[_Line]:
    if len(part) <= share:
        return part
    more = len(part) - share + 1
    return [*part[: share - 1], _Line(f"and {more} more lines", Tone.FAINT)]
