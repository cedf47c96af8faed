"""State timeline: a band for each series, whose parts are its states over time.

Equal neighbours are one state. Where the colour follows thresholds, the states are the ranges
between these, as in Grafana 9.3 to 12.4, which then ignores value mappings (grafana/grafana#71804).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from markupsafe import Markup

from gk.preview.data_links import links_of
from gk.preview.fields import display_of, formatted, name_of, steps_of
from gk.preview.fields.numbers import words_of
from gk.preview.kinds import legends, plots
from gk.preview.kinds.boxes import Box, content_size, cut_to, percent
from gk.preview.kinds.legends import Entry, Legend
from gk.preview.kinds.linked import linked
from gk.preview.kinds.pager import paged, sheets
from gk.preview.kinds.plots import Tick
from gk.preview.kinds.spots import Band, Span
from gk.preview.kinds.spots import spots as spots_of
from gk.preview.model import Display, Field, FieldType, Frame, Link, Shown
from gk.preview.parts import choice, flag, number_within, part
from gk.preview.parts import number as number_in
from gk.preview.svg import element
from gk.preview.theme import PAGE, Theme, ink_over

__all__ = [
    "Column",
    "Row",
    "State",
    "StatesView",
    "draw",
    "html",
    "left_of",
    "spots",
    "states_view",
    "view",
    "width_of_columns",
]

_SIZE = 12.0
_BESIDE = 20.0
"""Pixels beside names (measured with 12.4.0)."""
_FILL = 70.0
_LETTER = 9.65
"""Pixels that a letter of a state is given, of which there are at least two (measured with
12.4.0)."""
_NARROW = 12.0
"""Pixels below which a state has no title of its own."""
_FINE = 4000
"""In how many parts a side is divided for narrow states."""


@dataclass(frozen=True, slots=True)
class State:
    """A state from one time to another, in milliseconds since 1970."""

    start: float
    end: float
    text: str
    color: str
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The states of a series."""

    name: str
    states: Sequence[State]
    fill: float = 0.7
    line: float = 0.0


@dataclass(frozen=True, slots=True)
class StatesView:
    """What a state timeline or a status history shows. `width` and `height` are of its content on a
    screen of 1600; `row_height` and `column_width` are the shares of their room that the states
    fill."""

    rows: Sequence[Row]
    start: float
    end: float
    width: float
    height: float
    times: Sequence[Tick] = ()
    show_value: str = "auto"
    align: str = "left"
    row_height: float = 0.9
    column_width: float = 1.0
    legend: Legend | None = None
    timezone: str = "utc"
    per_page: int = 0
    """How many rows a page has, of which a reader sees one; 0 for all of them."""

    @property
    def pages(self) -> Sequence[StatesView]:
        """Its pages, without the legend."""
        size = self.per_page or len(self.rows) or 1
        starts = range(0, len(self.rows) or 1, size)
        return [replace(self, rows=self.rows[at : at + size], legend=None) for at in starts]


def view(shown: Shown) -> StatesView:
    """What a state timeline shows."""
    merges = shown.options.get("mergeValues") is not False
    return states_view(shown, lambda column: _timeline(column, shown, merges), merges=merges)


Says = Callable[[Any], Display]
Spans = Iterator[tuple[int, float, float, Any]]


@dataclass(frozen=True, eq=False)
class Column:
    """A field over time: what is said of its values, and the links of each by its row."""

    times: Field
    field: Field
    says: Says
    links: Callable[[int], Sequence[Link]]


