"""What the document of a panel says that several checks read: its units, thresholds and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gk.check.subjects import Panel
from gk.documents.parts import dicts, finite, override_properties, path
from gk.documents.shapes import Json

__all__ = [
    "DEFAULT_BOUND",
    "LINES",
    "NUMBERS",
    "Link",
    "bounds",
    "data_links",
    "draws_bounds",
    "has_own_units",
    "is_shared",
    "shown_targets",
    "unit",
    "units",
]

LINES = frozenset({"graph", "timeseries"})
"""Types of panels that draw a query over time."""
NUMBERS = LINES | {"barchart", "bargauge", "gauge", "heatmap", "histogram", "piechart", "stat"}
"""Types of panels that show numbers in one unit."""
DEFAULT_BOUND = 80
"""Grafana's editor writes a red step at 80 into every panel that has thresholds
(packages/grafana-data/src/field/standardFieldConfigEditorRegistry.ts)."""
_COLORED = frozenset({"bargauge", "gauge", "stat"})


def is_shared(panel: Panel) -> bool:
    """Whether a library panel has its content, or nobody asks for its data."""
    return "libraryPanel" in panel.body or "snapshotData" in panel.body


def shown_targets(panel: Panel) -> list[Json]:
    """The targets whose result the panel shows."""
    return [target for target in panel.targets if not target.get("hide")]


def unit(panel: Panel) -> str:
    """The unit of all of its values; empty without one."""
    # The old panel has units at its axes, the left one first.
    if panel.type == "graph":
        axes = dicts(panel.body, "yaxes")
        return _text(axes[0].get("format")) if axes else ""
    if panel.type == "heatmap":
        of_axis = _text(path(panel.body, "options", "yAxis").get("unit"))
        return of_axis or _text(panel.defaults.get("unit"))
    return _text(panel.defaults.get("unit"))


def has_own_units(panel: Panel) -> bool:
    """Whether some of its fields have a unit of their own."""
    return bool(override_properties(panel.body, "unit"))


def units(panel: Panel) -> Iterator[str]:
    """Every unit that it names."""
    yield unit(panel)
    for option in override_properties(panel.body, "unit"):
        yield _text(option.get("value"))


def bounds(panel: Panel) -> list[float]:
    """The values at which the colour of a panel changes, from the least to the greatest; none if
    they are percentages of the range."""
    thresholds = path(panel.defaults, "thresholds")
    if thresholds.get("mode") == "percentage":
        return []
    values = (finite(step.get("value")) for step in dicts(thresholds, "steps"))
    return sorted(value for value in values if value is not None)


def draws_bounds(panel: Panel) -> bool:
    """Whether a viewer sees these: as lines and areas, or as colours."""
    if panel.type == "timeseries":
        style = path(panel.defaults, "custom", "thresholdsStyle")
        return str(style.get("mode", "off")) != "off"
    # Without a mode, Grafana colours by thresholds.
    mode = path(panel.defaults, "color").get("mode", "thresholds")
    return panel.type in _COLORED and mode == "thresholds"


class Link(NamedTuple):
    """A link of a panel or a dashboard."""

    title: str
    url: str


def data_links(panel: Panel) -> Iterator[Link]:
    """The links of a panel: in its corner, and of its values."""
    lists: list[Any] = [panel.body.get("links"), panel.defaults.get("links")]
    lists += [option.get("value") for option in override_properties(panel.body, "links")]
    for listed in filter(None, lists):
        for link in dicts({"links": listed}, "links"):
            yield Link(_text(link.get("title")), _text(link.get("url")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
