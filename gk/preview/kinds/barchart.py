"""Bar charts: a group of bars for each row of a frame, one for each number in it, beside each other
or stacked, upright or lying, as Grafana 12.4 draws them.

Series are one frame by their times; of other frames, the first one that has names and numbers is
drawn. Not drawn: rotated and logarithmic axes, lines of thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from gk.preview.axes import (
    Limits,
    label_width,
    range_of,
    space_of,
    step_of,
    ticks,
    time_label,
    zone_of,
)
from gk.preview.fields import (
    REDUCERS,
    color_of,
    display_of,
    name_of,
    reduced,
    tick_decimals,
)
from gk.preview.kinds import legends, plots
from gk.preview.kinds.boxes import Box, content_size, cut_to, percent
from gk.preview.kinds.legends import Entry, Legend
from gk.preview.kinds.lines import message
from gk.preview.kinds.plots import Tick
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.parts import (
    choice,
    drawable,
    flag,
    number,
    number_within,
    part,
    word,
    words,
)
from gk.preview.svg import element
from gk.preview.theme import PAGE, Theme

__all__ = ["Bar", "BarsView", "draw", "html", "view"]

_MOST = 300
"""Rows that are drawn: with more, no bar would be seen."""
_SIZE, _LEAST_SIZE = 12.0, 8.0
_SHARE = 0.65
"""The share of a bar's width, or of a lying bar's height, that its value may take."""
_SPACE = 40.0
"""Pixels between the ticks of lying bars (measured with 12.4.0: between 28 and 56)."""
_BELOW = 22.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its row and series, its value as a text, and where it is: `start` and `size` as shares
    of the axis of rows, `low` and `high` of the axis of values."""

    row: str
    series: str
    text: str
    color: str
    start: float
    size: float
    low: float
    high: float
    is_negative: bool = False


@dataclass(frozen=True, slots=True)
class BarsView:
    """The bars of a panel, on a screen of 1600 pixels. The shares of `values` are from the end of
    their axis that is least; `rows` are named in the middle of their bars."""

    bars: Sequence[Bar] = ()
    rows: Sequence[Tick] = ()
    values: Sequence[Tick] = ()
    is_upright: bool = True
    opacity: float = 0.8
    show_value: str = "auto"
    is_stacked: bool = False
    legend: Legend | None = None
    width: float = 0.0
    height: float = 0.0
    notes: Sequence[str] = ()


def view(shown: Shown) -> BarsView:
    """The bars of the first frame that has any."""
    width, height = content_size(shown)
    frames = _together([frame for frame in shown.frames if _numbers(frame, shown)], shown)
    if not frames:
        return BarsView(width=width, height=height)
    frame = frames[0]
    fields = _numbers(frame, shown)
    options = shown.options
    stacking = choice(options, "stacking", "none", "normal", "percent")
    is_upright = choice(options, "orientation", "auto", "vertical", "horizontal") != "horizontal"
    axis = _range(fields, stacking)
    legend = legends.legend_of(options, *_legend(fields, frame, shown))
    room, _ = legends.split(legend, width, height)
    length = room.height - _BELOW if is_upright else room.width
    names = _names(frame, shown)
    group = _group(options, fields, stacking)
    return BarsView(
        bars=tuple(_bars(fields, names, frame, shown, axis)),
        rows=[
            Tick(_middle(index, len(names), group / len(names)), name)
            for index, name in enumerate(names)
        ],
        values=list(_ticks(fields[0], axis, length, is_upright)),
        is_upright=is_upright,
        opacity=number_within(fields[0].custom, "fillOpacity", 0.0, 100.0, 80.0) / 100,
        # Shares are drawn without values.
        show_value="never"
        if stacking == "percent"
        else choice(options, "showValue", "auto", "always", "never"),
        is_stacked=stacking != "none",
        legend=legend,
        width=width,
        height=height,
        notes=["Only the first of its tables is drawn."] if len(frames) > 1 else [],
    )


# Data


