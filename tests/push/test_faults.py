"""gk push when things go wrong: a server that fails, a push that is killed, others who write at the
same time."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gk.errors import GkError
from gk.grafana.apis import DASHBOARDS, FOLDERS
from gk.grafana.connection import Connection
from gk.push import Status
from gk.push.ledger import Ledger
from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana, Faults
from tests.forks import Forks
from tests.pushing import (
    ALERTS,
    DASHBOARD,
    EVERYTHING,
    NOTIFICATIONS,
    SECRETS,
    THEIR_DATASOURCE,
    Pushed,
    Team,
)

CHANGED = {
    "datasources/prometheus.py": EVERYTHING["datasources/prometheus.py"].replace("9090", "9091"),
    "dashboards/shop.py": DASHBOARD.replace("Orders", "Sold").replace(
        'folder="TEAM"', 'folder="TEAM moved"'
    ),
    "dashboards/new.py": DASHBOARD.replace("TEAM-shop", "TEAM-new").replace('"Shop"', '"New"'),
    "alerts/orders.py": ALERTS.replace("< 1", "< 2").replace("TEAM-slow", "TEAM-slower"),
    "alerts/notifications.py": NOTIFICATIONS.replace("team@", "squad@").replace(
        '"TEAM text"', '"TEAM words"'
    ),
}


def _team(project: ProjectFolder, fake: FakeGrafana, **connection: Any) -> Team:
    """A team that pushes to the fake; its files have not been written yet."""
    usual = Connection(url=fake.url, name="", user="admin", password="admin")
    return Team(
        project, replace(usual, **connection), f"t{uuid.uuid4().hex[:8]}", fake, dict(SECRETS)
    )


@pytest.fixture(params=["9.3.2", "13.0.1"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team with everything defined, and an empty Grafana."""
    with FakeGrafana(version=request.param) as fake:
        yield _team(empty_project, fake, retries=8).write(EVERYTHING)


def _fake(team: Team) -> FakeGrafana:
    assert team.fake is not None
    return team.fake


def _assert_all_is_there(team: Team) -> None:
    """Everything is as defined, nothing is there twice, and the next push finds nothing to do."""
    last = team.push()
    state = _fake(team).state()
    count = Counter(resource.kind for resource in team.resources())

    assert ({}, []) == (last.actions, last.writes)
    assert count[Kind.DASHBOARD] + 1 == len(state["dashboards"])
    assert count[Kind.FOLDER] == len(state["folders"])
    assert count[Kind.DATASOURCE] == len(state["datasources"])


# A server that fails


@pytest.mark.parametrize("kind", ["reset", "reset-after", "429", "502", "503", "504", "502-after"])
@pytest.mark.usefixtures("short_pauses")
def test_a_push_gets_through_when_a_fifth_of_all_requests_fail(team: Team, kind: str) -> None:
    """Reads are repeated; a write whose answer got lost is looked into first."""
    # The first requests are given up sooner, so that nobody waits for a Grafana that is not there.
    first_of_all = ("/api/health", "/api/org", "/api/user")
    _fake(team).faults = Faults(rate=0.2, kinds=(kind,), seed=7, spared=first_of_all)

    first = team.push()
    changed = team.write(CHANGED).push(prune=True)
    _fake(team).faults = None

    assert {} == first.not_done
    assert {} == changed.not_done
    _assert_all_is_there(team)


@pytest.mark.usefixtures("short_pauses")
def test_a_push_gets_through_when_some_requests_are_never_answered(team: Team) -> None:
    """After a timeout that a busy machine does not reach by itself."""
    team.connection = replace(team.connection, timeout=1.0)
    _fake(team).faults = Faults(rate=0.05, kinds=("hang",), seed=7)

    first = team.push()
    changed = team.write(CHANGED).push(prune=True)
    _fake(team).faults = None

    assert {} == first.not_done
    assert {} == changed.not_done
    _assert_all_is_there(team)


