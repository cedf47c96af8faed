"""A report for people: a line for each finding, as compilers print them, so that editors and
terminals make links of the places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gk.check import Report
from gk.check.forms.lines import in_one_line
from gk.check.forms.live import live_text
from gk.check.model import Finding, Severity
from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted

__all__ = ["NOUNS", "TONES", "counts", "text"]

TONES = {
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.DOUBTFUL,
    Severity.INFO: Tone.FAINT,
}
_MANY = 20
"""Findings that nobody counts by eye."""
NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}


def text(report: Report, style: Style = plain) -> str:
    """A line for each finding, and counts."""
    return "\n".join(_lines(report, style))


def _lines(report: Report, style: Style) -> Iterator[str]:
    for finding in report.findings:
        yield _line(finding, style)
    for live in report.live:
        yield from live_text(live, style)
    if len(report.findings) > _MANY:
        yield _by_check(report)
    yield counts(report, style)


def _by_check(report: Report) -> str:
    """How often each check found something: whoever begins with gk check begins with these."""
    numbers = Counter(finding.check for finding in report.findings)
    return f"by check: {', '.join(f'{name} {count}' for name, count in numbers.most_common())}"


def _line(finding: Finding, style: Style) -> str:
    place = in_one_line(str(finding.source))
    where = f"{style(place, Tone.STRONG)}: " if finding.source.file else ""
    severity = style(finding.severity.value, TONES[finding.severity])
    check = style(f"[{finding.check}]", Tone.FAINT)
    return f"{where}{severity}: {in_one_line(finding.text)} {check}"


def counts(report: Report, style: Style = plain) -> str:
    """The last line: how many findings, and of how much."""
    numbers = Counter(finding.severity for finding in report.findings)
    shown = [
        style(counted(numbers[severity], NOUNS[severity]), TONES[severity])
        for severity in reversed(Severity)
        if numbers[severity]
    ]
    others = {"silenced": len(report.silenced), "not in this change": report.elsewhere}
    ran = (
        f"{counted(len(report.ran), 'check')} of {counted(report.objects, 'object')}, "
        f"{counted(report.queries, 'query')}"
    )
    if report.rule_tests:
        ran += f", {counted(report.rule_tests, 'file')} of rule tests"
    first = shown or [style("no problems", Tone.GOOD)]
    more = [f"{count} {words}" for words, count in others.items() if count]
    return f"{', '.join([*first, *more])} ({ran})"
