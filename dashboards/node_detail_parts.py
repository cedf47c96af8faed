"""What the rows of node-detail have in common: kinds of panels and their colours."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from gk import override, target, timeseries
from gk.define.fields import Mappings
from gk.define.target import Target
from gk.promql import Snippet

YES_NO: Mappings = {1: ("Yes", "green"), 0: ("No", "red")}
NO_YES: Mappings = {0: ("No", "green"), 1: ("Yes", "red")}
# A limit is in the legend, with its value; drawn, it would press everything else down to the axis.
LIMITS = override(regex="/limit$/", properties={"custom.hideFrom": {"viz": True}})

# The tables are of one node, so there is no need to name it in each line.
WITHOUT_NODE = override(name="{{$node}}", properties={"custom.hidden": True})


def painted(colors: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Each series in a colour of its own, whichever of them a node has."""
    return [
        override(name=name, properties={"color": {"mode": "fixed", "fixedColor": color}})
        for name, color in colors.items()
    ]


MODES = painted(
    {
        "user": "blue",
        "nice": "green",
        "system": "orange",
        "iowait": "yellow",
        "irq": "super-light-purple",
        "softirq": "purple",
        "steal": "red",
    }
)
# Of the palette, the caches would be red, which looks like trouble.
MEMORY = painted({"cached files": "yellow", "buffers": "light-yellow", "swap used": "red"})

# A soft maximum, because Grafana's axis goes to 100 where all is 0.
graph = partial(timeseries, fill=0, points="auto", min=0, soft_max=1, width=8)
# Many lines, with their names and values beside them.
wide = partial(
    graph,
    legend="table",
    legend_placement="right",
    legend_values=["max", "lastNotNull"],
    width=12,
)
# Areas without lines: a series that is 0 would draw its line on the one below it.
stacked = partial(
    timeseries, stack="normal", fill=60, line_width=0, points="never", min=0, soft_max=1, width=8
)
limited = partial(
    graph,
    overrides=[LIMITS],
    legend="table",
    legend_values=["lastNotNull"],
)


def each(family: Snippet, fields: Mapping[str, str]) -> list[Target]:
    """A query for each of the fields of a family, by the legend that it has."""
    return [target(family(field=field), legend=legend) for legend, field in fields.items()]
