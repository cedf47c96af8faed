"""Makes of an Angular graph the panel that Grafana 12 and later show in its place: a time series,
or a bar chart, a bar gauge or a histogram if the graph's x-axis has that mode.

Grafana does so in the browser when it opens the dashboard, and keeps the new panel when somebody
saves. Older versions draw the graph itself, so `gk build` leaves it alone; this module serves
comparisons.

What today's panels cannot say is lost here as it is in Grafana: the order of the legend, the
decimals of its values, aligned axes, `zindex`, steps and null values of single series. Two keys
stay that Grafana 12 no longer reads: a graph's own `alert` (before Grafana 11) and
`options.dataLinks` (before 7.1).

Facts are from Grafana 12.4: getPanelPluginToMigrateTo.ts (types), timeseries/migrations.ts,
barchart/migrations.ts, histogram/migrations.ts and SingleStatBaseOptions.ts (bar gauge). Grafana
then drops the field options that the new panel does not know (getPanelOptionsWithDefaults.ts).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from gk.documents.defaults import GRAPH_KEYS
from gk.documents.parts import child, dicts, every_panel, finite, path, without_none
from gk.documents.shapes import PANEL, Json, Shape, wrong_part

__all__ = ["replace_graphs", "type_in_place_of_graph"]

_GRAPH: Shape = {
    **{key: PANEL[key] for key in ("fieldConfig", "options", "title")},
    "aliasColors": dict,
    "legend": dict,
    "seriesOverrides": [{"alias": str}],
    "thresholds": [dict],
    "timeRegions": [dict],
    "tooltip": dict,
    "xaxis": {"values": [str]},
    "yaxes": [dict],
    "yaxis": dict,
}
"""The parts of a graph that have a shape. In another shape a graph stays as it is, so that a
comparison shows it whole."""


def replace_graphs(body: Json) -> None:
    """Replace the graphs of a dashboard in place. Their time regions become annotations."""
    regions = [region for panel in every_panel(body) for region in _replaced(panel)]
    if regions:
        annotations = child(body, "annotations")
        annotations["list"] = [*dicts(annotations, "list"), *regions]


def type_in_place_of_graph(graph: Json) -> str:
    """Return the type of the panel that Grafana shows in place of a graph."""
    mode = path(graph, "xaxis").get("mode")
    if mode == "series":
        return "bargauge" if path(graph, "legend").get("values") else "barchart"
    return "histogram" if mode == "histogram" else "timeseries"


def _replaced(panel: Json) -> list[Json]:
    """Replace one graph in place, and return the annotations for its time regions."""
    # Grafana 12 hands out a graph under its new type, with this note for the browser.
    if "graph" not in (panel.get("type"), panel.get("autoMigrateFrom")):
        return []
    for key in _GRAPH.keys() & panel.keys():
        if panel[key] in (False, 0, ""):
            del panel[key]
    if wrong_part(panel, _GRAPH):
        return []
    graph = {key: panel.pop(key) for key in GRAPH_KEYS & panel.keys()}
    panel["type"] = type_in_place_of_graph(graph)
    panel.setdefault("title", "")
    _MADE[panel["type"]](panel, graph)
    return _time_regions(panel, graph) if panel["type"] == "timeseries" else []


def _bar_chart(panel: Json, graph: Json) -> None:
    child(panel, "options")["groupWidth"] = 1
    values = path(graph, "xaxis").get("values")
    reducers = ["sum"] if values is None else _reducers(values)
    # In place of transformations that the graph had (VizPanel.tsx of grafana/scenes).
    panel["transformations"] = [
        {"id": "reduce", "options": {"reducers": reducers}},
        {"id": "transpose", "options": {}},
    ]
    hidden = _rule("byName", "Field", ("custom.axisPlacement", "hidden"))
    config = child(panel, "fieldConfig")
    config["overrides"] = [*dicts(config, "overrides"), hidden]


def _bar_gauge(panel: Json, graph: Json) -> None:
    child(child(panel, "fieldConfig"), "defaults")["color"] = {"mode": "palette-classic"}
    calcs = _reducers(path(graph, "xaxis").get("values") or ())
    child(panel, "options").update(
        orientation="auto",
        reduceOptions={"values": False, "calcs": calcs},
        legend=_legend(path(graph, "legend")),
    )


def _histogram(panel: Json, graph: Json) -> None:
    panel["fieldConfig"] = {"defaults": {"custom": _stacking(graph)}, "overrides": []}
    child(panel, "options").update(legend=_legend(None), tooltip=_tooltip({}), combine=False)


def _time_series(panel: Json, graph: Json) -> None:
    config = path(panel, "fieldConfig")
    left, right = _axis(graph, 0), _axis(graph, 1)
    defaults = {**path(config, "defaults"), **left}
    overrides = [
        *dicts(config, "overrides"),
        *_colors_of_aliases(path(graph, "aliasColors")),
        *_rules_of_series(graph, defaults, right),
        *_hidden_in_legend(path(graph, "legend")),
        *_hidden_time_axis(path(graph, "xaxis")),
    ]
    defaults["custom"] = {**path(defaults, "custom"), **_style(graph)}
    defaults |= _thresholds(dicts(graph, "thresholds"), defaults["custom"])
    if graph.get("stack") and graph.get("percentage") and "yaxis" in graph:
        # Of the values in percent, a time series takes the limits itself.
        for key in ("min", "max", *(("decimals",) if defaults.get("decimals") == 0 else ())):
            defaults.pop(key, None)
    panel["fieldConfig"] = {"defaults": defaults, "overrides": overrides}
    child(panel, "options").update(
        legend=_legend(graph.get("legend")), tooltip=_tooltip(path(graph, "tooltip"))
    )


_MADE: Mapping[str, Callable[[Json, Json], None]] = {
    "barchart": _bar_chart,
    "bargauge": _bar_gauge,
    "histogram": _histogram,
    "timeseries": _time_series,
}


# Axes and style


def _axis(graph: Json, index: int) -> Json:
    """Return the field options of the left (0) or the right y-axis (1); empty without that one."""
    axes = dicts(graph, "yaxes")
    if index >= len(axes):
        return {}
    axis = axes[index]
    custom: Json = {"axisPlacement": "auto" if axis.get("show") else "hidden"}
    if axis.get("label"):
        custom["axisLabel"] = axis["label"]
    if axis.get("logBase") in (2, 10):
        custom["scaleDistribution"] = {"type": "log", "log": axis["logBase"]}
    limits = {key: _limit(axis.get(key)) for key in ("decimals", "min", "max")}
    return without_none({"unit": axis.get("format"), **limits, "custom": custom})


def _limit(value: object) -> float | None:
    # JavaScript's Number("") is 0.
    return 0 if isinstance(value, str) and not value.strip() else finite(value)


def _style(graph: Json) -> Json:
    """Return the custom field options for lines, bars, points and what fills them."""
    draw = "bars" if graph.get("bars") else "line" if graph.get("lines") else "points"
    points: Json = {} if draw == "points" else {"showPoints": "never"}
    if graph.get("points"):
        radius = _number(graph, "pointradius")
        points = {"pointSize": _point_size(radius), "showPoints": "always"}
    return without_none(
        {
            "drawStyle": draw,
            "fillOpacity": _fill_opacity(graph, draw),
            "gradientMode": "opacity" if _gradient(graph) else None,
            "lineInterpolation": "stepAfter" if graph.get("steppedLine") else None,
            "lineStyle": _dashes(graph, {}) if graph.get("dashes") else None,
            "lineWidth": graph.get("linewidth"),
            "spanNulls": graph.get("nullPointMode") == "connected",
            **points,
            **_stacking(graph),
        }
    )


def _fill_opacity(graph: Json, draw: str) -> float | None:
    """Return an opacity in percent; a graph has it in tenths."""
    if draw == "bars":
        return 100
    if gradient := _gradient(graph):
        return _tenths(gradient)
    if any(
        override.get("alias") and "fillBelowTo" in override
        for override in dicts(graph, "seriesOverrides")
    ):
        # The area between two series had this opacity, whatever the graph said.
        return 35
    return _tenths(_number(graph, "fill"))


def _gradient(graph: Json) -> float:
    return max(_number(graph, "fillGradient") or 0, 0)


def _stacking(graph: Json) -> Json:
    mode = "percent" if graph.get("percentage") else "normal"
    return {"stacking": {"group": "A", "mode": mode}} if graph.get("stack") else {}


def _dashes(graph: Json, series: Json) -> Json:
    """Return the line style of a series: what it does not say, the graph says."""
    own = {**graph, **series}
    return {
        "fill": "dash" if own.get("dashes") else "solid",
        "dash": [own.get("dashLength", 10), own.get("spaceLength", 10)],
    }


# Series


def _colors_of_aliases(colors: Json) -> Iterable[Json]:
    for alias in _in_order(colors):
        if colors[alias]:
            yield _rule("byName", alias, ("color", _fixed(colors[alias])))


# A regular expression has delimiters, and perhaps flags.
_REGEX = re.compile(r"([/~@;%#'])(.*?)\1[gimsuy]*")
_DASHES = ("dashLength", "dashes", "spaceLength")


def _rules_of_series(graph: Json, left: Json, right: Json) -> Iterable[Json]:
    for series in dicts(graph, "seriesOverrides"):
        if alias := series.get("alias"):
            matcher = "byRegexp" if _REGEX.fullmatch(alias) else "byName"
            options = list(_options_of_series(graph, series, left, right))
            if options:
                yield _rule(matcher, alias, *options)


def _options_of_series(
    graph: Json, series: Json, left: Json, right: Json
) -> Iterable[tuple[str, Any]]:
    """Yield field options and their values; those of keys without a meaning today are left out."""
    for key in _in_order(series):
        if key == "yaxis" and series[key] == 2:
            yield from _right_axis(left, right)
        elif key in _SERIES:
            yield from _SERIES[key](series[key])
    if not series.keys().isdisjoint(_DASHES):
        yield "custom.lineStyle", _dashes(graph, series)


def _right_axis(left: Json, right: Json) -> Iterable[tuple[str, Any]]:
    """Yield what a series on the right axis has that those on the left have not."""
    for key, value in right.items():
        if key != "custom" and value != left.get(key):
            yield key, value
    yield "custom.axisPlacement", "right"
    for key, value in path(right, "custom").items():
        # Grafana compares objects by identity, so a scale always differs.
        if value != path(left, "custom").get(key) or isinstance(value, dict):
            yield f"custom.{key}", value


Options: TypeAlias = Sequence[tuple[str, Any]]


def _bars(value: Any) -> Options:
    if value:
        return [("custom.drawStyle", "bars"), ("custom.fillOpacity", 100)]
    return [("custom.drawStyle", "line")]


def _opacity(value: Any) -> Options:
    tenths = _tenths(finite(value))
    return [] if tenths is None else [("custom.fillOpacity", tenths)]


def _radius(value: Any) -> Options:
    size = _point_size(finite(value))
    return [] if size is None else [("custom.pointSize", size)]


def _stack(value: Any) -> Options:
    group = value if isinstance(value, str) else "A"
    return [("custom.stacking", {"group": group, "mode": "normal" if value else "none"})]


def _transform(value: Any) -> Options:
    return [("custom.transform", "negative-Y" if value == "negative-Y" else "constant")]


_SERIES: Mapping[str, Callable[[Any], Options]] = {
    "bars": _bars,
    "color": lambda value: [("color", _fixed(value))],
    "fill": _opacity,
    "fillBelowTo": lambda value: [("custom.fillBelowTo", value)],
    # Grafana also writes an option that its time series does not have, and drops it again.
    "fillGradient": lambda value: _opacity(value) if value else [],
    "lines": lambda value: [("custom.drawStyle", "line") if value else ("custom.lineWidth", 0)],
    "linewidth": lambda value: [("custom.lineWidth", value)],
    "pointradius": _radius,
    "points": lambda value: [("custom.showPoints", "always" if value else "never")],
    "stack": _stack,
    "transform": _transform,
}
"""The field options for what a graph says of single series."""


# Legend, tooltip, x-axis

_REDUCERS: Mapping[str, str] = {
    "avg": "mean",
    "count": "count",
    "current": "lastNotNull",
    "max": "max",
    "min": "min",
    "total": "sum",
}
"""Today's names of the calculations that a graph offered (aliasIds in fieldReducer.ts)."""


