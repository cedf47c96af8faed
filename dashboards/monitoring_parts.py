"""What the dashboards of the monitoring and of probes have in common: options of panels, and
links."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gk import dashboard_link, override, timeseries
from gk.define.fields import Mappings, Thresholds

NEUTRAL: Thresholds = {None: "blue"}
"""A figure that is neither good nor bad."""
STATE: Mappings = {1: ("Up", "green"), 0: ("Down", "red")}
LOADED: Mappings = {1: ("OK", "green"), 0: ("Failed", "red")}
ANY_IS_BAD: Thresholds = {None: "green", 1: "red"}
ANY_IS_A_WARNING: Thresholds = {None: "green", 1: "orange"}

STEP = "1m"
"""Between two points: a page of all programs would else read each sample several times."""
lines = partial(
    timeseries,
    fill=0,
    min=0,
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
    interval=STEP,
)
"""Lines whose names are in a table beside them, with the highest and the last value."""
narrow = partial(
    timeseries,
    fill=0,
    min=0,
    legend="table",
    legend_values=["max", "lastNotNull"],
    width=8,
    interval=STEP,
)
"""The same for a third of the screen, with the names below."""
# Counts of failures are whole, and an axis of nothing but zeros ends at 1.
failures = partial(lines, decimals=0, soft_max=1)
narrow_failures = partial(narrow, decimals=0, soft_max=1)

# Other dashboards have a $job and a $node of their own.
TO_KUBERNETES = dashboard_link(
    "Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False
)


def hidden(*names: str) -> Sequence[Mapping[str, Any]]:
    """Options that hide columns of a table which only make its rows."""
    return [override(name=name, properties={"custom.hidden": True}) for name in names]


def shaded(colors: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """Options that give series a colour by what they mean, whatever else is shown."""
    return [
        override(name=name, properties={"color": {"mode": "fixed", "fixedColor": color}})
        for name, color in colors.items()
    ]


def without(*labels: str) -> Sequence[Mapping[str, Any]]:
    """A transformation that leaves out labels which nobody needs beside the others."""
    return [{"id": "organize", "options": {"excludeByName": dict.fromkeys(labels, True)}}]
