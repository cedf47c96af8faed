"""Alertmanager's configuration, from the definitions of what notifies."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gk.errors import DefinitionError
from gk.provisioning import tree
from gk.provisioning.read import read
from gk.resource import Kind
from gk.settings import read as read_settings
from tests.conftest import ProjectFolder

SETTINGS = """
    project: shop
    build: {formats: [alertmanager, kubernetes]}
    alertmanager:
      smtp:
        smarthost: smtp.example.com:587
        from: alerts@example.com
        username: alerts
        password: {secret: smtp, key: password}
"""
TEAM = """
    from gk import (
        contact_point, inhibit_rule, message_template, mute_timing, notification_policy, receiver,
        secret_file, secret_key,
    )

    night = mute_timing("night", {"times": [{"start_time": "22:00", "end_time": "24:00"}]})
    mail = contact_point("mail", receiver("email", {"addresses": "a@example.com, b@example.com"}))
    chat = contact_point(
        "chat",
        receiver("slack", {"url": secret_key("slack", "url"), "recipient": "#shop"}),
        receiver("pagerduty", {"integrationKey": secret_file("/keys/pagerduty")}),
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
                chat,
                matchers=['severity=~"critical|page"', 'path="C:\\\\\\\\a \\\\"b\\\\""'],
                mute_timings=[night],
                continue_=True,
            ),
        ],
    )
    worse = inhibit_rule(
        source=['severity="critical"'], target=['severity="warning"'], equal=["alertname"]
    )
