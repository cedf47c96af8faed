"""Loading a project: what is a definition, where it is, in which order, and what is left behind."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

from gk.errors import ConfigError, DefinitionError, Source
from gk.project import Project, find_root, load
from tests.conftest import ProjectFolder, RunGk

GK = "from gk import Dashboard\n"
GRAFANALIB = "from grafanalib.core import Dashboard\n"
SOURCE = "from gk import Datasource\n"
ALERTS = "from gk import alert, alert_group\n"


def board(title: str) -> str:
    """An expression that makes a dashboard, of gk's or of grafanalib's, as the file imports it."""
    return f"Dashboard(title={title!r})"


def title_of(value: object) -> str:
    """What tells a definition from others."""
    if isinstance(value, dict):
        return str(value["title"])
    return str(getattr(value, "title", None) or getattr(value, "name", None))


def places(project: ProjectFolder) -> list[tuple[str, str]]:
    """The definitions of a project, in order: place and title."""
    return [
        (str(definition.source), title_of(definition.value))
        for definition in load(project.root).definitions
    ]


# What is a definition


def test_definitions_import_each_other_across_folders(empty_project: ProjectFolder) -> None:
    """Each folder is a package, so that a name is written once."""
    empty_project.write(
        {
            "datasources/main.py": (
                f'{SOURCE}\nmain = Datasource.prometheus("Main", uid="main", url="http://m")\n'
            ),
            "dashboards/main.py": (
                f"{GK}from datasources.main import main\n\nboard = Dashboard(main.name)\n"
            ),
            "alerts/main.py": (
                f"{ALERTS}from dashboards.main import board\n\n"
                "group = alert_group(board.title, [])\n"
            ),
        }
    )

    assert [
        ("datasources/main.py:3", "Main"),
        ("dashboards/main.py:4", "Main"),
        ("alerts/main.py:4", "Main"),
    ] == (places(empty_project))


@pytest.mark.parametrize(
    "packages",
    [
        pytest.param([], id="none"),
        pytest.param(["dashboards", "dashboards/team"], id="all"),
        pytest.param(["dashboards"], id="outer"),
        pytest.param(["dashboards/team"], id="inner"),
    ],
)
def test_folders_need_no_init(empty_project: ProjectFolder, packages: list[str]) -> None:
    """Absolute and relative imports work with __init__.py and without."""
    empty_project.write(
        {
            "dashboards/common.py": "absolute = 'Absolute'\n",
            "dashboards/team/near.py": "relative = 'Relative'\n",
            "dashboards/team/board.py": (
                f"{GK}from dashboards.common import absolute\nfrom .near import relative\n\n"
                "board = Dashboard(absolute + relative)\n"
            ),
            **{f"{folder}/__init__.py": "" for folder in packages},
        }
    )

    assert [("dashboards/team/board.py:5", "AbsoluteRelative")] == places(empty_project)


def test_a_package_itself_has_definitions(empty_project: ProjectFolder) -> None:
    """__init__.py is a file as any other."""
    empty_project.write({"dashboards/__init__.py": f"{GK}\nboard = {board('Team')}\n"})

    assert [("dashboards/__init__.py:3", "Team")] == places(empty_project)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("board = {a}", ["A"], id="name"),
        pytest.param("_board = {a}", [], id="underscore"),
        pytest.param("boards = [{a}, {b}]", ["A", "B"], id="list"),
        pytest.param("boards = ({a}, [[{b}]])", ["A", "B"], id="tuple-and-nested-lists"),
        pytest.param("_boards = [{a}]", [], id="list-with-underscore"),
        pytest.param("boards = {{'a': {a}, 'b': [{b}]}}", ["A", "B"], id="dictionary"),
        pytest.param("boards = [{{'a': {{'a': {a}}}}}]", ["A"], id="nested-dictionaries"),
        pytest.param("_boards = {{'a': {a}}}", [], id="dictionary-with-underscore"),
        pytest.param("a = b = {a}", ["A"], id="two-names"),
        pytest.param("a = {a}\nboards = [a, a, {b}]", ["A", "B"], id="name-and-list"),
        pytest.param("def board():\n    return {a}", [], id="function"),
        pytest.param("a, b = {a}, {b}", ["A", "B"], id="unpacked"),
        pytest.param("boards = [{a}, None, 'text', 3]", ["A"], id="list-with-others"),
        pytest.param("exported = dict(title='A', panels=[])", ["A"], id="dict-of-a-dashboard"),
        pytest.param("exported = dict(title='A', rows=[])", ["A"], id="dict-of-an-old-dashboard"),
        pytest.param("settings = dict(title='A')", [], id="other-dict"),
    ],
)
@pytest.mark.parametrize(
    "imports", [pytest.param(GK, id="gk"), pytest.param(GRAFANALIB, id="grafanalib")]
)
def test_definitions_are_module_level_objects(
    empty_project: ProjectFolder, imports: str, lines: str, expected: list[str]
) -> None:
    """A name without underscore, or a list or a dictionary under one; each object counts once."""
    text = lines.format(a=board("A"), b=board("B"))
    empty_project.write({"dashboards/team.py": f"{imports}\n{text}\n"})

    assert expected == [title for _, title in places(empty_project)]


def test_files_with_an_underscore_are_files(empty_project: ProjectFolder) -> None:
    """It is the name of the object that hides it."""
    empty_project.write({"dashboards/_team.py": f"{GK}\nboard = {board('Team')}\n"})

    assert [("dashboards/_team.py:3", "Team")] == places(empty_project)


def test_json_files_are_definitions(empty_project: ProjectFolder) -> None:
    """An export needs no Python, with a byte order mark or without, in a folder or not."""
    empty_project.write(
        {
            "dashboards/a.json": '{"title": "A"}',
            "dashboards/team/b.json": '\ufeff{"title": "B"}',
            "dashboards/c.txt": "",
        }
    )

    assert [("dashboards/a.json:1", "A"), ("dashboards/team/b.json:1", "B")] == places(
        empty_project
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("dashboards/.hidden/a.py", id="hidden-folder"),
        pytest.param("dashboards/.a.py", id="hidden-file"),
        pytest.param("dashboards/__pycache__/a.py", id="cache"),
        pytest.param("alerts/a.json", id="json-elsewhere"),
        pytest.param("other/a.py", id="other-folder"),
        pytest.param("a.py", id="root"),
    ],
)
def test_other_files_are_not_read(empty_project: ProjectFolder, path: str) -> None:
    """Editors and Python leave files that would not even load."""
    empty_project.write(
        {"dashboards/team.py": f"{GK}\nboard = {board('Team')}\n", path: "no Python ("}
    )

    assert [("dashboards/team.py:3", "Team")] == places(empty_project)


def test_names_of_files_may_have_dots(empty_project: ProjectFolder) -> None:
    """grafanalib's own convention is x.dashboard.py; a file x_dashboard.py beside it is another."""
    empty_project.write(
        {
            "dashboards/_common.py": "title = 'Dots'\n",
            "dashboards/x.dashboard.py": (
                f"{GK}from ._common import title\n\nboard = Dashboard(title)\n"
            ),
            "dashboards/x_dashboard.py": f"{GK}\nboard = {board('Underscore')}\n",
            "dashboards/v1.2/x.py": (
                f"{GK}from dashboards._common import title\n\nboard = Dashboard(title + ' 1.2')\n"
            ),
        }
    )

    assert [
        ("dashboards/v1.2/x.py:4", "Dots 1.2"),
        ("dashboards/x.dashboard.py:4", "Dots"),
        ("dashboards/x_dashboard.py:3", "Underscore"),
    ] == places(empty_project)


