"""Bar gauge: each value as a bar from minimum to maximum, with its name and its value.

The shares of a cell that name, bar and value get are those of Grafana's bar gauge, 9.3 to 12.4
(grafana-ui, BarGauge.tsx).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from gk.preview.fields import display_of
from gk.preview.kinds.boxes import (
    Box,
    cells,
    content_size,
    cut_to,
    filling,
    fitted,
    is_upright,
    nested,
    rect,
    roomy,
    text_size,
)
from gk.preview.kinds.gauge import share_of
from gk.preview.kinds.linked import linked
from gk.preview.kinds.paints import gradient, written
from gk.preview.kinds.reduced import Reading, readings
from gk.preview.model import Display, Link, Shown
from gk.preview.parts import choice
from gk.preview.svg import text_width
from gk.preview.theme import PAGE, Theme

__all__ = ["Bar", "BarGaugeView", "draw", "html", "view"]

_LCD_CELL = 12.0
_LEAST_CELL = (20.0, 16.0)
"""Pixels of a cell in which texts can be read."""
_SCALE = 50
"""In how many places a gradient or the cells of an LCD ask for the colour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: how far its bar reaches, 0 to 1, and the colours along its whole scale."""

    title: str
    value: Display
    minimum: float
    maximum: float
    share: float
    scale: Sequence[str] = ()
    links: Sequence[Link] = ()
    is_empty: bool = False

    @property
    def text(self) -> str:
        """The value as it is read."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class BarGaugeView:
    """What a bar gauge shows. `width` and `height` are of its content on a screen of 1600."""

    bars: Sequence[Bar]
    width: float
    height: float
    mode: str = "gradient"
    orientation: str = "auto"
    has_track: bool = True
    value_mode: str = "color"
    name_placement: str = "auto"
    title_size: float | None = None
    value_size: float | None = None


def view(shown: Shown) -> BarGaugeView:
    """What a bar gauge shows."""
    options = shown.options
    values = readings(shown)
    width, height = content_size(shown)
    return BarGaugeView(
        bars=tuple(_bar(reading, len(values), shown) for reading in values),
        width=width,
        height=height,
        mode=choice(options, "displayMode", "gradient", "basic", "lcd"),
        orientation=choice(options, "orientation", "auto", "horizontal", "vertical"),
        has_track=options.get("showUnfilled") is not False,
        value_mode=choice(options, "valueMode", "color", "text", "hidden"),
        name_placement=choice(options, "namePlacement", "auto", "top", "left", "hidden"),
        title_size=text_size(options, "titleSize"),
        value_size=text_size(options, "valueSize"),
    )


def _bar(reading: Reading, count: int, shown: Shown) -> Bar:
    """A reading as a bar; its name is shown if there are several, or the author gave one."""
    is_named = count > 1 or bool(reading.field.config.get("displayName"))
    low, high = reading.minimum, reading.maximum
    display = display_of(reading.field, shown.timezone)
    places = (low + (high - low) * index / (_SCALE - 1) for index in range(_SCALE))
    return Bar(
        title=reading.title if is_named else "",
        value=reading.display,
        minimum=low,
        maximum=high,
        share=share_of(reading.display.number, low, high),
        scale=() if reading.is_empty else tuple(display(place).color for place in places),
        links=reading.links,
        is_empty=reading.is_empty,
    )


def draw(view: BarGaugeView, width: float, height: float, theme: Theme) -> Markup:
    """The bars, beside each other or one below another."""
    upright = is_upright(view.orientation, width, height)
    boxes = cells(
        len(view.bars),
        width,
        height,
        "vertical" if upright else "horizontal",
        gap=_gap(view),
    )
    drawn = _upright if upright else _lying
    return Markup("").join(
        linked(
            drawn(bar, view, box, (width, height), theme),
            bar.links,
            theme,
            box=box,
            whole=(width, height),
        )
        for bar, box in zip(view.bars, boxes, strict=True)
    )


def html(view: BarGaugeView) -> Markup:
    """The picture, which fills the panel."""
    label = ", ".join(f"{bar.title} {bar.text}".strip() for bar in view.bars[:20])
    return filling(
        lambda width, height: draw(view, width, height, PAGE),
        view.width,
        view.height,
        label,
        roomy=lambda width, height: roomy(
            len(view.bars),
            width,
            height,
            view.orientation,
            gap=_gap(view),
            least=_LEAST_CELL,
            is_grid=False,
        ),
    )


