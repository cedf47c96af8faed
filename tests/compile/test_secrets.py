"""Secrets in plain text: refused where a definition has them, and shown nowhere."""

from __future__ import annotations

import pytest

from gk.errors import DefinitionError
from gk.resource import Kind
from tests.conftest import ProjectFolder

CANARY = "hunter2-canary-7f3a"
PREAMBLE = "from gk import *\n"


def mistakes(project: ProjectFolder) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [str(problem) for problem in caught.value.problems]


def datasource(project: ProjectFolder, arguments: str, type: str = "loki") -> ProjectFolder:
    text = f"{PREAMBLE}d = Datasource(name='D', type='{type}', uid='d', {arguments})\n"
    return project.write({"datasources/d.py": text})


def receiver(project: ProjectFolder, type: str, settings: str) -> ProjectFolder:
    text = f"{PREAMBLE}c = contact_point('C', receiver('{type}', {settings}, uid='r'))\n"
    return project.write({"alerts/c.py": text})


# Refused

DATASOURCES = [
    ("password in secure_json_data", f"secure_json_data={{'password': '{CANARY}'}}"),
    ("password in secure_json_data", "secure_json_data={'password': 12345678}"),
    ("url", f"url='https://ada:{CANARY}@loki'"),
    ("url", f"url='ada:{CANARY}@db:5432'"),
    ("url", f"url='//ada:{CANARY}@db:5432'"),
    ("url", f"url='https://:{CANARY}@loki'"),
    ("url", f"url='https://loki/?api_key={CANARY}'"),
    ("database", f"database='postgres://ada:{CANARY}@db/shop'"),
    ("json_data.httpHeaderValue1", f"json_data={{'httpHeaderValue1': 'Bearer {CANARY}'}}"),
    ("json_data.httpHeaderValue12", f"json_data={{'httpHeaderValue12': '{CANARY}'}}"),
    ("json_data.basicAuthPassword", f"json_data={{'basicAuthPassword': '{CANARY}'}}"),
    ("json_data.password", "json_data={'password': 12345678}"),
    ("json_data.token", f"json_data={{'token': '{CANARY}'}}"),
    ("json_data.sigV4SecretKey", f"json_data={{'sigV4SecretKey': '{CANARY}'}}"),
    ("json_data.oauth2ClientSecret", f"json_data={{'oauth2ClientSecret': '{CANARY}'}}"),
    ("json_data.auth.0.accessToken", f"json_data={{'auth': [{{'accessToken': '{CANARY}'}}]}}"),
    ("json_data.apiKey", f"json_data={{'apiKey': {{'value': '{CANARY}'}}}}"),
    (
        "json_data.headers.0.value",
        f"json_data={{'headers': [{{'name': 'X-Api-Key', 'value': '{CANARY}'}}]}}",
    ),
    (
        "json_data.customQueryParameters",
        f"json_data={{'customQueryParameters': 'dedup=1&token={CANARY}'}}",
    ),
    ("json_data.proxy_url", f"json_data={{'proxy_url': 'http://ada:{CANARY}@proxy:3128'}}"),
    ("url", f"url='host=db user=ada password={CANARY}'"),
    ("url", f"url='Server=db;Password={CANARY}'"),
    ("url", f"url='https://blobs/?sv=1&sig={CANARY}'"),
    ("url", f"url='https://old/?user=ada&pwd={CANARY}'"),
    ("json_data.connectionString", f"json_data={{'connectionString': 'ada:{CANARY}@db/shop'}}"),
    ("json_data.apiSecret", f"json_data={{'apiSecret': '{CANARY}'}}"),
    ("json_data.securityToken", f"json_data={{'securityToken': '{CANARY}'}}"),
    ("json_data.jwt", f"json_data={{'jwt': '{CANARY}'}}"),
    (
        "json_data.oauth2EndPointParamsValue1",
        f"json_data={{'oauth2EndPointParamsValue1': '{CANARY}'}}",
    ),
    ("json_data.links.0", f"json_data={{'links': ['http://ada:{CANARY}@wiki']}}"),
]
RECEIVERS = [
    ("url", "slack", f"{{'url': 'https://hooks.slack.com/{CANARY}'}}"),
    ("token", "slack", f"{{'recipient': '#a', 'token': '{CANARY}'}}"),
    ("url", "discord", f"{{'url': 'https://discord.com/{CANARY}'}}"),
    ("url", "teams", f"{{'url': 'https://teams/{CANARY}'}}"),
    ("apiKey", "opsgenie", f"{{'apiKey': '{CANARY}'}}"),
    ("integrationKey", "pagerduty", f"{{'integrationKey': '{CANARY}'}}"),
    ("userKey", "pushover", f"{{'apiToken': secret('A'), 'userKey': '{CANARY}'}}"),
    ("bottoken", "telegram", f"{{'bottoken': '{CANARY}', 'chatid': '1'}}"),
    ("password", "webhook", f"{{'url': 'http://hook', 'password': '{CANARY}'}}"),
    (
        "authorization_credentials",
        "webhook",
        f"{{'url': 'http://hook', 'authorization_credentials': '{CANARY}'}}",
    ),
    (
        "hmacConfig.secret",
        "webhook",
        f"{{'url': 'http://hook', 'hmacConfig': {{'secret': '{CANARY}'}}}}",
    ),
    (
        "tlsConfig.clientKey",
        "webhook",
        f"{{'url': 'http://hook', 'tlsConfig': {{'clientKey': '{CANARY}'}}}}",
    ),
    (
        "headers.X-Api-Key",
        "webhook",
        f"{{'url': 'http://hook', 'headers': {{'X-Api-Key': '{CANARY}'}}}}",
    ),
    (
        "headers.X-Key",
        "webhook",
        f"{{'url': 'http://hook', 'headers': {{'X-Key': '{CANARY}'}}}}",
    ),
    ("url", "webhook", f"{{'url': 'http://ada:{CANARY}@hook'}}"),
    ("url", "webhook", f"{{'url': 'http://hook?token={CANARY}'}}"),
    (
        "sigv4.secret_key",
        "sns",
        "{'phone_number': '1', 'sigv4': {'access_key': secret('A'), "
        f"'secret_key': '{CANARY}'}}}}",
    ),
    ("token", "LINE", f"{{'token': '{CANARY}'}}"),
    ("URL", "Slack", f"{{'URL': 'https://hooks.slack.com/{CANARY}'}}"),
    (
        "http_config.oauth2.client_secret",
        "webhook",
        "{'url': 'http://hook', 'http_config': {'oauth2': {'token_url': 'http://token', "
        f"'client_id': 'gk', 'client_secret': '{CANARY}'}}}}}}",
    ),
    (
        "message",
        "webhook",
        f"{{'url': 'http://hook', 'message': 'curl -H Authorization: Bearer {CANARY}'}}",
    ),
]


