"""What checks look at: values that read one part of a resource, and know what it is in.

    Project > Dashboard > Panel, Variable, Annotation > Query > Expression
    Project > Group     > Rule                        > Query > Expression

An `Expression` is the text of a query. It is checked once, wherever it is shown: in a snippet, that
is where it is written. A `Query` is one in its place.

A document may come from anywhere, so a value in it may have any shape: what is malformed reads as
empty. Dashboards of schema v2 are read as classic ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import promql_parser

from gk.documents.durations import milliseconds
from gk.documents.parts import dicts, every_panel, path
from gk.documents.queries import PromQL, queries, queries_of
from gk.documents.schema_v2 import as_classic, every_part, is_enveloped, spec_of
from gk.errors import Source
from gk.promql.snippet import Snippet
from gk.promql.syntax import parse
from gk.resource import Kind, Resource, Where
from gk.settings import Settings

__all__ = [
    "Annotation",
    "Dashboard",
    "Expression",
    "Group",
    "Panel",
    "Project",
    "Query",
    "Rule",
    "Variable",
]

Json = dict[str, Any]


def _as_it_is(source: Source) -> Source:
    return source


@dataclass(frozen=True, eq=False)
class Project:
    """All resources of a project, and its settings.

    `types` are the types of metrics, as Prometheus's metadata has them: counter, gauge, histogram,
    summary, unknown. `place` makes a place in Python's terms one in the project.
    """

    resources: Sequence[Resource]
    settings: Settings = field(default_factory=Settings)
    types: Mapping[str, str] = field(default_factory=dict)
    place: Callable[[Source], Source] = _as_it_is

    def of(self, kind: Kind) -> list[Resource]:
        """The resources of a kind."""
        return [resource for resource in self.resources if resource.kind is kind]

    def dashboards(self) -> Iterator[Dashboard]:
        """Every dashboard, parsed anew at each call: those of a large project do not fit into
        memory together. `outline` has what checks of several dashboards need."""
        for resource in self.of(Kind.DASHBOARD):
            body = resource.body
            yield Dashboard(self, resource, as_classic(body), is_v2=is_enveloped(body))

    def outline(self, uid: str) -> Outline | None:
        """What the dashboard with that uid has; None without one."""
        if uid not in self._outlines and uid in self._by_uid:
            resource = self._by_uid[uid]
            body = resource.body
            own = Dashboard(self, resource, as_classic(body), is_v2=is_enveloped(body))
            self._outlines[uid] = own.outline
        return self._outlines.get(uid)

    @cached_property
    def _outlines(self) -> dict[str, Outline]:
        return {}

    @cached_property
    def _by_uid(self) -> dict[str, Resource]:
        return {resource.uid: resource for resource in self.of(Kind.DASHBOARD)}

    @cached_property
    def groups(self) -> list[Group]:
        """The rule groups. Of one that both engines evaluate, Prometheus's form."""
        of_prometheus = self.of(Kind.PROMETHEUS_GROUP)
        known = {
            (resource.source, title)
            for resource in of_prometheus
            for rule in resource.body["rules"]
            for title in _titles(rule)
        }
        groups = [Group(self, each, each.body["rules"]) for each in of_prometheus]
        for resource in self.of(Kind.RULE_GROUP):
            rules = resource.body["rules"]
            own = [rule for rule in rules if (resource.source, rule["title"]) not in known]
            if own:
                groups.append(Group(self, resource, own))
        return groups


def _titles(rule: Json) -> tuple[str, str]:
    """The titles that a rule of Prometheus may have in Grafana, where two of a folder differ."""
    name = str(rule.get("alert", rule.get("record")))
    return name, f"{name} ({path(rule, 'labels').get('severity')})"


@dataclass(frozen=True, slots=True)
class Outline:
    """What other dashboards and alerts may refer to in a dashboard."""

    title: str
    panels: Mapping[int, str]
    """Titles by id."""
    variables: frozenset[str]


