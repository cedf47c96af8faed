"""What the views of panels say, in one form for all kinds: values by name, or rows of texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from gk.preview.kinds.alertlist import Alerts
from gk.preview.kinds.barchart import Bar, BarsView
from gk.preview.kinds.bargauge import BarGaugeView
from gk.preview.kinds.dashlist import Dashboards
from gk.preview.kinds.gauge import GaugeView
from gk.preview.kinds.heatmap import HeatmapView
from gk.preview.kinds.logs import Logs
from gk.preview.kinds.other import Data
from gk.preview.kinds.piechart import PieView
from gk.preview.kinds.series import Series, TimeSeries
from gk.preview.kinds.stat import StatView
from gk.preview.kinds.statetimeline import StatesView
from gk.preview.kinds.table import Table
from gk.preview.model import Display

__all__ = ["Colored", "Row", "Value", "rows_of", "values_of"]


class Colored(str):
    """A text in a colour: one of Grafana's names or #rrggbb, empty where it has none of its own.
    It is equal to the text alone."""

    __slots__ = ("color",)
    color: str

    def __new__(cls, text: str, color: str = "") -> Colored:
        """The text in a colour."""
        made = super().__new__(cls, text)
        made.color = color
        return made


Row = Mapping[str, Colored]
"""The cells of a row by the names of their columns."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value or a series of a panel: its name, and the text, the colour and the number of what it
    shows now, which is the last value of a series.

    `points` of a series are pairs of a time, in seconds since 1970, and a value. `states` are those
    of a timeline, one after the other, and `legend` has what the legend calculates, by its name.
    """

    name: str
    text: str
    color: str
    number: float | None = None
    points: Sequence[tuple[float, float | None]] = field(default=(), repr=False)
    states: Sequence[Colored] = ()
    legend: Mapping[str, str] = field(default_factory=dict)


def values_of(view: Any) -> list[Value] | None:
    """The values of a view, in its order; None for a kind that has rows or a text."""
    match view:
        case StatView():
            return [
                _value(cell.title, cell.value, color=cell.color, trend=cell.trend)
                for cell in view.cells
            ]
        case GaugeView():
            return [_value(dial.title, dial.value) for dial in view.dials]
        case BarGaugeView():
            return [_value(bar.title, bar.value) for bar in view.bars]
        case PieView():
            return [_value(part.name, part.value) for part in view.slices]
        case TimeSeries():
            return [_series(series) for series in view.series if series.is_drawn]
        case StatesView():
            return [
                _states(row.name, [Colored(state.text, state.color) for state in row.states])
                for row in view.rows
            ]
        case HeatmapView():
            return list(_buckets(view))
    return None


def _value(
    name: str,
    shown: Display,
    *,
    color: str = "",
    trend: Sequence[tuple[float, float | None]] = (),
) -> Value:
    points = [(time / 1000, value) for time, value in trend]
    return Value(name, str(shown), color or shown.color, shown.number, points)


def _series(given: Series) -> Value:
    points = zip(given.times, given.values, strict=True)
    return Value(
        given.name,
        str(given.last),
        given.color,
        given.last.number,
        [(time / 1000, value) for time, value in points],
        legend={value.name: str(value.display) for value in given.calculated},
    )


def _states(name: str, states: list[Colored]) -> Value:
    last = states[-1] if states else Colored("")
    return Value(name, str(last), last.color, states=states)


def _buckets(view: HeatmapView) -> Iterator[Value]:
    """The buckets from below, each with its counts over time."""
    for low, high in sorted({(cell.low, cell.high) for cell in view.cells}):
        cells = [cell for cell in view.cells if (cell.low, cell.high) == (low, high)]
        last = max(cells, key=lambda cell: cell.start)
        yield Value(
            view.rows[int(low)] if view.rows else f"{low:g}-{high:g}",
            f"{last.count:g}",
            view.palette[last.color],
            last.count,
            [(cell.start / 1000, cell.count) for cell in cells],
        )


def rows_of(view: Any) -> list[Row] | None:
    """The rows of a table, a bar chart or a list; None for a kind that has values or a text."""
    match view:
        case Table():
            return list(_table(view))
        case BarsView():
            return _groups(view)
        case Data():
            return [row for _, table in view.tables for row in _table(table)]
        case Logs():
            return [
                {
                    "time": Colored(entry.when),
                    "level": Colored(entry.level, entry.color),
                    "line": Colored(entry.text, entry.color),
                    "labels": Colored(entry.labels_text),
                }
                for entry in view.entries
            ]
        case Alerts():
            return [
                {
                    "alert": Colored(alert.name),
                    "state": Colored(alert.state, alert.color),
                    "since": Colored(alert.since),
                    "labels": Colored(alert.labels_text),
                    "summary": Colored(alert.summary),
                }
                for group in view.groups
                for alert in group.alerts
            ]
        case Dashboards():
            return [
                {
                    "title": Colored(dashboard.title),
                    "folder": Colored(dashboard.folder),
                    "tags": Colored(", ".join(dashboard.tags)),
                }
                for dashboard in view.dashboards
            ]
    return None


def _table(view: Table) -> Iterator[Row]:
    """The rows of a table; the colour of a cell is that behind its text, if there is one."""
    names = [column.name for column in view.columns]
    for row in view.rows:
        cells = [Colored(cell.text, cell.ground or cell.color) for cell in row]
        yield dict(zip(names, cells, strict=True))


def _groups(view: BarsView) -> list[Row]:
    """The groups of bars beside each other: a name, and the text of each series that has a bar."""
    # By their place: several groups may have one name.
    groups = groupby(view.bars, key=lambda bar: int(bar.start * len(view.rows)))
    return [_group(list(bars)) for _, bars in groups]


def _group(bars: Sequence[Bar]) -> Row:
    row = {bar.series: Colored(bar.text, bar.color) for bar in bars}
    return {"name": Colored(bars[0].row), **row}
