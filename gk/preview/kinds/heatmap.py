"""Heatmap: counts by time and bucket, as the colours of cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from gk.preview.axes import Scale, log_ticks, step_of, ticks
from gk.preview.fields import display_of, spec_of, tick_decimals
from gk.preview.fields.numbers import words_of
from gk.preview.kinds import plots
from gk.preview.kinds.boxes import Box, content_size
from gk.preview.kinds.buckets import Bucket, Buckets, buckets_of
from gk.preview.kinds.paints import gradient, written
from gk.preview.kinds.plots import Tick
from gk.preview.kinds.schemes import palette_of
from gk.preview.kinds.spots import Band, Span
from gk.preview.kinds.spots import spots as spots_of
from gk.preview.model import Field, FieldType, Shown
from gk.preview.parts import (
    as_number,
    choice,
    flag,
    number,
    number_within,
    part,
    word,
)
from gk.preview.svg import element
from gk.preview.theme import PAGE, Theme

__all__ = ["Cell", "HeatmapView", "Named", "draw", "html", "spots", "view"]

_BELOW, _WIDEST = 48.0, 300.0
"""The height of the scale of colours, and its greatest width, in pixels."""
_TIMES = 28.0
"""The height of the times below."""
_LEAST_CELL = 3
"""Pixels of a cell between gaps."""
_GRID = 1000
"""In how many parts the height of a picture is divided."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A count between two times in milliseconds and two values, and the number of its colour. Of
    rows that have names, the values are their numbers from 0."""

    start: float
    end: float
    low: float
    high: float
    count: float
    color: int


@dataclass(frozen=True, slots=True)
class Named:
    """The bounds of cells, and what they are called."""

    low: float
    high: float
    name: str


@dataclass(frozen=True, slots=True)
class HeatmapView:
    """What a heatmap shows. `rows` are the names of rows, from below, if buckets have names instead
    of bounds, and `buckets` the names of all bounds that cells have; `ticks` are the labels of the
    axis; the colours reach from `least` to `most`. `width` and `height` are of its content on a
    screen of 1600. The page formats counts by `spec`."""

    cells: Sequence[Cell]
    rows: Sequence[str]
    start: float
    end: float
    axis: Scale
    interval: float
    width: float
    height: float
    palette: Sequence[str] = ()
    ticks: Sequence[Tick] = ()
    times: Sequence[Tick] = ()
    gap: float = 1.0
    is_turned: bool = False
    has_scale: bool = True
    least: str = ""
    most: str = ""
    buckets: Sequence[Named] = ()
    spec: Mapping[str, Any] = field(default_factory=dict)
    timezone: str = "utc"


def view(shown: Shown) -> HeatmapView:
    """What a heatmap shows."""
    options = shown.options
    buckets = buckets_of(shown)
    color = part(options, "color")
    palette = palette_of(color)
    start, end = shown.time.start * 1000, shown.time.end * 1000
    # Cells outside of the range are not drawn, and yet count for the range of the colours.
    counting = [cell for cell in buckets.cells if _is_kept(cell, options)]
    kept = [cell for cell in counting if start < cell.end and cell.start < end]
    least, most = _limits(counting, color)
    width, height = content_size(shown)
    has_scale = flag(part(options, "legend"), "show", True)
    tall = height - (_BELOW if has_scale else 0.0) - _TIMES
    axis = _axis(buckets, kept, part(options, "yAxis"))
    labels = _labels(buckets, axis, shown, max(1.0, tall))
    is_turned = flag(part(options, "yAxis"), "reverse")
    if is_turned:
        labels = [Tick(1 - label.share, label.text) for label in labels]
    left = plots.left_of([label.text for label in labels], width)
    counts = _counts(options)
    said = display_of(counts)
    return HeatmapView(
        cells=tuple(_colored(cell, least, most, len(palette)) for cell in kept),
        rows=tuple(buckets.rows),
        start=start,
        end=end,
        axis=axis,
        interval=buckets.interval or 60_000.0,
        width=width,
        height=height,
        palette=palette,
        ticks=labels,
        times=plots.time_axis(start, end, width - left, shown.timezone),
        gap=number_within(options, "cellGap", 0.0, 50.0, 1.0),
        is_turned=is_turned,
        has_scale=has_scale,
        least=str(said(least)),
        most=str(said(most)),
        buckets=_named_buckets(buckets, kept, shown),
        spec=spec_of(counts),
        timezone=shown.timezone,
    )


def _or(given: float | None, default: float) -> float:
    return default if given is None else given


def _is_kept(cell: Bucket, options: Mapping[str, Any]) -> bool:
    """Whether a count is shown; by default, what is more than nothing."""
    limits = options.get("filterValues")
    limits = limits if isinstance(limits, dict) else {"le": 1e-9}
    least, most = number(limits, "le"), number(limits, "ge")
    return (least is None or cell.count > least) and (most is None or cell.count < most)


def _limits(cells: Sequence[Bucket], color: Mapping[str, Any]) -> tuple[float, float]:
    counts = [cell.count for cell in cells]
    least = _or(number(color, "min"), min(counts, default=0.0))
    return least, max(least, _or(number(color, "max"), max(counts, default=1.0)))


def _colored(cell: Bucket, least: float, most: float, colors: int) -> Cell:
    share = (cell.count / 2 - least / 2) / ((most / 2 - least / 2) or 1.0)
    color = math.floor(min(max(share, 0.0), 1.0) * colors)
    return Cell(cell.start, cell.end, cell.low, cell.high, cell.count, min(color, colors - 1))


def _counts(options: Mapping[str, Any]) -> Field:
    """A field in the unit of counts."""
    given = part(options, "cellValues")
    config = {"unit": word(given, "unit"), "decimals": number(given, "decimals")}
    return Field("", FieldType.NUMBER, (), config=config)


# The axis of values


def _axis(buckets: Buckets, cells: Sequence[Bucket], options: Mapping[str, Any]) -> Scale:
    if buckets.rows:
        return Scale(0.0, float(len(buckets.rows)))
    low = min((cell.low for cell in cells), default=0.0)
    high = max((cell.high for cell in cells), default=1.0)
    low, high = _or(number(options, "min"), low), _or(number(options, "max"), high)
    if buckets.log > 1 and low <= 0:
        low = min((cell.low for cell in cells if cell.low > 0), default=1e-3)
    if buckets.log == 1:
        bounds = {abs(bound) for cell in cells for bound in (cell.low, cell.high)} - {0.0}
        return Scale(low, max(high, low), 1, min(bounds, default=1.0))
    high = high if high > low else low + 1
    if buckets.log > 1:
        return Scale(*_whole_powers(low, high, buckets.log), buckets.log)
    return Scale(low, high, buckets.log)


def _whole_powers(low: float, high: float, base: float) -> tuple[float, float]:
    """The powers of a base around a range."""
    first = math.floor(math.log(low, base) + 1e-9)
    last = math.ceil(math.log(high, base) - 1e-9)
    try:
        return base**first, base**last
    except OverflowError:
        return low, high


def _labels(buckets: Buckets, axis: Scale, shown: Shown, tall: float) -> list[Tick]:
    options = part(shown.options, "yAxis")
    if options.get("axisPlacement") == "hidden":
        return []
    if buckets.rows:
        return _row_labels(buckets.rows, shown, tall)
    if axis.base == 1:
        largest = max(abs(axis.low), abs(axis.high))
        values, step = [axis.low, -largest / 100, 0.0, largest / 100, axis.high], 0.0
    elif axis.base:
        values, step = log_ticks(axis.low, axis.high, axis.base, tall, 30), 0.0
    else:
        step = step_of(axis.low, axis.high, tall, 30)
        values = ticks(axis.low, axis.high, step)
    if axis.base:
        values = [value for value in values if axis.low <= value <= axis.high]
    decimals = tick_decimals(step) if step else None
    show = display_of(_measured(shown))
    return [Tick(1 - axis.at(value), str(show(value, decimals))) for value in values]


def _measured(shown: Shown) -> Field:
    """A field in the unit of the axis: its own, or that of the data."""
    options = part(shown.options, "yAxis")
    fields = (field for frame in shown.frames for field in frame.fields)
    units = (
        words_of(field.config.get("unit")) for field in fields if field.type is FieldType.NUMBER
    )
    unit = word(options, "unit") or next(filter(None, units), "")
    config = {"unit": unit, "decimals": number(options, "decimals")}
    return Field("", FieldType.NUMBER, (), config=config)


def _row_labels(rows: Sequence[str], shown: Shown, tall: float) -> list[Tick]:
    """The names of rows: bounds at the edge that they are, other names in the middle."""
    texts, are_edges = _row_texts(rows, shown)
    middle = 0.0 if are_edges else 0.5
    places = [Tick(1 - (index + middle) / len(rows), text) for index, text in enumerate(texts)]
    # Grafana counts the times below, too.
    every, whole = 1, tall + _TIMES
    while len(places) / every > 3 and (whole - 15) * every / len(places) < 10:
        every *= 2
    return [place for place in places[::every] if place.text]


def _row_texts(rows: Sequence[str], shown: Shown) -> tuple[list[str], bool]:
    """The texts at rows, and whether they are at their edges, from below: then there is one
    more."""
    measured = _measured(shown)
    show, is_measured = display_of(measured), bool(measured.config["unit"])
    bounds = [as_number(row) for row in rows]
    are_bounds = None not in bounds
    layout = choice(part(shown.options, "rowsFrame"), "layout", "auto", "le", "ge", "unknown")
    if layout == "auto":
        layout = "le" if are_bounds else "unknown"
    texts = [
        str(show(bound)) if is_measured and bound is not None and bound < math.inf else name
        for name, bound in zip(rows, bounds, strict=True)
    ]
    if layout == "unknown":
        return texts, False
    # Below the lowest upper bound is nothing less than zero, if that is positive.
    zero = str(show(0.0)) if are_bounds and layout == "le" and (bounds[0] or 0.0) > 0 else ""
    return ([zero, *texts] if layout == "le" else [*texts, ""]), True


def _named_buckets(buckets: Buckets, cells: Sequence[Bucket], shown: Shown) -> list[Named]:
    """The buckets of cells, from below, and what a reader calls them."""
    bounds = sorted({(cell.low, cell.high) for cell in cells})
    if not buckets.rows:
        show = display_of(_measured(shown))
        return [Named(*ends, _between(*(str(show(bound)) for bound in ends))) for ends in bounds]
    texts, are_edges = _row_texts(buckets.rows, shown)
    named = [_between(*ends) for ends in pairwise(texts)] if are_edges else texts
    return [Named(low, high, named[int(low)]) for low, high in bounds if 0 <= low < len(named)]


def _between(low: str, high: str) -> str:
    if not low or not high:
        return f"up to {high}" if high else f"from {low}"
    return f"{low} to {high}"


# The picture


def draw(view: HeatmapView, width: float, height: float, theme: Theme) -> Markup:
    """The cells, with bounds on the left, the time below, and the scale of colours."""
    if not view.cells:
        return plots.nothing(theme)
    tall = height - (_BELOW if view.has_scale else 0.0)
    # The upper half of the topmost label is above the cells.
    box = Box(0.0, 6.0, width, max(1.0, tall - 6.0))
    left = plots.left_of([tick.text for tick in view.ticks], width)
    room = plots.area_of(box, left)
    area = _area(view, room, theme)
    picture = plots.drawn(area, view.ticks, view.times, theme, box=box, left=left, rows=view.ticks)
    if not view.has_scale:
        return picture
    wide = min(_WIDEST, width)
    return picture + element("svg", _scale(view, theme), y=tall, width=wide, height=_BELOW)


def html(view: HeatmapView) -> Markup:
    """The cells, which fill the panel."""
    if not view.cells:
        return element("p", "No data", class_="nothing")
    left = plots.left_of([tick.text for tick in view.ticks], view.width)
    tall = view.height - (_BELOW if view.has_scale else 0.0) - _TIMES
    room = Box(0.0, 0.0, max(1.0, view.width - left), max(1.0, tall))
    area = _area(view, room, PAGE)
    label = f"Heatmap from {view.least} to {view.most}"
    plot = plots.html(
        area,
        view.ticks,
        view.times,
        width=view.width,
        left=left,
        label=label,
        rows=view.ticks,
    )
    if not view.has_scale:
        return plot
    scale = element("svg", _scale(view, PAGE), class_="scale", width="100%", height=_BELOW)
    return element("div", element("div", plot, class_="drawn"), scale, class_="with-legend bottom")


def spots(view: HeatmapView) -> dict[str, Any]:
    """What a pointer on the page finds: the count of each cell."""
    spans: dict[tuple[float, float], list[Span]] = {}
    for cell in view.cells:
        row = spans.setdefault((cell.low, cell.high), [])
        # A JSON has no other numbers.
        if math.isfinite(cell.count):
            row.append(Span(cell.start, cell.end, cell.count, view.palette[cell.color]))
    bands = []
    for bucket in view.buckets:
        inside = sorted(spans.get((bucket.low, bucket.high), ()), key=lambda span: span.start)
        top, bottom = (edge / _GRID for edge in _edges(bucket, view))
        bands.append(Band(top, bottom, bucket.name, inside))
    return spots_of(bands, view.start, view.end, view.timezone, view.spec)


def _area(view: HeatmapView, room: Box, theme: Theme) -> Markup:
    """The cells on a grid of intervals and thousandths of the height: one path for each colour."""
    columns = (view.end - view.start) / view.interval
    first = min(cell.start for cell in view.cells)
    shift = (first - view.start) / view.interval
    paths = [
        element("path", d=path, fill=theme.paint(view.palette[color]))
        for color, path in sorted(_paths(view, first).items())
    ]
    inside = [
        element("g", *paths, shape_rendering="crispEdges"),
        *_gaps(view, first, room.width / columns, room.height, theme),
    ]
    return element(
        "svg",
        element("g", *inside, transform=f"translate({shift:.3f} 0)"),
        width="100%",
        height="100%",
        viewBox=f"0 0 {columns:.3f} {_GRID}",
        preserveAspectRatio="none",
    )


def _paths(view: HeatmapView, first: float) -> dict[int, str]:
    """The paths by colour. Equal neighbours in a row are one rectangle."""
    runs: list[list[int]] = []
    for cell in sorted(view.cells, key=lambda drawn: (drawn.low, drawn.high, drawn.start)):
        top, bottom = _edges(cell, view)
        start = round((cell.start - first) / view.interval)
        wide = max(1, round((cell.end - cell.start) / view.interval))
        if bottom <= top:
            continue
        last = runs[-1] if runs else None
        if last and last[:3] == [cell.color, top, bottom] and last[3] + last[4] == start:
            last[4] += wide
        else:
            runs.append([cell.color, top, bottom, start, wide])
    paths: dict[int, list[str]] = {}
    for color, top, bottom, start, wide in runs:
        path = f"M{start} {top}h{wide}v{bottom - top}h-{wide}z"
        paths.setdefault(color, []).append(path)
    return {color: "".join(parts) for color, parts in paths.items()}


def _edges(cell: Cell | Named, view: HeatmapView) -> tuple[int, int]:
    """The upper and the lower edge of a cell on the grid."""
    shares = [min(max(view.axis.at(bound), 0.0), 1.0) for bound in (cell.low, cell.high)]
    if not view.is_turned:
        shares = [1 - share for share in shares]
    low, high = sorted(round(_GRID * share) for share in shares)
    return low, high


def _gaps(
    view: HeatmapView, first: float, wide: float, height: float, theme: Theme
) -> list[Markup]:
    """The gaps between cells, which are lines around them. Narrow cells have none between columns,
    and low ones none between rows."""
    if not view.gap:
        return []
    across: dict[int, list[tuple[int, int]]] = {}
    upright: dict[int, list[tuple[int, int]]] = {}
    for cell in view.cells:
        start, end = (round((at - first) / view.interval) for at in (cell.start, cell.end))
        sides = (start, max(end, start + 1))
        edges = _edges(cell, view)
        for edge in edges:
            across.setdefault(edge, []).append(sides)
        for side in sides:
            upright.setdefault(side, []).append(edges)
    path = ""
    if len(across) * (_LEAST_CELL + view.gap) < height:
        path += "".join(f"M{a} {y}H{b}" for y, a, b in _merged(across))
    if wide >= _LEAST_CELL + view.gap:
        path += "".join(f"M{x} {a}V{b}" for x, a, b in _merged(upright))
    return [
        element(
            "path",
            d=path,
            fill="none",
            stroke=theme.paint("panel"),
            stroke_width=view.gap,
            vector_effect="non-scaling-stroke",
        )
    ]


def _merged(lines: Mapping[int, Sequence[tuple[int, int]]]) -> Iterator[tuple[int, int, int]]:
    """Lines by their place, as place, start and end: those that touch or overlap are one."""
    for place, runs in sorted(lines.items()):
        start, end = min(runs)
        for begin, ending in sorted(runs):
            if begin > end:
                yield place, start, end
                start, end = begin, ending
            end = max(end, ending)
        yield place, start, end


def _scale(view: HeatmapView, theme: Theme) -> Markup:
    """The colours from the least to the greatest count."""
    last = len(view.palette) - 1
    picked = sorted({round(last * index / 16) for index in range(17)})
    stops = [(index / last, view.palette[index], 1.0) for index in picked]
    fill, definition = gradient(stops, theme, ("0", "0", "1", "0"))
    text = theme.paint("faint")
    return Markup("").join(
        [
            definition,
            element("rect", y=10, width="100%", height=8, rx=1, fill=fill),
            written(view.least, 0.0, 28.0, size=10.0, fill=text),
            written(view.most, "100%", 28.0, size=10.0, fill=text, anchor="end"),
        ]
    )
