"""Whatever a kind needs is there: a kind that is added fails here, and each failure says what to
add."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.sides.side import Side
from gk.documents.secrets.references import references
from gk.explain.impact import impacts, names
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.kinds import KINDS, KindApi, lists
from gk.grafana.live import fingerprints
from gk.grafana.objects import Grafana
from gk.provisioning import tree, write
from gk.provisioning.grafana import NOTIFYING
from gk.provisioning.read import read
from gk.push import NAMES
from gk.push.plan import desired_parts, whole
from gk.resource import Facts, Kind, Resource
from gk.settings import Settings
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.pushing import EVERYTHING, SECRETS, Team

ONE_OF_EACH = {
    **EVERYTHING,
    "dashboards/library.py": """
        from gk import folder, library_panel, timeseries
        from datasources.prometheus import prometheus

        shop = folder("TEAM", permissions={"Viewer": "view", "team:SRE": "edit"})

        orders = library_panel(
            timeseries("TEAM orders", "sum(rate(orders_total[5m]))"), datasource=prometheus
        )
    """,
    "alerts/policies.py": """
        from gk import notification_policy
        from alerts.notifications import pager

        policies = notification_policy(pager, group_wait="90s")
    """,
}
"""A project with something of every kind that Grafana and Prometheus load."""
OF_ALERTMANAGER = {
    "gk.yaml": """
        build: {formats: [alertmanager]}
        alertmanager: {smtp: {smarthost: "127.0.0.1:25", from: gk@example.com}}
    """,
    "alerts/notifications.py": EVERYTHING["alerts/notifications.py"]
    .replace('secret("HOOK")', 'secret_file("/hook")')
    .replace("message_template, ", "message_template, secret_file, "),
    "alerts/policies.py": ONE_OF_EACH["alerts/policies.py"],
}
"""One whose notifications are Alertmanager's."""
OF_GRAFANA = [kind for kind in Kind if kind.facts.in_grafana]
CALLS = sorted(name for name in vars(KindApi) if not name.startswith("_"))

every_kind = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.value) for kind in Kind])
every_kind_of_grafana = pytest.mark.parametrize(
    "kind", [pytest.param(kind, id=kind.value) for kind in OF_GRAFANA]
)


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    root = tmp_path_factory.mktemp("team")
    files = {path: text.replace("TEAM", "store") for path, text in ONE_OF_EACH.items()}
    alertmanager = ProjectFolder(tmp_path_factory.mktemp("alertmanager")).write(OF_ALERTMANAGER)
    return [*ProjectFolder(root).write(files).resources(), *alertmanager.resources()]


