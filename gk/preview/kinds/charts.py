"""Pictures of time series: the chart that uPlot draws on the page, as SVG.

Clips are nested elements, and the ids of gradients say what they are: a page with several pictures
has no two different things of one id.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise

from markupsafe import Markup

from gk.preview.axes import (
    FONT_SIZE,
    Scale,
    log_range,
    log_ticks,
    range_of,
    step_of,
    ticks,
    time_label,
    time_step,
    time_ticks,
    zone_of,
)
from gk.preview.fields import Step, tick_decimals
from gk.preview.kinds import serieslegends as legends
from gk.preview.kinds.series import Axis, Series, Style, TimeSeries, decimated
from gk.preview.svg import element, number, path_of, text_width
from gk.preview.theme import Theme, rgb

__all__ = ["Drawn", "draw", "drawn_values", "range_of_axis"]

Point = tuple[float, float]

_TOP = 17.0
"""Pixels above a chart, so that the topmost label of its axis is whole."""
_SIDE = 8.0
_TIMES = 21.0
"""The height of the axis of times."""
_TICK = 4.0
_GAP = 5.0
_LEGEND = 4.0
_LABEL = 18.0
_SPACE = 30.0
"""Pixels between ticks of values, at least."""


def draw(view: TimeSeries, width: float, height: float, theme: Theme) -> Markup:
    """The chart and its legend in a box; words in place of it, if there is nothing."""
    if not view.series:
        return legends.words(
            "No data", width / 2, height / 2, theme, anchor="middle", color="faint"
        )
    wide, high = legends.size(view, width, height)
    if not high:
        return _chart(view, width, height, theme)
    if view.legend and view.legend.is_right:
        legend = _box(legends.draw(view, wide - _SIDE, theme), width - wide + _SIDE, 0, wide, high)
        return _chart(view, width - wide, height, theme) + legend
    legend = _box(legends.draw(view, wide, theme), 0, height - high + _LEGEND, wide, high)
    return _chart(view, width, height - high, theme) + legend


def _box(inside: Markup, x: float, y: float, width: float, height: float) -> Markup:
    """A part of the picture, which is cut off where it ends."""
    return element("svg", inside, x=x, y=y, width=max(width, 1), height=max(height, 1))


# Values as they are drawn


@dataclass(frozen=True, slots=True)
class Drawn:
    """The points of a series where they are drawn: on those of its group below it, if it has one.
    `below` are then the values at its lower edge."""

    times: Sequence[float]
    values: Sequence[float | None]
    below: Sequence[float | None] = ()


def drawn_values(view: TimeSeries) -> list[Drawn]:
    """Of all series, in their order."""
    drawn = [Drawn(each.times, each.values) for each in view.series]
    grouped: dict[str, list[int]] = {}
    for index, each in enumerate(view.series):
        if each.stack and each.is_drawn:
            grouped.setdefault(each.stack.group, []).append(index)
    for members in grouped.values():
        for index, stacked in zip(members, _stacked(view, members), strict=True):
            drawn[index] = stacked
    return [
        Drawn(*decimated(each.times, each.values)) if not each.below else each for each in drawn
    ]


def _stacked(view: TimeSeries, members: Sequence[int]) -> Iterator[Drawn]:
    series = [view.series[index] for index in members]
    times = sorted({time for each in series for time in each.times})
    rows = [_at(each, times) for each in series]
    columns = list(zip(*rows, strict=True))
    totals = [
        sum(there) if (there := [each for each in column if each is not None]) else None
        for column in columns
    ]
    in_percent = bool(series[0].stack and series[0].stack.in_percent)
    below: list[float | None] = [None if total is None else 0.0 for total in totals]
    sums = [list(accumulate(column, _plus, initial=0.0)) for column in columns]
    for rank in range(1, len(rows) + 1):
        above = [
            None if total is None else _share(sums[at][rank], total, in_percent)
            for at, total in enumerate(totals)
        ]
        yield Drawn(times, above, below)
        below = above


def _plus(total: float, value: float | None) -> float:
    return total + (value or 0.0)


def _share(value: float, total: float, in_percent: bool) -> float:
    if not in_percent:
        return value
    return value / abs(total) if total else 0.0


def _at(series: Series, times: Sequence[float]) -> list[float | None]:
    known = dict(zip(series.times, series.values, strict=False))
    return [known.get(time) for time in times]


# Axes


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where the chart is in its box, and its scales."""

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
        return self.width * (time - self.start) / ((self.end - self.start) or 1)

    def down(self, value: float, axis: int) -> float:
        share = self.scales[axis].at(value)
        # Far outside, coordinates would be longer than a picture can have.
        return self.height * (1 - min(max(share, -10), 11))


