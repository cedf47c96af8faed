"""What is built for the Prometheus operator and for the Grafana operator."""

from __future__ import annotations

from typing import Any

import pytest

from gk import Dashboard, Datasource, stat
from gk.errors import DefinitionError
from gk.provisioning import tree
from gk.settings import Settings
from gk.settings import read as read_settings
from tests.conftest import ProjectFolder
from tests.rich import files_of, parsed

SETTINGS = """
project: shop
build: {formats: [operator]}
kubernetes: {namespace: apps, labels: {release: monitoring}}
"""
DATASOURCES = """
    from gk import Datasource, secret_key

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
    )
    orders = Datasource.postgres(
        "Orders", uid="orders", url="db:5432", database="orders", user="grafana", version=1500,
        password=secret_key("orders-db", "password"),
    )
    """
DASHBOARDS = """
    from gk import Dashboard, stat

    up = Dashboard("Up", uid="up", folder="Team/Shop", panels=[stat("Up", "sum(up)")])
    start = Dashboard("Start", uid="start", panels=[stat("Up", "sum(up)")])
    """
ALERTS = """
    from gk import (
        alert, alert_group, contact_point, message_template, mute_timing, notification_policy,
        receiver, recording_rule, secret_key,
    )
    from datasources.all import prometheus

    down = alert_group("Shop", [
        alert(
            "ShopDown", "up == 0", for_="1m30s", keep_firing_for="1d",
            summary="{{ $labels.job }} is down",
        ),
    ])
    recorded = alert_group("Recorded", [recording_rule("job:up:sum", "sum by (job) (up)")])
    in_grafana = alert_group("By Grafana", [
        recording_rule("job:up:max", "max by (job) (up)", to=prometheus),
    ])
    night = mute_timing("night", {"times": [{"start_time": "22:00", "end_time": "24:00"}]})
    words = message_template("words", '{{ define "subject" }}Shop{{ end }}')
    team = contact_point(
        "Team $A",
        receiver("slack", {"url": secret_key("chat", "url"), "title": "$x {{ .Status }}"}),
        receiver("webhook", {"url": "http://hook"}, disable_resolve_message=True),
    )
    root = notification_policy(
        team, group_by=["alertname"],
        routes=[notification_policy(team, matchers=['team="$A"'], mute_timings=[night])],
    )
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
    """The objects by their path in operator/."""
    settings = read_settings(project.root)
    files = tree(project.resources(), settings, project.root / "provisioning").files
    return {
        path.removeprefix("operator/"): parsed(text)
        for path, text in files.items()
        if path.startswith("operator/")
    }


def mistakes(project: ProjectFolder) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        built(project)
    return [problem.text for problem in caught.value.problems]


def spec(project: ProjectFolder, path: str) -> Any:
    """What an object specifies, without the selector of Grafana."""
    return {
        key: value
        for key, value in built(project)[path]["spec"].items()
        if key != "instanceSelector"
    }


# What goes where


def test_each_part_is_a_kustomization_of_its_own(shop: ProjectFolder) -> None:
    """With both engines' alerts in one, every alert would fire twice."""
    objects = built(shop)

    assert {
        "kustomization.yaml": [
            "dashboards/start.yaml",
            "dashboards/up.yaml",
            "datasources/orders.yaml",
            "datasources/prometheus.yaml",
            "folders/team-shop.yaml",
            "folders/team.yaml",
        ],
        "recording/kustomization.yaml": ["recorded.yaml"],
        "alerting-prometheus/kustomization.yaml": ["shop.yaml"],
        "alerting-grafana/kustomization.yaml": [
            "contact-point-team-a-1ed431bc.yaml",
            "folder-alerts.yaml",
            "message-template-words.yaml",
            "mute-timing-night.yaml",
            "notification-policy-root.yaml",
            "rule-group-alerts-by-grafana-5a5badf1.yaml",
            "rule-group-alerts-shop-ab0b9d19.yaml",
        ],
    } == {
        path: body["resources"]
        for path, body in objects.items()
        if path.endswith("kustomization.yaml")
    }


def test_objects_have_the_projects_name_namespace_and_labels(shop: ProjectFolder) -> None:
    objects = [body for body in built(shop).values() if body["kind"] != "Kustomization"]

    assert all(body["metadata"]["name"].startswith("gk-shop.") for body in objects)
    assert [("apps", "shop", "monitoring")] * len(objects) == [
        (
            body["metadata"]["namespace"],
            body["metadata"]["labels"]["gk/project"],
            body["metadata"]["labels"]["release"],
        )
        for body in objects
    ]