def _reducers(names: Iterable[str]) -> list[str]:
    return [_REDUCERS[name] for name in names if name in _REDUCERS]


def _legend(old: Json | None) -> Json:
    """Return the legend's options; a graph that does not say anything of its legend has one."""
    legend: Json = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
    if old is None:
        return legend
    if not old.get("show"):
        legend["showLegend"] = False
    elif old.get("alignAsTable"):
        legend["displayMode"] = "table"
    if old.get("rightSide"):
        legend["placement"] = "right"
    if old.get("values"):
        legend["calcs"] = _reducers(key for key in _in_order(old) if old[key])
    if old.get("sideWidth"):
        legend["width"] = old["sideWidth"]
    return legend


def _hidden_in_legend(legend: Json) -> Iterable[Json]:
    """Yield the rules that hide series without any value, or of zeros, in legend and tooltip."""
    for key, reducer in (("hideZero", "allIsZero"), ("hideEmpty", "allIsNull")):
        if legend.get(key):
            hidden = {"legend": True, "tooltip": True, "viz": False}
            matched = {"op": "gte", "reducer": reducer, "value": 0}
            yield _rule("byValue", matched, ("custom.hideFrom", hidden))


def _tooltip(old: Json) -> Json:
    if not old.get("shared"):
        return {"mode": "single", "sort": "none"}
    sort = old.get("sort")
    return {"mode": "multi", "sort": "asc" if sort == 1 else "desc" if sort == 2 else "none"}


