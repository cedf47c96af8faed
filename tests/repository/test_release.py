"""A release: what has to fit together before it, and which job may do what."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import REPOSITORY

WORKFLOW: dict[Any, Any] = yaml.safe_load(
    (REPOSITORY / ".github/workflows/release.yml").read_text("utf-8")
)
CHANGELOG = """\
# Changelog

## Unreleased

## 1.2.0 - 2026-12-01

### Added

- Something.

## 1.1.0 - 2026-11-01

- Something older.
"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder with the changelog and the files of version 1.2.0."""
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    (tmp_path / "dist").mkdir()
    for name in ("grafana_gk-1.2.0.tar.gz", "grafana_gk-1.2.0-py3-none-any.whl"):
        (tmp_path / "dist" / name).touch()
    return tmp_path


def _check(folder: Path, tag: str) -> tuple[int, str, str]:
    """Run the check of a tag: exit code, output, messages."""
    ran = subprocess.run(
        [sys.executable, REPOSITORY / ".ci/release.py", tag],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_the_notes_are_the_section_of_the_changelog(release: Path) -> None:
    assert (0, "### Added\n\n- Something.\n", "") == _check(release, "v1.2.0")


def test_all_that_speaks_against_a_release_is_told_at_once(release: Path) -> None:
    code, out, err = _check(release, "v1.3.0")

    assert (1, "") == (code, out)
    assert [
        "dist/grafana_gk-1.3.0-py3-none-any.whl is missing",
        "dist/grafana_gk-1.3.0.tar.gz is missing",
        "dist/grafana_gk-1.2.0-py3-none-any.whl is not of version 1.3.0",
        "dist/grafana_gk-1.2.0.tar.gz is not of version 1.3.0",
        "CHANGELOG.md",
    ] == [line.split(":")[0] for line in err.splitlines()]


def test_an_empty_section_of_the_changelog_is_told(release: Path) -> None:
    changelog = CHANGELOG.replace("### Added\n\n- Something.\n", "")
    (release / "CHANGELOG.md").write_text(changelog, "utf-8")

    assert (1, "", "CHANGELOG.md: the section 1.2.0 is empty\n") == _check(release, "v1.2.0")


def test_only_the_job_that_publishes_gets_a_token_of_the_index() -> None:
    """It builds nothing, and its environment is what the index trusts."""
    jobs = WORKFLOW["jobs"]

    assert {} == WORKFLOW["permissions"]
    assert ["publish"] == [name for name, job in jobs.items() if "id-token" in job["permissions"]]
    assert ["publish"] == [name for name, job in jobs.items() if "environment" in job]
    assert ["page"] == [
        name for name, job in jobs.items() if "write" == job["permissions"].get("contents")
    ]
    assert "make dist" not in str(jobs["publish"])


def test_no_shell_of_the_workflow_has_text_that_somebody_else_chose() -> None:
    """A tag's name is in variables only."""
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]

    assert [] == [step for step in steps if "${{" in step.get("run", "")]


def test_the_image_is_made_of_files_that_there_are() -> None:
    """.dockerignore lets nothing else into the build."""
    lines = (REPOSITORY / "Containerfile").read_text("utf-8").splitlines()
    copied = {
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    ignore = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()

    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert [] == [source for source in copied if not (REPOSITORY / source).exists()]


def test_the_image_does_not_run_as_root() -> None:
    """By number, so that Kubernetes can tell, too (runAsNonRoot)."""
    lines = (REPOSITORY / "Containerfile").read_text("utf-8").splitlines()

    assert ["USER 1000"] == [line for line in lines if line.startswith("USER ")]


def test_the_workflow_is_valid() -> None:
    """By the schema of GitHub."""
    ran = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.github-workflows",
            REPOSITORY / ".github/workflows/release.yml",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 0 == ran.returncode, ran.stdout
