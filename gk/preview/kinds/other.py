"""Panels of a type that is not drawn: their data as tables, and a note that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gk.forms.html import templates_of
from gk.preview.fields import frame_name_of
from gk.preview.kinds import lines, table
from gk.preview.model import Shown
from gk.preview.theme import Theme

__all__ = ["Data", "draw", "html", "view"]

_MOST_TABLES = 10
_NOTE = 28.0


@dataclass(frozen=True, slots=True)
class Data:
    """The frames of a panel with their names, and what is not drawn."""

    note: str
    tables: Sequence[tuple[str, table.Table]] = ()


def view(shown: Shown) -> Data:
    """The data of the panel, whatever its options say."""
    frames = [frame for frame in shown.frames if frame.fields]
    left_out = lines.left_out(len(frames) - _MOST_TABLES, "table")
    what = "gk does not draw panels of this type" if shown.type else "This panel has no type"
    kind = f" ({shown.type})" if shown.type else ""
    return Data(
        " ".join((f"{what}{kind}{': this is their data.' if frames else '.'}", *left_out)),
        [
            (frame_name_of(frame, index), table.table_of(frame, shown))
            for index, frame in enumerate(frames[:_MOST_TABLES])
        ],
    )


def draw(view: Data, width: float, height: float, theme: Theme) -> Markup:
    """The note, and as many tables as fit."""
    note = lines.drawn([lines.Line(view.note, color="faint")], width, _NOTE, theme)
    room = height - _NOTE
    if not view.tables or room < 2 * _NOTE:
        return note
    _, first = view.tables[0]
    inside = table.draw(first, width, room, theme)
    return note + lines.placed(inside, 0.0, _NOTE, width, room)


def html(view: Data) -> Markup:
    """The note and all tables."""
    template = templates_of("gk.preview.kinds").get_template("other.html")
    tables = [(name, table.html(shown)) for name, shown in view.tables]
    return Markup(template.render(note=view.note, tables=tables))
