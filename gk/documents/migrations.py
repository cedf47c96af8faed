"""Migrates a dashboard of any schemaVersion to the last classic one, 42, in place of Grafana, which
then skips its own migrations.

Grafana migrates older dashboards when it loads them. gk always writes 42, so that the stored JSON
does not depend on the version of Grafana, and must migrate itself. gk adds one rule to Grafana's: a
step changes only the old shape and leaves today's alone, because grafanalib writes current panels
under version 12, and a hand-written dict often has no version, which counts as 0.

| to    | what                                         | here |
| ----- | -------------------------------------------- | ---- |
| 2-5   | services, graphite, ids, aliasYAxis (of 1.x) | no: before 2015; ids are given elsewhere |
| 6     | variables: type                              | yes; pulldowns (Grafana 1): no |
| 7-8   | nav, refIds, InfluxDB 0.8 queries            | no: before 2015; refIds given elsewhere |
| 9-10  | singlestat, table: first of three thresholds | no: three that are meant look the same |
| 12    | variables: refresh, hide; graph: yaxes       | yes, but a refresh that is a number stays |
| 13    | graph: thresholds out of grid                | yes |
| 14    | sharedCrosshair                              | yes, but a graphTooltip stays |
| 16    | rows with spans                              | yes, without ids, row before its panels |
| 17    | minSpan                                      | yes |
| 18    | options-gauge                                | yes; its plugin does the rest at load |
| 19-21 | panel links, variable names in data links    | yes |
| 22    | styles of Angular tables: align              | no: table-old to table does without it |
| 23    | variables: current of multi                  | yes |
| 24    | Angular table                                | yes, to table-old: 12 changes it by type |
| 26    | text2                                        | no: was in pre-releases of 7.0 only |
| 27    | clones of repeated panels, visible constants | yes |
| 28    | singlestat, tags of variables                | yes |
| 29    | variables: refresh and options of queries    | yes |
| 30    | value mappings, tooltipOptions               | yes |
| 31    | merge after labelsToFields                   | yes |
| 33    | data source names                            | no: another module of gk does it, with 36 |
| 34    | CloudWatch: statistics                       | queries yes, annotations no |
| 35    | time axis of a panel whose axes are hidden   | yes |
| 37    | legend: showLegend                           | yes |
| 38    | table: cellOptions                           | yes |
| 39    | timeSeriesTable: options for each query      | yes |
| 40    | refresh is a text                            | yes |
| 41    | timepicker: time_options                     | yes |
| 42    | what is hidden is not in the tooltip either  | yes |

11, 15, 25 and 32 change nothing; grafanalib writes both keys of 14. Sources:
public/app/features/dashboard/state/DashboardMigrator.ts at v9.3.2 (up to 37), and grafana/grafana
main, apps/dashboard/pkg/migration/schemaversion/v*.go. What a panel plugin changes at load,
at any schemaVersion, is in gk.documents.panels if gk needs it. A graph stays a graph here, for
versions that draw it; gk.documents.graphs makes the panel in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gk.documents.field_options import upgrade_mappings
from gk.documents.panels import cell_options
from gk.documents.parts import child, dicts, every_panel, finite, override_properties, path
from gk.documents.rows import COLUMNS, rows_to_grid
from gk.documents.shapes import Json
from gk.documents.stats import singlestat

__all__ = ["SCHEMA_VERSION", "migrate"]

SCHEMA_VERSION = 42


def migrate(body: Json) -> Json:
    """Migrate a classic dashboard to SCHEMA_VERSION in place and return it; a current one stays
    unchanged."""
    version = finite(body.get("schemaVersion")) or 0
    if version >= SCHEMA_VERSION:
        return body
    for until, change in _DASHBOARD_STEPS:
        if version < until:
            change(body)
    steps = [(key, change) for until, key, change in _PANEL_STEPS if version < until]
    for panel in every_panel(body):
        for key, change in steps:
            if panel.get(key):
                change(panel)
    body["schemaVersion"] = SCHEMA_VERSION
    return body


def _variables(body: Json, *types: str) -> list[Json]:
    """Return the variables of these types, or all."""
    variables = dicts(path(body, "templating"), "list")
    return (
        [variable for variable in variables if variable.get("type") in types]
        if types
        else variables
    )


# Variables and the dashboard's own keys


def _name_variable_types(body: Json) -> None:
    for variable in _variables(body):
        if variable.get("type") in (None, "filter"):
            variable["type"] = "query"


def _hide_variables(body: Json) -> None:
    for variable in _variables(body):
        if isinstance(variable.get("refresh"), bool):
            variable["refresh"] = int(variable["refresh"])
        hide_label, hide_variable = (
            variable.pop("hideLabel", None),
            variable.pop("hideVariable", None),
        )
        if hide_variable or hide_label:
            variable["hide"] = 2 if hide_variable else 1


def _graph_tooltip(body: Json) -> None:
    if body.pop("sharedCrosshair", None) and not body.get("graphTooltip"):
        body["graphTooltip"] = 1


def _align_current(body: Json) -> None:
    """Make the current value of a variable a list if it is multi, and only then."""
    for variable in _variables(body):
        current = path(variable, "current")
        value = current.get("value")
        if (
            value is None
            or "multi" not in variable
            or bool(variable["multi"]) == isinstance(value, list)
        ):
            continue
        for key in current.keys() & {"text", "value"}:
            current[key] = _aligned(current[key], multi=bool(variable["multi"]))


def _aligned(value: object, *, multi: bool) -> object:
    if isinstance(value, list):
        return value if multi else value[0] if value else ""
    return [value] if multi else value


def _remove_repeats(body: Json) -> None:
    """Remove the clones of repeated panels that old Grafana saved: each load makes them again."""
    for owner in (body, *dicts(body, "panels")):
        if isinstance(owner.get("panels"), list):
            owner["panels"] = [panel for panel in dicts(owner, "panels") if not _is_repeat(panel)]


def _is_repeat(panel: Json) -> bool:
    return bool(panel.get("repeatPanelId") or panel.get("repeatByRow"))


def _show_constants(body: Json) -> None:
    """Make a constant that is not hidden a text box: today a constant never shows."""
    for variable in _variables(body, "constant"):
        query = variable.get("query")
        current = {"selected": True, "text": query or "", "value": query or ""}
        variable.update(current=current, options=[dict(current)])
        if variable.get("hide") in (0, 1):
            variable["type"] = "textbox"


def _remove_variable_tags(body: Json) -> None:
    for variable in _variables(body):
        for key in ("tags", "tagsQuery", "tagValuesQuery", "useTags"):
            variable.pop(key, None)


def _refresh_queries(body: Json) -> None:
    for variable in _variables(body, "query"):
        if variable.get("refresh") not in (1, 2):
            variable["refresh"] = 1
        if variable.get("options"):
            variable["options"] = []


def _refresh_text(body: Json) -> None:
    if "refresh" in body and not isinstance(body["refresh"], str):
        body["refresh"] = ""


def _remove_time_options(body: Json) -> None:
    path(body, "timepicker").pop("time_options", None)


def _max_per_row(panel: Json) -> None:
    """Convert minSpan, in columns, to the greatest number of panels in a row that divides the
    grid."""
    min_span = finite(panel.pop("minSpan", None))
    if min_span is not None and min_span > 0:
        fits = [number for number in (1, 2, 3, 4, 6, 8, 12, 24) if number <= COLUMNS / min_span]
        panel["maxPerRow"] = fits[-1] if fits else 1


# Graph, links, and what else depends on a panel's type


def _graph_axes(panel: Json) -> None:
    grid = panel["grid"]
    if panel.get("type") != "graph" or not isinstance(grid, dict) or "yaxes" in panel:
        return
    formats = panel.pop("y_formats", None)
    show = panel.pop("y-axis", True)
    panel["yaxes"] = [
        {
            "show": show,
            "min": grid.pop(f"{side}Min", None),
            "max": grid.pop(f"{side}Max", None),
            "logBase": grid.pop(f"{side}LogBase", 1),
            "format": formats[index]
            if isinstance(formats, list) and index < len(formats)
            else "short",
            "label": panel.pop(f"{side}YAxisLabel", None),
        }
        for index, side in enumerate(("left", "right"))
    ]
    panel["xaxis"] = {"show": panel.pop("x-axis", True)}


def _graph_thresholds(panel: Json) -> None:
    grid = panel["grid"]
    if panel.get("type") != "graph" or not isinstance(grid, dict):
        return
    line = grid.pop("thresholdLine", None)
    pairs = [
        (grid.pop(key, None), grid.pop(f"{key}Color", None)) for key in ("threshold1", "threshold2")
    ]
    thresholds = [(finite(value), color) for value, color in pairs]
    if thresholds[0][0] is None:  # a second without a first was never drawn
        return
    given = [(value, color) for value, color in thresholds if value is not None]
    op = "lt" if given[0][0] > given[-1][0] else "gt"
    look, tint = ("line", "lineColor") if line else ("fill", "fillColor")
    new = [
        {"value": value, "op": op, look: True, tint: color, "colorMode": "custom"}
        for value, color in given
    ]
    panel["thresholds"] = [*dicts(panel, "thresholds"), *new]


def _options_gauge(panel: Json) -> None:
    options = panel.pop("options-gauge")
    if not isinstance(options, dict):
        return
    options.pop("options", None)
    value_options = {
        key: options.pop(key, None) for key in ("unit", "stat", "decimals", "prefix", "suffix")
    }
    if isinstance(options.get("thresholds"), list):
        options["thresholds"].reverse()
    panel["options"] = {**options, "valueOptions": value_options}


_OLD_LINK_KEYS = frozenset({"dashUri", "dashboard", "includeVars", "keepTime", "params", "type"})


def _panel_links(panel: Json) -> None:
    for link in dicts(panel, "links"):
        if not _OLD_LINK_KEYS.isdisjoint(link):
            url = _link_url(link)
            title, target_blank = link.get("title"), bool(link.get("targetBlank"))
            link.clear()
            link.update(title=title, url=url, targetBlank=target_blank)


def _link_url(link: Json) -> str:
    url = link.get("url")
    if not url and link.get("dashboard"):
        slug = re.sub(r"[^\w ]+", "", str(link["dashboard"]).lower())
        url = "dashboard/db/" + re.sub(" +", "-", slug)
    elif not url:
        url = f"dashboard/{link['dashUri']}" if link.get("dashUri") else "/"
    url = str(url)
    for query in (
        "$__url_time_range" if link.get("keepTime") else None,
        "$__all_variables" if link.get("includeVars") else None,
        link.get("params"),
    ):
        if query:
            url += ("" if url.endswith("?") else "&" if "?" in url else "?") + str(query)
    return url


_OLD_LINK_VARIABLE = re.compile(r"(\$?)__(?:(series|field)_name|(value)_time)|__series\.labels")


def _link_variables(panel: Json) -> None:
    """Rename the variables of data links and titles to today's names: `${__field.name}`."""
    options = path(panel, "options")
    links = dicts(options, "dataLinks")
    for defaults in (
        path(options, "fieldOptions", "defaults"),
        path(panel, "fieldConfig", "defaults"),
    ):
        if "links" in defaults or "title" in defaults:
            links += dicts(defaults, "links")
            _rename_variables(defaults, "title")
    for link in links:
        _rename_variables(link, "url")


