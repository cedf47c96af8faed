"""How gk pull shows what it changed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gk.decompile.python import text as code
from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted
from gk.pull import Pulled

__all__ = ["FORMS", "Report"]


@dataclass(frozen=True)
class Report:
    """What was pulled from a Grafana."""

    pulled: Pulled
    gone: tuple[str, ...]
    is_written: bool


def text(report: Report, style: Style = plain) -> str:
    """The patch, and what is left to people, with the code to write."""
    return "\n".join([*_lines(report, style)])


def _lines(report: Report, style: Style) -> Iterator[str]:
    yield from _patch(report.pulled, style)
    for change, place in report.pulled.done:
        yield style(f"~ {place}: {change.about}", Tone.GOOD)
    for change in report.pulled.by_hand:
        yield style(f"! {change.about}: by hand", Tone.DOUBTFUL)
        if change.code:
            yield from (f"    {line}" for line in change.code.splitlines())
        else:
            yield f"    {code(change.old)} -> {code(change.new)}"
    for gone in report.gone:
        yield style(f"! {gone}", Tone.BAD)
    number = counted(len(report.pulled.files), "file")
    verb = "changed" if report.is_written else "would change"
    left = len(report.pulled.by_hand) + len(report.gone)
    rest = f"; {counted(left, 'change')} left to you" if left else ""
    done = counted(len(report.pulled.done), "change")
    nothing = not (report.pulled.done or left)
    yield "nothing to pull" if nothing else f"{verb} {number}: {done}{rest}"


def _patch(pulled: Pulled, style: Style) -> Iterator[str]:
    tones = {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.FAINT}
    for file, after in pulled.files.items():
        before = pulled.before[file]
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"a/{file}", f"b/{file}", lineterm=""
        )
        for line in lines:
            yield style(line, *([tones[line[0]]] if line[:1] in tones else []))


def as_json(report: Report) -> str:
    """The same as a document."""
    body = {
        "version": 1,
        "written": report.is_written,
        "patch": "\n".join(_patch(report.pulled, plain)),
        "changed": [{"place": place, "what": change.about} for change, place in report.pulled.done],
        "by_hand": [
            {"what": change.about, "code": change.code or None} for change in report.pulled.by_hand
        ],
        "gone": list(report.gone),
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
