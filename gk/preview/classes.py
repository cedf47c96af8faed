"""Classes in place of style attributes, which the page's policy does not allow.

A class's name says what its rule has to be (`paint-dark-red`, `least-900`), so that the page makes
the rules of whatever classes it contains.
"""

from __future__ import annotations

import re

from gk.preview.theme import DARK, LIGHT, PAGE

__all__ = ["css", "exact", "least", "paint", "rules", "text_on"]

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
_HEX = re.compile(r"#[0-9a-f]{6}")
_HUES = ("red", "orange", "yellow", "green", "blue", "purple")
_WIDEST = 20_000

_USED = re.compile(
    r"\b(?:paint-(?P<color>x[0-9a-f]{6}|[a-z]+(?:-[a-z]+)*)"
    r"|(?P<length>least|exact)-(?P<pixels>[0-9]{1,5}))\b"
)


def paint(color: str) -> str:
    """The class of an element with a colour: its rule sets `--paint`, and `--paint-ink` for text on
    that colour. Empty for what is not a colour."""
    if _NAME.fullmatch(color):
        return f"paint-{color}"
    hexadecimal = color.lower()
    return f"paint-x{hexadecimal[1:]}" if _HEX.fullmatch(hexadecimal) else ""


def css(color: str) -> str:
    """The class of a colour as style sheets have it: #rgb, #rrggbb, or the name of a hue, which is
    then Grafana's. Empty for any other."""
    color = color.strip().lower()
    if color in _HUES:
        return paint(color)
    if not color.startswith("#"):
        return ""
    return paint("#" + "".join(2 * each for each in color[1:]) if len(color) == 4 else color)


def least(pixels: float) -> str:
    """The class of an element that is at least so wide."""
    return f"least-{_within(pixels)}"


def exact(pixels: float) -> str:
    """The class of an element that is exactly so wide."""
    return f"exact-{_within(pixels)}"


def _within(pixels: float) -> int:
    return round(min(max(pixels, 0), _WIDEST))


def rules(markup: str) -> str:
    """The style of all such classes in a page's markup, in the order of their names."""
    used = {found[0]: found for found in _USED.finditer(markup)}
    return "".join(f"{_rule(name, used[name])}\n" for name in sorted(used))


def _rule(name: str, found: re.Match[str]) -> str:
    if found["length"]:
        key = "min-width" if found["length"] == "least" else "width"
        return f".{name}{{{key}:{found['pixels']}px}}"
    color = found["color"]
    color = f"#{color[1:]}" if re.fullmatch("x[0-9a-f]{6}", color) else color
    light, dark = (text_on(theme.paint(color)) for theme in (LIGHT, DARK))
    ink = light if light == dark else f"light-dark({light},{dark})"
    return f".{name}{{--paint:{PAGE.paint(color)};--paint-ink:{ink}}}"


def text_on(color: str) -> str:
    """The colour of text on a background of #rrggbb: dark on what is brighter than 180 of 255, as
    in Grafana (getTextColorForBackground of @grafana/ui 12)."""
    if not _HEX.fullmatch(color.lower()):
        return "#f7f8fa"
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#202226" if (red * 299 + green * 587 + blue * 114) / 1000 > 180 else "#f7f8fa"
