"""Removes from a dashboard's JSON what Grafana adds itself and what it no longer reads.

Only the definition's own values stay, so a small change of a definition is a small change of the
JSON. The defaults are those of Grafana's panel and dashboard models and of the visualization
plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.parts import dicts, override_properties, path
from gk.documents.references import is_prometheus, type_of
from gk.documents.targets import WITHOUT_DATA
from gk.documents.units import unit_mistake

__all__ = [
    "BASE_THRESHOLD",
    "LEGACY_DASHBOARD_KEYS",
    "LEGACY_PANEL_KEYS",
    "LEGACY_TARGET_KEYS",
    "UNTOUCHED",
    "strip_dashboard",
    "strip_options",
    "strip_panel",
    "without_defaults",
]

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

Others stay: hideTimeOverride and cacheTimeout, which Grafana uses; repeatPanelId, without which a
clone would become a separate panel; and the options of Angular panels, until Grafana changes their
type.
"""

LEGACY_TARGET_KEYS = frozenset({"metric", "step", "target"})
"""Keys of a Prometheus query that grafanalib writes, but neither the editor nor the backend reads.

`query` is another if it equals `expr`. `intervalFactor` is not: although deprecated, it still
multiplies the step (pkg/promlib/models/query.go), and grafanalib's default is 2.
"""

_DASHBOARD: Mapping[str, Any] = {
    "annotations": {"list": []},
    "description": "",
    "editable": True,
    "fiscalYearStartMonth": 0,
    "graphTooltip": 0,
    "links": [],
    "liveNow": False,
    "preload": False,
    "refresh": "",
    "tags": [],
    "templating": {"list": []},
    "timepicker": {},
    "timezone": "",
    "weekStart": "",
}
# Keys that a save adds, or that differ between two servers.
_DASHBOARD_NOISE = ("id", "version", "iteration", "revision", "__elements")

_PANEL: Mapping[str, Any] = {
    "description": "",
    "hideTimeOverride": False,
    "links": [],
    "options": {},
    "repeatDirection": "h",
    "targets": [],
    "transformations": [],
    "transparent": False,
}
_FIELD: Mapping[str, Any] = {"custom": {}, "links": [], "mappings": [], "unit": ""}
_MISSING = object()
_NO_LONGER_READ = LEGACY_PANEL_KEYS | {"pluginVersion"}
_TARGET: Mapping[str, Any] = {"hide": False}
_PROMETHEUS_TARGET: Mapping[str, Any] = {
    "exemplar": False,
    "format": "time_series",
    "instant": False,
    "interval": "",
    # Deprecated, but a factor other than 1 still multiplies the step.
    "intervalFactor": 1,
    "legendFormat": "",
    **_TARGET,
}
_EDITOR = (
    "disableTextWrap",
    "editorMode",
    "fullMetaSearch",
    "includeNullMetadata",
    "useBackend",
)
"""Keys of a Prometheus query that only its editor reads (grafana-prometheus/types.ts)."""
_VARIABLE: Mapping[str, Any] = {
    "allValue": "",
    "allowCustomValue": True,
    "auto": False,
    "current": {},
    "description": "",
    "hide": 0,
    "includeAll": False,
    "label": "",
    "multi": False,
    "options": [],
    "queryValue": "",
    "regex": "",
    "skipUrlSync": False,
    "sort": 0,
    "tags": [],
    "tagsQuery": "",
    "tagValuesQuery": "",
    "useTags": False,
}
_OF_INTERVALS = ("auto", "auto_count", "auto_min")
_ANNOTATION: Mapping[str, Any] = {
    "hide": False,
    "tagKeys": "",
    "textFormat": "",
    "titleFormat": "",
    "useValueForTime": False,
}
_BUILT_IN: Mapping[str, Any] = {
    "builtIn": 1,
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
}
# What some versions write for it besides.
_BUILT_IN_BESIDES: Mapping[str, Any] = {
    "target": {"limit": 100, "matchAny": False, "tags": [], "type": "dashboard"},
    "type": "dashboard",
}
_TIMEPICKER: Mapping[str, Any] = {
    "hidden": False,
    "nowDelay": "",
    "refresh_intervals": ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"],
}
_PANEL_LINK: Mapping[str, Any] = {"targetBlank": False}
_LINK: Mapping[str, Any] = {
    "asDropdown": False,
    "tags": [],
    "targetBlank": False,
    "tooltip": "",
    "url": "",
}

