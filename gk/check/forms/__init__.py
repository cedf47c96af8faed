"""How gk check shows its report, and its checks.

A finding quotes titles and queries that anybody may have written. Each form shows them in one line
(`lines`), so that none of them becomes a line, a tag or a command of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from gk.check import Report
from gk.check.forms.as_json import as_json
from gk.check.forms.catalog import CATALOG
from gk.check.forms.github import github
from gk.check.forms.junit import junit
from gk.check.forms.sarif import sarif
from gk.check.forms.text import text

__all__ = ["CATALOG", "CHOICES", "FORMS"]


def _html(report: Report) -> str:
    # Importing Jinja takes longer than the other forms.
    return str(import_module("gk.check.forms.html").html(report))


FORMS: Mapping[str, Callable[..., str]] = {
    "text": text,
    "json": as_json,
    "html": _html,
    "sarif": sarif,
    "junit": junit,
    "github": github,
}
"""The forms of a report; CATALOG has those of a list of checks."""
CHOICES = tuple({**FORMS, **CATALOG})
"""The names of both."""
