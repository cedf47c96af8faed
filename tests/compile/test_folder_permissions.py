"""The permissions of folders: who may do what in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from gk.errors import DefinitionError
from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.pushing import Team, team_of

FOLDER = """
    from gk import folder

    shop = folder("TEAM", permissions={"Viewer": "view", "team:SRE": "edit"})
"""
FILES = {"dashboards/folders.py": FOLDER}


@pytest.fixture(params=["9.3.2", "12.4.0", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team whose folder says who may do what in it; Grafana has the team SRE."""
    with team_of(request, empty_project) as team:
        if request.param == "real":
            # Another run may have made it.
            with suppress(AssertionError):
                team.ask("POST", "/teams", {"name": "SRE"})
        yield team.write(FILES)


def _permissions(team: Team) -> dict[str, int]:
    items: list[dict[str, Any]] = team.ask("GET", f"/folders/{team.name}/permissions")
    return {
        item.get("role") or item.get("team") or item["userLogin"]: item["permission"]
        for item in items
    }


def test_a_folder_gets_the_permissions_that_it_is_defined_with(team: Team) -> None:
    """What a new one has besides is taken away, apart from that of the account that pushes."""
    first, second = team.push(), team.push()

    own = {"admin": 4} if "admin" in _permissions(team) else {}
    assert {} == first.not_done
    assert {"Viewer": 1, "SRE": 2, **own} == _permissions(team)
    assert ({}, []) == (second.actions, second.writes)


@pytest.mark.parametrize("permissions", ["{'Viewer': 'view', 'Editor': 'edit'}", "{}"])
def test_those_of_a_new_folder_may_be_defined_and_so_may_none(team: Team, permissions: str) -> None:
    """The second push finds them as they are."""
    text = f"from gk import folder\nshop = folder('TEAM', permissions={permissions})\n"

    first, second = team.write({"dashboards/folders.py": text}).push(), team.push()

    others = {who: right for who, right in _permissions(team).items() if who != "admin"}
    assert {} == first.not_done
    assert len(others) == permissions.count(":")
    assert ({}, []) == (second.actions, second.writes)


def test_a_change_of_them_is_an_update(team: Team) -> None:
    """Of that folder alone."""
    team.push()
    team.write({"dashboards/folders.py": FILES["dashboards/folders.py"].replace("edit", "admin")})

    changed = team.push()

    assert {f"folder permissions {team.name}": Action.UPDATE} == changed.actions
    assert 4 == _permissions(team)["SRE"]


def test_what_somebody_else_gave_is_a_conflict_until_it_is_forced(team: Team) -> None:
    """In a folder that was there before, too."""
    team.push()
    items = [{"role": "Editor", "permission": 2}]
    team.ask("POST", f"/folders/{team.name}/permissions", {"items": items})

    conflict, forced, last = team.push(), team.push(force=True), team.push()

    change = conflict.change(Kind.FOLDER_PERMISSIONS, team.name)
    assert (Action.CONFLICT, []) == (change.action, conflict.writes)
    assert {"permissions.Editor", "permissions.Viewer", "permissions['team:SRE']"} == {
        field.path for field in change.fields
    }
    assert {} == forced.not_done
    assert ({}, []) == (last.actions, last.writes)


def test_a_folder_that_no_longer_says_so_gets_those_of_a_new_one_by_prune(team: Team) -> None:
    """And without it, keeps them."""
    board = """
        from gk import Dashboard, text

        board = Dashboard("TEAM board", folder="TEAM", panels=[text("a", "a")])
    """
    team.write({"dashboards/board.py": board}).push()
    team.remove("dashboards/folders.py")

    kept, pruned = team.push(), team.push(prune=True)

    change = kept.change(Kind.FOLDER_PERMISSIONS, team.name)
    assert Action.ORPHAN is change.action
    assert {} == pruned.not_done
    assert {"Viewer": 1, "Editor": 2} == {
        who: right for who, right in _permissions(team).items() if who != "admin"
    }


def test_a_team_that_grafana_does_not_know_is_named(team: Team) -> None:
    """Nothing else is changed then."""
    text = FILES["dashboards/folders.py"].replace("team:SRE", "team:TEAM nobody")

    pushed = team.write({"dashboards/folders.py": text}).push()

    assert {
        f"folder permissions {team.name}": f"Grafana has no team '{team.name} nobody' in this "
        "organization"
    } == pushed.not_done


# Definitions


@pytest.mark.parametrize(
    ("permissions", "message"),
    [
        ("{'Edtor': 'view'}", "'Edtor' is neither a role .*; did you mean 'Editor'?"),
        ("{'team:': 'view'}", "'team:' is neither a role"),
        ("{'Viewer': 'write'}", "the permission of 'Viewer' is 'write'; write view, edit or admin"),
    ],
)
def test_what_is_no_permission_is_a_mistake(
    empty_project: ProjectFolder, permissions: str, message: str
) -> None:
    """At its line."""
    text = f"from gk import folder\nf = folder('A', permissions={permissions})\n"

    with pytest.raises(DefinitionError, match=rf"dashboards/f\.py:2: .*{message}"):
        empty_project.write({"dashboards/f.py": text}).resources()


def test_a_folder_says_it_once(empty_project: ProjectFolder) -> None:
    """The second is a mistake."""
    text = """
        from gk import folder

        one = folder("A", permissions={"Viewer": "view"})
        two = folder("A", permissions={"Editor": "edit"})
    """
    with pytest.raises(DefinitionError, match=r"is defined at dashboards/f\.py:3"):
        empty_project.write({"dashboards/f.py": text}).resources()
