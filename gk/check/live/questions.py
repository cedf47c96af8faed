"""The queries of dashboards and rules as Grafana and Prometheus ask them: variables resolved, over
the dashboard's time range, with the step that a panel of that width has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gk.check.live.asking import Asker
from gk.check.live.empty import without_comparison
from gk.check.subjects import Dashboard, Group, Panel, Query
from gk.documents.durations import milliseconds
from gk.documents.parts import dicts, every_panel, path
from gk.documents.rows import COLUMNS
from gk.errors import Where
from gk.prometheus import Variables, VariableServer
from gk.prometheus.macros import (
    DEFAULT_SCRAPE_INTERVAL,
    Steps,
    TimeRange,
    macros,
    steps,
    time_range,
)
from gk.prometheus.questions import Question, instant, range_of_panel, ranged, steps_of
from gk.promql.syntax import is_variable, with_variables
from gk.resource import Kind, Resource
from gk.settings.targets import NEWEST, Version

__all__ = ["Planned", "Sources", "of_dashboard", "of_group"]

_WIDTH = 1_850
"""Pixels of a panel of full width on a screen of 1920: as many points Grafana asks for at most."""
_ANNOTATION_POINTS = 1_000
_NO_LEAST_STEP = "60s"
"""Grafana's step of annotations that state none."""


@dataclass(frozen=True, eq=False)
class Planned:
    """A query in its place, and the question that it is."""

    query: Query
    question: Question


@dataclass(frozen=True)
class Sources:
    """The data sources of a project: how often they say that they are scraped, in milliseconds, by
    their uids; and which of them the server stands for, all if `only` is empty."""

    by_uid: Mapping[str, int] = field(default_factory=dict)
    default: int = DEFAULT_SCRAPE_INTERVAL
    only: frozenset[str] = frozenset()

    @classmethod
    def of(cls, resources: Iterable[Resource], only: Iterable[str] = ()) -> Sources:
        """Those among resources; Grafana's default interval for others."""
        intervals: dict[str, int] = {}
        default = DEFAULT_SCRAPE_INTERVAL
        for resource in resources:
            if resource.kind is not Kind.DATASOURCE:
                continue
            body = resource.body
            stated = milliseconds(str(path(body, "jsonData").get("timeInterval") or ""))
            intervals[resource.uid] = stated or DEFAULT_SCRAPE_INTERVAL
            if body.get("isDefault"):
                default = intervals[resource.uid]
        if len(intervals) == 1:
            (default,) = intervals.values()
        return cls(intervals, default, frozenset(only))

    def interval(self, reference: object) -> int:
        """The scrape interval of a reference to a data source; a variable stands for the default
        one."""
        return self.by_uid.get(_uid(reference), self.default)

    def has(self, reference: object) -> bool:
        """Whether a reference leads to the server; a variable does."""
        uid = _uid(reference)
        return not self.only or not uid or uid in self.only


def _uid(reference: object) -> str:
    """The uid in a reference to a data source; empty for a variable."""
    uid = reference.get("uid") if isinstance(reference, dict) else None
    return uid if isinstance(uid, str) and not is_variable(uid) else ""


def of_dashboard(
    dashboard: Dashboard,
    server: VariableServer,
    now: float,
    sources: Sources,
    *,
    chosen: Mapping[str, str],
    version: Version = NEWEST,
) -> tuple[Variables, list[Planned]]:
    """The variables of a dashboard, and what its panels and annotations ask in a version of
    Grafana. Raises PrometheusError. `chosen` has values by the variable's name, in place of those
    that it opens with."""
    return _OfDashboard(dashboard, server, now, sources, chosen=chosen, version=version).planned()


