"""Pictures of the panels that a test looked at before it failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gk.documents.names import slug
from gk.preview.pictures import picture
from gk.testing.panels import Panel

__all__ = ["kept"]


def kept(panels: Sequence[Panel], folder: Path) -> str:
    """Write a picture of each panel into a folder. Returns what a report says of them."""
    return "\n".join(_kept(panels, folder))


def _kept(panels: Sequence[Panel], folder: Path) -> Iterator[str]:
    for number, panel in enumerate(panels, start=1):
        path = folder / f"{number}-{slug(panel.title)}.svg"
        path.write_text(f"{picture(panel.shown)}\n", encoding="utf-8")
        yield f"{panel}\n  {path}"