def states_view(
    shown: Shown,
    states_of: Callable[[Column], Sequence[State]],
    *,
    align: str = "left",
    merges: bool = False,
) -> StatesView:
    """The view of states that `states_of` makes of a field over time. With `merges`, the texts of
    values that follow thresholds are the ranges between these."""
    options = shown.options
    rows: list[Row] = []
    entries: dict[str, Entry] = {}
    for frame in shown.frames:
        times = frame.times
        for field in frame.fields:
            if times is None or field.type is FieldType.TIME or _is_hidden(field, "viz"):
                continue
            says = _says(field, shown, merges)
            links = partial(_links, field, frame, shown)
            states = states_of(Column(times, field, says, links))
            rows.append(_row(field, frame, shown, states))
            if not _is_hidden(field, "legend"):
                entries |= _entries(field, states)
    width, height = content_size(shown)
    left = left_of(rows, width)
    start, end = shown.time.start * 1000, shown.time.end * 1000
    return StatesView(
        rows=tuple(rows),
        start=start,
        end=end,
        width=width,
        height=height,
        times=plots.time_axis(start, end, width - left, shown.timezone),
        show_value=choice(options, "showValue", "auto", "always", "never"),
        align=choice(options, "alignValue", align, "left", "center", "right"),
        row_height=number_within(options, "rowHeight", 0.05, 1.0, 0.9),
        column_width=width_of_columns(options),
        legend=legends.legend_of(options, list(entries.values())),
        timezone=shown.timezone,
        per_page=max(0, int(number_in(options, "perPage") or 0)),
    )


def width_of_columns(options: Mapping[str, Any]) -> float:
    """The share of their room that the cells of a status history fill."""
    return number_within(options, "colWidth", 0.05, 1.0, 0.9)


def left_of(rows: Sequence[Row], width: float) -> float:
    """The width of the names of rows."""
    return plots.left_of([row.name for row in rows], width, gap=_BESIDE)


def _links(field: Field, frame: Frame, shown: Shown, row: int) -> Sequence[Link]:
    return links_of(field, row, frame, shown.frames, shown)


def _is_hidden(field: Field, where: str) -> bool:
    return flag(part(field.custom, "hideFrom"), where)


def _row(field: Field, frame: Frame, shown: Shown, states: Sequence[State]) -> Row:
    return Row(
        name=name_of(field, frame, shown.frames),
        states=tuple(states),
        fill=number_within(field.custom, "fillOpacity", 0.0, 100.0, _FILL) / 100,
        line=number_within(field.custom, "lineWidth", 0.0, 10.0, 0.0),
    )


def _mode(field: Field) -> str:
    return str(part(field.config, "color").get("mode") or "")


def _says(field: Field, shown: Shown, merges: bool) -> Says:
    """The texts of a field's values: ranges between thresholds, if its colours follow these."""
    display = display_of(field, shown.timezone, now=shown.now)
    if field.type is not FieldType.NUMBER or not merges or _mode(field) != "thresholds":
        return display
    ranges, steps = _ranges(field), steps_of(field)

    def said(value: Any) -> Display:
        if not isinstance(value, (int, float)) or math.isnan(value):
            return display(value)
        reached = [
            index for index, step in enumerate(steps) if step.value is None or value >= step.value
        ]
        text, color = ranges[reached[-1] if reached else 0]
        return Display(text, color, number=float(value))

    return said if ranges else display


def _ranges(field: Field) -> list[tuple[str, str]]:
    """The ranges between thresholds and their colours: `< 80`, `80+`."""
    steps = steps_of(field, 0.0, 100.0)
    in_percent = part(field.config, "thresholds").get("mode") == "percentage"
    unit = "percent" if in_percent else words_of(field.config.get("unit"))
    decimals = number_in(field.config, "decimals")
    places = None if decimals is None else int(decimals)
    bounds = [(step.value, step.color) for step in steps]
    ranges = []
    for index, (value, color) in enumerate(bounds):
        following = bounds[index + 1][0] if index + 1 < len(bounds) else None
        if value is None and following is not None:
            ranges.append((f"< {formatted(following, unit, places)}", color))
        else:
            text = "-∞" if value is None else str(formatted(value, unit, places))
            ranges.append((f"{text}+", color))
    return ranges


def _entries(field: Field, states: Sequence[State]) -> dict[str, Entry]:
    """The entries of the legend: ranges between thresholds, or the states that occur. Continuous
    colours have none."""
    mode = _mode(field)
    if mode == "thresholds":
        ranges = _ranges(field)
        if len(ranges) > 1:
            return {text: Entry(text, color) for text, color in ranges}
    if mode.startswith("continuous"):
        return {}
    return {state.text: Entry(state.text, state.color) for state in states if state.text}


