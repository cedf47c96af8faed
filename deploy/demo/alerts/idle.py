"""An alert to see one: a machine that works is rarely idle for nine tenths of its time."""

from gk import alert, alert_group
from gk.library import node

demo = alert_group(
    "demo",
    [
        alert(
            "NodeCpuIdleTooLow",
            node.named(node.cpu_busy) > 0.1,
            for_="30s",
            window="5m",
            severity="warning",
            summary="{{ $labels.nodename }} is busy for {{ $value | humanizePercentage }} of its "
            "CPU time",
            description="The CPUs of {{ $labels.nodename }} were idle for less than 90% of the "
            "last 5 minutes.",
            annotations={"dashboard_url": "http://localhost:3000/d/node"},
        )
    ],
    interval="10s",
)
