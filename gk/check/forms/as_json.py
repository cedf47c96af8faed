"""A report for machines."""

from __future__ import annotations

import json
from typing import Any

from gk.check import Report
from gk.check.forms.live import live_json
from gk.check.model import Finding

__all__ = ["as_json"]


def as_json(report: Report) -> str:
    """A document whose `version` changes when a field changes its meaning. Files are relative to
    the project."""
    silenced = [
        {
            **_finding(finding),
            "reason": silence.reason,
            "silenced_at": {"file": silence.source.file, "line": silence.source.line},
        }
        for finding, silence in report.silenced
    ]
    return json.dumps(
        {
            "version": 1,
            "findings": [_finding(finding) for finding in report.findings],
            "silenced": silenced,
            "elsewhere": report.elsewhere,
            "fails": report.fails,
            "checks": len(report.ran),
            "objects": report.objects,
            "queries": report.queries,
            "rule_tests": report.rule_tests,
            "live": [live_json(live) for live in report.live],
        },
        indent=2,
    )


def _finding(finding: Finding) -> dict[str, Any]:
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
