"""gk push against a Grafana: the same tests against a fake of an old and a new version, and a real
one where it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gk.documents.differences import ABSENT
from gk.grafana.client import below_the_base
from gk.grafana.connection import Connection
from gk.push import Status
from gk.push.plan import Action, Field
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.pushing import (
    ALERTS,
    DASHBOARD,
    DATASOURCE,
    EVERYTHING,
    NOTIFICATIONS,
    SECRETS,
    THEIR_DATASOURCE,
    Team,
)


@pytest.fixture(params=["9.3.2", "13.0.1", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team with everything that it may push, and an empty project."""
    name = f"t{uuid.uuid4().hex[:8]}"
    if request.param == "real":
        connection = request.getfixturevalue("grafana_server")
        yield Team(empty_project, connection, name, environ=dict(SECRETS))
        # By the name that it began with, whatever a test made of it.
        Team(empty_project, connection, name).clean_up()
        return
    with FakeGrafana(version=request.param, prefix="/grafana") as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        yield Team(empty_project, connection, name, fake, dict(SECRETS))


def test_a_first_push_brings_everything_and_a_second_sends_only_reads(team: Team) -> None:
    """Folders, data sources, dashboards, rules, and what notifies."""
    team.write(EVERYTHING)

    first = team.push()
    second = team.push()

    assert {Action.CREATE} == set(first.actions.values())
    assert {Status.DONE} == set(first.ended.values())
    assert 8 == len(first.outcomes)
    assert {} == second.actions
    assert [] == second.writes


def test_what_is_pushed_is_what_the_definitions_say(team: Team) -> None:
    """As Grafana answers it."""
    team.write(EVERYTHING).push()

    dashboard = team.ask("GET", f"/dashboards/uid/{team.name}-shop")
    rule = team.ask("GET", f"/v1/provisioning/alert-rules/{team.name}-no-orders")
    points = team.ask("GET", f"/v1/provisioning/contact-points?name={team.name}%20pager")

    assert (team.name, "Shop") == (dashboard["meta"]["folderUid"], dashboard["dashboard"]["title"])
    assert "Orders" == dashboard["dashboard"]["panels"][0]["title"]
    assert (f"{team.name}-alerts", "1m30s") == (rule["folderUID"], rule["for"])
    assert {f"{team.name}-hook", f"{team.name}-mail"} == {receiver["uid"] for receiver in points}


def test_the_plan_alone_writes_nothing(team: Team) -> None:
    """Also on a Grafana that gk never saw."""
    planned = team.write(EVERYTHING).push(dry_run=True)

    assert {Action.CREATE} == set(planned.actions.values())
    assert [] == planned.writes
    assert not team.is_there(f"/folders/{team.name}")


def test_a_dashboard_that_changed_here_is_one_write(team: Team) -> None:
    """Its version says that it is gk's, so that the ledger need not. The resource API lets others
    take over the message of a version, so there the ledger says it."""
    team.write(EVERYTHING).push()

    changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()
    again = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Bought")}).push()
    last = team.push()

    assert {f"dashboard {team.name}-shop": Action.UPDATE} == changed.actions
    ledger = [team.update(f"gk-{team.name}")] if team.has_resource_api else []
    writes = [team.update(f"{team.name}-shop"), *ledger]
    assert writes == [(method, below_the_base(path)) for method, path in changed.writes]
    assert writes == [(method, below_the_base(path)) for method, path in again.writes]
    assert [] == last.writes
    assert "Bought" == team.dashboard(f"{team.name}-shop")["panels"][0]["title"]