def _rename_variables(owner: Json, key: str) -> None:
    text = owner.get(key)
    if isinstance(text, str) and "__" in text:
        owner[key] = _OLD_LINK_VARIABLE.sub(_new_link_variable, text)


def _new_link_variable(match: re.Match[str]) -> str:
    dollar, name, time = match.groups()
    if not name and not time:
        return "__field.labels"
    variable = f"__{name}.name" if name else "__value.time"
    return f"${{{variable}}}" if dollar else variable


def _angular_table(panel: Json) -> None:
    if panel.get("type") == "table":
        panel["type"] = "table-old"


def _singlestat(panel: Json) -> None:
    if panel.get("type") == "singlestat":
        singlestat(panel)


def _tooltip_options(panel: Json) -> None:
    options = panel.get("options")
    if (
        isinstance(options, dict)
        and "tooltipOptions" in options
        and panel.get("type") in ("timeseries", "xychart")
    ):
        options["tooltip"] = options.pop("tooltipOptions")


def _merge_labels(panel: Json) -> None:
    """Add a merge after labelsToFields, which once merged itself."""
    transformations = dicts(panel, "transformations")
    if not any(transformation.get("id") == "labelsToFields" for transformation in transformations):
        return
    merged: list[Json] = []
    for transformation, following in zip(transformations, [*transformations[1:], {}], strict=True):
        merged.append(transformation)
        # Grafana has had its mode since 9.0, when it no longer merged.
        is_old = "mode" not in path(transformation, "options")
        if (
            transformation.get("id") == "labelsToFields"
            and is_old
            and following.get("id") != "merge"
        ):
            merged.append({"id": "merge", "options": {}})
    panel["transformations"] = merged


