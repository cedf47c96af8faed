"""gk import reads dashboards in any envelope, rules of an operator, and what Grafana provisions."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.conftest import ProjectFolder, RunGk
from tests.importing import BUSY, RULES, board, given, import_, panel, sources

SHOP: dict[str, Any] = json.loads(board(panel("Busy", BUSY)))
V2 = {
    "apiVersion": "dashboard.grafana.app/v2beta1",
    "kind": "Dashboard",
    "metadata": {"name": "shop-1"},
    "spec": {
        "title": "Shop",
        "annotations": [],
        "cursorSync": "Off",
        "elements": {
            "panel-1": {
                "kind": "Panel",
                "spec": {
                    "id": 1,
                    "title": "Busy",
                    "description": "",
                    "links": [],
                    "data": {
                        "kind": "QueryGroup",
                        "spec": {
                            "queries": [
                                {
                                    "kind": "PanelQuery",
                                    "spec": {
                                        "hidden": False,
                                        "refId": "A",
                                        "query": {
                                            "group": "prometheus",
                                            "kind": "DataQuery",
                                            "version": "v0",
                                            "datasource": {"name": "prometheus"},
                                            "spec": {"expr": BUSY},
                                        },
                                    },
                                }
                            ],
                            "queryOptions": {},
                            "transformations": [],
                        },
                    },
                    "vizConfig": {
                        "group": "timeseries",
                        "kind": "VizConfig",
                        "version": "12.4.0",
                        "spec": {
                            "fieldConfig": {"defaults": {}, "overrides": []},
                            "options": {},
                        },
                    },
                },
            }
        },
        "layout": {
            "kind": "GridLayout",
            "spec": {
                "items": [
                    {
                        "kind": "GridLayoutItem",
                        "spec": {
                            "element": {"kind": "ElementReference", "name": "panel-1"},
                            "height": 8,
                            "width": 12,
                            "x": 0,
                            "y": 0,
                        },
                    }
                ]
            },
        },
        "links": [],
        "preload": False,
        "tags": [],
        "timeSettings": {"from": "now-6h", "to": "now"},
        "variables": [],
    },
}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(SHOP, id="export"),
        pytest.param({"dashboard": SHOP, "meta": {"slug": "shop"}}, id="api"),
        pytest.param(
            {
                "apiVersion": "dashboard.grafana.app/v1beta1",
                "kind": "Dashboard",
                "metadata": {"name": "shop-1"},
                "spec": SHOP,
            },
            id="v1",
        ),
        pytest.param(
            {
                "apiVersion": "grizzly.grafana.com/v1alpha1",
                "kind": "Dashboard",
                "metadata": {"folder": "general", "name": "shop-1"},
                "spec": SHOP,
            },
            id="grizzly",
        ),
        pytest.param(V2, id="v2"),
    ],
)
@pytest.mark.parametrize("file", ["shop_json", "shop_yaml"])
def test_a_dashboard_in_any_envelope_becomes_the_same_definition(
    empty_project: ProjectFolder, run_gk: RunGk, document: dict[str, Any], file: str
) -> None:
    text = json.dumps(document) if file == "shop_json" else yaml.safe_dump(document)
    given(empty_project, **{file: text})

    ran = import_(run_gk)

    assert (0, "") == (ran.code, ran.err)
    written = empty_project.read("own/dashboards/shop.py")
    assert '        1: timeseries(\n            "Busy",\n' in written
    assert 'uid="shop-1"' in written


def test_the_rules_of_an_operator_become_groups(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    groups = yaml.safe_load(RULES)
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "shop-rules"},
        "spec": groups,
    }
    given(empty_project, rules_yaml=yaml.safe_dump(rule))

    ran = import_(run_gk)

    assert (0, "") == (ran.code, ran.err)
    built = run_gk("build", cwd=empty_project.root / "own")
    assert 0 == built.code
    [file] = (empty_project.root / "own/provisioning/prometheus/rules").glob("*.yaml")
    rules = yaml.safe_load(file.read_text())["groups"][0]["rules"]
    assert [alerting_rule.get("alert") for alerting_rule in groups["groups"][0]["rules"]] == [
        alerting_rule.get("alert") for alerting_rule in rules
    ]


def test_what_grafana_exports_of_its_alerting_becomes_definitions(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Contact points, policies, mute timings and rules, in the form of its provisioning files;
    secrets become references."""
    query = {
        "refId": "A",
        "datasourceUid": "prometheus",
        "relativeTimeRange": {"from": 600, "to": 0},
        "model": {"expr": "up", "instant": True, "refId": "A"},
    }
    threshold = {
        "refId": "B",
        "datasourceUid": "__expr__",
        "model": {
            "conditions": [{"evaluator": {"params": [1], "type": "lt"}}],
            "expression": "A",
            "refId": "B",
            "type": "threshold",
        },
    }
    exports = {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "nodes",
                "folder": "Shop",
                "interval": "1m",
                "rules": [
                    {
                        "uid": "gone",
                        "title": "NodeGone",
                        "condition": "B",
                        "data": [query, threshold],
                        "for": "5m",
                        "noDataState": "OK",
                        "execErrState": "Error",
                        "labels": {"severity": "critical"},
                    }
                ],
            }
        ],
        "contactPoints": [
            {
                "orgId": 1,
                "name": "ops",
                "receivers": [
                    {
                        "uid": "ops1",
                        "type": "slack",
                        "settings": {"recipient": "#ops", "token": "xoxb-17-secret"},
                    }
                ],
            }
        ],
        "policies": [
            {
                "orgId": 1,
                "receiver": "ops",
                "group_by": ["grafana_folder", "alertname"],
                "routes": [
                    {
                        "receiver": "ops",
                        "object_matchers": [["severity", "=", "critical"]],
                        "mute_time_intervals": ["nights"],
                    }
                ],
            }
        ],
        "muteTimes": [
            {
                "orgId": 1,
                "name": "nights",
                "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "06:00"}]}],
            }
        ],
    }
    given(empty_project, alerting_yaml=yaml.safe_dump(exports))

    ran = import_(run_gk)

    files = sources(empty_project)
    assert (0, "") == (ran.code, ran.err)
    assert "xoxb" not in "".join(files.values())
    assert '"token": secret("OPS_TOKEN")' in files["alerts/notifications.py"]
    assert "\n  OPS_TOKEN  token of contact point 'ops'\n" in ran.out
    for name in ("contact_point(", "notification_policy(", "mute_timing("):
        assert name in files["alerts/notifications.py"]


def test_data_sources_of_provisioning_files_become_definitions(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    datasources = {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "Metrics",
                "uid": "metrics",
                "type": "prometheus",
                "url": "http://prometheus:9090",
                "access": "proxy",
                "isDefault": True,
                "basicAuth": True,
                "basicAuthUser": "gk",
                "secureJsonData": {"basicAuthPassword": "hunter2"},
            }
        ],
    }
    given(empty_project, sources_yaml=yaml.safe_dump(datasources))

    ran = import_(run_gk)

    written = empty_project.read("own/datasources/grafana.py")
    assert (0, "") == (ran.code, ran.err)
    assert '"basicAuthPassword": secret("METRICS_BASIC_AUTH_PASSWORD")' in written
    assert "hunter2" not in written
    assert "hunter2" not in ran.out
