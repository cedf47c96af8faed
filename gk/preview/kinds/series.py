"""The values of a panel of time series: what its chart, its legend and its tooltip show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gk.preview.axes import Limits
from gk.preview.fields import Shows, Step
from gk.preview.model import Annotation, Display, Exemplar, Link

__all__ = [
    "MOST_POINTS",
    "Axis",
    "Band",
    "Calculated",
    "Legend",
    "Series",
    "Stack",
    "Style",
    "TimeSeries",
    "decimated",
]

MOST_POINTS = 1_000
"""Of a series with more points, the page and pictures draw the lowest and the highest of each
stretch: no peak is lost."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a series is drawn. `opacity` is that of filled areas, 0 to 1; `dash` is in pixels."""

    draw: str = "line"
    width: float = 1.0
    opacity: float = 0.0
    gradient: str = "none"
    interpolation: str = "linear"
    dash: Sequence[float] = ()
    points: str = "auto"
    point_size: float = 5.0
    bar_width: float = 0.6
    bar_max: float = 200.0
    bar_side: int = 0


@dataclass(frozen=True, slots=True)
class Stack:
    """Series of one group are drawn on each other; in percent, their sum is always 1."""

    group: str
    in_percent: bool = False


@dataclass(frozen=True, slots=True)
class Calculated:
    """A value of all values of a series, as the legend shows it."""

    name: str
    display: Display


@dataclass(frozen=True, slots=True)
class Series:
    """A series. Values are None where its line has a gap. `axis` is the index of its axis."""

    name: str
    color: str
    times: Sequence[float]
    values: Sequence[float | None]
    style: Style = field(default_factory=Style)
    axis: int = 0
    stack: Stack | None = None
    is_drawn: bool = True
    in_legend: bool = True
    in_tooltip: bool = True
    is_joined: bool = False
    """Whether its line goes on where other series have times that it lacks."""
    calculated: Sequence[Calculated] = ()
    last: Display = field(default_factory=lambda: Display(""))
    """The last value that there is."""
    stops: Sequence[Step] = ()
    """The colours of its values from low to high, if its line has them; `is_smooth` is whether
    those between have colours between."""
    is_smooth: bool = False
    spec: Mapping[str, Any] = field(default_factory=dict)
    """How format.js writes its values."""
    links: Sequence[Link] = ()
    """The links of its values, in which the variables of a value, `${__value.time}`, stay."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of values. `shows` and `spec` write its ticks in Python and on the page. `base` is
    that of its logarithm, 0 if it is linear, and 1 if it is a symmetric logarithm, which is linear
    within `threshold`."""

    side: str = "left"
    label: str = ""
    limits: Limits = field(default_factory=Limits)
    base: float = 0.0
    threshold: float = 1.0
    has_grid: bool = True
    increments: str = ""
    """What steps its ticks have: the kind that gk.preview.axes.step_of takes."""
    color: str = "text"
    width: float | None = None
    steps: Sequence[Step] = ()
    steps_as: frozenset[str] = frozenset()
    """How its thresholds are drawn: line, dashed, area."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    shows: Shows = field(default=lambda value, decimals=None: Display(str(value)), compare=False)


@dataclass(frozen=True, slots=True)
class Band:
    """The area between two series, which are given by their indexes."""

    upper: int
    lower: int


@dataclass(frozen=True, slots=True)
class Legend:
    """Where the legend is: `entries` are indexes of series in the order in which it lists them."""

    is_table: bool = False
    is_right: bool = False
    entries: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """What a panel of time series shows between two times, in milliseconds. `tooltip` is single,
    multi or none, and `order` that of its values: none, asc, desc."""

    series: Sequence[Series] = ()
    axes: Sequence[Axis] = ()
    bands: Sequence[Band] = ()
    legend: Legend | None = None
    annotations: Sequence[Annotation] = ()
    exemplars: Sequence[Exemplar] = ()
    """On the first axis."""
    tooltip: str = "single"
    order: str = "none"
    start: float = 0.0
    end: float = 0.0
    timezone: str = "utc"
    nothing: str = "No data"
    """The text shown in place of a chart without series."""

    def note(self, series: Series) -> str:
        """The words that a table adds to the name of a series whose axis is on the right."""
        return "(right y-axis)" if self.axes[series.axis].side == "right" else ""


def decimated(
    times: Sequence[float], values: Sequence[float | None]
) -> tuple[Sequence[float], Sequence[float | None]]:
    """At most MOST_POINTS points, or two for each gap: the lowest and the highest of each stretch,
    and the first of each gap."""
    if len(times) <= MOST_POINTS:
        return times, values
    # Rounded up; each stretch keeps two points.
    size = -(-2 * len(times) // MOST_POINTS)
    kept = sorted(
        {
            index
            for start in range(0, len(times), size)
            for index in _extremes(values, start, min(start + size, len(values)))
        }
        | {0, len(times) - 1}
    )
    return [times[index] for index in kept], [values[index] for index in kept]


def _extremes(values: Sequence[float | None], start: int, end: int) -> Iterator[int]:
    there = [(value, index) for index in range(start, end) if (value := values[index]) is not None]
    if there:
        yield min(there)[1]
        yield max(there)[1]
    gap = next((index for index in range(start, end) if values[index] is None), None)
    if gap is not None:
        yield gap
