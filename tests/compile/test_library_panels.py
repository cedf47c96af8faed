"""Library panels: defined once, shown by several dashboards, and kept in Grafana's library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gk import library_panel, timeseries
from gk.diff.codes import Code
from gk.diff.compare import compare
from gk.diff.sides.side import Side
from gk.documents.queries import queries
from gk.errors import DefinitionError
from gk.push import Status
from gk.push.plan import Action
from gk.resource import Kind
from tests.conftest import ProjectFolder
from tests.pushing import DATASOURCE, Team, team_of

PANEL = """
    from gk import library_panel, timeseries
    from datasources.prometheus import prometheus

    orders = library_panel(
        timeseries("TEAM orders", "sum(rate(orders_total[5m]))"),
        folder="TEAM library",
        datasource=prometheus,
    )
"""
BOARDS = """
    from gk import Dashboard, Row, text
    from dashboards.library import orders

    one = Dashboard("TEAM one", folder="TEAM", panels=[text("Hello", "hello"), orders])
    two = Dashboard("TEAM two", folder="TEAM", rows=[Row("A row", [orders])])
"""
FILES = {
    "datasources/prometheus.py": DATASOURCE,
    "dashboards/library.py": PANEL,
    "dashboards/boards.py": BOARDS,
}


@pytest.fixture(params=["9.3.2", "12.4.0", "real"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team with a library panel that two dashboards show."""
    with team_of(request, empty_project) as team:
        yield team.write(FILES)


def test_the_library_has_it_and_dashboards_refer_to_it(team: Team) -> None:
    """And the second push finds both as they are."""
    first, second = team.push(), team.push()
    uid = f"{team.name}-orders"

    kept = team.ask("GET", f"/library-elements/{uid}")["result"]
    shown = team.dashboard(f"{team.name}-one")["panels"][1]
    assert {} == first.not_done
    assert ({}, []) == (second.actions, second.writes)
    assert (f"{team.name} orders", "timeseries") == (kept["name"], kept["model"]["type"])
    assert "sum(rate(orders_total[5m]))" == kept["model"]["targets"][0]["expr"]
    assert {"uid": uid, "name": f"{team.name} orders"} == shown["libraryPanel"]
    assert "targets" not in shown


def test_a_change_of_it_is_one_write_and_no_dashboard_changes(team: Team) -> None:
    """That is what a library is for."""
    team.push()
    team.write({"dashboards/library.py": PANEL.replace("[5m]", "[10m]")})

    changed, last = team.push(), team.push()

    uid = f"{team.name}-orders"
    assert {f"library panel {uid}": Action.UPDATE} == changed.actions
    assert {f"library panel {uid}": Status.DONE} == changed.ended
    model = team.ask("GET", f"/library-elements/{uid}")["result"]["model"]
    assert "sum(rate(orders_total[10m]))" == model["targets"][0]["expr"]
    assert ({}, []) == (last.actions, last.writes)


def test_an_edit_of_it_in_grafana_is_a_conflict_until_it_is_forced(team: Team) -> None:
    """With the field that differs."""
    team.push()
    path = f"/library-elements/{team.name}-orders"
    element = team.ask("GET", path)["result"]
    model = {**element["model"], "description": "mine"}
    names = ("name", "kind", "version", "folderUid")
    team.ask("PATCH", path, {**{name: element[name] for name in names}, "model": model})

    conflict, forced, last = team.push(), team.push(force=True), team.push()

    change = conflict.change(Kind.LIBRARY_PANEL, f"{team.name}-orders")
    assert (Action.CONFLICT, []) == (change.action, conflict.writes)
    assert ["model.description"] == [field.path for field in change.fields]
    assert {} == forced.not_done
    assert ({}, []) == (last.actions, last.writes)


def test_it_is_moved_with_its_definition(team: Team) -> None:
    """To another folder."""
    team.push()

    team.write({"dashboards/library.py": PANEL.replace("TEAM library", "TEAM")}).push()

    meta = team.ask("GET", f"/library-elements/{team.name}-orders")["result"]["meta"]
    assert team.name == meta["folderUid"]


def test_it_cannot_be_moved_out_of_all_folders(team: Team) -> None:
    """Grafana answers as if it did, so gk says it before."""
    team.push()

    pushed = team.write({"dashboards/library.py": PANEL.replace('"TEAM library"', '""')}).push()

    change = pushed.change(Kind.LIBRARY_PANEL, f"{team.name}-orders")
    assert Action.BLOCKED is change.action
    assert change.reason.startswith("Grafana cannot move a library panel out of all folders")


def test_it_goes_with_the_dashboards_that_show_it(team: Team) -> None:
    """After them."""
    team.push()
    team.remove("dashboards/boards.py").remove("dashboards/library.py")

    pruned = team.push(prune=True)

    assert {} == pruned.not_done
    assert not team.is_there(f"/library-elements/{team.name}-orders")
    assert not team.is_there(f"/folders/{team.name}-library")


