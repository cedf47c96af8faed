"""Pie chart: shares of a whole, as a pie or a donut, with labels and a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from gk.preview.kinds import legends
from gk.preview.kinds.boxes import Box, content_size, cut_to, filling, nested
from gk.preview.kinds.legends import Entry, Legend
from gk.preview.kinds.linked import linked
from gk.preview.kinds.reduced import Reading, readings
from gk.preview.model import Display, Link, Shown
from gk.preview.parts import choice, flag, part
from gk.preview.parts import number as number_in
from gk.preview.svg import element, number
from gk.preview.theme import PAGE, Theme, ink_on

__all__ = ["PieView", "Slice", "draw", "html", "view"]

_LEAST_LABELLED = 0.3
"""The angle in radians below which a slice has no label."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One value, and its share of the whole, 0 to 1. `label` has the lines that are written on
    it."""

    name: str
    value: Display
    share: float
    percent: str
    label: Sequence[str] = ()
    links: Sequence[Link] = ()

    @property
    def text(self) -> str:
        """The value as it is read."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class PieView:
    """What a pie chart shows, in its order. `width` and `height` are of its content on a screen of
    1600."""

    slices: Sequence[Slice]
    width: float
    height: float
    is_donut: bool = False
    legend: Legend | None = None


def view(shown: Shown) -> PieView:
    """What a pie chart shows: values that are hidden or no numbers are left out."""
    options = shown.options
    values = [reading for reading in readings(shown) if _is_shown(reading)]
    order = choice(options, "sort", "desc", "asc", "none")
    if order != "none":
        values.sort(key=lambda reading: reading.display.number or 0.0, reverse=order == "desc")
    total = math.fsum(_size(reading) for reading in values)
    labels = options.get("displayLabels")
    slices = tuple(
        _slice(reading, total, labels if isinstance(labels, list) else ()) for reading in values
    )
    width, height = content_size(shown)
    return PieView(
        slices=slices,
        width=width,
        height=height,
        is_donut=options.get("pieType") == "donut",
        legend=_legend(shown, values, slices),
    )


def _is_shown(reading: Reading) -> bool:
    is_hidden = flag(part(reading.field.custom, "hideFrom"), "viz")
    value = reading.display.number
    return not is_hidden and not reading.is_empty and value is not None and math.isfinite(value)


def _size(reading: Reading) -> float:
    """How much of the pie a value gets; a negative one has no share."""
    # Divided before they are added: a sum of the largest numbers would be infinite.
    return max(0.0, reading.display.number or 0.0) / 2**10


def _slice(reading: Reading, total: float, labels: Sequence[object]) -> Slice:
    share = _size(reading) / total if total else 0.0
    decimals = number_in(reading.field.config, "decimals") or 0
    percent = f"{share * 100:.{int(min(max(decimals, 0), 20))}f}%"
    lines = {"name": reading.title, "value": str(reading.display), "percent": percent}
    return Slice(
        name=reading.title,
        value=reading.display,
        share=share,
        percent=percent,
        label=tuple(line for key, line in lines.items() if key in labels),
        links=reading.links,
    )


def _legend(shown: Shown, values: Sequence[Reading], slices: Sequence[Slice]) -> Legend | None:
    given = part(shown.options, "legend").get("values")
    columns = [key for key in ("value", "percent") if isinstance(given, list) and key in given]
    entries = [
        Entry(
            piece.name,
            piece.value.color,
            [piece.text if key == "value" else piece.percent for key in columns],
        )
        for reading, piece in zip(values, slices, strict=True)
        if not flag(part(reading.field.custom, "hideFrom"), "legend")
    ]
    legend = legends.legend_of(shown.options, entries, [key.capitalize() for key in columns])
    return legend and replace(legend, has_header=False)


def draw(view: PieView, width: float, height: float, theme: Theme) -> Markup:
    """The pie, with its legend below or right."""
    box, below = legends.split(view.legend, width, height)
    pie = nested(box, width, height, _pie(view, box, theme))
    if view.legend is None:
        return pie
    return pie + legends.drawn(view.legend, below, (width, height), theme)