# Where it is


@pytest.mark.parametrize(
    "imports", [pytest.param(GK, id="gk"), pytest.param(GRAFANALIB, id="grafanalib")]
)
@pytest.mark.parametrize(
    "importing",
    [pytest.param("dashboards/a.py", id="before"), pytest.param("dashboards/z.py", id="after")],
)
def test_what_is_imported_counts_where_it_was_made(
    empty_project: ProjectFolder, imports: str, importing: str
) -> None:
    """Once, whichever file is read first."""
    empty_project.write(
        {
            "dashboards/made.py": f"{imports}\n\nboard = {board('Made')}\n",
            importing: "from dashboards.made import board as again\n\nboards = [again]\n",
        }
    )

    expected = "dashboards/made.py:4"
    if imports == GRAFANALIB and importing < "dashboards/made.py":
        # grafanalib's objects do not know where they were made; a list of them is as good as an
        # assignment.
        expected = f"{importing}:3"
    assert [(expected, "Made")] == places(empty_project)


@pytest.mark.parametrize("importing", ["dashboards/a.py", "dashboards/z.py"])
def test_an_imported_grafanalib_dashboard_is_at_its_assignment(
    empty_project: ProjectFolder, importing: str
) -> None:
    """An import is no assignment."""
    empty_project.write(
        {
            "dashboards/made.py": f"{GRAFANALIB}\n\nboard = {board('Made')}\n",
            importing: "from dashboards.made import board\n",
        }
    )

    assert [("dashboards/made.py:4", "Made")] == places(empty_project)


