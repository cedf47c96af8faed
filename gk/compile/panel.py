"""One panel: its queries rendered, its data sources named, and what queries and alerts know added
to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from gk.compile.context import Compilation, name_node, name_node_in_format
from gk.compile.variables import DATASOURCE
from gk.define.alerting import Alert
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.panels import Notes
from gk.documents.shapes import PANEL, misfit, modernise, path
from gk.documents.strip import is_prometheus, strip_panel
from gk.documents.units import unit_mistake
from gk.errors import Source, did_you_mean
from gk.promql.snippet import Condition, Query, Scope, Snippet, query_of
from gk.promql.syntax import is_variable, variables
from gk.resource import Use, Where

__all__ = ["PanelCompiler"]

MIXED = {"type": "datasource", "uid": "-- Mixed --"}
_BUILT_IN = {
    "-- Mixed --": MIXED,
    "-- Dashboard --": {"type": "datasource", "uid": "-- Dashboard --"},
    "-- Grafana --": {"type": "datasource", "uid": "grafana"},
}
_BUILT_IN_UIDS = frozenset({*_BUILT_IN, "grafana", "__expr__", "-100"})
_DEFAULT = frozenset({"", "default", "-- Default --"})
# Grafana writes a data source for them, too. A text may have queries since 13.
_WITHOUT_DATA = frozenset(
    {"row", "text", "alertlist", "dashlist", "news", "welcome", "gettingstarted"}
)
_DRAWS_THRESHOLDS = frozenset({"timeseries", "stat", "gauge", "bargauge"})
_ASKING = frozenset({"query", "adhoc", "groupby"})
"""Types of variables that ask a data source."""
_SEVERE = frozenset({"critical", "page", "error"})
_EXPRESSION = "__expr__"

Panel = dict[str, Any]
Target = dict[str, Any]
Ref = dict[str, str]


class PanelCompiler:
    """Completes the panels of one dashboard.

    `shown` collects the queries of each panel, by the panel's id, and `uses` all of the
    dashboard's.
    """

    def __init__(
        self,
        context: Compilation,
        own: Dashboard,
        dashboard_variables: Sequence[dict[str, Any]],
        source: Source,
    ) -> None:
        self.context = context
        self.source = source
        self.shown: dict[int, list[Query]] = {}
        self.uses: list[Use] = []
        self._types = {
            str(each.get("name")): str(each.get("query"))
            for each in dashboard_variables
            if each.get("type") == "datasource"
        }
        self._names = {str(each.get("name")) for each in dashboard_variables}
        self._scope = Scope.panel(context.settings.labels, own.exporter, one_node=own.one_node)
        self._node = context.settings.labels.of(own.exporter.name).node if own.exporter else ""
        self._default: Ref | None = None
        if own.datasource is not None:
            given = own.datasource.uid if isinstance(own.datasource, Datasource) else own.datasource
            self._default = self._ref(given, source, "dashboard")
        for each in dashboard_variables:
            if "datasource" in each or each.get("type") in _ASKING:
                self._name_datasource(each, source, f"variable '{each.get('name')}'")

    def complete(self, panel: Panel, notes: Notes | None) -> None:
        """Bring `panel` to its final form, in place."""
        modernise(panel)
        source = notes.source if notes else self.source
        title = panel.get("title")
        where = Where("panel", title) if title else Where(f"{panel.get('type')} panel", None)
        who = str(where)
        if mistake := misfit(panel, PANEL):
            self.context.wrong(source, f"{who}: {mistake}")
            return
        if notes and self._node:
            _name_node(panel, self._node)
        if panel.get("type") in _WITHOUT_DATA and not panel.get("targets"):
            panel.pop("datasource", None)
        else:
            shown = self._complete_targets(panel, source, who, notes)
            queries = [query for _, query in shown]
            self.shown[panel["id"]] = queries
            rendered = dict.fromkeys((query, target["expr"]) for target, query in shown)
            self.uses += [self.context.use(where, query, expr) for query, expr in rendered]
            _add_texts(panel, queries)
            _add_units(panel, shown, notes)
            self._add_alerts(panel, shown, notes)
        self._check_units(panel, source, who)
        strip_panel(panel)

    def complete_annotations(self, body: dict[str, Any]) -> None:
        """Render the queries of the dashboard's annotations and name their data sources."""
        for annotation in body.get("annotations", {}).get("list", []):
            where = Where("annotation", annotation.get("name", ""))
            who = str(where)
            for key in ("titleFormat", "textFormat"):
                if self._node and key in annotation:
                    annotation[key] = name_node_in_format(annotation[key], self._node)
            # Grafana 8 and later keep the query in `target`, and read both.
            for owner in (annotation, annotation.get("target", {})):
                if "expr" in owner:
                    query = owner["expr"]
                    owner["expr"] = self._expr(query, self.source, who)
                    if isinstance(query, (Query, Snippet)):
                        self.uses.append(self.context.use(where, query_of(query), owner["expr"]))
            if not annotation.get("builtIn"):
                self._name_datasource(annotation, self.source, who)

    # Queries and data sources

    def _complete_targets(
        self, panel: Panel, source: Source, who: str, notes: Notes | None
    ) -> list[tuple[Target, Query]]:
        """Complete the targets, and return those that show a query, with it."""
        targets: list[Target] = panel.get("targets", [])
        if (
            not panel.get("datasource")
            and targets
            and all(each.get("datasource") for each in targets)
        ):
            panel["datasource"] = targets[0]["datasource"]
        if targets or "datasource" in panel:
            self._name_datasource(panel, source, who)
        _number(targets)
        shown = []
        for target in targets:
            self._name_target_datasource(target, panel, source, who)
            query = target.get("expr")
            if isinstance(query, (Query, Snippet)):
                shown.append((target, query_of(query)))
            if query is not None:
                self._complete_target(target, query, source, who, notes)
        refs = [
            each["datasource"]
            for each in targets
            if each.get("datasource", {}).get("uid") != _EXPRESSION
        ]
        if any(ref != panel["datasource"] for ref in refs):
            panel["datasource"] = dict(MIXED)
        return shown

    def _complete_target(
        self, target: Target, query: Any, source: Source, who: str, notes: Notes | None
    ) -> None:
        target["expr"] = self._expr(query, source, who)
        # grafanalib writes the query a second time.
        if target.get("query") == query:
            del target["query"]
        own = query_of(query) if isinstance(query, (Query, Snippet)) else None
        if isinstance(given := target.get("legendFormat"), str):
            target["legendFormat"] = name_node_in_format(
                given, self.context.node_label(own) if own else self._node
            )
        elif own:
            target["legendFormat"] = self.context.legend(own)
        elif notes and is_prometheus(target):
            target["legendFormat"] = "__auto"

    def _expr(self, query: Any, source: Source, who: str) -> str:
        if isinstance(query, (Query, Snippet)):
            return self.context.queries.render(query_of(query), self._scope, source)
        if not isinstance(query, str):
            self.context.wrong(
                source, f"{who}: expr is a {type(query).__name__}, not a query or PromQL text"
            )
        return str(query)

    def _name_target_datasource(
        self, target: Target, panel: Panel, source: Source, who: str
    ) -> None:
        if not target.get("datasource") and panel["datasource"] != MIXED:
            target["datasource"] = panel["datasource"]
        else:
            self._name_datasource(target, source, who)

    def _name_datasource(self, owner: dict[str, Any], source: Source, who: str) -> None:
        """Make the data source of `owner` a reference with type and uid."""
        given = owner.get("datasource")
        ref = self._ref(given, source, who) if given else self._default_ref(source, who)
        owner["datasource"] = ref or {"type": "prometheus", "uid": ""}

    def _ref(self, given: str | Mapping[str, Any], source: Source, who: str) -> Ref | None:
        """The reference that a name, a uid or an incomplete reference means."""
        named = {"uid": given} if isinstance(given, str) else given
        uid, type = str(named.get("uid") or ""), str(named.get("type") or "")
        if uid in _DEFAULT:
            return self._default_ref(source, who, type)
        if uid in _BUILT_IN_UIDS:
            return dict(_BUILT_IN.get(uid, {"type": type or uid, "uid": uid}))
        for name in sorted(variables(uid) - self._names):
            self.context.wrong(
                source,
                f"{who}: data source '{uid}' is no variable "
                f"of the dashboard{did_you_mean(name, self._names)}",
            )
        if is_variable(uid):
            (name,) = variables(uid)
            return {"type": type or self._types.get(name, "prometheus"), "uid": f"${{{name}}}"}
        if variables(uid):
            return {"type": type or "prometheus", "uid": uid}
        return self.context.datasource(uid, source, who)

    def _default_ref(self, source: Source, who: str, type: str = "") -> Ref | None:
        if self._default and type in ("", self._default["type"]):
            return dict(self._default)
        if "datasource" in self._types and type in ("", self._types["datasource"]):
            return {"type": self._types["datasource"], "uid": DATASOURCE}
        default = self.context.default_datasource(type)
        if default is None:
            of_type = f"of type {type} " if type else ""
            self.context.wrong(
                source,
                f"{who}: names no data source, "
                f"and the project has no default one {of_type}".rstrip()
                + "; define one in datasources/ with default=True, or give datasource=",
            )
            return None
        return default.ref

    # What queries and alerts know

    def _add_alerts(
        self, panel: Panel, shown: Sequence[tuple[Target, Query]], notes: Notes | None
    ) -> None:
        known = self.context.alerts
        of_query = {query: known.get(query) or known.get(query.of_all, []) for _, query in shown}
        # Two queries may be choices among the series of one.
        alerts = list({id(alert): alert for each in of_query.values() for alert in each}.values())
        if not alerts:
            return
        if notes is None or notes.alert_thresholds:
            _draw_thresholds(panel, alerts)
            for target, query in shown:
                _color_column(panel, target, of_query[query])
        panel.setdefault("links", []).extend(_alert_link(alert) for alert in alerts)

    def _check_units(self, panel: Panel, source: Source, who: str) -> None:
        for unit in _units(panel):
            mistake = unit_mistake(unit) if isinstance(unit, str) else f"unit {unit!r} is no text"
            if mistake and not variables(str(unit)):
                self.context.wrong(source, f"{who}: {mistake}")


