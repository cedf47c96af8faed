"""A report as SARIF 2.1.0, which GitHub's code scanning and other systems keep: they tell new
findings from known ones, and show the page of a check beside its findings.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import gk
from gk.check import Report
from gk.check.forms.lines import in_one_line, path_of
from gk.check.forms.pages import as_markdown
from gk.check.model import Check, Finding, Severity
from gk.check.subjects import Silence
from gk.settings import SETTINGS_FILE

__all__ = ["sarif"]

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_OF_GITHUB = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
}
_ROOT = "%SRCROOT%"
"""What GitHub puts before relative paths."""
_FINGERPRINT = "gk/v1"


def sarif(report: Report) -> str:
    """A document with one run. Silenced findings are in it, as suppressed."""
    rules = {check.name: number for number, check in enumerate(report.ran)}
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "gk",
                            "version": gk.__version__,
                            "rules": [_rule(check) for check in report.ran],
                        }
                    },
                    # Two projects of one repository do not replace each other's findings.
                    "automationDetails": {"id": posixpath.join("gk", report.folder, "")},
                    "columnKind": "unicodeCodePoints",
                    "originalUriBaseIds": {
                        _ROOT: {"description": {"text": "The top of the repository."}}
                    },
                    "results": list(_results(report, rules)),
                }
            ],
        },
        indent=2,
    )


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.name,
        "shortDescription": {"text": check.summary},
        "fullDescription": {"text": check.summary},
        "help": {"text": check.page, "markdown": as_markdown(check.page)},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {
            "tags": ["grafana", "prometheus"],
            "problem.severity": _OF_GITHUB[check.severity],
        },
    }


def _results(report: Report, rules: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    silences = dict(report.silenced)
    for finding in sorted([*report.findings, *silences], key=lambda finding: finding.order):
        name = _name(finding)
        seen[name] += 1
        digest = hashlib.sha256(f"{name}\0{seen[name]}".encode("utf-8", "surrogatepass"))
        silence = silences.get(finding)
        yield {
            "ruleId": finding.check,
            **({"ruleIndex": rules[finding.check]} if finding.check in rules else {}),
            "level": _LEVELS[finding.severity],
            # SARIF reads "[text](1)" as a link.
            "message": {"text": in_one_line(finding.text).replace("](", "] (")},
            "locations": [_location(finding, report)],
            "partialFingerprints": {_FINGERPRINT: digest.hexdigest()[:32]},
            # Without any, and in a run that knows suppressions, a result counts as not suppressed.
            "suppressions": [_suppression(silence)] if silence else [],
        }


def _location(finding: Finding, report: Report) -> dict[str, Any]:
    # A result needs a file and a line, also one that is about the whole project.
    path = path_of(finding, report) or SETTINGS_FILE
    physical = {
        "artifactLocation": {
            "uri": quote(path, errors="surrogatepass"),
            "uriBaseId": _ROOT,
        },
        "region": {"startLine": finding.source.line or 1},
    }
    place = in_one_line(finding.place)
    logical = [{"fullyQualifiedName": place}] if place else []
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}


def _suppression(silence: Silence) -> dict[str, str]:
    kind = "inSource" if silence.lines is not None else "external"
    return {"kind": kind, "status": "accepted", "justification": in_one_line(silence.reason)}


def _name(finding: Finding) -> str:
    """What stays the same when lines move, a message is worded better, or a limit changes: the
    check and the part of the object, or of the file for a finding of no object."""
    owner = [finding.key[0].value, finding.key[1]] if finding.key else [finding.source.file]
    return "\0".join([finding.check, *owner, finding.place])
