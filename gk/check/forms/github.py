"""A report as annotations of GitHub: a workflow command for each finding, which the runner reads in
the output of a step.

GitHub shows 10 errors, 10 warnings and 10 notices of a step, so the worst come first.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from gk.check import Report
from gk.check.forms.lines import in_one_line, path_of, printable
from gk.check.forms.text import counts
from gk.check.model import Finding, Severity

__all__ = ["github"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(report: Report) -> str:
    """A command for each finding, and the line of counts."""
    worst_first = sorted(report.findings, key=lambda finding: -finding.severity.rank)
    return "\n".join([*(_command(finding, report) for finding in worst_first), counts(report)])


def _command(finding: Finding, report: Report) -> str:
    path = path_of(finding, report)
    properties = {
        "file": printable(path),
        "line": str(finding.source.line) if path and finding.source.line else "",
        "title": f"gk check: {finding.check}",
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(in_one_line(finding.text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
