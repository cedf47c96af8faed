"""Data sources become Grafana's documents, and no secret is ever in one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from gk.documents.secrets.references import Secret, secret, secret_file, secret_key
from gk.errors import DefinitionError
from gk.resource import Kind
from tests.conftest import ProjectFolder

Json = dict[str, Any]


def write(project: ProjectFolder, *definitions: str) -> ProjectFolder:
    """A project with these data sources, the first on line 2."""
    lines = [f"d{number} = {definition}" for number, definition in enumerate(definitions)]
    return project.write({"datasources/all.py": "\n".join(["from gk import *", *lines])})


def body(project: ProjectFolder, definition: str) -> Json:
    """What Grafana gets of a data source."""
    built: Json = write(project, definition).resource(Kind.DATASOURCE).body
    return built


def mistakes(project: ProjectFolder) -> list[str]:
    """What compile finds wrong, with its places."""
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("expected", "definition"),
    [
        pytest.param(
            {"type": "prometheus", "jsonData": {"httpMethod": "POST", "manageAlerts": True}},
            "Datasource.prometheus('D', uid='d')",
            id="prometheus",
        ),
        pytest.param(
            {
                "type": "prometheus",
                "url": "http://mimir",
                "isDefault": True,
                "jsonData": {
                    "httpMethod": "GET",
                    "manageAlerts": False,
                    "timeInterval": "30s",
                    "queryTimeout": "1m",
                    "prometheusType": "Mimir",
                    "prometheusVersion": "2.9.1",
                    "cacheLevel": "High",
                },
            },
            "Datasource.prometheus('D', uid='d', url='http://mimir', default=True, "
            "scrape_interval='30s', http_method='GET', query_timeout='1m', "
            "manage_alerts=False, prometheus_type='Mimir', prometheus_version='2.9.1', "
            "json_data={'cacheLevel': 'High'})",
            id="prometheus-with-all",
        ),
        pytest.param(
            {
                "type": "prometheus",
                "basicAuth": True,
                "basicAuthUser": "u",
                "jsonData": {
                    "httpMethod": "POST",
                    "manageAlerts": True,
                    "httpHeaderName1": "X-Scope-OrgID",
                },
                "secureJsonData": {
                    "basicAuthPassword": {"$secret": {"env": "PASSWORD"}},
                    "httpHeaderValue1": {"$secret": {"file": "/run/tenant"}},
                },
            },
            "Datasource.prometheus('D', uid='d', basic_auth_user='u', "
            "json_data={'httpHeaderName1': 'X-Scope-OrgID'}, "
            "secure_json_data={'basicAuthPassword': secret('PASSWORD'), "
            "'httpHeaderValue1': secret_file('/run/tenant')})",
            id="prometheus-with-secrets",
        ),
        pytest.param(
            {
                "type": "alertmanager",
                "jsonData": {"implementation": "mimir", "handleGrafanaManagedAlerts": True},
            },
            "Datasource.alertmanager('D', uid='d', implementation='mimir', "
            "handle_grafana_alerts=True)",
            id="alertmanager",
        ),
        pytest.param(
            {"type": "loki", "url": "http://loki", "jsonData": {"maxLines": 5000}},
            "Datasource.loki('D', uid='d', url='http://loki', max_lines=5000)",
            id="loki",
        ),
        pytest.param({"type": "loki"}, "Datasource.loki('D', uid='d')", id="loki-with-nothing"),
        pytest.param({"type": "tempo"}, "Datasource.tempo('D', uid='d')", id="tempo"),
        pytest.param(
            {
                "type": "postgres",
                "url": "db:5432",
                "user": "u",
                "database": "shop",
                "jsonData": {"database": "shop", "sslmode": "verify-full", "postgresVersion": 1500},
                "secureJsonData": {
                    "password": {"$secret": {"env": "PG"}},
                    "tlsClientKey": {
                        "$secret": {"env": "GK_SECRET_PG_TLS_KEY", "name": "pg", "key": "tls.key"}
                    },
                },
            },
            "Datasource.postgres('D', uid='d', url='db:5432', database='shop', "
            "user='u', password=secret('PG'), sslmode='verify-full', "
            "version=1500, secure_json_data={'tlsClientKey': secret_key('pg', 'tls.key')})",
            id="postgres",
        ),
        pytest.param(
            {
                "type": "mysql",
                "database": "shop",
                "jsonData": {"database": "shop"},
                "secureJsonData": {"password": {"$secret": {"env": "MYSQL"}}},
            },
            "Datasource.mysql('D', uid='d', database='shop', password=secret('MYSQL'))",
            id="mysql",
        ),
        pytest.param(
            {
                "type": "elasticsearch",
                "access": "direct",
                "user": "u",
                "jsonData": {"index": "logs", "deep": [1, {}]},
            },
            "Datasource(name='D', type='elasticsearch', uid='d', access='direct', user='u', "
            "json_data={'index': 'logs', 'deep': (1, {})})",
            id="any-type",
        ),
        pytest.param(
            {
                "type": "influxdb",
                "url": {"$secret": {"env": "URL"}},
                "jsonData": {"defaultBucket": {"$secret": {"env": "BUCKET"}}},
            },
            "Datasource(name='D', type='influxdb', uid='d', url=secret('URL'), "
            "json_data={'defaultBucket': secret('BUCKET')})",
            id="references-elsewhere",
        ),
    ],
)
def test_a_data_source(empty_project: ProjectFolder, expected: Json, definition: str) -> None:
    """Under Grafana's own names, with what was given and nothing that Grafana has by itself."""
    assert {"name": "D", "uid": "d", "access": "proxy"} | expected == body(
        empty_project, definition
    )


