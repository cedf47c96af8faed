"""Tables: the fields of one frame as columns, as Grafana's table shows them (9.3 to 12.4).

Column filters and the choice of another frame are not drawn: the first rows are, and a note says
what is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import Any

from markupsafe import Markup, escape

from gk.documents.parts import dicts
from gk.forms import visible
from gk.forms.html import templates_of
from gk.forms.plurals import counted
from gk.preview import classes
from gk.preview.fields import frame_name_of, name_of
from gk.preview.fields.numbers import words_of
from gk.preview.kinds.boxes import Box
from gk.preview.kinds.cells import Bar, Cell, cells_of, look_of, row_of, sort_key
from gk.preview.kinds.footers import Foot, footers_of
from gk.preview.kinds.lines import cut_to, left_out, message
from gk.preview.kinds.pager import paged
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.parts import flag, number, part, word
from gk.preview.svg import element, path_of, text_width
from gk.preview.theme import PAGE, Theme, ink_on

__all__ = ["Bar", "Cell", "Column", "Table", "draw", "html", "table_of", "view"]

MOST_ROWS = 1_000
_MOST_COLUMNS = 200

_LEAST_WIDTH = 150
"""Pixels of a column for which nothing else is configured."""
_HEIGHTS = {"sm": 36, "md": 42, "lg": 48}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, `align` (left, center, right), its width in pixels if it is fixed, and
    what its footer says, a line for each reducer."""

    name: str
    align: str = "left"
    width: float | None = None
    least: float = _LEAST_WIDTH
    is_number: bool = False
    wraps: bool = False
    sorted: str = "none"
    """none, ascending or descending."""
    footer: Sequence[Foot] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts and colours; `rows` are those that fit into a page."""

    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[Cell]] = ()
    has_header: bool = True
    row_height: int = 36
    has_pages: bool = False
    """Whether a reader turns pages of as many rows as fit, and does not scroll."""
    notes: Sequence[str] = ()
    nothing: str = "No data"
    """What it says without columns."""

    @property
    def texts(self) -> list[dict[str, str]]:
        """The rows by the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, (cell.text for cell in row), strict=False)) for row in self.rows]

    @property
    def has_footer(self) -> bool:
        """Whether any column says something below the rows."""
        return any(column.footer for column in self.columns)


def view(shown: Shown) -> Table:
    """The frame that the panel's `frameIndex` chooses."""
    if not shown.frames:
        return Table(nothing=shown.nothing)
    index = int(number(shown.options, "frameIndex") or 0)
    index = index if 0 <= index < len(shown.frames) else 0
    table = table_of(shown.frames[index], shown)
    if len(shown.frames) == 1:
        return table
    name = frame_name_of(shown.frames[index], index)
    others = f"{name}: table {index + 1} of {len(shown.frames)}; Grafana lets the reader choose."
    return replace(table, notes=(*table.notes, others))


def table_of(frame: Frame, shown: Shown) -> Table:
    """One frame of a panel as a table."""
    fields = [field for field in frame.fields if not _is_hidden(field)]
    notes = [
        *left_out(len(fields) - _MOST_COLUMNS, "column"),
        *left_out(frame.length - MOST_ROWS, "row"),
    ]
    fields = fields[:_MOST_COLUMNS]
    names = [name_of(field, frame, shown.frames) for field in fields]
    sorting = _sorting(shown.options, names)
    order = _order(frame, [(fields[index], descending) for index, descending in sorting])
    cells = [cells_of(field, frame, shown) for field in fields]
    return Table(
        columns=[
            _column(field, name, sorting, index, footer)
            for index, (field, name, footer) in enumerate(
                zip(fields, names, footers_of(fields, shown), strict=True)
            )
        ],
        rows=[row_of([cell(row) for cell in cells], fields) for row in order[:MOST_ROWS]],
        has_header=flag(shown.options, "showHeader", True),
        row_height=_HEIGHTS.get(word(shown.options, "cellHeight"), 36),
        # Of the footer until 12.1, of the table from 12.2 on.
        has_pages=flag(shown.options, "enablePagination")
        or flag(part(shown.options, "footer"), "enablePagination"),
        notes=notes,
        nothing=shown.nothing,
    )


def _is_hidden(field: Field) -> bool:
    # custom.hidden until 12.1, hideFrom.viz from 12.2 on.
    return flag(field.custom, "hidden") or flag(part(field.custom, "hideFrom"), "viz")


