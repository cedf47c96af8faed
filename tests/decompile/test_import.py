"""gk import: files of dashboards, rules and data sources become definitions, and gk proves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gk.resource import Kind
from tests.cases import every
from tests.conftest import REPOSITORY, ProjectFolder, RunGk
from tests.importing import BUSY, RULES, board, given, import_, panel, sources

GOLDEN = Path(__file__).parent.parent / "golden" / "import"


def test_golden_what_a_shop_has_becomes_definitions(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """golden/import/shop.txt has the files, and what gk says."""
    variable = {
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "definition": "label_values(up, instance)",
        "includeAll": True,
        "multi": True,
        "name": "instance",
        "query": {"query": "label_values(up, instance)", "refId": "StandardVariableQuery"},
        "refresh": 2,
        "sort": 1,
        "type": "query",
    }
    errors = "sum(rate(shop_errors_total[5m]))"
    share = 'sum(rate(shop_requests_total{code=~"%s"}[5m])) / sum(rate(shop_requests_total[5m]))'
    unit = {"defaults": {"unit": "percentunit", "max": 1, "min": 0}, "overrides": []}
    row = {"collapsed": False, "gridPos": {"h": 1, "w": 24, "x": 0, "y": 8}, "id": 9, "panels": []}
    panels = [
        panel("Errors", errors, type="stat", gridPos={"h": 4, "w": 6, "x": 0, "y": 0}),
        panel("Busy", BUSY, id=2, fieldConfig=unit, gridPos={"h": 8, "w": 12, "x": 6, "y": 0}),
        {**row, "title": "Requests", "type": "row"},
        panel(
            "Failed",
            share % "5..",
            id=3,
            fieldConfig=unit,
            gridPos={"h": 8, "w": 12, "x": 0, "y": 9},
        ),
        panel(
            "Refused",
            share % "4..",
            id=4,
            fieldConfig=unit,
            gridPos={"h": 8, "w": 12, "x": 12, "y": 9},
        ),
    ]
    shop = board(*panels, tags=["shop"], templating={"list": [variable]})
    given(empty_project, shop_json=shop, rules_yaml=RULES)

    ran = import_(run_gk)

    said = ran.out.rpartition(" (")[0]
    written = "".join(f"== {file}\n{text}" for file, text in sources(empty_project).items())
    golden = GOLDEN / "shop.txt"
    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(f"{written}== output\n{said}\n", "utf-8")
    assert (golden.read_text("utf-8"), 0, "") == (
        f"{written}== output\n{said}\n",
        ran.code,
        ran.err,
    )


def test_the_same_files_once_more_change_nothing(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY), panel("Again", BUSY, id=2)))
    import_(run_gk)
    first = sources(empty_project)

    again = import_(run_gk)

    assert 0 == again.code
    assert "wrote 0 files" in again.out
    assert first == sources(empty_project)


def test_what_is_imported_later_uses_the_snippets_that_are_there(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """A snippet of the project, whoever wrote it, and none is written for its query."""
    snippets = f"""
        from gk.promql import Exporter, Scope

        snippet = Exporter("node").snippet


        @snippet(unit="percentunit", legend="{{{{instance}}}}")
        def busy(s: Scope) -> str:
            return {BUSY!r}
    """
    empty_project.write({"own/gk.yaml": "", "own/dashboards/cpu.py": snippets})
    given(empty_project, shop_json=board(panel("Busy", BUSY), panel("Again", BUSY, id=2)))

    ran = import_(run_gk)

    assert (0, "") == (ran.code, ran.err)
    written = empty_project.read("own/dashboards/shop.py")
    assert 2 == written.count("cpu.busy")
    assert "own/dashboards/queries.py" not in ran.out


def test_a_panel_and_an_alert_on_one_query_share_a_snippet(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    expr = "sum(rate(shop_errors_total[5m]))"
    given(empty_project, shop_json=board(panel("Errors", expr)), rules_yaml=RULES)

    ran = import_(run_gk)

    files = sources(empty_project)
    assert 0 == ran.code
    assert "queries.sum_shop_errors_total" in files["dashboards/shop.py"]
    # A link would draw the threshold in the panel, which would be another one then.
    assert "queries.sum_shop_errors_total > 10" in files["alerts/rules.py"]
    assert "linked=False" in files["alerts/rules.py"]


def test_data_sources_that_are_named_later_get_a_module_of_their_own(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Those that are there keep their variable, whichever import wrote it."""
    given(empty_project, shop_json=board(panel("Busy", BUSY)))
    import_(run_gk)
    loki = {"type": "loki", "uid": "loki"}
    logs = panel(
        "Log", type="logs", id=2, datasource=loki, targets=[{"datasource": loki, "expr": "{}"}]
    )
    given(empty_project, more_json=board(panel("Busy", BUSY), logs, title="More", uid="more"))

    ran = run_gk("import", "given/more.json", "--into", "own")

    assert (0, "") == (ran.code, ran.err)
    written = empty_project.read("own/dashboards/more.py")
    assert "from datasources.external import prometheus\n" in written
    assert "from datasources.external_2 import loki\n" in written


