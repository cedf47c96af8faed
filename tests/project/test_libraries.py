"""What definitions import beside each other: lib/, any other folder of the project, and folders of
the repository that gk.yaml names."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

import gk
from gk.diff.sides import git
from gk.diff.sides.git import parse
from gk.errors import ConfigError, DefinitionError
from gk.project import load
from gk.project.imports import Libraries
from gk.promql.snippet import Snippet
from tests.conftest import ProjectFolder, Ran, RunGk
from tests.diff.test_revisions import git_in
from tests.diffs import sides, write

SNIPPETS = '''
    from gk.promql import Exporter, Scope

    exporter = Exporter("app")


    @exporter.snippet(unit="reqps")
    def requests(s: Scope) -> str:
        """Requests per second."""
        return f"sum({s.rate('requests_total')})"
'''
SHOP = """
    from gk import Dashboard, timeseries
    from PACKAGE.queries import requests

    shop = Dashboard("Shop", uid="shop", panels=[timeseries("Requests", requests)])
"""
DATASOURCE = """
    from gk import Datasource

    prometheus = Datasource.prometheus("Prometheus", uid="prometheus", url="http://prometheus:9090")
"""


def shop(package: str = "lib") -> str:
    """A dashboard whose query is a snippet of a package."""
    return SHOP.replace("PACKAGE", package)


def snippets(root: Path) -> list[Snippet]:
    """The snippets of a project."""
    return load(root).snippets


def mistakes(root: Path) -> list[str]:
    """Why a project does not load."""
    with pytest.raises((ConfigError, DefinitionError)) as caught:
        load(root)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    """A repository with two projects that share a library."""
    top = tmp_path / "mono"
    write(
        top,
        {
            "lib/queries.py": SNIPPETS,
            "shop/gk.yaml": "libraries: [../lib]\n",
            "shop/datasources/p.py": DATASOURCE,
            "shop/dashboards/shop.py": shop(),
            "cart/gk.yaml": "libraries: [../lib]\n",
            "cart/datasources/p.py": DATASOURCE,
            "cart/dashboards/cart.py": shop(),
        },
    )
    run = git_in(top)
    run("init", "--quiet")
    run("add", ".")
    run("commit", "--quiet", "--message", "one")
    return top


def diffed(root: Path, run_gk: RunGk) -> Ran:
    """What gk diff says of the working tree."""
    return run_gk("diff", cwd=root)


@pytest.mark.parametrize("package", ["lib", "common", "common.inner"])
@pytest.mark.parametrize("has_init", [False, True])
def test_a_folder_of_the_project_is_importable(
    project: ProjectFolder, package: str, has_init: bool
) -> None:
    """Without a word in gk.yaml, with __init__.py and without."""
    folder = package.replace(".", "/")
    project.write({f"{folder}/queries.py": SNIPPETS, "dashboards/shop.py": shop(package)})
    if has_init:
        project.write({f"{folder}/__init__.py": ""})

    assert ["app.requests"] == [snippet.name for snippet in snippets(project.root)]


def test_projects_share_a_library(mono: Path) -> None:
    """Each has its own modules of it."""
    (one,), (other,) = snippets(mono / "shop"), snippets(mono / "cart")

    assert one.name == other.name
    assert one is not other


def test_a_library_is_called_by_its_folder(mono: Path) -> None:
    """Whatever is above it."""
    (mono / "lib").rename(mono / "shared")
    write(
        mono / "shop", {"gk.yaml": "libraries: [../shared]\n", "dashboards/shop.py": shop("shared")}
    )

    assert ["app.requests"] == [snippet.name for snippet in snippets(mono / "shop")]


def test_a_project_at_the_root_of_a_container_owns_no_module_of_python() -> None:
    """Everything is below it."""
    libraries = Libraries(Path("/"), {})

    assert [False] * 3 == [libraries.own(module) for module in (json, pytest, gk)]
    assert "dashboards/shop.py" == libraries.place("/dashboards/shop.py")


def test_nothing_of_a_library_stays_imported(mono: Path) -> None:
    """The next project may have another one of that name."""
    before = set(sys.modules), list(sys.path), list(sys.meta_path)

    load(mono / "shop")

    assert before[0] >= {name for name in sys.modules if name.partition(".")[0] == "lib"}
    assert before[1:] == (sys.path, sys.meta_path)


def test_a_module_that_was_imported_before_is_loaded_anew(
    mono: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test of the project may have imported it."""
    monkeypatch.syspath_prepend(str(mono))
    before = importlib.import_module("lib.queries")

    (snippet,) = snippets(mono / "shop")

    assert snippet is not before.requests
    assert sys.modules["lib.queries"] is before
    for name in ("lib", "lib.queries"):
        monkeypatch.delitem(sys.modules, name)