@pytest.fixture(scope="module")
def grafana(resources: Sequence[Resource], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A Grafana that has the resources."""
    with FakeGrafana() as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        project = ProjectFolder(tmp_path_factory.mktemp("pushed"))
        team = Team(project, connection, "store", fake, dict(SECRETS))
        known = [
            resource for resource in resources if resource.kind in (*KINDS, Kind.PROMETHEUS_GROUP)
        ]
        assert {} == team.push_resources(known).not_done
        with Client(connection) as client:
            yield Grafana(client)


def _one(resources: Sequence[Resource], kind: Kind) -> Resource:
    example = next((resource for resource in resources if resource.kind is kind), None)
    assert example, f"add a definition that compiles to a {kind.value} to ONE_OF_EACH in {__file__}"
    return example


# Facts


@every_kind
def test_a_kind_is_made_of_its_value_and_says_facts(kind: Kind) -> None:
    """JSON and the ledger have the value."""
    assert kind is Kind(kind.value)
    assert isinstance(kind.facts, Facts), f"add Facts(...) to Kind.{kind.name} in gk/resource.py"


def test_each_kind_has_a_place_in_both_orders_and_a_name_on_the_command_line() -> None:
    """That in which Grafana needs them is that of the enum; a reviewer reads dashboards and alerts
    first."""
    assert list(range(len(Kind))) == [kind.order for kind in Kind]
    assert [Kind.DASHBOARD, Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP, Kind.FOLDER] == sorted(
        Kind, key=lambda kind: kind.reading_order
    )[:4]
    assert list(Kind) == list(NAMES.values())
    assert {"data-sources", "notification-policies", "Prometheus-rule-groups"} < NAMES.keys()


@every_kind
def test_the_facts_of_a_kind_are_true_of_its_resources(
    resources: Sequence[Resource], kind: Kind
) -> None:
    """What a definition compiles to shows whether they are."""
    ours = [resource for resource in resources if resource.kind is kind]
    body = _one(resources, kind).body

    assert kind.facts.has_folder or not any(resource.folder for resource in ours), (
        f"Kind.{kind.name} has a resource in a folder: set has_folder in gk/resource.py"
    )
    assert kind.facts.has_secrets or not any(any(references(resource.body)) for resource in ours), (
        f"Kind.{kind.name} refers to a secret: set has_secrets in gk/resource.py"
    )
    assert not kind.facts.members or isinstance(body[kind.facts.members], list)
    assert kind.facts.has_durations or not {"group_wait", "for", "interval"} & body.keys(), (
        f"Kind.{kind.name} has durations: set has_durations in gk/resource.py"
    )


# Grafana's API


@every_kind_of_grafana
def test_each_kind_has_a_module_that_knows_grafana_s_api(kind: Kind) -> None:
    """With all that a push does."""
    name = f"gk/grafana/kinds/{kind.name.lower()}.py"
    assert kind in KINDS, f"add {name}, and name it in KINDS of gk/grafana/kinds/__init__.py"
    for call in CALLS:
        function = getattr(KINDS[kind], call, None)
        assert inspect.isfunction(function), f"add {call}() to {name}, as KindApi describes it"
        wanted = [*inspect.signature(getattr(KindApi, call)).parameters][1:]
        assert wanted == [*inspect.signature(function).parameters], f"{call}() in {name}"


def test_no_other_kind_has_a_module() -> None:
    """What Grafana does not keep has none."""
    assert set(OF_GRAFANA) == KINDS.keys()


@every_kind_of_grafana
def test_what_was_pushed_of_a_kind_is_read_as_it_is_defined(
    grafana: Grafana, resources: Sequence[Resource], kind: Kind
) -> None:
    """In the form in which both are compared, which has what tells two of them apart."""
    wanted = _one(resources, kind)

    live = grafana.read(*wanted.key)

    assert live is not None
    parts = desired_parts(wanted)
    assert fingerprints(parts) == fingerprints(live.parts)
    assert any(part for part in parts.values()), f"parts() of Kind.{kind.name} has nothing in it"
    assert not kind.facts.members or kind.facts.members in whole(kind, parts)


# There is one tree of notification policies, and every folder has permissions.
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, id=kind.value)
        for kind in OF_GRAFANA
        if kind not in (Kind.NOTIFICATION_POLICY, Kind.FOLDER_PERMISSIONS)
    ],
)
def test_what_was_pushed_of_a_kind_is_listed(
    grafana: Grafana, resources: Sequence[Resource], kind: Kind
) -> None:
    """So that gk status knows what others have there, and a folder what is in it."""
    wanted = _one(resources, kind)

    listed = {entry.key: entry for list_of in lists([kind]) for entry in list_of(grafana.client)}

    assert wanted.key in listed, f"add what lists them to listed() of Kind.{kind.name}"
    # Grafana before 11 has no folders in folders.
    assert listed[wanted.key].title in (wanted.title, wanted.title.rpartition("/")[2])
    if kind.facts.has_folder:
        assert wanted.folder == listed[wanted.key].folder


# Files


# A folder is in the file of what is in it.
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, id=kind.value) for kind in Kind if kind is not Kind.FOLDER]
)
def test_each_kind_is_built_into_a_file_that_is_read_again(
    resources: Sequence[Resource], kind: Kind, tmp_path: Path
) -> None:
    """Or gk build says that it is in none."""
    ours = [resource for resource in resources if resource.kind in (kind, Kind.FOLDER)]
    built = tree(ours, Settings(formats=("grafana", "prometheus", "alertmanager")), tmp_path)
    write(built.files, tmp_path)

    if not kind.facts.has_file:
        assert any(kind.plural in warning for warning in built.warnings)
        return
    wanted = _one(resources, kind)
    what_to_do = (
        f"build them into a file (NOTIFYING in gk/provisioning/grafana.py) and read it in "
        f"gk/provisioning/read.py; or set has_file=False for Kind.{kind.name} in gk/resource.py"
    )
    assert list(tmp_path.rglob("*.*")), f"gk build writes no {kind.plural}: {what_to_do}"
    again = {resource.key for resource in read(tmp_path).resources}
    assert wanted.key in again, f"gk diff reads no {kind.plural} from files: {what_to_do}"


def test_what_is_in_no_file_is_told(
    resources: Sequence[Resource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who builds files alone would miss it."""
    facts = replace(Kind.MUTE_TIMING.facts, has_file=False)
    monkeypatch.setattr(Kind.MUTE_TIMING, "facts", facts)

    built = tree(resources, Settings(), tmp_path)

    warning = "1 mute timing: Grafana loads no mute timings from files; use gk push for them"
    assert warning in built.warnings


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.value) for kind in NOTIFYING])
def test_each_list_of_what_notifies_has_a_file_of_its_own(kind: Kind) -> None:
    """Two in one would overwrite each other."""
    file = NOTIFYING[kind]
    others = [other for other_kind, other in NOTIFYING.items() if other_kind is not kind]

    assert (file.name, file.key) not in [(other.name, other.key) for other in others]
    assert file.name not in [other.name for other in others]


# Reports


@every_kind
@pytest.mark.parametrize("is_gone", [True, False])
def test_each_kind_can_be_compared(
    resources: Sequence[Resource], kind: Kind, *, is_gone: bool
) -> None:
    """Where it is new and where it is gone, with what that risks."""
    ours = [resource for resource in resources if resource.kind is kind]
    sides = [Side(name="old", resources=ours), Side(name="new", resources=[])]

    diff = compare(*(sides if is_gone else reversed(sides)))

    assert {kind} == {change.kind for change in diff.changes}
    assert not is_gone or diff.risks, f"gk/diff/risks.py says nothing of a {kind.value} that goes"


def test_whatever_depends_on_something_has_its_place_in_gk_impact(
    resources: Sequence[Resource],
) -> None:
    """Dashboards and alerts before what notifies."""
    answers = impacts(resources, names(resources, {}))

    owners = [
        list(dict.fromkeys(dependent.owner for dependent in meaning.dependents))
        for impact in answers
        for meaning in impact.meanings
    ]
    assert ["dashboard", "rule group"] in owners
    assert ["notification policy"] in owners
