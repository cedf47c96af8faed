"""Panels of a type that is not drawn: their data as a table, and a note that says so."""

from __future__ import annotations

from markupsafe import Markup

from gk.preview.model import Shown
from gk.preview.theme import Theme

__all__ = ["draw", "html", "view"]


def view(shown: Shown) -> Shown:
    """The panel."""
    return shown


def draw(view: Shown, width: float, height: float, theme: Theme) -> Markup:
    """Nothing yet."""
    return Markup("")


def html(view: Shown) -> Markup:
    """Nothing yet."""
    return Markup("")