def test_a_change_may_be_taken_back(team: Team) -> None:
    """Though the ledger, which is not written for one update, still has what was sent before it."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    back = team.write({"dashboards/shop.py": DASHBOARD}).push()

    assert {f"dashboard {uid}": Status.DONE} == back.ended
    assert "Orders" == team.dashboard(uid)["panels"][0]["title"]
    assert [] == team.push().writes


def test_a_version_says_which_project_and_revision_were_pushed(team: Team) -> None:
    """In its message, where people look for it."""
    team.write(EVERYTHING).push()
    team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    message = team.ask("GET", f"/dashboards/uid/{team.name}-shop/versions/2")["message"]

    assert message.startswith(f"gk push of {team.name} at 1a2b3c (")


def test_an_edit_in_the_ui_is_a_conflict_until_it_is_forced(team: Team) -> None:
    """It is shown with what it was, left alone, and kept in a file when it is overwritten."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.edit(uid, description="mine", tags=["mine"])

    conflict = team.push()
    there = team.dashboard(uid)
    forced = team.push(force=True)
    last = team.push()

    change = conflict.change(Kind.DASHBOARD, uid)
    assert {f"dashboard {uid}": Action.CONFLICT} == conflict.actions
    assert [] == conflict.writes
    assert (
        Field("description", "mine", ABSENT, ABSENT),
        Field("tags", ["mine"], ABSENT, ABSENT),
    ) == change.fields
    assert "mine" == there["description"]
    assert {f"dashboard {uid}": Status.DONE} == forced.ended
    assert '"mine"' in Path(forced.outcome(Kind.DASHBOARD, uid).kept).read_text()
    assert "description" not in team.dashboard(uid)
    assert {} == last.actions


def test_a_conflict_tells_what_they_changed_from_what_changed_here(
    team: Team,
) -> None:
    """Which is known from the version that was pushed last."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.edit(uid, description="mine")

    conflict = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    differing = conflict.change(Kind.DASHBOARD, uid).fields
    assert [("panels['Orders']", True), ("panels['Sold']", True), ("description", False)] == [
        (field.path, field.is_ours) for field in differing
    ]
    assert Field("description", "mine", ABSENT, ABSENT) in differing


def test_the_same_edit_on_both_sides_is_no_conflict_and_the_next_change_neither(team: Team) -> None:
    """Whoever took an edit over into the definitions is done."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.edit(uid, title="Store")

    same = team.write({"dashboards/shop.py": DASHBOARD.replace('"Shop"', '"Store"')}).push()
    changed = team.write({"dashboards/shop.py": DASHBOARD.replace('"Shop"', '"Market"')}).push()

    assert {} == same.actions
    assert {f"dashboard {uid}": Action.UPDATE} == changed.actions
    assert {f"dashboard {uid}": Status.DONE} == changed.ended


def test_saving_without_a_change_is_no_conflict(team: Team) -> None:
    """A new version of the same content hides nothing."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.edit(uid)

    changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()

    assert {f"dashboard {uid}": Status.DONE} == changed.ended


def test_an_old_version_that_somebody_restored_is_a_conflict(team: Team) -> None:
    """Though gk pushed its content once: whoever restored it had a reason."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Broken")}).push()
    team.ask("POST", f"/dashboards/uid/{uid}/restore", {"version": 1})

    after = team.push()

    assert {f"dashboard {uid}": Action.CONFLICT} == after.actions
    assert "Orders" == team.dashboard(uid)["panels"][0]["title"]