def test_a_data_source_is_found_by_its_uid(empty_project: ProjectFolder) -> None:
    """Its place is the line of its definition."""
    resource = write(empty_project, "Datasource.loki('D', uid='d')").resource(Kind.DATASOURCE)

    assert ("d", "D", "", "datasources/all.py:2") == (
        resource.uid,
        resource.title,
        resource.folder,
        str(resource.source),
    )


# Secrets


def test_a_secret_that_is_written_out_is_refused_and_not_shown(
    empty_project: ProjectFolder,
) -> None:
    """Neither by the message nor by any file: the definitions are in git."""
    write(
        empty_project,
        "Datasource.postgres('D', uid='d', password='hunter2', "
        "secure_json_data={'tlsCACert': 'pem'})",
    )

    problems = mistakes(empty_project)

    assert [
        f"datasources/all.py:2: data source 'D': {name} in secure_json_data is a secret "
        'in plain text; write secret("NAME"), secret_file("/path") or secret_key("name", "key"), '
        "so that no file contains it"
        for name in ("password", "tlsCACert")
    ] == problems
    assert "hunter2" not in "".join(problems)


@pytest.mark.parametrize(
    ("expected", "reference"),
    [
        pytest.param(Secret(env="A_1"), lambda: secret("A_1"), id="variable"),
        pytest.param(Secret(file="/run/a"), lambda: secret_file("/run/a"), id="file"),
        pytest.param(
            Secret(env="GK_SECRET_DB_ADMIN_PASSWORD", name="db.admin", key="PassWord"),
            lambda: secret_key("db.admin", "PassWord"),
            id="key",
        ),
    ],
)
def test_a_reference_says_where_a_value_is(
    expected: Secret, reference: Callable[[], Secret]
) -> None:
    """A Kubernetes Secret's key reaches Grafana as an environment variable whose name comes from
    both."""
    assert expected == reference()


