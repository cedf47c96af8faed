"""SVG as text: elements whose attributes and texts are escaped, and the width of a text.

A picture has no style attribute and no script, so that it works under any policy, in an <img> and
inside a page. Lengths may be percentages: then a picture fills whatever box it is put into.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from gk.forms import visible

__all__ = ["FONT", "element", "number", "path_of", "picture", "role_of", "text_width"]

FONT = "Inter, Helvetica, Arial, sans-serif"

# Advance widths in thousandths of the font size, by groups: those of Inter (3.19, regular), which
# Grafana 12 has, too. Helvetica and Arial are narrower but for some capital letters.
_WIDTHS = {
    **dict.fromkeys("'ijl", 237),
    **dict.fromkeys(" !,.:;I·", 278),
    **dict.fromkeys("|/\\()[]{}frt", 363),
    **dict.fromkeys('"²³°', 440),
    **dict.fromkeys("1_-^", 463),
    **dict.fromkeys("*?`s–", 507),
    **dict.fromkeys("JLackvxyz", 560),
    **dict.fromkeys("7EFehnou", 595),
    **dict.fromkeys("025689Zbdgpqµ", 620),
    **dict.fromkeys("34#$&BKPRSTXY+<=>~×", 650),
    **dict.fromkeys("ADCHUNGV", 735),
    **dict.fromkeys("OQ%w…", 812),
    **dict.fromkeys("mM", 885),
    **dict.fromkeys("W@—", 960),
}
_OTHER = 640


def text_width(text: str, size: float) -> float:
    """The width of a text in pixels, about, at a font size."""
    # From U+2E80 on, most letters are as wide as they are high: Chinese, Japanese, Korean.
    return sum(_WIDTHS.get(letter, _OTHER if letter < "\u2e80" else 1000) for letter in text) * (
        size / 1000
    )


def number(value: float) -> str:
    """A length with up to two decimals, and no zeros at its end."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def element(name: str, /, *inside: Markup | str, **attributes: str | float | None) -> Markup:
    """An element. Attributes are named with `_` for `-`, and `class_`; None leaves one out. A text
    inside is escaped, and its invisible characters are shown by their numbers."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(
        part if isinstance(part, Markup) else str(escape(visible(part))) for part in inside
    )
    return Markup(f"<{name}{given}>{body}</{name}>" if body else f"<{name}{given}/>")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return str(escape(visible(value)))
    return number(value)


def path_of(points: Iterable[tuple[float, float]]) -> str:
    """The `d` of a line through points."""
    return "".join(
        f"{'L' if index else 'M'}{number(x)} {number(y)}" for index, (x, y) in enumerate(points)
    )


def role_of(drawing: Markup) -> str:
    """The role of a drawing for a screen reader: one image, unless there are links in it."""
    return "group" if "<a " in drawing else "img"


def picture(width: float, height: float, *inside: Markup) -> Markup:
    """A picture by itself."""
    return element(
        "svg",
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        font_family=FONT,
    )
