"""Pictures over time whose rows have labels: a column of labels on the left, times below, and an
area whose drawing is in percentages, so that it fills what is left of any box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from gk.preview import classes
from gk.preview.axes import time_label, time_space, time_step, time_ticks, zone_of
from gk.preview.kinds.boxes import Box, cut_to, least_of, narrowed, percent
from gk.preview.svg import element, role_of, text_width
from gk.preview.theme import PAGE, Theme

__all__ = ["Tick", "area_of", "drawn", "html", "left_of", "nothing", "time_axis", "times_at"]

_SIZE = 12.0
_BELOW = 22.0
_LEAST_ROOM = 64.0
_MOST_TIMES = 100_000
_EVERY = (1, 2, 3, 4, 6, 8, 12, 24, 48)
"""How many values there are from one label to the next (measured with 12.4.0: 1, 2, 3, 6, 8)."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A text at a share of an axis, from the left or from the top."""

    share: float
    text: str


def time_axis(start: float, end: float, width: float, timezone: str) -> tuple[Tick, ...]:
    """The ticks of a range of milliseconds on an axis of `width` pixels."""
    zone = zone_of(timezone)
    step = time_step(start, end, width)
    return tuple(
        Tick((tick - start) / (end - start), time_label(tick, step, end - start, zone))
        for tick in time_ticks(start, end, step, zone)
    )


def times_at(
    first: float, every: float, range_: tuple[float, float], width: float, timezone: str
) -> tuple[Tick, ...]:
    """The ticks of a range of milliseconds at times that are `every` so long after the first: as
    many of these as have room in `width` pixels."""
    start, end = range_
    if not 0 < end - start < math.inf or width <= 0 or not (end - start) / every < _MOST_TIMES:
        return ()
    least = time_space(start, end, width) / width * (end - start) / every
    step = every * next((step for step in _EVERY if step >= least), math.ceil(least))
    count = math.floor((end - first) / step)
    zone = zone_of(timezone)
    return tuple(
        Tick((at - start) / (end - start), time_label(at, step, end - start, zone))
        for at in (first + index * step for index in range(count + 1))
        if at >= start
    )


def left_of(texts: Sequence[str], width: float, *, gap: float = 10.0) -> float:
    """The width of a column of labels, at most a third of the whole."""
    longest = max((text_width(text[:300], _SIZE) for text in texts), default=0.0)
    return min(longest + gap, width / 3) if longest else 0.0


def area_of(box: Box, left: float) -> Box:
    """What labels and times leave of a box."""
    return Box(box.x + left, box.y, max(1.0, box.width - left - 8.0), max(1.0, box.height - _BELOW))


def drawn(
    area: Markup,
    labels: Sequence[Tick],
    times: Sequence[Tick],
    theme: Theme,
    *,
    box: Box,
    left: float,
    rows: Sequence[Tick] = (),
) -> Markup:
    """The area in a box of a picture, with its labels and times, and lines at these and `rows`."""
    room = area_of(box, left)
    area = _grid(times, rows, theme) + area
    return Markup("").join(
        [
            # Texts at the ends reach beyond the area.
            _svg(_labels(labels, left, theme), box.x, room.y, left, room.height, out=True),
            _svg(area, room.x, room.y, room.width, room.height),
            _svg(_times(times, theme), room.x, room.y + room.height, room.width, _BELOW, out=True),
        ]
    )


def nothing(theme: Theme) -> Markup:
    """What is said in the middle of any box, in place of a drawing."""
    return element(
        "text",
        "No data",
        x="50%",
        y="50%",
        font_size=14,
        text_anchor="middle",
        fill=theme.paint("faint"),
    )


def _svg(
    inside: Markup, x: float, y: float, width: float, height: float, *, out: bool = False
) -> Markup:
    overflow = "visible" if out else None
    return element("svg", inside, x=x, y=y, width=width, height=height, overflow=overflow)


def html(
    area: Markup,
    labels: Sequence[Tick],
    times: Sequence[Tick],
    *,
    width: float,
    left: float,
    label: str,
    rows: Sequence[Tick] = (),
) -> Markup:
    """What the page shows of a picture that is drawn in a `width`, with labels as wide as `left`:
    the area fills what labels and times leave, over lines at the times and at `rows`. Where texts
    need more room than a narrow box has, it gets shorter and fewer ones."""
    narrow = narrowed(width)
    small = left_of([label.text for label in labels], narrow)
    small_labels = [replace(label, text=cut_to(label.text, small - 8, _SIZE)) for label in labels]
    small_times = _fewer(times, narrow - small)
    return element(
        "div",
        *_both("labels", _beside(labels, left), _beside(small_labels, small), width),
        element(
            "svg",
            _grid(times, rows, PAGE) + area,
            class_="area",
            width="100%",
            height="100%",
            role=role_of(area),
            aria_label=label,
        ),
        *_both("times", _below(times), _below(small_times), width),
        class_="over-time",
    )


def _fewer(ticks: Sequence[Tick], width: float) -> list[Tick]:
    """As many ticks as have room, and as much of their texts: at least what a date needs."""
    widest = max((text_width(tick.text, _SIZE) for tick in ticks), default=0.0)
    every = max(1, math.ceil(len(ticks) * (min(widest, _LEAST_ROOM) + 8) / width))
    room = every * width / max(1, len(ticks)) - 8
    return [replace(tick, text=cut_to(tick.text, room, _SIZE)) for tick in ticks[::every]]


_Texts = tuple[Markup, "float | str", "float | str"]
"""Texts beside the area, and how wide and high they are."""


def _beside(labels: Sequence[Tick], left: float) -> _Texts:
    return _labels(labels, left, PAGE), left, "100%"


def _below(times: Sequence[Tick]) -> _Texts:
    return _times(times, PAGE), "100%", _BELOW


def _both(name: str, wide: _Texts, narrow: _Texts, width: float) -> list[Markup]:
    """One drawing of texts, or two of which the style shows one."""
    if wide == narrow:
        return [_drawing(name, wide)]
    least = least_of(width)
    return [
        _drawing(f"{name} {classes.above(least)}", wide),
        _drawing(f"{name} {classes.below(least)}", narrow),
    ]


def _drawing(name: str, texts: _Texts) -> Markup:
    inside, width, height = texts
    return element("svg", inside, class_=name, width=width, height=height, aria_hidden="true")


def _grid(times: Sequence[Tick], rows: Sequence[Tick], theme: Theme) -> Markup:
    """Lines at the times and the rows, behind what is drawn."""
    stroke = theme.paint("grid")
    across = [percent(row.share, 1) for row in rows]
    upright = [percent(time.share, 1) for time in times]
    return Markup("").join(
        [
            *(element("line", x2="100%", y1=at, y2=at, stroke=stroke) for at in across),
            *(element("line", x1=at, x2=at, y2="100%", stroke=stroke) for at in upright),
        ]
    )


def _labels(labels: Sequence[Tick], left: float, theme: Theme) -> Markup:
    return Markup("").join(
        element(
            "text",
            label.text,
            x=left - 6,
            y=percent(label.share, 1),
            dy=_SIZE * 0.36,
            font_size=_SIZE,
            text_anchor="end",
            fill=theme.paint("text"),
        )
        for label in labels
    )


def _times(times: Sequence[Tick], theme: Theme) -> Markup:
    return Markup("").join(
        element(
            "text",
            time.text,
            x=percent(time.share, 1),
            y=16,
            font_size=_SIZE,
            text_anchor="middle",
            fill=theme.paint("text"),
        )
        for time in times
    )
