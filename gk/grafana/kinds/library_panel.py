"""Library panels. gk does not push them, but a folder that has one is not empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.client import Client

__all__ = ["LIBRARY", "names"]

LIBRARY: Shape = {
    "result": {"elements": [{"name": str, "folderUid?": str, "meta?": {"folderUid?": str}}]}
}


def names(client: Client) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    """The name of every library panel that the account may see, and the uids of its folder, which
    newer versions have in another field."""

    def page(number: int, size: int) -> list[Mapping[str, Any]]:
        answer = client.get("/library-elements", LIBRARY, perPage=size, page=number)
        elements: list[Mapping[str, Any]] = answer["result"]["elements"]
        return elements

    for panel in client.every("/library-elements", page):
        meta = panel.get("meta") or {}
        yield panel["name"], (panel.get("folderUid"), meta.get("folderUid"))
