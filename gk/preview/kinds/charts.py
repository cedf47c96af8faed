"""Pictures of time series: the chart that uPlot draws on the page, as SVG.

Here are its axes, and what is behind and above the series. Clips are nested elements, so that a
page with several pictures has no two things of one id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from gk.preview.axes import (
    FONT_SIZE,
    Scale,
    log_range,
    log_ticks,
    range_of,
    space_of,
    step_of,
    ticks,
    time_label,
    time_step,
    time_ticks,
    zone_of,
)
from gk.preview.fields import tick_decimals
from gk.preview.kinds import legends
from gk.preview.kinds.curves import Plot, curves_of
from gk.preview.kinds.lines import placed
from gk.preview.kinds.series import Axis, TimeSeries
from gk.preview.kinds.stacks import Drawn, drawn_values
from gk.preview.svg import element, number, text_width
from gk.preview.theme import Theme

__all__ = ["draw", "range_of_axis"]

_TOP = 17.0
"""Pixels above a chart, so that the topmost label of its axis is whole."""
_SIDE = 8.0
_TIMES = 21.0
"""The height of the axis of times."""
_TICK = 4.0
_GAP = 5.0
_LABEL = 18.0
_MOST_OF_LABELS = 0.4
"""The share of a chart's width that the labels of an axis of values have at most (grafana-ui,
UPlotAxisBuilder.ts)."""


def draw(view: TimeSeries, width: float, height: float, theme: Theme) -> Markup:
    """The chart and its legend in a box; words in place of it, if there is nothing."""
    if not view.series:
        return _words(view.nothing, width / 2, height / 2, theme, anchor="middle", color="faint")
    legend = _legend(view)
    box, below = legends.split(legend, width, height)
    chart = _chart(view, box.width, box.height, theme)
    return chart + legends.drawn(legend, below, (width, height), theme) if legend else chart


def _legend(view: TimeSeries) -> legends.Legend | None:
    listed = [view.series[index] for index in (view.legend.entries if view.legend else ())]
    if not view.legend or not listed:
        return None
    is_table = view.legend.is_table
    return legends.Legend(
        [
            legends.Entry(
                f"{series.name} {view.note(series)}".rstrip() if is_table else series.name,
                series.color,
                [str(value.display) for value in series.calculated],
            )
            for series in listed
        ],
        [series.name for series in listed[0].calculated],
        is_table,
        view.legend.is_right,
        is_named=True,
    )


def _words(
    text: str, x: float, y: float, theme: Theme, *, anchor: str | None = None, color: str = "text"
) -> Markup:
    return element(
        "text", text, x=x, y=y, font_size=FONT_SIZE, fill=theme.paint(color), text_anchor=anchor
    )


# Axes


def range_of_axis(axis: Axis, values: Iterable[float | None]) -> tuple[float, float]:
    """Where an axis ends."""
    there = [value for value in values if value is not None and (axis.base <= 1 or value > 0)]
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
                    for series, points in zip(view.series, drawn, strict=True)
                    if series.axis == index and series.is_drawn
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
        values = log_ticks(scale.low, scale.high, axis.base, height, space_of(height))
        return [(value, str(axis.shows(value))) for value in values]
    step = step_of(scale.low, scale.high, height, space_of(height), axis.increments)
    decimals = tick_decimals(step) if step else None
    # Without decimals, others than whole numbers have a line and no label.
    return [
        (tick, "" if axis.limits.is_whole and tick % 1 else str(axis.shows(tick, decimals)))
        for tick in ticks(scale.low, scale.high, step)
    ]


def _widths(
    view: TimeSeries, labels: Sequence[Sequence[tuple[float, str]]], width: float
) -> list[float]:
    """The widths of the axes of values with their titles, in a chart of a width."""
    widths = []
    for axis, given in zip(view.axes, labels, strict=True):
        longest = max((text_width(text, FONT_SIZE) for _, text in given), default=0.0)
        longest = min(longest, _MOST_OF_LABELS * width)
        size = axis.width if axis.width is not None else math.ceil(_TICK + _GAP + longest)
        widths.append(0.0 if axis.side == "hidden" else size + _LABEL * bool(axis.label))
    return widths


def _times_of(view: TimeSeries) -> tuple[float, float]:
    if view.end > view.start:
        return view.start, view.end
    times = [time for series in view.series for time in series.times]
    start, end = (min(times), max(times)) if times else (0.0, 1.0)
    return start, max(end, start + 1)


def _chart(view: TimeSeries, width: float, height: float, theme: Theme) -> Markup:
    """The chart with its axes. Their labels decide how wide it is, and its height which labels
    there are."""
    drawn = drawn_values(view)
    scales = _scales(view, drawn)
    room = max(height - _TOP - _TIMES, 1)
    labels = [_ticks_of(*both, room) for both in zip(view.axes, scales, strict=True)]
    widths = _widths(view, labels, width)
    sides = {
        side: sum(size for axis, size in zip(view.axes, widths, strict=True) if axis.side == side)
        for side in ("left", "right")
    }
    left, right = (sides[side] or _SIDE for side in ("left", "right"))
    count = len({time for points in drawn for time in points.times})
    plot = Plot(left, _TOP, max(width - left - right, 1), room, *_times_of(view), scales, count)
    inside = (
        *_lines(view, plot, labels, theme),
        *_thresholds(view, plot, theme),
        *curves_of(view, drawn, plot, theme),
        *_marks(view, plot, theme),
        *_exemplars(view, plot, theme),
    )
    return Markup("").join(
        (
            placed(Markup("").join(inside), plot.x, plot.y, plot.width, plot.height),
            *_time_labels(view, plot, theme),
            *_value_labels(view, plot, labels, widths, theme),
        )
    )


def _time_ticks(view: TimeSeries, plot: Plot) -> list[tuple[float, str]]:
    zone = zone_of(view.timezone)
    span = plot.end - plot.start
    step = time_step(plot.start, plot.end, plot.width)
    return [
        (plot.across(tick), time_label(tick, step, span, zone))
        for tick in time_ticks(plot.start, plot.end, step, zone)
    ]


def _lines(
    view: TimeSeries,
    plot: Plot,
    labels: Sequence[Sequence[tuple[float, str]]],
    theme: Theme,
) -> Iterator[Markup]:
    """The grid."""
    path = [f"M{number(x)} 0V{number(plot.height)}" for x, _ in _time_ticks(view, plot)]
    for index, (axis, given) in enumerate(zip(view.axes, labels, strict=True)):
        if axis.has_grid and axis.side != "hidden":
            heights = [plot.down(value, index) for value in _grid_of(axis, plot, index, given)]
            path += [f"M0 {number(y)}H{number(plot.width)}" for y in heights]
    if path:
        yield element("path", d="".join(path), stroke=theme.paint("grid"), fill="none")


def _grid_of(
    axis: Axis, plot: Plot, index: int, labels: Sequence[tuple[float, str]]
) -> list[float]:
    """The values that have a line: of a logarithm all multiples of its powers."""
    scale = plot.scales[index]
    if axis.base != 10:
        return [tick for tick, _ in labels]
    powers = log_ticks(scale.low, scale.high, 10, plot.height, 1)
    return [power * digit for power in powers for digit in range(1, 10) if power < scale.high]


def _time_labels(view: TimeSeries, plot: Plot, theme: Theme) -> Iterator[Markup]:
    y = plot.y + plot.height + _TICK + _GAP + 10
    for x, text in _time_ticks(view, plot):
        yield _words(text, plot.x + x, y, theme, anchor="middle")


def _value_labels(
    view: TimeSeries,
    plot: Plot,
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
            yield _words(text, x, y, theme, anchor=anchor, color=axis.color)
        offsets[axis.side] += widths[index]
        if axis.label:
            yield _title(axis, edge + sign * (widths[index] - 11), plot, theme)


def _title(axis: Axis, x: float, plot: Plot, theme: Theme) -> Markup:
    y = plot.y + plot.height / 2
    turn = f"rotate({-90 if axis.side == 'left' else 90} {number(x)} {number(y)})"
    return element(
        "text", axis.label, x=x, y=y, font_size=FONT_SIZE, fill=theme.paint(axis.color),
        text_anchor="middle", transform=turn,
    )  # fmt: skip


# What is behind and above series


def _thresholds(view: TimeSeries, plot: Plot, theme: Theme) -> Iterator[Markup]:
    for index, axis in enumerate(view.axes):
        scale = plot.scales[index]
        ends = [step.value for step in axis.steps[1:]] + [None]
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


def _marks(view: TimeSeries, plot: Plot, theme: Theme) -> Iterator[Markup]:
    """Annotations: a line, or an area between two."""
    for annotation in view.annotations:
        color = theme.paint(annotation.color or "blue")
        left, right = (
            plot.across(annotation.start),
            plot.across(max(annotation.end, annotation.start)),
        )
        # What begins or ends outside of the chart has a line there, where nobody sees it.
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
            "path", element("title", annotation.text), d=path, stroke=color, stroke_dasharray="5 5"
        )


def _exemplars(view: TimeSeries, plot: Plot, theme: Theme) -> Iterator[Markup]:
    """Diamonds on the first axis; those outside of it are at its ends."""
    scale = plot.scales[0]
    path = "".join(
        f"M{number(plot.across(exemplar.time))} {number(plot.down(value, 0) - 3.5)}"
        "l3.5 3.5l-3.5 3.5l-3.5-3.5z"
        for exemplar in view.exemplars
        for value in [min(max(exemplar.value, scale.low), scale.high)]
    )
    if path:
        yield element("path", d=path, fill=theme.paint(view.series[0].color))
