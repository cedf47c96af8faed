"""A shop's project, and edits of it: what the tests of `gk diff` compare."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import orjson

from gk.diff.sides import child, revision
from gk.diff.sides.git import Range
from gk.diff.sides.side import Side
from tests.forks import shared_forks

__all__ = ["EDITS", "SHOP", "Edited", "side", "sides", "write"]

QUERIES = '''
    """What the shop measures."""

    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="http_requests_total")
    snippet = exporter.snippet


    def of_orders(s: Scope) -> str:
        return s.rate("orders_total", status="ok")


    @snippet(unit="reqps", legend="{{instance}}")
    def requests(s: Scope) -> str:
        """Requests per second."""
        return f"sum by ({s.node}) ({s.rate('http_requests_total')})"


    @snippet(unit="percentunit", legend="{{instance}}")
    def error_share(s: Scope) -> str:
        """Share of requests that fail."""
        return f"sum by ({s.node}) ({s.rate('http_requests_failed_total')}) / {requests(s)}"


    @snippet(unit="short")
    def orders(s: Scope) -> str:
        """Orders per second."""
        return f"sum({of_orders(s)})"
'''
ORDERS = """
    from dashboards import _queries as shop
    from gk import Dashboard, Row, annotation, dashboard_link, query_variable, stat, timeseries

    dashboard = Dashboard(
        "Orders",
        uid="orders",
        folder="Shop",
        tags=["shop", "orders"],
        exporter=shop,
        variables=[
            query_variable("region", 'label_values(orders_total{job="$job"}, region)',
                           label="Region"),
        ],
        annotations=[
            annotation("Deploys", "changes(shop_build_info[1m]) > 0", title="{{version}}"),
        ],
        links=[dashboard_link("Shop", tags=["shop"])],
        panels=[
            stat("Orders", shop.orders, width=6, height=4),
            stat("Failing now", shop.error_share, width=6, height=4),
        ],
        rows=[
            Row(
                "Traffic",
                [
                    timeseries("Requests", shop.requests, width=12, height=8),
                    timeseries("Failing", shop.error_share, width=12, height=8),
                ],
            ),
            Row(
                "Orders by region",
                [
                    timeseries("Baskets",
                               'sum(rate(baskets_total{region="$region"}[5m]))', unit="short"),
                    timeseries("Returns",
                               'sum(rate(returns_total{region="$region"}[5m]))', unit="short"),
                ],
            ),
        ],
    )
"""
STOCK = """
    from dashboards import _queries as shop
    from gk import Dashboard, link, stat, timeseries

    dashboard = Dashboard(
        "Stock",
        uid="stock",
        folder="Shop",
        tags=["shop"],
        exporter=shop,
        panels=[
            stat("In stock", "sum(avg_over_time(stock_items[5m]))", unit="short"),
            timeseries("Failing", shop.error_share),
            timeseries("Orders", shop.orders,
                       data_links=[link("Orders", "/d/orders?var-region=eu")]),
        ],
    )