"""


@pytest.fixture
def shop(empty_project: ProjectFolder) -> ProjectFolder:
    return empty_project.write({"gk.yaml": SETTINGS, "alerts/team.py": TEAM})


def built(project: ProjectFolder) -> dict[str, bytes]:
    settings = read_settings(project.root)
    return dict(tree(project.resources(), settings, project.root / "provisioning").files)


def config(project: ProjectFolder) -> Any:
    return project.resource(Kind.ALERTMANAGER, "alertmanager").body["config"]


def receivers_of(project: ProjectFolder, receiver: str) -> Any:
    project.write(
        {
            "gk.yaml": SETTINGS,
            "alerts/team.py": f"""
                from gk import *
                from gk import contact_point, notification_policy

                point = contact_point("point", {receiver})
                policy = notification_policy(point)
            """,
        }
    )
    (point,) = config(project)["receivers"]
    return {key: value for key, value in point.items() if key != "name"}


def mistakes(project: ProjectFolder) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [str(problem) for problem in caught.value.problems]


def test_policies_become_routes(shop: ProjectFolder) -> None:
    assert {
        "receiver": "mail",
        "group_by": ["alertname"],
        "group_wait": "10s",
        "routes": [
            {"receiver": "nobody", "matchers": ['alertname="Watchdog"']},
            {
                "receiver": "chat",
                "matchers": ['severity=~"critical|page"', r'path="C:\\a \"b\""'],
                "mute_time_intervals": ["night"],
                "continue": True,
            },
        ],
    } == config(shop)["route"]


def test_each_address_gets_a_mail_of_its_own_as_from_grafana(shop: ProjectFolder) -> None:
    point = config(shop)["receivers"][0]

    assert ["a@example.com", "b@example.com"] == [mail["to"] for mail in point["email_configs"]]


def test_one_mail_goes_to_all_addresses_if_it_is_to_be_single(
    empty_project: ProjectFolder,
) -> None:
    made = receivers_of(
        empty_project,
        'receiver("email", {"addresses": "a@b;c@d", "singleEmail": True, "subject": "S",'
        ' "message": "M"})',
    )

    assert {
        "email_configs": [
            {
                "to": "a@b, c@d",
                "headers": {"Subject": "S"},
                "text": "M",
                "html": "",
                "send_resolved": True,
            }
        ]
    } == made


def test_a_contact_point_without_receivers_tells_nobody(shop: ProjectFolder) -> None:
    assert {"name": "nobody"} == config(shop)["receivers"][2]


def test_alertmanager_reads_secrets_from_files(shop: ProjectFolder) -> None:
    """A key of a Kubernetes Secret is one where the built manifests mount it."""
    chat = config(shop)["receivers"][1]

    assert "/etc/alertmanager/secrets/slack/url" == chat["slack_configs"][0]["api_url_file"]
    assert "/keys/pagerduty" == chat["pagerduty_configs"][0]["routing_key_file"]
    assert {
        "smtp_smarthost": "smtp.example.com:587",
        "smtp_from": "alerts@example.com",
        "smtp_auth_username": "alerts",
        "smtp_auth_password_file": "/etc/alertmanager/secrets/smtp/password",
    } == config(shop)["global"]


def test_inhibit_rules_mute_the_lesser_alert(shop: ProjectFolder) -> None:
    assert [
        {
            "source_matchers": ['severity="critical"'],
            "target_matchers": ['severity="warning"'],
            "equal": ["alertname"],
        }
    ] == config(shop)["inhibit_rules"]


def test_what_alertmanager_notifies_is_no_resource_of_grafana(shop: ProjectFolder) -> None:
    """Alerts reach one of the two: gk push must not bring a second tree of policies to Grafana."""
    assert [Kind.ALERTMANAGER] == [resource.kind for resource in shop.resources()]


def test_templates_are_files_beside_the_configuration(shop: ProjectFolder) -> None:
    files = built(shop)

    assert b'{{ define "subject" }}Shop{{ end }}' == files["alertmanager/shop-words.tmpl"]
    assert ["*.tmpl"] == yaml.safe_load(files["alertmanager/alertmanager.yaml"])["templates"]


def test_the_component_mounts_the_configuration_and_the_secrets(shop: ProjectFolder) -> None:
    files = built(shop)
    config_map = yaml.safe_load(files["kubernetes/alertmanager/configmap.yaml"])
    patch = yaml.safe_load(files["kubernetes/alertmanager/statefulset.yaml"])
    spec = patch["spec"]["template"]["spec"]

    assert ["alertmanager.yaml", "shop-words.tmpl"] == sorted(config_map["data"])
    assert "gk-shop.alertmanager" == config_map["metadata"]["name"]
    assert {
        "/etc/alertmanager/config",
        "/etc/alertmanager/secrets/slack",
        "/etc/alertmanager/secrets/smtp",
    } == {mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    assert ["slack", "smtp"] == [
        volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume
    ]


@pytest.mark.parametrize("folder", ["alertmanager", "kubernetes/alertmanager"])
def test_gk_diff_reads_the_configuration_from_files_and_from_a_config_map(
    shop: ProjectFolder, tmp_path: Path, folder: str
) -> None:
    for path, text in built(shop).items():
        file = tmp_path / "built" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)

    (resource,) = read(tmp_path / "built" / folder).resources

    assert shop.resource(Kind.ALERTMANAGER, "alertmanager").json == resource.json


FORMS: list[tuple[str, Mapping[str, Any]]] = [
    (
        'receiver("webhook", {"url": "http://h/p", "maxAlerts": "5", "username": "u",'
        ' "password": secret_file("/p")}, disable_resolve_message=True)',
        {
            "webhook_configs": [
                {
                    "url": "http://h/p",
                    "max_alerts": 5,
                    "http_config": {"basic_auth": {"username": "u", "password_file": "/p"}},
                    "send_resolved": False,
                }
            ]
        },
    ),
    (
        'receiver("slack", {"token": secret_file("/t"), "recipient": "#a", "title": "T"})',
        {
            "slack_configs": [
                {
                    "api_url": "https://slack.com/api/chat.postMessage",
                    "http_config": {"authorization": {"credentials_file": "/t"}},
                    "channel": "#a",
                    "title": "T",
                    "send_resolved": True,
                }
            ]
        },
    ),
    (
        'receiver("opsgenie", {"apiKey": secret_file("/k"), "message": "M"})',
        {
            "opsgenie_configs": [{"api_key_file": "/k", "message": "M", "send_resolved": True}],
        },
    ),
    (
        'receiver("PagerDuty", {"integrationKey": secret_file("/k"), "summary": "S",'
        ' "severity": "critical", "details": {"a": "b"}})',
        {
            "pagerduty_configs": [
                {
                    "routing_key_file": "/k",
                    "description": "S",
                    "severity": "critical",
                    "details": {"a": "b"},
                    "send_resolved": True,
                }
            ]
        },
    ),
]
NEWER_FORMS: list[tuple[str, Mapping[str, Any]]] = [
    (
        'receiver("webhook", {"url": secret_file("/u"), "authorization_scheme": "Token",'
        ' "authorization_credentials": secret_file("/c")})',
        {
            "webhook_configs": [
                {
                    "url_file": "/u",
                    "http_config": {"authorization": {"type": "Token", "credentials_file": "/c"}},
                    "send_resolved": True,
                }
            ]
        },
    ),
    (
        'receiver("discord", {"url": secret_file("/u"), "title": "T", "message": "M"})',
        {
            "discord_configs": [
                {"webhook_url_file": "/u", "title": "T", "message": "M", "send_resolved": True}
            ]
        },
    ),
    (
        'receiver("teams", {"url": secret_file("/u"), "message": "M"})',
        {"msteams_configs": [{"webhook_url_file": "/u", "text": "M", "send_resolved": True}]},
    ),
    (
        'receiver("telegram", {"bottoken": secret_file("/t"), "chatid": "-5",'
        ' "message_thread_id": "7", "parse_mode": "HTML"})',
        {
            "telegram_configs": [
                {
                    "bot_token_file": "/t",
                    "chat_id": -5,
                    "message_thread_id": 7,
                    "parse_mode": "HTML",
                    "send_resolved": True,
                }
            ]
        },
    ),
    (
        'receiver("telegram", {"bottoken": secret_file("/t"), "chatid": "-5",'
        ' "parse_mode": "None"})',
        {
            "telegram_configs": [
                {
                    "bot_token_file": "/t",
                    "chat_id": -5,
                    # Plain text; without it Alertmanager takes a message for HTML.
                    "parse_mode": "",
                    "send_resolved": True,
                }
            ]
        },
    ),
    (
        'receiver("pushover", {"apiToken": secret_file("/t"), "userKey": secret_file("/u"),'
        ' "device": "d"})',
        {
            "pushover_configs": [
                {"token_file": "/t", "user_key_file": "/u", "device": "d", "send_resolved": True}
            ]
        },
    ),
    (
        'receiver("webex", {"bot_token": secret_file("/t"), "room_id": "r"})',
        {
            "webex_configs": [
                {
                    "http_config": {"authorization": {"credentials_file": "/t"}},
                    "room_id": "r",
                    "send_resolved": True,
                }
            ]
        },
    ),
]
"""Those that need Alertmanager 0.26 or later, which Debian 12 does not have."""


@pytest.mark.parametrize(("receiver", "expected"), [*FORMS, *NEWER_FORMS])
def test_each_type_of_receiver_has_alertmanagers_form(
    empty_project: ProjectFolder, receiver: str, expected: Mapping[str, Any]
) -> None:
    assert expected == receivers_of(empty_project, receiver)


def accepted(folder: Path, files: Mapping[str, bytes]) -> str:
    """What amtool says of the configuration if it refuses it."""
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("not installed: amtool")
    for path, text in files.items():
        if path.startswith("alertmanager/"):
            (folder / path.removeprefix("alertmanager/")).write_bytes(text)
    command = [amtool, "check-config", str(folder / "alertmanager.yaml")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def test_amtool_accepts_a_whole_configuration(shop: ProjectFolder, tmp_path: Path) -> None:
    assert "" == accepted(tmp_path, built(shop))


@pytest.mark.parametrize("receiver", [receiver for receiver, _ in FORMS])
def test_amtool_accepts_each_type_of_receiver(
    empty_project: ProjectFolder, tmp_path: Path, receiver: str
) -> None:
    receivers_of(empty_project, receiver)

    assert "" == accepted(tmp_path, built(empty_project))


MISTAKES = [
    (
        "point = contact_point('p', receiver('webex', {'bot_token': secret_file('/t')}))\n"
        "policy = notification_policy(point)",
        "contact point 'p': receiver 'webex': Alertmanager needs the setting 'room_id'",
    ),
    (
        "point = contact_point('p', receiver('slack', {'url': secret('SLACK')}))\n"
        "policy = notification_policy(point)",
        "contact point 'p': receiver 'slack': 'url' is an environment variable, and Alertmanager "
        "reads secrets from files only; use secret_file() or secret_key()",
    ),
    (
        "point = contact_point('p', receiver('kafka', {'kafkaRestProxy': 'h', 'kafkaTopic': 't'}))"
        "\npolicy = notification_policy(point)",
        "contact point 'p': gk cannot write receivers of type 'kafka' for Alertmanager; one of "
        "discord, email, opsgenie, pagerduty, pushover, slack, teams, telegram, webex, webhook",
    ),
    (
        "point = contact_point('p', receiver('slack', {'url': secret_file('/u'),"
        " 'mentionUsers': 'U1'}))\npolicy = notification_policy(point)",
        "contact point 'p': receiver 'slack': Alertmanager has no equivalent of the setting "
        "'mentionUsers'; leave it out",
    ),
    (
        "point = contact_point('p', receiver('slack', {'url': secret_file('/u'),"
        " 'recipient': secret_file('/r')}))\npolicy = notification_policy(point)",
        "contact point 'p': receiver 'slack': Alertmanager cannot read 'recipient' from a file; "
        "write it as text",
    ),
    (
        "point = contact_point('p')",
        "contact point 'p': Alertmanager needs a notification policy; define the root, such as "
        "notification_policy(mail)",
    ),
    (
        "policy = notification_policy('grafana-default-email')",
        "notification policy: contact point 'grafana-default-email' is not defined in alerts/",
    ),
    (
        "rule = inhibit_rule(source=[], target=['a=\"b\"'])\npoint = contact_point('p')\n"
        "policy = notification_policy(point)",
        "inhibit rule: source has no matchers, so it would match every alert",
    ),
    (
        "rule = inhibit_rule(source=['a b'], target=['a=\"b\"'], equal=['c-d'])\n"
        "point = contact_point('p')\npolicy = notification_policy(point)",
        "inhibit rule: source: matcher 'a b' is not of the form label=\"value\"",
    ),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_what_alertmanager_cannot_have_is_a_mistake(
    empty_project: ProjectFolder, text: str, expected: str
) -> None:
    names = "contact_point, inhibit_rule, notification_policy, receiver, secret, secret_file"
    empty_project.write({"gk.yaml": SETTINGS, "alerts/team.py": f"from gk import {names}\n{text}"})

    assert expected in " ".join(mistakes(empty_project))


def test_mail_needs_a_mail_server(shop: ProjectFolder) -> None:
    shop.write({"gk.yaml": "build: {formats: [alertmanager]}"})

    assert [
        "alerts/team.py:7: contact point 'mail': gk.yaml does not say who sends the e-mail; add "
        "alertmanager.smtp with smarthost and from"
    ] == mistakes(shop)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "nobody = contact_point('nobody')",
            "contact point 'nobody': has no receivers; Grafana keeps no such contact point",
        ),
        (
            "rule = inhibit_rule(source=['a=\"b\"'], target=['c=\"d\"'])",
            "inhibit rule: Grafana has none; add alertmanager to build.formats",
        ),
    ],
)
def test_what_only_alertmanager_has_is_a_mistake_where_grafana_notifies(
    empty_project: ProjectFolder, text: str, expected: str
) -> None:
    empty_project.write({"alerts/team.py": f"from gk import contact_point, inhibit_rule\n{text}"})

    assert expected in mistakes(empty_project)[0]


SMTP_MISTAKES = [
    ("{from: a@b}", "alertmanager.smtp: needs smarthost"),
    ("{smarthost: mail, from: a@b}", "alertmanager.smtp.smarthost: 'mail' must be HOST:PORT"),
    (
        "{smarthost: 'mail:25', from: a@b, username: u}",
        "alertmanager.smtp: username and password go together; add the other one",
    ),
    (
        "{smarthost: 'mail:25', from: a@b, username: u, password: s3cr3t}",
        "alertmanager.smtp.password: write {secret: NAME, key: KEY} for a Kubernetes Secret",
    ),
]


@pytest.mark.parametrize(("smtp", "expected"), SMTP_MISTAKES)
def test_a_mistake_in_the_mail_server_says_what_to_write_and_shows_no_password(
    empty_project: ProjectFolder, smtp: str, expected: str
) -> None:
    empty_project.write({"gk.yaml": f"alertmanager: {{smtp: {smtp}}}", "alerts/a.py": ""})

    with pytest.raises(Exception, match=r"gk\.yaml:1") as caught:
        empty_project.resources()

    assert expected in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
