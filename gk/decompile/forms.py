"""How gk import and gk adopt show what they wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gk.decompile.project import Written
from gk.decompile.proof import Proven
from gk.diff.forms.text import text as diff_text
from gk.errors import Problem, Source
from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted
from gk.resource import Kind

__all__ = ["FORMS", "Report"]


@dataclass(frozen=True)
class Report:
    """What was written; `unread` is what could not be read."""

    written: Written
    unread: Sequence[Problem]
    into: str
    is_written: bool
    seconds: float
    others: Sequence[str] = ()
    """Objects of a Grafana that stay with whoever has them, each with the reason."""
    is_live: bool = False
    """It was read from a running Grafana, which keeps its secrets."""

    @property
    def proven(self) -> Proven:
        """The definitions, and how what they build differs from what was read."""
        return self.written.proven

    @property
    def left(self) -> Sequence[str]:
        """What gets no definition, each with the reason."""
        titles = {resource.key: resource.title for resource in self.written.resources}
        own = (
            f"{key[0].value} '{titles[key]}': {file} defines it"
            for key, file in self.written.elsewhere.items()
        )
        return [*self.others, *own]

    @property
    def is_equal(self) -> bool:
        """Whether the definitions build what was read, all of it."""
        return self.proven.is_equal and not self.unread

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be read, written or built."""
        kept = [
            replace(problem, message=f"{problem.message} (kept as JSON)")
            if key[0] is Kind.DASHBOARD
            else Problem(problem.source, f"{key[0].noun} left out: {problem.text}")
            for key, problem in self.proven.kept.items()
        ]
        in_parts = [
            replace(
                problem,
                # The line was that of a call which is gone.
                source=Source(problem.source.file),
                message=f"{problem.message} (the {_part(problem)} stays JSON)",
            )
            for problem in self.proven.in_parts
        ]
        written = [*self.proven.definitions.problems, *self.proven.problems]
        return [*self.unread, *written, *kept, *in_parts]


def _part(problem: Problem) -> str:
    return "variable" if problem.where and problem.where.kind == "variable" else "panel"


def text(report: Report, style: Style = plain) -> str:
    """The files, what differs, what is to be done, and counts."""
    return "\n".join([*_lines(report, style)])


def _lines(report: Report, style: Style) -> Iterator[str]:
    kinds = Counter(resource.kind.noun for resource in report.written.resources)
    yield f"read {', '.join(counted(number, kind) for kind, number in kinds.items()) or 'nothing'}"
    for file in report.written.placed.written:
        yield style(f"+ {file}", Tone.GOOD)
    for file in report.written.placed.unchanged:
        yield style(f"= {file}", Tone.FAINT)
    for file in report.written.placed.removed:
        yield style(f"- {file}: the sample of gk init, which what was read replaces", Tone.FAINT)
    for problem in report.problems:
        yield style(f"! {problem}", Tone.BAD)
    if report.proven.diff is not None and report.proven.diff.changes:
        yield ""
        yield diff_text(report.proven.diff, style)
    yield from (style(f"- left: {left}", Tone.FAINT) for left in report.left)
    yield from _to_do(report, style)
    yield _counts(report)
    verb = "wrote" if report.is_written else "would write"
    number = counted(len(report.written.placed.written), "file")
    yield f"{verb} {number} in {report.into}/: {_verdict(report)} ({report.seconds:.1f} s)"


def _verdict(report: Report) -> str:
    if report.is_equal:
        return "what they build is equal to what was read"
    if report.proven.diff is None:
        return "they do not build yet"
    return "what they build differs"


_WHEN = {
    False: "set these environment variables before a push:",
    True: "Grafana keeps these secrets; to change one, set its variable in a later push:",
}


def _to_do(report: Report, style: Style) -> Iterator[str]:
    for name, uid in report.written.inputs.items():
        yield f"input {name} is data source '{uid}'"
    if report.written.secrets:
        yield style(_WHEN[report.is_live], Tone.STRONG)
        yield from (f"  {name}  {what}" for name, what in report.written.secrets.items())


def _counts(report: Report) -> str:
    counts = report.proven.definitions.counts
    plain_parts = counts.panels - counts.with_extra - counts.as_json
    parts = []
    if counts.panels:
        parts.append(
            f"{counted(counts.panels, 'panel')}: {plain_parts} in constructors, "
            f"{counts.with_extra} with extra, {counts.as_json} as JSON"
        )
    if counts.repeated:
        parts.append(f"{counts.shared} of {counts.repeated} repeated queries are snippets")
    return "; ".join([*parts, f"{counts.lines:,} lines"])


def as_json(report: Report) -> str:
    """The same as a document."""
    counts, diff = report.proven.definitions.counts, report.proven.diff
    body = {
        "version": 1,
        "equal": report.is_equal,
        "written": report.is_written,
        "into": report.into,
        "files": {
            "added": list(report.written.placed.written),
            "unchanged": list(report.written.placed.unchanged),
            "removed": list(report.written.placed.removed),
        },
        "defined": {
            f"{kind.value}/{uid}": file
            for (kind, uid), file in report.proven.definitions.of.items()
        },
        "panels": {
            "all": counts.panels,
            "with_extra": counts.with_extra,
            "as_json": counts.as_json,
        },
        "queries": {"repeated": counts.repeated, "snippets": counts.shared},
        "lines": counts.lines,
        "inputs": dict(report.written.inputs),
        "secrets": dict(report.written.secrets),
        "left": list(report.left),
        "problems": [str(problem) for problem in report.problems],
        "differences": diff_text(diff).splitlines() if diff and diff.changes else [],
        "seconds": round(report.seconds, 3),
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
