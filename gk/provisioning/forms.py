"""How gk build shows its result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted
from gk.provisioning.output import Changes

__all__ = ["FORMS", "Cleared", "Report", "Run"]


@dataclass(frozen=True)
class Report:
    """The result of a build, of one environment if the project has some; `counts` are the resources
    by kind."""

    counts: Mapping[str, int]
    changes: Changes
    output: str
    check: bool
    warnings: Sequence[str]
    seconds: float
    environment: str = ""


@dataclass(frozen=True)
class Cleared:
    """A folder of an earlier build whose files are gone, because no build writes it any more."""

    output: str
    removed: Sequence[str]


@dataclass(frozen=True)
class Run:
    """What a run of gk build did: one build, or one for each environment."""

    reports: Sequence[Report]
    cleared: Sequence[Cleared] = field(default_factory=list)
    check: bool = False

    @property
    def differs(self) -> bool:
        """Whether anything was not up to date."""
        return bool(self.cleared) or any(report.changes for report in self.reports)


def text(run: Run, style: Style = plain) -> str:
    """Of each environment the resources, every file that changes, and counts."""
    blocks = [
        *(_report_lines(report, style) for report in run.reports),
        *(_cleared_lines(cleared, style, check=run.check) for cleared in run.cleared),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _report_lines(report: Report, style: Style) -> Iterator[str]:
    changes, took = report.changes, f"({report.seconds:.2f} s)"
    of = f"{style(report.environment, Tone.STRONG)}: " if report.environment else ""
    built = ", ".join(counted(number, name) for name, number in report.counts.items()) or "nothing"
    yield f"{of}built {built}"
    marks = (
        ("+", Tone.GOOD, changes.added),
        ("~", Tone.DOUBTFUL, changes.changed),
        ("-", Tone.BAD, changes.removed),
    )
    yield from (style(f"{mark} {path}", tone) for mark, tone, paths in marks for path in paths)
    sizes = (
        f"{len(changes.added)} new, {len(changes.changed)} changed, "
        f"{len(changes.removed)} removed, {changes.unchanged} unchanged"
    )
    if report.check and not changes:
        yield f"{report.output}/ is up to date: {changes.unchanged} files {took}"
    else:
        verb = "would write" if report.check else "wrote"
        yield f"{verb} {report.output}/: {sizes} {took}"


def _cleared_lines(cleared: Cleared, style: Style, *, check: bool) -> Iterator[str]:
    yield from (style(f"- {path}", Tone.BAD) for path in cleared.removed)
    verb = "would remove" if check else "removed"
    files = counted(len(cleared.removed), "file")
    yield f"{verb} {files} of an earlier build from {cleared.output}/, which no build writes now"


def as_json(run: Run) -> str:
    """The same as a document: the build, or a list of one for each environment."""
    reports = [_report_json(report) for report in run.reports]
    has_environments = any(report.environment for report in run.reports)
    body: dict[str, Any] = {"version": 1}
    body |= {"environments": reports} if has_environments else reports[0]
    if run.cleared:
        body["cleared"] = [
            {"output": cleared.output, "removed": cleared.removed} for cleared in run.cleared
        ]
    return json.dumps(body, indent=2)


def _report_json(report: Report) -> dict[str, Any]:
    return {
        **({"environment": report.environment} if report.environment else {}),
        "output": report.output,
        "built": report.counts,
        "added": report.changes.added,
        "changed": report.changes.changed,
        "removed": report.changes.removed,
        "unchanged": report.changes.unchanged,
        "written": not report.check,
        "warnings": report.warnings,
        "seconds": round(report.seconds, 3),
    }


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