@dataclass(frozen=True, eq=False)
class Dashboard:
    """A dashboard; `body` is a classic one. One that `is_v2` was written in schema v2, which has
    more than a classic one can say."""

    project: Project
    resource: Resource
    body: Json
    is_v2: bool = False

    @property
    def title(self) -> str:
        """Its title."""
        return self.resource.title

    @cached_property
    def panels(self) -> list[Panel]:
        """Every panel, also those inside of rows, in their order; rows are panels, too."""
        queries = self._queries
        found = []
        for document in every_panel(self.body):
            panel = Panel(self, document)
            # In the order of the document, so panels of one title take theirs in turn.
            number = sum(_is_promql(target) for target in panel.targets)
            of_title = queries.get(Where("panel", document.get("title", "")), [])
            own, of_title[:number] = of_title[:number], []
            panel.queries.extend(Query(each, self, panel=panel) for each in own)
            found.append(panel)
        return found

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables, in their order."""
        return [
            Variable(self, each, str(each.get("name", "")))
            for each in dicts(path(self.body, "templating"), "list")
        ]

    @cached_property
    def variable_names(self) -> frozenset[str]:
        """The names of the variables, those of rows and tabs of schema v2, too."""
        names = {variable.name for variable in self.variables}
        layout = path(spec_of(self.resource.body), "layout") if self.is_v2 else {}
        for part in every_part(layout):
            for variable in dicts(path(part, "spec"), "variables"):
                names.add(str(path(variable, "spec").get("name", "")))
        return frozenset(names)

    @cached_property
    def annotations(self) -> list[Annotation]:
        """The annotations, without Grafana's own."""
        return [
            Annotation(self, each, str(each.get("name", "")))
            for each in dicts(path(self.body, "annotations"), "list")
            if not each.get("builtIn")
        ]

    @cached_property
    def queries(self) -> list[Query]:
        """The PromQL queries of variables and annotations, and of panels."""
        outside = [
            Query(each, self)
            for where, listed in self._queries.items()
            if where.kind != "panel"
            for each in listed
        ]
        return [*outside, *(query for panel in self.panels for query in panel.queries)]

    @cached_property
    def _queries(self) -> dict[Where, list[PromQL]]:
        found: dict[Where, list[PromQL]] = {}
        for query in queries_of(self.body):
            found.setdefault(query.where, []).append(query)
        return found

    @property
    def outline(self) -> Outline:
        """What others may refer to in it."""
        panels = {
            panel["id"]: str(panel.get("title", ""))
            for panel in every_panel(self.body)
            if isinstance(panel.get("id"), int)
        }
        return Outline(self.title, panels, self.variable_names)


def _is_promql(target: Json) -> bool:
    source = target.get("datasource")
    return "expr" in target and isinstance(source, dict) and source.get("type") == "prometheus"


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel of a dashboard; `body` is its document."""

    dashboard: Dashboard
    body: Json
    queries: list[Query] = field(default_factory=list)
    """Its PromQL queries."""

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.dashboard.project

    @property
    def title(self) -> str:
        """Its title; empty without one."""
        return str(self.body.get("title", ""))

    @property
    def type(self) -> str:
        """Grafana's id of the plugin: `timeseries`, `row`."""
        return str(self.body.get("type", ""))

    @property
    def targets(self) -> list[Json]:
        """Its queries, in any language."""
        return dicts(self.body, "targets")

    @property
    def defaults(self) -> Json:
        """The field options of all its series."""
        return path(self.body, "fieldConfig", "defaults")

    @property
    def is_row(self) -> bool:
        """Whether it is a row's header."""
        return self.type == "row"


@dataclass(frozen=True, eq=False)
class Variable:
    """A variable of a dashboard."""

    dashboard: Dashboard
    body: Json
    name: str

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.dashboard.project


@dataclass(frozen=True, eq=False)
class Annotation:
    """An annotation query of a dashboard."""

    dashboard: Dashboard
    body: Json
    name: str

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.dashboard.project


