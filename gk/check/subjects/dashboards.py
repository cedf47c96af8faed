"""Dashboards, their panels, variables and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gk.check.subjects.queries import Query
from gk.documents.parts import dicts, every_panel, path
from gk.documents.queries import PromQL, asks_prometheus, queries_of
from gk.documents.schema_v2 import as_classic, every_part, is_enveloped, spec_of
from gk.documents.shapes import Json
from gk.errors import Where
from gk.resource import Resource

if TYPE_CHECKING:
    from gk.check.subjects.project import Project

__all__ = ["Annotation", "Dashboard", "Outline", "Panel", "Variable"]


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

    @classmethod
    def of(cls, project: Project, resource: Resource) -> Dashboard:
        """The dashboard that a resource is."""
        body = resource.body
        return cls(project, resource, as_classic(body), is_v2=is_enveloped(body))

    @property
    def title(self) -> str:
        """Its title."""
        return self.resource.title

    @cached_property
    def panels(self) -> list[Panel]:
        """Every panel, also those inside of rows, in their order; rows are panels, too."""
        queries = self._queries
        panels = []
        for document in every_panel(self.body):
            panel = Panel(self, document)
            # In the order of the document, so panels of one title take theirs in turn.
            number = sum(
                isinstance(target.get("expr"), str) and asks_prometheus(target)
                for target in panel.targets
            )
            of_title = queries.get(Where("panel", document.get("title", "")), [])
            own, of_title[:number] = of_title[:number], []
            panel.queries.extend(Query(query, self, panel=panel) for query in own)
            panels.append(panel)
        return panels

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables, in their order."""
        return [
            Variable(self, variable, str(variable.get("name", "")))
            for variable in dicts(path(self.body, "templating"), "list")
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
            Annotation(self, annotation, str(annotation.get("name", "")))
            for annotation in dicts(path(self.body, "annotations"), "list")
            if not annotation.get("builtIn")
        ]

    @cached_property
    def queries(self) -> list[Query]:
        """The PromQL queries of variables and annotations, and of panels."""
        outside = [
            Query(query, self)
            for where, listed in self._queries.items()
            if where.kind != "panel"
            for query in listed
        ]
        return [*outside, *(query for panel in self.panels for query in panel.queries)]

    @cached_property
    def _queries(self) -> dict[Where, list[PromQL]]:
        queries: dict[Where, list[PromQL]] = {}
        for query in queries_of(self.body):
            queries.setdefault(query.where, []).append(query)
        return queries

    @property
    def outline(self) -> Outline:
        """What others may refer to in it."""
        panels = {
            panel["id"]: str(panel.get("title", ""))
            for panel in every_panel(self.body)
            if isinstance(panel.get("id"), int)
        }
        return Outline(self.title, panels, self.variable_names)


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

    @cached_property
    def title(self) -> str:
        """Its title; empty without one."""
        return str(self.body.get("title", ""))

    @cached_property
    def type(self) -> str:
        """Grafana's id of the plugin: `timeseries`, `row`."""
        return str(self.body.get("type", ""))

    @cached_property
    def targets(self) -> list[Json]:
        """Its queries, in any language."""
        return dicts(self.body, "targets")

    @cached_property
    def defaults(self) -> Json:
        """The field options of all its series."""
        return path(self.body, "fieldConfig", "defaults")

    @property
    def is_row(self) -> bool:
        """Whether it is a row's header."""
        return self.type == "row"

    @property
    def where(self) -> Where:
        """Its place in the dashboard."""
        return Where("row" if self.is_row else "panel", self.title or None)


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
