"""The lines, areas, bars and points of time series: what is drawn of each in a plot.

The ids of gradients say what they are: a page with several pictures has no two different things of
one id.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from markupsafe import Markup

from gk.preview.axes import Scale
from gk.preview.fields import Step
from gk.preview.kinds.series import Series, Style, TimeSeries
from gk.preview.kinds.stacks import Drawn
from gk.preview.svg import element, number, path_of
from gk.preview.theme import Theme, rgb

__all__ = ["Plot", "curves_of"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """Where the chart is in its box, its times and the scales of its axes."""

    x: float
    y: float
    width: float
    height: float
    start: float
    end: float
    scales: Sequence[Scale]
    count: int = 0
    """How many times its series have together."""

    def across(self, time: float) -> float:
        """Where a time is, from the left of the chart."""
        return self.width * (time - self.start) / ((self.end - self.start) or 1)

    def down(self, value: float, axis: int) -> float:
        """Where a value of an axis is, from the top of the chart."""
        share = self.scales[axis].at(value)
        # Far outside, coordinates would be longer than a picture can have.
        return self.height * (1 - min(max(share, -10), 11))


def curves_of(
    view: TimeSeries, drawn: Sequence[Drawn], plot: Plot, theme: Theme
) -> Iterator[Markup]:
    """What is drawn of all series, in their order."""
    lowers = {band.upper: band.lower for band in view.bands}
    for index, (series, points) in enumerate(zip(view.series, drawn, strict=True)):
        if not series.is_drawn:
            continue
        lower = drawn[lowers[index]] if index in lowers else None
        # Only one of two series with an area between them is filled.
        style = series.style if index not in lowers.values() else replace(series.style, opacity=0)
        colors = _Paint(replace(series, style=style), plot, theme)
        yield from _drawn(points, lower, plot, colors)


def _drawn(drawn: Drawn, lower: Drawn | None, plot: Plot, colors: _Paint) -> Iterator[Markup]:
    series = colors.series
    style = series.style
    if style.draw == "bars":
        yield from _bars(series, drawn, plot, colors)
        return
    pieces = list(_pieces(series, drawn, plot))
    if style.draw == "line":
        if style.opacity:
            yield from colors.filled("".join(_areas(series, drawn, lower, plot)))
        if style.width:
            yield from colors.stroked(
                "".join(_curve(piece, style.interpolation) for piece in pieces)
            )
    dots = [point for piece in pieces for point in piece] if _has_points(style, plot) else []
    # A value between two gaps has no line: without a point, nobody would see it.
    dots = dots or [piece[0] for piece in pieces if len(piece) == 1 and style.points != "never"]
    if dots:
        yield from colors.dotted(dots)


def _pieces(series: Series, drawn: Drawn, plot: Plot) -> Iterator[list[Point]]:
    """The stretches of a line between gaps."""
    pairs = zip(drawn.times, drawn.values, strict=False)
    for has_value, run in groupby(pairs, lambda pair: pair[1] is not None):
        if has_value:
            yield [
                (plot.across(time), plot.down(value, series.axis))
                for time, value in run
                if value is not None
            ]


def _has_points(style: Style, plot: Plot) -> bool:
    """Whether every value has a point: where they have room, unless the panel says."""
    if style.draw == "points" or style.points == "always":
        return True
    size = 3 + 2 * max(style.width, 1)
    return style.points == "auto" and plot.width / max(plot.count, 1) >= 2 * size


def _curve(points: Sequence[Point], interpolation: str) -> str:
    if interpolation == "smooth" and len(points) > 2:
        return _smooth(points)
    if interpolation in {"stepBefore", "stepAfter"}:
        return path_of(_stairs(points, is_after=interpolation == "stepAfter"))
    return path_of(points)


def _stairs(points: Sequence[Point], *, is_after: bool) -> Iterator[Point]:
    for index, (x, y) in enumerate(points):
        if index:
            before_x, before_y = points[index - 1]
            yield (x, before_y) if is_after else (before_x, y)
        yield x, y


def _smooth(points: Sequence[Point]) -> str:
    """A cubic curve that overshoots no value (Fritsch and Carlson)."""
    steps = [(later[0] - earlier[0], later[1] - earlier[1]) for earlier, later in pairwise(points)]
    slopes = [dy / dx if dx else 0.0 for dx, dy in steps]
    tangents = [slopes[0], *map(_tangent, steps, steps[1:], slopes, slopes[1:]), slopes[-1]]
    path = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for index, (dx, _) in enumerate(steps):
        (x, y), (to_x, to_y) = points[index], points[index + 1]
        curve = (
            (x + dx / 3, y + tangents[index] * dx / 3),
            (to_x - dx / 3, to_y - tangents[index + 1] * dx / 3),
            (to_x, to_y),
        )
        path.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in curve))
    return "".join(path)


def _tangent(step: Point, after: Point, slope: float, next_slope: float) -> float:
    if slope * next_slope <= 0:
        return 0.0
    (dx, _), (next_dx, _) = step, after
    return (3 * (dx + next_dx)) / ((2 * next_dx + dx) / slope + (next_dx + 2 * dx) / next_slope)


def _areas(series: Series, drawn: Drawn, lower: Drawn | None, plot: Plot) -> Iterator[str]:
    """The areas under a line: down to the series below it, or to zero."""
    interpolation = series.style.interpolation
    scale = plot.scales[series.axis]
    base = plot.down(
        scale.low if scale.base > 1 else min(max(0.0, scale.low), scale.high), series.axis
    )
    for piece, under in zip(
        _pieces(series, drawn, plot), _unders(series, drawn, lower, plot), strict=False
    ):
        edge = under or [(piece[0][0], base), (piece[-1][0], base)]
        back = _curve(edge[::-1], interpolation if under else "linear")
        yield f"{_curve(piece, interpolation)}L{back[1:]}Z"


def _unders(series: Series, drawn: Drawn, lower: Drawn | None, plot: Plot) -> Iterator[list[Point]]:
    """The lower edges of the areas; empty for a straight one."""
    if drawn.below:
        below = Drawn(drawn.times, drawn.below)
        yield from _pieces(series, below, plot)
        return
    other = [point for piece in _pieces(series, lower, plot) for point in piece] if lower else []
    for piece in _pieces(series, drawn, plot):
        yield [point for point in other if piece[0][0] <= point[0] <= piece[-1][0]]


def _bars(series: Series, drawn: Drawn, plot: Plot, colors: _Paint) -> Iterator[Markup]:
    places = [plot.across(time) for time in drawn.times]
    apart = min(
        (later - earlier for earlier, later in pairwise(places)),
        default=plot.width,
    )
    style = series.style
    wide = min(max(apart * style.bar_width, 1), style.bar_max)
    # As uPlot places them: a bar before its time ends there, one after it begins there.
    shift = (1 - style.bar_side) * wide / 2
    below = drawn.below or [0.0] * len(places)
    path = []
    for x, value, bottom in zip(places, drawn.values, below, strict=False):
        # What adds nothing to a stack has no bar.
        if value is None or (bottom is not None and value == bottom and drawn.below):
            continue
        top = plot.down(value, series.axis)
        end = plot.down(bottom or 0.0, series.axis)
        path.append(
            f"M{number(x - shift)} {number(top)}h{number(wide)}V{number(end)}h{number(-wide)}Z"
        )
    if path:
        yield from colors.filled("".join(path))
        if style.width and wide > 4:
            yield from colors.stroked("".join(path))


@dataclass(frozen=True, slots=True)
class _Paint:
    """The colours of a series, or the gradients that stand for them."""

    series: Series
    plot: Plot
    theme: Theme

    def filled(self, path: str) -> Iterator[Markup]:
        style = self.series.style
        given = self._scheme(style.opacity) or self._gradient()
        if given:
            yield given[1]
        yield element(
            "path", d=path, fill=given[0] if given else self.theme.paint(self.series.color),
            fill_opacity=None if given else style.opacity,
        )  # fmt: skip

    def stroked(self, path: str) -> Iterator[Markup]:
        style = self.series.style
        given = self._scheme(1)
        if given:
            yield given[1]
        yield element(
            "path", d=path, fill="none", stroke_width=style.width,
            stroke=given[0] if given else self.theme.paint(self.series.color),
            stroke_dasharray=" ".join(number(length) for length in style.dash) or None,
            stroke_linecap="round" if style.dash and style.dash[0] == 0 else None,
            stroke_linejoin="round",
        )  # fmt: skip

    def dotted(self, points: Iterable[Point]) -> Iterator[Markup]:
        """Lines without a length, which have round ends."""
        path = "".join(f"M{number(x)} {number(y)}h0" for x, y in points)
        yield element(
            "path", d=path, fill="none", stroke=self.theme.paint(self.series.color),
            stroke_width=self.series.style.point_size, stroke_linecap="round",
        )  # fmt: skip

    def _gradient(self) -> tuple[str, Markup] | None:
        style, color = self.series.style, self.theme.paint(self.series.color)
        if style.gradient == "opacity":
            return self._defined([(0, color, style.opacity), (1, color, 0)])
        if style.gradient == "hue":
            top, bottom = _hues(rgb(self.series.color, self.theme), self.theme.name != "light")
            return self._defined([(0, top, style.opacity), (1, bottom, style.opacity)])
        return None

    def _scheme(self, opacity: float) -> tuple[str, Markup] | None:
        stops = self.series.stops
        if not stops:
            return None
        places = [(self._place(stop), self.theme.paint(stop.color), opacity) for stop in stops]
        defined = []
        for index, (place, color, _) in enumerate(places):
            # Two stops at one place are an edge between colours.
            if index and not self.series.is_smooth:
                defined.append((place, places[index - 1][1], opacity))
            defined.append((place, color, opacity))
        # Thresholds are in order from below, the stops of a gradient from above.
        return self._defined(defined[::-1])

    def _place(self, step: Step) -> float:
        """Where a threshold is, from the top, as a share of the height; the lowest has no value."""
        if step.value is None:
            return 1.0
        return min(max(self.plot.down(step.value, self.series.axis) / self.plot.height, 0), 1)

    def _defined(self, stops: Sequence[tuple[float, str, float]]) -> tuple[str, Markup]:
        """A gradient from the top of the chart to its bottom, under an id that says what it is."""
        words = "-".join(
            f"{number(round(at, 3))}-{color.strip('#')}-{number(opacity)}"
            for at, color, opacity in stops
        )
        name = "".join(letter if letter.isalnum() else "_" for letter in words)
        name = f"fade-{name}-{number(self.plot.height).replace('.', '_')}"
        inside = [
            element("stop", offset=f"{at:.3g}", stop_color=color, stop_opacity=f"{opacity:.3g}")
            for at, color, opacity in stops
        ]
        return f"url(#{name})", element(
            "linearGradient", *inside, id=name, gradientUnits="userSpaceOnUse", x1=0, x2=0, y1=0,
            y2=self.plot.height,
        )  # fmt: skip


def _hues(color: tuple[int, int, int], is_dark: bool) -> tuple[str, str]:
    """A little lighter at the top, and another hue at the bottom, as Grafana's gradient of hues."""
    hue, light, strength = colorsys.rgb_to_hls(*(channel / 255 for channel in color))
    top = colorsys.hls_to_rgb(hue, min(light + 0.1, 1), strength)
    bottom = colorsys.hls_to_rgb(
        (hue - 25 / 360) % 1, max(light - 0.1, 0) if is_dark else light, strength
    )
    return _hex(top), _hex(bottom)


def _hex(color: Iterable[float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in color)
