"""The snippets of a project: their descriptions, their PromQL in both scopes, and what uses
them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from gk import library
from gk.define.reading import reading
from gk.errors import ConfigError, DefinitionError, Problem, Source, Where, did_you_mean
from gk.project import Project, snippets_in
from gk.promql.labels import LabelScheme
from gk.promql.rendering import Renderer
from gk.promql.snippet import Query, Scope, Snippet
from gk.promql.syntax import parse, selectors
from gk.resource import Kind, Resource, Use

__all__ = ["SnippetEntry", "UsedBy", "built_in", "entries", "find"]


@dataclass(frozen=True, slots=True)
class UsedBy:
    """A place that uses a snippet: a panel, or an alert.

    `kind` is `dashboard` or `rules`, `name` the dashboard's uid or the group's name, `where` the
    place in it. `through` is the snippet that is used there, where this one is a part of it.
    """

    kind: str
    name: str
    where: str
    through: str

    def __str__(self) -> str:
        through = f" (through {self.through})" if self.through else ""
        return f"{self.kind} {self.name}: {self.where}{through}"


@dataclass(frozen=True)
class SnippetEntry:
    """The documentation of one snippet.

    `arguments` are those of its function. `panel` and `alert` are its PromQL in both scopes: with
    the arguments of its first use where it needs some, and empty where it is not used. `made_of`
    names the snippets that it calls.
    """

    name: str
    unit: str
    legend: str
    description: str
    arguments: str
    metrics: tuple[str, ...]
    made_of: tuple[str, ...]
    panel: str
    alert: str
    used_by: tuple[UsedBy, ...]

    @property
    def exporter(self) -> str:
        """The exporter's name, which is the first part of the snippet's."""
        return self.name.partition(".")[0]

    @cached_property
    def title(self) -> str:
        """The name, with the arguments that it takes."""
        return f"{self.name}({self.arguments})" if self.arguments else self.name


def built_in() -> list[Snippet]:
    """The snippets that come with gk."""
    names = [
        f"{library.__name__}.{module.name}" for module in pkgutil.iter_modules(library.__path__)
    ]
    return snippets_in(map(importlib.import_module, names))


def entries(project: Project, resources: Sequence[Resource]) -> list[SnippetEntry]:
    """Every snippet that comes with gk, or that the project defines or uses, by exporter and line.

    Raises DefinitionError with every snippet that fails or is not valid PromQL: a build sees only
    snippets that are used.
    """
    problems: list[Problem] = []
    renderer = Renderer(
        lambda source, message, _: problems.append(Problem(project.place(source), message)),
        lambda mistake, *_: problems.append(
            Problem(project.place(mistake.source), mistake.message)
        ),
    )
    uses = [(resource, use) for resource in resources for use in resource.uses]
    used = [snippet for _, use in uses for snippet in sorted(use.snippets, key=_place)]
    snippets = list(dict.fromkeys([*built_in(), *project.snippets, *used]))
    by_snippet = _by_snippet(uses)
    # Snippets may read values of gk.yaml.
    with reading(project.read):
        listed = [
            _entry(renderer, project.settings.labels, snippet, by_snippet.get(snippet, []))
            for snippet in sorted(snippets, key=_place)
        ]
    if problems:
        raise DefinitionError(problems)
    return listed


def find(entries: Iterable[SnippetEntry], name: str) -> list[SnippetEntry]:
    """The entry with this name, or all entries of the exporter with this name.

    Raises ConfigError with the nearest name if there is none.
    """
    by_name = {entry.name: entry for entry in entries}
    if name in by_name:
        return [by_name[name]]
    if of_exporter := [entry for entry in by_name.values() if entry.exporter == name]:
        return of_exporter
    hint = did_you_mean(name, [*by_name, *(entry.exporter for entry in by_name.values())])
    raise ConfigError(f"unknown snippet '{name}'{hint or '; gk snippets lists all of them'}")


def _place(snippet: Snippet) -> tuple[str, str, int]:
    file, line = snippet.place
    return snippet.exporter.name, PurePath(file).name, line


def _by_snippet(
    uses: Iterable[tuple[Resource, Use]],
) -> Mapping[Snippet, list[tuple[Resource, Use]]]:
    uses = list(uses)
    prometheus = {
        (resource.source, use.where)
        for resource, use in uses
        if resource.kind is Kind.PROMETHEUS_GROUP
    }
    by_snippet: dict[Snippet, list[tuple[Resource, Use]]] = defaultdict(list)
    for resource, use in uses:
        # Most rules are there twice, for Prometheus and for Grafana.
        if resource.kind is not Kind.RULE_GROUP or (resource.source, use.where) not in prometheus:
            for snippet in use.snippets:
                by_snippet[snippet].append((resource, use))
    return by_snippet


def _entry(
    renderer: Renderer, labels: LabelScheme, snippet: Snippet, uses: Sequence[tuple[Resource, Use]]
) -> SnippetEntry:
    direct = [use.query for _, use in uses if use.query.snippet is snippet]
    query = _example(snippet, direct)
    place, where = Source(*snippet.place), Where("snippet", snippet.name)
    in_panel, in_alert = Scope.panel(labels, snippet.exporter), Scope.alert(labels)
    panel = renderer.render(query, in_panel, place, where) if query else ""
    alert = renderer.render(query, in_alert, place, where) if query else ""
    called = renderer.snippets(query) if query else frozenset()
    # The form for alerts has no variables, which would keep it from being parsed.
    parsed = parse(alert) if alert else None
    metrics = (
        {selector.name for selector in selectors(parsed) if selector.name} if parsed else set()
    )
    return SnippetEntry(
        name=snippet.name,
        unit=snippet.unit,
        legend=snippet.legend,
        description=snippet.description,
        arguments=_arguments(snippet),
        metrics=tuple(sorted(metrics)),
        made_of=tuple(sorted(other.name for other in called if other is not snippet)),
        panel=panel,
        alert=alert,
        # A panel may use the snippet in several queries.
        used_by=tuple(dict.fromkeys(_used_by(snippet, *use) for use in uses)),
    )


def _example(snippet: Snippet, used: Sequence[Query]) -> Query | None:
    """An example query of the snippet: without arguments if it needs none, otherwise the first one
    in use."""
    needed = [
        parameter
        for parameter in _parameters(snippet)
        if parameter.default is inspect.Parameter.empty
    ]
    return Query(snippet) if not needed else next(iter(used), None)


def _parameters(snippet: Snippet) -> list[inspect.Parameter]:
    # The first parameter is the scope, which gk passes.
    return list(inspect.signature(snippet.function).parameters.values())[1:]


def _arguments(snippet: Snippet) -> str:
    empty = inspect.Parameter.empty
    return ", ".join(
        parameter.name if parameter.default is empty else f"{parameter.name}={parameter.default!r}"
        for parameter in _parameters(snippet)
    )


def _used_by(snippet: Snippet, resource: Resource, use: Use) -> UsedBy:
    of_dashboard = resource.kind is Kind.DASHBOARD
    through = "" if use.query.snippet is snippet else use.query.snippet.name
    return UsedBy("dashboard" if of_dashboard else "rules", resource.uid, str(use.where), through)
