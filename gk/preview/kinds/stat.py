"""Stat: one large value for each series or row, with the series behind it.

The layout and the sizes of text are those of Grafana's big value (9.3 to 12.4): the value as large
as its cell allows, the title smaller, and the unit smaller than the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gk.preview.kinds.boxes import (
    Box,
    cells,
    content_size,
    cut_to,
    filling,
    fitted,
    least_of,
    nested,
    roomy,
    text_size,
)
from gk.preview.kinds.linked import linked
from gk.preview.kinds.paints import gradient, written
from gk.preview.kinds.reduced import Reading, change_text, readings
from gk.preview.model import Display, Link, Shown
from gk.preview.parts import choice
from gk.preview.svg import element, path_of, text_width
from gk.preview.theme import PAGE, Theme, ink_on

__all__ = ["Cell", "StatView", "draw", "html", "view"]

_GAP = 3.0
_LINE = 1.2
_LEAST_CELL, _LEAST_WITH_TITLE, _LEAST_WIDE = (64.0, 40.0), (64.0, 66.0), (64.0, 35.0)
"""Pixels of a cell in which texts can be read: of a value, of one below its title, of one beside
it."""
_MOST_TITLE = 30.0
_LEAST_TITLE = 11.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: its title and value as shown, empty where the text mode leaves them out, and
    `color`, which is that of the text or of the background. `trend` is the series behind it."""

    title: str
    value: Display
    color: str
    change: float | None = None
    trend: Sequence[tuple[float, float | None]] = ()
    links: Sequence[Link] = ()

    @property
    def text(self) -> str:
        """The value as it is read."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class StatView:
    """What a stat shows. `width` and `height` are of its content on a screen of 1600; `start` and
    `end` are the panel's time range, in milliseconds since 1970."""

    cells: Sequence[Cell]
    width: float
    height: float
    start: float
    end: float
    color_mode: str = "value"
    orientation: str = "auto"
    is_wide: bool = True
    is_centered: bool = False
    change_colors: str = "standard"
    title_size: float | None = None
    value_size: float | None = None

    @property
    def is_filled(self) -> bool:
        """Whether the colour is that of the background."""
        return self.color_mode.startswith("background")


def view(shown: Shown) -> StatView:
    """What a stat shows."""
    options = shown.options
    values = readings(
        shown,
        trend=choice(options, "graphMode", "area", "none", "line") != "none",
        change=options.get("showPercentChange") is True,
    )
    mode = choice(options, "textMode", "auto", "value", "value_and_name", "name", "none")
    width, height = content_size(shown, padding=0.0)
    return StatView(
        cells=tuple(_cell(reading, mode, len(values)) for reading in values),
        width=width,
        height=height,
        start=shown.time.start * 1000,
        end=shown.time.end * 1000,
        color_mode=choice(options, "colorMode", "value", "background", "background_solid", "none"),
        orientation=choice(options, "orientation", "auto", "horizontal", "vertical"),
        is_wide=options.get("wideLayout") is not False,
        is_centered=options.get("justifyMode") == "center",
        change_colors=choice(
            options, "percentChangeColorMode", "standard", "inverted", "same_as_value"
        ),
        title_size=text_size(options, "titleSize"),
        value_size=text_size(options, "valueSize"),
    )


def _cell(reading: Reading, mode: str, count: int) -> Cell:
    """A reading as the text mode shows it: "auto" has names if there are several."""
    if mode == "auto":
        mode = "value" if count == 1 else "value_and_name"
    display = reading.display
    value = {
        "name": Display(reading.title, display.color, number=display.number),
        "none": Display("", display.color, number=display.number),
    }.get(mode, display)
    return Cell(
        title=reading.title if mode == "value_and_name" else "",
        value=value,
        color=display.color,
        change=reading.change,
        trend=reading.trend if len(reading.trend) > 1 else (),
        links=reading.links,
    )


def draw(view: StatView, width: float, height: float, theme: Theme) -> Markup:
    """The cells, side by side, one below another or in a grid."""
    boxes = cells(len(view.cells), width, height, view.orientation, gap=_GAP)
    longest = _longest(view.cells)
    whole = Box(0.0, 0.0, width, height)
    # On a narrow screen, an author's size is the largest one.
    given = _Given(view.title_size, view.value_size, shrinks=width < least_of(view.width))
    drawn = (
        _drawn(cell, view, box, theme, whole=whole, sizes=_sizes(view, cell, box, longest, given))
        for cell, box in zip(view.cells, boxes, strict=True)
    )
    return Markup("").join(
        linked(inside, cell.links, theme, box=box, whole=(width, height))
        for inside, cell, box in zip(drawn, view.cells, boxes, strict=True)
    )


