"""Pictures of legends: a list or a table, below a chart or beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from markupsafe import Markup

from gk.preview.axes import FONT_SIZE
from gk.preview.kinds.series import Series, TimeSeries
from gk.preview.svg import element, number, text_width
from gk.preview.theme import Theme

__all__ = ["draw", "size", "words"]

_LINE = 21.0
_ROW = 24.0
"""The heights of a line of a list, and of a row of a table."""
_MARK = 20.0
_SIDE = 8.0
_GAP = 4.0
_MOST_HIGH = 0.35
_MOST_WIDE = 0.6
"""The most that a legend has of a panel's height, or of its width beside the chart."""


def words(
    text: str, x: float, y: float, theme: Theme, *, anchor: str | None = None, color: str = "text"
) -> Markup:
    """A text of a chart."""
    return element(
        "text", text, x=x, y=y, font_size=FONT_SIZE, fill=theme.paint(color), text_anchor=anchor
    )


def size(view: TimeSeries, width: float, height: float) -> tuple[float, float]:
    """The width and height that the legend takes of a panel's; nothing without one."""
    legend = view.legend
    if not legend or not legend.entries:
        return 0.0, 0.0
    if legend.is_right:
        columns = _columns(view)
        return min(sum(columns) + _MARK + 2 * _SIDE, _MOST_WIDE * width), height
    rows = (
        (len(legend.entries) + 1) * _ROW if legend.is_table else len(_wrapped(view, width)) * _LINE
    )
    return width, min(rows + _GAP, _MOST_HIGH * height)


def draw(view: TimeSeries, width: float, theme: Theme) -> Markup:
    """The legend from its upper left corner."""
    legend = view.legend
    if legend is None:
        return Markup("")
    if legend.is_table:
        return Markup("").join(_table(view, width, theme))
    parts: list[Markup] = []
    for row, entries in enumerate(_wrapped(view, width)):
        x = 0.0
        for series in entries:
            parts += _entry(series, x, row * _LINE, theme)
            x += _entry_width(series)
    return Markup("").join(parts)


def _words_of(series: Series) -> str:
    return " ".join(f"{each.name}: {each.display}" for each in series.calculated)


def _entry_width(series: Series) -> float:
    given = _words_of(series)
    name = text_width(series.name, FONT_SIZE)
    return _MARK + name + (text_width(given, FONT_SIZE) + 8 if given else 0) + 14


def _wrapped(view: TimeSeries, width: float) -> list[list[Series]]:
    """The entries of a list line by line; one by one beside the chart."""
    legend = view.legend
    entries = [view.series[index] for index in (legend.entries if legend else ())]
    if legend and legend.is_right:
        return [[each] for each in entries]
    lines: list[list[Series]] = []
    left = 0.0
    for each in entries:
        needed = _entry_width(each)
        if not lines or needed > left:
            lines.append([])
            left = width
        lines[-1].append(each)
        left -= needed
    return lines


def _entry(series: Series, x: float, y: float, theme: Theme) -> Iterator[Markup]:
    yield _sign(series, x, y, theme)
    yield words(series.name, x + _MARK, y + 16, theme)
    if given := _words_of(series):
        at = x + _MARK + text_width(series.name, FONT_SIZE) + 8
        yield words(given, at, y + 16, theme, color="faint")


def _sign(series: Series, x: float, y: float, theme: Theme) -> Markup:
    fill = theme.paint(series.color)
    return element("rect", x=x, y=y + 10, width=14, height=4, rx=2, fill=fill)


def _columns(view: TimeSeries) -> list[float]:
    """The widths of a table's columns: names, then values."""
    entries = [view.series[index] for index in (view.legend.entries if view.legend else ())]
    names = max((text_width(each.name, FONT_SIZE) for each in entries), default=0.0)
    found = [min(names, 260.0)]
    if not view.legend or not view.legend.is_table:
        most = max((text_width(_words_of(each), FONT_SIZE) for each in entries), default=0.0)
        return [found[0] + most + 8 * bool(most)]
    for index, head in enumerate(entries[0].calculated if entries else ()):
        texts = [head.name, *(str(each.calculated[index].display) for each in entries)]
        found.append(max(text_width(text, FONT_SIZE) for text in texts) + 16)
    return found


def _table(view: TimeSeries, width: float, theme: Theme) -> Iterator[Markup]:
    legend = view.legend
    entries = [view.series[index] for index in (legend.entries if legend else ())]
    columns = _columns(view)[1:]
    beside = bool(legend and legend.is_right)
    first = width - sum(columns) - _SIDE * beside
    if beside:
        first = min(max(first, width / 3), _columns(view)[0] + _MARK)
    rights = [first + each for each in accumulate(columns)]
    heads = entries[0].calculated if entries else ()
    for head, x in zip(heads, rights, strict=True):
        yield words(head.name, x - 8, 16, theme, anchor="end", color="link")
    yield words("Name", 0, 16, theme, color="link")
    for row, series in enumerate(entries, 1):
        y = row * _ROW
        yield element("path", d=f"M0 {number(y)}H{number(width)}", stroke=theme.paint("border"))
        yield _sign(series, 0, y, theme)
        # A nested element cuts a long name off where its column ends.
        name = words(series.name, 0, 16, theme)
        yield element("svg", name, x=_MARK, y=y, width=max(first - _MARK, 1), height=_ROW)
        for each, x in zip(series.calculated, rights, strict=False):
            yield words(str(each.display), x - 8, y + 16, theme, anchor="end")
