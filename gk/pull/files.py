"""Writes what changed into the files of a project."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from gk.decompile.files import there
from gk.errors import ConfigError, Problem, Source

__all__ = ["write"]


def write(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Write the files of `after`. Raises ConfigError, and writes nothing, if any of them is no
    longer as it was `before`."""
    now = there(root)
    if changed := [file for file in after if now.get(file) != before[file]]:
        message = "somebody changed it meanwhile, and gk wrote nothing; pull again"
        raise ConfigError([Problem(Source(file), message) for file in changed])
    for file, content in after.items():
        path = (root / file).resolve()
        # Renamed into place: an editor or a build never reads half a file.
        new = path.with_name(f".{path.name}.gk")
        new.write_text(content, encoding="utf-8", newline="")
        shutil.copymode(path, new)
        new.replace(path)
