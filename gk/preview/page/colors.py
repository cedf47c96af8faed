"""The page's colours: variables of CSS for the names that pictures paint with."""

from __future__ import annotations

from gk.preview.theme import DARK, LIGHT, Theme, css

__all__ = ["palette"]

# Of the page alone: what is under the mouse, what is above the page, the selection and the cursor.
_OWN = {
    "dark": {
        "hover": "#ccccdc14",
        "raised": "#22252b",
        "select": "#f0faff17",
        "cursor": "#ccccdca6",
        "focus": "#6e9fff",
    },
    "light": {
        "hover": "#24292e14",
        "raised": "#ffffff",
        "select": "#000a1717",
        "cursor": "#24292ebf",
        "focus": "#1f62e0",
    },
}


def palette() -> str:
    """The variables of both themes: dark and light as the system says, or as the reader chose.

    `light-dark()` would be shorter, but canvases need the colour itself, and a script that reads a
    variable gets `light-dark()` as it is.
    """
    dark, light = _declared(DARK), _declared(LIGHT)
    return (
        f":root {{\n{light}\n}}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{\n{dark}\n}} }}\n"
        f":root[data-theme=light] {{\n{light}\n}}\n"
        f":root[data-theme=dark] {{\n{dark}\n}}\n"
    )


def _declared(theme: Theme) -> str:
    own = "\n".join(f"--{name}: {color};" for name, color in _OWN[theme.name].items())
    return f"{css(theme)}\n{own}"