def _name_node(panel: Panel, label: str) -> None:
    """Put the label that tells nodes apart where the panel's own options name it."""
    config = panel.get("fieldConfig", {})
    for owner in (panel, config, config.get("defaults", {})):
        for key in ("links", "overrides", "transformations"):
            if owner.get(key):
                owner[key] = name_node(owner[key], label)


def _number(targets: list[Target]) -> None:
    """Give each target without a refId, or with one that an earlier target has, the next free
    letter."""
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


def _add_texts(panel: Panel, queries: Sequence[Query]) -> None:
    """Describe the panel by what its snippets say of themselves."""
    snippets = dict.fromkeys(query.snippet for query in queries)
    texts = [snippet.description for snippet in snippets if snippet.description]
    if texts and not panel.get("description"):
        panel["description"] = (
            texts[0] if len(texts) == 1 else "\n".join(f"- {text}" for text in texts)
        )


def _add_units(panel: Panel, shown: Sequence[tuple[Target, Query]], notes: Notes | None) -> None:
    """The unit of the first query for the panel, and an override for each query that has
    another."""
    if not shown and not notes:
        return
    config = panel.setdefault("fieldConfig", {})
    defaults = config.setdefault("defaults", {})
    first = shown[0][1].snippet.unit if shown else ""
    if first and not notes:
        _drop_defaults(defaults)
    if panel.get("type") == "heatmap":
        if unit := defaults.pop("unit", "") or first:
            panel.setdefault("options", {}).setdefault("yAxis", {}).setdefault("unit", unit)
        return
    if not defaults.get("unit"):
        defaults["unit"] = first
        for target, query in shown:
            if query.snippet.unit not in ("", first):
                _override(panel, target, {"unit": query.snippet.unit})
    if panel.get("type") in ("gauge", "bargauge"):
        _add_bounds(defaults)


