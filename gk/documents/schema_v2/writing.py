"""Writes classic dashboards in schema v2: everything that gk compiles is a classic one first.

Everything that the schema requires is written; what it does not require and a dashboard does not
say, is left out. What v2 cannot say is listed by its path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gk.documents.graphs import type_in_place_of_graph
from gk.documents.parts import dicts, finite, path, text_of
from gk.documents.references import BUILT_IN
from gk.documents.rows import seen_at
from gk.documents.schema_v2.words import (
    ANNOTATION,
    CURRENT,
    CURSOR_SYNC,
    HIDE,
    PICKER,
    QUERY_OPTIONS,
    REFRESH,
    REFRESHES,
    REPEAT,
    SAME,
    SORT,
    TEXT,
    TIMES,
    VARIABLES,
    word_of,
)
from gk.documents.shapes import Json

__all__ = [
    "Written",
    "adapted",
    "annotation_in_v2",
    "element_in_v2",
    "element_name",
    "grid_layout",
    "kind_of",
    "reference",
    "variable_in_v2",
    "with_part_variables",
    "written",
]


class Written(NamedTuple):
    """A dashboard of schema v2 out of its envelope, and the paths of what it lost."""

    spec: Json
    lost: list[str]


def written(body: Json, version: str, layout: Json | None = None) -> Written:
    """A classic dashboard, whose panels have ids, in schema v2.

    `version` is v2beta1 or v2. `layout` replaces the layout of the panels' positions.
    """
    panels = _every(sorted(dicts(body, "panels"), key=seen_at))
    variables, lost = _variables(dicts(path(body, "templating"), "list"))
    spec = {
        "editable": True,
        "liveNow": False,
        "preload": False,
        "tags": [],
        **{key: body[key] for key in SAME if key in body},
        "links": [_link(link) for link in dicts(body, "links")],
        "timeSettings": _times(body),
        "cursorSync": word_of(CURSOR_SYNC, body.get("graphTooltip")),
        "elements": {element_name(panel): element_in_v2(panel, version) for panel in panels},
        "layout": layout or _layout(sorted(dicts(body, "panels"), key=seen_at)),
        "variables": variables,
        "annotations": [
            annotation_in_v2(annotation, version)
            for annotation in dicts(path(body, "annotations"), "list")
        ],
    }
    return Written(spec, lost)


def kind_of(kind: str, **spec: Any) -> Json:
    """A part of a dashboard, as v2 writes all of them."""
    return {"kind": kind, "spec": spec}


def element_name(panel: Json) -> str:
    """The name of a panel among the elements: Grafana's own, which only depends on the id."""
    return f"panel-{panel.get('id', 0)}"


def reference(panel: Json) -> Json:
    """How a layout refers to a panel."""
    return {"kind": "ElementReference", "name": element_name(panel)}


def grid_layout(panels: Iterable[Json], top: int = 0) -> Json:
    """The grid of these panels, whose first line is `top`."""
    return kind_of("GridLayout", items=[_item(panel, top) for panel in panels])