def test_no_variable_has_a_name_that_its_module_imports(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """A data source is called like a constructor."""
    logs = {"type": "loki", "uid": "logs"}
    asked = {"datasource": logs, "expr": "{}", "refId": "A"}
    log = panel("Log", type="logs", datasource=logs, targets=[asked])
    given(empty_project, shop_json=board(log, panel("Busy", BUSY, id=2)))

    ran = import_(run_gk)

    assert (0, "") == (ran.code, ran.err)
    assert "logs_ = Datasource(" in empty_project.read("own/datasources/external.py")


def test_nothing_that_is_there_is_overwritten(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY)), rules_yaml=RULES)
    empty_project.write({"own/dashboards/shop.py": "# mine\n"})
    before = sources(empty_project)

    ran = import_(run_gk)

    message = "is there already with another text; move it, or import into another folder"
    assert (2, f"dashboards/shop.py: {message}\n") == (ran.code, ran.err)
    assert before == sources(empty_project)


def test_a_dry_run_says_what_it_would_write(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY)))

    ran = import_(run_gk, "--dry-run")

    assert (0, {}) == (ran.code, sources(empty_project))
    assert "+ dashboards/shop.py\n" in ran.out
    assert "would write 3 files in own/" in ran.out


def test_without_into_the_nearest_project_gets_the_definitions(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    project.write({"gk.yaml": ""})
    given(project, shop_json=board(panel("Busy", BUSY)))

    ran = run_gk("import", "shop.json", cwd=project.root / "given")

    assert (0, "") == (ran.code, ran.err)
    # The data source that the panels name is there, so none is written.
    assert ["datasources/prometheus.py"] == [
        file for file in sources(project, ".") if file.startswith("datasources/")
    ]
    assert "timeseries" in project.read("dashboards/shop.py")


def test_without_a_project_somebody_has_to_name_a_folder(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY)))

    ran = run_gk("import", "given/shop.json")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "no gk project here to write into; name a folder with --into, such as --into ." in ran.err
    )


def test_a_panel_that_gk_cannot_make_stays_json_beside_the_others(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    foreign = panel("Map", "up", id=2, type="somebody-map-panel", options={"zoom": 3})
    given(empty_project, shop_json=board(panel("Busy", BUSY), foreign))

    ran = import_(run_gk, "--format", "json")

    said = json.loads(ran.out)
    assert (0, True) == (ran.code, said["equal"])
    assert {"all": 2, "with_extra": 0, "as_json": 1} == said["panels"]
    assert '"type": "somebody-map-panel"' in empty_project.read("own/dashboards/shop.py")


def test_what_has_no_argument_is_extra_and_counted(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    busy = panel("Busy", BUSY, options={"timezone": ["Asia/Tokyo"]})
    given(empty_project, shop_json=board(busy))

    ran = import_(run_gk)

    assert 0 == ran.code
    assert "1 panel: 0 in constructors, 1 with extra, 0 as JSON" in ran.out
    assert 'extra={"options": {"timezone": ["Asia/Tokyo"]}}' in empty_project.read(
        "own/dashboards/shop.py"
    )


def test_what_cannot_be_read_is_said_and_the_rest_is_written(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY)), broken_json="{")

    ran = import_(run_gk)

    assert 1 == ran.code
    assert "! given/broken.json" in ran.out or "! broken.json" in ran.out
    assert "dashboards/shop.py" in sources(empty_project)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["missing.json"], "does not exist", id="no-file"),
        pytest.param(["given"], "contains nothing that gk reads", id="empty-folder"),
        pytest.param([], "Missing argument", id="nothing"),
    ],
)
def test_a_mistake_of_the_command_line_is_an_error(
    empty_project: ProjectFolder, run_gk: RunGk, arguments: list[str], said: str
) -> None:
    empty_project.write({"given/read.me": "Hello"})

    ran = run_gk("import", *arguments, "--into", "own")

    assert (2, "", {}) == (ran.code, ran.out, sources(empty_project))
    assert said in ran.err