BASE_THRESHOLD: Mapping[str, str] = {
    "stat": "text",
    "gauge": "green",
    "bargauge": "green",
    "table": "text",
    "state-timeline": "green",
}
"""The colour of panels whose colour follows the thresholds, if their list of steps is empty."""
_THRESHOLDS: Mapping[str, Any] = {
    "mode": "absolute",
    "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
}
"""Grafana's own thresholds, of every field without any (grafana-data/field/standardFieldConfig)."""

_LEGEND: Mapping[str, Any] = {
    "calcs": [],
    "displayMode": "list",
    "placement": "bottom",
    "showLegend": True,
}
"""The defaults of a time series (grafana-schema, common/mudball.cue: VizLegendOptions)."""

_REDUCE: Mapping[str, Any] = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_TOOLTIP: Mapping[str, Any] = {"hideZeros": False, "mode": "single", "sort": "none"}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # An Angular graph had its links at `dataLinks` before Grafana 7.1, often none.
    "timeseries": {"dataLinks": [], "legend": _LEGEND, "tooltip": _TOOLTIP},
    "stat": {
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": _REDUCE,
        "showPercentChange": False,
        "text": {},
        "textMode": "auto",
        "wideLayout": True,
    },
    "gauge": {
        "minVizHeight": 75,
        "minVizWidth": 75,
        "orientation": "auto",
        "reduceOptions": _REDUCE,
        "showThresholdLabels": False,
        "showThresholdMarkers": True,
        "sizing": "auto",
        "text": {},
    },
    "bargauge": {
        "dataLinks": [],
        "displayMode": "gradient",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "orientation": "auto",
        "reduceOptions": _REDUCE,
        "showUnfilled": True,
        "sizing": "auto",
        "text": {},
        "valueMode": "color",
    },
    "table": {
        "cellHeight": "sm",
        "footer": {
            "countRows": False,
            "enablePagination": False,
            "fields": "",
            "reducer": ["sum"],
            "show": False,
        },
        "frameIndex": 0,
        "showHeader": True,
        "sortBy": [],
    },
    "text": {
        "code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False},
        "mode": "markdown",
    },
    "piechart": {
        "displayLabels": [],
        "pieType": "pie",
        "reduceOptions": _REDUCE,
        "tooltip": _TOOLTIP,
    },
    "heatmap": {
        "calculate": False,
        "cellGap": 1,
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "selectionMode": "x",
        "showValue": "auto",
        # Before Grafana 10, `show` was what `mode` is now.
        "tooltip": {"mode": "single", "show": True, "showColorScale": False, "yHistogram": False},
    },
    "barchart": {
        "barRadius": 0,
        "barWidth": 0.97,
        "dataLinks": [],
        "fullHighlight": False,
        "groupWidth": 0.7,
        "legend": _LEGEND,
        "orientation": "auto",
        "showValue": "auto",
        "stacking": "none",
        "tooltip": _TOOLTIP,
        "xTickLabelRotation": 0,
        "xTickLabelSpacing": 0,
    },
    "histogram": {
        "bucketOffset": 0,
        "combine": False,
        "dataLinks": [],
        "legend": _LEGEND,
        "tooltip": _TOOLTIP,
    },
    "state-timeline": {
        "alignValue": "left",
        "legend": _LEGEND,
        "mergeValues": True,
        "perPage": 20,
        "rowHeight": 0.9,
        "showValue": "auto",
        "tooltip": _TOOLTIP,
    },
    "status-history": {"showValue": "auto"},
}
"""The options of panels that have none (panel/*/panelcfg.cue and module.tsx at 12.4). Many versions
write them all."""
_BARS: Mapping[str, Any] = {
    "fillOpacity": 80,
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "lineWidth": 1,
}
_CUSTOM: Mapping[str, Mapping[str, Any]] = {
    "barchart": {
        "axisBorderShow": False,
        "axisCenteredZero": False,
        "axisColorMode": "text",
        "axisLabel": "",
        "axisPlacement": "auto",
        "scaleDistribution": {"type": "linear"},
        "thresholdsStyle": {"mode": "off"},
        **_BARS,
    },
    "histogram": {"stacking": {"group": "A", "mode": "none"}, **_BARS},
    "timeseries": {"lineStyle": {"fill": "solid"}, "stacking": {"group": "A", "mode": "none"}},
    "table": {"align": "auto", "footer": {"reducers": []}, "wrapText": False},
}
"""Field options of panels that have none, of which some versions write a part."""
_COLOR: Mapping[str, str] = {
    "barchart": "palette-classic",
    "bargauge": "thresholds",
    "gauge": "thresholds",
    "histogram": "palette-classic",
    "piechart": "palette-classic",
    "stat": "thresholds",
    "state-timeline": "continuous-GrYlRd",
    "table": "thresholds",
    "timeseries": "palette-classic",
}
"""The colour mode of fields without one (panel/*/module.tsx and fieldOverrides.ts at 12.4)."""

