"""Folders of earlier builds that no build writes any more: those of environments that gk.yaml no
longer has, and what was built before the project had environments, or while it had them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gk.provisioning.output import environment_of

__all__ = ["left_in"]


def left_in(base: Path, current: Collection[Path]) -> list[Path]:
    """The folders in `base`, and `base` itself, that gk wrote and that are not among `current`.

    A folder in it counts only if its list says that it is the folder of an environment of that
    name: others may be outputs of other projects.
    """
    if not base.is_dir():
        return []
    kept = {path.resolve() for path in current}
    folders = [
        folder
        for folder in sorted(base.iterdir())
        if folder.is_dir()
        and not folder.is_symlink()
        and folder.resolve() not in kept
        and environment_of(folder) == folder.name
    ]
    is_own = base.resolve() not in kept and environment_of(base) == ""
    return [*([base] if is_own else []), *folders]
