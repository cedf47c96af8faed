"""What checks look at: values that read one part of a resource, and know what it is in.

    Project > Dashboard > Panel, Variable, Annotation > Query > Expression
    Project > Group     > Rule                        > Query > Expression

An `Expression` is the text of a query. It is checked once, wherever it is shown: in a snippet, that
is where it is written. A `Query` is one in its place.

A document may come from anywhere, so a value in it may have any shape: what is malformed reads as
empty. Dashboards of schema v2 are read as classic ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import promql_parser

from gk.check.counters import native_histograms
from gk.check.model import ALONE, Found, Turn
from gk.check.rule_tests import RuleTests
from gk.check.trees import located
from gk.documents.durations import milliseconds
from gk.documents.names import rule_name
from gk.documents.parts import dicts, every_panel, path
from gk.documents.queries import PromQL, of_rule, queries, queries_of
from gk.documents.schema_v2 import as_classic, every_part, is_enveloped, spec_of
from gk.errors import Source
from gk.promql.snippet import Snippet
from gk.promql.syntax import depth, parse
from gk.resource import Key, Kind, Resource, Where
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
    "Written",
]

Json = dict[str, Any]

DEEPEST = 150
"""Checks look no deeper into an expression. Python's stack has 1,000 levels."""


def _as_it_is(source: Source) -> Source:
    return source


def _always(path: str) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Project:
    """All resources of a project, and its settings.

    `metadata` are the types of metrics, as Prometheus has them: counter, gauge, histogram, summary,
    unknown. `place` makes a place in Python's terms one in the project. `rule_tests` are
    the files of tests/alerts, and `has_file` says whether the project has a file, by its path.
    """

    resources: Sequence[Resource]
    settings: Settings = field(default_factory=Settings)
    metadata: Mapping[str, str] = field(default_factory=dict)
    place: Callable[[Source], Source] = _as_it_is
    rule_tests: RuleTests = field(default_factory=RuleTests)
    has_file: Callable[[str], bool] = _always

    def of(self, kind: Kind) -> list[Resource]:
        """The resources of a kind."""
        return [resource for resource in self.resources if resource.kind is kind]

    def dashboards(self, first: int = 0, every: int = 1) -> Iterator[Dashboard]:
        """Every dashboard, or `every` n-th from the `first` on, parsed anew at each call: those of
        a large project do not fit into memory together. `outline` has what checks of several
        dashboards need."""
        for resource in self.of(Kind.DASHBOARD)[first::every]:
            body = resource.body
            yield Dashboard(self, resource, as_classic(body), is_v2=is_enveloped(body))

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The types of metrics: those of the metadata, and histogram for each metric that some
        query reads as a native histogram."""
        reading = (each for each in self.resources if b"histogram_" in each.json)
        texts = (query.expr for resource in reading for query in queries(resource))
        return native_histograms(texts) | dict(self.metadata)

    def outline(self, uid: str) -> Outline | None:
        """What the dashboard with that uid has; None without one."""
        resource = self.resource((Kind.DASHBOARD, uid))
        if uid not in self._outlines and resource:
            body = resource.body
            own = Dashboard(self, resource, as_classic(body), is_v2=is_enveloped(body))
            self._outlines[uid] = own.outline
        return self._outlines.get(uid)

    @cached_property
    def _outlines(self) -> dict[str, Outline]:
        return {}

    def resource(self, key: Key) -> Resource | None:
        """The resource with that kind and uid."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[Key, Resource]:
        return {resource.key: resource for resource in self.resources}

    @cached_property
    def groups(self) -> list[Group]:
        """The rule groups. Of one that both engines evaluate, Prometheus's form."""
        of_prometheus = self.of(Kind.PROMETHEUS_GROUP)
        known = {
            (resource.source, rule.get("alert", rule.get("record")))
            for resource in of_prometheus
            for rule in resource.body["rules"]
        }
        groups = [Group(self, each, each.body["rules"]) for each in of_prometheus]
        for resource in self.of(Kind.RULE_GROUP):
            rules = resource.body["rules"]
            own = [
                rule
                for rule in rules
                if not known & {(resource.source, name) for name in _names_of(rule)}
            ]
            if own:
                groups.append(Group(self, resource, own))
        return groups

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules of all groups."""
        return [rule for group in self.groups for rule in group.rules]

    @cached_property
    def alerts(self) -> list[Rule]:
        """Those that are alerts."""
        return [rule for rule in self.rules if rule.is_alert]

    @cached_property
    def records(self) -> Mapping[str, list[Rule]]:
        """The recording rules, by the series that they record."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if not rule.is_alert:
                found.setdefault(rule.name, []).append(rule)
        return found


