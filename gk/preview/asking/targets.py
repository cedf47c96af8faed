"""What the queries of a panel ask, as Grafana sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gk.check.live.questions import Sources
from gk.documents.parts import dicts
from gk.documents.references import (
    DEFAULT,
    EXPRESSION,
    MIXED,
    ONE_VARIABLE,
    datasource_types,
    is_expression,
)
from gk.documents.shapes import Json
from gk.preview.asking.answers import Asked
from gk.preview.asking.expressions import inputs_of
from gk.preview.model import Note
from gk.prometheus import Variables
from gk.prometheus.exemplars import ExemplarQuestion
from gk.prometheus.loki import LogQuestion
from gk.prometheus.macros import Steps, TimeRange, macros
from gk.prometheus.questions import instant, ranged, steps_of
from gk.resource import Kind, Resource
from gk.settings.targets import Version

__all__ = ["OTHER_PANEL", "Datasources", "Planned", "Queries", "is_prometheus"]

_LEAST_STEP_OF_LOKI = 1_000
"""Milliseconds."""
_MOST_LINES = 1_000
"""Lines that Grafana asks for if a query does not say."""
_WITH_EXEMPLARS = ("timeseries",)
OTHER_PANEL = "-- Dashboard --"
"""The data source that is another panel of the dashboard."""
_PROMETHEUS = (
    "prometheus",
    "grafana-amazonprometheus-datasource",
    "grafana-azureprometheus-datasource",
)


def is_prometheus(type_: str) -> bool:
    """Whether a type of data source is Prometheus's; what nobody knows may be."""
    return not type_ or type_ in _PROMETHEUS


@dataclass(frozen=True, eq=False)
class Datasources:
    """The data sources of a project: their types by uid and by name, and how often Prometheus's are
    scraped."""

    sources: Sources
    types: Mapping[str, str] = field(default_factory=dict)
    default: str = ""

    @classmethod
    def of(cls, resources: Sequence[Resource], interval: int = 0) -> Datasources:
        """Those of a project. `interval` in milliseconds is that of all, if the server tells."""
        types: dict[str, str] = {}
        default = ""
        for resource in resources:
            if resource.kind is Kind.DATASOURCE and isinstance(resource.body, dict):
                type_ = str(resource.body.get("type") or "")
                types |= {resource.uid: type_, str(resource.body.get("name") or ""): type_}
                if resource.body.get("isDefault"):
                    default = type_
        sources = Sources(default=interval) if interval else Sources.of(resources)
        return cls(sources, types, default)

    def type_of(self, reference: object, body: Json) -> str:
        """The type of the data source that a reference in a dashboard means; empty if nobody
        says."""
        uid = reference.get("uid") if isinstance(reference, dict) else reference
        stated = reference.get("type") if isinstance(reference, dict) else None
        if isinstance(uid, str) and uid == OTHER_PANEL:
            return OTHER_PANEL
        if isinstance(uid, str) and uid == EXPRESSION:
            return EXPRESSION
        if isinstance(stated, str) and stated:
            return stated
        if not isinstance(uid, str) or uid in DEFAULT:
            return self.default
        if variable := ONE_VARIABLE.fullmatch(uid):
            name = next(filter(None, variable.groups()))
            return datasource_types(body).get(name, "")
        return self.types.get(uid, "")


@dataclass(frozen=True, eq=False)
class Planned:
    """A query of a panel and its questions; or a note that says why it is not asked. `reused` is
    the id of the panel whose results it shows. What is hidden is asked for an expression's sake."""

    target: Json
    ref_id: str
    questions: Sequence[Asked] = ()
    step: int = 0
    note: Note | None = None
    reused: int | None = None
    is_expression: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, eq=False)
