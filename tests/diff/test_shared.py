"""What definitions use beside their own files: `gk diff` takes it from each revision, or says that
it cannot compare it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from gk.diff.compare import compare
from gk.diff.forms import FORMS
from gk.diff.forms.from_json import from_json
from gk.diff.model import Diff
from gk.diff.sides import revision
from gk.diff.sides.git import parse
from gk.diff.sides.imports import Imports
from tests.conftest import RunGk
from tests.diff.test_revisions import git_in
from tests.diffs import sides, write

DEFINITION = """
    import os

    from gk import Dashboard
    from teamlib import title

    shop = Dashboard(title(), uid="shop")
"""
READS = """
    import os

    from gk import Dashboard

    shop = Dashboard("Shop", uid="shop", description=os.environ.get("TEAM", "nobody"))
"""


def library(title: str) -> str:
    """A module that dashboards share."""
    return f"""
        def title() -> str:
            return {title!r}
    """


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with a project and a package beside it."""
    top = tmp_path / "mono"
    files = {"shop/dashboards/shop.py": DEFINITION, "lib/teamlib/__init__.py": library("Old")}
    write(top, files)
    git = git_in(top)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    return top


def importing(path: Path) -> dict[str, str]:
    """An environment in which Python imports from this folder, too."""
    return {"PYTHONPATH": os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")])}


def test_a_package_beside_the_project_comes_from_each_revision(top: Path, start_gk: RunGk) -> None:
    write(top, {"lib/teamlib/__init__.py": library("New")})
    ran = start_gk("diff", cwd=top / "shop", env=importing(top / "lib"))
    assert (1, "title: Old -> New") == (ran.code, ran.out.splitlines()[3].strip())


def test_files_beside_the_project_come_from_each_revision(top: Path, start_gk: RunGk) -> None:
    """Read by their path, not imported."""
    reads = """
        from pathlib import Path

        from gk import Dashboard

        text = (Path(__file__).parents[2] / "title.txt").read_text()
        shop = Dashboard(text.strip(), uid="shop")
    """
    write(top, {"shop/dashboards/shop.py": reads, "title.txt": "Old"})
    git = git_in(top)
    git("add", ".")
    git("commit", "--quiet", "--message", "two")
    write(top, {"title.txt": "New"})
    ran = start_gk("diff", cwd=top / "shop")
    assert (1, "title: Old -> New") == (ran.code, ran.out.splitlines()[3].strip())


def test_a_module_outside_of_the_repository_is_named_and_not_compared(
    top: Path, tmp_path: Path, start_gk: RunGk
) -> None:
    outside = tmp_path / "elsewhere"
    write(outside, {"teamlib/__init__.py": library("Same")})
    ran = start_gk("diff", cwd=top / "shop", env=importing(outside))
    assert 2 == ran.code
    assert [
        "not compared:",
        f"  module 'teamlib' is loaded from {outside}/teamlib, outside of this repository",
        "",
        "no differences in what was compared: 1 object",
    ] == ran.out.splitlines()[2:6]


def test_a_copy_that_was_installed_from_the_repository_is_named_and_not_compared(
    top: Path, tmp_path: Path, start_gk: RunGk
) -> None:
    """pip records where it installed from (PEP 610)."""
    site = tmp_path / "site-packages"
    write(
        site,
        {
            "teamlib/__init__.py": library("Old"),
            "teamlib-1.dist-info/direct_url.json": json.dumps(
                {"url": f"file://{top}/lib", "dir_info": {}}
            ),
            "teamlib-1.dist-info/RECORD": "teamlib/__init__.py,,\n",
        },
    )
    ran = start_gk("diff", cwd=top / "shop", env=importing(site))
    expected = (
        "  module 'teamlib' is installed as a copy from this repository; "
        "install it with pip install -e"
    )
    assert (2, expected) == (ran.code, ran.out.splitlines()[3])


@pytest.fixture
def reading(top: Path) -> Path:
    """A project whose dashboard reads an environment variable."""
    write(top, {"shop/dashboards/shop.py": READS})
    git = git_in(top)
    git("add", ".")
    git("commit", "--quiet", "--message", "two")
    return top / "shop"


def test_an_environment_variable_that_definitions_read_is_named(
    reading: Path, start_gk: RunGk
) -> None:
    ran = start_gk("diff", cwd=reading, env={"TEAM": "ada"})
    expected = (
        "  the definitions read the environment variable TEAM, which gk diff hides from them; "
        "hand it to both sides with --env TEAM"
    )
    assert (2, expected) == (ran.code, ran.out.splitlines()[3])


@pytest.mark.parametrize("given", [["--env", "TEAM"], ["--env", "TEAM=ada"]])
def test_a_variable_that_is_handed_to_both_sides_is_compared(
    reading: Path, start_gk: RunGk, given: list[str]
) -> None:
    write(reading, {"dashboards/shop.py": READS.replace('"nobody"', '"somebody"')})
    ran = start_gk("diff", *given, cwd=reading, env={"TEAM": "ada"})
    assert (0, "no differences (1 object compared)") == (ran.code, ran.out.splitlines()[2])


def test_a_variable_that_is_not_set_here_is_the_same_in_every_build(
    reading: Path, start_gk: RunGk
) -> None:
    assert 0 == start_gk("diff", cwd=reading).code


def test_a_variable_without_a_value_is_a_wrong_option(reading: Path, start_gk: RunGk) -> None:
    ran = start_gk("diff", "--env", "NOWHERE", cwd=reading)
    assert 2 == ran.code
    assert "'NOWHERE' is not set; write NAME=VALUE" in ran.err


def test_what_the_sandbox_refuses_is_said_to_be_refused_by_it(top: Path) -> None:
    write(top, {"shop/dashboards/shop.py": "open('/etc/passwd')\n"})
    side = sides(top / "shop", parse([]))[1]
    if not (side.walls and side.walls.landlock):
        pytest.skip("this system has no Landlock")
    (problem,) = side.problems
    assert problem.message.endswith(
        "'/etc/passwd'; gk diff loads definitions in a sandbox, in which they read only the "
        "repository and write nothing outside"
    )


def test_every_form_says_what_was_not_compared() -> None:
    diff = Diff(old="a", new="b", not_compared=("module 'teamlib' is elsewhere",))
    for name, form in FORMS.items():
        assert "teamlib" in form(diff), name
    assert diff == from_json(FORMS["json"](diff).encode(), "report.json")


def test_of_a_large_repository_the_project_and_its_imports_are_exported(
    top: Path, start_gk: RunGk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gk.diff.sides.git._MOST_WHOLE", (1, 1))
    monkeypatch.syspath_prepend(str(top / "lib"))
    write(top, {"lib/teamlib/__init__.py": library("New"), "other/large.txt": "x"})
    old, new = revision.sides(top / "shop", parse([]))
    (change,) = compare(old, new).changes
    assert ("Old", "New") == (change.old_title, change.title)


def test_a_package_is_of_the_repository_though_python_is_installed_around_both(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container: /usr, and the repository in /usr/src/app."""
    monkeypatch.setattr(sys, "prefix", str(top.parent))
    monkeypatch.setattr(sys, "base_prefix", str(top.parent))
    monkeypatch.setattr(sys, "path", [str(top / "lib")])
    assert (["lib"], []) == (
        Imports.of(top, top / "shop").inside,
        Imports.of(top, top / "shop").outside,
    )


def test_a_virtual_environment_inside_the_repository_is_not_of_it(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = top / ".venv" / "lib" / "site-packages"
    monkeypatch.setattr(sys, "prefix", str(top / ".venv"))
    monkeypatch.setattr(sys, "path", [str(packages)])
    assert ([], [str(packages)]) == (
        Imports.of(top, top / "shop").inside,
        Imports.of(top, top / "shop").outside,
    )
