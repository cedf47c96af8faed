"""Editors and type checkers know the arguments of constructors and snippets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

EXAMPLES = REPOSITORY / "tests" / "typed_examples.py"


def test_mypy_refuses_the_wrong_arguments_and_no_others(tmp_path: Path) -> None:
    """The lines with an error are those that the examples mark."""
    marked = [
        number
        for number, line in enumerate(EXAMPLES.read_text("utf-8").splitlines(), start=1)
        if line.endswith("# wrong")
    ]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path)]

    ran = subprocess.run(
        [*command, str(EXAMPLES)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    numbers = re.findall(r"typed_examples\.py:(\d+): error", ran.stdout)
    assert len(marked) > 5
    assert (marked, "") == (sorted({int(number) for number in numbers}), ran.stderr)