UNTOUCHED: Mapping[str, Mapping[str, Any]] = {
    "timeseries": {
        "axisBorderShow": False,
        "axisCenteredZero": False,
        "axisColorMode": "text",
        "axisLabel": "",
        "axisPlacement": "auto",
        "barAlignment": 0,
        "barWidthFactor": 0.6,
        "drawStyle": "line",
        "fillOpacity": 0,
        "gradientMode": "none",
        "hideFrom": {"legend": False, "tooltip": False, "viz": False},
        "insertNulls": False,
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "pointSize": 5,
        "scaleDistribution": {"type": "linear"},
        "showPoints": "auto",
        "showValues": False,
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "none"},
        "thresholdsStyle": {"mode": "off"},
    },
    "state-timeline": {"fillOpacity": 70, "lineWidth": 0},
    "table": {"cellOptions": {"type": "auto"}, "filterable": False, "inspect": False},
}
"""Field options that Grafana writes for a new visualization: 12 and 13 for a time series, 9 to 13
for a table."""


def strip_dashboard(body: dict[str, Any]) -> None:
    """Strip the dashboard itself, its variables, annotations and links, in place."""
    for key in (*_DASHBOARD_NOISE, *LEGACY_DASHBOARD_KEYS):
        body.pop(key, None)
    for variable in body.get("templating", {}).get("list", []):
        if variable.get("type") != "interval":
            for key in _OF_INTERVALS:
                variable.pop(key, None)
        _drop_equal(variable, _VARIABLE)
    for link in body.get("links", []):
        _drop_equal(link, _LINK)
    _strip_annotations(body)
    _drop_equal(body.get("timepicker", {}), _TIMEPICKER)
    _drop_equal(body, _DASHBOARD)


def strip_panel(panel: dict[str, Any]) -> None:
    """Strip one panel, its targets and its field options, in place."""
    for key in _NO_LONGER_READ & panel.keys():
        del panel[key]
    if panel.get("type") == "row":
        panel.pop("targets", None)
    for target in panel.get("targets", []):
        _strip_target(target)
    if panel.get("type") in WITHOUT_DATA and not panel.get("targets"):
        panel.pop("datasource", None)
    for link in (
        *panel.get("links", ()),
        *panel.get("fieldConfig", {}).get("defaults", {}).get("links", ()),
    ):
        _drop_equal(link, _PANEL_LINK)
    if "fieldConfig" in panel:
        _strip_field_config(panel, panel["fieldConfig"])
    if panel.get("type") == "timeseries":
        _strip_legend(panel.get("options", {}))
    _drop_equal(panel, _PANEL)


