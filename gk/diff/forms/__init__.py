"""The forms of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from gk.diff.forms.as_json import as_json
from gk.diff.forms.markdown import markdown
from gk.diff.forms.text import text
from gk.diff.model import Diff

__all__ = ["FORMS"]


def _html(diff: Diff) -> str:
    # Importing Jinja is slow, and few runs need the page.
    return str(import_module("gk.diff.forms.html").html(diff))


FORMS: Mapping[str, Callable[..., str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "html": _html,
}
