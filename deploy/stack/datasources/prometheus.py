"""What Grafana asks: the stack's Prometheus, or what its series are written to.

The URL is a variable of Grafana's container, so that a component can lead Grafana to Mimir or
Thanos.
"""

from gk import Datasource, secret

prometheus = Datasource.prometheus(
    "Prometheus",
    uid="prometheus",
    url=secret("PROMETHEUS_URL"),
    scrape_interval="15s",
    default=True,
)
alertmanager = Datasource.alertmanager(
    "Alertmanager", uid="alertmanager", url=secret("ALERTMANAGER_URL")
)
