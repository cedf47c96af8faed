"""Silences, and what each of them covers."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

from gk.check.model import Finding
from gk.errors import Source

__all__ = ["Silence", "Silenced"]


@dataclass(frozen=True, slots=True)
class Silence:
    """A statement that findings of a check are meant to be, with its reason, and where it is
    written.

    It applies to the lines `lines` of a file (a comment), or to files and parts whose names match
    the patterns `file` and `name` (gk.yaml).
    """

    check: str
    reason: str
    source: Source
    file: str = "*"
    name: str = "*"
    lines: range | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether it silences a finding."""
        name = (finding.where.name if finding.where else finding.title) or ""
        return (
            self.check == finding.check
            and fnmatch.fnmatchcase(finding.source.file, self.file)
            and fnmatch.fnmatchcase(name, self.name)
            and (self.lines is None or finding.source.line in self.lines)
        )


@dataclass(frozen=True, slots=True)
class Silenced:
    """A silence, and the findings that it covers."""

    silence: Silence
    findings: list[Finding]
