"""Colours as a picture or the page paints them.

A colour in a preview is one of Grafana's names (green, dark-red, text), or #rrggbb. A picture is
of one theme and has the numbers; the page is of both, and has variables of CSS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DARK", "LIGHT", "PAGE", "Theme"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The numbers of names of colours. A theme without any paints variables of CSS."""

    name: str
    colors: Mapping[str, str]

    def paint(self, color: str) -> str:
        """A colour as an attribute of SVG takes it."""
        if color.startswith("#"):
            return color
        return self.colors.get(color, color) if self.colors else f"var(--{color})"


# gk's own names beside Grafana's: canvas (behind panels), panel, border, text, faint (secondary
# text), grid, track (what a gauge has not reached), ink (text on a bright colour).
DARK = Theme("dark", {})
LIGHT = Theme("light", {})
PAGE = Theme("page", {})
