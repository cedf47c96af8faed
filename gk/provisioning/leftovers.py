"""The folders of environments in an output, and what earlier builds left there: folders of
environments that gk.yaml no longer has, and what was built before the project had environments, or
while it had them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from gk.provisioning.output import environment_of

__all__ = ["environments_in", "left_in"]


def left_in(base: Path, current: Collection[Path]) -> list[Path]:
    """The folders in `base`, and `base` itself, that gk wrote and that are not among `current`.

    A folder in it counts only if its list says that it is the folder of an environment of that
    name: others may be outputs of other projects.
    """
    kept = {path.resolve() for path in current}
    folders = [folder for folder in environments_in(base) if folder.resolve() not in kept]
    is_own = base.resolve() not in kept and environment_of(base) == ""
    return [*([base] if is_own else []), *folders]


def environments_in(base: Path) -> list[Path]:
    """The folders in `base` that gk wrote for environments of their names."""
    if not base.is_dir():
        return []
    return [
        folder
        for folder in sorted(base.iterdir())
        if not folder.is_symlink() and environment_of(folder) == folder.name
    ]
