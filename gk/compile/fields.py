"""Adds what queries and alerts know to a panel's document: descriptions, units, bounds, thresholds,
colours and links.

Each function changes the document in place; nothing else refers to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias
from urllib.parse import quote

from gk.define.alerting import Alert
from gk.define.panel import Notes
from gk.documents.defaults import BASE_THRESHOLD
from gk.documents.parts import path
from gk.documents.shapes import Json
from gk.promql.condition import Condition
from gk.promql.snippet import Query

__all__ = ["Shown", "Target", "add_alerts", "add_base_threshold", "add_texts", "add_units", "units"]

Target: TypeAlias = Json
Shown: TypeAlias = tuple[Target, Query]
"""A target and the query that it shows."""

_DRAWS_THRESHOLDS = frozenset({"timeseries", "stat", "gauge", "bargauge"})
_NARROW = 6
"""Columns of the grid that a panel needs for its title beside an icon."""
_SEVERE = frozenset({"critical", "page", "error"})


def add_texts(panel: Json, shown: Sequence[Shown]) -> None:
    """Describe the panel with the descriptions of its snippets."""
    snippets = dict.fromkeys(query.snippet for _, query in shown)
    texts = [snippet.description for snippet in snippets if snippet.description]
    # An empty one says that the panel has none.
    if texts and "description" not in panel:
        panel["description"] = (
            texts[0] if len(texts) == 1 else "\n".join(f"- {text}" for text in texts)
        )


def add_units(panel: Json, shown: Sequence[Shown], notes: Notes | None) -> None:
    """Set the unit of the first query for the panel, and add an override for each query with
    another unit."""
    if not shown and not notes:
        return
    config = panel.setdefault("fieldConfig", {})
    defaults = config.setdefault("defaults", {})
    first = shown[0][1].snippet.unit if shown else ""
    if first and not notes:
        _drop_defaults(defaults)
    # A heatmap reads the unit of its buckets from the y axis in its options.
    if panel.get("type") == "heatmap":
        if unit := defaults.pop("unit", "") or first:
            panel.setdefault("options", {}).setdefault("yAxis", {}).setdefault("unit", unit)
        return
    # An empty one of gk's says that the panel has none; grafanalib writes it by itself.
    if not defaults.get("unit") and not (notes and "unit" in defaults):
        defaults["unit"] = first
        for target, query in shown:
            if query.snippet.unit not in ("", first):
                _override(panel, target, {"unit": query.snippet.unit})
    if panel.get("type") in ("gauge", "bargauge"):
        full = {"percentunit": 1, "percent": 100}.get(defaults["unit"])
        if full and not {"min", "max"} & defaults.keys():
            # A share has natural bounds: zero and the whole.
            defaults["min"], defaults["max"] = 0, full


def _drop_defaults(defaults: dict[str, Any]) -> None:
    """Remove the unit and the bounds that grafanalib adds to panels without any."""
    if defaults.get("unit") == "none":
        del defaults["unit"]
        if (defaults.get("min"), defaults.get("max")) == (0, 100):
            del defaults["min"], defaults["max"]


def _override(panel: Json, target: Target, properties: Mapping[str, Any]) -> None:
    """Give the field of one query these properties, except those that the definition sets
    itself."""
    name = _column(panel, target)
    matcher = (
        {"id": "byName", "options": name}
        if name
        else {"id": "byFrameRefID", "options": target["refId"]}
    )
    overrides: list[dict[str, Any]] = panel["fieldConfig"].setdefault("overrides", [])
    own = next(
        (override for override in overrides if name and override.get("matcher") == matcher), None
    )
    if own is None:
        overrides.append(own := {"matcher": matcher, "properties": []})
    own_properties = own.setdefault("properties", [])
    given = {option.get("id") for option in own_properties}
    own_properties += [
        {"id": id, "value": value} for id, value in properties.items() if id not in given
    ]


def _column(panel: Json, target: Target) -> str:
    """The name of the table column that shows a query; empty if there is none."""
    if panel.get("type") != "table":
        return ""
    # Grafana names the value field of a table's query so, with the refId if there are several
    # queries.
    value = "Value" if len(panel["targets"]) == 1 else f"Value #{target['refId']}"
    renamed = [
        path(transformation, "options", "renameByName")
        for transformation in panel.get("transformations", [])
    ]
    return next((str(names[value]) for names in renamed if value in names), "")


def add_base_threshold(panel: Json) -> None:
    """Give a panel whose colour follows its thresholds one base step, if it has no thresholds:
    without, Grafana paints it green, and red from 80."""
    base = BASE_THRESHOLD.get(panel.get("type", ""))
    defaults = panel.setdefault("fieldConfig", {}).setdefault("defaults", {}) if base else {}
    if base and not path(defaults, "thresholds").get("steps"):
        defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": base, "value": None}]}


def units(panel: Json) -> Iterator[Any]:
    """The units that the panel names, for all fields and for single ones."""
    config = panel.get("fieldConfig", {})
    yield config.get("defaults", {}).get("unit", "")
    for override in config.get("overrides", []):
        yield from (
            option.get("value", "")
            for option in override.get("properties", [])
            if option.get("id") == "unit"
        )
    yield panel.get("options", {}).get("yAxis", {}).get("unit", "")


def add_alerts(
    panel: Json,
    shown: Sequence[Shown],
    alerts_of: Mapping[Query, Sequence[Alert]],
    *,
    thresholds: bool,
) -> None:
    """Link the alerts on the panel's queries, and draw their thresholds."""
    # Two queries may select from the series of the same one, and so share its alerts.
    alerts = list({id(alert): alert for own in alerts_of.values() for alert in own}.values())
    if not alerts:
        return
    if thresholds:
        _draw_thresholds(panel, alerts)
        for target, query in shown:
            _color_column(panel, target, alerts_of[query])
    if _is_tile(panel):
        return
    # A warning and a critical alert may share a name, and so the list that Grafana shows of it.
    panel.setdefault("links", []).extend(
        {"title": f"Alert {name}", "url": f"/alerting/list?search={quote(name)}"}
        for name in dict.fromkeys(alert.name for alert in alerts)
    )


