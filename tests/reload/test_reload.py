"""gk reload: running servers read their files again, and gk says whether they use what is defined.

tests/deploy/test_stack_programs.py reloads a real Prometheus and a real Alertmanager.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gk.errors import GkError
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.kinds import KINDS
from gk.grafana.live import Live
from gk.grafana.objects import Grafana
from gk.reload import OfAlertmanager, OfGrafana, OfPrometheus, Outcome, reload
from gk.reload.forms import FORMS
from gk.resource import Kind, Resource
from tests.conftest import ProjectFolder, RunGk
from tests.fake_grafana import FakeGrafana
from tests.pushing import EVERYTHING, SECRETS, Team

ALERTS = """
    from gk import alert, alert_group, recording_rule

    alerts = alert_group(
        "shop",
        [
            alert(
                "Slow", 'sum(rate(seconds{b="1",a="2"}[5m])) > 2', for_="90s",
                summary="{{ $value }}",
            ),
        ],
    )
    records = alert_group("records", [recording_rule("job:up:sum", "sum by (job) (up)")])
"""


class StandIn:
    """Answers in place of a Prometheus or an Alertmanager, as those did once."""

    def __init__(self, answer: Any) -> None:
        self.url = "http://127.0.0.1:9"
        self.answers = [answer]
        self.took_its_files = True
        self.reloads = 0

    def reload(self) -> None:
        """Count, and take the next answer if there is one."""
        self.reloads += 1
        if len(self.answers) > 1:
            self.answers.pop(0)

    def uses_newest_files(self) -> bool:
        """Whether a Prometheus took them."""
        return self.took_its_files

    def rule_groups(self) -> Any:
        """What a Prometheus evaluates."""
        return self.answers[0]

    def config(self) -> Any:
        """What an Alertmanager uses."""
        return self.answers[0]


def alerting(**changes: Any) -> dict[str, Any]:
    # Prometheus 3 sorts the matchers.
    return {
        "name": "Slow",
        "type": "alerting",
        "query": 'sum(rate(seconds{a="2",b="1"}[5m])) > 2',
        "duration": 90,
        "keepFiringFor": 0,
        "labels": {"severity": "warning"},
        "annotations": {"summary": "{{ $value }}"},
        **changes,
    }


def groups(*rules: Any) -> list[Any]:
    recording = {"name": "job:up:sum", "type": "recording", "query": "sum by (job) (up)"}
    return [{"name": "shop", "rules": [*rules]}, {"name": "records", "rules": [recording]}]


@pytest.fixture
def resources(project: ProjectFolder) -> list[Resource]:
    return project.write({"alerts/shop.py": ALERTS}).resources()


def of_prometheus(
    resources: Sequence[Resource], running: Any, *, evaluates_alerts: bool = True
) -> list[str]:
    stand_in: Any = StandIn(running)
    return [*OfPrometheus(stand_in, evaluates_alerts=evaluates_alerts).differences(resources)]


def test_rules_that_prometheus_prints_in_its_own_way_are_the_same(
    resources: Sequence[Resource],
) -> None:
    assert [] == of_prometheus(resources, groups(alerting()))


@pytest.mark.parametrize(
    "change",
    [
        {"query": 'sum(rate(seconds{a="2",b="1"}[5m])) > 3'},
        {"duration": 60},
        {"labels": {"severity": "critical"}},
        {"annotations": {}},
    ],
    ids=["query", "for", "labels", "annotations"],
)
def test_a_rule_that_differs_is_named(resources: Sequence[Resource], change: Any) -> None:
    assert ["rule group 'shop': rule 'Slow' differs"] == of_prometheus(
        resources, groups(alerting(**change))
    )


def test_a_rule_too_many_or_too_few_is_named(resources: Sequence[Resource]) -> None:
    assert ["rule group 'shop': rule 'Slow' differs"] == of_prometheus(resources, groups())
    assert ["rule group 'shop': rule 'Old' differs"] == of_prometheus(
        resources, groups(alerting(), alerting(name="Old"))
    )


def test_a_group_that_is_not_loaded_is_named(resources: Sequence[Resource]) -> None:
    assert [
        "rule group 'records' is not loaded",
        "rule group 'shop' is not loaded",
    ] == of_prometheus(resources, [])


def test_prometheus_only_records_where_grafana_evaluates_the_alerts(
    resources: Sequence[Resource],
) -> None:
    running = groups(alerting())[1:]

    assert [] == of_prometheus(resources, running, evaluates_alerts=False)
    assert ["rule group 'shop' is not loaded"] == of_prometheus(resources, running)


def test_a_reload_that_failed_since_is_told(resources: Sequence[Resource]) -> None:
    """Such as one of scrape jobs, which are no resources."""
    stand_in: Any = StandIn(groups(alerting()))
    stand_in.took_its_files = False

    differences = [*OfPrometheus(stand_in, evaluates_alerts=True).differences(resources)]

    assert ["its last reload failed, so it keeps the configuration from before"] == differences


ALERTMANAGER = {
    "gk.yaml": """
        build: {formats: [alertmanager]}
        alertmanager:
          smtp: {smarthost: "mail:25", from: a@b, username: u, password: {file: /password}}
    """,
    "alerts/mail.py": """
        from gk import contact_point, notification_policy, receiver

        mail = contact_point("mail", receiver("email", {"addresses": "sre@example.com"}))
        policy = notification_policy(mail, group_wait="90s")
    """,
}
RUNNING = {
    "global": {
        "resolve_timeout": "5m",
        "smtp_smarthost": "mail:25",
        "smtp_from": "a@b",
        "smtp_auth_username": "u",
        "smtp_auth_password_file": "/password",
        "smtp_require_tls": True,
    },
    "route": {"receiver": "mail", "continue": False, "group_wait": "1m30s"},
    "receivers": [
        {
            "name": "mail",
            "email_configs": [{"send_resolved": True, "to": "sre@example.com", "from": "a@b"}],
        }
    ],
    "templates": [],
}


def of_alertmanager(project: ProjectFolder, running: Any) -> list[str]:
    stand_in: Any = StandIn(running)
    return [*OfAlertmanager(stand_in).differences(project.write(ALERTMANAGER).resources())]


def test_defaults_and_spellings_of_alertmanager_are_no_differences(
    empty_project: ProjectFolder,
) -> None:
    assert [] == of_alertmanager(empty_project, RUNNING)


def test_settings_that_alertmanager_has_otherwise_are_named(empty_project: ProjectFolder) -> None:
    running = json.loads(json.dumps(RUNNING))
    running["route"]["group_wait"] = "2m"
    running["receivers"][0]["email_configs"][0]["to"] = "nobody@example.com"

    assert [
        "receivers[0].email_configs[0].to differs",
        "route.group_wait differs",
    ] == of_alertmanager(empty_project, running)


# Grafana


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Grafana, list[Resource]]]:
    """A Grafana that has what a project defines."""
    with FakeGrafana() as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        project = ProjectFolder(tmp_path_factory.mktemp("team"))
        team = Team(project, connection, "store", fake, dict(SECRETS)).write(EVERYTHING)
        resources = team.project.resources()
        assert {} == team.push_resources(resources).not_done
        with Client(connection) as client:
            yield Grafana(client), resources


def test_a_grafana_that_has_everything_has_no_differences(
    pushed: tuple[Grafana, list[Resource]],
) -> None:
    grafana, resources = pushed
    server = OfGrafana(grafana, evaluates_alerts=True)

    server.reload()

    assert [] == [*server.differences(resources)]
    assert "1 data source, 1 dashboard, 1 rule group" == server.loaded(resources)


def test_a_number_is_the_same_however_grafana_writes_it(project: ProjectFolder) -> None:
    """It stores 1.0 as 1 (observed on 12.4.0)."""
    project.write(
        {
            "dashboards/d.py": """
                from gk import Dashboard, stat

                d = Dashboard("D", uid="d", panels=[stat("S", "up", thresholds={1.0: "red"})])
            """
        }
    )
    resource = project.resource(Kind.DASHBOARD)
    assert b'"value": 1.0' in resource.json

    class OfIntegers:
        """A Grafana that has the dashboard, with integers."""

        def __init__(self) -> None:
            self.client = SimpleNamespace(connection=SimpleNamespace(url="http://g"))

        def read(self, kind: Kind, uid: str) -> Live:
            """The dashboard."""
            body = json.loads(resource.json.replace(b"1.0", b"1"))
            form = KINDS[kind].parts
            return Live(kind=kind, uid=uid, title="D", folder="", body=body, form=form)

    grafana: Any = OfIntegers()

    assert [] == [*OfGrafana(grafana, evaluates_alerts=False).differences([resource])]


def test_what_grafana_has_otherwise_is_named(
    pushed: tuple[Grafana, list[Resource]], tmp_path: Path
) -> None:
    grafana, _ = pushed
    changed = {
        **EVERYTHING,
        "dashboards/shop.py": EVERYTHING["dashboards/shop.py"].replace("Orders", "Sales"),
        "dashboards/new.py": """
            from gk import Dashboard

            new = Dashboard("New", uid="store-new")
        """,
    }
    files = {path: text.replace("TEAM", "store") for path, text in changed.items()}
    resources = ProjectFolder(tmp_path).write(files).resources()

    assert [
        "dashboard 'New' is not loaded",
        "dashboard 'Shop': panels['Orders'] differs",
    ] == [*OfGrafana(grafana, evaluates_alerts=True).differences(resources)]


def test_only_an_administrator_may_reload_grafana(pushed: tuple[Grafana, list[Resource]]) -> None:
    grafana, _ = pushed
    url = grafana.client.connection.url
    with Client(Connection(url=url, name="", user="viewer", password="viewer")) as client:
        server = OfGrafana(Grafana(client), evaluates_alerts=False)

        with pytest.raises(GkError, match="only a server administrator may reload it"):
            server.reload()


# Patience


def test_a_server_is_asked_again_until_its_files_arrive(resources: Sequence[Resource]) -> None:
    """A ConfigMap takes its time."""
    stand_in: Any = StandIn([])
    stand_in.answers += [[], groups(alerting())]
    slept: list[float] = []

    outcome = reload(
        OfPrometheus(stand_in, evaluates_alerts=True),
        resources,
        patience=120,
        sleep=slept.append,
        clock=lambda: 2.0 * len(slept),
    )

    assert ((), 2, [2.0]) == (outcome.differences, stand_in.reloads, slept)


def test_patience_ends(resources: Sequence[Resource]) -> None:
    stand_in: Any = StandIn([])
    slept: list[float] = []

    outcome = reload(
        OfPrometheus(stand_in, evaluates_alerts=True),
        resources,
        patience=5,
        sleep=slept.append,
        clock=lambda: 2.0 * len(slept),
    )

    assert (2, 3) == (len(outcome.differences), stand_in.reloads)


# What people and programs read


OUTCOMES = [
    Outcome(
        server="Prometheus",
        url="http://p",
        loaded="2 rule groups",
        differences=(),
        seconds=0.25,
    ),
    Outcome(
        server="Grafana",
        url="http://g",
        loaded="1 dashboard",
        differences=tuple(f"dashboard '{number}' is not loaded" for number in range(12)),
        seconds=3.0,
    ),
]


def test_the_text_names_ten_differences() -> None:
    lines = FORMS["text"](OUTCOMES).split("\n")

    assert "Prometheus http://p: uses what is defined: 2 rule groups (0.2 s)" == lines[0]
    assert "Grafana http://g: does not use what is defined after 3.0 s" == lines[1]
    assert ["  dashboard '9' is not loaded", "  and 2 more"] == lines[-2:]


def test_json_has_all_of_them() -> None:
    body = json.loads(FORMS["json"](OUTCOMES))

    assert (1, ["Prometheus", "Grafana"]) == (
        body["version"],
        [server["server"] for server in body["servers"]],
    )
    assert 12 == len(body["servers"][1]["differences"])


@pytest.mark.parametrize(
    ("contexts", "arguments", "expected"),
    [
        ("", (), "which servers? gk.yaml has no contexts; write one"),
        (
            "contexts: {a: {prometheus: 'http://127.0.0.1:1'}, b: {}}",
            (),
            "which servers? gk.yaml has a, b; choose with --context",
        ),
        (
            "contexts: {local: {prometheus: 'http://127.0.0.1:1'}}",
            ("--context", "lcoal"),
            "--context 'lcoal': gk.yaml has local; did you mean 'local'?",
        ),
        (
            "contexts: {local: {alertmanager: 'http://127.0.0.1:1'}}",
            (),
            "the context names no server that loads what the project defines",
        ),
        (
            "contexts: {local: {prometheus: 'http://127.0.0.1:1'}}",
            (),
            "no Prometheus answers at http://127.0.0.1:1",
        ),
    ],
    ids=["none", "several", "unknown", "nothing-to-load", "away"],
)
def test_a_mistake_is_told_with_what_to_do(
    project: ProjectFolder,
    run_gk: RunGk,
    contexts: str,
    arguments: tuple[str, ...],
    expected: str,
) -> None:
    project.write({"gk.yaml": contexts, "alerts/shop.py": ALERTS})

    ran = run_gk("reload", *arguments)

    assert 2 == ran.code
    assert expected in ran.err


def test_a_variable_of_the_shell_leads_to_no_other_grafana(
    project: ProjectFolder, run_gk: RunGk, pushed: tuple[Grafana, list[Resource]]
) -> None:
    """The context is asked, whole."""
    url = pushed[0].client.connection.url
    project.write(
        {
            "gk.yaml": "contexts: {local: {grafana: 'http://127.0.0.1:1', token: {env: TOKEN}}}",
            "alerts/shop.py": ALERTS,
        }
    )

    ran = run_gk("reload", env={"GRAFANA_URL": url, "GRAFANA_TOKEN": "x", "TOKEN": "y"})

    assert 2 == ran.code
    assert url not in ran.out + ran.err
    assert "127.0.0.1:1" in ran.err
