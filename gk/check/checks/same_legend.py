"""Two queries of a graph have the same fixed legend, so nobody can tell their lines apart.

Problem: the legend lists one name twice.

    {"refId": "A", "expr": "rx", "legendFormat": "Traffic"}
    {"refId": "B", "expr": "tx", "legendFormat": "Traffic"}

Instead: give each its own name.

    target(rx, legend="Received"), target(tx, legend="Sent")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.panels import LINES, shown_targets
from gk.check.subjects import Panel

__all__ = ["same_legend"]

_AUTOMATIC = "__auto"


@check(Severity.WARNING)
def same_legend(panel: Panel) -> Iterator[str]:
    """Look for fixed legends that several queries of a graph share."""
    if len(panel.targets) < 2 or panel.type not in LINES or panel.body.get("transformations"):
        return
    fixed = Counter(
        legend
        for target in shown_targets(panel)
        if isinstance(legend := target.get("legendFormat"), str)
        and legend not in ("", _AUTOMATIC)
        and "{{" not in legend
    )
    for legend, count in fixed.items():
        if count > 1 and not _tells_apart(panel):
            yield f"{count} queries have the legend '{legend}'; give each its own"


def _tells_apart(panel: Panel) -> bool:
    """Whether the field options name some of the series."""
    config = panel.body.get("fieldConfig")
    overrides = config.get("overrides") if isinstance(config, dict) else None
    return "displayName" in str(overrides) or bool(panel.defaults.get("displayName"))