def _cloudwatch(panel: Json) -> None:
    """Give each further statistic of a CloudWatch query a query of its own; gk numbers their refIds
    elsewhere."""
    for target in dicts(panel, "targets"):
        if "statistics" not in target or "metricName" not in target or "namespace" not in target:
            continue
        statistics = target.pop("statistics")
        if not isinstance(statistics, list) or not statistics:
            continue
        target["statistic"] = statistics[0]
        panel["targets"] += [
            {**target, "refId": "", "statistic": statistic} for statistic in statistics[1:]
        ]


def _time_axis(panel: Json) -> None:
    """Keep the time axis of panels that hide all axes: hiding once did not include it."""
    field_config = path(panel, "fieldConfig")
    custom = path(field_config, "defaults", "custom")
    if panel.get("type") != "timeseries" or custom.get("axisPlacement") != "hidden":
        return
    rule: Json = {
        "matcher": {"id": "byType", "options": "time"},
        "properties": [{"id": "custom.axisPlacement", "value": "auto"}],
    }
    rules = dicts(field_config, "overrides")
    if rule not in rules:
        field_config["overrides"] = [*rules, rule]


def _show_legend(panel: Json) -> None:
    options = path(panel, "options")
    legend = options.get("legend")
    if isinstance(legend, bool):
        options["legend"] = {"displayMode": "list", "showLegend": legend}
    elif (
        isinstance(legend, dict) and legend and "show" not in legend
    ):  # `show` is the heatmap's own
        if legend.get("displayMode") == "hidden" or legend.get("showLegend") is False:
            legend.update(displayMode="list", showLegend=False)
        else:
            legend["showLegend"] = True