def range_of_axis(axis: Axis, values: Iterable[float | None]) -> tuple[float, float]:
    """Where an axis ends."""
    there = [each for each in values if each is not None and (axis.base <= 1 or each > 0)]
    low, high = (min(there), max(there)) if there else (None, None)
    if axis.base > 1:
        return log_range(low, high, axis.limits, axis.base)
    return range_of(low, high, axis.limits)


def _scales(view: TimeSeries, drawn: Sequence[Drawn]) -> list[Scale]:
    return [
        Scale(
            *range_of_axis(
                axis,
                (
                    value
                    for each, points in zip(view.series, drawn, strict=True)
                    if each.axis == index and each.is_drawn
                    for value in points.values
                ),
            ),
            axis.base,
            axis.threshold,
        )
        for index, axis in enumerate(view.axes)
    ]


def _ticks_of(axis: Axis, scale: Scale, height: float) -> list[tuple[float, str]]:
    """The ticks of an axis and their labels."""
    if axis.base > 1:
        found = log_ticks(scale.low, scale.high, axis.base, height, _SPACE)
        return [(each, str(axis.shows(each))) for each in found]
    step = step_of(scale.low, scale.high, height, _SPACE, binary=axis.is_binary)
    decimals = tick_decimals(step) if step else None
    return [(each, str(axis.shows(each, decimals))) for each in ticks(scale.low, scale.high, step)]


def _widths(view: TimeSeries, labels: Sequence[Sequence[tuple[float, str]]]) -> list[float]:
    """The widths of the axes of values with their titles."""
    found = []
    for axis, given in zip(view.axes, labels, strict=True):
        longest = max((text_width(text, FONT_SIZE) for _, text in given), default=0.0)
        size = axis.width if axis.width is not None else math.ceil(_TICK + _GAP + longest)
        found.append(0.0 if axis.side == "hidden" else size + _LABEL * bool(axis.label))
    return found


def _count(drawn: Sequence[Drawn]) -> int:
    return len({time for each in drawn for time in each.times})


def _times_of(view: TimeSeries) -> tuple[float, float]:
    if view.end > view.start:
        return view.start, view.end
    times = [time for each in view.series for time in each.times]
    start, end = (min(times), max(times)) if times else (0.0, 1.0)
    return start, max(end, start + 1)


def _chart(view: TimeSeries, width: float, height: float, theme: Theme) -> Markup:
    drawn = drawn_values(view)
    scales = _scales(view, drawn)
    room = max(height - _TOP - _TIMES, 1)
    labels = [_ticks_of(*both, room) for both in zip(view.axes, scales, strict=True)]
    widths = _widths(view, labels)
    sides = {
        side: sum(size for axis, size in zip(view.axes, widths, strict=True) if axis.side == side)
        for side in ("left", "right")
    }
    left, right = (sides[side] or _SIDE for side in ("left", "right"))
    plot = _Plot(
        left, _TOP, max(width - left - right, 1), room, *_times_of(view), scales, _count(drawn)
    )
    inside = (
        *_lines(view, plot, labels, theme),
        *_thresholds(view, plot, theme),
        *(part for each in _all_series(view, drawn, plot, theme) for part in each),
        *_marks(view, plot, theme),
    )
    return Markup("").join(
        (
            _box(Markup("").join(inside), plot.x, plot.y, plot.width, plot.height),
            *_time_labels(view, plot, theme),
            *_value_labels(view, plot, labels, widths, theme),
        )
    )


def _time_ticks(view: TimeSeries, plot: _Plot) -> list[tuple[float, str]]:
    zone = zone_of(view.timezone)
    span = plot.end - plot.start
    step = time_step(plot.start, plot.end, plot.width, lambda text: text_width(text, FONT_SIZE))
    return [
        (plot.across(each), time_label(each, step, span, zone))
        for each in time_ticks(plot.start, plot.end, step, zone)
    ]