def test_a_dashboard_that_was_moved_there_is_a_conflict(team: Team) -> None:
    """Its folder is a field like any other."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.save(team.dashboard(uid), folder="")

    assert {f"dashboard {uid}": Action.CONFLICT} == team.push().actions


def test_a_dashboard_may_move_to_another_folder_of_the_project(team: Team) -> None:
    """And be changed afterwards."""
    uid = f"{team.name}-shop"
    moved = DASHBOARD.replace('folder="TEAM"', 'folder="TEAM moved"')
    other = moved.replace("TEAM-shop", "TEAM-other").replace('"Shop"', '"Other"')
    team.write({**EVERYTHING, "dashboards/other.py": other}).push()

    pushed = team.write({"dashboards/shop.py": moved}).push()
    changed = team.write({"dashboards/shop.py": moved.replace("Orders", "Sold")}).push()

    assert {f"dashboard {uid}": Status.DONE} == pushed.ended
    assert {f"dashboard {uid}": Status.DONE} == changed.ended
    assert f"{team.name}-moved" == team.ask("GET", f"/dashboards/uid/{uid}")["meta"]["folderUid"]


def test_a_dashboard_that_somebody_deleted_and_made_anew_is_theirs(team: Team) -> None:
    """Its versions are not those that gk pushed, though they have the same numbers."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.ask("DELETE", f"/dashboards/uid/{uid}")
    team.save({"uid": uid, "title": "Theirs"}, folder=team.name)

    pushed = team.push()

    assert {f"dashboard {uid}": Action.CONFLICT} == pushed.actions
    assert "Theirs" == team.dashboard(uid)["title"]


