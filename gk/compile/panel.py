"""One panel: its queries rendered, its data sources named, and what queries and alerts know added to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from gk.alerting import Alert
from gk.compile.context import Context
from gk.compile.shapes import modernise
from gk.compile.strip import strip_panel
from gk.compile.variables import DATASOURCE
from gk.dashboard import Dashboard
from gk.datasource import Datasource
from gk.errors import Source
from gk.panels import Notes
from gk.promql.snippet import Condition, Query, Scope, Snippet, query_of
from gk.promql.syntax import variables
from gk.units import unit_mistake

__all__ = ["PanelCompiler"]

MIXED = {"type": "datasource", "uid": "-- Mixed --"}
_BUILT_IN = {
    "-- Mixed --": MIXED,
    "-- Dashboard --": {"type": "datasource", "uid": "-- Dashboard --"},
    "-- Grafana --": {"type": "datasource", "uid": "grafana"},
}
_BUILT_IN_UIDS = frozenset({*_BUILT_IN, "grafana", "__expr__", "-100"})
_WITHOUT_DATA = frozenset({"row", "text", "alertlist", "dashlist", "news", "welcome", "gettingstarted"})
_DRAWS_THRESHOLDS = frozenset({"timeseries", "stat", "gauge", "bargauge"})
_SEVERE = frozenset({"critical", "page", "error"})

Panel = dict[str, Any]
Target = dict[str, Any]


class PanelCompiler:
    """Completes the panels of one dashboard. `shown` collects the queries of each panel, by the panel's id."""

    def __init__(
        self, context: Context, own: Dashboard, dashboard_variables: Sequence[Mapping[str, Any]], source: Source
    ) -> None:
        self.context = context
        self.source = source
        self.shown: dict[int, list[Query]] = {}
        self._types = {
            str(each.get("name")): str(each.get("query"))
            for each in dashboard_variables
            if each.get("type") == "datasource"
        }
        self._scope = Scope.panel(context.settings.labels, own.exporter)
        self._default = own.datasource
        for each in dashboard_variables:
            if "datasource" in each or each.get("type") == "query":
                self._name_datasource(each, source, f"variable '{each.get('name')}'")  # type: ignore[arg-type]

    def complete(self, panel: Panel, notes: Notes | None) -> None:
        """Bring `panel` to its final form, in place."""
        modernise(panel)
        source = notes.source if notes else self.source
        who = f"panel '{panel.get('title', '')}'"
        if panel.get("type") not in _WITHOUT_DATA:
            queries = self._complete_targets(panel, source, who)
            self.shown[panel["id"]] = queries
            self._add_knowledge(panel, queries, notes)
        self._check_units(panel, source, who)
        strip_panel(panel)

    def complete_annotations(self, body: dict[str, Any]) -> None:
        """Render the queries of the dashboard's annotations and name their data sources."""
        for annotation in body.get("annotations", {}).get("list", []):
            who = f"annotation '{annotation.get('name', '')}'"
            if "expr" in annotation:
                annotation["expr"] = self._expr(annotation["expr"], self.source, who)
            if not annotation.get("builtIn"):
                self._name_datasource(annotation, self.source, who)

    # Queries and data sources

    def _complete_targets(self, panel: Panel, source: Source, who: str) -> list[Query]:
        targets: list[Target] = panel.get("targets", [])
        if targets or "datasource" in panel:
            self._name_datasource(panel, source, who)
        _number(targets)
        queries = []
        for target in targets:
            self._name_target_datasource(target, panel, source, who)
            query = target.get("expr")
            if isinstance(query, (Query, Snippet)):
                queries.append(query_of(query))
            self._complete_target(target, source, who)
        if any(target["datasource"] != panel["datasource"] for target in targets if "datasource" in target):
            panel["datasource"] = dict(MIXED)
        return queries

    def _complete_target(self, target: Target, source: Source, who: str) -> None:
        query = target.get("expr")
        if query is None:
            return
        legend = target.get("legendFormat")
        target["expr"] = self._expr(query, source, who)
        if legend is None and isinstance(query, (Query, Snippet)):
            target["legendFormat"] = self.context.legend(query_of(query))
        elif legend is None:
            target["legendFormat"] = "__auto"

    def _expr(self, query: Any, source: Source, who: str) -> str:
        if isinstance(query, (Query, Snippet)):
            return self.context.render(query_of(query), self._scope, source)
        if not isinstance(query, str):
            self.context.wrong(source, f"{who}: expr is a {type(query).__name__}, not a query or PromQL text")
        return str(query)

    def _name_target_datasource(self, target: Target, panel: Panel, source: Source, who: str) -> None:
        if target.get("datasource") is None and panel["datasource"] != MIXED:
            target["datasource"] = panel["datasource"]
        else:
            self._name_datasource(target, source, who)

    def _name_datasource(self, owner: dict[str, Any], source: Source, who: str) -> None:
        """Make the data source of `owner` a reference with type and uid."""
        given = owner.get("datasource")
        ref = self._ref(given, source, who) if given else self._default_ref(source, who)
        if ref:
            owner["datasource"] = ref
        else:
            owner["datasource"] = {"type": "prometheus", "uid": ""}

    def _ref(self, given: Any, source: Source, who: str) -> dict[str, str] | None:
        if isinstance(given, Datasource):
            return given.ref
        uid = given if isinstance(given, str) else given.get("uid")
        if uid is None or uid in ("default", "-- Default --"):
            return self._default_ref(source, who, "" if isinstance(given, str) else given.get("type", ""))
        if uid in _BUILT_IN_UIDS:
            return dict(_BUILT_IN.get(uid, given if isinstance(given, dict) else {"type": uid, "uid": uid}))
        if names := variables(uid):
            named_type = given.get("type", "") if isinstance(given, dict) else ""
            return {"type": named_type or self._types.get(min(names), "prometheus"), "uid": f"${{{min(names)}}}"}
        return self.context.datasource(uid, source, who)

    def _default_ref(self, source: Source, who: str, type: str = "") -> dict[str, str] | None:
        if self._default is not None:
            return self._ref(self._default, source, who)
        if "datasource" in self._types:
            return {"type": self._types["datasource"], "uid": DATASOURCE}
        default = self.context.default_datasource(type)
        if default is None:
            self.context.wrong(
                source,
                f"{who}: names no data source, and the project has no default one; "
                "define one in datasources/ with default=True, or give datasource=",
            )
            return None
        return default.ref

    # What queries and alerts know

    def _add_knowledge(self, panel: Panel, queries: list[Query], notes: Notes | None) -> None:
        if not queries:
            return
        snippets = list(dict.fromkeys(query.snippet for query in queries))
        if not panel.get("description"):
            texts = [snippet.description for snippet in snippets if snippet.description]
            panel["description"] = texts[0] if len(texts) == 1 else "\n".join(f"- {text}" for text in texts)
        self._add_units(panel, queries)
        alerts = [alert for query in dict.fromkeys(queries) for alert in self.context.alerts.get(query, ())]
        if alerts and (notes is None or notes.alert_thresholds):
            _draw_thresholds(panel, alerts)
        if alerts:
            panel.setdefault("links", []).extend(_alert_link(alert) for alert in alerts)

    def _add_units(self, panel: Panel, queries: list[Query]) -> None:
        """The unit of the first query for the panel, and an override for each query that has another."""
        config = panel.setdefault("fieldConfig", {})
        defaults = config.setdefault("defaults", {})
        unit = queries[0].snippet.unit
        if panel.get("type") == "heatmap":
            panel.setdefault("options", {}).setdefault("yAxis", {}).setdefault("unit", defaults.pop("unit", unit))
            return
        if not defaults.get("unit"):
            defaults["unit"] = unit
            config.setdefault("overrides", []).extend(_unit_overrides(panel, queries, unit))
        if panel.get("type") in ("gauge", "bargauge"):
            _add_bounds(defaults)

    def _check_units(self, panel: Panel, source: Source, who: str) -> None:
        for unit in _units(panel):
            mistake = unit_mistake(unit) if isinstance(unit, str) else f"unit {unit!r} is no text"
            if mistake and not variables(str(unit)):
                self.context.wrong(source, f"{who}: {mistake}")


