"""Objects with secrets that Grafana has and gk never pushed, pushed from where their secrets cannot
be read: after `gk adopt`, nobody has set them yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.pushing import Team, team_of

HOOK = """
    from gk import contact_point, receiver, secret

    pager = contact_point(
        "TEAM pager",
        receiver(
            "webhook",
            {"url": "http://127.0.0.1:9/hook", "password": secret("HOOK"), "username": "USER"},
            uid="TEAM-hook",
        ),
    )
"""


def hook(user: str = "gk") -> dict[str, str]:
    """The definition of a contact point with a password."""
    return {"alerts/pager.py": HOOK.replace("USER", user)}


@pytest.fixture(params=["9.3.2", "12.4.0", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team that defines a contact point which somebody made in Grafana, and that does not know
    its password."""
    with team_of(request, empty_project) as team:
        body = {
            "uid": f"{team.name}-hook",
            "name": f"{team.name} pager",
            "type": "webhook",
            "settings": {"url": "http://127.0.0.1:9/hook", "password": "x", "username": "gk"},
        }
        team.ask("POST", "/v1/provisioning/contact-points", body, **{"X-Disable-Provenance": "1"})
        team.environ.clear()
        yield team.write(hook())


def writes(team: Team, **options: bool) -> list[tuple[str, str]]:
    """What a push asks of contact points besides reading them."""
    return [request for request in team.push(**options).writes if "contact-points" in request[1]]


def test_an_object_with_secrets_that_cannot_be_read_is_adopted_as_it_is(team: Team) -> None:
    """Its secrets stay as Grafana has them."""
    plan = team.push(dry_run=True).plan
    assert [] == plan.of(Action.CONFLICT, Action.BLOCKED, Action.UPDATE)
    assert [] == writes(team)


def test_an_adopted_object_stays_as_it_is(team: Team) -> None:
    """The second push finds it in the ledger."""
    team.push()
    second = team.push()
    assert ({}, []) == (second.actions, second.writes)


def test_an_adopted_object_gets_its_secrets_once_they_can_be_read(team: Team) -> None:
    """Nobody can see whether they are the same."""
    team.push()
    team.environ["HOOK"] = "s3cr3t"
    assert [Action.UPDATE] == list(team.push().actions.values())
    assert {} == team.push().actions


def test_an_adopted_object_that_changes_needs_its_secrets(team: Team) -> None:
    """A contact point without its password is worse than an old one."""
    team.push()
    change = team.write(hook("other")).push().change(Kind.CONTACT_POINT, f"{team.name} pager")
    assert Action.BLOCKED is change.action
    assert "HOOK" in change.reason


def test_another_field_of_an_object_that_gk_never_pushed_is_a_conflict(team: Team) -> None:
    """Though its secrets cannot be read."""
    pushed = team.write(hook("other")).push()
    change = pushed.change(Kind.CONTACT_POINT, f"{team.name} pager")
    assert Action.CONFLICT is change.action
    assert ["other"] == [field.here for field in change.fields if "username" in field.path]


def test_force_writes_no_object_whose_secrets_cannot_be_read(team: Team) -> None:
    """Not even over a conflict: its password would be gone."""
    pushed = team.write(hook("other")).push(force=True)
    change = pushed.change(Kind.CONTACT_POINT, f"{team.name} pager")
    assert (Action.BLOCKED, "set the environment variable HOOK") == (change.action, change.reason)
    assert [] == [request for request in pushed.writes if "contact-points" in request[1]]
