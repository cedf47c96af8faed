"""Values that are built for charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk import Dashboard, Datasource, stat
from gk.errors import DefinitionError
from gk.provisioning import tree, write
from gk.provisioning.helm import templated
from gk.resource import Kind
from gk.settings import Settings
from gk.settings import read as read_settings
from tests.conftest import ProjectFolder
from tests.rich import files_of, parsed

SETTINGS = """
project: shop
build: {formats: [helm]}
"""
DATASOURCES = """
    from gk import Datasource, secret_key

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
    )
    logs = Datasource.loki(
        "Logs", uid="logs", url="http://loki:3100",
        json_data={"derivedFields": [{"name": "{{ trace }}", "url": "${__value.raw}"}]},
        secure_json_data={"httpHeaderValue1": secret_key("loki", "tenant")},
    )
    """
DASHBOARDS = """
    from gk import Dashboard, target, timeseries

    up = Dashboard("Up", uid="up", folder="Shop", panels=[
        timeseries("Up", target("up", legend="{{ job }}")),
    ])
    """
ALERTS = """
    from gk import alert, alert_group, contact_point, receiver, recording_rule, secret_key

    down = alert_group("Shop", [
        alert("ShopDown", "up == 0", summary="{{ $labels.job }} is down"),
    ])
    recorded = alert_group("Recorded", [recording_rule("job:up:sum", "sum by (job) (up)")])
    team = contact_point("team", receiver("slack", {
        "url": secret_key("chat", "url"), "title": "$x {{ .Status }}",
    }))
    """


@pytest.fixture
def shop(empty_project: ProjectFolder) -> ProjectFolder:
    return empty_project.write(
        {
            "gk.yaml": SETTINGS,
            "datasources/all.py": DATASOURCES,
            "dashboards/all.py": DASHBOARDS,
            "alerts/all.py": ALERTS,
        }
    )


def built(project: ProjectFolder) -> dict[str, Any]:
    """The values by their path in helm/."""
    settings = read_settings(project.root)
    files = tree(project.resources(), settings, project.root / "provisioning").files
    return {
        path.removeprefix("helm/"): parsed(text)
        for path, text in files.items()
        if path.startswith("helm/")
    }


# Helm's templates


@pytest.mark.parametrize(
    ("helm", "text"),
    [
        ("{{`{{`}} $labels.job }} is down", "{{ $labels.job }} is down"),
        ("{{`{{`}}- range .Alerts -}}", "{{- range .Alerts -}}"),
        ("{{`{{`}}{ x }}}", "{{{ x }}}"),
        ("{ x } }}", "{ x } }}"),
    ],
)
def test_helm_gives_a_template_back(helm: str, text: str) -> None:
    """Only the braces that open an action mean something to Helm."""
    assert helm == templated(text)


@given(st.text("{}`- a"))
def test_helm_sees_no_other_action_in_any_text(text: str) -> None:
    action = re.compile(r"\{\{`\{\{`\}\}")

    assert text == action.sub("{{", templated(text))
    assert "{{" not in action.sub("", templated(text))


def test_keys_and_lists_are_for_helm_too() -> None:
    assert {"{{`{{`}}k}}": ["{{`{{`}}v}}", 1]} == templated({"{{k}}": ["{{v}}", 1]})


# Grafana


def test_each_engine_s_alerts_are_in_a_file_of_their_own(shop: ProjectFolder) -> None:
    """With both, every alert would fire twice."""
    assert {
        "grafana/alerting-grafana.yaml": {"alerting", "envValueFrom"},
        "grafana/grafana.yaml": {
            *("dashboardProviders", "dashboards", "datasources", "envValueFrom"),
        },
        "kube-prometheus-stack/alerting-grafana.yaml": {"grafana"},
        "kube-prometheus-stack/alerting-prometheus.yaml": {"additionalPrometheusRulesMap"},
        "kube-prometheus-stack/grafana.yaml": {"grafana"},
        "kube-prometheus-stack/recording.yaml": {"additionalPrometheusRulesMap"},
    } == {path: values.keys() for path, values in built(shop).items()}


def test_data_sources_are_templates_of_the_chart(shop: ProjectFolder) -> None:
    (logs, _) = built(shop)["grafana/grafana.yaml"]["datasources"]["gk-datasources.yaml"][
        "datasources"
    ]

    assert {
        "name": "Logs",
        "uid": "logs",
        "type": "loki",
        "access": "proxy",
        "orgId": 1,
        "url": "http://loki:3100",
        "jsonData": {"derivedFields": [{"name": "{{`{{`}} trace }}", "url": "$${__value.raw}"}]},
        "secureJsonData": {"httpHeaderValue1": "$__env{GK_SECRET_LOKI_TENANT}"},
    } == logs


def test_a_key_of_a_secret_becomes_a_variable_of_grafana(shop: ProjectFolder) -> None:
    values = built(shop)

    assert {"GK_SECRET_LOKI_TENANT": {"secretKeyRef": {"name": "loki", "key": "tenant"}}} == (
        values["grafana/grafana.yaml"]["envValueFrom"]
    )
    assert {"GK_SECRET_CHAT_URL": {"secretKeyRef": {"name": "chat", "key": "url"}}} == (
        values["grafana/alerting-grafana.yaml"]["envValueFrom"]
    )


def test_dashboards_are_no_templates_of_the_chart(shop: ProjectFolder) -> None:
    values = built(shop)["grafana/grafana.yaml"]
    resource = shop.resource(Kind.DASHBOARD, "up")

    assert resource.body == orjson.loads(values["dashboards"]["shop"]["up"]["json"])
    assert "{{ job }}" in values["dashboards"]["shop"]["up"]["json"]


def test_each_folder_has_a_provider_where_the_chart_mounts_its_dashboards(
    shop: ProjectFolder,
) -> None:
    values = built(shop)["grafana/grafana.yaml"]

    assert [
        {
            "name": "gk-shop",
            "orgId": 1,
            "type": "file",
            "allowUiUpdates": False,
            "updateIntervalSeconds": 30,
            "folder": "Shop",
            "folderUid": "shop",
            "options": {"path": "/var/lib/grafana/dashboards/shop"},
        }
    ] == values["dashboardProviders"]["gk-providers.yaml"]["providers"]


PROMETHEUS = Datasource.prometheus("Metrics", uid="p", url="http://p", default=True)


def large(uid: str, size: int) -> Dashboard:
    return Dashboard(uid, uid=uid, folder="Shop", panels=[stat("Up", "up", description=uid * size)])


def grafana_values(*dashboards: Dashboard) -> Any:
    files = files_of(PROMETHEUS, *dashboards, settings=Settings(formats=("helm",)))
    return parsed(files["helm/grafana/grafana.yaml"])


def test_a_folder_that_fills_a_config_map_has_two_providers() -> None:
    """The chart has a ConfigMap for each, and all have the same folder."""
    values = grafana_values(large("a", 600_000), large("b", 300_000), large("c", 300_000))

    assert {"shop": ["a", "b"], "shop-2": ["c"]} == {
        name: list(boards) for name, boards in values["dashboards"].items()
    }
    assert [("gk-shop", "shop"), ("gk-shop-2", "shop")] == [
        (provider["name"], provider["folderUid"])
        for provider in values["dashboardProviders"]["gk-providers.yaml"]["providers"]
    ]


def test_a_dashboard_that_no_config_map_holds_is_a_mistake() -> None:
    with pytest.raises(DefinitionError) as caught:
        grafana_values(large("a", 1_100_000))

    (problem,) = caught.value.problems
    assert problem.message.endswith(
        "the chart's ConfigMap holds 1,048,576; split it, or leave helm out of build.formats"
    )


def test_more_than_helm_keeps_is_a_warning(empty_project: ProjectFolder) -> None:
    """Text that cannot be compressed takes more than its size: it is there twice."""
    code = """
        import random
        from gk import Dashboard, Datasource, text

        prometheus = Datasource.prometheus("P", uid="p", url="http://p", default=True)
        noise = random.Random(1)
        page = Dashboard("Page", uid="page", panels=[
            text("Noise", "".join(noise.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=400_000)))
        ])
        """
    empty_project.write({"gk.yaml": SETTINGS, "dashboards/all.py": code})

    settings = read_settings(empty_project.root)
    warnings = tree(empty_project.resources(), settings, empty_project.root / "out").warnings

    assert ["helm/grafana/grafana.yaml", "helm/kube-prometheus-stack/grafana.yaml"] == sorted(
        warning.partition(":")[0] for warning in warnings
    )


def test_alerts_and_what_notifies_are_templates_of_the_chart(shop: ProjectFolder) -> None:
    files = built(shop)["grafana/alerting-grafana.yaml"]["alerting"]
    (group,) = files["gk-rules.yaml"]["groups"]
    (receiver,) = files["gk-contact-points.yaml"]["contactPoints"][0]["receivers"]

    assert "{{`{{`}} $labels.job }} is down" == group["rules"][0]["annotations"]["summary"]
    assert {"url": "$__env{GK_SECRET_CHAT_URL}", "title": "$$x {{`{{`}} .Status }}"} == (
        receiver["settings"]
    )


def test_a_deleted_rule_is_known_from_the_values_of_an_earlier_build(shop: ProjectFolder) -> None:
    """Grafana keeps it otherwise; and a data source of a new name would stop it at its start."""
    settings = read_settings(shop.root)
    output = shop.root / "provisioning"
    shop.write({"datasources/all.py": DATASOURCES.replace('"Logs"', '"{{ Logs }}"')})
    write(tree(shop.resources(), settings, output).files, output)
    shop.write({"datasources/all.py": DATASOURCES, "alerts/all.py": ""})

    values = built(shop)

    deleted = values["grafana/alerting-grafana.yaml"]["alerting"]["gk-rules.yaml"]["deleteRules"]
    assert [{"orgId": 1, "uid": "shop-shopdown"}] == deleted
    assert [{"orgId": 1, "name": "{{`{{`}} Logs }}"}] == (
        values["kube-prometheus-stack/grafana.yaml"]["grafana"]["deleteDatasources"]
    )


# kube-prometheus-stack


def test_the_stack_has_the_same_below_its_own_key(shop: ProjectFolder) -> None:
    values = built(shop)
    alone, inside = values["grafana/grafana.yaml"], values["kube-prometheus-stack/grafana.yaml"]

    assert alone["dashboards"] == inside["grafana"]["dashboards"]
    assert alone["dashboardProviders"] == inside["grafana"]["dashboardProviders"]
    assert (
        alone["datasources"]["gk-datasources.yaml"]["datasources"]
        == (inside["grafana"]["additionalDataSources"])
    )
    assert {"grafana": values["grafana/alerting-grafana.yaml"]} == (
        values["kube-prometheus-stack/alerting-grafana.yaml"]
    )


@pytest.mark.parametrize(
    ("replaced", "datasource"),
    [
        ({"defaultDatasourceEnabled": False}, 'prometheus("A", uid="a", url="u", default=True)'),
        ({"defaultDatasourceEnabled": False}, 'prometheus("Prometheus", uid="a", url="u")'),
        ({"defaultDatasourceEnabled": False}, 'prometheus("A", uid="prometheus", url="u")'),
        ({"alertmanager": {"enabled": False}}, 'loki("Alertmanager", uid="a", url="u")'),
        (None, 'prometheus("A", uid="a", url="u")'),
    ],
)
def test_the_stack_s_own_data_source_makes_way(
    empty_project: ProjectFolder, replaced: Any, datasource: str
) -> None:
    """Grafana does not start with two of one uid, or with two defaults."""
    code = f"from gk import Datasource\nds = Datasource.{datasource}\n"
    empty_project.write({"gk.yaml": SETTINGS, "datasources/all.py": code})

    values = built(empty_project)["kube-prometheus-stack/grafana.yaml"]["grafana"]

    assert replaced == values.get("sidecar", {}).get("datasources")


def test_rules_are_no_templates_of_the_stack(shop: ProjectFolder) -> None:
    values = built(shop)
    alerting = values["kube-prometheus-stack/alerting-prometheus.yaml"]
    group = shop.resource(Kind.PROMETHEUS_GROUP, "Shop").body

    assert {"shop-shop": {"groups": [group]}} == alerting["additionalPrometheusRulesMap"]
    assert "{{ $labels.job }} is down" in str(alerting)


def names(project: ProjectFolder, groups: Sequence[str]) -> list[str]:
    code = "from gk import alert, alert_group\n" + "".join(
        f"g{index} = alert_group({name!r}, [alert('A{index}', 'up == 0')])\n"
        for index, name in enumerate(groups)
    )
    project.write({"alerts/all.py": code})
    values = built(project)["kube-prometheus-stack/alerting-prometheus.yaml"]
    return list(values["additionalPrometheusRulesMap"])


def test_the_stack_cuts_no_name(shop: ProjectFolder) -> None:
    """It would at 63 characters, with up to 26 of the release's, and two might become one."""
    keys = names(shop, ["a" * 38 + "b", "a" * 38 + "c"])

    assert 2 == len({name[:36] for name in keys})