@pytest.mark.parametrize(("setting", "arguments"), DATASOURCES)
def test_a_secret_in_plain_text_is_refused_in_a_data_source(
    empty_project: ProjectFolder, setting: str, arguments: str
) -> None:
    """At its line, with the setting and what to write instead, and without the value."""
    (problem,) = mistakes(datasource(empty_project, arguments))

    assert problem.startswith(f"datasources/d.py:2: data source 'D': {setting} ")
    assert 'secret("NAME")' in problem
    assert CANARY not in problem
    assert "12345678" not in problem


@pytest.mark.parametrize(("setting", "type", "settings"), RECEIVERS)
def test_a_secret_in_plain_text_is_refused_in_a_receiver(
    empty_project: ProjectFolder, setting: str, type: str, settings: str
) -> None:
    """At the line of its contact point."""
    (problem,) = mistakes(receiver(empty_project, type, settings))

    assert problem.startswith(f"alerts/c.py:2: contact point 'C': receiver '{type}': {setting} ")
    assert 'secret("NAME")' in problem
    assert CANARY not in problem


def test_all_secrets_are_told_at_once(empty_project: ProjectFolder) -> None:
    datasource(
        empty_project,
        f"url='http://a:{CANARY}@b', json_data={{'password': '{CANARY}', 'token': '{CANARY}'}}",
    )

    assert 3 == len(mistakes(empty_project))


