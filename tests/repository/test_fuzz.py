"""A few of the inputs of tests.fuzz, the same each time; `python -m tests.fuzz` runs any number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.fuzz.documents import Documents


def test_no_mutated_input_ends_in_a_traceback(tmp_path: Path) -> None:
    """Definitions, gk.yaml, built folders, revisions, and answers of Grafana."""
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz",
            "--inputs",
            "40",
            "--seed",
            "12",
            "--keep",
            str(tmp_path / "found"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (0, "") == (ran.returncode, ran.stderr), ran.stdout
    assert "inputs 40, " in ran.stdout


def test_no_mutated_document_ends_in_a_traceback(tmp_path: Path) -> None:
    """Built files, compared in each form, and dashboards, compiled and checked."""
    documents = Documents(tmp_path, seed=12)
    for number in range(150):
        documents.run(number)
    assert [] == documents.findings
    # Else it would say nothing of checks.
    assert documents.ended["compile: checked"] > 30