def test_a_grafanalib_dashboard_of_other_modules_is_at_the_file_that_imports_it(
    empty_project: ProjectFolder,
) -> None:
    """Nothing says at which line it was made."""
    empty_project.write(
        {
            "library.py": f"{GRAFANALIB}\nboard = {board('Library')}\n",
            "dashboards/team.py": "from library import board\n",
        }
    )

    assert [("dashboards/team.py", "Library")] == places(empty_project)


def test_a_dashboard_that_a_function_makes_is_in_the_function(empty_project: ProjectFolder) -> None:
    """gk's objects know where they were made, in the project's own modules too."""
    empty_project.write(
        {
            "library.py": f"{GK}\ndef make(title):\n    return Dashboard(title)\n",
            "dashboards/team.py": "from library import make\n\nboard = make('Team')\n",
        }
    )

    assert [("library.py:4", "Team")] == places(empty_project)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "answer = {'meta': {}, 'dashboard': {'title': 'A', 'schemaVersion': 36}}",
            ["A"],
            id="answer-of-the-api",
        ),
        pytest.param(
            "model = {'panels': [{'type': 'row', 'title': 'R', 'panels': []}]}",
            [],
            id="rows-of-a-part",
        ),
        pytest.param(
            "whole = {'title': 'A', 'panels': [{'title': 'R', 'schemaVersion': 1}]}",
            ["A"],
            id="parts-of-a-dashboard",
        ),
        pytest.param("again = {}\nagain['again'] = again", [], id="itself"),
    ],
)
def test_json_in_a_dictionary_is_a_dashboard_if_it_is_a_whole_one(
    empty_project: ProjectFolder, text: str, expected: list[str]
) -> None:
    """A row has a title and panels, too; only a dashboard has a schema version."""
    empty_project.write({"dashboards/team.py": text})

    assert expected == [title for _, title in places(empty_project)]


def warnings(project: ProjectFolder, files: dict[str, str]) -> list[str]:
    """What a load warns about."""
    return load(project.write(files).root).warnings


def nothing(file: str, hidden: str) -> list[str]:
    """The warning about a file."""
    return [
        f"{file} defines nothing; gk takes only what has a name at module level: assign {hidden} "
        "to a name"
    ]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        pytest.param("def make():\n    return {a}", "make()", id="function"),
        pytest.param(
            "def make(title='A'):\n    board = {a}\n    return board", "make()", id="local"
        ),
        pytest.param("def make():\n    yield {a}", "list(make())", id="generator"),
        pytest.param("def make():\n    return [{a} for _ in 'ab']", "make()", id="comprehension"),
        pytest.param("boards = ({a} for _ in 'ab')", "list(boards)", id="generator-expression"),
        pytest.param("class Team:\n    board = {a}", "Team.board", id="class"),
        pytest.param(
            "def one():\n    return {a}\n\ndef two():\n    return {b}",
            "one() and two()",
            id="two-functions",
        ),
    ],
)
@pytest.mark.parametrize(
    "imports", [pytest.param(GK, id="gk"), pytest.param(GRAFANALIB, id="grafanalib")]
)
def test_a_file_that_hides_its_definitions_is_a_warning(
    empty_project: ProjectFolder, imports: str, text: str, hidden: str
) -> None:
    """Its author thinks that gk calls the function, or looks into the class."""
    content = f"{imports}\n{text.format(a=board('A'), b=board('B'))}\n"

    assert nothing("dashboards/team.py", hidden) == warnings(
        empty_project, {"dashboards/team.py": content}
    )


def test_hidden_alerts_and_data_sources_are_warnings(empty_project: ProjectFolder) -> None:
    """Constructors may be functions, class methods, or attributes of the module gk."""
    assert [
        *nothing("alerts/team.py", "rules()"),
        *nothing("datasources/prometheus.py", "source()"),
    ] == sorted(
        warnings(
            empty_project,
            {
                "alerts/team.py": "import gk\n\ndef rules():\n    return gk.alert_group('a', [])\n",
                "datasources/prometheus.py": (
                    "from gk import Datasource\n\n"
                    "def source():\n    return Datasource.prometheus('P', uid='p', url='http://p')\n"
                ),
            },
        )
    )