@dataclass(frozen=True, eq=False)
class Group:
    """A rule group; `rules` are those that only this form has."""

    project: Project
    resource: Resource
    bodies: Sequence[Json]

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.title

    @property
    def interval(self) -> int | None:
        """Milliseconds between two evaluations; None if the engine's default applies."""
        interval = self.resource.body.get("interval")
        if isinstance(interval, int):
            return interval * 1000
        return milliseconds(str(interval)) if interval else None

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules, in their order."""
        return [Rule(self, body) for body in self.bodies]


@dataclass(frozen=True, eq=False)
class Rule:
    """An alert or a recording rule, of Prometheus or of Grafana."""

    group: Group
    body: Json

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.group.project

    @property
    def is_grafanas(self) -> bool:
        """Whether only Grafana evaluates it."""
        return "data" in self.body

    @property
    def is_alert(self) -> bool:
        """Whether it is an alert, and not a recording rule."""
        return "record" not in self.body

    @property
    def name(self) -> str:
        """The alert's name, or the recorded series."""
        for key in ("title", "alert", "record"):
            if isinstance(self.body.get(key), str):
                return str(self.body[key])
        return ""

    @property
    def where(self) -> Where:
        """Its place, by which queries name it."""
        return Where("alert" if self.is_alert else "recording rule", self.name)

    @property
    def for_(self) -> int:
        """Milliseconds for which the condition has to hold."""
        return milliseconds(str(self.body.get("for") or "0")) or 0

    @property
    def keep_firing_for(self) -> int:
        """Milliseconds for which it keeps firing after that."""
        text = self.body.get("keep_firing_for") or self.body.get("keepFiringFor") or "0"
        return milliseconds(str(text)) or 0

    @property
    def labels(self) -> Json:
        """The labels that it adds."""
        return path(self.body, "labels")

    @property
    def annotations(self) -> Json:
        """Its texts, by name."""
        return path(self.body, "annotations")

    @cached_property
    def queries(self) -> list[Query]:
        """Its PromQL queries. Grafana's are without their comparisons."""
        own = [each for each in queries(self.group.resource) if each.where == self.where]
        if not self.is_grafanas:
            # Other rules of the group may have its name.
            own = [each for each in own if each.expr == self.body.get("expr")][:1]
        return [Query(each, None, rule=self) for each in own]


@dataclass(frozen=True, eq=False)
class Query:
    """A PromQL query in its place: of a panel, a variable, an annotation or a rule."""

    promql: PromQL
    dashboard: Dashboard | None = None
    panel: Panel | None = None
    rule: Rule | None = None

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.owner.project

    @property
    def owner(self) -> Dashboard | Group:
        """The dashboard or the group that it is in."""
        if self.dashboard:
            return self.dashboard
        assert self.rule
        return self.rule.group

    @property
    def where(self) -> Where:
        """The part that it is in."""
        return self.promql.where

    @property
    def ref(self) -> str:
        """Its refId, if the part may have several queries."""
        return self.promql.ref

    @property
    def labels(self) -> frozenset[str]:
        """The labels that are read from its result: by a legend, columns, an alert's texts."""
        return self.promql.labels

    @cached_property
    def expression(self) -> Expression:
        """Its text."""
        return Expression(self.project, self.promql.expr)

    @property
    def target(self) -> Json:
        """The panel's target; empty elsewhere."""
        targets = self.panel.targets if self.panel else []
        return next((each for each in targets if each.get("refId") == self.ref), {})

    @property
    def snippet(self) -> Snippet | None:
        """The snippet that wrote it, or for an alert the largest part of it."""
        text = self.promql.expr
        written = [
            use for use in self.owner.resource.uses if use.where == self.where and use.expr in text
        ]
        return max(written, key=lambda use: len(use.expr)).query.snippet if written else None


@dataclass(frozen=True, eq=False)
class Expression:
    """The text of a PromQL query, with Grafana's variables in it.

    `written` counts the definitions in Python that have it as text, `snippet` is one that renders
    it; `is_first` is for the first of these places.
    """

    project: Project
    text: str
    written: int = 0
    snippet: Snippet | None = None
    is_first: bool = False

    @cached_property
    def tree(self) -> promql_parser.Expr | None:
        """The parsed text; None if it is no valid PromQL, or if a variable stands for more than a
        value or a duration."""
        try:
            return parse(self.text)
        except ValueError:
            return None
