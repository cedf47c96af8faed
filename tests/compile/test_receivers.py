"""Receivers of contact points: types and settings that Grafana refuses or ignores are mistakes, and
everything that a version from 9.3 to 13 takes compiles."""

from __future__ import annotations

import pytest

from gk.documents.receivers import RECEIVERS
from gk.errors import DefinitionError
from gk.resource import Kind
from tests.conftest import ProjectFolder


def define(project: ProjectFolder, type: str, settings: str) -> ProjectFolder:
    return project.write(
        {
            "alerts/c.py": "from gk import *\n"
            f"c = contact_point('C', receiver('{type}', {settings}, uid='r'))\n"
        }
    )


def mistakes(project: ProjectFolder) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [
        str(problem).removeprefix("alerts/c.py:2: contact point 'C': ")
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("type", "hint"),
    [
        ("emial", "did you mean 'email'?"),
        ("alertmanager", "did you mean 'prometheus-alertmanager'?"),
        ("pager-duty", "did you mean 'pagerduty'?"),
        ("of-a-plugin", "one of LINE, dingding, discord, "),
    ],
)
def test_an_unknown_type_is_a_mistake(empty_project: ProjectFolder, type: str, hint: str) -> None:
    """Grafana does not start with one."""
    (problem,) = mistakes(define(empty_project, type, "{'a': 'b'}"))

    assert problem.startswith(f"unknown receiver type '{type}'; {hint}")


UNKNOWN = [
    ("email", "{'adresses': 'a@b'}", "unknown setting 'adresses'; did you mean 'addresses'?"),
    (
        "email",
        "{'addresses': 'a@b', 'colour': 'red'}",
        "unknown setting 'colour'; one of addresses, http_config, message, singleEmail, subject",
    ),
    (
        "webhook",
        "{'url': 'http://h', 'tlsConfig': {'insecureSkipVerfy': True}}",
        "unknown setting 'tlsConfig.insecureSkipVerfy'; did you mean 'insecureSkipVerify'?",
    ),
    (
        "opsgenie",
        "{'apiKey': secret('K'), 'responders': [{'type': 'team', 'nam': 'a'}]}",
        "unknown setting 'responders.0.nam'; did you mean 'name'?",
    ),
    (
        "webhook",
        "{'url': 'http://h', 'http_config': {'oauth': {}}}",
        "unknown setting 'http_config.oauth'; did you mean 'oauth2'?",
    ),
]


@pytest.mark.parametrize(("type", "settings", "expected"), UNKNOWN)
def test_an_unknown_setting_is_a_mistake(
    empty_project: ProjectFolder, type: str, settings: str, expected: str
) -> None:
    """Grafana would ignore it; the setting that it means does not count as missing."""
    assert [f"receiver '{type}': {expected}"] == mistakes(define(empty_project, type, settings))


@pytest.mark.parametrize(
    ("type", "settings", "expected"),
    [
        ("email", "{'subject': 'a'}", "setting 'addresses' is missing"),
        ("email", "{'addresses': ''}", "setting 'addresses' is missing"),
        ("slack", "{'recipient': '#a'}", "set 'url' or 'endpointUrl' or 'token' and 'recipient'"),
        ("wecom", "{'secret': secret('S')}", "set 'url' or 'secret' and 'agent_id' and 'corp_id'"),
        ("sns", "{'subject': 'a'}", "set 'topic_arn' or 'target_arn' or 'phone_number'"),
        (
            "jira",
            "{'api_url': 'http://j', 'project': 'P', 'issue_type': 'Bug', 'user': secret('U')}",
            "set 'api_token' or 'user' and 'password'",
        ),
        (
            "webhook",
            "{'url': 'http://h', 'hmacConfig': {'header': 'X-Signature'}}",
            "setting 'hmacConfig.secret' is missing",
        ),
        (
            "kafka",
            "{'kafkaRestProxy': 'http://k', 'kafkaTopic': 't', 'apiVersion': 'v3'}",
            "setting 'kafkaClusterId' is missing, which 'apiVersion' v3 needs",
        ),
        (
            "sns",
            "{'phone_number': '1', 'sigv4': {'access_key': secret('A')}}",
            "set 'sigv4.access_key' and 'sigv4.secret_key' together",
        ),
        (
            "discord",
            "{'url': secret('D'), 'http_config': {'oauth2': {'token_url': 'http://t', "
            "'client_id': 'c'}}}",
            "setting 'http_config.oauth2.client_secret' is missing",
        ),
    ],
)
def test_a_missing_setting_is_a_mistake(
    empty_project: ProjectFolder, type: str, settings: str, expected: str
) -> None:
    """Every version refuses the receiver without it."""
    assert [f"receiver '{type}': {expected}"] == mistakes(define(empty_project, type, settings))


