"""Which folders are for dashboards, and which for rules alone."""

from __future__ import annotations

from collections.abc import Sequence

from gk.resource import Key, Kind, Resource

__all__ = ["shown"]


def shown(resources: Sequence[Resource]) -> set[Key]:
    """The folders that dashboards are in, with those around them; outputs keep the others with the
    rules in them."""
    parents = {
        resource.uid: resource.folder for resource in resources if resource.kind is Kind.FOLDER
    }
    folders: set[Key] = set()
    for folder in {resource.folder for resource in resources if resource.kind is Kind.DASHBOARD}:
        inner = folder
        while inner:
            folders.add((Kind.FOLDER, inner))
            inner = parents.get(inner, "")
    return folders
