"""Gauge, bar gauge, stat and singlestat as old Grafana and grafanalib write them, in
today's form."""

from __future__ import annotations

from gk.documents.field_options import value_mappings
from gk.documents.parts import child, dicts, finite, move, path
from gk.documents.shapes import Json

__all__ = ["bargauge", "gauge", "singlestat", "stat"]

# grafanalib's GAUGE_CALC_DIFFERENCE never was a reducer of Grafana's; the others are alias ids
# (fieldReducer.ts).
_REDUCERS = {"avg": "mean", "current": "lastNotNull", "difference": "diff", "total": "sum"}
_THRESHOLD_OPTIONS = {key: key for key in ("showThresholdLabels", "showThresholdMarkers")}


def gauge(panel: Json) -> None:
    """Move the options that GaugePanel keeps in fieldConfig; Grafana ignores `calcs` there and
    shows the last value."""
    _move_field_options(panel)
    field_config = path(panel, "fieldConfig")
    defaults = path(field_config, "defaults")
    if "calcs" in defaults:
        _move_reduce_options(panel, defaults)
        defaults.pop("override", None)
        field_config.setdefault("overrides", [])
    _repair_defaults(defaults)
    if not _THRESHOLD_OPTIONS.keys().isdisjoint(field_config):
        move(field_config, child(panel, "options"), _THRESHOLD_OPTIONS)


def bargauge(panel: Json) -> None:
    """Move the options of before Grafana 7, and drop those of a gauge."""
    _move_field_options(panel)
    _repair_defaults(path(panel, "fieldConfig", "defaults"))
    options = path(panel, "options")
    for key in _THRESHOLD_OPTIONS:  # options of a gauge; a bar gauge has no such thing
        options.pop(key, None)


def stat(panel: Json) -> None:
    """Move the options of before Grafana 7, and drop grafanalib's text for no value."""
    _move_field_options(panel)
    defaults = path(panel, "fieldConfig", "defaults")
    _repair_defaults(defaults)
    if defaults.get("noValue") == "none":  # grafanalib's default: the word, in big letters
        del defaults["noValue"]


def _repair_defaults(defaults: Json) -> None:
    """Change field options from before Grafana 7.1 as plugins do at load
    (SingleStatBaseOptions.ts)."""
    move(defaults, defaults, {"title": "displayName"})
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
    """Move the calculation that reduces a series to one value to options.reduceOptions."""
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
        [_REDUCERS.get(calc, calc) for calc in calcs if isinstance(calc, str)]
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

    Newer Grafana also makes a gauge a stat, by an accident that its v28.go describes. Both lose
    prefix and postfix: today's panels have none.
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
        move(old["gauge"], panel["options"], names)
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
        "mappings": value_mappings(maps, steps),
        "min": gauge.get("minValue") if gauge.get("show") else None,
        "max": gauge.get("maxValue") if gauge.get("show") else None,
        "color": {"mode": "fixed", "fixedColor": line} if line and not painted else None,
    }
    return {key: value for key, value in defaults.items() if value not in (None, "", [])}


def _singlestat_steps(old: Json) -> list[Json]:
    """Return one step for each color; the first color is below all thresholds, so there is one
    threshold less."""
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