def _lines(
    view: TimeSeries,
    plot: _Plot,
    labels: Sequence[Sequence[tuple[float, str]]],
    theme: Theme,
) -> Iterator[Markup]:
    """The grid."""
    path = [f"M{number(x)} 0V{number(plot.height)}" for x, _ in _time_ticks(view, plot)]
    for index, (axis, given) in enumerate(zip(view.axes, labels, strict=True)):
        if axis.has_grid and axis.side != "hidden":
            heights = [plot.down(each, index) for each in _grid_of(axis, plot, index, given)]
            path += [f"M0 {number(y)}H{number(plot.width)}" for y in heights]
    if path:
        yield element("path", d="".join(path), stroke=theme.paint("grid"), fill="none")


def _grid_of(
    axis: Axis, plot: _Plot, index: int, labels: Sequence[tuple[float, str]]
) -> list[float]:
    """The values that have a line: of a logarithm all multiples of its powers."""
    scale = plot.scales[index]
    if axis.base != 10:
        return [tick for tick, _ in labels]
    powers = log_ticks(scale.low, scale.high, 10, plot.height, 1)
    return [power * digit for power in powers for digit in range(1, 10) if power < scale.high]


def _time_labels(view: TimeSeries, plot: _Plot, theme: Theme) -> Iterator[Markup]:
    y = plot.y + plot.height + _TICK + _GAP + 10
    for x, text in _time_ticks(view, plot):
        yield legends.words(text, plot.x + x, y, theme, anchor="middle")


def _value_labels(
    view: TimeSeries,
    plot: _Plot,
    labels: Sequence[Sequence[tuple[float, str]]],
    widths: Sequence[float],
    theme: Theme,
) -> Iterator[Markup]:
    """The texts of the axes of values, from the chart outwards, and their titles."""
    offsets = {"left": 0.0, "right": 0.0}
    for index, axis in enumerate(view.axes):
        if axis.side == "hidden":
            continue
        sign, anchor = (-1, "end") if axis.side == "left" else (1, None)
        edge = plot.x + (plot.width if sign > 0 else 0) + sign * offsets[axis.side]
        for tick, text in labels[index]:
            y = plot.y + plot.down(tick, index) + 4
            x = edge + sign * (_TICK + _GAP)
            yield legends.words(text, x, y, theme, anchor=anchor, color=axis.color)
        offsets[axis.side] += widths[index]
        if axis.label:
            yield _title(axis, edge + sign * (widths[index] - 11), plot, theme)


def _title(axis: Axis, x: float, plot: _Plot, theme: Theme) -> Markup:
    y = plot.y + plot.height / 2
    turn = f"rotate({-90 if axis.side == 'left' else 90} {number(x)} {number(y)})"
    return element(
        "text", axis.label, x=x, y=y, font_size=FONT_SIZE, fill=theme.paint(axis.color),
        text_anchor="middle", transform=turn,
    )  # fmt: skip


# What is behind and above series


def _thresholds(view: TimeSeries, plot: _Plot, theme: Theme) -> Iterator[Markup]:
    for index, axis in enumerate(view.axes):
        scale = plot.scales[index]
        ends = [each.value for each in axis.steps[1:]] + [None]
        for step, end in zip(axis.steps, ends, strict=True) if axis.steps_as else ():
            bottom = plot.down(scale.low if step.value is None else step.value, index)
            top = plot.down(scale.high if end is None else end, index)
            color = theme.paint(step.color)
            if "area" in axis.steps_as and bottom > top and step.color != "transparent":
                yield element(
                    "rect", y=top, width=plot.width, height=bottom - top, fill=color,
                    fill_opacity=0.15,
                )  # fmt: skip
            if axis.steps_as & {"line", "dashed"} and step.value is not None:
                yield element(
                    "path", d=f"M0 {number(bottom)}H{number(plot.width)}", stroke=color,
                    stroke_width=2, stroke_opacity=0.7,
                    stroke_dasharray="10 10" if "dashed" in axis.steps_as else None,
                )  # fmt: skip


def _marks(view: TimeSeries, plot: _Plot, theme: Theme) -> Iterator[Markup]:
    """Annotations: a line, or an area between two."""
    for each in view.annotations:
        color = theme.paint(each.color or "blue")
        left, right = plot.across(each.start), plot.across(max(each.end, each.start))
        left, right = max(left, -10), min(right, plot.width + 10)
        if left > right:
            continue
        if right > left:
            yield element(
                "rect", x=left, width=right - left, height=plot.height, fill=color,
                fill_opacity=0.1,
            )  # fmt: skip
        path = "".join(f"M{number(x)} 0V{number(plot.height)}" for x in sorted({left, right}))
        yield element(
            "path", element("title", each.text), d=path, stroke=color, stroke_dasharray="5 5"
        )