def _hidden_time_axis(axis: Json) -> Iterable[Json]:
    if axis.get("show") is False and axis.get("mode") == "time":
        yield _rule("byType", "time", ("custom.axisPlacement", "hidden"))


# Thresholds, time regions


def _thresholds(old: list[Json], custom: Json) -> Json:
    """Return the field option for thresholds, if there are any, and set in `custom` how they are
    drawn. Those of the right axis count as those of the left."""
    if not old:
        return {}
    is_area = any(threshold.get("fill") for threshold in old)
    is_line = any(threshold.get("line") for threshold in old)
    mode = "line+area" if is_area and is_line else "area" if is_area else "line"
    custom["thresholdsStyle"] = {"mode": mode}
    return {"thresholds": {"mode": "absolute", "steps": _steps(old)}}


def _steps(old: list[Json]) -> list[Json]:
    """Return steps, each of which colours the values from its own up to the next. A `gt` colours
    those above it, an `lt` those below; the others are clear."""
    # Grafana's sort turns equal ones round.
    turned = old[::-1]
    ordered = sorted(turned, key=_bound)
    drawn = [threshold for threshold in ordered if threshold.get("op") in ("gt", "lt")]
    if not drawn:
        return []
    base = _color(drawn[0]) if drawn[0]["op"] == "lt" else _CLEAR
    steps = [{**without_none({"color": base}), "value": None}]
    for threshold, following in zip(ordered, [*ordered[1:], {}], strict=True):
        if threshold.get("op") == "gt":
            color = _color(threshold)
        elif threshold.get("op") == "lt":
            color = _color(following) if following.get("op") == "lt" else _CLEAR
        else:
            continue
        steps.append(without_none({"color": color, "value": threshold.get("value")}))
    return steps