def html(view: StatView) -> Markup:
    """The picture, which fills the panel."""
    label = ", ".join(f"{cell.title} {cell.text}".strip() for cell in view.cells[:20])
    return filling(
        lambda width, height: draw(view, width, height, PAGE),
        view.width,
        view.height,
        label,
        is_whole=True,
        roomy=lambda width, height: roomy(
            len(view.cells), width, height, view.orientation, gap=_GAP, least=_least_cell(view)
        ),
    )


def _least_cell(view: StatView) -> tuple[float, float]:
    if view.orientation == "horizontal" and view.is_wide:
        return _LEAST_WIDE
    return _LEAST_WITH_TITLE if any(cell.title for cell in view.cells) else _LEAST_CELL


def _longest(listed: Sequence[Cell]) -> tuple[str, str]:
    """The longest title, and the longest parts of values, for which all cells have the size
    (getDisplayValueAlignmentFactors)."""
    values = [cell.value for cell in listed]
    parts = (
        [value.prefix for value in values],
        [value.text for value in values],
        [value.suffix for value in values],
    )
    return (
        max((cell.title for cell in listed), key=len, default=""),
        "".join(max(part, key=len, default="") for part in parts),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """The sizes of title and value that the author gave; with `shrinks`, no text is cut for
    them."""

    title: float | None
    value: float | None
    shrinks: bool = False

    def value_of(self, fitted: float) -> float:
        """The size of a value that would fit at another one."""
        if self.value is None:
            return fitted
        return min(self.value, fitted) if self.shrinks else self.value


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How a cell is laid out, in pixels."""

    title: float
    value: float
    chart: float
    padding: float
    is_wide: bool


def _sizes(view: StatView, cell: Cell, box: Box, longest: tuple[str, str], given: _Given) -> _Sizes:
    """One of the four layouts of grafana-ui, BigValueLayout.tsx: title and value beside each other
    in a wide cell, else below each other, with a chart or without."""
    title, value = longest
    padding = 12.0 if box.height > 100 else 8.0
    room = Box(0, 0, max(1.0, box.width - 2 * padding), max(1.0, box.height - 2 * padding))
    is_wide = view.is_wide and box.width / box.height > 2.5
    has_chart = bool(cell.trend) and box.height > (50 if is_wide else 100)
    if cell.change is not None:
        # The change is below the value, in 40% of its size.
        room = Box(0, 0, room.width, room.height * 0.8)
    if is_wide:
        sizes = _wide(given, title, value, room, has_chart=has_chart)
        return _Sizes(*sizes, box.height / 2 if has_chart else 0.0, padding, True)
    chart = box.height * 0.25 if has_chart else 0.0
    sizes = _stacked(given, title, value, room, most_title=box.height * 0.15, chart=chart)
    rest = box.height - (sum(sizes) + _size_of_change(cell, sizes[1])) * _LINE
    return _Sizes(*sizes, max(0.0, rest) if has_chart else 0.0, padding, False)


def _wide(
    given: _Given, title: str, value: str, room: Box, *, has_chart: bool
) -> tuple[float, float]:
    """The sizes of title and value beside each other, above the chart if there is one."""
    share = (0.4 if has_chart else 0.3) if title else 1.0
    tallest = room.height * (0.5 if has_chart else 1.0)
    size = given.value_of(fitted(value, room.width * share, tallest))
    if not title:
        return 0.0, size
    tall = room.height * (0.4 if has_chart else 1.0)
    of_title = fitted(title, room.width * 0.6, tall, most=_MOST_TITLE)
    return given.title or min(size * 0.7, max(of_title, _LEAST_TITLE)), size


def _stacked(
    given: _Given, title: str, value: str, room: Box, *, most_title: float, chart: float
) -> tuple[float, float]:
    """The sizes of the title and of the value below it."""
    of_title = 0.0
    if title:
        of_title = given.title or max(
            fitted(title, room.width, most_title, most=_MOST_TITLE),
            # Long names are cut rather than unreadable.
            min(_LEAST_TITLE, most_title),
        )
    rest = room.height - of_title * _LINE - chart
    size = given.value_of(fitted(value, room.width, max(1.0, rest)))
    return (given.title or min(size * 0.7, of_title)) if title else 0.0, size


def _drawn(
    cell: Cell, view: StatView, box: Box, theme: Theme, *, whole: Box, sizes: _Sizes
) -> Markup:
    behind = [
        *(_background(cell.color, view.color_mode, theme) if view.is_filled else ()),
        *([_chart(cell, view, box, sizes, theme)] if sizes.chart else ()),
    ]
    texts = (_wide_texts if sizes.is_wide else _stacked_texts)(cell, view, box, sizes, theme)
    return Markup("").join(
        [
            nested(box, whole.width, whole.height, *behind, fit="none") if behind else Markup(""),
            # Each stays in its corner when the cell gets another shape.
            *(
                nested(box, whole.width, whole.height, text, fit=f"{fit} meet")
                for fit, text in texts
                if text
            ),
        ]
    )


def _background(color: str, mode: str, theme: Theme) -> list[Markup]:
    fill = element("rect", width="100%", height="100%", rx=2, fill=theme.paint(color))
    if mode == "background_solid" or color == "transparent":
        return [fill]
    # Grafana darkens the upper left more than the lower right, at an angle of 120 degrees.
    shade, definition = gradient(
        [(0.0, "#000000", 0.28), (1.0, "#000000", 0.06)], theme, ("0", "0", "1", "0.6")
    )
    return [fill, definition, element("rect", width="100%", height="100%", rx=2, fill=shade)]


def _chart(cell: Cell, view: StatView, box: Box, sizes: _Sizes, theme: Theme) -> Markup:
    """The series at the bottom, as an area under a line."""
    is_filled = view.is_filled
    color = "#ffffff" if is_filled else theme.paint(cell.color)
    top = box.height - sizes.chart
    shapes = []
    place = Box(0.0, top + 1, box.width, sizes.chart - 2)
    for line in _lines(cell.trend, place, (view.start, view.end)):
        area = [(line[0][0], box.height), *line, (line[-1][0], box.height)]
        shapes += [
            element(
                "path", d=f"{path_of(area)}Z", fill=color, fill_opacity=0.4 if is_filled else 0.2
            ),
            element(
                "path",
                d=path_of(line),
                fill="none",
                stroke=color,
                stroke_width=1,
                stroke_opacity=0.7 if is_filled else None,
                vector_effect="non-scaling-stroke",
            ),
        ]
    return element("g", *shapes)


def _lines(
    trend: Sequence[tuple[float, float | None]], place: Box, shown: tuple[float, float]
) -> list[list[tuple[float, float]]]:
    """The runs of a series that have values, scaled to a box that is as wide as the time range."""
    known = [value for _, value in trend if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    if low == high:
        # As Grafana: a constant line is in the middle, and zero is at the bottom.
        low, high = (0.0, 100.0) if low == 0 else sorted((0.0, 2 * low))
    start, end = shown
    span = (end - start) or 1.0
    # Halves, because the difference of two floats may be infinite.
    size = (high / 2 - low / 2) or 1.0
    runs: list[list[tuple[float, float]]] = [[]]
    for time, value in trend:
        if value is None:
            runs.append([])
            continue
        share = (value / 2 - low / 2) / size
        x = (time - start) / span * place.width
        runs[-1].append((x, place.y + place.height * (1 - share)))
    return [run for run in runs if len(run) > 1]


_Placed = list[tuple[str, Markup]]
"""Texts, and how each is placed in a box of another shape."""


def _wide_texts(cell: Cell, view: StatView, box: Box, sizes: _Sizes, theme: Theme) -> _Placed:
    """Title on the left, value on the right; a value alone is in the middle."""
    across = "YMin" if sizes.chart else "YMid"
    middle = sizes.padding + sizes.value * _LINE / 2 if sizes.chart else box.height / 2
    # The change is below the value.
    lift = 0.0 if sizes.chart else _size_of_change(cell, sizes.value) * _LINE / 2
    if not cell.title:
        place = _Place(box.width / 2, middle - lift, "middle")
        return [(f"xMid{across}", _value(cell, view, place, sizes.value, theme))]
    title = cut_to(cell.title, (box.width - 2 * sizes.padding) * 0.6, sizes.title)
    left = sizes.padding
    right, fits = box.width - sizes.padding, (f"xMin{across}", f"xMax{across}")
    if view.is_centered:
        wide = text_width(title, sizes.title) + 8 + text_width(cell.text, sizes.value)
        left, right = (box.width - wide) / 2, (box.width + wide) / 2
        fits = (f"xMid{across}", f"xMid{across}")
    return [
        (fits[0], _title(title, cell, view, _Place(left, middle), size=sizes.title, theme=theme)),
        (fits[1], _value(cell, view, _Place(right, middle - lift, "end"), sizes.value, theme)),
    ]


def _stacked_texts(cell: Cell, view: StatView, box: Box, sizes: _Sizes, theme: Theme) -> _Placed:
    """The title above the value: on the left, or in the middle if there is no title."""
    is_middle = view.is_centered or not cell.title
    x, anchor = (box.width / 2, "middle") if is_middle else (sizes.padding, "start")
    is_top = sizes.chart > 0 and bool(cell.title)
    of_title = sizes.title * _LINE
    lines = _wrapped(cell, sizes.value, box.width - 2 * sizes.padding, box.height - of_title)
    used = of_title + (sizes.value * len(lines) + _size_of_change(cell, sizes.value)) * _LINE
    top = sizes.padding if is_top else (box.height - used) / 2
    fit = f"{'xMid' if is_middle else 'xMin'}{'YMin' if is_top else 'YMid'}"
    place = _Place(x, top + of_title + sizes.value * _LINE / 2, anchor, lines)
    texts = [(fit, _value(cell, view, place, sizes.value, theme))]
    if cell.title:
        title = cut_to(cell.title, box.width - 2 * sizes.padding, sizes.title)
        place = _Place(x, top + of_title / 2, anchor)
        texts.insert(0, (fit, _title(title, cell, view, place, size=sizes.title, theme=theme)))
    return texts


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text is: its start, middle or end, and the middle of its first line. A text of
    several `lines` has them below each other."""

    x: float
    y: float
    anchor: str = "start"
    lines: Sequence[str] = ()


def _title(
    title: str, cell: Cell, view: StatView, place: _Place, *, size: float, theme: Theme
) -> Markup:
    color = _ink(cell.color) if view.is_filled else "text"
    fill = theme.paint(color)
    return written(title, place.x, place.y, size=size, fill=fill, anchor=place.anchor)


def _wrapped(cell: Cell, size: float, width: float, height: float) -> list[str]:
    """The value line by line: a long one breaks between its words where there is room below."""
    if text_width(cell.text, size) <= width or cell.change is not None:
        return [cell.text]
    lines = [""]
    for word in cell.text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines if len(lines) * size * _LINE <= height else [cell.text]


def _value(cell: Cell, view: StatView, place: _Place, size: float, theme: Theme) -> Markup:
    value = cell.value
    if not cell.text and cell.change is None:
        return Markup("")
    color = {"value": cell.color, "none": "text"}.get(view.color_mode) or _ink(cell.color)
    # The unit is smaller than the number (FormattedValueDisplay).
    small = size * (0.9 if size < 20 else 0.8 if size < 26 else 0.6)
    spans = [
        element("tspan", text, font_size=of_size)
        for text, of_size in ((value.prefix, small), (value.text, None), (value.suffix, small))
        if text
    ]
    if len(place.lines) > 1:
        spans = [
            element("tspan", line, x=place.x, dy=size * _LINE if index else None)
            for index, line in enumerate(place.lines)
        ]
    drawn = element(
        "text",
        *spans,
        x=place.x,
        y=place.y + size * 0.36,
        font_size=size,
        font_weight=500,
        text_anchor=place.anchor,
        fill=theme.paint(color),
    )
    if cell.change is None:
        return drawn
    of_change = _size_of_change(cell, size)
    arrow = "↗ " if cell.change > 0 else "↘ " if cell.change < 0 else ""
    return drawn + written(
        f"{arrow}{change_text(cell.change)}",
        place.x,
        place.y + (size + of_change) * _LINE / 2,
        size=of_change,
        fill=theme.paint(_change_color(cell.change, color, view)),
        anchor=place.anchor,
    )


def _size_of_change(cell: Cell, size: float) -> float:
    return 0.0 if cell.change is None else max(size / 2.5, 12.0)


def _ink(color: str) -> str:
    return "text" if color in {"transparent", "text", "panel-bg"} else ink_on(color)


def _change_color(change: float, color: str, view: StatView) -> str:
    if view.is_filled or view.change_colors == "same_as_value":
        return color
    if change == 0:
        return "faint"
    return "green" if (change > 0) != (view.change_colors == "inverted") else "red"
