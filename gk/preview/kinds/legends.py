"""Legends of pictures: names with their colours and values, as a list or a table, below or
right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gk.preview.kinds.boxes import Box, cut_to, nested
from gk.preview.kinds.paints import written
from gk.preview.parts import number as number_in
from gk.preview.parts import part
from gk.preview.svg import element, number, text_width
from gk.preview.theme import PAGE, Theme

__all__ = ["Entry", "Legend", "beside", "drawn", "html", "legend_of", "split"]

_SIZE = 12.0
_LINE = 21.0
_ROW = 24.0
"""The heights of a line of a list, and of a row of a table."""
_GAP = 16.0
_KEY = 18.0
"""From the left of the colour to the text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, its colour, and the values beside it."""

    name: str
    color: str
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Legend:
    """Entries and where they are. `headings` are those of the values, which a list says before each
    if there are several, or with `is_named`; `width` is the author's."""

    entries: Sequence[Entry]
    headings: Sequence[str] = ()
    is_table: bool = False
    is_right: bool = False
    width: float | None = None
    is_named: bool = False
    has_header: bool = True
    """Whether a table says its headings."""

    def text_of(self, entry: Entry, width: float = math.inf) -> str:
        """An entry of a list in one line, whose name is cut to fit into a width."""
        named = self.is_named or len(self.headings) > 1
        said = (
            f"{heading}: {value}" if named else value
            for heading, value in zip(self.headings, entry.values, strict=False)
        )
        values = "".join(f"  {value}" for value in said)
        room = max(30.0, width - text_width(values, _SIZE))
        return f"{cut_to(entry.name, room, _SIZE)}{values}"


def legend_of(
    options: Mapping[str, Any], entries: Sequence[Entry], headings: Sequence[str] = ()
) -> Legend | None:
    """The legend that a panel's options ask for; None if they hide it."""
    given = part(options, "legend")
    if not entries or given.get("showLegend") is False or given.get("displayMode") == "hidden":
        return None
    return Legend(
        entries=tuple(entries),
        headings=tuple(headings),
        is_table=given.get("displayMode") == "table",
        is_right=given.get("placement") == "right",
        width=number_in(given, "width"),
    )


def split(legend: Legend | None, width: float, height: float) -> tuple[Box, Box]:
    """The boxes of a panel's picture and of its legend."""
    whole = Box(0.0, 0.0, width, height)
    if legend is None:
        return whole, Box(0.0, height, 0.0, 0.0)
    # At most what VizLayout of @grafana/ui gives a legend: 60 % of the width, 35 % of the height.
    if legend.is_right:
        wide = min(legend.width or _width(legend), width * 0.6)
        return Box(0.0, 0.0, width - wide, height), Box(width - wide, 0.0, wide, height)
    tall = min(_height(legend, width) + 4.0, height * 0.35)
    return Box(0.0, 0.0, width, height - tall), Box(0.0, height - tall, width, tall)


def _width(legend: Legend) -> float:
    if not legend.is_table:
        texts = (legend.text_of(entry) for entry in legend.entries)
        return max(text_width(text, _SIZE) for text in texts) + _KEY + _GAP
    return sum(_columns(legend)) + _GAP


def _columns(legend: Legend) -> list[float]:
    """The widths of a table's columns: the name's, and the values'."""
    names = max(text_width(entry.name, _SIZE) for entry in legend.entries) + _KEY + _GAP
    values = [
        max(
            text_width(heading, _SIZE) * legend.has_header,
            *(text_width(entry.values[index], _SIZE) for entry in legend.entries),
        )
        + _GAP
        for index, heading in enumerate(legend.headings)
    ]
    return [names, *values]


def _height(legend: Legend, width: float) -> float:
    if legend.is_table:
        return (len(legend.entries) + legend.has_header) * _ROW
    return _LINE * (1 + max((row for _, row, _ in _flow(legend, width)), default=0))


def _flow(legend: Legend, width: float) -> list[tuple[float, int, str]]:
    """Where the entries of a list are, wrapped into rows: x, row, text."""
    placed = []
    x, row = 0.0, 0
    for entry in legend.entries:
        text = legend.text_of(entry, max(20.0, width - _KEY))
        wide = text_width(text, _SIZE) + _KEY + _GAP
        if x and (legend.is_right or x + wide - _GAP > width):
            x, row = 0.0, row + 1
        placed.append((x, row, text))
        x += wide
    return placed