def _names_of(rule: Json) -> set[str]:
    """The title of a rule of Grafana, and what the definition calls it: a second alert of a name
    has its severity in the title."""
    severity = path(rule, "labels").get("severity", "")
    return {rule["title"], rule_name(rule["title"], str(severity))}


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
    has_text = isinstance(target.get("expr"), str)
    return has_text and isinstance(source, dict) and source.get("type") == "prometheus"


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

    @cached_property
    def interval(self) -> int | None:
        """Milliseconds between two evaluations; None if the engine's default applies."""
        interval = self.resource.body.get("interval")
        if isinstance(interval, int):
            return interval * 1000
        return milliseconds(str(interval)) if interval else None

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules, in their order."""
        rules: list[Rule] = []
        seen: Counter[Where] = Counter()
        for body in self.bodies:
            where = Rule(self, body).where
            rules.append(Rule(self, body, earlier=seen[where]))
            seen[where] += 1
        return rules

    @cached_property
    def names(self) -> Counter[Where]:
        """How many rules have each name."""
        return Counter(rule.where for rule in self.rules)


@dataclass(frozen=True, eq=False)
class Rule:
    """An alert or a recording rule, of Prometheus or of Grafana."""

    group: Group
    body: Json
    earlier: int = 0
    """How many rules before it in the group have its name."""

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
    def turn(self) -> Turn:
        """Its place among the rules of its name in the group."""
        return self.earlier, self.group.names[self.where]

    def found(self, message: str) -> Found:
        """What a check of the project or of a group found in it."""
        return Found(message, self.where, self.group.resource, turn=self.turn)

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
        return [Query(each, None, rule=self) for each in of_rule(self.body)]


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
    def turn(self) -> Turn:
        """The place of the rule that it is of among those of its name."""
        return self.rule.turn if self.rule else ALONE

    @property
    def labels(self) -> frozenset[str]:
        """The labels that are read from its result: by a legend, columns, an alert's texts."""
        return self.promql.labels

    @cached_property
    def expression(self) -> Expression:
        """Its text."""
        return Expression(self.project, self.promql.expr, self)

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

    `query` is the first that it is the text of.
    """

    project: Project
    text: str
    query: Query

    @cached_property
    def tree(self) -> promql_parser.Expr | None:
        """The parsed text; None if it is no valid PromQL, if a variable stands for more than a
        value or a duration, or if it is too deep for functions that call themselves."""
        try:
            if len(self.text) > 2 * DEEPEST and depth(self.text) > DEEPEST:
                return None
            return parse(self.text)
        except ValueError:
            return None

    @cached_property
    def nodes(self) -> Sequence[promql_parser.Expr]:
        """The tree and everything in it, from the outside in; empty without a tree. Each step down
        the tree copies what is below, so checks share this list."""
        return [part for part, _ in self.located]

    @cached_property
    def located(self) -> Sequence[tuple[promql_parser.Expr, tuple[promql_parser.Expr, ...]]]:
        """The same, each with what contains it, the outermost first."""
        return list(located(self.tree)) if self.tree else []

    @cached_property
    def selectors(self) -> Sequence[promql_parser.VectorSelector]:
        """The selectors in it."""
        return [part for part in self.nodes if isinstance(part, promql_parser.VectorSelector)]


@dataclass(frozen=True, slots=True)
class Written:
    """The text of a query, the number of definitions in Python that write it, and a snippet that
    renders it; the `first` of these definitions by its object, its part and the refId."""

    text: str
    places: int
    snippet: str = ""
    first: tuple[Key, Where, str] | None = None

    def joined(self, other: Written) -> Written:
        """The same text, with the places of another share of the project."""
        return Written(
            self.text,
            self.places + other.places,
            self.snippet or other.snippet,
            self.first or other.first,
        )
