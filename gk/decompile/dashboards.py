"""A dashboard as a definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple, TypeGuard

from grafanalib import core

from gk.decompile.layout import Section, places, sections
from gk.decompile.leaves import leaves_of, text_of
from gk.decompile.names import Names
from gk.decompile.panels import Given, Place, Queries, Written, panel_code
from gk.decompile.probes import PANELS, of_link, of_panel, usual
from gk.decompile.python import Call, Code, Name
from gk.decompile.sharing import shared
from gk.decompile.variables import variable_code
from gk.documents.dashboards import normalized
from gk.documents.migrations import SCHEMA_VERSION
from gk.documents.names import slug
from gk.documents.parts import dicts, every_panel, path, without
from gk.documents.references import GRAFANAS_DEFAULT, MIXED
from gk.documents.shapes import Json

__all__ = ["Dashboard", "Parts", "Surroundings", "dashboard_code", "head", "leaves_default"]

_LARGE = 20
"""Panels from which each row is a list of its own."""
_TOOLTIPS = ("default", "crosshair", "tooltip")
"""By Grafana's number, graphTooltip."""
_WRITTEN = frozenset(
    {
        "annotations", "description", "editable", "graphTooltip", "links", "panels", "refresh",
        "schemaVersion", "tags", "templating", "time", "timezone", "title", "uid",
    }
)  # fmt: skip


class Parts(NamedTuple):
    """Panels of a dashboard that stay JSON, by their numbers in the order in which they are seen,
    and variables, by their names; and those in which gk would find mistakes."""

    json: frozenset[int | str] = frozenset()
    exported: frozenset[int | str] = frozenset()

    def __or__(self, other: object) -> Parts:
        """All of both."""
        assert isinstance(other, Parts)
        return Parts(self.json | other.json, self.exported | other.exported)

    def has(self, other: Parts) -> bool:
        """Whether it has all of another."""
        return other.json <= self.json and other.exported <= self.exported


NOTHING_AS_JSON = Parts()


class Dashboard(NamedTuple):
    """A dashboard's code, the values that it shares by name, what became of its panels, in the
    order in which they are seen, and the code of each as the dashboard has it."""

    code: Call
    shared: Sequence[tuple[str, Code]]
    panels: Sequence[Written]
    codes: Sequence[Code]


class Surroundings(NamedTuple):
    """What the definitions of dashboards share: their queries, how data sources are written, and
    the definitions of library panels by uid."""

    queries: Queries
    reference: Callable[[Any], Code]
    library: Mapping[str, Name]


def dashboard_code(
    body: Json,
    folder: str,
    surroundings: Surroundings,
    names: Names,
    as_json: Parts = NOTHING_AS_JSON,
) -> Dashboard:
    """Return a dashboard as a definition; `body` is normalized. `as_json` are the panels and
    variables that no constructor makes."""
    body = _with_default(body)
    default = _datasource(body)
    given = Given(default or _implied(body), *surroundings)
    divided = sections(body.get("panels", []))
    of_rows, written = _written(body, divided, given, as_json)
    assigned, codes = _shared(written, names)
    named = head(body, folder)
    if default is not None and default != _implied(body):
        named["datasource"] = surroundings.reference(default)
    named |= _lists(body, given, as_json)
    left = iter(codes)
    contents = [_by_id([next(left) for _ in section.panels]) for section in divided]
    named |= _arranged(divided, of_rows, contents, assigned, names)
    rest = without(body, *_WRITTEN)
    if _is_migrated(body):
        rest["schemaVersion"] = SCHEMA_VERSION
    if rest:
        named["extra"] = rest
    code = Call(Name("Dashboard", "gk"), [body.get("title", "")], named)
    own_codes = [
        panel
        for panels in contents
        for panel in (panels.values() if isinstance(panels, Mapping) else panels)
    ]
    return Dashboard(code, assigned, written, own_codes)


def _written(
    body: Json, divided: Sequence[Section], given: Given, as_json: Parts
) -> tuple[list[Place], list[Written]]:
    """The places of the rows, and every panel's code."""
    of_rows, of_panels = places(divided, _sizes(body))
    panels = [panel for section in divided for panel in section.panels]
    placed = [place for own in of_panels for place in own]
    return of_rows, [
        panel_code(
            panel,
            place,
            given,
            as_json=number in as_json.json,
            exported=number in as_json.exported,
        )
        for number, (panel, place) in enumerate(zip(panels, placed, strict=True))
    ]