"""
WEATHER = """
    {
      "title": "Weather",
      "uid": "weather",
      "schemaVersion": 37,
      "time": {"from": "now-6h", "to": "now"},
      "panels": [
        {
          "id": 1, "type": "timeseries", "title": "Rain",
          "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
          "datasource": {"type": "prometheus", "uid": "prometheus"},
          "targets": [{"refId": "A", "expr": "sum(rain_mm)"}],
          "fieldConfig": {
            "defaults": {"unit": "lengthmm", "thresholds": {"mode": "absolute", "steps": [
              {"color": "green", "value": null}, {"color": "red", "value": 20}]}},
            "overrides": [{"matcher": {"id": "byName", "options": "north"}, "properties": [
              {"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}}]}]
          }
        },
        {
          "id": 2, "type": "timeseries", "title": "Wind",
          "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8},
          "datasource": {"type": "prometheus", "uid": "prometheus"},
          "targets": [{"refId": "A", "expr": "avg(wind_speed)"}]
        }
      ]
    }
"""
ALERTS = """
    from dashboards import _queries as shop
    from gk import alert, alert_group, recording_rule

    orders = alert_group(
        "orders",
        [
            alert("OrdersFailing", shop.error_share > 0.05, for_="10m", severity="critical",
                  summary="Orders fail on {{ $labels.instance }}"),
            alert("NoOrders", shop.orders < 1, for_="5m", severity="warning",
                  summary="Nobody orders"),
        ],
    )
    recorded = alert_group("recorded", [recording_rule("shop:orders:rate5m", shop.orders)])
"""
NOTIFICATIONS = """
    from gk import contact_point, message_template, mute_timing, notification_policy, receiver

    pager = contact_point(
        "pager", receiver("webhook", {"url": "https://example.com/hook-of-the-pager"}, uid="hook")
    )
    mail = contact_point("mail", receiver("email", {"addresses": "shop@example.com"}, uid="mail"))
    nights = mute_timing("nights", {"times": [{"start_time": "22:00", "end_time": "23:59"}]})
    words = message_template("words", '{{ define "words" }}an alert of the shop{{ end }}')
    policy = notification_policy(
        mail,
        group_by=["alertname"],
        routes=[notification_policy(pager, matchers=['severity="critical"'])],
    )
"""
DATASOURCES = """
    from gk import Datasource, secret

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
    )
    password = {"basicAuthPassword": secret("LOKI")}
    logs = Datasource(
        name="Logs", type="loki", uid="logs", url="http://loki:3100", secure_json_data=password
    )
"""
SHOP: Mapping[str, str] = {
    "gk.yaml": "project: shop\n",
    "dashboards/_queries.py": QUERIES,
    "dashboards/orders.py": ORDERS,
    "dashboards/stock.py": STOCK,
    "dashboards/weather.json": WEATHER,
    "alerts/orders.py": ALERTS,
    "alerts/notifications.py": NOTIFICATIONS,
    "datasources/all.py": DATASOURCES,
}
"""Three dashboards (one of them a JSON file), alerts, a recording rule, notifications, two data
sources."""


@dataclass(frozen=True)
class Edited:
    """An edit of the shop's project: in each file a text that becomes another, every time it is
    there; files that are new, and those that are gone."""

    replaced: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    def write(self, root: Path) -> None:
        """Edit the project in `root`."""
        for path, replacements in self.replaced.items():
            file = root / path
            text = file.read_text(encoding="utf-8")
            for old, new in replacements:
                assert old in text, f"{path} has no {old!r}"
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8")
        write(root, self.added)
        for path in self.removed:
            (root / path).unlink()


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files, given by path and by text that may be indented."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def sides(root: Path, range: Range, timeout: float = revision.TIME_LIMIT) -> tuple[Side, Side]:
    """Both sides of a range, as gk.diff.sides.revision makes them, by processes that are forked:
    its own start three times Python and gk for each test."""
    return shared_forks().call(revision.sides, root, range, timeout)


def side(root: Path, name: str) -> Side:
    """What the process of a side would hand back of the project in `root`, without the process."""
    index, documents = child.results(root)
    handed = BytesIO(b"\n".join([orjson.dumps(index), b"".join(documents)]))
    return replace(revision.read(handed), name=name)


def _edit(path: str, *replaced: tuple[str, str]) -> Edited:
    return Edited({path: replaced})


_ORDERS, _STOCK, _QUERIES = "dashboards/orders.py", "dashboards/stock.py", "dashboards/_queries.py"
_ALERTS, _NOTIFICATIONS, _DATASOURCES = (
    "alerts/orders.py",
    "alerts/notifications.py",
    "datasources/all.py",
)
_WEATHER = "dashboards/weather.json"
_REQUESTS = '                timeseries("Requests", shop.requests, width=12, height=8),\n'
_FAILING = '                timeseries("Failing", shop.error_share, width=12, height=8),\n'
_NO_ORDERS = (
    '        alert("NoOrders", shop.orders < 1, for_="5m", severity="warning",\n'
    '              summary="Nobody orders"),\n'
)

EDITS: Mapping[str, Edited] = {
    # Panels
    "panel-added": _edit(
        _ORDERS,
        (
            'stat("Failing now"',
            'stat("Requests now", shop.requests, width=6, height=4),\n'
            '            stat("Failing now"',
        ),
    ),
    "panel-removed": _edit(_ORDERS, (_FAILING, "")),
    "panel-moved": _edit(_ORDERS, (_REQUESTS + _FAILING, _FAILING + _REQUESTS)),
    "panel-into-another-row": _edit(
        _ORDERS,
        (_FAILING, ""),
        ('timeseries("Baskets"', f'{_FAILING.strip()}\n                timeseries("Baskets"'),
    ),
    "panel-resized": _edit(
        _ORDERS, ("shop.error_share, width=6, height=4", "shop.error_share, width=12, height=4")
    ),
    "panel-retitled": _edit(_ORDERS, ('stat("Failing now"', 'stat("Failing at present"')),
    "panel-retitled-with-a-key": _edit(
        _ORDERS,
        (
            '"Failing now", shop.error_share',
            '"Failing at present", shop.error_share, key="Failing now"',
        ),
    ),
    "panel-of-another-kind": _edit(
        _ORDERS, ('stat("Failing now"', 'gauge("Failing now"'), ("stat,", "gauge, stat,")
    ),
    "panel-description": _edit(
        _ORDERS, ("shop.orders, width=6", 'shop.orders, description="Paid ones", width=6')
    ),
    # What panels show
    "query": _edit(_ORDERS, ("sum(rate(baskets_total", "avg(rate(baskets_total")),
    "query-of-another-snippet": _edit(
        _ORDERS, ('"Requests", shop.requests', '"Requests", shop.error_share')
    ),
    "query-added": _edit(
        _ORDERS, ('"Requests", shop.requests,', '"Requests", shop.requests, shop.orders,')
    ),
    "query-no-longer-parses": _edit(_WEATHER, ("sum(rain_mm)", "sum(rain_mm")),
    "same-change-of-queries": Edited(
        {
            _ORDERS: (("}[5m]", "}[$__rate_interval]"),),
            _STOCK: (("stock_items[5m]", "stock_items[$__rate_interval]"),),
        }
    ),
    "unit": _edit(_ORDERS, ('[5m]))\', unit="short"', '[5m]))\', unit="percent"')),
    "thresholds": _edit(_WEATHER, ('"value": 20', '"value": 30')),
    "legend": _edit(
        _WEATHER, ('"expr": "sum(rain_mm)"', '"expr": "sum(rain_mm)", "legendFormat": "rain"')
    ),
    "override": _edit(_WEATHER, ('"fixedColor": "blue"', '"fixedColor": "red"')),
    "override-of-another-field": _edit(_WEATHER, ('"options": "north"', '"options": "south"')),
    # Snippets and labels
    "snippet": _edit(_QUERIES, ("http_requests_failed_total", "http_requests_errors_total")),
    "snippet-inside-others": _edit(
        _QUERIES, ("http_requests_total')", "http_requests_total', code='200')")
    ),
    "snippet-helper": _edit(_QUERIES, ('status="ok"', 'status="paid"')),
    "snippet-unit": _edit(_QUERIES, ('unit="percentunit"', 'unit="none"')),
    "snippet-legend": _edit(
        _QUERIES, ('unit="reqps", legend="{{instance}}"', 'unit="reqps", legend="on {{instance}}"')
    ),
    "snippet-comment": _edit(
        _QUERIES,
        ('    return f"sum({of_orders(s)})"', '    # All.\n    return f"sum({of_orders(s)})"'),
    ),
    "labels": _edit(
        "gk.yaml", ("project: shop\n", "project: shop\nlabels: {shop: {job: web, node: pod}}\n")
    ),
    # Rows
    "row-added": _edit(
        _ORDERS,
        (
            '        Row(\n            "Traffic"',
            '        Row("Later", []),\n        Row(\n            "Traffic"',
        ),
    ),
    "row-collapsed": _edit(
        _ORDERS,
        (
            "            ],\n        ),\n    ],",
            "            ],\n            collapsed=True,\n        ),\n    ],",
        ),
    ),
    "row-retitled": _edit(_ORDERS, ('"Traffic"', '"All traffic"')),
    # Variables, annotations, links, the dashboard itself
    "variable-added": _edit(
        _STOCK,
        ("exporter=shop,", 'exporter=shop,\n    variables=[textbox_variable("shelf")],'),
        ("stat,", "stat, textbox_variable,"),
    ),
    "variable-removed-and-used": _edit(
        _ORDERS,
        (
            '        query_variable("region", \'label_values(orders_total{job="$job"}, region)\',\n'
            '                       label="Region"),\n',
            "",
        ),
        ("query_variable, ", ""),
    ),
    "variable-query": _edit(_ORDERS, ("}, region)", "}, area)")),
    "variable-renamed": _edit(
        _ORDERS, ('query_variable("region"', 'query_variable("area"'), ("$region", "$area")
    ),
    "annotation": _edit(_ORDERS, ("[1m]) > 0", "[2m]) > 0")),
    "link": _edit(_ORDERS, ('dashboard_link("Shop"', 'dashboard_link("All of the shop"')),
    "tags": _edit(_ORDERS, ('tags=["shop", "orders"]', 'tags=["orders", "sales"]')),
    "tags-in-another-order": _edit(_ORDERS, ('tags=["shop", "orders"]', 'tags=["orders", "shop"]')),
    "time-range": _edit(_WEATHER, ("now-6h", "now-24h")),
    # Dashboards
    "dashboard-added": Edited(
        added={"dashboards/new.py": STOCK.replace('"Stock"', '"New"').replace('"stock"', '"new"')}
    ),
    "dashboard-removed": Edited(removed=(_ORDERS,)),
    "dashboard-with-another-uid": _edit(_ORDERS, ('uid="orders"', 'uid="all-orders"')),
    "dashboard-with-another-title-and-uid": _edit(
        _ORDERS, ('uid="orders"', 'uid="sales"'), ('"Orders",\n    uid', '"Sales",\n    uid')
    ),
    "dashboard-moved": _edit(_STOCK, ('folder="Shop"', 'folder="Stores"')),
    # Alerts
    "alert-threshold": _edit(_ALERTS, ("> 0.05", "> 0.1")),
    "alert-waits-longer": _edit(_ALERTS, ('for_="5m"', 'for_="1h"')),
    "alert-tightened": _edit(_ALERTS, ("> 0.05", "> 0.01")),
    "alert-less-severe": _edit(_ALERTS, ('severity="critical"', 'severity="warning"')),
    "alert-paused": _edit(_ALERTS, ('for_="5m"', 'for_="5m", paused=True')),
    "alert-removed": _edit(_ALERTS, (_NO_ORDERS, "")),
    "alert-added": _edit(
        _ALERTS,
        (
            '        alert("NoOrders"',
            '        alert("Quiet", shop.requests < 1),\n        alert("NoOrders"',
        ),
    ),
    "alerts-in-another-order": _edit(
        _ALERTS,
        (_NO_ORDERS, ""),
        ('        alert("OrdersFailing"', f'{_NO_ORDERS}        alert("OrdersFailing"'),
    ),
    "alert-renamed": _edit(_ALERTS, ('"NoOrders"', '"NobodyOrders"')),
    "alert-expression": _edit(_ALERTS, ("shop.orders < 1", '"sum(orders_open) < 1"')),
    "recording-rule-removed-and-read": Edited(
        {
            _ALERTS: (
                (
                    'recorded = alert_group("recorded", '
                    '[recording_rule("shop:orders:rate5m", shop.orders)])\n',
                    "",
                ),
            ),
            _STOCK: (("sum(avg_over_time(stock_items[5m]))", "sum(shop:orders:rate5m)"),),
        }
    ),
    # Notifications and data sources
    "contact-point": _edit(_NOTIFICATIONS, ("hook-of-the-pager", "hook-of-another-pager")),
    "policy": _edit(_NOTIFICATIONS, ('severity="critical"', 'severity=~"critical|warning"')),
    "mute-timing": _edit(_NOTIFICATIONS, ("22:00", "20:00")),
    "datasource-url": _edit(_DATASOURCES, ("http://loki:3100", "http://loki.logs:3100")),
    "datasource-secret": _edit(_DATASOURCES, ('secret("LOKI")', 'secret("LOKI_PASSWORD")')),
    "datasource-uid": _edit(_DATASOURCES, ('uid="logs"', 'uid="loki"')),
    # Nothing
    "nothing": Edited(),
    "noise-of-a-save": _edit(
        _WEATHER,
        (
            '"schemaVersion": 37',
            '"id": 7, "version": 12, "iteration": 1700000000000, "editable": true, '
            '"schemaVersion": 36',
        ),
        ('"title": "Wind",', '"title": "Wind", "pluginVersion": "9.3.2", "links": [],'),
    ),
    # Mistakes
    "one-side-does-not-load": _edit(
        _STOCK, ("from gk import", "from gk import nothing_of_the_sort,")
    ),
    "alerts-do-not-load": _edit(_ALERTS, ("from gk import", "from gk import nothing_of_the_sort,")),
    "settings-do-not-load": _edit("gk.yaml", ("project: shop", "projct: shop")),
    "both-change": Edited(
        {
            _STOCK: (("from gk import", "from gk import nothing_of_the_sort,"),),
            _ORDERS: (('"Orders",\n    uid', '"All orders",\n    uid'),),
        }
    ),
}
