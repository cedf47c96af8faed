"""The values between the parts of a preview.

Field, Frame     a column of data and a table of them, as Grafana's panels get them
Display          what a panel shows of one value
Shown            a panel as it is shown: repeated, placed, with its frames
Section, Board   where panels are on a dashboard, and what is around them
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gk.preview.parts import part, word
from gk.prometheus.macros import TimeRange
from gk.settings.targets import Version

__all__ = [
    "DRAWN",
    "Annotation",
    "Board",
    "Display",
    "Exemplar",
    "Field",
    "FieldType",
    "Frame",
    "Link",
    "Note",
    "Placed",
    "Section",
    "SectionKind",
    "Shown",
]

DRAWN = Version(12, 4)
"""The Grafana whose rules panels follow, unless they are drawn for an older one."""


class FieldType(enum.Enum):
    """What the values of a field are."""

    TIME = "time"
    """Milliseconds since 1970."""
    NUMBER = "number"
    """Floats; None where there is none, and NaN is a value."""
    STRING = "string"
    BOOLEAN = "boolean"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `config` is Grafana's field configuration as JSON has it (unit, decimals, min, max,
    displayName, mappings, thresholds, color, links, custom), and what the data source says
    (displayNameFromDS, interval in milliseconds).

    gk.preview.fields.configured sets the rest: `title` is its name in legends, `index` its number
    among the series of the panel, `range` the least and the greatest value (of all numbers of the
    panel, unless its configuration has its own), and `version` the Grafana that shows it.
    """

    name: str
    type: FieldType
    values: Sequence[Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    index: int = 0
    range: tuple[float, float] | None = None
    version: Version = DRAWN

    @property
    def custom(self) -> Mapping[str, Any]:
        """The part of its configuration that is of the panel's type; empty if it is malformed."""
        return part(self.config, "custom")

    def at(self, row: int) -> Any:
        """The value in a row; None beyond the last."""
        return self.values[row] if row < len(self.values) else None


@dataclass(frozen=True, slots=True)
class Frame:
    """A table of fields of one length. `ref_id` is the letter of its query, and `meta` has what
    Grafana's panels and transformations read of a frame's meta (type, custom.resultType)."""

    fields: Sequence[Field]
    name: str = ""
    ref_id: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """How many rows it has."""
        return max((len(field.values) for field in self.fields), default=0)

    @property
    def times(self) -> Field | None:
        """Its first field of times: when the values of a row were."""
        return next((field for field in self.fields if field.type is FieldType.TIME), None)


@dataclass(frozen=True, slots=True)
class Display:
    """What a panel shows of a value: `text` between `prefix` and `suffix`, which includes the space
    before it, in a colour. `percent` is where the value is between the field's minimum and maximum,
    0 to 1; `number` is the value itself. Both are None if there is no number."""

    text: str
    color: str = "text"
    prefix: str = ""
    suffix: str = ""
    number: float | None = None
    percent: float | None = None

    def __str__(self) -> str:
        return f"{self.prefix}{self.text}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Note:
    """What a panel says besides its data: an error, why a query is empty, or what is not drawn."""

    text: str
    ref_id: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link; its URL is untrusted."""

    title: str
    url: str
    new_tab: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """A time, or a range of times, that something happened: milliseconds since 1970."""

    start: int
    end: int
    text: str
    tags: Sequence[str] = ()
    color: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One event that a series counts: when it was, in milliseconds since 1970, its value, and its
    labels, those of the event before those of the series."""

    time: int
    value: float
    labels: Mapping[str, str]


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as it is shown.

    `body` is its classic JSON. `frames` are those after its transformations, with the
    configuration of its fields applied. `width` and `height` are its pixels on a screen of 1600.
    `interpolate` puts the values of its variables into a text, in a text panel as HTML.
    """

    body: Mapping[str, Any]
    title: str
    frames: Sequence[Frame] = ()
    time: TimeRange = field(default_factory=lambda: TimeRange(0.0, 0.0))
    width: int = 400
    height: int = 300
    timezone: str = "browser"
    notes: Sequence[Note] = ()
    links: Sequence[Link] = ()
    annotations: Sequence[Annotation] = ()
    exemplars: Sequence[Exemplar] = ()
    interpolate: Callable[[str], str] = _as_it_is

    @property
    def type(self) -> str:
        """Its type: timeseries, stat."""
        return str(self.body.get("type") or "")

    @property
    def has_data(self) -> bool:
        """Whether a query or a list gave it a row."""
        return any(frame.length for frame in self.frames)

    @property
    def now(self) -> float | None:
        """The end of its time range, in milliseconds since 1970: relative times count from there,
        so that a picture is the same each time."""
        return self.time.end * 1000 or None

    @property
    def nothing(self) -> str:
        """The text that it shows without data: the `noValue` of its defaults, or No data."""
        defaults = part(self.body.get("fieldConfig"), "defaults")
        return word(defaults, "noValue") or "No data"

    @property
    def options(self) -> Mapping[str, Any]:
        """Its options; empty if they are malformed."""
        return part(self.body, "options")


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel on a grid of 24 columns; `y` is from the top of its section, and a row of the grid is
    30 pixels high with a gap of 8."""

    panel: Shown
    x: int
    y: int
    w: int
    h: int


class SectionKind(enum.Enum):
    """How a part of a dashboard is shown."""

    PLAIN = "plain"
    ROW = "row"
    TAB = "tab"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a dashboard: its panels, then its sections. The panels of a row that is folded are
    there: a reader may unfold it."""

    title: str = ""
    kind: SectionKind = SectionKind.PLAIN
    is_folded: bool = False
    panels: Sequence[Placed] = ()
    sections: Sequence[Section] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard as it is shown. `variables` are pairs of label and value in words; `notes` say
    what is wrong with the whole of it."""

    uid: str
    title: str
    sections: Sequence[Section] = ()
    description: str = ""
    tags: Sequence[str] = ()
    links: Sequence[Link] = ()
    variables: Sequence[tuple[str, str]] = ()
    time: TimeRange = field(default_factory=lambda: TimeRange(0.0, 0.0))
    timezone: str = "browser"
    shares_cursor: bool = False
    notes: Sequence[Note] = ()
