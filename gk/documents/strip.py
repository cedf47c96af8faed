"""Removes from a dashboard's JSON what Grafana adds itself and what it no longer reads.

Only the definition's own values stay, so a small change of a definition is a small change of the
JSON. The defaults are those of Grafana's panel and dashboard models and of the visualization
plugins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from gk.documents.defaults import (
    AD_HOC,
    ANNOTATION,
    BASE_THRESHOLD,
    BUILT_IN,
    BUILT_IN_BESIDES,
    COLOR,
    CUSTOM,
    DASHBOARD,
    DASHBOARD_NOISE,
    EDITOR,
    FIELD,
    LEFT_BEHIND,
    LEGACY_DASHBOARD_KEYS,
    LEGACY_TARGET_KEYS,
    LEGEND,
    LINK,
    NO_LONGER_READ,
    OF_INTERVALS,
    OPTIONS,
    OPTIONS_OF_QUERY,
    PANEL,
    PANEL_LINK,
    PROMETHEUS_TARGET,
    RULE_MODEL,
    RULE_QUERY,
    TARGET,
    THRESHOLDS,
    TIMEPICKER,
    UNTOUCHED,
    VARIABLE,
)
from gk.documents.parts import dicts, override_properties, path
from gk.documents.references import may_ask_prometheus
from gk.documents.targets import WITHOUT_DATA
from gk.documents.units import unit_mistake

__all__ = [
    "strip_dashboard",
    "strip_left_behind",
    "strip_options",
    "strip_panel",
    "strip_variable",
    "without_defaults",
]

_MISSING = object()


def strip_dashboard(body: dict[str, Any]) -> None:
    """Strip the dashboard itself, its variables, annotations and links, in place."""
    for key in (*DASHBOARD_NOISE, *LEGACY_DASHBOARD_KEYS):
        body.pop(key, None)
    for variable in body.get("templating", {}).get("list", []):
        if variable.get("type") != "interval":
            for key in OF_INTERVALS:
                variable.pop(key, None)
        _drop_equal(variable, VARIABLE)
    for link in body.get("links", []):
        _drop_equal(link, LINK)
    _strip_annotations(body)
    _drop_equal(body.get("timepicker", {}), TIMEPICKER)
    _drop_equal(body, DASHBOARD)


def strip_variable(variable: dict[str, Any]) -> None:
    """Strip what Grafana makes of a variable's query when it loads a dashboard, in place
    (createSceneVariableFromVariableModel at 12.4)."""
    kind = variable.get("type")
    if kind in OPTIONS_OF_QUERY or (kind == "custom" and _are_of_query(variable)):
        variable.pop("options", None)
    if kind == "adhoc":
        _drop_equal(variable, AD_HOC)
    if kind == "interval" and not variable.get("auto"):
        for key in OF_INTERVALS:
            variable.pop(key, None)


def _are_of_query(variable: dict[str, Any]) -> bool:
    """Whether the options of a custom variable are those that its text lists."""
    query, options = variable.get("query"), variable.get("options")
    if not isinstance(query, str) or not isinstance(options, list):
        return False
    pairs = [part.strip().partition(" : ") for part in query.split(",")]
    listed = [(text, value or text) for text, _, value in pairs]
    own = [
        (option.get("text"), option.get("value"))
        for option in dicts(variable, "options")
        if option.get("value") != "$__all"
    ]
    return listed == own


def strip_panel(panel: dict[str, Any]) -> None:
    """Strip one panel, its targets and its field options, in place."""
    for key in NO_LONGER_READ & panel.keys():
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
        _drop_equal(link, PANEL_LINK)
    if "fieldConfig" in panel:
        _strip_field_config(panel, panel["fieldConfig"])
    if panel.get("type") == "timeseries":
        _strip_legend(panel.get("options", {}))
    _drop_equal(panel, PANEL)


def strip_left_behind(panel: dict[str, Any]) -> None:
    """Strip what a panel has from before it got its type, in place."""
    kind = panel.get("type")
    # A graph that Grafana 12 hands out under its new type is one still, and grafanalib writes keys
    # beside those of a table that gk.documents.panels moves.
    if "autoMigrateFrom" in panel or (kind == "table" and "styles" not in panel):
        return
    for key in LEFT_BEHIND.get(str(kind), frozenset()) & panel.keys():
        del panel[key]


def strip_options(panel: dict[str, Any]) -> None:
    """Strip the options of a panel that has none, and what only Grafana's editor reads, in
    place."""
    kind = panel.get("type", "")
    defaults = path(panel, "fieldConfig", "defaults")
    _strip_color(path(defaults, "color"))
    for option in override_properties(panel, "color"):
        _strip_color(path(option, "value"))
    _repair_legend(path(panel, "options", "legend"))
    _strip_tooltip(path(panel, "options", "tooltip"))
    _sort_properties(panel)
    _strip_stacking(panel, defaults)
    _drop_inside(path(panel, "options"), OPTIONS.get(kind, {}))
    _drop_inside(path(defaults, "custom"), CUSTOM.get(kind, {}))
    for owner, key in _unread(panel, defaults):
        owner.pop(key, None)
    _drop_equal(defaults, {"custom": {}, "fieldMinMax": False, "color": {"mode": COLOR.get(kind)}})
    if path(defaults, "thresholds").get("steps"):
        defaults["thresholds"].setdefault("mode", "absolute")
    _respell(panel, defaults)
    if kind == "timeseries":
        _strip_unseen_threshold(panel, defaults)
    if kind == "table":
        _strip_unseen_footer(path(panel, "options"))
    if kind != "graph":
        _drop_empty(panel)
    for target in dicts(panel, "targets"):
        _strip_editor(target)


def _unread(
    panel: dict[str, Any], defaults: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], str]]:
    """What nothing reads, by the objects that have it."""
    # Of legacy alerts.
    yield path(panel, "options"), "alertThreshold"
    # Of an Angular panel: Grafana drops it at load.
    yield defaults, "nullValueMode"
    # Only 10.3 had it.
    yield defaults, "unitScale"
    hidden = path(defaults, "custom", "hideFrom")
    if hidden.get("graph") is False or "viz" in hidden:
        # What `viz` was before 8.0.
        yield hidden, "graph"
    if not (panel.get("timeFrom") or panel.get("timeShift")):
        # It hides the panel's own time, of which there is none.
        yield panel, "hideTimeOverride"


def _drop_empty(body: dict[str, Any]) -> None:
    """Drop objects without anything in them: Grafana reads them as missing."""
    for key, inner in [*body.items()]:
        if isinstance(inner, dict):
            _drop_empty(inner)
            if not inner:
                del body[key]


def _strip_color(color: dict[str, Any]) -> None:
    """Strip the colour that a mode does not read (grafana-data/field/fieldColor.ts)."""
    if color.get("mode", "fixed") not in ("fixed", "shades"):
        color.pop("fixedColor", None)


def _strip_tooltip(tooltip: dict[str, Any]) -> None:
    """Strip the order of one series."""
    if tooltip.get("mode") == "single":
        tooltip.pop("sort", None)


def _strip_stacking(panel: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Strip the group of what is not stacked."""
    of_overrides = override_properties(panel, "custom.stacking")
    for stacking in (
        path(defaults, "custom", "stacking"),
        *(path(option, "value") for option in of_overrides),
    ):
        if stacking.get("mode") == "none":
            stacking.pop("group", None)