def _drop_defaults(defaults: dict[str, Any]) -> None:
    """Forget the unit and the bounds that grafanalib gives panels which name none."""
    if defaults.get("unit") == "none":
        del defaults["unit"]
        if (defaults.get("min"), defaults.get("max")) == (0, 100):
            del defaults["min"], defaults["max"]


def _override(panel: Panel, target: Target, properties: Mapping[str, Any]) -> None:
    """Give the field of one query these properties, but for those that the definition gave to
    it."""
    name = _column(panel, target)
    matcher = (
        {"id": "byName", "options": name}
        if name
        else {"id": "byFrameRefID", "options": target["refId"]}
    )
    overrides: list[dict[str, Any]] = panel["fieldConfig"].setdefault("overrides", [])
    own = next((each for each in overrides if name and each.get("matcher") == matcher), None)
    if own is None:
        overrides.append(own := {"matcher": matcher, "properties": []})
    own_properties = own.setdefault("properties", [])
    given = {each.get("id") for each in own_properties}
    own_properties += [
        {"id": id, "value": value} for id, value in properties.items() if id not in given
    ]


def _column(panel: Panel, target: Target) -> str:
    """The name of the table's column that shows a query; empty where there is none."""
    if panel.get("type") != "table":
        return ""
    value = "Value" if len(panel["targets"]) == 1 else f"Value #{target['refId']}"
    renamed = [path(each, "options", "renameByName") for each in panel.get("transformations", [])]
    return next((str(each[value]) for each in renamed if value in each), "")


