"""gk.yaml's `alerts:`: which engine evaluates them, and what is left to the other one."""

from __future__ import annotations

import pytest

from gk.project import load
from gk.resource import Kind
from tests.alerting import group, shop, write
from tests.conftest import ProjectFolder, RunGk

__all__ = ["shop"]

RULES = group(
    "alert('Down', 'up == 0')",
    "alert('Late', expression('$A > 1', A='up'))",
    "recording_rule('job:up', 'sum(up)')",
    "recording_rule('job:down', 'sum(up == 0)', to='prometheus')",
)


def with_engine(shop: ProjectFolder, engine: str) -> ProjectFolder:
    """The project with rules for both engines, of which one evaluates alerts."""
    return write(shop, RULES).write({"gk.yaml": f"alerts: {engine}\n" if engine else ""})


def names(project: ProjectFolder, kind: Kind, *, is_pushed: bool = False) -> list[str]:
    """The rules that an engine gets."""
    groups = [
        resource for resource in project.resources(is_pushed=is_pushed) if resource.kind is kind
    ]
    rules = [rule for rule_group in groups for rule in rule_group.body["rules"]]
    return [rule.get("title") or rule.get("alert") or rule["record"] for rule in rules]


@pytest.mark.parametrize(
    ("engine", "in_prometheus", "in_grafana"),
    [
        pytest.param("", ["Down", "job:up"], ["Down", "Late", "job:down"], id="both, by default"),
        pytest.param("prometheus", ["Down", "job:up"], [], id="Prometheus"),
        pytest.param("grafana", ["job:up"], ["Down", "Late", "job:down"], id="Grafana"),
    ],
)
def test_one_engine_evaluates_alerts(
    shop: ProjectFolder, engine: str, in_prometheus: list[str], in_grafana: list[str]
) -> None:
    """Prometheus keeps its recording rules, which Grafana cannot have."""
    project = with_engine(shop, engine)
    assert in_prometheus == names(project, Kind.PROMETHEUS_GROUP)
    assert in_grafana == names(project, Kind.RULE_GROUP)


def test_a_push_brings_no_alerts_where_prometheus_evaluates_them(shop: ProjectFolder) -> None:
    """They would fire twice."""
    assert [] == names(with_engine(shop, "prometheus"), Kind.RULE_GROUP, is_pushed=True)
    assert ["Down", "Late", "job:down"] == names(
        with_engine(shop, "grafana"), Kind.RULE_GROUP, is_pushed=True
    )


def test_what_nothing_evaluates_is_a_warning_at_its_line(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    with_engine(shop, "prometheus")
    why = (
        "nothing evaluates it, because gk.yaml has `alerts: prometheus` and only Grafana can; "
        "write it in PromQL and without to=, or remove that setting"
    )
    assert [
        f"warning: alerts/rules.py:5: alert 'Late': {why}",
        f"warning: alerts/rules.py:7: recording rule 'job:down': {why}",
    ] == run_gk("build").err.splitlines()


def test_what_prometheus_lacks_is_no_warning_where_grafana_evaluates_alerts(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """Its recording rules are written and not missed."""
    with_engine(shop, "grafana")
    assert "" == run_gk("build").err
    assert "record: job:up" in shop.read("provisioning/prometheus/rules/shop.yaml")
    assert "alert:" not in shop.read("provisioning/prometheus/rules/shop.yaml")


def test_a_mistake_in_a_recording_rule_counts_where_grafana_evaluates_alerts(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """Prometheus would not load its file."""
    write(shop, group("recording_rule('job:up', 'sum(')")).write({"gk.yaml": "alerts: grafana\n"})
    assert run_gk("build").err.startswith("alerts/rules.py:4: recording rule 'job:up'")


def test_without_a_format_for_prometheus_its_recording_rules_are_missed(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    write(shop, group("recording_rule('job:up', 'sum(up)')"))
    shop.write({"gk.yaml": "alerts: grafana\nbuild: {formats: [grafana]}\n"})
    assert "nothing records 'job:up'" in run_gk("build").err


def test_rules_of_an_engine_without_a_format_are_missed(shop: ProjectFolder, run_gk: RunGk) -> None:
    """The project says that Prometheus evaluates alerts, and builds nothing for it."""
    write(shop, group("alert('Down', 'up == 0')"))
    shop.write({"gk.yaml": "alerts: prometheus\nbuild: {formats: [grafana]}\n"})
    assert (
        "warning: rule group 'shop': nothing evaluates it, because gk.yaml has `alerts: "
        "prometheus` and build.formats has no format for Prometheus; add it, or remove that "
        "setting\n"
    ) == run_gk("build").err


def test_grafana_s_files_beside_alertmanager_have_no_alerts_of_prometheus(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """Alertmanager notifies of them."""
    formats = "[grafana, prometheus, alertmanager]"
    write(
        shop,
        group("alert('Down', 'up == 0')") + "pager = contact_point('pager')\n"
        "policy = notification_policy('pager')\n",
    )
    shop.write({"gk.yaml": f"alerts: prometheus\nbuild: {{formats: {formats}}}\n"})
    assert "" == run_gk("build").err
    assert "alert: Down" in shop.read("provisioning/prometheus/rules/shop.yaml")
    assert not (shop.root / "provisioning/grafana/alerting").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            "Prometheus",
            "alerts: 'Prometheus' is not an engine; one of grafana, prometheus",
            id="word",
        ),
        pytest.param("[grafana]", "alerts: expected text", id="list"),
    ],
)
def test_an_unknown_engine_is_a_mistake(
    empty_project: ProjectFolder, run_gk: RunGk, given: str, message: str
) -> None:
    """At its line of gk.yaml."""
    empty_project.write({"gk.yaml": f"alerts: {given}\n", "dashboards/none.py": ""})
    assert f"gk.yaml:1: {message}\n" == run_gk("build").err


def test_each_environment_may_have_its_own_engine(shop: ProjectFolder) -> None:
    """One Grafana may be alone, and another one beside a Prometheus with alerts."""
    with_engine(shop, "").write(
        {
            "gk.yaml": """
                environments:
                  prod: {alerts: prometheus}
                  lab: {alerts: grafana}
            """
        }
    )
    engines = {name: load(shop.root, name).settings.alerts for name in ("prod", "lab")}
    assert {"prod": "prometheus", "lab": "grafana"} == engines
