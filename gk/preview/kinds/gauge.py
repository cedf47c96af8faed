"""Gauge: each value on an arc from minimum to maximum, with the thresholds around it.

The arc reaches from 0.9 to 2.1 half turns, and its width, the thresholds' ring and the sizes of
text are shares of the cell as in Grafana's gauge up to 12.4 (grafana-ui, Gauge.tsx).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gk.documents.parts import dicts
from gk.preview.fields import Step, display_of
from gk.preview.kinds.boxes import (
    Box,
    cells,
    content_size,
    cut_to,
    filling,
    fitted,
    nested,
    roomy,
    text_size,
)
from gk.preview.kinds.linked import linked
from gk.preview.kinds.reduced import Reading, readings
from gk.preview.model import Display, Link, Shown
from gk.preview.parts import choice, part
from gk.preview.parts import number as number_in
from gk.preview.svg import element, number
from gk.preview.theme import PAGE, Theme

__all__ = ["Dial", "GaugeView", "draw", "html", "view"]

_GAP = 16.0
_LEAST_CELL = (95.0, 75.0)
"""Pixels of a cell in which texts can be read."""
_START, _END = 0.9 * math.pi, 2.1 * math.pi


@dataclass(frozen=True, slots=True)
class Dial:
    """One value on its arc. `share` is how far the arc is filled, from `origin`, both 0 to 1;
    `bands` are the thresholds as shares from and to, with their colour, and `marks` the thresholds'
    values as texts at a share."""

    title: str
    value: Display
    minimum: float
    maximum: float
    share: float
    origin: float = 0.0
    bands: Sequence[tuple[float, float, str]] = ()
    marks: Sequence[tuple[float, str]] = ()
    links: Sequence[Link] = ()

    @property
    def text(self) -> str:
        """The value as it is read."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class GaugeView:
    """What a gauge shows. `width` and `height` are of its content on a screen of 1600; `is_empty`
    says that there is no data."""

    dials: Sequence[Dial]
    width: float
    height: float
    orientation: str = "auto"
    has_ring: bool = True
    has_labels: bool = False
    title_size: float | None = None
    value_size: float | None = None
    is_empty: bool = False


def view(shown: Shown) -> GaugeView:
    """What a gauge shows."""
    options = shown.options
    values = readings(shown)
    width, height = content_size(shown)
    has_labels = options.get("showThresholdLabels") is True
    return GaugeView(
        dials=tuple(_dial(reading, len(values), shown, has_labels) for reading in values),
        width=width,
        height=height,
        orientation=choice(options, "orientation", "auto", "horizontal", "vertical"),
        has_ring=options.get("showThresholdMarkers") is not False,
        has_labels=has_labels,
        title_size=text_size(options, "titleSize"),
        value_size=text_size(options, "valueSize"),
        is_empty=all(reading.is_empty for reading in values),
    )


def _dial(reading: Reading, count: int, shown: Shown, has_labels: bool) -> Dial:
    """A reading on its arc; its name is shown if there are several, or the author gave one."""
    low, high = reading.minimum, reading.maximum
    given = number_in(reading.field.custom, "neutral")
    is_named = count > 1 or bool(reading.field.config.get("displayName"))
    display = reading.display
    return Dial(
        title=reading.title if is_named else "",
        value=display,
        minimum=low,
        maximum=high,
        share=share_of(display.number, low, high),
        origin=0.0 if given is None else share_of(given, low, high),
        bands=bands_of(reading.steps, low, high),
        marks=_marks(reading, shown.timezone) if has_labels else (),
        links=reading.links,
    )


def share_of(value: float | None, low: float, high: float) -> float:
    """Where a value is between two others, from 0 to 1; 0 if that has no meaning."""
    if value is None or math.isnan(value):
        return 0.0
    if math.isinf(value):
        return 1.0 if value > 0 else 0.0
    # Halves, because the difference of two floats may be infinite.
    size = high / 2 - low / 2
    if size <= 0:
        return 1.0 if value > high else 0.0
    return min(1.0, max(0.0, (value / 2 - low / 2) / size))


def bands_of(
    steps: Sequence[Step], low: float, high: float
) -> tuple[tuple[float, float, str], ...]:
    """Thresholds as shares from and to, with their colour."""
    if not steps or low >= high:
        return ()
    starts = [0.0 if step.value is None else share_of(step.value, low, high) for step in steps]
    ends = [*starts[1:], 1.0]
    return tuple(
        (start, end, step.color)
        for start, end, step in zip(starts, ends, steps, strict=True)
        if end > start
    )


def _marks(reading: Reading, timezone: str) -> tuple[tuple[float, str], ...]:
    """The minimum, the maximum and the thresholds between them; all in percent if these are."""
    display = display_of(reading.field, timezone)
    thresholds = part(reading.field.config, "thresholds")
    low, high = reading.minimum, reading.maximum
    steps = [step.value for step in reading.steps]
    if thresholds.get("mode") == "percentage":
        low, high = 0.0, 100.0
        steps = [number_in(step, "value") for step in dicts(thresholds, "steps")]
    values = [low, *(step for step in steps if step is not None), high]
    return tuple(
        (share_of(value, low, high), str(display(value)))
        for value in values
        if low <= value <= high
    )


