"""Compiles library panels: each like the only panel of a dashboard."""

from __future__ import annotations

from typing import Any

import orjson

from gk.compile.context import Compilation
from gk.compile.dashboards import build
from gk.define.dashboard import Dashboard
from gk.define.library_panel import LibraryPanel
from gk.documents.names import MAX_UID, is_uid
from gk.documents.schema_v2 import as_classic
from gk.errors import Source, Where
from gk.project import Definition
from gk.resource import Kind, canonical

__all__ = ["compile_library_panels"]

PANEL_ELEMENT = 1
"""The kind of a library element that is a panel; 2, a variable, was never in a release."""
_OF_A_DASHBOARD = ("id", "gridPos", "repeat", "repeatDirection", "maxPerRow")


def compile_library_panels(context: Compilation) -> None:
    """Add every library panel. Two with the same uid, or the same name in a folder, are a
    mistake."""
    seen: dict[tuple[str, ...], Source] = {}
    for definition in context.project.of(LibraryPanel):
        with context.mistakes_at(definition.source):
            _add(context, definition, seen)


def _add(context: Compilation, definition: Definition, seen: dict[tuple[str, ...], Source]) -> None:
    shared: LibraryPanel = definition.value
    source = definition.source
    board = Dashboard(
        shared.name,
        panels=[shared.panel],
        exporter=shared.exporter,
        datasource=shared.datasource,
    )
    built = build(context, Definition(board, source))
    if built is None or not built.json:
        return
    folder = context.folder(shared.folder, source)
    _check(context, shared, folder, source, seen)
    panel = as_classic(orjson.loads(built.json))["panels"][0]
    model = {key: value for key, value in panel.items() if key not in _OF_A_DASHBOARD}
    body: dict[str, Any] = {
        "uid": shared.uid,
        "name": shared.name,
        "kind": PANEL_ELEMENT,
        "folderUid": folder,
        "model": model,
    }
    context.add_json(
        Kind.LIBRARY_PANEL,
        canonical(body),
        source,
        uid=shared.uid,
        title=shared.name,
        folder=folder,
        uses=built.uses,
    )


def _check(
    context: Compilation,
    shared: LibraryPanel,
    folder: str,
    source: Source,
    seen: dict[tuple[str, ...], Source],
) -> None:
    where = Where("library panel", shared.name)
    if not is_uid(shared.uid):
        context.wrong(
            source, f"uid '{shared.uid}' must be 1 to {MAX_UID} letters, digits, '-' or '_'", where
        )
    for what, key in (
        (f"uid '{shared.uid}'", ("uid", shared.uid)),
        # Grafana before 12 takes a name once in a folder.
        ("the name", ("name", folder, shared.name.casefold())),
    ):
        first = seen.setdefault(key, source)
        if first is not source:
            context.wrong(
                source, f"{what} is taken by the library panel at {first}; change one", where
            )