def drawn(legend: Legend, box: Box, whole: tuple[float, float], theme: Theme) -> Markup:
    """The legend in its box; rows that have no room are left out, and their number is said."""
    if box.width <= 0 or box.height <= 0:
        return Markup("")
    room = max(1, int(box.height / (_ROW if legend.is_table else _LINE)))
    rows = _table(legend, box, room, theme) if legend.is_table else _list(legend, box, room, theme)
    inset = 8.0 if legend.is_right else 0.0
    return nested(
        box,
        *whole,
        element("g", *rows, transform=f"translate({inset:g} 0)"),
        fit="xMinYMin meet",
    )


def _list(legend: Legend, box: Box, room: int, theme: Theme) -> list[Markup]:
    flow = _flow(legend, box.width - 8)
    shown = [
        _entry(entry.color, text, x, row * _LINE, theme)
        for entry, (x, row, text) in zip(legend.entries, flow, strict=True)
        if row < room
    ]
    return [*shown, *_more(len(flow) - len(shown), box, theme)]


def _table(legend: Legend, box: Box, room: int, theme: Theme) -> list[Markup]:
    columns = _columns(legend)
    room_of_names = max(40.0, box.width - 8 - sum(columns[1:]))
    ends = [box.width - 8 - sum(columns[index + 2 :]) for index in range(len(legend.headings))]
    link = theme.paint("link")
    head = [
        _text("Name", 0.0, 0.0, link),
        *(
            _text(heading, end, 0.0, link, is_end=True)
            for heading, end in zip(legend.headings, ends, strict=True)
        ),
    ]
    shown = head if legend.has_header else []
    entries = legend.entries[: max(0, room - legend.has_header)]
    for row, entry in enumerate(entries, start=int(legend.has_header)):
        name = cut_to(entry.name, room_of_names - _KEY, _SIZE)
        line = f"M0 {number(row * _ROW)}H{number(box.width - 8)}"
        shown.append(element("path", d=line, stroke=theme.paint("border")))
        shown.append(_entry(entry.color, name, 0.0, row * _ROW, theme))
        shown += [
            _text(value, end, row * _ROW, theme.paint("text"), is_end=True)
            for value, end in zip(entry.values, ends, strict=False)
        ]
    return [*shown, *_more(len(legend.entries) - len(entries), box, theme)]


def _more(count: int, box: Box, theme: Theme) -> list[Markup]:
    if count <= 0:
        return []
    return [
        _text(f"+{count}", box.width - 8, box.height - _LINE, theme.paint("faint"), is_end=True)
    ]


def _entry(color: str, text: str, x: float, y: float, theme: Theme) -> Markup:
    key = element(
        "rect", x=x, y=y + _LINE / 2 - 2, width=14, height=4, rx=2, fill=theme.paint(color)
    )
    return key + _text(text, x + _KEY, y, theme.paint("text"))


def _text(text: str, x: float, y: float, paint: str, *, is_end: bool = False) -> Markup:
    anchor = "end" if is_end else "start"
    return written(text, x, y + _LINE / 2, size=_SIZE, fill=paint, anchor=anchor)


def html(legend: Legend) -> Markup:
    """The legend of the page."""
    if not legend.is_table:
        entries = [
            element("li", _key(entry.color), legend.text_of(entry)) for entry in legend.entries
        ]
        return element("ul", *entries, class_="entries")
    head = element(
        "tr", element("th", "Name"), *(_cell("th", heading) for heading in legend.headings)
    )
    rows = [
        element(
            "tr",
            element("td", _key(entry.color), entry.name),
            *(_cell("td", value) for value in entry.values),
        )
        for entry in legend.entries
    ]
    body = element("tbody", *rows)
    inside = (element("thead", head), body) if legend.has_header else (body,)
    return element("table", *inside, class_="entries")


def _cell(name: str, text: str) -> Markup:
    return element(name, text, class_="amount")


def _key(color: str) -> Markup:
    rect = element("rect", width="100%", height="100%", rx=2, fill=PAGE.paint(color))
    return element("svg", rect, class_="key", width=14, height=4, aria_hidden="true")


def beside(legend: Legend | None, picture: Markup) -> Markup:
    """What the page shows of a picture and its legend."""
    if legend is None:
        return picture
    place = "right" if legend.is_right else "bottom"
    return element(
        "div", element("div", picture, class_="drawn"), html(legend), class_=f"with-legend {place}"
    )
