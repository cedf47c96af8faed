"""Brings a panel from the shape that grafanalib 0.7.1 or an old Grafana gives it to the one that
Grafana writes today.

None of this depends on schemaVersion: the shape is wrong at every version, or a panel plugin
changes it when it loads. In newer Grafana, a plugin no longer sees the keys beside `options` if
`options` has any key (on main: dashboard-scene/serialization/angularMigration.ts), so this module
moves what old panels keep there.

Some panels stay as they are, because Grafana changes them by their type and needs the old keys for
that: graph, table-old, grafana-piechart-panel, grafana-worldmap-panel (autoMigrateAngular in
PanelModel.ts on main; 9.3 still has the first two). For comparisons, gk.documents.graphs replaces
graphs. singlestat is changed here: 9.3 has no such panel, and makes it a stat only below
schemaVersion 28.

Cited files are Grafana's at v9.3.2 unless another version is named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gk.documents.field_options import repair_thresholds, upgrade_mappings
from gk.documents.parts import child, dicts, finite, move, path, text_of
from gk.documents.shapes import Json
from gk.documents.stats import bargauge, gauge, singlestat, stat

__all__ = ["add_display_modes", "cell_options", "modernise"]


_CONTAINERS = frozenset(
    {"datasource", "fieldConfig", "gridPos", "links", "options", "targets", "transformations"}
)


def modernise(panel: Json) -> None:
    """Repair one panel in place, without the panels inside a row: the caller visits these, too."""
    for key in _CONTAINERS & panel.keys():
        # Grafana reads `false` and the like as missing.
        if panel[key] in (False, 0, ""):
            del panel[key]
    kind = panel.get("type")
    repair = _REPAIRS.get(kind) if isinstance(kind, str) else None
    if repair is not None:
        repair(panel)
    repair_thresholds(panel)
    upgrade_mappings(panel)


# Heatmap

_HEATMAP_KEYS = (
    "cards", "color", "dataFormat", "heatmap", "hideZeroBuckets", "highlightCards", "legend",
    "reverseYBuckets", "tooltip", "tooltipDecimals", "xAxis", "xBucketNumber", "xBucketSize",
    "yAxis", "yBucketBound", "yBucketNumber", "yBucketSize",
)  # fmt: skip
_CELL_LAYOUTS = {"upper": "ge", "lower": "le", "middle": "unknown"}
# panel/heatmap/palettes.ts
_COLOR_SCHEMES = {
    "BrBG", "PiYG", "PRGn", "PuOr", "RdBu", "RdGy", "RdYlBu", "RdYlGn", "Spectral", "Blues",
    "Greens", "Greys", "Oranges", "Purples", "Reds", "Turbo", "Cividis", "Viridis", "Magma",
    "Inferno", "Plasma", "Warm", "Cool", "Cubehelix", "BuGn", "BuPu", "GnBu", "OrRd", "PuBuGn",
    "PuBu", "PuRd", "RdPu", "YlGnBu", "YlGn", "YlOrBr", "YlOrRd", "Rainbow", "Sinebow",
}  # fmt: skip


def _heatmap(panel: Json) -> None:
    """Convert an Angular heatmap, from before Grafana 9.1 and from grafanalib
    (panel/heatmap/migrations.ts)."""
    if panel.get("options"):
        # What is left of an Angular one, which nothing reads any more.
        for key in _HEATMAP_KEYS:
            panel.pop(key, None)
        return
    if not ("dataFormat" in panel or "yAxis" in panel):
        return
    old = {key: panel.pop(key, None) for key in _HEATMAP_KEYS}
    path(panel, "fieldConfig", "defaults").pop("thresholds", None)
    legend, tooltip = path(old, "legend"), path(old, "tooltip")
    padding: Any = path(old, "cards").get("cardPadding")
    # Grafana 9 reads `show`, newer ones `mode` and turn `show` into it. grafanalib's Tooltip has no
    # `show`: Angular showed it then, Grafana's own migration hides it.
    hidden = {"mode": "none", "show": False}
    panel["options"] = {
        **_calculation(old),
        "cellGap": 2 if padding in (None, "") else finite(padding) or 1,
        "color": _heatmap_color(path(old, "color")),
        "legend": {"show": bool(legend.get("show"))},
        "rowsFrame": {"layout": _CELL_LAYOUTS.get(str(old["yBucketBound"]), "auto")},
        "showValue": "never",
        "tooltip": hidden if tooltip.get("show") is False else {"mode": "single"},
        "yAxis": _heatmap_axis(path(old, "yAxis"), reverse=bool(old["reverseYBuckets"])),
    }
    if tooltip.get("showHistogram"):
        panel["options"]["tooltip"]["yHistogram"] = True


def _calculation(old: Json) -> Json:
    if old["dataFormat"] == "tsbuckets":
        return {"calculate": False}
    axis = path(old, "yAxis")
    buckets = {name: _buckets(old, name) for name in ("xBuckets", "yBuckets")}
    base = finite(axis.get("logBase")) or 1
    if base > 1:
        buckets["yBuckets"] = {"mode": "count", "scale": {"type": "log", "log": base}}
        if finite(axis.get("splitFactor")):
            buckets["yBuckets"]["value"] = text_of(axis["splitFactor"])
    return {
        "calculate": True,
        "calculation": {name: value for name, value in buckets.items() if value},
    }


def _buckets(old: Json, name: str) -> Json:
    """Return the number or the size of buckets, if set: `xBucketSize` and `xBucketNumber` for
    `xBuckets`."""
    stem = name.removesuffix("s")
    for mode, key in (("size", f"{stem}Size"), ("count", f"{stem}Number")):
        if old[key]:
            return {"mode": mode, "value": text_of(old[key])}
    return {}


def _heatmap_color(old: Json) -> Json:
    # 128 steps come nearest to Angular's continuous colors.
    color: Json = {"mode": "scheme", "scheme": "Oranges", "steps": 128}
    if old.get("mode") == "opacity":
        scale = "linear" if old.get("colorScale") == "linear" else "exponential"
        color = {"mode": "opacity", "scale": scale, "steps": 128}
        move(dict(old), color, {"cardColor": "fill", "exponent": "exponent"})
    else:
        scheme = str(old.get("colorScheme")).removeprefix("interpolate").removesuffix("Default")
        color["scheme"] = scheme if scheme in _COLOR_SCHEMES else "Oranges"
    low, high = finite(old.get("min")), finite(old.get("max"))
    if low is not None and high is not None and low > high:
        low, high, color["reverse"] = high, low, True
    return {
        **color,
        **{key: value for key, value in (("min", low), ("max", high)) if value is not None},
    }


def _heatmap_axis(old: Json, *, reverse: bool) -> Json:
    axis = {
        "axisPlacement": "hidden" if old.get("show") is False else "left",
        "axisWidth": finite(old.get("width")),
        "decimals": finite(old.get("decimals")),
        "max": finite(old.get("max")),
        "min": finite(old.get("min")),
        "reverse": reverse or None,
        "unit": old.get("format"),
    }
    return {key: value for key, value in axis.items() if value is not None}


# Table, text, lists, rows

_CELLS = {
    "basic": {"type": "gauge", "mode": "basic"},
    "gradient-gauge": {"type": "gauge", "mode": "gradient"},
    "lcd-gauge": {"type": "gauge", "mode": "lcd"},
    "color-background": {"type": "color-background", "mode": "gradient"},
    "color-background-solid": {"type": "color-background", "mode": "basic"},
}


def cell_options(panel: Json) -> None:
    """Convert a table's `displayMode` to the `cellOptions` of Grafana 9.5 (schemaVersion 38),
    unless it has both."""
    if panel.get("type") != "table":
        return
    custom = path(panel, "fieldConfig", "defaults", "custom")
    if "displayMode" in custom and "cellOptions" not in custom:
        cell = _cell(custom.pop("displayMode"))
        if cell:
            custom["cellOptions"] = cell
    for rule in _rules(panel):
        options = dicts(rule, "properties")
        has_cell = any(option.get("id") == "custom.cellOptions" for option in options)
        for option in options:
            if option.get("id") == "custom.displayMode" and not has_cell:
                mode = option.get("value")
                option.update(id="custom.cellOptions", value=_cell(mode) or mode)


def add_display_modes(panel: Json) -> None:
    """Write a table's `cellOptions` once more as the `displayMode` that Grafana up to 9.4 reads.

    Later ones ignore it at today's schemaVersion.
    """
    if panel.get("type") != "table":
        return
    custom = path(panel, "fieldConfig", "defaults", "custom")
    if mode := _display_mode(custom.get("cellOptions")):
        custom.setdefault("displayMode", mode)
    for rule in _rules(panel):
        if not any(
            option.get("id") == "custom.displayMode" for option in dicts(rule, "properties")
        ):
            rule.setdefault("properties", []).extend(_display_modes(rule))


def _drop_display_modes(panel: Json) -> None:
    """Drop each `displayMode` that says what the `cellOptions` beside it say."""
    custom = path(panel, "fieldConfig", "defaults", "custom")
    mode = _display_mode(custom.get("cellOptions"))
    if mode and custom.get("displayMode") == mode:
        del custom["displayMode"]
    for rule in _rules(panel):
        modes = _display_modes(rule)
        if any(option in modes for option in dicts(rule, "properties")):
            rule["properties"] = [option for option in rule["properties"] if option not in modes]


def _display_modes(rule: Json) -> list[Json]:
    """The `cellOptions` of an override as `displayMode`."""
    return [
        {"id": "custom.displayMode", "value": mode}
        for option in dicts(rule, "properties")
        if option.get("id") == "custom.cellOptions" and (mode := _display_mode(option.get("value")))
    ]


def _rules(panel: Json) -> list[Json]:
    return dicts(path(panel, "fieldConfig"), "overrides")


def _display_mode(cell: object) -> str:
    if not isinstance(cell, dict) or not isinstance(cell.get("type"), str):
        return ""
    mode = {"gauge": "gradient", "color-background": "gradient"}.get(str(cell.get("type")))
    given = {"mode": mode, **cell} if mode else cell
    own = {"type": given.get("type"), "mode": given.get("mode")}
    same = (name for name, mode in _CELLS.items() if mode == own)
    return next(same, str(cell.get("type", "")))


def _cell(display_mode: object) -> Json:
    return (
        dict(_CELLS.get(display_mode) or {"type": display_mode})
        if isinstance(display_mode, str)
        else {}
    )


def _table(panel: Json) -> None:
    """Move what grafanalib's Table writes beside fieldConfig, where nothing reads it, into
    fieldConfig."""
    if "styles" in panel:  # Angular's; see step 24 of gk.documents.migrations
        return
    _drop_display_modes(panel)
    if "fontSize" in panel:
        panel.pop("columns", None)
        del panel["fontSize"]
        defaults = child(child(panel, "fieldConfig"), "defaults")
        move(panel, defaults, {"color": "color", "mappings": "mappings"})
    cell_options(panel)


def _text_panel(panel: Json) -> None:
    """Move `content` and `mode`, which were beside options before Grafana 7.1; the mode "text" no
    longer exists."""
    if "content" in panel and "mode" in panel:
        move(panel, child(panel, "options"), {"content": "content", "mode": "mode"})
    options = path(panel, "options")
    if options.get("mode", "code") not in ("code", "html", "markdown"):
        options["mode"] = "markdown"


_DASHLIST_OPTIONS = {
    "headings": "showHeadings",
    "limit": "maxItems",
    "query": "query",
    "recent": "showRecentlyViewed",
    "search": "showSearch",
    "starred": "showStarred",
    "tags": "tags",
}
_ALERTLIST_OPTIONS = {
    "limit": "maxItems",
    "nameFilter": "alertName",
    "onlyAlertsOnDashboard": "dashboardAlerts",
    "sortOrder": "sortOrder",
}
# States of the alerts before Grafana 9, in today's names; "paused" has none.
_ALERT_STATES = {
    "alerting": "firing",
    "execution_error": "error",
    "no_data": "noData",
    "ok": "normal",
    "pending": "pending",
}


def _dashlist(panel: Json) -> None:
    if not _DASHLIST_OPTIONS.keys().isdisjoint(panel):
        move(panel, child(panel, "options"), _DASHLIST_OPTIONS)


def _alertlist(panel: Json) -> None:
    """Move the options of grafanalib's AlertList to where today's alert list reads them."""
    if "onlyAlertsOnDashboard" not in panel:
        return
    options = child(panel, "options")
    if not options.get("alertName"):
        options.pop("alertName", None)
    move(panel, options, _ALERTLIST_OPTIONS)
    states = panel.pop("stateFilter", None)
    if states and isinstance(states, list):
        options["stateFilter"] = {new: old in states for old, new in _ALERT_STATES.items()}
    panel.pop("dashboardTags", None)
    panel.pop("show", None)


_ROW_NOISE = (
    "cacheTimeout", "datasource", "description", "fieldConfig", "hideTimeOverride", "interval",
    "links", "maxDataPoints", "maxPerRow", "options", "repeatDirection", "targets", "timeFrom",
    "timeShift", "transformations", "transparent",
)  # fmt: skip


def _row(panel: Json) -> None:
    """Remove the keys of panels with data from grafanalib's RowPanel, and from a row that the UI
    saved."""
    for key in _ROW_NOISE:
        panel.pop(key, None)


_REPAIRS: dict[str, Callable[[Json], None]] = {
    "alertlist": _alertlist,
    "bargauge": bargauge,
    "dashlist": _dashlist,
    "gauge": gauge,
    "heatmap": _heatmap,
    "row": _row,
    "singlestat": singlestat,
    "stat": stat,
    "table": _table,
    "text": _text_panel,
}