@pytest.mark.parametrize(
    ("parts", "user"),
    [
        pytest.param(
            "def make():\n    return {a}", "from dashboards.parts import make", id="imported-name"
        ),
        pytest.param("def make():\n    return {a}", "from dashboards import parts", id="module"),
        pytest.param("def make():\n    return {a}", "import dashboards.parts", id="package"),
        pytest.param(
            "def make():\n    return {a}\n\nmakers = [make]",
            "from dashboards.parts import makers",
            id="list-of-functions",
        ),
        pytest.param("def make(title):\n    return {a}", "", id="function-with-arguments"),
        pytest.param("def make(*, title):\n    return {a}", "", id="function-with-named-arguments"),
        pytest.param("def _make():\n    return {a}", "", id="private-function"),
        pytest.param("def main():\n    print({a})", "", id="function-without-a-result"),
        pytest.param("def width():\n    return 12", "", id="function-of-something-else"),
        pytest.param("class Sizes:\n    width = 12", "", id="class-of-something-else"),
        pytest.param("widths = (width for width in (12, 24))", "", id="generator-of-numbers"),
        pytest.param("def make():\n    return {a}\n\nboard = make()", "", id="module-with-some"),
        pytest.param(
            "class Boards:\n    board = {a}",
            "from dashboards.parts import Boards\n\nboard = Boards.board",
            id="class-whose-definitions-are-taken",
        ),
        pytest.param("", "", id="empty"),
    ],
)
@pytest.mark.parametrize(
    "imports", [pytest.param(GK, id="gk"), pytest.param(GRAFANALIB, id="grafanalib")]
)
def test_helpers_are_no_warnings(
    empty_project: ProjectFolder, imports: str, parts: str, user: str
) -> None:
    """A module that shares functions with others may define nothing."""
    files = {
        "dashboards/parts.py": f"{imports}\n{parts.format(a=board('A'))}\n",
        "dashboards/team.py": f"{user}\n",
    }

    assert [] == warnings(empty_project, files)


def test_a_class_that_fails_is_no_warning(empty_project: ProjectFolder) -> None:
    """Nothing is built of it, so its own methods may fail."""
    text = """
        class Odd(list):
            def __iter__(self):
                raise SystemExit

        class Boards:
            boards = Odd()
        """

    assert [] == warnings(empty_project, {"dashboards/team.py": text})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("board = {a}", 2, id="plain"),
        pytest.param("\n\nboard = {a}", 4, id="after-blank-lines"),
        pytest.param("board: Dashboard = {a}", 2, id="annotated"),
        pytest.param("other, board = 1, {a}", 2, id="unpacked"),
        pytest.param("if True:\n    board = {a}", 3, id="in-a-block"),
        pytest.param("boards = []\nboard_2 = 1\nboard = {a}", 4, id="names-that-begin-alike"),
        pytest.param("assert 'board' != 'x'\nboard = {a}", 3, id="comparison-before"),
        pytest.param(
            "def make():\n    board = {a}\n    return board\n\nboard = make()", 6, id="local-before"
        ),
        pytest.param(
            "board = dict(\n    title='x',\n    panels=[],\n)", 2, id="over-several-lines"
        ),
    ],
)
def test_a_grafanalib_dashboard_is_at_its_assignment(
    empty_project: ProjectFolder, text: str, line: int
) -> None:
    """grafanalib does not remember where an object was made, so the file is looked at."""
    empty_project.write({"dashboards/team.py": GRAFANALIB + text.format(a=board("Team")) + "\n"})

    assert [f"dashboards/team.py:{line}"] == [place for place, _ in places(empty_project)]