def test_a_write_whose_answer_is_lost_is_not_done_twice(team: Team) -> None:
    """What is there says that it was done."""
    lost = " ".join(team.create(DASHBOARDS, "/dashboards/db"))
    _fake(team).faults = Faults(kinds=("reset-after",), only=lost, rate=1.0)

    pushed = team.push("folders", "dashboards")

    uid = f"{team.name}-shop"
    assert Status.DONE is pushed.outcome(Kind.DASHBOARD, uid).status
    assert 1 == team.dashboard(uid)["version"]


MANY = """
    from gk import Dashboard

    boards = [
        Dashboard.wrap(
            {{"title": f"Board {{n}}", "description": "{text}"}}, uid=f"TEAM-{{n}}", folder="TEAM"
        )
        for n in range({count})
    ]
"""


@pytest.mark.parametrize("force", [False, True], ids=["", "forced"])
def test_a_locked_database_is_no_conflict(team: Team, force: bool) -> None:
    """Grafana with SQLite says that somebody changed what nobody did, when several write at
    once."""
    team.connection = replace(team.connection, retries=0)
    _fake(team).writing_takes = 0.01

    first = team.write({"dashboards/shop.py": MANY.format(text="one", count=35)}).push(force=force)
    changed = team.write({"dashboards/shop.py": MANY.format(text="two", count=35)}).push(
        force=force
    )
    last = team.push(force=force)

    assert ({}, {}) == (first.not_done, changed.not_done)
    assert 35 == [outcome.status for outcome in changed.outcomes].count(Status.DONE)
    assert {"two"} == {team.dashboard(f"{team.name}-{n}")["description"] for n in range(35)}
    assert ({}, []) == (last.actions, last.writes)


def test_a_push_writes_less_at_once_when_the_database_was_locked(team: Team) -> None:
    """Refusals do not go on to its end."""
    _fake(team).writing_takes = 0.01

    pushed = team.write({"dashboards/shop.py": MANY.format(text="one", count=60)}).push()

    refused = [request.status for request in _fake(team).writes if request.status >= 400]
    assert {} == pushed.not_done
    assert 0 < len(refused) < 25


@pytest.mark.parametrize("force", [False, True], ids=["", "forced"])
def test_an_edit_while_the_database_is_locked_is_a_conflict(team: Team, force: bool) -> None:
    """What was refused is read before it is sent again."""
    team.push()
    team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")})
    uid = f"{team.name}-shop"
    fake = _fake(team)
    fake.faults = Faults(kinds=("412",), only=" ".join(team.update(uid)), times=2)
    look = team.look(uid)
    edited = threading.Event()

    def on_request(method: str, path: str) -> None:
        # Once it was refused, and before it is read.
        was_refused = any(request.status == 412 for request in fake.requests)
        if (method, path) == look and was_refused and not edited.is_set():
            edited.set()
            fake.faults = None
            team.edit(uid, description="mine")

    fake.on_request = on_request
    pushed = team.push(force=force)

    assert {f"dashboard {uid}": Status.CONFLICT} == pushed.ended
    assert "mine" == team.dashboard(uid)["description"]


def test_an_object_that_fails_does_not_stop_the_others(team: Team) -> None:
    """It is reported with what Grafana said."""
    team.connection = replace(team.connection, retries=0)
    _fake(team).faults = Faults(kinds=("503",), only="POST /api/v1/provisioning/mute-timings")

    pushed = team.push()

    assert [f"mute timing {team.name} nights"] == list(pushed.not_done)
    assert "503" in pushed.not_done[f"mute timing {team.name} nights"]
    assert 8 == len(pushed.outcomes)


