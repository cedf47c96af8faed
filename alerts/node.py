from gk import alert, alert_group
from gk.promql import node

nodes = alert_group("node", [
    alert("NodeCPUHigh", node.cpu_busy > 0.9, for_="15m", summary="CPU of {{ $labels.instance }} is {{ $value | humanizePercentage }} busy"),
])
