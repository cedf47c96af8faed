"""Where the text of a comparison was made; gk.diff.forms has it."""

from __future__ import annotations

from gk.diff.forms.text import text

__all__ = ["text"]
