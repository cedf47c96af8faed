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

_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "stat": {
        "percentChangeColorMode": "standard",
        "showPercentChange": False,
        "text": {},
        "wideLayout": True,
    },
    "gauge": {"minVizHeight": 75, "minVizWidth": 75, "sizing": "auto", "text": {}},
    "bargauge": {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "sizing": "auto",
        "text": {},
        "valueMode": "color",
    },
    "heatmap": {"selectionMode": "x", "showValue": "auto"},
    "barchart": {"showValue": "auto"},
    "state-timeline": {"showValue": "auto"},
    "status-history": {"showValue": "auto"},
}
"""Options that newer versions write for every panel of a type (panel/*/panelcfg.cue at 12.4)."""
_REDUCE: Mapping[str, Any] = {"fields": "", "values": False}

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
    """Strip the options that newer versions write for every panel of a type, in place."""
    options = path(panel, "options")
    _drop_equal(options, _OPTIONS.get(panel.get("type", ""), {}))
    _drop_equal(path(options, "reduceOptions"), _REDUCE)
    if panel.get("options") == {}:
        del panel["options"]


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