def strip_options(panel: dict[str, Any]) -> None:
    """Strip the options of a panel that has none, and what only Grafana's editor reads, in
    place."""
    kind = panel.get("type", "")
    defaults = path(panel, "fieldConfig", "defaults")
    _repair_legend(path(panel, "options", "legend"))
    _drop_inside(path(panel, "options"), _OPTIONS.get(kind, {}))
    _drop_inside(path(defaults, "custom"), _CUSTOM.get(kind, {}))
    for owner, key in ((path(panel, "options"), "alertThreshold"), (defaults, "nullValueMode")):
        # The first is of legacy alerts; the second Grafana drops at load (an Angular panel had it).
        owner.pop(key, None)
    _drop_equal(defaults, {"custom": {}, "fieldMinMax": False, "color": {"mode": _COLOR.get(kind)}})
    if path(defaults, "thresholds").get("steps"):
        defaults["thresholds"].setdefault("mode", "absolute")
    for owner in (defaults, *override_properties(panel, "unit"), path(panel, "options", "yAxis")):
        _strip_suffix(owner)
    of_overrides = (dicts(each, "value") for each in override_properties(panel, "mappings"))
    for mapping in (*dicts(defaults, "mappings"), *(each for own in of_overrides for each in own)):
        _strip_index(path(mapping, "options"))
    if kind == "timeseries":
        _strip_unseen_threshold(defaults)
    if path(panel, "fieldConfig").get("defaults") == {}:
        del panel["fieldConfig"]["defaults"]
    for key in ("options", "fieldConfig"):
        if panel.get(key) == {}:
            del panel[key]
    for target in dicts(panel, "targets"):
        _strip_editor(target)


def _strip_index(options: dict[str, Any]) -> None:
    """Strip the places of value mappings in the editor; the JSON has them in order."""
    for result in options.values():
        if isinstance(result, dict):
            result.pop("index", None)


def _strip_suffix(owner: dict[str, Any]) -> None:
    """Write a unit of free text without `suffix:`: Grafana shows both alike
    (grafana-data/valueFormats/valueFormats.ts)."""
    key = "value" if owner.get("id") == "unit" else "unit"
    given = owner.get(key)
    if isinstance(given, str) and given.startswith("suffix:"):
        text = given.removeprefix("suffix:")
        if text and ":" not in text and unit_mistake(text):
            owner[key] = text


def _strip_unseen_threshold(defaults: dict[str, Any]) -> None:
    """Strip the only step of a time series that neither draws thresholds nor has their colour."""
    is_seen = path(defaults, "custom").get("thresholdsStyle") or (
        path(defaults, "color").get("mode") == "thresholds"
    )
    steps = dicts(path(defaults, "thresholds"), "steps")
    if not is_seen and len(steps) == 1 and steps[0].get("value") is None:
        del defaults["thresholds"]


def _repair_legend(legend: dict[str, Any]) -> None:
    """Hide a legend in today's way, and drop what nothing reads: `asTable`, the form of a hidden
    legend, and the order of one that is not sorted."""
    if legend.get("displayMode") == "hidden":
        legend |= {"displayMode": "list", "showLegend": False}
    if legend.get("showLegend") is False:
        legend.pop("displayMode", None)
    legend.pop("asTable", None)
    if not legend.get("sortBy"):
        legend.pop("sortDesc", None)