def _timeline(column: Column, shown: Shown, merges: bool) -> list[State]:
    """The states of a field within the panel's time: each lasts until the next value, or for the
    interval of the query if a value is missing after it."""
    states: list[State] = []
    before: Any = None
    for row, start, end, value in _spans(column, shown.time.end * 1000):
        begin = max(start, shown.time.start * 1000)
        said = None if value is None else column.says(value)
        if said is None or end <= begin:
            continue
        # Equal are values as they are, or the ranges that they are in, but not what is said.
        same = said.text if merges and _mode(column.field) == "thresholds" else value
        if merges and states and states[-1].end == begin and same == before:
            states[-1] = replace(states[-1], end=end)
        else:
            states.append(State(begin, end, str(said), said.color, column.links(row)))
        before = same
    return states


def _spans(column: Column, end: float) -> Spans:
    """The rows of a column: their number, start, end and value."""
    interval = number_in(column.times.config, "interval")
    values = zip(column.times.values, column.field.values, strict=False)
    known = [
        (row, time, value)
        for row, (time, value) in enumerate(values)
        if isinstance(time, (int, float))
    ]
    for index, (row, time, value) in enumerate(known):
        following = float(known[index + 1][1]) if index + 1 < len(known) else end
        # Samples are not exactly an interval apart: one and a half of it, and one is missing.
        if interval and following - time > interval * 1.5:
            following = time + interval
        yield row, float(time), min(following, end), value


def draw(view: StatesView, width: float, height: float, theme: Theme) -> Markup:
    """The bands of the first page, with their names on the left, the time below, and the legend."""
    if not view.rows:
        return plots.nothing(theme)
    box, below = legends.split(view.legend, width, height)
    left = left_of(view.rows, width)
    room = plots.area_of(box, left)
    area = _area(view, room.width, room.height, theme)
    picture = plots.drawn(
        area, _labels(view, left, room.height), view.times, theme, box=box, left=left
    )
    if view.legend is None:
        return picture
    return picture + legends.drawn(view.legend, below, (width, height), theme)


def html(view: StatesView) -> Markup:
    """The bands, which fill the panel."""
    if not view.rows:
        return element("svg", plots.nothing(PAGE), width="100%", height="100%")
    box, _ = legends.split(view.legend, view.width, view.height)
    left = left_of(view.rows, view.width)
    pages = [_page(page, box, left) for page in view.pages]
    if len(pages) == 1:
        return legends.beside(view.legend, pages[0])
    return paged(legends.beside(view.legend, sheets(pages)))


def _page(view: StatesView, box: Box, left: float) -> Markup:
    room = plots.area_of(box, left)
    area = _area(view, room.width, room.height, PAGE)
    now = (f"{row.name}: {row.states[-1].text}" for row in view.rows[:20] if row.states)
    return plots.html(
        area,
        _labels(view, left, room.height),
        view.times,
        width=box.width,
        left=left,
        label=", ".join(now),
    )


def spots(view: StatesView) -> list[dict[str, Any]]:
    """What a pointer finds on each page: its states."""
    return [_spots(page) for page in view.pages]


def _spots(view: StatesView) -> dict[str, Any]:
    count = len(view.rows)
    bands = []
    for index, row in enumerate(view.rows):
        middle, half = _middle(index, count, view.row_height), view.row_height / count / 2
        spans = [Span(state.start, state.end, state.text, state.color) for state in row.states]
        bands.append(Band(middle - half, middle + half, row.name, spans))
    return spots_of(bands, view.start, view.end, view.timezone)


def _labels(view: StatesView, left: float, height: float) -> list[Tick]:
    """The names, as many as have room below each other."""
    count = len(view.rows)
    every = max(1, math.ceil(count * _SIZE / height))
    return [
        Tick(_middle(index, count, view.row_height), cut_to(row.name, left - 8, _SIZE))
        for index, row in enumerate(view.rows)
        if index % every == 0
    ]


def _middle(index: int, count: int, row_height: float) -> float:
    """Where the middle of a row is, as a share of the height."""
    tall = row_height / count
    return tall / 2 + index * (1 - tall) / (count - 1) if count > 1 else 0.5


