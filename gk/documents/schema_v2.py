"""Reads dashboards of schema v2 (Grafana 12 and 13: elements and a layout) as classic ones, which
every Grafana loads.

Classic dashboards have one grid, so tabs become rows, and automatic grids get the positions that
Grafana computes for them (apps/dashboard/pkg/migration/conversion/v2_to_v1_layout_conversion.md at
12.4). What a classic dashboard cannot say is listed by its path. The shapes are those of v2beta1
and v2; v2alpha1, which never left its feature toggle, names the types elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gk.documents.parts import child, dicts, path
from gk.documents.shapes import Json

__all__ = ["Classic", "classic", "is_v2"]

_COLUMNS = 24
_CELL_HEIGHT = 38
"""Pixels of a grid row, with its margin."""
_ROW_HEIGHTS = {"short": 5, "standard": 9, "tall": 14}
_TOOLTIPS = {"Off": 0, "Crosshair": 1, "Tooltip": 2}
_HIDE = {"dontHide": 0, "hideLabel": 1, "hideVariable": 2, "inControlsMenu": 3}
_REFRESH = {"never": 0, "onDashboardLoad": 1, "onTimeRangeChanged": 2}
_SORT = {
    name: number
    for number, name in enumerate(
        (
            "disabled",
            "alphabeticalAsc",
            "alphabeticalDesc",
            "numericalAsc",
            "numericalDesc",
            "alphabeticalCaseInsensitiveAsc",
            "alphabeticalCaseInsensitiveDesc",
            "naturalAsc",
            "naturalDesc",
        )
    )
}
_TEXT = "__legacyStringValue"
"""The key under which v2 keeps a query that is a text."""
_SAME = (
    "title",
    "description",
    "tags",
    "editable",
    "links",
    "liveNow",
    "preload",
)


class Classic(NamedTuple):
    """A dashboard in the classic form, and the paths of what it lost."""

    body: Json
    lost: list[str]


def is_v2(spec: Mapping[str, Any]) -> bool:
    """Whether this is a dashboard of schema v2, out of its envelope."""
    return {"elements", "layout"} <= spec.keys()


def classic(spec: Json) -> Classic:
    """A dashboard of schema v2 as a classic one. Raises ValueError for one that is malformed, such
    as a layout that names an element that does not exist."""
    try:
        return _classic(spec)
    except (AttributeError, KeyError, TypeError, OverflowError, ZeroDivisionError) as error:
        message = f"it is malformed: {type(error).__name__}: {error}"
        raise ValueError(message) from error


def _classic(spec: Json) -> Classic:
    layout = _Layout(path(spec, "elements"))
    panels = layout.panels(path(spec, "layout"), "layout", 0)
    body = {
        **{key: spec[key] for key in _SAME if key in spec},
        **_times(path(spec, "timeSettings")),
        "graphTooltip": _TOOLTIPS.get(str(spec.get("cursorSync")), 0),
        "panels": panels,
        "templating": {"list": [_variable(variable) for variable in dicts(spec, "variables")]},
        "annotations": {"list": [_annotation(query) for query in dicts(spec, "annotations")]},
        # The last classic version: what follows is in today's form.
        "schemaVersion": 42,
    }
    return Classic(body, layout.lost)


def _times(given: Json) -> Json:
    times: Json = {
        "time": {"from": given.get("from", "now-6h"), "to": given.get("to", "now")},
    }
    for key, old in (
        ("autoRefresh", "refresh"),
        ("timezone", "timezone"),
        ("weekStart", "weekStart"),
        ("fiscalYearStartMonth", "fiscalYearStartMonth"),
    ):
        if key in given:
            times[old] = given[key]
    for key, old in (
        ("autoRefreshIntervals", "refresh_intervals"),
        ("hideTimepicker", "hidden"),
        ("nowDelay", "nowDelay"),
        ("quickRanges", "quick_ranges"),
    ):
        if key in given:
            child(times, "timepicker")[old] = given[key]
    return times


# Panels


class _Layout:
    """Places the elements of a dashboard on one grid, and collects what that loses."""

    def __init__(self, elements: Json) -> None:
        self._elements = elements
        self.lost: list[str] = []

    def panels(self, layout: Json, where: str, top: int) -> list[Json]:
        """The panels of a layout of any kind, from the line `top` of the grid on."""
        spec = path(layout, "spec")
        match layout.get("kind"):
            case "GridLayout":
                return [
                    self._panel(item, f"{where}.spec.items[{index}]", top)
                    for index, item in enumerate(dicts(spec, "items"))
                ]
            case "AutoGridLayout":
                return list(self._automatic(spec, where, top))
            case "RowsLayout":
                return list(self._rows(dicts(spec, "rows"), f"{where}.spec.rows", top))
            case "TabsLayout":
                return list(self._rows(dicts(spec, "tabs"), f"{where}.spec.tabs", top))
        kind = layout.get("kind")
        raise ValueError(f"{where}.kind is {kind!r}, which is not a layout of v2beta1 or v2")

    def _panel(self, item: Json, where: str, top: int) -> Json:
        spec = path(item, "spec")
        panel = self._element(spec, where)
        x, y, width, height = (spec.get(key, 0) for key in ("x", "y", "width", "height"))
        panel["gridPos"] = {"x": x, "y": top + y, "w": width, "h": height}
        return panel | _repeat(path(spec, "repeat"))

    def _element(self, spec: Json, where: str) -> Json:
        name = path(spec, "element").get("name")
        element = self._elements.get(str(name))
        if not isinstance(element, dict):
            message = f"{where} shows the element '{name}', which does not exist"
            raise ValueError(message)  # noqa: TRY004 (a mistake in a document)
        self._lose(spec, where)
        return _panel(element)

    def _automatic(self, spec: Json, where: str, top: int) -> Iterator[Json]:
        columns = int(spec.get("maxColumnCount") or 3)
        width, height = _COLUMNS // columns, _row_height(spec)
        x, y = 0, top
        for index, item in enumerate(dicts(spec, "items")):
            own = path(item, "spec")
            panel = self._element(own, f"{where}.spec.items[{index}]")
            panel["gridPos"] = {"x": x, "y": y, "w": width, "h": height}
            if repeat := path(own, "repeat"):
                panel |= _repeat({**repeat, "maxPerRow": columns})
            yield panel
            x += width
            if x >= _COLUMNS:
                x, y = 0, y + height

    def _rows(self, rows: Sequence[Json], where: str, top: int) -> Iterator[Json]:
        for index, row in enumerate(rows):
            spec, place = path(row, "spec"), f"{where}[{index}]"
            self._lose(spec, place)
            has_header = not spec.get("hideHeader")
            inside = self.panels(
                path(spec, "layout"), f"{place}.spec.layout", top + int(has_header)
            )
            is_collapsed = bool(spec.get("collapse")) and has_header
            if has_header:
                yield _row(spec, top, inside if is_collapsed else [])
                top += 1
            if not is_collapsed:
                yield from inside
                top = max([top, *map(_bottom, inside)])

    def _lose(self, spec: Json, where: str) -> None:
        for key in ("conditionalRendering", "variables"):
            if spec.get(key):
                self.lost.append(f"{where}.spec.{key}")


def _row_height(spec: Json) -> int:
    if spec.get("rowHeightMode") == "custom" and spec.get("rowHeight"):
        return math.ceil(float(spec["rowHeight"]) / _CELL_HEIGHT)
    return _ROW_HEIGHTS.get(str(spec.get("rowHeightMode")), _ROW_HEIGHTS["standard"])


def _row(spec: Json, top: int, inside: list[Json]) -> Json:
    row: Json = {
        "type": "row",
        "title": spec.get("title", ""),
        "collapsed": bool(spec.get("collapse")),
        "gridPos": {"x": 0, "y": top, "w": _COLUMNS, "h": 1},
        "panels": inside,
    }
    repeat = path(spec, "repeat").get("value")
    return {**row, "repeat": repeat} if repeat else row


def _bottom(panel: Json) -> int:
    place = panel["gridPos"]
    return int(place["y"] + place["h"])


def _repeat(given: Json) -> Json:
    names = {"value": "repeat", "direction": "repeatDirection", "maxPerRow": "maxPerRow"}
    return {old: given[key] for key, old in names.items() if given.get(key)}


def _panel(element: Json) -> Json:
    spec = path(element, "spec")
    named: Json = {key: spec[key] for key in ("id", "title", "description") if key in spec}
    if element.get("kind") == "LibraryPanel":
        return {**named, "libraryPanel": path(spec, "libraryPanel")}
    shown, data = path(spec, "vizConfig"), path(spec, "data", "spec")
    targets = [_target(query) for query in dicts(data, "queries")]
    panel: Json = {
        **named,
        "type": shown.get("group", ""),
        **path(shown, "spec"),
        "links": spec.get("links", []),
        "targets": targets,
        "transformations": [_transformation(item) for item in dicts(data, "transformations")],
        **path(data, "queryOptions"),
    }
    if spec.get("transparent"):
        panel["transparent"] = True
    return panel


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
    if _TEXT in query:
        query["query"] = query.pop(_TEXT)
    return query


def _reference(asked: Json) -> Json:
    """The data source of a query: its type is the query's group, its uid the name there."""
    named = {"type": asked.get("group"), "uid": path(asked, "datasource").get("name")}
    ref = {key: value for key, value in named.items() if value}
    return {"datasource": ref} if ref else {}


