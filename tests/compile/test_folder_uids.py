"""Folders whose uid a definition says, because Grafana has them already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gk.resource import Kind
from tests.alerting import Json, mistakes
from tests.conftest import ProjectFolder, RunGk
from tests.pushing import Team, team_of

TEAM = """
    from gk import Dashboard, alert, alert_group, folder, text

    team = folder("Team", uid="f00d")
    board = Dashboard("Shop", folder="Team", panels=[text("T", "")])
"""


def folders(project: ProjectFolder) -> dict[str, Json]:
    """The folders by title."""
    built = [resource for resource in project.resources() if resource.kind is Kind.FOLDER]
    return {folder.title: folder.body for folder in built}


def test_a_folder_has_the_uid_that_its_definition_says(project: ProjectFolder) -> None:
    """Its dashboards are in it, and no permission is touched."""
    project.write({"dashboards/shop.py": TEAM})
    assert {"Team": {"uid": "f00d", "title": "Team"}} == folders(project)
    assert "f00d" == project.resource(Kind.DASHBOARD).folder
    assert [] == [
        resource for resource in project.resources() if resource.kind is Kind.FOLDER_PERMISSIONS
    ]


def test_a_folder_of_grafana_may_have_dashboards_and_rules(project: ProjectFolder) -> None:
    """It is there before Grafana reads either."""
    rules = '    rules = alert_group("g", [alert("Down", "up == 0")], folder="Team")\n'
    project.write({"dashboards/shop.py": TEAM + rules})
    assert "f00d" == project.resource(Kind.RULE_GROUP).body["folderUid"]


def test_files_of_grafana_name_the_uid(project: ProjectFolder, run_gk: RunGk) -> None:
    """So a provider does not make a second folder of that title."""
    assert "" == run_gk("build", cwd=project.write({"dashboards/shop.py": TEAM}).root).err
    assert "folderUid: f00d" in project.read("provisioning/grafana/dashboards/gk.yaml")


def test_a_nested_folder_has_its_own_uid(project: ProjectFolder) -> None:
    """And that of the folder around it."""
    project.write(
        {
            "dashboards/folders.py": """
                from gk import Dashboard, folder, text

                outer = folder("Team", uid="outer")
                inner = folder("Team/Shop", uid="inner")
                board = Dashboard("Shop", folder="Team/Shop", panels=[text("T", "")])
            """
        }
    )
    by_title = folders(project)
    assert {"outer", "inner"} == {folder["uid"] for folder in by_title.values()}
    assert ["outer"] == [
        folder["parentUid"] for folder in by_title.values() if "parentUid" in folder
    ]
    assert "inner" == project.resource(Kind.DASHBOARD).folder


def test_a_slash_with_a_backslash_is_part_of_a_name(project: ProjectFolder) -> None:
    """As in the paths that Grafana writes."""
    project.write(
        {
            "dashboards/folders.py": r"""
                from gk import Dashboard, folder, text

                both = folder(r"Web \/ Mobile", uid="both")
                board = Dashboard("Shop", folder=r"Web \/ Mobile/Shop", panels=[text("T", "")])
            """
        }
    )
    assert {
        "Web / Mobile": {"uid": "both", "title": "Web / Mobile"},
        "Web / Mobile/Shop": {"uid": "web-mobile-shop", "title": "Shop", "parentUid": "both"},
    } == folders(project)


def test_a_folder_is_found_whatever_space_is_around_a_slash(project: ProjectFolder) -> None:
    """Its dashboards say its title in another way than its definition."""
    project.write(
        {
            "dashboards/folders.py": """
                from gk import Dashboard, folder, text

                inner = folder("Team / Shop", uid="inner")
                board = Dashboard("Shop", folder="Team/Shop", panels=[text("T", "")])
            """
        }
    )
    assert "inner" == project.resource(Kind.DASHBOARD).folder


def test_a_folder_and_a_path_of_one_spelling_are_told_apart(project: ProjectFolder) -> None:
    """gk would make one uid of both."""
    project.write(
        {
            "dashboards/folders.py": r"""
                from gk import Dashboard, text

                path = Dashboard("A", folder="Web/Mobile", panels=[text("T", "")])
                name = Dashboard("B", folder=r"Web\/Mobile", panels=[text("T", "")])
            """
        }
    )
    (problem,) = mistakes(project)
    assert r"folders 'Web/Mobile' and 'Web\/Mobile' have the same uid 'web-mobile'" in problem


def test_a_folder_without_a_uid_has_that_of_its_title(project: ProjectFolder) -> None:
    project.write({"dashboards/folders.py": "from gk import folder\nteam = folder('Team A')\n"})
    assert {"Team A": {"uid": "team-a", "title": "Team A"}} == folders(project)


@pytest.mark.parametrize(
    ("message", "definition"),
    [
        pytest.param(
            "folder 'Team': uid 'f 1' must be 1 to 40 letters, digits, '-' or '_'",
            "folder('Team', uid='f 1')",
            id="space",
        ),
        pytest.param(
            f"folder 'Team': uid '{'f' * 41}' must be 1 to 40 letters, digits, '-' or '_'",
            "folder('Team', uid='f' * 41)",
            id="too long",
        ),
        pytest.param("folder(): uid must be text, not int", "folder('Team', uid=7)", id="number"),
        pytest.param(
            "folder 'Team': would have the uid 'general', which Grafana reserves; rename it",
            "folder('Team', uid='general')",
            id="uid of the root",
        ),
        pytest.param(
            "folder 'General': General has neither uid nor permissions of its own; name a folder",
            "folder('General', uid='f1')",
            id="root",
        ),
        pytest.param(
            "folder(): permissions must be a mapping or None, not str",
            "folder('Team', permissions='Viewer')",
            id="permissions",
        ),
    ],
)
def test_a_uid_that_grafana_would_refuse_is_a_mistake(
    project: ProjectFolder, run_gk: RunGk, message: str, definition: str
) -> None:
    """At its line."""
    project.write({"dashboards/folders.py": f"from gk import folder\nteam = {definition}\n"})
    assert f"dashboards/folders.py:2: {message}\n" == run_gk("build").err


@pytest.mark.parametrize(
    ("message", "other"),
    [
        pytest.param(
            "folder 'Team': is defined at dashboards/folders.py:2, too; join them",
            "folder('Team', uid='two')",
            id="two uids of a folder",
        ),
        pytest.param(
            "folders 'Team' and 'Other' have the same uid 'one'; rename one",
            "folder('Other', uid='one')",
            id="one uid of two folders",
        ),
        pytest.param(
            "folders 'Team' and 'One' have the same uid 'one'; rename one",
            "folder('One')",
            id="uid that another title makes",
        ),
    ],
)
def test_a_uid_is_that_of_one_folder(project: ProjectFolder, message: str, other: str) -> None:
    """The second definition is the mistake."""
    text = f"from gk import folder\none = folder('Team', uid='one')\ntwo = {other}\n"
    project.write({"dashboards/folders.py": text})
    assert f"dashboards/folders.py:3: {message}" in mistakes(project)


@pytest.fixture(params=["9.3.2", "12.4.0", "real"])
def team(request: pytest.FixtureRequest, project: ProjectFolder) -> Iterator[Team]:
    """A team with a folder that somebody made in Grafana."""
    with team_of(request, project) as team:
        team.ask("POST", "/folders", {"uid": f"{team.name}-f00d", "title": team.name})
        yield team


def test_a_push_uses_the_folder_that_is_there(team: Team) -> None:
    """It makes no second one of that title."""
    text = TEAM.replace('"Team"', '"TEAM"').replace('"f00d"', '"TEAM-f00d"')
    text = text.replace('"Shop"', '"TEAM Shop"')
    pushed = team.write({"dashboards/shop.py": text}).push("dashboards", "folders")
    (uid,) = (change.uid for change in pushed.plan.changes if change.kind is Kind.DASHBOARD)
    assert {f"dashboard {uid}"} == set(pushed.actions)
    assert {} == pushed.not_done
    meta = team.ask("GET", f"/dashboards/uid/{uid}")["meta"]
    assert f"{team.name}-f00d" == meta["folderUid"]
