"""Bring a panel from the shape that grafanalib 0.7.1 or an old Grafana gives it to the one that
Grafana writes today.

None of this depends on schemaVersion: it is wrong at every version, or it is what a panel plugin
does when it loads. In newer Grafana a plugin no longer sees the keys beside `options` when
`options` has any key of its own (on main: dashboard-scene/serialization/angularMigration.ts), so
what old panels keep there is moved here and not left to it.

Left alone, because Grafana changes it by the panel's type and needs the old keys for that: graph,
table-old, grafana-piechart-panel, grafana-worldmap-panel (autoMigrateAngular in PanelModel.ts on
main; 9.3 still has the first two). singlestat is changed here: 9.3 has no such panel, and makes it
a stat only below schemaVersion 28.

Cited files are Grafana's at v9.3.2 if no other version is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

__all__ = [
    "DASHBOARD",
    "LEGACY_DASHBOARD_KEYS",
    "LEGACY_PANEL_KEYS",
    "LEGACY_TARGET_KEYS",
    "PANEL",
    "UNMIGRATED",
    "Json",
    "cell_options",
    "child",
    "dicts",
    "every_panel",
    "finite",
    "misfit",
    "modernise",
    "override_properties",
    "path",
    "singlestat",
    "upgrade_mappings",
]

Json: TypeAlias = dict[str, Any]

LEGACY_DASHBOARD_KEYS = frozenset(
    {
        "__elements",
        "__inputs",
        "__requires",
        "autoUpdate",
        "gnetId",
        "hideControls",
        "iteration",
        "nav",
        "originalTitle",
        "pulldowns",
        "rows",
        "services",
        "sharedCrosshair",
        "style",
    }
)
"""Keys of a dashboard that Grafana 10 and later ignore once the dashboard is migrated.

The import dialog alone reads the `__` keys; no other way into Grafana does. `revision` and
`liveNow` are not here: the schema of 13.2 still has them.
"""

LEGACY_PANEL_KEYS = frozenset(
    {
        "$$hashKey",
        "editable",
        "error",
        "fullscreen",
        "height",
        "isEditing",
        "isNew",
        "minSpan",
        "repeatIteration",
        "scopedVars",
        "span",
    }
)
"""Keys beside `options` that no panel reads once it is migrated.

Not here: hideTimeOverride and cacheTimeout, which are in use; repeatPanelId, without which a clone
would become a panel of its own; and what Angular panels keep there, until Grafana changes their
type.
"""

LEGACY_TARGET_KEYS = frozenset({"metric", "step", "target"})
"""Keys of a Prometheus query that grafanalib writes and that neither the editor nor the backend
reads.