def _together(frames: Sequence[Frame], shown: Shown) -> Sequence[Frame]:
    """One frame in place of several whose rows are times: it has a row for each time of any."""
    keys = [_names_field(frame, shown) for frame in frames]
    if len(frames) < 2 or any(key is None or key.type is not FieldType.TIME for key in keys):
        return frames
    rows = [
        {time: row for row, time in enumerate(key.values) if drawable(time) is not None}
        for key in keys
        if key is not None
    ]
    times = sorted({time for row in rows for time in row})
    fields = [
        replace(
            field,
            # A name of one of several frames is not that of one of several fields.
            config={"displayName": name_of(field, frame, frames), **field.config},
            values=[None if (row := row_of.get(time)) is None else field.at(row) for time in times],
        )
        for frame, row_of in zip(frames, rows, strict=True)
        for field in _numbers(frame, shown)
    ]
    made = Frame([replace(keys[0] or fields[0], values=times), *fields])
    return [made] if times else []


def _names_field(frame: Frame, shown: Shown) -> Field | None:
    """What rows are named by: the panel's choice, the first text, or the first time."""
    chosen = word(shown.options, "xField")
    named = [field for field in frame.fields if chosen and chosen in (field.name, field.title)]
    texts = [field for field in frame.fields if field.type is FieldType.STRING]
    times = [field for field in frame.fields if field.type is FieldType.TIME]
    return next(iter([*named, *texts, *times]), None)


def _numbers(frame: Frame, shown: Shown) -> list[Field]:
    names = _names_field(frame, shown)
    if names is None or not frame.length:
        return []
    bars = [
        field
        for field in frame.fields
        if field.type is FieldType.NUMBER
        and field is not names
        and not flag(part(field.custom, "hideFrom"), "viz")
    ]
    # Colours of the palette go by the numbers that are drawn: a text before them takes none.
    return [replace(bar, index=index) for index, bar in enumerate(bars)]


def _names(frame: Frame, shown: Shown) -> list[str]:
    field = _names_field(frame, shown)
    if field is None:
        return []
    values = field.values[:_MOST]
    if field.type is FieldType.TIME and all(drawable(value) is not None for value in values):
        # As an axis has them.
        moments = sorted(values)
        step = min((after - before for before, after in pairwise(moments)), default=0.0)
        zone, span = zone_of(shown.timezone), moments[-1] - moments[0]
        return [time_label(value, step or span, span, zone) for value in values]
    said = display_of(field, shown.timezone, now=shown.now)
    return [str(said(value)) for value in values]


def _stacked(
    fields: Sequence[Field], row: int, stacking: str
) -> Iterator[tuple[Field, float, float, float]]:
    """The numbers of a row, and from where to where their bars are."""
    values = [(field, value) for field in fields if (value := drawable(field.at(row))) is not None]
    whole = sum(abs(value) for _, value in values)
    ends = {True: 0.0, False: 0.0}
    for field, value in values:
        size = value
        if stacking == "percent":
            size = value / whole if whole else 0.0
        start = 0.0 if stacking == "none" else ends[size >= 0]
        ends[size >= 0] = start + size
        yield field, value, start, start + size


def _range(fields: Sequence[Field], stacking: str) -> tuple[float, float]:
    """The axis of values, which contains zero."""
    rows = min(_MOST, max(len(field.values) for field in fields))
    bounds = [
        end
        for row in range(rows)
        for _, _, *both in _stacked(fields, row, stacking)
        for end in both
        if math.isfinite(end)
    ]
    if stacking == "percent":
        return (-1.0 if min(bounds, default=0.0) < 0 else 0.0), 1.0
    config, custom = fields[0].config, fields[0].custom
    limits = Limits(
        number(config, "min"),
        number(config, "max"),
        number(custom, "axisSoftMin"),
        number(custom, "axisSoftMax"),
    )
    low, high = range_of(min(bounds, default=None), max(bounds, default=None), limits)
    return (low, high) if low < high and math.isfinite(high - low) else (0.0, 1.0)