def _column(
    field: Field,
    name: str,
    sorting: Sequence[tuple[int, bool]],
    index: int,
    footer: Sequence[Foot],
) -> Column:
    width = number(field.custom, "width")
    least = number(field.custom, "minWidth")
    is_number = field.type in (FieldType.NUMBER, FieldType.TIME)
    by = dict(sorting)
    return Column(
        name=name,
        align=_align(field),
        width=min(width, 5_000) if width and width > 0 else None,
        least=min(least, 5_000) if least and least > 0 else _LEAST_WIDTH,
        is_number=is_number,
        wraps=flag(look_of(field), "wrapText"),
        sorted="none" if index not in by else "descending" if by[index] else "ascending",
        footer=footer,
    )


# Of numbers only these are on the right, since Grafana 12.
_TEXTS = ("auto", "color-text", "color-background")


def _align(field: Field) -> str:
    align = word(field.custom, "align")
    if align in ("left", "center", "right"):
        return align
    is_text = word(look_of(field), "type") in _TEXTS
    return "right" if field.type is FieldType.NUMBER and is_text else "left"


# Order


def _sorting(options: Mapping[str, Any], names: Sequence[str]) -> list[tuple[int, bool]]:
    """The columns by which rows are sorted, the most important first, and whether descending."""
    sorting: dict[int, bool] = {}
    for column in dicts(options, "sortBy"):
        name = word(column, "displayName")
        if name in names:
            sorting.setdefault(names.index(name), flag(column, "desc"))
    return list(sorting.items())


def _order(frame: Frame, sorting: Sequence[tuple[Field, bool]]) -> list[int]:
    rows = list(range(frame.length))
    # The most important column comes last: rows that are equal in it keep their order.
    for field, descending in reversed(sorting):
        rows.sort(key=partial(sort_key, field), reverse=descending)
    return rows


# The page


def html(view: Table) -> Markup:
    """A table that scrolls inside its panel, and that the page sorts."""
    template = templates_of("gk.preview.kinds").get_template("table.html")
    made = Markup(
        template.render(
            table=view,
            width=_width_class(view.columns),
            dress=_dress,
            bar=_bar,
            trend=_trend,
        )
    )
    return paged(made) if view.has_pages and view.columns and view.rows else made


def _width_class(columns: Sequence[Column]) -> str:
    """As wide as its columns at least; and not wider, if all of them have a width."""
    whole = sum(column.width or column.least for column in columns)
    return (classes.exact if all(column.width for column in columns) else classes.least)(whole)


def _dress(cell: Cell, column: Column) -> Markup:
    """The attributes of a cell: its classes, and what it is sorted by if that is not its text."""
    names = [] if column.align == "left" else [column.align]
    names += ["wraps"] * column.wraps
    names += ["drawn"] * bool(cell.bar or cell.trend)
    if ground := classes.paint(cell.ground):
        names += ["ground", ground, *["gradient"] * cell.is_gradient]
    elif ink := classes.paint(cell.color if cell.color != "text" else ""):
        names += ["ink", ink]
    value = words_of(cell.sort)
    # Names of classes have nothing to escape; a format of Markup for each cell takes its time.
    said = f' class="{" ".join(names)}"' if names else ""
    if value and value != cell.text:
        said += f' data-value="{escape(visible(value))}"'
    return Markup(said)


def _bar(bar: Bar) -> Markup:
    return element("svg", _filled(bar, PAGE), class_="bar", aria_hidden="true")


def _trend(cell: Cell) -> Markup:
    return element(
        "svg",
        _line(cell, PAGE),
        class_="trend",
        viewBox=_TREND,
        preserveAspectRatio="none",
        aria_hidden="true",
    )


# Pictures

_SIZE = 14.0
_PADDING = 6.0
_NOTE = 22.0
_TREND = "0 0 100 20"


