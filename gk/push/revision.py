"""The git revision of a project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["revision"]

SECONDS = 10
"""For git to answer."""


def revision(root: Path) -> str:
    """The commit that the project in `root` is at, with `-dirty` if files differ from it;
    `unversioned` without git."""
    # Variables that a git hook has set would answer for another repository.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # --exclude=* ignores tags, whose names would replace the commit.
    command = [
        "git",
        "-C",
        str(root),
        "describe",
        "--always",
        "--dirty",
        "--exclude=*",
        "--abbrev=10",
    ]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environ
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unversioned"
    return ran.stdout.strip() if ran.returncode == 0 and ran.stdout.strip() else "unversioned"