@pytest.mark.parametrize("written", ["$__env{LOKI_TOKEN}", "${LOKI_TOKEN}"])
def test_what_only_files_of_grafana_expand_is_refused_and_named(
    empty_project: ProjectFolder, written: str
) -> None:
    """gk build doubles each dollar sign, and the API knows none of these: the text would be the
    password."""
    (problem,) = mistakes(
        datasource(empty_project, f"secure_json_data={{'password': '{written}'}}")
    )

    assert 'write secret("LOKI_TOKEN"), ' in problem


@pytest.mark.parametrize(
    "arguments",
    [
        "url='https://loki'",
        "url='https://ada@loki:3100'",
        "url='db:5432'",
        "url='host=db port=5432 sslmode=require'",
        "url='https://loki/@scope?query=a=b'",
        "url=secret('URL')",
        "basic_auth_user='ada', secure_json_data={'basicAuthPassword': secret('P')}",
        "json_data={'httpHeaderName1': 'Authorization'}, "
        "secure_json_data={'httpHeaderValue1': secret('P')}",
        "json_data={'customQueryParameters': 'max_source_resolution=5m&partial_response=true'}",
        "json_data={'customQueryParameters': secret('ALL')}",
        "json_data={'tokenUri': 'https://oauth2.googleapis.com/token', 'oauthPassThru': True, "
        "'keepCookies': ['a']}",
        "json_data={'azureCredentials': {'authType': 'clientsecret', "
        "'tenantId': 't', 'clientId': 'c'}}",
        "json_data={'token': secret('T'), 'password': '', 'apiKey': None, 'secret': False}",
        "json_data={'derivedFields': [{'name': 'token', 'matcherRegex': 'token=(.*)', "
        "'url': '${__value.raw}'}]}",
    ],
)
def test_a_data_source_without_a_secret_in_plain_text_compiles(
    empty_project: ProjectFolder, arguments: str
) -> None:
    datasource(empty_project, arguments).resource(Kind.DATASOURCE)


@pytest.mark.parametrize(
    ("type", "settings"),
    [
        (
            "email",
            "{'addresses': 'ada@example.com;bob@example.com', "
            "'subject': 'token: {{ .Labels.token }}'}",
        ),
        ("slack", "{'url': secret('SLACK'), 'recipient': '#shop', 'mentionUsers': 'U1'}"),
        (
            "webhook",
            "{'url': 'http://hook', 'username': 'ada', 'authorization_scheme': 'Bearer', "
            "'maxAlerts': 3}",
        ),
        (
            "webhook",
            "{'url': 'http://hook', 'headers': {'X-Scope-OrgID': 'shop', "
            "'X-Api-Key': secret('A')}}",
        ),
        ("prometheus-alertmanager", "{'url': 'http://alertmanager:9093', 'basicAuthUser': 'ada'}"),
    ],
)
def test_a_receiver_without_a_secret_in_plain_text_compiles(
    empty_project: ProjectFolder, type: str, settings: str
) -> None:
    receiver(empty_project, type, settings).resource(Kind.CONTACT_POINT)


@pytest.mark.parametrize("argument", ["json_data", "secure_json_data"])
def test_options_that_are_no_dict_are_refused_and_not_shown(
    empty_project: ProjectFolder, argument: str
) -> None:
    """Somebody may have put the secret itself there."""
    problems = mistakes(datasource(empty_project, f"{argument}='{CANARY}'"))

    assert [f"datasources/d.py:2: Datasource(): {argument} must be a mapping, not str"] == problems


def test_options_whose_names_are_no_texts_are_a_mistake(empty_project: ProjectFolder) -> None:
    """Python makes no text of a number of more than 4,300 digits."""
    (problem,) = mistakes(datasource(empty_project, "json_data={10**5_000: 'a'}"))

    assert problem.startswith("datasources/d.py:2: ")


def test_settings_that_are_no_dict_are_refused_and_not_shown(empty_project: ProjectFolder) -> None:
    problems = mistakes(receiver(empty_project, "slack", f"'{CANARY}'"))

    assert [
        "alerts/c.py:2: contact point 'C': the settings of receiver 'slack' must be a dict"
    ] == problems


def test_a_data_source_of_somebody_else_is_looked_through_too(empty_project: ProjectFolder) -> None:
    """gk writes nothing for it, and still the file has the secret."""
    (problem,) = mistakes(
        datasource(empty_project, f"external=True, url='http://ada:{CANARY}@loki'")
    )

    assert "url has a user and a password" in problem