def test_it_stays_while_somebody_else_shows_it(team: Team) -> None:
    """12.4.0 would delete it."""
    team.push()
    panel = {
        "id": 1,
        "title": "x",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "libraryPanel": {"uid": f"{team.name}-orders", "name": f"{team.name} orders"},
    }
    team.save({"uid": f"{team.name}-theirs", "title": f"{team.name} theirs", "panels": [panel]})
    team.remove("dashboards/boards.py").remove("dashboards/library.py")

    change = team.push(prune=True).change(Kind.LIBRARY_PANEL, f"{team.name}-orders")

    assert (Action.ORPHAN, f"it stays: dashboard '{team.name}-theirs' shows it") == (
        change.action,
        change.reason,
    )
    assert team.is_there(f"/library-elements/{team.name}-orders")


# Definitions


def _write(project: ProjectFolder, files: dict[str, str]) -> ProjectFolder:
    return project.write({path: text.replace("TEAM", "shop") for path, text in files.items()})


def test_files_have_the_panel_itself_in_each_dashboard(empty_project: ProjectFolder) -> None:
    """Grafana loads no library from files."""
    built = _write(empty_project, FILES).resources()

    boards = [resource.body for resource in built if resource.kind is Kind.DASHBOARD]
    panels = [boards[0]["panels"][1], boards[1]["panels"][1]]
    assert ["sum(rate(orders_total[5m]))"] * 2 == [panel["targets"][0]["expr"] for panel in panels]
    assert not any("libraryPanel" in panel for panel in panels)


def test_its_queries_are_those_of_a_panel(empty_project: ProjectFolder) -> None:
    """So that checks find them where no dashboard shows it."""
    (panel,) = [
        resource
        for resource in _write(empty_project, FILES).resources()
        if resource.kind is Kind.LIBRARY_PANEL
    ]

    assert ["panel 'shop orders' A: sum(rate(orders_total[5m]))"] == [
        f"{query}: {query.expr}" for query in queries(panel)
    ]


def test_a_change_of_it_is_told_like_that_of_any_panel(empty_project: ProjectFolder) -> None:
    """With the words of gk diff."""
    old = _write(empty_project, FILES).resources()
    text = PANEL.replace('[5m]))"),', '[5m]))", unit="reqps"),')
    new = _write(empty_project, {"dashboards/library.py": text}).resources()

    diff = compare(Side(name="old", resources=old), Side(name="new", resources=new))

    (change,) = [candidate for candidate in diff.changes if candidate.kind is Kind.LIBRARY_PANEL]
    assert [(Code.UNIT, "reqps")] == [
        (edit.code, edit.new) for part in change.parts for edit in part.edits
    ]


def test_one_that_no_module_names_is_a_mistake(empty_project: ProjectFolder) -> None:
    """gk push would not know it."""
    text = """
        from gk import Dashboard, library_panel, timeseries
        from datasources.prometheus import prometheus

        board = Dashboard("B", datasource=prometheus, panels=[
            library_panel(timeseries("Up", "up")),
        ])
    """
    project = _write(
        empty_project, {"datasources/prometheus.py": DATASOURCE, "dashboards/b.py": text}
    )

    with pytest.raises(DefinitionError, match="library panel 'Up' is not defined in dashboards/"):
        project.resources()


def test_a_uid_and_a_name_in_a_folder_are_taken_once(empty_project: ProjectFolder) -> None:
    """Both are reported."""
    text = """
        from gk import library_panel, timeseries
        from datasources.prometheus import prometheus

        one = library_panel(timeseries("Up", "up"), uid="a", datasource=prometheus)
        two = library_panel(timeseries("up", "up"), uid="a", datasource=prometheus)
    """
    project = _write(
        empty_project, {"datasources/prometheus.py": DATASOURCE, "dashboards/b.py": text}
    )

    with pytest.raises(DefinitionError) as raised:
        project.resources()

    assert [
        "library panel 'up': uid 'a' is taken by the library panel at dashboards/b.py:4; "
        "change one",
        "library panel 'up': the name is taken by the library panel at dashboards/b.py:4; "
        "change one",
    ] == sorted((problem.text for problem in raised.value.problems), reverse=True)


# What a dashboard says of it

ORDERS = library_panel(timeseries("Orders", "sum(rate(orders_total[5m]))", width=12, height=8))


def test_a_dashboard_shows_it_in_a_size_and_under_a_title_of_its_own() -> None:
    """The library keeps it as it is."""
    here = ORDERS.at(title="Orders here", width=6, id=4, repeat="shop", max_per_row=2).panel
    assert ("Orders here", 6, 8, 4) == (here.title, here.notes.width, here.notes.height, here.id)
    assert ("shop", 2) == (here.repeat.variable, here.repeat.maxPerRow)
    assert ("Orders", 12, None) == (
        ORDERS.panel.title,
        ORDERS.panel.notes.width,
        ORDERS.panel.id,
    )


def test_a_position_that_no_panel_has_is_refused() -> None:
    with pytest.raises(ValueError, match="is not on the 24 columns of the screen"):
        ORDERS.at(grid=(20, 0, 12, 8))
    with pytest.raises(ValueError, match="a panel is 1 to 24 wide"):
        ORDERS.at(width=30)