@pytest.mark.parametrize(
    ("type", "settings", "expected"),
    [
        (
            "email",
            "{'addresses': ['a@b', 'c@d']}",
            "setting 'addresses' must be text, not list",
        ),
        ("webhook", "{'url': 'http://h', 'tlsConfig': 'on'}", "setting 'tlsConfig' must be a dict"),
        (
            "webhook",
            "{'url': 'http://h', 'headers': ['X-A: b']}",
            "setting 'headers' must be a dict, not list",
        ),
        (
            "opsgenie",
            "{'apiKey': secret('K'), 'responders': 'team'}",
            "setting 'responders' must be a list",
        ),
        (
            "webhook",
            "{'url': 'http://h', 'headers': {'authorization': secret('A'), 'X-A': 'b'}}",
            "setting 'headers': Grafana does not allow 'authorization'",
        ),
        (
            "email",
            "{'addresses': 'a@b', 'singleEmail': 'yes'}",
            "setting 'singleEmail' must be True or False, not str",
        ),
        (
            "webhook",
            "{'url': 'http://h', 'maxAlerts': True}",
            "setting 'maxAlerts' must be a number, not bool",
        ),
        (
            "threema",
            "{'gateway_id': 'ABCDEFGH', 'recipient_id': 'ABCDEFGH', 'api_secret': secret('S')}",
            "setting 'gateway_id' must be '*' and seven characters",
        ),
        (
            "slack",
            "{'url': secret('S'), 'mentionChannel': 'heer'}",
            "setting 'mentionChannel' must be here or channel, not 'heer'; did you mean 'here'?",
        ),
    ],
)
def test_a_setting_of_the_wrong_form_is_a_mistake(
    empty_project: ProjectFolder, type: str, settings: str, expected: str
) -> None:
    assert [f"receiver '{type}': {expected}"] == mistakes(define(empty_project, type, settings))


@pytest.mark.parametrize(
    ("type", "settings", "expected"),
    [
        (
            "email",
            "{'addresses': 'a@b', 'subject': '{{ if .Status }}'}",
            "setting 'subject': '{{ if .Status }}' has no '{{ end }}'",
        ),
        (
            "slack",
            "{'url': secret('S'), 'text': '{{ toUper .Status }}'}",
            "setting 'text': 'toUper' is not a function of message templates; did you mean "
            "'toUpper'?",
        ),
        (
            "webhook",
            "{'url': 'http://h', 'payload': {'template': '{{ .Status '}}",
            "setting 'payload.template': '{{ .Status ' is not closed",
        ),
    ],
)
def test_a_text_that_grafana_cannot_expand_is_a_mistake(
    empty_project: ProjectFolder, type: str, settings: str, expected: str
) -> None:
    """It would send the notification without the text."""
    assert [f"receiver '{type}': {expected}"] == mistakes(define(empty_project, type, settings))


def test_two_ways_to_authenticate_are_a_mistake(empty_project: ProjectFolder) -> None:
    settings = (
        "{'url': 'http://h', 'username': 'a', 'password': secret('P'), "
        "'authorization_credentials': secret('C')}"
    )

    (problem,) = mistakes(define(empty_project, "webhook", settings))

    assert (
        "receiver 'webhook': remove one of 'username' and 'password' and "
        "'authorization_credentials'; Grafana allows one way to authenticate" == problem
    )


def test_a_secret_with_an_unknown_name_is_not_shown(empty_project: ProjectFolder) -> None:
    problems = mistakes(define(empty_project, "slack", "{'uri': 'https://hooks/hunter2'}"))

    assert problems
    assert not any("hunter2" in problem for problem in problems)


