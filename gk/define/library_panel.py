"""Library panels: panels that Grafana keeps once, for any number of dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.define.panel import NOTES, Notes, Shared
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
    itself, because Grafana loads no library from files.

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
