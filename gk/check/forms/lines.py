"""Text from outside in one line of printable characters."""

from __future__ import annotations

import posixpath

from gk.check import Report
from gk.check.model import Finding

__all__ = ["in_one_line", "path_of", "printable"]


def in_one_line(text: str) -> str:
    """The text with a space for each run of white space, and printable."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The text with escapes for what is not printable: controls, line breaks, marks of the text's
    direction, surrogates."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def path_of(finding: Finding, report: Report) -> str:
    """The path of a finding's file from the top of the repository; empty without a file."""
    file = finding.source.file
    return posixpath.normpath(posixpath.join(report.folder, file)) if file else ""
