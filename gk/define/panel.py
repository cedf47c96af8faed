"""What panels of all types share: the object, the common arguments, and gk's own notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypedDict

import attr
from grafanalib import core

from gk.define.datasource import Datasource
from gk.define.fields import (
    Mappings,
    Thresholds,
    color_mode,
    threshold_steps,
    value_mappings,
)
from gk.define.place import caller
from gk.define.rules import Rules, ShowWhen, rules_of
from gk.define.target import Queryable, reference, target_of
from gk.documents.rows import COLUMNS
from gk.errors import Source

__all__ = [
    "NOTES",
    "Auto",
    "Common",
    "Notes",
    "Panel",
    "Part",
    "Shared",
    "grid_of",
    "new_panel",
    "size_of",
]

NOTES = "gk"
"""The key of a panel's JSON that carries its `Notes` to gk.compile, which removes it."""


class Auto(NamedTuple):
    """How an automatic grid places its panels: `width` of a column and `height` of a line are
    words, or pixels."""

    columns: int
    width: str | int
    height: str | int
    fill: bool


class Part(NamedTuple):
    """What only schema v2 knows of a row: whether it is a tab, or only the grid of some panels, and
    its own variables.

    `depth` is the number of parts around it.
    """

    kind: Literal["row", "tab", "grid"] = "row"
    auto: Auto | None = None
    variables: tuple[Any, ...] = ()
    depth: int = 0


class Shared(NamedTuple):
    """The library panel that a panel is."""

    uid: str
    name: str


class Notes(NamedTuple):
    """What only gk knows of a panel: where it was written, its size, the key for its id, and when
    it is shown. Rows have a `part`; a library panel is `shared`."""

    source: Source
    width: int
    height: int
    key: str
    alert_thresholds: bool
    show_when: Rules | None = None
    part: Part | None = None
    shared: Shared | None = None


class Common(TypedDict, total=False):
    """Keyword arguments that every panel takes.

    The unit, the description and the legend come from the query by default; `""` is none.
    """

    description: str
    """The text behind the panel's (i)."""
    unit: str
    """Grafana's id of a unit (`bytes`, `percentunit`). An unknown one is a mistake; a suffix of
    your own is `suffix:jobs`."""
    decimals: int
    """Digits after the decimal point. By default Grafana chooses them for each value."""
    min: float
    """The lower bound of the scale, in the panel's unit."""
    max: float
    """The upper bound of the scale, in the panel's unit."""
    no_value: str
    """What is shown in place of a missing value."""
    display_name: str
    """The name of every value, in place of its series' own: `Orders of ${__field.labels.shop}`."""
    thresholds: Thresholds
    """The colour from each value upwards: `{None: "blue", 0.8: "orange", 0.9: "red"}`. None is the
    base, green by default. Without this argument, the thresholds of alerts on the same query are
    drawn; `{}` draws none."""
    thresholds_mode: Literal["absolute", "percentage"]
    """Whether thresholds are values, or percentages of the way from `min` to `max`."""
    color: str
    """One colour for all series (`blue`, `#1f77b4`), or one of Grafana's colour modes
    (`thresholds`, `palette-classic`, `continuous-GrYlRd`)."""
    mappings: Mappings
    """Text, or text and colour, in place of values: `{1: "up", 0: ("down", "red")}`. None is a
    missing value, `(0, 0.5)` a range, and `re.compile("err.*")` each text that matches."""
    overrides: Sequence[Mapping[str, Any]]
    """Field options for some fields, each made with `override`."""
    links: Sequence[core.DataLink]
    """Links in the panel's corner, each made with `link`."""
    data_links: Sequence[core.DataLink]
    """Links of the panel's values, each made with `link`."""
    transformations: Sequence[Mapping[str, Any]]
    """Grafana's transformations, in its JSON: `{"id": "merge", "options": {}}`. They run in this
    order."""
    datasource: Datasource | str | Mapping[str, str]
    """The data source of the panel's queries, in place of the dashboard's: an object, its uid or
    name, or a variable (`"${logs}"`)."""
    legend_format: str
    """The legend format of each query without a target() that sets another: `{{pod}}`."""
    series: Mapping[str, Queryable]
    """More queries, each by its legend format: `{"reads": ..., "writes": ...}`."""
    width: int
    """Columns of the panel, of the 24 of the screen."""
    height: int
    """Lines of the panel, of 30 pixels each."""
    grid: tuple[int, int, int, int]
    """(x, y, width, height), in place of the layout that gk chooses for the panel."""
    key: str
    """What the panel's id is made of, in place of the title: for two panels of one title, or one
    whose title may change."""
    id: int
    """The panel's id itself, as in links to it."""
    interval: str
    """The shortest step between two points of a series, a duration (`1m`)."""
    max_data_points: int
    """The most points of each series. By default, the panel's width in pixels."""
    time_from: str
    """Another time range than the dashboard's, up to now: a duration (`1h`)."""
    time_shift: str
    """How much earlier the panel's time range is, a duration (`1d`)."""
    hide_time_info: bool
    """Whether the panel does not say that it has a time range of its own."""
    repeat: str
    """A variable, for each of whose values the panel is repeated."""
    repeat_direction: Literal["h", "v"]
    """Whether repeated panels stand beside each other (`h`) or below each other (`v`)."""
    max_per_row: int
    """The most repeated panels beside each other."""
    show_when: ShowWhen
    """A rule, or a list of rules that all have to hold, for a panel of an `auto_grid` to be
    shown."""
    transparent: bool
    """Whether the panel has no background."""
    extra: Mapping[str, Any]
    """Merged into the panel's JSON unchanged, for options without an argument in gk."""


