"""gk push where Grafana lists dashboards with their versions (12 and later)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gk.grafana import apis
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.errors import MalformedError
from gk.grafana.kinds import KINDS
from gk.grafana.objects import Grafana
from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.pushing import DASHBOARD, EVERYTHING, SECRETS, Team, team_of


@pytest.fixture(params=["12.4.0", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team whose Grafana has the resource API."""
    with team_of(request, empty_project) as team:
        if not team.has_resource_api:
            pytest.skip("this Grafana has no resource API")
        yield team


def _documents(sent: list[tuple[str, str]], team: Team) -> list[str]:
    """The dashboards of the team that were read whole, without the ledger."""
    own = [path for method, path in sent if method == "GET" and f"/{team.name}-" in path]
    return [path for path in own if "dashboards" in path]


def test_a_dashboard_that_is_as_gk_pushed_it_is_not_read(team: Team) -> None:
    """The list has its version, and the ledger what that version is."""
    first = team.write(EVERYTHING).push()
    second = team.push()

    assert {} == first.not_done
    assert ({}, []) == (second.actions, second.writes)
    assert [] == _documents(list(second.sent), team)


def test_a_new_dashboard_is_created_without_a_look_for_it(team: Team) -> None:
    """The list lacks it."""
    pushed = team.write(EVERYTHING).push(dry_run=True)

    assert Action.CREATE == pushed.actions[f"dashboard {team.name}-shop"]
    assert [] == _documents(list(pushed.sent), team)


def test_what_somebody_edits_with_kubectl_is_not_taken_for_our_own(team: Team) -> None:
    """It keeps the message of our version, so the content decides."""
    team.write(EVERYTHING).push()
    uid = f"{team.name}-shop"
    team.edit_as_kubectl(uid, description="mine")

    same = team.push()
    changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    assert {f"dashboard {uid}": Action.CONFLICT} == same.actions
    assert {f"dashboard {uid}": Action.CONFLICT} == changed.actions
    assert "mine" == team.dashboard(uid)["description"]


def test_what_somebody_edits_back_with_kubectl_is_ours_again(team: Team) -> None:
    """It is what gk sent, under another version."""
    team.write(EVERYTHING).push()
    uid = f"{team.name}-shop"
    before = team.dashboard(uid)["title"]
    team.edit_as_kubectl(uid, title="Another")
    team.edit_as_kubectl(uid, title=before)

    changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    assert {f"dashboard {uid}": Action.UPDATE} == changed.actions


def test_labels_and_annotations_of_others_survive_a_push(team: Team) -> None:
    """A write replaces the whole object."""
    team.write(EVERYTHING).push()
    path = team.object_path(f"{team.name}-shop")
    dashboard = team.ask("GET", path)
    dashboard["metadata"]["annotations"]["example.com/team"] = "shop"
    team.ask("PUT", path, dashboard)

    team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    after = team.ask("GET", path)
    assert "shop" == after["metadata"]["annotations"]["example.com/team"]
    assert "Sold" == after["spec"]["panels"][0]["title"]


def test_viewers_may_see_what_is_pushed_outside_of_folders(team: Team) -> None:
    """As the old API has it: the resource API shows it to administrators only, unless told."""
    outside = DASHBOARD.replace('folder="TEAM"', 'folder=""')
    team.write({**EVERYTHING, "dashboards/shop.py": outside}).push()

    given = team.ask("GET", f"/dashboards/uid/{team.name}-shop/permissions")

    roles = {
        permission["role"]: permission["permission"]
        for permission in given
        if permission.get("role")
    }
    assert {"Viewer": 1, "Editor": 2} == roles


MORE = """
    from gk import folder, library_panel, timeseries
    from datasources.prometheus import prometheus

    shop = folder("TEAM", permissions={"Viewer": "edit"})
    orders = library_panel(timeseries("TEAM orders", "orders"), datasource=prometheus)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_reading_all_gives_what_reading_each_gives(team: Team, kind: Kind) -> None:
    """So that a push may take either."""
    team.write({**EVERYTHING, "dashboards/more.py": MORE}).push()

    with Client(team.connection) as client:
        grafana = Grafana(client)
        own = [live for live in grafana.every(kind) if team.name in live.uid]
        reads = [grafana.read(kind, live.uid) for live in own]

    assert own or kind is Kind.NOTIFICATION_POLICY
    assert [(one.uid, one.title, one.folder, one.parts, one.stamp) for one in reads if one] == [
        (one.uid, one.title, one.folder, one.parts, one.stamp) for one in own
    ]


def test_a_list_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the last."""
    monkeypatch.setattr(apis, "PAGE", 3)
    with FakeGrafana(version="12.4.0") as fake:
        for number in range(7):
            fake.load({"dashboard": {"uid": f"d{number}", "title": f"D{number}"}})
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        with Client(connection) as client:
            uids = [live.uid for live in Grafana(client).every(Kind.DASHBOARD)]

        pages = [request.path for request in fake.requests if "limit=3" in request.path]

    assert [f"d{number}" for number in range(7)] == uids
    assert ["", "3", "6"] == [page.partition("continue=")[2] for page in pages]


def test_a_dashboard_from_a_file_is_left_to_the_file() -> None:
    """The resource API would let gk write over it."""
    with FakeGrafana(version="12.4.0") as fake:
        fake.provision_dashboard({"uid": "d", "title": "D"})
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        with Client(connection) as client:
            live = Grafana(client).read(Kind.DASHBOARD, "d")

    assert live is not None
    assert "it is provisioned from a file, d.json" == live.locked


def test_pages_that_do_not_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a list would make the rest look deleted."""
    answer = {"metadata": {"continue": "1"}, "items": []}
    with FakeGrafana(version="12.4.0") as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        with Client(connection) as client:
            served = client.apis
            monkeypatch.setattr(client, "_read", lambda *_: answer)
            collection = served.collection(apis.DASHBOARDS)
            assert collection is not None

            with pytest.raises(MalformedError, match="its pages do not end"):
                list(apis.heads(client, collection))


def test_a_proxy_that_knows_only_the_old_api_is_no_obstacle(empty_project: ProjectFolder) -> None:
    """It answers a login page to all else; the message of a version proves no more for that."""
    with FakeGrafana(version="12.4.0", only_old_api=True) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "shop", fake, dict(SECRETS))
        first = team.write(EVERYTHING).push()
        changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()
        last = team.push()

    assert ({}, {}) == (first.not_done, changed.not_done)
    assert ["dashboard shop-shop"] == list(changed.actions)
    assert ({}, []) == (last.actions, last.writes)


@pytest.mark.parametrize("version", ["9.3.2", "11.6.0"])
def test_an_older_grafana_is_not_asked_for_what_it_does_not_serve(version: str) -> None:
    """It answers 404 to the question for groups."""
    with FakeGrafana(version=version) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        with Client(connection) as client:
            served = client.apis

    assert apis.Apis() == served
