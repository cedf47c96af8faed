"""Removes from a dashboard's JSON what Grafana adds itself and what it no longer reads.

Only the definition's own values stay, so a small change of a definition is a small change of the
JSON. The defaults are those of Grafana's panel and dashboard models and of the visualization
plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.parts import path

__all__ = [
    "LEGACY_DASHBOARD_KEYS",
    "LEGACY_PANEL_KEYS",
    "LEGACY_TARGET_KEYS",
    "UNTOUCHED",
    "is_prometheus",
    "strip_dashboard",
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
    "auto": False,
    "current": {},
    "description": "",
    "hide": 0,
    "includeAll": False,
    "label": "",
    "multi": False,
    "options": [],
    "regex": "",
    "skipUrlSync": False,
    "sort": 0,
}
_ANNOTATION: Mapping[str, Any] = {
    "hide": False,
    "tagKeys": "",
    "textFormat": "",
    "titleFormat": "",
    "useValueForTime": False,
}
_BUILT_IN: Mapping[str, Any] = {
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
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

_BASE_THRESHOLD: Mapping[str, str] = {
    "stat": "text",
    "gauge": "green",
    "bargauge": "green",
    "table": "text",
    "state-timeline": "green",
}
"""The colour of panels whose colour follows the thresholds, if there are none. Without a base step,
Grafana applies its own default: green, and red from 80."""

_LEGEND: Mapping[str, Any] = {
    "calcs": [],
    "displayMode": "list",
    "placement": "bottom",
    "showLegend": True,
}
"""The defaults of a time series (grafana-schema, common/mudball.cue: VizLegendOptions)."""

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
    for target in panel.get("targets", []):
        _strip_target(target)
    for link in (
        *panel.get("links", ()),
        *panel.get("fieldConfig", {}).get("defaults", {}).get("links", ()),
    ):
        _drop_equal(link, _PANEL_LINK)
    if "fieldConfig" in panel or panel.get("type") in _BASE_THRESHOLD:
        _strip_field_config(panel, panel.setdefault("fieldConfig", {}))
    if panel.get("type") == "timeseries":
        _strip_legend(panel.get("options", {}))
    _drop_equal(panel, _PANEL)


def _strip_legend(options: dict[str, Any]) -> None:
    if legend := path(options, "legend"):
        _drop_equal(legend, _LEGEND)
        if not legend:
            del options["legend"]


def is_prometheus(owner: Mapping[str, Any]) -> bool:
    """Whether the data source of `owner` is a Prometheus or a cloud provider's variant of it."""
    return "prometheus" in str(owner.get("datasource", {}).get("type", ""))


def _strip_annotations(body: dict[str, Any]) -> None:
    annotations = body.get("annotations", {})
    for annotation in annotations.get("list", []):
        _drop_equal(annotation, _ANNOTATION)
    annotations["list"] = [
        annotation for annotation in annotations.get("list", []) if not _is_built_in(annotation)
    ]


def _is_built_in(annotation: Mapping[str, Any]) -> bool:
    """Whether this is the annotation that Grafana adds to every dashboard, unchanged."""
    return bool(annotation.get("builtIn")) and all(
        annotation.get(key) == value for key, value in _BUILT_IN.items()
    )


def _strip_target(target: dict[str, Any]) -> None:
    if "expr" not in target or not is_prometheus(target):
        _drop_equal(target, _TARGET)
        return
    for key in LEGACY_TARGET_KEYS & target.keys():
        del target[key]
    _drop_equal(target, _PROMETHEUS_TARGET)


def _strip_field_config(panel: dict[str, Any], config: dict[str, Any]) -> None:
    defaults = config.setdefault("defaults", {})
    if custom := defaults.get("custom"):
        _strip_custom(custom, panel.get("type", ""))
    if not defaults.get("thresholds", {}).get("steps"):
        defaults.pop("thresholds", None)
        if base := _BASE_THRESHOLD.get(panel.get("type", "")):
            defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": base, "value": None}]}
    _drop_equal(defaults, _FIELD)
    if not config.get("overrides"):
        config.pop("overrides", None)
    if not defaults:
        config.pop("defaults")
    if not config:
        panel.pop("fieldConfig")


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