def test_a_mistake_in_a_library_is_found_at_its_line(mono: Path) -> None:
    """By a path from the project."""
    write(mono, {"lib/queries.py": "limit = 1 / 0\n"})

    assert ["../lib/queries.py:1: ZeroDivisionError: division by zero"] == mistakes(mono / "shop")


def test_syntax_errors_in_a_library_are_told_once(mono: Path) -> None:
    """Though several definitions import it."""
    write(mono, {"lib/queries.py": "x = 1\ndef f(:\n", "shop/dashboards/more.py": shop()})

    assert ["../lib/queries.py:2: is not Python: invalid syntax"] == mistakes(mono / "shop")


def test_paths_in_messages_are_those_of_the_project(mono: Path) -> None:
    """The same on every machine."""
    write(mono, {"lib/queries.py": "open(__file__ + '.gone')\n"})

    (mistake,) = mistakes(mono / "shop")

    assert mistake.endswith("No such file or directory: '../lib/queries.py.gone'")


def test_a_package_with_the_name_of_an_installed_one_is_a_mistake(project: ProjectFolder) -> None:
    """Whatever else imports that would get the project's."""
    project.write({"pluggy/queries.py": SNIPPETS, "pluggy/__init__.py": ""})
    project.write({"dashboards/shop.py": shop("pluggy")})
    installed = {name: sys.modules.pop(name) for name in list(sys.modules) if "pluggy" in name}

    problems = mistakes(project.root)

    sys.modules.update(installed)
    assert [
        "pluggy: has the name of the installed package 'pluggy', and would replace it; "
        "rename one of them"
    ] == problems


def test_a_folder_that_nobody_imports_may_have_any_name(project: ProjectFolder) -> None:
    """Many projects have one called `tests` or `yaml`."""
    project.write({"yaml/queries.py": SNIPPETS, "json/__init__.py": ""})

    assert [] == snippets(project.root)


@pytest.mark.parametrize(
    ("path", "mistake"),
    [
        ("../..", "is outside of the repository, which begins at .."),
        ("../nothing", "does not exist"),
        ("gk.yaml", "is not a folder"),
        ("..", "contains the project; name a folder beside it"),
        (
            "dash-boards",
            "cannot be imported: 'dash-boards' is not a name in Python; rename the folder",
        ),
        ("../alerts", "has a name that gk uses itself; rename 'alerts'"),
    ],
)  # fmt: skip
def test_a_library_that_is_none_is_a_mistake(mono: Path, path: str, mistake: str) -> None:
    """At its line of gk.yaml."""
    (mono / "shop/dash-boards").mkdir()
    (mono / "alerts").mkdir()
    write(mono, {"shop/gk.yaml": f"libraries:\n- ../lib\n- {path}\n"})

    assert [f"gk.yaml:3: libraries: '{path}' {mistake}"] == mistakes(mono / "shop")


def test_two_libraries_of_one_name_are_a_mistake(mono: Path) -> None:
    """Definitions import both by it."""
    write(mono, {"shop/lib/other.py": ""})

    assert [
        "gk.yaml:1: libraries: '../lib' has the same name as lib, and definitions import both as "
        "'lib'; rename one"
    ] == mistakes(mono / "shop")


def test_an_absolute_library_is_a_mistake(mono: Path) -> None:
    """It is in no revision, and on no other machine."""
    write(mono, {"shop/gk.yaml": "libraries: [/etc]\n"})

    assert [
        "gk.yaml:1: libraries: '/etc' must be a folder of the repository, relative to the project, "
        "such as ../lib"
    ] == mistakes(mono / "shop")


@pytest.mark.parametrize("project", ["shop", "cart"])
def test_a_change_of_a_library_is_a_cause(mono: Path, run_gk: RunGk, project: str) -> None:
    """Each side of gk diff has its own copy."""
    write(mono, {"lib/queries.py": SNIPPETS.replace("sum(", "max(")})

    ran = diffed(mono / project, run_gk)

    assert 1 == ran.code
    assert "snippet app.requests: 1 panel in 1 dashboard" == ran.out.splitlines()[2]


def test_a_mistake_in_a_library_is_one_of_its_side(mono: Path, run_gk: RunGk) -> None:
    """At the place in the repository."""
    write(mono, {"lib/queries.py": "limit = 1 / 0\n"})

    ran = diffed(mono / "shop", run_gk)

    assert 2 == ran.code
    assert "  ../lib/queries.py:1: ZeroDivisionError: division by zero" in ran.out.splitlines()


def test_a_library_of_a_large_repository_is_exported(
    mono: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together with the project, and without the rest."""
    monkeypatch.setattr(git, "_MOST_WHOLE", (1, 1))
    write(mono, {"lib/queries.py": SNIPPETS.replace("sum(", "max(")})

    old, new = sides(mono / "shop", parse([]))

    assert ((), ()) == (old.problems, new.problems)
    assert old.snippets["app.requests"] != new.snippets["app.requests"]
