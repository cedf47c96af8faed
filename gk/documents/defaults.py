"""What Grafana takes where a document is silent, and the keys that it no longer reads.

The values are those of the panel and dashboard models of Grafana 9.3 to 12.4 and of its
visualization plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "AD_HOC",
    "ANNOTATION",
    "BASE_THRESHOLD",
    "BUILT_IN",
    "BUILT_IN_BESIDES",
    "COLOR",
    "CUSTOM",
    "DASHBOARD",
    "DASHBOARD_NOISE",
    "EDITOR",
    "FIELD",
    "GRAPH_KEYS",
    "LEFT_BEHIND",
    "LEGACY_DASHBOARD_KEYS",
    "LEGACY_PANEL_KEYS",
    "LEGACY_TARGET_KEYS",
    "LEGEND",
    "LINK",
    "NO_LONGER_READ",
    "OF_INTERVALS",
    "OPTIONS",
    "OPTIONS_OF_QUERY",
    "PANEL",
    "PANEL_LINK",
    "PROMETHEUS_TARGET",
    "RULE_MODEL",
    "RULE_QUERY",
    "TARGET",
    "THRESHOLDS",
    "TIMEPICKER",
    "UNTOUCHED",
    "VARIABLE",
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

GRAPH_KEYS = frozenset(
    {
        "aliasColors", "aliasYAxis", "annotate", "autoMigrateFrom", "bars", "dashLength", "dashes",
        "decimals", "fill", "fillGradient", "grid", "hiddenSeries", "leftYAxisLabel", "legend",
        "lines", "linewidth", "nullPointMode", "paceLength", "percentage", "pointradius", "points",
        "renderer", "resolution", "rightYAxisLabel", "scale", "seriesOverrides", "spaceLength",
        "stack", "steppedLine", "thresholds", "timeRegions", "tooltip", "x-axis", "xaxis", "y-axis",
        "y2_format", "yAxes", "y_format", "y_formats", "yaxes", "yaxis", "zerofill",
    }
)  # fmt: skip
"""The keys of a graph beside those of every panel (panel/graph/module.ts), and older ones."""

LEFT_BEHIND: Mapping[str, frozenset[str]] = {
    "row": frozenset({"collapse", "showTitle", "titleSize"}),
    "table": frozenset(
        {
            "columns", "fontSize", "pageSize", "scroll", "showHeader", "sort", "styles",
            "transform",
        }
    ),
    "timeseries": GRAPH_KEYS,
}  # fmt: skip
"""Keys beside `options` that panels of a type have from before Grafana 5, or from Angular, and
that nothing reads."""

LEGACY_TARGET_KEYS = frozenset({"metric", "step", "target"})
"""Keys of a Prometheus query that grafanalib writes, but neither the editor nor the backend reads.

`query` is another if it equals `expr`. `intervalFactor` is not: although deprecated, it still
multiplies the step (pkg/promlib/models/query.go), and grafanalib's default is 2.
"""

DASHBOARD: Mapping[str, Any] = {
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
DASHBOARD_NOISE = ("id", "version", "iteration", "revision", "__elements")

PANEL: Mapping[str, Any] = {
    "description": "",
    "hideTimeOverride": False,
    "links": [],
    "options": {},
    "repeatDirection": "h",
    "targets": [],
    "transformations": [],
    "transparent": False,
}
FIELD: Mapping[str, Any] = {"custom": {}, "links": [], "mappings": [], "unit": ""}
NO_LONGER_READ = LEGACY_PANEL_KEYS | {"pluginVersion"}
TARGET: Mapping[str, Any] = {"hide": False}
PROMETHEUS_TARGET: Mapping[str, Any] = {
    "exemplar": False,
    "format": "time_series",
    "instant": False,
    "interval": "",
    # Deprecated, but a factor other than 1 still multiplies the step.
    "intervalFactor": 1,
    "legendFormat": "",
    **TARGET,
}
EDITOR = (
    "disableTextWrap",
    "editorMode",
    "fullMetaSearch",
    "includeNullMetadata",
    "useBackend",
)
"""Keys of a Prometheus query that only its editor reads (grafana-prometheus/types.ts)."""
VARIABLE: Mapping[str, Any] = {
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
OF_INTERVALS = ("auto", "auto_count", "auto_min")
OPTIONS_OF_QUERY = frozenset({"constant", "interval", "textbox"})
"""Types of variables whose options Grafana makes anew of the query."""
AD_HOC: Mapping[str, Any] = {"filters": [], "query": ""}
ANNOTATION: Mapping[str, Any] = {
    "hide": False,
    "tagKeys": "",
    "textFormat": "",
    "titleFormat": "",
    "useValueForTime": False,
}
BUILT_IN: Mapping[str, Any] = {
    "builtIn": 1,
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
}
# What some versions write for it besides.
BUILT_IN_BESIDES: Mapping[str, Any] = {
    "target": {"limit": 100, "matchAny": False, "tags": [], "type": "dashboard"},
    "type": "dashboard",
}
TIMEPICKER: Mapping[str, Any] = {
    "hidden": False,
    "nowDelay": "",
    "refresh_intervals": ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"],
}
PANEL_LINK: Mapping[str, Any] = {"targetBlank": False}
LINK: Mapping[str, Any] = {
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
THRESHOLDS: Mapping[str, Any] = {
    "mode": "absolute",
    "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
}
"""Grafana's own thresholds, of every field without any (grafana-data/field/standardFieldConfig)."""

