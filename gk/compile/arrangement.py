"""Arranges dashboards with what only schema v2 has: tabs, automatic grids, parts in parts, rules
and variables of parts.

A part is a row, a tab, or a grid without a header. gk.compile treats the panels of all parts as one
list, in which a row begins each part; the depth of that row says where it belongs. The layout of
schema v2 is made of the list, and a classic dashboard of that layout, as Grafana would make it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from gk.compile.layout import laid_out, with_ids
from gk.compile.names import Names
from gk.compile.panel import Panel
from gk.define.panel import NOTES, Auto, Notes, Part
from gk.define.rules import Rules
from gk.documents.rows import COLUMNS
from gk.documents.schema_v2.layouts import placed
from gk.documents.schema_v2.writing import element_name, grid_layout, kind_of, reference
from gk.documents.shapes import Json
from gk.errors import Problem, Source, Where

__all__ = ["Arrangement", "is_arranged", "laid_out_by_part", "unnested", "variables_of_parts"]

_WHOLE_LINE = {"x": 0, "y": 0, "w": COLUMNS, "h": 1}


def unnested(panels: Sequence[Json], depth: int = 0) -> list[Json]:
    """The panels of all parts in one list, each part after a row that says its depth.

    Returns the panels as they are if there is nothing that only schema v2 has.
    """
    if depth == 0 and not any(_needs_v2(panel) for panel in panels):
        return list(panels)
    flat: list[Json] = []
    for panel in panels:
        notes = panel.get(NOTES)
        if panel.get("type") != "row":
            flat.append(panel)
            continue
        if not isinstance(notes, Notes):
            # grafanalib's own row.
            notes = Notes(Source(""), COLUMNS, 1, key="", alert_thresholds=False)
        part = (notes.part or Part())._replace(depth=depth)
        flat.append({**panel, "panels": [], NOTES: notes._replace(part=part)})
        flat += unnested(panel.get("panels", []), depth + 1)
    return flat


def _needs_v2(panel: Json) -> bool:
    notes = panel.get(NOTES)
    own = isinstance(notes, Notes) and bool(notes.part or notes.show_when)
    return own or any(_needs_v2(inner) for inner in panel.get("panels") or ())


def variables_of_parts(panels: Iterable[Json]) -> list[Any]:
    """The variables of the parts in a list of `unnested`."""
    noted = [panel.get(NOTES) for panel in panels]
    parts = [notes.part for notes in noted if isinstance(notes, Notes) and notes.part]
    return [variable for part in parts for variable in part.variables]


def is_arranged(panels: Iterable[Panel]) -> bool:
    """Whether the panels are a list of `unnested` with parts."""
    return any(panel.notes and (panel.notes.part or panel.notes.show_when) for panel in panels)


def laid_out_by_part(panels: Sequence[Panel]) -> list[Panel]:
    """Give each panel a position in its part."""
    result: list[Panel] = []
    for is_row, group in groupby(panels, key=lambda panel: panel.is_row):
        own = list(group)
        result += [row.but(gridPos=dict(_WHOLE_LINE)) for row in own] if is_row else laid_out(own)
    return result


@dataclass
class _Node:
    """A part with its panels and the parts in it; the dashboard itself has no row."""

    row: Panel | None = None
    panels: list[Panel] = field(default_factory=list)
    parts: list[_Node] = field(default_factory=list)

    @property
    def part(self) -> Part:
        """What its row says."""
        return (self.row.notes and self.row.notes.part if self.row else None) or Part()

    @property
    def rules(self) -> Rules | None:
        """When it is shown."""
        return self.row.notes.show_when if self.row and self.row.notes else None

    @property
    def where(self) -> Where:
        """How mistakes name it."""
        if self.part.kind == "grid":
            return Where("auto_grid", "")
        return Where(self.part.kind, self.row.title if self.row else "")


class Arrangement:
    """The parts of one dashboard, whose panels are completed."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        self._panels = panels
        self._root = _Node()
        stack = [self._root]
        for panel in panels:
            if not panel.is_row:
                stack[-1].panels.append(panel)
                continue
            node = _Node(panel)
            del stack[node.part.depth + 1 :]
            stack[-1].parts.append(node)
            stack.append(node)

    def check(self, names: Names, variables: Iterable[Json], source: Source) -> None:
        """Note rules where Grafana has none, and rules and variables with a wrong name;
        `variables` are those of the dashboard and of all parts."""
        counts = Counter(str(variable.get("name")) for variable in variables)
        for node in self._nodes():
            place = _source(node.row, source)
            self._check_rules(names, node.rules, place, node.where, of_panel=False)
            for name in _names(node.part):
                if counts[name] > 1:
                    names.findings.wrong(
                        place,
                        f"the dashboard has another variable ${name}; rename one of them",
                        node.where,
                    )
            for panel in node.panels:
                rules = panel.notes.show_when if panel.notes else None
                own = _source(panel, source)
                self._check_rules(names, rules, own, panel.where, of_panel=True)
                if rules and not node.part.auto:
                    names.findings.wrong(
                        own,
                        "show_when needs an auto_grid(); or pass it to the row or the tab",
                        panel.where,
                    )

    @staticmethod
    def _check_rules(
        names: Names, rules: Rules | None, source: Source, where: Where, *, of_panel: bool
    ) -> None:
        for rule in rules.rules if rules else ():
            if "variable" in rule.spec:
                names.in_rule(str(rule.spec["variable"]), source, where)
            if rule.kind == "ConditionalRenderingData" and not of_panel:
                names.findings.wrong(
                    source, "when_data() is a rule of panels; pass it to a panel", where
                )

    def layout(self, *, with_variables: bool) -> Json:
        """The layout of schema v2; `with_variables`, parts name their own variables."""
        return _layout(self._root, with_variables=with_variables)

    def classic_panels(self) -> list[Json]:
        """The panels of a classic dashboard, with the rows that it has."""
        documents = {element_name(panel.document): panel.document for panel in self._panels}
        made = placed(self.layout(with_variables=False), documents.get).panels
        rows = [node.row for node in self._nodes() if node.row]
        for panel in made:
            if panel.get("type") == "row":
                own = next((row for row in rows if row.title == panel["title"]), None)
                if own:
                    rows.remove(own)
                    panel["id"] = own.document["id"]
        return [
            {**panel.document, "panels": [inner.document for inner in panel.inside]}
            if panel.is_row
            else panel.document
            for panel in with_ids([Panel.of(document) for document in made])
        ]

    def fallbacks(self, source: Source, *, classic: bool, why: str) -> Iterator[Problem]:
        """What the targets lack, and what becomes of it; `why` ends each message."""
        for node in self._nodes():
            instead = [*_instead(node)] if classic else []
            if names := _names(node.part):
                instead.append(f"gives its variables ({', '.join(names)}) to the dashboard")
            if instead:
                words = f"{' and '.join(instead)}; {why}"
                yield Problem(_source(node.row, source), words, node.where)

    @property
    def has_variables(self) -> bool:
        """Whether a part has variables of its own."""
        return any(_names(node.part) for node in self._nodes())

    def _nodes(self, node: _Node | None = None) -> Iterator[_Node]:
        node = node or self._root
        yield node
        for part in node.parts:
            yield from self._nodes(part)