def test_every_object_of_grafana_selects_the_same_grafana(shop: ProjectFolder) -> None:
    selectors = [
        body["spec"]["instanceSelector"]
        for body in built(shop).values()
        if body["apiVersion"] == "grafana.integreatly.org/v1beta1"
    ]

    assert [{"matchLabels": {"dashboards": "grafana"}}] * 13 == selectors


# What Grafana shows


def test_a_folder_refers_to_the_one_around_it(shop: ProjectFolder) -> None:
    assert {"uid": "team", "title": "Team"} == spec(shop, "folders/team.yaml")
    assert {
        "uid": "team-shop",
        "title": "Shop",
        "parentFolderRef": "gk-shop.team",
    } == spec(shop, "folders/team-shop.yaml")


def test_a_dashboard_is_its_json_in_its_folder(shop: ProjectFolder) -> None:
    dashboard = spec(shop, "dashboards/up.yaml")

    assert {"folderRef", "json"} == dashboard.keys()
    assert "gk-shop.team-shop" == dashboard["folderRef"]
    assert "sum(up)" in dashboard["json"]


def test_a_dashboard_without_a_folder_is_in_general(shop: ProjectFolder) -> None:
    """The operator would make a folder that is named after the namespace."""
    dashboard = spec(shop, "dashboards/start.yaml")

    assert {"folder", "json"} == dashboard.keys()
    assert "General" == dashboard["folder"]


def test_a_data_source_takes_its_password_from_a_secret(shop: ProjectFolder) -> None:
    assert {
        "uid": "orders",
        "datasource": {
            "name": "Orders",
            "type": "postgres",
            "access": "proxy",
            "url": "db:5432",
            "user": "grafana",
            "database": "orders",
            "jsonData": {"database": "orders", "postgresVersion": 1500, "sslmode": "require"},
            "secureJsonData": {"password": "${password}"},
        },
        "valuesFrom": [
            {
                "targetPath": "secureJsonData.password",
                "valueFrom": {"secretKeyRef": {"name": "orders-db", "key": "password"}},
            }
        ],
    } == spec(shop, "datasources/orders.yaml")


@pytest.mark.parametrize("reference", ['secret("PASSWORD")', 'secret_file("/etc/password")'])
def test_a_secret_outside_of_kubernetes_is_a_mistake(shop: ProjectFolder, reference: str) -> None:
    code = DATASOURCES.replace('secret_key("orders-db", "password")', reference)
    shop.write({"datasources/all.py": code.replace("secret_key", "secret, secret_file", 1)})

    assert [
        "data source 'Orders': the operator reads 'password' from a Kubernetes Secret only; use "
        "secret_key()"
    ] == mistakes(shop)


def test_a_dashboard_that_no_object_holds_is_a_mistake() -> None:
    prometheus = Datasource.prometheus("Prometheus", uid="p", url="http://p", default=True)
    panel = stat("Up", "sum(up)", description="x" * 1_600_000)
    large = Dashboard("Large", uid="large", panels=[panel])

    with pytest.raises(DefinitionError) as caught:
        files_of(prometheus, large, settings=Settings(formats=("operator",)))

    (problem,) = caught.value.problems
    assert problem.message.endswith(
        "Kubernetes keeps 1,572,864; split it, or leave operator out of build.formats"
    )


# Alerts


def test_prometheus_gets_its_groups(shop: ProjectFolder) -> None:
    (group,) = built(shop)["alerting-prometheus/shop.yaml"]["spec"]["groups"]

    assert "Shop" == group["name"]
    assert ["ShopDown"] == [rule["alert"] for rule in group["rules"]]


def of_kind(project: ProjectFolder, kind: str, name: str) -> Any:
    """What the object of this kind specifies that has this name in Grafana."""
    (path,) = [
        path
        for path, body in built(project).items()
        if body["kind"] == kind and body["spec"].get("name") == name
    ]
    return spec(project, path)


def test_a_rule_group_of_grafana_is_in_the_folder_of_its_rules(shop: ProjectFolder) -> None:
    group = of_kind(shop, "GrafanaAlertRuleGroup", "Shop")

    assert ("gk-shop.alerts", "60s") == (group["folderRef"], group["interval"])


def test_a_rule_has_the_keys_and_durations_of_the_operator(shop: ProjectFolder) -> None:
    """Its own kind of duration has no days."""
    (rule,) = of_kind(shop, "GrafanaAlertRuleGroup", "Shop")["rules"]

    assert ("1m30s", "86400s") == (rule["for"], rule["keepFiringFor"])
    assert {
        *("annotations", "condition", "data", "execErrState", "for", "keepFiringFor"),
        *("labels", "noDataState", "title", "uid"),
    } == rule.keys()


