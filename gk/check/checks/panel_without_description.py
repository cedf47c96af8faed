"""A panel has no description.

Problem: a reader who does not know the metric cannot tell what a value means, nor which values are
bad.

    timeseries("Saturation", "instance:node_load1_per_cpu:ratio")

Instead: say it in one sentence. A snippet says it for every panel that shows it.

    timeseries("Saturation", ..., description="Runnable processes per CPU; above 1, some wait.")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import is_shared
from gk.check.subjects import Panel
from gk.documents.targets import SHOWS_DATA

__all__ = ["panel_without_description"]


@check(
    Severity.INFO,
    peers=(
        "dashboard-linter: panel-title-description-rule",
        "gcx: panel-title-description",
    ),
    is_policy=True,
)
def panel_without_description(panel: Panel) -> Iterator[str]:
    """Look at the descriptions of panels with data."""
    described = str(panel.body.get("description") or "").strip()
    if panel.type in SHOWS_DATA and not described and not is_shared(panel):
        yield "has no description; say what a value means, and which ones are bad"