def test_definitions_are_in_the_order_of_files_and_lines(empty_project: ProjectFolder) -> None:
    """Data sources come first, then dashboards, then alerts; folders sort as their parts do."""
    empty_project.write(
        {
            "alerts/a.py": f"{ALERTS}\ngroup = alert_group('Group', [])\n",
            "dashboards/b.py": (
                f"{GK}\nlater = None\nfirst = {board('First')}\nlater = {board('Later')}\n"
            ),
            "dashboards/a-b/x.py": f"{GK}\nboard = {board('Dash')}\n",
            "dashboards/a/x.py": f"{GK}\nboard = {board('Slash')}\n",
            "dashboards/c.json": '{"title": "JSON"}',
            "datasources/z.py": (
                f'{SOURCE}\nmain = Datasource.prometheus("Main", uid="main", url="http://m")\n'
            ),
        }
    )

    assert [
        ("datasources/z.py:3", "Main"),
        ("dashboards/a/x.py:3", "Slash"),
        ("dashboards/a-b/x.py:3", "Dash"),
        ("dashboards/b.py:4", "First"),
        ("dashboards/b.py:5", "Later"),
        ("dashboards/c.json:1", "JSON"),
        ("alerts/a.py:3", "Group"),
    ] == places(empty_project)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param("{root}/dashboards/a.py", "dashboards/a.py", id="inside"),
        pytest.param("/elsewhere/a.py", "a.py", id="outside"),
        pytest.param("dashboards/a.py", "dashboards/a.py", id="relative-already"),
        pytest.param("", "", id="none"),
    ],
)
def test_a_place_has_no_path_of_this_machine(
    project: ProjectFolder, file: str, expected: str
) -> None:
    """Output and messages are the same wherever the project is."""
    loaded = load(project.root)

    assert Source(expected, 3) == loaded.place(Source(file.format(root=project.root), 3))


# What is left behind


def test_two_projects_in_one_process_do_not_meet(tmp_path: Path) -> None:
    """The second has modules of the same names, and gets its own."""
    placed = []
    for name in ("one", "two"):
        folder = ProjectFolder(tmp_path / name).write(
            {
                "library.py": f"name = {name!r}\n",
                "dashboards/_common.py": f"name = {name!r}\n",
                "dashboards/x.board.py": f"name = {name!r}\n",
                "dashboards/board.py": (
                    f"{GK}import library\nfrom dashboards._common import name\n\n"
                    "board = Dashboard(name + ' ' + library.name)\n"
                ),
            }
        )
        placed += places(folder)

    assert [("dashboards/board.py:5", "one one"), ("dashboards/board.py:5", "two two")] == placed


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import library\n", id="loads"),
        pytest.param("import library\nimport sys\nsys.path.append('/extra')\n1 / 0\n", id="fails"),
    ],
)
def test_a_load_leaves_no_trace(project: ProjectFolder, text: str) -> None:
    """Modules, sys.path and the bytecode switch are as before; no file was written."""
    project.write({"library.py": "", "dashboards/board.py": text, "dashboards/x.board.py": ""})
    with suppress(DefinitionError):
        load(project.root)
    before = (set(sys.modules), list(sys.path), sys.dont_write_bytecode)
    files = sorted(project.root.rglob("*"))

    with suppress(DefinitionError):
        load(project.root)

    assert before == (set(sys.modules), list(sys.path), sys.dont_write_bytecode)
    assert files == sorted(project.root.rglob("*"))
    assert [] == [path for path in files if path.name == "__pycache__"]


@pytest.mark.parametrize(
    "is_loaded", [pytest.param(True, id="loaded"), pytest.param(False, id="installed-only")]
)
def test_an_installed_package_of_the_same_name_does_not_win(
    empty_project: ProjectFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_loaded: bool
) -> None:
    """The project's own `alerts` is imported, and the installed one is there again afterwards."""
    installed = ProjectFolder(tmp_path / "installed").write(
        {"alerts/__init__.py": "", "alerts/team.py": "name = 'no'\n"}
    )
    monkeypatch.syspath_prepend(str(installed.root))
    if is_loaded:
        monkeypatch.setitem(sys.modules, "alerts", ModuleType("alerts"))
    before = sys.modules.get("alerts")
    empty_project.write(
        {
            "alerts/team.py": "name = 'Yes'\n",
            "dashboards/board.py": f"{GK}from alerts.team import name\n\nboard = Dashboard(name)\n",
        }
    )

    placed = places(empty_project)

    assert [("dashboards/board.py:4", "Yes")] == placed
    assert before is sys.modules.get("alerts")


