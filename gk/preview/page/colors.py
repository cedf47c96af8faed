"""The page's colours: variables of CSS for the names that pictures paint with."""

from __future__ import annotations

from collections.abc import Mapping

from gk.preview.theme import DARK, LIGHT

__all__ = ["palette"]


def palette() -> str:
    """The variables of both themes: dark and light as the system says, or as the reader chose.

    `light-dark()` would be shorter, but canvases need the colour itself, and a script that reads a
    variable gets `light-dark()` as it is.
    """
    dark, light = _variables(DARK.colors), _variables(LIGHT.colors)
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
        f":root[data-theme=light]{{color-scheme:light;{light}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
    )


def _variables(colors: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{color};" for name, color in sorted(colors.items()))
