"""Pictures over time whose rows have labels: a column of labels on the left, times below, and an
area whose drawing is in percentages, so that it fills what is left of any box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gk.preview.axes import time_label, time_step, time_ticks, zone_of
from gk.preview.kinds.boxes import Box, percent
from gk.preview.svg import element, text_width
from gk.preview.theme import PAGE, Theme

__all__ = ["Tick", "area_of", "drawn", "html", "left_of", "time_axis"]

_SIZE = 12.0
_BELOW = 22.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A text at a share of an axis, from the left or from the top."""

    share: float
    text: str


def time_axis(start: float, end: float, width: float, timezone: str) -> tuple[Tick, ...]:
    """The ticks of a range of milliseconds on an axis of `width` pixels."""
    zone = zone_of(timezone)
    step = time_step(start, end, width, lambda text: text_width(text, _SIZE))
    return tuple(
        Tick((each - start) / (end - start), time_label(each, step, end - start, zone))
        for each in time_ticks(start, end, step, zone)
    )


def left_of(texts: Sequence[str], width: float) -> float:
    """The width of a column of labels, at most a third of the whole."""
    longest = max((text_width(text[:300], _SIZE) for text in texts), default=0.0)
    return min(longest + 10.0, width / 3) if longest else 0.0


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


def _svg(
    inside: Markup, x: float, y: float, width: float, height: float, *, out: bool = False
) -> Markup:
    overflow = "visible" if out else None
    return element("svg", inside, x=x, y=y, width=width, height=height, overflow=overflow)


def html(
    area: Markup,
    labels: Sequence[Tick],
    times: Sequence[Tick],
    left: float,
    label: str,
    *,
    rows: Sequence[Tick] = (),
) -> Markup:
    """What the page shows: the labels keep their width, the area fills the rest, over lines at the
    times and at `rows`."""
    return element(
        "div",
        element(
            "svg",
            _labels(labels, left, PAGE),
            class_="labels",
            width=left,
            height="100%",
            aria_hidden="true",
        ),
        element(
            "svg",
            _grid(times, rows, PAGE) + area,
            class_="area",
            width="100%",
            height="100%",
            role="group" if "<a " in area else "img",
            aria_label=label,
        ),
        element(
            "svg",
            _times(times, PAGE),
            class_="times",
            width="100%",
            height=_BELOW,
            aria_hidden="true",
        ),
        class_="over-time",
    )


def _grid(times: Sequence[Tick], rows: Sequence[Tick], theme: Theme) -> Markup:
    """Lines at the times and the rows, behind what is drawn."""
    stroke = theme.paint("grid")
    across = [percent(each.share, 1) for each in rows]
    upright = [percent(each.share, 1) for each in times]
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
            each.text,
            x=left - 6,
            y=percent(each.share, 1),
            dy=_SIZE * 0.36,
            font_size=_SIZE,
            text_anchor="end",
            fill=theme.paint("text"),
        )
        for each in labels
    )


def _times(times: Sequence[Tick], theme: Theme) -> Markup:
    # The page hides every other one where there is less room.
    return Markup("").join(
        element(
            "text",
            each.text,
            class_="thin" if index % 2 else None,
            x=percent(each.share, 1),
            y=16,
            font_size=_SIZE,
            text_anchor="middle",
            fill=theme.paint("text"),
        )
        for index, each in enumerate(times)
    )
