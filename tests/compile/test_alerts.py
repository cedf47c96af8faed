"""An alert and a recording rule become rules of Prometheus and of Grafana."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gk.provisioning.prometheus import rule_files
from gk.resource import Kind
from tests.alerting import FAILED, Json, grafana_rule, group, prometheus_rule, shop, write
from tests.conftest import ProjectFolder

__all__ = ["shop"]


@pytest.mark.parametrize(
    ("operator", "decision"),
    [
        pytest.param(
            ">",
            {
                "type": "threshold",
                "expression": "A",
                "conditions": [{"evaluator": {"type": "gt", "params": [0.5]}}],
            },
            id="greater",
        ),
        pytest.param(
            "<",
            {
                "type": "threshold",
                "expression": "A",
                "conditions": [{"evaluator": {"type": "lt", "params": [0.5]}}],
            },
            id="less",
        ),
        pytest.param(">=", {"type": "math", "expression": "$A >= 0.5"}, id="greater-or-equal"),
        pytest.param("<=", {"type": "math", "expression": "$A <= 0.5"}, id="less-or-equal"),
    ],
)
def test_a_condition_is_compared_by_each_engine_in_its_way(
    shop: ProjectFolder, operator: str, decision: Json
) -> None:
    """Prometheus compares in PromQL; Grafana asks for the value and compares it, by what every
    version of it has."""
    rule = f"alert('Failing', failed {operator} 0.5)"

    data = grafana_rule(shop, rule)["data"]

    assert f"{FAILED} {operator} 0.5" == prometheus_rule(shop, rule)["expr"]
    assert FAILED == data[0]["model"]["expr"]
    assert (
        decision | {"refId": "B", "datasource": {"type": "__expr__", "uid": "__expr__"}}
        == data[1]["model"]
    )


@pytest.mark.parametrize(
    ("expr", "condition"),
    [
        pytest.param(FAILED, "failed", id="snippet"),
        pytest.param(FAILED.replace('"}', '",route="/"}'), "failed(route='/')", id="query"),
        pytest.param("up == 0", "'up == 0'", id="text"),
        pytest.param("up == 0 and\n  a", '"""up == 0 and\n  a"""', id="text-of-two-lines"),
    ],
)
def test_what_has_no_threshold_fires_for_each_series(
    shop: ProjectFolder, expr: str, condition: str
) -> None:
    """In Grafana too, where a value of zero would otherwise not fire."""
    rule = f"alert('Failing', {condition})"

    grafana = grafana_rule(shop, rule)

    assert expr == prometheus_rule(shop, rule)["expr"]
    assert expr == grafana["data"][0]["model"]["expr"]
    assert "is_number($A) || is_inf($A) || is_nan($A)" == grafana["data"][1]["model"]["expression"]


@pytest.mark.parametrize(
    ("expected", "promql"),
    [
        pytest.param("a + b > 1", "a + b", id="arithmetic"),
        pytest.param("-a ^ 2 > 1", "-a ^ 2", id="sign"),
        pytest.param("sum(a or b) > 1", "sum(a or b)", id="inside-a-function"),
        pytest.param("(a > 0) > 1", "a > 0", id="comparison"),
        pytest.param("(a != bool 0) > 1", "a != bool 0", id="comparison-to-0-or-1"),
        pytest.param("(a and b) > 1", "a and b", id="and"),
        pytest.param("(a or b) > 1", "a or b", id="or"),
        pytest.param("(a unless on (x) b) > 1", "a unless on (x) b", id="unless"),
        pytest.param("(a or b) > 1", "(a or b)", id="parentheses-that-are-there"),
    ],
)
def test_a_threshold_is_compared_with_the_whole_expression(
    shop: ProjectFolder, expected: str, promql: str
) -> None:
    """`a or b > 1` would fire for any `a`."""
    assert (
        expected == prometheus_rule(shop, f"alert('Failing', text(promql={promql!r}) > 1)")["expr"]
    )


@pytest.mark.parametrize(
    ("expected", "threshold"),
    [
        ("1", "1.0"),
        ("-3", "-3"),
        ("0.1", "0.1"),
        ("1e-07", "1e-7"),
        ("1048576", "2 ** 20"),
        ("1e+18", "10 ** 18"),
    ],
)
def test_a_threshold_is_written_short(shop: ProjectFolder, expected: str, threshold: str) -> None:
    """The number that the definition has, in a form that PromQL and Grafana's math read."""
    rule = f"alert('Failing', failed >= {threshold})"

    assert f"{FAILED} >= {expected}" == prometheus_rule(shop, rule)["expr"]
    assert f"$A >= {expected}" == grafana_rule(shop, rule)["data"][1]["model"]["expression"]


def test_the_window_is_that_of_the_rates(shop: ProjectFolder) -> None:
    """An alert that must not react to a short peak looks back further."""
    assert "[30m]" in prometheus_rule(shop, "alert('Failing', failed > 1, window='30m')")["expr"]


# Whole rules

FULL = (
    "alert('Failing', failed > 0.5, for_='10m', keep_firing_for='5m', severity='critical', "
    "summary='S', description='D', labels={'team': 'shop'}, annotations={'more': 'M'}, "
    "runbook='https://r', no_data='Alerting', exec_err='OK', paused=True, uid='own')"
)


