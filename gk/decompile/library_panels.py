"""A library panel as a definition."""

from __future__ import annotations

from typing import Any

from gk.decompile.panels import Given, Place, Queries, panel_code
from gk.decompile.python import Call, Code, Name
from gk.documents.dashboards import normalized
from gk.documents.names import slug
from gk.resource import Resource

__all__ = ["library_panel_code"]


def library_panel_code(
    resource: Resource, folder: str, queries: Queries, reference: Any
) -> Call | None:
    """Return a library panel as a definition; None if no constructor makes its panel."""
    model = {**(resource.body.get("model") or {}), "title": resource.title}
    model.pop("libraryPanel", None)
    [panel] = normalized({"title": resource.title, "panels": [model]})["panels"]
    default = panel.get("datasource")
    written = panel_code(panel, Place({}, None), Given(default, queries, reference))
    if not written.is_call:
        return None
    named: dict[str, Code] = {}
    if resource.uid != slug(resource.title):
        named["uid"] = resource.uid
    if folder:
        named["folder"] = folder
    if default:
        named["datasource"] = reference(default)
    return Call(Name("library_panel", "gk"), [written.code], named)
