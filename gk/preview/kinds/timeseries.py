"""Time series: lines, bars and points over time, with axes, thresholds, annotations and a legend.

What Grafana 12.4 makes of the configuration of the fields. On the page, uPlot draws it from
gk.preview.kinds.chart_data; a picture is drawn by gk.preview.kinds.charts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from gk.forms.html import templates_of
from gk.preview.axes import Limits
from gk.preview.classes import paint
from gk.preview.data_links import links_of_all
from gk.preview.fields import (
    REDUCERS,
    Step,
    color_of,
    display_of,
    limits_of,
    name_of,
    reduced,
    scale_of,
    spec_of,
    steps_of,
)
from gk.preview.fields.numbers import number_of
from gk.preview.kinds import charts
from gk.preview.kinds.gaps import (
    complete,
    is_drawable,
    joined,
    most_apart,
    sorted_points,
    with_gaps,
)
from gk.preview.kinds.series import (
    Axis,
    Band,
    Calculated,
    Legend,
    Series,
    Stack,
    Style,
    TimeSeries,
)
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.parts import drawable, flag, number, number_within, part, word, words
from gk.preview.theme import Theme
from gk.prometheus.macros import TimeRange

__all__ = ["TimeSeries", "draw", "html", "view"]


def view(shown: Shown) -> TimeSeries:
    """What the panel shows."""
    listed = list(_columns(shown.frames))
    columns = [
        (*_instead_of_nothing(column, times, shown.time), name) for column, times, name, _ in listed
    ]
    if not columns:
        return TimeSeries(
            start=shown.time.start * 1000, end=shown.time.end * 1000, nothing=shown.nothing
        )
    axes, keys = _axes([column for column, _, _ in columns], shown.timezone)
    series = [
        replace(
            _series(column, times, keys.index(_key(column))),
            name=name,
            calculated=calculated,
            last=display_of(column, shown.timezone, now=shown.now)(reduced(column, "lastNotNull")),
            links=links_of_all(column, frame, shown.frames, shown),
        )
        for (column, times, name), (*_, frame), calculated in zip(
            columns, listed, _all_calculated(listed, columns, shown), strict=True
        )
    ]
    tooltip = part(shown.options, "tooltip")
    return TimeSeries(
        series,
        axes,
        list(_bands(columns)),
        _legend(shown.options, series),
        shown.annotations,
        shown.exemplars,
        word(tooltip, "mode", "single"),
        word(tooltip, "sort", "none"),
        shown.time.start * 1000,
        shown.time.end * 1000,
        shown.timezone,
    )


# Fields


def _columns(frames: Sequence[Frame]) -> Iterator[tuple[Field, Field, str, Frame]]:
    """The fields of numbers, each with the times of its frame, its name, and the frame."""
    for frame in frames:
        times = frame.times
        if times is None:
            continue
        for column in frame.fields:
            if column.type in {FieldType.NUMBER, FieldType.BOOLEAN}:
                yield column, times, name_of(column, frame, frames), frame


def _series(column: Field, times: Field, axis: int) -> Series:
    custom = column.custom
    hidden = part(custom, "hideFrom")
    joins = custom.get("spanNulls")
    points = with_gaps(_points(times.values, column.values), most_apart(custom, times))
    points = joined(points, joins)
    values: Sequence[float | None] = [value for _, value in points]
    if word(custom, "transform") == "negative-Y":
        values = [None if value is None else -value for value in values]
    elif word(custom, "transform") == "constant" and values:
        values = [values[0]] * len(values)
    return Series(
        column.name,
        color_of(column),
        [time for time, _ in points],
        values,
        _style(custom),
        axis,
        _stack(custom, axis, values),
        not flag(hidden, "viz"),
        not flag(hidden, "legend"),
        not flag(hidden, "tooltip"),
        joins is True,
        stops=_stops(column),
        is_smooth=word(part(column.config, "color"), "mode") != "thresholds",
        spec=spec_of(column),
    )


def _points(times: Sequence[Any], values: Sequence[Any]) -> list[tuple[float, float | None]]:
    """Pairs in the order of time. A value that cannot be drawn is a gap."""
    return [
        (time, drawable(float(value) if value is True or value is False else value))
        for time, value in sorted_points(times, values)
    ]


def _instead_of_nothing(column: Field, times: Field, time: TimeRange) -> tuple[Field, Field]:
    """The column with its `noValue` in place of missing values, as Grafana draws it; unchanged if
    that is not a number."""
    instead = number_of(column.config.get("noValue"))
    if not math.isfinite(instead):
        return column, times
    column, times = complete(column, times, time)
    values = [instead if value is None else value for value in column.values]
    return replace(column, values=values), times


def _style(custom: Mapping[str, Any]) -> Style:
    draw = word(custom, "drawStyle", "line")
    line = part(custom, "lineStyle")
    return Style(
        draw if draw in {"line", "bars", "points"} else "line",
        number_within(custom, "lineWidth", 0, 50, 1),
        number_within(custom, "fillOpacity", 0, 100, 0) / 100,
        word(custom, "gradientMode", "none"),
        word(custom, "lineInterpolation", "linear"),
        _dash(line),
        word(custom, "showPoints", "auto"),
        number_within(custom, "pointSize", 1, 100, 5),
        number_within(custom, "barWidthFactor", 0.01, 1, 0.6),
        number_within(custom, "barMaxWidth", 1, 10_000, 200),
        int(number_within(custom, "barAlignment", -1, 1, 0)),
    )


def _dash(line: Mapping[str, Any]) -> Sequence[float]:
    kind = word(line, "fill", "solid")
    if kind not in {"dash", "dot"}:
        return ()
    given = line.get("dash")
    lengths = given if isinstance(given, list) else []
    usable = [float(length) for length in lengths if is_drawable(length) and 0 <= length < 1000]
    # A dot is a dash without a length, which has round ends.
    return usable[:10] or ((10.0, 10.0) if kind == "dash" else (0.0, 10.0))


def _stack(custom: Mapping[str, Any], axis: int, values: Iterable[float | None]) -> Stack | None:
    """The group that a series is drawn on. What is below zero is stacked downwards, by itself."""
    stacking = part(custom, "stacking")
    mode = word(stacking, "mode", "none")
    if mode not in {"normal", "percent"}:
        return None
    is_below = sum(value for value in values if value is not None) < 0
    # A panel of Grafana's own exports may have `false`: a group by itself.
    name = str(stacking.get("group", "A"))
    draw = word(custom, "drawStyle", "line")
    return Stack(f"{mode}/{name}/{axis}/{draw}/{'-' if is_below else '+'}", mode == "percent")


_SAMPLES = 11
"""Colours of a continuous scheme."""


def _stops(column: Field) -> Sequence[Step]:
    """The colours of a series that has those of its values."""
    mode = word(part(column.config, "color"), "mode")
    if word(column.custom, "gradientMode") != "scheme":
        return ()
    if mode == "thresholds":
        return steps_of(column)
    if not mode.startswith("continuous-"):
        return ()
    low, high = limits_of(column)
    scale = scale_of(column)
    values = [low + (high - low) * index / (_SAMPLES - 1) for index in range(_SAMPLES)]
    return [Step(value, scale(value)[0]) for value in values]


_UNITS = {
    **dict.fromkeys(("count", "countAll", "changeCount", "distinctCount"), "none"),
    "diffperc": "percentunit",
}
"""The units of calculations whose results do not have that of the series."""
_EARLY = REDUCERS.keys() - {
    *("median", "variance", "stdDev", "countAll", "changeCount", "distinctCount"),
    *("allValues", "uniqueValues", *(f"p{number}" for number in range(1, 100))),
}
"""What Grafana calculates together with the limits of a series."""


def _reduced_early(frames: Sequence[Frame]) -> frozenset[int]:
    """The ids of the series that Grafana has reduced before it draws them, and does not reduce
    again: in these, what is not finite counts, and what is missing does not.

    It looks through all frames for the limits of the first series, unless that has its own, and
    what it calculates there stays with the later frames; a series that has its limits from its own
    values does so for itself. Source: applyFieldOverrides of @grafana/data 12.4; seen on 9.3.2.
    """
    fields = [
        (index, field)
        for index, frame in enumerate(frames)
        for field in frame.fields
        if field.type is FieldType.NUMBER
    ]
    together = ((index, field) for index, field in fields if not flag(field.config, "fieldMinMax"))
    first = next(together, None)
    since = first[0] if first and not _has_limits(first[1]) else len(frames)
    return frozenset(
        id(field)
        for index, field in fields
        if index > since or (flag(field.config, "fieldMinMax") and not _has_limits(field))
    )


def _has_limits(field: Field) -> bool:
    return all(is_drawable(field.config.get(limit)) for limit in ("min", "max"))


def _as_drawn(column: Field, times: Field, time: TimeRange) -> Field:
    """The values with which Grafana draws a series: null where a sample is missing or not
    finite."""
    column, _ = complete(column, times, time)
    values = [value if is_drawable(value) else None for value in column.values]
    return replace(column, values=values)


def _all_calculated(
    given: Sequence[tuple[Field, Field, str, Frame]],
    drawn: Sequence[tuple[Field, Field, str]],
    shown: Shown,
) -> Iterator[list[Calculated]]:
    """The values of each series in the legend."""
    calcs = [calc for calc in words(part(shown.options, "legend"), "calcs") if calc in REDUCERS]
    early = _reduced_early(shown.frames) if _EARLY.issuperset(calcs) else frozenset[int]()
    for (own, *_), (column, times, _) in zip(given, drawn, strict=True):
        if not calcs:
            yield []
            continue
        reducible = own if id(own) in early else _as_drawn(column, times, shown.time)
        yield list(_calculated(reducible, calcs, shown))


def _calculated(column: Field, calcs: Sequence[str], shown: Shown) -> Iterator[Calculated]:
    shows = {"": display_of(column, shown.timezone, now=shown.now)}
    for calc in calcs:
        unit = _UNITS.get(calc, "")
        if unit not in shows:
            counted = replace(column, config={**column.config, "unit": unit})
            shows[unit] = display_of(counted, shown.timezone, now=shown.now)
        yield Calculated(REDUCERS[calc], shows[unit](reduced(column, calc)))


def _bands(columns: Sequence[tuple[Field, Field, str]]) -> Iterator[Band]:
    """Series that are filled down to another one, which they name."""
    names = [name for _, _, name in columns]
    for index, (column, _, _) in enumerate(columns):
        below = word(column.custom, "fillBelowTo")
        if below and below in names:
            yield Band(index, names.index(below))


# Axes


def _key(column: Field) -> str:
    """Series have one axis if all this is equal."""
    custom = column.custom
    scale = part(custom, "scaleDistribution")
    stacking = part(custom, "stacking")
    parts = (
        "percent" if word(stacking, "mode") == "percent" else word(column.config, "unit"),
        number(column.config, "min"),
        number(column.config, "max"),
        number(custom, "axisSoftMin"),
        number(custom, "axisSoftMax"),
        word(custom, "axisPlacement", "auto"),
        word(custom, "axisLabel"),
        flag(custom, "axisCenteredZero"),
        *(repr(scale.get(key)) for key in ("type", "log", "linearThreshold")),
    )
    return repr(parts)


def _axes(columns: Sequence[Field], zone: str) -> tuple[list[Axis], list[str]]:
    """An axis for each unit: the first is on the left, the others are on the right."""
    firsts = {_key(column): column for column in reversed(columns)}
    keys = list(dict.fromkeys(_key(column) for column in columns))
    axes: list[Axis] = []
    for key in keys:
        has_left = any(axis.side == "left" for axis in axes)
        axes.append(_axis(firsts[key], zone, has_left))
    return axes, keys


_SCALES = {"log": 10.0, "symlog": 1.0}

# Units that count in powers of two.
_BINARY = frozenset(
    {
        "bits", "bytes", "kbytes", "mbytes", "gbytes", "tbytes", "pbytes", "binBps", "binbps",
        "KiBs", "Kibits", "MiBs", "Mibits", "GiBs", "Gibits", "TiBs", "Tibits", "PiBs", "Pibits",
    }
)  # fmt: skip


def _axis(column: Field, zone: str, has_left: bool) -> Axis:
    custom = column.custom
    placed = word(custom, "axisPlacement", "auto")
    side = placed if placed in {"left", "right", "hidden"} else "right" if has_left else "left"
    scale = part(custom, "scaleDistribution")
    base = _SCALES.get(word(scale, "type"), 0.0)
    in_percent = word(part(custom, "stacking"), "mode") == "percent"
    limits = Limits(
        number(column.config, "min"),
        number(column.config, "max"),
        number(custom, "axisSoftMin"),
        number(custom, "axisSoftMax"),
        flag(custom, "axisCenteredZero"),
        number(column.config, "decimals") == 0,
    )
    if _is_yes_or_no(column.config):
        # False and true are 0 and 1: the axis shows both, whichever of them occurs.
        limits = replace(limits, soft_min=0.0, soft_max=1.0)
    if in_percent:
        # Shares, whatever the unit of the series is.
        limits = Limits(0.0, 1.0)
        column = replace(column, config={**column.config, "unit": "percentunit", "mappings": []})
    return Axis(
        side,
        word(custom, "axisLabel"),
        limits,
        2.0 if base == 10 and number(scale, "log") == 2 else base,
        number_within(scale, "linearThreshold", 1e-12, 1e12, 1),
        flag(custom, "axisGridShow", side == "left" or not has_left),
        _increments(column.config),
        color_of(column) if word(custom, "axisColorMode") == "series" else "text",
        number(custom, "axisWidth"),
        steps_of(column),
        frozenset(word(part(custom, "thresholdsStyle"), "mode", "off").split("+"))
        & {"line", "dashed", "area"},
        spec_of(column),
        display_of(column, zone),
    )


def _is_yes_or_no(config: Mapping[str, Any]) -> bool:
    return word(config, "unit").startswith("bool")


def _increments(config: Mapping[str, Any]) -> str:
    unit = word(config, "unit")
    if unit in _BINARY:
        return "binary"
    return "yes" if _is_yes_or_no(config) else ""


# The legend


def _legend(options: Mapping[str, Any], series: Sequence[Series]) -> Legend | None:
    given = part(options, "legend")
    mode = word(given, "displayMode", "list")
    if mode == "hidden" or not flag(given, "showLegend", True):
        return None
    listed = [index for index, line in enumerate(series) if line.in_legend]
    if order := word(given, "sortBy"):
        listed.sort(key=lambda index: _rank(series[index], order))
        if flag(given, "sortDesc"):
            listed.reverse()
    return Legend(mode == "table", word(given, "placement") == "right", listed)


def _rank(series: Series, by: str) -> tuple[float, str]:
    value = next((value.display.number for value in series.calculated if value.name == by), None)
    return (-math.inf if value is None else value, series.name.lower() if by == "Name" else "")


# The page


def html(view: TimeSeries) -> Markup:
    """The place of the chart, and the legend."""
    template = templates_of("gk.preview.kinds").get_template("timeseries.html")
    legend = view.legend
    listed = [(index, view.series[index]) for index in (legend.entries if legend else ())]
    heads = [value.name for value in listed[0][1].calculated] if listed else []
    others: Series | None = None
    if legend and not (legend.is_table or legend.is_right):
        # Those of the right axis are on the right, as Grafana lists them.
        listed.sort(key=lambda numbered: bool(view.note(numbered[1])))
        others = next((series for _, series in listed if view.note(series)), None)
    return Markup(
        template.render(view=view, listed=listed, heads=heads, others=others, paint=paint)
    )


def draw(view: TimeSeries, width: float, height: float, theme: Theme) -> Markup:
    """The chart with its axes and its legend, of the theme's colours."""
    return charts.draw(view, width, height, theme)
