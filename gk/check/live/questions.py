"""The queries of dashboards and rules as Grafana and Prometheus ask them: variables resolved, over
the dashboard's time range, with the step that a panel of that width has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gk.check.live.asking import Asker, Question
from gk.check.live.empty import without_comparison
from gk.check.subjects import Dashboard, Group, Panel, Project, Query
from gk.documents.durations import milliseconds
from gk.documents.parts import dicts, every_panel, path
from gk.prometheus import Variables, VariableServer
from gk.prometheus.macros import (
    DEFAULT_SCRAPE_INTERVAL,
    Steps,
    TimeRange,
    macros,
    steps,
    time_range,
)
from gk.promql.syntax import is_variable, with_variables
from gk.resource import Kind, Where

__all__ = ["Planned", "ScrapeIntervals", "of_dashboard", "of_group"]

_WIDTH = 1_850
"""Pixels of a panel of full width on a screen of 1920: as many points Grafana asks for at most."""
_COLUMNS = 24
_ANNOTATION_POINTS = 1_000
_NO_LEAST_STEP = "60s"
"""Grafana's step of annotations that state none."""


@dataclass(frozen=True, eq=False)
class Planned:
    """A query in its place, and the question that it is."""

    query: Query
    question: Question


@dataclass(frozen=True)
class ScrapeIntervals:
    """How often the data sources say that they are scraped, in milliseconds, by their uids."""

    by_uid: Mapping[str, int] = field(default_factory=dict)
    default: int = DEFAULT_SCRAPE_INTERVAL

    @classmethod
    def of(cls, project: Project) -> ScrapeIntervals:
        """Those that the project's data sources state; Grafana's default for others."""
        found: dict[str, int] = {}
        default = DEFAULT_SCRAPE_INTERVAL
        for resource in project.of(Kind.DATASOURCE):
            body = resource.body
            stated = milliseconds(str(path(body, "jsonData").get("timeInterval") or ""))
            found[resource.uid] = stated or DEFAULT_SCRAPE_INTERVAL
            if body.get("isDefault"):
                default = found[resource.uid]
        if len(found) == 1:
            (default,) = found.values()
        return cls(found, default)

    def at(self, source: object) -> int:
        """That of a reference to a data source; a variable stands for the default one."""
        uid = source.get("uid") if isinstance(source, dict) else None
        if not isinstance(uid, str) or is_variable(uid):
            return self.default
        return self.by_uid.get(uid, self.default)


def of_dashboard(
    dashboard: Dashboard,
    server: VariableServer,
    now: float,
    intervals: ScrapeIntervals,
    chosen: Mapping[str, str],
) -> tuple[Variables, list[Planned]]:
    """The variables of a dashboard, and what its panels and annotations ask. Raises
    PrometheusError. `chosen` has values by the variable's name, in place of those that it opens
    with."""
    return _OfDashboard(dashboard, server, now, intervals, chosen).planned()


class _OfDashboard:
    def __init__(
        self,
        dashboard: Dashboard,
        server: VariableServer,
        now: float,
        intervals: ScrapeIntervals,
        chosen: Mapping[str, str],
    ) -> None:
        self.dashboard = dashboard
        self.now = now
        self.intervals = intervals
        self.shown = time_range(path(dashboard.body, "time"), now)
        self.outside = macros(self.shown, steps(self.shown, _WIDTH))
        self.variables = Variables(dashboard.body, server, self.outside, chosen)
        self.repeats = _repeats(dashboard)

    def planned(self) -> tuple[Variables, list[Planned]]:
        return self.variables, [*self._of_annotations(), *self._of_panels()]

    def _of_annotations(self) -> Iterator[Planned]:
        documents = {each.name: each.body for each in self.dashboard.annotations}
        for query in self.dashboard.queries:
            if query.where.kind == "annotation":
                document = documents.get(query.where.name or "", {})
                least = str(document.get("step") or _NO_LEAST_STEP)
                step = steps(self.shown, _ANNOTATION_POINTS, least_of_query=least)
                yield self._planned(query, self.shown, step)

    def _of_panels(self) -> Iterator[Planned]:
        for panel in self.dashboard.panels:
            for query in panel.queries:
                # Hidden ones too: somebody will show them, or an expression reads them.
                target = query.target
                shown = _moved(panel, self.shown, self.now)
                step = self._steps(panel, query, shown)
                with self.variables.repeated(self.repeats.get(id(panel.body), "")):
                    is_instant = bool(target.get("instant")) and not target.get("range")
                    yield self._planned(query, shown, step, is_instant=is_instant)

    def _steps(self, panel: Panel, query: Query, shown: TimeRange) -> Steps:
        body, target = panel.body, query.target
        points = body.get("maxDataPoints")
        if not isinstance(points, int) or points < 1:
            width = path(body, "gridPos").get("w")
            columns = width if isinstance(width, int) and 0 < width <= _COLUMNS else _COLUMNS
            points = _WIDTH * columns // _COLUMNS
        factor = target.get("intervalFactor")
        least = str(target.get("interval") or "")
        return steps(
            shown,
            points,
            scrape_interval=self.intervals.at(target.get("datasource") or body.get("datasource")),
            least_of_panel=self.variables.interpolate(str(body.get("interval") or "")).lstrip(">"),
            least_of_query=least if "__" in least else self.variables.interpolate(least),
            factor=factor if isinstance(factor, int) else 1,
        )

    def _planned(
        self, query: Query, shown: TimeRange, step: Steps, *, is_instant: bool = False
    ) -> Planned:
        text = query.promql.expr
        own = macros(shown, step)
        expr = self.variables.interpolate(text, own)
        if is_instant:
            question = Question(expr, shown.end, shown.end)
        else:
            seconds = step.step / 1000
            # Grafana aligns both ends to the step, so that a refresh draws the same points.
            start, end = (time - time % seconds for time in (shown.start, shown.end))
            question = Question(expr, start, end, seconds)
        return Planned(query, question)


def _repeats(dashboard: Dashboard) -> dict[int, str]:
    """The variable that repeats each panel, by itself or with its row, by the panel's identity."""
    found: dict[int, str] = {}
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
            found[id(panel)] = name
    return found


def _moved(panel: Panel, shown: TimeRange, now: float) -> TimeRange:
    """The range of a panel, which may have one of its own."""
    own = str(panel.body.get("timeFrom") or "")
    if own:
        start = own if own.startswith("now") else f"now-{own}"
        shown = time_range({"from": start, "to": "now"}, now)
    shift = milliseconds(str(panel.body.get("timeShift") or ""))
    if shift:
        shown = TimeRange(shown.start - shift / 1000, shown.end - shift / 1000)
    return shown


def of_group(group: Group, asker: Asker) -> list[Planned]:
    """What the rules of a group ask, now: an alert without its comparison."""
    found: dict[tuple[Where, str], Planned] = {}
    for rule in group.rules:
        # Rules that record one series have the queries of each other.
        for query in rule.queries:
            question = Question(_of_rule(query, rule.is_alert, asker.now), asker.now, asker.now)
            found.setdefault((query.where, query.promql.expr), Planned(query, question))
    return list(found.values())


def _of_rule(query: Query, is_alert: bool, now: float) -> str:
    expr = query.promql.expr
    if "$" in expr:
        # Grafana replaces its variables in rules as well; gk's own rules have none.
        shown = TimeRange(now - 600, now)
        own = macros(shown, steps(shown, _ANNOTATION_POINTS))
        expr = with_variables(expr, lambda name, _: own.get(name))
    return without_comparison(expr) if is_alert else expr