def test_a_recording_rule_of_grafana_has_what_the_operator_requires(shop: ProjectFolder) -> None:
    (rule,) = of_kind(shop, "GrafanaAlertRuleGroup", "By Grafana")["rules"]

    assert {"metric": "job:up:max", "from": "A", "targetDatasourceUid": "prometheus"} == (
        rule["record"]
    )
    assert ("", "0s", "NoData", "Error") == tuple(
        rule[key] for key in ("condition", "for", "noDataState", "execErrState")
    )


def test_a_contact_point_takes_its_url_from_a_secret(shop: ProjectFolder) -> None:
    """The operator expands nothing else."""
    assert {
        "name": "Team $A",
        "receivers": [
            {
                "uid": "team-a-slack",
                "type": "slack",
                "settings": {"url": "${url}", "title": "$x {{ .Status }}"},
                "valuesFrom": [
                    {
                        "targetPath": "url",
                        "valueFrom": {"secretKeyRef": {"name": "chat", "key": "url"}},
                    }
                ],
            },
            {
                "uid": "team-a-webhook-2",
                "type": "webhook",
                "settings": {"url": "http://hook"},
                "disableResolveMessage": True,
            },
        ],
    } == of_kind(shop, "GrafanaContactPoint", "Team $A")


def test_policies_mute_timings_and_templates_are_as_in_grafanas_api(shop: ProjectFolder) -> None:
    assert {
        "route": {
            "receiver": "Team $A",
            "group_by": ["alertname"],
            "routes": [
                {
                    "receiver": "Team $A",
                    "object_matchers": [["team", "=", "$A"]],
                    "mute_time_intervals": ["night"],
                }
            ],
        }
    } == spec(shop, "alerting-grafana/notification-policy-root.yaml")
    assert {
        "name": "night",
        "time_intervals": [{"times": [{"start_time": "22:00", "end_time": "24:00"}]}],
    } == spec(shop, "alerting-grafana/mute-timing-night.yaml")
    assert {
        "name": "words",
        "template": '{{ define "subject" }}Shop{{ end }}',
    } == spec(shop, "alerting-grafana/message-template-words.yaml")


# Alertmanager

TEAM = """
    from gk import (
        contact_point, inhibit_rule, message_template, mute_timing, notification_policy, receiver,
        secret_key,
    )

    night = mute_timing("night", {
        "times": [{"start_time": "22:00", "end_time": "24:00"}],
        "weekdays": ["monday:friday"], "days_of_month": ["1:5", "-1"],
    })
    mail = contact_point("mail", receiver("email", {
        "addresses": "a@example.com", "subject": "S", "message": "M",
    }))
    chat = contact_point(
        "chat",
        receiver("slack", {"url": secret_key("slack", "url"), "recipient": "#shop"}),
        receiver("pagerduty", {
            "integrationKey": secret_key("pager", "key"), "details": {"team": "shop"},
        }),
        receiver("telegram", {"bottoken": secret_key("telegram", "bot"), "chatid": "-1"}),
        receiver("teams", {"url": secret_key("teams", "url")}),
        receiver("discord", {"url": secret_key("discord", "url")}),
        receiver("webhook", {
            "url": secret_key("hook", "url"), "authorization_scheme": "Bearer",
            "authorization_credentials": secret_key("hook", "token"),
        }),
    )
    nobody = contact_point("nobody")
    words = message_template("Shop words", '{{ define "subject" }}Shop{{ end }}')
    policy = notification_policy(
        mail,
        group_by=["alertname"],
        group_wait="10s",
        routes=[
            notification_policy(nobody, matchers=['alertname="Watchdog"']),
            notification_policy(
                chat, matchers=['severity=~"critical|page"', 'path="C:\\\\\\\\a"'],
                mute_timings=[night], continue_=True,
            ),
        ],
    )
    worse = inhibit_rule(
        source=['severity="critical"'], target=["severity=warning"], equal=["alertname"]
    )
"""


@pytest.fixture
def alertmanager(empty_project: ProjectFolder) -> ProjectFolder:
    settings = """
        project: shop
        build: {formats: [operator, alertmanager]}
        alertmanager:
          smtp:
            smarthost: smtp.example.com:587
            from: alerts@example.com
            username: alerts
            password: {secret: smtp, key: password}
            tls: true
        """
    return empty_project.write({"gk.yaml": settings, "alerts/team.py": TEAM})


def config(project: ProjectFolder) -> Any:
    return built(project)["alertmanager/config.yaml"]["spec"]


