"""Library panels: panels that Grafana keeps once, for any number of dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Literal

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.define.panel import NOTES, Notes, Shared, grid_of, size_of
from gk.define.place import caller
from gk.documents.names import slug
from gk.errors import Source
from gk.promql.snippet import Exporter, exporter_of

__all__ = ["DEFINITIONS", "LibraryPanel", "library_panel"]


@dataclass(frozen=True, eq=False)
class LibraryPanel:
    """A panel that Grafana keeps once. Dashboards show it like any other panel."""

    panel: core.Panel
    name: str
    uid: str
    folder: str | None
    exporter: Exporter | None
    datasource: Datasource | str | None
    source: Source

    @checked
    def at(
        self,
        *,
        title: str = "",
        width: int | None = None,
        height: int | None = None,
        grid: tuple[int, int, int, int] | None = None,
        repeat: str = "",
        repeat_direction: Literal["h", "v"] | None = None,
        max_per_row: int | None = None,
        id: int | None = None,
    ) -> LibraryPanel:
        """The panel as one dashboard shows it, with what a dashboard says of it: its place, its
        title there, and whether it is repeated. The arguments are as those of other panels."""
        notes: Notes = self.panel.notes
        size = size_of(width or notes.width, height or notes.height)
        changes = {
            "title": title or self.panel.title,
            "gridPos": grid_of(grid) or self.panel.gridPos,
            "id": id or self.panel.id,
            "notes": notes._replace(width=size[0], height=size[1], source=caller()),
        }
        if repeat:
            changes["repeat"] = core.Repeat(repeat_direction, repeat, max_per_row)
        return replace(self, panel=attr.evolve(self.panel, **changes))

    def to_json_data(self) -> dict[str, Any]:
        """The panel's JSON, which notes where it is from."""
        document = self.panel.to_json_data()
        notes = document.get(NOTES)
        if not isinstance(notes, Notes):
            raise TypeError(f"library panel '{self.name}': its panel is not one of gk's panels")
        return {**document, NOTES: notes._replace(shared=Shared(self.uid, self.name))}


@checked
def library_panel(
    panel: core.Panel | Mapping[str, Any],
    *,
    uid: str = "",
    folder: str | None = None,
    exporter: ModuleType | Exporter | None = None,
    datasource: Datasource | str | None = None,
) -> LibraryPanel:
    """A library panel: its title is its name in Grafana's library.

    Put it into the panels of dashboards, any number of times. `gk push` keeps the panel in the
    library, and dashboards refer to it; in files of `gk build`, each dashboard has the panel
    itself, because Grafana loads no library from files. A dashboard that shows it in another size,
    or under another title, has `panel.at(width=8, title="Orders here")`.

    `uid` is made from the title by default. `folder` is the title of the folder that it is in
    (default: gk.yaml's). `exporter` and `datasource` are as those of a dashboard.
    """
    name = str(getattr(panel, "title", "") or "")
    if not isinstance(panel, core.Panel) or not name:
        raise TypeError("library_panel(): give it a panel of gk with a title, such as timeseries()")
    return LibraryPanel(
        panel, name, uid or slug(name), folder, exporter_of(exporter), datasource, caller()
    )


DEFINITIONS = (LibraryPanel,)
