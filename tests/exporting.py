"""Dashboards as Grafana exports them, and as grafanalib makes them."""

from __future__ import annotations

from typing import Any

from grafanalib import core

from tests.definitions import Json


def exported(*panels: Any, **more: Any) -> Json:
    """A dashboard as Grafana 13 exports it, with panels."""
    return {
        "annotations": {
            "list": [
                {
                    "builtIn": 1,
                    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
                    "enable": True,
                    "hide": True,
                    "iconColor": "rgba(0, 211, 255, 1)",
                    "name": "Annotations & Alerts",
                    "type": "dashboard",
                }
            ]
        },
        "editable": True,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 0,
        "id": 17,
        "links": [],
        "panels": list(panels),
        "preload": False,
        "schemaVersion": 42,
        "tags": [],
        "templating": {"list": []},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": "Exported",
        "uid": "exported",
        "version": 5,
        **more,
    }


def graph(**more: Any) -> Json:
    """A time series as Grafana 13 exports it."""
    return {
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "fieldConfig": {"defaults": {"custom": {"lineWidth": 1}, "mappings": []}, "overrides": []},
        "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
        "id": 3,
        "options": {
            "legend": {
                "calcs": [],
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": True,
            }
        },
        "pluginVersion": "13.2.3",
        "targets": [
            {
                "editorMode": "code",
                "expr": "up",
                "legendFormat": "__auto",
                "range": True,
                "refId": "A",
            }
        ],
        "title": "Up",
        "type": "timeseries",
        **more,
    }


def only_panel(body: Json) -> Json:
    (panel,) = body["panels"]
    assert isinstance(panel, dict)
    return panel


def lib(*panels: Any, **more: Any) -> core.Dashboard:
    return core.Dashboard(title="Lib", panels=list(panels), **more)