def draw(view: Table, width: float, height: float, theme: Theme) -> Markup:
    """The columns and rows that fit, and how many rows do not."""
    if not view.columns:
        return message(view.nothing, width, height, theme)
    widths = _widths(view.columns, width)
    top = float(view.row_height) if view.has_header else 0.0
    foot = max((len(column.footer) for column in view.columns), default=0) * view.row_height
    room = max(0, int((height - top - foot) // view.row_height))
    if room < len(view.rows):
        room = max(0, int((height - top - foot - _NOTE) // view.row_height))
    shown = view.rows[:room]
    columns = Markup("").join(
        _drawn(column, [row[index] for row in shown], view, Box(x, 0.0, wide, height), theme)
        for index, (column, x, wide) in enumerate(
            zip(view.columns, accumulate(widths, initial=0.0), widths, strict=False)
        )
        if x < width
    )
    rest = len(view.rows) - len(shown)
    if not rest:
        return columns
    end = top + len(shown) * view.row_height + foot
    said, color = counted(rest, "more row"), theme.paint("faint")
    return columns + element("text", said, x=_PADDING, y=end + 16, font_size=12, fill=color)


def _widths(columns: Sequence[Column], width: float) -> list[float]:
    """Columns without a width share what the others leave."""
    free = [column for column in columns if not column.width]
    rest = width - sum(column.width or 0 for column in columns)
    share = rest / len(free) if free else 0.0
    return [column.width or max(share, column.least) for column in columns]


def _drawn(column: Column, cells: Sequence[Cell], view: Table, box: Box, theme: Theme) -> Markup:
    """A column, in a box that cuts what is wider."""
    arrow = {"ascending": " ↑", "descending": " ↓"}.get(column.sorted, "")
    head = [Cell(f"{column.name}{arrow}", color="link")] if view.has_header else []
    most = max(len(column.footer) for column in view.columns)
    foot = [Cell(str(text)) for text in (*column.footer, *[""] * (most - len(column.footer)))]
    inside: list[Markup] = []
    for index, cell in enumerate((*head, *cells, *foot)):
        line = Box(0.0, float(index * view.row_height), box.width, float(view.row_height))
        is_bold = not len(head) <= index < len(head) + len(cells)
        inside.append(_behind(cell, line, theme))
        inside.append(_written(cell, column, line, theme, is_bold=is_bold))
        if index:
            inside.append(
                element("rect", y=line.y, width="100%", height=1, fill=theme.paint("border"))
            )
    return element("svg", *inside, x=box.x, width=box.width, height=box.height)


def _behind(cell: Cell, box: Box, theme: Theme) -> Markup:
    """What is behind a cell's text: a color, a bar, or a line."""
    if cell.bar or cell.trend:
        # As in Grafana, the text is beside it.
        text = text_width(cell.text, _SIZE) + _PADDING if cell.text else 0.0
        return element(
            "svg",
            _filled(cell.bar, theme) if cell.bar else _line(cell, theme),
            x=_PADDING,
            y=box.y + 6,
            width=max(1.0, box.width - text - 2 * _PADDING),
            height=box.height - 12,
            viewBox=None if cell.bar else _TREND,
            preserveAspectRatio=None if cell.bar else "none",
        )
    if not cell.ground:
        return Markup("")
    color = theme.paint(cell.ground)
    return element("rect", y=box.y, width="100%", height=box.height, fill=color)


def _written(cell: Cell, column: Column, box: Box, theme: Theme, *, is_bold: bool) -> Markup:
    align = "right" if cell.bar or cell.trend else column.align
    x, anchor = {
        "left": (_PADDING, "start"),
        "center": (box.width / 2, "middle"),
        "right": (box.width - _PADDING, "end"),
    }[align]
    text = cut_to(cell.text, box.width - 2 * _PADDING, _SIZE * (1.06 if is_bold else 1.0))
    color = theme.paint(cell.color or ("link" if cell.anchors else "text"))
    return element(
        "text",
        text,
        x=x,
        y=box.y + box.height / 2 + 5,
        text_anchor=anchor,
        font_size=_SIZE,
        font_weight="500" if is_bold else None,
        fill=theme.paint(ink_on(cell.ground)) if cell.ground else color,
    )


def _filled(bar: Bar, theme: Theme) -> Markup:
    """A bar that fills its box."""
    color, share, rest = theme.paint(bar.color), f"{bar.share:.2%}", f"{1 - bar.share:.2%}"
    track = element("rect", width="100%", height="100%", fill=theme.paint("track"))
    if bar.mode == "lcd":
        line: dict[str, str] = {
            "y1": "50%",
            "y2": "50%",
            "stroke_width": "100",
            "stroke_dasharray": "6 2",
        }
        return element("line", x2="100%", stroke=theme.paint("track"), **line) + element(
            "line", x2=share, stroke=color, **line
        )
    if bar.mode == "gradient":
        return track + element("rect", width=share, height="100%", fill=color)
    return (
        element("rect", x=share, width=rest, height="100%", fill=theme.paint("track"))
        + element("rect", width=share, height="100%", fill=color, fill_opacity=0.35)
        + element("line", x1=share, x2=share, y1=0, y2="100%", stroke=color, stroke_width=3)
    )


def _line(cell: Cell, theme: Theme) -> Markup:
    """The line of a cell's values, in a box of 100 times 20."""
    numbers = [number for number in cell.trend if number is not None]
    if not numbers:
        return Markup("")
    low, high = min(numbers), max(numbers)
    across = 100 / max(1, len(cell.trend) - 1)
    # Halves, so that the difference of two large numbers is a number.
    whole = high / 2 - low / 2
    points = [
        (index * across, 19 - 18 * ((number / 2 - low / 2) / whole if whole else 0.5))
        for index, number in enumerate(cell.trend)
        if number is not None
    ]
    return element(
        "path",
        d=path_of(points),
        fill="none",
        stroke=theme.paint(cell.color or "text"),
        vector_effect="non-scaling-stroke",
    )