`query` is another, where it equals `expr`. `intervalFactor` is not: deprecated as it is, it still
multiplies the step (pkg/promlib/models/query.go), and grafanalib's default is 2.
"""


Shape: TypeAlias = Any
"""What JSON looks like: a type, one of several, an object's known keys, or a list of things of one
shape."""

_REF: Shape = (dict, str)
_LINKS: Shape = [{"title": str}]
PANEL: Shape = {
    "title": str,
    "description": str,
    "datasource": _REF,
    "targets": [{"datasource": _REF, "refId": str}],
    "links": _LINKS,
    "options": {"yAxis": dict},
    "fieldConfig": {
        "defaults": {"custom": dict, "links": _LINKS, "thresholds": {"steps": [dict]}},
        "overrides": [{"matcher": dict, "properties": [{"id": str}]}],
    },
}
"""A panel as far as gk completes it, after `modernise`."""

_PLACED: Shape = {"type": str, "title": str, "gridPos": dict.fromkeys("xywh", (int, float))}
DASHBOARD: Shape = {
    "title": str,
    "uid": str,
    "tags": [str],
    "panels": [{**_PLACED, "panels": [_PLACED]}],
    "templating": {"list": [{"name": str, "type": str, "datasource": _REF, "current": dict}]},
    "annotations": {"list": [{"name": str, "datasource": _REF, "target": dict}]},
    "links": _LINKS,
    "time": dict,
    "timepicker": dict,
}
"""A dashboard but for what is in its panels, after `gk.documents.migrations.migrate`."""

UNMIGRATED: Shape = {
    "__inputs": [dict],
    "panels": [{"panels": [dict]}],
    "rows": [{"panels": [dict]}],
    "templating": {"list": [dict]},
}
"""A dashboard of any schemaVersion, as far as migrating it would forget what is not of this
shape."""

_KINDS = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "a text",
}


def misfit(value: object, shape: Shape) -> str:
    """Return where `value` is not of this shape and what is there instead, or nothing; missing keys
    are fine."""
    mistake = _misfit(value, shape)
    if not mistake:
        return ""
    what, steps = mistake
    way = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(steps))
    return f"{way.lstrip('.')} is {what}".lstrip()


def _misfit(value: Any, shape: Shape) -> tuple[str, list[str | int]] | None:
    """The mistake, and the way to it from the inside to the outside."""
    if type(shape) is dict and isinstance(value, dict):
        for key, inner in shape.items():
            inside = value.get(key)
            # Most of what is there is missing, a text or a number: a call for each takes long.
            if inside is None or (kind := type(inside)) is inner:
                continue
            if type(inner) is tuple and kind in inner:
                continue
            if mistake := _misfit(inside, inner):
                mistake[1].append(key)
                return mistake
        return None
    if type(shape) is list and isinstance(value, list):
        for index, inside in enumerate(value):
            if mistake := _misfit(inside, shape[0]):
                mistake[1].append(index)
                return mistake
        return None
    kind = type(shape) if isinstance(shape, (dict, list)) else shape
    if isinstance(value, kind) and not isinstance(value, bool):
        return None
    return f"{_kind(type(value))}, not {_kind(kind[0] if isinstance(kind, tuple) else kind)}", []


def _kind(kind: type) -> str:
    return "null" if kind is type(None) else _KINDS.get(kind) or f"a {kind.__name__}"


def modernise(panel: Json) -> None:
    """Repair one panel in place, but not the panels inside a row: whoever walks the dashboard comes
    to them too."""
    kind = panel.get("type")
    repair = _REPAIRS.get(kind) if isinstance(kind, str) else None
    if repair is not None:
        repair(panel)
    for owner, key in _set_at(panel, "thresholds"):
        _repair_steps(owner, key)
    upgrade_mappings(panel)


def path(parent: Json, *keys: str) -> Json:
    """Return the dict that `keys` lead to, to read it: an empty one, of nobody, when it is not
    there."""
    for key in keys:
        found = parent.get(key)
        if not isinstance(found, dict):
            return {}
        parent = found
    return parent


def child(parent: Json, key: str) -> Json:
    """Return the dict at `key`, to write to it: it is made when it is not there."""
    found = parent.get(key)
    if not isinstance(found, dict):
        found = parent[key] = {}
    return found


def dicts(parent: Json, key: str) -> list[Json]:
    """Return the dicts in the list at `key`."""
    found = parent.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def every_panel(body: Any) -> Iterator[Json]:
    """Yield the panels of a dashboard, and after a row those in it; of odd documents what is an
    object."""
    for panel in dicts(body, "panels") if isinstance(body, dict) else ():
        yield panel
        if "panels" in panel:
            yield from dicts(panel, "panels")


def finite(value: object) -> float | None:
    """Return a number, or a text that is one, as a number, and anything else as None."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, float):
        exact = abs(value) < 2**53 and value.is_integer()
        return int(value) if exact else value if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def override_properties(panel: Json, property_id: str) -> list[Json]:
    """Return the properties of that id in all of the panel's overrides."""
    field_config = panel.get("fieldConfig")
    if not isinstance(field_config, dict) or not field_config.get("overrides"):
        return []
    rules = dicts(field_config, "overrides")
    return [
        each
        for rule in rules
        for each in dicts(rule, "properties")
        if each.get("id") == property_id
    ]


def _move(source: Json, target: Json, names: dict[str, str]) -> None:
    """Move values to their new names; what `target` has stays, and a null says nothing."""
    for old, new in names.items():
        value = source.pop(old, None)
        if value is not None and target.get(new) is None:
            target[new] = value


# Thresholds and value mappings, in panels of any type


def _set_at(panel: Json, option: str) -> list[tuple[Json, str]]:
    """Return the places, as dict and key, where the defaults and the overrides set this option of
    fields."""
    field_config = panel.get("fieldConfig")
    if not isinstance(field_config, dict):
        return []
    defaults = field_config.get("defaults")
    found = [(defaults, option)] if isinstance(defaults, dict) and option in defaults else []
    if field_config.get("overrides"):
        found += [(each, "value") for each in override_properties(panel, option)]
    return found