def test_a_push_stops_at_the_first_failure_where_that_was_asked_for(team: Team) -> None:
    """What was not tried says so."""
    team.connection = replace(team.connection, retries=0, workers=1)
    _fake(team).faults = Faults(kinds=("503",), only="POST /api/datasources")

    pushed = team.push(fail_fast=True)

    assert Status.FAILED is pushed.ended[f"data source {team.name}-prometheus"]
    assert Status.SKIPPED is pushed.ended[f"dashboard {team.name}-shop"]
    assert not team.is_there(f"/dashboards/uid/{team.name}-shop")


def test_what_is_in_a_folder_that_could_not_be_made_is_not_put_elsewhere(team: Team) -> None:
    """Grafana 9.3 takes rules into folders that are not there."""
    team.connection = replace(team.connection, retries=0)
    _fake(team).faults = Faults(kinds=("503",), only=" ".join(team.create(FOLDERS, "/folders")))

    pushed = team.push()

    groups = [outcome for outcome in pushed.outcomes if outcome.change.kind is Kind.RULE_GROUP]
    assert [f"its folder '{team.name}-alerts' does not exist"] == [
        outcome.reason for outcome in groups
    ]
    assert {} == _fake(team).state()["rules"]


def test_a_login_page_instead_of_grafana_is_an_error_that_says_so(team: Team) -> None:
    """It answers 200, and it is no JSON."""
    _fake(team).login_page = True

    with pytest.raises(GkError, match="login page") as failure:
        team.push()

    assert "check the URL" in str(failure.value)


def test_a_server_that_never_answers_is_given_up_on_within_the_timeout(team: Team) -> None:
    """All attempts together."""
    team.connection = replace(team.connection, timeout=2.0, retries=4)
    _fake(team).faults = Faults(kinds=("hang",))
    start = time.monotonic()

    with pytest.raises(GkError, match=r"^no Grafana answers at http://127\.0\.0\.1"):
        team.push()

    # Each of them by itself would make ten.
    assert 8 > time.monotonic() - start


# Others


def _before(fake: FakeGrafana, method: str, path: str, act: Callable[[], object]) -> None:
    """Have something done once, before the fake handles a request."""
    done = threading.Event()

    def on_request(came_method: str, came_path: str) -> None:
        if (came_method, came_path) == (method, path) and not done.is_set():
            done.set()
            act()

    fake.on_request = on_request


def test_an_edit_between_plan_and_push_wins(team: Team) -> None:
    """The save is refused, because the version is another; it is not tried again."""
    team.push()
    team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")})
    uid = f"{team.name}-shop"
    _before(_fake(team), *team.update(uid), lambda: team.edit(uid, description="mine"))

    pushed = team.push()

    assert {f"dashboard {uid}": Status.CONFLICT} == pushed.ended
    assert "mine" == team.dashboard(uid)["description"]
    assert Action.CONFLICT is team.push().change(Kind.DASHBOARD, uid).action


def test_somebody_who_makes_the_same_uid_first_wins(team: Team) -> None:
    """It is theirs, now and at the next push."""
    uid = f"{team.name}-shop"
    made = {"uid": uid, "title": "Theirs"}
    _before(_fake(team), *team.create(FOLDERS, "/folders"), lambda: team.save(made))

    pushed = team.push()

    assert Status.CONFLICT is pushed.ended[f"dashboard {uid}"]
    assert "Theirs" == team.dashboard(uid)["title"]
    assert (
        "it already exists, and gk did not push it"
        == team.push().change(Kind.DASHBOARD, uid).reason
    )


def test_an_edit_of_rules_between_plan_and_push_wins(team: Team) -> None:
    """They have no version that Grafana would compare, so they are read again before they are
    written."""
    team.push()
    team.write({"alerts/orders.py": ALERTS.replace("< 1", "< 2")})
    group = f"{team.name} orders & more"
    _before(
        _fake(team),
        *team.update(f"gk-{team.name}"),
        lambda: team.edit_rules(f"{team.name}-alerts", group, noDataState="NoData"),
    )

    pushed = team.push()

    assert {f"rule group {team.name}-alerts/{group}": Status.CONFLICT} == pushed.ended
    assert (
        "NoData" == team.ask("GET", f"/v1/provisioning/alert-rules/{team.name}-slow")["noDataState"]
    )


