"""The Prometheus that dashboards and alerts read."""

from gk import Datasource

prometheus = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
