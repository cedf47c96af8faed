"""A Grafana and the definitions: what differs, what does not, and who changed it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.history import with_history
from gk.diff.model import Diff, Mark
from gk.diff.sides.live import live_sides
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.errors import GrafanaError
from gk.grafana.objects import Grafana
from gk.push import open_server, select
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.pushing import EVERYTHING, SECRETS, Team


@pytest.fixture(params=["9.3.2", "13.0.1", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    name = f"t{uuid.uuid4().hex[:8]}"
    if request.param == "real":
        connection = request.getfixturevalue("grafana_server")
        pushed = Team(empty_project, connection, name, environ=dict(SECRETS)).write(EVERYTHING)
        yield pushed
        pushed.clean_up()
        return
    with FakeGrafana(version=request.param, prefix="/grafana") as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        yield Team(empty_project, connection, name, fake, dict(SECRETS)).write(EVERYTHING)


def drift(team: Team, *names: str) -> Diff:
    with Client(team.connection) as client:
        server = open_server(Grafana(client), team.name)
        resources = server.resources(team.project.resources())
        sides = live_sides(server, resources, select(names, resources, server.ledger.entries))
        return with_history(compare(*sides), server)


def marks(diff: Diff) -> Sequence[tuple[Mark, Kind]]:
    return [(change.mark, change.kind) for change in diff.changes]


def test_what_was_pushed_does_not_differ(team: Team) -> None:
    team.push()
    diff = drift(team)
    assert ((), (), 8) == (diff.changes, diff.old_problems, sum(diff.unchanged.values()))


def test_what_was_not_pushed_is_added(team: Team) -> None:
    assert {Mark.ADDED} == {change.mark for change in drift(team).changes}


def test_a_save_without_a_change_is_none(team: Team) -> None:
    team.push()
    dashboard = team.dashboard(f"{team.name}-shop")
    panels = [
        {**panel, "fieldConfig": {"defaults": {}, "overrides": []}, "options": {}}
        for panel in dashboard["panels"]
    ]
    team.edit(
        dashboard["uid"],
        panels=panels,
        time={"from": "now-2d", "to": "now"},
        refresh="1m",
        liveNow=False,
    )
    assert [] == marks(drift(team))


def test_what_somebody_saved_has_who_and_when(team: Team) -> None:
    team.push()
    team.edit(f"{team.name}-shop", title="Theirs")
    (change,) = drift(team).changes
    (version,) = change.history
    assert (Mark.CHANGED, 2, "admin", "by hand") == (
        change.mark,
        version.number,
        version.by,
        version.message,
    )
    assert datetime.fromisoformat(version.at.replace("Z", "+00:00")).tzinfo


def test_the_newest_save_comes_first_and_none_before_the_last_push(team: Team) -> None:
    team.push()
    team.edit(f"{team.name}-shop", title="First")
    team.push(force=True)
    team.edit(f"{team.name}-shop", title="Second")
    team.edit(f"{team.name}-shop", title="Third")
    (change,) = drift(team).changes
    assert [5, 4] == [version.number for version in change.history]


def test_a_definition_that_changed_is_nobodys_save(team: Team) -> None:
    team.push()
    team.write(
        {
            "dashboards/shop.py": EVERYTHING["dashboards/shop.py"].replace(
                "orders_total", "sales_total"
            )
        }
    )
    assert [()] == [change.history for change in drift(team).changes]


def test_a_time_range_that_a_definition_changed_differs(team: Team) -> None:
    team.push()
    changed = EVERYTHING["dashboards/shop.py"].replace(
        '"title": "Shop",', '"title": "Shop", "time": {"from": "now-7d"},'
    )
    team.write({"dashboards/shop.py": changed})
    assert [(Mark.CHANGED, Kind.DASHBOARD)] == marks(drift(team))


def test_a_rule_that_somebody_changed_differs(team: Team) -> None:
    team.push()
    team.edit_rules(f"{team.name}-alerts", f"{team.name} orders & more", **{"for": "10m"})
    (change,) = drift(team).changes
    assert (Mark.CHANGED, Kind.RULE_GROUP) == (change.mark, change.kind)
    (version,) = change.history
    assert version.at


def test_what_is_no_longer_defined_is_removed(team: Team) -> None:
    team.push()
    team.remove("dashboards/shop.py")
    by_kind: Any = {change.kind: change.mark for change in drift(team).changes}
    assert {Kind.DASHBOARD: Mark.REMOVED, Kind.FOLDER: Mark.REMOVED} == by_kind


def test_names_limit_what_is_compared(team: Team) -> None:
    assert {Kind.DATASOURCE} == {change.kind for change in drift(team, "data-sources").changes}


def test_what_cannot_be_read_is_a_problem(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.push()
    read = Grafana.read

    def broken(self: Grafana, kind: Kind, uid: str) -> Any:
        if kind is Kind.DATASOURCE:
            raise GrafanaError("out of order")
        return read(self, kind, uid)

    monkeypatch.setattr(Grafana, "read", broken)
    diff = drift(team)
    message = (
        f"datasources/prometheus.py:3: data source '{team.name} Prometheus' cannot be read: "
        "out of order"
    )
    assert ([message], []) == (list(map(str, diff.old_problems)), marks(diff))
