"""The search of a Grafana: one list of its folders and dashboards."""

from __future__ import annotations

from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.kinds.api import Listed
from gk.resource import Kind

__all__ = ["HITS", "listed"]

HITS: Shape = [{"type": str, "uid": str, "title": str, "folderUid?": str, "tags?": [str]}]
_KINDS = {"dash-folder": Kind.FOLDER, "dash-db": Kind.DASHBOARD}


def listed(client: Client) -> list[Listed]:
    """Every dashboard and folder that the account may see."""
    return [
        Listed(
            kind=_KINDS[hit["type"]],
            uid=hit["uid"],
            title=hit["title"],
            folder=hit.get("folderUid") or "",
            tags=tuple(hit.get("tags") or ()),
        )
        for hit in client.pages("/search", HITS)
        if hit["type"] in _KINDS
    ]