def html(view: PieView) -> Markup:
    """The pie, which fills what the legend leaves."""
    label = ", ".join(f"{piece.name} {piece.text}, {piece.percent}" for piece in view.slices[:20])
    box, _ = legends.split(view.legend, view.width, view.height)
    alone = replace(view, legend=None)
    pie = filling(
        lambda width, height: draw(alone, width, height, PAGE), box.width, box.height, label
    )
    return legends.beside(view.legend, pie)


def _pie(view: PieView, box: Box, theme: Theme) -> Markup:
    """The slices around the middle of a box."""
    radius = max(1.0, min(box.width, box.height) / 2 - 8)
    hole = max(0.0, radius - max(radius / 3, 20.0)) if view.is_donut else 0.0
    center = (box.width / 2, box.height / 2)
    if not any(piece.share for piece in view.slices):
        return _empty(view, center, radius, theme)
    shapes, labels = [], []
    start = 0.0
    for piece in view.slices:
        end = start + piece.share * 2 * math.pi
        if piece.share:
            wedge = _wedge(center, (hole, radius), (start, end), piece, theme)
            shapes.append(linked(wedge, piece.links, theme))
        if piece.label and end - start >= _LEAST_LABELLED:
            labels.append(_label(center, (hole, radius), (start + end) / 2, piece, theme))
        start = end
    return Markup("").join([*shapes, *labels])


def _empty(view: PieView, center: tuple[float, float], radius: float, theme: Theme) -> Markup:
    if view.slices:
        # All values are 0.
        return element("circle", cx=center[0], cy=center[1], r=radius, fill=theme.paint("track"))
    return element(
        "text",
        "No data",
        x=center[0],
        y=center[1],
        font_size=14,
        text_anchor="middle",
        fill=theme.paint("faint"),
    )


def _wedge(
    center: tuple[float, float],
    radii: tuple[float, float],
    angles: tuple[float, float],
    piece: Slice,
    theme: Theme,
) -> Markup:
    color = theme.paint(piece.value.color)
    title = element("title", f"{piece.name}: {piece.text} ({piece.percent})")
    if piece.share > 0.9999:
        # An arc cannot end where it begins.
        hole, radius = radii
        return element(
            "circle",
            title,
            cx=center[0],
            cy=center[1],
            r=(hole + radius) / 2 if hole else radius,
            fill="none" if hole else color,
            stroke=color if hole else None,
            stroke_width=radius - hole if hole else None,
        )
    return element(
        "path", title, d=_outline(center, radii, angles), fill=color, stroke=theme.paint("panel")
    )


def _outline(
    center: tuple[float, float], radii: tuple[float, float], angles: tuple[float, float]
) -> str:
    """A part of a ring, or of a circle, clockwise from the top."""
    hole, radius = radii
    start, end = angles
    large = int(end - start > math.pi)
    outer = f"A{number(radius)} {number(radius)} 0 {large} 1 {_at(center, radius, end)}"
    if not hole:
        middle = f"{number(center[0])} {number(center[1])}"
        return f"M{middle}L{_at(center, radius, start)}{outer}Z"
    return (
        f"M{_at(center, radius, start)}{outer}L{_at(center, hole, end)}"
        f"A{number(hole)} {number(hole)} 0 {large} 0 {_at(center, hole, start)}Z"
    )


def _at(center: tuple[float, float], radius: float, angle: float) -> str:
    x, y = center[0] + radius * math.sin(angle), center[1] - radius * math.cos(angle)
    return f"{number(x)} {number(y)}"


def _label(
    center: tuple[float, float],
    radii: tuple[float, float],
    angle: float,
    piece: Slice,
    theme: Theme,
) -> Markup:
    hole, radius = radii
    middle = (hole + radius) / 2 if hole else radius * 0.62
    size = min(14.0, max(8.0, radius / 8))
    x = center[0] + middle * math.sin(angle)
    y = center[1] - middle * math.cos(angle) + size * (0.36 - 0.6 * (len(piece.label) - 1))
    lines = [
        element(
            "tspan", cut_to(line, radius * 0.75, size), x=x, dy=None if index == 0 else size * 1.2
        )
        for index, line in enumerate(piece.label)
    ]
    return element(
        "text",
        *lines,
        x=x,
        y=y,
        font_size=size,
        text_anchor="middle",
        fill=theme.paint(ink_on(piece.value.color)),
        pointer_events="none",
    )
