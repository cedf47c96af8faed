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
    choice,
    content_size,
    cut_to,
    filling,
    fitted,
    nested,
    text_size,
)
from gk.preview.kinds.paints import gradient
from gk.preview.kinds.reduced import Reading, change_text, readings
from gk.preview.model import Display, Link, Shown
from gk.preview.svg import element, path_of, text_width
from gk.preview.theme import PAGE, Theme, ink_on

__all__ = ["Cell", "StatView", "draw", "html", "view"]

_GAP = 3.0
_LINE = 1.2
_MOST_TITLE = 30.0


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
    """What a stat shows. `width` and `height` are of its content on a screen of 1600."""

    cells: Sequence[Cell]
    width: float
    height: float
    color_mode: str = "value"
    orientation: str = "auto"
    is_wide: bool = True
    is_centered: bool = False
    change_colors: str = "standard"
    title_size: float | None = None
    value_size: float | None = None


def view(shown: Shown) -> StatView:
    """What a stat shows."""
    options = shown.options
    found = readings(
        shown,
        trend=choice(options, "graphMode", "area", "none", "line") != "none",
        change=options.get("showPercentChange") is True,
    )
    mode = choice(options, "textMode", "auto", "value", "value_and_name", "name", "none")
    width, height = content_size(shown)
    return StatView(
        cells=tuple(_cell(each, mode, len(found)) for each in found),
        width=width,
        height=height,
        color_mode=choice(
            options, "colorMode", "value", "background", "background_solid", "none"
        ),
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
    title, value = _longest(view.cells)
    return Markup("").join(
        _drawn(each, view, box, (width, height), _sizes(view, each, box, title, value), theme)
        for each, box in zip(view.cells, boxes, strict=True)
    )


def html(view: StatView) -> Markup:
    """The picture, which fills the panel."""
    label = ", ".join(f"{each.title} {each.text}".strip() for each in view.cells[:20])
    return filling(draw(view, view.width, view.height, PAGE), label)


def _longest(given: Sequence[Cell]) -> tuple[str, Display]:
    """The longest title and parts of a value, for which all cells have the size
    (getDisplayValueAlignmentFactors)."""
    return max((each.title for each in given), key=len, default=""), Display(
        text=max((each.value.text for each in given), key=len, default=""),
        prefix=max((each.value.prefix for each in given), key=len, default=""),
        suffix=max((each.value.suffix for each in given), key=len, default=""),
    )


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How a cell is laid out, in pixels."""

    title: float
    value: float
    chart: float
    padding: float
    is_wide: bool


def _sizes(view: StatView, cell: Cell, box: Box, title: str, value: Display) -> _Sizes:
    padding = 12.0 if box.height > 100 else 8.0
    wide = max(1.0, box.width - 2 * padding)
    tall = max(1.0, box.height - 2 * padding)
    is_wide = view.is_wide and box.width / box.height > 2.5
    has_chart = bool(cell.trend) and box.height > (50 if is_wide else 100)
    if is_wide:
        sizes = _wide(view, title, str(value), wide, tall, has_chart)
        return _Sizes(*sizes, box.height / 2 if has_chart else 0.0, padding, True)
    lines = _stacked(view, title, str(value), wide, tall, box.height, has_chart)
    used = sum(lines) * _LINE
    return _Sizes(*lines, max(0.0, box.height - used) if has_chart else 0.0, padding, False)


def _wide(
    view: StatView, title: str, value: str, wide: float, tall: float, has_chart: bool
) -> tuple[float, float]:
    """The sizes of title and value beside each other, above the chart if there is one."""
    share = 0.4 if has_chart else 0.3
    value_size = view.value_size or fitted(
        value, wide * (share if title else 1.0), tall * (0.5 if has_chart else 1.0)
    )
    if not title:
        return 0.0, value_size
    size = fitted(title, wide * 0.6, tall * (0.4 if has_chart else 1.0), most=_MOST_TITLE)
    return view.title_size or min(value_size * 0.7, size), value_size


def _stacked(
    view: StatView,
    title: str,
    value: str,
    wide: float,
    tall: float,
    height: float,
    has_chart: bool,
) -> tuple[float, float]:
    """The sizes of the title and of the value below it."""
    size = 0.0
    if title:
        size = view.title_size or fitted(title, wide, height * 0.15, most=_MOST_TITLE)
        # Long names are cut rather than unreadable.
        size = max(size, min(11.0, height * 0.15))
    rest = tall - size * _LINE - (height * 0.25 if has_chart else 0.0)
    value_size = view.value_size or fitted(value, wide, max(1.0, rest))
    return (view.title_size or min(value_size * 0.7, size)) if title else 0.0, value_size


def _drawn(
    cell: Cell, view: StatView, box: Box, whole: tuple[float, float], sizes: _Sizes, theme: Theme
) -> Markup:
    is_filled = view.color_mode.startswith("background")
    inside = [
        *(_background(cell.color, view.color_mode, theme) if is_filled else ()),
        *([_chart(cell, box, sizes, is_filled, theme)] if sizes.chart else ()),
    ]
    color = {"value": cell.color, "none": "text"}.get(view.color_mode) or _ink(cell.color)
    texts = (_wide_texts if sizes.is_wide else _stacked_texts)(cell, view, box, sizes, color, theme)
    return nested(box, *whole, *inside, fit="none") if not texts else Markup("").join(
        [nested(box, *whole, *inside, fit="none") if inside else Markup(""), *_at(texts, box, whole)]
    )  # fmt: skip


def _at(
    texts: Sequence[tuple[str, Markup]], box: Box, whole: tuple[float, float]
) -> list[Markup]:
    """Texts over a cell, each with how it stays in place when the cell gets another shape."""
    return [nested(box, *whole, text, fit=f"{fit} meet") for fit, text in texts]


def _background(color: str, mode: str, theme: Theme) -> list[Markup]:
    fill = element("rect", width="100%", height="100%", rx=2, fill=theme.paint(color))
    if mode == "background_solid" or color == "transparent":
        return [fill]
    # Grafana darkens the upper left more than the lower right, at an angle of 120 degrees.
    shade, definition = gradient(
        [(0.0, "#000000", 0.28), (1.0, "#000000", 0.06)], theme, ("0", "0", "1", "0.6")
    )
    return [fill, definition, element("rect", width="100%", height="100%", rx=2, fill=shade)]


def _chart(cell: Cell, box: Box, sizes: _Sizes, is_filled: bool, theme: Theme) -> Markup:
    """The series at the bottom, as an area under a line."""
    color = "#ffffff" if is_filled else theme.paint(cell.color)
    top = box.height - sizes.chart
    shapes = []
    for line in _lines(cell.trend, box.width, sizes.chart - 2, top + 1):
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
    trend: Sequence[tuple[float, float | None]], width: float, height: float, top: float
) -> list[list[tuple[float, float]]]:
    """The runs of a series that have values, scaled to a box."""
    known = [value for _, value in trend if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    if low == high:
        # As Grafana: a constant line is in the middle, and zero is at the bottom.
        low, high = (0.0, 100.0) if low == 0 else sorted((0.0, 2 * low))
    start, end = trend[0][0], trend[-1][0]
    span = (end - start) or 1.0
    # Halves, because the difference of two floats may be infinite.
    size = (high / 2 - low / 2) or 1.0
    runs: list[list[tuple[float, float]]] = [[]]
    for time, value in trend:
        if value is None:
            runs.append([])
            continue
        share = (value / 2 - low / 2) / size
        runs[-1].append(((time - start) / span * width, top + height * (1 - share)))
    return [run for run in runs if len(run) > 1]


def _wide_texts(
    cell: Cell, view: StatView, box: Box, sizes: _Sizes, color: str, theme: Theme
) -> list[tuple[str, Markup]]:
    """Title on the left, value on the right; a value alone is in the middle."""
    is_top = sizes.chart > 0
    middle = sizes.padding + sizes.value * _LINE / 2 if is_top else box.height / 2
    inside = box.width - 2 * sizes.padding
    across = "YMin" if is_top else "YMid"
    if not cell.title or view.is_centered:
        x, anchor, fit = box.width / 2, "middle", f"xMid{across}"
    else:
        x, anchor, fit = box.width - sizes.padding, "end", f"xMax{across}"
    if cell.title and view.is_centered:
        title_width = text_width(cell.title, sizes.title)
        x += title_width / 2
    texts = [(fit, _value(cell, view, x, middle, anchor, sizes.value, color, theme))]
    if cell.title:
        start = sizes.padding
        if view.is_centered:
            start = max(start, x - text_width(cell.text, sizes.value) / 2 - title_width - 8)
        title = cut_to(cell.title, inside * 0.6, sizes.title)
        drawn = _title(title, cell, start, middle, "start", sizes.title, view, theme)
        texts.insert(0, (fit if view.is_centered else f"xMin{across}", drawn))
    return [each for each in texts if each[1]]


def _stacked_texts(
    cell: Cell, view: StatView, box: Box, sizes: _Sizes, color: str, theme: Theme
) -> list[tuple[str, Markup]]:
    """The title above the value: on the left, or in the middle if there is no title."""
    is_middle = view.is_centered or not cell.title
    x = box.width / 2 if is_middle else sizes.padding
    anchor = "middle" if is_middle else "start"
    across = "xMid" if is_middle else "xMin"
    used = (sizes.title + sizes.value) * _LINE
    is_top = sizes.chart > 0 and bool(cell.title)
    top = sizes.padding if is_top else (box.height - used) / 2
    fit = f"{across}{'YMin' if is_top else 'YMid'}"
    texts = []
    if cell.title:
        title = cut_to(cell.title, box.width - 2 * sizes.padding, sizes.title)
        middle = top + sizes.title * _LINE / 2
        texts.append((fit, _title(title, cell, x, middle, anchor, sizes.title, view, theme)))
    middle = top + sizes.title * _LINE + sizes.value * _LINE / 2
    texts.append((fit, _value(cell, view, x, middle, anchor, sizes.value, color, theme)))
    return [each for each in texts if each[1]]


def _title(
    title: str,
    cell: Cell,
    x: float,
    middle: float,
    anchor: str,
    size: float,
    view: StatView,
    theme: Theme,
) -> Markup:
    color = _ink(cell.color) if view.color_mode.startswith("background") else "text"
    return element(
        "text",
        title,
        x=x,
        y=middle + size * 0.36,
        font_size=size,
        text_anchor=anchor,
        fill=theme.paint(color),
    )


def _value(
    cell: Cell,
    view: StatView,
    x: float,
    middle: float,
    anchor: str,
    size: float,
    color: str,
    theme: Theme,
) -> Markup:
    value = cell.value
    if not str(value) and cell.change is None:
        return Markup("")
    # The unit is smaller than the number (FormattedValueDisplay).
    small = size * (0.9 if size < 20 else 0.8 if size < 26 else 0.6)
    spans = [
        element("tspan", text, font_size=of_size if of_size != size else None)
        for text, of_size in ((value.prefix, small), (value.text, size), (value.suffix, small))
        if text
    ]
    changed = cell.change
    change_size = max(size / 2.5, 12.0)
    lift = change_size * 0.6 if changed is not None else 0.0
    drawn = element(
        "text",
        *spans,
        x=x,
        y=middle + size * 0.36 - lift,
        font_size=size,
        font_weight=500,
        text_anchor=anchor,
        fill=theme.paint(color),
    )
    if changed is None:
        return drawn
    arrow = "↗ " if changed > 0 else "↘ " if changed < 0 else ""
    return drawn + element(
        "text",
        f"{arrow}{change_text(changed)}",
        x=x,
        y=middle + size * 0.36 - lift + change_size * 1.25,
        font_size=change_size,
        text_anchor=anchor,
        fill=theme.paint(_change_color(changed, color, view)),
    )


def _ink(color: str) -> str:
    return "text" if color in {"transparent", "text", "panel-bg"} else ink_on(color)


def _change_color(change: float, color: str, view: StatView) -> str:
    if view.color_mode.startswith("background") or view.change_colors == "same_as_value":
        return color
    if change == 0:
        return "faint"
    return "green" if (change > 0) != (view.change_colors == "inverted") else "red"
