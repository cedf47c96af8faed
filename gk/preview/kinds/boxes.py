"""Where the values of a panel are: cells in a grid or in one line, and the size at which a text
fits into its cell, as Grafana's VizRepeater and calculateFontSize have them (9.3 to 12.4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gk.preview import classes
from gk.preview.model import Shown
from gk.preview.parts import number, part
from gk.preview.svg import element, role_of, text_width

__all__ = [
    "Box",
    "cells",
    "content_size",
    "cut_to",
    "filling",
    "fitted",
    "is_upright",
    "least_of",
    "narrowed",
    "nested",
    "percent",
    "rect",
    "roomy",
    "text_size",
]

_PADDING = 8.0
_BORDER = 2.0
_HEADER = 40.0
"""Of Grafana 12; 32 in 9.3."""
_PHONE = 326.0
"""What a panel on a phone of 360 pixels has for its content."""
_LEAST_SHARE = 0.75
"""How narrow a picture may become, as a share of its width, before its texts are too small."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float


def content_size(shown: Shown, *, padding: float = _PADDING) -> tuple[float, float]:
    """The width and the height that a panel has for its content, below its title and within its
    border."""
    top = _HEADER if shown.title else 0.0
    around = 2 * padding + _BORDER
    return max(1.0, shown.width - around), max(1.0, shown.height - top - around)


def text_size(options: Mapping[str, Any], key: str) -> float | None:
    """The size of a text in pixels that the author gave (options.text); None if none."""
    size = number(part(options, "text"), key)
    return min(size, 500.0) if size and size > 0 else None


def is_upright(orientation: str, width: float, height: float) -> bool:
    """Whether values are beside each other, not below: "auto" follows the longer side."""
    return orientation == "vertical" or (orientation == "auto" and width > height)


def cells(
    count: int, width: float, height: float, orientation: str, *, gap: float, is_grid: bool = True
) -> list[Box]:
    """The boxes of values. With `is_grid`, the orientation "auto" has as many rows as make the
    cells nearest to squares, and the last row is as wide as the others."""
    count = max(1, count)
    if is_grid and orientation == "auto":
        return _grid(count, width, height, gap)
    if is_upright(orientation, width, height):
        length = max(1.0, (width - gap * (count - 1)) / count)
        return [Box(index * (length + gap), 0.0, length, height) for index in range(count)]
    length = max(1.0, (height - gap * (count - 1)) / count)
    return [Box(0.0, index * (length + gap), width, length) for index in range(count)]


def roomy(
    count: int,
    width: float,
    height: float,
    orientation: str,
    *,
    gap: float,
    least: tuple[float, float],
    is_grid: bool = True,
) -> tuple[float, float]:
    """The size of a picture, from `width` and `height` on, in which each of its cells is at least
    so wide and high: a panel that is smaller scrolls."""
    if is_grid and orientation == "auto":
        most = count * (least[1] + gap)
        # In steps, because another height may have another number of columns.
        while height < most and any(
            box.width < least[0] or box.height < least[1]
            for box in _grid(count, width, height, gap)
        ):
            height = min(1.1 * height, most)
        return width, height
    if is_upright(orientation, width, height):
        return max(width, count * (least[0] + gap) - gap), max(height, least[1])
    return max(width, least[0]), max(height, count * (least[1] + gap) - gap)


def _grid(count: int, width: float, height: float, gap: float) -> list[Box]:
    # The last digit of a float must not cost a column.
    across = min(count, max(1, int(width / _square(count, width, height) + 1e-9)))
    down = math.ceil(count / across)
    # Fewer columns may do with as many rows.
    across = math.ceil(count / down)
    tall = max(1.0, (height - gap * (down - 1)) / down)
    boxes = []
    for index in range(count):
        row, column = divmod(index, across)
        in_row = across if row < down - 1 else count - across * (down - 1)
        wide = max(1.0, (width - gap * (in_row - 1)) / in_row)
        boxes.append(Box(column * (wide + gap), row * (tall + gap), wide, tall))
    return boxes