def test_a_broken_project_is_reported_where_it_is_broken(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    empty_project.write({"own/gk.yaml": "", "own/dashboards/old.py": "import gk\n\ngk.stat()\n"})
    given(empty_project, shop_json=board(panel("Busy", BUSY)))

    ran = import_(run_gk)

    assert (2, ["dashboards/old.py", "gk.yaml"]) == (ran.code, [*sources(empty_project)])
    assert "dashboards/old.py:3: " in ran.err
    assert "Traceback" not in ran.err


# Names


@pytest.mark.parametrize(
    ("title", "file"),
    [
        pytest.param("Узлы и диски", "узлы_и_диски", id="cyrillic"),
        pytest.param("服务器概览", "服务器概览", id="chinese"),
        pytest.param("Übersicht: Größe", "ubersicht_große", id="german"),
        pytest.param("class", "class_", id="keyword"),
        pytest.param("2 nodes", "shop_1_2_nodes", id="digit"),
        pytest.param("🔥🔥", "shop_1", id="no-letters"),
    ],
)
def test_files_are_named_by_the_titles_of_dashboards(
    empty_project: ProjectFolder, run_gk: RunGk, title: str, file: str
) -> None:
    given(empty_project, shop_json=board(panel("Busy", BUSY), title=title))

    ran = import_(run_gk)

    assert (0, "") == (ran.code, ran.err)
    [name] = (empty_project.root / "own/dashboards").glob("*.py")
    assert file == name.stem


def test_two_dashboards_whose_titles_make_one_name_get_two_files(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    one, other = (
        board(panel("Busy", "up"), title=f"Shop{end}", uid=uid)
        for uid, end in (("one", ""), ("other", "!"))
    )
    given(empty_project, one_json=one, other_json=other)

    ran = import_(run_gk, "--format", "json")

    defined = json.loads(ran.out)["defined"]
    assert 0 == ran.code
    assert 2 == len({defined["dashboard/one"], defined["dashboard/other"]})


# Own projects


@every("what", ["grafana", "prometheus"])
def test_the_import_of_what_gk_built_is_equal_again(
    empty_project: ProjectFolder, run_gk: RunGk, what: str
) -> None:
    """For everything that ships with gk, whose snippets are found; ruff and mypy have nothing to
    say."""
    built = REPOSITORY / "provisioning" / what
    ran = run_gk("import", str(built), "--into", what, "--format", "json")

    said = json.loads(ran.out)
    assert (0, True, [], []) == (ran.code, said["equal"], said["problems"], said["differences"])
    assert said["queries"]["repeated"] == said["queries"]["snippets"] > 0
    assert "from gk.library import " in "".join(sources(empty_project, what).values())
    own = empty_project.root / what
    tools = Path(sys.executable).parent
    ruff = ["--isolated", "--line-length", "100"]
    # gk alone, without the project in its repository.
    if not (empty_project.root / "gk").exists():
        (empty_project.root / "gk").symlink_to(REPOSITORY / "gk")
    for command in (
        ["ruff", "check", *ruff, "--select", "E,F,I,W,B,UP", "--ignore", "E501", "."],
        ["ruff", "format", *ruff, "--check", "."],
        # With the settings of this repository: strict, and folders of definitions are packages.
        [
            *("mypy", "--config-file", str(REPOSITORY / "setup.cfg")),
            *("--cache-dir", str(empty_project.root / "mypy")),
            *("alerts", "dashboards"),
        ],
    ):
        checked = subprocess.run(
            [tools / command[0], *command[1:]],
            cwd=own,
            env={**os.environ, "MYPYPATH": str(empty_project.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout


def test_definitions_import_as_what_they_built(project: ProjectFolder, run_gk: RunGk) -> None:
    """A dashboard keeps its folder and its uid, and a second project builds the same document."""
    definitions = """
        from gk import Dashboard, Row, stat, timeseries

        d = Dashboard(
            "Nodes",
            uid="nodes",
            folder="Machines",
            panels=[stat("Up", "up"), Row("More", [timeseries("Load", "node_load1")])],
        )
    """
    project.write({"gk.yaml": "build: {formats: [grafana]}\n", "dashboards/nodes.py": definitions})
    first = project.resource(Kind.DASHBOARD).body
    assert 0 == run_gk("build").code

    ran = run_gk("import", "provisioning/grafana", "--into", "own")

    own = ProjectFolder(project.root / "own")
    assert (0, "") == (ran.code, ran.err)
    again = own.resource(Kind.DASHBOARD)
    assert (first["panels"], "machines") == (again.body["panels"], again.folder)