def with_part_variables(spec: Json) -> Json:
    """A dashboard whose rows and tabs have the variables that they name in `variables`; the
    dashboard itself has the others."""
    own = {variable["spec"]["name"]: variable for variable in spec["variables"]}
    named: set[str] = set()

    def given(value: Any) -> Any:
        if isinstance(value, list):
            return [given(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        changed = {key: given(inner) for key, inner in value.items()}
        if "variables" in changed:
            named.update(changed["variables"])
            changed["variables"] = [own[name] for name in changed["variables"] if name in own]
        return changed

    layout = given(spec["layout"])
    rest = [variable for name, variable in own.items() if name not in named]
    return {**spec, "layout": layout, "variables": rest}


def _every(panels: Iterable[Json]) -> list[Json]:
    """The panels without rows, and those inside rows."""
    return [
        inner
        for panel in panels
        for inner in (dicts(panel, "panels") if panel.get("type") == "row" else [panel])
    ]


def _times(body: Json) -> Json:
    given, picker = path(body, "time"), path(body, "timepicker")
    return {
        "autoRefresh": "",
        "autoRefreshIntervals": REFRESHES,
        "fiscalYearStartMonth": 0,
        "hideTimepicker": False,
        "from": given.get("from", "now-6h"),
        "to": given.get("to", "now"),
        **{key: body[old] for key, old in TIMES.items() if _is_set(key, body.get(old))},
        **{key: picker[old] for key, old in PICKER.items() if _is_set(key, picker.get(old))},
    }


def _is_set(key: str, value: object) -> bool:
    """Whether a time setting has a value that v2 can have. An empty text is the default."""
    kind = {"fiscalYearStartMonth": int, "hideTimepicker": bool}.get(key, (str, list))
    return isinstance(value, kind) and value != ""


def _link(link: Json) -> Json:
    flags = ("asDropdown", "includeVars", "keepTime", "targetBlank")
    texts = {"title": "", "type": "link", "icon": "", "tooltip": "", "tags": []}
    return {**texts, **dict.fromkeys(flags, False), **link}


# Layout


def _layout(panels: Sequence[Json]) -> Json:
    """The grid of the panels; with rows, the grid of each."""
    if not any(panel.get("type") == "row" for panel in panels):
        return grid_layout(panels)
    rows: list[Json] = []
    top = 0
    for panel in panels:
        if panel.get("type") == "row":
            top = int(seen_at(panel)[0]) + 1
            rows.append(_row(panel, top))
        else:
            if not rows:
                # The panels above the first row are in one without a header.
                rows.append(_with_grid("", grid_layout([]), hideHeader=True))
            rows[-1]["spec"]["layout"]["spec"]["items"].append(_item(panel, top))
    return kind_of("RowsLayout", rows=rows)


def _with_grid(title: str, layout: Json, **keys: Any) -> Json:
    return kind_of("RowsLayoutRow", **{"title": title, "collapse": False, "layout": layout, **keys})


def _row(row: Json, top: int) -> Json:
    layout = grid_layout(sorted(dicts(row, "panels"), key=seen_at), top)
    keys: Json = {"collapse": bool(row.get("collapsed"))}
    if row.get("repeat"):
        keys["repeat"] = {"mode": "variable", "value": row["repeat"]}
    return _with_grid(str(row.get("title", "")), layout, **keys)


def _item(panel: Json, top: int) -> Json:
    place = path(panel, "gridPos")
    item = kind_of(
        "GridLayoutItem",
        # Old dashboards have fractions, with which Grafana would refuse the whole document.
        x=int(place.get("x", 0)),
        y=int(place.get("y", 0)) - top,
        width=int(place.get("w", 6)),
        height=int(place.get("h", 3)),
        element=reference(panel),
    )
    if panel.get("repeat"):
        own = {key: panel[old] for key, old in REPEAT.items() if panel.get(old)}
        item["spec"]["repeat"] = {"mode": "variable", **own}
    return item


# Panels

_OF_PANELS = frozenset(
    {
        "datasource", "description", "fieldConfig", "gridPos", "id", "libraryPanel", "links",
        "maxPerRow", "options", "pluginVersion", "repeat", "repeatDirection", "targets", "title",
        "transformations", "transparent", "type", *QUERY_OPTIONS,
    }
)  # fmt: skip


def element_in_v2(panel: Json, version: str) -> Json:
    """The element of a panel."""
    named = {"id": panel.get("id", 0), "title": panel.get("title", "")}
    if "libraryPanel" in panel:
        library = {"name": "", "uid": "", **path(panel, "libraryPanel")}
        return kind_of("LibraryPanel", **named, libraryPanel=library)
    data = kind_of(
        "QueryGroup",
        queries=[_panel_query(target) for target in dicts(panel, "targets")],
        transformations=[
            _transformation(transformation, version)
            for transformation in dicts(panel, "transformations")
        ],
        queryOptions=_query_options(panel),
    )
    element = kind_of(
        "Panel",
        **named,
        description=panel.get("description", ""),
        links=panel.get("links", []),
        data=data,
        vizConfig=_visualization(panel),
    )
    if panel.get("transparent"):
        element["spec"]["transparent"] = True
    return element


_NUMBERS = ("maxDataPoints", "queryCachingTTL")


def _query_options(panel: Json) -> Json:
    options: Json = {key: panel[key] for key in QUERY_OPTIONS if key in panel}
    for key in _NUMBERS:
        if key in options:
            number = finite(options.pop(key))
            options |= {key: int(number)} if number else {}
    return options


def _field_config(panel: Json) -> Json:
    """The options of fields. Old dashboards have numbers as texts, with which Grafana would refuse
    the whole document."""
    config = path(panel, "fieldConfig")
    defaults = dict(path(config, "defaults"))
    for key in ("min", "max", "decimals"):
        if isinstance(defaults.get(key), str):
            number = finite(defaults.pop(key))
            defaults |= {} if number is None else {key: number}
    return {"overrides": [], **config, "defaults": defaults}


def _visualization(panel: Json) -> Json:
    options = dict(path(panel, "options"))
    config = _field_config(panel)
    kind = str(panel.get("type", ""))
    old = {key: value for key, value in panel.items() if key not in _OF_PANELS}
    type_ = _angular_type(kind, panel)
    if old or type_ != kind:
        # Grafana's own place for what a panel of Angular needs until it is migrated.
        options["__angularMigration"] = {"autoMigrateFrom": kind, "originalOptions": old}
    return {
        "kind": "VizConfig",
        "group": type_,
        "version": "",
        "spec": {"options": options, "fieldConfig": config},
    }


def _angular_type(kind: str, panel: Json) -> str:
    """The type of panel that today's Grafana shows in place of one of Angular
    (apps/dashboard/pkg/migration/schemaversion, GetAngularPanelMigration at 12.4)."""
    return type_in_place_of_graph(panel) if kind == "graph" else _ANGULAR.get(kind, kind)


_ANGULAR = {
    "grafana-piechart-panel": "piechart",
    "grafana-singlestat-panel": "stat",
    "grafana-worldmap-panel": "geomap",
    "natel-discrete-panel": "state-timeline",
    "singlestat": "stat",
    "table-old": "table",
}


def _panel_query(target: Json) -> Json:
    spec = {
        key: value for key, value in target.items() if key not in ("refId", "hide", "datasource")
    }
    return kind_of(
        "PanelQuery",
        query=_query(target, spec),
        refId=target.get("refId", "A"),
        hidden=bool(target.get("hide")),
    )


def _query(owner: Json, spec: Json) -> Json:
    """A query of the data source of its owner."""
    return {"kind": "DataQuery", **_reference(owner), "version": "v0", "spec": spec}


def _reference(owner: Json) -> Json:
    """The data source of a query: its type is the query's group, its uid the name there."""
    given = owner.get("datasource")
    # Grafana's own annotation names its data source as Grafana did before 8.3.
    ref = BUILT_IN.get(given, {"uid": given}) if isinstance(given, str) else given or {}
    named = {"group": str(ref.get("type") or "")}
    return {**named, "datasource": {"name": ref["uid"]}} if ref.get("uid") else named


def _transformation(given: Json, version: str) -> Json:
    id = str(given.get("id", ""))
    spec = {"options": {}, **{key: value for key, value in given.items() if key != "id"}}
    if version == "v2beta1":
        return {"kind": id, "spec": {"id": id, **spec}}
    return {"kind": "Transformation", "group": id, "spec": spec}


def adapted(spec: Json, version: str) -> Json:
    """A dashboard of v2beta1 or v2 in the other of these, which name transformations elsewhere."""
    elements = path(spec, "elements")
    return {
        **spec,
        "elements": {
            name: _adapted_element(element, version) for name, element in elements.items()
        },
    }


def _adapted_element(element: Any, version: str) -> Any:
    data = path(element, "spec", "data") if isinstance(element, dict) else {}
    given = dicts(path(data, "spec"), "transformations")
    if not given:
        return element
    transformations = [
        _transformation(
            {
                **path(transformation, "spec"),
                "id": transformation.get("group") or transformation.get("kind"),
            },
            version,
        )
        for transformation in given
    ]
    changed = {**data, "spec": {**path(data, "spec"), "transformations": transformations}}
    return {**element, "spec": {**element["spec"], "data": changed}}


# Variables and annotations


def _variables(given: Sequence[Json]) -> tuple[list[Json], list[str]]:
    known = [variable.get("type") in VARIABLES for variable in given]
    return (
        [
            variable_in_v2(variable)
            for variable, is_known in zip(given, known, strict=True)
            if is_known
        ],
        [f"templating.list[{index}]" for index, is_known in enumerate(known) if not is_known],
    )


def variable_in_v2(variable: Json) -> Json:
    """A variable of a type that v2 has."""
    type_ = variable["type"]
    kind, keys = VARIABLES[type_]
    required = {key: value for key, value in keys.items() if value is not None}
    given = {key: value for key, value in variable.items() if key in keys}
    # Grafana writes an empty text for what is not set, which v2 leaves out.
    unset: tuple[Any, ...] = (None, {}, "")
    spec = {**required, **{key: value for key, value in given.items() if value not in unset}}
    for key, words in (("hide", HIDE), ("refresh", REFRESH), ("sort", SORT)):
        if key in spec:
            spec[key] = word_of(words, spec[key])
    for key in ("current", "options", "staticOptions", "defaultValue"):
        if key in spec:
            spec[key] = _with_texts(spec[key])
    spec |= _SPECIAL[type_](variable, spec) if type_ in _SPECIAL else {}
    beside = _reference(variable) if type_ in ("adhoc", "groupby") else {}
    return {"kind": kind, **beside, "spec": spec}


def _with_texts(choice: Any) -> Any:
    """A choice, or a list of them, whose text and value are texts: v2 has no numbers there."""
    if isinstance(choice, list):
        return [_with_texts(option) for option in choice]
    if not isinstance(choice, dict):
        return choice
    texts = {key: _text(choice[key]) for key in ("text", "value") if key in choice}
    return {**choice, **texts}


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(text) for text in value]
    return "" if value is None else text_of(value)


def _of_query(variable: Json, _: Json) -> Json:
    asked = variable.get("query")
    query = asked if isinstance(asked, dict) else {TEXT: asked} if asked else {}
    return {"query": _query(variable, query)}


def _of_datasource(variable: Json, _: Json) -> Json:
    return {"pluginId": str(variable.get("query") or "")}


def _of_constant(_: Json, spec: Json) -> Json:
    text = spec["query"]
    return {"current": {"text": text, "value": text}} if spec["current"] == CURRENT else {}


def _of_switch(variable: Json, _: Json) -> Json:
    values = [str(option.get("value", "")) for option in dicts(variable, "options")]
    on, off = [*values, "true", "false"][:2] if len(values) > 1 else ("true", "false")
    current = str(path(variable, "current").get("value") or off)
    return {"current": current, "enabledValue": on, "disabledValue": off}


_SPECIAL: Mapping[str, Any] = {
    "query": _of_query,
    "datasource": _of_datasource,
    "constant": _of_constant,
    "switch": _of_switch,
}


def annotation_in_v2(annotation: Json, version: str) -> Json:
    """An annotation."""
    known = (*ANNOTATION, "builtIn", "datasource", "target")
    own = {key: annotation[key] for key in ANNOTATION if key in annotation}
    other = {key: value for key, value in annotation.items() if key not in known}
    spec: Json = {
        "enable": False,
        "hide": False,
        "iconColor": "",
        "name": "",
        **own,
        "query": _query(annotation, path(annotation, "target")),
    }
    if annotation.get("builtIn"):
        spec["builtIn"] = True
    if other:
        spec["legacyOptions"] = other
    return {"kind": "AnnotationQuery", "spec": spec}
