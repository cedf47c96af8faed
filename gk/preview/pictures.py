"""Pictures of panels by themselves, SVG that needs nothing else: for reports, comments, tests."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from gk.preview.kinds import kind_of
from gk.preview.kinds.boxes import content_size, cut_to
from gk.preview.model import Note, Shown
from gk.preview.svg import element
from gk.preview.svg import picture as svg
from gk.preview.theme import DARK, LIGHT, PAGE, Theme, css

__all__ = ["picture"]

_PADDING = 8.0
_TITLE = 14.0
_TITLE_LINE = 25.0
"""Where the line of the title is, from the top."""
_NOTE = 12.0
_NOTE_LINE = 18.0
_MOST_NOTES = 3


def picture(shown: Shown, theme: Theme = DARK) -> Markup:
    """The picture of a panel: its title, its content, and the reason if there is none. With the
    theme PAGE, it is as dark as the page around it."""
    width, height = shown.width, shown.height
    # Where there are data, they need the room.
    told = [note for note in shown.notes if note.is_error or not shown.has_data]
    lines = [_line(note, width) for note in told[:_MOST_NOTES]]
    room = len(lines) * _NOTE_LINE
    content_width, content_height = content_size(shown)
    content_height = max(1.0, content_height - room)
    view = kind_of(shown.type).view(shown)
    body = element(
        "svg",
        kind_of(shown.type).draw(view, content_width, content_height, theme),
        x=_PADDING,
        y=height - room - _PADDING - content_height,
        width=content_width,
        height=content_height,
    )
    return svg(
        width,
        height,
        *_style(theme),
        element(
            "rect",
            x=0.5,
            y=0.5,
            width=width - 1,
            height=height - 1,
            rx=2,
            fill=theme.paint("panel"),
            stroke=theme.paint("border"),
        ),
        _title(shown.title, width, theme),
        body,
        *_notes(lines, height, theme),
    )


def _style(theme: Theme) -> Iterator[Markup]:
    if theme is PAGE:
        # An image has the colour scheme of the page around it (Chromium 120, Firefox 128).
        dark = f"@media (prefers-color-scheme: dark){{:root{{{css(DARK)}}}}}"
        yield Markup(f"<style>:root{{{css(LIGHT)}}}{dark}</style>")


def _title(title: str, width: float, theme: Theme) -> Markup:
    return element(
        "text",
        cut_to(title, width - 2 * _PADDING, _TITLE),
        x=_PADDING,
        y=_TITLE_LINE,
        font_size=_TITLE,
        font_weight=500,
        fill=theme.paint("text"),
    )


def _line(note: Note, width: float) -> tuple[str, str]:
    """The text and the colour of a note, on one line."""
    text = f"{note.ref_id}: {note.text}" if note.ref_id else note.text
    return cut_to(text, width - 2 * _PADDING, _NOTE), "error" if note.is_error else "faint"


def _notes(lines: list[tuple[str, str]], height: float, theme: Theme) -> Iterator[Markup]:
    for index, (text, color) in enumerate(reversed(lines)):
        yield element(
            "text",
            text,
            x=_PADDING,
            y=height - _PADDING - index * _NOTE_LINE,
            font_size=_NOTE,
            fill=theme.paint(color),
        )