def _is_tile(panel: Json) -> bool:
    """Whether the panel is too small for links: 12.4 draws them in place of the title."""
    width = path(panel, "gridPos").get("w", _NARROW)
    return panel.get("type") in ("stat", "gauge") or (isinstance(width, int) and width < _NARROW)


def _draw_thresholds(panel: Json, alerts: Sequence[Alert]) -> None:
    conditions = [
        (alert, alert.condition) for alert in alerts if isinstance(alert.condition, Condition)
    ]
    if panel.get("type") not in _DRAWS_THRESHOLDS or not conditions:
        return
    defaults = panel.setdefault("fieldConfig", {}).setdefault("defaults", {})
    # A single step is only the base colour.
    if len(defaults.get("thresholds", {}).get("steps", ())) > 1:
        return
    is_drawn = panel["type"] == "timeseries"
    defaults["thresholds"] = {
        "mode": "absolute",
        "steps": _lines(conditions) if is_drawn else _steps(conditions),
    }
    if is_drawn:
        defaults.setdefault("custom", {}).setdefault("thresholdsStyle", {"mode": "line"})


def _color_column(panel: Json, target: Target, alerts: Sequence[Alert]) -> None:
    """Colour the cells of a table column by the alerts that would fire."""
    conditions = [
        (alert, alert.condition) for alert in alerts if isinstance(alert.condition, Condition)
    ]
    if not conditions or not _column(panel, target):
        return
    steps = {"mode": "absolute", "steps": _steps(conditions)}
    colors = {"color": {"mode": "thresholds"}, "custom.cellOptions": {"type": "color-text"}}
    _override(panel, target, {"thresholds": steps, **colors})


def _lines(conditions: Sequence[tuple[Alert, Condition]]) -> list[dict[str, Any]]:
    """Return a step at each threshold in the colour of its alert: Grafana draws a line of that
    colour there."""
    colors = {condition.threshold: "orange" for _, condition in conditions}
    colors |= {
        condition.threshold: "red" for alert, condition in conditions if alert.severity in _SEVERE
    }
    return [
        {"color": "green", "value": None},
        *({"color": colors[value], "value": value} for value in sorted(colors)),
    ]


def _steps(conditions: Sequence[tuple[Alert, Condition]]) -> list[dict[str, Any]]:
    """Return threshold steps that colour each range of values by the most severe alert that fires
    in it."""
    bounds = [None, *sorted({condition.threshold for _, condition in conditions})]
    steps = [
        {"color": _color(conditions, low, high), "value": low}
        for low, high in pairwise([*bounds, None])
    ]
    return [step for before, step in pairwise([{}, *steps]) if step["color"] != before.get("color")]


def _color(
    conditions: Sequence[tuple[Alert, Condition]], low: float | None, high: float | None
) -> str:
    """The colour of the values from `low` to `high`; None is infinity."""
    firing = [alert for alert, condition in conditions if _fires(condition, low, high)]
    if not firing:
        return "green"
    return "red" if any(alert.severity in _SEVERE for alert in firing) else "orange"


def _fires(condition: Condition, low: float | None, high: float | None) -> bool:
    if condition.operator.startswith(">"):
        return low is not None and low >= condition.threshold
    return high is not None and high <= condition.threshold
