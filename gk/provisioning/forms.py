"""How gk build shows its result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gk.forms import Style, Tone, plain
from gk.plurals import counted
from gk.provisioning.output import Changes

__all__ = ["FORMS", "Report"]


@dataclass(frozen=True)
class Report:
    """The result of a build; `counts` are the resources by kind."""

    counts: Mapping[str, int]
    changes: Changes
    output: str
    check: bool
    warnings: Sequence[str]
    seconds: float


def text(report: Report, style: Style = plain) -> str:
    """The resources, every file that changes, and counts."""
    changes, took = report.changes, f"({report.seconds:.2f} s)"
    built = ", ".join(counted(number, name) for name, number in report.counts.items()) or "nothing"
    marks = (
        ("+", Tone.GOOD, changes.added),
        ("~", Tone.DOUBTFUL, changes.changed),
        ("-", Tone.BAD, changes.removed),
    )
    listed = [style(f"{mark} {path}", tone) for mark, tone, paths in marks for path in paths]
    sizes = (
        f"{len(changes.added)} new, {len(changes.changed)} changed, "
        f"{len(changes.removed)} removed, {changes.unchanged} unchanged"
    )
    verb = "would write" if report.check else "wrote"
    last = f"{verb} {report.output}/: {sizes} {took}"
    if report.check and not changes:
        last = f"{report.output}/ is up to date: {changes.unchanged} files {took}"
    return "\n".join([f"built {built}", *listed, last])


def as_json(report: Report) -> str:
    """The same as a document."""
    body = {
        "version": 1,
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
    return json.dumps(body, indent=2)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