def _area(view: StatesView, width: float, height: float, theme: Theme) -> Markup:
    """The states: narrow ones as one path for each look, so that thousands of them stay small."""
    whole = Box(0.0, 0.0, width, height)
    wide: list[Markup] = []
    narrow: dict[tuple[str, float, float], list[str]] = {}
    for state, row, box in _placed(view, whole):
        text = _letters(state.text, view.show_value, box)
        if text or box.width >= _NARROW:
            wide.append(_state(state, row, view, theme, whole=whole, box=box, text=text))
        else:
            narrow.setdefault((state.color, row.fill, row.line), []).append(_outline(box, whole))
    paths = [
        element("path", d="".join(outlines), **_look(theme.paint(color), fill, line))
        for (color, fill, line), outlines in sorted(narrow.items())
    ]
    if paths:
        fine = element(
            "svg",
            *paths,
            width="100%",
            height="100%",
            viewBox=f"0 0 {_FINE} {_FINE}",
            preserveAspectRatio="none",
        )
        wide.insert(0, fine)
    return Markup("").join(wide)


def _placed(view: StatesView, whole: Box) -> Iterator[tuple[State, Row, Box]]:
    # The first row is at the top, the last one at the bottom, and the gaps are between.
    count = len(view.rows)
    tall = whole.height / count * view.row_height
    pitch = (whole.height - tall) / (count - 1) if count > 1 else 0.0
    first = 0.0 if count > 1 else (whole.height - tall) / 2
    scale = whole.width / ((view.end - view.start) or 1.0)
    for index, row in enumerate(view.rows):
        top = first + index * pitch
        for state in row.states:
            left, wide = (state.start - view.start) * scale, (state.end - state.start) * scale
            yield state, row, Box(left, top, wide, tall)


def _letters(text: str, when: str, box: Box) -> str:
    """The letters of a text that its box shows: with "auto", as many as have room."""
    if when == "auto":
        room = int((box.width + 0.9) / _LETTER) if box.height >= 8 else 0
        return text[:room] if room >= min(2, len(text)) else ""
    return text if when == "always" else ""


def _outline(box: Box, whole: Box) -> str:
    left, right = (round(side / whole.width * _FINE) for side in (box.x, box.x + box.width))
    top, bottom = (round(side / whole.height * _FINE) for side in (box.y, box.y + box.height))
    return f"M{left} {top}H{max(right, left + 1)}V{bottom}H{left}z"


def _look(color: str, fill: float, line: float) -> dict[str, str | float | None]:
    return {
        "fill": color,
        "fill_opacity": fill if fill < 1 else None,
        "stroke": color if line else None,
        "stroke_width": line or None,
        "vector_effect": "non-scaling-stroke" if line else None,
    }


def _state(
    state: State,
    row: Row,
    view: StatesView,
    theme: Theme,
    *,
    whole: Box,
    box: Box,
    text: str,
) -> Markup:
    """A state; what does not fit into its box is cut off."""
    place = {
        "x": percent(box.x, whole.width),
        "y": percent(box.y, whole.height),
        "width": percent(max(box.width, 0.5), whole.width),
        "height": percent(box.height, whole.height),
    }
    # The page's script says more of a state than a title could.
    said = Markup("") if theme is PAGE else element("title", f"{row.name}: {state.text}")
    look = _look(theme.paint(state.color), row.fill, row.line)
    if not text:
        return linked(element("rect", said, **place, **look), state.links, theme, is_stop=False)
    rect = element("rect", said, width="100%", height="100%", **look)
    ink = theme.paint(ink_over(state.color, row.fill))
    drawn = _text(text, min(_SIZE, box.height), view.align, ink)
    return linked(element("svg", rect, drawn, **place), state.links, theme, is_stop=False)


def _text(text: str, size: float, align: str, ink: str) -> Markup:
    x, dx, anchor = {
        "left": ("0", 2, None),
        "center": ("50%", None, "middle"),
        "right": ("100%", -2, "end"),
    }[align]
    return element(
        "text",
        text,
        x=x,
        dx=dx,
        y="50%",
        dy=size * 0.36,
        font_size=size,
        font_weight=500,
        text_anchor=anchor,
        fill=ink,
    )