def _transformation(item: Json) -> Json:
    # v2beta1 and v2 name the transformation in `group`, the first betas in `kind`.
    id = item.get("group") or item.get("kind")
    spec = {key: value for key, value in path(item, "spec").items() if key != "id"}
    return {"id": id, **spec}


# Variables and annotations

_TYPES = {
    "QueryVariable": "query",
    "TextVariable": "textbox",
    "ConstantVariable": "constant",
    "DatasourceVariable": "datasource",
    "IntervalVariable": "interval",
    "CustomVariable": "custom",
    "GroupByVariable": "groupby",
    "AdhocVariable": "adhoc",
    "SwitchVariable": "switch",
}


def _variable(variable: Json) -> Json:
    kind = str(variable.get("kind"))
    spec = dict(path(variable, "spec"))
    for key, numbers in (("hide", _HIDE), ("refresh", _REFRESH), ("sort", _SORT)):
        if key in spec:
            spec[key] = numbers.get(spec[key], spec[key])
    # Under another name in the classic form, or beside `spec`.
    asked = spec.pop("query", None)
    plugin = spec.pop("pluginId", None)
    classic_ = {**spec, "type": _TYPES.get(kind, kind)}
    if plugin is not None:
        classic_["query"] = plugin
    elif kind == "QueryVariable" and isinstance(asked, dict):
        query = path(asked, "spec")
        classic_ |= {"query": query.get(_TEXT, dict(query)), **_reference(asked)}
    elif asked is not None:
        classic_["query"] = asked
    return classic_ | (_reference(variable) if kind in ("AdhocVariable", "GroupByVariable") else {})


def _annotation(annotation: Json) -> Json:
    spec = path(annotation, "spec")
    asked = path(spec, "query")
    query = _query(asked)
    kept = ("name", "enable", "hide", "iconColor", "filter", "mappings")
    classic_ = {
        **path(spec, "legacyOptions"),
        **{key: spec[key] for key in kept if key in spec},
        **_reference(asked),
    }
    if spec.get("builtIn"):
        classic_ |= {"builtIn": 1, "type": "dashboard"}
    return {**classic_, "target": query} if query else classic_