def _bars(
    fields: Sequence[Field],
    names: Sequence[str],
    frame: Frame,
    shown: Shown,
    axis: tuple[float, float],
) -> Iterator[Bar]:
    options = shown.options
    stacking = choice(options, "stacking", "none", "normal", "percent")
    beside = 1 if stacking != "none" else len(fields)
    own = 1.0 if beside == 1 else number_within(options, "barWidth", 0.01, 1.0, 0.97)
    group = _group(options, fields, stacking)
    titles = {id(field): name_of(field, frame, shown.frames) for field in fields}
    displays = {id(field): display_of(field, shown.timezone, now=shown.now) for field in fields}
    places = {id(field): 0 if beside == 1 else index for index, field in enumerate(fields)}
    wide = group / len(names) if names else 1.0
    bar_wide = wide / beside
    for row, name in enumerate(names):
        for field, value, start, end in _stacked(fields, row, stacking):
            said = displays[id(field)](value)
            left = _middle(row, len(names), wide) - wide / 2 + places[id(field)] * bar_wide
            low, high = sorted((_at(start, axis), _at(end, axis)))
            yield Bar(
                name,
                titles[id(field)],
                str(said),
                said.color if _is_by_value(field) else color_of(field),
                left + bar_wide * (1 - own) / 2,
                bar_wide * own,
                low,
                high,
                is_negative=value < 0,
            )


def _group(options: Any, fields: Sequence[Field], stacking: str) -> float:
    """The share of its place that a group of bars takes; one alone, and a stack, as its author
    chose for bars."""
    is_alone = stacking != "none" or len(fields) == 1
    key, default = ("barWidth", 0.97) if is_alone else ("groupWidth", 0.7)
    return number_within(options, key, 0.01, 1.0, default)


def _middle(row: int, count: int, wide: float) -> float:
    """Where the middle of a group is that is so wide: the first one is at the start of the axis,
    and the last one at its end."""
    return wide / 2 + row * (1 - wide) / (count - 1) if count > 1 else 0.5


def _at(value: float, axis: tuple[float, float]) -> float:
    low, high = axis
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _is_by_value(field: Field) -> bool:
    """Whether each bar has the colour of its value."""
    mode = word(part(field.config, "color"), "mode")
    return mode == "thresholds" or mode.startswith("continuous")


# Axes and legend


def _ticks(
    field: Field, axis: tuple[float, float], length: float, is_upright: bool
) -> Iterator[Tick]:
    low, high = axis
    step = step_of(low, high, length, space_of(length) if is_upright else _SPACE)
    display = display_of(field)
    decimals = tick_decimals(step)
    for tick in ticks(low, high, step):
        yield Tick((tick - low) / (high - low), str(display(tick, decimals)))


def _legend(
    fields: Sequence[Field], frame: Frame, shown: Shown
) -> tuple[list[Entry], Sequence[str]]:
    calcs = words(part(shown.options, "legend"), "calcs")
    entries = [
        Entry(
            name_of(field, frame, shown.frames),
            color_of(field),
            [
                str(display_of(field, shown.timezone, now=shown.now)(reduced(field, calc)))
                for calc in calcs
            ],
        )
        for field in fields
    ]
    return entries, [REDUCERS.get(calc, calc) for calc in calcs]


# Pictures


def draw(view: BarsView, width: float, height: float, theme: Theme) -> Markup:
    """The bars with their axes and the legend."""
    if not view.bars:
        return message("No data", width, height, theme)
    box, below = legends.split(view.legend, width, height)
    left = _left(view, width)
    room = plots.area_of(box, left)
    picture = plots.drawn(
        _area(view, room, theme), *_axes(view, room, left), theme, box=box, left=left
    )
    if view.legend is None:
        return picture
    return picture + legends.drawn(view.legend, below, (width, height), theme)


def html(view: BarsView) -> Markup:
    """The bars, which fill the panel."""
    if not view.bars:
        return element("p", "No data", class_="nothing")
    box, _ = legends.split(view.legend, view.width, view.height)
    left = _left(view, view.width)
    room = plots.area_of(box, left)
    said = ", ".join(f"{bar.row} {bar.series}: {bar.text}" for bar in view.bars[:20])
    plot = plots.html(
        _area(view, room, PAGE), *_axes(view, room, left), width=box.width, left=left, label=said
    )
    notes = Markup("").join(element("p", note, class_="aside") for note in view.notes)
    return legends.beside(view.legend, plot) + notes


