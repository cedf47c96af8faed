"""A report as JUnit XML, which most CI systems show as test results.

A check is a class, and an object in which it finds something a test: GitLab and Jenkins compare
these names with those of the run before, so a test for each finding would be a new one after each
change of a message. A check that finds nothing is one passed test. A test fails if its findings
fail the run; milder findings are its output.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gk.check import Report
from gk.check.forms.lines import in_one_line, path_of, printable
from gk.check.model import Finding
from gk.check.subjects import Silence

__all__ = ["junit"]


@dataclass
class _Test:
    """What one check found in one object."""

    failing: list[Finding] = field(default_factory=list)
    mild: list[Finding] = field(default_factory=list)
    silenced: list[tuple[Finding, Silence]] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        return [*self.failing, *self.mild, *(finding for finding, _ in self.silenced)]

    @property
    def is_skipped(self) -> bool:
        return bool(self.silenced) and not self.failing and not self.mild


def junit(report: Report) -> str:
    """One suite with all tests."""
    tests = _tests(report)
    silent = [
        check.name for check in report.ran if not any(check.name == name for name, _ in tests)
    ]
    counts = {
        "tests": len(tests) + len(silent),
        "failures": sum(bool(test.failing) for test in tests.values()),
        "skipped": sum(test.is_skipped for test in tests.values()),
        "errors": 0,
    }
    totals = {name: str(count) for name, count in counts.items()}
    root = Element("testsuites", {"name": "gk check", **totals})
    suite = SubElement(root, "testsuite", {"name": "gk check", **totals})
    for name in silent:
        SubElement(suite, "testcase", {"classname": f"gk.{name}", "name": "everything"})
    for (name, owner), test in tests.items():
        _add(suite, name, owner, test, report)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}'


def _tests(report: Report) -> dict[tuple[str, str], _Test]:
    tests: dict[tuple[str, str], _Test] = defaultdict(_Test)
    for finding in report.findings:
        test = tests[finding.check, _owner(finding)]
        (test.failing if report.is_failure(finding) else test.mild).append(finding)
    for finding, silence in report.silenced:
        tests[finding.check, _owner(finding)].silenced.append((finding, silence))
    return dict(sorted(tests.items()))


def _owner(finding: Finding) -> str:
    """The object; what has none is named after its part, or its file."""
    if finding.key:
        return in_one_line(f"{finding.key[0].noun} '{finding.title}' ({finding.key[1]})")
    return in_one_line(finding.place or finding.source.file) or "the project"


def _add(suite: Element, name: str, owner: str, test: _Test, report: Report) -> None:
    first = test.findings[0]
    place = {"file": path_of(first, report), "line": str(first.source.line or "")}
    given = {key: printable(value) for key, value in place.items() if value}
    case = SubElement(suite, "testcase", {"classname": f"gk.{name}", "name": owner, **given})
    if test.failing:
        worst = max(test.failing, key=lambda finding: finding.severity.rank)
        about = {"message": in_one_line(worst.text), "type": worst.severity.value}
        SubElement(case, "failure", about).text = _lines(test.failing, report)
    elif test.is_skipped:
        reasons = dict.fromkeys(in_one_line(silence.reason) for _, silence in test.silenced)
        SubElement(case, "skipped", {"message": f"silenced: {' '.join(reasons)}"})
    others = [*test.mild, *(finding for finding, _ in test.silenced)]
    if others:
        SubElement(case, "system-out").text = _lines(others, report)


def _lines(findings: Iterable[Finding], report: Report) -> str:
    return "\n".join(_line(finding, report) for finding in findings)


def _line(finding: Finding, report: Report) -> str:
    path = path_of(finding, report)
    line = f":{finding.source.line}" if finding.source.line else ""
    before = f"{path}{line}: " if path else ""
    return in_one_line(f"{before}{finding.severity.value}: {finding.text}")