def _square(count: int, width: float, height: float) -> float:
    """The side of the largest squares of which `count` fit (math.stackexchange.com/q/466198)."""
    return max(_side(count, width, height), _side(count, height, width))


def _side(count: int, along: float, across: float) -> float:
    columns = math.ceil(math.sqrt(count * along / across))
    rows = columns * across / along
    return across / math.ceil(rows) if math.floor(rows) * columns < count else along / columns


def fitted(
    text: str, width: float, height: float, *, line: float = 1.2, most: float = math.inf
) -> float:
    """The size in pixels at which a text fits into a width and a height; `line` is the height of a
    line as a share of the size."""
    by_width = width / (text_width(text, 14.0) + 2.0) * 14.0
    return max(1.0, min(by_width, height / line, most))


def cut_to(text: str, width: float, size: float) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    # A stranger's text may be very long, and is measured once for each letter that does not fit.
    text = text[:300]
    if text_width(text, size) <= width:
        return text
    kept = len(text)
    while kept > 0 and text_width(text[:kept], size) + size * 0.8 > width:
        kept -= 1
    return f"{text[:kept].rstrip()}…"


def narrowed(width: float) -> float:
    """The width of the second, narrow picture of a panel that is `width` wide on a screen of 1600:
    that on a phone, or half of a width that is small."""
    return min(_PHONE, width / 2)


def least_of(width: float) -> float:
    """How wide a box has to be for a picture of a width."""
    return width * _LEAST_SHARE


def filling(
    drawn: Callable[[float, float], Markup],
    width: float,
    height: float,
    label: str,
    *,
    is_whole: bool = False,
    roomy: Callable[[float, float], tuple[float, float]] = lambda width, height: (width, height),
) -> Markup:
    """What fills its box on the page, and with `is_whole` its panel without any padding: a picture
    that is drawn for a screen of 1600 and one for a narrow box, of which the style shows the one
    whose texts can be read. `label` is what a screen reader says of both. `roomy` says how large a
    picture is at least in a box, which then scrolls."""
    least = least_of(width)
    pictures = []
    for wide, name in ((width, classes.above(least)), (narrowed(width), classes.below(least))):
        size = roomy(wide, height)
        names = [
            name,
            *([classes.least(size[0])] if size[0] > wide else ()),
            *([classes.high(size[1])] if size[1] > height else ()),
        ]
        pictures.append(
            element("svg", drawn(*size), class_=" ".join(names), width="100%", height="100%")
        )
    return element(
        "div",
        *pictures,
        class_="fill whole" if is_whole else "fill",
        role=role_of(pictures[0]),
        aria_label=label,
    )


def percent(value: float, whole: float) -> str:
    """A length as a percentage, so that a drawing fills any box."""
    share = f"{100 * value / whole:.3f}" if whole else "0"
    return f"{share.rstrip('0').rstrip('.') if '.' in share else share}%"


def rect(
    box: Box,
    whole: tuple[float, float],
    fill: str,
    *,
    radius: float | None = None,
    opacity: float | None = None,
) -> Markup:
    """A rectangle in a drawing of the size `whole`, with which it scales."""
    return element(
        "rect",
        x=percent(box.x, whole[0]),
        y=percent(box.y, whole[1]),
        width=percent(box.width, whole[0]),
        height=percent(box.height, whole[1]),
        rx=radius,
        fill=fill,
        fill_opacity=opacity,
    )


def nested(
    box: Box, width: float, height: float, *inside: Markup, fit: str = "xMidYMid meet"
) -> Markup:
    """A drawing of `box`'s size at its place in a drawing of `width` times `height`. It scales
    with that, and keeps its proportions unless `fit` is "none"."""
    return element(
        "svg",
        *inside,
        x=percent(box.x, width),
        y=percent(box.y, height),
        width=percent(box.width, width),
        height=percent(box.height, height),
        viewBox=f"0 0 {box.width:.2f} {box.height:.2f}",
        preserveAspectRatio=fit,
    )