def positions(body: Json, moved: Mapping[Any, Json]) -> dict[Any, Mapping[str, Code]]:
    """The arguments that say where each row and panel is, by its id. The order is that of the
    dashboard, even if other positions are given for panels, by their ids."""

    def placed(panel: Json) -> Json:
        return {**panel, "gridPos": moved.get(panel.get("id"), panel.get("gridPos", {}))}

    divided = [
        Section(section.row and placed(section.row), [*map(placed, section.panels)])
        for section in sections(body.get("panels", []))
    ]
    of_rows, of_panels = places(divided, _sizes(body))
    arguments = {}
    for section, of_row, own in zip(divided, of_rows, of_panels, strict=True):
        rows = [] if section.row is None else [(section.row, of_row)]
        for panel, place in [*rows, *zip(section.panels, own, strict=True)]:
            arguments[panel.get("id")] = place.arguments
    return arguments


def _sizes(body: Json) -> dict[str, tuple[int, int]]:
    types = {str(panel.get("type")) for panel in every_panel(body)}
    return {type: of_panel(type).size for type in types & PANELS.keys()}


def _shared(written: Sequence[Written], names: Names) -> tuple[list[tuple[str, Code]], list[Code]]:
    """What the panels share, and the panels."""
    calls = [panel.code for panel in written if _is_constructed(panel.code)]
    assigned, changed = shared(calls, names, usual)
    left = iter(changed)
    return assigned, [
        next(left) if _is_constructed(panel.code) else panel.code for panel in written
    ]


def _is_constructed(panel: Code) -> TypeGuard[Call]:
    return isinstance(panel, Call) and panel.function.text in PANELS.values()


def _arranged(
    divided: Sequence[Section],
    of_rows: Sequence[Place],
    contents: Sequence[list[Code] | Mapping[Any, Code]],
    assigned: list[tuple[str, Code]],
    names: Names,
) -> dict[str, Code]:
    """The arguments for panels and rows. The panels of a row of a large dashboard have a name, in
    `assigned`: they are easier to read without the indents of all rows."""
    is_large = sum(map(len, contents)) > _LARGE
    named: dict[str, Code] = {}
    rows: list[Code] = []
    for section, place, own in zip(divided, of_rows, contents, strict=True):
        panels: Code = own
        if section.row is None:
            named["panels"] = panels
            continue
        if is_large and len(own) > 1:
            name = names.new(str(section.row.get("title") or "row"), private=True)
            assigned.append((name, panels))
            panels = Name(name)
        rows.append(_row(section.row, place, panels))
    return {**named, "rows": rows} if rows else named


def _by_id(panels: list[Code]) -> list[Code] | Mapping[Any, Code]:
    """Panels by their ids, if each has one."""
    ids = [_arguments(panel).get("id") for panel in panels]
    return (
        dict(zip(ids, map(_without_id, panels), strict=True))
        if panels and all(type(id) is int for id in ids)
        else panels
    )


def _arguments(panel: Code) -> Mapping[str, Code]:
    """The arguments of a panel, or its JSON."""
    if isinstance(panel, Call):
        return panel.named or (_arguments(panel.arguments[0]) if _is_export(panel) else {})
    return panel if isinstance(panel, Mapping) else {}


def _is_export(panel: Call) -> bool:
    return panel.function.text == "exported_panel"


def _without_id(panel: Code) -> Code:
    others = without(_arguments(panel), "id")
    if not isinstance(panel, Call):
        return others
    if _is_export(panel):
        return Call(panel.function, [others])
    return Call(panel.function, panel.arguments, others)


def _lists(body: Json, given: Given, as_json: Parts) -> dict[str, Code]:
    """The arguments for variables, links and annotations."""
    variables = dicts(path(body, "templating"), "list")
    annotations: list[Code] = list(dicts(path(body, "annotations"), "list"))
    lists: dict[str, list[Code]] = {
        "variables": [
            Call(Name("exported_variable", "gk"), [variable])
            if (name := variable.get("name")) in as_json.exported
            else variable
            if name in as_json.json
            else variable_code(variable, given)
            for variable in variables
        ],
        "links": [_link(link) for link in dicts(body, "links")],
        "annotations": annotations,
    }
    return {name: listed for name, listed in lists.items() if listed}