def test_a_library_in_the_project_s_environment_stays(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some libraries cannot be imported twice, so one of a virtual environment inside the project
    is not forgotten."""
    packages = ".venv/lib/python3/site-packages"
    project.write({f"{packages}/once_only.py": "", "dashboards/board.py": "import once_only\n"})
    monkeypatch.syspath_prepend(str(project.root / packages))

    load(project.root)
    first = sys.modules["once_only"]
    load(project.root)

    assert first is sys.modules.pop("once_only")


def test_a_changed_file_is_read_again(project: ProjectFolder) -> None:
    """A second load in one process sees what has changed, though size and second of the file are
    the same."""
    titles = []
    for title in ("A", "B"):
        project.write({"dashboards/board.py": f"{GK}\nboard = {board(title)}\n"})
        titles += [title_of(definition.value) for definition in load(project.root).dashboards]

    assert ["A", "B"] == titles


def test_files_may_be_called_like_modules_of_gk_and_python(project: ProjectFolder) -> None:
    """A definition's file is not in the way of what it imports."""
    names = ["alerting", "gk", "json", "logging", "node", "project"]
    project.write({f"dashboards/{name}.py": f"{GK}\nboard = {board(name)}\n" for name in names})

    assert names == [title_of(definition.value) for definition in load(project.root).dashboards]


def test_an_interruption_ends_the_load(project: ProjectFolder) -> None:
    """Ctrl-C is no mistake of the definition that happens to be read."""
    project.write({"dashboards/board.py": "raise KeyboardInterrupt\n"})

    with pytest.raises(KeyboardInterrupt):
        load(project.root)


def test_a_project_behind_a_link_has_the_same_places(
    project: ProjectFolder, tmp_path: Path
) -> None:
    """Places do not depend on the way to the project."""
    (tmp_path / "link").symlink_to(project.root)

    assert places(project) == places(ProjectFolder(tmp_path / "link"))


def test_what_definitions_print_goes_to_standard_error(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """Standard output is for the result, which a program may read."""
    project.write({"dashboards/board.py": f"{GK}\nprint('made here')\nboard = {board('Team')}\n"})

    ran = run_gk("build")

    assert (0, "made here\n") == (ran.code, ran.err)
    assert "made here" not in ran.out


def test_definitions_of_a_type(project: ProjectFolder) -> None:
    """Dashboards are whatever is nothing else."""
    project.write(
        {
            "dashboards/a.json": '{"title": "A"}',
            "dashboards/b.py": f"{GRAFANALIB}\nb = {board('B')}\n",
        }
    )

    loaded: Project = load(project.root)

    assert ["A", "B"] == [title_of(definition.value) for definition in loaded.dashboards]
    assert 3 == len(loaded.definitions)


# Where a project is


@pytest.mark.parametrize(
    "marker", [pytest.param("gk.yaml", id="settings"), pytest.param("dashboards/", id="folder")]
)
@pytest.mark.parametrize(
    "start",
    [
        pytest.param("team", id="there"),
        pytest.param("team/dashboards/api", id="below"),
        pytest.param("team/other", id="beside"),
    ],
)
def test_the_root_is_the_nearest_folder_that_looks_like_one(
    tmp_path: Path, marker: str, start: str
) -> None:
    """gk.yaml or dashboards/ tells, here or in a folder above."""
    root = tmp_path / "team"
    (root / "dashboards" / "api").mkdir(parents=True)
    (root / "other").mkdir()
    if marker == "gk.yaml":
        (root / "dashboards").rename(root / "boards")
        (root / "gk.yaml").touch()

    assert root == find_root(
        tmp_path / start.replace("dashboards", "boards" if marker == "gk.yaml" else "dashboards")
    )


def test_a_project_inside_a_project_is_its_own(tmp_path: Path) -> None:
    """The nearest wins."""
    (tmp_path / "gk.yaml").touch()
    (tmp_path / "inner" / "dashboards").mkdir(parents=True)

    assert tmp_path / "inner" == find_root(tmp_path / "inner" / "dashboards")


@pytest.mark.parametrize(
    "marker",
    [pytest.param("dashboards", id="file-dashboards"), pytest.param("gk.yml", id="other-ending")],
)
def test_what_only_looks_like_a_project_is_none(tmp_path: Path, marker: str) -> None:
    """The message says what was looked for, and what to do."""
    start = tmp_path / "team"
    start.mkdir()
    (start / marker).touch()

    with pytest.raises(ConfigError) as caught:
        find_root(start)

    assert (
        "no gk project here: neither team/ nor a folder above it has gk.yaml, dashboards/, "
        "datasources/ or alerts/. Go to the project, or name it with -C"
    ) == str(caught.value)


@pytest.mark.parametrize("folder", ["datasources", "alerts"])
def test_a_folder_of_definitions_is_a_project_without_any_settings(
    tmp_path: Path, folder: str
) -> None:
    """The first thing that somebody tries may be an alert."""
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "first.py").touch()
    assert tmp_path == find_root(tmp_path / folder)
