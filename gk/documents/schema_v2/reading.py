"""Reads dashboards of schema v2 as classic ones, which every Grafana loads. What a classic
dashboard cannot say is listed by its path."""

from __future__ import annotations

from typing import Any, NamedTuple

from gk.documents.parts import child, dicts, path
from gk.documents.schema_v2.layouts import placed
from gk.documents.schema_v2.words import (
    ANNOTATION,
    CURRENT,
    CURSOR_SYNC,
    HIDE,
    PICKER,
    QUERY_OPTIONS,
    REFRESH,
    SAME,
    SORT,
    TEXT,
    TIMES,
    VARIABLES,
    number_of,
)
from gk.documents.shapes import Json, fault_of

__all__ = ["Classic", "annotation_of", "classic", "panel_of", "variable_of"]


class Classic(NamedTuple):
    """A dashboard in the classic form, and the paths of what it lost."""

    body: Json
    lost: list[str]


def classic(spec: Json) -> Classic:
    """A dashboard of schema v2 as a classic one. Raises ValueError for one that is malformed, such
    as a layout that names an element that does not exist."""
    try:
        return _classic(spec)
    except (AttributeError, KeyError, TypeError, OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"it is malformed: {fault_of(error)}") from error


def _classic(spec: Json) -> Classic:
    elements = path(spec, "elements")

    def named(name: str) -> Json | None:
        element = elements.get(name)
        return panel_of(element) if isinstance(element, dict) else None

    panels, lost = placed(path(spec, "layout"), named)
    body = {
        **{key: spec[key] for key in SAME if key in spec},
        **_times(path(spec, "timeSettings")),
        "graphTooltip": number_of(CURSOR_SYNC, spec.get("cursorSync", "Off")),
        "panels": panels,
        "templating": {"list": [variable_of(variable) for variable in dicts(spec, "variables")]},
        "annotations": {"list": [annotation_of(query) for query in dicts(spec, "annotations")]},
        # The last classic version: what follows is in today's form.
        "schemaVersion": 42,
    }
    return Classic(body, lost)


def _times(given: Json) -> Json:
    times: Json = {
        "time": {"from": given.get("from", "now-6h"), "to": given.get("to", "now")},
    }
    times |= {old: given[key] for key, old in TIMES.items() if key in given}
    for key, old in PICKER.items():
        if key in given:
            child(times, "timepicker")[old] = given[key]
    return times


# Panels


def panel_of(element: Json) -> Json:
    """The classic panel of an element, without a position."""
    spec = path(element, "spec")
    named: Json = {key: spec[key] for key in ("id", "title", "description") if key in spec}
    if element.get("kind") == "LibraryPanel":
        return {**named, "libraryPanel": path(spec, "libraryPanel")}
    shown, data = path(spec, "vizConfig"), path(spec, "data", "spec")
    options = path(data, "queryOptions")
    panel: Json = {
        **named,
        "type": shown.get("group", ""),
        **path(shown, "spec"),
        "links": spec.get("links", []),
        "targets": [_target(query) for query in dicts(data, "queries")],
        "transformations": [_transformation(item) for item in dicts(data, "transformations")],
        **{key: options[key] for key in QUERY_OPTIONS if key in options},
    }
    if spec.get("transparent"):
        panel["transparent"] = True
    return panel | _angular(panel)


def _angular(panel: Json) -> Json:
    """The type and the keys of a panel of Angular, which v2 keeps among the options."""
    migration = path(panel["options"], "__angularMigration") if "options" in panel else {}
    if not migration:
        return {}
    options = {key: value for key, value in panel["options"].items() if key[:2] != "__"}
    return {
        **path(migration, "originalOptions"),
        "type": migration.get("autoMigrateFrom", panel["type"]),
        "options": options,
    }


def _target(query: Json) -> Json:
    spec = path(query, "spec")
    asked = path(spec, "query")
    target = {**_query(asked), "refId": spec.get("refId", "")}
    if spec.get("hidden"):
        target["hide"] = True
    return target | _reference(asked)


def _query(asked: Json) -> Json:
    """The keys of a query of any data source."""
    query = dict(path(asked, "spec"))
    if TEXT in query:
        query["query"] = query.pop(TEXT)
    return query


def _reference(asked: Json) -> Json:
    """The data source of a query: its type is the query's group, its uid the name there."""
    named = {"type": asked.get("group"), "uid": path(asked, "datasource").get("name")}
    ref = {key: value for key, value in named.items() if value}
    return {"datasource": ref} if ref else {}


def _transformation(item: Json) -> Json:
    # v2 names the transformation in `group`, v2beta1 in `kind`.
    id = item.get("group") or item.get("kind")
    spec = {key: value for key, value in path(item, "spec").items() if key != "id"}
    return {"id": id, **spec}


# Variables and annotations

_TYPES = {kind: type_ for type_, (kind, _) in VARIABLES.items()}
_UNSET: Json = {"auto_min": "", "auto_count": 0, "baseFilters": [], "defaultKeys": []}
"""Values that v2 requires of every variable of a kind, and a classic one leaves out."""


def variable_of(variable: Json) -> Json:
    """The classic form of a variable."""
    kind = str(variable.get("kind"))
    spec: Json = {
        key: value
        for key, value in path(variable, "spec").items()
        if (key not in _UNSET or value != _UNSET[key]) and (key != "current" or value != CURRENT)
    }
    if kind == "SwitchVariable":
        spec = _switch(spec)
    for key, words in (("hide", HIDE), ("refresh", REFRESH), ("sort", SORT)):
        if key in spec:
            spec[key] = number_of(words, spec[key])
    # Under another name in the classic form, or beside `spec`.
    asked = spec.pop("query", None)
    plugin = spec.pop("pluginId", None)
    classic_ = {**spec, "type": _TYPES.get(kind, kind)}
    if plugin is not None:
        classic_["query"] = plugin
    elif kind == "QueryVariable" and isinstance(asked, dict):
        query = path(asked, "spec")
        classic_ |= {"query": query.get(TEXT, dict(query)), **_reference(asked)}
    elif asked is not None:
        classic_["query"] = asked
    return classic_ | (_reference(variable) if kind in ("AdhocVariable", "GroupByVariable") else {})


def _switch(spec: Json) -> Json:
    """A switch, whose classic form lists its values: the one that is on comes first."""
    current = spec.pop("current", "")
    values = [spec.pop("enabledValue", "true"), spec.pop("disabledValue", "false")]
    return {
        **spec,
        "query": "",
        "current": _option(current or values[1]),
        "options": [_option(value) | {"selected": value == current} for value in values],
    }


def _option(value: Any) -> Json:
    return {"text": value, "value": value}


def annotation_of(annotation: Json) -> Json:
    """The classic form of an annotation."""
    spec = path(annotation, "spec")
    asked = path(spec, "query")
    query = _query(asked)
    classic_ = {
        **path(spec, "legacyOptions"),
        **{key: spec[key] for key in ANNOTATION if key in spec},
        **_reference(asked),
    }
    if spec.get("builtIn"):
        classic_ |= {"builtIn": 1, "type": "dashboard"}
    return {**classic_, "target": query} if query else classic_