@pytest.mark.parametrize(
    ("message", "make"),
    [
        pytest.param(
            "the name of an environment variable", lambda: secret("hunter-2"), id="value-as-name"
        ),
        pytest.param(
            "the name of an environment variable", lambda: secret("$hunter2"), id="dollar"
        ),
        pytest.param("the name of an environment variable", lambda: secret(""), id="nothing"),
        pytest.param("the path of a file", lambda: secret_file("hunter2"), id="value-as-path"),
        pytest.param("the path of a file", lambda: secret_file("/run/hunter2}"), id="brace"),
        pytest.param(
            "the name of a Kubernetes Secret", lambda: secret_key("Hunter2", "key"), id="name"
        ),
        pytest.param("the name of a key in it", lambda: secret_key("db", "hunter 2"), id="key"),
    ],
)
def test_what_is_no_reference_is_refused_and_not_shown(
    message: str, make: Callable[[], Secret]
) -> None:
    """It may be the secret itself."""
    with pytest.raises(ValueError, match=message) as caught:
        make()

    assert "unter" not in str(caught.value)


# What Grafana would refuse


@pytest.mark.parametrize(
    ("message", "definition"),
    [
        pytest.param(
            "data source: name and type are required",
            "Datasource.loki('', uid='d')",
            id="no-name",
        ),
        pytest.param(
            "data source 'D': name and type are required",
            "Datasource(name='D', type='', uid='d')",
            id="no-type",
        ),
        pytest.param(
            "data source 'D': uid 'a b' must be 1 to 40 letters, digits, '-' or '_'",
            "Datasource.loki('D', uid='a b')",
            id="uid",
        ),
        pytest.param(
            f"data source 'D': uid '{'x' * 41}' must be",
            f"Datasource.loki('D', uid='{'x' * 41}')",
            id="uid-too-long",
        ),
        pytest.param(
            "data source 'D': uid '' must be", "Datasource.loki('D', uid='')", id="no-uid"
        ),
        pytest.param(
            "Datasource.loki(): access 'server' is not known; one of proxy, direct",
            "Datasource.loki('D', uid='d', access='server')",
            id="access",
        ),
        pytest.param(
            "Datasource.prometheus(): http_method 'PSOT' is not known; did you mean 'POST'?",
            "Datasource.prometheus('D', uid='d', http_method='PSOT')",
            id="method",
        ),
        pytest.param(
            "Datasource.prometheus(): prometheus_type 'Mimirr' is not known; did you mean 'Mimir'?",
            "Datasource.prometheus('D', uid='d', prometheus_type='Mimirr')",
            id="prometheus-type",
        ),
        pytest.param(
            "Datasource.mysql(): url must be text or a Secret, not int",
            "Datasource.mysql('D', uid='d', url=3306)",
            id="url",
        ),
        pytest.param(
            "data source 'D': is not JSON: ",
            "Datasource.loki('D', uid='d', json_data={'a': {1, 2}})",
            id="no-json",
        ),
    ],
)
def test_a_data_source_with_a_mistake(
    empty_project: ProjectFolder, message: str, definition: str
) -> None:
    """At its line."""
    (problem,) = mistakes(write(empty_project, definition))

    assert problem.startswith(f"datasources/all.py:2: {message}")


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "data source 'B': uid 'd' is taken by the one at datasources/all.py:2; change one",
            ["Datasource.loki('A', uid='d')", "Datasource.loki('B', uid='d')"],
            id="uid",
        ),
        pytest.param(
            "data source 'A': name 'A' is taken by the one at datasources/all.py:2; change one",
            ["Datasource.loki('A', uid='a')", "Datasource.tempo('A', uid='b')"],
            id="name",
        ),
        pytest.param(
            "data source 'B': there is another default at datasources/all.py:2; keep one",
            [
                "Datasource.loki('A', uid='a', default=True)",
                "Datasource.loki('B', uid='b', default=True)",
            ],
            id="default",
        ),
        pytest.param(
            "data source 'B': uid 'd' is taken by the one at datasources/all.py:2; change one",
            ["Datasource.loki('A', uid='d', external=True)", "Datasource.loki('B', uid='d')"],
            id="uid-of-an-external-one",
        ),
    ],
)
def test_two_data_sources_that_collide(
    empty_project: ProjectFolder, message: str, definitions: list[str]
) -> None:
    """Grafana would not start; the second is the mistake, and the message leads to the first."""
    assert [f"datasources/all.py:3: {message}"] == mistakes(write(empty_project, *definitions))


