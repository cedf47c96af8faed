"""The action, the template and the workflows of docs/ci.md: sound, in step with each other, and careful with tokens."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import REPOSITORY

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load((REPOSITORY / "templates" / "gk-diff.gitlab-ci.yml").read_text(encoding="utf-8"))
PAGE = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
STEPS: dict[str, dict[str, Any]] = {each.get("name", each.get("uses")): each for each in ACTION["runs"]["steps"]}
JOB = TEMPLATE["gk diff"]


def _steps() -> list[dict[str, Any]]:
    """The steps of the action, and of the workflows in the documentation."""
    jobs = [job for block in BLOCKS for job in block.get("jobs", {}).values()]
    return [*STEPS.values(), *(step for job in jobs for step in job["steps"])]


def _compare(tmp_path: Path, code: int, **environ: str) -> tuple[int, dict[str, str], list[str]]:
    """Run the step that compares with a gk that exits with `code`: exit code, outputs, and the arguments of gk."""
    gk = tmp_path / "bin" / "gk"
    gk.parent.mkdir()
    gk.write_text(
        f'#!/bin/sh\nfor each in "$@"; do echo "$each"; done > "{tmp_path}/arguments"\n'
        f'for each in html md json; do echo report > "$REPORT/gk-diff.$each"; done\nexit {code}\n',
        encoding="utf-8",
    )
    gk.chmod(0o755)
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    given = {"GK": str(tmp_path), "REPORT": str(tmp_path / "report"), "BASE": "main", "HEAD": "abc", **environ}
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS["Compare"]["run"]],
        env={"PATH": os.environ["PATH"], **given, **{name: str(file) for name, file in files.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines())
    arguments = tmp_path / "arguments"
    return ran.returncode, outputs, arguments.read_text(encoding="utf-8").splitlines() if arguments.exists() else []


def test_the_inputs_of_the_action_are_those_of_the_documentation() -> None:
    documented = re.findall(r"^\| `([\w-]+)` \| ", PAGE, re.MULTILINE)

    assert list(ACTION["inputs"]) == documented


def test_outputs_of_the_action_are_documented() -> None:
    assert all(f"`{name}`" in PAGE for name in ACTION["outputs"])


def test_the_inputs_that_are_used_exist() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", (REPOSITORY / "action.yml").read_text(encoding="utf-8")))

    assert set(ACTION["inputs"]) == used


def test_variables_of_the_template_are_documented() -> None:
    assert all(f"`{name}`" in PAGE or f"{name}:" in PAGE for name in JOB["variables"] if name.startswith("GK_"))


def test_the_artifact_that_the_second_workflow_loads_is_the_one_of_the_first() -> None:
    loaded = [step["with"]["name"] for step in _steps() if step.get("uses", "").startswith("actions/download-artifact")]

    assert [ACTION["inputs"]["artifact"]["default"]] == loaded


def test_no_shell_has_text_that_somebody_else_chose() -> None:
    assert not [step for step in _steps() if "${{" in step.get("run", "")]


def test_the_token_is_only_where_no_definition_runs() -> None:
    with_token = [step for step in _steps() if "github.token" in str(step.get("env", "")) or "secrets" in str(step)]

    assert with_token
    assert all("gk" in step["run"] and "diff --comment-from" in step["run"] for step in with_token)
    compares = next(line for line in JOB["script"] if "--output" in line)
    assert "env -u GITLAB_TOKEN" in compares


def test_no_workflow_runs_a_fork_s_code_with_a_token_that_writes() -> None:
    triggers = [block.get(True) for block in BLOCKS if "jobs" in block]

    assert ["pull_request", {"workflow_run": {"workflows": ["gk diff"], "types": ["completed"]}}] == triggers
    checkouts = [step["with"] for step in _steps() if step.get("uses", "").startswith("actions/checkout")]
    assert all(each["persist-credentials"] is False and "ref" not in each for each in checkouts)


def test_the_comment_is_skipped_on_forks() -> None:
    same = "github.event.pull_request.head.repo.full_name == github.repository"

    assert same in STEPS["Comment"]["if"]
    assert same.replace("==", "!=") in STEPS["Say why there is no comment"]["if"]


@pytest.mark.parametrize(("code", "differs"), [(0, "false"), (1, "true"), (2, "false")])
def test_the_step_that_compares_leaves_the_exit_code_to_the_last_step(tmp_path: Path, code: int, differs: str) -> None:
    ran, outputs, _ = _compare(tmp_path, code)

    assert 0 == ran
    assert {"code": str(code), "differs": differs, "report": "true"} == outputs
    assert "steps.diff.outputs.code > 1" == STEPS["Fail if it could not be compared"]["if"]


def test_a_branch_that_is_called_like_an_option_or_a_command_is_a_branch(tmp_path: Path) -> None:
    branch = '--output=$(touch x)"; touch y'

    _, _, arguments = _compare(tmp_path, 0, BASE=branch)

    assert ["--", f"{branch}...abc"] == arguments[-2:]


def test_what_is_printed_while_comparing_is_no_command_to_the_runner() -> None:
    lines = STEPS["Compare"]["run"].splitlines()
    compares = next(index for index, line in enumerate(lines) if '"$GK/bin/gk" diff' in line)

    assert 'echo "::stop-commands::$quiet"' in lines[:compares]
    assert 'echo "::$quiet::"' in lines[compares:]


def test_without_a_base_the_step_says_what_to_do(tmp_path: Path) -> None:
    ran, outputs, arguments = _compare(tmp_path, 0, BASE="")

    assert 2 == ran
    assert {} == outputs
    assert [] == arguments


@pytest.mark.parametrize("line", JOB["script"])
def test_lines_of_the_template_are_shell(line: str) -> None:
    ran = subprocess.run(["bash", "-n", "-c", line], capture_output=True, text=True, timeout=60, check=False)

    assert "" == ran.stderr