@attr.s(eq=False, auto_attribs=True)
class Panel(core.Panel):  # type: ignore[misc]
    """A grafanalib panel of any type, in the current shape: `options` and `field` are Grafana's
    JSON."""

    type: str = ""
    options: dict[str, Any] = attr.Factory(dict)
    field: dict[str, Any] = attr.Factory(dict)
    overrides: list[Mapping[str, Any]] = attr.Factory(list)
    notes: Notes | None = None

    def to_json_data(self) -> dict[str, Any]:
        """The panel's JSON; its queries are not rendered."""
        return self.panel_json(  # type: ignore[no-any-return]
            {
                "type": self.type,
                "options": self.options,
                "fieldConfig": {"defaults": self.field, "overrides": self.overrides},
                NOTES: self.notes,
            }
        )


# mypy does not see the fields that attrs classes inherit from grafanalib.
_new_panel: Any = Panel


def new_panel(
    type: str,
    title: str,
    queries: Sequence[Queryable],
    common: Common,
    *,
    options: Mapping[str, Any],
    custom: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (12, 8),
    instant: bool = False,
    format: str | None = None,
) -> Panel:
    """Make a panel from the common arguments, its type's `options`, and its field options
    (`custom`)."""
    return _new_panel(  # type: ignore[no-any-return]
        type=type,
        title=title,
        targets=_targets(queries, common, instant, format),
        options=dict(options),
        field=_field(common, custom or {}),
        overrides=list(common.get("overrides", ())),
        notes=_notes(common, size),
        thresholdType=common.get("thresholds_mode", "absolute"),
        thresholds=threshold_steps(common.get("thresholds", {})),
        dataSource=reference(common.get("datasource")),
        description=common.get("description"),
        hideTimeOverride=common.get("hide_time_info", False),
        gridPos=grid_of(common.get("grid")),
        id=common.get("id"),
        interval=common.get("interval"),
        links=list(common.get("links", ())),
        maxDataPoints=common.get("max_data_points"),
        repeat=core.Repeat(
            common.get("repeat_direction"), common.get("repeat"), common.get("max_per_row")
        ),
        timeFrom=common.get("time_from"),
        timeShift=common.get("time_shift"),
        transformations=list(common.get("transformations", ())),
        transparent=common.get("transparent", False),
        # grafanalib merges this into the panel's JSON last.
        extraJson=dict(common.get("extra", {})) or None,
    )


def _targets(
    queries: Sequence[Queryable], common: Common, instant: bool, format: str | None
) -> list[Any]:
    legend = common.get("legend_format")
    series = common.get("series", {})
    names: list[object] = list(series)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"series: a legend must be text, not {type(name).__name__}")
    asked = [(query, legend) for query in queries]
    asked += [(query, legend) for legend, query in series.items()]
    return [target_of(query, instant, format, legend) for query, legend in asked]


def _notes(common: Common, size: tuple[int, int]) -> Notes:
    width, height = size_of(common.get("width", size[0]), common.get("height", size[1]))
    return Notes(
        source=caller(),
        width=width,
        height=height,
        key=common.get("key", ""),
        alert_thresholds="thresholds" not in common,
        show_when=rules_of(common.get("show_when", ())),
    )


def size_of(width: int, height: int) -> tuple[int, int]:
    """The size of a panel. Raises ValueError for one that no panel has."""
    if not 1 <= width <= COLUMNS or height < 1:
        raise ValueError(
            f"width {width} and height {height}: a panel is 1 to {COLUMNS} wide, "
            "and at least 1 high"
        )
    return width, height


def _field(common: Common, custom: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "unit": common.get("unit"),
        "decimals": common.get("decimals"),
        "min": common.get("min"),
        "max": common.get("max"),
        "noValue": common.get("no_value"),
        "displayName": common.get("display_name"),
        "color": color_mode(common.get("color")),
        "mappings": value_mappings(common.get("mappings", {})),
        "links": list(common.get("data_links", ())),
        "custom": dict(custom),
    }


def grid_of(grid: tuple[int, int, int, int] | None) -> dict[str, int] | None:
    """The position of a panel in Grafana's form. Raises ValueError for one that no panel has."""
    if grid is None:
        return None
    given: tuple[int, ...] = grid
    if len(given) != 4:
        raise ValueError(f"grid is (x, y, width, height), not {given}")
    x, y, width, height = given
    if x < 0 or y < 0 or width < 1 or height < 1 or x + width > COLUMNS:
        raise ValueError(
            f"grid (x, y, width, height) of {given} is not on the {COLUMNS} columns of the screen"
        )
    return {"x": x, "y": y, "w": width, "h": height}