ALERTMANAGER = """
    from gk import contact_point, message_template, notification_policy, receiver, secret_key

    mail = contact_point("mail", receiver("email", {"addresses": "a@example.com"}))
    chat = contact_point("chat", receiver("slack", {
        "url": secret_key("slack", "url"), "recipient": "#shop", "title": "{{ .Status }}",
    }))
    words = message_template("words", '{{ define "subject" }}Shop{{ end }}')
    policy = notification_policy(mail, repeat_interval="1h")
    """


@pytest.fixture
def alertmanager(empty_project: ProjectFolder) -> Any:
    settings = """
        build: {formats: [helm, alertmanager]}
        alertmanager:
          smtp:
            smarthost: smtp.example.com:587
            from: alerts@example.com
            username: alerts
            password: {secret: smtp, key: password}
        """
    empty_project.write({"gk.yaml": settings, "alerts/team.py": ALERTMANAGER})
    return built(empty_project)["kube-prometheus-stack/alertmanager.yaml"]["alertmanager"]


def test_a_route_keeps_nothing_of_the_stack_s(alertmanager: Any) -> None:
    """Helm merges maps: what the route does not say would be the stack's grouping and routes."""
    assert {
        "receiver": "mail",
        "group_by": [],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "1h",
        "routes": [],
    } == alertmanager["config"]["route"]
    assert [] == alertmanager["config"]["inhibit_rules"]


def test_alertmanagers_templates_are_no_templates_of_the_stack(alertmanager: Any) -> None:
    assert alertmanager["tplConfig"] is False
    assert "{{ .Status }}" == (alertmanager["config"]["receivers"][1]["slack_configs"][0]["title"])
    assert {"words.tmpl": '{{ define "subject" }}Shop{{ end }}'} == alertmanager["templateFiles"]
    assert ["/etc/alertmanager/config/*.tmpl"] == alertmanager["config"]["templates"]


def test_the_operator_mounts_the_secrets_of_receivers(alertmanager: Any) -> None:
    assert ["slack", "smtp"] == alertmanager["alertmanagerSpec"]["secrets"]
