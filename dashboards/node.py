from gk import Dashboard, Row, gauge, stat, timeseries
from gk.promql import node

dashboard = Dashboard(
    "Node", uid="node", folder="Kubernetes", tags=["node"], exporter=node,
    rows=[Row("CPU", [timeseries("CPU busy", node.cpu_busy), stat("CPU idle", node.cpu_idle)])],
)