def test_what_was_deleted_there_is_made_again(team: Team) -> None:
    """Nothing of anybody's is lost by it; the plan says that it was deleted."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.ask("DELETE", f"/dashboards/uid/{uid}")

    pushed = team.push()

    assert "it was deleted in Grafana" == pushed.change(Kind.DASHBOARD, uid).reason
    assert {f"dashboard {uid}": Status.DONE} == pushed.ended
    assert [] == team.push().writes


def test_a_dashboard_that_gk_did_not_push_is_not_touched(team: Team) -> None:
    """Neither for its uid, nor for its title; force takes it over by its uid only."""
    uid = f"{team.name}-shop"
    team.save({"uid": uid, "title": "Theirs"})

    pushed = team.write(EVERYTHING).push()

    assert Action.CONFLICT is pushed.change(Kind.DASHBOARD, uid).action
    assert "it already exists, and gk did not push it" == pushed.change(Kind.DASHBOARD, uid).reason
    assert "Theirs" == team.dashboard(uid)["title"]
    assert {f"dashboard {uid}": Status.DONE} == team.push(force=True).ended


def test_a_stranger_s_dashboard_of_the_same_title_in_the_folder_stays(team: Team) -> None:
    """On 9.3 a save with `overwrite` would replace it; there, two of one title cannot be."""
    team.write({"datasources/prometheus.py": DATASOURCE, "dashboards/shop.py": DASHBOARD})
    team.ask("POST", "/folders", {"uid": team.name, "title": team.name})
    team.save({"uid": f"{team.name}-theirs", "title": "shop", "tags": ["theirs"]}, folder=team.name)

    pushed = team.push(force=True)

    version = tuple(map(int, team.ask("GET", "/health")["version"].split(".")[:2]))
    expected = Action.BLOCKED if version < (11, 3) else Action.CREATE
    assert expected is pushed.change(Kind.DASHBOARD, f"{team.name}-shop").action
    assert ["theirs"] == team.dashboard(f"{team.name}-theirs")["tags"]


def test_what_is_there_in_the_same_form_is_taken_over(team: Team) -> None:
    """So that the next change of it is an update."""
    team.ask("POST", "/folders", {"uid": team.name, "title": team.name})
    team.write(EVERYTHING)
    assert f"folder {team.name}" not in team.push().actions

    team.write({"dashboards/shop.py": DASHBOARD.replace('folder="TEAM"', 'folder="TEAM new"')})

    assert (
        Action.UPDATE is team.push(dry_run=True).change(Kind.DASHBOARD, f"{team.name}-shop").action
    )
    assert Action.ORPHAN is team.push(dry_run=True).change(Kind.FOLDER, team.name).action


@pytest.mark.parametrize(
    ("kind", "uid", "edit"),
    [
        pytest.param(Kind.DATASOURCE, "TEAM-prometheus", "datasource", id="data source"),
        pytest.param(Kind.FOLDER, "TEAM", "folder", id="folder"),
        pytest.param(Kind.RULE_GROUP, "TEAM-alerts/TEAM orders & more", "rules", id="rule group"),
        pytest.param(Kind.CONTACT_POINT, "TEAM pager", "contact point", id="contact point"),
        pytest.param(Kind.MUTE_TIMING, "TEAM nights", "mute timing", id="mute timing"),
        pytest.param(Kind.MESSAGE_TEMPLATE, "TEAM text", "template", id="message template"),
    ],
)
def test_an_edit_of_any_kind_is_a_conflict_until_it_is_forced(
    team: Team, kind: Kind, uid: str, edit: str
) -> None:
    """And nothing is in the way afterwards."""
    uid = uid.replace("TEAM", team.name)
    team.write(EVERYTHING).push()
    _edit(team, edit)

    conflict = team.push()
    forced = team.push(force=True)
    last = team.push()

    assert {f"{kind.value} {uid}": Action.CONFLICT} == conflict.actions
    assert conflict.change(kind, uid).fields
    assert [] == conflict.writes
    assert {f"{kind.value} {uid}": Status.DONE} == forced.ended
    assert forced.outcome(kind, uid).kept
    assert ({}, []) == (last.actions, last.writes)


def _edit(team: Team, what: str) -> None:
    name = team.name
    if what == "datasource":
        datasource = team.ask("GET", f"/datasources/uid/{name}-prometheus")
        team.ask(
            "PUT",
            f"/datasources/uid/{name}-prometheus",
            {**datasource, "url": "http://elsewhere:9090"},
        )
    elif what == "folder":
        folder = team.ask("GET", f"/folders/{name}")
        team.ask(
            "PUT", f"/folders/{name}", {"title": f"{name} renamed", "version": folder["version"]}
        )
    elif what == "rules":
        team.edit_rules(f"{name}-alerts", f"{name} orders & more", noDataState="NoData")
    elif what == "contact point":
        body: dict[str, Any] = {
            "name": f"{name} pager",
            "type": "email",
            "settings": {"addresses": "other@example.com"},
        }
        team.ask(
            "PUT", f"/v1/provisioning/contact-points/{name}-mail", {**body, "uid": f"{name}-mail"}
        )
    elif what == "mute timing":
        body = {"name": f"{name} nights", "time_intervals": [{"weekdays": ["monday"]}]}
        team.ask(
            "PUT",
            f"/v1/provisioning/mute-timings/{name}%20nights",
            body,
            **{"X-Disable-Provenance": "true"},
        )
    else:
        path = f"/v1/provisioning/templates/{name}%20text"
        team.ask("PUT", path, {"template": "theirs"}, **{"X-Disable-Provenance": "true"})


@pytest.mark.parametrize(
    ("file", "old", "new", "kind"),
    [
        pytest.param("datasources/prometheus.py", "9090", "9091", "data source", id="data source"),
        pytest.param("alerts/orders.py", "< 1", "< 2", "rule group", id="rule"),
        pytest.param(
            "alerts/orders.py", "NoOrders", "NoneOrdered", "rule group", id="title of a rule"
        ),
        pytest.param(
            "alerts/notifications.py", "team@", "squad@", "contact point", id="contact point"
        ),
        pytest.param("alerts/notifications.py", "22:00", "21:00", "mute timing", id="mute timing"),
        pytest.param(
            "alerts/notifications.py",
            "an alert",
            "alert",
            "message template",
            id="message template",
        ),
    ],
)
def test_what_changed_here_is_updated_and_then_unchanged(
    team: Team, file: str, old: str, new: str, kind: str
) -> None:
    """Whatever kind it is."""
    team.write(EVERYTHING).push()

    changed = team.write({file: EVERYTHING[file].replace(old, new)}).push()
    last = team.push()

    assert [kind] == [outcome.change.kind.value for outcome in changed.outcomes]
    assert {Status.DONE} == set(changed.ended.values())
    assert ({}, []) == (last.actions, last.writes)


def test_rules_and_receivers_come_and_go_with_the_definitions(team: Team) -> None:
    """Within their group and contact point."""
    team.write(EVERYTHING).push()
    second = (
        '            alert("TEAM Slow", "histogram_quantile(0.9, rate(seconds_bucket[5m])) > 2",\n'
        '                  uid="TEAM-slow"),\n'
    )
    third = '            alert("TEAM Down", "up == 0", uid="TEAM-down"),\n'
    mail = '        receiver("email", {"addresses": "team@example.com"}, uid="TEAM-mail"),\n'
    other = '        receiver("email", {"addresses": "other@example.com"}, uid="TEAM-other"),\n'

    changed = team.write(
        {
            "alerts/orders.py": ALERTS.replace(second, third),
            "alerts/notifications.py": NOTIFICATIONS.replace(mail, other),
        }
    ).push()

    points = team.ask("GET", f"/v1/provisioning/contact-points?name={team.name}%20pager")
    assert {Status.DONE} == set(changed.ended.values())
    assert team.is_there(f"/v1/provisioning/alert-rules/{team.name}-down")
    assert not team.is_there(f"/v1/provisioning/alert-rules/{team.name}-slow")
    assert {f"{team.name}-hook", f"{team.name}-other"} == {receiver["uid"] for receiver in points}
    assert [] == team.push().writes


@pytest.mark.parametrize("others", ["TEAM-no-orders", "TEAM-none"], ids=["one of two", "all"])
def test_a_rule_may_take_the_title_of_one_that_goes(team: Team, others: str) -> None:
    """Grafana 9.3 makes the new one first, and no two of a folder have one title."""
    team.write(EVERYTHING).push()
    alerts = ALERTS.replace("TEAM-slow", "TEAM-slower").replace("TEAM-no-orders", others)

    pushed = team.write({"alerts/orders.py": alerts}).push()

    assert {} == pushed.not_done
    assert team.is_there(f"/v1/provisioning/alert-rules/{team.name}-slower")
    assert not team.is_there(f"/v1/provisioning/alert-rules/{team.name}-slow")


def test_a_rule_may_move_between_groups_of_the_project(team: Team) -> None:
    """Grafana moves it with its state; the group that it left is an orphan."""
    team.write(EVERYTHING).push()

    moved = team.write(
        {"alerts/orders.py": ALERTS.replace('"TEAM orders & more"', '"TEAM sales"')}
    ).push(prune=True)

    rule = team.ask("GET", f"/v1/provisioning/alert-rules/{team.name}-slow")
    assert {Status.DONE} == set(moved.ended.values())
    assert f"{team.name} sales" == rule["ruleGroup"]
    assert ({}, []) == (team.push().actions, team.push().writes)


def test_a_rule_that_is_in_somebody_else_s_group_stays_there(team: Team) -> None:
    """Grafana would move it without a word."""
    team.write(EVERYTHING)
    team.ask("POST", "/folders", {"uid": f"{team.name}-theirs", "title": f"{team.name} theirs"})
    rule = team.project.resource(Kind.RULE_GROUP).body["rules"][0]
    theirs = {**rule, "folderUID": f"{team.name}-theirs", "ruleGroup": "theirs"}
    team.ask("POST", "/v1/provisioning/alert-rules", theirs)

    pushed = team.push()

    group = pushed.change(Kind.RULE_GROUP, f"{team.name}-alerts/{team.name} orders & more")
    assert Action.CONFLICT is group.action
    assert f"'{team.name}-theirs/theirs'" in group.reason
    assert (
        "theirs"
        == team.ask("GET", f"/v1/provisioning/alert-rules/{team.name}-no-orders")["ruleGroup"]
    )


def test_what_a_version_of_grafana_drops_or_rewrites_is_not_pushed_again_and_again(
    team: Team,
) -> None:
    """9.3 knows neither paused rules nor keep_firing_for."""
    rule = ALERTS.replace('for_="90s"', 'for_="90s", keep_firing_for="10m", paused=True')
    text = NOTIFICATIONS.replace('"an alert of the team"', '"  an alert  "')
    timing = text.replace(
        '"end_time": "23:59"}]', '"end_time": "23:59"}], "months": ["january:march"]'
    )
    team.write({**EVERYTHING, "alerts/orders.py": rule, "alerts/notifications.py": timing})

    first = team.push()
    changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")}).push()
    last = team.push()

    assert ({}, {}) == (first.not_done, changed.not_done)
    assert [f"dashboard {team.name}-shop"] == list(changed.ended)
    assert ({}, []) == (last.actions, last.writes)


def test_a_refresh_that_is_too_fast_is_refused_by_the_resource_api(team: Team) -> None:
    """The old one writes another."""
    fast = DASHBOARD.replace('"panels"', '"refresh": "1s", "panels"')
    pushed = team.write({**EVERYTHING, "dashboards/shop.py": fast}).push()
    refused = {f"dashboard {team.name}-shop": "400 Dashboard refresh interval is too low"}
    reasons = refused if team.has_resource_api else {}
    assert reasons == {what: why.partition(": ")[2] for what, why in pushed.not_done.items()}


# Secrets


def test_a_secret_is_sent_again_only_when_it_changed(team: Team) -> None:
    """Or when what it belongs to did."""
    team.write(EVERYTHING).push()

    team.environ["HOOK"] = "another"
    changed = team.push()

    assert {f"contact point {team.name} pager": Action.UPDATE} == changed.actions
    assert "its secrets changed" == changed.change(Kind.CONTACT_POINT, f"{team.name} pager").reason
    assert ("PUT", f"/v1/provisioning/contact-points/{team.name}-hook") in changed.writes
    assert [] == team.push().writes


def test_a_secret_that_is_no_longer_defined_is_removed(team: Team) -> None:
    """Grafana merges secrets into those that it has."""
    secret = DATASOURCE.replace("import Datasource", "import Datasource, secret").replace(
        '9090"',
        '9090", secure_json_data={"httpHeaderValue1": secret("HOOK"), "tlsCACert": secret("HOOK")}',
    )
    team.write({"datasources/prometheus.py": secret}).push()

    pushed = team.write(
        {"datasources/prometheus.py": secret.replace(', "tlsCACert": secret("HOOK")', "")}
    ).push()

    datasource = team.ask("GET", f"/datasources/uid/{team.name}-prometheus")
    assert {} == pushed.not_done
    assert {"httpHeaderValue1": True} == datasource["secureJsonFields"]
    assert [] == team.push().writes


def test_who_has_no_secrets_may_push_what_did_not_change(team: Team) -> None:
    """What did is blocked, and the message names the variable."""
    team.write(EVERYTHING).push()
    del team.environ["HOOK"]

    assert {} == team.push().actions
    changed = team.write(
        {"alerts/notifications.py": NOTIFICATIONS.replace("team@", "squad@")}
    ).push()

    assert {f"contact point {team.name} pager": Action.BLOCKED} == changed.actions
    assert (
        "set the environment variable HOOK"
        == changed.change(Kind.CONTACT_POINT, f"{team.name} pager").reason
    )


POLICY = """
    from alerts.notifications import nights, pager
    from gk import contact_point, notification_policy, receiver

    mail = contact_point("TEAM mail", receiver("email", {"addresses": "a@example.com"}))
    root = notification_policy(
        mail, routes=[notification_policy(mail, routes=[notification_policy(pager)])]
    )
