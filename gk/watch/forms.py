"""How gk watch shows a view: one screen on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from gk.forms import Style, Tone, plain
from gk.watch.attempt import Attempt, View

__all__ = ["lines", "screen"]


def screen(view: View, title: str, height: int, style: Style = plain) -> str:
    """All of the view, at most `height` lines: what is wrong first."""
    head = [style(title, Tone.STRONG), style("Ctrl-C ends", Tone.FAINT), ""]
    body = [*_build(view, style)]
    for what, attempt in (("preview", view.preview), ("push", view.push)):
        if attempt:
            body += ["", *_attempt(what, attempt, style)]
    room = height - len(head) - 1
    if len(body) > room:
        body = [*body[: room - 1], style(f"and {len(body) - room + 1} more lines", Tone.FAINT)]
    return "\n".join([*head, *body])


def lines(view: View, style: Style = plain) -> str:
    """What is new, for a log."""
    for what, attempt in (("preview", view.preview), ("push", view.push)):
        if attempt and attempt is view.newest:
            return "\n".join(_attempt(what, attempt, style))
    return "\n".join(_build(view, style))


def _build(view: View, style: Style) -> Iterator[str]:
    yield from _attempt("build", view.build, style)
    if not view.build.is_good:
        kept = f"of {_clock(view.good_at)}" if view.good_at else "of an earlier build"
        yield style(f"the output is still that {kept}", Tone.FAINT)


def _attempt(what: str, attempt: Attempt, style: Style) -> Iterator[str]:
    tone = Tone.GOOD if attempt.is_good else Tone.BAD
    yield style(f"{_clock(attempt.at)} {what}: {attempt.summary}", tone)
    yield from (style(f"  {problem}", Tone.BAD) for problem in attempt.problems)
    yield from (style(f"  warning: {warning}", Tone.DOUBTFUL) for warning in attempt.warnings)
    yield from (f"  {detail}" for detail in attempt.details)
    yield from _printed(attempt.printed.splitlines(), style)


def _printed(printed: Sequence[str], style: Style) -> Iterator[str]:
    if printed:
        yield style("  printed by definitions:", Tone.FAINT)
        yield from (f"    {line}" for line in printed)


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))