def _gap(view: BarGaugeView) -> float:
    return 2.0 if view.mode == "lcd" else 10.0


def _longest(texts: Sequence[str]) -> str:
    return max(texts, key=len, default="")


def _lying(
    bar: Bar, view: BarGaugeView, box: Box, whole: tuple[float, float], theme: Theme
) -> Markup:
    """Name on the left or above, bar, and value on the right."""
    name, size = _name_box(view, box)
    is_above = name.height < box.height
    top = name.height if is_above else 0.0
    left = 0.0 if is_above else name.width
    value_width = _value_width(view, box)
    room = Box(
        box.x + left,
        box.y + top,
        max(1.0, box.width - left - value_width),
        max(1.0, box.height - top),
    )
    end = room.width if view.has_track and not bar.is_empty else room.width * bar.share
    value_box = Box(room.x + end, room.y, max(1.0, value_width), room.height)
    value_size = view.value_size or fitted(
        _longest([bar.text for bar in view.bars]),
        value_width - 16,
        room.height,
        line=1.0,
        most=50.0,
    )
    texts = []
    if name.width and bar.title:
        place = Box(box.x, box.y, max(1.0, name.width), max(1.0, name.height))
        title = cut_to(bar.title, name.width - 14, size)
        x, anchor, fit = (0.0, "start", "xMin") if is_above else (name.width - 10, "end", "xMax")
        drawn = written(
            title, x, name.height / 2, size=size, fill=theme.paint("text"), anchor=anchor
        )
        texts.append(nested(place, *whole, drawn, fit=f"{fit}YMid meet"))
    if view.value_mode != "hidden":
        color = bar.value.color if view.value_mode == "color" else "text"
        # Values are below each other, unless each is at the end of its own bar.
        x, anchor, fit = (value_width, "end", "xMax") if view.has_track else (10.0, "start", "xMin")
        value = written(
            bar.text,
            x,
            room.height / 2,
            size=value_size,
            fill=theme.paint(color),
            anchor=anchor,
        )
        texts.append(nested(value_box, *whole, value, fit=f"{fit}YMid meet"))
    return _filled(bar, view, room, whole, theme, upright=False) + Markup("").join(texts)


def _name_box(view: BarGaugeView, box: Box) -> tuple[Box, float]:
    """Where the names of lying bars are in their cells, and their size."""
    widest = max((text_width(bar.title, 1.0) for bar in view.bars), default=0.0)
    if not widest or view.name_placement == "hidden":
        return Box(0.0, 0.0, 0.0, box.height), 0.0
    if view.name_placement == "top" or (view.name_placement == "auto" and box.height > 40):
        tall = min(box.height * 0.45, 50.0)
        size = view.title_size or min(tall / 1.5, 30.0)
        return Box(0.0, 0.0, box.width, tall), size
    size = view.title_size or max(min(box.height * 0.6, 50.0) / 1.5, min(12.0, box.height))
    wide = min(widest * size + 16.0, box.width * 0.4)
    return Box(0.0, 0.0, wide, box.height), size


def _value_width(view: BarGaugeView, box: Box) -> float:
    if view.value_mode == "hidden":
        return 0.0
    if view.value_size:
        longest = _longest([bar.text for bar in view.bars])
        return min(box.width * 0.8, text_width(longest, view.value_size) + 16.0)
    return max(min(box.width * 0.2, 150.0), min(50.0, box.width / 2))


