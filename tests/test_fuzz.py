"""A few of the inputs of tests.fuzz, the same each time; `python -m tests.fuzz` runs any number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def test_no_mutated_input_ends_in_a_traceback(tmp_path: Path) -> None:
    """Definitions, gk.yaml, built folders, revisions, and answers of Grafana."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--inputs", "40", "--seed", "12", "--keep", str(tmp_path / "found")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (0, "") == (ran.returncode, ran.stderr), ran.stdout
    assert "inputs 40, " in ran.stdout
