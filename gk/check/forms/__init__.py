"""How gk check shows its report, and its checks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gk.check import Report
from gk.check.forms.html import html
from gk.check.forms.live import live_json, live_text
from gk.check.live.model import LIVE_SUBJECTS
from gk.check.model import Check, Finding, Severity
from gk.forms import Style, Tone, plain
from gk.plurals import counted

__all__ = ["FORMS", "explained", "listed"]

_TONES = {
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.DOUBTFUL,
    Severity.INFO: Tone.FAINT,
}


def text(report: Report, style: Style = plain) -> str:
    """A line for each finding, and counts."""
    lines = [_line(finding, style) for finding in report.findings]
    live = [line for each in report.live for line in live_text(each, style)]
    return "\n".join([*lines, *live, _counts(report, style)])


def _line(finding: Finding, style: Style) -> str:
    where = f"{style(str(finding.source), Tone.STRONG)}: " if finding.source.file else ""
    severity = style(finding.severity.value, _TONES[finding.severity])
    return f"{where}{severity}: {finding.text} {style(f'[{finding.check}]', Tone.FAINT)}"


def _counts(report: Report, style: Style) -> str:
    numbers = Counter(finding.severity for finding in report.findings)
    found = [
        style(counted(numbers[severity], _NOUNS[severity]), _TONES[severity])
        for severity in reversed(Severity)
        if numbers[severity]
    ]
    silenced = [f"{len(report.silenced)} silenced"] if report.silenced else []
    ran = (
        f"{counted(report.checks, 'check')} of {counted(report.objects, 'object')}, "
        f"{counted(report.queries, 'query')}"
    )
    what = ", ".join([*found, *silenced]) or style("no problems", Tone.GOOD)
    return f"{what} ({ran})"


_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}


def as_json(report: Report) -> str:
    """A document for machines; `version` changes when a field changes its meaning."""
    silenced = [{**_json(finding), "reason": reason} for finding, reason in report.silenced]
    return json.dumps(
        {
            "version": 1,
            "findings": [_json(finding) for finding in report.findings],
            "silenced": silenced,
            "fails": report.fails,
            "checks": report.checks,
            "objects": report.objects,
            "queries": report.queries,
            "live": [live_json(live) for live in report.live],
        },
        indent=2,
    )


def _json(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "file": finding.source.file,
        "line": finding.source.line,
        "kind": finding.key[0].value if finding.key else None,
        "uid": finding.key[1] if finding.key else None,
        "title": finding.title,
        "place": finding.place,
        "message": finding.message,
        "also": finding.also,
        "environments": list(finding.only_in),
    }


def listed(checks: Iterable[Check], style: Style = plain) -> str:
    """A line for each check: its name, its severity, and what it is about."""
    checks = list(checks)
    width = max((len(check.name) for check in checks), default=0)
    return "\n".join(_listed(check, width, style) for check in checks)


def _listed(check: Check, width: int, style: Style) -> str:
    severity = "off" if check.is_policy else check.severity.value
    tone = Tone.FAINT if check.is_policy else _TONES[check.severity]
    live = style(" (--live)", Tone.FAINT) if check.subject in LIVE_SUBJECTS else ""
    return f"{check.name:<{width}}  {style(f'{severity:<7}', tone)}  {check.summary}{live}"


def explained(check: Check, style: Style = plain) -> str:
    """The page of a check."""
    return "\n".join(_explained(check, style))


def _explained(check: Check, style: Style) -> Iterator[str]:
    off = "off unless gk.yaml gives it a severity" if check.is_policy else ""
    live = "; needs --live" if check.subject in LIVE_SUBJECTS else ""
    yield style(check.name, Tone.STRONG) + f" ({off or check.severity.value}{live})"
    yield ""
    yield check.page
    if check.options:
        yield ""
        yield "Options:"
        yield from (f"    {option.name}: {_shown(option.default)}" for option in check.options)
    yield ""
    yield f"Silence it at the definition:  # gk: silence {check.name}: reason"


def _shown(default: object) -> str:
    return json.dumps(list(default) if isinstance(default, tuple) else default)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json, "html": html}