def _source(panel: Panel | None, otherwise: Source) -> Source:
    return panel.notes.source if panel and panel.notes and panel.notes.source.file else otherwise


def _names(part: Part) -> list[str]:
    """The names of a part's variables."""
    return [
        str(variable.get("name") if isinstance(variable, Mapping) else variable.name)
        for variable in part.variables
    ]


def _instead(node: _Node) -> Iterator[str]:
    part = node.part
    if part.kind == "tab":
        yield "becomes a row"
    elif part.kind == "grid" and part.auto:
        yield f"becomes a grid of {part.auto.columns} columns"
    elif part.depth:
        yield "leaves the part that it is in"
    if node.rules:
        yield "is always shown"
    if any(panel.notes and panel.notes.show_when for panel in node.panels):
        yield "always shows all of its panels"


# The layout


def _layout(node: _Node, *, with_variables: bool) -> Json:
    def inside(part: _Node) -> Json:
        return _layout(part, with_variables=with_variables)

    def spec(part: _Node) -> Json:
        return _spec(part, inside(part), with_variables=with_variables)

    if node.part.auto:
        return _automatic(node.panels, node.part.auto)
    kinds = {part.part.kind for part in node.parts}
    if not node.parts:
        return grid_layout(panel.document for panel in node.panels)
    if not node.panels and len(node.parts) == 1 and kinds == {"grid"}:
        return inside(node.parts[0])
    if not node.panels and kinds == {"tab"}:
        return _tabs(map(spec, node.parts))
    # A layout of schema v2 has parts of one kind; only rows can hold a layout of any other.
    rows = [_bare(grid_layout(panel.document for panel in node.panels))] if node.panels else []
    for kind, group in groupby(node.parts, key=lambda part: part.part.kind):
        parts = list(group)
        if kind == "row":
            rows += [kind_of("RowsLayoutRow", **spec(part)) for part in parts]
        elif kind == "grid":
            rows += [_bare(inside(part)) for part in parts]
        else:
            rows.append(_bare(_tabs(map(spec, parts))))
    return kind_of("RowsLayout", rows=rows)


def _tabs(specs: Iterable[Json]) -> Json:
    return kind_of("TabsLayout", tabs=[kind_of("TabsLayoutTab", **spec) for spec in specs])


def _bare(layout: Json) -> Json:
    """A row without a header, for what is beside rows."""
    return kind_of("RowsLayoutRow", title="", collapse=False, hideHeader=True, layout=layout)


def _spec(node: _Node, layout: Json, *, with_variables: bool) -> Json:
    """What a row or a tab says."""
    row = node.row.document if node.row else {}
    spec: Json = {"title": row.get("title", ""), "layout": layout}
    # A tab cannot be collapsed.
    if node.part.kind == "row":
        spec["collapse"] = bool(row.get("collapsed"))
    if row.get("repeat"):
        spec["repeat"] = {"mode": "variable", "value": row["repeat"]}
    if with_variables and node.part.variables:
        spec["variables"] = _names(node.part)
    return spec | _conditions(node.rules)


def _conditions(rules: Rules | None) -> Json:
    if rules is None:
        return {}
    items = [kind_of(rule.kind, **rule.spec) for rule in rules.rules]
    group = kind_of(
        "ConditionalRenderingGroup", visibility="show", condition=rules.condition, items=items
    )
    return {"conditionalRendering": group}


def _automatic(panels: Sequence[Panel], auto: Auto) -> Json:
    spec: Json = {"maxColumnCount": auto.columns, "fillScreen": auto.fill}
    for key, size in (("columnWidth", auto.width), ("rowHeight", auto.height)):
        spec[f"{key}Mode"] = size if isinstance(size, str) else "custom"
        if not isinstance(size, str):
            spec[key] = size
    return kind_of("AutoGridLayout", **spec, items=[_automatic_item(panel) for panel in panels])


def _automatic_item(panel: Panel) -> Json:
    spec: Json = {"element": reference(panel.document)}
    if panel.document.get("repeat"):
        spec["repeat"] = {"mode": "variable", "value": panel.document["repeat"]}
    rules = panel.notes.show_when if panel.notes else None
    return kind_of("AutoGridLayoutItem", **spec, **_conditions(rules))