def _repair_steps(owner: Json, key: str) -> None:
    thresholds = owner.get(key)
    if isinstance(thresholds, list):  # gauge and bargauge before Grafana 6.6
        thresholds = owner[key] = {"mode": "absolute", "steps": thresholds}
    if not isinstance(thresholds, dict):
        return
    steps = thresholds.get("steps")
    if isinstance(steps, list):
        for step in steps:
            _repair_step(step)
    elif steps == "":
        # grafanalib's default of Stat. Grafana would paint every value grey, and with no thresholds
        # at all red from 80 on. One base step is what its own editor leaves when all others are
        # deleted.
        thresholds["steps"] = [{"color": "green", "value": None}]
    elif steps is not None:
        # Panel.thresholds of PieChart, Worldmap and SingleStat is a text for their Angular panels.
        del owner[key]


def _repair_step(step: object) -> None:
    """Make grafanalib's Threshold a step: its first value is the text "null", and four keys mean
    nothing there."""
    if not isinstance(step, dict):
        return
    if step.get("value") == "null":
        step["value"] = None
    if "index" in step:
        for key in ("index", "line", "op", "yaxis"):
            step.pop(key, None)


def upgrade_mappings(panel: Json) -> None:
    """Make value mappings of before Grafana 8, and grafanalib's ValueMap and RangeMap, today's
    (schemaVersion 30)."""
    for owner, key in _set_at(panel, "mappings"):
        if owner.get(key):
            _upgrade(owner, key)


def _upgrade(owner: Json, key: str) -> None:
    mappings = owner[key]
    if not isinstance(mappings, list):
        return
    if all(map(_is_mapping, mappings)):
        for mapping in mappings:
            _drop_empty_colors(mapping)
    else:
        owner[key] = _value_mappings(mappings, dicts(path(owner, "thresholds"), "steps"))


def _is_mapping(mapping: object) -> bool:
    """Whether this is a value mapping of Grafana 8 and later."""
    if not isinstance(mapping, dict):
        return False
    return isinstance(mapping.get("type"), str) and isinstance(mapping.get("options"), dict)


def _drop_empty_colors(mapping: Json) -> None:
    """Forget the color "", grafanalib's default, which Grafana takes for grey and not for the
    threshold's color."""
    for result in mapping["options"].values():
        if isinstance(result, dict) and result.get("color") == "":
            del result["color"]


def _value_mappings(mappings: Iterable[object], steps: list[Json]) -> list[Json]:
    """Gather mappings of a single value in one, which comes first, as Grafana does."""
    values: Json = {}
    others: list[Json] = []
    for old in mappings:
        if not isinstance(old, dict):
            continue
        mapping = old if _is_mapping(old) else _value_mapping(old, _result(old.get("text"), steps))
        if mapping is None:
            continue
        _drop_empty_colors(mapping)
        if mapping["type"] == "value":
            values.update(mapping["options"])
        else:
            others.append(mapping)
    return [{"type": "value", "options": values}, *others] if values else others


def _value_mapping(old: Json, result: Json) -> Json | None:
    # Angular's lists have no type, and Grafana drops what has none; grafanalib writes such lists
    # for its GaugePanel.
    is_range = old.get("type") == 2 or (old.get("type") != 1 and "from" in old)
    value, lower, upper = old.get("value"), old.get("from"), old.get("to")
    if "null" in ((lower, upper) if is_range else (value,)):
        return {"type": "special", "options": {"match": "null", "result": result}}
    if is_range:
        # Grafana takes a bound that is null for 0, and a missing one for none
        # (grafana-data/utils/valueMappings.ts).
        return {
            "type": "range",
            "options": _given({"from": finite(lower), "to": finite(upper), "result": result}),
        }
    return None if value is None else {"type": "value", "options": {_text(value): result}}


def _text(value: object) -> str:
    """Return what JavaScript's String() makes of a JSON value: `1` of 1.0, `true` of True."""
    if isinstance(value, bool):
        return str(value).lower()
    number = finite(value)
    return str(value if isinstance(value, str) or number is None else number)


def _result(text: object, steps: list[Json]) -> Json:
    """Return what a mapping shows; a text that is a number gets the color which it had from the
    thresholds."""
    number = finite(text)
    if number is None or not steps:
        return _given({"text": text})
    active = steps[0]
    for step in steps[1:]:
        value = finite(step.get("value"))
        if value is None or value > number:
            break
        active = step
    return _given({"text": text, "color": active.get("color")})