"""


def test_policies_whose_contact_point_is_blocked_are_blocked(team: Team) -> None:
    """Grafana refuses them as long as it does not have the contact point."""
    if team.fake is None:
        pytest.skip("replaces the notification policies of a Grafana")
    del team.environ["HOOK"]
    team.write({**EVERYTHING, "alerts/policy.py": POLICY})

    first = team.push()

    policies = first.change(Kind.NOTIFICATION_POLICY, "root")
    assert (Action.BLOCKED, f"it needs contact point '{team.name} pager', which is blocked") == (
        policies.action,
        policies.reason,
    )
    assert {} == first.not_done

    team.environ["HOOK"] = SECRETS["HOOK"]
    team.push()
    del team.environ["HOOK"]
    team.write(
        {
            "alerts/notifications.py": NOTIFICATIONS.replace("team@", "squad@"),
            "alerts/policy.py": POLICY.replace("policy(pager)", "policy(pager, group_wait='45s')"),
        }
    )

    # Grafana has it now, in an earlier form.
    assert {
        f"contact point {team.name} pager": Action.BLOCKED,
        "notification policy root": Action.UPDATE,
    } == team.push().actions


def test_a_renamed_project_takes_over_what_its_old_name_pushed(team: Team) -> None:
    """As the documentation says: what is as defined at once, the rest by force; and once the old
    ledger is deleted, it may delete it all."""
    team.write(EVERYTHING).push()
    team.edit(f"{team.name}-shop", description="mine")
    other = f"{team.name}-b"
    # Nobody can see whether its secret is the same.
    in_conflict = {f"contact point {team.name} pager", f"dashboard {team.name}-shop"}

    taken = _push_as(team, other)
    forced = _push_as(team, other, force=True)
    team.ask("DELETE", f"/dashboards/uid/gk-{team.name}")
    for path in EVERYTHING:
        team.remove(path)
    pruned = _push_as(team.write({"datasources/theirs.py": THEIR_DATASOURCE}), other, prune=True)

    assert dict.fromkeys(in_conflict, Action.CONFLICT) == taken.actions
    assert dict.fromkeys(in_conflict, Status.DONE) == forced.ended
    assert {Action.DELETE} == set(pruned.actions.values())
    assert 8 == len(pruned.outcomes)


def test_no_secret_is_in_the_ledger(team: Team) -> None:
    """Only a salted hash of it: whoever may look at dashboards can read that."""
    team.write(EVERYTHING).push()

    ledger = str(team.dashboard(f"gk-{team.name}"))

    assert f"{team.name} pager" in ledger
    assert SECRETS["HOOK"] not in ledger


# Prune


def test_what_is_no_longer_defined_is_deleted_by_prune_only(team: Team) -> None:
    """Whatever kind it is, in an order that Grafana takes."""
    team.write(EVERYTHING).push()
    for path in EVERYTHING:
        team.remove(path)
    team.write({"datasources/theirs.py": THEIR_DATASOURCE})

    kept = team.push()
    pruned = team.push(prune=True)
    last = team.push()

    assert {Action.ORPHAN} == set(kept.actions.values())
    assert 8 == len(kept.actions)
    assert [] == kept.writes
    assert {Status.DONE} == set(pruned.ended.values())
    assert 8 == len(pruned.ended)
    assert not team.is_there(f"/folders/{team.name}")
    assert not team.is_there(f"/datasources/uid/{team.name}-prometheus")
    assert ({}, []) == (last.actions, last.writes)


def test_an_orphan_that_somebody_changed_is_not_deleted(team: Team) -> None:
    """Not even by prune, unless it is forced; then it is kept in a file."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()
    team.edit(uid, description="mine")
    team.remove("dashboards/shop.py")

    pruned = team.push(prune=True)
    forced = team.push(prune=True, force=True)

    assert Action.CONFLICT is pruned.change(Kind.DASHBOARD, uid).action
    assert f"dashboard {uid}" in forced.ended
    assert '"mine"' in Path(forced.outcome(Kind.DASHBOARD, uid).kept).read_text()
    assert not team.is_there(f"/dashboards/uid/{uid}")