def test_a_missing_uid_is_shown_at_its_line(empty_project: ProjectFolder) -> None:
    """It is never made up, because dashboards refer to it."""
    (problem,) = mistakes(write(empty_project, "Datasource.loki('D')"))

    assert re.match(r"datasources/all\.py:2: .*'uid'", problem)


# Data sources of somebody else


def test_an_external_data_source_is_only_referred_to(empty_project: ProjectFolder) -> None:
    """gk writes nothing for it, and panels and rules may ask it."""
    write(
        empty_project,
        "Datasource.prometheus('Theirs', uid='P1809F7CD0C75ACF3', default=True, external=True)",
    )
    empty_project.write(
        {
            "dashboards/up.py": (
                "from gk import *\nd = Dashboard('Up', panels=[timeseries('Up', 'up')])"
            ),
            "alerts/up.py": "from gk import *\ng = alert_group('up', [alert('Down', 'up == 0')])",
        }
    )

    bodies = {resource.kind: resource.body for resource in empty_project.resources()}

    ref = {"type": "prometheus", "uid": "P1809F7CD0C75ACF3"}
    assert Kind.DATASOURCE not in bodies
    assert ref == bodies[Kind.DASHBOARD]["panels"][0]["datasource"]
    assert ref == bodies[Kind.RULE_GROUP]["rules"][0]["data"][0]["model"]["datasource"]


@pytest.mark.parametrize("name", ["loki", "Loki logs"])
def test_a_panel_names_a_data_source_by_uid_or_name(
    empty_project: ProjectFolder, name: str
) -> None:
    """Either becomes a reference with type and uid."""
    write(
        empty_project,
        "Datasource.loki('Loki logs', uid='loki')",
        "Datasource.tempo('Other', uid='other')",
    )
    empty_project.write(
        {
            "dashboards/up.py": (
                "from gk import *\n"
                f"d = Dashboard('Up', panels=[logs('L', 'up', datasource='{name}')])"
            )
        }
    )

    panel = empty_project.resource(Kind.DASHBOARD).body["panels"][0]

    assert {"type": "loki", "uid": "loki"} == panel["datasource"]


def test_a_uid_comes_before_a_name_that_is_the_same(empty_project: ProjectFolder) -> None:
    """As in Grafana."""
    write(
        empty_project,
        "Datasource.tempo('loki', uid='traces')",
        "Datasource.loki('Logs', uid='loki')",
    )
    empty_project.write(
        {
            "dashboards/up.py": (
                "from gk import *\nd = Dashboard('Up', panels=[logs('L', 'up', datasource='loki')])"
            )
        }
    )

    panel = empty_project.resource(Kind.DASHBOARD).body["panels"][0]

    assert {"type": "loki", "uid": "loki"} == panel["datasource"]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        pytest.param("did you mean 'loki'?", "lokki", id="near"),
        pytest.param(
            "define it there, with external=True if it is provisioned elsewhere",
            "P180",
            id="not-near",
        ),
    ],
)
def test_an_unknown_data_source_is_a_mistake(
    empty_project: ProjectFolder, message: str, name: str
) -> None:
    """Grafana would start without a word."""
    write(empty_project, "Datasource.loki('Loki logs', uid='loki')")
    empty_project.write(
        {
            "dashboards/up.py": (
                "from gk import *\n"
                f"d = Dashboard('Up', panels=[logs('L', 'up', datasource='{name}')])"
            )
        }
    )

    expected = (
        f"dashboards/up.py:2: panel 'L': data source '{name}' is not defined in datasources/; "
        f"{message}"
    )
    assert [expected] == mistakes(empty_project)
