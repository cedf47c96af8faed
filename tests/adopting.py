"""A Grafana that people filled by hand: at least one object of every kind that gk defines."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.pushing import Team

__all__ = ["RULES", "SECRETS", "fill"]

SECRETS = {
    "METRICS_BASIC_AUTH_PASSWORD": "s3cr3t-of-the-metrics",
    "METRICS_HTTP_HEADER_VALUE1": "s3cr3t-of-the-header",
    "ON_CALL_URL": "https://hooks.slack.example.com/s3cr3t-of-the-chat",
    "ON_CALL_2_PASSWORD": "s3cr3t-of-the-hook",
}
"""The secrets that people gave to Grafana, by the variables that stand for them in definitions."""
RULES = "/v1/provisioning/folder/shop-alerts/rule-groups/orders"
_BY_HAND = {"X-Disable-Provenance": "true"}
_METRICS = {"type": "prometheus", "uid": "metrics"}


def fill(team: Team) -> None:
    """Make everything as Grafana's UI does, secrets with it."""
    _datasources(team)
    _folders(team)
    _dashboards(team)
    _rules(team)
    _notifications(team)


def _datasources(team: Team) -> None:
    metrics = {
        "name": "Metrics",
        "uid": "metrics",
        "type": "prometheus",
        "access": "proxy",
        "url": "http://prometheus:9090",
        "isDefault": True,
        "basicAuth": True,
        "basicAuthUser": "grafana",
        "jsonData": {"httpMethod": "POST", "manageAlerts": True, "httpHeaderName1": "X-Tenant"},
        "secureJsonData": {
            "basicAuthPassword": SECRETS["METRICS_BASIC_AUTH_PASSWORD"],
            "httpHeaderValue1": SECRETS["METRICS_HTTP_HEADER_VALUE1"],
        },
    }
    logs = {
        "name": "Logs",
        "uid": "logs",
        "type": "loki",
        "access": "proxy",
        "url": "http://l:3100",
    }
    for body in (metrics, logs):
        team.ask("POST", "/datasources", body)


def _folders(team: Team) -> None:
    for uid, title, parent in (
        ("shop", "Shop", ""),
        ("checkout", "Checkout", "shop"),
        ("shop-alerts", "Shop alerts", ""),
    ):
        team.ask("POST", "/folders", {"uid": uid, "title": title, "parentUid": parent})
    items = [{"role": "Viewer", "permission": 1}, {"role": "Editor", "permission": 4}]
    team.ask("POST", "/folders/shop/permissions", {"items": items})


def _dashboards(team: Team) -> None:
    orders = {
        "type": "timeseries",
        "title": "Orders",
        "datasource": _METRICS,
        "fieldConfig": {"defaults": {"unit": "reqps"}, "overrides": []},
        "targets": [{"refId": "A", "datasource": _METRICS, "expr": "sum(rate(orders_total[5m]))"}],
    }
    library = {"uid": "lib-orders", "name": "All orders"}
    element = {**library, "kind": 1, "folderUid": "shop"}
    team.ask("POST", "/library-elements", {**element, "model": {**orders, "libraryPanel": library}})
    errors = {**orders, "id": 1, "title": "Errors", "gridPos": _place(0)}
    shared = {"id": 2, "title": "All orders", "libraryPanel": library, "gridPos": _place(8)}
    team.save({"uid": "sales", "title": "Sales", "panels": [errors, shared]}, "checkout")
    text = {"type": "text", "title": "Hello", "options": {"mode": "markdown", "content": "# Hi"}}
    team.save({"uid": "home", "title": "Home", "panels": [{**text, "id": 1, "gridPos": _place(0)}]})


def _place(y: int) -> dict[str, int]:
    return {"x": 0, "y": y, "w": 12, "h": 8}


def _rules(team: Team) -> None:
    data = [
        _query("A", "metrics", {"expr": "sum(rate(orders_total[5m]))", "instant": True}),
        _query(
            "B", "__expr__", {"type": "threshold", "expression": "A", "conditions": [_above(5)]}
        ),
    ]
    rule = {
        "uid": "too-many",
        "title": "Too many orders",
        "condition": "B",
        "data": data,
        "noDataState": "NoData",
        "execErrState": "Alerting",
        "for": "5m",
        "labels": {"severity": "critical", "team": "shop"},
        "annotations": {"summary": "More orders than we can ship"},
        "orgID": 1,
        "folderUID": "shop-alerts",
        "ruleGroup": "orders",
    }
    team.ask("POST", "/v1/provisioning/alert-rules", rule, **_BY_HAND)
    # A rule that is made joins its group, whose interval is its own.
    team.ask("PUT", RULES, {**team.ask("GET", RULES), "interval": 120}, **_BY_HAND)


def _query(ref_id: str, datasource: str, model: dict[str, Any]) -> dict[str, Any]:
    return {
        "refId": ref_id,
        "datasourceUid": datasource,
        "relativeTimeRange": {"from": 600, "to": 0},
        "model": {"refId": ref_id, **model},
    }


def _above(bound: float) -> dict[str, Any]:
    return {"evaluator": {"type": "gt", "params": [bound]}}


def _notifications(team: Team) -> None:
    provisioning = "/v1/provisioning"
    hook = {
        "url": "http://127.0.0.1:9/hook",
        "username": "gk",
        "password": SECRETS["ON_CALL_2_PASSWORD"],
    }
    chat = {"recipient": "#shop", "url": SECRETS["ON_CALL_URL"]}
    for uid, name, type, settings in (
        ("hook", "On call", "webhook", hook),
        ("chat", "On call", "slack", chat),
        ("mail", "Mail", "email", {"addresses": "shop@example.com", "singleEmail": True}),
    ):
        body = {"uid": uid, "name": name, "type": type, "settings": settings}
        team.ask("POST", f"{provisioning}/contact-points", body, **_BY_HAND)
    nights = [{"times": [{"start_time": "22:00", "end_time": "23:59"}], "weekdays": ["monday"]}]
    timing = {"name": "Nights", "time_intervals": nights}
    team.ask("POST", f"{provisioning}/mute-timings", timing, **_BY_HAND)
    template = {"template": '{{ define "shop text" }}{{ len .Alerts }} of the shop{{ end }}'}
    path = f"{provisioning}/templates/{quote('shop text')}"
    team.ask("PUT", path, template, **_BY_HAND)
    route = {
        "receiver": "On call",
        "object_matchers": [["severity", "=", "critical"], ["team", "=~", "shop|web"]],
        "mute_time_intervals": ["Nights"],
        "group_wait": "45s",
        "continue": True,
    }
    policies = {"receiver": "Mail", "group_by": ["alertname"], "routes": [route]}
    team.ask("PUT", f"{provisioning}/policies", policies, **_BY_HAND)