def _left(view: BarsView, width: float) -> float:
    return plots.left_of(
        [value.text for value in (view.values if view.is_upright else view.rows)], width
    )


def _axes(view: BarsView, room: Box, left: float) -> tuple[list[Tick], list[Tick]]:
    """The ticks on the left, and those below."""
    # Names of rows have at least 36 pixels beside each other, and 14 below each other.
    if view.is_upright:
        every = max(1, math.ceil(len(view.rows) * 36 / room.width))
        slot = room.width / len(view.rows) * every - 6
        return (
            [replace(value, share=1 - value.share) for value in view.values],
            [replace(row, text=cut_to(row.text, slot, _SIZE)) for row in view.rows[::every]],
        )
    every = max(1, math.ceil(len(view.rows) * 14 / room.height))
    names = [replace(row, text=cut_to(row.text, left - 8, _SIZE)) for row in view.rows[::every]]
    return names, list(view.values)


def _area(view: BarsView, room: Box, theme: Theme) -> Markup:
    longest = max(label_width(bar.text, 1.0) for bar in view.bars)
    return Markup("").join(
        [
            *(_rule(value.share, view.is_upright, theme) for value in view.values),
            *(_bar(bar, view, theme) for bar in view.bars),
            # Texts are over all bars: stacked ones would hide them.
            *(_value(bar, view, room, longest, theme) for bar in view.bars),
        ]
    )


def _rule(share: float, is_upright: bool, theme: Theme) -> Markup:
    color = theme.paint("grid")
    if is_upright:
        y = percent(1 - share, 1)
        return element("line", x1=0, x2="100%", y1=y, y2=y, stroke=color)
    x = percent(share, 1)
    return element("line", x1=x, x2=x, y1=0, y2="100%", stroke=color)


def _bar(bar: Bar, view: BarsView, theme: Theme) -> Markup:
    color = theme.paint(bar.color)
    along, across = percent(bar.high - bar.low, 1), percent(bar.size, 1)
    start, low = percent(bar.start, 1), percent(bar.low, 1)
    place = (
        {"x": start, "y": percent(1 - bar.high, 1), "width": across, "height": along}
        if view.is_upright
        else {"x": low, "y": start, "width": along, "height": across}
    )
    title = element("title", f"{bar.row}\n{bar.series}: {bar.text}")
    return element(
        "rect", title, fill=color, fill_opacity=view.opacity, stroke=color, stroke_width=1, **place
    )


def _size_of(bar: Bar, view: BarsView, room: Box, longest: float) -> float:
    """The size of the value at a bar, for which the longest one has room; 0 for none."""
    wide = bar.size * (room.width if view.is_upright else room.height) * _SHARE
    size = round(wide / (longest or 1.0) if view.is_upright else wide)
    long = (bar.high - bar.low) * (room.height if view.is_upright else room.width)
    is_hidden = size < _LEAST_SIZE or (view.is_stacked and long < _SIZE)
    if view.show_value == "never" or (view.show_value == "auto" and is_hidden):
        return 0.0
    return min(max(size, _LEAST_SIZE), _SIZE)


def _value(bar: Bar, view: BarsView, room: Box, longest: float, theme: Theme) -> Markup:
    """The value at the end of a bar, if it has room there or the panel always shows it."""
    size = _size_of(bar, view, room, longest)
    if not size:
        return Markup("")
    middle = percent(bar.start + bar.size / 2, 1)
    end = bar.low if bar.is_negative else bar.high
    x, y, dx, dy = (
        (middle, percent(1 - end, 1), 0.0, size if bar.is_negative else -4.0)
        if view.is_upright
        else (percent(end, 1), middle, -4.0 if bar.is_negative else 4.0, 4.0)
    )
    beside = "end" if bar.is_negative else "start"
    return element(
        "text",
        bar.text,
        x=x,
        y=y,
        dx=dx,
        dy=dy,
        text_anchor="middle" if view.is_upright else beside,
        font_size=size,
        fill=theme.paint("text"),
    )
