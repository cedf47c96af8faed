"""A mistake in a panel or a variable keeps it as JSON, and nothing else of its dashboard."""

from __future__ import annotations

import json

from tests.conftest import ProjectFolder, RunGk
from tests.importing import BUSY, board, given, import_, panel


def test_a_panel_with_a_mistake_stays_json_alone(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """And the output says which mistake."""
    broken = panel("Broken", "rate(up[5m]", id=2)
    lost = panel("Lost", BUSY, id=3, repeat="missing")
    given(empty_project, shop_json=board(panel("Busy", BUSY), broken, lost))

    ran = import_(run_gk, "--format", "json")

    said = json.loads(ran.out)
    assert (0, True) == (ran.code, said["equal"])
    assert {"all": 3, "with_extra": 0, "as_json": 2} == said["panels"]
    assert [
        "dashboards/shop.py: panel 'Broken': PromQL does not parse: unclosed left parenthesis: "
        "rate(up[5m] (the panel stays JSON)",
        "dashboards/shop.py: panel 'Lost': repeat: 'missing' is not a variable of the dashboard "
        "(the panel stays JSON)",
    ] == said["problems"]
    written = empty_project.read("own/dashboards/shop.py")
    assert "1: timeseries(" in written
    assert "2: exported_panel(" in written
    assert "3: exported_panel(" in written


def test_definitions_that_never_build_are_said_with_their_mistakes(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """However often they were written: here once, and the second time would have helped."""
    given(empty_project, shop_json=board(panel("Broken", "rate(up[5m]")))

    once = "import gk.decompile.proof; gk.decompile.proof._ROUNDS = 1"
    ran = run_gk("import", "given", "--into", "own", before=once)

    assert (1, True) == (ran.code, "they do not build yet" in ran.out)
    assert "PromQL does not parse: unclosed left parenthesis" in ran.out


def test_a_panel_of_that_title_in_another_dashboard_is_a_call(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Although both dashboards have a mistake."""
    named = [panel("One", BUSY, id=1), panel("Other", "rate(up[5m]", id=2)]
    given(
        empty_project,
        shop_json=board(panel("One", "rate(up[5m]", id=1), panel("Other", BUSY, id=2)),
        store_json=board(*named, title="Store", uid="store"),
    )

    said = json.loads(import_(run_gk, "--format", "json").out)

    assert {"all": 4, "with_extra": 0, "as_json": 2} == said["panels"]


def test_what_is_imported_so_builds(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """What cannot work is a warning."""
    given(empty_project, shop_json=board(panel("Broken", "rate(up[5m]")))
    import_(run_gk)

    ran = run_gk("build", cwd=empty_project.root / "own")

    assert 0 == ran.code
    assert "panel 'Broken': PromQL does not parse" in ran.err


def test_a_variable_with_a_mistake_stays_json_alone(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Its dashboard builds, with a warning."""
    reference = {"type": "prometheus", "uid": "prometheus"}
    job = {"name": "job", "type": "query", "query": "label_values(up, job)"}
    pod = {"name": "pod", "type": "query", "query": "label_values(up{, pod)"}
    listed = {
        "list": [{**variable, "refresh": 1, "datasource": reference} for variable in (job, pod)]
    }
    given(empty_project, shop_json=board(panel("Busy", BUSY), templating=listed))

    said = json.loads(import_(run_gk, "--format", "json").out)

    mistake = (
        "variable $pod: PromQL does not parse: unexpected end of input inside braces: "
        "label_values(up{, pod)"
    )
    assert [f"dashboards/shop.py: {mistake} (the variable stays JSON)"] == said["problems"]
    written = empty_project.read("own/dashboards/shop.py")
    assert 'query_variable("job", "label_values(up, job)"' in written
    assert "exported_variable(" in written
    ran = run_gk("build", cwd=empty_project.root / "own")
    assert (0, True) == (ran.code, mistake in ran.err)


def test_a_mistake_beside_panels_keeps_the_dashboard_as_json(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY), refresh="often"))

    said = json.loads(import_(run_gk, "--format", "json").out)

    assert {"dashboard/shop-1": "dashboards/shop.json"} == said["defined"]
    assert ["kept as JSON"] == [problem[-13:-1] for problem in said["problems"]]


def test_a_dashboard_that_is_otherwise_even_so_stays_json_as_a_whole(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Two variables share a name, of which one has a mistake."""
    reference = {"type": "prometheus", "uid": "prometheus"}
    good, broken = "label_values(up, job)", "label_values(up{, job)"
    variables = [
        {"name": "job", "type": "query", "query": query, "datasource": reference}
        for query in (good, broken)
    ]
    given(empty_project, shop_json=board(panel("Busy", BUSY), templating={"list": variables}))

    said = json.loads(import_(run_gk, "--format", "json").out)

    assert (True, {"dashboard/shop-1": "dashboards/shop.json"}) == (said["equal"], said["defined"])
    assert ["kept as JSON"] == [problem[-13:-1] for problem in said["problems"]]
