"""The actions, the template and the workflows of docs/ci.md: sound, in step with each other,
careful with tokens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases import every
from tests.conftest import REPOSITORY

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
COMMENT = yaml.safe_load((REPOSITORY / "comment" / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load(
    (REPOSITORY / "templates" / "gk-diff.gitlab-ci.yml").read_text(encoding="utf-8")
)
PAGE = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
STEPS: dict[str, dict[str, Any]] = {
    step.get("name", step.get("uses")): step for step in ACTION["runs"]["steps"]
}
SHARED, DIFF_JOB, COMMENT_JOB = (
    TEMPLATE[name] for name in (".gk diff", "gk diff", "gk diff comment")
)


def _steps() -> list[dict[str, Any]]:
    """The steps of both actions, and of the workflows in the documentation."""
    jobs = [job for block in BLOCKS for job in block.get("jobs", {}).values()]
    return [
        *STEPS.values(),
        *COMMENT["runs"]["steps"],
        *(step for job in jobs for step in job["steps"]),
    ]


def _compare(tmp_path: Path, code: int, **environ: str) -> tuple[int, dict[str, str], list[str]]:
    """Run the step that compares with a gk that exits with `code`: exit code, outputs, and the
    arguments of gk."""
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
    given = {
        "GK": str(tmp_path),
        "REPORT": str(tmp_path / "report"),
        "BASE": "main",
        "HEAD": "abc",
        **environ,
    }
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS["Compare"]["run"]],
        env={
            "PATH": os.environ["PATH"],
            **given,
            **{name: str(file) for name, file in files.items()},
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    outputs = dict(
        line.split("=", 1)
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
    )
    arguments = tmp_path / "arguments"
    return (
        ran.returncode,
        outputs,
        arguments.read_text(encoding="utf-8").splitlines() if arguments.exists() else [],
    )


def test_the_inputs_of_the_action_are_those_of_the_documentation() -> None:
    documented = re.findall(r"^\| `([a-z-]+)` \| ", PAGE, re.MULTILINE)

    assert list(ACTION["inputs"]) == documented
    assert all(f"`{name}`" in PAGE for name in COMMENT["inputs"])


def test_outputs_of_the_action_are_documented() -> None:
    assert all(f"`{name}`" in PAGE for name in ACTION["outputs"])


@pytest.mark.parametrize(
    ("file", "action"), [("action.yml", ACTION), ("comment/action.yml", COMMENT)]
)
def test_the_inputs_that_are_used_exist(file: str, action: dict[str, Any]) -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", (REPOSITORY / file).read_text(encoding="utf-8")))

    assert set(action["inputs"]) == used


def test_variables_of_the_template_are_documented() -> None:
    assert all(f"| `{name}` |" in PAGE for name in SHARED["variables"] if name.startswith("GK_"))


def test_the_report_that_is_commented_is_the_one_that_was_made() -> None:
    assert ACTION["inputs"]["artifact"]["default"] == COMMENT["inputs"]["artifact"]["default"]
    (needed,) = COMMENT_JOB["needs"]
    assert {"job": "gk diff", "artifacts": True} == needed


def test_no_shell_has_text_that_somebody_else_chose() -> None:
    assert not [step for step in _steps() if "${{" in step.get("run", "")]


# Tokens


def test_no_step_that_compares_has_a_token() -> None:
    assert "token" not in (REPOSITORY / "action.yml").read_text(encoding="utf-8").replace(
        "no token that could", ""
    )


def test_the_job_that_compares_may_write_nothing() -> None:
    workflow = next(block for block in BLOCKS if block.get(True) == "pull_request")

    assert {} == workflow["permissions"]
    assert {"contents": "read"} == workflow["jobs"]["diff"]["permissions"]


def test_the_jobs_that_comment_run_nothing_of_the_pull_request() -> None:
    for block in (block for block in BLOCKS if "jobs" in block):
        job = block["jobs"]["comment"]
        checkout, comment = job["steps"]
        assert checkout["with"].get("ref") in (None, "${{ github.event.pull_request.base.sha }}")
        assert ("ref" in checkout["with"]) is (block[True] == "pull_request")
        assert comment["uses"].startswith("YOUR-ORG/gk/comment@")


def test_the_only_step_with_a_token_and_a_command_reads_the_report() -> None:
    with_token = [
        step
        for step in _steps()
        if "github.token" in str(step.get("env", "")) or "secrets" in str(step)
    ]

    assert ['"$GK/bin/gk" diff --comment-from "$REPORT"'] == [step["run"] for step in with_token]


def test_no_workflow_runs_a_fork_s_code_with_a_token_that_writes() -> None:
    triggers = [block.get(True) for block in BLOCKS if "jobs" in block]

    assert [
        "pull_request",
        {"workflow_run": {"workflows": ["gk diff"], "types": ["completed"]}},
    ] == triggers
    checkouts = [
        step["with"] for step in _steps() if step.get("uses", "").startswith("actions/checkout")
    ]
    assert {False} == {checkout["persist-credentials"] for checkout in checkouts}


def test_the_comment_is_skipped_on_forks() -> None:
    workflow = next(block for block in BLOCKS if block.get(True) == "pull_request")

    assert (
        "github.event.pull_request.head.repo.full_name == github.repository"
        in workflow["jobs"]["comment"]["if"]
    )


def test_gitlab_s_token_is_in_the_job_that_comments_alone() -> None:
    """A variable of an environment is only in jobs that name it."""
    scope = COMMENT_JOB["environment"]["name"]

    assert "environment" not in DIFF_JOB
    assert "environment" not in SHARED
    assert f"**environment scope\n   `{scope}`**" in PAGE
    assert "GITLAB_TOKEN" not in str(DIFF_JOB) + str(SHARED)


def test_gitlab_s_jobs_install_no_code_of_the_merge_request() -> None:
    assert (
        "git+file://$CI_PROJECT_DIR@$CI_MERGE_REQUEST_DIFF_BASE_SHA"
        == SHARED["variables"]["GK_PACKAGE"]
    )
    (install,) = (line for line in SHARED["before_script"] if "pip install" in line)
    installed = [
        line.split()[-1] for line in install.splitlines() if line.strip().startswith("$pip ")
    ]
    assert ["/tmp/gk-lock.txt", '"$GK_PACKAGE"', '"$GK_PACKAGE"'] == installed
    assert 'git show "$CI_MERGE_REQUEST_DIFF_BASE_SHA:$GK_LOCK" > /tmp/gk-lock.txt' in install
    assert not [
        line for line in [*DIFF_JOB["script"], *COMMENT_JOB["script"]] if "pip install" in line
    ]


def test_gitlab_s_job_that_comments_takes_gk_yaml_from_the_base() -> None:
    checkout, *_, comments = COMMENT_JOB["script"]

    assert 'git checkout --quiet "$CI_MERGE_REQUEST_DIFF_BASE_SHA"' == checkout
    assert "--comment-from gk-diff/gk-diff.json" in comments


def test_pip_installs_the_gk_of_a_commit_and_not_of_the_files_beside_it(tmp_path: Path) -> None:
    """What GK_PACKAGE is by default: code that a merge request brings is not run by installing
    gk."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "gk"\nversion = "1"\n', encoding="utf-8")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "base"]):
        subprocess.run([*git, *command], check=True)
    base = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    (tmp_path / "setup.py").write_text(
        "raise SystemExit('the code of the request ran')\n", encoding="utf-8"
    )
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "request"], check=True)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "--no-build-isolation",
            f"git+file://{tmp_path}@{base}",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, True) == (ran.returncode, (tmp_path / "gk-1-py3-none-any.whl").exists()), ran.stderr


# The step that compares


@pytest.mark.parametrize(("code", "differs"), [(0, "false"), (1, "true"), (2, "false")])
def test_the_step_that_compares_leaves_the_exit_code_to_the_last_step(
    tmp_path: Path, code: int, differs: str
) -> None:
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


def test_unsafe_is_an_option_where_somebody_asked_for_it(tmp_path: Path) -> None:
    for number, (given, expected) in enumerate({"": [], "--unsafe": ["--unsafe"]}.items()):
        place = tmp_path / str(number)
        place.mkdir()
        _, _, arguments = _compare(place, 0, UNSAFE=given)
        assert expected == [argument for argument in arguments if argument == "--unsafe"]


@every("line", [*SHARED["before_script"], *DIFF_JOB["script"], *COMMENT_JOB["script"]])
def test_lines_of_the_template_are_shell(line: str) -> None:
    ran = subprocess.run(
        ["bash", "-n", "-c", line], capture_output=True, text=True, timeout=60, check=False
    )

    assert "" == ran.stderr