class _OfDashboard:
    def __init__(
        self,
        dashboard: Dashboard,
        server: VariableServer,
        now: float,
        sources: Sources,
        *,
        chosen: Mapping[str, str],
        version: Version,
    ) -> None:
        self.dashboard = dashboard
        self.now = now
        self.sources = sources
        self.version = version
        self.shown = time_range(path(dashboard.body, "time"), now)
        self.outside = macros(self.shown, steps(self.shown, _WIDTH))
        self.variables = Variables(self._body(), server, self.outside, chosen)
        self.repeats = _repeats(dashboard)

    def planned(self) -> tuple[Variables, list[Planned]]:
        return self.variables, [*self._of_annotations(), *self._of_panels()]

    def _body(self) -> dict[str, Any]:
        """The dashboard; its variables of other data sources have no query."""
        listed = [
            variable if self.sources.has(variable.get("datasource")) else {**variable, "query": ""}
            for variable in dicts(path(self.dashboard.body, "templating"), "list")
        ]
        return {**self.dashboard.body, "templating": {"list": listed}}

    def _of_annotations(self) -> Iterator[Planned]:
        documents = {annotation.name: annotation.body for annotation in self.dashboard.annotations}
        for query in self.dashboard.queries:
            if query.where.kind == "annotation":
                document = documents.get(query.where.name or "", {})
                if not self.sources.has(document.get("datasource")):
                    continue
                least = str(document.get("step") or _NO_LEAST_STEP)
                step = steps(
                    self.shown, _ANNOTATION_POINTS, least_of_query=least, version=self.version
                )
                yield self._planned(query, self.shown, step)

    def _of_panels(self) -> Iterator[Planned]:
        for panel in self.dashboard.panels:
            for query in panel.queries:
                # Hidden ones too: somebody will show them, or an expression reads them.
                target = query.target
                if not self.sources.has(target.get("datasource") or panel.body.get("datasource")):
                    continue
                shown = range_of_panel(panel.body, self.shown, self.now)
                step = self._steps(panel, query, shown)
                with self.variables.repeated(self.repeats.get(id(panel.body), "")):
                    is_instant = bool(target.get("instant")) and not target.get("range")
                    yield self._planned(query, shown, step, is_instant=is_instant)

    def _steps(self, panel: Panel, query: Query, shown: TimeRange) -> Steps:
        body, target = panel.body, query.target
        width = path(body, "gridPos").get("w")
        columns = width if isinstance(width, int) and 0 < width <= COLUMNS else COLUMNS
        return steps_of(
            body,
            target,
            shown,
            _WIDTH * columns // COLUMNS,
            scrape_interval=self.sources.interval(
                target.get("datasource") or body.get("datasource")
            ),
            interpolate=self.variables.interpolate,
            version=self.version,
        )

    def _planned(
        self, query: Query, shown: TimeRange, step: Steps, *, is_instant: bool = False
    ) -> Planned:
        expr = self.variables.interpolate(query.promql.expr, macros(shown, step))
        return Planned(query, instant(expr, shown) if is_instant else ranged(expr, shown, step))


def _repeats(dashboard: Dashboard) -> dict[int, str]:
    """The variable that repeats each panel, by itself or with its row, by the panel's identity."""
    names: dict[int, str] = {}
    of_row = ""
    inside = {
        id(inner): str(row.get("repeat") or "")
        for row in dicts(dashboard.body, "panels")
        for inner in dicts(row, "panels")
    }
    for panel in every_panel(dashboard.body):
        own = str(panel.get("repeat") or "")
        if panel.get("type") == "row":
            of_row = own
        elif name := own or inside.get(id(panel), of_row):
            names[id(panel)] = name
    return names


def of_group(group: Group, asker: Asker) -> list[Planned]:
    """What the rules of a group ask, now: an alert without its comparison."""
    planned: dict[tuple[Where, str], Planned] = {}
    for rule in group.rules:
        # Rules that record one series have the queries of each other.
        for query in rule.queries:
            question = Question(_of_rule(query, rule.is_alert, asker.now), asker.now, asker.now)
            planned.setdefault((query.where, query.promql.expr), Planned(query, question))
    return list(planned.values())


def _of_rule(query: Query, is_alert: bool, now: float) -> str:
    expr = query.promql.expr
    if "$" in expr:
        # Grafana replaces its variables in rules as well; gk's own rules have none.
        shown = TimeRange(now - 600, now)
        own = macros(shown, steps(shown, _ANNOTATION_POINTS))
        expr = with_variables(expr, lambda name, _: own.get(name))
    return without_comparison(expr) if is_alert else expr
