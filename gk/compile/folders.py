"""Compiles the folders that have a definition."""

from __future__ import annotations

from gk.compile.context import Compilation
from gk.define.folder import Folder
from gk.errors import Source, Where
from gk.resource import Kind

__all__ = ["compile_folders"]


def compile_folders(context: Compilation) -> None:
    """Add the folders, and their permissions. Two definitions of one folder are a mistake."""
    seen: dict[str, Source] = {}
    for definition in context.project.of(Folder):
        with context.mistakes_at(definition.source):
            own: Folder = definition.value
            uid = context.folder(own.title, definition.source)
            if not uid:
                context.wrong(
                    definition.source,
                    "General has neither uid nor permissions of its own; name a folder",
                    Where("folder", own.title),
                )
                continue
            first = seen.setdefault(uid, definition.source)
            if first is not definition.source:
                context.wrong(
                    definition.source,
                    f"is defined at {first}, too; join them",
                    Where("folder", own.title),
                )
            if own.permissions is None:
                continue
            body = {"uid": uid, "permissions": dict(own.permissions)}
            context.add(
                Kind.FOLDER_PERMISSIONS,
                body,
                definition.source,
                uid=uid,
                title=own.title,
                folder=uid,
            )