# Series


def _all_series(
    view: TimeSeries, drawn: Sequence[Drawn], plot: _Plot, theme: Theme
) -> Iterator[Iterator[Markup]]:
    lowers = {band.upper: band.lower for band in view.bands}
    for index, (series, points) in enumerate(zip(view.series, drawn, strict=True)):
        if not series.is_drawn:
            continue
        lower = drawn[lowers[index]] if index in lowers else None
        # Only one of two series with an area between them is filled.
        style = series.style if index not in lowers.values() else replace(series.style, opacity=0)
        colors = _Paint(replace(series, style=style), plot, theme)
        yield _one(points, lower, plot, colors)


def _one(drawn: Drawn, lower: Drawn | None, plot: _Plot, colors: _Paint) -> Iterator[Markup]:
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
    dots = [point for piece in pieces for point in piece if _has_points(style, plot)]
    dots = dots or [piece[0] for piece in pieces if len(piece) == 1 and style.points != "never"]
    if dots:
        yield from colors.dotted(dots)


def _pieces(series: Series, drawn: Drawn, plot: _Plot) -> Iterator[list[Point]]:
    """The stretches of a line between gaps."""
    pairs = zip(drawn.times, drawn.values, strict=False)
    for has_value, run in groupby(pairs, lambda pair: pair[1] is not None):
        if has_value:
            yield [
                (plot.across(time), plot.down(value, series.axis))
                for time, value in run
                if value is not None
            ]


def _has_points(style: Style, plot: _Plot) -> bool:
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


def _areas(series: Series, drawn: Drawn, lower: Drawn | None, plot: _Plot) -> Iterator[str]:
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


def _unders(
    series: Series, drawn: Drawn, lower: Drawn | None, plot: _Plot
) -> Iterator[list[Point]]:
    """The lower edges of the areas; empty for a straight one."""
    if drawn.below:
        below = Drawn(drawn.times, drawn.below)
        yield from _pieces(series, below, plot)
        return
    other = [point for piece in _pieces(series, lower, plot) for point in piece] if lower else []
    for piece in _pieces(series, drawn, plot):
        at = [point for point in other if piece[0][0] <= point[0] <= piece[-1][0]]
        yield at


def _bars(series: Series, drawn: Drawn, plot: _Plot, colors: _Paint) -> Iterator[Markup]:
    places = [plot.across(time) for time in drawn.times]
    apart = min(
        (later - earlier for earlier, later in pairwise(places)),
        default=plot.width,
    )
    style = series.style
    wide = min(max(apart * style.bar_width, 1), style.bar_max)
    shift = (1 + style.bar_side) * wide / 2 - (wide if style.bar_side else 0) * (style.bar_side > 0)
    below = drawn.below or [0.0] * len(places)
    path = []
    for x, value, bottom in zip(places, drawn.values, below, strict=False):
        if value is None or (bottom is not None and value == bottom and drawn.below):
            continue
        top = plot.down(value, series.axis)
        end = plot.down(bottom or 0.0, series.axis)
        corner = x - (shift if style.bar_side <= 0 else 0)
        path.append(
            f"M{number(corner)} {number(top)}h{number(wide)}V{number(end)}h{number(-wide)}Z"
        )
    if path:
        yield from colors.filled("".join(path))
        if style.width and wide > 4:
            yield from colors.stroked("".join(path))


@dataclass(frozen=True, slots=True)
class _Paint:
    """The colours of a series, or the gradients that stand for them."""

    series: Series
    plot: _Plot
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
            stroke_dasharray=" ".join(number(each) for each in style.dash) or None,
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
        places = [(self._place(each), self.theme.paint(each.color), opacity) for each in stops]
        found = []
        for index, (place, color, _) in enumerate(places):
            if index and not self.series.is_smooth:
                found.append((place, places[index - 1][1], opacity))
            found.append((place, color, opacity))
        return self._defined(found[::-1])

    def _place(self, step: Step) -> float:
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
    hue, light, strength = colorsys.rgb_to_hls(*(each / 255 for each in color))
    top = colorsys.hls_to_rgb(hue, min(light + 0.1, 1), strength)
    bottom = colorsys.hls_to_rgb(
        (hue - 25 / 360) % 1, max(light - 0.1, 0) if is_dark else light, strength
    )
    return _hex(top), _hex(bottom)


def _hex(color: Iterable[float]) -> str:
    return "#" + "".join(f"{round(each * 255):02x}" for each in color)