def _upright(
    bar: Bar, view: BarGaugeView, box: Box, whole: tuple[float, float], theme: Theme
) -> Markup:
    """Value above the bar, and name below."""
    is_named = any(bar.title for bar in view.bars) and view.name_placement != "hidden"
    size = view.title_size or 14.0
    name_height = size * 1.5 if is_named else 0.0
    tall = 0.0
    if view.value_mode != "hidden":
        tall = (view.value_size or 0.0) * 1.2 or min(max(box.height * 0.1, 18.0), 50.0)
    room = Box(box.x, box.y + tall, box.width, max(1.0, box.height - tall - name_height))
    # Without the rest of the bar, the value is directly above it.
    top = room.y - tall if view.has_track else room.y + room.height * (1 - bar.share) - tall
    parts = [_filled(bar, view, room, whole, theme, upright=True)]
    if tall:
        longest = _longest([bar.text for bar in view.bars])
        value_size = view.value_size or fitted(longest, box.width, tall, line=1.0)
        color = bar.value.color if view.value_mode == "color" else "text"
        value = written(
            bar.text,
            box.width / 2,
            tall / 2,
            size=value_size,
            fill=theme.paint(color),
            anchor="middle",
        )
        parts.append(nested(Box(box.x, top, box.width, tall), *whole, value))
    if bar.title and is_named:
        title = cut_to(bar.title, box.width, size)
        drawn = written(
            title,
            box.width / 2,
            name_height / 2,
            size=size,
            fill=theme.paint("text"),
            anchor="middle",
        )
        below = Box(box.x, room.y + room.height, box.width, name_height)
        parts.append(nested(below, *whole, drawn))
    return Markup("").join(parts)


def _filled(
    bar: Bar,
    view: BarGaugeView,
    room: Box,
    whole: tuple[float, float],
    theme: Theme,
    *,
    upright: bool,
) -> Markup:
    """The bar in its room."""
    if bar.is_empty:
        return Markup("")
    if view.mode == "lcd":
        return _lcd(bar, view, room, whole, theme, upright=upright)
    long = (room.height if upright else room.width) * bar.share
    track = _rect(room, whole, theme.paint("track")) if view.has_track else Markup("")
    if long <= 0:
        return track
    lit = (
        Box(room.x, room.y + room.height - long, room.width, long)
        if upright
        else Box(room.x, room.y, long, room.height)
    )
    color = theme.paint(bar.value.color)
    if view.mode == "basic":
        line = (
            Box(lit.x, lit.y, lit.width, 2.0)
            if upright
            else Box(lit.x + lit.width - 2, lit.y, 2.0, lit.height)
        )
        return track + _rect(lit, whole, color, opacity=0.35) + _rect(line, whole, color)
    fill, definition = _along(bar, theme, upright=upright)
    return track + definition + _rect(lit, whole, fill)


def _along(bar: Bar, theme: Theme, *, upright: bool) -> tuple[str, Markup]:
    """The gradient of a bar: the colours of its scale up to its value. A colour between two
    thresholds is pure in the middle, and that of the value at the end."""
    reached = max(1, round(bar.share * (_SCALE - 1)))
    colors = [*bar.scale[:reached], bar.value.color]
    starts = [
        index for index, color in enumerate(colors) if index == 0 or color != colors[index - 1]
    ]
    stops = [(0.0, colors[0], 1.0)]
    # Thresholds are few; a continuous scheme has a colour of its own at every place.
    if 1 < len(starts) < 10:
        for start, end in pairwise(starts):
            stops.append(((start + end) / 2 / reached, colors[start], 1.0))
        stops.append((1.0, colors[-1], 1.0))
    else:
        stops += [(start / reached, colors[start], 1.0) for start in starts[1:]]
    if len(stops) == 1:
        return theme.paint(colors[0]), Markup("")
    return gradient(stops, theme, ("0", "1", "0", "0") if upright else ("0", "0", "1", "0"))


def _lcd(
    bar: Bar,
    view: BarGaugeView,
    room: Box,
    whole: tuple[float, float],
    theme: Theme,
    *,
    upright: bool,
) -> Markup:
    """Small cells, which are bright up to the value."""
    long = room.height if upright else room.width
    count = min(200, max(1, int(long / _LCD_CELL)))
    step = long / count
    made = []
    for index in range(count):
        is_lit = (index + 0.5) / count <= bar.share
        if not is_lit and not view.has_track:
            break
        color = bar.scale[min(_SCALE - 1, index * _SCALE // count)]
        size = step - 2
        cell = (
            Box(room.x, room.y + long - (index + 1) * step + 2, room.width, size)
            if upright
            else Box(room.x + index * step, room.y, size, room.height)
        )
        made.append(_rect(cell, whole, theme.paint(color), opacity=None if is_lit else 0.18))
    return Markup("").join(made)


def _rect(
    box: Box, whole: tuple[float, float], fill: str, *, opacity: float | None = None
) -> Markup:
    return rect(box, whole, fill, radius=1, opacity=opacity)
