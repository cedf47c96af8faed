"""The hooks for pre-commit, which it reads in .pre-commit-hooks.yaml."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.cases import every
from tests.conftest import REPOSITORY, ProjectFolder, RunGk

HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
}
SHOP = """
    from gk import Dashboard, timeseries

    dashboard = Dashboard("Shop", uid="shop", panels=[timeseries("P", "sum by (a) (b)")])
"""


def test_there_is_a_hook_to_check_and_one_to_build() -> None:
    """pre-commit installs gk for each, and runs it once for all files."""
    assert {"gk-check", "gk-build"} == HOOKS.keys()
    for hook in HOOKS.values():
        assert {"id", "name", "description", "entry", "language", "files"} <= hook.keys()
        assert ("python", False) == (hook["language"], hook["pass_filenames"])


@every("name", sorted(HOOKS))
@every(
    "path, expected",
    [
        ("gk.yaml", True),
        ("monitoring/gk.yaml", True),
        ("dashboards/shop.py", True),
        ("teams/shop/alerts/shop.py", True),
        ("dashboards/exports/shop.json", True),
        ("lib/panels.py", True),
        ("README.md", False),
        ("src/dashboards.py", False),
        ("not-gk.yaml", False),
    ],
)
def test_a_hook_runs_for_files_that_change_its_result(name: str, path: str, expected: bool) -> None:
    """In a repository of definitions, and where these are a part of one."""
    assert expected == bool(re.search(HOOKS[name]["files"], path))


@pytest.mark.parametrize(
    ("path", "name"), [("checks/names.py", "gk-check"), ("provisioning/a.yaml", "gk-build")]
)
def test_some_files_change_one_of_the_results(path: str, name: str) -> None:
    """A team's own checks, and output that somebody edited."""
    assert [name] == [
        hook_name for hook_name, hook in HOOKS.items() if re.search(hook["files"], path)
    ]


def test_what_a_hook_runs_passes_and_fails(project: ProjectFolder, run_gk: RunGk) -> None:
    """In the folder of the repository, without arguments."""
    project.write({"dashboards/shop.py": SHOP})
    gk, *build = shlex.split(HOOKS["gk-build"]["entry"])
    assert "gk" == gk
    _, *check = shlex.split(HOOKS["gk-check"]["entry"])

    assert (1, 0) == (run_gk(*build).code, run_gk("build").code)
    assert 0 == run_gk(*build).code
    assert run_gk(*check).code in (0, 1)

    project.write({"dashboards/shop.py": SHOP.replace("sum by (a) (b)", "sum by (a (b)")})
    assert (2, 2) == (run_gk(*build).code, run_gk(*check).code)