def _number(targets: list[Target]) -> None:
    """Give each target without a refId, or with one that an earlier target has, the next free letter."""
    taken: set[str] = set()
    for target in targets:
        if not target.get("refId") or target["refId"] in taken:
            target.pop("refId", None)
        else:
            taken.add(target["refId"])
    free = (letter for letter in _letters() if letter not in taken)
    for target in targets:
        if "refId" not in target:
            target["refId"] = next(free)


def _letters() -> Iterator[str]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from alphabet
    for first in alphabet:
        for second in alphabet:
            yield first + second


def _unit_overrides(panel: Panel, queries: list[Query], unit: str) -> list[dict[str, Any]]:
    rendered = [target for target in panel.get("targets", []) if "expr" in target]
    return [
        {
            "matcher": {"id": "byFrameRefID", "options": target["refId"]},
            "properties": [{"id": "unit", "value": query.snippet.unit}],
        }
        for target, query in zip(rendered, queries, strict=False)
        if query.snippet.unit not in ("", unit)
    ]


def _add_bounds(defaults: dict[str, Any]) -> None:
    full = {"percentunit": 1, "percent": 100}.get(defaults.get("unit", ""))
    if full and "min" not in defaults and "max" not in defaults:
        defaults["min"], defaults["max"] = 0, full


def _units(panel: Panel) -> Iterator[Any]:
    config = panel.get("fieldConfig", {})
    yield config.get("defaults", {}).get("unit", "")
    for override in config.get("overrides", []):
        yield from (each.get("value") for each in override.get("properties", []) if each.get("id") == "unit")


def _draw_thresholds(panel: Panel, alerts: Sequence[Alert]) -> None:
    conditions = [(alert, alert.condition) for alert in alerts if isinstance(alert.condition, Condition)]
    if panel.get("type") not in _DRAWS_THRESHOLDS or not conditions:
        return
    defaults = panel.setdefault("fieldConfig", {}).setdefault("defaults", {})
    defaults["thresholds"] = {"mode": "absolute", "steps": _steps(conditions)}
    if panel["type"] == "timeseries":
        defaults.setdefault("custom", {})["thresholdsStyle"] = {"mode": "line"}


def _steps(conditions: Sequence[tuple[Alert, Condition]]) -> list[dict[str, Any]]:
    """Threshold steps in which the colour of each alert covers the values for which it fires."""
    below = sorted((c.threshold, _color(alert)) for alert, c in conditions if c.operator.startswith("<"))
    above = sorted((c.threshold, _color(alert)) for alert, c in conditions if c.operator.startswith(">"))
    colors = [color for _, color in below] + ["green"]
    bounds: list[float | None] = [None, *(threshold for threshold, _ in below)]
    steps: dict[float | None, str] = dict(zip(bounds, colors, strict=True)) | dict(above)
    return [{"color": color, "value": value} for value, color in steps.items()]


def _color(alert: Alert) -> str:
    return "red" if alert.severity in _SEVERE else "orange"


def _alert_link(alert: Alert) -> dict[str, Any]:
    return {"title": f"Alert {alert.name}", "url": f"/alerting/list?search={quote(alert.name)}"}
