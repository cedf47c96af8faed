"""The forms of a preview: a page for people, and JSON for machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from gk.preview.asking import Preview
from gk.preview.forms.as_json import as_json

__all__ = ["FORMS"]


def _html(preview: Preview) -> str:
    # Importing Jinja takes longer than the other form.
    return str(import_module("gk.preview.page").html(preview.boards))


FORMS: Mapping[str, Callable[[Preview], str]] = {"html": _html, "json": as_json}
