"""Configurations that are built for Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gk.errors import DefinitionError
from gk.provisioning import tree
from gk.provisioning.terraform.syntax import encoded, escaped, label
from gk.resource import Kind
from gk.settings import read as read_settings
from tests.conftest import ProjectFolder

SETTINGS = "build: {formats: [terraform]}"
DATASOURCES = """
    from gk import Datasource, secret, secret_file, secret_key

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
    )
    logs = Datasource.loki(
        "Logs in ${region}", uid="logs", url="http://loki:3100",
        json_data={"derivedFields": [{"name": "trace", "url": "${__value.raw}"}]},
        secure_json_data={"httpHeaderValue1": secret_key("loki", "tenant")},
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
        receiver, recording_rule, secret, secret_key,
    )
    from datasources.all import prometheus

    night = mute_timing("night", {
        "times": [{"start_time": "22:00", "end_time": "24:00"}], "weekdays": ["monday:friday"],
    })
    words = message_template("words", '{{ define "subject" }}Shop{{ end }}')
    team = contact_point(
        "Team $A",
        receiver("slack", {
            "url": secret("SLACK_URL"), "title": "%{x} {{ .Status }}", "footer": "f",
        }),
        receiver("email", {"addresses": "a@example.com; b@example.com", "singleEmail": True}),
        receiver(
            "webhook", {"url": "http://hook", "maxAlerts": "5"}, disable_resolve_message=True
        ),
    )
    down = alert_group("Shop", [
        alert(
            "ShopDown", "up == 0", for_="1m30s", summary="{{ $labels.job }} is 100%{x}",
            notification_settings={"receiver": team, "mute_time_intervals": [night]},
        ),
    ])
    recorded = alert_group("By Grafana", [
        recording_rule("job:up:max", "max by (job) (up)", to=prometheus),
    ])
    root = notification_policy(
        team, group_by=["alertname"], group_wait="10s",
        routes=[
            notification_policy(
                team, matchers=['team=~"$A|%{b"'], mute_timings=[night], continue_=True,
            ),
        ],
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


def files(project: ProjectFolder) -> Mapping[str, bytes]:
    settings = read_settings(project.root)
    return tree(project.resources(), settings, project.root / "provisioning").files


def built(project: ProjectFolder, part: str = "") -> Any:
    return orjson.loads(files(project)[f"terraform/{part}main.tf.json"])


def alerting(project: ProjectFolder, type: str) -> Any:
    """The blocks of a type, by name, in the configuration of alerts."""
    return built(project, "alerting/")["resource"][type]


def mistakes(project: ProjectFolder) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        files(project)
    return [problem.text for problem in caught.value.problems]


# Syntax


@pytest.mark.parametrize(
    ("terraform", "text"),
    [
        ("$${x} %%{if}", "${x} %{if}"),
        ("$$${x}", "$${x}"),
        ("$x {{ $y }} 5% {", "$x {{ $y }} 5% {"),
    ],
)
def test_terraform_gives_a_text_back(terraform: str, text: str) -> None:
    """Only `${` and `%{` begin something there."""
    assert terraform == escaped(text)


def test_keys_are_templates_too() -> None:
    assert {"$${k}": ["%%{v}", 1, None]} == escaped({"${k}": ["%{v}", 1, None]})


def test_a_secret_in_json_is_an_expression() -> None:
    """Its texts are quoted in Terraform's own syntax."""
    value = {"a": {"$secret": {"env": "TOKEN"}}, "b": ['"\\\b', "${x}", 1.5, True, None]}

    assert (
        r'${jsonencode({"a" = var.token, "b" = ["\"\\\u0008", "$${x}", 1.5, true, null]})}'
        == encoded(value)
    )


@example(text=r"\bweb\b|\f|\\b")
@given(text=st.text(alphabet='\\bfu08"\b\f\n$%{}é'))
def test_a_text_beside_a_secret_stays_as_it_is(text: str) -> None:
    """Also a regular expression, in which a backslash and a letter are no escape of JSON."""
    expression = encoded({"a": {"$secret": {"env": "TOKEN"}}, "b": text})

    quoted = expression.removeprefix('${jsonencode({"a" = var.token, "b" = ').removesuffix("})}")
    assert escaped(text) == json.loads(quoted)
    assert not {r"\b", r"\f"} & {match[0] for match in re.finditer(r"\\.", quoted)}


@pytest.mark.parametrize(
    ("name", "uid"), [("shop", "shop"), ("_9d", "9d"), ("team-a-1ed431bc", "Team $A")]
)
def test_the_name_of_a_block_begins_with_a_letter_or_an_underscore(name: str, uid: str) -> None:
    assert name == label(uid)


# What Grafana shows


def test_alerts_are_a_configuration_of_their_own(shop: ProjectFolder) -> None:
    """Grafana's alerts are not for those whose Prometheus evaluates them."""
    assert {
        "terraform/main.tf.json",
        "terraform/alerting/main.tf.json",
        "terraform/dashboards/start.json",
        "terraform/dashboards/up.json",
    } == {*files(shop)}
    assert {"grafana_folder", "grafana_data_source", "grafana_dashboard"} == (
        built(shop)["resource"].keys()
    )


def test_the_provider_is_named_and_configured_by_the_caller(shop: ProjectFolder) -> None:
    configuration = built(shop)

    assert {"required_providers": {"grafana": {"source": "grafana/grafana"}}} == (
        configuration["terraform"]
    )
    assert "provider" not in configuration


def test_a_folder_and_a_dashboard_refer_to_the_folder_around_them(shop: ProjectFolder) -> None:
    """So Terraform creates that first."""
    resources = built(shop)["resource"]

    assert {
        "team": {"uid": "team", "title": "Team"},
        "team-shop": {
            "uid": "team-shop",
            "title": "Shop",
            "parent_folder_uid": "${grafana_folder.team.uid}",
        },
    } == resources["grafana_folder"]
    assert {
        "start": {"config_json": '${file("${path.module}/dashboards/start.json")}'},
        "up": {
            "config_json": '${file("${path.module}/dashboards/up.json")}',
            "folder": "${grafana_folder.team-shop.uid}",
        },
    } == resources["grafana_dashboard"]


def test_the_json_of_a_dashboard_is_a_file(shop: ProjectFolder) -> None:
    assert shop.resource(Kind.DASHBOARD, "up").json == files(shop)["terraform/dashboards/up.json"]


def test_a_data_source_has_the_providers_keys(shop: ProjectFolder) -> None:
    assert {
        "name": "Logs in $${region}",
        "type": "loki",
        "uid": "logs",
        "access_mode": "proxy",
        "url": "http://loki:3100",
        "json_data_encoded": ('{"derivedFields": [{"name": "trace", "url": "$${__value.raw}"}]}'),
        "secure_json_data_encoded": '${jsonencode({"httpHeaderValue1" = var.loki_tenant})}',
    } == built(shop)["resource"]["grafana_data_source"]["logs"]


def test_a_secret_is_a_sensitive_variable(shop: ProjectFolder) -> None:
    assert {
        "loki_tenant": {
            "type": "string",
            "sensitive": True,
            "description": "The key tenant of the Kubernetes Secret loki",
        }
    } == built(shop)["variable"]
    assert {
        "slack_url": {
            "type": "string",
            "sensitive": True,
            "description": "The variable SLACK_URL",
        }
    } == built(shop, "alerting/")["variable"]


def test_two_secrets_that_would_be_one_variable_are_a_mistake(shop: ProjectFolder) -> None:
    code = DATASOURCES.replace(
        'secret_key("loki", "tenant")}',
        'secret_key("loki", "tenant"), "httpHeaderValue2": secret("LOKI_TENANT")}',
    )
    shop.write({"datasources/all.py": code})

    assert [
        "data source 'Logs in ${region}': 'The key tenant of the Kubernetes Secret loki' and 'The "
        "variable LOKI_TENANT' would both be Terraform's variable loki_tenant; rename one of them"
    ] == mistakes(shop)


# Alerts


def test_a_rule_has_the_providers_keys(shop: ProjectFolder) -> None:
    group = alerting(shop, "grafana_rule_group")["alerts-shop-ab0b9d19"]
    (rule,) = group["rule"]

    assert ("Shop", 60, "${grafana_folder.alerts.uid}") == (
        group["name"],
        group["interval_seconds"],
        group["folder_uid"],
    )
    assert {
        "name": "ShopDown",
        "uid": "shop-shopdown",
        "condition": "B",
        "for": "1m30s",
        "no_data_state": "OK",
        "exec_err_state": "Error",
        "labels": {"severity": "warning"},
        "annotations": {"summary": "{{ $labels.job }} is 100%%{x}"},
        "notification_settings": {
            "contact_point": "${grafana_contact_point.team-a-1ed431bc.name}",
            "mute_timings": ["${grafana_mute_timing.night.name}"],
        },
    } == {key: value for key, value in rule.items() if key != "data"}


def test_a_query_is_json_and_an_expression_has_a_time_range(shop: ProjectFolder) -> None:
    """Which the provider needs."""
    (rule,) = alerting(shop, "grafana_rule_group")["alerts-shop-ab0b9d19"]["rule"]
    query, expression = rule["data"]
    group = shop.resource(Kind.RULE_GROUP, "alerts/Shop").body

    assert {"from": 600, "to": 0} == query["relative_time_range"]
    assert {"from": 0, "to": 0} == expression["relative_time_range"]
    assert ("prometheus", "__expr__") == (query["datasource_uid"], expression["datasource_uid"])
    assert group["rules"][0]["data"][0]["model"] == orjson.loads(query["model"])


def test_a_recording_rule_names_the_data_source_it_writes_to(shop: ProjectFolder) -> None:
    (rule,) = alerting(shop, "grafana_rule_group")["alerts-by-grafana-5a5badf1"]["rule"]

    assert {"metric": "job:up:max", "from": "A", "target_datasource_uid": "prometheus"} == (
        rule["record"]
    )


def test_a_contact_point_has_a_block_for_each_receiver(shop: ProjectFolder) -> None:
    """A setting that the provider does not know is one of `settings`."""
    assert {
        "name": "Team $A",
        "slack": [
            {
                "url": "${var.slack_url}",
                "title": "%%{x} {{ .Status }}",
                "settings": {"footer": "f"},
            }
        ],
        "email": [{"addresses": ["a@example.com", "b@example.com"], "single_email": True}],
        "webhook": [{"url": "http://hook", "max_alerts": 5, "disable_resolve_message": True}],
    } == alerting(shop, "grafana_contact_point")["team-a-1ed431bc"]


def test_a_webhook_has_blocks_inside_and_its_secrets_are_variables(
    empty_project: ProjectFolder,
) -> None:
    """But for tls_config, which is a map of texts there."""
    code = """
        from gk import contact_point, receiver, secret

        point = contact_point("p", receiver("webhook", {
            "url": "http://hook",
            "tlsConfig": {"insecureSkipVerify": True, "clientKey": secret("KEY")},
            "hmacConfig": {"secret": secret("HMAC"), "timestampHeader": "X-Time"},
            "payload": {"template": "{{ .Vars.a }} ${b}", "vars": {"a": "%{c}"}},
            "http_config": {"oauth2": {
                "token_url": "http://token", "client_id": "gk", "client_secret": secret("OAUTH"),
                "scopes": ["alerts"],
                "tls_config": {"insecureSkipVerify": True},
                "proxy_config": {"proxy_url": "http://proxy"},
            }},
        }))
        """
    empty_project.write({"gk.yaml": SETTINGS, "alerts/all.py": code})

    assert [
        {
            "url": "http://hook",
            "tls_config": {"insecure_skip_verify": "true", "client_key": "${var.key}"},
            "hmac_config": [{"secret": "${var.hmac}", "timestamp_header": "X-Time"}],
            "payload": [{"template": "{{ .Vars.a }} $${b}", "vars": {"a": "%%{c}"}}],
            "http_config": [
                {
                    "oauth2": [
                        {
                            "token_url": "http://token",
                            "client_id": "gk",
                            "client_secret": "${var.oauth}",
                            "scopes": ["alerts"],
                            "tls_config": [{"insecure_skip_verify": True}],
                            "proxy_config": [{"proxy_url": "http://proxy"}],
                        }
                    ]
                }
            ],
        }
    ] == alerting(empty_project, "grafana_contact_point")["p"]["webhook"]
    assert {"key", "hmac", "oauth"} == built(empty_project, "alerting/")["variable"].keys()


def test_policies_are_blocks_in_blocks(shop: ProjectFolder) -> None:
    team = "${grafana_contact_point.team-a-1ed431bc.name}"

    assert {
        "contact_point": team,
        "group_by": ["alertname"],
        "group_wait": "10s",
        "policy": [
            {
                "contact_point": team,
                "group_by": [],
                "continue": True,
                "matcher": [{"label": "team", "match": "=~", "value": "$A|%%{b"}],
                "mute_timings": ["${grafana_mute_timing.night.name}"],
            }
        ],
    } == alerting(shop, "grafana_notification_policy")["root"]


def test_grafanas_own_contact_point_is_text(empty_project: ProjectFolder) -> None:
    code = """
        from gk import notification_policy

        root = notification_policy("grafana-default-email")
        """
    empty_project.write({"gk.yaml": SETTINGS, "alerts/all.py": code})

    policy = alerting(empty_project, "grafana_notification_policy")["root"]

    assert "grafana-default-email" == policy["contact_point"]


def test_mute_timings_and_templates(shop: ProjectFolder) -> None:
    assert {
        "name": "night",
        "intervals": [
            {"times": [{"start": "22:00", "end": "24:00"}], "weekdays": ["monday:friday"]}
        ],
    } == alerting(shop, "grafana_mute_timing")["night"]
    assert {"name": "words", "template": '{{ define "subject" }}Shop{{ end }}'} == (
        alerting(shop, "grafana_message_template")["words"]
    )


@pytest.mark.parametrize(
    ("receiver", "mistake"),
    [
        (
            'receiver("mqtt", {"brokerUrl": "tcp://b:1883", "topic": "t"})',
            "Terraform's provider has no receivers of type 'mqtt'",
        ),
        (
            'receiver("sns", {"topic_arn": "arn:aws:sns:eu-west-1:1:alerts"})',
            "Terraform's provider has the sns of Amazon Managed Grafana only",
        ),
        (
            'receiver("discord", {"url": secret("U"), "use_embed_description": True})',
            "receiver 'discord': Terraform's provider has no setting 'use_embed_description'",
        ),
        (
            'receiver("teams", {"url": secret("U"), "http_config": {"oauth2": '
            '{"token_url": "u", "client_id": "c", "client_secret": secret("S")}}})',
            "receiver 'teams': Terraform's provider has no setting 'http_config'",
        ),
    ],
)
def test_what_the_provider_cannot_have_is_a_mistake(
    empty_project: ProjectFolder, receiver: str, mistake: str
) -> None:
    code = f"from gk import contact_point, receiver, secret\npoint = contact_point('p', {receiver})"
    empty_project.write({"gk.yaml": SETTINGS, "alerts/all.py": code})

    assert [
        f"contact point 'p': {mistake}; leave it out, or leave terraform out of build.formats"
    ] == mistakes(empty_project)


def test_policies_deeper_than_the_provider_knows_are_a_mistake(
    empty_project: ProjectFolder,
) -> None:
    code = """
        from gk import contact_point, notification_policy, receiver

        team = contact_point("team", receiver("webhook", {"url": "http://hook"}))

        def policy(levels):
            return notification_policy(team, routes=[policy(levels - 1)] if levels else [])

        root = policy(6)
        """
    empty_project.write({"gk.yaml": SETTINGS, "alerts/all.py": code})

    assert [
        "notification policy 'notification policies': Terraform's provider knows 5 levels of "
        "policies; leave it out, or leave terraform out of build.formats"
    ] == mistakes(empty_project)