def _drop_inside(body: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """Drop defaults, and those inside an object of which only a part is given."""
    for key, default in defaults.items():
        inner = body.get(key)
        if isinstance(default, Mapping) and isinstance(inner, dict):
            _drop_inside(inner, default)
            if not inner:
                del body[key]
    _drop_equal(body, defaults)


def _strip_editor(target: dict[str, Any]) -> None:
    """Strip how the editor shows a query of Prometheus, and the range that it asks for anyway."""
    if "expr" not in target or (type_of(target) and not is_prometheus(target)):
        return
    for key in _EDITOR:
        target.pop(key, None)
    # Without both, a query has a range (promlib/models/query.go).
    if target.get("range") is not target.get("instant", False):
        target.pop("range", None)


def _strip_legend(options: dict[str, Any]) -> None:
    if legend := path(options, "legend"):
        _drop_equal(legend, _LEGEND)
        if not legend:
            del options["legend"]


def _strip_annotations(body: dict[str, Any]) -> None:
    annotations = body.get("annotations", {})
    for annotation in annotations.get("list", []):
        _drop_equal(annotation, _ANNOTATION)
    annotations["list"] = [
        annotation for annotation in annotations.get("list", []) if not _is_built_in(annotation)
    ]


def _is_built_in(annotation: Mapping[str, Any]) -> bool:
    """Whether this is the annotation that Grafana adds to every dashboard, unchanged."""
    known = {**_BUILT_IN_BESIDES, **_BUILT_IN}
    return all(annotation.get(key) == value for key, value in _BUILT_IN.items()) and all(
        # Its data source is Grafana itself, under several names.
        key == "datasource" or value == known.get(key, _MISSING)
        for key, value in annotation.items()
    )


def _strip_target(target: dict[str, Any]) -> None:
    # Old dashboards name a data source without its type; most that have `expr` ask Prometheus.
    if "expr" not in target or (type_of(target) and not is_prometheus(target)):
        _drop_equal(target, _TARGET)
        return
    # grafanalib writes the query a second time.
    if target.get("query") == target["expr"]:
        del target["query"]
    for key in LEGACY_TARGET_KEYS & target.keys():
        del target[key]
    _drop_equal(target, _PROMETHEUS_TARGET)


def _strip_field_config(panel: dict[str, Any], config: dict[str, Any]) -> None:
    defaults = config.setdefault("defaults", {})
    if custom := defaults.get("custom"):
        _strip_custom(custom, panel.get("type", ""))
    _strip_thresholds(panel, defaults)
    _drop_equal(defaults, _FIELD)
    if not config.get("overrides"):
        config.pop("overrides", None)
    if not defaults:
        config.pop("defaults")
    if not config:
        panel.pop("fieldConfig")


def _strip_thresholds(panel: dict[str, Any], defaults: dict[str, Any]) -> None:
    base = BASE_THRESHOLD.get(panel.get("type", ""))
    if "thresholds" in defaults and not path(defaults, "thresholds").get("steps"):
        del defaults["thresholds"]
        if base:
            defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": base, "value": None}]}
    own = [option.get("value") for option in override_properties(panel, "thresholds")]
    for thresholds in (defaults.get("thresholds"), *own):
        if isinstance(thresholds, dict) and (steps := dicts(thresholds, "steps")):
            # The first step has no bound, which some versions leave out.
            steps[0].setdefault("value", None)
    if defaults.get("thresholds") == _THRESHOLDS:
        del defaults["thresholds"]


def _strip_custom(custom: dict[str, Any], type: str) -> None:
    _drop_equal(custom, UNTOUCHED.get(type, {}))
    # grafanalib writes a base for linear scales, which have none, and a stack without a mode.
    if path(custom, "scaleDistribution").get("type") == "linear":
        del custom["scaleDistribution"]
    if custom.get("stacking") == {}:
        del custom["stacking"]


def _drop_equal(body: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    for key, default in defaults.items():
        value = body.get(key, _MISSING)
        # 1 == True, but they are not the same setting.
        if value == default and type(value) is type(default):
            del body[key]


# Rules

_QUERY: Mapping[str, Any] = {"queryType": "", "relativeTimeRange": {"from": 0, "to": 0}}
_MODEL: Mapping[str, Any] = {"hide": False, "intervalMs": 1000, "maxDataPoints": 43200}


def without_defaults(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's query without the keys that Grafana adds."""
    query: dict[str, Any] = {
        key: value for key, value in body.items() if value != _QUERY.get(key, _MISSING)
    }
    query["model"] = {
        key: value for key, value in body["model"].items() if value != _MODEL.get(key, _MISSING)
    }
    return query