def test_a_rule_of_prometheus(shop: ProjectFolder) -> None:
    """A group of a rule file, with everything that an alert may have; what is Grafana's own is left
    out."""
    expected = {
        "name": "shop",
        "interval": "1m",
        "rules": [
            {
                "alert": "Failing",
                "expr": f"{FAILED} > 0.5",
                "for": "10m",
                "keep_firing_for": "5m",
                "labels": {"severity": "critical", "team": "shop"},
                "annotations": {
                    "summary": "S",
                    "description": "D",
                    "runbook_url": "https://r",
                    "more": "M",
                },
            }
        ],
    }

    assert expected == write(shop, group(FULL)).resource(Kind.PROMETHEUS_GROUP).body


def test_a_rule_of_grafana(shop: ProjectFolder) -> None:
    """A body of the HTTP API, with everything that an alert may have."""
    datasource = {"type": "prometheus", "uid": "prometheus"}
    expected = {
        "title": "shop",
        "folderUid": "alerts",
        "interval": 60,
        "rules": [
            {
                "uid": "own",
                "title": "Failing",
                "ruleGroup": "shop",
                "folderUID": "alerts",
                "condition": "B",
                "data": [
                    {
                        "refId": "A",
                        "datasourceUid": "prometheus",
                        "relativeTimeRange": {"from": 600, "to": 0},
                        "model": {
                            "refId": "A",
                            "datasource": datasource,
                            "expr": FAILED,
                            "instant": True,
                            "range": False,
                        },
                    },
                    {
                        "refId": "B",
                        "datasourceUid": "__expr__",
                        "model": {
                            "refId": "B",
                            "datasource": {"type": "__expr__", "uid": "__expr__"},
                            "type": "threshold",
                            "expression": "A",
                            "conditions": [{"evaluator": {"type": "gt", "params": [0.5]}}],
                        },
                    },
                ],
                "for": "10m",
                "keep_firing_for": "5m",
                "noDataState": "Alerting",
                "execErrState": "OK",
                "labels": {"severity": "critical", "team": "shop"},
                "annotations": {
                    "summary": "S",
                    "description": "D",
                    "runbook_url": "https://r",
                    "more": "M",
                },
                "isPaused": True,
            }
        ],
    }

    assert expected == write(shop, group(FULL)).resource(Kind.RULE_GROUP).body


def test_a_rule_says_only_what_the_definition_says(shop: ProjectFolder) -> None:
    """Defaults of Prometheus are left out; Grafana needs its states, and `for` up to 9.x."""
    assert {
        "alert": "Failing",
        "expr": "up == 0",
        "labels": {"severity": "warning"},
    } == prometheus_rule(shop, "alert('Failing', 'up == 0')")
    rule = grafana_rule(shop, "alert('Failing', 'up == 0')")
    assert ("0s", "OK", "Error") == (rule["for"], rule["noDataState"], rule["execErrState"])
    assert {"keep_firing_for", "annotations", "isPaused"} & rule.keys() == set()


@pytest.mark.parametrize("duration", ["0s", "0", "0m", ""])
def test_a_rule_that_does_not_wait_has_no_for(shop: ProjectFolder, duration: str) -> None:
    """However zero is written: Prometheus has it by default."""
    rule = f"alert('Failing', 'up == 0', for_='{duration}')"

    assert "for" not in prometheus_rule(shop, rule)
    assert (duration or "0s") == grafana_rule(shop, rule)["for"]


def test_labels_of_a_rule_win_over_severity_and_those_over_its_group_s(shop: ProjectFolder) -> None:
    """The nearest one counts, in both forms; recording rules have those of the group too."""
    write(
        shop,
        group(
            "alert('A', 'up', labels={'team': 'rule'})",
            "alert('B', 'up', severity='')",
            "recording_rule('job:up:sum', 'sum(up)', labels={'level': 'job'})",
            more=", labels={'team': 'group', 'severity': 'group', 'kept': 'yes'}",
        ),
    )
    expected = [
        {"team": "rule", "severity": "warning", "kept": "yes"},
        {"team": "group", "severity": "group", "kept": "yes"},
        {"team": "group", "severity": "group", "kept": "yes", "level": "job"},
    ]

    prometheus = shop.resource(Kind.PROMETHEUS_GROUP).body["rules"]
    grafana = shop.resource(Kind.RULE_GROUP).body["rules"]

    assert expected == [rule["labels"] for rule in prometheus]
    assert expected[:2] == [rule["labels"] for rule in grafana]


def test_recording_rules_are_prometheus_s_only(shop: ProjectFolder) -> None:
    """A group of nothing else is no group of Grafana's, and needs no folder there."""
    write(shop, group("recording_rule('shop:failed:rate1h', failed, window='1h')"))

    kinds = {resource.kind for resource in shop.resources()}

    assert {Kind.DATASOURCE, Kind.PROMETHEUS_GROUP} == kinds
    rule = shop.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]
    assert {"record": "shop:failed:rate1h", "expr": FAILED.replace("5m", "1h")} == rule


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_takes_the_rule_file(shop: ProjectFolder, tmp_path: Path) -> None:
    """Prometheus's own check of syntax, names and templates, of everything that rules may have."""
    write(
        shop,
        group(
            FULL.replace("'S'", "'{{ $node }}: {{ $value | humanize }} {{ $labels.job }}'"),
            "alert('B', text(promql='a or b') >= 1e-7, for_='0s', labels={'node': '{{ $node }}'})",
            "alert('C', '''up == 0\n  and on (instance) a # don't\n  > 1''')",
            "recording_rule('shop:failed:rate5m', failed)",
            more=", interval='1h30m', labels={'team': 'shop'}",
        ),
    )
    for name, text in rule_files(shop.resources()).items():
        (tmp_path / name).write_bytes(text)

    checked = subprocess.run(
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "shop.yaml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (0, "") == (checked.returncode, checked.stderr)
