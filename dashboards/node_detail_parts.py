"""What the rows of node-detail have in common: kinds of panels, and the words of what is
missing."""

from collections.abc import Mapping
from functools import partial

from gk import override, target, timeseries
from gk.define.target import Target
from gk.promql import Snippet

YES_NO: Mapping[str | float, tuple[str, str]] = {1: ("Yes", "green"), 0: ("No", "red")}
NO_YES: Mapping[str | float, tuple[str, str]] = {0: ("No", "green"), 1: ("Yes", "red")}
# A limit is in the legend, with its value; drawn, it would press everything else down to the axis.
LIMITS = override(regex="/limit$/", properties={"custom.hideFrom": {"viz": True}})

# The tables are of one node, so there is no need to name it in each line.
WITHOUT_NODE = override(name="{{$node}}", properties={"custom.hidden": True})

PRESSURE = "Needs a kernel with pressure information (psi=1); interrupts need node exporter 1.9"
PROCESSES = "Needs --collector.processes"
INTERRUPTS = "Needs --collector.interrupts"
SYSTEMD = "Needs --collector.systemd"
TCPSTAT = "Needs --collector.tcpstat"
SENSORS = "Needs sensors that Linux knows (hwmon); virtual machines have none"
SCHEDSTAT = "Needs a kernel with scheduler statistics (/proc/schedstat)"
CPUFREQ = "Needs CPUs whose frequency Linux sets; virtual machines have none"


graph = partial(timeseries, fill=0, points="auto", min=0, width=8)
stacked = partial(timeseries, stack="normal", fill=30, points="auto", min=0, width=8)
limited = partial(
    timeseries,
    fill=0,
    points="auto",
    min=0,
    width=8,
    overrides=[LIMITS],
    legend="table",
    legend_values=["lastNotNull"],
)


def each(family: Snippet, fields: Mapping[str, str]) -> list[Target]:
    """A query for each of the fields of a family, by the legend that it has."""
    return [target(family(field=field), legend=legend) for legend, field in fields.items()]