def _sort_properties(panel: dict[str, Any]) -> None:
    """Sort the properties of overrides by their ids: each sets an option of its own, unless one is
    a part of another (`custom.hideFrom`, `custom.hideFrom.viz`)."""
    for override in dicts(path(panel, "fieldConfig"), "overrides"):
        properties = sorted(dicts(override, "properties"), key=lambda option: str(option.get("id")))
        ids = [str(option.get("id")) for option in properties]
        if not any(f"{after}.".startswith(f"{id}.") for id, after in pairwise(ids)):
            override["properties"] = properties


def _respell(panel: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Spell units and value mappings in one way, also those of overrides."""
    for owner in (defaults, *override_properties(panel, "unit"), path(panel, "options", "yAxis")):
        _strip_suffix(owner)
    of_overrides = (dicts(option, "value") for option in override_properties(panel, "mappings"))
    for mapping in (
        *dicts(defaults, "mappings"),
        *(mapping for own in of_overrides for mapping in own),
    ):
        for result in path(mapping, "options").values():
            if isinstance(result, dict):
                # The place of a mapping in the editor; the JSON has them in order.
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


def _strip_unseen_threshold(panel: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Strip the only step of a time series none of whose fields draws thresholds or has their
    colour."""
    styles = [path(defaults, "custom").get("thresholdsStyle")]
    styles += [
        option.get("value") for option in override_properties(panel, "custom.thresholdsStyle")
    ]
    colors = [path(defaults, "color")]
    colors += [path(option, "value") for option in override_properties(panel, "color")]
    is_seen = any(styles) or any(color.get("mode") == "thresholds" for color in colors)
    steps = dicts(path(defaults, "thresholds"), "steps")
    if not is_seen and len(steps) == 1:
        del defaults["thresholds"]


def _strip_unseen_footer(options: dict[str, Any]) -> None:
    """Strip what a table's footer calculates where it is not shown."""
    footer = path(options, "footer")
    if not footer.get("show"):
        for key in ("countRows", "fields", "reducer"):
            footer.pop(key, None)
    if options.get("footer") == {}:
        del options["footer"]


def _repair_legend(legend: dict[str, Any]) -> None:
    """Hide a legend in today's way, and drop what nothing reads: `asTable`, the form of a hidden
    legend, the order of one that is not sorted, and the width of one that is not on the right."""
    if legend.get("displayMode") == "hidden":
        legend |= {"displayMode": "list", "showLegend": False}
    if legend.get("showLegend") is False:
        legend.pop("displayMode", None)
    legend.pop("asTable", None)
    if legend.get("placement") != "right":
        # Below a panel, it is as wide as that.
        legend.pop("width", None)
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
    if "expr" not in target or not may_ask_prometheus(target):
        return
    for key in EDITOR:
        target.pop(key, None)
    # A query that is not instant has a range anyway (promlib/models/query.go).
    if not (target.get("instant") and target.get("range")):
        target.pop("range", None)


def _strip_legend(options: dict[str, Any]) -> None:
    if legend := path(options, "legend"):
        _drop_equal(legend, LEGEND)
        if not legend:
            del options["legend"]


def _strip_annotations(body: dict[str, Any]) -> None:
    annotations = body.get("annotations", {})
    for annotation in annotations.get("list", []):
        _drop_equal(annotation, ANNOTATION)
    annotations["list"] = [
        annotation for annotation in annotations.get("list", []) if not _is_built_in(annotation)
    ]


def _is_built_in(annotation: Mapping[str, Any]) -> bool:
    """Whether this is the annotation that Grafana adds to every dashboard, unchanged."""
    known = {**BUILT_IN_BESIDES, **BUILT_IN}
    return all(annotation.get(key) == value for key, value in BUILT_IN.items()) and all(
        # Its data source is Grafana itself, under several names.
        key == "datasource" or value == known.get(key, _MISSING)
        for key, value in annotation.items()
    )


def _strip_target(target: dict[str, Any]) -> None:
    if "expr" not in target or not may_ask_prometheus(target):
        _drop_equal(target, TARGET)
        return
    # grafanalib writes the query a second time.
    if target.get("query") == target["expr"]:
        del target["query"]
    for key in LEGACY_TARGET_KEYS & target.keys():
        del target[key]
    _drop_equal(target, PROMETHEUS_TARGET)


def _strip_field_config(panel: dict[str, Any], config: dict[str, Any]) -> None:
    defaults = config.setdefault("defaults", {})
    if custom := defaults.get("custom"):
        _strip_custom(custom, panel.get("type", ""))
    _strip_thresholds(panel, defaults)
    _drop_equal(defaults, FIELD)
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
            # The first step has no bound, whatever a document says: Grafana replaces it at load
            # (fixThresholds in grafana-data/panel/getPanelOptionsWithDefaults.ts, 9.4 and 12.4).
            steps[0]["value"] = None
    if defaults.get("thresholds") == THRESHOLDS:
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


def without_defaults(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's query without the keys that Grafana adds."""
    query: dict[str, Any] = {
        key: value for key, value in body.items() if value != RULE_QUERY.get(key, _MISSING)
    }
    query["model"] = {
        key: value for key, value in body["model"].items() if value != RULE_MODEL.get(key, _MISSING)
    }
    return query
