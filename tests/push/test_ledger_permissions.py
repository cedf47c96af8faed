"""Who sees a ledger: it names what the permissions of a folder may hide.

Against the fake, and against a real server with service accounts of its own. Grafana remembers for
up to a minute what an account may (9.3), so each look is that of a new one.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator

import pytest

from gk.errors import GkError
from gk.grafana.apis import DASHBOARDS
from gk.grafana.client import below_the_base
from gk.grafana.connection import Connection
from gk.push import Status
from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.grafana_contract import Bearer, Server
from tests.pushing import DASHBOARD, DATASOURCE, Team

EXTERNAL = DATASOURCE.replace('url="http://prometheus:9090"', "external=True")
FILES = {"datasources/prometheus.py": DATASOURCE, "dashboards/shop.py": DASHBOARD}


@pytest.fixture
def team(server: Server, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team whose account is an administrator's."""
    ours = Team(empty_project, _connection(server), f"t{uuid.uuid4().hex[:8]}")
    yield ours.write(FILES)
    ours.connection = _connection(server)
    for suffix in ("", "-b"):
        Team(empty_project, ours.connection, f"{ours.name}{suffix}").clean_up()


def _connection(server: Server, role: str = "") -> Connection:
    """To the server, with a new service account of that role, or as who the tests are."""
    if role:
        return Connection(url=server.url, name="", token=server.role(role).token)
    if isinstance(server.auth, Bearer):
        return Connection(url=server.url, name="", token=server.auth.token)
    return Connection(url=server.url, name="", user=server.auth[0], password=server.auth[1])  # type: ignore[index]


def _sees_ledger(server: Server, team: Team, role: str) -> tuple[bool, bool]:
    """Whether an account of that role can read the ledger, and whether a search lists it."""
    auth = server.role(role)
    read = server.ask("GET", f"/api/dashboards/uid/gk-{team.name}", auth=auth).status_code
    hits = server.ask("GET", "/api/search?limit=5000&tag=gk-ledger", auth=auth).json()
    return read == 200, f"gk-{team.name}" in [hit["uid"] for hit in hits]


@pytest.mark.parametrize("role", ["", "Admin"], ids=["administrator", "service account"])
def test_only_administrators_see_the_ledger_of_who_may_hide_it(
    server: Server, team: Team, role: str
) -> None:
    """From the first push on; who pushes sees it."""
    team.connection = _connection(server, role)

    pushed = team.push()

    assert ({}, []) == (pushed.not_done, pushed.notes)
    assert (False, False) == _sees_ledger(server, team, "Viewer")
    assert (False, False) == _sees_ledger(server, team, "Editor")
    assert (True, True) == _sees_ledger(server, team, "Admin")
    assert [] == team.push().writes


def test_nothing_is_in_the_ledger_before_it_is_hidden(server: Server, team: Team) -> None:
    """Nobody can look in between."""
    pushed = team.push()

    assert [
        team.create(DASHBOARDS, "/dashboards/db"),
        ("POST", f"/api/dashboards/uid/gk-{team.name}/permissions"),
        team.update(f"gk-{team.name}"),
    ] == [(method, below_the_base(path)) for method, path in pushed.writes[:3]]
    first = server.get(f"/api/dashboards/uid/gk-{team.name}/versions/1")
    assert f"{team.name}-shop" not in json.dumps(first["data"])


def test_a_ledger_that_everybody_saw_is_hidden_by_the_next_push_that_writes_it(
    server: Server, team: Team
) -> None:
    """One of an older gk, in General."""
    team.push()
    public = [{"role": "Viewer", "permission": 1}, {"role": "Editor", "permission": 2}]
    server.done("POST", f"/api/dashboards/uid/gk-{team.name}/permissions", {"items": public})

    unchanged = team.push()
    team.write({"datasources/prometheus.py": DATASOURCE.replace("9090", "9091")}).push()

    assert [] == unchanged.writes
    assert (False, False) == _sees_ledger(server, team, "Viewer")


def test_titles_are_in_no_ledger(server: Server, team: Team) -> None:
    """Not even where it is hidden: the next account may be one that cannot hide it."""
    team.write({"dashboards/shop.py": DASHBOARD.replace('"Shop"', '"Lay-offs in May"')}).push()

    assert "Lay-offs" not in json.dumps(team.dashboard(f"gk-{team.name}"))


def test_who_may_not_hide_the_ledger_pushes_all_the_same_and_is_told(
    server: Server, team: Team
) -> None:
    """Once, in each push that writes it. A service account may hide what it made, but not with
    9.3."""
    team.write({"datasources/prometheus.py": EXTERNAL})
    team.connection = _connection(server, "Editor")

    pushed = team.push("folders", "dashboards")
    last = team.push("folders", "dashboards")

    assert {} == pushed.not_done
    if server.since(10):
        assert (False, False) == _sees_ledger(server, team, "Viewer")
        assert [] == pushed.notes
    else:
        assert ["this account may not hide it from viewers"] == [
            note.partition(", and ")[2].partition(":")[0] for note in pushed.notes
        ]
    assert ([], []) == (last.writes, last.notes)


def test_who_may_not_see_the_ledger_is_told_what_to_do_and_pushes_nothing(
    server: Server, team: Team
) -> None:
    """All would look like somebody else's."""
    team.push()
    team.connection = _connection(server, "Editor")

    with pytest.raises(
        GkError,
        match=f"may not see what project '{team.name}' pushed.*role Admin.*'gk-{team.name}'",
    ):
        team.push("folders", "dashboards")


def test_who_does_not_see_every_ledger_is_told_that_others_may_own_what_is_there(
    server: Server, team: Team
) -> None:
    """That nobody does would be a guess."""
    team.push()
    other = Team(team.project, _connection(server, "Editor"), f"{team.name}-b")
    other.write(
        {"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold").replace("TEAM", team.name)}
    )

    end = time.monotonic() + 90
    pushed = other.push("dashboards")
    # What editors may do in a new folder, 12.4.0 knows after up to a minute.
    while pushed.plan.of(Action.BLOCKED) and time.monotonic() < end:
        time.sleep(5)
        pushed = other.push("dashboards")

    change = pushed.change(Kind.DASHBOARD, f"{team.name}-shop")
    assert Action.CONFLICT is change.action
    assert change.reason.startswith("it already exists, and gk did not push it")
    assert change.reason.endswith("this account cannot see whether another project pushed it")


def test_who_does_not_see_every_ledger_deletes_nothing_that_another_project_may_have(
    server: Server, team: Team
) -> None:
    """Unless that is forced."""
    team.write({"datasources/prometheus.py": EXTERNAL})
    team.connection = _connection(server, "Editor")
    team.push("folders", "dashboards")
    team.remove("dashboards/shop.py")

    pruned = team.push("dashboards", prune=True)
    was_there = team.is_there(f"/dashboards/uid/{team.name}-shop")
    forced = team.push("dashboards", prune=True, force=True)

    change = pruned.change(Kind.DASHBOARD, f"{team.name}-shop")
    assert Action.CONFLICT is change.action
    assert change.reason.startswith("it stays, because another project may have pushed it, too")
    assert was_there
    assert {f"dashboard {team.name}-shop": Status.DONE} == forced.ended
