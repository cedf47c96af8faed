"""Lines of text in pictures: SVG breaks none and cuts none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from gk.preview.svg import element, text_width
from gk.preview.theme import Theme

__all__ = ["Line", "cut_to", "drawn", "message", "placed", "wrapped"]

_LONGEST = 2_000
"""Letters of a line that are looked at: no picture is wider."""
_LEADING = 1.5
_MORE = 21.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, font size in pixels, color, and how far it is indented. A line with a
    `mark` has a bar of that colour before it; `gap` is the room above it, and `bullet` puts a dot
    before its indented text."""

    text: str
    size: float = 14.0
    color: str = "text"
    is_bold: bool = False
    is_code: bool = False
    indent: float = 0.0
    gap: float = 0.0
    mark: str = ""
    bullet: bool = False


def cut_to(text: str, width: float, size: float) -> str:
    """The text in one line; of one that is wider than `width` pixels, as much as fits and an
    ellipsis."""
    text = " ".join(text[:_LONGEST].split())
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    for end, letter in enumerate(text):
        room -= text_width(letter, size)
        if room < 0:
            return f"{text[:end].rstrip()}…" if end else ""
    return text


def wrapped(text: str, width: float, size: float) -> Iterator[str]:
    """The text in lines of at most `width` pixels, broken between words where possible."""
    line = ""
    for word in text[:_LONGEST].split():
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size) > width:
            yield line
            longer = word
        while text_width(longer, size) > width and len(longer) > 1:
            end = _fitting(longer, width, size)
            yield longer[:end]
            longer = longer[end:]
        line = longer
    if line:
        yield line


def _fitting(text: str, width: float, size: float) -> int:
    """How many letters fit; one at least."""
    for end, letter in enumerate(text):
        width -= text_width(letter, size)
        if width < 0:
            return max(end, 1)
    return len(text)


def drawn(lines: Iterable[Line], width: float, height: float, theme: Theme) -> Markup:
    """The lines that fit, from the top; the last one says if there are more."""
    shown: list[Markup] = []
    given = list(lines)
    y = 0.0
    for index, line in enumerate(given, 1):
        bottom = y + line.gap + line.size * _LEADING
        # Every line but the last leaves room for the one that says that there are more.
        if bottom + (_MORE if index < len(given) else 0) > height and y + _MORE <= height:
            shown.append(_text(Line("…", color="faint"), y + 14, width, theme))
            break
        shown.append(_text(line, y + line.gap + line.size * 1.1, width, theme))
        y = bottom
        if y > height:
            break
    return Markup("").join(shown)


def _text(line: Line, y: float, width: float, theme: Theme) -> Markup:
    text = element(
        "text",
        cut_to(line.text, width - line.indent, line.size * (1.1 if line.is_code else 1)),
        x=line.indent,
        y=y,
        font_size=line.size,
        font_weight="600" if line.is_bold else None,
        font_family="monospace" if line.is_code else None,
        fill=theme.paint(line.color),
    )
    if line.bullet:
        return text + element(
            "circle", cx=line.indent - 10, cy=y - line.size * 0.35, r=2, fill=theme.paint("text")
        )
    if not line.mark:
        return text
    mark = element(
        "rect",
        x=0,
        y=y - line.size * 0.9,
        width=3,
        height=line.size * 1.2,
        fill=theme.paint(line.mark),
    )
    return mark + text


def message(text: str, width: float, height: float, theme: Theme) -> Markup:
    """A text in the middle, in place of data."""
    return element(
        "text",
        text,
        x=width / 2,
        y=height / 2 + 5,
        text_anchor="middle",
        font_size=14,
        fill=theme.paint("faint"),
    )


def placed(inside: Markup, x: float, y: float, width: float, height: float) -> Markup:
    """A drawing at a place; what does not fit is cut off."""
    return element("svg", inside, x=x, y=y, width=width, height=height)