def draw(view: GaugeView, width: float, height: float, theme: Theme) -> Markup:
    """The gauges, in a grid unless the orientation says otherwise."""
    boxes = cells(len(view.dials), width, height, view.orientation, gap=_GAP)
    return Markup("").join(
        linked(
            nested(box, width, height, _drawn(dial, view, box, theme)),
            dial.links,
            theme,
            box=box,
            whole=(width, height),
        )
        for dial, box in zip(view.dials, boxes, strict=True)
    )


def html(view: GaugeView) -> Markup:
    """The picture, which fills the panel."""
    if view.is_empty:
        # Beside the reason, a picture would be too small to be read.
        return element("p", view.dials[0].text, class_="nothing")
    label = ", ".join(f"{dial.title} {dial.text}".strip() for dial in view.dials[:20])
    return filling(
        lambda width, height: draw(view, width, height, PAGE),
        view.width,
        view.height,
        label,
        roomy=lambda width, height: roomy(
            len(view.dials), width, height, view.orientation, gap=_GAP, least=_LEAST_CELL
        ),
    )


@dataclass(frozen=True, slots=True)
class _Ring:
    """Part of a circle, by its centre, its outer radius and its width."""

    x: float
    y: float
    radius: float
    width: float

    def between(self, start: float, end: float, color: str) -> Markup:
        """The part between two shares of the arc."""
        inner = max(0.0, self.radius - self.width)
        one, other = _angle(start), _angle(end)
        large = int(other - one > math.pi)
        outer = number(self.radius)
        path = (
            f"M{self._at(one, self.radius)}"
            f"A{outer} {outer} 0 {large} 1 {self._at(other, self.radius)}"
            f"L{self._at(other, inner)}"
            f"A{number(inner)} {number(inner)} 0 {large} 0 {self._at(one, inner)}Z"
        )
        return element("path", d=path, fill=color)

    def _at(self, angle: float, radius: float) -> str:
        x, y = self.x + radius * math.cos(angle), self.y + radius * math.sin(angle)
        return f"{number(x)} {number(y)}"


def _angle(share: float) -> float:
    return _START + (_END - _START) * share


def _drawn(dial: Dial, view: GaugeView, box: Box, theme: Theme) -> Markup:
    title_size = view.title_size or min(box.width * 0.1, 20.0)
    title_height = title_size * 1.5 if dial.title else 0.0
    room = max(1.0, box.height - title_height)
    side = min(box.width, room * 1.3)
    least = min(box.width, room)
    bar = min(least / 5.5, 40.0) / (1.5 if view.has_labels else 1.0)
    ring = bar / 5 if view.has_ring else 0.0
    label_room = 18.0 if view.has_labels else 0.0
    # The arc is as high as its radius and the sine of what hangs below its centre.
    below = math.sin(0.1 * math.pi)
    radius = min(side / 2, room / (1 + below)) - label_room - 4
    radius = max(1.0, radius)
    center = (box.width / 2, (room + radius * (1 - below)) / 2 + label_room / 2)
    outer = _Ring(*center, radius, ring)
    gap = ring / 2 if view.has_ring else 0.0
    inner = _Ring(*center, max(1.0, radius - ring - gap), bar)
    low, high = sorted((dial.origin, dial.share))
    shapes = [inner.between(0, 1, theme.paint("track"))]
    if high > low:
        shapes.append(inner.between(low, high, theme.paint(dial.value.color)))
    if view.has_ring:
        shapes += [outer.between(*band[:2], theme.paint(band[2])) for band in dial.bands]
    shapes += [_mark(mark, center, radius, box, theme) for mark in dial.marks]
    # What Grafana takes for the width within the ring.
    inside = min(box.width, 1.3 * least) * 0.9 - 2 * (bar + ring + label_room / 2) - 10
    shapes.append(_value(dial, view, center, theme, room=max(inside, 1.0), tall=least, bar=bar))
    if dial.title:
        shapes.append(_title(dial.title, box, title_size, theme))
    return Markup("").join(shapes)


def _mark(
    mark: tuple[float, str], center: tuple[float, float], radius: float, box: Box, theme: Theme
) -> Markup:
    share, text = mark
    angle = _angle(share)
    size = min(12.0, max(8.0, box.width / 20))
    side = math.cos(angle)
    return element(
        "text",
        text,
        x=center[0] + (radius + 5) * side,
        y=center[1] + (radius + 5) * math.sin(angle) + size * 0.36,
        font_size=size,
        text_anchor="middle" if abs(side) < 0.2 else "start" if side > 0 else "end",
        fill=theme.paint("faint"),
    )


def _value(
    dial: Dial,
    view: GaugeView,
    center: tuple[float, float],
    theme: Theme,
    *,
    room: float,
    tall: float,
    bar: float,
) -> Markup:
    size = view.value_size or fitted(dial.text, room, tall, line=1.0, most=bar * 1.7)
    return element(
        "text",
        dial.text,
        x=center[0],
        y=center[1] + size * 0.2,
        font_size=size,
        font_weight=500,
        text_anchor="middle",
        fill=theme.paint(dial.value.color),
    )


def _title(title: str, box: Box, size: float, theme: Theme) -> Markup:
    return element(
        "text",
        cut_to(title, box.width, size),
        x=box.width / 2,
        y=box.height - size * 0.35,
        font_size=size,
        text_anchor="middle",
        fill=theme.paint("text"),
    )