def test_a_folder_with_somebody_else_s_dashboard_stays(team: Team) -> None:
    """Deleting it would delete that, too."""
    team.write(EVERYTHING).push()
    team.save({"uid": f"{team.name}-theirs", "title": "Theirs"}, folder=team.name)
    team.remove("dashboards/shop.py")

    pruned = team.push(prune=True)

    folder = pruned.change(Kind.FOLDER, team.name)
    assert (Action.ORPHAN, "it stays: it has dashboard 'Theirs'") == (folder.action, folder.reason)
    assert {f"dashboard {team.name}-shop": Status.DONE} == pruned.ended
    assert team.is_there(f"/dashboards/uid/{team.name}-theirs")


def test_names_limit_a_push_to_what_they_stand_for(team: Team) -> None:
    """A kind, a folder with what is in it, or a dashboard with the folder that it needs."""
    team.write(EVERYTHING)

    by_kind = team.push("data-sources", dry_run=True)
    by_folder = team.push(f"{team.name} alerts", dry_run=True)
    by_uid = team.push(f"{team.name}-shop", dry_run=True)

    assert [f"data source {team.name}-prometheus"] == list(by_kind.actions)
    assert [
        f"folder {team.name}-alerts",
        f"rule group {team.name}-alerts/{team.name} orders & more",
    ] == list(by_folder.actions)
    assert [f"folder {team.name}", f"dashboard {team.name}-shop"] == list(by_uid.actions)