def head(body: Json, folder: str) -> dict[str, Code]:
    """The arguments of the dashboard itself that differ from gk's defaults."""
    title = str(body.get("title", ""))
    time = path(body, "time")
    tooltip = body.get("graphTooltip", 0)
    given: dict[str, tuple[Any, Any]] = {
        "uid": (body.get("uid", ""), slug(title)),
        "folder": (folder, ""),
        "description": (body.get("description", ""), ""),
        "tags": (body.get("tags", []), []),
        # Grafana shows six hours where a dashboard says nothing; gk's default is one.
        "time": ((time.get("from", "now-6h"), time.get("to", "now")), ("now-1h", "now")),
        "refresh": (body.get("refresh", ""), ""),
        "timezone": (body.get("timezone", ""), ""),
        "tooltip": (_TOOLTIPS[int(tooltip)] if tooltip in (0, 1, 2) else "default", "crosshair"),
        "editable": (body.get("editable", True), True),
    }
    return {name: value for name, (value, default) in given.items() if value != default}


def _implied(body: Json) -> Json | None:
    """The data source of panels that name none: the one that viewers choose."""
    for variable in dicts(path(body, "templating"), "list"):
        if variable.get("type") == "datasource" and variable.get("name") == "datasource":
            return {"type": str(variable.get("query")), "uid": "${datasource}"}
    return None


def _is_migrated(body: Json) -> bool:
    """Whether a build would take panels or variables for those of an older Grafana, as grafanalib's
    are, unless the dashboard says its version."""
    parts: Json = {key: body[key] for key in ("panels", "templating") if key in body}
    older, newer = (
        normalized({"schemaVersion": version, **deepcopy(parts)})
        for version in (core.SCHEMA_VERSION, SCHEMA_VERSION)
    )
    return any(older[key] != newer[key] for key in parts)


_DEFAULT: Json = {"uid": GRAFANAS_DEFAULT}
_ASKING = frozenset({"query", "adhoc", "groupby"})
"""The types of variables that have a data source."""


def leaves_default(body: Json) -> bool:
    """Whether a normalized dashboard leaves a data source to Grafana."""
    return _with_default(body) != body


def _with_default(body: Json) -> Json:
    """The dashboard with a reference to Grafana's default data source where it says none: gk would
    take the project's."""
    body = deepcopy(body)
    asking: list[Json] = [
        variable
        for variable in dicts(path(body, "templating"), "list")
        if variable.get("type") in _ASKING
    ]
    asking += [
        annotation
        for annotation in dicts(path(body, "annotations"), "list")
        if not annotation.get("builtIn")
    ]
    for panel in every_panel(body):
        targets = dicts(panel, "targets")
        asking += targets if panel.get("datasource") == MIXED else [panel] if targets else []
    for owner in asking:
        owner.setdefault("datasource", dict(_DEFAULT))
    return body


def _datasource(body: Json) -> Json | None:
    """The data source that most panels and queries name."""
    given: list[Json] = [
        panel["datasource"] for panel in every_panel(body) if panel.get("datasource")
    ]
    refs = Counter(text_of(ref) for ref in given if ref != MIXED and ref.get("uid"))
    named = {text_of(ref): ref for ref in given}
    return named[refs.most_common(1)[0][0]] if refs else None


def _row(row: Json, place: Place, codes: Code) -> Code:
    named: dict[str, Code] = dict(place.arguments)
    if row.get("collapsed"):
        named["collapsed"] = True
    if row.get("repeat"):
        named["repeat"] = row["repeat"]
    if place.id is not None:
        named["id"] = place.id
    arguments: list[Code] = [row.get("title", "")]
    return Call(Name("Row", "gk"), [*arguments, *([codes] if codes else [])], named)


def _link(link: Json) -> Code:
    leads = str(link.get("url", ""))
    # gk gives links to dashboards an icon of their own.
    is_dashboard = (
        leads.startswith("/d/") and leads.count("/") == 2 and link.get("icon") == "dashboard"
    )
    apart = ("title", "url", "icon") if is_dashboard else ("title",)
    rest = without(link, *apart)
    read = of_link().read(leaves_of(rest | ({"icon": "external link"} if is_dashboard else {})))
    if read.rest or read.surplus or "title" not in link:
        return link
    first = {"dashboard": leads.removeprefix("/d/")} if is_dashboard else {}
    return Call(Name("dashboard_link", "gk"), [link["title"]], {**first, **read.arguments})