def test_two_pushes_at_once_lose_nothing_and_double_nothing(team: Team) -> None:
    """Whoever comes second finds what was to be done, done."""
    other = Team(team.project, team.connection, team.name, team.fake, team.environ)
    resources = team.project.resources()
    start = threading.Barrier(2)
    pushed: list[Pushed] = []

    def push(one: Team) -> None:
        start.wait()
        pushed.append(one.push_resources(resources))

    threads = [threading.Thread(target=push, args=(pusher,)) for pusher in (team, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 2 == len(pushed)
    assert [{}, {}] == [result.not_done for result in pushed]
    _assert_all_is_there(team)


# What Grafana does not let gk write


def test_what_is_provisioned_from_files_is_blocked_by_name_and_the_rest_is_pushed(
    team: Team,
) -> None:
    """Found before anything is written, for dashboards, data sources and rules."""
    fake, name = _fake(team), team.name
    fake.provision_dashboard({"uid": f"{name}-shop", "title": "Theirs"})
    fake.provision_datasource(
        {
            "uid": f"{name}-prometheus",
            "name": f"{name} Prometheus",
            "type": "loki",
            "access": "proxy",
        }
    )
    team.ask("POST", "/folders", {"uid": f"{name}-alerts", "title": f"{name} alerts"})
    group = team.project.resource(Kind.RULE_GROUP)
    fake.provision_rules(f"{name}-alerts", {**group.body, "rules": group.body["rules"][:1]})

    pushed = team.push(force=True)

    blocked = {change.kind: change.reason for change in pushed.plan.of(Action.BLOCKED)}
    assert {Kind.DASHBOARD, Kind.DATASOURCE, Kind.RULE_GROUP} == set(blocked)
    assert all(reason.startswith("it is provisioned from a file") for reason in blocked.values())
    assert {Status.DONE} == set(pushed.ended.values())
    assert 4 == len(pushed.ended)
    assert "Theirs" == team.dashboard(f"{name}-shop")["title"]


def test_a_viewer_s_token_blocks_what_it_may_not_write_or_read(
    empty_project: ProjectFolder,
) -> None:
    """Each by name, with what Grafana wants."""
    with FakeGrafana(tokens={"glsa_viewer": "Viewer"}) as fake:
        team = _team(empty_project, fake).write(EVERYTHING)
        team.push()
        seen = {"items": [{"role": "Viewer", "permission": 1}]}
        team.ask("POST", f"/dashboards/uid/gk-{team.name}/permissions", seen)
        team.connection = replace(team.connection, user="", password="", token="glsa_viewer")

        same = team.push(dry_run=True)
        with pytest.raises(GkError, match="this account lacks write permission"):
            team.write({"dashboards/new.py": CHANGED["dashboards/new.py"]}).push("dashboards")

    blocked = {change.kind: change.reason for change in same.plan.of(Action.BLOCKED)}
    assert {Kind.CONTACT_POINT, Kind.MESSAGE_TEMPLATE, Kind.MUTE_TIMING, Kind.RULE_GROUP} == set(
        blocked
    )
    assert all("alert.provisioning:read" in reason for reason in blocked.values())


def test_an_editor_s_token_is_enough_for_folders_and_dashboards(
    empty_project: ProjectFolder,
) -> None:
    """Grafana 9.3 refuses it a folder that is not there yet, instead of saying so."""
    with FakeGrafana(tokens={"glsa_editor": "Editor"}) as fake:
        team = _team(empty_project, fake).write(EVERYTHING)
        team.connection = replace(team.connection, user="", password="", token="glsa_editor")

        pushed = team.push("folders", "dashboards")
        last = team.push("folders", "dashboards")

    assert {} == pushed.not_done
    assert [] == pushed.plan.of(Action.BLOCKED)
    assert ({}, []) == (last.actions, last.writes)


def test_a_folder_with_a_library_panel_stays(team: Team) -> None:
    """Deleting the folder would delete it."""
    team.push()
    team.ask(
        "POST",
        "/library-elements",
        {"name": "Clock", "folderUid": team.name, "model": {}, "kind": 1},
    )

    pruned = team.remove("dashboards/shop.py").push(prune=True)

    assert "it stays: it has library panel 'Clock'" == pruned.change(Kind.FOLDER, team.name).reason


def test_a_folder_with_one_of_many_library_panels_stays(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be on a later page of them."""
    monkeypatch.setattr("gk.grafana.client.PAGE", 2)
    team.push()
    for name in "abc":
        team.ask(
            "POST", "/library-elements", {"name": name, "folderUid": "", "model": {}, "kind": 1}
        )
    team.ask(
        "POST", "/library-elements", {"name": "z", "folderUid": team.name, "model": {}, "kind": 1}
    )

    pruned = team.remove("dashboards/shop.py").push(prune=True)

    assert "it stays: it has library panel 'z'" == pruned.change(Kind.FOLDER, team.name).reason


def test_a_folder_that_gets_something_in_the_meantime_stays(team: Team) -> None:
    """It is looked into once more before it is deleted."""
    team.push()
    theirs = {"uid": "theirs", "title": "Theirs"}
    _before(_fake(team), *team.removal(f"{team.name}-shop"), lambda: team.save(theirs, team.name))

    pruned = team.remove("dashboards/shop.py").push(prune=True)

    assert {f"folder {team.name}": "it has dashboard 'Theirs' now, so it stays"} == pruned.not_done
    assert team.is_there("/dashboards/uid/theirs")


def test_a_ledger_that_may_not_be_written_stops_the_push_before_anything_is(team: Team) -> None:
    """What would be pushed could not be told from somebody else's later."""
    denied = " ".join(team.create(DASHBOARDS, "/dashboards/db"))
    _fake(team).faults = Faults(kinds=("403",), only=denied)

    with pytest.raises(
        GkError, match=f"gk keeps what it pushed in the dashboard 'gk: {team.name}'"
    ):
        team.push()

    assert {} == _fake(team).state()["folders"]


def test_a_ledger_that_cannot_be_written_at_the_end_is_reported_and_the_next_push_still_knows_all(
    team: Team,
) -> None:
    """What was about to be written was noted before."""
    team.connection = replace(team.connection, retries=0)
    fake, denied = _fake(team), " ".join(team.update(f"gk-{team.name}"))

    def fail(method: str, path: str) -> None:
        if method == "PUT" and "rule-groups" in path:
            fake.faults = Faults(kinds=("403",), only=denied)

    fake.on_request = fail
    first = team.push()
    fake.on_request = fake.faults = None
    second = team.write(CHANGED).push(prune=True)

    assert [f"dashboard gk-{team.name}"] == list(first.not_done)
    assert ({}, []) == (second.not_done, second.plan.of(Action.CONFLICT))
    _assert_all_is_there(team)


def test_versions_without_messages_are_made_up_for_by_the_ledger(team: Team) -> None:
    """A Grafana that lost them would make each update look like somebody else's."""
    team.push()
    _fake(team).dashboards.forgets_messages = True

    first = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()
    second = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Bought")}).push()

    assert 2 == len(first.writes)
    assert {f"dashboard {team.name}-shop": Status.DONE} == second.ended


def test_a_name_with_a_slash_is_pushed_to_a_root_url_and_blocked_below_a_path(
    empty_project: ProjectFolder,
) -> None:
    """Grafana 9.3 does not find it there (404)."""
    files = {**EVERYTHING, "alerts/orders.py": ALERTS.replace("orders & more", "orders/s")}
    with FakeGrafana() as root, FakeGrafana(prefix="/grafana") as below:
        at_root, below_path = (_team(empty_project, fake) for fake in (root, below))

        pushed = at_root.write(files).push()
        blocked = below_path.write(files).push()
        last = at_root.write(files).push()

    assert {} == pushed.not_done
    assert [] == last.writes
    assert [Kind.RULE_GROUP] == [change.kind for change in blocked.plan.of(Action.BLOCKED)]


def test_a_dashboard_called_as_a_folder_is_blocked_where_grafana_refuses_it(team: Team) -> None:
    """Before 11.3, whatever folder that is."""
    team.write({"dashboards/shop.py": DASHBOARD.replace('"Shop"', "f\"{'TEAM'.upper()}\"")})

    pushed = team.push()

    is_old = _fake(team).version.startswith("9")
    assert {Action.BLOCKED if is_old else Action.CREATE} == {
        pushed.change(Kind.DASHBOARD, f"{team.name}-shop").action
    }
    assert {} == pushed.not_done


def test_another_default_data_source_stays_the_default(team: Team) -> None:
    """Grafana would take that from it without a word."""
    team.write(
        {
            "datasources/prometheus.py": EVERYTHING["datasources/prometheus.py"].replace(
                '9090"', '9090", default=True'
            )
        }
    )
    theirs = {
        "uid": "theirs",
        "name": "Theirs",
        "type": "loki",
        "access": "proxy",
        "isDefault": True,
    }
    team.ask("POST", "/datasources", theirs)

    pushed = team.push()

    change = pushed.change(Kind.DATASOURCE, f"{team.name}-prometheus")
    assert Action.CONFLICT is change.action
    assert "in place of 'Theirs'" in change.reason
    assert team.ask("GET", "/datasources/uid/theirs")["isDefault"]
    assert Action.CREATE is team.push(force=True).change(Kind.DATASOURCE, change.uid).action
    assert not team.ask("GET", "/datasources/uid/theirs")["isDefault"]


def test_notification_policies_like_those_of_a_new_grafana_are_not_pushed_again(
    team: Team,
) -> None:
    """Nobody wrote these, and gk did not have to."""
    default = "empty" if team.has_resource_api else "grafana-default-email"
    text = f"from gk import notification_policy\nroot = notification_policy('{default}')\n"

    first, second = team.write({"alerts/policies.py": text}).push(), team.push()

    assert {} == first.not_done
    assert ({}, []) == (second.actions, second.writes)


def test_notification_policies_that_somebody_wrote_are_a_conflict(team: Team) -> None:
    """Grafana's own are nobody's, and are replaced."""
    policies = """
        from gk import notification_policy
        from alerts.notifications import pager

        root = notification_policy(pager, group_by=["alertname"], group_wait="45s")
    """
    team.push()
    default = "empty" if team.has_resource_api else "grafana-default-email"
    theirs = {"receiver": default, "group_by": ["job"]}
    team.ask("PUT", "/v1/provisioning/policies", theirs)
    team.write({"alerts/policies.py": policies})

    conflict = team.push()
    team.ask("DELETE", "/v1/provisioning/policies")
    pushed = team.push()
    last = team.push()

    assert {"notification policy root": Action.CONFLICT} == conflict.actions
    assert {"notification policy root": Status.DONE} == pushed.ended
    assert f"{team.name} pager" == team.ask("GET", "/v1/provisioning/policies")["receiver"]
    assert [] == last.writes


# A push that is killed


EVERY = int(os.environ.get("GK_TEST_KILLS", "4"))
"""Of how many requests one is the last of a push that is killed; versions and cases take turns."""
PARTS = 2
"""Tests among which these are divided, so that they can run beside each other."""
KILLED: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {
    "a first push": ({}, EVERYTHING, {}),
    "a change of everything": (EVERYTHING, CHANGED, {}),
    "a first push, and then the definitions change": ({}, EVERYTHING, CHANGED),
}
"""The definitions that were pushed before, those of the push, and those that change after it."""


def _ended_at(number: int, by: signal.Signals, team: Team, forks: Forks, *arguments: str) -> bool:
    """Run gk and signal it when it sends its request of that number; whether the signal ended
    it."""
    came = 0
    lock = threading.Lock()
    known = threading.Event()
    child = 0

    def on_request(_method: str, _path: str) -> None:
        nonlocal came
        with lock:
            came += 1
            is_it = came == number
        if is_it:
            known.wait(10)
            with suppress(ProcessLookupError):
                os.kill(child, by)

    _fake(team).on_request = on_request
    account = {"GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin"}
    environ = {**os.environ, **SECRETS, "GRAFANA_URL": team.connection.url, **account}
    with Path(os.devnull).open("r+b") as nothing:
        child = forks.start(arguments, team.project.root, environ, [nothing.fileno()] * 3)
        known.set()
        code = forks.wait()
    _fake(team).on_request = None
    return code == -by


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("version", ["9.3.2", "13.0.1"])
@pytest.mark.parametrize("case", KILLED)
def test_after_a_kill_at_any_request_the_next_push_converges(
    empty_project: ProjectFolder, forks: Forks, case: str, version: str, part: int
) -> None:
    """Nothing that the killed one wrote is taken for somebody else's, and nothing is there
    twice."""
    before, files, after = KILLED[case]
    turn = [*KILLED].index(case) + (EVERY // 2 if version == "9.3.2" else 0)
    number = 1 + EVERY * part + turn % EVERY
    empty_project.write({"gk.yaml": "project: killed"})
    was_killed = True
    while was_killed:
        with FakeGrafana(version=version) as fake:
            team = replace(_team(empty_project, fake), name="killed")
            _start_over(team, before)
            if before:
                assert {} == team.push().not_done
            team.write(files)
            arguments = ("push", "--prune", "--yes", "--prune-limit", "99")
            was_killed = _ended_at(number, signal.SIGKILL, team, forks, *arguments)

            pushed = team.write(after).push(prune=True)

            assert {} == pushed.not_done, number
            assert [] == pushed.plan.of(Action.CONFLICT, Action.BLOCKED), number
            _assert_all_is_there(team)
        number += EVERY * PARTS
    assert number > 20 + EVERY * PARTS


@pytest.mark.parametrize("number", [12, 20, 30])
def test_whoever_interrupts_a_push_leaves_a_ledger_that_is_right(
    team: Team, forks: Forks, number: int
) -> None:
    """What runs is finished, and what was written is noted."""
    team.write({"gk.yaml": "project: TEAM"})

    _ended_at(number, signal.SIGINT, team, forks, "push")
    uid, was_written = f"gk-{team.name}", bool(_fake(team).state()["folders"])
    ledger = (
        Ledger.of(team.dashboard(uid))
        if was_written or team.is_there(f"/dashboards/uid/{uid}")
        else None
    )
    plan = team.push(dry_run=True).plan
    pushed = team.push()

    if ledger and not ledger.entries:
        # It was just made, and hidden, before anything is in it.
        assert not was_written
    elif ledger:
        unfinished = {key for key, entry in ledger.entries.items() if entry.pending}
        created = {change.key for change in plan.of(Action.CREATE)}
        assert created <= unfinished
        # Python does not wait for a thread that it was just starting; what that one wrote is known
        # as pending.
        noted_late = [change for change in plan.changes if change.key in unfinished - created]
        assert len(noted_late) <= 1
        assert all(change.action is Action.UNCHANGED and change.adopts for change in noted_late)
    assert [] == plan.of(Action.CONFLICT, Action.BLOCKED)
    assert {} == pushed.not_done
    _assert_all_is_there(team)


def _start_over(team: Team, files: dict[str, str]) -> None:
    for path in team.project.root.rglob("*.py"):
        path.unlink()
    team.write({"datasources/theirs.py": THEIR_DATASOURCE, **files})