def test_folders_may_be_in_folders_where_grafana_nests_them(team: Team) -> None:
    """Parents come first and go last; an older Grafana has them flat, with their path as title."""
    files = {
        "datasources/prometheus.py": DATASOURCE,
        "dashboards/shop.py": DASHBOARD.replace('folder="TEAM"', 'folder="TEAM/Shops/Berlin"'),
    }

    team.write(files).push()
    version = tuple(map(int, team.ask("GET", "/health")["version"].split(".")[:2]))
    folder = team.ask("GET", f"/folders/{team.name}-shops-berlin")
    last = team.push()
    team.remove("dashboards/shop.py")
    pruned = team.push(prune=True)

    expected = (
        ("Berlin", f"{team.name}-shops")
        if version >= (11, 0)
        else (f"{team.name}/Shops/Berlin", "")
    )
    assert expected == (folder["title"], folder.get("parentUid", ""))
    assert ({}, []) == (last.actions, last.writes)
    assert {Status.DONE} == set(pruned.ended.values())
    assert not team.is_there(f"/folders/{team.name}")


def test_what_another_project_pushed_is_not_overwritten(team: Team) -> None:
    """The message names the project."""
    uid = f"{team.name}-shop"
    team.write(EVERYTHING).push()

    changed = team.write({"dashboards/shop.py": DASHBOARD.replace("Orders", "Sold")})
    pushed = _push_as(changed, f"{team.name}-b")

    reason = pushed.change(Kind.DASHBOARD, uid).reason
    assert reason.startswith(f"project '{team.name}' pushed it; if that is this project, write ")
    assert "Orders" == team.dashboard(uid)["panels"][0]["title"]


def test_what_two_projects_share_is_pruned_by_neither_alone(team: Team) -> None:
    """Whoever no longer defines it forgets it; the last one deletes it."""
    team.write({"datasources/prometheus.py": DATASOURCE, "dashboards/shop.py": DASHBOARD}).push()
    other = f"{team.name}-b"
    assert {} == _push_as(team, other).actions
    team.remove("dashboards/shop.py")

    by_other = _push_as(team, other, prune=True)
    was_there = team.is_there(f"/dashboards/uid/{team.name}-shop")
    by_first = team.push(prune=True)

    assert {} == by_other.ended
    assert was_there
    assert Status.DONE is by_first.ended[f"dashboard {team.name}-shop"]


def _push_as(team: Team, project: str, **options: bool):  # type: ignore[no-untyped-def]
    return Team(team.project, team.connection, project, team.fake, team.environ).push(**options)
