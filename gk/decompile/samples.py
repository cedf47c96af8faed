"""What `gk init` wrote as a sample, and an import or an adoption replaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gk.decompile.files import there
from gk.init.repository import SAMPLE_DATASOURCE, sample_datasource
from gk.resource import Kind, Resource

__all__ = ["replaced_samples"]

_UID, _NAME = "prometheus", "Prometheus"
"""Of the sample's data source, which is the default."""
_IMPORTED = re.compile(r"\bdatasources(\.| import )prometheus\b")


def replaced_samples(root: Path, resources: Sequence[Resource]) -> list[str]:
    """The files of a project that give way to what was read: the data source of `gk init`, if
    nobody has edited or imported it, and one that was read has its name or is the default, too."""
    files = there(root) if root.is_dir() else {}
    if files.get(SAMPLE_DATASOURCE) != sample_datasource():
        return []
    if any(_IMPORTED.search(text) for text in files.values()):
        return []
    return [SAMPLE_DATASOURCE] if any(map(_replaces, resources)) else []


def _replaces(resource: Resource) -> bool:
    return resource.kind is Kind.DATASOURCE and (
        resource.uid == _UID or resource.title == _NAME or bool(resource.body.get("isDefault"))
    )
