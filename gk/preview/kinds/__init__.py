"""What panels show, and their pictures: a module for each type of panel, with the same functions.

    view(shown) -> the values that the panel shows: a frozen dataclass of the module's own
    draw(view, width, height, theme) -> SVG that fills a box of that size, without the title
    html(view) -> what the page shows in place of the picture

No picture is wrong about what it does not draw: the type that has no module shows its data as a
table, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from markupsafe import Markup

from gk.preview.kinds import (
    alertlist,
    barchart,
    bargauge,
    dashlist,
    gauge,
    heatmap,
    logs,
    other,
    piechart,
    stat,
    statetimeline,
    statushistory,
    table,
    text,
    timeseries,
)
from gk.preview.model import Shown
from gk.preview.theme import Theme

__all__ = ["KINDS", "Kind", "kind_of"]


class Kind(Protocol):
    """How panels of a type are shown. A module is one."""

    def view(self, shown: Shown) -> Any:
        """What a panel shows, as a frozen dataclass, which the other two take."""

    def draw(self, view: Any, width: float, height: float, theme: Theme) -> Markup:
        """A picture that fills a box of `width` times `height` pixels: elements of SVG to put into
        an `<svg>` of that size."""

    def html(self, view: Any) -> Markup:
        """What the page shows below the panel's title."""


KINDS: Mapping[str, Kind] = {
    "alertlist": alertlist,
    "barchart": barchart,
    "bargauge": bargauge,
    "dashlist": dashlist,
    "gauge": gauge,
    "heatmap": heatmap,
    "logs": logs,
    "piechart": piechart,
    "stat": stat,
    "state-timeline": statetimeline,
    "status-history": statushistory,
    "table": table,
    "text": text,
    "timeseries": timeseries,
}
"""The kinds by the names of Grafana's types."""


def kind_of(type: str) -> Kind:
    """The kind of a type of panel. Of a type that is not drawn, it shows the data as a table."""
    return KINDS.get(type, other)
