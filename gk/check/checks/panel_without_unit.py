"""A panel shows numbers without a unit.

Problem: a bare number may be bytes, requests or anything else, and nobody reads 1073741824 as one
GiB.

    timeseries("Memory", "node_memory_MemAvailable_bytes")

Instead: set the unit; `short` for a number that has none. A snippet brings its own.

    timeseries("Memory", "node_memory_MemAvailable_bytes", unit="bytes")

A panel that maps its values to texts, shows texts, or gives fields units of their own, needs none.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import NUMBERS, has_own_units, is_shared, unit
from gk.check.subjects import Panel
from gk.documents.parts import override_properties, path

__all__ = ["panel_without_unit"]


@check(
    Severity.INFO,
    peers=("dashboard-linter: panel-units-rule", "gcx: panel-units"),
)
def panel_without_unit(panel: Panel) -> Iterator[str]:
    """Look at the unit of panels with numbers."""
    if (
        panel.type in NUMBERS
        and not unit(panel)
        and panel.targets
        and not is_shared(panel)
        and not _shows_texts(panel)
        and not has_own_units(panel)
    ):
        yield 'has no unit; set one, or "short" for a plain number'


def _shows_texts(panel: Panel) -> bool:
    """Whether its values are mapped to texts, or are texts already."""
    is_mapped = panel.defaults.get("mappings") or override_properties(panel.body, "mappings")
    options = path(panel.body, "options")
    fields = path(options, "reduceOptions").get("fields")
    return bool(is_mapped or fields or options.get("textMode") == "name")