def _time_series_table(panel: Json) -> None:
    for transformation in dicts(panel, "transformations"):
        stats: Any = path(transformation, "options").get("refIdToStat")
        if transformation.get("id") == "timeSeriesTable" and isinstance(stats, dict):
            transformation["options"] = {ref_id: {"stat": stat} for ref_id, stat in stats.items()}


def _hide_from_tooltip(panel: Json) -> None:
    for option in override_properties(panel, "custom.hideFrom"):
        if path(option, "value").get("viz") is True:
            child(option, "value")["tooltip"] = True


_DASHBOARD_STEPS: tuple[tuple[int, Callable[[Json], None]], ...] = (
    (6, _name_variable_types),
    (12, _hide_variables),
    (14, _graph_tooltip),
    (16, rows_to_grid),
    (23, _align_current),
    (27, _remove_repeats),
    (27, _show_constants),
    (28, _remove_variable_tags),
    (29, _refresh_queries),
    (40, _refresh_text),
    (41, _remove_time_options),
)
# With the key of a panel that a step is about: most panels have few of them. As in Grafana, the
# panels' steps come after those of the dashboard: before 16 is done there are no panels.
_PANEL_STEPS: tuple[tuple[int, str, Callable[[Json], None]], ...] = (
    (12, "grid", _graph_axes),
    (13, "grid", _graph_thresholds),
    (17, "minSpan", _max_per_row),
    (18, "options-gauge", _options_gauge),
    (19, "links", _panel_links),
    (21, "type", _link_variables),
    (24, "styles", _angular_table),
    (28, "type", _singlestat),
    (30, "fieldConfig", upgrade_mappings),
    (30, "options", _tooltip_options),
    (31, "transformations", _merge_labels),
    (34, "targets", _cloudwatch),
    (35, "fieldConfig", _time_axis),
    (37, "options", _show_legend),
    (38, "fieldConfig", cell_options),
    (39, "transformations", _time_series_table),
    (42, "fieldConfig", _hide_from_tooltip),
)