LEGEND: Mapping[str, Any] = {
    "calcs": [],
    "displayMode": "list",
    "placement": "bottom",
    "showLegend": True,
}
"""The defaults of a time series (grafana-schema, common/mudball.cue: VizLegendOptions)."""

_REDUCE: Mapping[str, Any] = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_TOOLTIP: Mapping[str, Any] = {"hideZeros": False, "mode": "single", "sort": "none"}
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # An Angular graph had its links at `dataLinks` before Grafana 7.1, often none.
    "timeseries": {"dataLinks": [], "legend": LEGEND, "tooltip": _TOOLTIP},
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
        "legend": {**LEGEND, "values": []},
        "pieType": "pie",
        "reduceOptions": _REDUCE,
        "tooltip": _TOOLTIP,
    },
    "logs": {
        "dedupStrategy": "none",
        "enableLogDetails": True,
        "prettifyLogMessage": False,
        "showCommonLabels": False,
        "showLabels": False,
        "showTime": False,
        "sortOrder": "Descending",
        "wrapLogMessage": False,
    },
    "alertlist": {
        "alertInstanceLabelFilter": "",
        "alertName": "",
        "datasource": "",
        "groupBy": [],
        "groupMode": "default",
        "viewMode": "list",
    },
    "heatmap": {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "exponent": 0.5,
            "fill": "dark-orange",
            "reverse": False,
            "scale": "exponential",
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "selectionMode": "x",
        "showValue": "auto",
        # Before Grafana 10, `show` was what `mode` is now.
        "tooltip": {"mode": "single", "show": True, "showColorScale": False, "yHistogram": False},
        "yAxis": {"axisPlacement": "left", "reverse": False},
    },
    "barchart": {
        "barRadius": 0,
        "barWidth": 0.97,
        "dataLinks": [],
        "fullHighlight": False,
        "groupWidth": 0.7,
        "legend": LEGEND,
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
        "legend": LEGEND,
        "tooltip": _TOOLTIP,
    },
    "state-timeline": {
        "alignValue": "left",
        "legend": LEGEND,
        "mergeValues": True,
        "rowHeight": 0.9,
        "showValue": "auto",
        "tooltip": _TOOLTIP,
    },
    "status-history": {"showValue": "auto"},
}
"""The options of panels that have none (panel/*/panelcfg.cue and module.tsx at 12.4). Many versions
write them all."""
_SHOWN: Mapping[str, bool] = {"legend": False, "tooltip": False, "viz": False}
_BARS: Mapping[str, Any] = {
    "fillOpacity": 80,
    "gradientMode": "none",
    "hideFrom": _SHOWN,
    "lineWidth": 1,
}
CUSTOM: Mapping[str, Mapping[str, Any]] = {
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
    "heatmap": {"hideFrom": _SHOWN},
    "piechart": {"hideFrom": _SHOWN},
    "timeseries": {
        "hideFrom": _SHOWN,
        "lineStyle": {"fill": "solid"},
        "stacking": {"group": "A", "mode": "none"},
    },
    "state-timeline": {
        "axisPlacement": "auto",
        "hideFrom": _SHOWN,
        "insertNulls": False,
        "spanNulls": False,
    },
    "table": {
        "align": "auto",
        "cellOptions": {"type": "auto", "wrapText": False},
        "footer": {"reducers": []},
        "wrapText": False,
    },
}
"""Field options of panels that have none, of which some versions write a part."""
COLOR: Mapping[str, str] = {
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
        "hideFrom": _SHOWN,
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

RULE_QUERY: Mapping[str, Any] = {"queryType": "", "relativeTimeRange": {"from": 0, "to": 0}}
RULE_MODEL: Mapping[str, Any] = {"hide": False, "intervalMs": 1000, "maxDataPoints": 43200}