class Queries:
    """The queries of one copy of a panel, and what they share."""

    body: Json
    panel: Json
    variables: Variables
    shown: TimeRange
    width: int
    datasources: Datasources
    version: Version
    has_loki: bool = False

    def planned(self) -> list[Planned]:
        """Those that show, and what expressions among them are of, in their order."""
        targets = dicts(self.panel, "targets")
        shown = [target for target in targets if not target.get("hide")]
        needed = self._inputs(targets, [target for target in shown if self._is_expression(target)])
        return [
            replace(self._planned(target), is_hidden=bool(target.get("hide")))
            for target in targets
            if not target.get("hide") or target.get("refId") in needed
        ]

    def _is_expression(self, target: Json) -> bool:
        reference = target.get("datasource") or self.panel.get("datasource")
        stated = isinstance(reference, dict) and is_expression(reference)
        return stated or self.datasources.type_of(reference, self.body) == EXPRESSION

    def _inputs(self, targets: Sequence[Json], expressions: Sequence[Json]) -> set[object]:
        """The letters of all that expressions are of."""
        inputs: set[object] = set()
        for target in expressions:
            inputs |= set(inputs_of(target))
        while (
            more := {
                letter
                for target in targets
                if target.get("refId") in inputs and self._is_expression(target)
                for letter in inputs_of(target)
            }
            - inputs
        ):
            inputs |= more
        return inputs

    def _planned(self, target: Json) -> Planned:
        ref_id = str(target.get("refId") or "")
        reference = target.get("datasource") or self.panel.get("datasource")
        if reference == MIXED:
            # A query of such a panel that names no data source asks the default one.
            reference = None
        type_ = self.datasources.type_of(reference, self.body)
        if type_ == OTHER_PANEL:
            # No panel has the id -1.
            id_ = target.get("panelId")
            return Planned(target, ref_id, reused=id_ if isinstance(id_, int) else -1)
        if self._is_expression(target):
            return Planned(target, ref_id, is_expression=True)
        expr = target.get("expr")
        if type_ == "loki" and self.has_loki and isinstance(expr, str) and expr.strip():
            return self._of_lines(target, ref_id, expr)
        if not is_prometheus(type_):
            text = f"not asked: its data source is of the type {type_}"
            return Planned(target, ref_id, note=Note(text, ref_id))
        if not isinstance(expr, str) or not expr.strip():
            return Planned(target, ref_id)
        return self._asked(target, ref_id, expr, reference)

    def _asked(self, target: Json, ref_id: str, expr: str, reference: object) -> Planned:
        step = steps_of(
            self.panel,
            target,
            self.shown,
            self.width,
            scrape_interval=self.datasources.sources.interval(reference),
            interpolate=self.variables.interpolate,
            version=self.version,
        )
        own = {**self.variables.macros, **macros(self.shown, step)}
        text = self.variables.interpolate(expr, own)
        return Planned(target, ref_id, self._questions(target, text, step), step.step)

    def _of_lines(self, target: Json, ref_id: str, expr: str) -> Planned:
        step = steps_of(
            self.panel,
            target,
            self.shown,
            self.width,
            scrape_interval=_LEAST_STEP_OF_LOKI,
            interpolate=self.variables.interpolate,
        )
        own = {**self.variables.macros, **macros(self.shown, step)}
        # Grafana's own variable for Loki: as wide as a step, like $__interval.
        own["__auto"] = own["__interval"]
        limit = target.get("maxLines")
        question = LogQuestion(
            self.variables.interpolate(expr, own),
            self.shown.start,
            self.shown.end,
            step.step / 1000,
            limit if isinstance(limit, int) and 0 < limit <= _MOST_LINES else _MOST_LINES,
        )
        return Planned(target, ref_id, [question], step.step)

    def _questions(self, target: Json, expr: str, step: Steps) -> list[Asked]:
        is_instant = bool(target.get("instant"))
        questions: list[Asked] = []
        if not is_instant or target.get("range"):
            questions.append(ranged(expr, self.shown, step))
            if target.get("exemplar") and self.panel.get("type") in _WITH_EXEMPLARS:
                questions.append(ExemplarQuestion(expr, self.shown.start, self.shown.end))
        if is_instant:
            questions.append(instant(expr, self.shown))
        return questions
