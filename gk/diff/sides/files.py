"""A side that is read from files, of gk or of other tools."""

from __future__ import annotations

from pathlib import Path

from gk.diff.sides.side import Side
from gk.provisioning.leftovers import environments_in
from gk.provisioning.read import read

__all__ = ["files_side"]


def files_side(path: Path) -> Side:
    """Read the side in a folder or a file. Raises ConfigError if it does not exist or contains
    nothing comparable.

    The folders of environments in the output of gk build are sides of their own.
    """
    folders = environments_in(path)
    if folders:
        return Side(
            name=str(path),
            environments={folder.name: files_side(folder) for folder in folders},
            environment_names=tuple(folder.name for folder in folders),
        )
    files = read(path)
    return Side(
        name=str(path),
        resources=files.resources,
        problems=files.problems,
        broken=frozenset(problem.source.file for problem in files.problems),
        saved=files.saved,
        is_file=path.is_file(),
    )