_CLEAR = "transparent"


def _bound(threshold: Json) -> float:
    value = finite(threshold.get("value"))
    return -math.inf if value is None else value


def _color(threshold: Json) -> object:
    if threshold.get("colorMode") == "custom":
        return threshold.get("fillColor") or threshold.get("lineColor")
    return "orange" if threshold.get("colorMode") == "warning" else "red"


def _time_regions(panel: Json, graph: Json) -> list[Json]:
    """Return the annotations that mark the time regions of a graph."""
    return [
        _annotation(panel, region, index)
        for index, region in enumerate(dicts(graph, "timeRegions"))
        if region.get("fill") or region.get("line")
    ]


def _annotation(panel: Json, region: Json, index: int) -> Json:
    color: object = "white"
    if region.get("fill"):
        mode = region.get("colorMode")
        color = region.get("fillColor") if mode == "custom" else mode
    # A graph had its regions in UTC.
    times = {key: region.get(key) for key in ("from", "fromDayOfWeek", "to", "toDayOfWeek")}
    target = {
        "queryType": "timeRegions",
        "refId": "Anno",
        "timeRegion": without_none({**times, "timezone": "utc"}),
    }
    return without_none(
        {
            "datasource": {"type": "datasource", "uid": "grafana"},
            "enable": True,
            "filter": {"exclude": False, "ids": [panel["id"]] if "id" in panel else []},
            "hide": True,
            "iconColor": color,
            "name": f"Time region for panel {panel['title']}{f' {index}' if index else ''}",
            "target": target,
        }
    )


# Values


def _rule(matcher: str, matched: object, *options: tuple[str, Any]) -> Json:
    """Return an override."""
    return {
        "matcher": {"id": matcher, "options": matched},
        "properties": [{"id": id, "value": value} for id, value in options],
    }


def _fixed(color: object) -> Json:
    return {"fixedColor": color, "mode": "fixed"}


def _tenths(value: float | None) -> float | None:
    """Return tenths in percent."""
    return None if value is None else finite(value * 10)


def _point_size(radius: float | None) -> float | None:
    return None if radius is None else finite(2 + radius * 2)


def _number(owner: Json, key: str) -> float | None:
    """Return a number; None for anything else, also for a number as text."""
    value = owner.get(key)
    return None if isinstance(value, str) else finite(value)


def _in_order(keys: Iterable[str]) -> list[str]:
    """Return the keys of an object as the browser sees them: sorted by Grafana's server, and those
    that are whole numbers first, by JavaScript."""
    return sorted(keys, key=lambda key: (0, int(key), "") if _is_index(key) else (1, 0, key))


def _is_index(key: str) -> bool:
    return len(key) < 11 and key.isascii() and key.isdecimal() and str(int(key)) == key
