"""Reads where the panels of a dashboard are: on the grid of a classic one, or in the rows, tabs and
grids of one of schema v2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gk.diff.parts.fields import Json, as_list, as_mapping
from gk.documents.parts import without
from gk.documents.schema_v2 import LISTED, inside, is_in_parts

__all__ = ["OUTSIDE", "UNSEEN", "Placed", "outermost", "placed"]

OUTSIDE = -1
"""The index of the dashboard itself, as the part that a panel is in."""
UNSEEN = -2
"""The index of no part: the layout does not show the panel."""


@dataclass(frozen=True)
class Placed:
    """A panel, or a part with panels: a row, a tab or a grid without a header.

    `within` is the index of the part that contains it, and `way` has the names of all parts around
    it, the outermost first. `y` counts from the row that contains a panel. `item` is what the
    layout says of it besides its place.
    """

    index: int
    body: Json
    kind: str = "panel"
    x: float = 0
    y: float = 0
    size: str = ""
    """Empty where the layout decides."""
    within: int = OUTSIDE
    way: tuple[tuple[str, str], ...] = ()
    item: Json = field(default_factory=dict)
    pointer: str = ""
    """The path of a part of schema v2 in its document."""
    number: int = 0
    """The place among its neighbours, where they have no positions: from 1 on."""
    members: tuple[str, ...] = ()
    """The titles of what a part contains."""

    @property
    def is_part(self) -> bool:
        """Whether it contains panels."""
        return self.kind != "panel"

    @property
    def title(self) -> str:
        """Its title; empty without one."""
        return str(self.body.get("title", ""))

    @property
    def name(self) -> str:
        """Its title, or what people know it by without one."""
        return (
            self.title
            or str(as_mapping(self.body.get("libraryPanel")).get("name", ""))
            or f"{self.body.get('type', 'panel')} without a title"
        )

    @property
    def id(self) -> str:
        """Its id as text; empty without one."""
        return str(self.body["id"]) if "id" in self.body else ""

    @property
    def place(self) -> str:
        """Its position, or its place among its neighbours."""
        if self.number:
            return f"place {self.number}"
        return f"y {self.y}" if self.is_part else f"x {self.x}, y {self.y}"

    @property
    def around(self) -> tuple[str, str]:
        """Kind and title of the part that contains it; both empty without one."""
        return self.way[-1] if self.way else ("", "")


def placed(body: Json) -> list[Placed]:
    """The panels and parts of a dashboard, in the order of their places."""
    panels = list(_in_tree(body) if is_in_parts(body) else _on_grid(body))
    members: dict[int, list[str]] = {}
    for panel in panels:
        members.setdefault(panel.within, []).append(panel.title)
    return [
        replace(panel, members=tuple(members.get(panel.index, ()))) if panel.is_part else panel
        for panel in panels
    ]


def outermost(body: Json) -> Json:
    """What the layout of a dashboard of schema v2 says itself; empty for a classic one."""
    return _own({"layout": body["layout"]}) if is_in_parts(body) else {}


# Classic dashboards


def _on_grid(body: Json) -> Iterator[Placed]:
    index = 0
    row: Placed | None = None
    for panel in as_list(body.get("panels")):
        if panel.get("type") == "row":
            place = panel.get("gridPos", {})
            row = Placed(index, panel, "row", place.get("x", 0), place.get("y", 0), _size(place))
            yield row
        else:
            yield _below(panel, row, index)
        index += 1
        for inner in as_list(panel.get("panels")):
            yield _below(inner, row, index)
            index += 1


def _below(panel: Json, row: Placed | None, index: int) -> Placed:
    place = panel.get("gridPos", {})
    # Relative to the row, so that panels did not move if their row did.
    y = place.get("y", 0) - (row.y + 1 if row else 0)
    return Placed(
        index,
        panel,
        x=place.get("x", 0),
        y=y,
        size=_size(place),
        within=row.index if row else OUTSIDE,
        way=(("row", row.title),) if row else (),
    )


def _size(place: Json) -> str:
    return f"{place.get('w', '?')} x {place.get('h', '?')}"


# Schema v2


def _in_tree(body: Json) -> Iterator[Placed]:
    panels = {panel["element"]: panel for panel in body["panels"]}
    tree = _Tree(panels)
    yield from tree.inside(body["layout"], None)
    for name, panel in panels.items():
        if name not in tree.shown:
            yield Placed(next(tree.indexes), panel, within=UNSEEN)


class _Tree:
    """Walks through a layout, each part before what it contains."""

    def __init__(self, panels: Mapping[str, Json]) -> None:
        self._panels = panels
        self.shown: set[str] = set()
        self.indexes = iter(range(1 << 30))

    def inside(self, layout: Json, part: Placed | None, where: str = "layout") -> Iterator[Placed]:
        """What is in a layout, which is that of a part; None for the dashboard's own."""
        way = (*part.way, (part.kind, part.title)) if part else ()
        within = part.index if part else OUTSIDE
        for number, inner in enumerate(inside(layout), 1):
            index, spec = next(self.indexes), inner["spec"]
            if "layout" not in spec:
                own = replace(self._item(inner, layout["kind"], index, number), within=within)
                yield replace(own, way=way)
                continue
            pointer = f"{where}.spec.{LISTED[layout['kind']]}[{number - 1}]"
            kind = _kind(layout["kind"], spec)
            body = {"type": kind, "title": spec.get("title", ""), **_own(spec, inner)}
            own = Placed(index, body, kind, within=within, way=way, pointer=pointer, number=number)
            yield own
            yield from self.inside(spec["layout"], own, f"{pointer}.spec.layout")

    def _item(self, item: Json, kind: str, index: int, number: int) -> Placed:
        spec = item["spec"]
        name = str(spec["element"].get("name"))
        self.shown.add(name)
        left = without(spec, "element", *_PLACE)
        for key, beside in (("item", without(item, "spec")), ("element", spec["element"])):
            if unusual := without(beside, "name"):
                left[key] = unusual
        if kind == "AutoGridLayout":
            own = {key: spec[key] for key in _PLACE if key in spec}
            return Placed(index, self._panels[name], item={**left, **own}, number=number)
        x, y, width, height = (spec.get(key, 0) for key in _PLACE)
        return Placed(index, self._panels[name], "panel", x, y, f"{width} x {height}", item=left)


_PLACE = ("x", "y", "width", "height")


def _kind(layout: str, spec: Json) -> str:
    if layout == "TabsLayout":
        return "tab"
    # gk and Grafana put what is beside rows into a row without a header.
    holds = str(as_mapping(spec["layout"]).get("kind"))
    return "grid" if spec.get("hideHeader") and holds.endswith("GridLayout") else "row"


def _own(spec: Json, part: Json | None = None) -> dict[str, Any]:
    """What a part says itself, without what it contains."""
    layout = spec["layout"]
    held = {**layout, "spec": without(layout["spec"], LISTED[layout["kind"]])}
    return {**without(part or {}, "spec"), **without(spec, "title", "layout"), "layout": held}