def test_a_configuration_without_global_settings_says_who_sends_the_mail(
    alertmanager: ProjectFolder,
) -> None:
    assert {
        "name": "mail",
        "emailConfigs": [
            {
                "to": "a@example.com",
                "headers": [{"key": "Subject", "value": "S"}],
                "text": "M",
                "html": "",
                "sendResolved": True,
                "smarthost": "smtp.example.com:587",
                "from": "alerts@example.com",
                "authUsername": "alerts",
                "authPassword": {"name": "smtp", "key": "password"},
                "requireTLS": True,
            }
        ],
    } == config(alertmanager)["receivers"][0]


def test_receivers_take_secrets_from_keys_of_kubernetes_secrets(
    alertmanager: ProjectFolder,
) -> None:
    assert {
        "name": "chat",
        "slackConfigs": [
            {
                "apiURL": {"name": "slack", "key": "url"},
                "channel": "#shop",
                "sendResolved": True,
            }
        ],
        "pagerdutyConfigs": [
            {
                "routingKey": {"name": "pager", "key": "key"},
                "details": [{"key": "team", "value": "shop"}],
                "sendResolved": True,
            }
        ],
        "telegramConfigs": [
            {"botToken": {"name": "telegram", "key": "bot"}, "chatID": -1, "sendResolved": True}
        ],
        "msteamsConfigs": [{"webhookUrl": {"name": "teams", "key": "url"}, "sendResolved": True}],
        "discordConfigs": [{"apiURL": {"name": "discord", "key": "url"}, "sendResolved": True}],
        "webhookConfigs": [
            {
                "urlSecret": {"name": "hook", "key": "url"},
                "httpConfig": {
                    "authorization": {
                        "type": "Bearer",
                        "credentials": {"name": "hook", "key": "token"},
                    }
                },
                "sendResolved": True,
            }
        ],
    } == config(alertmanager)["receivers"][1]


def test_routes_and_inhibit_rules_have_matchers_as_objects(alertmanager: ProjectFolder) -> None:
    assert {
        "receiver": "mail",
        "groupBy": ["alertname"],
        "groupWait": "10s",
        "routes": [
            {
                "receiver": "nobody",
                "matchers": [{"name": "alertname", "matchType": "=", "value": "Watchdog"}],
            },
            {
                "receiver": "chat",
                "matchers": [
                    {"name": "severity", "matchType": "=~", "value": "critical|page"},
                    {"name": "path", "matchType": "=", "value": "C:\\a"},
                ],
                "muteTimeIntervals": ["night"],
                "continue": True,
            },
        ],
    } == config(alertmanager)["route"]
    assert [
        {
            "sourceMatch": [{"name": "severity", "matchType": "=", "value": "critical"}],
            "targetMatch": [{"name": "severity", "matchType": "=", "value": "warning"}],
            "equal": ["alertname"],
        }
    ] == config(alertmanager)["inhibitRules"]


def test_mute_timings_have_days_as_numbers(alertmanager: ProjectFolder) -> None:
    assert [
        {
            "name": "night",
            "timeIntervals": [
                {
                    "times": [{"startTime": "22:00", "endTime": "24:00"}],
                    "weekdays": ["monday:friday"],
                    "daysOfMonth": [{"start": 1, "end": 5}, {"start": -1, "end": -1}],
                }
            ],
        }
    ] == config(alertmanager)["muteTimeIntervals"]


def test_templates_are_in_a_config_map(alertmanager: ProjectFolder) -> None:
    assert {"shop-words.tmpl": '{{ define "subject" }}Shop{{ end }}'} == (
        built(alertmanager)["alertmanager/templates.yaml"]["data"]
    )


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        (
            'secret_key("pager", "key")',
            '__import__("gk").secret_file("/keys/pager")',
            "contact point 'chat': pagerduty_configs: the operator reads 'routing_key_file' from "
            "a Kubernetes Secret only, and not from the file /keys/pager; use secret_key()",
        ),
        (
            '"url": secret_key("slack", "url")',
            '"token": secret_key("slack", "token")',
            "contact point 'chat': slack_configs: the operator reads 'api_url' from a Kubernetes "
            "Secret only; use secret_key(), or leave operator out of build.formats",
        ),
        (
            '"chatid": "-1"',
            '"chatid": "-1", "parse_mode": "None"',
            "contact point 'chat': telegram_configs: the operator has no plain text; use another "
            "parse_mode than 'None', or leave operator out of build.formats",
        ),
        (
            '"weekdays": ["monday:friday"]',
            '"location": "Europe/Berlin"',
            "mute timing 'night': an AlertmanagerConfig has no location; write the times in UTC, "
            "or leave operator out of build.formats",
        ),
    ],
)
def test_what_the_operator_cannot_have_is_a_mistake(
    alertmanager: ProjectFolder, before: str, after: str, mistake: str
) -> None:
    alertmanager.write({"alerts/team.py": TEAM.replace(before, after)})

    assert [mistake] == mistakes(alertmanager)
