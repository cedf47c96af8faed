"""Where panels are: rows, and the sizes with which gk's layout gives each panel its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gk.compile.layout import Flow, with_ids
from gk.compile.panel import Panel
from gk.decompile.panels import Place
from gk.decompile.python import Code
from gk.define.panel import Notes
from gk.documents.rows import COLUMNS, seen_at
from gk.documents.shapes import Json
from gk.errors import Source

__all__ = ["Section", "places", "sections"]


class Section(NamedTuple):
    """A row with its panels; the panels before the first row have none."""

    row: Json | None
    panels: Sequence[Json]


def sections(panels: Sequence[Json]) -> list[Section]:
    """Divide a dashboard's panels by its rows, in the order in which they are seen."""
    divided: list[tuple[Json | None, list[Json]]] = [(None, [])]
    for panel in sorted(panels, key=seen_at):
        if panel.get("type") == "row":
            # Grafana moves those of a collapsed row by the first in its list.
            divided.append((panel, list(panel.get("panels", ()))))
        else:
            divided[-1][1].append(panel)
    return [Section(row, inside) for row, inside in divided if row is not None or inside]


def places(
    divided: Sequence[Section], sizes: Mapping[str, tuple[int, int]]
) -> tuple[list[Place], list[list[Place]]]:
    """The places of rows, and of the panels in each section: a size that differs from that of the
    panel's type, the whole position where gk's layout leads elsewhere, and an id that gk would not
    make."""
    flow, ids = Flow(), iter(_ids(divided))
    of_rows: list[Place] = []
    of_panels: list[list[Place]] = []
    for row, panels in divided:
        if row is not None:
            of_rows.append(Place(_line(row, flow), next(ids)))
        else:
            of_rows.append(Place({}, None))
        below = flow.bottom
        of_panels.append([Place(_arguments(panel, flow, sizes), next(ids)) for panel in panels])
        if row is not None and row.get("collapsed"):
            flow.restart(below)
    return of_rows, of_panels


def _line(row: Json, flow: Flow) -> dict[str, Code]:
    given = int(row["gridPos"].get("y", 0))
    is_next = flow.bottom == given
    flow.place(_panel(row))
    return {} if is_next else {"y": given}


def _arguments(panel: Json, flow: Flow, sizes: Mapping[str, tuple[int, int]]) -> dict[str, Code]:
    position = panel["gridPos"]
    x, y, width, height = (int(position.get(key, 0)) for key in "xywh")
    before = flow.x, flow.y, flow.bottom
    placed = flow.place(_panel({"type": panel.get("type")}, width, height))
    if placed != {"x": x, "y": y, "w": width, "h": height}:
        flow.x, flow.y, flow.bottom = before
        flow.place(_panel(panel))
        return {"grid": (x, y, width, height)}
    usual = sizes.get(str(panel.get("type")), (0, 0))
    size: dict[str, Code] = {} if width == usual[0] else {"width": width}
    return size if height == usual[1] else {**size, "height": height}


def _panel(document: Json, width: int = COLUMNS, height: int = 1) -> Panel:
    return Panel(document, Notes(Source(""), width, height, "", alert_thresholds=False))


def _ids(divided: Sequence[Section]) -> list[int | None]:
    """The ids to write, for each row and then its panels: none where gk makes the same one."""
    flat = [
        panel
        for row, panels in divided
        for panel in ([row] if row is not None else []) + list(panels)
    ]
    own = [panel.get("id") for panel in flat]
    made = with_ids([_panel({**panel, "id": None}) for panel in flat])
    return [
        None if given == panel.document["id"] else given
        for given, panel in zip(own, made, strict=True)
    ]