ACCEPTED = [
    ("LINE", "{'token': secret('T'), 'title': 'a', 'description': 'b'}"),
    ("line", "{'token': secret('T')}"),
    ("dingding", "{'url': secret('U'), 'msgType': 'actionCard', 'message': 'a'}"),
    (
        "discord",
        "{'url': secret('U'), 'avatar_url': 'http://a', 'use_discord_username': True, "
        "'use_embed_description': True}",
    ),
    ("email", "{'addresses': 'a@b;c@d', 'singleEmail': True, 'subject': 'a', 'message': 'b'}"),
    ("Email", "{'Addresses': 'a@b'}"),
    ("googlechat", "{'url': secret('U'), 'hide_open_button': True, 'hide_version_info': True}"),
    (
        "jira",
        "{'api_url': 'http://j', 'project': 'P', 'issue_type': 'Bug', 'api_token': secret('T'), "
        "'labels': ['a'], 'fields': {'customfield_1': {'value': 'x'}}, 'dedup_key_field': '10'}",
    ),
    (
        "kafka",
        "{'kafkaRestProxy': 'http://k', 'kafkaTopic': 't', 'username': 'u', "
        "'password': secret('P'), 'apiVersion': 'v3', 'kafkaClusterId': 'c', 'details': 'd'}",
    ),
    (
        "mqtt",
        "{'brokerUrl': 'ssl://m', 'topic': 't', 'qos': 2, 'retain': True, 'messageFormat': 'json', "
        "'tlsConfig': {'caCertificate': '-----BEGIN', 'clientKey': secret('K')}}",
    ),
    ("oncall", "{'url': 'http://o', 'maxAlerts': '3', 'authorization_credentials': secret('C')}"),
    (
        "opsgenie",
        "{'apiKey': secret('K'), 'sendTagsAs': 'both', 'autoClose': False, "
        "'responders': [{'type': 'team', 'name': 'a'}, {'type': '{{ .x }}', 'id': 'b'}]}",
    ),
    (
        "pagerduty",
        "{'integrationKey': secret('K'), 'severity': 'warning', 'client_url': 'http://c', "
        "'url': 'http://p', 'details': {'team': '{{ .CommonLabels.team }}'}}",
    ),
    (
        "prometheus-alertmanager",
        "{'url': 'http://a,http://b', 'basicAuthUser': 'u', 'basicAuthPassword': secret('P')}",
    ),
    (
        "pushover",
        "{'apiToken': secret('T'), 'userKey': secret('K'), 'priority': 1, 'retry': '30', "
        "'expire': 60, 'sound': 'siren', 'uploadImage': False}",
    ),
    ("sensugo", "{'url': 'http://s', 'apikey': secret('K'), 'namespace': 'default'}"),
    ("slack", "{'token': secret('T'), 'recipient': '#a', 'color': 'red', 'footer': 'f'}"),
    ("slack", "{'url': secret('U'), 'mentionChannel': 'here', 'icon_emoji': ':a:'}"),
    (
        "sns",
        "{'topic_arn': 'arn:aws:sns:eu:1:t', 'attributes': {'a': 'b'}, 'sigv4': {'region': 'eu', "
        "'access_key': secret('A'), 'secret_key': secret('S'), 'role_arn': 'r', 'profile': 'p'}}",
    ),
    ("teams", "{'url': secret('U'), 'title': 't', 'sectiontitle': 's'}"),
    (
        "telegram",
        "{'bottoken': secret('T'), 'chatid': -100, 'message_thread_id': '3', "
        "'parse_mode': 'markdown', 'protect_content': True}",
    ),
    (
        "threema",
        "{'gateway_id': '*ABCDEFG', 'recipient_id': 'ABCDEFGH', 'api_secret': secret('S')}",
    ),
    ("victorops", "{'url': secret('U'), 'messageType': 'CRITICAL'}"),
    ("webex", "{'bot_token': secret('T'), 'api_url': 'http://w'}"),
    (
        "webhook",
        "{'url': 'http://h', 'httpMethod': 'PUT', 'maxAlerts': 3, 'headers': {'X-A': 'b'}, "
        "'payload': {'template': '{{ template \"x\" . }}', 'vars': {'a': 'b'}}, "
        "'tlsConfig': {'insecureSkipVerify': True}, "
        "'hmacConfig': {'secret': secret('H'), 'header': 'X-S', 'timestampHeader': 'X-T'}, "
        "'http_config': {'oauth2': {'token_url': 'http://t', 'client_id': 'c', "
        "'client_secret': secret('S'), 'scopes': ['a'], 'endpoint_params': {'a': 'b'}, "
        "'tls_config': {'clientKey': secret('K')}, 'proxy_config': {'proxy_url': 'http://p', "
        "'no_proxy': 'a', 'proxy_connect_header': {'X-P': 'q'}}}}}",
    ),
    ("wecom", "{'secret': secret('S'), 'agent_id': 'a', 'corp_id': 'c', 'touser': '@all'}"),
    ("wecom", "{'url': secret('U'), 'msgtype': 'text'}"),
]


@pytest.mark.parametrize(("type", "settings"), ACCEPTED)
def test_what_a_version_of_grafana_takes_compiles(
    empty_project: ProjectFolder, type: str, settings: str
) -> None:
    """Including settings of some versions only."""
    body = define(empty_project, type, settings).resource(Kind.CONTACT_POINT).body

    assert type == body["receivers"][0]["type"]


def test_every_type_has_a_case_that_compiles() -> None:
    assert set(RECEIVERS) <= {type for type, _ in ACCEPTED}
