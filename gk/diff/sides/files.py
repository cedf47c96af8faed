"""A side read from files: what gk built, or what others did."""

from __future__ import annotations

from pathlib import Path

from gk.diff.sides.side import Side
from gk.provisioning.read import read

__all__ = ["files_side"]


def files_side(path: Path) -> Side:
    """The side that a folder or a file has. Raises ConfigError if there is none, or nothing in it
    that can be compared."""
    files = read(path)
    return Side(
        name=str(path),
        resources=files.resources,
        problems=files.problems,
        broken=frozenset(problem.source.file for problem in files.problems),
        saved=files.saved,
        is_file=path.is_file(),
    )
