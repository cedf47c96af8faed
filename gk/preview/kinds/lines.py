"""Lines of text in pictures, because SVG breaks none and cuts none; and notes about those that are
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from gk.forms.plurals import counted
from gk.preview.svg import element, text_width
from gk.preview.theme import Theme

__all__ = ["Line", "cut_to", "drawn", "left_out", "message", "placed", "wrapped"]

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


def left_out(count: int, noun: str) -> list[str]:
    """A note that so many rows or lines are left out; nothing if none are."""
    if count <= 0:
        return []
    return [f"{counted(count, f'more {noun}')} {'is' if count == 1 else 'are'} not shown."]


def cut_to(text: str, width: float, size: float, *, is_code: bool = False) -> str:
    """The text in one line; of one that is wider than `width` pixels, as much as fits and an
    ellipsis. Code keeps its spaces."""
    text = text[:_LONGEST]
    text = text.expandtabs(4).replace(" ", "\u00a0") if is_code else " ".join(text.split())
    if _width(text, size, is_code) <= width:
        return text
    end = _fitting(text, width - _width("…", size, is_code), size, is_code)
    return f"{text[:end].rstrip()}…" if end else ""


def wrapped(text: str, width: float, size: float, *, is_code: bool = False) -> Iterator[str]:
    """The text in lines of at most `width` pixels, broken between words where possible."""
    line = ""
    for word in text[:_LONGEST].split():
        longer = f"{line} {word}" if line else word
        if line and _width(longer, size, is_code) > width:
            yield line
            longer = word
        while _width(longer, size, is_code) > width and len(longer) > 1:
            end = max(1, _fitting(longer, width, size, is_code))
            yield longer[:end]
            longer = longer[end:]
        line = longer
    if line:
        yield line


def _width(text: str, size: float, is_code: bool) -> float:
    # Letters of monospaced fonts are 0.6 of their size wide.
    return len(text) * size * 0.602 if is_code else text_width(text, size)


def _fitting(text: str, width: float, size: float, is_code: bool) -> int:
    """How many letters fit."""
    for end, letter in enumerate(text):
        width -= _width(letter, size, is_code)
        if width < 0:
            return end
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
        cut_to(line.text, width - line.indent, line.size, is_code=line.is_code),
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