def _add_bounds(defaults: dict[str, Any]) -> None:
    full = {"percentunit": 1, "percent": 100}.get(defaults.get("unit", ""))
    if full and "min" not in defaults and "max" not in defaults:
        defaults["min"], defaults["max"] = 0, full


def _units(panel: Panel) -> Iterator[Any]:
    config = panel.get("fieldConfig", {})
    yield config.get("defaults", {}).get("unit", "")
    for override in config.get("overrides", []):
        yield from (
            each.get("value", "")
            for each in override.get("properties", [])
            if each.get("id") == "unit"
        )
    yield panel.get("options", {}).get("yAxis", {}).get("unit", "")


def _draw_thresholds(panel: Panel, alerts: Sequence[Alert]) -> None:
    conditions = [
        (alert, alert.condition) for alert in alerts if isinstance(alert.condition, Condition)
    ]
    if panel.get("type") not in _DRAWS_THRESHOLDS or not conditions:
        return
    defaults = panel.setdefault("fieldConfig", {}).setdefault("defaults", {})
    # A base colour alone is what there is without thresholds.
    if len(defaults.get("thresholds", {}).get("steps", ())) > 1:
        return
    is_drawn = panel["type"] == "timeseries"
    defaults["thresholds"] = {
        "mode": "absolute",
        "steps": _lines(conditions) if is_drawn else _steps(conditions),
    }
    if is_drawn:
        defaults.setdefault("custom", {}).setdefault("thresholdsStyle", {"mode": "line"})


def _color_column(panel: Panel, target: Target, alerts: Sequence[Alert]) -> None:
    """Colour the cells of a table's column by what would fire."""
    conditions = [
        (alert, alert.condition) for alert in alerts if isinstance(alert.condition, Condition)
    ]
    if not conditions or not _column(panel, target):
        return
    steps = {"mode": "absolute", "steps": _steps(conditions)}
    colors = {"color": {"mode": "thresholds"}, "custom.cellOptions": {"type": "color-text"}}
    _override(panel, target, {"thresholds": steps, **colors})


def _lines(conditions: Sequence[tuple[Alert, Condition]]) -> list[dict[str, Any]]:
    """A step at each threshold in the colour of its alert: Grafana draws a line there, of that
    colour."""
    colors = {condition.threshold: "orange" for _, condition in conditions}
    colors |= {
        condition.threshold: "red" for alert, condition in conditions if alert.severity in _SEVERE
    }
    return [
        {"color": "green", "value": None},
        *({"color": colors[each], "value": each} for each in sorted(colors)),
    ]


def _steps(conditions: Sequence[tuple[Alert, Condition]]) -> list[dict[str, Any]]:
    """Threshold steps that colour each range of values by the most severe of the alerts that fire
    in it."""
    bounds = [None, *sorted({condition.threshold for _, condition in conditions})]
    steps = [
        {"color": _color(conditions, *each), "value": each[0]} for each in pairwise([*bounds, None])
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


def _alert_link(alert: Alert) -> dict[str, Any]:
    return {"title": f"Alert {alert.name}", "url": f"/alerting/list?search={quote(alert.name)}"}
