"""A team with two environments that differ by a threshold and by the URL of a data source."""

from __future__ import annotations

__all__ = ["ALERTS", "DASHBOARD", "DATASOURCE", "SETTINGS", "TEAM"]

SETTINGS = """
    project: shop
    values: {slow: 1.5}
    environments:
      prod:
        datasources: {prometheus: {url: "http://prometheus.prod:9090"}}
      staging:
        values: {slow: 2}
"""
DATASOURCE = """
    from gk import Datasource

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
    )
"""
DASHBOARD = """
    from gk import Dashboard, timeseries

    shop = Dashboard("Shop", uid="shop", panels=[timeseries("Orders", "sum(orders)")])
"""
ALERTS = """
    from gk import alert, alert_group, value

    limit = value("slow", float)
    shop = alert_group(
        "shop",
        [alert("Slow", f"sum(seconds) > {limit}", for_="5m", severity="warning", summary="!")],
    )
"""
TEAM = {
    "gk.yaml": SETTINGS,
    "datasources/prometheus.py": DATASOURCE,
    "dashboards/shop.py": DASHBOARD,
    "alerts/shop.py": ALERTS,
}