def _given(values: Json) -> Json:
    return {key: value for key, value in values.items() if value is not None}


# Gauge, bargauge, stat

# grafanalib's GAUGE_CALC_DIFFERENCE never was a reducer of Grafana's; the others are alias ids
# (fieldReducer.ts).
_REDUCERS = {"avg": "mean", "current": "lastNotNull", "difference": "diff", "total": "sum"}
_THRESHOLD_OPTIONS = {key: key for key in ("showThresholdLabels", "showThresholdMarkers")}


def _gauge(panel: Json) -> None:
    """Move what GaugePanel keeps in fieldConfig; Grafana reads no `calcs` there and shows the last
    value instead."""
    _move_field_options(panel)
    field_config = path(panel, "fieldConfig")
    defaults = path(field_config, "defaults")
    if "calcs" in defaults:
        _move_reduce_options(panel, defaults)
        defaults.pop("override", None)
        field_config.setdefault("overrides", [])
    _repair_defaults(defaults)
    if not _THRESHOLD_OPTIONS.keys().isdisjoint(field_config):
        _move(field_config, child(panel, "options"), _THRESHOLD_OPTIONS)


def _bargauge(panel: Json) -> None:
    _move_field_options(panel)
    _repair_defaults(path(panel, "fieldConfig", "defaults"))
    options = path(panel, "options")
    for key in _THRESHOLD_OPTIONS:  # options of a gauge; a bar gauge has no such thing
        options.pop(key, None)


def _stat(panel: Json) -> None:
    _move_field_options(panel)
    defaults = path(panel, "fieldConfig", "defaults")
    _repair_defaults(defaults)
    if defaults.get("noValue") == "none":  # grafanalib's default: the word, in big letters
        del defaults["noValue"]


def _repair_defaults(defaults: Json) -> None:
    """Do what plugins do at load to field options of before Grafana 7.1
    (SingleStatBaseOptions.ts)."""
    _move(defaults, defaults, {"title": "displayName"})
    color = defaults.get("color")
    if isinstance(color, str):
        defaults["color"] = {"mode": "fixed", "fixedColor": color}
    elif color is None:
        defaults.pop("color", None)


def _move_field_options(panel: Json) -> None:
    """Move options.fieldOptions, of Grafana 6 and of grafanalib's BarGauge, to fieldConfig and
    reduceOptions."""
    options = path(panel, "options")
    if not isinstance(options.get("fieldOptions"), dict):
        return
    field_options = options.pop("fieldOptions")
    _move_reduce_options(panel, field_options)
    field_config = child(panel, "fieldConfig")
    field_config["overrides"] = [
        *dicts(field_config, "overrides"),
        *dicts(field_options, "overrides"),
    ]
    defaults = child(field_config, "defaults")
    old = {**path(field_options, "defaults"), "mappings": field_options.get("mappings")}
    if isinstance(field_options.get("thresholds"), list):
        old.setdefault("thresholds", field_options["thresholds"])
    defaults.update((key, value) for key, value in old.items() if value is not None)


def _move_reduce_options(panel: Json, source: Json) -> None:
    """Move how a series becomes one value from where it was to options.reduceOptions."""
    calcs, values, limit = (
        source.pop("calcs", None),
        source.pop("values", None),
        source.pop("limit", None),
    )
    reduce_options: Json = {"values": bool(values), "calcs": _calcs(calcs)}
    if limit is not None:
        reduce_options["limit"] = limit
    child(panel, "options").setdefault("reduceOptions", reduce_options)


def _calcs(calcs: object) -> list[str]:
    return (
        [_REDUCERS.get(each, each) for each in calcs if isinstance(each, str)]
        if isinstance(calcs, list)
        else []
    )


# Singlestat

_SINGLESTAT_KEYS = (
    "colorBackground", "colorPostfix", "colorPrefix", "colorValue", "colors", "decimals", "format",
    "gauge", "mappingType", "mappingTypes", "nullPointMode", "nullText", "postfix",
    "postfixFontSize", "prefix", "prefixFontSize", "rangeMaps", "sparkline", "tableColumn",
    "thresholds", "valueFontSize", "valueMaps", "valueName",
)  # fmt: skip
_VALUE_NAMES = (
    "min",
    "max",
    "first",
    "delta",
    "range",
    "diff",
    "mean",
    "sum",
    "count",
    "last",
    "lastNotNull",
)


