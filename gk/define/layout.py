"""How a dashboard is divided: rows, tabs and automatic grids.

Rows are in every Grafana. All else needs dashboards in schema v2 (Grafana 12.4): in a classic
dashboard, tabs become rows, and so on; docs/targets.md has it all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.library_panel import LibraryPanel
from gk.define.panel import NOTES, Auto, Notes, Part
from gk.define.place import caller
from gk.define.rules import ShowWhen, rules_of
from gk.documents.rows import COLUMNS
from gk.errors import Source, did_you_mean

__all__ = ["AutoGrid", "Panels", "Row", "Tab", "auto_grid", "contents"]

_Panel: TypeAlias = core.Panel | LibraryPanel | Mapping[str, Any]
Panels: TypeAlias = Sequence[_Panel] | Mapping[int, _Panel]
"""Panels in the order in which they are seen, or the same by their ids."""


@dataclass(frozen=True)
class AutoGrid:
    """Panels that Grafana places itself, as many beside each other as fit on the screen."""

    panels: tuple[Any, ...]
    auto: Auto
    source: Source

    def to_json_data(self) -> dict[str, Any]:
        """A row without a header around the panels."""
        notes = _notes(self.source, part=Part("grid", self.auto))
        return {"type": "row", "title": "", "panels": list(self.panels), NOTES: notes}


@checked
def auto_grid(
    panels: Panels,
    *,
    columns: int = 3,
    width: str | int = "standard",
    height: str | int = "standard",
    fill: bool = False,
) -> AutoGrid:
    """Panels of one size in at most `columns` columns: fewer on a narrow screen.

    `width` is the least width of a column ("narrow", "standard", "wide") and `height` that of a
    line ("short", "standard", "tall"), or a number of pixels. With `fill`, lines grow to the height
    of the screen. The panels' own sizes do not count.
    """
    _check_size("width", width, ("narrow", "standard", "wide"))
    _check_size("height", height, ("short", "standard", "tall"))
    if not 1 <= columns <= COLUMNS:
        raise ValueError(f"auto_grid(): columns {columns} must be from 1 to {COLUMNS}")
    return AutoGrid(tuple(listed(panels)), Auto(columns, width, height, fill), caller())


def _check_size(name: str, given: str | int, words: Sequence[str]) -> None:
    if isinstance(given, str) and given not in words:
        hint = did_you_mean(given, words) or f"; one of {', '.join(words)}, or pixels"
        raise ValueError(f"auto_grid(): {name} '{given}' is not known{hint}")
    if isinstance(given, int) and given < 1:
        raise ValueError(f"auto_grid(): {name} {given} must be a number of pixels")


class Row(core.RowPanel):  # type: ignore[misc]
    """A row. Grafana loads the panels of a collapsed row, and runs their queries, only when
    somebody opens it.

    `panels` are a list, or a mapping from ids: `{4: timeseries(...), 7: stat(...)}`.

    `y` is its line of the grid; the default is below what is before it. `repeat` is the name of a
    variable: Grafana shows the row once for each of its values. With schema v2, a row contains
    `rows` and `tabs` after its panels, has `variables` of its own (from Grafana 13 on), and is
    hidden while `show_when` does not hold.
    """

    @checked
    def __init__(
        self,
        title: str,
        panels: Panels | AutoGrid = (),
        *,
        rows: Sequence[Row] = (),
        tabs: Sequence[Tab] = (),
        collapsed: bool = False,
        y: int | None = None,
        repeat: str | None = None,
        key: str = "",
        id: int | None = None,
        show_when: ShowWhen = (),
        variables: Sequence[core.Template | Mapping[str, Any]] = (),
    ) -> None:
        if y is not None and y < 0:
            raise ValueError(f"Row(): y {y} is above the dashboard; its first line is 0")
        super().__init__(
            title=title,
            panels=contents(panels, rows, tabs),
            collapsed=collapsed,
            gridPos=None if y is None else {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            repeat=core.Repeat(variable=repeat),
            id=id,
        )
        part = Part("row", variables=tuple(variables)) if rows or tabs or variables else None
        self.notes = _notes(caller(), key, show_when, part)

    def to_json_data(self) -> dict[str, Any]:
        """The row's JSON with its panels inside, whether it is collapsed or not."""
        return {**super().to_json_data(), NOTES: self.notes}


class Tab(Row):
    """A tab: Grafana shows one of those beside each other, and runs the queries of no other.

    `repeat` is the name of a variable: there is a tab for each of its values.
    """

    @checked
    def __init__(
        self,
        title: str,
        panels: Panels | AutoGrid = (),
        *,
        rows: Sequence[Row] = (),
        tabs: Sequence[Tab] = (),
        repeat: str | None = None,
        key: str = "",
        show_when: ShowWhen = (),
        variables: Sequence[core.Template | Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(title, panels, rows=rows, tabs=tabs, repeat=repeat, key=key)
        self.notes = _notes(caller(), key, show_when, Part("tab", variables=tuple(variables)))


def contents(panels: Panels | AutoGrid, rows: Sequence[Any], tabs: Sequence[Any]) -> list[Any]:
    """What a dashboard, a row or a tab contains, in order."""
    first = [panels] if isinstance(panels, AutoGrid) else listed(panels)
    return [*first, *rows, *tabs]


def listed(panels: Panels) -> list[Any]:
    """The panels in order, each with the id that a mapping gives it."""
    if not isinstance(panels, Mapping):
        return list(panels)
    return [_with_id(panel, id) for id, panel in panels.items()]


def _with_id(panel: Any, id: Any) -> Any:
    if type(id) is not int or id < 1:
        raise TypeError(f"{id!r} is not the id of a panel; write {{1: panel, 2: panel}}")
    if isinstance(panel, Mapping):
        return {**panel, "id": id}
    if isinstance(panel, LibraryPanel):
        return replace(panel, panel=_with_id(panel.panel, id))
    if not isinstance(panel, core.Panel):
        raise TypeError(f"panel {id} is a {type(panel).__name__}, which has an id of its own")
    return attr.evolve(panel, id=id)


def _notes(
    source: Source, key: str = "", show_when: ShowWhen = (), part: Part | None = None
) -> Notes:
    # Grafana draws every row over the full width and 1 high.
    return Notes(
        source=source,
        width=COLUMNS,
        height=1,
        key=key,
        alert_thresholds=False,
        show_when=rules_of(show_when),
        part=part,
    )
