"""gk push of dashboards in schema v2, and over them (Grafana 12.4 and later)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gk.grafana.apis import DASHBOARDS
from gk.grafana.connection import Connection
from gk.push import Status
from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder, RunGk
from tests.diff.test_live import drift
from tests.fake_grafana import FakeGrafana
from tests.pushing import Team, team_of

V2 = 'grafana: "12.4"\ndashboards: v2\n'
BOARD = """
    from gk import Dashboard, Datasource, Tab, auto_grid, dashboard_link, text

    board = Dashboard(
        "Board",
        uid="TEAM-board",
        folder="",
        links=[dashboard_link("Docs", url="https://example.com")],
        rows=[Tab("First", auto_grid([text("Hello", "hello"), text("You", "you")]))],
    )
"""


@pytest.fixture(params=["12.4.0", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team with a dashboard of schema v2, whose Grafana serves that."""
    with team_of(request, empty_project) as team:
        if not team.serves(DASHBOARDS, "v2beta1"):
            pytest.skip("this Grafana does not serve v2beta1")
        yield team.write({"gk.yaml": V2, "dashboards/board.py": BOARD})


def test_a_dashboard_is_stored_in_schema_v2_with_its_tabs(team: Team) -> None:
    """And the second push finds it as it is."""
    first, second = team.push(), team.push()

    stored = team.object_of(f"{team.name}-board")
    assert {} == first.not_done
    assert "TabsLayout" == stored["spec"]["layout"]["kind"]
    assert ({}, []) == (second.actions, second.writes)


def test_without_a_ledger_it_is_recognized_as_the_same(team: Team) -> None:
    """What Grafana adds when it stores it is no difference."""
    team.push()
    team.ask("DELETE", f"/dashboards/uid/gk-{team.name}")

    again = team.push()

    assert ({}, True) == (again.actions, again.change(Kind.DASHBOARD, f"{team.name}-board").adopts)


def test_an_edit_of_it_is_a_conflict(team: Team) -> None:
    """Its layout is compared, too."""
    team.push()
    uid = f"{team.name}-board"
    _rename_a_tab(team, uid)

    change = team.push().change(Kind.DASHBOARD, uid)

    assert Action.CONFLICT is change.action
    assert ["spec.layout.spec.tabs[0].spec.title"] == [field.path for field in change.fields]


def _rename_a_tab(team: Team, uid: str) -> None:
    stored = team.object_of(uid)
    stored["spec"]["layout"]["spec"]["tabs"][0]["spec"]["title"] = "Theirs"
    team.ask("PUT", team.object_path(uid).replace("v0alpha1", "v2beta1"), stored)


def test_a_classic_dashboard_is_not_written_over_one_of_schema_v2(team: Team) -> None:
    """It would lose its tabs, so --force must say so."""
    team.push()
    uid = f"{team.name}-board"
    _rename_a_tab(team, uid)
    classic = team.write({"gk.yaml": ""})

    conflict = classic.push()
    before = team.object_of(uid)["spec"]["layout"]["kind"]
    forced = classic.push(force=True)

    reason = conflict.change(Kind.DASHBOARD, uid).reason
    assert reason.endswith(
        "it is kept in schema v2, whose tabs and conditions a classic one would lose"
    )
    assert ([], "TabsLayout") == (conflict.writes, before)
    assert {f"dashboard {uid}": Status.DONE} == forced.ended
    assert ({}, []) == (classic.push().actions, classic.push().writes)


def test_what_gk_pushed_as_classic_becomes_one_of_schema_v2_by_a_setting(team: Team) -> None:
    """And back."""
    uid = f"{team.name}-board"
    assert {} == team.write({"gk.yaml": ""}).push().not_done

    moved = team.write({"gk.yaml": V2}).push()
    layout = team.object_of(uid)["spec"]["layout"]["kind"]
    back = team.write({"gk.yaml": ""}).push()

    change = moved.change(Kind.DASHBOARD, uid)
    assert (Action.UPDATE, "it becomes a dashboard of schema v2") == (change.action, change.reason)
    assert "TabsLayout" == layout
    assert {f"dashboard {uid}": Status.DONE} == back.ended
    assert ({}, []) == (team.push().actions, team.push().writes)


@pytest.mark.parametrize("version", ["9.3.2", "12.0.0"])
def test_a_grafana_without_schema_v2_blocks_it(empty_project: ProjectFolder, version: str) -> None:
    """Before anything is written."""
    with FakeGrafana(version=version) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "shop", fake)
        pushed = team.write({"gk.yaml": V2, "dashboards/board.py": BOARD}).push()

    change = pushed.change(Kind.DASHBOARD, "shop-board")
    assert (Action.BLOCKED, []) == (change.action, pushed.writes)
    assert f"Grafana {version} does not serve dashboards as v2beta1" in change.reason


def test_what_was_pushed_does_not_differ_from_the_definitions(team: Team) -> None:
    team.push()
    assert () == drift(team).changes


def test_an_edit_of_it_in_grafana_is_shown_in_words(team: Team) -> None:
    """It is read in the version in which Grafana keeps it."""
    team.push()
    uid = f"{team.name}-board"
    stored = team.object_of(uid)
    first = stored["spec"]["layout"]["spec"]["tabs"][0]["spec"]
    first["title"] = "Theirs"
    first["layout"]["spec"]["items"].reverse()
    team.ask("PUT", team.object_path(uid).replace("v0alpha1", "v2beta1"), stored)

    (change,) = drift(team).changes

    assert [
        ("tab", "First", "title: Theirs -> First"),
        ("panel", "Hello", "moved: place 2 -> place 1"),
    ] == [
        (part.kind, part.name, f"{edit.field}: {edit.old} -> {edit.new}")
        for part in change.parts
        for edit in part.edits
    ]


def test_a_classic_definition_of_it_loses_its_tabs(team: Team) -> None:
    """The comparison says it before a push with --force does it."""
    team.push()
    diff = drift(team.write({"gk.yaml": ""}))
    assert ["dashboard 'Board' becomes a classic one and loses tab 'First', 1 automatic grid"] == [
        risk.message for risk in diff.risks
    ]


HIDDEN = (
    "Grafana 12.4.0 shows dashboards of schema v2 as classic ones, below a warning, until its "
    "feature toggle dashboardNewLayouts is on"
)


@pytest.mark.parametrize(
    ("expected", "settings", "grafana"),
    [
        pytest.param([HIDDEN], V2, FakeGrafana(version="12.4.0"), id="off, as it is at first"),
        pytest.param(
            [], V2, FakeGrafana(version="12.4.0", toggles=["dashboardNewLayouts"]), id="on"
        ),
        pytest.param([], "", FakeGrafana(version="12.4.0"), id="only classic dashboards"),
        pytest.param([], V2, FakeGrafana(version="13.0.0"), id="13 needs no toggle"),
    ],
)
def test_a_plan_says_that_grafana_shows_dashboards_of_schema_v2_as_classic_ones(
    empty_project: ProjectFolder,
    run_gk: RunGk,
    expected: list[str],
    settings: str,
    grafana: FakeGrafana,
) -> None:
    """12.4 has a feature toggle for that, which is off at first."""
    empty_project.write({"gk.yaml": settings, "dashboards/board.py": BOARD})
    with grafana:
        environ = {"GRAFANA_URL": grafana.url, "GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin"}
        printed = run_gk("push", "--dry-run", env=environ).out

    assert "plan: 1 to create" in printed
    assert expected == [line for line in printed.splitlines() if "toggle" in line]