def singlestat(panel: Json) -> None:
    """Make a singlestat panel a gauge or a stat, as StatMigrations.ts and GaugeMigrations.ts do.

    Newer Grafana makes a stat of a gauge too, by an accident that its v28.go tells of. A prefix and
    a postfix are lost in either: today's panels have none.
    """
    old = {key: panel.pop(key, None) for key in _SINGLESTAT_KEYS}
    name = old["valueName"] if isinstance(old["valueName"], str) else ""
    calc = _REDUCERS.get(name, name)
    reduce_options: Json = {"values": False, "calcs": [calc if calc in _VALUE_NAMES else "mean"]}
    if old["tableColumn"]:
        reduce_options["fields"] = f"/^{old['tableColumn']}$/"
    panel["fieldConfig"] = {"defaults": _singlestat_defaults(old), "overrides": []}
    panel["options"] = {"reduceOptions": reduce_options, "orientation": "horizontal"}
    if path(old, "gauge").get("show"):
        panel["type"] = "gauge"
        names = {
            "thresholdLabels": "showThresholdLabels",
            "thresholdMarkers": "showThresholdMarkers",
        }
        _move(old["gauge"], panel["options"], names)
    else:
        panel["type"] = "stat"
        panel["options"].update(_stat_modes(old))


def _singlestat_defaults(old: Json) -> Json:
    gauge = path(old, "gauge")
    steps = _singlestat_steps(old)
    maps = dicts(old, "rangeMaps" if old["mappingType"] == 2 else "valueMaps")
    sparkline = path(old, "sparkline")
    line = sparkline.get("lineColor") if sparkline.get("show") else None
    painted = old["colorBackground"] or old["colorValue"] or gauge.get("show")
    defaults = {
        "unit": old["format"],
        "nullValueMode": old["nullPointMode"],
        "noValue": old["nullText"],
        "decimals": finite(old["decimals"]),
        "thresholds": {"mode": "absolute", "steps": steps} if steps else None,
        "mappings": _value_mappings(maps, steps),
        "min": gauge.get("minValue") if gauge.get("show") else None,
        "max": gauge.get("maxValue") if gauge.get("show") else None,
        "color": {"mode": "fixed", "fixedColor": line} if line and not painted else None,
    }
    return {key: value for key, value in defaults.items() if value not in (None, "", [])}


def _singlestat_steps(old: Json) -> list[Json]:
    """Return one step for each color; there is one threshold less, and the first color is below
    them all."""
    levels = old["thresholds"].split(",") if isinstance(old["thresholds"], str) else []
    values = [finite(level.strip()) for level in levels]
    colors = old["colors"] if isinstance(old["colors"], list) else []
    numbers = [value for value in values if value is not None]
    return [
        {"color": color, "value": value}
        for color, value in zip(colors, [None, *numbers], strict=False)
    ]


def _stat_modes(old: Json) -> Json:
    color_mode = (
        "background" if old["colorBackground"] else "value" if old["colorValue"] else "none"
    )
    modes = {
        "colorMode": color_mode,
        "graphMode": "area" if path(old, "sparkline").get("show") else "none",
    }
    return {**modes, "textMode": "name"} if old["valueName"] == "name" else modes


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
    """Make an Angular heatmap, of before Grafana 9.1 and of grafanalib, today's
    (panel/heatmap/migrations.ts)."""
    if panel.get("options") or not ("dataFormat" in panel or "yAxis" in panel):
        return
    old = {key: panel.pop(key, None) for key in _HEATMAP_KEYS}
    path(panel, "fieldConfig", "defaults").pop("thresholds", None)
    legend, tooltip = path(old, "legend"), path(old, "tooltip")
    # Grafana 9 reads `show`, newer ones `mode` and turn `show` into it. grafanalib's Tooltip has no
    # `show`: Angular showed it then, Grafana's own migration hides it.
    hidden = {"mode": "none", "show": False}
    panel["options"] = {
        **_calculation(old),
        "cellGap": finite(path(old, "cards").get("cardPadding")) or 1 if _has_padding(old) else 2,
        "color": _heatmap_color(path(old, "color")),
        "legend": {"show": bool(legend.get("show"))},
        "rowsFrame": {"layout": _CELL_LAYOUTS.get(str(old["yBucketBound"]), "auto")},
        "showValue": "never",
        "tooltip": hidden if tooltip.get("show") is False else {"mode": "single"},
        "yAxis": _heatmap_axis(path(old, "yAxis"), reverse=bool(old["reverseYBuckets"])),
    }
    if tooltip.get("showHistogram"):
        panel["options"]["tooltip"]["yHistogram"] = True


def _has_padding(old: Json) -> bool:
    return path(old, "cards").get("cardPadding") not in (None, "")


def _calculation(old: Json) -> Json:
    if old["dataFormat"] == "tsbuckets":
        return {"calculate": False}
    axis = path(old, "yAxis")
    buckets = {name: _buckets(old, name) for name in ("xBuckets", "yBuckets")}
    base = finite(axis.get("logBase")) or 1
    if base > 1:
        buckets["yBuckets"] = {"mode": "count", "scale": {"type": "log", "log": base}}
        if finite(axis.get("splitFactor")):
            buckets["yBuckets"]["value"] = _text(axis["splitFactor"])
    return {
        "calculate": True,
        "calculation": {name: value for name, value in buckets.items() if value},
    }


def _buckets(old: Json, name: str) -> Json:
    """Return how many buckets, or how wide, if that was set: `xBucketSize` and `xBucketNumber` of
    `xBuckets`."""
    stem = name.removesuffix("s")
    for mode, key in (("size", f"{stem}Size"), ("count", f"{stem}Number")):
        if old[key]:
            return {"mode": mode, "value": _text(old[key])}
    return {}


def _heatmap_color(old: Json) -> Json:
    # 128 steps come nearest to Angular's continuous colors.
    color: Json = {"mode": "scheme", "scheme": "Oranges", "steps": 128}
    if old.get("mode") == "opacity":
        scale = "linear" if old.get("colorScale") == "linear" else "exponential"
        color = {"mode": "opacity", "scale": scale, "steps": 128}
        _move(dict(old), color, {"cardColor": "fill", "exponent": "exponent"})
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
    """Make a table's `displayMode` the `cellOptions` of Grafana 9.5 (schemaVersion 38)."""
    if panel.get("type") != "table":
        return
    custom = path(panel, "fieldConfig", "defaults", "custom")
    if "displayMode" in custom:
        cell = _cell(custom.pop("displayMode"))
        if cell:
            custom["cellOptions"] = cell
    for each in override_properties(panel, "custom.displayMode"):
        each.update(id="custom.cellOptions", value=_cell(each.get("value")) or each.get("value"))


def _cell(display_mode: object) -> Json:
    return (
        dict(_CELLS.get(display_mode) or {"type": display_mode})
        if isinstance(display_mode, str)
        else {}
    )


def _table(panel: Json) -> None:
    """Move what grafanalib's Table writes beside fieldConfig, where nothing reads it, to where it
    was meant to be."""
    if "styles" in panel:  # Angular's; see step 24 of gk.documents.migrations
        return
    if "fontSize" in panel:
        panel.pop("columns", None)
        del panel["fontSize"]
        defaults = child(child(panel, "fieldConfig"), "defaults")
        _move(panel, defaults, {"color": "color", "mappings": "mappings"})
    cell_options(panel)


def _text_panel(panel: Json) -> None:
    """Move `content` and `mode`, which were beside options before Grafana 7.1; the mode "text" is
    no more."""
    if "content" in panel and "mode" in panel:
        _move(panel, child(panel, "options"), {"content": "content", "mode": "mode"})
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
        _move(panel, child(panel, "options"), _DASHLIST_OPTIONS)


def _alertlist(panel: Json) -> None:
    """Move the options of grafanalib's AlertList, which today's alert list does not look for where
    they are."""
    if "onlyAlertsOnDashboard" not in panel:
        return
    options = child(panel, "options")
    if not options.get("alertName"):
        options.pop("alertName", None)
    _move(panel, options, _ALERTLIST_OPTIONS)
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
    """Take from grafanalib's RowPanel, and from a row that the UI saved, what only a panel with
    data has."""
    for key in _ROW_NOISE:
        panel.pop(key, None)


_REPAIRS: dict[str, Callable[[Json], None]] = {
    "alertlist": _alertlist,
    "bargauge": _bargauge,
    "dashlist": _dashlist,
    "gauge": _gauge,
    "heatmap": _heatmap,
    "row": _row,
    "singlestat": singlestat,
    "stat": _stat,
    "table": _table,
    "text": _text_panel,
}
